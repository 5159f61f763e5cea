/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include <math.h>
#include <string.h>

#include "core/cp/cp.h"
#include "core/cp/factorize.h"
#include "core/layers/options.h"
#include "core/model/config.h"
#include "core/train/decompose.h"
#include "core/train/layer-moments.h"
#include "tests/toy.h"

#define LAYERS                                                                                     \
  "- {name: a, type: conv, filters: 6, kernel: 3, padding: same}\n"                                \
  "- {type: relu}\n"                                                                               \
  "- {name: b, type: conv, filters: 5, kernel: [3, 2], stride: 2, bias: false}\n"
#define TEXT "layers:\n" LAYERS
static const CpacDims input = { 2, 9, 11 };

typedef struct {
  Toy dense;
  char *text;
  CpacNetwork *network;
  CpacParams *params;
  CpacPictures pictures;
  CpacDecomposedLayer layers[2];
  CpacDecomposeOptions options;
} Fixture;

static gboolean
fill (gpointer user_data, guint index, guint worker, float *to, GError **error)
{
  const Fixture *fixture = user_data;
  gsize n = toy_n_inputs (&fixture->dense);

  for (gsize i = 0; i < n; i++)
    to[i] = fixture->dense.pictures[(index % 2) * n + (i + 7 * index) % n];
  return TRUE;
}

/* Layer a of rank @first, layer b of rank @second, 0: stays. */
static void
fixture_init (Fixture *fixture, guint first, guint second)
{
  const guint ranks[] = { first, 0, second };
  g_autoptr (GError) error = NULL;
  guint n = 0;

  *fixture = (Fixture){ .pictures = { 9, fill, fixture } };
  toy_init (&fixture->dense, LAYERS, input, 6);
  fixture->text = cpac_factorize_text (fixture->dense.network, ranks, "toy", TEXT, &error);
  g_assert_no_error (error);
  fixture->network = cpac_factorize_network (fixture->dense.network, "toy", fixture->text, &error);
  g_assert_no_error (error);
  fixture->params =
      cpac_factorize_params (fixture->dense.network, fixture->dense.params, fixture->network);
  for (guint i = 0; i < 3; i += 2)
    if (ranks[i] > 0)
      fixture->layers[n++].layer = i;
  fixture->options = (CpacDecomposeOptions){ .dense = fixture->dense.network,
                                             .dense_params = fixture->dense.params,
                                             .network = fixture->network,
                                             .params = fixture->params,
                                             .layers = fixture->layers,
                                             .n_layers = n,
                                             .pictures = &fixture->pictures,
                                             .fit = CPAC_DECOMPOSE_ALL,
                                             .seed = 1,
                                             .n_threads = 1 };
}

static void
fixture_clear (Fixture *fixture)
{
  toy_clear (&fixture->dense);
  g_free (fixture->text);
  cpac_network_free (fixture->network);
  cpac_params_free (fixture->params);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Fixture, fixture_clear)

static void
decompose (const Fixture *fixture)
{
  g_autoptr (GError) error = NULL;

  cpac_decompose_kernels (&fixture->options, &error);
  g_assert_no_error (error);
}

static void
fit (const Fixture *fixture)
{
  g_autoptr (GError) error = NULL;

  cpac_decompose_fit (&fixture->options, &error);
  g_assert_no_error (error);
}

/* 1 - ||Y - Y^|| / ||Y - mean Y|| of layer @layer over the pictures, the mean of each filter. */
static double
fit_of (Fixture *fixture, guint layer)
{
  CpacRunOptions options = CPAC_RUN_OPTIONS_INIT;
  g_autoptr (CpacRun) is = cpac_run_new (fixture->network, fixture->params, &options);
  g_autoptr (CpacRun) was = cpac_run_new (fixture->dense.network, fixture->dense.params, &options);
  const CpacDims *out = &cpac_network_get_layer (fixture->network, layer)->out;
  gsize plane = (gsize) out->height * out->width;
  g_autofree double *sums = g_new0 (double, out->channels);
  double error = 0, squares = 0;

  for (guint i = 0; i < fixture->pictures.n; i++) {
    const float *x = cpac_run_get_output (is, layer, 0), *y = cpac_run_get_output (was, layer, 0);

    fill (fixture, i, 0, cpac_run_get_input (is, 0), NULL);
    fill (fixture, i, 0, cpac_run_get_input (was, 0), NULL);
    cpac_run_forward (is);
    cpac_run_forward (was);
    for (gsize k = 0; k < out->channels * plane; k++) {
      error += ((double) x[k] - y[k]) * ((double) x[k] - y[k]);
      sums[k / plane] += y[k];
      squares += (double) y[k] * y[k];
    }
  }
  for (guint f = 0; f < out->channels; f++)
    squares -= sums[f] * sums[f] / ((double) fixture->pictures.n * (double) plane);
  return 1 - sqrt (error / squares);
}

/* At the largest rank a kernel can have, nothing is lost. */
static void
test_exact (void)
{
  g_auto (Fixture) fixture = { .text = NULL };

  fixture_init (&fixture, 18, 30);
  decompose (&fixture);
  g_assert_cmpfloat (fixture.layers[0].fit, >, 1 - 1e-4);
  g_assert_cmpfloat (fixture.layers[1].fit, >, 1 - 1e-4);
  g_assert_true (isnan (fixture.layers[1].outputs.fit));
  g_assert_cmpfloat (fit_of (&fixture, 2), >, 1 - 1e-3);
}

