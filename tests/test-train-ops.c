/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/train/ops.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "core/tensor/linalg.h"

/*
 * The arithmetic that training brings against the layers' own in double.
 *
 * Convolutions are sums of products, with a plus sign in front of each, of the input, the
 * parameters and (backward) the gradient of the output. The same layer on the magnitudes of all of
 * them therefore gives the sum of the magnitudes of the terms, and a result in single precision,
 * whatever its order, is off by at most k u times that, k the roundings a term goes through at most
 * (Higham, Accuracy and Stability, 3.1; FLT_EPSILON is 2 u). ReLU and pools pick values: they must
 * be equal to the bit.
 */

typedef struct {
  const char *name;
  CpacDims input;
  const char *layers;
} Case;

static const Case products[] = {
  { "cpac", { 3, 5, 4 }, "[{type: cpac-conv, filters: 4, kernel: 3, rank: 2}]" },
  { "cpac-one", { 1, 1, 1 }, "[{type: cpac-conv, filters: 1, kernel: 1, rank: 1}]" },
  { "cpac-gray",
    { 1, 6, 5 },
    "[{type: cpac-conv, filters: 3, kernel: 3, rank: 5, padding: same}]" },
  { "cpac-rank-1",
    { 3, 6, 5 },
    "[{type: cpac-conv, filters: 3, kernel: 3, rank: 1, padding: same}]" },
  { "cpac-filter-1",
    { 3, 6, 17 },
    "[{type: cpac-conv, filters: 1, kernel: 5, rank: 3, padding: same}]" },
  { "cpac-no-bias",
    { 2, 7, 8 },
    "[{type: cpac-conv, filters: 2, kernel: 3, rank: 3, bias: false}]" },
  { "cpac-stride-2",
    { 2, 7, 8 },
    "[{type: cpac-conv, filters: 3, kernel: 3, rank: 2, stride: 2}]" },
  { "cpac-stride-3-same",
    { 2, 17, 17 },
    "[{type: cpac-conv, filters: 3, kernel: 5, rank: 2, stride: 3, padding: same}]" },
  { "cpac-strides",
    { 2, 7, 6 },
    "[{type: cpac-conv, filters: 3, kernel: [3, 5], rank: 2, stride: [2, 3], padding: same}]" },
  { "cpac-stride-row",
    { 2, 9, 9 },
    "[{type: cpac-conv, filters: 2, kernel: 3, rank: 2, stride: [3, 1], padding: same}]" },
  { "cpac-stride-column",
    { 2, 9, 10 },
    "[{type: cpac-conv, filters: 2, kernel: 4, rank: 2, stride: [1, 2], padding: same}]" },
  { "cpac-even",
    { 2, 7, 8 },
    "[{type: cpac-conv, filters: 3, kernel: [2, 4], rank: 3, padding: same}]" },
  { "cpac-dilated",
    { 2, 7, 8 },
    "[{type: cpac-conv, filters: 2, kernel: [2, 3], rank: 3, dilation: [3, 2], "
    "padding: [1, 2, 0, 3], bias: false}]" },
  { "cpac-dilated-stride",
    { 2, 17, 17 },
    "[{type: cpac-conv, filters: 2, kernel: 3, rank: 3, dilation: [2, 3], stride: [3, 2], "
    "padding: [3, 0, 2, 5]}]" },
  { "cpac-dilated-as-stride",
    { 1, 9, 12 },
    "[{type: cpac-conv, filters: 2, kernel: 3, rank: 2, dilation: 3, stride: 3, padding: same}]" },
  { "cpac-row", { 2, 3, 6 }, "[{type: cpac-conv, filters: 2, kernel: [1, 3], rank: 2}]" },
  { "cpac-column", { 2, 6, 3 }, "[{type: cpac-conv, filters: 2, kernel: [3, 1], rank: 2}]" },
  { "cpac-point", { 3, 2, 2 }, "[{type: cpac-conv, filters: 2, kernel: 1, rank: 2}]" },
  { "cpac-point-stride",
    { 3, 5, 5 },
    "[{type: cpac-conv, filters: 2, kernel: 1, rank: 2, stride: 2}]" },
  { "cpac-gaps", { 1, 9, 9 }, "[{type: cpac-conv, filters: 1, kernel: 2, rank: 1, stride: 4}]" },
  { "cpac-border-only",
    { 2, 2, 2 },
    "[{type: cpac-conv, filters: 2, kernel: 2, rank: 2, padding: [4, 4, 4, 4]}]" },
  { "cpac-uneven-padding",
    { 2, 5, 4 },
    "[{type: cpac-conv, filters: 2, kernel: 3, rank: 2, padding: [0, 3, 2, 0]}]" },
  { "cpac-wider-than-picture",
    { 1, 3, 5 },
    "[{type: cpac-conv, filters: 2, kernel: 11, rank: 2, padding: same}]" },
  { "cpac-wide",
    { 1, 3, 75 },
    "[{type: cpac-conv, filters: 2, kernel: [1, 70], rank: 2, padding: same}]" },
  { "cpac-wide-stride",
    { 1, 2, 160 },
    "[{type: cpac-conv, filters: 2, kernel: [1, 70], rank: 2, stride: [1, 3]}]" },
  { "cpac-64", { 1, 1, 70 }, "[{type: cpac-conv, filters: 1, kernel: [1, 64], rank: 2}]" },
  { "cpac-65", { 1, 1, 70 }, "[{type: cpac-conv, filters: 1, kernel: [1, 65], rank: 2}]" },
  { "cpac-tall",
    { 1, 75, 3 },
    "[{type: cpac-conv, filters: 2, kernel: [70, 1], rank: 2, padding: same}]" },
  { "cpac-tall-dilated",
    { 2, 75, 2 },
    "[{type: cpac-conv, filters: 2, kernel: [37, 1], rank: 2, dilation: 2, padding: valid}]" },
  { "cpac-253",
    { 2, 5, 253 },
    "[{type: cpac-conv, filters: 3, kernel: 5, rank: 4, padding: same}]" },
  /* More than one strip; the last is lower, and one is not much more than its halo. */
  { "cpac-strips",
    { 3, 45, 300 },
    "[{type: cpac-conv, filters: 4, kernel: 3, rank: 8, padding: same}]" },
  { "cpac-strips-high",
    { 2, 37, 1000 },
    "[{type: cpac-conv, filters: 5, kernel: [5, 3], rank: 24, padding: same}]" },
  { "cpac-strips-dilated",
    { 2, 53, 500 },
    "[{type: cpac-conv, filters: 3, kernel: 3, rank: 24, dilation: [7, 2], "
    "padding: [9, 0, 1, 3], bias: false}]" },
  { "linear", { 2, 3, 5 }, "[{type: linear, units: 3}]" },
  { "linear-one", { 1, 1, 1 }, "[{type: linear, units: 1, bias: false}]" },
  { "linear-many", { 1, 1, 253 }, "[{type: linear, units: 130}]" },
  { "conv", { 2, 5, 4 }, "[{type: conv, filters: 3, kernel: 3}]" },
  { "conv-one", { 1, 1, 1 }, "[{type: conv, filters: 1, kernel: 1}]" },
  { "conv-point", { 3, 5, 3 }, "[{type: conv, filters: 2, kernel: 1}]" },
  { "conv-point-stride", { 3, 5, 4 }, "[{type: conv, filters: 2, kernel: 1, stride: 2}]" },
  { "conv-point-row-stride", { 3, 5, 4 }, "[{type: conv, filters: 2, kernel: 1, stride: [2, 1]}]" },
  { "conv-point-padded",
    { 2, 3, 3 },
    "[{type: conv, filters: 2, kernel: 1, padding: [0, 0, 1, 0], bias: false}]" },
  { "conv-same-stride",
    { 2, 5, 6 },
    "[{type: conv, filters: 2, kernel: [3, 2], stride: [2, 1], padding: same}]" },
  { "conv-dilated",
    { 1, 7, 7 },
    "[{type: conv, filters: 2, kernel: 2, dilation: [3, 2], padding: [1, 0, 2, 3], bias: false}]" },
  { "conv-stride-3",
    { 2, 17, 17 },
    "[{type: conv, filters: 1, kernel: 4, stride: 3, padding: same}]" },
  { "conv-row", { 2, 3, 6 }, "[{type: conv, filters: 2, kernel: [1, 3]}]" },
  { "conv-column", { 2, 6, 3 }, "[{type: conv, filters: 2, kernel: [3, 1], padding: same}]" },
  { "conv-wide", { 1, 2, 75 }, "[{type: conv, filters: 2, kernel: [1, 70], padding: same}]" },
  { "conv-border-only",
    { 1, 2, 2 },
    "[{type: conv, filters: 1, kernel: 2, padding: [4, 4, 4, 4]}]" },
  { "conv-253", { 1, 3, 253 }, "[{type: conv, filters: 2, kernel: 3, padding: same}]" },
};

