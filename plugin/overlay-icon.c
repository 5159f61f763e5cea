/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "plugin/overlay-icon.h"

#include <math.h>

static const GstCpacIcon icons[CPAC_N_VERDICTS] = {
  [CPAC_VERDICT_UNDEFINED] = { GST_CPAC_SHAPE_DIAMOND, 0x9a9a9a, 0x000000 },
  [CPAC_VERDICT_OK] = { GST_CPAC_SHAPE_CIRCLE, 0x009e73, 0xffffff },
  [CPAC_VERDICT_NOT_OK] = { GST_CPAC_SHAPE_OCTAGON, 0xd55e00, 0xffffff },
  [CPAC_VERDICT_NOT_DECIDABLE] = { GST_CPAC_SHAPE_TRIANGLE, 0xf0e442, 0x000000 },
};

const GstCpacIcon *
gst_cpac_icon_get (CpacVerdict verdict)
{
  return &icons[verdict];
}

void
gst_cpac_icon_set_color (cairo_t *cairo, guint32 color)
{
  cairo_set_source_rgb (cairo, (color >> 16) / 255.0, (color >> 8 & 255) / 255.0,
                        (color & 255) / 255.0);
}

/* Corners on a circle of radius 1, the first one @turn from the right on. */
static void
add_polygon (cairo_t *cairo, guint n, double turn)
{
  for (guint i = 0; i < n; i++)
    cairo_line_to (cairo, cos (turn + 2 * G_PI * i / n), sin (turn + 2 * G_PI * i / n));
  cairo_close_path (cairo);
}

static void
add_shape (const GstCpacIcon *icon, cairo_t *cairo)
{
  switch (icon->shape) {
    case GST_CPAC_SHAPE_CIRCLE:
      cairo_arc (cairo, 0, 0, 1, 0, 2 * G_PI);
      break;
    case GST_CPAC_SHAPE_OCTAGON:
      add_polygon (cairo, 8, G_PI / 8);
      break;
    case GST_CPAC_SHAPE_TRIANGLE:
      add_polygon (cairo, 3, -G_PI / 2);
      break;
    case GST_CPAC_SHAPE_DIAMOND:
      add_polygon (cairo, 4, 0);
      break;
  }
}

static void
add_sign (const GstCpacIcon *icon, cairo_t *cairo)
{
  switch (icon->shape) {
    case GST_CPAC_SHAPE_CIRCLE:
      cairo_move_to (cairo, -0.45, 0.05);
      cairo_line_to (cairo, -0.12, 0.4);
      cairo_line_to (cairo, 0.5, -0.35);
      break;
    case GST_CPAC_SHAPE_OCTAGON:
      cairo_move_to (cairo, -0.4, -0.4);
      cairo_line_to (cairo, 0.4, 0.4);
      cairo_move_to (cairo, 0.4, -0.4);
      cairo_line_to (cairo, -0.4, 0.4);
      break;
    case GST_CPAC_SHAPE_TRIANGLE:
      cairo_move_to (cairo, 0, -0.45);
      cairo_line_to (cairo, 0, 0.1);
      cairo_move_to (cairo, 0, 0.33);
      cairo_line_to (cairo, 0, 0.36);
      break;
    case GST_CPAC_SHAPE_DIAMOND:
      cairo_move_to (cairo, -0.4, 0);
      cairo_line_to (cairo, 0.4, 0);
      break;
  }
}

void
gst_cpac_icon_draw (const GstCpacIcon *icon, cairo_t *cairo, double x, double y, double radius)
{
  cairo_save (cairo);
  cairo_translate (cairo, x, y);
  cairo_scale (cairo, radius, radius);
  cairo_new_path (cairo);
  add_shape (icon, cairo);
  gst_cpac_icon_set_color (cairo, icon->foreground);
  cairo_fill (cairo);
  add_sign (icon, cairo);
  cairo_set_line_width (cairo, 0.24);
  cairo_set_line_cap (cairo, CAIRO_LINE_CAP_ROUND);
  gst_cpac_icon_set_color (cairo, icon->background);
  cairo_stroke (cairo);
  cairo_restore (cairo);
}
