/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/explain/explainer.h"

#include <math.h>

#include "core/layers/options.h"
#include "tests/explain-fixture.h"

#define CPAC "type: cpac-conv, kernel: 3"
#define TWO "{head: classifier, classes: [good, bad], good: [good], threshold: 0.5}"
#define MAP "{head: map, threshold: 0}"
#define MAP_TOP "{head: map, threshold: 0, top: 0.3}"
#define GAUSSIAN(more) "{head: gaussian, threshold: 1, " more "}"

/* Every layer type behind the one explained, every head, branches. @at: the layer, NULL for the
 * default, which is then @expect. */
static const struct {
  const char *name, *layers, *score, *at, *expect;
  CpacDims input;
} rows[] = {
  { "last layer", "[{name: l, " CPAC ", filters: 1, rank: 3}]", MAP, NULL, "l", { 3, 5, 7 } },
  { "one cell",
    "[{name: l, type: cpac-conv, kernel: 1, filters: 1, rank: 1}]",
    MAP,
    NULL,
    "l",
    { 1, 1, 1 } },
  { "relu",
    "[{name: l, " CPAC ", filters: 5, rank: 17}, {type: relu}, "
    "{type: conv, kernel: 1, filters: 1}]",
    MAP_TOP,
    NULL,
    "l",
    { 3, 9, 8 } },
  { "no bias",
    "[{name: l, " CPAC ", filters: 4, rank: 2, bias: false}, {type: relu}, "
    "{type: conv, kernel: 1, filters: 1, bias: false}]",
    MAP,
    NULL,
    "l",
    { 3, 9, 8 } },
  { "stride and dilation",
    "[{name: l, " CPAC ", filters: 4, rank: 5, stride: 2, dilation: 2, "
    "padding: same}, {type: relu}, {type: conv, kernel: 3, filters: 1, padding: same}]",
    MAP,
    NULL,
    "l",
    { 3, 17, 13 } },
  { "deep",
    "[{name: l, " CPAC ", filters: 6, rank: 4, stride: 2, padding: same}, {type: relu}, "
    "{name: m, " CPAC ", filters: 5, rank: 3}, {type: relu}, {name: n, " CPAC ", filters: 1, "
    "rank: 2, padding: same}]",
    MAP_TOP,
    "l",
    "l",
    { 1, 17, 17 } },
  { "middle",
    "[{name: l, " CPAC ", filters: 6, rank: 4, stride: 2, padding: same}, {type: relu}, "
    "{name: m, " CPAC ", filters: 5, rank: 3}, {type: relu}, {name: n, " CPAC ", filters: 1, "
    "rank: 2, padding: same}]",
    MAP_TOP,
    "m",
    "m",
    { 1, 17, 17 } },
  { "max-pool, linear",
    "[{name: l, " CPAC ", filters: 4, rank: 5}, {type: max-pool, size: 2}, "
    "{type: relu}, {type: linear, units: 2}]",
    TWO,
    NULL,
    "l",
    { 1, 9, 9 } },
  { "average-pool, flatten",
    "[{name: l, " CPAC ", filters: 4, rank: 3}, {type: relu}, "
    "{type: average-pool, size: 3, stride: 2, padding: same}, {type: flatten}, "
    "{type: linear, units: 4}]",
    "{head: classifier, classes: [a, b, c, d], good: [b, d], threshold: 0.5}",
    NULL,
    "l",
    { 3, 8, 9 } },
  { "global-average-pool, no good class",
    "[{name: l, " CPAC ", filters: 4, rank: 3}, {type: relu}, {type: global-average-pool}, "
    "{type: linear, units: 3}]",
    "{head: classifier, classes: [a, b, c], threshold: 0.5}",
    NULL,
    "l",
    { 3, 8, 9 } },
  { "upsample",
    "[{name: l, " CPAC ", filters: 3, rank: 3}, {type: relu}, "
    "{type: upsample, factor: 3}, {type: conv, kernel: 3, filters: 1}]",
    MAP,
    NULL,
    "l",
    { 1, 7, 6 } },
  { "add: a path around",
    "[{name: l, " CPAC ", filters: 3, rank: 2, padding: same}, "
    "{name: r, type: relu}, {type: add, inputs: [r, input]}, {type: conv, kernel: 1, filters: 1}]",
    MAP,
    NULL,
    "l",
    { 3, 7, 6 } },
  { "add: the same twice",
    "[{name: l, " CPAC ", filters: 3, rank: 2}, "
    "{name: r, type: relu}, {type: add, inputs: [r, l, r]}, {type: conv, kernel: 1, filters: 1}]",
    MAP,
    NULL,
    "l",
    { 3, 7, 6 } },
  { "concat with a template",
    "[{name: t, type: template, channels: 2, height: 7, width: 6}, "
    "{name: l, " CPAC
    ", filters: 3, rank: 2, padding: same, inputs: [input]}, {name: r, type: relu}, "
    "{type: concat, inputs: [r, t]}, {type: conv, kernel: 3, filters: 4}, {type: relu}, "
    "{type: conv, kernel: 1, filters: 1}]",
    MAP_TOP,
    NULL,
    "l",
    { 3, 7, 6 } },
  { "curved before it",
    "[{type: standardize}, {type: local-contrast, window: 3}, "
    "{name: l, " CPAC ", filters: 3, rank: 2}, {type: relu}, {type: conv, kernel: 1, filters: 1}]",
    MAP,
    NULL,
    "l",
    { 1, 7, 6 } },
  { "curved beside it",
    "[{name: s, type: standardize}, {name: l, " CPAC ", filters: 2, rank: 2, padding: same, "
    "inputs: [input]}, {type: concat, inputs: [l, s]}, {type: conv, kernel: 1, filters: 1}]",
    MAP,
    NULL,
    "l",
    { 1, 7, 6 } },
  { "texture",
    "[{name: l, " CPAC ", filters: 4, rank: 5}, {name: r, type: relu}]",
    GAUSSIAN ("layers: [r], mode: texture"),
    NULL,
    "l",
    { 3, 7, 9 } },
  { "position-mean",
    "[{name: l, " CPAC ", filters: 4, rank: 5}, {name: r, type: relu}]",
    GAUSSIAN ("layers: [r], mode: position-mean, top: 0.25"),
    NULL,
    "l",
    { 3, 7, 9 } },
  { "position",
    "[{name: l, " CPAC ", filters: 4, rank: 5}, {name: r, type: relu}]",
    GAUSSIAN ("layers: [r], mode: position, top: 0.25"),
    NULL,
    "l",
    { 3, 7, 9 } },
  { "two grids",
    "[{name: l, " CPAC ", filters: 4, rank: 5}, {name: r, type: relu}, "
    "{name: m, " CPAC ", filters: 6, rank: 3, stride: 2}, {name: s, type: relu}]",
    GAUSSIAN ("layers: [r, s], mode: texture, top: 0.25"),
    "l",
    "l",
    { 3, 12, 11 } },
  { "features before it",
    "[{name: l, " CPAC ", filters: 4, rank: 5}, {name: r, type: relu}, "
    "{name: m, " CPAC ", filters: 6, rank: 3, stride: 2}, {name: s, type: relu}]",
    GAUSSIAN ("layers: [r, s], mode: position, channels: 5"),
    "m",
    "m",
    { 3, 12, 11 } },
  { "all features behind it",
    "[{name: l, " CPAC ", filters: 4, rank: 5}, {name: r, type: relu}, "
    "{name: m, " CPAC ", filters: 6, rank: 3, stride: 2}, {name: s, type: relu}]",
    GAUSSIAN ("layers: [r, s], mode: position-mean"),
    NULL,
    "l",
    { 3, 12, 11 } },
  { "two ways: more than one component",
    "[{name: k, " CPAC ", filters: 2, rank: 2}, {name: l, " CPAC ", filters: 2, rank: 3, "
    "inputs: [input]}, {name: m, type: cpac-conv, kernel: 1, filters: 2, rank: 1}, "
    "{type: add, inputs: [k, m]}, {type: conv, kernel: 1, filters: 1}]",
    MAP,
    NULL,
    "l",
    { 3, 7, 6 } },
  { "two ways: one component each",
    "[{name: k, " CPAC ", filters: 2, rank: 1}, {name: l, " CPAC ", filters: 2, rank: 1, "
    "inputs: [input]}, {type: add, inputs: [k, l]}, {type: conv, kernel: 1, filters: 1}]",
    MAP,
    NULL,
    "l",
    { 3, 7, 6 } },
  { "a template is no way around",
    "[{name: t, type: template, channels: 2, height: 7, width: 6}, "
    "{name: l, " CPAC ", filters: 3, rank: 1, padding: same, inputs: [input]}, "
    "{type: concat, inputs: [l, t]}, {type: conv, kernel: 3, filters: 4}, "
    "{type: conv, kernel: 1, filters: 1}]",
    MAP,
    NULL,
    "l",
    { 3, 7, 6 } },
  { "a curved one is passed over",
    "[{name: l, " CPAC ", filters: 3, rank: 2, padding: same}, {type: relu, name: r}, "
    "{name: m, " CPAC ", filters: 3, rank: 2, padding: same}, {name: s, type: standardize}, "
    "{type: add, inputs: [r, s]}, {name: n, " CPAC ", filters: 1, rank: 2}]",
    MAP,
    NULL,
    "n",
    { 3, 7, 6 } },
  { "layers behind the head's",
    "[{name: l, " CPAC ", filters: 4, rank: 5}, "
    "{name: r, type: relu}, {type: standardize}, {name: m, " CPAC ", filters: 6, rank: 3}]",
    GAUSSIAN ("layers: [r], mode: texture"),
    NULL,
    "l",
    { 3, 7, 9 } },
  { "combined: the map",
    "[{name: l, " CPAC ", filters: 4, rank: 5}, {name: r, type: relu}, "
    "{name: m, type: conv, kernel: 1, filters: 1}]",
    "{head: combined, threshold: 1, parts: [{head: map, anchors: [-9, -8], top: 0.1}, "
    "{head: gaussian, layers: [r], mode: texture, anchors: [1, 1000]}]}",
    NULL,
    "l",
    { 3, 7, 9 } },
  { "combined: the gaussian",
    "[{name: l, " CPAC ", filters: 4, rank: 5}, {name: r, type: relu}, "
    "{name: m, type: conv, kernel: 1, filters: 1}]",
    "{head: combined, threshold: 1, parts: [{head: map, anchors: [1, 1000]}, "
    "{head: gaussian, layers: [r], mode: texture, anchors: [-9, -8], top: 0.1}]}",
    NULL,
    "l",
    { 3, 7, 9 } },
};

