/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * DefectMask:
 *
 * A defect at the resolution of a network's input: a pixel is defect where any pixel of the mask
 * under it is, or one within `grow` pixels of it (a square about it): maps are coarser than masks,
 * and what speaks for a defect lies about its edge, too.
 */
typedef struct {
  guint8 *pixels; /* (height, width), 1 = defect */
  guint width, height;
  double area; /* share of the pixels that are defect */
} DefectMask;

/* Of a mask (mask_height, mask_width), above 127 = defect. */
void defect_mask_init (DefectMask *mask, const guint8 *pixels, guint mask_width, guint mask_height,
                       guint width, guint height, guint grow);
void defect_mask_clear (DefectMask *mask);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (DefectMask, defect_mask_clear)

/**
 * Localisation:
 *
 * How well a map points at a defect. A map that knows nothing has a mass inside of about the mask's
 * area.
 */
typedef struct {
  double
      mass_inside; /* share of the sum of positive values that lies on the defect; NAN: none is */
  gboolean hit;    /* the middle of the largest cell, the first of equals, is on the defect */
} Localisation;

/* @map (map_height, map_width) covers the same picture; a cell counts by the share of its pixels
 * that are defect. */
Localisation
localise (const double *map, guint map_width, guint map_height, const DefectMask *mask);

/* A map (height, width) summed over the pixels of each cell of a grid, a pixel belonging to the
 * cell its middle lies in, into @cells (grid_height, grid_width). */
void sum_into_cells (const double *map, guint width, guint height, guint grid_width,
                     guint grid_height, double *cells);

G_END_DECLS
