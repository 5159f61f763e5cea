/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <cairo.h>

#include "core/score/verdict.h"

G_BEGIN_DECLS

/* How a verdict looks: colours (0xrrggbb) that the colour-blind keep apart (M. Okabe, K. Ito: Color
 * Universal Design, 2008), and a shape of its own for those who see none. */
typedef struct {
  enum {
    GST_CPAC_SHAPE_CIRCLE,   /* with a tick */
    GST_CPAC_SHAPE_OCTAGON,  /* with a cross */
    GST_CPAC_SHAPE_TRIANGLE, /* with an exclamation mark */
    GST_CPAC_SHAPE_DIAMOND,  /* with a dash */
  } shape;
  guint32 background, foreground;
} GstCpacIcon;

const GstCpacIcon *gst_cpac_icon_get (CpacVerdict verdict);
/* About (@x, @y), @radius pixels to each side: the shape in the foreground's colour, its sign in
 * the background's. */
void
gst_cpac_icon_draw (const GstCpacIcon *icon, cairo_t *cairo, double x, double y, double radius);
/* 0xrrggbb. */
void gst_cpac_icon_set_color (cairo_t *cairo, guint32 color);

G_END_DECLS
