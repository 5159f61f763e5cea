/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gst/gst.h>

#include "core/model/model.h"
#include "core/score/inspection.h"

G_BEGIN_DECLS

/* When a frame is, in nanoseconds; GST_CLOCK_TIME_NONE where unknown. Every message carries them as
 * `timestamp`, `stream-time`, `running-time` and `duration`, guint64 each. */
typedef struct {
  GstClockTime timestamp, stream_time, running_time, duration;
} GstCpacTimes;

void
gst_cpac_times_of_buffer (GstCpacTimes *times, const GstSegment *segment, const GstBuffer *buffer);

/* A structure with the times. (transfer full) */
GstStructure *gst_cpac_message_new (const char *name, const GstCpacTimes *times);
/* Posts @structure, which it takes, as an element message. */
void gst_cpac_message_post (GstElement *element, GstStructure *structure);

/* `cpac-score`: the times and the metadata's fields that are one number or text each. */
void gst_cpac_post_score (GstElement *element, const GstCpacTimes *times,
                          const CpacInspection *inspection);

/* `cpac-model-changed`: the times of the first frame that @model scores, `frame` (u64, its number),
 * `model`, `model-sha256`, `config-sha256` and `location` (texts). */
void gst_cpac_post_model_changed (GstElement *element, const GstCpacTimes *times, guint64 frame,
                                  const CpacModel *model);

/* `cpac-frames-lost`: the times of the first frame after the gap, `frame` (u64, its number), `lost`
 * (u64, frames in this gap) and `total-lost` (u64); and a QOS message for monitors that know
 * nothing of us. @n_frames: that came so far. */
void gst_cpac_post_frames_lost (GstElement *element, const GstCpacTimes *times, guint64 lost,
                                guint64 total_lost, guint64 n_frames);

/* The QOS message of a frame that was passed on without looking, @jitter ns too late. */
void gst_cpac_post_skipped (GstElement *element, const GstCpacTimes *times, GstClockTimeDiff jitter,
                            guint64 n_scored, guint64 n_skipped);

G_END_DECLS
