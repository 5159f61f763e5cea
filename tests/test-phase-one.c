/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include <float.h>
#include <math.h>
#include <string.h>

#include "core/monitor/arl.h"
#include "core/monitor/distributions.h"
#include "core/monitor/phase-one.h"
#include "core/random.h"

/* @n values of an AR(1) about @center with standard deviation @spread. */
static double *
draw (guint n, double center, double spread, double phi, guint64 seed)
{
  double *x = g_new (double, n), last = 0;
  CpacRandom random;

  cpac_random_init (&random, seed, 100, 0);
  for (guint i = 0; i < n; i++) {
    double e = cpac_random_normal (&random);

    last = i == 0 ? e : phi * last + sqrt (1 - phi * phi) * e;
    x[i] = center + spread * last;
  }
  return x;
}

static gboolean
fit (const double *x, guint n, CpacBaseline *baseline, gboolean *is_in)
{
  g_autoptr (GError) error = NULL;
  gboolean done = cpac_baseline_fit ("score", x, n, is_in, baseline, &error);

  g_assert_no_error (error);
  return done;
}

/* ---- Autocorrelation ---- */

/* By hand: x = 1, -1, 1, -1, 2 about 0: variance 8/5, lag 1: (-1 - 1 - 1 - 2) / 4, lag 2: (1 + 1 +
 * 2) / 3. */
static void
test_lags_by_hand (void)
{
  static const double x[] = { 1, -1, 1, -1, 2 };
  static const gboolean some[] = { TRUE, TRUE, FALSE, TRUE, TRUE };
  double lags[CPAC_N_LAGS];

  cpac_autocorrelation_estimate (x, NULL, 5, 0, lags);
  g_assert_cmpfloat_with_epsilon (lags[0], -5.0 / 4 / 1.6, 1e-15);
  g_assert_cmpfloat_with_epsilon (lags[1], 4.0 / 3 / 1.6, 1e-15);
  g_assert_cmpfloat (lags[4], ==, 0);
  /* Without the third: variance 7/4, pairs (1, -1) and (-1, 2). */
  cpac_autocorrelation_estimate (x, some, 5, 0, lags);
  g_assert_cmpfloat_with_epsilon (lags[0], -3.0 / 2 / 1.75, 1e-15);
  cpac_autocorrelation_estimate (x, NULL, 1, 1, lags);
  g_assert_cmpfloat (lags[0], ==, 0);
}

/* Over many seeds the estimate is right on average: its mean has a standard error of sqrt ((1 -
 * phi^2) / n / seeds). */
static void
test_phi (void)
{
  enum { N = 300, SEEDS = 100 };

  for (double phi = -0.6; phi <= 0.9; phi += 0.3) {
    double sum = 0;

    for (guint seed = 0; seed < SEEDS; seed++) {
      g_autofree double *x = draw (N, 0, 1, phi, seed);
      double lags[CPAC_N_LAGS], mean = 0;

      for (guint i = 0; i < N; i++)
        mean += x[i] / N;
      cpac_autocorrelation_estimate (x, NULL, N, mean, lags);
      sum += lags[0] + (1 + 4 * lags[0]) / N;
    }
    g_assert_cmpfloat_with_epsilon (sum / SEEDS, phi,
                                    4 * sqrt ((1 - phi * phi) / N / SEEDS) + 1e-3);
  }
  g_assert_cmpfloat (cpac_autocorrelation_get_phi (0.09, 1000), ==, 0);
  g_assert_cmpfloat (cpac_autocorrelation_get_phi (-0.09, 1000), ==, 0);
  g_assert_cmpfloat (cpac_autocorrelation_get_phi (0.5, 300), ==, 0.5 + 3.0 / 300);
  g_assert_cmpfloat (cpac_autocorrelation_get_phi (1, 300), ==, CPAC_AUTOCORRELATION_MAX);
}

static void
test_slow (void)
{
  guint n_slow = 0;

  for (guint seed = 0; seed < 50; seed++)
    for (double phi = 0; phi < 0.9; phi += 0.2) {
      g_autofree double *x = draw (300, 0, 1, phi, seed);
      double lags[CPAC_N_LAGS];

      cpac_autocorrelation_estimate (x, NULL, 300, 0, lags);
      n_slow += cpac_autocorrelation_is_slow (lags, phi, 300);
      /* A ramp of four standard deviations through phase I. */
      for (guint i = 0; i < 300; i++)
        x[i] += (i - 149.5) / 75;
      cpac_autocorrelation_estimate (x, NULL, 300, 0, lags);
      if (phi == 0)
        g_assert_true (
            cpac_autocorrelation_is_slow (lags, cpac_autocorrelation_get_phi (lags[0], 300), 300));
    }
  /* Four standard errors: once in 30,000 were they normal. */
  g_assert_cmpuint (n_slow, <=, 2);
}

