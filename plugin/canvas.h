/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <cairo.h>

#include "plugin/blend.h"

G_BEGIN_DECLS

/**
 * GstCpacCanvas:
 *
 * What is to be laid over a frame: a transparent picture of its size, in which whoever draws marks
 * where. Only marked tiles are cleared, laid over frames, or take memory. One thread at a time.
 */
typedef struct {
  guint width, height;
  guint32 *pixels; /* (height, width), premultiplied; rows @stride pixels apart */
  gsize stride;
  cairo_t *cairo; /* draws into the pixels; its state is whatever the last one left */
  guint8 *marked; /* (tiles down, tiles across) */
  guint tiles_across, tiles_down;
  gboolean is_empty; /* nothing is marked */
} GstCpacCanvas;

#define GST_CPAC_CANVAS_MAX_SIDE 32767 /* cairo's */

/* NULL when there is not enough memory. (transfer full) */
GstCpacCanvas *gst_cpac_canvas_new (guint width, guint height);
/* Takes NULL. */
void gst_cpac_canvas_free (GstCpacCanvas *canvas);

/* Transparent again, nothing marked. */
void gst_cpac_canvas_clear (GstCpacCanvas *canvas);
/* Something is drawn within this box, in pixels; it may reach outside of the picture. */
void
gst_cpac_canvas_mark (GstCpacCanvas *canvas, double left, double top, double right, double bottom);

/* Lays what is marked over @frame, which has the canvas's size. */
void
gst_cpac_canvas_blend (GstCpacCanvas *canvas, const GstCpacBlender *blender, GstVideoFrame *frame);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstCpacCanvas, gst_cpac_canvas_free)

G_END_DECLS
