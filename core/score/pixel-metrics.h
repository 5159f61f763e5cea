/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/score/metrics.h"

G_BEGIN_DECLS

/**
 * CpacPixelMetrics:
 *
 * Exact pixel figures over many pictures at the masks' resolution, in memory that only grows with
 * the defect pixels. Ranking needs to know of a good pixel no more than between which two defect
 * scores it lies, so the pictures are shown twice: first the defects of every picture that has any,
 * cpac_pixel_metrics_add_defects(), then the good pixels of all pictures, those with defects
 * included, cpac_pixel_metrics_add_good(). About 50 bytes a defect pixel are kept, and 4 KiB a
 * group; the order of the pictures does not matter. A score that is not finite makes every figure
 * NaN.
 */
typedef struct _CpacPixelMetrics CpacPixelMetrics;

CpacPixelMetrics *cpac_pixel_metrics_new (void);
void cpac_pixel_metrics_free (CpacPixelMetrics *metrics);

/* @map (map_height, map_width) is resized bilinearly (half-pixel centres) to the mask's size; @mask
 * (height, width), non-zero = defect. @group: number of the physical part, 0, 1, ... Not after
 * cpac_pixel_metrics_add_good(). */
void cpac_pixel_metrics_add_defects (CpacPixelMetrics *metrics, const float *map, guint map_width,
                                     guint map_height, const guint8 *mask, guint width,
                                     guint height, guint group);
/* Likewise; @mask NULL: every pixel is good. */
void cpac_pixel_metrics_add_good (CpacPixelMetrics *metrics, const float *map, guint map_width,
                                  guint map_height, const guint8 *mask, guint width, guint height,
                                  guint group);

/* NaN when there is no defect pixel or no good one. */
double cpac_pixel_metrics_auroc (const CpacPixelMetrics *metrics);
double cpac_pixel_metrics_average_precision (const CpacPixelMetrics *metrics);
/* Area under the per-region-overlap curve up to false-positive rate @limit (0.3), divided by it
 * (Bergmann et al., MVTec AD): PRO(t) is the mean over the connected defect regions
 * (8-connectivity) of the covered fraction, FPR(t) the share of all good pixels above t; trapezoids
 * with linear interpolation at exactly @limit. */
double cpac_pixel_metrics_aupro (const CpacPixelMetrics *metrics, double limit);
/* The same over regions of fewer than @max_pixels pixels only (tiny regions dominate PRO). */
double
cpac_pixel_metrics_aupro_small (const CpacPixelMetrics *metrics, double limit, guint max_pixels);
gsize cpac_pixel_metrics_get_n_regions (const CpacPixelMetrics *metrics);

/* The figures with 95 % intervals by group, as cpac_metric_bootstrap(); a group with a defect pixel
 * is defective. For the draws, scores are told apart no finer than 256 quantiles of the defect
 * pixels; by how much that moves the figure of the sample itself, the interval is moved back. */
typedef struct {
  CpacInterval auroc, average_precision, aupro;
} CpacPixelIntervals;
void cpac_pixel_metrics_bootstrap (const CpacPixelMetrics *metrics, double limit, guint n_draws,
                                   guint64 seed, CpacPixelIntervals *intervals);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CpacPixelMetrics, cpac_pixel_metrics_free)

G_END_DECLS