static const CpacConvLayer *
conv_of (const CpacModel *model, const CpacExplanation *explanation, guint *index)
{
  const CpacNetwork *network = cpac_model_get_network (model);

  *index = (guint) cpac_network_find (network, explanation->layer);
  return (const CpacConvLayer *) cpac_network_get_layer (network, *index);
}

/* The quantity with column @r of the layer's a multiplied by @factor. */
static double
quantity_with (const CpacModel *model, CpacRun *run, guint layer, guint r, double factor)
{
  guint first = cpac_model_get_params (model)->first[layer];
  const CpacConvLayer *conv =
      (const CpacConvLayer *) cpac_network_get_layer (cpac_model_get_network (model), layer);
  double *a = cpac_run_get_value (run, first + CPAC_CONV_A), result;
  g_autofree double *old = g_memdup2 (a, (gsize) conv->filters * conv->rank * sizeof (double));

  for (guint n = 0; n < conv->filters; n++)
    a[n * conv->rank + r] *= factor;
  cpac_run_forward (run);
  result = explain_quantity (model, run);
  for (guint i = 0; i < conv->filters * conv->rank; i++)
    a[i] = old[i];
  return result;
}

/* The score is linear in one column of a as long as no choice changes, so its slope by a factor on
 * it is the contribution: found here from forward passes of the whole network alone. The distance
 * is a square: half its slope. Central differences of a quadratic have no error of their own; what
 * is left is that the explanation begins with the layer's input in float: relative errors of 2^-24,
 * a few dozen of them one behind the other. */
