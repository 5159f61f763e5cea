/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/frame/frame.h"

G_BEGIN_DECLS

/* Most points of all polygons of a map together: 64 kB, and more than the outlines of defects take;
 * a map that is noise about the level has more. */
#define CPAC_CONTOURS_MAX_POINTS 4096
/* Most polygons that so many points can be. */
#define CPAC_CONTOURS_MAX_POLYGONS (CPAC_CONTOURS_MAX_POINTS / 3)

/**
 * CpacContours:
 *
 * The lines where a map passes a level, as closed polygons: the last point of each is joined to its
 * first. Together, filled by the even-odd rule, they are where the map is above the level. A
 * polygon that the bound on points leaves no room for is left out whole. Everything is allocated
 * beforehand. One thread at a time.
 */
typedef struct _CpacContours CpacContours;

/* For maps of up to @max_width x @max_height cells. (transfer full) */
CpacContours *cpac_contours_new (guint max_width, guint max_height);
/* Takes NULL. */
void cpac_contours_free (CpacContours *contours);

/**
 * cpac_contours_trace:
 * @map: (height, width); a cell of -INFINITY is none: lines keep half way off it
 * @level: cells above it are inside
 *
 * Marching squares between the centres of the cells, crossings by linear interpolation: on the
 * sides of the squares these are the places where the bilinearly enlarged map has the value @level.
 * From the outermost centres to the map's border the map is continued by its edge, and a contour
 * that reaches the border follows it. Where two cells that touch at their corners are inside, they
 * are joined, as cpac_regions_label() joins them. Polygons run clockwise about what is inside, as
 * the picture is seen, and anticlockwise about holes in it. They come in the order of their topmost
 * leftmost sides.
 *
 * Returns: the number of polygons
 */
guint cpac_contours_trace (CpacContours *contours, const float *map, guint width, guint height,
                           double level);

/* The points (@n, at least 3) of polygon @index of the last trace, in cells of the map: the centre
 * of its first one is (0.5, 0.5). Valid until the next trace. */
const CpacPoint *cpac_contours_get_polygon (const CpacContours *contours, guint index, guint *n);
/* A cell, by its place in the map, that is inside and that the polygon passes. */
gsize cpac_contours_get_cell (const CpacContours *contours, guint index);
/* How many polygons of the last trace the bound on points has left out. */
guint cpac_contours_get_n_omitted (const CpacContours *contours);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CpacContours, cpac_contours_free)

G_END_DECLS
