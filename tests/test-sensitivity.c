/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include <math.h>
#include <string.h>

#include "core/random.h"
#include "core/train/sensitivity.h"
#include "tests/toy.h"

#define LAYERS                                                                                     \
  "- {name: a, type: conv, filters: 3, kernel: 3}\n"                                               \
  "- {name: r, type: relu}\n"                                                                      \
  "- {type: flatten}\n"                                                                            \
  "- {name: l, type: linear, units: 4}\n"
static const CpacDims input = { 2, 5, 4 };

typedef struct {
  Toy toy;
  CpacHead head;
  CpacPictures pictures;
  CpacSensitivityOptions options;
} Fixture;

static gboolean
fill (gpointer user_data, guint index, guint worker, float *to, GError **error)
{
  const Fixture *fixture = user_data;
  gsize n = toy_n_inputs (&fixture->toy);

  for (gsize i = 0; i < n; i++)
    to[i] = fixture->toy.pictures[(index % 2) * n + (i + 3 * index) % n];
  return TRUE;
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  toy_init (&fixture->toy, LAYERS, input, 6);
  fixture->head.kind = CPAC_HEAD_NONE;
  fixture->pictures = (CpacPictures){ 13, fill, fixture };
  fixture->options = (CpacSensitivityOptions){ .network = fixture->toy.network,
                                               .params = fixture->toy.params,
                                               .head = &fixture->head,
                                               .pictures = &fixture->pictures,
                                               .seed = 5,
                                               .n_threads = 1 };
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  toy_clear (&fixture->toy);
}

static double *
measure (const Fixture *fixture)
{
  g_autoptr (GError) error = NULL;
  double *squares = cpac_sensitivity_measure (&fixture->options, &error);

  g_assert_no_error (error);
  return squares;
}

/* g of the layer before the last is W^T v, that of the relu's input what the relu lets through, by
 * hand; v the numbers of this very picture. */
static void
test_by_hand (Fixture *fixture, gconstpointer data)
{
  CpacRunOptions options = CPAC_RUN_OPTIONS_INIT;
  const CpacParams *params = fixture->toy.params;
  const float *w = params->values[params->first[3]]->data;
  g_autoptr (CpacRun) run = cpac_run_new (fixture->toy.network, params, &options);
  const float *y = cpac_run_get_output (run, 0, 0);
  gsize n = cpac_dims_count (&cpac_network_get_layer (fixture->toy.network, 2)->out);
  double expected[4] = { 0 };
  g_autofree double *squares = measure (fixture);

  for (guint index = 0; index < fixture->pictures.n; index++) {
    CpacRandom random;
    double v[4];

    cpac_random_init (&random, 5, CPAC_STREAM_FISHER, index);
    fill (fixture, index, 0, cpac_run_get_input (run, 0), NULL);
    cpac_run_forward (run);
    for (guint i = 0; i < 4; i++) {
      v[i] = cpac_random_normal (&random);
      expected[3] += v[i] * v[i] / fixture->pictures.n;
    }
    for (gsize k = 0; k < n; k++) {
      double g = 0;

      for (guint i = 0; i < 4; i++)
        g += w[i * n + k] * v[i];
      expected[1] += g * g / fixture->pictures.n;
      expected[0] += y[k] > 0 ? g * g / fixture->pictures.n : 0;
    }
  }
  expected[2] = expected[1];
  for (guint i = 0; i < 4; i++)
    g_assert_cmpfloat_with_epsilon (squares[i], expected[i], 1e-5 * expected[i]);
  g_assert_cmpfloat (expected[0], <, expected[1]);
}

/* Of a classifier v is p - e, e a class drawn by p: E ||v||^2 = 1 - sum p^2. Over many draws. */
static void
test_classifier (Fixture *fixture, gconstpointer data)
{
  CpacRunOptions options = CPAC_RUN_OPTIONS_INIT;
  g_autoptr (CpacRun) run = cpac_run_new (fixture->toy.network, fixture->toy.params, &options);
  const float *y = cpac_run_get_output (run, 3, 0);
  double expected = 0;
  g_autofree double *squares = NULL;

  fixture->head.kind = CPAC_HEAD_CLASSIFIER;
  fixture->pictures.n = 4000;
  squares = measure (fixture);
  for (guint index = 0; index < fixture->pictures.n; index++) {
    double sum = 0, p2 = 0;

    fill (fixture, index, 0, cpac_run_get_input (run, 0), NULL);
    cpac_run_forward (run);
    for (guint i = 0; i < 4; i++)
      sum += exp (y[i]);
    for (guint i = 0; i < 4; i++)
      p2 += exp (2 * y[i]) / (sum * sum);
    expected += (1 - p2) / fixture->pictures.n;
  }
  /* Each lies in 0..2: the mean's standard deviation is at most 1 / sqrt (4000). */
  g_assert_cmpfloat_with_epsilon (squares[3], expected, 4 / sqrt (4000));
  g_assert_cmpfloat (expected, >, 0.2);
}

static void
test_threads (Fixture *fixture, gconstpointer data)
{
  g_autofree double *one = measure (fixture), *three = NULL;

  fixture->options.n_threads = 3;
  three = measure (fixture);
  g_assert_cmpmem (one, 4 * sizeof (double), three, 4 * sizeof (double));
}

static void
test_errors (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  fixture->toy.params->values[fixture->toy.params->first[3]]->data[0] = NAN;
  g_assert_null (cpac_sensitivity_measure (&fixture->options, &error));
  g_assert_error (error, CPAC_ERROR, CPAC_ERROR_NUMERIC);
  g_assert_cmpstr (error->message, ==, "picture 1: the network's activations are not finite");
  g_clear_error (&error);
  fixture->pictures.n = 0;
  g_assert_null (cpac_sensitivity_measure (&fixture->options, &error));
  g_assert_error (error, CPAC_ERROR, CPAC_ERROR_SCHEMA);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/sensitivity/by-hand", Fixture, NULL, set_up, test_by_hand, tear_down);
  g_test_add ("/sensitivity/classifier", Fixture, NULL, set_up, test_classifier, tear_down);
  g_test_add ("/sensitivity/threads", Fixture, NULL, set_up, test_threads, tear_down);
  g_test_add ("/sensitivity/errors", Fixture, NULL, set_up, test_errors, tear_down);
  return g_test_run ();
}
