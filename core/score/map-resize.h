/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * CpacMapResize:
 *
 * Samples a map of scores bilinearly at another resolution, row by row: half-pixel centres, beyond
 * the outermost of which the edge repeats. Downwards it samples, too: nothing is averaged.
 */
typedef struct {
  struct _CpacMapTap *rows, *columns; /* (height), (width) */
  guint map_width;
  guint width;
} CpacMapResize;

/* From (map_height, map_width) to (height, width), all at least 1. */
void cpac_map_resize_init (CpacMapResize *resize, guint map_width, guint map_height, guint width,
                           guint height);
void cpac_map_resize_clear (CpacMapResize *resize);
/* Row @y of the result into @out (width). */
void cpac_map_resize_row (const CpacMapResize *resize, const float *map, guint y, float *out);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (CpacMapResize, cpac_map_resize_clear)

G_END_DECLS
