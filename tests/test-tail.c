/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include <float.h>
#include <math.h>
#include <stdlib.h>

#include "core/random.h"
#include "core/score/tail.h"

static const double gammas[] = { -0.5, -0.3, -0.1, 0, 1e-9, 0.2, 0.4, 0.5 };

static int
compare_doubles (const void *a, const void *b)
{
  double x = *(const double *) a, y = *(const double *) b;

  return (x > y) - (x < y);
}

/* @n sorted excesses of @tail by inversion, none of them 0. */
static void
draw (const CpacTail *tail, guint64 seed, double *excesses, guint n)
{
  CpacRandom random;

  cpac_random_init (&random, seed, 100, 0);
  for (guint i = 0; i < n; i++)
    excesses[i] = cpac_tail_get_excess (tail, 1 - (cpac_random_double (&random) + 1e-18));
  qsort (excesses, n, sizeof *excesses, compare_doubles);
}

static void
test_distribution (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (gammas); i++) {
    CpacTail tail = { .sigma = 0.7, .gamma = gammas[i] };

    g_assert_cmpfloat (cpac_tail_get_share (&tail, 0), ==, 1);
    for (double share = 1; share > 1e-9; share *= 0.37)
      g_assert_cmpfloat_with_epsilon (
          cpac_tail_get_share (&tail, cpac_tail_get_excess (&tail, share)), share, 1e-7 * share);
  }
  /* By hand: exp (-2); (1 + 0.5 x 2)^-2; (1 - 0.5)^2; and behind the end of a bounded tail. */
  g_assert_cmpfloat (cpac_tail_get_share (&(CpacTail){ .sigma = 1 }, 2), ==, exp (-2));
  g_assert_cmpfloat_with_epsilon (cpac_tail_get_share (&(CpacTail){ .sigma = 1, .gamma = 0.5 }, 2),
                                  0.25, 4 * DBL_EPSILON);
  g_assert_cmpfloat_with_epsilon (cpac_tail_get_share (&(CpacTail){ .sigma = 1, .gamma = -0.5 }, 1),
                                  0.25, 4 * DBL_EPSILON);
  g_assert_cmpfloat (cpac_tail_get_share (&(CpacTail){ .sigma = 1, .gamma = -0.5 }, 2), ==, 0);
  g_assert_cmpfloat (cpac_tail_get_share (&(CpacTail){ .sigma = 1, .gamma = -0.5 }, 3), ==, 0);
}

/* Asymptotic standard errors of the maximum-likelihood estimates (Smith 1987, for gamma > -0.5):
 * gamma (1 + gamma) / sqrt n, sigma sqrt (2 (1 + gamma) / n) sigma. */
static void
test_fit (void)
{
  enum { N = 3000 };
  g_autofree double *excesses = g_new (double, N);

  for (guint i = 0; i < G_N_ELEMENTS (gammas); i++) {
    CpacTail tail = { .sigma = 0.7, .gamma = gammas[i] };
    double sigma, gamma;

    if (fabs (tail.gamma) == CPAC_TAIL_MAX_SHAPE)
      continue;
    draw (&tail, i, excesses, N);
    cpac_tail_fit_excesses (excesses, N, &sigma, &gamma);
    g_assert_cmpfloat_with_epsilon (gamma, tail.gamma, 4 * (1 + tail.gamma) / sqrt (N));
    g_assert_cmpfloat_with_epsilon (sigma, tail.sigma,
                                    4 * tail.sigma * sqrt (2 * (1 + tail.gamma) / N));
  }
}

/* sum of log densities: -log sigma - (1 / gamma + 1) log (1 + gamma x / sigma). */
static double
log_likelihood (const double *excesses, guint n, double sigma, double gamma)
{
  double sum = -(n * log (sigma));

  for (guint i = 0; i < n; i++)
    sum -= gamma == 0 ? excesses[i] / sigma : (1 / gamma + 1) * log1p (gamma * excesses[i] / sigma);
  return sum;
}