static const Case choices[] = {
  { "relu", { 2, 3, 5 }, "[{type: relu}]" },
  { "relu-one", { 1, 1, 1 }, "[{type: relu}]" },
  { "relu-253", { 3, 2, 253 }, "[{type: relu}]" },
  { "pool", { 2, 4, 6 }, "[{type: max-pool, size: 2}]" },
  { "pool-odd", { 2, 5, 7 }, "[{type: max-pool, size: 2}]" },
  { "pool-one", { 1, 2, 2 }, "[{type: max-pool, size: 2}]" },
  { "pool-253", { 2, 4, 253 }, "[{type: max-pool, size: 2}]" },
  { "pool-clipped", { 2, 5, 7 }, "[{type: max-pool, size: 2, ceil: true}]" },
  { "pool-clipped-even", { 2, 4, 6 }, "[{type: max-pool, size: 2, ceil: true}]" },
  { "pool-same", { 1, 5, 6 }, "[{type: max-pool, size: 2, padding: same}]" },
  { "pool-padded-after", { 1, 4, 4 }, "[{type: max-pool, size: 2, padding: [0, 0, 1, 1]}]" },
  { "pool-padded-before", { 1, 4, 4 }, "[{type: max-pool, size: 2, padding: [1, 1, 0, 0]}]" },
  { "pool-overlap",
    { 1, 7, 5 },
    "[{type: max-pool, size: 3, stride: 2, ceil: true, padding: [1, 1, 1, 1]}]" },
  { "pool-strides", { 2, 6, 6 }, "[{type: max-pool, size: 2, stride: [2, 1]}]" },
};

