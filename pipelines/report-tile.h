/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "pipelines/report.h"

G_BEGIN_DECLS

/**
 * ReportTile:
 *
 * One picture of the contact sheet at the size it is shown, with what belongs to it.
 */
typedef struct {
  guint width, height;
  guint8 *picture; /* (height, width, 3) */
  guint8 *heat; /* (height, width): 0 = the scale's minimum, 255 = its maximum; NULL without map */
  guint8 *called; /* (height, width): 1 = map above the threshold; NULL without map */
  guint8 *mask;   /* (height, width): 1 = defect of the mask; NULL without mask */
} ReportTile;

/* The largest size of the shape of a @width x @height picture within the box, at least 1x1. */
void report_tile_fit (guint width, guint height, guint box_width, guint box_height,
                      guint *fit_width, guint *fit_height);
/* Reads and scales picture @index. Errors: those of reading. */
gboolean report_tile_load (ReportTile *tile, const Report *report, guint index, guint box_width,
                           guint box_height, GError **error);
void report_tile_clear (ReportTile *tile);

/* Whether (@x, @y) of @region (height, width) is just outside of it: on its outline. A region one
 * pixel large has one, too. */
gboolean report_is_outline (const guint8 *region, guint width, guint height, guint x, guint y);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (ReportTile, report_tile_clear)

G_END_DECLS
