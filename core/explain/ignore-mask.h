/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/explain/map-place.h"

G_BEGIN_DECLS

/**
 * CpacIgnoreMask:
 *
 * Which parts of a frame do not count: a picture that is laid over the whole frame, whatever the
 * size of either. Immutable, reference-counted, any thread.
 *
 * It works on the cells of a map, and a cell is ignored when at least half of its area is. Such a
 * cell belongs to no defect region and counts for a score as the least conspicuous of the cells
 * that are looked at, or as itself where it is less conspicuous still; every other cell keeps the
 * very value it would have without a mask. So a mask can lower the score of a map, never raise it,
 * and not hide what lies beside it. What a network sees from a cell
 * beside the mask still reaches under it: a mask wants a margin of about the network's receptive
 * field. A classifier's score has no map and does not know of the mask.
 */
typedef struct _CpacIgnoreMask CpacIgnoreMask;

/* @pixels: (height, width), non-zero = ignored, copied; width and height at least 1. @sha256: of
 * the file it came from, or NULL. (transfer full) */
CpacIgnoreMask *
cpac_ignore_mask_new (const guint8 *pixels, guint width, guint height, const char *sha256);
CpacIgnoreMask *cpac_ignore_mask_ref (CpacIgnoreMask *mask);
/* Takes NULL. */
void cpac_ignore_mask_unref (CpacIgnoreMask *mask);
const char *cpac_ignore_mask_get_sha256 (const CpacIgnoreMask *mask);

/* Writes 1 for each cell that is ignored and 0 for each other one into @ignored (map_height,
 * map_width). Returns how many are looked at. */
gsize
cpac_ignore_mask_mark (const CpacIgnoreMask *mask, const CpacMapPlace *place, guint8 *ignored);

/* Gives the cells of @map (n) that are @ignored (n; at least one is not) the smallest value of the
 * others where theirs is larger: where a score is the mean of more cells than are looked at, a
 * larger one would raise it. */
void cpac_ignore_fill (float *map, const guint8 *ignored, gsize n);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CpacIgnoreMask, cpac_ignore_mask_unref)

G_END_DECLS