static const Case chains[] = {
  { "plain",
    { 1, 10, 10 },
    "[{type: cpac-conv, filters: 3, kernel: 3, rank: 2}, {type: relu}, "
    "{type: max-pool, size: 2}, {type: cpac-conv, filters: 2, kernel: 3, rank: 3, padding: same}, "
    "{type: relu}, {type: flatten}, {type: linear, units: 4}]" },
  { "branches",
    { 2, 9, 12 },
    "[{name: a, type: cpac-conv, filters: 2, kernel: 3, rank: 2, padding: same}, "
    "{name: b, type: relu, inputs: [a]}, "
    "{name: c, type: cpac-conv, filters: 2, kernel: 5, rank: 3, padding: same, inputs: [a]}, "
    "{name: d, type: conv, filters: 2, kernel: 3, padding: same, inputs: [input]}, "
    "{type: add, inputs: [b, c, d]}, {type: max-pool, size: 2}, "
    "{type: cpac-conv, filters: 1, kernel: 3, rank: 2, stride: 2}]" },
  /* Outputs that see nothing but border, in a scratch that another layer has used. */
  { "border",
    { 2, 9, 9 },
    "[{type: cpac-conv, filters: 2, kernel: 3, rank: 5, padding: same}, "
    "{type: cpac-conv, filters: 2, kernel: 2, rank: 3, padding: [4, 4, 4, 4]}]" },
};

