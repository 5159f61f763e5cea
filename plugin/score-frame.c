/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What cpacscore does with one frame, in the streaming thread. */

#include "plugin/gstcpacscore.h"
#include "plugin/region-meta.h"
#include "plugin/score-meta.h"
#include "plugin/video-frame.h"

GST_DEBUG_CATEGORY_EXTERN (gst_cpac_score_debug);
#define GST_CAT_DEFAULT gst_cpac_score_debug

/* Everything about a frame but its pixels. */
typedef struct {
  GstCpacScoreSettings settings;
  GstCpacTimes times;
} FrameContext;

/* Puts a model that was loaded meanwhile in place of the present one. A model that cannot take the
 * stream which the present one scores is a failure like any other: the present one stays. */
static void
swap_model (GstCpacScore *self, const FrameContext *context)
{
  CpacScorer *scorer = gst_cpac_loader_take (self->loader);
  g_autoptr (GError) error = NULL;

  if (scorer == NULL)
    return;
  if (self->configured &&
      !cpac_scorer_set_stream (scorer, &self->info, &context->settings.region, &error)) {
    GST_ELEMENT_WARNING (self, LIBRARY, SETTINGS,
                         ("Could not use the model, the previous one stays in use: %s: %s",
                          cpac_model_get_path (cpac_scorer_get_model (scorer)), error->message),
                         (NULL));
    cpac_scorer_free (scorer);
    return;
  }
  cpac_scorer_free (self->scorer);
  self->scorer = scorer;
  self->reconfigure = TRUE;
  self->explain = 0;
  gst_cpac_score_update_min_size (self);
  gst_cpac_post_model_changed (GST_ELEMENT (self), &context->times, self->n_frames,
                               cpac_scorer_get_model (scorer));
}

/* Makes the scorer ready for the present caps and region; one WARNING for each that is no good. */
static void
configure (GstCpacScore *self, const GstCpacScoreSettings *settings)
{
  g_autoptr (GError) error = NULL;

  if (!self->reconfigure && self->region_serial == settings->region_serial)
    return;
  self->reconfigure = FALSE;
  self->region_serial = settings->region_serial;
  self->configured = cpac_scorer_set_stream (self->scorer, &self->info, &settings->region, &error);
  if (error == NULL && !settings->region_is_valid) {
    self->configured = FALSE;
    g_set_error_literal (&error, CPAC_ERROR, CPAC_ERROR_SCHEMA,
                         "property \"region\" must be x,y,width,height in pixels");
  }
  if (error != NULL)
    GST_ELEMENT_WARNING (self, LIBRARY, SETTINGS,
                         ("Frames pass without a verdict: %s", error->message), (NULL));
}

/* One WARNING for each model, and each change of the property, that cannot be followed. */
static void
configure_explain (GstCpacScore *self, const GstCpacScoreSettings *settings)
{
  g_autoptr (GError) error = NULL;

  if (self->explain == settings->explain)
    return;
  self->explain = settings->explain;
  if (!cpac_scorer_set_explain (self->scorer, settings->explain, NULL, &error))
    GST_ELEMENT_WARNING (self, LIBRARY, SETTINGS,
                         ("Frames are scored but not explained: %s", error->message), (NULL));
}

/* Frames that the source numbered but that never came. Only where the stream says that something is
 * missing: many elements write offsets that do not count frames. */
static void
note_lost_frames (GstCpacScore *self, GstBuffer *buffer, const FrameContext *context)
{
  guint64 offset = GST_BUFFER_OFFSET (buffer), lost, total;

  if (GST_BUFFER_FLAG_IS_SET (buffer, GST_BUFFER_FLAG_DISCONT) &&
      self->next_offset != GST_BUFFER_OFFSET_NONE && offset != GST_BUFFER_OFFSET_NONE &&
      offset > self->next_offset) {
    lost = offset - self->next_offset;
    GST_OBJECT_LOCK (self);
    total = self->stats.lost += lost;
    GST_OBJECT_UNLOCK (self);
    gst_cpac_post_frames_lost (GST_ELEMENT (self), &context->times, lost, total, self->n_frames);
  }
  self->next_offset = offset != GST_BUFFER_OFFSET_NONE ? offset + 1 : GST_BUFFER_OFFSET_NONE;
}

static gboolean
is_too_late (GstCpacScore *self, const FrameContext *context)
{
  GstCpacOverload overload;
  GstClockTimeDiff lateness;
  guint64 n_scored, n_skipped;

  if (context->settings.overload_policy != GST_CPAC_OVERLOAD_POLICY_SKIP)
    return FALSE;
  GST_OBJECT_LOCK (self);
  overload = self->overload;
  n_scored = self->stats.by_status[CPAC_STATUS_SCORED];
  n_skipped = self->stats.by_status[CPAC_STATUS_SKIPPED];
  GST_OBJECT_UNLOCK (self);
  lateness = gst_cpac_overload_get_lateness (&overload, GST_ELEMENT (self), &context->times);
  if (lateness <= 0)
    return FALSE;
  gst_cpac_post_skipped (GST_ELEMENT (self), &context->times, lateness, n_scored, n_skipped + 1);
  return TRUE;
}

