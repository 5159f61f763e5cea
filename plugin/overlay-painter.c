/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "plugin/overlay-painter.h"

#include <math.h>
#include <string.h>

/* Letters are 1/32 of the frame's height, but can be read on small frames, too. */
#define EMS_A_FRAME 32.0
#define MIN_EM 10.0
#define LINES_A_FRAME 400.0
/* Of a line of text: heights of its letters, and what is worth looking at. */
#define MAX_LINE 24.0
#define MAX_BYTES 256
/* How far a corner may reach, in halves of its line's width; a sharper one is cut off. */
#define MAX_MITER 2.0
/* Larger numbers have an exponent. */
#define MAX_PLAIN 1e6

gboolean
gst_cpac_painter_resize (GstCpacPainter *painter, guint width, guint height)
{
  GstCpacCanvas *canvas = painter->canvas;

  if (canvas != NULL && canvas->width == width && canvas->height == height)
    return TRUE;
  gst_cpac_canvas_free (canvas);
  painter->canvas = gst_cpac_canvas_new (width, height);
  if (painter->canvas == NULL)
    return FALSE;
  pango_cairo_update_context (painter->canvas->cairo, painter->pango);
  painter->em = MAX (height / EMS_A_FRAME, MIN_EM);
  painter->line = MAX (round (height / LINES_A_FRAME), 1);
  return TRUE;
}

GstCpacPainter *
gst_cpac_painter_new (guint width, guint height)
{
  g_autoptr (GstCpacPainter) painter = g_new0 (GstCpacPainter, 1);
  /* Pango's default font map belongs to a thread, and threads come and go with states. */
  PangoFontMap *fonts = pango_cairo_font_map_new ();

  painter->pango = pango_font_map_create_context (fonts);
  g_object_unref (fonts);
  return gst_cpac_painter_resize (painter, width, height) ? g_steal_pointer (&painter) : NULL;
}

void
gst_cpac_painter_free (GstCpacPainter *painter)
{
  if (painter == NULL)
    return;
  gst_cpac_canvas_free (painter->canvas);
  g_object_unref (painter->pango);
  g_free (painter);
}

void
gst_cpac_painter_stroke (GstCpacPainter *painter)
{
  cairo_t *cairo = painter->canvas->cairo;

  cairo_set_line_join (cairo, CAIRO_LINE_JOIN_MITER);
  cairo_set_miter_limit (cairo, MAX_MITER);
  cairo_set_line_width (cairo, 3 * painter->line);
  cairo_set_source_rgba (cairo, 0, 0, 0, 0.7);
  cairo_stroke_preserve (cairo);
  cairo_set_line_width (cairo, painter->line);
  cairo_set_source_rgb (cairo, 1, 1, 1);
  cairo_stroke (cairo);
}

void
gst_cpac_painter_mark_line (GstCpacPainter *painter, double x0, double y0, double x1, double y1)
{
  /* Half of the dark line's width, more at a corner, and a pixel of antialiasing. */
  double reach = MAX_MITER * 1.5 * painter->line + 1;

  gst_cpac_canvas_mark (painter->canvas, MIN (x0, x1) - reach, MIN (y0, y1) - reach,
                        MAX (x0, x1) + reach, MAX (y0, y1) + reach);
}

void
gst_cpac_painter_begin_plate (GstCpacPainter *painter, double x, double y, double width,
                              double height)
{
  cairo_t *cairo = painter->canvas->cairo;

  cairo_save (cairo);
  cairo_new_path (cairo);
  cairo_rectangle (cairo, floor (x), floor (y), ceil (width), ceil (height));
  cairo_clip (cairo);
  gst_cpac_canvas_mark (painter->canvas, x, y, x + width + 1, y + height + 1);
  cairo_set_source_rgba (cairo, 0, 0, 0, 0.7);
  cairo_paint (cairo);
}

char *
gst_cpac_painter_format (double value)
{
  static const char *const formats[] = { "%.0f", "%.1f", "%.2f", "%.3f", "%.4f" };
  char number[G_ASCII_DTOSTR_BUF_SIZE];
  double size = fabs (value), decimals = size > 0 ? 2 - floor (log10 (size)) : 2;
  gboolean is_plain = size < MAX_PLAIN && decimals < G_N_ELEMENTS (formats);
  const char *format = is_plain ? formats[(guint) MAX (decimals, 0)] : "%.3g";

  return g_strdup (g_ascii_formatd (number, sizeof number, format, value));
}

PangoLayout *
gst_cpac_painter_layout (GstCpacPainter *painter, const char *text, double size, gboolean bold)
{
  PangoLayout *layout = pango_layout_new (painter->pango);
  PangoFontDescription *font = pango_font_description_new ();
  g_autofree char *valid = g_utf8_make_valid (text, (gssize) strnlen (text, MAX_BYTES));

  pango_font_description_set_family_static (font, "Sans");
  pango_font_description_set_weight (font, bold ? PANGO_WEIGHT_BOLD : PANGO_WEIGHT_NORMAL);
  pango_font_description_set_absolute_size (font, size * PANGO_SCALE);
  pango_layout_set_font_description (layout, font);
  pango_layout_set_single_paragraph_mode (layout, TRUE);
  pango_layout_set_ellipsize (layout, PANGO_ELLIPSIZE_END);
  pango_layout_set_width (layout, (gint) (MAX_LINE * size * PANGO_SCALE));
  pango_layout_set_text (layout, valid, -1);
  pango_font_description_free (font);
  return layout;
}

void
gst_cpac_painter_paint (GstCpacPainter *painter, const GstCpacOverlaySettings *settings,
                        const CpacInspection *inspection)
{
  gboolean marks = inspection->status == CPAC_STATUS_SCORED &&
                   (settings->mark_ok || inspection->verdict != CPAC_VERDICT_OK);
  gboolean has_map = inspection->heatmap != NULL && inspection->has_thresholds;

  gst_cpac_canvas_clear (painter->canvas);
  if (marks && has_map && settings->heatmap)
    gst_cpac_paint_glow (painter, inspection, settings->colormap, settings->opacity);
  if (marks && settings->contours)
    gst_cpac_paint_contours (painter, inspection);
  if (marks && settings->boxes)
    gst_cpac_paint_boxes (painter, inspection);
  gst_cpac_paint_panel (painter, inspection, settings);
  if (marks && settings->labels)
    gst_cpac_paint_labels (painter, inspection, settings->font_scale);
}
