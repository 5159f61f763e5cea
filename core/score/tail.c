/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/score/tail.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>

#include "core/random.h"

#define N_DRAWS 199
#define LEAST_FIT_P 0.05

#define N_GRID 64
#define N_HALVINGS 50
#define N_SECTIONS 40
#define GOLDEN 0.61803398874989485

/* ---- The distribution ---- */

/* log of the share above @excess; where a bounded tail has ended, -infinity. */
static double
log_share (const CpacTail *tail, double excess)
{
  double at = tail->gamma * excess / tail->sigma;

  if (tail->gamma == 0)
    return -excess / tail->sigma;
  return at > -1 ? -log1p (at) / tail->gamma : -INFINITY;
}

double
cpac_tail_get_share (const CpacTail *tail, double excess)
{
  return exp (log_share (tail, excess));
}

double
cpac_tail_get_excess (const CpacTail *tail, double share)
{
  if (tail->gamma == 0)
    return -tail->sigma * log (share);
  return tail->sigma * expm1 (-tail->gamma * log (share)) / tail->gamma;
}

/* ---- Maximum likelihood ----
 *
 * With theta = gamma / sigma the best gamma is mean (log (1 + theta x)), so that the likelihood is
 * one of theta alone. Excesses are taken in units of their mean. */

typedef struct {
  const double *excesses;
  guint n;
  double mean;
} Sample;

static double
gamma_of (const Sample *sample, double theta)
{
  double sum = 0;

  for (guint i = 0; i < sample->n; i++)
    sum += log1p (theta * (sample->excesses[i] / sample->mean));
  return sum / sample->n;
}

/* Mean log-likelihood, up to a constant. */
static double
likelihood (const Sample *sample, double theta)
{
  double gamma = gamma_of (sample, theta);

  return theta == 0 ? 0 : -log (gamma / theta) - gamma;
}

/* The theta between @near and @far for which gamma is @gamma, to which it rises or falls from
 * @near; @far where it is not reached. */
static double
find_theta (const Sample *sample, double gamma, double near, double far)
{
  double sign = gamma > 0 ? 1 : -1;

  if (sign * gamma_of (sample, far) < sign * gamma)
    return far;
  for (guint i = 0; i < N_HALVINGS; i++) {
    double middle = 0.5 * (near + far);

    if (sign * gamma_of (sample, middle) < sign * gamma)
      near = middle;
    else
      far = middle;
  }
  return near;
}

/* Where the likelihood is largest between @low and @high, one maximum assumed. */
static double
search_section (const Sample *sample, double low, double high)
{
  double left = high - GOLDEN * (high - low), right = low + GOLDEN * (high - low);
  double at_left = likelihood (sample, left), at_right = likelihood (sample, right);

  for (guint i = 0; i < N_SECTIONS; i++) {
    if (at_left > at_right) {
      high = right;
      right = left;
      at_right = at_left;
      left = high - GOLDEN * (high - low);
      at_left = likelihood (sample, left);
    } else {
      low = left;
      left = right;
      at_left = at_right;
      right = low + GOLDEN * (high - low);
      at_right = likelihood (sample, right);
    }
  }
  return 0.5 * (low + high);
}

/* The likelihood can have more than one maximum: a grid tells about which to search. */
static double
find_best_theta (const Sample *sample, double low, double high)
{
  double step = (high - low) / N_GRID, best = -INFINITY;
  guint best_at = 0;

  for (guint i = 0; i <= N_GRID; i++) {
    double value = likelihood (sample, low + i * step);

    if (value > best) {
      best = value;
      best_at = i;
    }
  }
  return search_section (sample, MAX (low + (best_at - 1.0) * step, low),
                         MIN (low + (best_at + 1.0) * step, high));
}

