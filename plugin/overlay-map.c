/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The heat map and its contours. */

#include <math.h>

#include "core/explain/regions.h"
#include "plugin/enlarge.h"
#include "plugin/overlay-painter.h"
#include "plugin/place.h"

/* Pixels on a side of what is skipped when nothing glows in it. */
#define BLOCK 64

/* Below any level of the map. */
#define OUTSIDE -1.0f

/* @value on the 8-bit scale of the map. */
static double
level_of (const CpacInspection *inspection, double value)
{
  double range = inspection->heatmap_max - inspection->heatmap_min;
  double level = (value - inspection->heatmap_min) / range * 255;

  return isfinite (level) ? CLAMP (level, 0, 255) : 255;
}

/* Cells up to @value are at most at this level, those above it at least, as the map was rounded. */
static guint
round_level (const CpacInspection *inspection, double value)
{
  return (guint) (level_of (inspection, value) + 0.5);
}

static guint32
multiply (const GstCpacColor *color, double alpha)
{
  guint32 a = (guint32) (alpha * 255 + 0.5);

  return a << 24 | (guint32) (color->r * alpha + 0.5) << 16 |
         (guint32) (color->g * alpha + 0.5) << 8 | (guint32) (color->b * alpha + 0.5);
}

/* Colour and alpha of each level; returns the highest one that is transparent. */
static gint
fill_table (guint32 table[256], const CpacInspection *inspection, GstCpacColormap colormap,
            double opacity)
{
  const GstCpacColor *colors = gst_cpac_colormap_get (colormap);
  gint full = (gint) round_level (inspection, inspection->threshold);
  gint floor = MIN ((gint) round_level (inspection, inspection->warn_threshold), full - 1);

  for (gint i = 0; i < 256; i++) {
    double share = CLAMP ((i - floor) / (double) (full - floor), 0, 1);

    table[i] = multiply (&colors[i], share * opacity);
  }
  return floor;
}

/* @x, @y: of the block in the map's place. */
static void
paint_block (GstCpacPainter *painter, const GstCpacEnlarger *enlarger, const CpacRect *place,
             const guint32 table[256], guint16 *scratch, guint x, guint y)
{
  GstCpacCanvas *canvas = painter->canvas;
  guint width = MIN (BLOCK, place->width - x), height = MIN (BLOCK, place->height - y);
  guint left = place->x + x, top = place->y + y;
  guint8 levels[BLOCK];

  for (guint i = 0; i < height; i++) {
    guint32 *pixels = canvas->pixels + (top + i) * canvas->stride + left;

    gst_cpac_enlarger_read (enlarger, y + i, x, width, scratch, levels);
    for (guint j = 0; j < width; j++)
      pixels[j] = table[levels[j]];
  }
  gst_cpac_canvas_mark (canvas, left, top, left + width, top + height);
}

void
gst_cpac_paint_glow (GstCpacPainter *painter, const CpacInspection *inspection,
                     GstCpacColormap colormap, double opacity)
{
  CpacRect place =
      gst_cpac_place_region (inspection, painter->canvas->width, painter->canvas->height);
  g_autofree guint16 *scratch = g_new (guint16, inspection->map_width);
  GstCpacEnlarger enlarger;
  guint32 table[256];
  gint floor = fill_table (table, inspection, colormap, opacity);

  gst_cpac_enlarger_init (&enlarger, inspection->heatmap, inspection->map_width,
                          inspection->map_height, place.width, place.height);
  cairo_surface_flush (cairo_get_target (painter->canvas->cairo));
  for (guint y = 0; y < place.height; y += BLOCK)
    for (guint x = 0; x < place.width; x += BLOCK)
      if (gst_cpac_enlarger_get_peak (&enlarger, x, y, MIN (BLOCK, place.width - x),
                                      MIN (BLOCK, place.height - y)) > floor)
        paint_block (painter, &enlarger, &place, table, scratch, x, y);
  cairo_surface_mark_dirty (cairo_get_target (painter->canvas->cairo));
}