static void
check_contributions (const CpacModel *model, CpacRun *reference, const CpacExplanation *explanation,
                     double tolerance)
{
  const double step = 1e-6;
  double half = explanation->quantity == CPAC_QUANTITY_SQUARED_DISTANCE ? 0.5 : 1;
  guint layer;

  g_assert_cmpuint (explanation->n_components, ==, conv_of (model, explanation, &layer)->rank);
  for (guint i = 0; i < explanation->n_components; i++) {
    const CpacComponent *component = &explanation->components[i];
    double slope = (quantity_with (model, reference, layer, component->index, 1 + step) -
                    quantity_with (model, reference, layer, component->index, 1 - step)) /
                   (2 * step);

    g_assert_cmpfloat_with_epsilon (component->contribution, half * slope, tolerance);
  }
}

/* Order, maps that sum to what is said, shares that sum to 1, significance that does. */
static void
check_components (const CpacExplanation *explanation, double tolerance)
{
  gsize cells = (gsize) explanation->width * explanation->height;
  g_autofree double *total = g_new0 (double, cells);
  double shares = 0, significance = 0;

  for (guint i = 0; i < explanation->n_components; i++) {
    const CpacComponent *component = &explanation->components[i];
    double sum = 0;

    for (gsize p = 0; p < cells; p++) {
      sum += component->map[p];
      total[p] += component->map[p];
    }
    g_assert_cmpfloat_with_epsilon (sum, component->contribution, tolerance);
    g_assert_true (component->share * component->contribution >= 0);
    shares += fabs (component->share);
    significance += component->significance;
    if (i > 0)
      g_assert_cmpfloat (fabs (component->contribution), <=,
                         fabs (explanation->components[i - 1].contribution));
  }
  g_assert_cmpfloat_with_epsilon (shares, 1, 1e-12);
  g_assert_cmpfloat_with_epsilon (significance, 1, 1e-12);
  for (gsize p = 0; p < cells; p++)
    g_assert_cmpfloat_with_epsilon (explanation->total[p], total[p], tolerance);
}

