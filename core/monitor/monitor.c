/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/monitor/monitor-private.h"

#include <math.h>
#include <string.h>

#include "core/monitor/arl.h"
#include "core/monitor/distributions.h"
#include "core/monitor/number.h"

/* Phase I tries again to end after so many more parts. */
#define RETRY_PARTS 25
#define MAX_VALUE 1e100
/* With more, an average of clipped points could not reach the limits of rare false alarms. */
#define MAX_LAMBDA 0.25

const char *
cpac_monitor_state_to_string (CpacMonitorState state)
{
  static const char *const names[CPAC_N_MONITOR_STATES] = {
    "phase-one",     "in-control",     "defect",       "defect-rate-up",
    "process-drift", "new-appearance", "check-camera",
  };

  g_return_val_if_fail (state < CPAC_N_MONITOR_STATES, NULL);

  return names[state];
}

const char *
cpac_monitor_get_series_name (guint index)
{
  return index == CPAC_SERIES_SCORE ? "score"
                                    : cpac_camera_measure_to_string (index - CPAC_SERIES_CAMERA);
}

/* ---- Options ---- */

static gboolean
check_rejects (const CpacMonitorOptions *options, GError **error)
{
  guint step;

  if (options->reject_rate == 0 && options->high_reject_rate == 0)
    return TRUE;
  return cpac_bernoulli_get_step (options->reject_rate, options->high_reject_rate, &step, error);
}

/* The state is told from the average; what else is charted is up to the user. */
static gboolean
check_charts (const CpacMonitorOptions *options, GError **error)
{
  guint charts = options->score_charts;

  if (!(charts & CPAC_CHART_EWMA)) {
    g_set_error_literal (error, CPAC_ERROR, CPAC_ERROR_SCHEMA,
                         "charts of the score: found no EWMA, expected it among them");
    return FALSE;
  }
  return cpac_chart_check_range ("charts of the score", charts, 0, 15, error) &&
         cpac_chart_check_range ("rules", options->rules, charts & CPAC_CHART_RULES ? 1 : 0,
                                 (1 << CPAC_N_RULES) - 1, error);
}

gboolean
cpac_monitor_options_check (const CpacMonitorOptions *options, GError **error)
{
  double arl;

  return cpac_arl_from_rate (options->hours_per_false_alarm, options->parts_per_hour, &arl,
                             error) &&
         cpac_chart_check_range ("parts of phase I", options->n_phase_one, CPAC_PHASE_ONE_MIN_PARTS,
                                 CPAC_MONITOR_MAX_PHASE_ONE, error) &&
         (!options->has_p_values ||
          cpac_chart_check_range ("smallest p-value", options->smallest_p, 1e-12, 0.01, error)) &&
         check_charts (options, error) &&
         cpac_chart_check_range ("lambda", options->lambda, CPAC_EWMA_MIN_LAMBDA, MAX_LAMBDA,
                                 error) &&
         cpac_chart_check_range ("k", options->cusum_k, 0.05, 3, error) &&
         check_rejects (options, error) &&
         cpac_chart_check_range ("features", options->n_features, 0, CPAC_HOTELLING_MAX_FEATURES,
                                 error);
}

/* ---- Life ---- */

CpacMonitor *
cpac_monitor_alloc (void)
{
  CpacMonitor *monitor = g_new0 (CpacMonitor, 1);

  for (guint i = 0; i < CPAC_N_SERIES; i++)
    monitor->learnt[i] = g_array_new (FALSE, FALSE, sizeof (double));
  monitor->features = g_array_new (FALSE, FALSE, sizeof (double));
  monitor->rejects = g_array_new (FALSE, FALSE, sizeof (guint));
  monitor->left_out = g_array_new (FALSE, FALSE, sizeof (guint));
  monitor->notes = g_ptr_array_new_with_free_func (g_free);
  return monitor;
}

CpacMonitor *
cpac_monitor_new (const CpacMonitorOptions *options, GError **error)
{
  CpacMonitor *monitor;

  if (!cpac_monitor_options_check (options, error))
    return NULL;
  monitor = cpac_monitor_alloc ();
  monitor->options = *options;
  return monitor;
}

