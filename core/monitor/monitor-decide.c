/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/monitor/monitor-private.h"

#include <math.h>

#include "core/monitor/number.h"

/* ---- What the charts together say ---- */

/* Rejected parts pull the average up, too. Where the others have risen at least half as far as all
 * of them, or there are no others, everything has moved. */
static gboolean
is_shift_of_all (const CpacScoreShift *shift)
{
  guint64 n_others = shift->n - shift->n_rejects;

  if (n_others == 0)
    return TRUE;
  return (shift->sum - shift->sum_of_rejects) / n_others >= 0.5 * shift->sum / shift->n;
}

static CpacSignal
get_lasting_signal (const CpacSeriesPoint *point)
{
  return point->ewma != CPAC_SIGNAL_NONE ? point->ewma : point->cusum;
}

/* Bits 1 << CpacCameraMeasure. */
static guint
get_camera_alarms (const CpacMonitorPoint *point)
{
  return point->alarms / CPAC_ALARM_CAMERA;
}

/* No lens makes pictures show more than it did. Contrast or sharpness that rise while brightness
 * and saturation stay are the surface's. */
static gboolean
is_of_surface (const CpacMonitorPoint *point)
{
  static const guint of_light = 1 << CPAC_CAMERA_BRIGHTNESS | 1 << CPAC_CAMERA_SATURATION;
  guint alarms = get_camera_alarms (point);

  if (alarms & of_light)
    return FALSE;
  for (guint i = 0; i < CPAC_N_CAMERA_MEASURES; i++)
    if (alarms >> i & 1 && cpac_series_point_get_signal (&point->camera[i]) == CPAC_SIGNAL_BELOW)
      return FALSE;
  return alarms != 0;
}

/* That of all parts, as far as their average says. */
static gboolean
is_lasting_of_surface (const CpacMonitorPoint *point)
{
  return is_of_surface (point) && (point->camera[CPAC_CAMERA_CONTRAST].ewma == CPAC_SIGNAL_ABOVE ||
                                   point->camera[CPAC_CAMERA_SHARPNESS].ewma == CPAC_SIGNAL_ABOVE);
}

CpacMonitorState
cpac_monitor_decide (const CpacMonitor *monitor, const CpacMonitorPoint *point, gboolean is_defect)
{
  CpacSignal lasting = get_lasting_signal (&point->score);

  if (get_camera_alarms (point) != 0 && !is_of_surface (point))
    return CPAC_MONITOR_CHECK_CAMERA;
  if (lasting == CPAC_SIGNAL_BELOW ||
      (lasting == CPAC_SIGNAL_ABOVE && is_shift_of_all (&monitor->shift)))
    return CPAC_MONITOR_PROCESS_DRIFT;
  if (lasting == CPAC_SIGNAL_ABOVE || point->alarms & CPAC_ALARM_REJECTS)
    return CPAC_MONITOR_DEFECT_RATE_UP;
  if (is_lasting_of_surface (point))
    return CPAC_MONITOR_PROCESS_DRIFT;
  if (is_defect)
    return CPAC_MONITOR_DEFECT;
  if (point->alarms & CPAC_ALARM_Q)
    return CPAC_MONITOR_NEW_APPEARANCE;
  if (point->alarms & (CPAC_ALARM_T2 | CPAC_ALARM_SCORE))
    return CPAC_MONITOR_PROCESS_DRIFT;
  return is_of_surface (point) ? CPAC_MONITOR_NEW_APPEARANCE : CPAC_MONITOR_IN_CONTROL;
}

/* ---- Sentences ---- */

static void say (CpacMonitorResult *result, const char *words, ...) G_GNUC_PRINTF (2, 3);

static void
say (CpacMonitorResult *result, const char *words, ...)
{
  va_list arguments;

  va_start (arguments, words);
  g_vsnprintf (result->sentence, sizeof result->sentence, words, arguments);
  va_end (arguments);
}

