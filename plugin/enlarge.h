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

/* Brings @map (map_height, map_width), without padding, to the size of @out: bilinear, half-pixel
 * centres, weights of 8 bits. Of equal size, it is copied exactly. */
void
gst_cpac_enlarge (const guint8 *map, guint map_width, guint map_height, const GstCpacGray *out);

G_END_DECLS
