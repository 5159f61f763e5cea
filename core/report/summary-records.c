/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include <math.h>

#include "core/report/members.h"
#include "core/report/summary-private.h"
#include "core/score/journal.h"

static gboolean
refuse (const CpacReportReader *reader, const char *what, GError **error)
{
  g_set_error (error, CPAC_ERROR, CPAC_ERROR_PARSE, "%s:%" G_GUINT64_FORMAT ": found %s",
               reader->name, reader->line, what);
  return FALSE;
}

static const char *
keep (CpacReportReader *reader, const char *text)
{
  return text != NULL ? g_string_chunk_insert_const (reader->summary->texts, text) : NULL;
}

/* ---- Kinds that are counted ---- */

static void
add_reason (CpacReportReader *reader, const char *why, guint64 n)
{
  GArray *reasons = reader->summary->reasons;

  for (guint i = 0; i < reasons->len; i++) {
    CpacReportReason *reason = &g_array_index (reasons, CpacReportReason, i);

    if (g_str_equal (reason->why, why) || i + 1 == CPAC_REPORT_MAX_KINDS) {
      reason->n_frames += n;
      return;
    }
  }
  g_array_append_val (
      reasons,
      ((CpacReportReason){
          reasons->len + 1 < CPAC_REPORT_MAX_KINDS ? keep (reader, why) : "other reasons", n }));
}

static void
add_model (CpacReportReader *reader, JsonObject *object, guint n_frames)
{
  GArray *models = reader->summary->models;
  CpacReportModel model = {
    keep (reader, cpac_member_text (object, "model")),
    keep (reader, cpac_member_text (object, "model_sha256")),
    keep (reader, cpac_member_text (object, "config_sha256")),
    keep (reader, cpac_member_text (object, "ignore_mask_sha256")),
    n_frames,
  };

  if (model.model == NULL && model.model_sha256 == NULL && model.config_sha256 == NULL)
    return;
  for (guint i = 0; i < models->len; i++) {
    CpacReportModel *known = &g_array_index (models, CpacReportModel, i);

    /* Kept texts are the same where they are equal. A header knows no mask. */
    if (known->model == model.model && known->model_sha256 == model.model_sha256 &&
        known->config_sha256 == model.config_sha256 &&
        (known->ignore_mask_sha256 == model.ignore_mask_sha256 || n_frames == 0 ||
         known->n_frames == 0)) {
      if (known->n_frames == 0 && n_frames > 0)
        known->ignore_mask_sha256 = model.ignore_mask_sha256;
      known->n_frames += n_frames;
      return;
    }
  }
  if (models->len < CPAC_REPORT_MAX_KINDS)
    g_array_append_val (models, model);
  else
    reader->summary->n_models_beyond += n_frames;
}

static void
add_thresholds (CpacReportReader *reader, JsonObject *inspection)
{
  GArray *all = reader->summary->thresholds;
  CpacReportThresholds one = { cpac_member_double (inspection, "threshold"),
                               cpac_member_double (inspection, "warn_threshold"), 1 };

  if (isnan (one.threshold) || isnan (one.warn_threshold))
    return;
  for (guint i = 0; i < all->len; i++) {
    CpacReportThresholds *known = &g_array_index (all, CpacReportThresholds, i);

    if (known->threshold == one.threshold && known->warn_threshold == one.warn_threshold) {
      known->n_frames++;
      return;
    }
  }
  if (all->len < CPAC_REPORT_MAX_KINDS)
    g_array_append_val (all, one);
}

/* ---- Frames ---- */