/* Of the measures that alarm, the one that is farthest from normal. */
static CpacCameraMeasure
find_worst (const CpacMonitor *monitor, const CpacMonitorPoint *point)
{
  guint worst = 0;
  double farthest = -1;

  for (guint i = 0; i < CPAC_N_CAMERA_MEASURES; i++) {
    const CpacBaseline *baseline = &monitor->series[CPAC_SERIES_CAMERA + i].baseline;
    double distance;

    if (!(get_camera_alarms (point) >> i & 1))
      continue;
    distance = fabs (cpac_baseline_standardize (baseline, monitor->camera[i]));
    if (distance > farthest) {
      farthest = distance;
      worst = i;
    }
  }
  return worst;
}

/* @before and @after: words around "sharpness is 3, normally 5 +- 0.1". */
static void
say_measure (const CpacMonitor *monitor, const CpacMonitorPoint *point, const char *before,
             const char *after, CpacMonitorResult *result)
{
  CpacCameraMeasure worst = find_worst (monitor, point);
  const CpacBaseline *baseline = &monitor->series[CPAC_SERIES_CAMERA + worst].baseline;

  say (result, "%s %s is %s, normally %s +- %s%s", before, cpac_camera_measure_to_string (worst),
       cpac_number (monitor->camera[worst], 3).text, cpac_number (baseline->center, 3).text,
       cpac_number (baseline->spread, 3).text, after);
}

static void
say_camera (const CpacMonitor *monitor, const CpacMonitorPoint *point, CpacMonitorResult *result)
{
  say_measure (monitor, point, "The pictures'",
               ": look at lamp, lens and exposure before believing verdicts.", result);
}

static void
say_new_appearance (const CpacMonitor *monitor, const CpacMonitorPoint *point,
                    CpacMonitorResult *result)
{
  if (point->alarms & CPAC_ALARM_Q)
    say (result,
         "This part has something that no part had in phase I: feature %u makes %s %% of it; if "
         "such parts are good, retrain.",
         result->top_feature, cpac_number (100 * result->top_share, 3).text);
  else
    say_measure (
        monitor, point, "This part's",
        ", under unchanged light: it looks unlike what was learnt; if such parts are good, "
        "retrain.",
        result);
}

static void
say_drift (const CpacMonitor *monitor, const CpacMonitorPoint *point, CpacMonitorResult *result)
{
  const CpacScoreShift *shift = &monitor->shift;
  CpacSignal lasting = get_lasting_signal (&point->score);
  double phi = monitor->series[CPAC_SERIES_SCORE].baseline.phi;
  /* Of a shift of the mean residuals show 1 - phi, in units of their own. */
  double mean = shift->n > 0 ? shift->sum / shift->n * sqrt ((1 + phi) / (1 - phi)) : 0;

  if (lasting != CPAC_SIGNAL_NONE)
    say (result,
         "The scores of all parts have %s by about %s standard deviations over the last "
         "%" G_GUINT64_FORMAT " parts, %" G_GUINT64_FORMAT
         " of them rejected: the process drifts%s.",
         lasting == CPAC_SIGNAL_ABOVE ? "risen" : "fallen", cpac_number (fabs (mean), 3).text,
         shift->n, shift->n_rejects,
         lasting == CPAC_SIGNAL_ABOVE ? "" : ", or the pictures show less than they did");
  else if (is_lasting_of_surface (point))
    say_measure (monitor, point, "The pictures'",
                 ", under unchanged light: the surface of the parts has changed, or the lamp's "
                 "angle.",
                 result);
  else if (point->alarms & CPAC_ALARM_T2)
    say (result,
         "This part differs from the others as parts do, only farther: feature %u makes %s %% of "
         "it.",
         result->top_feature, cpac_number (100 * result->top_share, 3).text);
  else
    say (result,
         "This part's score, %s standard deviations from normal, breaks a rule of its chart.",
         cpac_number (point->score.residual, 3).text);
}

static void
say_rate (const CpacMonitor *monitor, const CpacMonitorPoint *point, CpacMonitorResult *result)
{
  const CpacBernoulliCusum *rejects = &monitor->bernoulli;
  const CpacScoreShift *shift = &monitor->shift;

  if (point->alarms & CPAC_ALARM_REJECTS)
    say (result,
         "More parts are rejected than the %s %% that should be, %" G_GUINT64_FORMAT
         " of the last %" G_GUINT64_FORMAT "; the others look as ever.",
         cpac_number (100 * monitor->options.reject_rate, 3).text, rejects->n_rejects,
         rejects->n_parts);
  else
    say (result,
         "Rejected parts come thick, %" G_GUINT64_FORMAT " of the last %" G_GUINT64_FORMAT
         "; the others look as ever.",
         shift->n_rejects, shift->n);
}

