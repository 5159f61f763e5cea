/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include <math.h>
#include <string.h>

#include "core/network/run.h"

/*
 * Every layer's backward against central differences of its forward, in double, by every input and
 * every parameter. The loss is sum_i w_i y_i with fixed weights, so a wrong term cannot hide behind
 * a symmetric one. With step h the difference quotient is off by h^2 |f'''| / 6 + eps |f| / h,
 * about 1e-10 for h = 1e-5 and values of order 1: far below the tolerance, far above a mistake.
 */
#define STEP 1e-5
#define TOLERANCE 1e-6

typedef struct {
  const char *name;
  CpacDims input;
  const char *layers; /* YAML list; the first entry may read `input` only */
} Case;

static const Case cases[] = {
  { "relu", { 2, 3, 5 }, "[{type: relu}]" },
  { "linear", { 2, 3, 2 }, "[{type: linear, units: 5}]" },
  { "linear-no-bias", { 3, 1, 1 }, "[{type: linear, units: 1, bias: false}]" },
  { "flatten", { 2, 3, 2 }, "[{type: flatten}, {type: linear, units: 3}]" },
  { "max-pool", { 2, 5, 5 }, "[{type: max-pool, size: 2}]" },
  { "max-pool-overlap",
    { 1, 7, 5 },
    "[{type: max-pool, size: 3, stride: 2, ceil: true, padding: [1, 1, 1, 1]}]" },
  { "average-pool", { 2, 5, 5 }, "[{type: average-pool, size: 2, ceil: true}]" },
  { "average-pool-padded",
    { 1, 5, 4 },
    "[{type: average-pool, size: [3, 2], stride: 1, padding: same}]" },
  { "global-average-pool", { 3, 4, 5 }, "[{type: global-average-pool}]" },
  { "add", { 2, 3, 3 }, "[{name: a, type: relu}, {type: add, inputs: [input, a, a]}]" },
  { "concat",
    { 2, 3, 3 },
    "[{name: a, type: relu}, {type: concat, inputs: [a, input, a]}, {type: linear, units: 2}]" },
  { "upsample", { 2, 3, 2 }, "[{type: upsample, factor: [2, 3]}]" },
  { "upsample-odd", { 1, 3, 5 }, "[{type: upsample, size: [7, 8]}]" },
  { "standardize", { 2, 4, 3 }, "[{type: standardize, mean: 0.5, spread: 2}]" },
  { "standardize-clip", { 2, 4, 3 }, "[{type: standardize, spread: 2, clip: [-1, 1.5]}]" },
  { "local-contrast", { 2, 6, 5 }, "[{type: local-contrast, window: 3, epsilon: 0.05}]" },
  { "local-contrast-wide", { 1, 4, 5 }, "[{type: local-contrast, window: 9, epsilon: 0.1}]" },
  { "template",
    { 1, 2, 3 },
    "[{name: t, type: template, channels: 2, height: 2, width: 3}, "
    "{type: concat, inputs: [input, t]}, {type: linear, units: 2}]" },
  { "conv", { 2, 5, 4 }, "[{type: conv, filters: 3, kernel: 3}]" },
  { "conv-same-stride",
    { 2, 5, 6 },
    "[{type: conv, filters: 2, kernel: [3, 2], stride: [2, 1], padding: same}]" },
  { "conv-dilated",
    { 1, 7, 7 },
    "[{type: conv, filters: 2, kernel: 2, dilation: [3, 2], padding: [1, 0, 2, 3], bias: false}]" },
  { "cpac-conv", { 3, 5, 4 }, "[{type: cpac-conv, filters: 4, kernel: 3, rank: 2}]" },
  { "cpac-conv-gray",
    { 1, 6, 5 },
    "[{type: cpac-conv, filters: 3, kernel: 3, rank: 5, padding: same}]" },
  { "cpac-conv-stride",
    { 2, 7, 6 },
    "[{type: cpac-conv, filters: 3, kernel: [3, 5], rank: 2, stride: [2, 3], padding: same}]" },
  { "cpac-conv-dilated",
    { 2, 7, 8 },
    "[{type: cpac-conv, filters: 2, kernel: [2, 3], rank: 3, dilation: [3, 2], "
    "padding: [1, 2, 0, 3], bias: false}]" },
  { "cpac-conv-row", { 2, 3, 6 }, "[{type: cpac-conv, filters: 2, kernel: [1, 3], rank: 2}]" },
  { "cpac-conv-column", { 2, 6, 3 }, "[{type: cpac-conv, filters: 2, kernel: [3, 1], rank: 2}]" },
  { "cpac-conv-point", { 3, 2, 2 }, "[{type: cpac-conv, filters: 2, kernel: 1, rank: 2}]" },
  { "cpac-conv-sparse",
    { 1, 9, 9 },
    "[{type: cpac-conv, filters: 1, kernel: 2, rank: 1, stride: 4}]" },
  { "chain",
    { 1, 10, 10 },
    "[{type: cpac-conv, filters: 3, kernel: 3, rank: 2}, {type: relu}, "
    "{type: max-pool, size: 2}, {type: cpac-conv, filters: 2, kernel: 3, rank: 3, padding: same}, "
    "{type: relu}, {type: flatten}, {type: linear, units: 4}]" },
};

