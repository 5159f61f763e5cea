/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "plugin/score-messages.h"

#include "plugin/score-meta.h"

/* What GstMessage calls full quality. */
#define FULL_QUALITY 1000000

void
gst_cpac_times_of_buffer (GstCpacTimes *times, const GstSegment *segment, const GstBuffer *buffer)
{
  GstClockTime timestamp = GST_BUFFER_PTS (buffer);

  times->timestamp = timestamp;
  times->duration = GST_BUFFER_DURATION (buffer);
  times->stream_time = times->running_time = GST_CLOCK_TIME_NONE;
  if (segment->format == GST_FORMAT_TIME) {
    times->stream_time = gst_segment_to_stream_time (segment, GST_FORMAT_TIME, timestamp);
    times->running_time = gst_segment_to_running_time (segment, GST_FORMAT_TIME, timestamp);
  }
}

GstStructure *
gst_cpac_message_new (const char *name, const GstCpacTimes *times)
{
  return gst_structure_new (name, "timestamp", G_TYPE_UINT64, times->timestamp, "stream-time",
                            G_TYPE_UINT64, times->stream_time, "running-time", G_TYPE_UINT64,
                            times->running_time, "duration", G_TYPE_UINT64, times->duration, NULL);
}

void
gst_cpac_message_post (GstElement *element, GstStructure *structure)
{
  gst_element_post_message (element, gst_message_new_element (GST_OBJECT (element), structure));
}

void
gst_cpac_post_score (GstElement *element, const GstCpacTimes *times,
                     const CpacInspection *inspection)
{
  GstStructure *structure = gst_cpac_message_new ("cpac-score", times);

  gst_cpac_score_meta_set_scalars (structure, inspection);
  gst_cpac_message_post (element, structure);
}

void
gst_cpac_post_model_changed (GstElement *element, const GstCpacTimes *times, guint64 frame,
                             const CpacModel *model)
{
  GstStructure *structure = gst_cpac_message_new ("cpac-model-changed", times);

  gst_structure_set (structure, "frame", G_TYPE_UINT64, frame, "model", G_TYPE_STRING,
                     cpac_model_get_name (model), "model-sha256", G_TYPE_STRING,
                     cpac_model_get_weights_sha256 (model), "config-sha256", G_TYPE_STRING,
                     cpac_model_get_config_sha256 (model), "location", G_TYPE_STRING,
                     cpac_model_get_path (model), NULL);
  gst_cpac_message_post (element, structure);
}

void
gst_cpac_post_frames_lost (GstElement *element, const GstCpacTimes *times, guint64 lost,
                           guint64 total_lost, guint64 n_frames)
{
  GstStructure *structure = gst_cpac_message_new ("cpac-frames-lost", times);
  GstMessage *qos = gst_message_new_qos (GST_OBJECT (element), TRUE, times->running_time,
                                         times->stream_time, times->timestamp, times->duration);

  gst_structure_set (structure, "frame", G_TYPE_UINT64, n_frames, "lost", G_TYPE_UINT64, lost,
                     "total-lost", G_TYPE_UINT64, total_lost, NULL);
  gst_cpac_message_post (element, structure);
  gst_message_set_qos_stats (qos, GST_FORMAT_BUFFERS, n_frames, total_lost);
  gst_element_post_message (element, qos);
}

void
gst_cpac_post_skipped (GstElement *element, const GstCpacTimes *times, GstClockTimeDiff jitter,
                       guint64 n_scored, guint64 n_skipped)
{
  GstMessage *qos = gst_message_new_qos (GST_OBJECT (element), FALSE, times->running_time,
                                         times->stream_time, times->timestamp, times->duration);

  gst_message_set_qos_values (qos, jitter, 1.0, FULL_QUALITY);
  gst_message_set_qos_stats (qos, GST_FORMAT_BUFFERS, n_scored, n_skipped);
  gst_element_post_message (element, qos);
}