static void
say_state (const CpacMonitor *monitor, const CpacMonitorPoint *point, CpacMonitorResult *result)
{
  switch (monitor->state) {
    case CPAC_MONITOR_PHASE_ONE:
    case CPAC_MONITOR_IN_CONTROL:
      say (result, "In control.");
      break;
    case CPAC_MONITOR_DEFECT:
      say (result, "This part is rejected; nothing says that others will be.");
      break;
    case CPAC_MONITOR_DEFECT_RATE_UP:
      say_rate (monitor, point, result);
      break;
    case CPAC_MONITOR_PROCESS_DRIFT:
      say_drift (monitor, point, result);
      break;
    case CPAC_MONITOR_NEW_APPEARANCE:
      say_new_appearance (monitor, point, result);
      break;
    case CPAC_MONITOR_CHECK_CAMERA:
      say_camera (monitor, point, result);
      break;
  }
}

/* ---- Readings ---- */

static void
add_reading (CpacMonitorResult *result, const char *series, const char *chart, double value,
             double lower, double upper, gboolean is_alarm)
{
  g_return_if_fail (result->n_readings < CPAC_MONITOR_MAX_READINGS);

  result->readings[result->n_readings++] =
      (CpacChartReading){ series, chart, value, lower, upper, is_alarm };
}

static void
read_series (const CpacSeries *series, const char *name, const CpacSeriesPoint *point,
             CpacMonitorResult *result)
{
  const CpacShewhartDesign *shewhart = &series->shewhart;

  if (series->charts & CPAC_CHART_SHEWHART)
    add_reading (result, name, "shewhart", point->residual,
                 shewhart->sides == CPAC_SIDES_BOTH ? -shewhart->limit : -INFINITY, shewhart->limit,
                 point->shewhart != CPAC_SIGNAL_NONE);
  if (series->charts & CPAC_CHART_EWMA) {
    double limit = cpac_ewma_get_limit (&series->ewma.design, series->ewma.n_points);

    add_reading (result, name, "ewma", series->ewma.value, -limit, limit,
                 point->ewma != CPAC_SIGNAL_NONE);
  }
  if (series->charts & CPAC_CHART_CUSUM) {
    double h = series->cusum.design.h;

    add_reading (result, name, "cusum-upper", series->cusum.upper, -INFINITY, h,
                 series->cusum.upper > h);
    add_reading (result, name, "cusum-lower", series->cusum.lower, -INFINITY, h,
                 series->cusum.lower > h);
  }
}

static void
read_charts (const CpacMonitor *monitor, const CpacMonitorPoint *point, CpacMonitorResult *result)
{
  const CpacHotelling *hotelling = monitor->hotelling;

  read_series (&monitor->series[CPAC_SERIES_SCORE], "score", &point->score, result);
  for (guint i = 0; i < CPAC_N_CAMERA_MEASURES; i++)
    read_series (&monitor->series[CPAC_SERIES_CAMERA + i], cpac_camera_measure_to_string (i),
                 &point->camera[i], result);
  if (monitor->has_bernoulli)
    add_reading (result, "rejects", "bernoulli-cusum", monitor->bernoulli.sum, -INFINITY,
                 monitor->bernoulli.design.limit, (point->alarms & CPAC_ALARM_REJECTS) != 0);
  if (hotelling != NULL && point->has_features) {
    add_reading (result, "features", "t2", point->t2, -INFINITY, hotelling->t2_limit,
                 (point->alarms & CPAC_ALARM_T2) != 0);
    if (hotelling->q_limit > 0)
      add_reading (result, "features", "q", point->q, -INFINITY, hotelling->q_limit,
                   (point->alarms & CPAC_ALARM_Q) != 0);
  }
}

void
cpac_monitor_explain (const CpacMonitor *monitor, const CpacMonitorPoint *point,
                      CpacMonitorResult *result)
{
  say_state (monitor, point, result);
  read_charts (monitor, point, result);
}
