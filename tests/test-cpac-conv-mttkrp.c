/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include <math.h>
#include <string.h>

#include "core/cp/cp.h"
#include "core/network/run.h"
#include "tests/cp-oracle.h"

/*
 * A CPAC-Conv layer and the dense layer with its rebuilt kernel are the same function, so their
 * backward passes must agree: input and bias gradients as they are, the factors' gradients by the
 * chain rule, the MTTKRP of the dense kernel's. Unlike finite differences this catches a layer
 * whose forward and backward share a wrong convention. All in double: sums of some 1000 terms of
 * order 1 on either side.
 */
#define TOLERANCE 1e-11

typedef struct {
  const char *name;
  CpacDims input;
  CpShape shape;
  const char *window; /* keys of both layers */
} Case;

static const Case cases[] = {
  { "plain", { 3, 5, 4 }, { NULL, { 4, 3, 3, 3 }, 2 }, "bias: true" },
  { "gray", { 1, 6, 5 }, { NULL, { 3, 3, 3, 1 }, 5 }, "padding: same" },
  { "one-filter", { 2, 3, 17 }, { NULL, { 1, 2, 5, 2 }, 3 }, "bias: true" },
  { "stride", { 2, 7, 6 }, { NULL, { 3, 3, 5, 2 }, 2 }, "stride: [2, 3], padding: same" },
  { "dilation", { 2, 7, 8 }, { NULL, { 2, 2, 3, 2 }, 3 }, "dilation: [3, 2]" },
  { "everything",
    { 5, 9, 11 },
    { NULL, { 5, 3, 2, 5 }, 17 },
    "stride: [1, 2], dilation: [2, 3], padding: [1, 2, 0, 3]" },
  { "row", { 2, 3, 6 }, { NULL, { 2, 1, 3, 2 }, 2 }, "padding: [0, 1, 0, 1]" },
  { "column", { 2, 6, 3 }, { NULL, { 2, 3, 1, 2 }, 2 }, "stride: [3, 1]" },
  { "point", { 3, 2, 2 }, { NULL, { 2, 1, 1, 3 }, 2 }, "bias: true" },
  { "one-output", { 2, 5, 5 }, { NULL, { 3, 5, 5, 2 }, 4 }, "bias: true" },
};

/* One layer, its run in double and its gradients. */
typedef struct {
  CpacNetwork *network;
  CpacParams *params;
  CpacRun *run;
  double **gradients;
} Net;

static void
net_init (Net *net, const Case *test, const char *layer)
{
  CpacRunOptions options = CPAC_RUN_OPTIONS_INIT;
  g_autoptr (GError) error = NULL;
  g_autoptr (CpacConfig) list = cpac_config_parse (test->name, layer, strlen (layer), &error);

  g_assert_no_error (error);
  net->network = cpac_network_new (list, &test->input, &error);
  g_assert_no_error (error);
  net->params = cpac_params_new_random (net->network, 7);
  options.precision = CPAC_PRECISION_DOUBLE;
  options.gradients = options.input_gradient = TRUE;
  net->run = cpac_run_new (net->network, net->params, &options);
  net->gradients = g_new0 (double *, net->params->n_params + 1);
  for (guint i = 0; i < net->params->n_params; i++)
    net->gradients[i] = g_new0 (double, cpac_shape_count (&net->params->values[i]->shape));
  cpac_run_bind_gradients (net->run, (gpointer *) net->gradients);
}

static void
net_clear (Net *net)
{
  cpac_run_free (net->run);
  for (guint i = 0; i < net->params->n_params; i++)
    g_free (net->gradients[i]);
  g_free (net->gradients);
  cpac_params_free (net->params);
  cpac_network_free (net->network);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Net, net_clear)

static guint
param_of (const Net *net, const char *name)
{
  const CpacLayer *layer = cpac_network_get_layer (net->network, 0);

  for (guint p = 0; p < layer->n_params; p++)
    if (g_str_equal (layer->params[p].name, name))
      return net->params->first[0] + p;
  g_error ("layer %s has no %s", layer->name, name);
}

/* The same numbers in +-1 for every call with the same n. */
static void
fill (double *values, gsize n)
{
  GRand *random = g_rand_new_with_seed (19);

  for (gsize i = 0; i < n; i++)
    values[i] = g_rand_double_range (random, -1, 1);
  g_rand_free (random);
}