static CpacInspection *
score (GstCpacScore *self, GstBuffer *buffer, const CpacThresholds *in_force, guint min_region_area)
{
  CpacInspection *result;
  GstVideoFrame video;
  CpacFrame frame;
  GstClockTime begin = gst_util_get_timestamp ();

  if (!gst_video_frame_map (&video, &self->video, buffer, GST_MAP_READ)) {
    if (!self->warned_map)
      GST_ELEMENT_WARNING (self, RESOURCE, READ,
                           ("Frames pass without a verdict: their pixels cannot be read"),
                           ("gst_video_frame_map failed"));
    self->warned_map = TRUE;
    return cpac_scorer_pass (self->scorer, CPAC_STATUS_ERROR, in_force);
  }
  gst_cpac_frame_from_video (&video, &self->info, &frame);
  cpac_scorer_set_min_region_area (self->scorer, min_region_area);
  result = cpac_scorer_score (self->scorer, &frame, in_force);
  gst_video_frame_unmap (&video);
  result->has_time = TRUE;
  result->time_ns = gst_util_get_timestamp () - begin;
  if (GST_BUFFER_FLAG_IS_SET (buffer, GST_BUFFER_FLAG_CORRUPTED))
    result->verdict = CPAC_VERDICT_UNDEFINED;
  return result;
}

static CpacInspection *
inspect (GstCpacScore *self, GstBuffer *buffer, const FrameContext *context)
{
  const CpacHead *head = cpac_model_get_head (cpac_scorer_get_model (self->scorer));
  CpacThresholds in_force =
      context->settings.threshold_mode == GST_CPAC_THRESHOLD_MODE_MANUAL
          ? cpac_head_get_manual_thresholds (head, context->settings.threshold)
          : cpac_head_get_thresholds (head);

  if (GST_BUFFER_FLAG_IS_SET (buffer, GST_BUFFER_FLAG_GAP))
    return cpac_scorer_pass (self->scorer, CPAC_STATUS_SKIPPED, &in_force);
  if (!self->configured)
    return cpac_scorer_pass (self->scorer, CPAC_STATUS_ERROR, &in_force);
  if (is_too_late (self, context))
    return cpac_scorer_pass (self->scorer, CPAC_STATUS_SKIPPED, &in_force);
  return score (self, buffer, &in_force, context->settings.min_region_area);
}

static void
attach (GstCpacScore *self, GstBuffer *buffer, const GstCpacScoreSettings *settings,
        CpacInspection *result)
{
  if (!settings->heatmap)
    result->heatmap = NULL;
  gst_cpac_score_meta_add_cached (buffer, result, &self->map_caps);
  if (settings->roi_meta)
    gst_cpac_add_roi_metas (buffer, result);
  if (!settings->analytics_meta)
    return;
  gst_cpac_add_analytics_meta (buffer, result);
  if (!gst_cpac_has_analytics () && !self->warned_analytics) {
    self->warned_analytics = TRUE;
    GST_ELEMENT_WARNING (self, LIBRARY, SETTINGS,
                         ("No analytics metadata: this build has no gstreamer-analytics-1.0 "
                          "(GStreamer 1.24 or newer)"),
                         (NULL));
  }
}

static void
report (GstCpacScore *self, const FrameContext *context, const CpacInspection *result)
{
  GST_OBJECT_LOCK (self);
  gst_cpac_score_stats_add (&self->stats, result);
  GST_OBJECT_UNLOCK (self);
  if (context->settings.messages == GST_CPAC_MESSAGES_ALL ||
      (context->settings.messages == GST_CPAC_MESSAGES_DEFECTS &&
       result->verdict == CPAC_VERDICT_NOT_OK))
    gst_cpac_post_score (GST_ELEMENT (self), &context->times, result);
}

void
gst_cpac_score_process (GstCpacScore *self, GstBuffer *buffer)
{
  FrameContext context;
  CpacInspection *result;

  GST_OBJECT_LOCK (self);
  context.settings = self->settings;
  GST_OBJECT_UNLOCK (self);
  gst_cpac_times_of_buffer (&context.times, &GST_BASE_TRANSFORM (self)->segment, buffer);
  swap_model (self, &context);
  configure (self, &context.settings);
  configure_explain (self, &context.settings);
  note_lost_frames (self, buffer, &context);

  result = inspect (self, buffer, &context);
  result->frame = self->n_frames++;
  result->part_id = self->part_id;
  GST_LOG_OBJECT (self, "frame %" G_GUINT64_FORMAT ": %s, verdict %s, score %g", result->frame,
                  cpac_status_to_string (result->status), cpac_verdict_to_string (result->verdict),
                  result->score);
  attach (self, buffer, &context.settings, result);
  report (self, &context, result);
}
