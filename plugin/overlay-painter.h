/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <pango/pangocairo.h>

#include "core/score/inspection.h"
#include "plugin/canvas.h"
#include "plugin/colormap.h"

G_BEGIN_DECLS

/* What is drawn: plain values, copied once per frame. */
typedef struct {
  gboolean verdict, score, part;
  gboolean heatmap, contours, boxes, labels;
  gboolean mark_ok; /* the latter four on frames with the verdict ok, too */
  double opacity;   /* of the heat map, 0..1 */
  GstCpacColormap colormap;
  double font_scale;
} GstCpacOverlaySettings;

/**
 * GstCpacPainter:
 *
 * Draws what was found in a frame: cpacoverlay without the element. For frames of one size; sizes
 * of letters and lines follow the frame's height. One thread at a time.
 */
typedef struct {
  GstCpacCanvas *canvas;
  PangoContext *pango;              /* with a font map of its own */
  double em;                        /* height of letters in pixels, at a font scale of 1 */
  double line;                      /* width of lines in pixels */
  double panel_width, panel_height; /* of the panel on the canvas; 0: there is none */
} GstCpacPainter;

/* NULL when there is not enough memory. (transfer full) */
GstCpacPainter *gst_cpac_painter_new (guint width, guint height);
/* Takes NULL. */
void gst_cpac_painter_free (GstCpacPainter *painter);
/* For frames of another size from now on; its fonts, which take long to find, stay. FALSE, and it
 * can only be resized or freed, when there is not enough memory. */
gboolean gst_cpac_painter_resize (GstCpacPainter *painter, guint width, guint height);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstCpacPainter, gst_cpac_painter_free)

/* Draws @inspection onto the canvas, in place of what was there. Where there is nothing to draw the
 * canvas is empty. */
void gst_cpac_painter_paint (GstCpacPainter *painter, const GstCpacOverlaySettings *settings,
                             const CpacInspection *inspection);

/* The layers, lowest first; each in a file of its own. */

/* The heat map at its fixed scale: transparent up to the warn-threshold, from there to the
 * threshold rising to @opacity. */
void gst_cpac_paint_glow (GstCpacPainter *painter, const CpacInspection *inspection,
                          GstCpacColormap colormap, double opacity);
/* The lines where the heat map passes the threshold, round the regions that are listed. */
void gst_cpac_paint_contours (GstCpacPainter *painter, const CpacInspection *inspection);
/* Boxes round regions. */
void gst_cpac_paint_boxes (GstCpacPainter *painter, const CpacInspection *inspection);
/* Number, score and area at regions, beside the boxes and the panel where there is room. */
void gst_cpac_paint_labels (GstCpacPainter *painter, const CpacInspection *inspection,
                            double font_scale);
/* Verdict, score and part in the upper left corner. */
void gst_cpac_paint_panel (GstCpacPainter *painter, const CpacInspection *inspection,
                           const GstCpacOverlaySettings *settings);

/* Helpers of these. */

/* Strokes the present path with a bright line of the painter's width on a dark one of thrice that,
 * so that it shows on any picture. The caller marks where. */
void gst_cpac_painter_stroke (GstCpacPainter *painter);
/* Marks all that such a line from (@x0, @y0) to (@x1, @y1) touches. */
void
gst_cpac_painter_mark_line (GstCpacPainter *painter, double x0, double y0, double x1, double y1);
/* A dark plate to write on, marked. Until cairo_restore() nothing is drawn beside it. */
void gst_cpac_painter_begin_plate (GstCpacPainter *painter, double x, double y, double width,
                                   double height);
/* "3.20": three digits that count, so that a text keeps its width from frame to frame; with a point
 * in every locale. (transfer full) */
char *gst_cpac_painter_format (double value);
/* A layout of one line of @text, what is not UTF-8 in it replaced, with letters of @size pixels;
 * the end of a long one is cut off. (transfer full) */
PangoLayout *
gst_cpac_painter_layout (GstCpacPainter *painter, const char *text, double size, gboolean bold);

G_END_DECLS
