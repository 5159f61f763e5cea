/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/score/gaussian.h"

G_BEGIN_DECLS

/* What brings one part to the common scale: a score of low becomes 0, one of high 1. */
typedef struct {
  double low, high;
  double top; /* fraction of the cells that is the score; 0: the maximum */
} CpacScale;

/**
 * CpacCombined:
 *
 * A map and a gaussian of one network as one head:
 *
 *   parts:
 *     - {head: map, layer: NAME, anchors: [low, high]}
 *     - {head: gaussian, layers: [...], mode: ..., anchors: [low, high]}
 *
 * Each part keeps its `top`. Its scores and its map become (value - low) / (high - low); the score
 * is the larger of the two, and so is each cell of the heat map, on the grid of the map part (the
 * gaussian's is resized bilinearly). The anchors are the median and a high quantile of good
 * pictures that nothing was learnt from. `layer` is the last one where the part does not say.
 * Immutable.
 */
typedef struct {
  guint layer;   /* of the map, in the network */
  CpacDims dims; /* of that, one channel */
  CpacScale map, gaussian;
} CpacCombined;

/* Reads `parts` of the `score` section @map: one map and one gaussian, in any order. @section
 * receives the gaussian's part, for cpac_gaussian_new(). CPAC_ERROR_SCHEMA, or CPAC_ERROR_SHAPE for
 * a layer of more than one channel. (transfer full) */
CpacCombined *cpac_combined_new (const CpacConfig *map, const CpacNetwork *network,
                                 const CpacConfig **section, GError **error);
/* Takes NULL. */
void cpac_combined_free (CpacCombined *combined);

double cpac_scale_apply (const CpacScale *scale, double value);

/* Elements of scratch that cpac_combined_measure() needs. */
gsize cpac_combined_get_scratch (const CpacCombined *combined, const CpacGaussian *gaussian);

/* The combined map of @logits (of `layer`) and @maps (of the gaussian's layers) into @map; returns
 * the score, not a number where a part's map, or the combined one, is not finite. @scores, may be
 * NULL, receives those of the map and the gaussian before scaling. */
double cpac_combined_measure (const CpacCombined *combined, const CpacGaussian *gaussian,
                              const float *logits, const float *const *maps, float *scratch,
                              float *map, double scores[2]);
/* The same where cells do not count (see CpacIgnoreMask): @ignored of the map part's grid, which
 * @map has, and @ignored_grid of the gaussian's, none of them all; NULL for none. The score is of
 * the other cells; @map is not changed by them. */
double cpac_combined_measure_kept (const CpacCombined *combined, const CpacGaussian *gaussian,
                                   const float *logits, const float *const *maps,
                                   const guint8 *ignored, const guint8 *ignored_grid,
                                   float *scratch, float *map, double scores[2]);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CpacCombined, cpac_combined_free)

G_END_DECLS
