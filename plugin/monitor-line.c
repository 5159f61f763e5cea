/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The line as cpacmonitor keeps it: sessions and parts, the journal, the state, messages. */

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>

#include "core/kernels/kernels.h"
#include "core/monitor/monitor-json.h"
#include "plugin/gstcpacmonitor.h"

GST_DEBUG_CATEGORY_EXTERN (gst_cpac_monitor_debug);
#define GST_CAT_DEFAULT gst_cpac_monitor_debug

/* ---- The journal ---- */

static void
fail_journal (GstCpacMonitor *self, const GError *error)
{
  self->has_failed = TRUE;
  if (g_error_matches (error, G_FILE_ERROR, G_FILE_ERROR_NOSPC))
    GST_ELEMENT_ERROR (self, RESOURCE, NO_SPACE_LEFT, ("The journal ends here: %s", error->message),
                       (NULL));
  else
    GST_ELEMENT_ERROR (self, RESOURCE, WRITE, ("The journal ends here: %s", error->message),
                       (NULL));
}

void
gst_cpac_monitor_write (GstCpacMonitor *self, char *line)
{
  g_autofree char *owned = line;
  g_autoptr (GError) error = NULL;

  if (self->file == NULL || self->has_failed || line == NULL)
    return;
  if (!cpac_journal_file_append (self->file, line, &error))
    fail_journal (self, error);
}

static void
sync_journal (GstCpacMonitor *self)
{
  g_autoptr (GError) error = NULL;

  if (self->file == NULL || self->has_failed ||
      self->in_force.journal_sync == GST_CPAC_JOURNAL_SYNC_NONE)
    return;
  if (!cpac_journal_file_sync (self->file, &error))
    fail_journal (self, error);
}

CpacJournalFrame
gst_cpac_monitor_origin (GstCpacMonitor *self, const GstCpacTimes *times, char **source)
{
  CpacJournalFrame origin = { .timestamp_ns = times->stream_time,
                              .system_time_us = g_get_real_time () };

  GST_OBJECT_LOCK (self);
  *source = g_strdup (self->source);
  origin.timing = self->settings.timing;
  GST_OBJECT_UNLOCK (self);
  origin.source = *source;
  return origin;
}

static gboolean
open_journal (GstCpacMonitor *self, const char *path, GError **error)
{
  self->found = (CpacJournalFound){ 0 };
  if (path == NULL || *path == '\0')
    return TRUE;
  self->file = cpac_journal_file_open (path, &self->found, error);
  if (self->file == NULL)
    return FALSE;
  if (self->found.is_repaired || self->found.torn_bytes > 0)
    GST_ELEMENT_WARNING (
        self, RESOURCE, READ,
        ("%s: the last session broke off and was closed by the count of its lines%s%s", path,
         self->found.has_lost_part ? "; the part in hand was not inspected whole" : "",
         self->found.torn_bytes > 0 ? "; a torn line was cut off" : ""),
        ("%" G_GUINT64_FORMAT " bytes torn", self->found.torn_bytes));
  return TRUE;
}

/* ---- The state ---- */

static gboolean
load_state (GstCpacMonitor *self, GError **error)
{
  gboolean differs;

  if (self->state_path == NULL || !g_file_test (self->state_path, G_FILE_TEST_EXISTS))
    return TRUE;
  if (!gst_cpac_charts_load (&self->charts, self->state_path, &differs, error))
    return FALSE;
  self->tells_limits = TRUE;
  if (differs)
    GST_ELEMENT_WARNING (self, LIBRARY, SETTINGS,
                         ("%s: its limits were made with other settings than the properties; they "
                          "hold until phase I is restarted",
                          self->state_path),
                         (NULL));
  return TRUE;
}

/* One WARNING for a file that cannot be written: charts go on. */
static void
save_state (GstCpacMonitor *self)
{
  g_autoptr (GError) error = NULL;

  self->n_unsaved = 0;
  if (self->state_path == NULL || self->charts.monitor == NULL)
    return;
  if (!cpac_monitor_file_save (self->state_path, self->charts.monitor, &self->charts.origin,
                               &error) &&
      !self->warned_state) {
    self->warned_state = TRUE;
    GST_ELEMENT_WARNING (self, RESOURCE, WRITE,
                         ("Limits and charts are not kept: %s", error->message), (NULL));
  }
}

