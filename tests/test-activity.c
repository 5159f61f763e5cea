/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include <math.h>
#include <string.h>

#include "core/explain/activity.h"
#include "core/explain/components.h"
#include "core/explain/significance.h"
#include "core/layers/options.h"
#include "core/train/ops.h"
#include "tests/toy.h"

/* Pictures of 3x7x5; the last layer's one output is the score, and without a relu it is linear in
 * whatever any component gives. */
#define LINEAR                                                                                     \
  "- {name: one, type: cpac-conv, filters: 5, kernel: [3, 2], rank: 4, padding: same}\n"           \
  "- {name: two, type: conv, filters: 3, kernel: [3, 3]}\n"                                        \
  "- {name: pool, type: average-pool, size: 2}\n"                                                  \
  "- {name: three, type: cpac-conv, filters: 1, kernel: [2, 1], rank: 2}\n"
#define WITH_RELU                                                                                  \
  "- {name: one, type: cpac-conv, filters: 5, kernel: [3, 2], rank: 4, padding: same}\n"           \
  "- {type: relu}\n"                                                                               \
  "- {name: two, type: conv, filters: 3, kernel: [3, 3]}\n"                                        \
  "- {name: pool, type: average-pool, size: 2}\n"                                                  \
  "- {name: three, type: cpac-conv, filters: 1, kernel: [2, 1], rank: 2}\n"
static const CpacDims input = { 3, 7, 5 };

typedef struct {
  Toy toy;
  CpacHead *head;
  CpacPictures pictures;
} Fixture;

static gboolean
fill (gpointer user_data, guint index, guint worker, float *to, GError **error)
{
  const Fixture *fixture = user_data;
  gsize n = toy_n_inputs (&fixture->toy);

  /* The toy's pictures over and over, each time a little brighter. */
  for (gsize i = 0; i < n; i++)
    to[i] = fixture->toy.pictures[(index % TOY_BATCH) * n + i] + (float) (index / TOY_BATCH) / 4;
  return TRUE;
}

static void
set_up (Fixture *fixture, gconstpointer layers)
{
  static const char score[] = "{head: map, threshold: 0}";
  g_autoptr (CpacConfig) map = toy_parse (score);
  g_autoptr (GError) error = NULL;

  toy_init (&fixture->toy, layers, input, 11);
  fixture->head = cpac_head_new (map, toy_out (&fixture->toy), &error);
  g_assert_no_error (error);
  fixture->pictures = (CpacPictures){ 2, fill, fixture };
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  cpac_head_free (fixture->head);
  toy_clear (&fixture->toy);
}

static CpacActivityOptions
options_of (const Fixture *fixture)
{
  return (CpacActivityOptions){ .network = fixture->toy.network,
                                .params = fixture->toy.params,
                                .head = fixture->head,
                                .pictures = &fixture->pictures,
                                .n_threads = 1 };
}

static CpacActivity *
measure (const Fixture *fixture)
{
  CpacActivityOptions options = options_of (fixture);
  g_autoptr (GError) error = NULL;
  CpacActivity *activity = cpac_activity_new (&options, &error);

  g_assert_no_error (error);
  return activity;
}

static float *
factor (const Fixture *fixture, guint layer, guint m)
{
  const CpacParams *params = fixture->toy.params;

  return params->values[params->first[layer] + m]->data;
}

static guint
rank_of (const Fixture *fixture, guint layer)
{
  return ((const CpacConvLayer *) cpac_network_get_layer (fixture->toy.network, layer))->rank;
}

/* Column @r of the factor a of @layer times @by. */
static void
scale_column (const Fixture *fixture, guint layer, guint m, guint r, float by)
{
  const CpacParams *params = fixture->toy.params;
  gsize n = params->values[params->first[layer] + m]->shape.dims[0];

  for (gsize i = 0; i < n; i++)
    factor (fixture, layer, m)[i * rank_of (fixture, layer) + r] *= by;
}

