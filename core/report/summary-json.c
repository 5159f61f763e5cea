/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/model/json-writer.h"
#include "core/report/summary.h"
#include "core/score/ledger-json.h"

static void
add_text (GString *json, const char *key, const char *value)
{
  if (value != NULL)
    cpac_json_add_text (json, key, value);
}

static void
add_ledger (GString *json, const char *key, const CpacLedger *ledger, guint64 n_lost)
{
  cpac_ledger_open_json (json, key, ledger);
  cpac_json_add_count (json, "lost", n_lost);
  cpac_json_close (json, '}');
}

static void
add_yield (GString *json, const CpacLedger *ledger)
{
  CpacInterval interval;

  if (ledger->seen == 0)
    return;
  interval = cpac_report_get_interval (ledger->verdicts[CPAC_VERDICT_OK], ledger->seen);
  cpac_json_open (json, "yield", '{');
  cpac_json_add_finite (json, "value",
                        (double) ledger->verdicts[CPAC_VERDICT_OK] / (double) ledger->seen);
  cpac_json_add_finite (json, "low", interval.low);
  cpac_json_add_finite (json, "high", interval.high);
  cpac_json_close (json, '}');
}

static void
add_models (GString *json, const GArray *models)
{
  cpac_json_open (json, "models", '[');
  for (guint i = 0; i < models->len; i++) {
    const CpacReportModel *model = &g_array_index (models, CpacReportModel, i);

    cpac_json_open (json, NULL, '{');
    add_text (json, "model", model->model);
    add_text (json, "model_sha256", model->model_sha256);
    add_text (json, "config_sha256", model->config_sha256);
    add_text (json, "ignore_mask_sha256", model->ignore_mask_sha256);
    cpac_json_add_count (json, "frames", model->n_frames);
    cpac_json_close (json, '}');
  }
  cpac_json_close (json, ']');
}

static void
add_reasons (GString *json, const GArray *reasons)
{
  cpac_json_open (json, "not_inspected", '[');
  for (guint i = 0; i < reasons->len; i++) {
    const CpacReportReason *reason = &g_array_index (reasons, CpacReportReason, i);

    cpac_json_open (json, NULL, '{');
    add_text (json, "why", reason->why);
    cpac_json_add_count (json, "frames", reason->n_frames);
    cpac_json_close (json, '}');
  }
  cpac_json_close (json, ']');
}

static void
add_charts (GString *json, const GArray *charts)
{
  cpac_json_open (json, "charts", '[');
  for (guint i = 0; i < charts->len; i++) {
    const CpacReportChart *chart = &g_array_index (charts, CpacReportChart, i);
    guint64 n_alarms = 0;

    for (guint k = 0; k < chart->points->len; k++)
      n_alarms += g_array_index (chart->points, CpacReportPoint, k).is_alarm;
    cpac_json_open (json, NULL, '{');
    add_text (json, "series", chart->series);
    add_text (json, "chart", chart->chart);
    cpac_json_add_count (json, "points", chart->points->len);
    cpac_json_add_count (json, "alarms", n_alarms);
    cpac_json_close (json, '}');
  }
  cpac_json_close (json, ']');
}

static void
add_changes (GString *json, const GArray *changes)
{
  cpac_json_open (json, "state_changes", '[');
  for (guint i = 0; i < changes->len; i++) {
    const CpacReportChange *change = &g_array_index (changes, CpacReportChange, i);

    cpac_json_open (json, NULL, '{');
    cpac_json_add_count (json, "line", change->line);
    cpac_json_add_count (json, "part", change->part);
    add_text (json, "state", change->state);
    add_text (json, "sentence", change->sentence);
    cpac_json_close (json, '}');
  }
  cpac_json_close (json, ']');
}

static void
add_sentences (GString *json, const char *key, const GPtrArray *sentences)
{
  cpac_json_open (json, key, '[');
  for (guint i = 0; i < sentences->len; i++)
    cpac_json_add_text (json, NULL, sentences->pdata[i]);
  cpac_json_close (json, ']');
}

char *
cpac_report_summary_to_json (const CpacReportSummary *summary)
{
  GString *json = g_string_new (NULL);

  cpac_json_open (json, NULL, '{');
  cpac_json_add_count (json, "lines", summary->n_lines);
  cpac_json_add_count (json, "runs", summary->n_runs);
  add_text (json, "of", summary->has_parts ? "parts" : "frames");
  cpac_json_add_boolean (json, "closes", summary->closes);
  add_ledger (json, "frames", &summary->frames, summary->n_lost_frames);
  if (summary->has_parts)
    add_ledger (json, "parts", &summary->parts, summary->n_lost_parts);
  add_yield (json, cpac_report_summary_get_ledger (summary));
  add_models (json, summary->models);
  add_reasons (json, summary->reasons);
  add_charts (json, summary->charts);
  add_changes (json, summary->changes);
  cpac_json_add_count (json, "n_state_changes", summary->n_changes);
  add_sentences (json, "warnings", summary->warnings);
  add_sentences (json, "remarks", summary->remarks);
  cpac_json_close (json, '}');
  g_string_append_c (json, '\n');
  return g_string_free (json, FALSE);
}
