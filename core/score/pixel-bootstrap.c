/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include <math.h>

#include "core/score/pixel-metrics-private.h"
#include "core/score/strata.h"
#include "core/score/tally.h"

#define N_FIGURES 3

/* What one group, or one draw of groups, has in each bin. */
typedef struct {
  guint64 good[CPAC_PIXEL_BINS], defects[CPAC_PIXEL_BINS];
  double overlap[CPAC_PIXEL_BINS]; /* sum of 1 / (size of the region) */
  guint64 n_regions;
} Histogram;

typedef struct {
  guint n_groups;
  Histogram **defective; /* (n_groups): their defect pixels; NULL for those without */
  const guint64 **good;  /* (n_groups), each (CPAC_PIXEL_BINS) */
  CpacStrata strata;
} Groups;

static void
groups_clear (Groups *groups)
{
  for (guint i = 0; i < groups->n_groups; i++)
    g_free (groups->defective[i]);
  g_free (groups->defective);
  g_free (groups->good);
  cpac_strata_clear (&groups->strata);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Groups, groups_clear)

/* By the callers' numbers of the groups. (transfer full) */
static Histogram **
collect_defects (const CpacPixelMetrics *metrics)
{
  Histogram **histograms = g_new0 (Histogram *, metrics->group_good->len);

  for (guint k = 0; k + 1 < metrics->levels->len; k++) {
    const CpacPixelLevel *level = &g_array_index (metrics->levels, CpacPixelLevel, k);

    for (gsize i = level[0].first; i < level[1].first; i++) {
      const CpacDefectPixel *pixel = &g_array_index (metrics->defects, CpacDefectPixel, i);
      Histogram **histogram = &histograms[pixel->group];

      if (*histogram == NULL) {
        *histogram = g_new0 (Histogram, 1);
        (*histogram)->n_regions = g_array_index (metrics->group_regions, guint, pixel->group);
      }
      (*histogram)->defects[level->bin]++;
      (*histogram)->overlap[level->bin] += 1.0 / pixel->region_size;
    }
  }
  return histograms;
}

/* Numbers the groups that were shown 0, 1, ... */
static void
groups_init (Groups *groups, const CpacPixelMetrics *metrics)
{
  guint n = metrics->group_good->len;
  g_autofree gboolean *defective = g_new0 (gboolean, n);
  g_autofree Histogram **histograms = collect_defects (metrics);

  *groups = (Groups){ 0 };
  groups->defective = g_new0 (Histogram *, n);
  groups->good = g_new0 (const guint64 *, n);
  for (guint i = 0; i < n; i++) {
    if (metrics->group_good->pdata[i] == NULL)
      continue;
    groups->good[groups->n_groups] = metrics->group_good->pdata[i];
    groups->defective[groups->n_groups] = histograms[i];
    defective[groups->n_groups++] = histograms[i] != NULL;
  }
  cpac_strata_init (&groups->strata, defective, groups->n_groups);
}

/* The sum over all groups, each taken @counts times. */
static void
gather (const Groups *groups, const guint *counts, Histogram *sum)
{
  *sum = (Histogram){ 0 };
  for (guint i = 0; i < groups->n_groups; i++) {
    const Histogram *histogram = groups->defective[i];

    if (counts[i] == 0)
      continue;
    for (guint bin = 0; bin < CPAC_PIXEL_BINS; bin++)
      sum->good[bin] += counts[i] * groups->good[i][bin];
    if (histogram == NULL)
      continue;
    sum->n_regions += counts[i] * histogram->n_regions;
    for (guint bin = 0; bin < CPAC_PIXEL_BINS; bin++) {
      sum->defects[bin] += counts[i] * histogram->defects[bin];
      sum->overlap[bin] += counts[i] * histogram->overlap[bin];
    }
  }
}

/* AUROC, average precision, AUPRO; a bin counts as one score. */
static void
measure (const Histogram *histogram, double limit, double figures[N_FIGURES])
{
  CpacOverlapCurve curve = { .limit = limit };
  CpacTally tally = { 0 };
  double overlap = 0;
  guint64 n_good = 0;

  for (guint bin = CPAC_PIXEL_BINS; bin-- > 0;)
    n_good += histogram->good[bin];
  for (guint bin = CPAC_PIXEL_BINS; bin-- > 0;) {
    cpac_tally_step (&tally, histogram->defects[bin], histogram->good[bin]);
    overlap += histogram->overlap[bin];
    cpac_overlap_curve_step (&curve, (double) tally.good / (double) n_good,
                             overlap / (double) histogram->n_regions);
  }
  figures[0] = cpac_tally_auroc (&tally);
  figures[1] = cpac_tally_average_precision (&tally);
  figures[2] = n_good > 0 && tally.defects > 0 ? curve.area / limit : NAN;
}

/* @binned: the figure of the sample from the bins, which the draws scatter about. */
static CpacInterval
settle_interval (double value, double binned, const double *draws, guint n_draws)
{
  CpacInterval interval = { .value = value };

  cpac_interval_from_draws (&interval, draws, n_draws, N_FIGURES);
  interval.low = CLAMP (interval.low + value - binned, 0, 1);
  interval.high = CLAMP (interval.high + value - binned, 0, 1);
  return interval;
}

void
cpac_pixel_metrics_bootstrap (const CpacPixelMetrics *metrics, double limit, guint n_draws,
                              guint64 seed, CpacPixelIntervals *intervals)
{
  g_auto (Groups) groups = { 0 };
  g_autofree Histogram *sum = g_new (Histogram, 1);
  g_autofree double *draws = g_new (double, (gsize) n_draws *N_FIGURES);
  g_autofree guint *counts = NULL;
  double values[N_FIGURES] = { cpac_pixel_metrics_auroc (metrics),
                               cpac_pixel_metrics_average_precision (metrics),
                               cpac_pixel_metrics_aupro (metrics, limit) };
  double binned[N_FIGURES];
  CpacInterval *figures[] = { &intervals->auroc, &intervals->average_precision, &intervals->aupro };

  *intervals = (CpacPixelIntervals){ { NAN, NAN, NAN }, { NAN, NAN, NAN }, { NAN, NAN, NAN } };
  if (isnan (values[0]))
    return;
  groups_init (&groups, metrics);
  counts = g_new (guint, groups.n_groups);
  for (guint i = 0; i < groups.n_groups; i++)
    counts[i] = 1;
  gather (&groups, counts, sum);
  measure (sum, limit, binned);
  for (guint i = 0; i < n_draws; i++) {
    cpac_strata_draw (&groups.strata, seed, i, counts);
    gather (&groups, counts, sum);
    measure (sum, limit, draws + (gsize) i * N_FIGURES);
  }
  for (guint k = 0; k < N_FIGURES; k++)
    *figures[k] = settle_interval (values[k], binned[k], draws + k, n_draws);
}