/* The last layer's output of picture @index, a single number. */
static double
score_of (const Fixture *fixture, guint index)
{
  CpacRunOptions options = CPAC_RUN_OPTIONS_INIT;
  g_autoptr (CpacRun) run = NULL;
  gsize n = toy_n_inputs (&fixture->toy);
  g_autofree float *picture = g_new (float, n);

  options.precision = CPAC_PRECISION_DOUBLE;
  run = cpac_run_new (fixture->toy.network, fixture->toy.params, &options);
  fill ((gpointer) fixture, index, 0, picture, NULL);
  for (gsize i = 0; i < n; i++)
    ((double *) cpac_run_get_input (run, 0))[i] = picture[i];
  cpac_run_forward (run);
  return *(const double *) cpac_run_get_output (
      run, cpac_network_get_n_layers (fixture->toy.network) - 1, 0);
}

/* In a network that is linear, what the score changes by when a component is removed is what its
 * first-order estimate says. */
static void
test_taylor (Fixture *fixture, gconstpointer data)
{
  g_autoptr (CpacActivity) activity = measure (fixture);

  for (guint layer = 0; layer < activity->n_layers; layer++)
    for (guint r = 0; r < activity->layers[layer].rank; r++) {
      g_autofree float *keep = NULL;
      double expected = 0, before[2];
      const CpacParams *params = fixture->toy.params;
      const CpacTensor *a = params->values[params->first[layer]];

      for (guint i = 0; i < 2; i++)
        before[i] = score_of (fixture, i);
      keep = g_memdup2 (a->data, cpac_shape_count (&a->shape) * sizeof (float));
      scale_column (fixture, layer, 0, r, 0);
      for (guint i = 0; i < 2; i++)
        expected += fabs (before[i] - score_of (fixture, i)) / 2;
      memcpy (a->data, keep, cpac_shape_count (&a->shape) * sizeof (float));
      /* Some hundred products in float, of order 1. */
      g_assert_cmpfloat_with_epsilon (activity->layers[layer].taylor[r], expected, 1e-4);
      g_assert_cmpfloat (expected, >, 1e-3);
    }
}

/* The root of the mean energy of the layer's output, computed with one component and no bias. */
static void
test_components (Fixture *fixture, gconstpointer data)
{
  g_autoptr (CpacActivity) activity = measure (fixture);
  const CpacLayer *layer = cpac_network_get_layer (fixture->toy.network, 0);
  guint rank = rank_of (fixture, 0);
  gsize n = cpac_dims_count (&layer->out), n_in = toy_n_inputs (&fixture->toy);
  g_autofree float *bias = g_memdup2 (factor (fixture, 0, 4), 5 * sizeof (float));
  g_autofree float *a = g_memdup2 (factor (fixture, 0, 0), 5 * rank * sizeof (float));

  memset (factor (fixture, 0, 4), 0, 5 * sizeof (float));
  for (guint r = 0; r < rank; r++) {
    CpacRunOptions options = CPAC_RUN_OPTIONS_INIT;
    g_autoptr (CpacRun) run = cpac_run_new (fixture->toy.network, fixture->toy.params, &options);
    double sum = 0;

    memcpy (factor (fixture, 0, 0), a, 5 * rank * sizeof (float));
    for (guint q = 0; q < rank; q++)
      scale_column (fixture, 0, 0, q, q == r);
    for (guint i = 0; i < 2; i++) {
      const float *y = cpac_run_get_output (run, 0, 0);

      memcpy (cpac_run_get_input (run, 0), fixture->toy.pictures + i * n_in, n_in * sizeof (float));
      cpac_run_forward (run);
      for (gsize k = 0; k < n; k++)
        sum += (double) y[k] * y[k];
    }
    sum = sqrt (sum / (2.0 * layer->out.height * layer->out.width));
    g_assert_cmpfloat_with_epsilon (activity->layers[0].components[r], sum, 1e-5 * sum);
  }
  memcpy (factor (fixture, 0, 0), a, 5 * rank * sizeof (float));
  memcpy (factor (fixture, 0, 4), bias, 5 * sizeof (float));
}

