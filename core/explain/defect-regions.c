/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/explain/defect-regions.h"

#include <math.h>
#include <string.h>

#include "core/explain/contours.h"
#include "core/explain/regions.h"
#include "core/kernels/rows.h"

/* Most regions for which room is made beforehand: maps of up to 512x512 cells hold no more. */
#define MAX_RESERVED_REGIONS 65536

/* What is summed up over the cells of a region. */
typedef struct {
  double largest;
  guint peak_x, peak_y;
  double sum_x, sum_y; /* of the cells' indices */
  guint id;            /* among the regions that are listed, from 1; 0: it is not */
} Measure;

struct _CpacRegionFinder {
  guint width, height;
  guint top, bottom; /* rows that are looked at: all that have a cell above the threshold */
  guint8 *mask;      /* (height, width), as are the labels; of rows that are looked at */
  guint32 *labels;
  GArray *cells;    /* (element-type CpacRegion) */
  GArray *measures; /* (element-type Measure) */
  GArray *regions;  /* (element-type CpacDefectRegion) */

  float *listed; /* (height, width): the map without what belongs to no listed region */
  CpacContours *tracer;
  CpacPoint *points;     /* (CPAC_CONTOURS_MAX_POINTS) */
  CpacContour *contours; /* (CPAC_CONTOURS_MAX_POLYGONS) */
  guint n_contours, n_omitted;
};

CpacRegionFinder *
cpac_region_finder_new (guint map_width, guint map_height)
{
  CpacRegionFinder *finder = g_new0 (CpacRegionFinder, 1);
  gsize n_cells = (gsize) map_width * map_height;
  /* At most one region in every 2x2 cells. */
  guint64 most = ((guint64) map_width + 1) / 2 * (((guint64) map_height + 1) / 2);
  guint n = (guint) MIN (most, MAX_RESERVED_REGIONS);

  finder->width = map_width;
  finder->height = map_height;
  finder->mask = g_new0 (guint8, n_cells);
  finder->labels = g_new0 (guint32, n_cells);
  finder->cells = g_array_sized_new (FALSE, FALSE, sizeof (CpacRegion), n);
  finder->measures = g_array_sized_new (FALSE, FALSE, sizeof (Measure), n);
  finder->regions = g_array_sized_new (FALSE, FALSE, sizeof (CpacDefectRegion), n);
  finder->listed = g_new0 (float, n_cells);
  finder->tracer = cpac_contours_new (map_width, map_height);
  finder->points = g_new0 (CpacPoint, CPAC_CONTOURS_MAX_POINTS);
  finder->contours = g_new0 (CpacContour, CPAC_CONTOURS_MAX_POLYGONS);
  return finder;
}

void
cpac_region_finder_free (CpacRegionFinder *finder)
{
  if (finder == NULL)
    return;
  g_free (finder->mask);
  g_free (finder->labels);
  g_array_unref (finder->cells);
  g_array_unref (finder->measures);
  g_array_unref (finder->regions);
  g_free (finder->listed);
  cpac_contours_free (finder->tracer);
  g_free (finder->points);
  g_free (finder->contours);
  g_free (finder);
}

static void
add_cell (Measure *measure, double value, guint x, guint y)
{
  if (value > measure->largest) {
    measure->largest = value;
    measure->peak_x = x;
    measure->peak_y = y;
  }
  measure->sum_x += x;
  measure->sum_y += y;
}

static void
measure_regions (CpacRegionFinder *finder, const float *map, guint n_regions)
{
  g_array_set_size (finder->measures, n_regions);
  for (guint k = 0; k < n_regions; k++)
    g_array_index (finder->measures, Measure, k) = (Measure){ .largest = -INFINITY };
  for (guint y = finder->top; y < finder->bottom; y++)
    for (guint x = 0; x < finder->width; x++) {
      gsize at = (gsize) y * finder->width + x;

      if (finder->labels[at] != 0)
        add_cell (&g_array_index (finder->measures, Measure, finder->labels[at] - 1), map[at], x,
                  y);
    }
}

static CpacDefectRegion
region_in_frame (const CpacMapPlace *place, const CpacRegion *cells, const Measure *measure)
{
  double cell_width = (double) place->rect.width / place->map_width;
  double cell_height = (double) place->rect.height / place->map_height;
  double centre_x = measure->sum_x / cells->area + 0.5,
         centre_y = measure->sum_y / cells->area + 0.5;

  return (CpacDefectRegion){
    .x = cpac_map_place_get_x (place, cells->x) / place->width,
    .y = cpac_map_place_get_y (place, cells->y) / place->height,
    .width = cells->width * cell_width / place->width,
    .height = cells->height * cell_height / place->height,
    .score = measure->largest,
    .area = cells->area * cell_width * cell_height,
    .centroid_x = cpac_map_place_get_x (place, centre_x) / place->width,
    .centroid_y = cpac_map_place_get_y (place, centre_y) / place->height,
    .peak_x = cpac_map_place_get_x (place, measure->peak_x + 0.5) / place->width,
    .peak_y = cpac_map_place_get_y (place, measure->peak_y + 0.5) / place->height,
  };
}

