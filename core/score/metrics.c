/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/score/metrics.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/score/statistics.h"
#include "core/score/tally.h"

/* Samples in falling order of score. */
typedef struct {
  const CpacMetricSample *samples; /* @n; either the caller's or @owned */
  CpacMetricSample *owned;
  gsize n;
} Ranking;

/* A run of equal scores: samples [@start, @end). */
typedef struct {
  gsize start, end, defects, good;
} Tie;

static void
ranking_clear (Ranking *ranking)
{
  g_free (ranking->owned);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Ranking, ranking_clear)

static int
compare_falling (const void *a, const void *b)
{
  double x = ((const CpacMetricSample *) a)->score, y = ((const CpacMetricSample *) b)->score;

  return (x < y) - (x > y);
}

/* FALSE when a score is not a number: such samples have no order. The bootstrap hands samples over
 * in order, so that most calls need no sort. */
static gboolean
ranking_init (Ranking *ranking, const CpacMetricSample *samples, gsize n)
{
  gboolean sorted = TRUE;

  *ranking = (Ranking){ .samples = samples, .n = n };
  for (gsize i = 0; i < n; i++) {
    if (isnan (samples[i].score))
      return FALSE;
    sorted = sorted && (i == 0 || samples[i - 1].score >= samples[i].score);
  }
  if (!sorted) {
    ranking->owned = g_memdup2 (samples, n * sizeof *samples);
    qsort (ranking->owned, n, sizeof *samples, compare_falling);
    ranking->samples = ranking->owned;
  }
  return TRUE;
}

/* Moves @tie, zeroed before the first call, to the next lower score; FALSE at the end. */
static gboolean
next_tie (const Ranking *ranking, Tie *tie)
{
  const CpacMetricSample *samples = ranking->samples;

  *tie = (Tie){ .start = tie->end, .end = tie->end };
  for (; tie->end < ranking->n && samples[tie->end].score == samples[tie->start].score; tie->end++)
    tie->defects += samples[tie->end].defect ? 1 : 0;
  tie->good = tie->end - tie->start - tie->defects;
  return tie->end > tie->start;
}

static gboolean
tally_samples (CpacTally *tally, const CpacMetricSample *samples, gsize n)
{
  g_auto (Ranking) ranking = { 0 };
  Tie tie = { 0 };

  *tally = (CpacTally){ 0 };
  if (!ranking_init (&ranking, samples, n))
    return FALSE;
  while (next_tie (&ranking, &tie))
    cpac_tally_step (tally, tie.defects, tie.good);
  return TRUE;
}

double
cpac_metric_auroc (const CpacMetricSample *samples, gsize n)
{
  CpacTally tally;

  return tally_samples (&tally, samples, n) ? cpac_tally_auroc (&tally) : NAN;
}

double
cpac_metric_average_precision (const CpacMetricSample *samples, gsize n)
{
  CpacTally tally;

  return tally_samples (&tally, samples, n) ? cpac_tally_average_precision (&tally) : NAN;
}

static gsize
count_defects (const CpacMetricSample *samples, gsize n)
{
  gsize n_defects = 0;

  for (gsize i = 0; i < n; i++)
    n_defects += samples[i].defect ? 1 : 0;
  return n_defects;
}

/* The largest threshold under which exactly the samples up to @end are called. */
static double
threshold_below (const Ranking *ranking, gsize end)
{
  if (end < ranking->n)
    return ranking->samples[end].score;
  return nextafter (ranking->samples[end - 1].score, -INFINITY);
}

double
cpac_metric_f1_max (const CpacMetricSample *samples, gsize n, double *threshold)
{
  g_auto (Ranking) ranking = { 0 };
  Tie tie = { 0 };
  gsize n_defects = count_defects (samples, n), found = 0;
  double best = -1, best_threshold = NAN;

  if (n_defects > 0 && ranking_init (&ranking, samples, n)) {
    while (next_tie (&ranking, &tie)) {
      double f1;

      found += tie.defects;
      f1 = 2.0 * (double) found / (double) (tie.end + n_defects);
      if (f1 > best) {
        best = f1;
        best_threshold = threshold_below (&ranking, tie.end);
      }
    }
  }
  if (threshold != NULL)
    *threshold = best_threshold;
  return best < 0 ? NAN : best;
}

CpacConfusion
cpac_metric_confusion (const CpacMetricSample *samples, gsize n, double threshold)
{
  CpacConfusion confusion = { 0 };

  for (gsize i = 0; i < n; i++) {
    gboolean called = samples[i].score > threshold;

    if (samples[i].defect)
      *(called ? &confusion.true_positive : &confusion.false_negative) += 1;
    else
      *(called ? &confusion.false_positive : &confusion.true_negative) += 1;
  }
  return confusion;
}

double
cpac_confusion_f1 (const CpacConfusion *confusion)
{
  double errors = (double) confusion->false_positive + (double) confusion->false_negative;
  double twice_found = 2.0 * (double) confusion->true_positive;

  return twice_found + errors > 0 ? twice_found / (twice_found + errors) : NAN;
}

CpacInterval
cpac_metric_clopper_pearson (guint64 k, guint64 n, double confidence)
{
  CpacInterval interval = { NAN, NAN, NAN };
  double tail = (1 - confidence) / 2, hits = (double) k, misses = (double) (n - k);

  g_return_val_if_fail (k <= n && confidence > 0 && confidence < 1, interval);

  if (n == 0)
    return interval;
  interval.value = hits / (double) n;
  if (n > CPAC_MAX_TRIALS)
    return interval;
  interval.low = k == 0 ? 0 : cpac_beta_quantile (hits, misses + 1, tail);
  interval.high = k == n ? 1 : cpac_beta_quantile (hits + 1, misses, 1 - tail);
  return interval;
}

/* The largest k with k / n <= rate, as doubles compare: 0.29 of 100 is 29. */
static gsize
count_at_rate (double rate, gsize n)
{
  gsize k = (gsize) (rate * (double) n);

  while (k < n && (double) (k + 1) / (double) n <= rate)
    k++;
  while (k > 0 && (double) k / (double) n > rate)
    k--;
  return k;
}

CpacFixedFalseReject
cpac_metric_at_false_reject (const CpacMetricSample *samples, gsize n, double rate)
{
  CpacFixedFalseReject result = { rate, NAN, NAN, NAN };
  g_auto (Ranking) ranking = { 0 };
  gsize n_defects = count_defects (samples, n), n_good = n - n_defects;
  gsize n_allowed, passed = 0;
  CpacConfusion confusion;

  g_return_val_if_fail (rate >= 0 && rate <= 1, result);

  if (n_defects == 0 || n_good == 0 || !ranking_init (&ranking, samples, n))
    return result;
  n_allowed = count_at_rate (rate, n_good);
  result.threshold = -INFINITY;
  for (gsize i = 0; i < n; i++) {
    if (!ranking.samples[i].defect && passed++ == n_allowed) {
      result.threshold = ranking.samples[i].score;
      break;
    }
  }
  confusion = cpac_metric_confusion (samples, n, result.threshold);
  result.realised_rate = (double) confusion.false_positive / (double) n_good;
  result.detection = (double) confusion.true_positive / (double) n_defects;
  return result;
}
