/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include <math.h>
#include <stdlib.h>

#include "core/score/metrics.h"
#include "core/score/strata.h"

/*
 * Samples are sorted by score once; a draw counts how often each part was taken and writes the
 * samples out in that order, so that a ranking figure of the draw costs O(n).
 */
typedef struct {
  CpacMetricSample *samples; /* (n), falling score */
  guint *parts;              /* (n), dense number of each sample's group */
  gsize n;
  CpacStrata strata;
} Resampler;

static void
resampler_clear (Resampler *resampler)
{
  g_free (resampler->samples);
  g_free (resampler->parts);
  cpac_strata_clear (&resampler->strata);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Resampler, resampler_clear)

/* Falling score, no number last, then group and truth: the order of the caller's rows does not
 * matter. */
static int
compare_samples (const void *a, const void *b)
{
  const CpacMetricSample *x = a, *y = b;

  if (isnan (x->score) || isnan (y->score))
    return (isnan (x->score) ? 1 : 0) - (isnan (y->score) ? 1 : 0);
  if (x->score != y->score)
    return (x->score < y->score) - (x->score > y->score);
  if (x->group != y->group)
    return (x->group > y->group) - (x->group < y->group);
  return (x->defect ? 1 : 0) - (y->defect ? 1 : 0);
}

static int
compare_uints (const void *a, const void *b)
{
  guint x = *(const guint *) a, y = *(const guint *) b;

  return (x > y) - (x < y);
}

static int
compare_doubles (const void *a, const void *b)
{
  double x = *(const double *) a, y = *(const double *) b;

  return (x > y) - (x < y);
}

/* Numbers the groups that occur 0, 1, ... in their own order; returns how many. */
static guint
number_parts (const CpacMetricSample *samples, gsize n, guint *parts)
{
  g_autofree guint *groups = g_new (guint, n);
  gsize n_groups = 0;

  for (gsize i = 0; i < n; i++)
    groups[i] = samples[i].group;
  qsort (groups, n, sizeof *groups, compare_uints);
  for (gsize i = 0; i < n; i++)
    if (i == 0 || groups[i] != groups[n_groups - 1])
      groups[n_groups++] = groups[i];
  for (gsize i = 0; i < n; i++)
    parts[i] =
        (guint *) bsearch (&samples[i].group, groups, n_groups, sizeof *groups, compare_uints) -
        groups;
  return n_groups;
}

static void
resampler_init (Resampler *resampler, const CpacMetricSample *samples, gsize n)
{
  g_autofree gboolean *defective = g_new0 (gboolean, n);
  guint n_parts;

  *resampler = (Resampler){ .n = n };
  resampler->samples = g_memdup2 (samples, n * sizeof *samples);
  qsort (resampler->samples, n, sizeof *samples, compare_samples);
  resampler->parts = g_new (guint, n);
  n_parts = number_parts (resampler->samples, n, resampler->parts);
  for (gsize i = 0; i < n; i++)
    if (resampler->samples[i].defect)
      defective[resampler->parts[i]] = TRUE;
  cpac_strata_init (&resampler->strata, defective, n_parts);
}

/* The samples of draw @draw into @out. @counts (n_parts) is scratch. */
static void
resample (const Resampler *resampler, guint64 seed, guint draw, guint *counts, GArray *out)
{
  cpac_strata_draw (&resampler->strata, seed, draw, counts);
  g_array_set_size (out, 0);
  for (gsize i = 0; i < resampler->n; i++)
    for (guint copy = 0; copy < counts[resampler->parts[i]]; copy++)
      g_array_append_val (out, resampler->samples[i]);
}

/* Quantile @p of @n sorted values, linear between neighbours (Hyndman & Fan's type 7). */
static double
sorted_quantile (const double *values, guint n, double p)
{
  double position = p * (n - 1);
  guint below = (guint) position;

  if (below + 1 >= n)
    return values[n - 1];
  return values[below] + (position - below) * (values[below + 1] - values[below]);
}

void
cpac_interval_from_draws (CpacInterval *interval, const double *draws, guint n_draws, guint step)
{
  g_autofree double *values = g_new (double, n_draws);
  guint n = 0;

  interval->low = interval->high = NAN;
  for (guint i = 0; i < n_draws; i++)
    if (!isnan (draws[(gsize) i * step]))
      values[n++] = draws[(gsize) i * step];
  if (n == 0)
    return;
  qsort (values, n, sizeof *values, compare_doubles);
  interval->low = sorted_quantile (values, n, 0.025);
  interval->high = sorted_quantile (values, n, 0.975);
}

void
cpac_metric_bootstrap_many (const CpacMetricSample *samples, gsize n, CpacMetricsFunc func,
                            gpointer user_data, guint n_draws, guint64 seed, CpacInterval *figures,
                            guint n_figures)
{
  g_auto (Resampler) resampler = { 0 };
  g_autofree double *values = g_new (double, (MAX (n_draws, 1) * (gsize) n_figures));
  g_autofree guint *counts = NULL;
  g_autoptr (GArray) draw = g_array_new (FALSE, FALSE, sizeof (CpacMetricSample));

  func (samples, n, user_data, values);
  for (guint k = 0; k < n_figures; k++)
    figures[k] = (CpacInterval){ values[k], NAN, NAN };
  if (n == 0)
    return;
  resampler_init (&resampler, samples, n);
  counts = g_new (guint, resampler.strata.n_parts);
  for (guint i = 0; i < n_draws; i++) {
    resample (&resampler, seed, i, counts, draw);
    func ((const CpacMetricSample *) (gpointer) draw->data, draw->len, user_data,
          values + (gsize) i * n_figures);
  }
  for (guint k = 0; k < n_figures; k++)
    cpac_interval_from_draws (&figures[k], values + k, n_draws, n_figures);
}

typedef struct {
  CpacMetricFunc func;
  gpointer user_data;
} OneFigure;

static void
measure_one (const CpacMetricSample *samples, gsize n, gpointer user_data, double *values)
{
  const OneFigure *one = user_data;

  values[0] = one->func (samples, n, one->user_data);
}

CpacInterval
cpac_metric_bootstrap (const CpacMetricSample *samples, gsize n, CpacMetricFunc func,
                       gpointer user_data, guint n_draws, guint64 seed)
{
  OneFigure one = { func, user_data };
  CpacInterval interval;

  cpac_metric_bootstrap_many (samples, n, measure_one, &one, n_draws, seed, &interval, 1);
  return interval;
}
