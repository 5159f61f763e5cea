/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/model/json-members.h"
#include "core/report/summary-private.h"

static CpacReportChart *
find_chart (CpacReportReader *reader, const char *series, const char *chart)
{
  CpacReportSummary *summary = reader->summary;
  g_autofree char *key = g_strdup_printf ("%s\n%s", series, chart);
  guint place = GPOINTER_TO_UINT (g_hash_table_lookup (reader->charts, key));

  if (place == 0) {
    CpacReportChart added = { cpac_report_keep (reader, series), cpac_report_keep (reader, chart),
                              NULL };

    if (summary->charts->len == CPAC_REPORT_MAX_CHARTS) {
      summary->has_more_charts = TRUE;
      return NULL;
    }
    added.points = g_array_new (FALSE, FALSE, sizeof (CpacReportPoint));
    g_array_append_val (summary->charts, added);
    place = summary->charts->len;
    g_hash_table_insert (reader->charts, g_steal_pointer (&key), GUINT_TO_POINTER (place));
  }
  return &g_array_index (summary->charts, CpacReportChart, place - 1);
}

static void
read_reading (CpacReportReader *reader, JsonObject *reading)
{
  const char *series = cpac_member_text (reading, "series");
  const char *name = cpac_member_text (reading, "chart");
  CpacReportPoint point = { (guint) reader->summary->n_part_records,
                            cpac_member_flag (reading, "alarm"),
                            cpac_member_double (reading, "value"),
                            cpac_member_double (reading, "lower"),
                            cpac_member_double (reading, "upper") };
  CpacReportChart *chart;

  if (series == NULL || name == NULL)
    return;
  chart = find_chart (reader, series, name);
  if (chart != NULL)
    g_array_append_val (chart->points, point);
}

static void
read_state (CpacReportReader *reader, JsonObject *monitor, guint64 part)
{
  CpacReportSummary *summary = reader->summary;
  CpacReportChange change = { (guint) summary->n_part_records, reader->line, part,
                              cpac_report_keep (reader, cpac_member_text (monitor, "state")),
                              NULL };

  if (change.state == NULL || change.state == summary->state)
    return;
  summary->state = change.state;
  change.sentence = cpac_report_keep (reader, cpac_member_text (monitor, "sentence"));
  summary->n_changes++;
  if (summary->changes->len < CPAC_REPORT_MAX_CHANGES)
    g_array_append_val (summary->changes, change);
}

static void
read_monitor (CpacReportReader *reader, JsonObject *object, guint64 part)
{
  JsonObject *monitor = cpac_member_object (object, "monitor");
  JsonArray *charts = cpac_member_array (monitor, "charts");
  JsonArray *alarms = cpac_member_array (monitor, "alarms");

  if (monitor == NULL)
    return;
  read_state (reader, monitor, part);
  reader->summary->n_alarms += alarms != NULL && json_array_get_length (alarms) > 0;
  for (guint i = 0; charts != NULL && i < json_array_get_length (charts); i++)
    read_reading (reader, cpac_element_object (charts, i));
}

gboolean
cpac_report_read_part (CpacReportReader *reader, JsonObject *object, GError **error)
{
  CpacReportSummary *summary = reader->summary;
  CpacReportUnit unit;
  guint64 code;

  if (!cpac_member_count (object, "verdict_code", &code) || code >= CPAC_N_VERDICTS)
    return cpac_report_refuse (reader, "no verdict, expected that of a part", error);
  unit = cpac_report_read_unit (reader, object, (CpacVerdict) code);
  if (!cpac_member_count (object, "part", &unit.number))
    return cpac_report_refuse (reader, "no number, expected that of a part", error);
  if (unit.number == reader->worst_part) {
    unit.frame = reader->worst.frame;
    unit.timestamp = reader->worst.timestamp;
    unit.frame_score = reader->worst.score;
    unit.id = unit.id != NULL ? unit.id : reader->worst.id;
  }
  reader->worst_part = G_MAXUINT64;
  cpac_ledger_add (&summary->parts, unit.verdict);
  cpac_ledger_add (&reader->ledger.parts, unit.verdict);
  summary->n_incomplete += cpac_member_flag (object, "incomplete");
  summary->n_mixed += cpac_member_flag (object, "mixed");
  g_array_append_val (summary->units, unit);
  read_monitor (reader, object, unit.number);
  summary->n_part_records++;
  reader->n_part_records++;
  return TRUE;
}
