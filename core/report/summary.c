/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include <math.h>
#include <stdarg.h>
#include <string.h>

#include "core/model/json.h"
#include "core/report/summary-private.h"

/* A journal of many short runs would have a warning for each. */
#define MAX_SENTENCES 40

static void
add_sentence (GPtrArray *sentences, const char *format, va_list arguments)
{
  if (sentences->len < MAX_SENTENCES)
    g_ptr_array_add (sentences, g_strdup_vprintf (format, arguments));
  else if (sentences->len == MAX_SENTENCES)
    g_ptr_array_add (sentences, g_strdup ("There is more of this kind; it is not told here."));
}

void
cpac_report_warn (CpacReportReader *reader, const char *format, ...)
{
  va_list arguments;

  va_start (arguments, format);
  add_sentence (reader->summary->warnings, format, arguments);
  va_end (arguments);
}

void
cpac_report_remark (CpacReportReader *reader, const char *format, ...)
{
  va_list arguments;

  va_start (arguments, format);
  add_sentence (reader->summary->remarks, format, arguments);
  va_end (arguments);
}

gboolean
cpac_report_refuse (const CpacReportReader *reader, const char *what, GError **error)
{
  g_set_error (error, CPAC_ERROR, CPAC_ERROR_PARSE, "%s:%" G_GUINT64_FORMAT ": found %s",
               reader->name, reader->line, what);
  return FALSE;
}

const char *
cpac_report_keep (CpacReportReader *reader, const char *text)
{
  return text != NULL ? g_string_chunk_insert_const (reader->summary->texts, text) : NULL;
}

static void
clear_chart (gpointer data)
{
  CpacReportChart *chart = data;

  g_array_unref (chart->points);
}

static CpacReportSummary *
summary_alloc (void)
{
  CpacReportSummary *summary = g_new0 (CpacReportSummary, 1);

  summary->closes = TRUE;
  summary->warnings = g_ptr_array_new_with_free_func (g_free);
  summary->remarks = g_ptr_array_new_with_free_func (g_free);
  summary->units = g_array_new (FALSE, FALSE, sizeof (CpacReportUnit));
  summary->models = g_array_new (FALSE, FALSE, sizeof (CpacReportModel));
  summary->thresholds = g_array_new (FALSE, FALSE, sizeof (CpacReportThresholds));
  summary->charts = g_array_new (FALSE, FALSE, sizeof (CpacReportChart));
  g_array_set_clear_func (summary->charts, clear_chart);
  summary->changes = g_array_new (FALSE, FALSE, sizeof (CpacReportChange));
  summary->reasons = g_array_new (FALSE, FALSE, sizeof (CpacReportReason));
  summary->limits.notes = g_ptr_array_new_with_free_func (g_free);
  summary->limits.parts_per_false_alarm = NAN;
  summary->texts = g_string_chunk_new (4096);
  return summary;
}

void
cpac_report_summary_free (CpacReportSummary *summary)
{
  if (summary == NULL)
    return;
  g_ptr_array_unref (summary->warnings);
  g_ptr_array_unref (summary->remarks);
  g_array_unref (summary->units);
  g_array_unref (summary->models);
  g_array_unref (summary->thresholds);
  g_array_unref (summary->charts);
  g_array_unref (summary->changes);
  g_array_unref (summary->reasons);
  g_ptr_array_unref (summary->limits.notes);
  g_string_chunk_free (summary->texts);
  g_free (summary);
}

/* ---- Reading ---- */

/* NULL with CPAC_ERROR_PARSE where the line is no JSON object. */
static JsonNode *
parse_line (const CpacReportReader *reader, const char *line, gsize length, GError **error)
{
  static const CpacJsonBounds bounds = { 32, 1000000 };
  g_autofree char *name = g_strdup_printf ("%s:%" G_GUINT64_FORMAT, reader->name, reader->line);
  JsonNode *node = cpac_json_parse (name, 0, line, length, &bounds, error);

  if (node == NULL || JSON_NODE_HOLDS_OBJECT (node))
    return node;
  g_set_error (error, CPAC_ERROR, CPAC_ERROR_PARSE,
               "%s: found no object, expected a line of a "
               "journal",
               name);
  json_node_unref (node);
  return NULL;
}

/* Nothing but the last line can be torn: elsewhere it is damage. */
static gboolean
read_line (CpacReportReader *reader, const char *line, gsize length, gboolean is_last,
           GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (JsonNode) node = parse_line (reader, line, length, &local);

  if (node == NULL && is_last && reader->summary->n_lines > 0) {
    reader->summary->closes = FALSE;
    cpac_report_warn (reader,
                      "The last line (%" G_GUINT64_FORMAT ") is torn: %" G_GSIZE_FORMAT
                      " bytes are no record, and what they said is lost.",
                      reader->line, length);
    return TRUE;
  }
  if (node == NULL) {
    g_propagate_error (error, g_steal_pointer (&local));
    return FALSE;
  }
  reader->summary->n_lines++;
  return cpac_report_read_record (reader, json_node_get_object (node), error);
}

