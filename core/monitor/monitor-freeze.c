/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/monitor/monitor-private.h"

#include <math.h>

#include "core/monitor/arl.h"
#include "core/monitor/distributions.h"
#include "core/monitor/number.h"
#include "core/score/statistics.h"

/* For what is told, not for limits. */
#define N_ESTIMATES 200
#define N_RULE_RUNS 2000
/* More rejects in phase I than this probability allows contradict the calibration. */
#define IMPROBABLE 1e-3
/* An AR(1) that leaves more than this unexplained is none. */
#define MAX_RESIDUAL_LAG1 0.2

static void note (CpacMonitor *monitor, const char *words, ...) G_GNUC_PRINTF (2, 3);

static void
note (CpacMonitor *monitor, const char *words, ...)
{
  va_list arguments;

  if (monitor->notes->len == CPAC_MONITOR_MAX_NOTES)
    return;
  va_start (arguments, words);
  g_ptr_array_add (monitor->notes, g_strdup_vprintf (words, arguments));
  va_end (arguments);
}

static const double *
get_learnt (const CpacMonitor *monitor, guint series)
{
  return (const double *) (gpointer) monitor->learnt[series]->data;
}

/* ---- Baselines ---- */

static gboolean
fit_score (CpacMonitor *monitor, GError **error)
{
  guint n = monitor->rejects->len;
  g_autofree gboolean *is_in = g_new0 (gboolean, n + 1); /* (n) */
  CpacBaseline baseline;

  if (!cpac_baseline_fit ("score", get_learnt (monitor, CPAC_SERIES_SCORE), n, is_in, &baseline,
                          error))
    return FALSE;
  monitor->series[CPAC_SERIES_SCORE].baseline = baseline;
  for (guint i = 0; i < n; i++)
    if (!is_in[i])
      g_array_append_val (monitor->left_out, i);
  monitor->n_learnt = n;
  return TRUE;
}

/* A measure without baseline is off; the others are not. */
static void
fit_camera (CpacMonitor *monitor)
{
  guint n = monitor->rejects->len;
  g_autofree gboolean *is_in = g_new0 (gboolean, n + 1); /* (n) */

  for (guint i = 0; i < CPAC_N_CAMERA_MEASURES; i++) {
    CpacSeries *series = &monitor->series[CPAC_SERIES_CAMERA + i];
    g_autoptr (GError) reason = NULL;

    series->charts = 0;
    if (!monitor->options.has_camera)
      continue;
    if (cpac_baseline_fit (cpac_camera_measure_to_string (i),
                           get_learnt (monitor, CPAC_SERIES_CAMERA + i), n, is_in,
                           &series->baseline, &reason))
      series->charts = CPAC_CHART_SHEWHART | CPAC_CHART_EWMA;
    else
      note (monitor, "Off: %s.", reason->message);
  }
}

static void
fit_features (CpacMonitor *monitor, double arl_of_chart)
{
  g_autoptr (GError) reason = NULL;

  if (monitor->options.n_features == 0)
    return;
  monitor->hotelling = cpac_hotelling_fit ((const double *) (gpointer) monitor->features->data,
                                           monitor->rejects->len, monitor->options.n_features,
                                           arl_of_chart, arl_of_chart, &reason);
  if (monitor->hotelling == NULL)
    note (monitor, "Off: %s.", reason->message);
}

/* ---- Limits ---- */

/* Those that share the false alarms: rules do not, their limits cannot be chosen. */
static guint
count_charts (const CpacMonitor *monitor, gboolean has_features)
{
  guint n = (guint) __builtin_popcount (monitor->options.score_charts & ~CPAC_CHART_RULES);

  for (guint i = 0; i < CPAC_N_CAMERA_MEASURES; i++)
    n += (guint) __builtin_popcount (monitor->series[CPAC_SERIES_CAMERA + i].charts);
  return n + (monitor->options.reject_rate > 0) + 2 * has_features;
}

