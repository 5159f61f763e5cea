/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include <math.h>
#include <string.h>

#include "core/layers/options.h"
#include "core/train/refit.h"
#include "tests/toy.h"

/* Two layers, the second with stride and padding, the first without a bias. */
#define LAYERS                                                                                     \
  "- {name: a, type: cpac-conv, filters: 5, kernel: [3, 3], rank: 6, bias: false}\n"               \
  "- {type: relu}\n"                                                                               \
  "- {name: b, type: cpac-conv, filters: 3, kernel: [3, 1], rank: 4, stride: 2, padding: same}\n"
static const CpacDims input = { 2, 9, 11 };

typedef struct {
  Toy toy;          /* the network, whose parameters are refitted */
  CpacParams *want; /* what it is to become */
  CpacRefitLayer layers[2];
  CpacPictures pictures;
  CpacRefitOptions options;
} Fixture;

static gboolean
fill (gpointer user_data, guint index, guint worker, float *to, GError **error)
{
  const Fixture *fixture = user_data;
  gsize n = toy_n_inputs (&fixture->toy);

  /* The toy's pictures over and over, each time turned over once more. */
  for (gsize i = 0; i < n; i++)
    to[i] = fixture->toy.pictures[(index % 2) * n + (i + 7 * (index / 2)) % n];
  return TRUE;
}

static CpacParams *
copy_params (const Toy *toy)
{
  CpacParams *copy = cpac_params_new_random (toy->network, 0);

  for (guint i = 0; i < copy->n_params; i++)
    memcpy (copy->values[i]->data, toy->params->values[i]->data,
            cpac_shape_count (&copy->values[i]->shape) * sizeof (float));
  return copy;
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  toy_init (&fixture->toy, LAYERS, input, 6);
  fixture->want = copy_params (&fixture->toy);
  fixture->layers[0] = (CpacRefitLayer){ .layer = 0, .target = 0 };
  fixture->layers[1] = (CpacRefitLayer){ .layer = 2, .target = 2 };
  fixture->pictures = (CpacPictures){ 6, fill, fixture };
  fixture->options = (CpacRefitOptions){ .network = fixture->toy.network,
                                         .params = fixture->toy.params,
                                         .target = fixture->toy.network,
                                         .target_params = fixture->want,
                                         .layers = fixture->layers,
                                         .n_layers = 2,
                                         .pictures = &fixture->pictures,
                                         .ridge = CPAC_REFIT_RIDGE,
                                         .n_threads = 1 };
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  cpac_params_free (fixture->want);
  toy_clear (&fixture->toy);
}

static float *
factor (const CpacParams *params, guint layer, guint m)
{
  return params->values[params->first[layer] + m]->data;
}

static void
refit (const Fixture *fixture)
{
  g_autoptr (GError) error = NULL;

  cpac_refit (&fixture->options, &error);
  g_assert_no_error (error);
}

/* Largest difference of the two networks' outputs of @layer on the pictures, over the largest
 * output. */
static double
difference (const Fixture *fixture, guint layer)
{
  CpacRunOptions options = CPAC_RUN_OPTIONS_INIT;
  const CpacNetwork *network = fixture->toy.network;
  g_autoptr (CpacRun) is = cpac_run_new (network, fixture->toy.params, &options);
  g_autoptr (CpacRun) want = cpac_run_new (network, fixture->want, &options);
  gsize n = cpac_dims_count (&cpac_network_get_layer (network, layer)->out);
  double largest = 0, most = 0;

  for (guint i = 0; i < fixture->pictures.n; i++) {
    const float *x = cpac_run_get_output (is, layer, 0), *y = cpac_run_get_output (want, layer, 0);

    fill ((gpointer) fixture, i, 0, cpac_run_get_input (is, 0), NULL);
    fill ((gpointer) fixture, i, 0, cpac_run_get_input (want, 0), NULL);
    cpac_run_forward (is);
    cpac_run_forward (want);
    for (gsize k = 0; k < n; k++) {
      most = MAX (most, fabs ((double) x[k] - y[k]));
      largest = MAX (largest, fabs (y[k]));
    }
  }
  return most / largest;
}

