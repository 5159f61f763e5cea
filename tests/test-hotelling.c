/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include <float.h>
#include <math.h>
#include <string.h>

#include "core/monitor/eigen.h"
#include "core/monitor/hotelling.h"
#include "core/random.h"

/* ---- Eigenvectors ---- */

/* A v = lambda v, v of length 1 and at right angles, lambda falling; n roundings a sum, and each
 * of the rotations of some sweeps rounds. */
static void
test_eigen (void)
{
  static const guint sizes[] = { 1, 2, 3, 5, 17, 60 };

  for (guint k = 0; k < G_N_ELEMENTS (sizes); k++) {
    guint n = sizes[k];
    g_autofree double *matrix = g_new (double, n *n);
    g_autofree double *copy = g_new (double, n *n);
    g_autofree double *values = g_new (double, n);
    g_autofree double *vectors = g_new (double, n *n);
    CpacRandom random;

    cpac_random_init (&random, n, 100, 0);
    for (guint i = 0; i < n; i++)
      for (guint j = 0; j <= i; j++)
        matrix[i * n + j] = matrix[j * n + i] = cpac_random_normal (&random);
    memcpy (copy, matrix, n * n * sizeof *matrix);
    cpac_eigen_symmetric (matrix, n, values, vectors);
    for (guint i = 0; i < n; i++) {
      if (i > 0)
        g_assert_cmpfloat (values[i], <=, values[i - 1]);
      for (guint j = 0; j < n; j++) {
        double product = 0, dot = 0;

        for (guint l = 0; l < n; l++) {
          product += copy[j * n + l] * vectors[i * n + l];
          dot += vectors[i * n + l] * vectors[j * n + l];
        }
        g_assert_cmpfloat_with_epsilon (product, values[i] * vectors[i * n + j],
                                        100 * n * DBL_EPSILON);
        g_assert_cmpfloat_with_epsilon (dot, i == j, 100 * n * DBL_EPSILON);
      }
    }
  }
}

/* By hand: [[2, 1], [1, 2]] has 3 along (1, 1) and 1 across. */
static void
test_eigen_by_hand (void)
{
  double matrix[] = { 2, 1, 1, 2 }, values[2], vectors[4];
  double zeros[4] = { 0 };

  cpac_eigen_symmetric (matrix, 2, values, vectors);
  g_assert_cmpfloat_with_epsilon (values[0], 3, 1e-15);
  g_assert_cmpfloat_with_epsilon (values[1], 1, 1e-15);
  g_assert_cmpfloat_with_epsilon (vectors[0], M_SQRT1_2, 1e-15);
  g_assert_cmpfloat_with_epsilon (vectors[1], M_SQRT1_2, 1e-15);
  cpac_eigen_symmetric (zeros, 2, values, vectors);
  g_assert_cmpfloat (values[0], ==, 0);
  g_assert_cmpfloat (vectors[0], ==, 1);
}

/* ---- Charts ---- */

/* Three causes that move all features, and noise. */
static void
draw_part (CpacRandom *random, guint n, double *features)
{
  double causes[3];

  for (guint i = 0; i < 3; i++)
    causes[i] = cpac_random_normal (random);
  for (guint j = 0; j < n; j++) {
    features[j] = 100 + j + 0.3 * cpac_random_normal (random);
    for (guint i = 0; i < 3; i++)
      features[j] += causes[i] * sin (1 + 1.7 * j * (i + 1));
  }
}

static double *
draw_parts (guint m, guint n, guint64 seed)
{
  double *features = g_new (double, (gsize) m *n);
  CpacRandom random;

  cpac_random_init (&random, seed, 100, 0);
  for (guint i = 0; i < m; i++)
    draw_part (&random, n, features + (gsize) i * n);
  return features;
}

/* Two independent features by hand: with both axes kept T^2 is the sum of the squares of the
 * standardised features, and there is no Q. */
