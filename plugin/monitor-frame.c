/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What cpacmonitor does with one frame, in the streaming thread. */

#include <math.h>

#include "core/monitor/camera.h"
#include "plugin/gstcpacmonitor.h"
#include "plugin/score-meta.h"
#include "plugin/video-frame.h"

GST_DEBUG_CATEGORY_EXTERN (gst_cpac_monitor_debug);
#define GST_CAT_DEFAULT gst_cpac_monitor_debug

/* Everything about a frame. */
typedef struct {
  GstBuffer *buffer;
  GstCpacTimes times;
  GstCpacScoreReading reading;
  gboolean has_metadata;
  gboolean is_corrupted;
  guint64 n_lost; /* right before it */
  const char *how;
  CpacPartStep step;
} Frame;

/* ---- What came ---- */

static void
read_metadata (GstCpacMonitor *self, Frame *frame)
{
  CpacInspection *inspection = &frame->reading.inspection;

  frame->has_metadata = gst_cpac_score_meta_read (frame->buffer, &frame->reading);
  if (!frame->has_metadata)
    *inspection = (CpacInspection){
      .status = CPAC_STATUS_SKIPPED,
      .verdict = CPAC_VERDICT_UNDEFINED,
      .frame = self->n_frames,
      .width = self->info.width,
      .height = self->info.height,
    };
  frame->is_corrupted = GST_BUFFER_FLAG_IS_SET (frame->buffer, GST_BUFFER_FLAG_CORRUPTED);
  self->n_corrupted += frame->is_corrupted;
  /* Whatever was said of it before it was flagged. */
  if (frame->is_corrupted || GST_BUFFER_FLAG_IS_SET (frame->buffer, GST_BUFFER_FLAG_GAP))
    inspection->verdict = CPAC_VERDICT_UNDEFINED;
}

static gboolean
measure_pixels (GstCpacMonitor *self, const Frame *frame, double camera[CPAC_N_CAMERA_MEASURES])
{
  const CpacInspection *inspection = &frame->reading.inspection;
  /* What was looked at, as long as nothing has changed the size since. */
  gboolean is_same_size =
      inspection->width == self->info.width && inspection->height == self->info.height;
  GstVideoFrame video;
  CpacFrame pixels;
  gboolean done;

  if (!gst_video_frame_map (&video, &self->video, frame->buffer, GST_MAP_READ))
    return FALSE;
  gst_cpac_frame_from_video (&video, &self->info, &pixels);
  done = cpac_camera_measure (&pixels, is_same_size ? &inspection->region : NULL, camera);
  gst_video_frame_unmap (&video);
  return done;
}

/* Frames that were not looked at say nothing of the camera either. */
static const double *
get_camera (GstCpacMonitor *self, const Frame *frame, double camera[CPAC_N_CAMERA_MEASURES])
{
  if (!self->in_force.options.has_camera ||
      frame->reading.inspection.status != CPAC_STATUS_SCORED ||
      GST_BUFFER_FLAG_IS_SET (frame->buffer, GST_BUFFER_FLAG_CORRUPTED))
    return NULL;
  if (measure_pixels (self, frame, camera))
    return camera;
  self->n_unmeasured++;
  if (!self->warned_camera)
    GST_ELEMENT_WARNING (self, RESOURCE, READ,
                         ("Camera and lamp are not watched: pixels cannot be read, or are fewer "
                          "than 3 x 3"),
                         (NULL));
  self->warned_camera = TRUE;
  return NULL;
}

/* ---- What was lost ---- */

/* Lost frames are seen as undefined ones of the part in hand, if there is one. */
static void
place_lost (GstCpacMonitor *self, guint64 n)
{
  cpac_line_ledger_place_frames (&self->ledger, n);
  if (n == 0 || !self->ledger.is_part_open)
    return;
  self->part.n_frames += n;
  self->part.n_lost += n;
  self->part.is_incomplete = TRUE;
  gst_cpac_charts_add_frame (&self->charts, CPAC_VERDICT_UNDEFINED, NULL, NULL);
}

static void
tell_lost (GstCpacMonitor *self, const Frame *frame)
{
  CpacJournalLost lost = { frame->n_lost, frame->step.n_lost_parts, frame->step.n_lost_before,
                           frame->reading.inspection.frame, frame->how };
  g_autofree char *source = NULL;
  CpacJournalFrame origin;

  if (frame->n_lost == 0)
    return;
  origin = gst_cpac_monitor_origin (self, &frame->times, &source);
  gst_cpac_monitor_write (self, cpac_journal_lost (&lost, &origin));
  cpac_line_ledger_lose_frames (&self->ledger, frame->n_lost);
  cpac_line_ledger_lose_parts (&self->ledger, frame->step.n_lost_parts,
                               frame->step.n_lost_parts * self->in_force.parts.n_frames);
  gst_cpac_post_frames_lost (GST_ELEMENT (self), &frame->times, frame->n_lost, self->ledger.lost,
                             self->n_frames);
}

/* ---- Where it belongs ---- */

static void
begin_part (GstCpacMonitor *self, const Frame *frame)
{
  gst_cpac_monitor_begin_part (self, self->tracker.id);
  self->part.first = frame->times;
  self->part.is_incomplete = frame->step.misses_begin;
}

