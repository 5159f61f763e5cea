/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/monitor/hotelling.h"

#include <math.h>
#include <stdlib.h>

#include "core/monitor/arl.h"
#include "core/monitor/distributions.h"
#include "core/monitor/eigen.h"
#include "core/monitor/number.h"
#include "core/monitor/phase-one.h"
#include "core/score/statistics.h"

#define VARIANCE_KEPT 0.9
#define MAX_REFITS 20
/* Variances smaller than this share of all are rounding. */
#define NEGLIGIBLE 1e-12

typedef struct {
  const double *features; /* (m, n) */
  guint m, n;
  gboolean *is_in; /* (m) */
  guint n_in;
  double *values, *vectors; /* (n), (n, n): of the correlations of what is in */
} Fit;

/* ---- Axes ---- */

static void
find_scales (const Fit *fit, double *mean, double *scale)
{
  for (guint j = 0; j < fit->n; j++) {
    double squares = 0;
    guint count = 0;

    mean[j] = 0;
    for (guint i = 0; i < fit->m; i++)
      if (fit->is_in[i]) {
        double x = fit->features[(gsize) i * fit->n + j], step = x - mean[j];

        mean[j] += step / ++count;
        squares += step * (x - mean[j]);
      }
    scale[j] = sqrt (squares / (fit->n_in - 1.0));
    if (scale[j] <= NEGLIGIBLE * fabs (mean[j]))
      scale[j] = 0;
  }
}

/* Correlations (n, n) of what is in. */
static void
find_correlations (const Fit *fit, const double *mean, const double *scale, double *matrix)
{
  g_autofree double *g = g_new (double, fit->n); /* (n) */

  for (gsize k = 0; k < (gsize) fit->n * fit->n; k++)
    matrix[k] = 0;
  for (guint i = 0; i < fit->m; i++) {
    if (!fit->is_in[i])
      continue;
    for (guint j = 0; j < fit->n; j++)
      g[j] = scale[j] > 0 ? (fit->features[(gsize) i * fit->n + j] - mean[j]) / scale[j] : 0;
    for (guint j = 0; j < fit->n; j++)
      for (guint k = 0; k < fit->n; k++)
        matrix[(gsize) j * fit->n + k] += g[j] * g[k] / (fit->n_in - 1.0);
  }
}

static guint
choose_n_axes (const Fit *fit)
{
  double total = 0, kept = 0;
  guint n_axes = 0, most = MIN (CPAC_HOTELLING_MAX_AXES, fit->n_in / 10);

  for (guint i = 0; i < fit->n; i++)
    total += fit->values[i];
  while (n_axes < MIN (fit->n, most) && kept < VARIANCE_KEPT * total)
    kept += fit->values[n_axes++];
  return n_axes;
}

static CpacHotelling *
fit_axes (Fit *fit)
{
  g_autofree double *mean = g_new (double, fit->n);                    /* (n) */
  g_autofree double *scale = g_new (double, fit->n);                   /* (n) */
  g_autofree double *matrix = g_new (double, (gsize) fit->n * fit->n); /* (n, n) */
  CpacHotelling *hotelling;

  find_scales (fit, mean, scale);
  find_correlations (fit, mean, scale, matrix);
  cpac_eigen_symmetric (matrix, fit->n, fit->values, fit->vectors);
  for (guint i = 0; i < fit->n; i++)
    if (fit->values[i] < NEGLIGIBLE * fit->values[0])
      fit->values[i] = 0;
  hotelling = cpac_hotelling_alloc (fit->n, choose_n_axes (fit));
  hotelling->n_parts = fit->m;
  hotelling->n_used = fit->n_in;
  for (guint j = 0; j < fit->n; j++) {
    hotelling->mean[j] = mean[j];
    hotelling->scale[j] = scale[j];
  }
  for (guint i = 0; i < hotelling->n_axes; i++) {
    hotelling->variances[i] = fit->values[i];
    for (guint j = 0; j < fit->n; j++)
      hotelling->axes[(gsize) i * fit->n + j] = fit->vectors[(gsize) i * fit->n + j];
  }
  return hotelling;
}

/* ---- Limits ---- */

static double
get_q_limit (const Fit *fit, const CpacHotelling *hotelling, double p)
{
  return cpac_hotelling_get_q_limit (fit->values + hotelling->n_axes, fit->n - hotelling->n_axes,
                                     p);
}

/* Of parts that are in the fit: (m - 1)^2 / m Beta (A / 2, (m - A - 1) / 2). */
static double
get_phase_one_t2_limit (const CpacHotelling *hotelling, double p)
{
  double m = hotelling->n_used, a = hotelling->n_axes;
  /* The lower end of its mirror image, which keeps the digits of a small p. */
  double rest = cpac_beta_quantile (0.5 * (m - a - 1), 0.5 * a, p);

  return (m - 1) * (m - 1) / m * (1 - rest);
}

/* Of parts that are not: A (m + 1) (m - 1) / (m (m - A)) F (A, m - A). */
static double
get_t2_limit (const CpacHotelling *hotelling, double p)
{
  double m = hotelling->n_used, a = hotelling->n_axes;

  return a * (m + 1) * (m - 1) / (m * (m - a)) * cpac_f_upper_quantile (p, a, m - a);
}

/* Marks what is in control by the limits of phase I, where half a good part is expected beyond
 * each; whether that changed. */
