/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gst/video/video.h>

#include "core/score/inspection.h"

G_BEGIN_DECLS

/*
 * CpacScoreMeta: what was found in a frame, on its buffer. A custom meta (GstCustomMeta) without
 * tags, so that converting, scaling, cropping and encoding keep it; that is why it names the size
 * of the frame it was made on and why places in it are relative.
 *
 * Fields: version u, status s, verdict s, verdict-code i, defect b, score d, threshold d,
 * warn-threshold d, class s, classes <{class: label s, probability d}>, model s, model-sha256 s,
 * config-sha256 s, part-id s, frame u64, width i, height i, region-x/y/w/h i, time-ns u64, heatmap
 * GstSample (GRAY8), heatmap-min d, heatmap-max d, regions <{region: x, y, w, h, score, area d}>,
 * features <GstSample>. What does not apply to a frame is absent.
 */
#define GST_CPAC_SCORE_META "CpacScoreMeta"
#define GST_CPAC_SCORE_META_VERSION 1

/* Caps of a sample of feature maps: planar 32-bit floats, (channels, height, width). */
#define GST_CPAC_FEATURE_MAPS_CAPS "application/x-cpac-feature-maps"

/* Makes the meta known to GStreamer. May be called again. */
void gst_cpac_score_meta_register (void);

/* Puts @inspection on @buffer, which must be writable, in place of one that is there. Pixels of
 * maps are copied. A heat map's rows follow each other without padding, as its GstVideoMeta says.
 */
void gst_cpac_score_meta_add (GstBuffer *buffer, const CpacInspection *inspection);

/* Adds the fields that are one number or text each: the metadata's and the messages'. */
void gst_cpac_score_meta_set_scalars (GstStructure *structure, const CpacInspection *inspection);

/**
 * GstCpacScoreReading:
 *
 * The way back: an inspection whose texts belong to the metadata of the buffer, which must stay as
 * it is meanwhile, and whose arrays belong to this struct.
 */
typedef struct {
  CpacInspection inspection;
  GPtrArray *classes;    /* (element-type utf8) */
  GArray *probabilities; /* (element-type double) */
  GArray *regions;       /* (element-type CpacDefectRegion) */
  GArray *features;      /* (element-type CpacFeatureMaps) */
  GPtrArray *mapped;     /* buffers held mapped for reading */
} GstCpacScoreReading;

/* FALSE, and nothing to clear, when @buffer carries no such metadata. Fields that are missing or of
 * another type (a newer version, another process) are taken as absent. */
gboolean gst_cpac_score_meta_read (GstBuffer *buffer, GstCpacScoreReading *reading);
void gst_cpac_score_reading_clear (GstCpacScoreReading *reading);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (GstCpacScoreReading, gst_cpac_score_reading_clear)

G_END_DECLS
