/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * CpacRegion:
 *
 * One connected region: its bounding box and number of pixels.
 */
typedef struct {
  guint x, y, width, height; /* pixels */
  guint area;
} CpacRegion;

/**
 * cpac_regions_label:
 * @mask: (height, width), non-zero = inside
 * @labels: (out caller-allocates): (height, width), overwritten whole: 0 outside, else k for the
 *   region at index k - 1
 * @regions: (nullable): array of #CpacRegion, cleared and filled
 *
 * Finds the 8-connected regions of @mask, which holds fewer than 2^32 - 1 pixels. Regions are
 * numbered by their first pixel in reading order. Two passes over the picture, no memory besides
 * @regions.
 *
 * Returns: the number of regions
 */
guint cpac_regions_label (const guint8 *mask, guint width, guint height, guint32 *labels,
                          GArray *regions);

G_END_DECLS
