/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/explain/regions.h"
#include "core/score/metrics.h"
#include "core/score/tally.h"

/*
 * Kept per good pixel: 4 bytes, its score as a key that sorts like the float. Per defect pixel:
 * 8 bytes, the key in the high half and the size of its region in the low half; PRO needs no more,
 * since a pixel of a region of s pixels adds 1 / s to the sum over regions. Sorting the good pixels
 * takes another 4 bytes each while it lasts.
 */
struct _CpacPixelMetrics {
  guint32 *good; /* (n_good), sorted rising when @sorted */
  gsize n_good, good_capacity;
  guint64 *defects; /* (n_defects), likewise */
  gsize n_defects, defects_capacity;
  GArray *region_sizes; /* guint32 */
  GArray *regions;      /* CpacRegion, of the picture being added */
  gboolean sorted;
  gboolean broken; /* a score was not finite: no figure exists */
};

/* Steps down the distinct scores. */
typedef struct {
  gsize good_left, defects_left; /* not yet passed: the lowest ones */
  gsize good, defects;           /* in this step; the latter start at @defects_left */
} Walk;

/* Where one output pixel lies between two input pixels. */
typedef struct {
  guint before, after;
  double weight; /* of @after */
} Tap;

CpacPixelMetrics *
cpac_pixel_metrics_new (void)
{
  CpacPixelMetrics *metrics = g_new0 (CpacPixelMetrics, 1);

  metrics->region_sizes = g_array_new (FALSE, FALSE, sizeof (guint32));
  metrics->regions = g_array_new (FALSE, FALSE, sizeof (CpacRegion));
  return metrics;
}

void
cpac_pixel_metrics_free (CpacPixelMetrics *metrics)
{
  if (metrics == NULL)
    return;
  g_free (metrics->good);
  g_free (metrics->defects);
  g_array_unref (metrics->region_sizes);
  g_array_unref (metrics->regions);
  g_free (metrics);
}

/* Half-pixel centres; beyond the outermost centres the edge pixel repeats. */
static Tap *
make_taps (guint n_in, guint n_out)
{
  Tap *taps = g_new (Tap, n_out);

  for (guint i = 0; i < n_out; i++) {
    double position = CLAMP ((i + 0.5) * n_in / n_out - 0.5, 0, n_in - 1.0);

    taps[i].before = (guint) position;
    taps[i].after = MIN (taps[i].before + 1, n_in - 1);
    taps[i].weight = position - taps[i].before;
  }
  return taps;
}

static float
sample_map (const float *map, guint map_width, const Tap *row, const Tap *column)
{
  const float *above = map + (gsize) row->before * map_width;
  const float *below = map + (gsize) row->after * map_width;
  double top = above[column->before] +
               column->weight * ((double) above[column->after] - above[column->before]);
  double bottom = below[column->before] +
                  column->weight * ((double) below[column->after] - below[column->before]);

  return (float) (top + row->weight * (bottom - top));
}

/* Unsigned integers in the order of the floats; both zeros are one score. */
static guint32
score_key (float score)
{
  guint32 bits;

  score += 0.0f;
  memcpy (&bits, &score, sizeof bits);
  return bits & 0x80000000u ? ~bits : bits | 0x80000000u;
}

/* Room for @n more elements of @size bytes after the first @used. */
static gpointer
reserve (gpointer data, gsize *capacity, gsize used, gsize n, gsize size)
{
  if (n <= *capacity - used)
    return data;
  *capacity = MAX (used + n, *capacity + *capacity / 2);
  return g_realloc_n (data, *capacity, size);
}

static void
reserve_pixels (CpacPixelMetrics *metrics, gsize n_pixels, gsize n_defects)
{
  metrics->good = reserve (metrics->good, &metrics->good_capacity, metrics->n_good,
                           n_pixels - n_defects, sizeof *metrics->good);
  metrics->defects = reserve (metrics->defects, &metrics->defects_capacity, metrics->n_defects,
                              n_defects, sizeof *metrics->defects);
}

/* Returns the label picture, NULL for a good one, and counts the defect pixels. */
static guint32 *
label_mask (CpacPixelMetrics *metrics, const guint8 *mask, guint width, guint height,
            gsize *n_defects)
{
  guint32 *labels;

  *n_defects = 0;
  if (mask == NULL)
    return NULL;
  labels = g_new (guint32, (gsize) width * height);
  cpac_regions_label (mask, width, height, labels, metrics->regions);
  for (guint i = 0; i < metrics->regions->len; i++) {
    guint32 area = g_array_index (metrics->regions, CpacRegion, i).area;

    g_array_append_val (metrics->region_sizes, area);
    *n_defects += area;
  }
  return labels;
}

void
cpac_pixel_metrics_add (CpacPixelMetrics *metrics, const float *map, guint map_width,
                        guint map_height, const guint8 *mask, guint width, guint height)
{
  g_autofree Tap *rows = NULL, *columns = NULL;
  g_autofree guint32 *labels = NULL;
  gsize n_defects;

  g_return_if_fail (map_width > 0 && map_height > 0 && width > 0 && height > 0);
  g_return_if_fail ((guint64) width * height < G_MAXUINT32);

  rows = make_taps (map_height, height);
  columns = make_taps (map_width, width);
  labels = label_mask (metrics, mask, width, height, &n_defects);
  reserve_pixels (metrics, (gsize) width * height, n_defects);
  metrics->sorted = FALSE;
  for (guint y = 0; y < height; y++) {
    for (guint x = 0; x < width; x++) {
      float score = sample_map (map, map_width, &rows[y], &columns[x]);
      guint32 key = score_key (score);
      guint32 label = labels != NULL ? labels[(gsize) y * width + x] : 0;

      metrics->broken = metrics->broken || !isfinite (score);
      if (label == 0)
        metrics->good[metrics->n_good++] = key;
      else
        metrics->defects[metrics->n_defects++] =
            (guint64) key << 32 | g_array_index (metrics->regions, CpacRegion, label - 1).area;
    }
  }
}