static void
pass (Net *net)
{
  fill (cpac_run_get_input (net->run, 0), cpac_dims_count (cpac_network_get_input (net->network)));
  cpac_run_forward (net->run);
  fill (cpac_run_get_output_gradient (net->run, 0, 0),
        cpac_dims_count (cpac_network_get_output (net->network)));
  cpac_run_backward (net->run);
}

/* Relative to the largest entry: what rounding errors of sums scale with. */
static void
assert_equal (const char *what, const double *values, const double *expected, gsize n)
{
  double largest = 0;

  for (gsize i = 0; i < n; i++)
    largest = MAX (largest, fabs (expected[i]));
  g_assert_cmpfloat (largest, >, 0);
  for (gsize i = 0; i < n; i++)
    if (!(fabs (values[i] - expected[i]) <= TOLERANCE * largest))
      g_error ("%s[%" G_GSIZE_FORMAT "] is %.17g, the dense layer says %.17g", what, i, values[i],
               expected[i]);
}

/* Gives @dense the rebuilt kernel and the bias of @cp. */
static void
share_parameters (const Net *dense, const Net *cp, float *const factors[4], const CpShape *shape)
{
  g_autofree double *kernel = cp_dense (factors, shape, 0, shape->rank);

  memcpy (cpac_run_get_value (dense->run, param_of (dense, "weight")), kernel,
          cp_kernel_size (shape->dims) * sizeof (double));
  memcpy (cpac_run_get_value (dense->run, param_of (dense, "bias")),
          cpac_run_get_value (cp->run, param_of (cp, "bias")), shape->dims[0] * sizeof (double));
}

static void
compare_factors (const Net *dense, const Net *cp, float *const factors[4], const CpShape *shape)
{
  static const char *const names[4] = { "a", "b", "c", "d" };
  double *expected[4];

  for (guint m = 0; m < 4; m++)
    expected[m] = g_new (double, shape->dims[m] * shape->rank);
  cpac_cp_mttkrp (dense->gradients[param_of (dense, "weight")], (const float *const *) factors,
                  shape->dims, shape->rank, expected);
  for (guint m = 0; m < 4; m++) {
    assert_equal (names[m], cp->gradients[param_of (cp, names[m])], expected[m],
                  shape->dims[m] * shape->rank);
    g_free (expected[m]);
  }
}

static void
test_case (gconstpointer data)
{
  const Case *test = data;
  const CpShape *shape = &test->shape;
  const guint *dims = shape->dims;
  g_autofree char *cp_layer =
      g_strdup_printf ("[{type: cpac-conv, filters: %u, kernel: [%u, %u], rank: %u, %s}]", dims[0],
                       dims[1], dims[2], shape->rank, test->window);
  g_autofree char *dense_layer = g_strdup_printf (
      "[{type: conv, filters: %u, kernel: [%u, %u], %s}]", dims[0], dims[1], dims[2], test->window);
  g_auto (Net) cp = { 0 }, dense = { 0 };
  float *factors[4];

  net_init (&cp, test, cp_layer);
  net_init (&dense, test, dense_layer);
  for (guint m = 0; m < 4; m++)
    factors[m] = cp.params->values[param_of (&cp, (const char *[]){ "a", "b", "c", "d" }[m])]->data;
  share_parameters (&dense, &cp, factors, shape);
  pass (&cp);
  pass (&dense);
  assert_equal ("output", cpac_run_get_output (cp.run, 0, 0), cpac_run_get_output (dense.run, 0, 0),
                cpac_dims_count (cpac_network_get_output (cp.network)));
  assert_equal ("input gradient", cpac_run_get_output_gradient (cp.run, CPAC_NETWORK_INPUT, 0),
                cpac_run_get_output_gradient (dense.run, CPAC_NETWORK_INPUT, 0),
                cpac_dims_count (&test->input));
  assert_equal ("bias", cp.gradients[param_of (&cp, "bias")],
                dense.gradients[param_of (&dense, "bias")], dims[0]);
  compare_factors (&dense, &cp, factors, shape);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *path = g_strdup_printf ("/cpac-conv-mttkrp/%s", cases[i].name);

    g_test_add_data_func (path, &cases[i], test_case);
  }
  return g_test_run ();
}
