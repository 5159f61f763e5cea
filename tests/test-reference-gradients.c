/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include <math.h>

#include "core/model/model.h"
#include "core/network/run.h"
#include "tests/npy.h"

/*
 * Gradients of the paper's own networks, as another implementation in double computed them from the
 * same 32-bit parameters: the mean negative log likelihood of the first four pictures, by every
 * parameter and by the pictures. See expected.json beside the files.
 */
#define N_PICTURES 4
#define TOLERANCE 1e-6

typedef struct {
  const char *model, *folder;
} Reference;

static const Reference mnist = { "mnist.yaml", "mnist_1layer_r5" };
static const Reference manu = { "tile-masks.yaml", "manu_1layer_r5" };

static char *
data_path (const char *folder, const char *name)
{
  const char *data = g_getenv ("CPAC_TEST_DATA");

  if (data != NULL)
    return g_build_filename (data, "reference-vectors", folder, name, NULL);
  return g_test_build_filename (G_TEST_DIST, "..", "..", "shared", "data", "reference-vectors",
                                folder, name, NULL);
}

static gboolean
data_exists (const Reference *reference, const char *name)
{
  g_autofree char *path = data_path (reference->folder, name);

  return g_file_test (path, G_FILE_TEST_EXISTS);
}

static void
load_npy (Npy *npy, const Reference *reference, const char *name)
{
  g_autofree char *path = data_path (reference->folder, name);

  npy_load (npy, path);
}

/* grad4_<name>, of whichever type it was stored in. */
static void
load_gradient (Npy *npy, const Reference *reference, const char *name)
{
  g_autofree char *wide = g_strdup_printf ("grad4_%s_f64.npy", name);
  g_autofree char *narrow = g_strdup_printf ("grad4_%s_f32.npy", name);

  load_npy (npy, reference, data_exists (reference, wide) ? wide : narrow);
}

/* Relative to the largest entry of the array, as its sums' errors are. */
static void
assert_equal (const char *name, const double *values, gsize n, const Npy *expected)
{
  double largest = 0, worst = 0;

  g_assert_cmpuint (n, ==, expected->n);
  for (gsize i = 0; i < n; i++) {
    g_assert_true (isfinite (values[i]));
    largest = MAX (largest, fabs (expected->values[i]));
    worst = MAX (worst, fabs (values[i] - expected->values[i]));
  }
  g_test_message ("%s: largest entry %g, largest error %g", name, largest, worst);
  g_assert_cmpfloat (largest, >, 0);
  g_assert_cmpfloat (worst, <=, TOLERANCE * largest);
}

/* d/dz of -log softmax (z)[label], averaged over the pictures: (softmax (z) - onehot) / 4. */
static void
set_loss_gradient (double *dz, const double *z, gsize n, guint label)
{
  double largest = -INFINITY, sum = 0;

  g_assert_cmpuint (label, <, n);
  for (gsize i = 0; i < n; i++)
    largest = MAX (largest, z[i]);
  for (gsize i = 0; i < n; i++)
    sum += exp (z[i] - largest);
  for (gsize i = 0; i < n; i++)
    dz[i] = (exp (z[i] - largest) / sum - (i == label)) / N_PICTURES;
}

/* The four pictures one after the other: parameter gradients add up, @by_input gets each its own.
 */
static void
pass (CpacRun *run, const CpacNetwork *network, const Npy *x, const Npy *labels, double *by_input)
{
  gint last = (gint) cpac_network_get_n_layers (network) - 1;
  gsize n_in = cpac_dims_count (cpac_network_get_input (network));
  gsize n_out = cpac_dims_count (cpac_network_get_output (network));

  g_assert_cmpuint (x->n, >=, N_PICTURES * n_in);
  g_assert_cmpuint (labels->n, >=, N_PICTURES);
  for (gsize k = 0; k < N_PICTURES; k++) {
    double *input = cpac_run_get_input (run, 0);
    const double *dx;

    for (gsize i = 0; i < n_in; i++)
      input[i] = x->values[k * n_in + i];
    cpac_run_forward (run);
    set_loss_gradient (cpac_run_get_output_gradient (run, last, 0),
                       cpac_run_get_output (run, (guint) last, 0), n_out,
                       (guint) labels->values[k]);
    cpac_run_backward (run);
    dx = cpac_run_get_output_gradient (run, CPAC_NETWORK_INPUT, 0);
    for (gsize i = 0; i < n_in; i++)
      by_input[k * n_in + i] = dx[i];
  }
}

static void
test_gradients (gconstpointer data)
{
  /* In the order of the parameters: a, b, c, d of conv1, then fc1's. */
  static const char *const names[] = { "factor0", "factor1",    "factor2",
                                       "factor3", "fc1_weight", "fc1_bias" };
  const Reference *reference = data;
  g_autofree char *path = data_path (reference->model, NULL);
  CpacRunOptions options = CPAC_RUN_OPTIONS_INIT;
  g_autoptr (GError) error = NULL;
  g_autoptr (CpacModel) model = NULL;
  g_autoptr (CpacRun) run = NULL;
  g_auto (Npy) x = { 0 }, labels = { 0 }, expected = { 0 };
  g_autofree double *by_input = NULL;
  double *gradients[G_N_ELEMENTS (names)];
  const CpacParams *params;
  gsize n_input;

  if (!g_file_test (path, G_FILE_TEST_EXISTS)) {
    g_test_skip ("needs the data folder, see CPAC_TEST_DATA");
    return;
  }
  model = cpac_model_load (path, CPAC_MODEL_DEFAULT, &error);
  g_assert_no_error (error);
  params = cpac_model_get_params (model);
  g_assert_cmpuint (params->n_params, ==, G_N_ELEMENTS (names));
  options.precision = CPAC_PRECISION_DOUBLE;
  options.gradients = options.input_gradient = TRUE;
  run = cpac_run_new (cpac_model_get_network (model), params, &options);
  for (guint i = 0; i < params->n_params; i++)
    gradients[i] = g_new0 (double, cpac_shape_count (&params->values[i]->shape));
  cpac_run_bind_gradients (run, (gpointer *) gradients);

  load_npy (&x, reference, "x_f32.npy");
  load_npy (&labels, reference, "label_i32.npy");
  n_input = N_PICTURES * cpac_dims_count (cpac_network_get_input (cpac_model_get_network (model)));
  by_input = g_new (double, n_input);
  pass (run, cpac_model_get_network (model), &x, &labels, by_input);
  for (guint i = 0; i < params->n_params; i++) {
    g_auto (Npy) gradient = { 0 };

    load_gradient (&gradient, reference, names[i]);
    assert_equal (names[i], gradients[i], cpac_shape_count (&params->values[i]->shape), &gradient);
    g_free (gradients[i]);
  }
  load_gradient (&expected, reference, "input");
  assert_equal ("input", by_input, n_input, &expected);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/reference-gradients/mnist", &mnist, test_gradients);
  g_test_add_data_func ("/reference-gradients/tile-masks", &manu, test_gradients);
  return g_test_run ();
}
