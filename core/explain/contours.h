/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* In cells of a map; the centre of its first cell is (0.5, 0.5). */
typedef struct {
  double x, y;
} CpacPoint;

/**
 * CpacContours:
 *
 * The lines where a map passes a level, as closed polygons: the last point of each is joined to its
 * first. Together, filled by the even-odd rule, they are where the map is above the level. One
 * thread at a time.
 */
typedef struct _CpacContours CpacContours;

/* For maps of up to @max_width x @max_height cells. (transfer full) */
CpacContours *cpac_contours_new (guint max_width, guint max_height);
/* Takes NULL. */
void cpac_contours_free (CpacContours *contours);

/**
 * cpac_contours_trace:
 * @map: (height, width), finite
 * @level: cells above it are inside
 *
 * Marching squares between the centres of the cells, crossings by linear interpolation: on the
 * sides of the squares these are the places where the bilinearly enlarged map has the value @level.
 * From the outermost centres to the map's border the map is continued by its edge, and a contour
 * that reaches the border follows it. Where two cells that touch at their corners are inside, they
 * are joined, as cpac_regions_label() joins them. Polygons run clockwise about what is inside, as
 * the picture is seen, and anticlockwise about holes in it.
 *
 * Returns: the number of polygons
 */
guint cpac_contours_trace (CpacContours *contours, const float *map, guint width, guint height,
                           double level);

/* The points (@n, at least 3) of polygon @index of the last trace; valid until the next. */
const CpacPoint *cpac_contours_get_polygon (const CpacContours *contours, guint index, guint *n);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CpacContours, cpac_contours_free)

G_END_DECLS