/* What of autocorrelation may be left in the points makes averages and sums vary more, by these
 * factors of their long-run standard deviation and variance. */
static void
widen (CpacSeries *series)
{
  double margin = series->baseline.margin;
  double kept = margin * (1 - series->ewma.design.lambda);

  series->ewma.design.limit *= sqrt ((1 + kept) / (1 - kept));
  series->cusum.design.h =
      MIN (series->cusum.design.h * (1 + margin) / (1 - margin), CPAC_CUSUM_MAX_H);
}

/* Heavy tails matter to single points only: what has a memory sees them clipped, and what is
 * clipped varies less than the normal points its limits are for. */
static gboolean
set_series_limits (const CpacMonitor *monitor, CpacSeries *series, guint charts, CpacSides sides,
                   GError **error)
{
  CpacArlProcess normal = { 0 }, heavy = { .df = series->baseline.df };
  double arl = monitor->arl_of_chart;

  series->charts = charts;
  series->shewhart = (CpacShewhartDesign){ .sides = sides };
  series->ewma.design = (CpacEwmaDesign){ .lambda = monitor->options.lambda };
  series->cusum.design = (CpacCusumDesign){ .k = monitor->options.cusum_k };
  series->rules.rules = charts & CPAC_CHART_RULES ? monitor->options.rules : 0;
  if ((charts & CPAC_CHART_SHEWHART &&
       !cpac_arl_solve_shewhart (&series->shewhart, &heavy, arl, error)) ||
      (charts & CPAC_CHART_EWMA &&
       !cpac_arl_solve_ewma (&series->ewma.design, &normal, arl, error)) ||
      (charts & CPAC_CHART_CUSUM &&
       !cpac_arl_solve_cusum (&series->cusum.design, 0, &normal, arl, error)))
    return FALSE;
  widen (series);
  return TRUE;
}

/* Parts that resemble each other are rejected one after the other: the limit allows for that. */
static double
get_repeat_rate (const CpacMonitor *monitor)
{
  double phi = monitor->series[CPAC_SERIES_SCORE].baseline.phi;

  return cpac_arl_get_repeat_rate (monitor->options.reject_rate, MAX (phi, 0));
}

static gboolean
set_bernoulli_limit (CpacMonitor *monitor, GError **error)
{
  const CpacMonitorOptions *options = &monitor->options;
  CpacBernoulliDesign *design = &monitor->bernoulli.design;

  monitor->has_bernoulli = options->reject_rate > 0;
  return !monitor->has_bernoulli ||
         (cpac_bernoulli_get_step (options->reject_rate, options->high_reject_rate, &design->step,
                                   error) &&
          cpac_arl_solve_bernoulli (design, options->reject_rate, get_repeat_rate (monitor),
                                    monitor->arl_of_chart, error));
}

static gboolean
set_limits (CpacMonitor *monitor, GError **error)
{
  if (!set_series_limits (monitor, &monitor->series[CPAC_SERIES_SCORE],
                          monitor->options.score_charts, CPAC_SIDES_UPPER, error))
    return FALSE;
  for (guint i = 0; i < CPAC_N_CAMERA_MEASURES; i++) {
    CpacSeries *series = &monitor->series[CPAC_SERIES_CAMERA + i];

    if (series->charts != 0 &&
        !set_series_limits (monitor, series, series->charts, CPAC_SIDES_BOTH, error))
      return FALSE;
  }
  return set_bernoulli_limit (monitor, error);
}

/* ---- What is told ---- */

static double
get_rules_arl (guint rules)
{
  CpacArlProcess process = { 0 };

  if (rules & CPAC_RULES_OF_ORDER)
    return cpac_arl_simulate_rules (rules, &process, N_RULE_RUNS, 1).arl;
  return cpac_arl_rules (rules, &process, NULL);
}

