/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include <math.h>
#include <stdlib.h>

#include "core/random.h"
#include "core/score/statistics.h"
#include "core/score/tolerance.h"

/* Sample sizes of Wilks' one-sided tolerance limits, as tables of nuclear safety analysis print
 * them: at n the k-th largest just keeps the promise, at n - 1 it does not. */
static void
test_known (void)
{
  static const struct {
    double rate, confidence;
    guint k, n;
  } rows[] = {
    { 0.05, 0.95, 1, 59 },  { 0.05, 0.95, 2, 93 },  { 0.05, 0.95, 3, 124 },
    { 0.05, 0.95, 4, 153 }, { 0.05, 0.95, 5, 181 }, { 0.01, 0.95, 1, 299 },
    { 0.01, 0.95, 2, 473 }, { 0.01, 0.95, 3, 628 }, { 0.001, 0.95, 1, 2995 },
    { 0.01, 0.99, 1, 459 }, { 0.10, 0.95, 1, 29 },  { 0.5, 0.5, 1, 1 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    CpacTolerance at, before = { 0 };
    gboolean kept = cpac_tolerance_choose (rows[i].n, rows[i].rate, rows[i].confidence, &at);

    g_assert_true (kept);
    g_assert_cmpuint (at.k, ==, rows[i].k);
    /* The promise is found by bisection, the choice by the distribution function: equal up to the
     * rounding of the latter, see cpac_beta_cdf(). */
    g_assert_cmpfloat (at.promised, <=, rows[i].rate * (1 + 1e-9));
    g_assert_cmpfloat (at.expected, ==, rows[i].k / (rows[i].n + 1.0));
    if (rows[i].n == 1)
      continue;
    kept = cpac_tolerance_choose (rows[i].n - 1, rows[i].rate, rows[i].confidence, &before);
    g_assert_cmpint (kept, ==, rows[i].k > 1);
    g_assert_cmpuint (before.k, ==, MAX (rows[i].k - 1, 1));
    if (rows[i].k == 1)
      g_assert_cmpuint (cpac_tolerance_get_n_needed (rows[i].rate, rows[i].confidence), ==,
                        rows[i].n);
  }
}

/* The largest of n: 1 - (1 - confidence)^(1 / n). 13 parts promise 20.58 %. */
static void
test_largest (void)
{
  static const guint sizes[] = { 1, 2, 3, 5, 13, 17, 253 };

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++) {
    CpacTolerance tolerance;

    g_assert_false (cpac_tolerance_choose (sizes[i], 1e-6, 0.95, &tolerance));
    g_assert_cmpuint (tolerance.k, ==, 1);
    g_assert_cmpfloat_with_epsilon (tolerance.promised, 1 - pow (0.05, 1.0 / sizes[i]), 1e-12);
  }
}

/* P (at least k of n parts are above), by the recurrence of the binomial terms. */
static double
binomial_tail (guint k, guint n, double rate)
{
  double term = pow (1 - rate, n), below = 0;

  for (guint i = 0; i < k; i++) {
    below += term;
    term *= (double) (n - i) / (i + 1) * rate / (1 - rate);
  }
  return 1 - below;
}

static void
test_largest_k (void)
{
  static const guint sizes[] = { 1, 2, 3, 5, 17, 253, 1000 };
  static const double rates[] = { 0.003, 0.02, 0.1, 0.37 };

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    for (guint j = 0; j < G_N_ELEMENTS (rates); j++) {
      CpacTolerance tolerance;
      gboolean kept = cpac_tolerance_choose (sizes[i], rates[j], 0.9, &tolerance);
      guint k = 0;

      while (k < sizes[i] && binomial_tail (k + 1, sizes[i], rates[j]) >= 0.9)
        k++;
      g_assert_cmpint (kept, ==, k > 0);
      g_assert_cmpuint (tolerance.k, ==, MAX (k, 1));
    }
}

/* Least n with 1 - (1 - rate)^n >= confidence, to the rounding of the logarithms: 1e-12. */
static void
test_n_needed (void)
{
  for (double rate = 1e-6; rate <= 0.5; rate *= 1.37)
    for (double confidence = 0.5; confidence < 1; confidence += 0.07) {
      double n = (double) cpac_tolerance_get_n_needed (rate, confidence);

      g_assert_cmpfloat (-expm1 (n * log1p (-rate)), >=, confidence * (1 - 1e-12));
      if (n > 1)
        g_assert_cmpfloat (-expm1 ((n - 1) * log1p (-rate)), <, confidence * (1 + 1e-12));
    }
}

