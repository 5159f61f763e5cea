/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gst/base/gstbasetransform.h>
#include <gst/video/video.h>

#include "plugin/map-caps.h"
#include "plugin/score-loader.h"
#include "plugin/score-overload.h"
#include "plugin/score-settings.h"
#include "plugin/score-stats.h"

G_BEGIN_DECLS

#define GST_TYPE_CPAC_SCORE (gst_cpac_score_get_type ())
G_DECLARE_FINAL_TYPE (GstCpacScore, gst_cpac_score, GST, CPAC_SCORE, GstBaseTransform)

struct _GstCpacScore {
  GstBaseTransform parent;
  GstCpacLoader *loader;

  /* Guarded by the object lock. */
  char *model, *features, *region, *ignore_mask; /* as set */
  guint bit_depth, n_threads;
  GstClockTime processing_latency;
  GstCpacScoreSettings settings;
  GstCpacScoreStats stats;
  GstCpacOverload overload;
  guint min_width, min_height; /* of a frame, by the model; 1 without */

  /* Of the streaming thread; from start to stop. */
  CpacScorer *scorer;
  GstCpacMapCaps map_caps;
  CpacFrameInfo info;
  GstVideoInfo video;
  gboolean reconfigure; /* the scorer does not know the stream yet */
  gboolean configured;  /* the scorer can score this stream */
  guint region_serial;  /* of the region it was configured for */
  guint explain;        /* components the scorer was asked for */
  gboolean warned_map, warned_analytics;
  guint64 n_frames;    /* that came */
  guint64 next_offset; /* expected GST_BUFFER_OFFSET */
  char *part_id;
};

/* Scores one frame, which must be writable as a buffer, and publishes what was found. Implemented
 * in score-frame.c. */
void gst_cpac_score_process (GstCpacScore *self, GstBuffer *buffer);

/* Takes the sizes from the model that is now in @self->scorer. */
void gst_cpac_score_update_min_size (GstCpacScore *self);

GST_ELEMENT_REGISTER_DECLARE (cpacscore);

G_END_DECLS