/* What limits for independent points would have given. */
static double
get_uncorrected_arl (const CpacMonitor *monitor)
{
  CpacArlProcess independent = { 0 };
  CpacArlProcess correlated = { .phi = monitor->series[CPAC_SERIES_SCORE].baseline.phi };
  CpacEwmaDesign design = { .lambda = monitor->options.lambda };
  double arl;

  if (correlated.phi == 0)
    return monitor->arl_of_chart;
  if (!cpac_arl_solve_ewma (&design, &independent, monitor->arl_of_chart, NULL))
    return 0;
  arl = cpac_arl_ewma (&design, &correlated);
  return isnan (arl) ? 0 : MIN (arl, CPAC_ARL_MAX);
}

static void
find_run_lengths (CpacMonitor *monitor)
{
  const CpacSeries *score = &monitor->series[CPAC_SERIES_SCORE];

  monitor->arl_low = MIN (
      cpac_arl_ewma_estimated (&score->ewma.design, score->baseline.n_used, 0.1, N_ESTIMATES, 1),
      CPAC_ARL_MAX);
  monitor->arl_uncorrected = get_uncorrected_arl (monitor);
  if (score->charts & CPAC_CHART_RULES)
    monitor->arl_of_rules = MIN (get_rules_arl (score->rules.rules), CPAC_ARL_MAX);
}

static void
note_baseline (CpacMonitor *monitor, guint index)
{
  const CpacSeries *series = &monitor->series[index];
  const CpacBaseline *baseline = &series->baseline;
  const char *name = cpac_monitor_get_series_name (index);

  if (series->charts == 0)
    return;
  if (baseline->n_used < baseline->n_parts)
    note (monitor, "%s: %u of %u parts were out of control in phase I and are left out.", name,
          baseline->n_parts - baseline->n_used, baseline->n_parts);
  if (baseline->phi != 0)
    note (monitor,
          "%s: parts resemble the one before (autocorrelation %s): what that foretells is taken "
          "off.",
          name, cpac_number (baseline->phi, 3).text);
  if (baseline->phi != 0 && index == CPAC_SERIES_SCORE && monitor->arl_uncorrected > 0)
    note (monitor, "%s: else its average would raise a false alarm every %s parts instead of %s.",
          name, cpac_number (monitor->arl_uncorrected, 3).text,
          cpac_number (monitor->arl_of_chart, 3).text);
  if (fabs (baseline->residual_lag1) > MAX_RESIDUAL_LAG1)
    note (monitor, "%s: an autocorrelation of %s is left: expect other rates of false alarms.",
          name, cpac_number (baseline->residual_lag1, 3).text);
  if (baseline->is_slow)
    note (monitor,
          "%s: it moved slowly during phase I: limits are wider than a steady process "
          "would need.",
          name);
  if (baseline->df != 0)
    note (monitor,
          "%s: tails are heavier than normal: the limit of single points is that of Student's t of "
          "%s degrees of freedom.",
          name, cpac_number (baseline->df, 3).text);
}

/* The worst that a calibration can say of a part may be less than what limits ask. */
static void
note_reach (CpacMonitor *monitor)
{
  const CpacSeries *score = &monitor->series[CPAC_SERIES_SCORE];
  double reach = cpac_baseline_standardize (&score->baseline, cpac_monitor_get_point (monitor, 0));
  double average_limit = cpac_ewma_get_limit (&score->ewma.design, 0);

  if (!monitor->options.has_p_values)
    return;
  if (score->charts & CPAC_CHART_SHEWHART && reach <= score->shewhart.limit)
    note (monitor,
          "score: single points cannot alarm: the limit is %s, p-values of the calibration reach "
          "%s.",
          cpac_number (score->shewhart.limit, 3).text, cpac_number (reach, 3).text);
  if (reach <= average_limit)
    note (monitor,
          "score: its average cannot alarm: the limit is %s, p-values of the calibration reach "
          "%s.",
          cpac_number (average_limit, 3).text, cpac_number (reach, 3).text);
}