/* Residuals of the true phi are independent with variance 1. */
static void
test_residuals (void)
{
  enum { N = 20000 };

  for (double phi = -0.8; phi < 0.9; phi += 0.4) {
    g_autofree double *x = draw (N, 0, 1, phi, 1);
    g_autofree double *e = g_new (double, N - 1);
    double lags[CPAC_N_LAGS], squares = 0;

    for (guint i = 1; i < N; i++) {
      e[i - 1] = cpac_autocorrelation_get_residual (x[i], x[i - 1], phi);
      squares += e[i - 1] * e[i - 1] / (N - 1);
    }
    cpac_autocorrelation_estimate (e, NULL, N - 1, 0, lags);
    g_assert_cmpfloat_with_epsilon (squares, 1, 4 * sqrt (2.0 / N));
    for (guint i = 0; i < CPAC_N_LAGS; i++)
      g_assert_cmpfloat_with_epsilon (lags[i], 0, 4 / sqrt (N));
  }
}

/* ---- Baseline ---- */

/* Mean and spread of many fits: standard errors of the mean sigma / sqrt m, of the spread sigma /
 * sqrt (2 m); cutting costs 1 % or so of either. */
static void
test_clean (void)
{
  static const guint sizes[] = { 100, 101, 253, 300, 1000 };

  for (guint k = 0; k < G_N_ELEMENTS (sizes); k++) {
    guint n = sizes[k], n_seeds = 25, n_left_out = 0;
    double center = 0, spread = 0;

    for (guint seed = 0; seed < n_seeds; seed++) {
      g_autofree double *x = draw (n, 50, 2, 0, seed);
      g_autofree gboolean *is_in = g_new (gboolean, n);
      g_autoptr (GError) error = NULL;
      CpacBaseline baseline;

      /* Of the least number none may be left out. */
      if (!cpac_baseline_fit ("score", x, n, is_in, &baseline, &error)) {
        g_assert_error (error, CPAC_ERROR, CPAC_ERROR_SCHEMA);
        g_assert_cmpuint (n, <, 110);
      }
      center += baseline.center / n_seeds;
      spread += baseline.spread / n_seeds;
      n_left_out += n - baseline.n_used;
      g_assert_cmpuint (baseline.n_parts, ==, n);
    }
    g_assert_cmpfloat_with_epsilon (center, 50, 4 * 2 / sqrt (n * n_seeds));
    g_assert_cmpfloat_with_epsilon (spread, 2, 4 * 2 / sqrt (2.0 * n * n_seeds) + 0.01 * 2);
    /* Half a part beyond the cut is expected, and stretches in one of twenty. */
    g_assert_cmpuint (n_left_out, <, 4 * n_seeds);
  }
}

/* Bad parts are left out, all of them and hardly others; the baseline is that of the good ones. */
static void
test_bad_parts (void)
{
  enum { N = 300 };
  g_autofree double *x = draw (N, 10, 1, 0, 7);
  g_autofree double *good = draw (N, 10, 1, 0, 7);
  gboolean is_in[N], is_in_good[N];
  CpacBaseline baseline, clean;

  g_assert_true (fit (good, N, &clean, is_in_good));
  for (guint i = 5; i < N; i += 20)
    x[i] += i % 40 == 5 ? 8 : 30;
  g_assert_true (fit (x, N, &baseline, is_in));
  for (guint i = 0; i < N; i++)
    g_assert_cmpint (is_in[i], ==, i % 20 != 5 && is_in_good[i]);
  g_assert_cmpfloat_with_epsilon (baseline.center, clean.center, 0.05);
  g_assert_cmpfloat_with_epsilon (baseline.spread, clean.spread, 0.05);
  g_assert_cmpfloat (baseline.phi, ==, 0);
  g_assert_cmpfloat (baseline.df, ==, 0);
  g_assert_false (baseline.is_slow);
}

/* A stretch that lies 2 sigma apart: no single part tells, together they do. */
static void
test_stretch (void)
{
  enum { N = 300 };
  guint n_found = 0;

  for (guint seed = 0; seed < 20; seed++) {
    g_autofree double *x = draw (N, 0, 1, 0, seed);
    gboolean is_in[N];
    CpacBaseline baseline;
    guint n_out = 0;

    for (guint i = 120; i < 150; i++)
      x[i] += 2;
    g_assert_true (fit (x, N, &baseline, is_in));
    for (guint i = 120; i < 150; i++)
      n_out += !is_in[i];
    n_found += n_out >= 20;
    g_assert_cmpuint (N - baseline.n_used, <, 60);
  }
  g_assert_cmpuint (n_found, >=, 18);
}

static void
test_autocorrelated (void)
{
  enum { N = 1000 };
  g_autofree double *x = draw (N, 0, 1, 0.6, 3);
  gboolean is_in[N];
  CpacBaseline baseline;

  g_assert_true (fit (x, N, &baseline, is_in));
  g_assert_cmpfloat_with_epsilon (baseline.phi, 0.6, 4 * sqrt (0.64 / N));
  g_assert_cmpfloat_with_epsilon (baseline.residual_lag1, 0, 4 / sqrt (N));
  g_assert_false (baseline.is_slow);
  for (guint lag = 1; lag < CPAC_N_LAGS; lag++)
    g_assert_cmpfloat (baseline.lags[lag], <, baseline.lags[lag - 1]);
}

