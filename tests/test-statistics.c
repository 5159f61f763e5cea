/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include <float.h>
#include <math.h>

#include "core/score/statistics.h"

static void
assert_near (double value, double expected, double relative)
{
  g_assert_cmpfloat_with_epsilon (value, expected, relative * fabs (expected));
}

/* P (X >= k) of Binomial (n, p), term by term: equals I_p (k, n - k + 1). */
static double
binomial_tail (guint k, guint n, double p)
{
  double tail = 0;

  for (guint j = k; j <= n; j++) {
    double term = 1;

    for (guint i = 0; i < j; i++)
      term *= p * (n - i) / (i + 1);
    tail += term * pow (1 - p, n - j);
  }
  return tail;
}

static void
test_beta_closed_forms (void)
{
  static const double xs[] = { 1e-12, 1e-3, 0.1, 0.25, 0.5, 0.77, 0.999 };

  for (guint i = 0; i < G_N_ELEMENTS (xs); i++) {
    double x = xs[i];

    assert_near (cpac_beta_cdf (1, 1, x), x, 1e-13);
    assert_near (cpac_beta_cdf (7, 1, x), pow (x, 7), 1e-13);
    assert_near (cpac_beta_cdf (1, 30, x), -expm1 (30 * log1p (-x)), 1e-13);
    assert_near (cpac_beta_cdf (2, 3, x), x * x * (6 - 8 * x + 3 * x * x), 1e-13);
    assert_near (cpac_beta_cdf (0.5, 0.5, x), 2 / G_PI * asin (sqrt (x)), 1e-13);
  }
  g_assert_cmpfloat (cpac_beta_cdf (2, 3, 0), ==, 0);
  g_assert_cmpfloat (cpac_beta_cdf (2, 3, 1), ==, 1);
}

static void
test_beta_binomial (void)
{
  static const guint sizes[] = { 1, 2, 3, 5, 17, 253 };

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++) {
    guint n = sizes[i];

    for (guint k = 1; k <= n; k += 1 + n / 7)
      for (double p = 0.05; p < 1; p += 0.15)
        /* Two sums of n positive terms of n factors each: n^2 roundings at worst, sqrt of it in
         * fact; and an absolute one where the result is 1 minus the other tail. */
        g_assert_cmpfloat_with_epsilon (cpac_beta_cdf (k, n - k + 1, p), binomial_tail (k, n, p),
                                        8 * n * DBL_EPSILON);
  }
}

/* Large parameters: symmetric, so exactly one half in the middle; the normal limit on its sides. */
static void
test_beta_large (void)
{
  for (double a = 1e2; a <= 1e8; a *= 100) {
    double rounding = 2 * DBL_EPSILON * a * log (a) + 1e-13; /* of lgamma (2 a), with a margin */
    double sigma = 0.5 / sqrt (2 * a + 1);

    g_assert_cmpfloat_with_epsilon (cpac_beta_cdf (a, a, 0.5), 0.5, rounding);
    /* The first correction to the normal law is of order 1 / a. */
    g_assert_cmpfloat_with_epsilon (cpac_beta_cdf (a, a, 0.5 + sigma), 0.5 * erfc (-M_SQRT1_2),
                                    0.2 / a + rounding);
  }
}

static void
test_beta_quantile (void)
{
  static const double shapes[][2] = { { 1, 1 }, { 1, 30 }, { 0.5, 0.5 }, { 3, 17 }, { 250, 4 } };
  static const double ps[] = { 1e-6, 0.025, 0.5, 0.95, 0.999 };

  for (guint i = 0; i < G_N_ELEMENTS (shapes); i++)
    for (guint k = 0; k < G_N_ELEMENTS (ps); k++) {
      double x = cpac_beta_quantile (shapes[i][0], shapes[i][1], ps[k]);

      assert_near (cpac_beta_cdf (shapes[i][0], shapes[i][1], x), ps[k], 1e-11);
    }
  assert_near (cpac_beta_quantile (1, 30, 0.95), 1 - pow (0.05, 1 / 30.0), 1e-14);
  g_assert_cmpfloat (cpac_beta_quantile (2, 3, 0), ==, 0);
  g_assert_cmpfloat (cpac_beta_quantile (2, 3, 1), ==, 1);
}

/* 299 good parts are the fewest whose largest score promises 1 % false rejects at 95 %: the rate
 * above the largest of n scores is Beta (1, n), n >= ln (0.05) / ln (0.99). */
static void
test_beta_promise (void)
{
  g_assert_cmpfloat (cpac_beta_quantile (1, 299, 0.95), <=, 0.01);
  g_assert_cmpfloat (cpac_beta_quantile (1, 298, 0.95), >, 0.01);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/statistics/beta-closed-forms", test_beta_closed_forms);
  g_test_add_func ("/statistics/beta-binomial", test_beta_binomial);
  g_test_add_func ("/statistics/beta-large", test_beta_large);
  g_test_add_func ("/statistics/beta-quantile", test_beta_quantile);
  g_test_add_func ("/statistics/beta-promise", test_beta_promise);
  return g_test_run ();
}
