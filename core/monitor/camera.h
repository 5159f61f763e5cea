/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/frame/frame.h"
#include "core/monitor/part.h"

G_BEGIN_DECLS

/* Frames are looked at in up to 8 x 8 tiles of up to 32 x 4 pixels, spread evenly, each at rows and
 * columns of its own. */
#define CPAC_CAMERA_TILES 8
#define CPAC_CAMERA_TILE_WIDTH 32
#define CPAC_CAMERA_TILE_HEIGHT 4

/**
 * cpac_camera_measure:
 * @frame: of any CpacPixelFormat
 * @region: of the frame, in pixels, clipped to it; NULL or width 0: all of it
 * @measures: set, by CpacCameraMeasure
 *
 * What the pixels say of lamp, lens and exposure, in 8-bit units of full range (0..255). Gray of
 * RGB is (R + 2 G + B) / 4, rounded; that of YUV its luma; chroma is never read. Of
 * 16-bit samples the ten highest significant bits are.
 *
 * * brightness: mean gray
 * * contrast: its standard deviation
 * * sharpness: root mean square of the Laplacian 4 p - left - right - above - below
 * * saturation: share of pixels within 1 % of the range of either end; of RGB, those whose largest
 *   component is
 *
 * All sums are of whole numbers, so the bits are the same everywhere. Tiles beside the region's
 * border leave room for the neighbours of their pixels.
 *
 * Returns: FALSE, and @measures unset, where the region is smaller than 3 x 3 pixels.
 */
gboolean cpac_camera_measure (const CpacFrame *frame, const CpacRect *region,
                              double measures[CPAC_N_CAMERA_MEASURES]);

G_END_DECLS
