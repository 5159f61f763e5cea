/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/score/pixel-metrics.h"

#include <math.h>

#include "core/explain/regions.h"
#include "core/score/map-resize.h"
#include "core/score/pixel-metrics-private.h"
#include "core/score/tally.h"

#define MAX_BUCKETS (1u << 20)

static const CpacPixelLevel *
level_at (const CpacPixelMetrics *metrics, guint i)
{
  return &g_array_index (metrics->levels, CpacPixelLevel, i);
}

CpacPixelMetrics *
cpac_pixel_metrics_new (void)
{
  CpacPixelMetrics *metrics = g_new0 (CpacPixelMetrics, 1);

  metrics->defects = g_array_new (FALSE, FALSE, sizeof (CpacDefectPixel));
  metrics->region_sizes = g_array_new (FALSE, FALSE, sizeof (guint32));
  metrics->regions = g_array_new (FALSE, FALSE, sizeof (CpacRegion));
  metrics->group_regions = g_array_new (FALSE, TRUE, sizeof (guint));
  metrics->group_good = g_ptr_array_new_with_free_func (g_free);
  return metrics;
}

void
cpac_pixel_metrics_free (CpacPixelMetrics *metrics)
{
  if (metrics == NULL)
    return;
  g_array_unref (metrics->defects);
  g_clear_pointer (&metrics->levels, g_array_unref);
  g_free (metrics->buckets);
  g_array_unref (metrics->region_sizes);
  g_array_unref (metrics->regions);
  g_array_unref (metrics->group_regions);
  g_ptr_array_unref (metrics->group_good);
  g_free (metrics);
}

/* The good pixels of @group by bin. */
static guint64 *
bins_of_group (CpacPixelMetrics *metrics, guint group)
{
  if (metrics->group_good->len <= group)
    g_ptr_array_set_size (metrics->group_good, (gint) group + 1);
  if (metrics->group_good->pdata[group] == NULL)
    metrics->group_good->pdata[group] = g_new0 (guint64, CPAC_PIXEL_BINS);
  return metrics->group_good->pdata[group];
}

/* ---- First round: the defects ---- */

static void
count_regions (CpacPixelMetrics *metrics, guint group)
{
  for (guint i = 0; i < metrics->regions->len; i++)
    g_array_append_val (metrics->region_sizes,
                        g_array_index (metrics->regions, CpacRegion, i).area);
  if (metrics->group_regions->len <= group)
    g_array_set_size (metrics->group_regions, group + 1);
  g_array_index (metrics->group_regions, guint, group) += metrics->regions->len;
}

void
cpac_pixel_metrics_add_defects (CpacPixelMetrics *metrics, const float *map, guint map_width,
                                guint map_height, const guint8 *mask, guint width, guint height,
                                guint group)
{
  g_auto (CpacMapResize) resize = { 0 };
  g_autofree guint32 *labels = NULL;
  g_autofree float *row = NULL;

  g_return_if_fail (metrics->levels == NULL);
  g_return_if_fail (map_width > 0 && map_height > 0 && width > 0 && height > 0);
  g_return_if_fail ((guint64) width * height < G_MAXUINT32);

  labels = g_new (guint32, (gsize) width * height);
  row = g_new (float, width);
  cpac_regions_label (mask, width, height, labels, metrics->regions);
  count_regions (metrics, group);
  bins_of_group (metrics, group);
  cpac_map_resize_init (&resize, map_width, map_height, width, height);
  for (guint y = 0; y < height; y++) {
    cpac_map_resize_row (&resize, map, y, row);
    for (guint x = 0; x < width; x++) {
      guint32 label = labels[(gsize) y * width + x];
      CpacDefectPixel pixel = { row[x], 0, group };

      if (label == 0)
        continue;
      metrics->broken = metrics->broken || !isfinite (row[x]);
      pixel.region_size = g_array_index (metrics->regions, CpacRegion, label - 1).area;
      g_array_append_val (metrics->defects, pixel);
    }
  }
}

/* ---- Between the rounds: the distinct defect scores ---- */