/* On the diagonal the mean squares about the mean, where the layer has a bias. */
static void
test_products (Fixture *fixture, gconstpointer data)
{
  CpacActivityOptions options = options_of (fixture);
  g_autoptr (CpacActivity) activity = NULL;
  const CpacLayer *layer = cpac_network_get_layer (fixture->toy.network, 0);
  g_autoptr (CpacComponents) components =
      cpac_components_new (layer, fixture->toy.params->values, NULL, NULL);
  gsize n = (gsize) layer->out.height * layer->out.width, n_in = toy_n_inputs (&fixture->toy);
  double means[4] = { 0 }, products[16] = { 0 };

  options.products = TRUE;
  activity = cpac_activity_new (&options, NULL);
  g_assert_null (activity->layers[2].products);
  for (guint i = 0; i < 2; i++) {
    const float *z = cpac_components_compute (components, fixture->toy.pictures + i * n_in);

    for (guint r = 0; r < 4; r++)
      for (gsize k = 0; k < n; k++) {
        means[r] += z[r * n + k] / (2.0 * (double) n);
        for (guint q = 0; q < 4; q++)
          products[r * 4 + q] += (double) z[r * n + k] * z[q * n + k] / (2.0 * (double) n);
      }
  }
  for (guint i = 0; i < 16; i++) {
    double expected = products[i] - means[i / 4] * means[i % 4];

    g_assert_cmpfloat_with_epsilon (activity->layers[0].products[i], expected,
                                    1e-6 * sqrt (products[i / 4 * 5] * products[i % 4 * 5]));
  }
}

/* Norm of the kernel's slice times the root mean square of what comes in. */
static void
test_inputs (Fixture *fixture, gconstpointer data)
{
  g_autoptr (CpacActivity) activity = measure (fixture);
  g_autoptr (CpacSignificance) significance = cpac_significance_of_layer (
      cpac_network_get_layer (fixture->toy.network, 0), fixture->toy.params->values);
  gsize plane = (gsize) input.height * input.width, n = toy_n_inputs (&fixture->toy);

  g_assert_cmpuint (activity->layers[0].n_inputs, ==, input.channels);
  for (guint c = 0; c < input.channels; c++) {
    double sum = 0;

    for (guint i = 0; i < 2; i++)
      for (gsize k = 0; k < plane; k++) {
        double x = fixture->toy.pictures[i * n + c * plane + k];

        sum += x * x;
      }
    sum = significance->slices[CPAC_MODE_INPUTS][c] * sqrt (sum / (2.0 * (double) plane));
    g_assert_cmpfloat_with_epsilon (activity->layers[0].inputs[c], sum, 1e-5 * sum);
  }
}

/* Which layers have what. */
static void
test_shape (Fixture *fixture, gconstpointer data)
{
  g_autoptr (CpacActivity) activity = measure (fixture);
  static const guint ranks[] = { 4, 0, 0, 0, 2 }, inputs[] = { 3, 0, 5, 0, 3 };

  g_assert_cmpuint (activity->n_layers, ==, 5);
  for (guint i = 0; i < 5; i++) {
    g_assert_cmpuint (activity->layers[i].rank, ==, ranks[i]);
    g_assert_cmpuint (activity->layers[i].n_inputs, ==, inputs[i]);
    g_assert_true ((activity->layers[i].taylor != NULL) == (ranks[i] > 0));
  }
}

static void
assert_all_close (const double *a, const double *b, guint n, double relative)
{
  for (guint i = 0; i < n; i++)
    g_assert_true (fabs (a[i] - b[i]) <= relative * fabs (a[i]));
}

static void
assert_close (const CpacActivity *a, const CpacActivity *b, double relative)
{
  for (guint i = 0; i < a->n_layers; i++) {
    const CpacLayerActivity *x = &a->layers[i], *y = &b->layers[i];

    assert_all_close (x->components, y->components, x->rank, relative);
    if (x->rank > 0)
      assert_all_close (x->taylor, y->taylor, x->rank, relative);
    assert_all_close (x->inputs, y->inputs, x->n_inputs, relative);
  }
}

/* Scaling a component's columns against each other changes nothing; by powers of two, no bit. */
static void
test_rescaled (Fixture *fixture, gconstpointer data)
{
  g_autoptr (CpacActivity) before = measure (fixture), after = NULL;

  for (guint r = 0; r < rank_of (fixture, 0); r++)
    for (guint m = 0; m < 4; m++) {
      static const float scales[4] = { 64, -0.5f, -0.25f, 1.0f / 8 };

      scale_column (fixture, 0, m, r, scales[(m + r) % 4]);
    }
  after = measure (fixture);
  assert_close (before, after, 0);
}