static void
prepare_contours (GstCpacPainter *painter, const CpacInspection *inspection)
{
  gsize n = (gsize) inspection->map_width * inspection->map_height;

  if (painter->contours != NULL && painter->map_width == inspection->map_width &&
      painter->map_height == inspection->map_height)
    return;
  cpac_contours_free (painter->contours);
  painter->map_width = inspection->map_width;
  painter->map_height = inspection->map_height;
  painter->contours = cpac_contours_new (painter->map_width, painter->map_height);
  painter->levels = g_renew (float, painter->levels, n);
  painter->mask = g_renew (guint8, painter->mask, n);
  painter->labels = g_renew (guint32, painter->labels, n);
}

/* The cell in which the peak of @region lies. */
static gsize
find_peak (const CpacInspection *inspection, const CpacDefectRegion *region)
{
  const CpacRect *rect = &inspection->region;
  double x = (region->peak_x * inspection->width - rect->x) / MAX (rect->width, 1);
  double y = (region->peak_y * inspection->height - rect->y) / MAX (rect->height, 1);
  guint width = inspection->map_width, height = inspection->map_height;
  double column = CLAMP (x * width, 0, width - 1), row = CLAMP (y * height, 0, height - 1);

  return isfinite (column) && isfinite (row) ? (gsize) row * width + (gsize) column : 0;
}

/* Fills the levels with those of the cells that belong to regions in the metadata: what is too
 * small to be listed, or ignored, has no contour either. */
static void
keep_listed (GstCpacPainter *painter, const CpacInspection *inspection, guint first)
{
  gsize n = (gsize) painter->map_width * painter->map_height;
  guint n_labels;
  g_autofree gboolean *is_listed = NULL;

  for (gsize i = 0; i < n; i++)
    painter->mask[i] = inspection->heatmap[i] >= first;
  n_labels = cpac_regions_label (painter->mask, painter->map_width, painter->map_height,
                                 painter->labels, NULL);
  is_listed = g_new0 (gboolean, n_labels + 1);
  for (guint i = 0; i < inspection->n_regions; i++)
    is_listed[painter->labels[find_peak (inspection, &inspection->regions[i])]] = TRUE;
  for (gsize i = 0; i < n; i++) {
    gboolean hidden = painter->mask[i] && !is_listed[painter->labels[i]];

    painter->levels[i] = hidden ? OUTSIDE : inspection->heatmap[i];
  }
}

/* A polygon in cells, as a path over @place. */
static void
add_path (GstCpacPainter *painter, const CpacPoint *points, guint n, const CpacRect *place)
{
  cairo_t *cairo = painter->canvas->cairo;
  double x_scale = (double) place->width / painter->map_width;
  double y_scale = (double) place->height / painter->map_height;
  double last_x = place->x + points[n - 1].x * x_scale;
  double last_y = place->y + points[n - 1].y * y_scale;

  cairo_new_path (cairo);
  for (guint i = 0; i < n; i++) {
    double x = place->x + points[i].x * x_scale, y = place->y + points[i].y * y_scale;

    cairo_line_to (cairo, x, y);
    gst_cpac_painter_mark_line (painter, last_x, last_y, x, y);
    last_x = x;
    last_y = y;
  }
  cairo_close_path (cairo);
}

void
gst_cpac_paint_contours (GstCpacPainter *painter, const CpacInspection *inspection)
{
  CpacRect place =
      gst_cpac_place_region (inspection, painter->canvas->width, painter->canvas->height);
  guint first = round_level (inspection, inspection->threshold), n;

  if (inspection->n_regions == 0)
    return;
  prepare_contours (painter, inspection);
  keep_listed (painter, inspection, first);
  n = cpac_contours_trace (painter->contours, painter->levels, painter->map_width,
                           painter->map_height, first - 0.5);
  for (guint k = 0; k < n; k++) {
    guint n_points;
    const CpacPoint *points = cpac_contours_get_polygon (painter->contours, k, &n_points);

    add_path (painter, points, n_points, &place);
    gst_cpac_painter_stroke (painter);
  }
}