/* A network that is what it is to be stays so: there is nothing to make up for. */
static void
test_same (Fixture *fixture, gconstpointer data)
{
  refit (fixture);
  for (guint i = 0; i < fixture->want->n_params; i++)
    g_assert_cmpmem (fixture->toy.params->values[i]->data,
                     cpac_shape_count (&fixture->want->values[i]->shape) * sizeof (float),
                     fixture->want->values[i]->data,
                     cpac_shape_count (&fixture->want->values[i]->shape) * sizeof (float));
  for (guint i = 0; i < 2; i++) {
    g_assert_cmpfloat (fixture->layers[i].fit_before, ==, 1);
    g_assert_cmpfloat (fixture->layers[i].fit, ==, 1);
  }
}

/* Whatever a and bias were, they are found again: to the ridge, and roundings of float. */
static void
test_recovers (Fixture *fixture, gconstpointer data)
{
  for (guint layer = 0; layer <= 2; layer += 2) {
    gsize n = cpac_shape_count (&fixture->want->values[fixture->want->first[layer]]->shape);

    for (gsize i = 0; i < n; i++)
      factor (fixture->toy.params, layer, CPAC_CONV_A)[i] *= i % 3 == 0 ? -0.5f : 0.25f;
  }
  for (guint f = 0; f < 3; f++)
    factor (fixture->toy.params, 2, CPAC_CONV_BIAS)[f] = 7;
  g_assert_cmpfloat (difference (fixture, 2), >, 1);
  refit (fixture);
  g_assert_cmpfloat (difference (fixture, 0), <, 1e-3);
  g_assert_cmpfloat (difference (fixture, 2), <, 1e-3);
  for (guint i = 0; i < 2; i++) {
    g_assert_cmpfloat (fixture->layers[i].fit_before, <, 0.9);
    g_assert_cmpfloat (fixture->layers[i].fit, >, 0.999);
  }
}

/* Component 3 of the first layer is the sum of components 0 and 1, for they share b and c: when it
 * goes, the others can take its part. */
static void
test_linear_combination (Fixture *fixture, gconstpointer data)
{
  const CpacParams *both[] = { fixture->want, fixture->toy.params };

  for (guint k = 0; k < 2; k++) {
    for (guint m = CPAC_CONV_B; m <= CPAC_CONV_C; m++)
      for (guint i = 0; i < 3; i++) {
        float *row = factor (both[k], 0, m) + i * 6;

        row[1] = row[3] = row[0];
      }
    for (guint s = 0; s < 2; s++) {
      float *row = factor (both[k], 0, CPAC_CONV_D) + s * 6;

      row[3] = row[0] + row[1];
    }
  }
  for (guint f = 0; f < 5; f++)
    factor (fixture->toy.params, 0, CPAC_CONV_A)[f * 6 + 3] = 0;
  for (guint i = 0; i < 3; i++)
    factor (fixture->toy.params, 0, CPAC_CONV_B)[i * 6 + 3] = 0;
  g_assert_cmpfloat (difference (fixture, 0), >, 0.05);
  refit (fixture);
  g_assert_cmpfloat (difference (fixture, 0), <, 1e-4);
  g_assert_cmpfloat (fixture->layers[0].fit, >, 0.9999);
  for (guint f = 0; f < 5; f++)
    g_assert_cmpfloat (factor (fixture->toy.params, 0, CPAC_CONV_A)[f * 6 + 3], ==, 0);
}

/* Z_r of every pixel of every picture, by a run with one component and filter; (n, rank + 1) with
 * ones at the end, and Y - Y^ of filter @f in @e. */