/* What a cpac-conv layer takes along, and what it must not. */
static const Case tails[] = {
  { "relu", { 2, 7, 9 }, "[{type: cpac-conv, filters: 3, kernel: 3, rank: 2}, {type: relu}]" },
  { "pool",
    { 2, 8, 10 },
    "[{type: cpac-conv, filters: 3, kernel: 3, rank: 2, padding: same}, "
    "{type: max-pool, size: 2}]" },
  { "relu-pool",
    { 2, 9, 37 },
    "[{type: cpac-conv, filters: 3, kernel: 3, rank: 2}, {type: relu}, {type: max-pool, size: "
    "2}]" },
  { "pool-relu-odd",
    { 1, 7, 9 },
    "[{type: cpac-conv, filters: 3, kernel: 3, rank: 2, padding: same}, "
    "{type: max-pool, size: 2}, {type: relu}, {type: flatten}, {type: linear, units: 3}]" },
  { "strips",
    { 3, 45, 301 },
    "[{type: cpac-conv, filters: 4, kernel: 3, rank: 8, padding: same}, {type: relu}, "
    "{type: max-pool, size: 2}, {type: cpac-conv, filters: 2, kernel: 3, rank: 3}, {type: relu}, "
    "{type: relu}, {type: max-pool, size: 3}]" },
  { "one-row",
    { 1, 1, 5 },
    "[{type: cpac-conv, filters: 2, kernel: [1, 3], rank: 2}, {type: relu}]" },
  { "two-readers",
    { 2, 8, 8 },
    "[{name: a, type: cpac-conv, filters: 2, kernel: 3, rank: 2, padding: same}, "
    "{name: b, type: relu, inputs: [a]}, {type: add, inputs: [a, b]}]" },
  { "reader-of-the-middle",
    { 2, 8, 8 },
    "[{type: cpac-conv, filters: 2, kernel: 3, rank: 2, padding: same}, {name: b, type: relu}, "
    "{name: c, type: max-pool, size: 2, inputs: [b]}, {type: upsample, factor: 2, inputs: [c]}, "
    "{name: d, type: relu}, {type: add, inputs: [b, d]}]" },
  { "elsewhere",
    { 2, 8, 8 },
    "[{name: a, type: cpac-conv, filters: 2, kernel: 3, rank: 2, padding: same}, "
    "{name: b, type: relu, inputs: [input]}, {type: add, inputs: [a, b]}]" },
  { "strided",
    { 2, 9, 9 },
    "[{type: cpac-conv, filters: 2, kernel: 3, rank: 2, stride: 2}, {type: relu}, "
    "{type: max-pool, size: 2}]" },
};

/* A network with all that one pass over it reads. */
typedef struct {
  CpacNetwork *network;
  CpacParams *params;
  gsize n_input, n_output;
  float *input, *dout;
} Fixture;

/* What one pass leaves: floats as doubles. */
typedef struct {
  double *output, *input_gradient;
  double **gradients; /* (n_params) */
  guint n_params;
} Result;

#define BASE 0.5 /* stands in the parameters' gradients before the pass */

static void
fill (float *values, gsize n, GRand *random)
{
  for (gsize i = 0; i < n; i++)
    values[i] = (float) g_rand_double_range (random, -1, 1);
}

static void
fixture_init (Fixture *fixture, const Case *test)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CpacConfig) list =
      cpac_config_parse (test->name, test->layers, strlen (test->layers), &error);
  GRand *random = g_rand_new_with_seed (11);

  g_assert_no_error (error);
  fixture->network = cpac_network_new (list, &test->input, &error);
  g_assert_no_error (error);
  fixture->params = cpac_params_new_random (fixture->network, 7);
  fixture->n_input = cpac_dims_count (&test->input);
  fixture->n_output = cpac_dims_count (cpac_network_get_output (fixture->network));
  fixture->input = g_new (float, fixture->n_input);
  fixture->dout = g_new (float, fixture->n_output);
  fill (fixture->input, fixture->n_input, random);
  fill (fixture->dout, fixture->n_output, random);
  g_rand_free (random);
}

