/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/score/pixel-metrics.h"

G_BEGIN_DECLS

/* For the bootstrap: bin 2 q + 1 holds the scores of quantile q of the defect pixels, bin 2 q the
 * good pixels between those of q - 1 and q, so that up to 256 distinct scores lose nothing. */
#define CPAC_PIXEL_QUANTILES 256
#define CPAC_PIXEL_BINS (2 * CPAC_PIXEL_QUANTILES + 1)

/* A defect pixel needs of its region only the size: in a region of s pixels it adds 1 / s to the
 * sum of the covered fractions. */
typedef struct {
  float score;
  guint32 region_size;
  guint group;
} CpacDefectPixel;

/* One distinct score among the defect pixels. */
typedef struct {
  float score;
  guint bin;
  gsize first;        /* of its defect pixels; they end where those of the next level start */
  guint64 good_below; /* good pixels between the level below and this one */
  guint64 good_equal;
} CpacPixelLevel;

struct _CpacPixelMetrics {
  GArray *defects; /* CpacDefectPixel, rising score once @levels exist */
  GArray *levels;  /* CpacPixelLevel, rising, and one more above them all; NULL before the good */
  guint n_buckets;
  guint *buckets; /* (n_buckets + 1): first level of each of equal steps of score */
  double bucket_scale;
  guint64 n_good;
  GArray *region_sizes;  /* guint32 */
  GArray *regions;       /* CpacRegion, of the picture being added */
  GArray *group_regions; /* guint: regions of each group */
  GPtrArray *group_good; /* (element-type guint64*): (CPAC_PIXEL_BINS) of each group, or NULL */
  gboolean broken;       /* a score was not finite: no figure exists */
};

/* Area under PRO over FPR up to @limit, built up from the highest score down. */
typedef struct {
  double limit, rate, overlap, area;
} CpacOverlapCurve;

/* The next point of the curve; past the limit nothing changes any more. */
static inline void
cpac_overlap_curve_step (CpacOverlapCurve *curve, double rate, double overlap)
{
  if (curve->rate >= curve->limit)
    return;
  if (rate > curve->limit) {
    overlap = curve->overlap +
              (overlap - curve->overlap) * (curve->limit - curve->rate) / (rate - curve->rate);
    rate = curve->limit;
  }
  curve->area += (rate - curve->rate) * (curve->overlap + overlap) / 2;
  curve->rate = rate;
  curve->overlap = overlap;
}

G_END_DECLS
