/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gst/video/video.h>

#include "core/score/inspection.h"
#include "plugin/map-caps.h"

G_BEGIN_DECLS

/*
 * CpacScoreMeta: what was found in a frame, on its buffer. A custom meta (GstCustomMeta) without
 * tags, so that converting, scaling, cropping and encoding keep it; that is why it names the size
 * of the frame it was made on and why places in it are relative.
 *
 * What does not apply to a frame is absent. Of the types, array is GST_TYPE_ARRAY.
 *
 *   version          uint      1
 *   status           string    scored | skipped (not looked at) | error (no trustworthy result)
 *   verdict          string    undefined | ok | not-ok | not-decidable
 *   verdict-code     int       0 | 1 | 2 | 3, as OPC UA's ResultEvaluationEnum
 *   defect           boolean   verdict is not-ok
 *   score            double    raw; only ever rises with abnormality
 *   score-normalized double    calibrated: 0..1, 0.5 at threshold, 0.1 at the median good part
 *   p-value          double    calibrated: the share of good parts that look this bad
 *   threshold        double    above it not-ok
 *   warn-threshold   double    above it, up to threshold, not-decidable
 *   class            string    classifier: of the largest probability
 *   classes          array     of structures "class": label string, probability double
 *   model            string    name; model-sha256 of the weights, config-sha256 of the YAML
 *   ignore-mask-sha256 string  of the picture that says what does not count, where there is one
 *   part-id          string    of the physical part
 *   frame            uint64    count of frames of this stream, from 0
 *   width, height    int       pixels of the frame that was scored
 *   region-x/y/w/h   int       pixels: the part of it that was looked at
 *   time-ns          uint64    spent on scoring
 *   heatmap          GstSample GRAY8 at the map's own size, over the region; 0 = heatmap-min,
 *                              255 = heatmap-max (doubles; fixed, never stretched to a frame)
 *   regions          array     of structures "region", doubles: x, y, w, h (box, 0..1 of the
 *                              frame), score (the largest of the map inside), area (pixels of the
 *                              frame), centroid-x/y, peak-x/y (0..1; the peak is where score is)
 *   contours         array     of structures "contour", the closed lines where the map passes the
 *                              threshold, round the regions and (anticlockwise) round holes in
 *                              them: region-id uint (place in regions, from 1), points array of
 *                              doubles x0, y0, x1, y1, ... (0..1 of the frame; 3 points at least).
 *                              By the even-odd rule together they enclose the regions
 *   contours-omitted uint      how many are left out, where all were more than 4096 points
 *   features         array     of GstSample, see GST_CPAC_FEATURE_MAPS_CAPS
 *
 * Behind cpacmonitor only:
 *
 *   part              uint64   number of the part, from 0; absent between parts
 *   part-frame        uint64   number of the frame in it, from 0
 *   part-verdict      string   of the part; on its last frame only, where that is known to be it
 *   part-verdict-code int      the same
 *   monitor-state     string   phase-one | in-control | defect | defect-rate-up | process-drift |
 *                              new-appearance | check-camera; as of the last part that ended
 *   monitor-sentence  string   the same in plain English
 *
 * Frames that were explained (cpacscore explain=N) only; explained = bias-part + the contributions
 * of all components of the layer, of which the N strongest are listed:
 *
 *   explained          double  what is shared out; not always the score:
 *   explained-quantity string  map-score: the score of a map | squared-distance: of a gaussian, n
 *                              channels, mean of |W (f - mu)|^2 / n over the cells that make the
 *                              score | logit-difference: explained-class's logit less rival-class's
 *   explained-class    string  classifier: the bad class with the largest logit; where no class is
 *                              good, the class named
 *   rival-class        string  classifier: the good class with the largest logit; where no class
 *                              is good, the runner-up
 *   bias-part          double  what biases and paths around the layer give
 *   identity-error     double  |explained - bias-part - all contributions| relative to the larger
 *                              of |explained| and |bias-part| + all |contributions|
 *   components         array   of structures "component", the largest |contribution| first:
 *     index            uint      of the layer's components
 *     layer            string    of type cpac-conv
 *     significance     double    0..1: its share of the kernel's energy, lambda_r^2 / sum lambda^2
 *     contribution     double    in units of explained, of either sign
 *     share            double    -1..1: contribution / the sum of all |contributions| of the layer
 *     map              GstSample GRAY8 at the layer's size, over the region: what each place
 *                                contributed; 0 = map-min, 128 = nothing, 255 = map-max (doubles;
 *                                a scale fixed by model and threshold, never stretched to a frame)
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
/* The same, for one frame after the other of a stream. */
void gst_cpac_score_meta_add_cached (GstBuffer *buffer, const CpacInspection *inspection,
                                     GstCpacMapCaps *cache);

/* The structure "contour" of the metadata. (transfer full) */
GstStructure *gst_cpac_contour_new (const CpacContour *contour);

/* Sets what cpacmonitor adds and may correct: the fields of the part; the verdict. */
void gst_cpac_score_meta_set_part (GstStructure *structure, const CpacInspection *inspection);
void gst_cpac_score_meta_set_verdict (GstStructure *structure, const CpacInspection *inspection);

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
  GArray *points;        /* (element-type CpacPoint), of the contours */
  GArray *contours;      /* (element-type CpacContour) */
  GArray *features;      /* (element-type CpacFeatureMaps) */
  GArray *components;    /* (element-type CpacComponentMap) */
  GPtrArray *mapped;     /* buffers held mapped for reading */
} GstCpacScoreReading;

/* FALSE, and nothing to clear, when @buffer carries no such metadata. Fields that are missing or of
 * another type (a newer version, another process) are taken as absent. */
gboolean gst_cpac_score_meta_read (GstBuffer *buffer, GstCpacScoreReading *reading);
void gst_cpac_score_reading_clear (GstCpacScoreReading *reading);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (GstCpacScoreReading, gst_cpac_score_reading_clear)

G_END_DECLS