void
cpac_tail_fit_excesses (const double *excesses, guint n, double *sigma, double *gamma)
{
  Sample sample = { excesses, n, 0 };
  double low, high = 1, theta;

  for (guint i = 0; i < n; i++)
    sample.mean += excesses[i] / n;
  /* 1 + theta x must stay positive for the largest. */
  low = -(1 - 1e-9) * sample.mean / excesses[n - 1];
  while (gamma_of (&sample, high) < CPAC_TAIL_MAX_SHAPE)
    high *= 2;
  theta = find_best_theta (&sample, find_theta (&sample, -CPAC_TAIL_MAX_SHAPE, 0, low),
                           find_theta (&sample, CPAC_TAIL_MAX_SHAPE, 0, high));
  *gamma = CLAMP (gamma_of (&sample, theta), -CPAC_TAIL_MAX_SHAPE, CPAC_TAIL_MAX_SHAPE);
  *sigma = theta == 0 ? sample.mean : *gamma / theta * sample.mean;
}

/* ---- Whether it fits ---- */

/* A^2 = -n - mean ((2 i - 1) (log F (x_i) + log (1 - F (x_(n + 1 - i))))). */
double
cpac_tail_get_anderson_darling (const CpacTail *tail, const double *excesses, guint n)
{
  double sum = 0;

  for (guint i = 0; i < n; i++) {
    double below = -expm1 (log_share (tail, excesses[i]));
    double above = cpac_tail_get_share (tail, excesses[n - 1 - i]);

    sum += (2.0 * i + 1) * (log (MAX (below, DBL_MIN)) + log (MAX (above, DBL_MIN)));
  }
  return -(double) n - sum / n;
}

static int
compare_doubles (const void *a, const void *b)
{
  double x = *(const double *) a, y = *(const double *) b;

  return (x > y) - (x < y);
}

/* The statistic of draw @draw from @tail, fitted as the data were; @excesses is room for it. */
static double
draw_statistic (const CpacTail *tail, guint64 seed, guint draw, double *excesses)
{
  CpacTail fitted = *tail;
  CpacRandom random;

  cpac_random_init (&random, seed, CPAC_STREAM_TAIL, draw);
  for (guint i = 0; i < tail->n_excesses; i++)
    excesses[i] = cpac_tail_get_excess (tail, 1 - cpac_random_double (&random));
  qsort (excesses, tail->n_excesses, sizeof *excesses, compare_doubles);
  cpac_tail_fit_excesses (excesses, tail->n_excesses, &fitted.sigma, &fitted.gamma);
  return cpac_tail_get_anderson_darling (&fitted, excesses, tail->n_excesses);
}

static double
test_fit (const CpacTail *tail, const double *excesses, guint64 seed)
{
  double statistic = cpac_tail_get_anderson_darling (tail, excesses, tail->n_excesses);
  g_autofree double *drawn = g_new (double, tail->n_excesses);
  guint n_as_bad = 0;

  for (guint draw = 0; draw < N_DRAWS; draw++)
    n_as_bad += draw_statistic (tail, seed, draw, drawn) >= statistic;
  return (1.0 + n_as_bad) / (1.0 + N_DRAWS);
}

gboolean
cpac_tail_fit (const double *scores, guint n, guint64 seed, CpacTail *tail, char **reason)
{
  guint first = n - MIN (n / 10, CPAC_TAIL_MAX_EXCESSES);
  g_autofree double *excesses = NULL;

  *tail = (CpacTail){ 0 };
  tail->begin = scores[first > 0 ? first - 1 : 0];
  while (first < n && scores[first] <= tail->begin)
    first++;
  tail->n_excesses = n - first;
  if (tail->n_excesses < CPAC_TAIL_MIN_EXCESSES) {
    *reason = g_strdup_printf ("%u of %u parts are above their 90th percentile, expected at least "
                               "%d",
                               tail->n_excesses, n, CPAC_TAIL_MIN_EXCESSES);
    return FALSE;
  }
  excesses = g_new (double, tail->n_excesses);
  for (guint i = 0; i < tail->n_excesses; i++)
    excesses[i] = scores[first + i] - tail->begin;
  cpac_tail_fit_excesses (excesses, tail->n_excesses, &tail->sigma, &tail->gamma);
  tail->fit_p = test_fit (tail, excesses, seed);
  if (tail->fit_p >= LEAST_FIT_P)
    return TRUE;
  *reason = g_strdup_printf ("a generalised Pareto tail does not fit the %u largest scores "
                             "(Anderson-Darling p = %.3g)",
                             tail->n_excesses, tail->fit_p);
  return FALSE;
}