void
cpac_monitor_free (CpacMonitor *monitor)
{
  if (monitor == NULL)
    return;
  for (guint i = 0; i < CPAC_N_SERIES; i++)
    g_array_unref (monitor->learnt[i]);
  g_array_unref (monitor->features);
  g_array_unref (monitor->rejects);
  g_array_unref (monitor->left_out);
  g_ptr_array_unref (monitor->notes);
  cpac_hotelling_free (monitor->hotelling);
  g_free (monitor);
}

const CpacMonitorOptions *
cpac_monitor_get_options (const CpacMonitor *monitor)
{
  return &monitor->options;
}

gboolean
cpac_monitor_is_frozen (const CpacMonitor *monitor)
{
  return monitor->is_frozen;
}

void
cpac_monitor_reset_charts (CpacMonitor *monitor)
{
  for (guint i = 0; i < CPAC_N_SERIES; i++)
    cpac_series_reset (&monitor->series[i]);
  cpac_bernoulli_reset (&monitor->bernoulli);
  monitor->shift = (CpacScoreShift){ 0 };
}

void
cpac_monitor_restart_phase_one (CpacMonitor *monitor)
{
  for (guint i = 0; i < CPAC_N_SERIES; i++)
    g_array_set_size (monitor->learnt[i], 0);
  g_array_set_size (monitor->features, 0);
  g_array_set_size (monitor->rejects, 0);
  cpac_monitor_unfix (monitor);
}

/* ---- A part ---- */

/* A p-value of 1, which only the best part of the calibration has, says no more than that. */
double
cpac_monitor_get_point (const CpacMonitor *monitor, double score)
{
  double floor = monitor->options.smallest_p;

  if (!monitor->options.has_p_values)
    return score;
  return cpac_normal_upper_quantile (CLAMP (score, floor, 1 - floor));
}

static gboolean
check_number (const char *name, double value, double low, double high, GError **error)
{
  if (value >= low && value <= high)
    return TRUE;
  g_set_error (error, CPAC_ERROR, CPAC_ERROR_NUMERIC, "%s of a part: found %s, expected %s to %s",
               name, cpac_number (value, 6).text, cpac_number (low, 6).text,
               cpac_number (high, 6).text);
  return FALSE;
}

static gboolean
check_part (const CpacMonitor *monitor, const CpacMonitorPart *part, GError **error)
{
  gboolean is_p = monitor->options.has_p_values;

  if (part->has_score && !check_number (is_p ? "p-value" : "score", part->score,
                                        is_p ? 0 : -MAX_VALUE, is_p ? 1 : MAX_VALUE, error))
    return FALSE;
  for (guint i = 0; i < CPAC_N_CAMERA_MEASURES && part->has_camera; i++)
    if (!check_number (cpac_camera_measure_to_string (i), part->camera[i], -MAX_VALUE, MAX_VALUE,
                       error))
      return FALSE;
  for (guint i = 0; i < monitor->options.n_features && part->features != NULL; i++)
    if (!check_number ("feature", part->features[i], -MAX_VALUE, MAX_VALUE, error))
      return FALSE;
  return TRUE;
}

/* ---- Phase I ---- */

static gboolean
is_complete (const CpacMonitor *monitor, const CpacMonitorPart *part)
{
  return part->has_score && (part->has_camera || !monitor->options.has_camera) &&
         (part->features != NULL || monitor->options.n_features == 0);
}

/* A full window loses its older half. */
static void
make_room (CpacMonitor *monitor)
{
  guint n = monitor->options.n_phase_one;

  if (monitor->rejects->len < CPAC_MONITOR_PHASE_ONE_WINDOW * n)
    return;
  for (guint i = 0; i < CPAC_N_SERIES; i++)
    if (monitor->learnt[i]->len > 0)
      g_array_remove_range (monitor->learnt[i], 0, n);
  if (monitor->features->len > 0)
    g_array_remove_range (monitor->features, 0, n * monitor->options.n_features);
  g_array_remove_range (monitor->rejects, 0, n);
}

