/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/explain/explainer.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/explain/explained-layer.h"
#include "core/explain/significance.h"
#include "core/layers/options.h"

struct _CpacExplainer {
  CpacModel *model;
  guint layer; /* index */
  const CpacConvLayer *conv;
  CpacTarget *target;
  CpacDownstream *downstream; /* from the layer on */

  double *params[CPAC_MAX_PARAMS]; /* the layer's */
  double *input;                   /* the layer's (C, H, W) */
  double *scratch;
  double *maps;              /* (R, height, width): Z, then C */
  double *gradient;          /* (height, width) */
  double *total;             /* (height, width) */
  double *significance;      /* (R) */
  CpacComponent *components; /* (R) */
  CpacExplanation result;
};

/* ---- Room ---- */

static gsize
count_cells (const CpacExplainer *explainer)
{
  return (gsize) explainer->conv->layer.out.height * explainer->conv->layer.out.width;
}

/* Planes have fewer than 2^31 cells and ranks are at most 2^16, so nothing overflows. */
static gboolean
check_size (const CpacExplainer *explainer, gsize n_scratch, GError **error)
{
  const CpacLayer *layer = &explainer->conv->layer;
  guint64 n = (guint64) explainer->conv->rank * count_cells (explainer) + n_scratch;

  if (n <= CPAC_MAX_ELEMENTS)
    return TRUE;
  g_set_error (error, CPAC_ERROR, CPAC_ERROR_SHAPE,
               "%s: the component maps of layer %s take %" G_GUINT64_FORMAT
               " numbers, at most %u are taken",
               cpac_model_get_path (explainer->model), layer->name, n, CPAC_MAX_ELEMENTS);
  return FALSE;
}

static void
copy_params (CpacExplainer *explainer)
{
  const CpacParams *params = cpac_model_get_params (explainer->model);
  guint first = params->first[explainer->layer];

  for (guint p = 0; p < explainer->conv->layer.n_params; p++) {
    const CpacTensor *tensor = params->values[first + p];
    gsize n = cpac_shape_count (&tensor->shape);

    explainer->params[p] = g_new (double, n);
    for (gsize i = 0; i < n; i++)
      explainer->params[p][i] = tensor->data[i];
  }
}

static gboolean
allocate (CpacExplainer *explainer, GError **error)
{
  const CpacLayer *layer = &explainer->conv->layer;
  gsize n_scratch = cpac_layer_get_scratch (layer, cpac_layer_get_n_slices (layer));
  gsize cells = count_cells (explainer);
  guint rank = explainer->conv->rank;

  if (!check_size (explainer, n_scratch, error))
    return FALSE;
  explainer->input = g_new (double, cpac_dims_count (&layer->in[0]));
  explainer->scratch = g_new (double, n_scratch);
  explainer->maps = g_new (double, rank *cells);
  explainer->gradient = g_new (double, cells);
  explainer->total = g_new (double, cells);
  explainer->significance = g_new (double, rank);
  explainer->components = g_new (CpacComponent, rank);
  copy_params (explainer);
  return TRUE;
}

/* lambda_r^2 / sum lambda^2; equal shares of a kernel that is all zero. */
static void
measure_significance (CpacExplainer *explainer)
{
  const CpacParams *params = cpac_model_get_params (explainer->model);
  g_autoptr (CpacSignificance) of_kernel = cpac_significance_of_layer (
      &explainer->conv->layer, params->values + params->first[explainer->layer]);
  guint rank = explainer->conv->rank;
  double sum = 0;

  for (guint r = 0; r < rank; r++) {
    explainer->significance[r] = of_kernel->components[r] * of_kernel->components[r];
    sum += explainer->significance[r];
  }
  for (guint r = 0; r < rank; r++)
    explainer->significance[r] = sum > 0 ? explainer->significance[r] / sum : 1.0 / rank;
}