static gboolean
read_lines (CpacReportReader *reader, const char *text, gsize length, GError **error)
{
  for (gsize begin = 0; begin < length;) {
    const char *newline = memchr (text + begin, '\n', length - begin);
    gsize end = newline != NULL ? (gsize) (newline - text) : length;

    reader->line++;
    if (!read_line (reader, text + begin, end - begin, end + 1 >= length, error))
      return FALSE;
    begin = end + 1;
  }
  return TRUE;
}

static gsize
skip (const char *text, gsize length, gsize at, char wanted)
{
  while (at < length && strchr (" \t\r", text[at]) != NULL && text[at] != '\0')
    at++;
  return at < length && text[at] == wanted ? at + 1 : length;
}

/* Quotes inside texts are escaped, so nothing but a record of a part has this. */
static gboolean
has_part_record (const char *text, gsize length)
{
  static const char key[] = "\"record\"", value[] = "part\"";
  const char *found = text;

  while ((found = memmem (found, length - (gsize) (found - text), key, sizeof key - 1)) != NULL) {
    gsize at = (gsize) (found - text) + sizeof key - 1;

    found += sizeof key - 1;
    at = skip (text, length, skip (text, length, at, ':'), '"');
    if (length - at >= sizeof value - 1 && memcmp (text + at, value, sizeof value - 1) == 0)
      return TRUE;
  }
  return FALSE;
}

static void
tell_what_is_special (CpacReportReader *reader)
{
  const CpacReportSummary *summary = reader->summary;

  if (summary->n_runs > 1)
    cpac_report_remark (reader,
                        "The journal holds %" G_GUINT64_FORMAT
                        " runs, one after the other; this page tells of all of them together.",
                        summary->n_runs);
  if (summary->models->len > 1)
    cpac_report_remark (reader, "More than one model or configuration judged: scores of different "
                                "ones do not compare.");
  if (summary->has_more_charts)
    cpac_report_remark (reader, "There are more control charts than the %d that are drawn.",
                        CPAC_REPORT_MAX_CHARTS);
  if (summary->n_models_beyond > 0)
    cpac_report_remark (reader,
                        "%" G_GUINT64_FORMAT " frames were judged by models beyond the first %d, "
                        "which are not listed.",
                        summary->n_models_beyond, CPAC_REPORT_MAX_KINDS);
}

CpacReportSummary *
cpac_report_summary_new (const char *name, const char *text, gsize length, GError **error)
{
  g_autoptr (CpacReportSummary) summary = summary_alloc ();
  g_autoptr (GHashTable) charts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  CpacReportReader reader = {
    .summary = summary, .name = name, .charts = charts, .worst_part = G_MAXUINT64
  };

  summary->has_parts = has_part_record (text, length);
  if (!read_lines (&reader, text, length, error))
    return NULL;
  if (summary->n_lines == 0) {
    g_set_error (error, CPAC_ERROR, CPAC_ERROR_PARSE, "%s: found no line, expected a journal",
                 name);
    return NULL;
  }
  if (reader.is_open)
    cpac_report_break_off (&reader);
  tell_what_is_special (&reader);
  return g_steal_pointer (&summary);
}

/* ---- Questions ---- */

const CpacLedger *
cpac_report_summary_get_ledger (const CpacReportSummary *summary)
{
  return summary->has_parts ? &summary->parts : &summary->frames;
}

CpacInterval
cpac_report_get_interval (guint64 k, guint64 n)
{
  return cpac_metric_clopper_pearson (k, n, 0.95);
}

static int
severity (CpacVerdict verdict)
{
  return verdict == CPAC_VERDICT_NOT_OK ? 2 : verdict == CPAC_VERDICT_NOT_DECIDABLE ? 1 : 0;
}

/* The worse first; equal ones in the order of the journal. */
static int
compare_units (const void *a, const void *b)
{
  const CpacReportUnit *x = a, *y = b;
  double u = isnan (x->score) ? -INFINITY : x->score, v = isnan (y->score) ? -INFINITY : y->score;

  if (severity (x->verdict) != severity (y->verdict))
    return severity (y->verdict) - severity (x->verdict);
  if (u != v)
    return u < v ? 1 : -1;
  return (x->line > y->line) - (x->line < y->line);
}

GArray *
cpac_report_summary_get_worst (const CpacReportSummary *summary, guint max)
{
  GArray *worst = g_array_new (FALSE, FALSE, sizeof (CpacReportUnit));

  for (guint i = 0; i < summary->units->len; i++) {
    const CpacReportUnit *unit = &g_array_index (summary->units, CpacReportUnit, i);

    if (severity (unit->verdict) > 0 || !isnan (unit->score))
      g_array_append_val (worst, *unit);
  }
  if (worst->len > 0)
    qsort (worst->data, worst->len, sizeof (CpacReportUnit), compare_units);
  g_array_set_size (worst, MIN (worst->len, max));
  return worst;
}