static void
fixture_clear (Fixture *fixture)
{
  cpac_params_free (fixture->params);
  cpac_network_free (fixture->network);
  g_free (fixture->input);
  g_free (fixture->dout);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Fixture, fixture_clear)

static void
result_clear (Result *result)
{
  for (guint i = 0; i < result->n_params; i++)
    g_free (result->gradients[i]);
  g_free (result->gradients);
  g_free (result->output);
  g_free (result->input_gradient);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Result, result_clear)

static gsize
size_of_param (const Fixture *fixture, guint i)
{
  return cpac_shape_count (&fixture->params->values[i]->shape);
}

static void
write_reals (gpointer to, const float *from, gsize n, gboolean is_double, double scale)
{
  for (gsize i = 0; i < n; i++)
    if (is_double)
      ((double *) to)[i] = scale * from[i];
    else
      ((float *) to)[i] = (float) (scale * from[i]);
}

static double *
read_reals (gconstpointer from, gsize n, gboolean is_double)
{
  double *to = g_new (double, n + 1);

  for (gsize i = 0; i < n; i++)
    to[i] = is_double ? ((const double *) from)[i] : ((const float *) from)[i];
  return to;
}

/* One forward and backward pass on the input and output gradient times @scale, gradients added to
 * @base. */
static void
pass (const Fixture *fixture, CpacRun *run, gboolean is_double, double scale, double base,
      Result *result)
{
  guint n_params = fixture->params->n_params;
  gint last = (gint) cpac_network_get_n_layers (fixture->network) - 1;
  g_autofree gpointer *gradients = g_new0 (gpointer, n_params + 1);

  for (guint i = 0; i < n_params; i++) {
    gsize n = size_of_param (fixture, i);

    gradients[i] = g_malloc_n (n, is_double ? sizeof (double) : sizeof (float));
    for (gsize k = 0; k < n; k++)
      if (is_double)
        ((double *) gradients[i])[k] = base;
      else
        ((float *) gradients[i])[k] = (float) base;
  }
  cpac_run_bind_gradients (run, gradients);
  write_reals (cpac_run_get_input (run, 0), fixture->input, fixture->n_input, is_double, scale);
  cpac_run_forward (run);
  write_reals (cpac_run_get_output_gradient (run, last, 0), fixture->dout, fixture->n_output,
               is_double, scale);
  cpac_run_backward (run);
  *result = (Result){
    .output = read_reals (cpac_run_get_output (run, (guint) last, 0), fixture->n_output, is_double),
    .input_gradient = read_reals (cpac_run_get_output_gradient (run, CPAC_NETWORK_INPUT, 0),
                                  fixture->n_input, is_double),
    .gradients = g_new0 (double *, n_params + 1),
    .n_params = n_params,
  };
  for (guint i = 0; i < n_params; i++) {
    result->gradients[i] = read_reals (gradients[i], size_of_param (fixture, i), is_double);
    g_free (gradients[i]);
  }
}

/* With @ops, after a pass on quite other numbers, so that what it left in scratch and caches would
 * show. */
static void
pass_of_ops (const Fixture *fixture, const CpacLayerOps *ops, gsize cache_bytes, Result *result)
{
  CpacRunOptions options = CPAC_RUN_OPTIONS_INIT;
  g_autoptr (CpacRun) run = NULL;
  g_auto (Result) waste = { 0 };

  options.gradients = options.input_gradient = TRUE;
  options.ops = ops;
  options.strip = G_MAXUINT;
  options.cache_bytes = cache_bytes;
  run = cpac_run_new (fixture->network, fixture->params, &options);
  pass (fixture, run, FALSE, -1e4, 0, &waste);
  pass (fixture, run, FALSE, 1, BASE, result);
}

static void
pass_of_training (const Fixture *fixture, gsize cache_bytes, Result *result)
{
  pass_of_ops (fixture, cpac_train_ops (), cache_bytes, result);
}

