/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/train/combine.h"

#include <math.h>
#include <stdlib.h>

#include "core/score/metrics.h"

#define HIGH 0.95

static int
compare_doubles (gconstpointer a, gconstpointer b)
{
  double first = *(const double *) a, second = *(const double *) b;

  return first < second ? -1 : first > second;
}

/* Of @n sorted values. */
static double
quantile (const double *values, guint n, double q)
{
  double at = q * (n - 1);
  guint low = (guint) at, high = MIN (low + 1, n - 1);

  return values[low] + (at - low) * (values[high] - values[low]);
}

void
cpac_span_init (CpacSpan *span, double *values, guint n)
{
  qsort (values, n, sizeof (double), compare_doubles);
  span->median = quantile (values, n, 0.5);
  span->high = quantile (values, n, HIGH);
}

void
cpac_span_get_scale (const CpacSpan *span, CpacScale *scale)
{
  double width = span->high - span->median;

  if (width <= 1e-3 * fabs (span->median))
    width = MAX (fabs (span->median), 1);
  scale->low = span->median;
  scale->high = span->median + width;
}

/* @scores (n) of all pictures: span of the good ones, and the AUROC. */
static double
rate (const CpacPair *pairs, const double *scores, guint n, CpacSpan *span)
{
  g_autofree CpacMetricSample *samples = g_new0 (CpacMetricSample, n);
  g_autofree double *good = g_new (double, n);
  guint n_good = 0;

  for (guint i = 0; i < n; i++) {
    samples[i] = (CpacMetricSample){ .score = scores[i], .defect = pairs[i].defect };
    if (!pairs[i].defect)
      good[n_good++] = scores[i];
  }
  cpac_span_init (span, good, n_good);
  return cpac_metric_auroc (samples, n);
}

void
cpac_compare_parts (const CpacPair *pairs, guint n, CpacComparison *comparison)
{
  g_autofree double *scores = g_new (double, n);
  CpacScale map = { 0 }, gaussian = { 0 };

  for (guint i = 0; i < n; i++)
    scores[i] = pairs[i].map;
  comparison->map_auroc = rate (pairs, scores, n, &comparison->map);
  for (guint i = 0; i < n; i++)
    scores[i] = pairs[i].gaussian;
  comparison->gaussian_auroc = rate (pairs, scores, n, &comparison->gaussian);
  cpac_span_get_scale (&comparison->map, &map);
  cpac_span_get_scale (&comparison->gaussian, &gaussian);
  for (guint i = 0; i < n; i++)
    scores[i] = MAX (cpac_scale_apply (&map, pairs[i].map),
                     cpac_scale_apply (&gaussian, pairs[i].gaussian));
  comparison->combined_auroc = rate (pairs, scores, n, &comparison->combined);
  comparison->helps =
      comparison->combined_auroc > MAX (comparison->map_auroc, comparison->gaussian_auroc);
}