static CpacReportUnit
read_unit (CpacReportReader *reader, JsonObject *object, CpacVerdict verdict)
{
  CpacReportUnit unit = { .verdict = verdict,
                          .n = 1,
                          .score = cpac_member_double (object, "score"),
                          .p_value = cpac_member_double (object, "p_value"),
                          .line = reader->line,
                          .run = reader->summary->n_runs,
                          .id = keep (reader, cpac_member_text (object, "part_id")),
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
    return refuse (reader, "no verdict, expected a line of a journal", error);
  unit = read_unit (reader, inspection, (CpacVerdict) code);
  if (!cpac_member_count (object, "frame_id", &unit.frame))
    return refuse (reader, "no frame_id, expected a line of a journal", error);
  unit.number = unit.frame;
  unit.frame_score = unit.score;
  cpac_member_count (object, "timestamp", &unit.timestamp);
  cpac_ledger_add (&summary->frames, unit.verdict);
  cpac_ledger_add (&reader->ledger.frames, unit.verdict);
  if (unit.verdict == CPAC_VERDICT_UNDEFINED)
    add_reason (reader, why_undefined (inspection), 1);
  add_model (reader, inspection, 1);
  add_thresholds (reader, inspection);
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
  CpacReportUnit unit = read_unit (reader, object, CPAC_VERDICT_UNDEFINED);
  guint64 n_frames, n_parts;
  g_autofree char *why = NULL;

  if (!cpac_member_count (object, "frames", &n_frames) ||
      !cpac_member_count (object, "parts", &n_parts))
    return refuse (reader, "no counts, expected those of what was lost", error);
  why = g_strdup_printf ("never came, as told by %s", how != NULL ? how : "the journal");
  add_reason (reader, why, n_frames);
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

/* ---- Parts ---- */

static CpacReportChart *
find_chart (CpacReportReader *reader, const char *series, const char *chart)
{
  CpacReportSummary *summary = reader->summary;
  g_autofree char *key = g_strdup_printf ("%s\n%s", series, chart);
  guint place = GPOINTER_TO_UINT (g_hash_table_lookup (reader->charts, key));

  if (place == 0) {
    CpacReportChart added = { keep (reader, series), keep (reader, chart), NULL };

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
                              keep (reader, cpac_member_text (monitor, "state")), NULL };

  if (change.state == NULL || change.state == summary->state)
    return;
  summary->state = change.state;
  change.sentence = keep (reader, cpac_member_text (monitor, "sentence"));
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

static gboolean
read_part (CpacReportReader *reader, JsonObject *object, GError **error)
{
  CpacReportSummary *summary = reader->summary;
  CpacReportUnit unit;
  guint64 code;

  if (!cpac_member_count (object, "verdict_code", &code) || code >= CPAC_N_VERDICTS)
    return refuse (reader, "no verdict, expected that of a part", error);
  unit = read_unit (reader, object, (CpacVerdict) code);
  if (!cpac_member_count (object, "part", &unit.number))
    return refuse (reader, "no number, expected that of a part", error);
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

/* ---- Runs ---- */

static gboolean
read_counts (JsonObject *object, CpacLedger *ledger)
{
  return cpac_member_count (object, "seen", &ledger->seen) &&
         cpac_member_count (object, "ok", &ledger->verdicts[CPAC_VERDICT_OK]) &&
         cpac_member_count (object, "not_ok", &ledger->verdicts[CPAC_VERDICT_NOT_OK]) &&
         cpac_member_count (object, "not_decidable",
                            &ledger->verdicts[CPAC_VERDICT_NOT_DECIDABLE]) &&
         cpac_member_count (object, "undefined", &ledger->verdicts[CPAC_VERDICT_UNDEFINED]);
}

static gboolean
read_header (CpacReportReader *reader, JsonObject *object, GError **error)
{
  guint64 torn = 0;

  if (reader->is_open)
    cpac_report_break_off (reader);
  reader->summary->n_runs++;
  reader->is_open = TRUE;
  add_model (reader, object, 0);
  if (cpac_member_count (cpac_member_object (object, "previous"), "torn_bytes", &torn) && torn > 0)
    cpac_report_warn (reader,
                      "Before run %" G_GUINT64_FORMAT " a torn line of %" G_GUINT64_FORMAT
                      " bytes was cut off: what it said is lost.",
                      reader->summary->n_runs, torn);
  return TRUE;
}

static void
check_counts (CpacReportReader *reader, const char *of, const CpacLedger *said,
              const CpacLedger *counted)
{
  gboolean is_same = said->seen == counted->seen;

  for (guint i = 0; i < CPAC_N_VERDICTS; i++)
    is_same = is_same && said->verdicts[i] == counted->verdicts[i];
  if (is_same && cpac_ledger_closes (said))
    return;
  reader->summary->closes = FALSE;
  cpac_report_warn (
      reader,
      "Run %" G_GUINT64_FORMAT " does not add up: its closing record (line %" G_GUINT64_FORMAT
      ") says %" G_GUINT64_FORMAT " %s seen, %" G_GUINT64_FORMAT " ok, %" G_GUINT64_FORMAT
      " not ok, %" G_GUINT64_FORMAT " not decidable, %" G_GUINT64_FORMAT
      " not inspected; its lines say %" G_GUINT64_FORMAT ", %" G_GUINT64_FORMAT
      ", %" G_GUINT64_FORMAT ", %" G_GUINT64_FORMAT ", %" G_GUINT64_FORMAT ".",
      reader->summary->n_runs, reader->line, said->seen, of, said->verdicts[CPAC_VERDICT_OK],
      said->verdicts[CPAC_VERDICT_NOT_OK], said->verdicts[CPAC_VERDICT_NOT_DECIDABLE],
      said->verdicts[CPAC_VERDICT_UNDEFINED], counted->seen, counted->verdicts[CPAC_VERDICT_OK],
      counted->verdicts[CPAC_VERDICT_NOT_OK], counted->verdicts[CPAC_VERDICT_NOT_DECIDABLE],
      counted->verdicts[CPAC_VERDICT_UNDEFINED]);
}

static void
end_run (CpacReportReader *reader)
{
  if (reader->summary->has_parts && reader->n_part_records == 0 && reader->ledger.frames.seen > 0)
    cpac_report_warn (reader,
                      "Run %" G_GUINT64_FORMAT " has %" G_GUINT64_FORMAT
                      " frames and no parts: they are not among the parts told here.",
                      reader->summary->n_runs, reader->ledger.frames.seen);
  reader->is_open = FALSE;
  reader->ledger = (CpacLineLedger){ 0 };
  reader->n_part_records = 0;
  reader->worst_part = G_MAXUINT64;
}

void
cpac_report_break_off (CpacReportReader *reader)
{
  reader->summary->closes = FALSE;
  cpac_report_warn (reader,
                    "Run %" G_GUINT64_FORMAT
                    " has no closing record: it broke off, or is still going on. What came after "
                    "its last line is not known.",
                    reader->summary->n_runs);
  end_run (reader);
}

static gboolean
read_closing (CpacReportReader *reader, JsonObject *object, GError **error)
{
  JsonObject *parts = cpac_member_object (object, "parts");
  CpacLedger said;

  if (!read_counts (cpac_member_object (object, "frames"), &said))
    return refuse (reader, "no ledger, expected one of whole numbers", error);
  check_counts (reader, "frames", &said, &reader->ledger.frames);
  if (parts != NULL && !read_counts (parts, &said))
    return refuse (reader, "no ledger, expected one of whole numbers", error);
  if (parts != NULL)
    check_counts (reader, "parts", &said, &reader->ledger.parts);
  if (cpac_member_flag (object, "recovered"))
    cpac_report_warn (reader,
                      "Run %" G_GUINT64_FORMAT
                      " broke off; its closing record was added when the next one began.",
                      reader->summary->n_runs);
  end_run (reader);
  return TRUE;
}

static gboolean
read_limits (CpacReportReader *reader, JsonObject *object, GError **error)
{
  CpacReportLimits *limits = &reader->summary->limits;
  JsonArray *notes = cpac_member_array (object, "notes");

  limits->n_records++;
  limits->sha256 = keep (reader, cpac_member_text (object, "limits_sha256"));
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

/* A line outside of runs begins one that has no header. */
static void
begin_without_header (CpacReportReader *reader)
{
  reader->summary->n_runs++;
  reader->is_open = TRUE;
  cpac_report_warn (reader,
                    "Run %" G_GUINT64_FORMAT " (from line %" G_GUINT64_FORMAT
                    ") has no header: what came before is not known.",
                    reader->summary->n_runs, reader->line);
}

static gboolean
check_bounds (const CpacReportReader *reader, GError **error)
{
  const CpacReportSummary *summary = reader->summary;

  if (summary->frames.seen > CPAC_MEMBER_MAX_COUNT || summary->parts.seen > CPAC_MEMBER_MAX_COUNT)
    return refuse (reader, "counts without bound, expected those of a journal", error);
  return TRUE;
}

gboolean
cpac_report_read_record (CpacReportReader *reader, JsonObject *object, GError **error)
{
  static const struct {
    const char *name;
    gboolean (*read) (CpacReportReader *, JsonObject *, GError **);
  } kinds[] = { { "header", read_header },
                { "part", read_part },
                { "lost", read_lost },
                { "closing", read_closing },
                { "limits", read_limits } };
  const char *record = cpac_member_text (object, "record");

  if (!check_bounds (reader, error))
    return FALSE;
  if (record != NULL && g_strcmp0 (cpac_member_text (object, "schema"), CPAC_JOURNAL_SCHEMA) != 0)
    return refuse (reader, "another schema, expected " CPAC_JOURNAL_SCHEMA, error);
  if (record == NULL && cpac_member_object (object, "inspection") == NULL)
    return refuse (reader, "neither frame nor record, expected a line of a journal", error);
  if (!reader->is_open && g_strcmp0 (record, "header") != 0)
    begin_without_header (reader);
  if (record == NULL)
    return read_frame (reader, object, error);
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (g_str_equal (kinds[i].name, record))
      return kinds[i].read (reader, object, error);
  /* Kinds that came later change no ledger. */
  return TRUE;
}
