/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct {
  float value;
  guint cell; /* its place in the map */
} CpacTopCell;

/* Fills @cells (n) so that the first of them are those of @map (n) that its score is the mean of:
 * the largest ones, as many as cpac_head_count_top() says of @top, which is returned; the first of
 * equals come first. A cell that is @ignored (n; NULL: none) stands for the least of the others
 * where that is smaller: see cpac_ignore_fill(). */
gsize
cpac_top_cells (const float *map, const guint8 *ignored, gsize n, double top, CpacTopCell *cells);

G_END_DECLS