static double
magnitude_of (const CpacExplanation *explanation)
{
  double sum = fabs (explanation->bias_part);

  for (guint i = 0; i < explanation->n_components; i++)
    sum += fabs (explanation->components[i].contribution);
  return sum;
}

static void
test_row (gconstpointer data)
{
  guint i = GPOINTER_TO_UINT (data);

  for (guint64 seed = 1; seed <= 5; seed++) {
    g_autoptr (CpacModel) model =
        explain_model (rows[i].layers, rows[i].input, rows[i].score, seed);
    g_autoptr (CpacRun) run = explain_run (model, CPAC_PRECISION_SINGLE, seed);
    g_autoptr (CpacRun) reference = explain_run (model, CPAC_PRECISION_DOUBLE, seed);
    g_autofree float *map = explain_heat_map (model, run);
    g_autoptr (GError) error = NULL;
    g_autoptr (CpacExplainer) explainer = cpac_explainer_new (model, rows[i].at, &error);
    const CpacExplanation *explanation;
    double scale;

    g_assert_no_error (error);
    explanation = explain_explain (explainer, model, run, &(CpacScoredMap){ .map = map });
    scale = magnitude_of (explanation);
    if (cpac_model_get_combined (model) != NULL)
      g_assert_true ((explanation->quantity == CPAC_QUANTITY_SQUARED_DISTANCE) ==
                     explain_gaussian_decides (model, reference));
    g_assert_cmpstr (explanation->layer, ==, rows[i].expect);
    g_assert_cmpfloat (explanation->identity_error, <, 1e-13);
    g_assert_cmpfloat_with_epsilon (explanation->explained, explain_quantity (model, reference),
                                    1e-5 * scale);
    check_components (explanation, 1e-13 * scale);
    check_contributions (model, reference, explanation, 1e-5 * scale);
  }
}

