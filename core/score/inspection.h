/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/frame/frame.h"
#include "core/score/verdict.h"

G_BEGIN_DECLS

typedef enum {
  CPAC_STATUS_SCORED,
  CPAC_STATUS_SKIPPED, /* passed on without looking: overload, GAP */
  CPAC_STATUS_ERROR,   /* looked, but there is no trustworthy result */
} CpacStatus;

/* "scored", "skipped", "error". */
const char *cpac_status_to_string (CpacStatus status);
gboolean cpac_status_from_string (const char *name, CpacStatus *status);

/* A place where the heat map is above the threshold. */
typedef struct {
  double x, y, width, height;                    /* box, relative to the whole frame, 0..1 */
  double score;                                  /* largest value of the map inside */
  double area;                                   /* pixels of the frame */
  double centroid_x, centroid_y, peak_x, peak_y; /* relative; the peak is where score is */
} CpacDefectRegion;

/* A closed line where the heat map passes the threshold, round a region or round a hole in it:
 * clockwise, or anticlockwise, as the frame is seen. */
typedef struct {
  guint region_id;         /* which region, from 1 */
  guint n_points;          /* at least 3 */
  const CpacPoint *points; /* relative to the whole frame, 0..1 */
} CpacContour;

/* The maps of one named layer. */
typedef struct {
  const char *layer;
  CpacDims dims;
  const float *data; /* (channels, height, width) */
} CpacFeatureMaps;

/* What one component of a CPAC layer contributed to the score; see CpacComponent for the numbers.
 * The map is at a fixed scale: 0 = map_min, 255 = map_max, and 128 = nothing. */
typedef struct {
  guint index;
  const char *layer;
  double significance, contribution, share;
  const guint8 *map; /* (height, width); NULL when it is not known */
  guint width, height;
  double map_min, map_max;
} CpacComponentMap;

/**
 * CpacInspection:
 *
 * Everything that is published about one frame, in one neutral form: the element turns it into
 * metadata, the journal into a line. All pointers are borrowed from whoever made it.
 */
typedef struct {
  CpacStatus status;
  CpacVerdict verdict;

  gboolean has_score;
  double score; /* raw; only ever rises with abnormality */
  /* Calibrated models only. */
  gboolean has_normalized;
  double score_normalized; /* 0..1, 0.5 at the threshold in force, 0.1 at the median good part */
  gboolean has_p_value;
  double p_value; /* share of good parts that look this bad */
  gboolean has_thresholds;
  double threshold, warn_threshold;

  /* Classifier heads only. */
  const char *class_name; /* of the largest probability; NULL without */
  guint n_classes;
  const char *const *classes;
  const double *probabilities;

  const char *model, *model_sha256, *config_sha256; /* NULL when unknown */
  const char *ignore_mask_sha256;                   /* NULL without an ignore mask */
  const char *part_id;                              /* NULL when unknown */
  /* Behind cpacmonitor only. */
  gboolean has_part;
  guint64 part, part_frame;  /* numbers, from 0: of the part, and of the frame in it */
  gboolean has_part_verdict; /* this frame ends its part */
  CpacVerdict part_verdict;
  const char *monitor_state, *monitor_sentence; /* as of the last part that ended; NULL: none */
  guint64 frame;                                /* count of frames of this stream, from 0 */
  guint width, height;                          /* of the frame */
  CpacRect region;                              /* what was looked at */
  gboolean has_time;
  guint64 time_ns; /* spent on scoring */

  /* Map heads only: the map at its fixed scale, 0 = heatmap_min, 255 = heatmap_max. */
  const guint8 *heatmap; /* (map_height, map_width); NULL without */
  guint map_width, map_height;
  double heatmap_min, heatmap_max;
  gboolean has_regions; /* map heads; there may be none */
  guint n_regions;
  const CpacDefectRegion *regions;
  guint n_contours; /* of the regions; filled together by the even-odd rule they are the regions */
  const CpacContour *contours;
  guint n_contours_omitted; /* see CPAC_CONTOURS_MAX_POINTS */

  guint n_features;
  const CpacFeatureMaps *features;

  /* Explained frames only; see CpacExplanation: explained = bias_part + all contributions, of which
   * the strongest are listed, the strongest first. */
  gboolean has_explanation;
  double explained, bias_part, identity_error;
  const char *explained_quantity;
  const char *explained_class, *rival_class; /* classifier; NULL without */
  guint n_components;
  const CpacComponentMap *components;
} CpacInspection;

G_END_DECLS
