/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include <math.h>

#include "core/model/json-members.h"
#include "core/report/summary-private.h"
#include "core/score/journal.h"

/* ---- Frames ---- */

CpacReportUnit
cpac_report_read_unit (CpacReportReader *reader, JsonObject *object, CpacVerdict verdict)
{
  CpacReportUnit unit = { .verdict = verdict,
                          .n = 1,
                          .score = cpac_member_double (object, "score"),
                          .p_value = cpac_member_double (object, "p_value"),
                          .line = reader->line,
                          .run = reader->summary->n_runs,
                          .id = cpac_report_keep (reader, cpac_member_text (object, "part_id")),
                          .frame = G_MAXUINT64,
                          .timestamp = G_MAXUINT64,
                          .frame_score = NAN };

  return unit;
}

static void
note_worst (CpacReportReader *reader, JsonObject *inspection, const CpacReportUnit *frame)
{
  guint64 part;

  if (!cpac_member_count (inspection, "part", &part))
    return;
  if (part != reader->worst_part || isnan (reader->worst.score) ||
      frame->score > reader->worst.score)
    reader->worst = *frame;
  reader->worst_part = part;
}

static const char *
why_undefined (JsonObject *inspection)
{
  const char *status = cpac_member_text (inspection, "status");

  if (g_strcmp0 (status, "skipped") == 0)
    return "skipped: passed on without looking (overload, gap)";
  if (g_strcmp0 (status, "error") == 0)
    return "error: looked, but no trustworthy result";
  return "no verdict, for a reason that the journal does not name";
}

static gboolean
read_frame (CpacReportReader *reader, JsonObject *object, GError **error)
{
  JsonObject *inspection = cpac_member_object (object, "inspection");
  CpacReportSummary *summary = reader->summary;
  CpacReportUnit unit;
  guint64 code;

  if (inspection == NULL || !cpac_member_count (inspection, "verdict_code", &code) ||
      code >= CPAC_N_VERDICTS)
    return cpac_report_refuse (reader, "no verdict, expected a line of a journal", error);
  unit = cpac_report_read_unit (reader, inspection, (CpacVerdict) code);
  if (!cpac_member_count (object, "frame_id", &unit.frame))
    return cpac_report_refuse (reader, "no frame_id, expected a line of a journal", error);
  unit.number = unit.frame;
  unit.frame_score = unit.score;
  cpac_member_count (object, "timestamp", &unit.timestamp);
  cpac_ledger_add (&summary->frames, unit.verdict);
  cpac_ledger_add (&reader->ledger.frames, unit.verdict);
  if (unit.verdict == CPAC_VERDICT_UNDEFINED)
    cpac_report_add_reason (reader, why_undefined (inspection), 1);
  cpac_report_add_model (reader, inspection, 1);
  cpac_report_add_thresholds (reader, inspection);
  note_worst (reader, inspection, &unit);
  if (!summary->has_parts)
    g_array_append_val (summary->units, unit);
  return TRUE;
}

/* ---- Lost ---- */

static void
lose (CpacLedger *ledger, guint64 n)
{
  ledger->seen += n;
  ledger->verdicts[CPAC_VERDICT_UNDEFINED] += n;
}

static gboolean
read_lost (CpacReportReader *reader, JsonObject *object, GError **error)
{
  CpacReportSummary *summary = reader->summary;
  const char *how = cpac_member_text (object, "how");
  CpacReportUnit unit = cpac_report_read_unit (reader, object, CPAC_VERDICT_UNDEFINED);
  guint64 n_frames, n_parts;
  g_autofree char *why = NULL;

  if (!cpac_member_count (object, "frames", &n_frames) ||
      !cpac_member_count (object, "parts", &n_parts))
    return cpac_report_refuse (reader, "no counts, expected those of what was lost", error);
  why = g_strdup_printf ("never came, as told by %s", how != NULL ? how : "the journal");
  cpac_report_add_reason (reader, why, n_frames);
  lose (&summary->frames, n_frames);
  lose (&summary->parts, n_parts);
  lose (&reader->ledger.frames, n_frames);
  lose (&reader->ledger.parts, n_parts);
  reader->ledger.lost += n_frames;
  summary->n_lost_frames += n_frames;
  summary->n_lost_parts += n_parts;
  unit.n = summary->has_parts ? n_parts : n_frames;
  if (unit.n > 0)
    g_array_append_val (summary->units, unit);
  return TRUE;
}

/* ---- Limits ---- */

static gboolean
read_limits (CpacReportReader *reader, JsonObject *object, GError **error)
{
  CpacReportLimits *limits = &reader->summary->limits;
  JsonArray *notes = cpac_member_array (object, "notes");

  limits->n_records++;
  limits->sha256 = cpac_report_keep (reader, cpac_member_text (object, "limits_sha256"));
  limits->n_parts = limits->n_left_out = 0;
  cpac_member_count (object, "parts", &limits->n_parts);
  cpac_member_count (object, "left_out", &limits->n_left_out);
  limits->parts_per_false_alarm = cpac_member_double (object, "parts_per_false_alarm");
  g_ptr_array_set_size (limits->notes, 0);
  for (guint i = 0; notes != NULL && i < MIN (json_array_get_length (notes), 20); i++) {
    JsonNode *note = json_array_get_element (notes, i);

    if (JSON_NODE_HOLDS_VALUE (note) && json_node_get_value_type (note) == G_TYPE_STRING)
      g_ptr_array_add (limits->notes, g_strdup (json_node_get_string (note)));
  }
  return TRUE;
}

/* ---- All ---- */

static gboolean
check_bounds (const CpacReportReader *reader, GError **error)
{
  const CpacReportSummary *summary = reader->summary;

  if (summary->frames.seen > CPAC_MEMBER_MAX_COUNT || summary->parts.seen > CPAC_MEMBER_MAX_COUNT)
    return cpac_report_refuse (reader, "counts without bound, expected those of a journal", error);
  return TRUE;
}

gboolean
cpac_report_read_record (CpacReportReader *reader, JsonObject *object, GError **error)
{
  static const struct {
    const char *name;
    gboolean (*read) (CpacReportReader *, JsonObject *, GError **);
  } kinds[] = { { "header", cpac_report_read_header },
                { "part", cpac_report_read_part },
                { "lost", read_lost },
                { "closing", cpac_report_read_closing },
                { "limits", read_limits } };
  const char *record = cpac_member_text (object, "record");

  if (!check_bounds (reader, error))
    return FALSE;
  if (record != NULL && g_strcmp0 (cpac_member_text (object, "schema"), CPAC_JOURNAL_SCHEMA) != 0)
    return cpac_report_refuse (reader, "another schema, expected " CPAC_JOURNAL_SCHEMA, error);
  if (record == NULL && cpac_member_object (object, "inspection") == NULL)
    return cpac_report_refuse (reader, "neither frame nor record, expected a line of a journal",
                               error);
  if (!reader->is_open && g_strcmp0 (record, "header") != 0)
    cpac_report_begin_without_header (reader);
  if (record == NULL)
    return read_frame (reader, object, error);
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (g_str_equal (kinds[i].name, record))
      return kinds[i].read (reader, object, error);
  /* Kinds that came later change no ledger. */
  return TRUE;
}