static void
test_expected (void)
{
  g_assert_cmpuint (cpac_tolerance_get_k_expected (1000, 0.025), ==, 25);
  g_assert_cmpuint (cpac_tolerance_get_k_expected (19, 0.05), ==, 1);
  g_assert_cmpuint (cpac_tolerance_get_k_expected (18, 0.05), ==, 0);
  g_assert_cmpuint (cpac_tolerance_get_k_expected (99, 0.29), ==, 29);
  g_assert_cmpuint (cpac_tolerance_get_k_expected (1, 0), ==, 0);
}

/* ---- Promises kept on scores whose distribution is known ---- */

typedef struct {
  const char *name;
  double (*draw) (CpacRandom *random);
  double (*share_above) (double score);
} Law;

static double
draw_uniform (CpacRandom *random)
{
  return cpac_random_double (random);
}

static double
above_uniform (double score)
{
  return 1 - score;
}

static double
draw_exponential (CpacRandom *random)
{
  return -log1p (-cpac_random_double (random));
}

static double
above_exponential (double score)
{
  return exp (-score);
}

static double
above_normal (double score)
{
  return 0.5 * erfc (score * M_SQRT1_2);
}

/* Cauchy: no mean, no variance. */
static double
draw_cauchy (CpacRandom *random)
{
  return tan (G_PI * (cpac_random_double (random) - 0.5));
}

static double
above_cauchy (double score)
{
  return 0.5 - atan (score) / G_PI;
}

static int
compare_doubles (const void *a, const void *b)
{
  double x = *(const double *) a, y = *(const double *) b;

  return (x > y) - (x < y);
}

#define N_SEEDS 400

/* The share above the threshold is Beta (k, n + 1 - k): how often it is above what was asked, and
 * its mean, lie within 5 standard errors (a sound choice fails one of the 48 checks in 40,000
 * runs; and the seeds are fixed). */
static void
check_law (const Law *law, guint n, double rate)
{
  g_autofree double *scores = g_new (double, n);
  CpacTolerance tolerance;
  gboolean kept = cpac_tolerance_choose (n, rate, 0.95, &tolerance);
  double k = tolerance.k, sum = 0, failure, variance;
  guint n_failures = 0;

  g_assert_true (kept);
  for (guint seed = 0; seed < N_SEEDS; seed++) {
    CpacRandom random;
    double share;

    cpac_random_init (&random, seed, 100, n);
    for (guint i = 0; i < n; i++)
      scores[i] = law->draw (&random);
    qsort (scores, n, sizeof *scores, compare_doubles);
    share = law->share_above (scores[n - tolerance.k]);
    sum += share;
    n_failures += share > rate;
  }
  failure = 1 - cpac_beta_cdf (k, n + 1 - k, rate);
  g_assert_cmpfloat (failure, <=, 0.05);
  g_assert_cmpfloat_with_epsilon (n_failures, N_SEEDS * failure,
                                  5 * sqrt (N_SEEDS * failure * (1 - failure)));
  variance = k * (n + 1 - k) / ((n + 1.0) * (n + 1.0) * (n + 2.0));
  g_assert_cmpfloat_with_epsilon (sum / N_SEEDS, tolerance.expected, 5 * sqrt (variance / N_SEEDS));
}

static void
test_promises (void)
{
  static const Law laws[] = {
    { "uniform", draw_uniform, above_uniform },
    { "exponential", draw_exponential, above_exponential },
    { "normal", cpac_random_normal, above_normal },
    { "cauchy", draw_cauchy, above_cauchy },
  };
  static const guint sizes[] = { 299, 500, 1000 };

  for (guint i = 0; i < G_N_ELEMENTS (laws); i++)
    for (guint j = 0; j < G_N_ELEMENTS (sizes); j++) {
      check_law (&laws[i], sizes[j], 0.01);
      check_law (&laws[i], sizes[j], 0.05);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/tolerance/known", test_known);
  g_test_add_func ("/tolerance/largest", test_largest);
  g_test_add_func ("/tolerance/largest-k", test_largest_k);
  g_test_add_func ("/tolerance/n-needed", test_n_needed);
  g_test_add_func ("/tolerance/expected", test_expected);
  g_test_add_func ("/tolerance/promises", test_promises);
  return g_test_run ();
}