/* Limits of other scores say nothing of these; nor do those that somebody has forgotten. */
static void
put_state_aside (GstCpacMonitor *self)
{
  g_autofree char *old = NULL;

  if (self->state_path == NULL)
    return;
  save_state (self);
  old = g_strconcat (self->state_path, ".old", NULL);
  if (g_rename (self->state_path, old) != 0 && errno != ENOENT)
    GST_WARNING_OBJECT (self, "cannot rename %s: %s", self->state_path, g_strerror (errno));
}

/* The state replaces its file: no journal may be there. */
static gboolean
check_paths (const char *journal, const char *state, GError **error)
{
  g_autofree char *a = journal != NULL ? g_canonicalize_filename (journal, NULL) : NULL;
  g_autofree char *b = state != NULL ? g_canonicalize_filename (state, NULL) : NULL;

  if (a == NULL || b == NULL || !g_str_equal (a, b))
    return TRUE;
  g_set_error (error, CPAC_ERROR, CPAC_ERROR_SCHEMA,
               "properties \"journal\" and \"state-file\": found \"%s\" twice, expected two files",
               journal);
  return FALSE;
}

gboolean
gst_cpac_monitor_open (GstCpacMonitor *self, GError **error)
{
  g_autofree char *journal = NULL, *rules = NULL;
  CpacMonitorOptions *options = &self->in_force.options;
  g_autoptr (CpacMonitor) trial = NULL;

  GST_OBJECT_LOCK (self);
  self->in_force = self->settings;
  journal = g_strdup (self->journal);
  rules = g_strdup (self->rules);
  self->state_path =
      self->state_file != NULL && *self->state_file != '\0' ? g_strdup (self->state_file) : NULL;
  GST_OBJECT_UNLOCK (self);
  options->score_charts |= CPAC_CHART_EWMA;
  if (rules != NULL && *rules != '\0') {
    options->score_charts |= CPAC_CHART_RULES;
    if (!cpac_rules_from_string (rules, &options->rules, error))
      return FALSE;
  }
  if (options->reject_rate == 0)
    options->high_reject_rate = 0;
  trial = cpac_monitor_new (options, error);
  gst_cpac_charts_init (&self->charts, options, self->in_force.has_features);
  return trial != NULL && check_paths (journal, self->state_path, error) &&
         load_state (self, error) && open_journal (self, journal, error);
}

void
gst_cpac_monitor_close (GstCpacMonitor *self)
{
  gst_cpac_charts_clear (&self->charts);
  g_clear_pointer (&self->file, cpac_journal_file_free);
  g_clear_pointer (&self->state_path, g_free);
}

/* What the operator asked for is done between two parts, and behind the last. */
static void
obey (GstCpacMonitor *self)
{
  gboolean resets, restarts;

  GST_OBJECT_LOCK (self);
  resets = self->resets_charts;
  restarts = self->restarts_phase_one;
  self->resets_charts = self->restarts_phase_one = FALSE;
  GST_OBJECT_UNLOCK (self);
  if (restarts) {
    /* A program that is killed must not come back with the limits that somebody has forgotten. */
    put_state_aside (self);
    gst_cpac_charts_restart (&self->charts);
  } else if (resets && self->charts.monitor != NULL)
    cpac_monitor_reset_charts (self->charts.monitor);
}

/* ---- Sessions ---- */

void
gst_cpac_monitor_begin_session (GstCpacMonitor *self, const CpacInspection *first)
{
  g_autofree char *source = NULL;
  CpacLevel level;
  CpacJournalHeader header = {
    .model = first->model,
    .model_sha256 = first->model_sha256,
    .config_sha256 = first->config_sha256,
    .kernel_level = cpac_level_get (&level, NULL) ? cpac_level_to_string (level) : NULL,
    .session = self->found.n_sessions + 1,
    .previous_is_interrupted = self->found.is_interrupted,
    .torn_bytes = self->found.torn_bytes,
  };

  GST_OBJECT_LOCK (self);
  source = g_strdup (self->source);
  GST_OBJECT_UNLOCK (self);
  header.source = source;
  self->session = header.session;
  self->found = (CpacJournalFound){ .n_sessions = header.session };
  self->is_session_open = TRUE;
  self->ledger = (CpacLineLedger){ 0 };
  self->n_parts = 0;
  gst_cpac_monitor_write (self, cpac_journal_header (&header));
  if (self->charts.monitor != NULL)
    self->tells_limits = cpac_monitor_is_frozen (self->charts.monitor);
  sync_journal (self);
}

