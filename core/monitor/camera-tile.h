/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/frame/format.h"
#include "core/monitor/camera.h"

G_BEGIN_DECLS

/* The inner loops of the camera's measures. */

/* With more, sums of a tile would not fit in 32 bits. */
#define CPAC_CAMERA_BITS 10
#define CPAC_CAMERA_ROW (CPAC_CAMERA_TILE_WIDTH + 2)

/* Gray samples of a tile and its neighbours. */
typedef struct {
  guint width, height; /* without neighbours */
  guint16 gray[CPAC_CAMERA_TILE_HEIGHT + 2][CPAC_CAMERA_ROW];
  guint16 largest[CPAC_CAMERA_TILE_HEIGHT + 2][CPAC_CAMERA_ROW]; /* component of RGB */
  const guint16 (*peaks)[CPAC_CAMERA_ROW]; /* what saturates: one of the two */
} CpacCameraTile;

typedef struct {
  guint64 n, sum, squares, laplacian, n_ends;
} CpacCameraSums;

/* Reads (height + 2) x (width + 2) pixels from @pixels on, which is in plane 0. Samples have
 * @n_bits significant bits, those above count as the largest; of more than CPAC_CAMERA_BITS the
 * lowest are left out. */
void cpac_camera_tile_load (CpacCameraTile *tile, const CpacPixelLayout *layout, guint n_bits,
                            const guint8 *pixels, gssize stride);
/* Adds the tile's pixels; peaks up to @low or from @high on are at an end. */
void
cpac_camera_tile_add (const CpacCameraTile *tile, gint16 low, gint16 high, CpacCameraSums *sums);

G_END_DECLS
