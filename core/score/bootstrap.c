/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include <math.h>
#include <stdlib.h>

#include "core/random.h"
#include "core/score/metrics.h"

/*
 * Samples are sorted by score once; a draw counts how often each group was taken and writes the
 * samples out in that order, so that a ranking figure of the draw costs O(n).
 */
typedef struct {
  CpacMetricSample *samples; /* (n), falling score */
  guint *parts;              /* (n), dense number of each sample's group */
  gsize n;
  guint n_parts;
  guint *strata[2]; /* parts without, with a defect */
  guint n_strata[2];
} Resampler;

static void
resampler_clear (Resampler *resampler)
{
  g_free (resampler->samples);
  g_free (resampler->parts);
  g_free (resampler->strata[0]);
  g_free (resampler->strata[1]);
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
split_strata (Resampler *resampler)
{
  g_autofree guint8 *defective = g_new0 (guint8, resampler->n_parts);

  for (gsize i = 0; i < resampler->n; i++)
    if (resampler->samples[i].defect)
      defective[resampler->parts[i]] = 1;
  for (guint part = 0; part < resampler->n_parts; part++) {
    guint stratum = defective[part];

    resampler->strata[stratum][resampler->n_strata[stratum]++] = part;
  }
}

static void
resampler_init (Resampler *resampler, const CpacMetricSample *samples, gsize n)
{
  *resampler = (Resampler){ .n = n };
  resampler->samples = g_memdup2 (samples, n * sizeof *samples);
  qsort (resampler->samples, n, sizeof *samples, compare_samples);
  resampler->parts = g_new (guint, n);
  resampler->n_parts = number_parts (resampler->samples, n, resampler->parts);
  resampler->strata[0] = g_new (guint, resampler->n_parts);
  resampler->strata[1] = g_new (guint, resampler->n_parts);
  split_strata (resampler);
}

/* One draw into @out: as many parts of each stratum as it has. @counts (n_parts) is scratch. */
static void
resample (const Resampler *resampler, CpacRandom *random, guint *counts, GArray *out)
{
  for (guint part = 0; part < resampler->n_parts; part++)
    counts[part] = 0;
  for (guint stratum = 0; stratum < 2; stratum++) {
    guint n = resampler->n_strata[stratum];

    for (guint i = 0; i < n; i++)
      counts[resampler->strata[stratum][cpac_random_below (random, n)]]++;
  }
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

CpacInterval
cpac_metric_bootstrap (const CpacMetricSample *samples, gsize n, CpacMetricFunc func,
                       gpointer user_data, guint n_draws, guint64 seed)
{
  CpacInterval interval = { func (samples, n, user_data), NAN, NAN };
  g_auto (Resampler) resampler = { 0 };
  g_autofree double *values = g_new (double, n_draws);
  g_autofree guint *counts = NULL;
  g_autoptr (GArray) draw = g_array_new (FALSE, FALSE, sizeof (CpacMetricSample));
  guint n_values = 0;

  if (n == 0)
    return interval;
  resampler_init (&resampler, samples, n);
  counts = g_new (guint, resampler.n_parts);
  for (guint i = 0; i < n_draws; i++) {
    CpacRandom random;
    double value;

    cpac_random_init (&random, seed, CPAC_STREAM_BOOTSTRAP, i);
    resample (&resampler, &random, counts, draw);
    value = func ((const CpacMetricSample *) (gpointer) draw->data, draw->len, user_data);
    if (!isnan (value))
      values[n_values++] = value;
  }
  if (n_values == 0)
    return interval;
  qsort (values, n_values, sizeof *values, compare_doubles);
  interval.low = sorted_quantile (values, n_values, 0.025);
  interval.high = sorted_quantile (values, n_values, 0.975);
  return interval;
}