/* By score; the rest only settles the order, so that sums do not depend on the pictures'. */
static gint
compare_pixels (gconstpointer a, gconstpointer b)
{
  const CpacDefectPixel *x = a, *y = b;

  if (x->score != y->score)
    return (x->score > y->score) - (x->score < y->score);
  return (x->region_size > y->region_size) - (x->region_size < y->region_size);
}

static void
make_levels (CpacPixelMetrics *metrics)
{
  guint64 n = metrics->defects->len;
  CpacPixelLevel top = { .score = INFINITY, .bin = CPAC_PIXEL_BINS, .first = n };
  float last = NAN;

  metrics->levels = g_array_new (FALSE, FALSE, sizeof (CpacPixelLevel));
  g_array_sort (metrics->defects, compare_pixels);
  for (gsize i = 0; i < n; i++) {
    float score = g_array_index (metrics->defects, CpacDefectPixel, i).score;
    CpacPixelLevel level = { .score = score, .first = i };

    if (score == last)
      continue;
    last = score;
    level.bin = (guint) (2 * (i * CPAC_PIXEL_QUANTILES / n) + 1);
    g_array_append_val (metrics->levels, level);
  }
  g_array_append_val (metrics->levels, top);
}

/* Rises with @score, so that the levels of a bucket lie side by side. */
static guint
bucket_of (const CpacPixelMetrics *metrics, float score)
{
  return (guint) (((double) score - level_at (metrics, 0)->score) * metrics->bucket_scale);
}

/* A table of equal steps leaves few levels to search whichever way the scores are spread. */
static void
make_buckets (CpacPixelMetrics *metrics)
{
  guint n_levels = metrics->levels->len - 1, next = 0;
  double span = (double) level_at (metrics, n_levels - 1)->score - level_at (metrics, 0)->score;

  metrics->n_buckets = MIN (n_levels, MAX_BUCKETS);
  metrics->bucket_scale = span > 0 ? (metrics->n_buckets - 1) / span : 0;
  metrics->buckets = g_new (guint, (gsize) metrics->n_buckets + 1);
  for (guint bucket = 0; bucket <= metrics->n_buckets; bucket++) {
    while (next < n_levels && bucket_of (metrics, level_at (metrics, next)->score) < bucket)
      next++;
    metrics->buckets[bucket] = next;
  }
}

static void
close_defects (CpacPixelMetrics *metrics)
{
  if (metrics->levels != NULL)
    return;
  if (metrics->broken)
    g_array_set_size (metrics->defects, 0);
  make_levels (metrics);
  if (metrics->defects->len > 0)
    make_buckets (metrics);
}

/* ---- Second round: the good pixels ---- */

