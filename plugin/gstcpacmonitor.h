/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gst/base/gstbasetransform.h>
#include <gst/video/video.h>

#include "core/score/journal-file.h"
#include "plugin/monitor-charts.h"
#include "plugin/monitor-losses.h"
#include "plugin/monitor-settings.h"
#include "plugin/score-messages.h"

G_BEGIN_DECLS

#define GST_TYPE_CPAC_MONITOR (gst_cpac_monitor_get_type ())
G_DECLARE_FINAL_TYPE (GstCpacMonitor, gst_cpac_monitor, GST, CPAC_MONITOR, GstBaseTransform)

/* The part in hand. */
typedef struct {
  guint64 number;
  char *id;
  guint64 n_frames, n_lost; /* the latter among the former */
  gboolean is_incomplete;
  gboolean is_mixed; /* scored by two models: it has no score that says anything */
  gboolean has_score, has_p_value;
  double score, p_value;    /* the worst */
  GstCpacTimes first, last; /* times of its frames */
  CpacMonitorPart whole;    /* once it has ended */
  CpacMonitorState before;  /* the state that its end changed */
} GstCpacMonitorPart;

/* What the property `stats` shows. */
typedef struct {
  CpacLineLedger ledger; /* since the start, or the last end of stream */
  guint64 n_corrupted, n_unmeasured, n_qos_events;
  gboolean has_result;
  CpacMonitorState state;
  char sentence[320];
  gboolean is_frozen;
} GstCpacMonitorStats;

struct _GstCpacMonitor {
  GstBaseTransform parent;

  /* Guarded by the object lock. */
  char *journal, *source, *state_file, *rules; /* as set */
  GstCpacMonitorSettings settings;
  GstCpacMonitorStats stats;
  gboolean resets_charts, restarts_phase_one; /* asked for, done at the end of a part */

  /* Of the streaming thread; from start to stop. */
  GstCpacMonitorSettings in_force;
  GstVideoInfo video;
  CpacFrameInfo info;
  CpacPartTracker tracker;
  char *event_id; /* of the part, by the last event */
  GstCpacLosses losses;
  guint64 n_frames; /* that came */
  CpacLineLedger ledger;
  gboolean is_session_open; /* of the journal, or what would be one */
  guint64 session;
  guint64 n_parts; /* begun or lost in it */
  GstCpacMonitorPart part;
  GstCpacCharts charts;
  gboolean tells_limits; /* the journal does not have them yet */
  CpacJournalFile *file; /* NULL: no journal */
  CpacJournalFound found;
  char *state_path;    /* NULL: not saved */
  guint n_unsaved;     /* parts */
  gboolean has_failed; /* the journal cannot be written: an ERROR was posted */
  gboolean warned_camera, warned_state;
  guint64 n_corrupted, n_unmeasured;
};

/* ---- monitor-frame.c ---- */

/* Takes one frame, which must be writable as a buffer. */
GstFlowReturn gst_cpac_monitor_process (GstCpacMonitor *self, GstBuffer *buffer);
/* What `stats` shows follows. */
void gst_cpac_monitor_update_stats (GstCpacMonitor *self);

/* ---- monitor-line.c: parts, and what is written and told of them ---- */

/* Opens the journal and the state. */
gboolean gst_cpac_monitor_open (GstCpacMonitor *self, GError **error);
void gst_cpac_monitor_close (GstCpacMonitor *self);

/* Takes @line, which is lost where there is no journal. */
void gst_cpac_monitor_write (GstCpacMonitor *self, char *line);
void gst_cpac_monitor_begin_session (GstCpacMonitor *self, const CpacInspection *first);
/* Ends the part in hand, too; @is_whole: the stream has come to its end. */
void gst_cpac_monitor_end_session (GstCpacMonitor *self, gboolean is_whole);

void gst_cpac_monitor_begin_part (GstCpacMonitor *self, const char *id);
/* Gives the part its verdict and the charts their point; then writes and tells it. */
void gst_cpac_monitor_judge_part (GstCpacMonitor *self);
void gst_cpac_monitor_record_part (GstCpacMonitor *self);
/* The stream goes on elsewhere, or ends. */
void gst_cpac_monitor_interrupt (GstCpacMonitor *self, gboolean is_whole);

/* Limits that were learnt from scores of another scale are put aside. */
void gst_cpac_monitor_check_model (GstCpacMonitor *self, const CpacInspection *inspection);

/* What a line of the journal tells beside its subject; source: (transfer full). */
CpacJournalFrame
gst_cpac_monitor_origin (GstCpacMonitor *self, const GstCpacTimes *times, char **source);

GST_ELEMENT_REGISTER_DECLARE (cpacmonitor);

G_END_DECLS