static double *
collect (const Fixture *fixture, guint f, double *e, gsize *n_samples)
{
  CpacRunOptions options = CPAC_RUN_OPTIONS_INIT;
  const CpacLayer *layer = cpac_network_get_layer (fixture->toy.network, 2);
  g_autoptr (CpacParams) one = copy_params (&fixture->toy);
  g_autoptr (CpacRun) run = cpac_run_new (fixture->toy.network, one, &options);
  g_autoptr (CpacRun) is = cpac_run_new (fixture->toy.network, fixture->toy.params, &options);
  g_autoptr (CpacRun) want = cpac_run_new (fixture->toy.network, fixture->want, &options);
  gsize plane = (gsize) layer->out.height * layer->out.width;
  double *z = g_new (double, fixture->pictures.n *plane * 5);

  *n_samples = fixture->pictures.n * plane;
  memset (factor (one, 2, CPAC_CONV_BIAS), 0, 3 * sizeof (float));
  for (guint i = 0; i < fixture->pictures.n; i++)
    for (guint r = 0; r < 5; r++) {
      for (guint q = 0; q < 4; q++)
        factor (one, 2, CPAC_CONV_A)[q] = q == r;
      fill ((gpointer) fixture, i, 0, cpac_run_get_input (run, 0), NULL);
      fill ((gpointer) fixture, i, 0, cpac_run_get_input (is, 0), NULL);
      fill ((gpointer) fixture, i, 0, cpac_run_get_input (want, 0), NULL);
      cpac_run_forward (run);
      cpac_run_forward (is);
      cpac_run_forward (want);
      for (gsize k = 0; k < plane; k++) {
        z[(i * plane + k) * 5 + r] =
            r < 4 ? ((const float *) cpac_run_get_output (run, 2, 0))[k] : 1;
        e[i * plane + k] = ((const float *) cpac_run_get_output (want, 2, 0))[f * plane + k] -
                           ((const float *) cpac_run_get_output (is, 2, 0))[f * plane + k];
      }
    }
  return z;
}

/* Where the target cannot be reached, what is left is orthogonal to all that there is to explain it
 * with: that is what the least squares are, without solving them again. */
static void
test_least_squares (Fixture *fixture, gconstpointer data)
{
  gsize n_samples;

  for (guint r = 0; r < 2; r++)
    for (guint i = 0; i < 3; i++)
      factor (fixture->toy.params, 2, CPAC_CONV_B)[i * 4 + r] *= i == 1 ? -1 : 0.5f;
  fixture->options.n_layers = 1;
  fixture->options.layers = &fixture->layers[1];
  fixture->options.ridge = 0;
  refit (fixture);
  g_assert_cmpfloat (fixture->layers[1].fit, <, 0.99);
  g_assert_cmpfloat (fixture->layers[1].fit, >, fixture->layers[1].fit_before);
  for (guint f = 0; f < 3; f++) {
    g_autofree double *e = g_new (double, 6 * 9 * 11);
    g_autofree double *z = collect (fixture, f, e, &n_samples);

    for (guint r = 0; r < 5; r++) {
      double dot = 0, magnitude = 0;

      for (gsize i = 0; i < n_samples; i++) {
        dot += e[i] * z[i * 5 + r];
        magnitude += fabs (e[i] * z[i * 5 + r]);
      }
      /* a is rounded to float, and so are Y and Y^. */
      g_assert_cmpfloat (fabs (dot), <, 1e-4 * magnitude);
    }
  }
}

/* Filters of the target in another order: what a network from which some are removed asks for. */
static void
test_channels (Fixture *fixture, gconstpointer data)
{
  static const guint channels[] = { 2, 0, 1 };

  fixture->layers[1].channels = channels;
  fixture->options.n_layers = 1;
  fixture->options.layers = &fixture->layers[1];
  refit (fixture);
  for (guint f = 0; f < 3; f++) {
    g_assert_cmpfloat_with_epsilon (factor (fixture->toy.params, 2, CPAC_CONV_BIAS)[f],
                                    factor (fixture->want, 2, CPAC_CONV_BIAS)[channels[f]], 1e-3);
    for (guint r = 0; r < 4; r++)
      g_assert_cmpfloat_with_epsilon (factor (fixture->toy.params, 2, CPAC_CONV_A)[f * 4 + r],
                                      factor (fixture->want, 2, CPAC_CONV_A)[channels[f] * 4 + r],
                                      1e-3);
  }
}