void
gst_cpac_monitor_end_session (GstCpacMonitor *self, gboolean is_whole)
{
  g_autoptr (GError) error = NULL;

  gst_cpac_monitor_interrupt (self, is_whole);
  obey (self);
  save_state (self);
  if (!self->is_session_open)
    return;
  self->is_session_open = FALSE;
  gst_cpac_monitor_write (self, cpac_journal_closing_of_line (&self->ledger, self->session, FALSE));
  sync_journal (self);
  if (!self->has_failed && !cpac_line_ledger_check (&self->ledger, &error))
    GST_ELEMENT_ERROR (self, STREAM, FAILED, ("Frames or parts are not accounted for"),
                       ("%s", error->message));
}

/* ---- Parts ---- */

void
gst_cpac_monitor_begin_part (GstCpacMonitor *self, const char *id)
{
  obey (self);
  cpac_line_ledger_begin_part (&self->ledger);
  gst_cpac_charts_begin_part (&self->charts);
  self->part = (GstCpacMonitorPart){ .number = self->n_parts++, .id = g_strdup (id) };
}

void
gst_cpac_monitor_judge_part (GstCpacMonitor *self)
{
  gboolean was_frozen;

  self->part.before = self->charts.has_result ? self->charts.result.state : CPAC_MONITOR_PHASE_ONE;
  was_frozen = self->charts.monitor != NULL && cpac_monitor_is_frozen (self->charts.monitor);
  self->part.whole = gst_cpac_charts_end_part (&self->charts, self->part.is_incomplete);
  if (self->charts.monitor != NULL && !was_frozen &&
      cpac_monitor_is_frozen (self->charts.monitor)) {
    self->tells_limits = TRUE;
    self->n_unsaved = self->in_force.state_interval;
  }
}

static void
write_part (GstCpacMonitor *self)
{
  g_autofree char *source = NULL, *camera = NULL, *monitor = NULL;
  const GstCpacMonitorPart *part = &self->part;
  CpacJournalFrame origin = gst_cpac_monitor_origin (self, &part->first, &source);
  CpacJournalPart record = {
    .part = part->number,
    .id = part->id,
    .verdict = part->whole.verdict,
    .n_frames = part->n_frames,
    .n_lost = part->n_lost,
    .is_incomplete = part->is_incomplete,
    .is_mixed = part->is_mixed,
    .has_score = part->has_score && !part->is_mixed,
    .score = part->score,
    .has_p_value = part->has_p_value && !part->is_mixed,
    .p_value = part->p_value,
    .session = self->session,
    .ledger = &self->ledger,
  };

  if (part->whole.has_camera)
    record.camera = camera = cpac_camera_to_json (part->whole.camera);
  if (self->charts.has_result)
    record.monitor = monitor = cpac_monitor_result_to_json (&self->charts.result);
  gst_cpac_monitor_write (self, cpac_journal_part (&record, &origin));
  if (self->tells_limits && self->charts.monitor != NULL)
    gst_cpac_monitor_write (self, cpac_monitor_journal_limits (self->charts.monitor));
}

/* ---- Messages ---- */

static void
append_reading (GValue *array, const CpacChartReading *reading)
{
  GValue value = G_VALUE_INIT;

  g_value_init (&value, GST_TYPE_STRUCTURE);
  g_value_take_boxed (&value,
                      gst_structure_new ("chart", "series", G_TYPE_STRING, reading->series, "chart",
                                         G_TYPE_STRING, reading->chart, "value", G_TYPE_DOUBLE,
                                         reading->value, "lower", G_TYPE_DOUBLE, reading->lower,
                                         "upper", G_TYPE_DOUBLE, reading->upper, "alarm",
                                         G_TYPE_BOOLEAN, reading->is_alarm, NULL));
  gst_value_array_append_and_take_value (array, &value);
}

static void
set_charts (GstStructure *structure, const CpacMonitorResult *result)
{
  GValue array = G_VALUE_INIT;

  gst_value_array_init (&array, result->n_readings);
  for (guint i = 0; i < result->n_readings; i++)
    append_reading (&array, &result->readings[i]);
  gst_structure_take_value (structure, "charts", &array);
}