/* ---- Maps ---- */

#define BEHIND                                                                                     \
  "{type: relu}, {type: conv, name: c, kernel: 3, filters: 2, padding: same}, {type: relu}, "      \
  "{type: conv, name: d, kernel: 1, filters: 1}]"

/* Copies those of the layers behind into a model that consists of them alone. */
static CpacParams *shared_params;

static void
take_shared (CpacParams *params)
{
  guint offset = shared_params->n_params - params->n_params;

  for (guint p = 0; p < params->n_params; p++) {
    const CpacTensor *from = shared_params->values[offset + p];

    for (gsize i = 0; i < cpac_shape_count (&from->shape); i++)
      params->values[p]->data[i] = from->data[i];
  }
}

/* Z of the layer at (p, q), from the definition of the kernel. */
static double
component_at (const CpacConvLayer *conv, const CpacParams *params, const float *x, guint r, guint p,
              guint q)
{
  const float *b = params->values[CPAC_CONV_B]->data, *c = params->values[CPAC_CONV_C]->data;
  const float *d = params->values[CPAC_CONV_D]->data;
  const CpacDims *in = &conv->layer.in[0];
  double sum = 0;

  for (guint s = 0; s < in->channels; s++)
    for (guint y = 0; y < 3; y++)
      for (guint t = 0; t < 3; t++) {
        gint i = (gint) (2 * p + y) - 1, j = (gint) (2 * q + t) - 1;

        if (i >= 0 && i < (gint) in->height && j >= 0 && j < (gint) in->width)
          sum += (double) d[s * conv->rank + r] * b[y * conv->rank + r] * c[t * conv->rank + r] *
                 x[(s * in->height + (guint) i) * in->width + (guint) j];
      }
  return sum;
}

/* Every cell of every map: Z by the kernel's definition, the gradient by moving each output of the
 * layer in a network that begins behind it. */
static void
test_maps (void)
{
  const CpacDims input = { 3, 7, 9 };
  const char *layers =
      "[{name: l, " CPAC ", filters: 3, rank: 4, stride: 2, padding: [1, 1, 1, 1]}, " BEHIND;
  g_autoptr (CpacModel) model = explain_model (layers, input, MAP_TOP, 3), behind = NULL;
  g_autoptr (CpacRun) run = explain_run (model, CPAC_PRECISION_SINGLE, 3), reference = NULL,
                      rest = NULL;
  g_autofree float *map = explain_heat_map (model, run);
  g_autoptr (CpacExplainer) explainer = cpac_explainer_new (model, "l", NULL);
  const CpacExplanation *explanation =
      explain_explain (explainer, model, run, &(CpacScoredMap){ .map = map });
  const CpacParams *params = cpac_model_get_params (model);
  guint index;
  const CpacConvLayer *conv = conv_of (model, explanation, &index);
  const CpacDims *out = &conv->layer.out;
  gsize cells = (gsize) out->width * out->height, n = conv->filters * cells;
  g_autofree double *gradient = g_new (double, n);
  double *y;

  shared_params = (CpacParams *) params;
  behind = explain_model_changed ("[" BEHIND, *out, MAP_TOP, 3, take_shared);
  reference = explain_run (model, CPAC_PRECISION_DOUBLE, 3);
  rest = explain_run (behind, CPAC_PRECISION_DOUBLE, 3);
  y = cpac_run_get_input (rest, 0);
  for (gsize i = 0; i < n; i++)
    y[i] = ((const double *) cpac_run_get_output (reference, index, 0))[i];
  for (gsize i = 0; i < n; i++) {
    double old = y[i], above;

    y[i] = old + 1e-6;
    cpac_run_forward (rest);
    above = explain_quantity (behind, rest);
    y[i] = old - 1e-6;
    cpac_run_forward (rest);
    gradient[i] = (above - explain_quantity (behind, rest)) / 2e-6;
    y[i] = old;
  }
  for (guint k = 0; k < explanation->n_components; k++) {
    const CpacComponent *component = &explanation->components[k];

    for (gsize p = 0; p < cells; p++) {
      double z = component_at (conv, params, cpac_run_get_input (run, 0), component->index,
                               (guint) p / out->width, (guint) p % out->width);
      double g = 0;

      for (guint f = 0; f < conv->filters; f++)
        g += params->values[CPAC_CONV_A]->data[f * conv->rank + component->index] *
             gradient[f * cells + p];
      g_assert_cmpfloat_with_epsilon (component->map[p], z * g, 1e-8);
    }
  }
}