/* A picture of which nothing comes: a stays, and is a number. */
static gboolean
fill_black (gpointer user_data, guint index, guint worker, float *to, GError **error)
{
  memset (to, 0, toy_n_inputs (&((const Fixture *) user_data)->toy) * sizeof (float));
  return TRUE;
}

static void
test_black (Fixture *fixture, gconstpointer data)
{
  fixture->pictures.fill = fill_black;
  factor (fixture->toy.params, 2, CPAC_CONV_BIAS)[1] += 3;
  refit (fixture);
  g_assert_cmpmem (factor (fixture->toy.params, 0, CPAC_CONV_A), 30 * sizeof (float),
                   factor (fixture->want, 0, CPAC_CONV_A), 30 * sizeof (float));
  g_assert_cmpmem (factor (fixture->toy.params, 2, CPAC_CONV_A), 12 * sizeof (float),
                   factor (fixture->want, 2, CPAC_CONV_A), 12 * sizeof (float));
  g_assert_cmpfloat_with_epsilon (factor (fixture->toy.params, 2, CPAC_CONV_BIAS)[1],
                                  factor (fixture->want, 2, CPAC_CONV_BIAS)[1], 1e-5);
  g_assert_cmpfloat (fixture->layers[0].fit, ==, 0);
}

static void
test_threads (Fixture *fixture, gconstpointer data)
{
  g_autoptr (CpacParams) start = NULL;
  g_autofree float *one = NULL;

  fixture->pictures.n = 19;
  factor (fixture->toy.params, 0, CPAC_CONV_B)[2] *= 2;
  start = copy_params (&fixture->toy);
  for (fixture->options.n_threads = 1; fixture->options.n_threads < 5;
       fixture->options.n_threads++) {
    for (guint i = 0; i < start->n_params; i++)
      memcpy (fixture->toy.params->values[i]->data, start->values[i]->data,
              cpac_shape_count (&start->values[i]->shape) * sizeof (float));
    refit (fixture);
    if (one == NULL)
      one = g_memdup2 (factor (fixture->toy.params, 2, CPAC_CONV_A), 12 * sizeof (float));
    g_assert_cmpmem (one, 12 * sizeof (float), factor (fixture->toy.params, 2, CPAC_CONV_A),
                     12 * sizeof (float));
  }
}

static gboolean
fill_infinite (gpointer user_data, guint index, guint worker, float *to, GError **error)
{
  return fill (user_data, index, worker, to, error) && (to[0] = INFINITY) > 0;
}

static gboolean
fail (gpointer user_data, guint index, guint worker, float *to, GError **error)
{
  g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_NOENT, "picture %u is gone", index);
  return FALSE;
}

static void
test_refused (Fixture *fixture, gconstpointer data)
{
  static const struct {
    guint n;
    gboolean (*fill) (gpointer, guint, guint, float *, GError **);
    const char *message;
  } bad[] = {
    { 0, fill, "no picture to refit on, expected at least 1" },
    { 2, fail, "picture 0 is gone" },
    { 2, fill_infinite, "layer a: its activations are not finite on these pictures" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++) {
    g_autoptr (GError) error = NULL;

    fixture->pictures.n = bad[i].n;
    fixture->pictures.fill = bad[i].fill;
    g_assert_false (cpac_refit (&fixture->options, &error));
    g_assert_nonnull (error);
    g_assert_cmpstr (error->message, ==, bad[i].message);
  }
}

int
main (int argc, char **argv)
{
  static const struct {
    const char *path;
    void (*test) (Fixture *fixture, gconstpointer data);
  } tests[] = { { "/refit/same", test_same },
                { "/refit/recovers", test_recovers },
                { "/refit/linear-combination", test_linear_combination },
                { "/refit/least-squares", test_least_squares },
                { "/refit/channels", test_channels },
                { "/refit/black", test_black },
                { "/refit/threads", test_threads },
                { "/refit/refused", test_refused } };

  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].path, Fixture, NULL, set_up, tests[i].test, tear_down);
  return g_test_run ();
}
