/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/explain/map-place.h"
#include "core/score/inspection.h"

G_BEGIN_DECLS

/**
 * CpacRegionFinder:
 *
 * Finds the places where a map is above the threshold: the 8-connected regions of its cells, each
 * with box, area, centroid and peak in terms of the frame, and the contours of them all. Everything
 * is allocated beforehand, for maps of up to 512x512 cells. One thread at a time.
 */
typedef struct _CpacRegionFinder CpacRegionFinder;

/* For maps of that size, at least 1x1. (transfer full) */
CpacRegionFinder *cpac_region_finder_new (guint map_width, guint map_height);
/* Takes NULL. */
void cpac_region_finder_free (CpacRegionFinder *finder);

/**
 * cpac_region_finder_find:
 * @map: (map_height, map_width)
 * @threshold: cells above it belong to a region
 * @ignored: (nullable): (map_height, map_width), non-zero = belongs to none
 * @place: where the map lies
 * @min_area: pixels of the frame; smaller regions are left out
 *
 * In the order of the regions' first cells, row by row. A region's score is the largest value in
 * it, its peak the centre of the first cell that has it, its centroid the mean of its cells'
 * centres.
 *
 * Returns: (element-type CpacDefectRegion): the finder's, valid until its next call
 */
const GArray *
cpac_region_finder_find (CpacRegionFinder *finder, const float *map, double threshold,
                         const guint8 *ignored, const CpacMapPlace *place, double min_area);

/* The contours of the regions last found and of no others, as cpac_contours_trace() draws them, in
 * terms of the frame, of each region the outer one first; @n_omitted of them are left out. Valid as
 * the regions. */
const CpacContour *
cpac_region_finder_get_contours (const CpacRegionFinder *finder, guint *n, guint *n_omitted);

G_END_DECLS
