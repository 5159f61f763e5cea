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

/* Most trials of an interval: beyond, cpac_beta_cdf() is not accurate. */
#define CPAC_MAX_TRIALS 1000000000

/* Two-sided Clopper-Pearson interval of @k successes in @n trials at @confidence (0.95): each tail
 * holds half of the rest. NaN without trials; both ends are NaN where there are more than
 * CPAC_MAX_TRIALS. */
CpacInterval cpac_metric_clopper_pearson (guint64 k, guint64 n, double confidence);

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

/* Several figures of the same draws at once: @func writes @n_figures values, each of which is
 * treated as above. @figures (n_figures) is overwritten. */
typedef void (*CpacMetricsFunc) (const CpacMetricSample *samples, gsize n, gpointer user_data,
                                 double *values);
void cpac_metric_bootstrap_many (const CpacMetricSample *samples, gsize n, CpacMetricsFunc func,
                                 gpointer user_data, guint n_draws, guint64 seed,
                                 CpacInterval *figures, guint n_figures);

/* Sets both ends of @interval from the values @draws[0], @draws[step], ...; NaN ones are left out,
 * and without any other the ends are NaN. */
void
cpac_interval_from_draws (CpacInterval *interval, const double *draws, guint n_draws, guint step);

G_END_DECLS