static void
pass_of_reference (const Fixture *fixture, CpacPrecision precision, double base, Result *result)
{
  CpacRunOptions options = CPAC_RUN_OPTIONS_INIT;
  g_autoptr (CpacRun) run = NULL;

  options.gradients = options.input_gradient = TRUE;
  options.precision = precision;
  run = cpac_run_new (fixture->network, fixture->params, &options);
  pass (fixture, run, precision == CPAC_PRECISION_DOUBLE, 1, base, result);
}

/* Every number of the fixture becomes its magnitude. */
static void
make_positive (Fixture *fixture)
{
  for (gsize i = 0; i < fixture->n_input; i++)
    fixture->input[i] = fabsf (fixture->input[i]);
  for (gsize i = 0; i < fixture->n_output; i++)
    fixture->dout[i] = fabsf (fixture->dout[i]);
  for (guint p = 0; p < fixture->params->n_params; p++)
    for (gsize i = 0; i < size_of_param (fixture, p); i++)
      fixture->params->values[p]->data[i] = fabsf (fixture->params->values[p]->data[i]);
}

/* Terms of the longest chain of sums through the first layer, forward and back. */
static double
count_roundings (const Fixture *fixture)
{
  const CpacLayer *layer = cpac_network_get_layer (fixture->network, 0);
  const CpacDims *in = &layer->in[0], *out = &layer->out;
  double n = (double) in->height * in->width + (double) out->height * out->width +
             (double) out->height * in->width + 16;

  for (guint p = 0; p < layer->n_params; p++) {
    const CpacShape *shape = &layer->params[p].shape;
    double taps = shape->n_dims == 4 ? (double) shape->dims[2] * (double) shape->dims[3] : 1;

    for (guint d = 0; d < MIN (shape->n_dims, 2); d++)
      n += (double) shape->dims[d] * taps;
  }
  return n;
}

static void
assert_close (const char *what, const double *found, const double *expected,
              const double *magnitude, gsize n, double roundings)
{
  double largest = 0;

  for (gsize i = 0; i < n; i++) {
    double bound = roundings * FLT_EPSILON * magnitude[i];

    if (!(fabs (found[i] - expected[i]) <= bound))
      g_error ("%s[%" G_GSIZE_FORMAT "]: found %.9g, expected %.9g +- %g", what, i, found[i],
               expected[i], bound);
    largest = MAX (largest, magnitude[i]);
  }
  /* Guard against passing trivially. */
  g_assert_cmpfloat (largest, >, 0);
}

static void
test_products (gconstpointer data)
{
  g_auto (Fixture) fixture = { 0 };
  g_auto (Result) expected = { 0 };
  g_auto (Result) magnitude = { 0 };
  g_auto (Result) plain = { 0 };
  g_auto (Result) cached = { 0 };
  const Result *results[] = { &plain, &cached };
  double roundings;

  fixture_init (&fixture, data);
  roundings = count_roundings (&fixture);
  pass_of_training (&fixture, 0, &plain);
  pass_of_training (&fixture, 1 << 20, &cached);
  pass_of_reference (&fixture, CPAC_PRECISION_DOUBLE, BASE, &expected);
  make_positive (&fixture);
  pass_of_reference (&fixture, CPAC_PRECISION_DOUBLE, BASE, &magnitude);
  for (guint k = 0; k < G_N_ELEMENTS (results); k++) {
    assert_close ("output", results[k]->output, expected.output, magnitude.output, fixture.n_output,
                  roundings);
    assert_close ("input gradient", results[k]->input_gradient, expected.input_gradient,
                  magnitude.input_gradient, fixture.n_input, roundings);
    for (guint i = 0; i < expected.n_params; i++)
      assert_close (cpac_network_get_layer (fixture.network, 0)->params[i].name,
                    results[k]->gradients[i], expected.gradients[i], magnitude.gradients[i],
                    size_of_param (&fixture, i), roundings);
  }
}