/* The lowest level that is not below @score. */
static guint
find_level (const CpacPixelMetrics *metrics, float score)
{
  guint n_levels = metrics->levels->len - 1, low, high, bucket;

  if (n_levels == 0 || score <= level_at (metrics, 0)->score)
    return 0;
  if (score > level_at (metrics, n_levels - 1)->score)
    return n_levels;
  bucket = MIN (bucket_of (metrics, score), metrics->n_buckets - 1);
  low = metrics->buckets[bucket];
  high = metrics->buckets[bucket + 1];
  while (low < high) {
    guint middle = low + (high - low) / 2;

    if (level_at (metrics, middle)->score < score)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

static void
count_good (CpacPixelMetrics *metrics, float score, guint64 *bins)
{
  guint index = find_level (metrics, score);
  CpacPixelLevel *level = &g_array_index (metrics->levels, CpacPixelLevel, index);

  metrics->n_good++;
  if (score == level->score) {
    level->good_equal++;
    bins[level->bin]++;
  } else {
    gboolean opens_bin = index == 0 || level[-1].bin != level->bin;

    level->good_below++;
    bins[level->bin - (opens_bin ? 1 : 0)]++;
  }
}

void
cpac_pixel_metrics_add_good (CpacPixelMetrics *metrics, const float *map, guint map_width,
                             guint map_height, const guint8 *mask, guint width, guint height,
                             guint group)
{
  g_auto (CpacMapResize) resize = { 0 };
  g_autofree float *row = NULL;
  guint64 *bins;

  g_return_if_fail (map_width > 0 && map_height > 0 && width > 0 && height > 0);

  close_defects (metrics);
  bins = bins_of_group (metrics, group);
  row = g_new (float, width);
  cpac_map_resize_init (&resize, map_width, map_height, width, height);
  for (guint y = 0; y < height; y++) {
    const guint8 *mask_row = mask != NULL ? mask + (gsize) y * width : NULL;

    cpac_map_resize_row (&resize, map, y, row);
    for (guint x = 0; x < width; x++) {
      if (mask_row != NULL && mask_row[x] != 0)
        continue;
      if (isfinite (row[x]))
        count_good (metrics, row[x], bins);
      else
        metrics->broken = TRUE;
    }
  }
}

/* ---- The figures ---- */

static gboolean
has_figures (const CpacPixelMetrics *metrics)
{
  return !metrics->broken && metrics->n_good > 0 && metrics->defects->len > 0;
}

static gboolean
tally_pixels (const CpacPixelMetrics *metrics, CpacTally *tally)
{
  guint i;

  *tally = (CpacTally){ 0 };
  if (!has_figures (metrics))
    return FALSE;
  i = metrics->levels->len - 1;
  cpac_tally_step (tally, 0, level_at (metrics, i)->good_below);
  while (i-- > 0) {
    const CpacPixelLevel *level = level_at (metrics, i);

    cpac_tally_step (tally, level[1].first - level->first, level->good_equal);
    cpac_tally_step (tally, 0, level->good_below);
  }
  return TRUE;
}

double
cpac_pixel_metrics_auroc (const CpacPixelMetrics *metrics)
{
  CpacTally tally;

  return tally_pixels (metrics, &tally) ? cpac_tally_auroc (&tally) : NAN;
}

double
cpac_pixel_metrics_average_precision (const CpacPixelMetrics *metrics)
{
  CpacTally tally;

  return tally_pixels (metrics, &tally) ? cpac_tally_average_precision (&tally) : NAN;
}

/* Sum over the pixels of a level of 1 / (size of their region), regions below @max_pixels only. */
static double
level_overlap (const CpacPixelMetrics *metrics, const CpacPixelLevel *level, guint max_pixels)
{
  double overlap = 0;

  for (gsize i = level[0].first; i < level[1].first; i++) {
    guint32 size = g_array_index (metrics->defects, CpacDefectPixel, i).region_size;

    if (size < max_pixels)
      overlap += 1.0 / size;
  }
  return overlap;
}

static guint
count_small_regions (const CpacPixelMetrics *metrics, guint max_pixels)
{
  guint n = 0;

  for (guint i = 0; i < metrics->region_sizes->len; i++)
    n += g_array_index (metrics->region_sizes, guint32, i) < max_pixels ? 1 : 0;
  return n;
}

double
cpac_pixel_metrics_aupro_small (const CpacPixelMetrics *metrics, double limit, guint max_pixels)
{
  guint n_regions = count_small_regions (metrics, max_pixels), i;
  CpacOverlapCurve curve = { .limit = limit };
  guint64 passed;
  double overlap = 0;

  g_return_val_if_fail (limit > 0 && limit <= 1, NAN);

  if (n_regions == 0 || !has_figures (metrics))
    return NAN;
  i = metrics->levels->len - 1;
  passed = level_at (metrics, i)->good_below;
  cpac_overlap_curve_step (&curve, (double) passed / (double) metrics->n_good, 0);
  while (i-- > 0 && curve.rate < limit) {
    const CpacPixelLevel *level = level_at (metrics, i);

    overlap += level_overlap (metrics, level, max_pixels) / n_regions;
    passed += level->good_equal;
    cpac_overlap_curve_step (&curve, (double) passed / (double) metrics->n_good, overlap);
    passed += level->good_below;
    cpac_overlap_curve_step (&curve, (double) passed / (double) metrics->n_good, overlap);
  }
  return curve.area / limit;
}

double
cpac_pixel_metrics_aupro (const CpacPixelMetrics *metrics, double limit)
{
  return cpac_pixel_metrics_aupro_small (metrics, limit, G_MAXUINT32);
}

gsize
cpac_pixel_metrics_get_n_regions (const CpacPixelMetrics *metrics)
{
  return metrics->region_sizes->len;
}