CpacExplainer *
cpac_explainer_new (CpacModel *model, const char *layer, GError **error)
{
  g_autoptr (CpacExplainer) explainer = g_new0 (CpacExplainer, 1);
  const CpacNetwork *network = cpac_model_get_network (model);
  const guint *ends;
  guint n_ends;

  explainer->model = cpac_model_ref (model);
  explainer->target = cpac_target_new (model, error);
  if (explainer->target == NULL)
    return NULL;
  ends = cpac_target_get_ends (explainer->target, &n_ends);
  if (!cpac_explained_layer_choose (model, layer, ends, n_ends, &explainer->layer, error))
    return NULL;
  explainer->conv = (const CpacConvLayer *) cpac_network_get_layer (network, explainer->layer);
  if (!allocate (explainer, error))
    return NULL;
  explainer->downstream = cpac_downstream_new (network, cpac_model_get_params (model),
                                               (gint) explainer->layer, ends, n_ends, error);
  if (explainer->downstream == NULL) {
    g_prefix_error (error, "%s: ", cpac_model_get_path (model));
    return NULL;
  }
  measure_significance (explainer);
  return g_steal_pointer (&explainer);
}

void
cpac_explainer_free (CpacExplainer *explainer)
{
  if (explainer == NULL)
    return;
  for (guint p = 0; p < CPAC_MAX_PARAMS; p++)
    g_free (explainer->params[p]);
  g_free (explainer->input);
  g_free (explainer->scratch);
  g_free (explainer->maps);
  g_free (explainer->gradient);
  g_free (explainer->total);
  g_free (explainer->significance);
  g_free (explainer->components);
  cpac_downstream_free (explainer->downstream);
  cpac_target_free (explainer->target);
  cpac_model_unref (explainer->model);
  g_free (explainer);
}

void
cpac_explainer_get_shape (const CpacExplainer *explainer, guint *rank, gsize *cells)
{
  *rank = explainer->conv->rank;
  *cells = count_cells (explainer);
}

const char *
cpac_explainer_get_layer (const CpacExplainer *explainer)
{
  return explainer->conv->layer.name;
}

const double *
cpac_explainer_get_significance (const CpacExplainer *explainer)
{
  return explainer->significance;
}

void
cpac_explainer_mark (const CpacExplainer *explainer, gboolean *layers)
{
  gint input =
      cpac_network_get_inputs (cpac_model_get_network (explainer->model), explainer->layer)[0];

  if (input != CPAC_NETWORK_INPUT)
    layers[input] = TRUE;
  cpac_target_mark (explainer->target, layers);
  cpac_downstream_mark (explainer->downstream, layers);
}

/* ---- Explaining ---- */

static void
load_input (CpacExplainer *explainer, const CpacActivations *activations)
{
  const CpacNetwork *network = cpac_model_get_network (explainer->model);
  const float *from =
      cpac_activations_get (activations, cpac_network_get_inputs (network, explainer->layer)[0]);
  gsize n = cpac_dims_count (&explainer->conv->layer.in[0]);

  for (gsize i = 0; i < n; i++)
    explainer->input[i] = from[i];
}

/* <bias, dS/dbias> of the layer itself. */
static double
own_bias (const CpacExplainer *explainer)
{
  const CpacConvLayer *conv = explainer->conv;
  gsize cells = count_cells (explainer);
  const double *g = cpac_downstream_get_gradient (explainer->downstream, (gint) explainer->layer);
  double sum = 0;

  for (guint n = 0; conv->bias && n < conv->filters; n++)
    for (gsize p = 0; p < cells; p++)
      sum += explainer->params[CPAC_CONV_BIAS][n] * g[n * cells + p];
  return sum;
}

/* The cells that S depends on lie in [@begin, @end): of a score that is one peak, few of them. */
static void
find_reach (const CpacExplainer *explainer, gsize *begin, gsize *end)
{
  gsize cells = count_cells (explainer), n = explainer->conv->filters * cells;
  const double *g = cpac_downstream_get_gradient (explainer->downstream, (gint) explainer->layer);

  *begin = cells;
  *end = 0;
  for (gsize i = 0; i < n; i++)
    if (g[i] != 0) {
      *begin = MIN (*begin, i % cells);
      *end = MAX (*end, i % cells + 1);
    }
}