static int
compare_uint64 (const void *a, const void *b)
{
  guint64 x = *(const guint64 *) a, y = *(const guint64 *) b;

  return (x > y) - (x < y);
}

/* One stable pass by the byte at @shift. */
static void
radix_pass (const guint32 *in, guint32 *out, gsize n, guint shift)
{
  gsize next[256] = { 0 }, start = 0;

  for (gsize i = 0; i < n; i++)
    next[in[i] >> shift & 0xff]++;
  for (guint digit = 0; digit < 256; digit++) {
    gsize count = next[digit];

    next[digit] = start;
    start += count;
  }
  for (gsize i = 0; i < n; i++)
    out[next[in[i] >> shift & 0xff]++] = in[i];
}

static void
sort_pixels (CpacPixelMetrics *metrics)
{
  g_autofree guint32 *scratch = NULL;

  if (metrics->sorted)
    return;
  scratch = g_new (guint32, metrics->n_good);
  for (guint shift = 0; shift < 32; shift += 16) {
    radix_pass (metrics->good, scratch, metrics->n_good, shift);
    radix_pass (scratch, metrics->good, metrics->n_good, shift + 8);
  }
  if (metrics->n_defects > 0)
    qsort (metrics->defects, metrics->n_defects, sizeof *metrics->defects, compare_uint64);
  metrics->sorted = TRUE;
}

/* FALSE when the figures are undefined. */
static gboolean
walk_start (CpacPixelMetrics *metrics, Walk *walk)
{
  if (metrics->broken || metrics->n_good == 0 || metrics->n_defects == 0)
    return FALSE;
  sort_pixels (metrics);
  *walk = (Walk){ .good_left = metrics->n_good, .defects_left = metrics->n_defects };
  return TRUE;
}

/* Moves on to the next lower score; FALSE at the end. */
static gboolean
walk_next (const CpacPixelMetrics *metrics, Walk *walk)
{
  guint32 key = 0;

  walk->good = walk->defects = 0;
  if (walk->good_left > 0)
    key = metrics->good[walk->good_left - 1];
  if (walk->defects_left > 0)
    key = MAX (key, (guint32) (metrics->defects[walk->defects_left - 1] >> 32));
  for (; walk->good_left > 0 && metrics->good[walk->good_left - 1] == key; walk->good_left--)
    walk->good++;
  for (; walk->defects_left > 0 && metrics->defects[walk->defects_left - 1] >> 32 == key;
       walk->defects_left--)
    walk->defects++;
  return walk->good + walk->defects > 0;
}

static gboolean
tally_pixels (CpacPixelMetrics *metrics, CpacTally *tally)
{
  Walk walk;

  *tally = (CpacTally){ 0 };
  if (!walk_start (metrics, &walk))
    return FALSE;
  while (walk_next (metrics, &walk))
    cpac_tally_step (tally, walk.defects, walk.good);
  return TRUE;
}

double
cpac_pixel_metrics_auroc (CpacPixelMetrics *metrics)
{
  CpacTally tally;

  return tally_pixels (metrics, &tally) ? cpac_tally_auroc (&tally) : NAN;
}

double
cpac_pixel_metrics_average_precision (CpacPixelMetrics *metrics)
{
  CpacTally tally;

  return tally_pixels (metrics, &tally) ? cpac_tally_average_precision (&tally) : NAN;
}

/* Sum over this step's pixels of 1 / (size of their region), regions below @max_pixels only. */
static double
step_overlap (const CpacPixelMetrics *metrics, const Walk *walk, guint max_pixels)
{
  double overlap = 0;

  for (gsize i = 0; i < walk->defects; i++) {
    guint32 size = (guint32) metrics->defects[walk->defects_left + i];

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
cpac_pixel_metrics_aupro_small (CpacPixelMetrics *metrics, double limit, guint max_pixels)
{
  guint n_regions = count_small_regions (metrics, max_pixels);
  double area = 0, rate = 0, overlap = 0;
  Walk walk;

  g_return_val_if_fail (limit > 0 && limit <= 1, NAN);

  if (n_regions == 0 || !walk_start (metrics, &walk))
    return NAN;
  while (rate < limit && walk_next (metrics, &walk)) {
    double next_rate = 1 - (double) walk.good_left / (double) metrics->n_good;
    double next_overlap = overlap + step_overlap (metrics, &walk, max_pixels) / n_regions;

    if (next_rate > limit) {
      next_overlap = overlap + (next_overlap - overlap) * (limit - rate) / (next_rate - rate);
      next_rate = limit;
    }
    area += (next_rate - rate) * (overlap + next_overlap) / 2;
    rate = next_rate;
    overlap = next_overlap;
  }
  return area / limit;
}

double
cpac_pixel_metrics_aupro (CpacPixelMetrics *metrics, double limit)
{
  return cpac_pixel_metrics_aupro_small (metrics, limit, G_MAXUINT32);
}

gsize
cpac_pixel_metrics_get_n_regions (const CpacPixelMetrics *metrics)
{
  return metrics->region_sizes->len;
}