/* Nothing near the fit, nor far from it on a grid, is more likely. Its own error of 1e-8 or so
 * (half the digits, as of every search for a maximum) costs n x 1e-15, below the tolerance. */
static void
test_fit_is_most_likely (void)
{
  static const guint sizes[] = { 30, 31, 53, 253 };
  g_autofree double *excesses = g_new (double, 253);

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    for (guint j = 1; j + 1 < G_N_ELEMENTS (gammas); j++) {
      CpacTail tail = { .sigma = 2, .gamma = gammas[j] };
      double sigma, gamma, best;
      guint n = sizes[i];

      draw (&tail, 17 * i + j, excesses, n);
      cpac_tail_fit_excesses (excesses, n, &sigma, &gamma);
      best = log_likelihood (excesses, n, sigma, gamma);
      if (fabs (gamma) > 0.499)
        continue;
      for (double s = 0.5; s < 2; s *= 1.01)
        for (gint percent = -49; percent <= 49; percent++) {
          double value = log_likelihood (excesses, n, sigma * s, 0.01 * percent);

          g_assert_true (!(value > best + 1e-9));
        }
    }
}

static void
test_fit_scales (void)
{
  CpacTail tail = { .sigma = 1, .gamma = 0.1 };
  double excesses[101], scaled[101], sigma, gamma, sigma_scaled, gamma_scaled;

  draw (&tail, 5, excesses, 101);
  for (guint i = 0; i < 101; i++)
    scaled[i] = 0x1p-60 * excesses[i];
  cpac_tail_fit_excesses (excesses, 101, &sigma, &gamma);
  cpac_tail_fit_excesses (scaled, 101, &sigma_scaled, &gamma_scaled);
  /* A power of two changes no rounding. */
  g_assert_cmpfloat (gamma, ==, gamma_scaled);
  g_assert_cmpfloat (0x1p-60 * sigma, ==, sigma_scaled);
}