/* ---- Special places ---- */

static void
zero_biases (CpacParams *params)
{
  for (guint p = 0; p < params->n_params; p++)
    if (params->values[p]->shape.n_dims == 1)
      for (gsize i = 0; i < cpac_shape_count (&params->values[p]->shape); i++)
        params->values[p]->data[i] = 0;
}

/* A black frame without biases: every relu stands at exactly 0, nothing contributes. */
static void
test_nothing (void)
{
  const char *layers = "[{name: l, " CPAC ", filters: 3, rank: 4}, {type: relu}, "
                       "{type: max-pool, size: 2}, {type: conv, kernel: 1, filters: 1}]";
  g_autoptr (CpacModel) model =
      explain_model_changed (layers, (CpacDims){ 1, 9, 9 }, MAP, 1, zero_biases);
  g_autoptr (CpacRun) run = explain_run (model, CPAC_PRECISION_SINGLE, 1);
  g_autoptr (CpacExplainer) explainer = cpac_explainer_new (model, NULL, NULL);
  const CpacExplanation *explanation;
  float map[9] = { 0 };

  for (guint i = 0; i < 81; i++)
    ((float *) cpac_run_get_input (run, 0))[i] = 0;
  cpac_run_forward (run);
  explanation = explain_explain (explainer, model, run, &(CpacScoredMap){ .map = map });
  g_assert_cmpfloat (explanation->explained, ==, 0);
  g_assert_cmpfloat (explanation->bias_part, ==, 0);
  g_assert_cmpfloat (explanation->identity_error, ==, 0);
  for (guint i = 0; i < 4; i++) {
    /* Of equals, in the layer's order. */
    g_assert_cmpuint (explanation->components[i].index, ==, i);
    g_assert_cmpfloat (explanation->components[i].share, ==, 0);
  }
}

/* Two components that a layer of one tap adds: Y = 3 * 0.5 x + 1 * (-2) x + bias 0.25, x = 4. */
static void
set_by_hand (CpacParams *params)
{
  const float a[] = { 3, 1 }, d[] = { 0.5f, -2 };

  for (guint r = 0; r < 2; r++) {
    params->values[CPAC_CONV_A]->data[r] = a[r];
    params->values[CPAC_CONV_B]->data[r] = 1;
    params->values[CPAC_CONV_C]->data[r] = 1;
    params->values[CPAC_CONV_D]->data[r] = d[r];
  }
  params->values[CPAC_CONV_BIAS]->data[0] = 0.25f;
}

