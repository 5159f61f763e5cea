/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* An 8-bit picture, its rows @stride bytes apart. */
typedef struct {
  guint8 *data;
  guint width, height;
  gsize stride;
} GstCpacGray;

/* How a map of one size is read at another: positions along an axis, in 2^-32 pixels of the map. */
typedef struct {
  gint64 start, step;
  guint last; /* index of the map's last pixel */
} GstCpacAxis;

typedef struct {
  const guint8 *map; /* (map_height, map_width), without padding */
  guint map_width;
  GstCpacAxis across, down;
} GstCpacEnlarger;

/* Reads @map, which must outlive it, at the size of @width x @height. */
void gst_cpac_enlarger_init (GstCpacEnlarger *enlarger, const guint8 *map, guint map_width,
                             guint map_height, guint width, guint height);
/* The columns from @x on of row @y, @n of them, into @out. @scratch: (map_width). */
void gst_cpac_enlarger_read (const GstCpacEnlarger *enlarger, guint y, guint x, guint n,
                             guint16 *scratch, guint8 *out);

/* The largest pixel of the map that any pixel in this box is made of. */
guint8 gst_cpac_enlarger_get_peak (const GstCpacEnlarger *enlarger, guint x, guint y, guint width,
                                   guint height);

/* Brings @map (map_height, map_width), without padding, to the size of @out: bilinear, half-pixel
 * centres, weights of 8 bits. Of equal size, it is copied exactly. */
void
gst_cpac_enlarge (const guint8 *map, guint map_width, guint map_height, const GstCpacGray *out);

G_END_DECLS
