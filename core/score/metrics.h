/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "core/error.h"

G_BEGIN_DECLS

/*
 * Figures of an evaluation, all in double. Scores rise with abnormality; a positive is a defect.
 * Every function takes plain arrays, so that values can be computed by hand in tests. A ranking
 * figure is NaN when one of the scores is.
 */

/* One scored picture. */
typedef struct {
  double score;
  gboolean defect; /* the truth */
  guint group;     /* physical part, 0..n_groups-1 */
} CpacMetricSample;

typedef struct {
  double value, low, high; /* 95 % percentile interval; NaN where it is undefined */
} CpacInterval;

/* Mann-Whitney U / (n+ n-), ties one half (average ranks); NaN when a class is empty. */
double cpac_metric_auroc (const CpacMetricSample *samples, gsize n);
/* Average precision: sum over distinct thresholds of (recall step) x precision. NaN without
 * positives. */
double cpac_metric_average_precision (const CpacMetricSample *samples, gsize n);
/* Largest F1 = 2PR/(P+R) over all thresholds of "score > threshold"; @threshold may be NULL;
 * it is the largest score that is not called, or just below all of them. NaN without positives. */
double cpac_metric_f1_max (const CpacMetricSample *samples, gsize n, double *threshold);

/* Counts at a fixed threshold: defect called when score > threshold. */
typedef struct {
  gsize true_positive, false_positive, true_negative, false_negative;
} CpacConfusion;
CpacConfusion cpac_metric_confusion (const CpacMetricSample *samples, gsize n, double threshold);
double cpac_confusion_f1 (const CpacConfusion *confusion);

/* Two-sided Clopper-Pearson interval of @k successes in @n trials at @confidence (0.95): each tail
 * holds half of the rest. NaN without trials. */
CpacInterval cpac_metric_clopper_pearson (gsize k, gsize n, double confidence);

/* Share of defects found at the smallest threshold whose false-reject rate on the good samples is
 * at most @rate (0..1); with the realised rate and the threshold, which is -infinity at rate 1. NaN
 * when a class is empty. */
typedef struct {
  double rate, threshold, realised_rate, detection;
} CpacFixedFalseReject;
CpacFixedFalseReject
cpac_metric_at_false_reject (const CpacMetricSample *samples, gsize n, double rate);

typedef double (*CpacMetricFunc) (const CpacMetricSample *samples, gsize n, gpointer user_data);

/* Percentile bootstrap: @n_draws resamples of whole groups (a physical part with all its
 * pictures), drawn with replacement separately among the groups that hold a defect and those that
 * hold none, from @seed; undefined draws (NaN) are left out. The same seed gives the same interval
 * at any time, in whatever order the samples come. @func gets the samples of a draw in falling
 * order of score. Quantiles are linear between draws. */
CpacInterval cpac_metric_bootstrap (const CpacMetricSample *samples, gsize n, CpacMetricFunc func,
                                    gpointer user_data, guint n_draws, guint64 seed);

/**
 * CpacPixelMetrics:
 *
 * Pixel figures over many pictures, fed one by one at the masks' resolution. Scores of every pixel
 * are kept as 32-bit floats: 4 bytes a good pixel, 8 a defect one (with the size of its region),
 * and while the first figure after a picture sorts them another 4 a good pixel. A score that is not
 * finite makes every figure NaN.
 */
typedef struct _CpacPixelMetrics CpacPixelMetrics;

CpacPixelMetrics *cpac_pixel_metrics_new (void);
void cpac_pixel_metrics_free (CpacPixelMetrics *metrics);
/* @map (map_height, map_width) is resized bilinearly (half-pixel centres) to the mask's size;
 * @mask (height, width), non-zero = defect, or NULL for a good picture of that size. */
void cpac_pixel_metrics_add (CpacPixelMetrics *metrics, const float *map, guint map_width,
                             guint map_height, const guint8 *mask, guint width, guint height);
/* NaN when there is no defect pixel or no good one. */
double cpac_pixel_metrics_auroc (CpacPixelMetrics *metrics);
double cpac_pixel_metrics_average_precision (CpacPixelMetrics *metrics);
/* Area under the per-region-overlap curve up to false-positive rate @limit (0.3), divided by it
 * (Bergmann et al., MVTec AD): PRO(t) is the mean over the connected defect regions
 * (8-connectivity) of the covered fraction, FPR(t) the share of all good pixels above t; trapezoids
 * with linear interpolation at exactly @limit. */
double cpac_pixel_metrics_aupro (CpacPixelMetrics *metrics, double limit);
/* The same over regions of fewer than @max_pixels pixels only (tiny regions dominate PRO). */
double cpac_pixel_metrics_aupro_small (CpacPixelMetrics *metrics, double limit, guint max_pixels);
gsize cpac_pixel_metrics_get_n_regions (const CpacPixelMetrics *metrics);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CpacPixelMetrics, cpac_pixel_metrics_free)

G_END_DECLS