static void
test_by_hand (void)
{
  const char *layers = "[{name: l, type: cpac-conv, kernel: 1, filters: 1, rank: 2}]";
  g_autoptr (CpacModel) model =
      explain_model_changed (layers, (CpacDims){ 1, 1, 1 }, MAP, 1, set_by_hand);
  g_autoptr (CpacRun) run = explain_run (model, CPAC_PRECISION_SINGLE, 1);
  g_autoptr (CpacExplainer) explainer = cpac_explainer_new (model, NULL, NULL);
  const CpacExplanation *explanation;
  float map = -1.75f;

  *(float *) cpac_run_get_input (run, 0) = 4;
  cpac_run_forward (run);
  explanation = explain_explain (explainer, model, run, &(CpacScoredMap){ .map = &map });
  g_assert_cmpfloat (explanation->explained, ==, -1.75);
  g_assert_cmpfloat (explanation->bias_part, ==, 0.25);
  g_assert_cmpuint (explanation->components[0].index, ==, 1);
  g_assert_cmpfloat (explanation->components[0].contribution, ==, -8);
  g_assert_cmpfloat (explanation->components[0].share, ==, -8.0 / 14);
  g_assert_cmpfloat (explanation->components[1].contribution, ==, 6);
  /* lambda = (1.5, 2) */
  g_assert_cmpfloat_with_epsilon (explanation->components[0].significance, 4 / 6.25, 1e-15);
  g_assert_cmpstr (cpac_quantity_to_string (explanation->quantity), ==, "map-score");
  g_assert_null (explanation->class_name);
}

/* Logits 3, 1, 2, 5 of a frame of 1: component i is class i. */
static void
set_logits (CpacParams *params)
{
  const float logits[] = { 3, 1, 2, 5 };

  for (guint k = 0; k < 4; k++) {
    for (guint r = 0; r < 4; r++)
      params->values[CPAC_CONV_A]->data[k * 4 + r] = k == r ? logits[k] : 0;
    params->values[CPAC_CONV_B]->data[k] = params->values[CPAC_CONV_C]->data[k] = 1;
    params->values[CPAC_CONV_D]->data[k] = 1;
    params->values[CPAC_CONV_BIAS]->data[k] = 0;
  }
}