static void
test_by_hand (void)
{
  g_autoptr (CpacHotelling) hotelling = cpac_hotelling_alloc (2, 1);
  double part[] = { 13, 24 }, t2, q, t2_shares[2], q_shares[2];

  hotelling->mean[0] = 10;
  hotelling->mean[1] = 20;
  hotelling->scale[0] = 1;
  hotelling->scale[1] = 2;
  hotelling->axes[0] = 0.6;
  hotelling->axes[1] = 0.8;
  hotelling->variances[0] = 2;
  /* g = (3, 2), t = 3.4, rest = (0.96, -0.72) */
  cpac_hotelling_measure (hotelling, part, &t2, &q);
  g_assert_cmpfloat_with_epsilon (t2, 3.4 * 3.4 / 2, 1e-14);
  g_assert_cmpfloat_with_epsilon (q, 1.44, 1e-14);
  cpac_hotelling_contribute (hotelling, part, t2_shares, q_shares);
  g_assert_cmpfloat_with_epsilon (t2_shares[0], 3 * 0.6 * 1.7, 1e-14);
  g_assert_cmpfloat_with_epsilon (t2_shares[1], 2 * 0.8 * 1.7, 1e-14);
  g_assert_cmpfloat_with_epsilon (q_shares[0], 0.9216, 1e-14);
  hotelling->scale[1] = 0;
  cpac_hotelling_measure (hotelling, part, &t2, &q);
  g_assert_cmpfloat_with_epsilon (t2, 1.62, 1e-14);
}

/* Shares sum to the statistics; T^2 and Q of new parts exceed their limits about as often as they
 * should (see test_false_alarms); a feature that never varies weighs nothing. */
static void
test_shares (void)
{
  enum { M = 200, N = 17 };
  g_autofree double *features = draw_parts (M, N, 1);
  g_autoptr (CpacHotelling) hotelling = NULL;
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < M; i++)
    features[i * N + 4] = 7;
  hotelling = cpac_hotelling_fit (features, M, N, 370, 370, &error);
  g_assert_no_error (error);
  g_assert_cmpfloat (hotelling->scale[4], ==, 0);
  for (guint i = 0; i < M; i++) {
    double t2, q, t2_shares[N], q_shares[N], t2_sum = 0, q_sum = 0;

    features[i * N + 4] = 1e9;
    cpac_hotelling_measure (hotelling, features + i * N, &t2, &q);
    cpac_hotelling_contribute (hotelling, features + i * N, t2_shares, q_shares);
    for (guint j = 0; j < N; j++) {
      t2_sum += t2_shares[j];
      q_sum += q_shares[j];
    }
    g_assert_cmpfloat_with_epsilon (t2_sum, t2, 1e-10);
    g_assert_cmpfloat_with_epsilon (q_sum, q, 1e-10);
    g_assert_cmpfloat (t2_shares[4], ==, 0);
    g_assert_cmpfloat (q_shares[4], ==, 0);
  }
}

/* One in 370 wanted. From 300 parts limits are estimates, and Q's is of parts in the fit: between
 * half and twice as often, averaged over ten charts. */
static void
test_false_alarms (void)
{
  enum { M = 300, N = 10, NEW = 20000 };
  guint n_t2 = 0, n_q = 0;

  for (guint seed = 0; seed < 10; seed++) {
    g_autofree double *features = draw_parts (M, N, seed);
    g_autofree double *later = draw_parts (NEW, N, 1000 + seed);
    g_autoptr (GError) error = NULL;
    g_autoptr (CpacHotelling) hotelling = cpac_hotelling_fit (features, M, N, 370, 370, &error);

    g_assert_no_error (error);
    g_assert_cmpuint (hotelling->n_axes, ==, 3);
    g_assert_cmpuint (hotelling->n_used, >=, M - 6);
    for (guint i = 0; i < NEW; i++) {
      double t2, q;

      cpac_hotelling_measure (hotelling, later + (gsize) i * N, &t2, &q);
      n_t2 += t2 > hotelling->t2_limit;
      n_q += q > hotelling->q_limit;
    }
  }
  g_assert_cmpfloat (n_t2 * 370.0 / (10 * NEW), >, 0.5);
  g_assert_cmpfloat (n_t2 * 370.0 / (10 * NEW), <, 2);
  g_assert_cmpfloat (n_q * 370.0 / (10 * NEW), >, 0.5);
  g_assert_cmpfloat (n_q * 370.0 / (10 * NEW), <, 2);
}

/* Bad parts of both kinds do not bend the axes, and are found by the right chart, with the feature
 * that makes it. */