/* Ends and begins parts, up to this frame. */
static void
follow_parts (GstCpacMonitor *self, Frame *frame)
{
  const CpacInspection *inspection = &frame->reading.inspection;
  CpacPartCue cue = { .event_id = self->event_id,
                      .metadata_id = inspection->part_id,
                      .has_metadata = frame->has_metadata,
                      .time_ns = frame->times.timestamp,
                      .n_lost = frame->n_lost };

  frame->step = cpac_part_tracker_step (&self->tracker, &cue);
  tell_lost (self, frame);
  place_lost (self, frame->step.n_lost_before);
  if (frame->step.ends_before) {
    self->part.is_incomplete |= frame->step.ends_incomplete;
    gst_cpac_monitor_judge_part (self);
    gst_cpac_monitor_record_part (self);
  }
  self->n_parts += frame->step.n_lost_parts;
  place_lost (self, frame->step.n_lost_between);
  if (frame->step.begins)
    begin_part (self, frame);
  place_lost (self, frame->step.n_lost_into);
}

/* The worst of the part's. */
static void
note_scores (GstCpacMonitorPart *part, const CpacInspection *inspection)
{
  if (inspection->has_score && isfinite (inspection->score)) {
    part->score = part->has_score ? MAX (part->score, inspection->score) : inspection->score;
    part->has_score = TRUE;
  }
  if (inspection->has_p_value && isfinite (inspection->p_value)) {
    part->p_value =
        part->has_p_value ? MIN (part->p_value, inspection->p_value) : inspection->p_value;
    part->has_p_value = TRUE;
  }
}

static void
add_to_part (GstCpacMonitor *self, Frame *frame)
{
  CpacInspection *inspection = &frame->reading.inspection;
  double camera[CPAC_N_CAMERA_MEASURES];

  cpac_line_ledger_place_frames (&self->ledger, 1);
  if (frame->step.is_between)
    return;
  gst_cpac_monitor_check_model (self, inspection);
  /* A torn frame's scores say nothing about the part or the process. */
  gst_cpac_charts_add_frame (&self->charts, inspection->verdict,
                             frame->is_corrupted ? NULL : inspection,
                             get_camera (self, frame, camera));
  if (!frame->is_corrupted)
    note_scores (&self->part, inspection);
  self->part.last = frame->times;
  inspection->has_part = TRUE;
  inspection->part = self->part.number;
  inspection->part_frame = self->part.n_frames++;
  if (self->part.id != NULL)
    inspection->part_id = self->part.id;
  if (!frame->step.ends_after)
    return;
  gst_cpac_monitor_judge_part (self);
  inspection->has_part_verdict = TRUE;
  inspection->part_verdict = self->part.whole.verdict;
}

/* ---- What is made of it ---- */

static void
note_state (GstCpacMonitor *self, CpacInspection *inspection)
{
  if (!self->charts.has_result)
    return;
  inspection->monitor_state = cpac_monitor_state_to_string (self->charts.result.state);
  inspection->monitor_sentence = self->charts.result.sentence;
}

static void
attach (Frame *frame)
{
  GstCustomMeta *meta = gst_buffer_get_custom_meta (frame->buffer, GST_CPAC_SCORE_META);
  GstStructure *structure;

  if (meta == NULL) {
    gst_cpac_score_meta_add (frame->buffer, &frame->reading.inspection);
    return;
  }
  structure = gst_custom_meta_get_structure (meta);
  gst_cpac_score_meta_set_verdict (structure, &frame->reading.inspection);
  gst_cpac_score_meta_set_part (structure, &frame->reading.inspection);
}

static void
write_frame (GstCpacMonitor *self, const Frame *frame)
{
  g_autofree char *source = NULL;
  CpacJournalFrame origin;

  if (self->file != NULL) {
    origin = gst_cpac_monitor_origin (self, &frame->times, &source);
    gst_cpac_monitor_write (self, cpac_journal_line (&frame->reading.inspection, &origin));
  }
  cpac_line_ledger_judge_frame (&self->ledger, frame->reading.inspection.verdict);
}

void
gst_cpac_monitor_update_stats (GstCpacMonitor *self)
{
  GstCpacMonitorStats *stats = &self->stats;

  GST_OBJECT_LOCK (self);
  stats->ledger = self->ledger;
  stats->n_corrupted = self->n_corrupted;
  stats->n_unmeasured = self->n_unmeasured;
  stats->has_result = self->charts.has_result;
  if (stats->has_result) {
    stats->state = self->charts.result.state;
    g_strlcpy (stats->sentence, self->charts.result.sentence, sizeof stats->sentence);
  }
  stats->is_frozen = self->charts.monitor != NULL && cpac_monitor_is_frozen (self->charts.monitor);
  GST_OBJECT_UNLOCK (self);
}

GstFlowReturn
gst_cpac_monitor_process (GstCpacMonitor *self, GstBuffer *buffer)
{
  Frame frame = { .buffer = buffer };

  gst_cpac_times_of_buffer (&frame.times, &GST_BASE_TRANSFORM (self)->segment, buffer);
  read_metadata (self, &frame);
  frame.n_lost = gst_cpac_losses_step (&self->losses, buffer, &frame.how);
  if (!self->is_session_open)
    gst_cpac_monitor_begin_session (self, &frame.reading.inspection);
  follow_parts (self, &frame);
  cpac_line_ledger_see_frame (&self->ledger);
  self->n_frames++;
  add_to_part (self, &frame);
  note_state (self, &frame.reading.inspection);
  write_frame (self, &frame);
  attach (&frame);
  if (frame.step.ends_after)
    gst_cpac_monitor_record_part (self);
  gst_cpac_monitor_update_stats (self);
  gst_cpac_score_reading_clear (&frame.reading);
  return self->has_failed ? GST_FLOW_ERROR : GST_FLOW_OK;
}