/* With several classes on each side, the largest of each; without good ones, the two largest. */
static void
test_classes (void)
{
  const char *layers = "[{name: l, type: cpac-conv, kernel: 1, filters: 4, rank: 4}, "
                       "{type: flatten}]";
  const struct {
    const char *score, *class_name, *rival;
    double explained;
  } cases[] = {
    { "{head: classifier, classes: [a, b, c, d], good: [a, b], threshold: 0.5}", "d", "a", 2 },
    { "{head: classifier, classes: [a, b, c, d], good: [d], threshold: 0.5}", "a", "d", -2 },
    { "{head: classifier, classes: [a, b, c, d], threshold: 0.5}", "d", "a", 2 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (CpacModel) model =
        explain_model_changed (layers, (CpacDims){ 1, 1, 1 }, cases[i].score, 1, set_logits);
    g_autoptr (CpacRun) run = explain_run (model, CPAC_PRECISION_SINGLE, 1);
    g_autoptr (CpacExplainer) explainer = cpac_explainer_new (model, NULL, NULL);
    const CpacExplanation *explanation;

    *(float *) cpac_run_get_input (run, 0) = 1;
    cpac_run_forward (run);
    explanation = explain_explain (explainer, model, run, &(CpacScoredMap){ .map = NULL });
    g_assert_cmpstr (explanation->class_name, ==, cases[i].class_name);
    g_assert_cmpstr (explanation->rival, ==, cases[i].rival);
    g_assert_cmpfloat (explanation->explained, ==, cases[i].explained);
    g_assert_cmpfloat (explanation->bias_part, ==, 0);
  }
}

/* ---- Refused ---- */

static const struct {
  const char *layers, *score, *at, *message;
} refused[] = {
  { "[{name: l, " CPAC ", filters: 1, rank: 1}]", "{head: none}", NULL,
    "head none gives no score to explain" },
  { "[{name: l, type: conv, kernel: 3, filters: 1}]", MAP, NULL,
    "the score depends on no cpac-conv layer, whose components would explain it" },
  { "[{name: l, " CPAC ", filters: 1, rank: 1}, {name: m, type: relu, inputs: [input]}]", MAP, NULL,
    "the score depends on no cpac-conv layer, whose components would explain it" },
  { "[{name: l, " CPAC ", filters: 1, rank: 1}]", MAP, "m",
    "there is no layer \"m\" to explain at" },
  { "[{name: l, " CPAC ", filters: 1, rank: 1}, {name: m, type: relu}]", MAP, "m",
    "layer m is of type relu, expected a cpac-conv: only its components explain" },
  { "[{name: l, " CPAC ", filters: 1, rank: 1}, "
    "{name: m, " CPAC ", filters: 1, rank: 1, inputs: [input]}]",
    MAP, "l", "the score does not depend on layer l" },
  { "[{name: l, " CPAC ", filters: 1, rank: 1}, {name: s, type: standardize}]", MAP, NULL,
    "layer s (standardize) between layer l and the score is not piecewise linear, so the score "
    "cannot be shared out; expected a cpac-conv behind it" },
  { "[{name: l, " CPAC ", filters: 1, rank: 1}, {name: r, type: relu}, "
    "{name: s, type: local-contrast, window: 3}, {name: m, " CPAC ", filters: 1, rank: 1}]",
    MAP, "l",
    "layer s (local-contrast) between layer l and the score is not piecewise linear, so the score "
    "cannot be shared out; expected a cpac-conv behind it" },
};

static void
test_refused (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (refused); i++) {
    g_autoptr (CpacModel) model =
        explain_model (refused[i].layers, (CpacDims){ 1, 7, 7 }, refused[i].score, 1);
    g_autofree char *message =
        g_strdup_printf ("%s: %s", cpac_model_get_path (model), refused[i].message);
    g_autoptr (GError) error = NULL;

    g_assert_null (cpac_explainer_new (model, refused[i].at, &error));
    g_assert_error (error, CPAC_ERROR, CPAC_ERROR_SCHEMA);
    g_assert_cmpstr (error->message, ==, message);
  }
}

/* 2^16 components of 65x65 cells are more than are taken; so are the planes of a network behind a
 * small layer. */
static void
test_too_large (void)
{
  static const char *const layers[] = {
    "[{name: l, type: cpac-conv, kernel: 1, filters: 1, rank: 65536}]",
    "[{name: l, type: cpac-conv, kernel: 1, filters: 2, rank: 1}, "
    "{type: upsample, factor: 120}, {type: conv, kernel: 1, filters: 1}]",
  };

  for (guint i = 0; i < G_N_ELEMENTS (layers); i++) {
    g_autoptr (CpacModel) model = explain_model (layers[i], (CpacDims){ 1, 65, 65 }, MAP, 1);
    g_autoptr (GError) error = NULL;

    g_assert_null (cpac_explainer_new (model, NULL, &error));
    g_assert_error (error, CPAC_ERROR, CPAC_ERROR_SHAPE);
    g_assert_nonnull (strstr (error->message, "at most 268435456 are taken"));
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree char *path = g_strdup_printf ("/explainer/row/%s", rows[i].name);

    g_test_add_data_func (path, GUINT_TO_POINTER (i), test_row);
  }
  g_test_add_func ("/explainer/maps", test_maps);
  g_test_add_func ("/explainer/nothing", test_nothing);
  g_test_add_func ("/explainer/by-hand", test_by_hand);
  g_test_add_func ("/explainer/classes", test_classes);
  g_test_add_func ("/explainer/refused", test_refused);
  g_test_add_func ("/explainer/too-large", test_too_large);
  return g_test_run ();
}
