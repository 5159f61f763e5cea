/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

/**
 * GstCpacColormap:
 *
 * Colours for 0 to 255. All rise in lightness, the coloured ones evenly (in OKLab: Björn Ottosson,
 * 2020), so that they read in order without hue, on a gray screen and with any kind of colour
 * blindness.
 *
 *  - gray: the level itself
 *  - blue-yellow: dark blue over gray to yellow, the two hues that the common colour blindnesses
 * keep
 *  - thermal: black over purple and orange to pale yellow; the strongest contrast to gray pictures
 */
typedef enum {
  GST_CPAC_COLORMAP_GRAY,
  GST_CPAC_COLORMAP_BLUE_YELLOW,
  GST_CPAC_COLORMAP_THERMAL,
} GstCpacColormap;
#define GST_CPAC_N_COLORMAPS 3

#define GST_TYPE_CPAC_COLORMAP (gst_cpac_colormap_get_type ())
GType gst_cpac_colormap_get_type (void);

/* Red, green and blue of a level. */
typedef struct {
  guint8 r, g, b;
} GstCpacColor;

/* The 256 colours, made at the first call. Any thread. */
const GstCpacColor *gst_cpac_colormap_get (GstCpacColormap colormap);

G_END_DECLS