static void
learn (CpacMonitor *monitor, const CpacMonitorPart *part)
{
  double point = cpac_monitor_get_point (monitor, part->score);
  guint is_reject = part->verdict == CPAC_VERDICT_NOT_OK;

  make_room (monitor);
  g_array_append_val (monitor->learnt[CPAC_SERIES_SCORE], point);
  for (guint i = 0; i < CPAC_N_CAMERA_MEASURES && monitor->options.has_camera; i++)
    g_array_append_val (monitor->learnt[CPAC_SERIES_CAMERA + i], part->camera[i]);
  if (monitor->options.n_features > 0)
    g_array_append_vals (monitor->features, part->features, monitor->options.n_features);
  g_array_append_val (monitor->rejects, is_reject);
}

static void
add_to_phase_one (CpacMonitor *monitor, const CpacMonitorPart *part, CpacMonitorResult *result)
{
  g_autoptr (GError) error = NULL;
  guint n_wanted = monitor->options.n_phase_one, n;

  if (is_complete (monitor, part))
    learn (monitor, part);
  n = monitor->rejects->len;
  if (is_complete (monitor, part) && n >= n_wanted && (n - n_wanted) % RETRY_PARTS == 0 &&
      cpac_monitor_freeze (monitor, &error))
    g_snprintf (result->sentence, sizeof result->sentence,
                "Learnt what is normal from %u parts; limits are set from here on.", n);
  else if (error != NULL)
    g_snprintf (result->sentence, sizeof result->sentence,
                "Still learning what is normal, no limits can be set: %s.", error->message);
  else
    g_snprintf (result->sentence, sizeof result->sentence,
                "Learning what is normal: %u of %u parts.", n, MAX (n, n_wanted));
}

/* ---- Phase II ---- */

static void
follow_shift (CpacMonitor *monitor, double before, double x, gboolean is_defect)
{
  CpacScoreShift *shift = &monitor->shift;

  x = CLAMP (x, -CPAC_CLIP, CPAC_CLIP);
  if (before * monitor->series[CPAC_SERIES_SCORE].ewma.value <= 0)
    *shift = (CpacScoreShift){ 0 };
  shift->n++;
  shift->sum += x;
  if (is_defect) {
    shift->n_rejects++;
    shift->sum_of_rejects += x;
  }
}

static void
add_score (CpacMonitor *monitor, const CpacMonitorPart *part, CpacMonitorPoint *point)
{
  CpacSeries *score = &monitor->series[CPAC_SERIES_SCORE];
  double before = score->ewma.value;

  if (part->has_score) {
    point->score = cpac_series_step (score, cpac_monitor_get_point (monitor, part->score));
    follow_shift (monitor, before, point->score.residual, part->verdict == CPAC_VERDICT_NOT_OK);
  } else {
    point->score = cpac_series_skip (score);
  }
  if (cpac_series_point_get_signal (&point->score) != CPAC_SIGNAL_NONE)
    point->alarms |= CPAC_ALARM_SCORE;
}

static void
add_camera (CpacMonitor *monitor, const CpacMonitorPart *part, CpacMonitorPoint *point)
{
  for (guint i = 0; i < CPAC_N_CAMERA_MEASURES; i++) {
    CpacSeries *series = &monitor->series[CPAC_SERIES_CAMERA + i];

    if (series->charts == 0)
      continue;
    if (part->has_camera) {
      monitor->camera[i] = part->camera[i];
      point->camera[i] = cpac_series_step (series, part->camera[i]);
    } else {
      point->camera[i] = cpac_series_skip (series);
    }
    if (cpac_series_point_get_signal (&point->camera[i]) != CPAC_SIGNAL_NONE)
      point->alarms |= CPAC_ALARM_CAMERA << i;
  }
}

static void
add_features (CpacMonitor *monitor, const CpacMonitorPart *part, CpacMonitorPoint *point)
{
  const CpacHotelling *hotelling = monitor->hotelling;

  if (hotelling == NULL || part->features == NULL)
    return;
  point->has_features = TRUE;
  cpac_hotelling_measure (hotelling, part->features, &point->t2, &point->q);
  if (point->t2 > hotelling->t2_limit)
    point->alarms |= CPAC_ALARM_T2;
  if (hotelling->q_limit > 0 && point->q > hotelling->q_limit)
    point->alarms |= CPAC_ALARM_Q;
}

