/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/monitor/phase-one.h"

#include <math.h>
#include <stdlib.h>

#include "core/monitor/arl.h"
#include "core/monitor/distributions.h"
#include "core/monitor/number.h"

#define MAX_REFITS 50
#define MAX_SEARCHES 5
#define STRETCH_LAMBDA 0.1
/* The search for stretches raises a false alarm in one of so many phases I. */
#define STRETCH_FALSE_ALARMS 20
#define MIN_DF 5
#define MAX_DF 200
#define MAX_STANDARDIZED 1e6
/* Standard deviation of a normal variable over its median deviation from the median. */
#define MAD_TO_SIGMA 1.4826022185056018

typedef struct {
  const double *values; /* (n) */
  guint n;
  gboolean *is_in;      /* (n) */
  gboolean *is_stretch; /* (n) of those that are not: because of their neighbours */
  double cut;           /* in spreads */
  CpacBaseline *baseline;
} Fit;

static gboolean refuse (GError **error, int code, const char *format, ...) G_GNUC_PRINTF (3, 4);

static gboolean
refuse (GError **error, int code, const char *format, ...)
{
  va_list arguments;

  va_start (arguments, format);
  g_propagate_error (error, g_error_new_valist (CPAC_ERROR, code, format, arguments));
  va_end (arguments);
  return FALSE;
}

/* ---- Middle ---- */

static int
compare_doubles (const void *a, const void *b)
{
  double x = *(const double *) a, y = *(const double *) b;

  return (x > y) - (x < y);
}

/* Sorts @x (n). */
static double
take_median (double *x, guint n)
{
  qsort (x, n, sizeof *x, compare_doubles);
  return 0.5 * x[(n - 1) / 2] + 0.5 * x[n / 2];
}

/* Mean and standard deviation of what is in; how many. */
static guint
get_moments (const Fit *fit, double *mean, double *sd)
{
  double squares = 0;
  guint n_in = 0;

  *mean = 0;
  for (guint i = 0; i < fit->n; i++)
    if (fit->is_in[i]) {
      double step = fit->values[i] - *mean;

      n_in++;
      *mean += step / n_in;
      squares += step * (fit->values[i] - *mean);
    }
  *sd = n_in > 1 ? sqrt (squares / (n_in - 1)) : 0;
  return n_in;
}

/* Where more than half the values are equal the median deviation is 0: then the standard one. */
static void
find_middle (const Fit *fit)
{
  g_autofree double *x = g_new (double, fit->n); /* (n) */
  double mean;

  for (guint i = 0; i < fit->n; i++)
    x[i] = fit->values[i];
  fit->baseline->center = take_median (x, fit->n);
  for (guint i = 0; i < fit->n; i++)
    x[i] = fabs (fit->values[i] - fit->baseline->center);
  fit->baseline->spread = MAD_TO_SIGMA * take_median (x, fit->n);
  if (fit->baseline->spread == 0)
    get_moments (fit, &mean, &fit->baseline->spread);
}

/* ---- Single parts ---- */

/* Variance of a normal variable of variance 1 that is cut off beyond +-@cut. */
static double
get_cut_variance (double cut)
{
  return 1 - 2 * cut * cpac_normal_density (cut) / (1 - 2 * cpac_normal_upper (cut));
}

/* Marks what is in by the middle and spread there are; whether that changed. */
static gboolean
mark_points (const Fit *fit)
{
  gboolean changed = FALSE;

  for (guint i = 0; i < fit->n; i++) {
    double distance = fabs (fit->values[i] - fit->baseline->center);
    gboolean is_in = !fit->is_stretch[i] && distance <= fit->cut * fit->baseline->spread;

    changed |= is_in != fit->is_in[i];
    fit->is_in[i] = is_in;
  }
  return changed;
}

static void
refit (const Fit *fit)
{
  for (guint k = 0; k < MAX_REFITS && (mark_points (fit) || k == 0); k++) {
    fit->baseline->n_used = get_moments (fit, &fit->baseline->center, &fit->baseline->spread);
    fit->baseline->spread /= sqrt (get_cut_variance (fit->cut));
  }
}

/* ---- Neighbours ---- */

static double
get_point (const Fit *fit, guint i)
{
  return cpac_baseline_standardize (fit->baseline, fit->values[i]);
}

/* The point as charts see it. */
static double
get_residual (const Fit *fit, guint i)
{
  double x = get_point (fit, i), previous;

  if (fit->baseline->phi == 0 || i == 0)
    return x;
  previous = CLAMP (get_point (fit, i - 1), -CPAC_CLIP, CPAC_CLIP);
  return cpac_autocorrelation_get_residual (x, previous, fit->baseline->phi);
}

static double
get_margin (const CpacBaseline *baseline)
{
  double phi = baseline->phi, error = sqrt ((1 - phi * phi) / baseline->n_used);

  return phi != 0 ? error : MAX (baseline->lags[0] + error, 0);
}

static void
find_autocorrelation (const Fit *fit)
{
  CpacBaseline *baseline = fit->baseline;

  cpac_autocorrelation_estimate (fit->values, fit->is_in, fit->n, baseline->center, baseline->lags);
  baseline->phi = cpac_autocorrelation_get_phi (baseline->lags[0], baseline->n_used);
  baseline->margin = get_margin (baseline);
  baseline->is_slow =
      cpac_autocorrelation_is_slow (baseline->lags, baseline->phi, baseline->n_used);
}

/* Of the points that are in, marks those from where their average left the centre to where it is
 * back within the limits: whether there are any. */
