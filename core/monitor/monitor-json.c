/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/monitor/monitor-json.h"

#include "core/model/json-writer.h"
#include "core/score/journal.h"

const char *
cpac_monitor_alarm_to_string (guint alarm)
{
  switch (alarm) {
    case CPAC_ALARM_SCORE:
      return "score";
    case CPAC_ALARM_REJECTS:
      return "rejects";
    case CPAC_ALARM_T2:
      return "t2";
    case CPAC_ALARM_Q:
      return "q";
    default:
      return cpac_camera_measure_to_string (
          (CpacCameraMeasure) __builtin_ctz (alarm / CPAC_ALARM_CAMERA));
  }
}

static void
add_alarms (GString *json, guint alarms)
{
  cpac_json_open (json, "alarms", '[');
  for (guint bits = alarms; bits != 0; bits &= bits - 1)
    cpac_json_add_text (json, NULL, cpac_monitor_alarm_to_string (bits & -bits));
  cpac_json_close (json, ']');
}

static void
add_rules (GString *json, guint rules)
{
  cpac_json_open (json, "rules", '[');
  for (guint bits = rules; bits != 0; bits &= bits - 1)
    cpac_json_add_text (json, NULL, cpac_rule_to_string (bits & -bits));
  cpac_json_close (json, ']');
}

static void
add_reading (GString *json, const CpacChartReading *reading)
{
  cpac_json_open (json, NULL, '{');
  cpac_json_add_text (json, "series", reading->series);
  cpac_json_add_text (json, "chart", reading->chart);
  cpac_json_add_finite (json, "value", reading->value);
  cpac_json_add_finite (json, "lower", reading->lower);
  cpac_json_add_finite (json, "upper", reading->upper);
  cpac_json_add_boolean (json, "alarm", reading->is_alarm);
  cpac_json_close (json, '}');
}

char *
cpac_monitor_result_to_json (const CpacMonitorResult *result)
{
  GString *json = g_string_new (NULL);

  cpac_json_open (json, NULL, '{');
  cpac_json_add_text (json, "state", cpac_monitor_state_to_string (result->state));
  cpac_json_add_boolean (json, "changed", result->has_changed);
  cpac_json_add_int (json, "parts_in_state", (gint64) result->n_in_state);
  cpac_json_add_text (json, "sentence", result->sentence);
  add_alarms (json, result->alarms);
  if (result->rules != 0)
    add_rules (json, result->rules);
  if (result->has_top_feature) {
    cpac_json_add_int (json, "top_feature", result->top_feature);
    cpac_json_add_finite (json, "top_share", result->top_share);
  }
  cpac_json_open (json, "charts", '[');
  for (guint i = 0; i < result->n_readings; i++)
    add_reading (json, &result->readings[i]);
  cpac_json_close (json, ']');
  cpac_json_close (json, '}');
  return g_string_free (json, FALSE);
}

char *
cpac_camera_to_json (const double camera[CPAC_N_CAMERA_MEASURES])
{
  GString *json = g_string_new (NULL);

  cpac_json_open (json, NULL, '{');
  for (guint i = 0; i < CPAC_N_CAMERA_MEASURES; i++)
    cpac_json_add_finite (json, cpac_camera_measure_to_string (i), camera[i]);
  cpac_json_close (json, '}');
  return g_string_free (json, FALSE);
}

static void
add_baseline (GString *json, const char *key, const CpacBaseline *baseline)
{
  cpac_json_open (json, key, '{');
  cpac_json_add_finite (json, "center", baseline->center);
  cpac_json_add_finite (json, "spread", baseline->spread);
  cpac_json_add_int (json, "parts_used", baseline->n_used);
  cpac_json_add_finite (json, "phi", baseline->phi);
  cpac_json_close (json, '}');
}

char *
cpac_monitor_journal_limits (const CpacMonitor *monitor)
{
  g_autofree char *sha256 = cpac_monitor_dup_limits_sha256 (monitor);
  CpacPhaseOneReport report;
  GString *json;

  if (!cpac_monitor_get_report (monitor, &report))
    return NULL;
  json = g_string_new (NULL);
  cpac_json_open (json, NULL, '{');
  cpac_json_add_text (json, "schema", CPAC_JOURNAL_SCHEMA);
  cpac_json_add_text (json, "record", "limits");
  cpac_json_add_text (json, "limits_sha256", sha256);
  cpac_json_add_int (json, "parts", report.n_parts);
  cpac_json_add_int (json, "left_out", report.n_left_out);
  cpac_json_add_int (json, "charts", report.n_charts);
  cpac_json_add_finite (json, "parts_per_false_alarm", report.arl);
  add_baseline (json, "score", report.score);
  for (guint i = 0; i < CPAC_N_CAMERA_MEASURES; i++) {
    const CpacSeries *series = cpac_monitor_get_camera (monitor, i);

    if (series != NULL)
      add_baseline (json, cpac_camera_measure_to_string (i), &series->baseline);
  }
  cpac_json_open (json, "notes", '[');
  for (guint i = 0; i < report.n_notes; i++)
    cpac_json_add_text (json, NULL, report.notes[i]);
  cpac_json_close (json, ']');
  cpac_json_close (json, '}');
  g_string_append_c (json, '\n');
  return g_string_free (json, FALSE);
}