static void
test_kinds (void)
{
  enum { M = 300, N = 10 };
  g_autofree double *features = draw_parts (M, N, 3);
  g_autofree double *good = draw_parts (M, N, 3);
  g_autoptr (CpacHotelling) hotelling = NULL;
  g_autoptr (CpacHotelling) clean = cpac_hotelling_fit (good, M, N, 1e5, 1e5, NULL);
  double part[N], shares[N], t2, q;
  CpacRandom random;

  for (guint i = 0; i < M; i += 25)
    features[i * N + i % N] += 20;
  hotelling = cpac_hotelling_fit (features, M, N, 1e5, 1e5, NULL);
  g_assert_cmpuint (hotelling->n_used, <=, M - 12);
  g_assert_cmpuint (hotelling->n_used, >=, M - 18);
  g_assert_cmpfloat_with_epsilon (hotelling->t2_limit / clean->t2_limit, 1, 0.1);
  g_assert_cmpfloat_with_epsilon (hotelling->q_limit / clean->q_limit, 1, 0.2);

  cpac_random_init (&random, 4, 100, 0);
  draw_part (&random, N, part);
  part[6] += 4;
  cpac_hotelling_measure (hotelling, part, &t2, &q);
  g_assert_cmpfloat (q, >, hotelling->q_limit);
  g_assert_cmpfloat (t2, <, hotelling->t2_limit);
  cpac_hotelling_contribute (hotelling, part, NULL, shares);
  for (guint j = 0; j < N; j++)
    g_assert_cmpfloat (shares[j], <=, shares[6]);

  for (guint j = 0; j < N; j++)
    part[j] = 100 + j + 8 * sin (1 + 1.7 * j);
  cpac_hotelling_measure (hotelling, part, &t2, &q);
  g_assert_cmpfloat (t2, >, hotelling->t2_limit);
  g_assert_cmpfloat (q, <, hotelling->q_limit);
}

/* Of equal variances Q is a scaled chi-square: exp (-x / 2) for two of them. The formula is an
 * approximation, up to an eighth off that far out. */
static void
test_q_limit (void)
{
  static const double equal[] = { 0.5, 0.5 };
  static const double falling[] = { 100, 1e-3, 1e-3, 1e-3, 1e-3, 1e-3, 1e-3, 1e-3, 1e-3 };

  for (double p = 0.05; p > 1e-7; p *= 0.1)
    g_assert_cmpfloat_with_epsilon (cpac_hotelling_get_q_limit (equal, 2, p) / (-log (p)), 1, 0.125);
  g_assert_cmpfloat (cpac_hotelling_get_q_limit (equal, 0, 0.01), ==, 0);
  g_assert_true (cpac_hotelling_get_q_limit (falling, 9, 1e-6) > 100);
}

static void
test_refused (void)
{
  g_autofree double *features = draw_parts (300, 100, 1);
  g_autofree double *constant = g_new0 (double, 300 * 2);
  g_autoptr (GError) error = NULL;

  g_assert_null (cpac_hotelling_fit (features, 99, 5, 370, 370, &error));
  g_assert_error (error, CPAC_ERROR, CPAC_ERROR_SCHEMA);
  g_assert_cmpstr (error->message, ==,
                   "features: found 99 parts in control for 5 features, expected at least 100");
  g_clear_error (&error);
  g_assert_null (cpac_hotelling_fit (features, 300, 100, 370, 370, &error));
  g_assert_cmpstr (error->message, ==,
                   "features: found 300 parts in control for 100 features, expected at least 500");
  g_clear_error (&error);
  g_assert_null (cpac_hotelling_fit (constant, 300, 2, 370, 370, &error));
  g_assert_error (error, CPAC_ERROR, CPAC_ERROR_NUMERIC);
  g_clear_error (&error);
  g_assert_null (cpac_hotelling_fit (constant, 300, 0, 370, 370, &error));
  g_assert_error (error, CPAC_ERROR, CPAC_ERROR_SCHEMA);
  g_clear_error (&error);
  features[5 * 253 + 2] = INFINITY;
  g_assert_null (cpac_hotelling_fit (features, 300, 5, 370, 370, &error));
  g_assert_cmpstr (error->message, ==,
                   "features: part 253, feature 2: found inf, expected a number");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/hotelling/eigen", test_eigen);
  g_test_add_func ("/hotelling/eigen-by-hand", test_eigen_by_hand);
  g_test_add_func ("/hotelling/by-hand", test_by_hand);
  g_test_add_func ("/hotelling/shares", test_shares);
  g_test_add_func ("/hotelling/false-alarms", test_false_alarms);
  g_test_add_func ("/hotelling/kinds", test_kinds);
  g_test_add_func ("/hotelling/q-limit", test_q_limit);
  g_test_add_func ("/hotelling/refused", test_refused);
  return g_test_run ();
}
