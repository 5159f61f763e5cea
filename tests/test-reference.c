/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include <math.h>
#include <string.h>

#include "core/model/model.h"
#include "core/network/run.h"
#include "core/train/idx.h"
#include "tests/npy.h"

/* Other people's trained networks, and what other people's software computes with them. */

static char *
data_path (const char *name)
{
  const char *folder = g_getenv ("CPAC_TEST_DATA");

  return folder != NULL
             ? g_build_filename (folder, name, NULL)
             : g_test_build_filename (G_TEST_DIST, "..", "..", "shared", "data", name, NULL);
}

/* NULL, and the test is skipped, where the data is not. */
static CpacModel *
load_model (const char *name)
{
  g_autofree char *path = data_path (name);
  g_autoptr (GError) error = NULL;
  CpacModel *model;

  if (!g_file_test (path, G_FILE_TEST_EXISTS)) {
    g_test_skip ("needs the data folder, see CPAC_TEST_DATA");
    return NULL;
  }
  model = cpac_model_load (path, CPAC_MODEL_ALLOW_SHAPE, &error);
  g_assert_no_error (error);
  return model;
}

static void
load_npy (Npy *npy, const char *folder, const char *name)
{
  g_autofree char *both = g_build_filename (folder, name, NULL);
  g_autofree char *path = data_path (both);

  npy_load (npy, path);
}

static CpacRun *
new_run (const CpacModel *model)
{
  CpacRunOptions options = CPAC_RUN_OPTIONS_INIT;

  options.n_threads = 2;
  return cpac_run_new (cpac_model_get_network (model), cpac_model_get_params (model), &options);
}

static void
run_picture (CpacRun *run, const double *values, gsize n)
{
  float *input = cpac_run_get_input (run, 0);

  for (gsize i = 0; i < n; i++)
    input[i] = (float) values[i];
  cpac_run_forward (run);
}

/* Output of the layer named @name, or of the last one. */
static const float *
output_of (const CpacModel *model, const CpacRun *run, const char *name, gsize *n)
{
  const CpacNetwork *network = cpac_model_get_network (model);
  guint index = cpac_network_get_n_layers (network) - 1;

  if (name != NULL) {
    g_assert_cmpint (cpac_network_find (network, name), >=, 0);
    index = (guint) cpac_network_find (network, name);
  }
  *n = cpac_dims_count (&cpac_network_get_layer (network, index)->out);
  return cpac_run_get_output (run, index, 0);
}

static double
largest_error (const CpacModel *model, const CpacRun *run, const char *name, const double *expected)
{
  gsize n;
  const float *out = output_of (model, run, name, &n);
  double worst = 0;

  for (gsize i = 0; i < n; i++) {
    g_assert_true (isfinite (out[i]));
    worst = MAX (worst, fabs (out[i] - expected[i]));
  }
  return worst;
}

static gsize
count_of (const CpacModel *model, const char *name)
{
  const CpacNetwork *network = cpac_model_get_network (model);

  return name == NULL ? cpac_dims_count (cpac_network_get_output (network))
                      : cpac_dims_count (&cpac_network_get_layer (
                                              network, (guint) cpac_network_find (network, name))
                                              ->out);
}

/* ---- The paper's networks, layer by layer ---- */

typedef struct {
  const char *model, *folder;
} Paper;
static const Paper mnist = { "reference-vectors/mnist.yaml", "reference-vectors/mnist_1layer_r5" };
static const Paper manu = { "reference-vectors/tile-masks.yaml",
                            "reference-vectors/manu_1layer_r5" };

static void
test_layers (gconstpointer data)
{
  static const struct {
    const char *layer, *file;
  } outputs[] = { { "conv1", "conv1_out_f32.npy" },
                  { "relu1", "pool_relu_out_f32.npy" },
                  { NULL, "logits_f64.npy" } };
  const Paper *paper = data;
  g_autoptr (CpacModel) model = load_model (paper->model);
  g_autoptr (CpacRun) run = NULL;
  g_auto (Npy) x = { 0 };

  if (model == NULL)
    return;
  run = new_run (model);
  load_npy (&x, paper->folder, "x_f32.npy");
  for (guint k = 0; k < G_N_ELEMENTS (outputs); k++) {
    gsize n_in = x.n / x.dims[0], n_out = count_of (model, outputs[k].layer);
    g_auto (Npy) expected = { 0 };
    double worst = 0;

    load_npy (&expected, paper->folder, outputs[k].file);
    g_assert_cmpuint (expected.n, ==, expected.dims[0] * n_out);
    for (gsize i = 0; i < expected.dims[0]; i++) {
      run_picture (run, x.values + i * n_in, n_in);
      worst =
          MAX (worst, largest_error (model, run, outputs[k].layer, expected.values + i * n_out));
    }
    g_test_message ("%s: largest error %.3g", outputs[k].file, worst);
    g_assert_cmpfloat (worst, <=, 1e-4);
  }
}

static guint
first_largest (const double *values, gsize n)
{
  guint best = 0;

  for (guint i = 1; i < n; i++)
    if (values[i] > values[best])
      best = i;
  return best;
}