static gboolean
mark_stretches (const Fit *fit, const CpacEwmaDesign *design)
{
  CpacEwma ewma = { .design = *design };
  gboolean found = FALSE;
  guint begin = 0;

  for (guint i = 0; i < fit->n; i++) {
    double before = ewma.value, x = get_residual (fit, i);

    if (!fit->is_in[i])
      continue;
    if (cpac_ewma_step (&ewma, CLAMP (x, -CPAC_CLIP, CPAC_CLIP)) == CPAC_SIGNAL_NONE) {
      if (before * ewma.value <= 0)
        begin = i;
      continue;
    }
    for (guint k = begin; k <= i; k++)
      fit->is_stretch[k] = TRUE;
    found = TRUE;
  }
  return found;
}

static gboolean
leave_out_stretches (const Fit *fit, GError **error)
{
  CpacEwmaDesign design = { .lambda = STRETCH_LAMBDA };
  double wanted = MIN (STRETCH_FALSE_ALARMS * (double) fit->n, CPAC_ARL_MAX_WANTED);

  if (!cpac_arl_solve_ewma (&design, &(CpacArlProcess){ 0 }, wanted, error))
    return FALSE;
  for (guint k = 0; k < MAX_SEARCHES; k++) {
    find_autocorrelation (fit);
    if (!mark_stretches (fit, &design))
      return TRUE;
    refit (fit);
    if (fit->baseline->n_used < 2)
      return TRUE;
  }
  find_autocorrelation (fit);
  return TRUE;
}

/* ---- Tails ---- */

/* Student's t has an excess kurtosis of 6 / (df - 4). Less than four standard errors of it are
 * none. */
static void
find_tails (const Fit *fit)
{
  g_autofree double *residuals = g_new (double, fit->n); /* (n) */
  double squares = 0, fourths = 0, excess, lags[CPAC_N_LAGS];
  guint n_in = 0;

  for (guint i = 0; i < fit->n; i++) {
    residuals[i] = get_residual (fit, i);
    if (!fit->is_in[i])
      continue;
    squares += residuals[i] * residuals[i];
    fourths += pow (residuals[i], 4);
    n_in++;
  }
  excess = n_in * fourths / (squares * squares) - 3;
  if (excess > 4 * sqrt (24.0 / n_in))
    fit->baseline->df = CLAMP (4 + 6 / excess, MIN_DF, MAX_DF);
  cpac_autocorrelation_estimate (residuals, fit->is_in, fit->n, 0, lags);
  fit->baseline->residual_lag1 = lags[0];
}

/* ---- All ---- */

static gboolean
check_result (const char *name, const CpacBaseline *baseline, GError **error)
{
  guint n_out = baseline->n_parts - baseline->n_used;

  if (100.0 * n_out > CPAC_PHASE_ONE_MAX_OUT_PERCENT * baseline->n_parts)
    return refuse (error, CPAC_ERROR_NUMERIC,
                   "%s: found %u of %u parts out of control, expected at most %u %%: what is "
                   "normal cannot be learnt from them",
                   name, n_out, baseline->n_parts, CPAC_PHASE_ONE_MAX_OUT_PERCENT);
  if (baseline->n_used < CPAC_PHASE_ONE_MIN_PARTS)
    return refuse (error, CPAC_ERROR_SCHEMA,
                   "%s: found %u parts in control of %u, expected at least %u, better %u", name,
                   baseline->n_used, baseline->n_parts, CPAC_PHASE_ONE_MIN_PARTS,
                   CPAC_PHASE_ONE_PARTS);
  return TRUE;
}

/* Squares of them are summed, and differences divided by it. */
static gboolean
check_values (const char *name, const double *values, guint n, GError **error)
{
  if (n < CPAC_PHASE_ONE_MIN_PARTS)
    return refuse (error, CPAC_ERROR_SCHEMA, "%s: found %u parts, expected at least %u, better %u",
                   name, n, CPAC_PHASE_ONE_MIN_PARTS, CPAC_PHASE_ONE_PARTS);
  for (guint i = 0; i < n; i++)
    if (!(fabs (values[i]) <= 1e100))
      return refuse (error, CPAC_ERROR_NUMERIC, "%s: part %u: found %s, expected a number", name, i,
                     cpac_number (values[i], 6).text);
  return TRUE;
}

static gboolean
check_spread (const char *name, const CpacBaseline *baseline, GError **error)
{
  if (baseline->spread > 1e-12 * fabs (baseline->center) && baseline->spread > 1e-100)
    return TRUE;
  return refuse (error, CPAC_ERROR_NUMERIC,
                 "%s: found %s for nearly every part, expected values that vary", name,
                 cpac_number (baseline->center, 6).text);
}

gboolean
cpac_baseline_fit (const char *name, const double *values, guint n, gboolean *is_in,
                   CpacBaseline *baseline, GError **error)
{
  g_autofree gboolean *is_stretch = g_new0 (gboolean, n); /* (n) */
  Fit fit = { values, n, is_in, is_stretch, 0, baseline };

  *baseline = (CpacBaseline){ .n_parts = n };
  if (!check_values (name, values, n, error))
    return FALSE;
  for (guint i = 0; i < n; i++)
    is_in[i] = TRUE;
  /* Half a good part is expected beyond the cut, on both sides together. */
  fit.cut = cpac_normal_upper_quantile (0.25 / n);
  find_middle (&fit);
  if (!check_spread (name, baseline, error))
    return FALSE;
  refit (&fit);
  if (!check_spread (name, baseline, error) || !leave_out_stretches (&fit, error) ||
      !check_result (name, baseline, error) || !check_spread (name, baseline, error))
    return FALSE;
  find_tails (&fit);
  return TRUE;
}

double
cpac_baseline_standardize (const CpacBaseline *baseline, double value)
{
  double x = (value - baseline->center) / baseline->spread;

  return CLAMP (x, -MAX_STANDARDIZED, MAX_STANDARDIZED);
}