/* The feature that contributes most to Q, or to T^2 where Q is within its limit. */
static void
find_top_feature (const CpacMonitor *monitor, const CpacMonitorPart *part,
                  const CpacMonitorPoint *point, CpacMonitorResult *result)
{
  double shares[CPAC_HOTELLING_MAX_FEATURES];
  gboolean is_q = (point->alarms & CPAC_ALARM_Q) != 0;
  guint top = 0;

  if (!(point->alarms & (CPAC_ALARM_T2 | CPAC_ALARM_Q)))
    return;
  cpac_hotelling_contribute (monitor->hotelling, part->features, is_q ? NULL : shares,
                             is_q ? shares : NULL);
  for (guint i = 1; i < monitor->options.n_features; i++)
    if (shares[i] > shares[top])
      top = i;
  result->has_top_feature = TRUE;
  result->top_feature = top;
  result->top_share = shares[top] / (is_q ? point->q : point->t2);
}

static void
add_to_charts (CpacMonitor *monitor, const CpacMonitorPart *part, CpacMonitorResult *result)
{
  gboolean is_inspected = part->verdict != CPAC_VERDICT_UNDEFINED;
  CpacMonitorPoint point = { 0 };
  CpacMonitorState before = monitor->state;

  add_score (monitor, part, &point);
  add_camera (monitor, part, &point);
  add_features (monitor, part, &point);
  if (monitor->has_bernoulli && is_inspected)
    cpac_bernoulli_step (&monitor->bernoulli, result->is_defect);
  if (monitor->has_bernoulli && cpac_bernoulli_get_signal (&monitor->bernoulli) != CPAC_SIGNAL_NONE)
    point.alarms |= CPAC_ALARM_REJECTS;
  result->alarms = point.alarms;
  result->rules = point.score.rules;
  find_top_feature (monitor, part, &point, result);
  monitor->state = cpac_monitor_decide (monitor, &point, result->is_defect);
  monitor->n_in_state = monitor->state == before ? monitor->n_in_state + 1 : 1;
  result->n_in_state = monitor->n_in_state;
  cpac_monitor_explain (monitor, &point, result);
}

gboolean
cpac_monitor_add_part (CpacMonitor *monitor, const CpacMonitorPart *part, CpacMonitorResult *result,
                       GError **error)
{
  CpacMonitorState before = monitor->state;

  if (!check_part (monitor, part, error))
    return FALSE;
  memset (result, 0, sizeof *result);
  result->is_defect = part->verdict == CPAC_VERDICT_NOT_OK;
  monitor->n_seen++;
  if (monitor->is_frozen) {
    add_to_charts (monitor, part, result);
  } else {
    add_to_phase_one (monitor, part, result);
    monitor->state = CPAC_MONITOR_PHASE_ONE;
    result->n_in_state = ++monitor->n_in_state;
  }
  result->state = monitor->state;
  result->has_changed = result->state != before || monitor->n_seen == 1;
  return TRUE;
}

/* ---- Answers ---- */

gboolean
cpac_monitor_get_report (const CpacMonitor *monitor, CpacPhaseOneReport *report)
{
  if (!monitor->is_frozen)
    return FALSE;
  *report = (CpacPhaseOneReport){
    .n_parts = monitor->n_learnt,
    .n_left_out = monitor->left_out->len,
    .left_out = (const guint *) (gpointer) monitor->left_out->data,
    .n_charts = monitor->n_charts,
    .arl = monitor->arl,
    .arl_of_chart = monitor->arl_of_chart,
    .arl_low = monitor->arl_low,
    .arl_uncorrected = monitor->arl_uncorrected,
    .arl_of_rules = monitor->arl_of_rules,
    .score = &monitor->series[CPAC_SERIES_SCORE].baseline,
    .n_notes = monitor->notes->len,
    .notes = (const char *const *) monitor->notes->pdata,
  };
  return TRUE;
}

const CpacSeries *
cpac_monitor_get_camera (const CpacMonitor *monitor, CpacCameraMeasure measure)
{
  const CpacSeries *series = &monitor->series[CPAC_SERIES_CAMERA + measure];

  return series->charts != 0 ? series : NULL;
}

const CpacHotelling *
cpac_monitor_get_hotelling (const CpacMonitor *monitor)
{
  return monitor->hotelling;
}