static void
set_limits (GstStructure *structure, const CpacMonitor *monitor)
{
  g_autofree char *sha256 = cpac_monitor_dup_limits_sha256 (monitor);
  GValue array = G_VALUE_INIT;
  CpacPhaseOneReport report;

  if (!cpac_monitor_get_report (monitor, &report))
    return;
  gst_value_array_init (&array, report.n_notes);
  for (guint i = 0; i < report.n_notes; i++) {
    GValue note = G_VALUE_INIT;

    g_value_init (&note, G_TYPE_STRING);
    g_value_set_string (&note, report.notes[i]);
    gst_value_array_append_and_take_value (&array, &note);
  }
  gst_structure_take_value (structure, "notes", &array);
  gst_structure_set (structure, "limits-sha256", G_TYPE_STRING, sha256, NULL);
}

static void
post_part (GstCpacMonitor *self, gboolean has_changed)
{
  const GstCpacMonitorPart *part = &self->part;
  const CpacMonitorResult *result = &self->charts.result;
  const char *top_feature = gst_cpac_charts_get_top_feature (&self->charts);
  GstStructure *structure = gst_cpac_message_new ("cpac-monitor", &part->last);

  gst_structure_set (structure, "part", G_TYPE_UINT64, part->number, "verdict", G_TYPE_STRING,
                     cpac_verdict_to_string (part->whole.verdict), "verdict-code", G_TYPE_INT,
                     (gint) part->whole.verdict, "frames", G_TYPE_UINT64, part->n_frames, "lost",
                     G_TYPE_UINT64, part->n_lost, "changed", G_TYPE_BOOLEAN, has_changed, NULL);
  if (part->id != NULL)
    gst_structure_set (structure, "part-id", G_TYPE_STRING, part->id, NULL);
  if (self->charts.has_result) {
    gst_structure_set (
        structure, "state", G_TYPE_STRING, cpac_monitor_state_to_string (result->state),
        "previous-state", G_TYPE_STRING, cpac_monitor_state_to_string (part->before), "sentence",
        G_TYPE_STRING, result->sentence, "parts-in-state", G_TYPE_UINT64, result->n_in_state, NULL);
    set_charts (structure, result);
  }
  if (top_feature != NULL)
    gst_structure_set (structure, "top-feature", G_TYPE_STRING, top_feature, NULL);
  if (self->tells_limits && self->charts.monitor != NULL)
    set_limits (structure, self->charts.monitor);
  gst_cpac_message_post (GST_ELEMENT (self), structure);
}

static void
tell_part (GstCpacMonitor *self)
{
  gboolean has_changed = self->charts.has_result && self->charts.result.has_changed;
  GstCpacMonitorMessages messages;

  GST_OBJECT_LOCK (self);
  messages = self->settings.messages;
  GST_OBJECT_UNLOCK (self);
  if (messages == GST_CPAC_MONITOR_MESSAGES_PARTS ||
      (messages == GST_CPAC_MONITOR_MESSAGES_CHANGES && has_changed))
    post_part (self, has_changed);
  self->tells_limits = FALSE;
}

void
gst_cpac_monitor_record_part (GstCpacMonitor *self)
{
  cpac_line_ledger_end_part (&self->ledger, self->part.whole.verdict);
  if (self->file != NULL)
    write_part (self);
  sync_journal (self);
  GST_DEBUG_OBJECT (self, "part %" G_GUINT64_FORMAT " \"%s\": %s", self->part.number,
                    GST_STR_NULL (self->part.id),
                    cpac_verdict_to_string (self->part.whole.verdict));
  tell_part (self);
  g_clear_pointer (&self->part.id, g_free);
  if (++self->n_unsaved >= self->in_force.state_interval)
    save_state (self);
}

void
gst_cpac_monitor_interrupt (GstCpacMonitor *self, gboolean is_whole)
{
  gboolean has_part = self->tracker.is_open;

  if (!cpac_part_tracker_end (&self->tracker) || !is_whole)
    self->part.is_incomplete = TRUE;
  if (!has_part)
    return;
  gst_cpac_monitor_judge_part (self);
  gst_cpac_monitor_record_part (self);
}

/* ---- Another model ---- */

void
gst_cpac_monitor_check_model (GstCpacMonitor *self, const CpacInspection *inspection)
{
  const char *change = gst_cpac_charts_find_change (&self->charts, inspection);

  if (change == NULL)
    return;
  put_state_aside (self);
  gst_cpac_charts_restart (&self->charts);
  self->part.is_mixed |= self->part.has_score;
  GST_ELEMENT_WARNING (self, LIBRARY, SETTINGS,
                       ("Limits were learnt from %s: what is normal is learnt anew", change),
                       (NULL));
}