static void
test_threads (Fixture *fixture, gconstpointer data)
{
  CpacActivityOptions options = options_of (fixture);
  g_autoptr (CpacActivity) one = NULL;

  fixture->pictures.n = 21; /* more than are looked at side by side, and no multiple */
  one = measure (fixture);
  for (options.n_threads = 2; options.n_threads < 6; options.n_threads++) {
    g_autoptr (CpacActivity) some = cpac_activity_new (&options, NULL);

    assert_close (one, some, 0);
  }
}

/* With BLAS, where a layer takes its relu along. */
static void
test_other_arithmetic (Fixture *fixture, gconstpointer data)
{
  CpacActivityOptions options = options_of (fixture);
  g_autoptr (CpacActivity) one = measure (fixture), other = NULL;

  options.ops = cpac_train_ops ();
  other = cpac_activity_new (&options, NULL);
  assert_close (one, other, 1e-3);
}

static void
test_without_head (Fixture *fixture, gconstpointer data)
{
  CpacActivityOptions options = options_of (fixture);
  g_autoptr (CpacActivity) activity = NULL;

  options.head = NULL;
  activity = cpac_activity_new (&options, NULL);
  g_assert_null (activity->layers[0].taylor);
  g_assert_cmpfloat (activity->layers[0].components[0], >, 0);
}

static void
test_too_large (void)
{
  g_auto (Toy) toy = { 0 };
  CpacPictures pictures = { 1, fill, NULL };
  CpacActivityOptions options = { .pictures = &pictures, .products = TRUE, .n_threads = 1 };
  g_autoptr (GError) error = NULL;

  toy_init (&toy, "- {type: cpac-conv, filters: 1, kernel: 1, rank: 5793}", (CpacDims){ 1, 1, 1 },
            1);
  options.network = toy.network;
  options.params = toy.params;
  g_assert_null (cpac_activity_new (&options, &error));
  g_assert_error (error, CPAC_ERROR, CPAC_ERROR_SHAPE);
  g_assert_cmpstr (error->message, ==,
                   "there are 33558849 pairs of components in the layers, at most 33554432 are "
                   "taken");
}

static gboolean
fail_from_third (gpointer user_data, guint index, guint worker, float *to, GError **error)
{
  if (index < 2)
    return fill (user_data, index, worker, to, error);
  g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_IO, "picture %u is gone", index);
  return FALSE;
}

static gboolean
fill_infinite (gpointer user_data, guint index, guint worker, float *to, GError **error)
{
  return fill (user_data, index, worker, to, error) && (index == 0 || (to[3] = INFINITY) > 0);
}

static void
test_refused (Fixture *fixture, gconstpointer data)
{
  static const struct {
    guint n;
    gboolean (*fill) (gpointer, guint, guint, float *, GError **);
    const char *message;
  } bad[] = {
    { 0, fill, "no picture to measure activations on, expected at least 1" },
    { 5, fail_from_third, "picture 2 is gone" },
    { 2, fill_infinite, "picture 2: the network's activations are not finite" },
  };
  CpacActivityOptions options = options_of (fixture);

  options.n_threads = 3;
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++) {
    g_autoptr (GError) error = NULL;

    fixture->pictures.n = bad[i].n;
    fixture->pictures.fill = bad[i].fill;
    g_assert_null (cpac_activity_new (&options, &error));
    g_assert_nonnull (error);
    g_assert_cmpstr (error->message, ==, bad[i].message);
  }
}

int
main (int argc, char **argv)
{
  static const struct {
    const char *path, *layers;
    void (*test) (Fixture *fixture, gconstpointer data);
  } tests[] = { { "/activity/taylor", LINEAR, test_taylor },
                { "/activity/components", WITH_RELU, test_components },
                { "/activity/products", WITH_RELU, test_products },
                { "/activity/inputs", WITH_RELU, test_inputs },
                { "/activity/shape", WITH_RELU, test_shape },
                { "/activity/rescaled", WITH_RELU, test_rescaled },
                { "/activity/threads", WITH_RELU, test_threads },
                { "/activity/other-arithmetic", WITH_RELU, test_other_arithmetic },
                { "/activity/without-head", WITH_RELU, test_without_head },
                { "/activity/refused", WITH_RELU, test_refused } };

  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].path, Fixture, tests[i].layers, set_up, tests[i].test, tear_down);
  g_test_add_func ("/activity/too-large", test_too_large);
  return g_test_run ();
}
