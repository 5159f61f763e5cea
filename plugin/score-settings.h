/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gst/gst.h>

#include "core/frame/frame.h"

G_BEGIN_DECLS

/* Which thresholds are in force. */
typedef enum {
  GST_CPAC_THRESHOLD_MODE_MODEL,
  GST_CPAC_THRESHOLD_MODE_MANUAL,
} GstCpacThresholdMode;

/* What happens when scoring is slower than the frames come. */
typedef enum {
  GST_CPAC_OVERLOAD_POLICY_BLOCK,
  GST_CPAC_OVERLOAD_POLICY_SKIP,
} GstCpacOverloadPolicy;

/* Which frames post a `cpac-score` message. */
typedef enum {
  GST_CPAC_MESSAGES_NONE,
  GST_CPAC_MESSAGES_DEFECTS,
  GST_CPAC_MESSAGES_ALL,
} GstCpacMessages;

#define GST_TYPE_CPAC_THRESHOLD_MODE (gst_cpac_threshold_mode_get_type ())
#define GST_TYPE_CPAC_OVERLOAD_POLICY (gst_cpac_overload_policy_get_type ())
#define GST_TYPE_CPAC_MESSAGES (gst_cpac_messages_get_type ())
GType gst_cpac_threshold_mode_get_type (void);
GType gst_cpac_overload_policy_get_type (void);
GType gst_cpac_messages_get_type (void);

/**
 * GstCpacScoreSettings:
 *
 * What the application may change while frames flow: plain values, copied once per frame under the
 * object lock, so that one frame is scored under one set of them.
 */
typedef struct {
  GstCpacThresholdMode threshold_mode;
  double threshold;
  GstCpacOverloadPolicy overload_policy;
  gboolean heatmap, roi_meta, analytics_meta;
  guint explain; /* components; 0: none */
  GstCpacMessages messages;
  guint min_region_area; /* pixels of the frame */
  gboolean region_is_valid;
  CpacRect region;     /* width 0: the whole frame */
  guint region_serial; /* changes with every setting of the region */
} GstCpacScoreSettings;

/* Reads "x,y,w,h": four decimal numbers without sign or space, w and h at least 1, none above
 * CPAC_FRAME_MAX_SIDE. NULL or "" is the whole frame. */
gboolean gst_cpac_parse_region (const char *text, CpacRect *region);

G_END_DECLS
