/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The heat map and the contours of its regions. */

#include <math.h>

#include "plugin/enlarge.h"
#include "plugin/overlay-painter.h"
#include "plugin/place.h"

/* Pixels on a side of what is skipped when nothing glows in it. */
#define BLOCK 64

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

static CpacPoint
to_canvas (const GstCpacCanvas *canvas, const CpacPoint *point)
{
  return (CpacPoint){ CLAMP (point->x, 0, 1) * canvas->width,
                      CLAMP (point->y, 0, 1) * canvas->height };
}

static void
add_path (GstCpacPainter *painter, const CpacContour *contour)
{
  const GstCpacCanvas *canvas = painter->canvas;
  CpacPoint last = to_canvas (canvas, &contour->points[contour->n_points - 1]);

  cairo_new_path (canvas->cairo);
  for (guint i = 0; i < contour->n_points; i++) {
    CpacPoint point = to_canvas (canvas, &contour->points[i]);

    cairo_line_to (canvas->cairo, point.x, point.y);
    gst_cpac_painter_mark_line (painter, last.x, last.y, point.x, point.y);
    last = point;
  }
  cairo_close_path (canvas->cairo);
}

void
gst_cpac_paint_contours (GstCpacPainter *painter, const CpacInspection *inspection)
{
  for (guint k = 0; k < inspection->n_contours; k++) {
    add_path (painter, &inspection->contours[k]);
    gst_cpac_painter_stroke (painter);
  }
}