static gboolean
mark (Fit *fit, const CpacHotelling *hotelling)
{
  double p = 0.5 / fit->m, t2_limit = get_phase_one_t2_limit (hotelling, p);
  double q_limit = get_q_limit (fit, hotelling, p);
  gboolean changed = FALSE;

  fit->n_in = 0;
  for (guint i = 0; i < fit->m; i++) {
    gboolean is_in;
    double t2, q;

    cpac_hotelling_measure (hotelling, fit->features + (gsize) i * fit->n, &t2, &q);
    is_in = t2 <= t2_limit && (q_limit == 0 || q <= q_limit);
    changed |= is_in != fit->is_in[i];
    fit->is_in[i] = is_in;
    fit->n_in += is_in;
  }
  return changed;
}

static int
compare_falling (const void *a, const void *b)
{
  double x = *(const double *) a, y = *(const double *) b;

  return (x < y) - (x > y);
}

/* The value that @sorted (n, falling) exceeds once in @arl, the largest where n is no more than
 * that. */
static double
pick_empirical (double *sorted, guint n, double arl)
{
  guint rank = (guint) MAX (1, floor ((n + 1) / arl));

  qsort (sorted, n, sizeof *sorted, compare_falling);
  return sorted[MIN (rank, n) - 1];
}

static void
set_limits (const Fit *fit, CpacHotelling *hotelling, double t2_arl, double q_arl)
{
  g_autofree double *t2 = g_new (double, fit->n_in); /* (n_in) */
  g_autofree double *q = g_new (double, fit->n_in);  /* (n_in) */
  guint n = 0;

  for (guint i = 0; i < fit->m; i++)
    if (fit->is_in[i]) {
      cpac_hotelling_measure (hotelling, fit->features + (gsize) i * fit->n, &t2[n], &q[n]);
      n++;
    }
  hotelling->t2_limit = MAX (get_t2_limit (hotelling, 1 / t2_arl), pick_empirical (t2, n, t2_arl));
  hotelling->q_limit = get_q_limit (fit, hotelling, 1 / q_arl);
  if (hotelling->q_limit > 0)
    hotelling->q_limit = MAX (hotelling->q_limit, pick_empirical (q, n, q_arl));
}

/* ---- All ---- */

static guint
get_n_needed (guint n_features)
{
  return MAX (CPAC_PHASE_ONE_MIN_PARTS, CPAC_HOTELLING_PARTS_PER_FEATURE * n_features);
}

static gboolean
check_parts (const Fit *fit, GError **error)
{
  if (100.0 * (fit->m - fit->n_in) > CPAC_PHASE_ONE_MAX_OUT_PERCENT * fit->m) {
    g_set_error (error, CPAC_ERROR, CPAC_ERROR_NUMERIC,
                 "features: found %u of %u parts out of control, expected at most %u %%",
                 fit->m - fit->n_in, fit->m, CPAC_PHASE_ONE_MAX_OUT_PERCENT);
    return FALSE;
  }
  if (fit->n_in >= get_n_needed (fit->n))
    return TRUE;
  g_set_error (error, CPAC_ERROR, CPAC_ERROR_SCHEMA,
               "features: found %u parts in control for %u features, expected at least %u",
               fit->n_in, fit->n, get_n_needed (fit->n));
  return FALSE;
}

static gboolean
check_features (const Fit *fit, GError **error)
{
  if (fit->n < 1 || fit->n > CPAC_HOTELLING_MAX_FEATURES) {
    g_set_error (error, CPAC_ERROR, CPAC_ERROR_SCHEMA, "features: found %u, expected 1 to %u",
                 fit->n, CPAC_HOTELLING_MAX_FEATURES);
    return FALSE;
  }
  for (gsize k = 0; k < (gsize) fit->m * fit->n; k++)
    if (!(fabs (fit->features[k]) <= 1e100)) {
      g_set_error (error, CPAC_ERROR, CPAC_ERROR_NUMERIC,
                   "features: part %u, feature %u: found %s, expected a number",
                   (guint) (k / fit->n), (guint) (k % fit->n),
                   cpac_number (fit->features[k], 6).text);
      return FALSE;
    }
  return TRUE;
}

CpacHotelling *
cpac_hotelling_fit (const double *features, guint m, guint n_features, double t2_arl, double q_arl,
                    GError **error)
{
  g_autofree gboolean *is_in = g_new (gboolean, MAX (m, 1));       /* (m) */
  g_autofree double *values = g_new (double, MAX (n_features, 1)); /* (n) */
  g_autofree double *vectors = NULL;                               /* (n, n) */
  g_autoptr (CpacHotelling) hotelling = NULL;
  Fit fit = { features, m, n_features, is_in, m, values, NULL };

  if (!check_features (&fit, error) || !check_parts (&fit, error))
    return NULL;
  fit.vectors = vectors = g_new (double, (gsize) n_features *n_features);
  for (guint i = 0; i < m; i++)
    is_in[i] = TRUE;
  for (guint k = 0; k < MAX_REFITS; k++) {
    g_clear_pointer (&hotelling, cpac_hotelling_free);
    hotelling = fit_axes (&fit);
    if (hotelling->n_axes == 0) {
      g_set_error_literal (error, CPAC_ERROR, CPAC_ERROR_NUMERIC,
                           "features: found none that varies, expected at least one");
      return NULL;
    }
    if (!mark (&fit, hotelling))
      break;
    if (!check_parts (&fit, error))
      return NULL;
  }
  set_limits (&fit, hotelling, t2_arl, q_arl);
  return g_steal_pointer (&hotelling);
}