/* Student's t of 5 degrees of freedom by inversion. */
static void
test_heavy_tails (void)
{
  enum { N = 2000 };
  gboolean is_in[N];
  double x[N];
  CpacBaseline baseline;
  CpacRandom random;

  cpac_random_init (&random, 1, 100, 0);
  for (guint i = 0; i < N; i++) {
    double squares = 0, z = cpac_random_normal (&random);

    for (guint k = 0; k < 5; k++) {
      double y = cpac_random_normal (&random);

      squares += y * y;
    }
    x[i] = z / sqrt (squares / 5);
  }
  g_assert_true (fit (x, N, &baseline, is_in));
  g_assert_cmpfloat (baseline.df, >=, 5);
  g_assert_cmpfloat (baseline.df, <, 20);
}

static void
test_scales (void)
{
  enum { N = 300 };
  g_autofree double *x = draw (N, 0, 1, 0.3, 4);
  g_autofree double *scaled = draw (N, 0, 1, 0.3, 4);
  gboolean is_in[N], is_in_scaled[N];
  CpacBaseline baseline, other;

  for (guint i = 0; i < N; i++)
    scaled[i] *= 0x1p-200;
  g_assert_true (fit (x, N, &baseline, is_in));
  g_assert_true (fit (scaled, N, &other, is_in_scaled));
  g_assert_cmpmem (is_in, sizeof is_in, is_in_scaled, sizeof is_in_scaled);
  /* A power of two changes no rounding. */
  g_assert_cmpfloat (other.spread, ==, 0x1p-200 * baseline.spread);
  g_assert_cmpfloat (other.phi, ==, baseline.phi);
}

static void
test_refused (void)
{
  enum { N = 300 };
  g_autofree double *x = draw (N, 0, 1, 0, 1);
  g_autoptr (GError) error = NULL;
  gboolean is_in[N];
  CpacBaseline baseline;
  static const guint few[] = { 0, 1, 2, 3, 5, 17, 99 };

  for (guint i = 0; i < G_N_ELEMENTS (few); i++) {
    g_autofree char *expected =
        g_strdup_printf ("score: found %u parts, expected at least 100, better 300", few[i]);

    g_assert_false (cpac_baseline_fit ("score", x, few[i], is_in, &baseline, &error));
    g_assert_error (error, CPAC_ERROR, CPAC_ERROR_SCHEMA);
    g_assert_cmpstr (error->message, ==, expected);
    g_clear_error (&error);
  }
  for (guint i = 0; i < 50; i++)
    x[5 * i] = 20 + i;
  cpac_baseline_fit ("score", x, N, is_in, &baseline, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < 50; i++)
    x[5 * i + 1] = 50;
  g_assert_false (cpac_baseline_fit ("score", x, N, is_in, &baseline, &error));
  g_assert_error (error, CPAC_ERROR, CPAC_ERROR_NUMERIC);
  g_assert_nonnull (strstr (error->message, "of 300 parts out of control, expected at most 20 %"));
  g_clear_error (&error);
  x[17] = NAN;
  g_assert_false (cpac_baseline_fit ("score", x, N, is_in, &baseline, &error));
  g_assert_cmpstr (error->message, ==, "score: part 17: found nan, expected a number");
  g_clear_error (&error);
  for (guint i = 0; i < N; i++)
    x[i] = 0.25;
  g_assert_false (cpac_baseline_fit ("score", x, N, is_in, &baseline, &error));
  g_assert_error (error, CPAC_ERROR, CPAC_ERROR_NUMERIC);
  g_clear_error (&error);
  /* One that differs is left out, and nothing varies. */
  x[5] = 1;
  g_assert_false (cpac_baseline_fit ("score", x, N, is_in, &baseline, &error));
  g_assert_error (error, CPAC_ERROR, CPAC_ERROR_NUMERIC);
  g_assert_cmpstr (error->message, ==,
                   "score: found 0.25 for nearly every part, expected values that vary");
}

static void
test_standardize (void)
{
  CpacBaseline baseline = { .center = 10, .spread = 4 };

  g_assert_cmpfloat (cpac_baseline_standardize (&baseline, 12), ==, 0.5);
  g_assert_cmpfloat (cpac_baseline_standardize (&baseline, -1e100), ==, -1e6);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/phase-one/lags-by-hand", test_lags_by_hand);
  g_test_add_func ("/phase-one/phi", test_phi);
  g_test_add_func ("/phase-one/slow", test_slow);
  g_test_add_func ("/phase-one/residuals", test_residuals);
  g_test_add_func ("/phase-one/clean", test_clean);
  g_test_add_func ("/phase-one/bad-parts", test_bad_parts);
  g_test_add_func ("/phase-one/stretch", test_stretch);
  g_test_add_func ("/phase-one/autocorrelated", test_autocorrelated);
  g_test_add_func ("/phase-one/heavy-tails", test_heavy_tails);
  g_test_add_func ("/phase-one/scales", test_scales);
  g_test_add_func ("/phase-one/refused", test_refused);
  g_test_add_func ("/phase-one/standardize", test_standardize);
  return g_test_run ();
}