typedef struct {
  CpacNetwork *network;
  CpacParams *params;
  CpacRun *run;
  GRand *random;
  gsize n_input;
  double *weights; /* of the loss */
  gsize n_output;
} Fixture;

static CpacNetwork *
network_of (const Case *test)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CpacConfig) list =
      cpac_config_parse (test->name, test->layers, strlen (test->layers), &error);
  CpacNetwork *network;

  g_assert_no_error (error);
  network = cpac_network_new (list, &test->input, &error);
  g_assert_no_error (error);
  return network;
}

/* Values in +-1 that keep clear of the kinks of relu and max by their own step. */
static void
fill (double *values, gsize n, GRand *random)
{
  for (gsize i = 0; i < n; i++) {
    values[i] = g_rand_double_range (random, -1, 1);
    if (fabs (values[i]) < 0.01)
      values[i] = 0.01;
  }
}

static void
set_up (Fixture *fixture, const Case *test)
{
  CpacRunOptions options = CPAC_RUN_OPTIONS_INIT;

  fixture->network = network_of (test);
  fixture->params = cpac_params_new_random (fixture->network, 7);
  fixture->random = g_rand_new_with_seed (11);
  options.precision = CPAC_PRECISION_DOUBLE;
  options.gradients = options.input_gradient = TRUE;
  fixture->run = cpac_run_new (fixture->network, fixture->params, &options);
  fixture->n_input = cpac_dims_count (&test->input);
  fixture->n_output = cpac_dims_count (cpac_network_get_output (fixture->network));
  fixture->weights = g_new (double, fixture->n_output);
  fill (fixture->weights, fixture->n_output, fixture->random);
  fill (cpac_run_get_input (fixture->run, 0), fixture->n_input, fixture->random);
}

static void
tear_down (Fixture *fixture)
{
  cpac_run_free (fixture->run);
  cpac_params_free (fixture->params);
  cpac_network_free (fixture->network);
  g_rand_free (fixture->random);
  g_free (fixture->weights);
}

static guint
last_layer (const Fixture *fixture)
{
  return cpac_network_get_n_layers (fixture->network) - 1;
}

static double
loss (const Fixture *fixture)
{
  const double *y;
  double sum = 0;

  cpac_run_forward (fixture->run);
  y = cpac_run_get_output (fixture->run, last_layer (fixture), 0);
  for (gsize i = 0; i < fixture->n_output; i++)
    sum += fixture->weights[i] * y[i];
  return sum;
}

/* Compares @gradient with the slope of the loss as each of the @n @values moves. */
static double
check_slopes (const Fixture *fixture, const char *what, double *values, const double *gradient,
              gsize n)
{
  double largest = 0;

  for (gsize i = 0; i < n; i++) {
    double keep = values[i], up, down, slope;

    values[i] = keep + STEP;
    up = loss (fixture);
    values[i] = keep - STEP;
    down = loss (fixture);
    values[i] = keep;
    slope = (up - down) / (2 * STEP);
    if (!(fabs (slope - gradient[i]) <= TOLERANCE * MAX (1, fabs (slope))))
      g_error ("%s[%" G_GSIZE_FORMAT "]: backward says %.10g, the slope is %.10g", what, i,
               gradient[i], slope);
    largest = MAX (largest, fabs (gradient[i]));
  }
  return largest;
}

