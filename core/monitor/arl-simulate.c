/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/monitor/arl.h"

#include <math.h>
#include <stdlib.h>

#include "core/random.h"

/* Some seconds' work; more is as good as never. */
#define MAX_POINTS 200000000

/* Student's t by Bailey's polar method (1994), scaled to unit variance; else a normal. */
static double
draw_noise (CpacRandom *random, double df)
{
  double u, angle;

  if (df == 0)
    return cpac_random_normal (random);
  u = 1 - cpac_random_double (random);
  angle = 2 * G_PI * cpac_random_double (random);
  return sqrt ((df - 2) * expm1 (-2 / df * log (u))) * cos (angle);
}

/* The points until the alarm, or @n_max + 1. */
static guint
run_once (gboolean (*step) (gpointer chart, double x), gpointer chart,
          const CpacArlProcess *process, CpacRandom *random, guint n_max)
{
  double sigma = sqrt (1 - process->phi * process->phi);
  double noise = draw_noise (random, process->df);
  guint length = 1;

  while (!step (chart, process->shift + noise) && length <= n_max) {
    noise = process->phi * noise + sigma * draw_noise (random, process->df);
    length++;
  }
  return length;
}

CpacArlEstimate
cpac_arl_simulate (gboolean (*step) (gpointer chart, double x), void (*reset) (gpointer chart),
                   gpointer chart, const CpacArlProcess *process, guint n_runs, guint64 seed)
{
  double mean = 0, squares = 0;
  guint n_left = MAX_POINTS;

  g_return_val_if_fail (n_runs >= 2, ((CpacArlEstimate){ NAN, NAN }));

  for (guint i = 0; i < n_runs; i++) {
    CpacRandom random;
    double step_from_mean;
    guint length;

    cpac_random_init (&random, seed, CPAC_STREAM_RUNS, i);
    reset (chart);
    length = run_once (step, chart, process, &random, n_left);
    if (length > n_left)
      return (CpacArlEstimate){ INFINITY, NAN };
    n_left -= length;
    step_from_mean = length - mean;
    mean += step_from_mean / (i + 1);
    squares += step_from_mean * (length - mean);
  }
  return (CpacArlEstimate){ mean, sqrt (squares / (n_runs - 1.0) / n_runs) };
}

static gboolean
step_rules (gpointer chart, double x)
{
  return cpac_rules_step (chart, x) != 0;
}

static void
reset_rules (gpointer chart)
{
  cpac_rules_reset (chart);
}

CpacArlEstimate
cpac_arl_simulate_rules (guint rules, const CpacArlProcess *process, guint n_runs, guint64 seed)
{
  CpacRulesChart chart = { .rules = rules };

  return cpac_arl_simulate (step_rules, reset_rules, &chart, process, n_runs, seed);
}

/* ---- Estimated mean and spread ---- */

/* Mean and standard deviation of @m normal values. */
static void
draw_estimates (guint m, guint64 seed, guint64 draw, double *mean, double *sd)
{
  double squares = 0;
  CpacRandom random;

  /* Draws and runs share a stream: the high half keeps them apart. */
  cpac_random_init (&random, seed, CPAC_STREAM_RUNS, G_GUINT64_CONSTANT (1) << 32 | draw);
  *mean = cpac_random_normal (&random) / sqrt (m);
  for (guint i = 1; i < m; i++) {
    double x = cpac_random_normal (&random);

    squares += x * x;
  }
  *sd = sqrt (squares / (m - 1));
}

static int
compare_doubles (const void *a, const void *b)
{
  double x = *(const double *) a, y = *(const double *) b;

  return (x > y) - (x < y);
}

static double
pick_quantile (double *lengths, guint n, double quantile)
{
  qsort (lengths, n, sizeof *lengths, compare_doubles);
  return lengths[MIN ((guint) (quantile * n), n - 1)];
}

/* Points seen as (x - mean) / sd against a limit are x - mean against sd times the limit. */
double
cpac_arl_ewma_estimated (const CpacEwmaDesign *design, guint m, double quantile, guint n_draws,
                         guint64 seed)
{
  g_autofree double *lengths = g_new (double, n_draws); /* (n_draws) */

  g_return_val_if_fail (m >= 2 && n_draws >= 1, NAN);

  for (guint i = 0; i < n_draws; i++) {
    CpacEwmaDesign real = *design;
    CpacArlProcess process = { 0 };
    double mean, sd;

    draw_estimates (m, seed, i, &mean, &sd);
    real.limit *= sd;
    process.shift = -mean;
    lengths[i] = cpac_arl_ewma (&real, &process);
  }
  return pick_quantile (lengths, n_draws, quantile);
}

double
cpac_arl_shewhart_estimated (const CpacShewhartDesign *design, guint m, double quantile,
                             guint n_draws, guint64 seed)
{
  g_autofree double *lengths = g_new (double, n_draws); /* (n_draws) */

  g_return_val_if_fail (m >= 2 && n_draws >= 1, NAN);

  for (guint i = 0; i < n_draws; i++) {
    CpacShewhartDesign real = *design;
    CpacArlProcess process = { 0 };
    double mean, sd;

    draw_estimates (m, seed, i, &mean, &sd);
    real.limit *= sd;
    process.shift = -mean;
    lengths[i] = cpac_arl_shewhart (&real, &process);
  }
  return pick_quantile (lengths, n_draws, quantile);
}