/* Shapes that are no generalised Pareto's within bounds still give finite numbers within them. */
static void
test_fit_awkward (void)
{
  static const double rows[][5] = {
    { 1, 1, 1, 1, 1 },
    { 1e-300, 1, 1, 1, 1 },
    { 1e-9, 1e-6, 1e-3, 1, 1000 },
    { 0.999, 0.9999, 1, 1.0001, 1.001 },
    { 1, 2, 3, 4, 1e12 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    for (guint n = 2; n <= 5; n++) {
      double sigma = NAN, gamma = NAN;

      cpac_tail_fit_excesses (rows[i], n, &sigma, &gamma);
      g_assert_true (isfinite (sigma) && sigma > 0);
      g_assert_cmpfloat (fabs (gamma), <=, CPAC_TAIL_MAX_SHAPE);
    }
}

/* By hand with F (x) = 1 - exp (-x): one value; two values with F = 1/4 and 1/2. */
static void
test_anderson_darling (void)
{
  CpacTail tail = { .sigma = 1 };
  double one[] = { G_LN2 }, two[] = { -log (0.75), G_LN2 };

  g_assert_cmpfloat_with_epsilon (cpac_tail_get_anderson_darling (&tail, one, 1), -1 + 2 * G_LN2,
                                  1e-14);
  /* -2 - (1 x (log 1/4 + log 1/2) + 3 x (log 1/2 + log 3/4)) / 2 */
  g_assert_cmpfloat_with_epsilon (cpac_tail_get_anderson_darling (&tail, two, 2),
                                  -2 - (log (0.125) + 3 * log (0.375)) / 2, 1e-14);
}

/* Scores 0..1 below, then @n_tail excesses above 1. */
static double *
make_scores (const CpacTail *tail, guint64 seed, guint n, guint n_tail)
{
  double *scores = g_new (double, n);

  for (guint i = 0; i < n - n_tail; i++)
    scores[i] = (i + 1.0) / (n - n_tail);
  draw (tail, seed, scores + n - n_tail, n_tail);
  for (guint i = n - n_tail; i < n; i++)
    scores[i] += 1;
  return scores;
}

static void
test_whole (void)
{
  CpacTail truth = { .sigma = 0.3, .gamma = 0.1 }, tail, again;
  g_autofree char *reason = NULL;
  g_autofree double *scores = make_scores (&truth, 3, 1000, 100);

  g_assert_true (cpac_tail_fit (scores, 1000, 1, &tail, &reason));
  g_assert_null (reason);
  g_assert_cmpfloat (tail.begin, ==, 1);
  g_assert_cmpuint (tail.n_excesses, ==, 100);
  g_assert_cmpfloat_with_epsilon (tail.gamma, truth.gamma, 4 * 1.1 / 10);
  g_assert_cmpfloat (tail.fit_p, >=, 0.05);
  g_assert_true (cpac_tail_fit (scores, 1000, 1, &again, &reason));
  g_assert_cmpmem (&tail, sizeof tail, &again, sizeof again);
}

static void
test_too_few (void)
{
  static const guint sizes[] = { 1, 2, 3, 5, 17, 253, 299 };
  CpacTail truth = { .sigma = 0.3 }, tail;

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++) {
    g_autofree double *scores = make_scores (&truth, 3, sizes[i], sizes[i] / 10);
    g_autofree char *reason = NULL;

    g_assert_false (cpac_tail_fit (scores, sizes[i], 1, &tail, &reason));
    g_assert_nonnull (strstr (reason, "expected at least 30"));
  }
}

/* Equal scores have no excess; two lumps are no tail. */
static void
test_no_tail (void)
{
  g_autofree double *scores = g_new0 (double, 1000);
  g_autofree char *reason = NULL;
  CpacTail tail;

  g_assert_false (cpac_tail_fit (scores, 1000, 1, &tail, &reason));
  g_assert_nonnull (strstr (reason, "0 of 1000 parts"));
  g_clear_pointer (&reason, g_free);
  for (guint i = 0; i < 1000; i++)
    scores[i] = i < 900 ? i / 900.0 : i < 950 ? 1.5 + i * 1e-6 : 4 + i * 1e-6;
  g_assert_false (cpac_tail_fit (scores, 1000, 1, &tail, &reason));
  g_assert_cmpstr (reason, ==,
                   "a generalised Pareto tail does not fit the 100 largest scores "
                   "(Anderson-Darling p = 0.005)");
}

/* True tails are refused as rarely as the test says: of 60 at 5 %, 12 or more once in 70,000. */
static void
test_level (void)
{
  guint n_refused = 0;

  for (guint seed = 0; seed < 60; seed++) {
    CpacTail truth = { .sigma = 1, .gamma = 0.02 * (seed % 20) - 0.2 }, tail;
    g_autofree double *scores = make_scores (&truth, seed, 400, 40);
    g_autofree char *reason = NULL;

    n_refused += !cpac_tail_fit (scores, 400, seed, &tail, &reason);
  }
  g_assert_cmpuint (n_refused, <, 12);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/tail/distribution", test_distribution);
  g_test_add_func ("/tail/fit", test_fit);
  g_test_add_func ("/tail/fit-is-most-likely", test_fit_is_most_likely);
  g_test_add_func ("/tail/fit-scales", test_fit_scales);
  g_test_add_func ("/tail/fit-awkward", test_fit_awkward);
  g_test_add_func ("/tail/anderson-darling", test_anderson_darling);
  g_test_add_func ("/tail/whole", test_whole);
  g_test_add_func ("/tail/too-few", test_too_few);
  g_test_add_func ("/tail/no-tail", test_no_tail);
  g_test_add_func ("/tail/level", test_level);
  return g_test_run ();
}