/* The map of component @r: C(p) = Z(p) sum_n a[n] G[n,p], in place of Z. Returns its sum. */
static double
share_out (CpacExplainer *explainer, guint r, gsize begin, gsize end)
{
  const CpacConvLayer *conv = explainer->conv;
  gsize cells = count_cells (explainer);
  const double *g = cpac_downstream_get_gradient (explainer->downstream, (gint) explainer->layer);
  double *map = explainer->maps + r * cells, *gradient = explainer->gradient, sum = 0;

  memset (gradient, 0, cells * sizeof (double));
  for (guint n = 0; n < conv->filters; n++, g += cells) {
    double a = explainer->params[CPAC_CONV_A][(gsize) n * conv->rank + r];

    for (gsize p = begin; p < end; p++)
      gradient[p] += a * g[p];
  }
  for (gsize p = 0; p < cells; p++) {
    map[p] *= gradient[p];
    explainer->total[p] += map[p];
    sum += map[p];
  }
  return sum;
}

static int
compare_strength (const void *a, const void *b)
{
  const CpacComponent *x = a, *y = b;

  if (fabs (x->contribution) != fabs (y->contribution))
    return fabs (x->contribution) > fabs (y->contribution) ? -1 : 1;
  return x->index < y->index ? -1 : 1;
}

/* Returns the sum of the contributions, and of their magnitudes in @magnitude. */
static double
make_components (CpacExplainer *explainer, double *magnitude)
{
  guint rank = explainer->conv->rank;
  gsize cells = count_cells (explainer), begin, end;
  double sum = 0;

  *magnitude = 0;
  memset (explainer->total, 0, cells * sizeof (double));
  find_reach (explainer, &begin, &end);
  for (guint r = 0; r < rank; r++) {
    double contribution = share_out (explainer, r, begin, end);

    sum += contribution;
    *magnitude += fabs (contribution);
    explainer->components[r] = (CpacComponent){ .index = r,
                                                .significance = explainer->significance[r],
                                                .contribution = contribution,
                                                .map = explainer->maps + r * cells };
  }
  for (guint r = 0; r < rank; r++)
    explainer->components[r].share =
        *magnitude > 0 ? explainer->components[r].contribution / *magnitude : 0;
  qsort (explainer->components, rank, sizeof (CpacComponent), compare_strength);
  return sum;
}

const CpacExplanation *
cpac_explainer_explain (CpacExplainer *explainer, const CpacActivations *activations,
                        const CpacScoredMap *scored)
{
  CpacDownstream *downstream = explainer->downstream;
  const CpacLayer *layer = &explainer->conv->layer;
  double explained, bias_part = 0, sum, magnitude, scale;

  load_input (explainer, activations);
  cpac_cpac_conv_get_components (explainer->conv, explainer->input,
                                 (const double *const *) explainer->params, explainer->scratch,
                                 explainer->maps);
  cpac_cpac_conv_join_components (explainer->conv, explainer->maps,
                                  (const double *const *) explainer->params,
                                  cpac_downstream_get_value (downstream, (gint) explainer->layer));
  cpac_downstream_load (downstream, activations);
  cpac_downstream_forward (downstream);
  cpac_downstream_clear (downstream);
  cpac_target_choose (explainer->target, activations, scored);
  explained = cpac_target_seed (explainer->target, downstream, &bias_part);
  cpac_downstream_backward (downstream);
  bias_part += own_bias (explainer) + cpac_downstream_get_offset (downstream);
  sum = make_components (explainer, &magnitude);
  scale = MAX (fabs (explained), fabs (bias_part) + magnitude);
  explainer->result = (CpacExplanation){
    .quantity = cpac_target_get_quantity (explainer->target),
    .class_name = cpac_target_get_class (explainer->target),
    .rival = cpac_target_get_rival (explainer->target),
    .layer = layer->name,
    .width = layer->out.width,
    .height = layer->out.height,
    .explained = explained,
    .bias_part = bias_part,
    .identity_error = scale > 0 ? fabs (explained - bias_part - sum) / scale : 0,
    .n_components = explainer->conv->rank,
    .components = explainer->components,
    .total = explainer->total,
  };
  return &explainer->result;
}