static void
assert_same (const Fixture *fixture, const Result *a, const Result *b)
{
  gsize n_output = fixture->n_output * sizeof (double);
  gsize n_input = fixture->n_input * sizeof (double);

  g_assert_cmpmem (a->output, n_output, b->output, n_output);
  g_assert_cmpmem (a->input_gradient, n_input, b->input_gradient, n_input);
  for (guint i = 0; i < a->n_params; i++) {
    gsize n = size_of_param (fixture, i) * sizeof (double);

    g_assert_cmpmem (a->gradients[i], n, b->gradients[i], n);
  }
}

/* Few different values, so that pools see ties and ReLU zeros. */
static void
make_coarse (Fixture *fixture)
{
  for (gsize i = 0; i < fixture->n_input; i++)
    fixture->input[i] = roundf (2 * fixture->input[i]);
}

static void
test_choices (gconstpointer data)
{
  g_auto (Fixture) fixture = { 0 };

  fixture_init (&fixture, data);
  for (guint k = 0; k < 2; k++) {
    g_auto (Result) expected = { 0 };
    g_auto (Result) found = { 0 };

    pass_of_reference (&fixture, CPAC_PRECISION_SINGLE, BASE, &expected);
    pass_of_training (&fixture, 0, &found);
    assert_same (&fixture, &expected, &found);
    make_coarse (&fixture);
  }
}

/* Whatever the caches hold, from nothing over one layer's to all, the bits are the same: they keep
 * what is computed twice otherwise. And the whole chain is near the reference's. */
static void
test_caches (gconstpointer data)
{
  g_auto (Fixture) fixture = { 0 };
  g_auto (Result) none = { 0 };
  g_auto (Result) reference = { 0 };
  double largest = 0;

  fixture_init (&fixture, data);
  pass_of_training (&fixture, 0, &none);
  for (gsize bytes = 1; bytes <= 1 << 20; bytes *= 4) {
    g_auto (Result) some = { 0 };

    pass_of_training (&fixture, bytes, &some);
    assert_same (&fixture, &none, &some);
  }
  pass_of_reference (&fixture, CPAC_PRECISION_DOUBLE, BASE, &reference);
  for (gsize i = 0; i < fixture.n_input; i++)
    largest = MAX (largest, fabs (reference.input_gradient[i]));
  g_assert_cmpfloat (largest, >, 0);
  /* Some thousand roundings of 2^-24. */
  for (gsize i = 0; i < fixture.n_input; i++)
    g_assert_cmpfloat_with_epsilon (none.input_gradient[i], reference.input_gradient[i],
                                    1e-4 * largest);
}

/* Layer by layer gives the same bits as with the tail taken along. */
static void
test_tails (gconstpointer data)
{
  g_auto (Fixture) fixture = { 0 };
  CpacLayerOps alone[8];
  guint n = 0;

  do {
    g_assert_cmpuint (n, <, G_N_ELEMENTS (alone));
    alone[n] = cpac_train_ops ()[n];
    alone[n].take_along = NULL;
  } while (alone[n++].klass != NULL);
  fixture_init (&fixture, data);
  for (gsize bytes = 0; bytes <= 1 << 20; bytes += 1 << 20) {
    g_auto (Result) expected = { 0 };
    g_auto (Result) found = { 0 };

    pass_of_ops (&fixture, alone, bytes, &expected);
    pass_of_training (&fixture, bytes, &found);
    assert_same (&fixture, &expected, &found);
  }
}

/* The planes between a layer and its tail do not exist; the last one's do. */
static void
test_tail_planes (void)
{
  g_auto (Fixture) fixture = { 0 };
  CpacRunOptions options = CPAC_RUN_OPTIONS_INIT;
  g_autoptr (CpacRun) run = NULL;

  fixture_init (&fixture, &tails[2]); /* relu-pool */
  options.gradients = TRUE;
  options.ops = cpac_train_ops ();
  options.strip = G_MAXUINT;
  run = cpac_run_new (fixture.network, fixture.params, &options);
  for (guint i = 0; i < 3; i++) {
    g_assert_cmpint (cpac_run_get_output (run, i, 0) != NULL, ==, i == 2);
    g_assert_cmpint (cpac_run_get_output_gradient (run, (gint) i, 0) != NULL, ==, i == 2);
  }
}