/* The regions of at least @min_area. */
static void
list_regions (CpacRegionFinder *finder, const CpacMapPlace *place, double min_area)
{
  for (guint k = 0; k < finder->cells->len; k++) {
    Measure *measure = &g_array_index (finder->measures, Measure, k);
    CpacDefectRegion region =
        region_in_frame (place, &g_array_index (finder->cells, CpacRegion, k), measure);

    if (region.area < min_area)
      continue;
    g_array_append_val (finder->regions, region);
    measure->id = finder->regions->len;
  }
}

/* The region that a cell above the threshold belongs to; 0: to none that is listed. */
static guint
get_id (const CpacRegionFinder *finder, gsize cell)
{
  guint32 label = finder->labels[cell];

  return label > 0 ? g_array_index (finder->measures, Measure, label - 1).id : 0;
}

static void
trace_regions (CpacRegionFinder *finder, const float *map, double threshold,
               const CpacMapPlace *place)
{
  gsize end = (gsize) finder->width * finder->bottom;
  CpacPoint *points = finder->points;

  memcpy (finder->listed, map, (gsize) finder->width * finder->height * sizeof (float));
  for (gsize i = (gsize) finder->width * finder->top; i < end; i++)
    if (map[i] > threshold && get_id (finder, i) == 0)
      finder->listed[i] = -INFINITY;
  finder->n_contours = cpac_contours_trace (finder->tracer, finder->listed, finder->width,
                                            finder->height, threshold);
  finder->n_omitted = cpac_contours_get_n_omitted (finder->tracer);
  for (guint k = 0; k < finder->n_contours; k++) {
    guint n_points;
    const CpacPoint *cells = cpac_contours_get_polygon (finder->tracer, k, &n_points);

    finder->contours[k] = (CpacContour){
      .region_id = get_id (finder, cpac_contours_get_cell (finder->tracer, k)),
      .n_points = n_points,
      .points = points,
    };
    for (guint i = 0; i < n_points; i++, points++)
      *points = (CpacPoint){ MIN (cpac_map_place_get_x (place, cells[i].x) / place->width, 1),
                             MIN (cpac_map_place_get_y (place, cells[i].y) / place->height, 1) };
  }
}

/* FALSE: no cell is above the threshold. */
static gboolean
find_rows (CpacRegionFinder *finder, const float *map, double threshold)
{
  const CpacRowKernels *kernels = cpac_row_kernels_any ();
  gsize width = finder->width;

  finder->top = 0;
  finder->bottom = finder->height;
  if (!(kernels->largest (width * finder->height, map) > threshold))
    return FALSE;
  while (finder->top + 1 < finder->bottom &&
         !(kernels->largest (width, map + finder->top * width) > threshold))
    finder->top++;
  while (finder->top + 1 < finder->bottom &&
         !(kernels->largest (width, map + (finder->bottom - 1) * width) > threshold))
    finder->bottom--;
  return TRUE;
}

/* FALSE: all cells above the threshold are ignored. */
static gboolean
mark_cells (CpacRegionFinder *finder, const float *map, double threshold, const guint8 *ignored)
{
  gsize end = (gsize) finder->bottom * finder->width;
  guint8 any = 0;

  for (gsize i = (gsize) finder->top * finder->width; i < end; i++)
    any |= finder->mask[i] = map[i] > threshold && (ignored == NULL || !ignored[i]);
  return any != 0;
}

static void
label_cells (CpacRegionFinder *finder, const float *map)
{
  gsize begin = (gsize) finder->top * finder->width;
  guint n = cpac_regions_label (finder->mask + begin, finder->width, finder->bottom - finder->top,
                                finder->labels + begin, finder->cells);

  for (guint k = 0; k < n; k++)
    g_array_index (finder->cells, CpacRegion, k).y += finder->top;
  measure_regions (finder, map, n);
}

const GArray *
cpac_region_finder_find (CpacRegionFinder *finder, const float *map, double threshold,
                         const guint8 *ignored, const CpacMapPlace *place, double min_area)
{
  g_assert (place->map_width == finder->width && place->map_height == finder->height);
  g_array_set_size (finder->regions, 0);
  finder->n_contours = finder->n_omitted = 0;
  if (!find_rows (finder, map, threshold) || !mark_cells (finder, map, threshold, ignored))
    return finder->regions;
  label_cells (finder, map);
  list_regions (finder, place, min_area);
  if (finder->regions->len > 0)
    trace_regions (finder, map, threshold, place);
  return finder->regions;
}

const CpacContour *
cpac_region_finder_get_contours (const CpacRegionFinder *finder, guint *n, guint *n_omitted)
{
  *n = finder->n_contours;
  *n_omitted = finder->n_omitted;
  return finder->contours;
}