/* The fits are those of the kernels, and of the outputs on what the layers before give by then. */
static void
test_fits (void)
{
  g_auto (Fixture) fixture = { .text = NULL };

  fixture_init (&fixture, 4, 6);
  decompose (&fixture);
  for (guint i = 0; i < 2; i++) {
    const CpacDecomposedLayer *of = &fixture.layers[i];
    const CpacTensor *kernel = fixture.dense.params->values[fixture.dense.params->first[of->layer]];
    g_autoptr (CpacCp) cp = cpac_cp_als (kernel, i == 0 ? 4 : 6, NULL, NULL);

    g_assert_cmpfloat (of->fit, ==, cp->fit);
    g_assert_cmpfloat (of->degeneracy, ==, cp->degeneracy);
    g_assert_cmpfloat (of->congruence, ==, cp->congruence);
  }
  fit (&fixture);
  for (guint i = 0; i < 2; i++) {
    const CpacDecomposedLayer *of = &fixture.layers[i];

    g_assert_cmpfloat (of->outputs.fit_a, >, of->outputs.fit_before);
    g_assert_cmpfloat (of->outputs.fit, >, of->outputs.fit_a);
    /* Sums of float products, and factors rounded to float. */
    g_assert_cmpfloat_with_epsilon (of->outputs.fit, fit_of (&fixture, of->layer), 1e-4);
    g_assert_cmpfloat (of->degeneracy, ==, of->outputs.degeneracy);
  }
}

/* Factors of layer a by CP-ALS with the second moments of its two channels. */
static CpacCp *
decompose_weighted (Fixture *fixture)
{
  CpacLayerMoments of = { .layer = 0, .target = 0 };
  const CpacLayerMomentsOptions gather = { .network = fixture->dense.network,
                                           .params = fixture->dense.params,
                                           .target = fixture->dense.network,
                                           .target_params = fixture->dense.params,
                                           .layers = &of,
                                           .n_layers = 1,
                                           .pictures = &fixture->pictures,
                                           .n_threads = 1 };
  CpacCpOptions options = CPAC_CP_OPTIONS_INIT;
  double channels[4] = { 0 };
  CpacCp *cp;

  g_assert_true (cpac_layer_moments_gather (&gather, NULL));
  for (guint tap = 0; tap < 9; tap++)
    for (guint i = 0; i < 4; i++) {
      guint row = tap * 2 + i / 2, column = tap * 2 + i % 2;
      const CpacCpMoments *m = of.moments;

      channels[i] += m->xx[row * 18 + column] / m->n - m->x[row] / m->n * m->x[column] / m->n;
    }
  options.channels = channels;
  cp = cpac_cp_als (fixture->dense.params->values[0], 4, &options, NULL);
  cpac_cp_moments_free (of.moments);
  return cp;
}

/* With a alone b, c and d stay those of the kernel, the channels' moments considered. */
static void
test_a (void)
{
  g_auto (Fixture) fixture = { .text = NULL };
  g_autoptr (CpacCp) cp = NULL;
  float *factors[4], *bias;

  fixture_init (&fixture, 4, 0);
  fixture.options.fit = CPAC_DECOMPOSE_A;
  decompose (&fixture);
  fit (&fixture);
  g_assert_cmpfloat (fixture.layers[0].outputs.fit, ==, fixture.layers[0].outputs.fit_a);
  g_assert_cmpfloat_with_epsilon (fixture.layers[0].outputs.fit, fit_of (&fixture, 0), 1e-4);
  cp = decompose_weighted (&fixture);
  cpac_factorize_get_factors (fixture.network, fixture.params, 0, factors, &bias);
  /* But for the order of the components, which follows their sizes. */
  for (guint r = 0; r < 4; r++) {
    gboolean found = FALSE;

    for (guint q = 0; q < 4; q++)
      found = found || (fabsf (factors[3][r] - cp->d->data[q]) < 1e-4f &&
                        fabsf (factors[3][4 + r] - cp->d->data[4 + q]) < 1e-4f);
    g_assert_true (found);
  }
}

static void
test_threads (void)
{
  g_auto (Fixture) one = { .text = NULL }, three = { .text = NULL };

  fixture_init (&one, 4, 6);
  fixture_init (&three, 4, 6);
  three.options.n_threads = 3;
  decompose (&one);
  decompose (&three);
  fit (&one);
  fit (&three);
  for (guint i = 0; i < one.params->n_params; i++) {
    gsize n = cpac_shape_count (&one.params->values[i]->shape) * sizeof (float);

    g_assert_cmpmem (one.params->values[i]->data, n, three.params->values[i]->data, n);
  }
}

static void
test_errors (void)
{
  g_auto (Fixture) fixture = { .text = NULL };
  g_autoptr (GError) error = NULL;
  CpacTensor *kernel;

  fixture_init (&fixture, 4, 6);
  kernel = fixture.dense.params->values[fixture.dense.params->first[2]];
  memset (kernel->data, 0, cpac_shape_count (&kernel->shape) * sizeof (float));
  g_assert_false (cpac_decompose_kernels (&fixture.options, &error));
  g_assert_error (error, CPAC_ERROR, CPAC_ERROR_NUMERIC);
  g_assert_cmpstr (error->message, ==, "layer b: cannot decompose a kernel that is zero");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/decompose/exact", test_exact);
  g_test_add_func ("/decompose/fits", test_fits);
  g_test_add_func ("/decompose/a", test_a);
  g_test_add_func ("/decompose/threads", test_threads);
  g_test_add_func ("/decompose/errors", test_errors);
  return g_test_run ();
}