/* A layer on the frame has no gradient to hand down: its parameters' are the same. */
static void
test_without_input_gradient (gconstpointer data)
{
  g_auto (Fixture) fixture = { 0 };
  g_auto (Result) expected = { 0 };
  CpacRunOptions options = CPAC_RUN_OPTIONS_INIT;
  g_autoptr (CpacRun) run = NULL;
  g_autofree gpointer *gradients = NULL;
  gint last;

  fixture_init (&fixture, data);
  last = (gint) cpac_network_get_n_layers (fixture.network) - 1;
  pass_of_training (&fixture, 0, &expected);
  options.gradients = TRUE;
  options.ops = cpac_train_ops ();
  options.strip = G_MAXUINT;
  run = cpac_run_new (fixture.network, fixture.params, &options);
  gradients = g_new0 (gpointer, fixture.params->n_params + 1);
  for (guint i = 0; i < fixture.params->n_params; i++) {
    float *gradient = gradients[i] = g_new (float, size_of_param (&fixture, i));

    for (gsize k = 0; k < size_of_param (&fixture, i); k++)
      gradient[k] = BASE;
  }
  cpac_run_bind_gradients (run, gradients);
  memcpy (cpac_run_get_input (run, 0), fixture.input, fixture.n_input * sizeof (float));
  cpac_run_forward (run);
  memcpy (cpac_run_get_output_gradient (run, last, 0), fixture.dout,
          fixture.n_output * sizeof (float));
  cpac_run_backward (run);
  for (guint i = 0; i < fixture.params->n_params; i++) {
    for (gsize k = 0; k < size_of_param (&fixture, i); k++)
      g_assert_cmpfloat (((float *) gradients[i])[k], ==, expected.gradients[i][k]);
    g_free (gradients[i]);
  }
}

static void
add_cases (const char *group, const Case *cases, guint n, GTestDataFunc func)
{
  for (guint i = 0; i < n; i++) {
    g_autofree char *path = g_strdup_printf ("/train-ops/%s/%s", group, cases[i].name);

    g_test_add_data_func (path, &cases[i], func);
  }
}

/* Whole pictures of a wide kernel on a large input: refused before memory is taken. */
static void
test_too_much_scratch (void)
{
  static const char text[] = "[{type: relu}, {name: wide, type: conv, filters: 1, kernel: 9}]";
  const CpacDims input = { 1, 4096, 4096 };
  g_autoptr (GError) error = NULL;
  g_autoptr (CpacConfig) list = cpac_config_parse ("toy", text, strlen (text), &error);
  g_autoptr (CpacNetwork) network = cpac_network_new (list, &input, &error);

  g_assert_no_error (error);
  g_assert_false (cpac_train_check_scratch (network, &error));
  g_assert_error (error, CPAC_ERROR, CPAC_ERROR_SHAPE);
  /* Patches and their gradients: 2 x 81 x 4088 x 4088. */
  g_assert_cmpstr (error->message, ==,
                   "training layer wide would need 2707302528 intermediate elements at once, at "
                   "most 536870912 are taken");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  cpac_linalg_init ();
  add_cases ("products", products, G_N_ELEMENTS (products), test_products);
  add_cases ("choices", choices, G_N_ELEMENTS (choices), test_choices);
  add_cases ("caches", chains, G_N_ELEMENTS (chains), test_caches);
  add_cases ("tails", tails, G_N_ELEMENTS (tails), test_tails);
  g_test_add_func ("/train-ops/tail-planes", test_tail_planes);
  add_cases ("bottom", chains, G_N_ELEMENTS (chains), test_without_input_gradient);
  add_cases ("bottom", products, G_N_ELEMENTS (products), test_without_input_gradient);
  g_test_add_func ("/train-ops/too-much-scratch", test_too_much_scratch);
  return g_test_run ();
}