static void
note_rejects (CpacMonitor *monitor)
{
  double p0 = monitor->options.reject_rate;
  guint n = monitor->rejects->len, n_rejects = 0;

  for (guint i = 0; i < n; i++)
    n_rejects += g_array_index (monitor->rejects, guint, i);
  /* P (at least so many of n) */
  if (monitor->has_bernoulli && n_rejects > 0 &&
      cpac_beta_cdf (n_rejects, n - n_rejects + 1.0, p0) < IMPROBABLE)
    note (monitor, "rejects: %u of %u parts of phase I, more than the stated %s %% allow.",
          n_rejects, n, cpac_number (100 * p0, 3).text);
  if (monitor->has_bernoulli && monitor->series[CPAC_SERIES_SCORE].baseline.phi > 0)
    note (monitor,
          "rejects: as parts resemble each other, %s %% of those after a reject are expected to be "
          "rejected, too; the limit allows for that.",
          cpac_number (100 * get_repeat_rate (monitor), 3).text);
}

static void
note_all (CpacMonitor *monitor)
{
  for (guint i = 0; i < CPAC_N_SERIES; i++)
    note_baseline (monitor, i);
  note_reach (monitor);
  note_rejects (monitor);
  if (monitor->arl_of_rules > 0)
    note (monitor, "rules: alone they raise a false alarm every %s parts.",
          cpac_number (monitor->arl_of_rules, 3).text);
}

/* ---- All ---- */

static gboolean
fit (CpacMonitor *monitor, GError **error)
{
  const CpacMonitorOptions *options = &monitor->options;
  gboolean has_features = options->n_features > 0;

  if (!fit_score (monitor, error))
    return FALSE;
  fit_camera (monitor);
  monitor->arl = options->hours_per_false_alarm * options->parts_per_hour;
  fit_features (monitor, monitor->arl * count_charts (monitor, has_features));
  monitor->n_charts = count_charts (monitor, monitor->hotelling != NULL);
  monitor->arl_of_chart = MIN (monitor->arl * monitor->n_charts, CPAC_ARL_MAX_WANTED);
  return set_limits (monitor, error);
}

/* What only phase I needs. */
static void
forget_parts (CpacMonitor *monitor)
{
  for (guint i = 0; i < CPAC_N_SERIES; i++)
    g_array_set_size (monitor->learnt[i], 0);
  g_array_set_size (monitor->features, 0);
  g_array_set_size (monitor->rejects, 0);
}

void
cpac_monitor_unfix (CpacMonitor *monitor)
{
  for (guint i = 0; i < CPAC_N_SERIES; i++)
    monitor->series[i] = (CpacSeries){ 0 };
  monitor->has_bernoulli = FALSE;
  monitor->bernoulli = (CpacBernoulliCusum){ 0 };
  g_clear_pointer (&monitor->hotelling, cpac_hotelling_free);
  monitor->n_learnt = monitor->n_charts = 0;
  g_array_set_size (monitor->left_out, 0);
  monitor->arl = monitor->arl_of_chart = 0;
  monitor->arl_low = monitor->arl_uncorrected = monitor->arl_of_rules = 0;
  g_ptr_array_set_size (monitor->notes, 0);
  monitor->shift = (CpacScoreShift){ 0 };
  monitor->is_frozen = FALSE;
}

gboolean
cpac_monitor_freeze (CpacMonitor *monitor, GError **error)
{
  g_return_val_if_fail (!monitor->is_frozen, FALSE);

  if (!fit (monitor, error)) {
    cpac_monitor_unfix (monitor);
    return FALSE;
  }
  find_run_lengths (monitor);
  note_all (monitor);
  forget_parts (monitor);
  monitor->is_frozen = TRUE;
  cpac_monitor_reset_charts (monitor);
  return TRUE;
}