static void
test_gradients (gconstpointer data)
{
  const Case *test = data;
  Fixture fixture = { 0 };
  gpointer *gradients;
  g_autofree double *input_gradient = NULL;
  guint n = 0;

  set_up (&fixture, test);
  gradients = g_new0 (gpointer, fixture.params->n_params + 1);
  for (guint i = 0; i < fixture.params->n_params; i++)
    gradients[i] = g_new0 (double, cpac_shape_count (&fixture.params->values[i]->shape));
  cpac_run_bind_gradients (fixture.run, gradients);
  loss (&fixture);
  memcpy (cpac_run_get_output_gradient (fixture.run, (gint) last_layer (&fixture), 0),
          fixture.weights, fixture.n_output * sizeof (double));
  cpac_run_backward (fixture.run);
  input_gradient = g_memdup2 (cpac_run_get_output_gradient (fixture.run, CPAC_NETWORK_INPUT, 0),
                              fixture.n_input * sizeof (double));
  g_assert_cmpfloat (check_slopes (&fixture, "input", cpac_run_get_input (fixture.run, 0),
                                   input_gradient, fixture.n_input),
                     >, 0);

  for (guint i = 0; i < cpac_network_get_n_layers (fixture.network); i++) {
    const CpacLayer *layer = cpac_network_get_layer (fixture.network, i);

    for (guint p = 0; p < layer->n_params; p++, n++) {
      g_autofree char *what = g_strdup_printf ("%s.%s", layer->name, layer->params[p].name);
      double largest;

      if (layer->params[p].constant)
        continue;
      largest = check_slopes (&fixture, what, cpac_run_get_value (fixture.run, n), gradients[n],
                              cpac_shape_count (&layer->params[p].shape));
      /* Guard against passing trivially. */
      g_assert_cmpfloat (largest, >, 0);
    }
  }
  for (guint i = 0; i < fixture.params->n_params; i++)
    g_free (gradients[i]);
  g_free (gradients);
  tear_down (&fixture);
}

/* The single-precision backward is the same source: it must agree with double. */
static void
test_single_precision (gconstpointer data)
{
  const Case *test = data;
  Fixture fixture = { 0 };
  CpacRunOptions options = CPAC_RUN_OPTIONS_INIT;
  CpacRun *single;
  gpointer *in_double, *in_single;

  set_up (&fixture, test);
  options.gradients = TRUE;
  single = cpac_run_new (fixture.network, fixture.params, &options);
  in_double = g_new0 (gpointer, fixture.params->n_params + 1);
  in_single = g_new0 (gpointer, fixture.params->n_params + 1);
  for (guint i = 0; i < fixture.params->n_params; i++) {
    gsize n = cpac_shape_count (&fixture.params->values[i]->shape);

    in_double[i] = g_new0 (double, n);
    in_single[i] = g_new0 (float, n);
  }
  cpac_run_bind_gradients (fixture.run, in_double);
  cpac_run_bind_gradients (single, in_single);
  for (gsize i = 0; i < fixture.n_input; i++)
    ((float *) cpac_run_get_input (single, 0))[i] =
        (float) ((double *) cpac_run_get_input (fixture.run, 0))[i];
  cpac_run_forward (fixture.run);
  cpac_run_forward (single);
  for (gsize i = 0; i < fixture.n_output; i++) {
    gint last = (gint) last_layer (&fixture);

    ((double *) cpac_run_get_output_gradient (fixture.run, last, 0))[i] = fixture.weights[i];
    ((float *) cpac_run_get_output_gradient (single, last, 0))[i] = (float) fixture.weights[i];
  }
  cpac_run_backward (fixture.run);
  cpac_run_backward (single);
  /* At most some 10,000 terms of order 1, each off by a few 2^-24. */
  for (guint i = 0; i < fixture.params->n_params; i++)
    for (gsize k = 0; k < cpac_shape_count (&fixture.params->values[i]->shape); k++)
      g_assert_cmpfloat_with_epsilon (((double *) in_double[i])[k], ((float *) in_single[i])[k],
                                      1e-3);
  for (guint i = 0; i < fixture.params->n_params; i++) {
    g_free (in_double[i]);
    g_free (in_single[i]);
  }
  g_free (in_double);
  g_free (in_single);
  cpac_run_free (single);
  tear_down (&fixture);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *slopes = g_strdup_printf ("/gradients/slopes/%s", cases[i].name);
    g_autofree char *single = g_strdup_printf ("/gradients/single/%s", cases[i].name);

    g_test_add_data_func (slopes, &cases[i], test_gradients);
    g_test_add_data_func (single, &cases[i], test_single_precision);
  }
  return g_test_run ();
}