/* All 10,000 test digits: the class, and the logits; and the published number of hits. */
static void
test_t10k (void)
{
  g_autoptr (CpacModel) model = load_model (mnist.model);
  g_autofree char *images_path = data_path ("mnist/t10k-images-idx3-ubyte.gz");
  g_autofree char *labels_path = data_path ("mnist/t10k-labels-idx1-ubyte.gz");
  g_autoptr (CpacIdx) images = NULL, labels = NULL;
  g_autoptr (CpacRun) run = NULL;
  g_autoptr (GError) error = NULL;
  g_auto (Npy) expected = { 0 };
  double worst = 0;
  guint n_hits = 0;

  if (model == NULL)
    return;
  images = cpac_idx_load (images_path, 3, &error);
  g_assert_no_error (error);
  labels = cpac_idx_load (labels_path, 1, &error);
  g_assert_no_error (error);
  load_npy (&expected, mnist.folder, "logits_all_f32.npy");
  g_assert_cmpuint (expected.dims[0], ==, 10000);
  run = new_run (model);
  for (guint i = 0; i < 10000; i++) {
    double x[28 * 28], got[10];
    const float *out;
    gsize n;

    for (guint k = 0; k < 28 * 28; k++)
      x[k] = (images->data[i * 28 * 28 + k] - 127.5) / 127.5;
    run_picture (run, x, 28 * 28);
    worst = MAX (worst, largest_error (model, run, NULL, expected.values + i * 10));
    out = output_of (model, run, NULL, &n);
    for (guint k = 0; k < 10; k++)
      got[k] = out[k];
    g_assert_cmpuint (first_largest (got, 10), ==, first_largest (expected.values + i * 10, 10));
    n_hits += first_largest (got, 10) == labels->data[i];
  }
  g_test_message ("logits of 10000 digits: largest error %.3g", worst);
  g_assert_cmpfloat (worst, <=, 1e-3);
  g_assert_cmpuint (n_hits, ==, 9782);
}

/* ---- Dense networks from elsewhere ---- */

static void
test_resnet8 (void)
{
  static const char folder[] = "pretrained/resnet8_cifar10";
  g_autoptr (CpacModel) model = load_model ("pretrained/resnet8.yaml");
  g_autoptr (CpacRun) run = NULL;
  g_auto (Npy) x = { 0 }, expected = { 0 };
  double worst = 0;

  if (model == NULL)
    return;
  load_npy (&x, folder, "x_first4_u8_nhwc.npy");
  load_npy (&expected, folder, "logits_first4_f64.npy");
  run = new_run (model);
  for (guint i = 0; i < 4; i++) {
    double planar[3 * 32 * 32];

    for (guint c = 0; c < 3; c++)
      for (guint k = 0; k < 32 * 32; k++)
        planar[c * 32 * 32 + k] = x.values[(i * 32 * 32 + k) * 3 + c];
    run_picture (run, planar, G_N_ELEMENTS (planar));
    worst = MAX (worst, largest_error (model, run, NULL, expected.values + i * 10));
  }
  g_test_message ("logits: largest error %.3g", worst);
  g_assert_cmpfloat (worst, <=, 1e-3);
}

static void
test_squeezenet (void)
{
  static const char folder[] = "pretrained/squeezenet1_1";
  g_autoptr (CpacModel) model = load_model ("pretrained/squeezenet.yaml");
  g_autoptr (CpacRun) run = NULL;
  g_auto (Npy) x = { 0 }, expected = { 0 };
  double worst;

  if (model == NULL)
    return;
  load_npy (&x, folder, "cat_input_f32.npy");
  load_npy (&expected, folder, "cat_logits_f64.npy");
  g_assert_cmpuint (expected.n, ==, 1000);
  run = new_run (model);
  run_picture (run, x.values, x.n);
  worst = largest_error (model, run, NULL, expected.values);
  g_test_message ("logits: largest error %.3g", worst);
  g_assert_cmpfloat (worst, <=, 1e-2);
}

/* ---- Shapes: what their first lines promise ---- */

static void
test_shapes (void)
{
  static const struct {
    const char *name;
    double macs, macs_dense; /* millions; 0: not stated */
  } shapes[] = {
    { "../networks/rgb256.yaml", 45.0, 217.1 }, { "../networks/gray512.yaml", 175.9, 792.7 },
    { "../networks/rgb256-lo.yaml", 20.8, 0 },  { "../networks/rgb256-r16.yaml", 0, 0 },
    { "../networks/paper-r5.yaml", 1.19, 0 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (shapes); i++) {
    g_autoptr (CpacModel) model = load_model (shapes[i].name);
    double half_digit = shapes[i].macs < 2 ? 0.005 : 0.05;
    CpacCost cost;

    if (model == NULL)
      return;
    g_assert_true (cpac_model_is_shape (model));
    cpac_network_count (cpac_model_get_network (model), &cost);
    g_test_message ("%s: %.2f M, dense %.2f M", shapes[i].name, (double) cost.macs / 1e6,
                    (double) cost.macs_dense / 1e6);
    if (shapes[i].macs > 0)
      g_assert_cmpfloat_with_epsilon ((double) cost.macs / 1e6, shapes[i].macs, half_digit);
    if (shapes[i].macs_dense > 0)
      g_assert_cmpfloat_with_epsilon ((double) cost.macs_dense / 1e6, shapes[i].macs_dense, 0.05);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/reference/mnist", &mnist, test_layers);
  g_test_add_data_func ("/reference/manu", &manu, test_layers);
  g_test_add_func ("/reference/t10k", test_t10k);
  g_test_add_func ("/reference/resnet8", test_resnet8);
  g_test_add_func ("/reference/squeezenet", test_squeezenet);
  g_test_add_func ("/reference/shapes", test_shapes);
  return g_test_run ();
}
