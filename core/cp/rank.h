/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/error.h"

G_BEGIN_DECLS

/**
 * CpacRankLadder:
 * @max_rank: the largest rank that is worth having, 0: none
 * @cost: (max_rank + 1): at each rank, rising; cost[0] that of the layer as it is
 * @loss: (max_rank + 1): what each rank loses; loss[0] is 0
 *
 * What one layer costs and loses at each rank. Costs are in any unit, losses too: the same for all
 * layers.
 */
typedef struct {
  guint max_rank;
  double *cost, *loss;
} CpacRankLadder;

/* Room for ranks 1 to @max_rank, all zero. */
void cpac_rank_ladder_init (CpacRankLadder *ladder, guint max_rank);
void cpac_rank_ladder_clear (CpacRankLadder *ladder);

/* Fills in the losses from those @losses (n) measured at the rising @ranks (n), of which the first
 * is 1 and the last max_rank: straight lines of the logarithm between them, and never a larger loss
 * at a larger rank. */
void cpac_rank_ladder_interpolate (CpacRankLadder *ladder, const guint *ranks, const double *losses,
                                   guint n);

/* A rank for each of @n layers, 0 where it stays as it is, such that all of them together cost at
 * most @budget and lose little: from the cheapest ranks on, always the step, of any length, that
 * saves the most loss for its cost (study: algorithms 1.9). CPAC_ERROR_SCHEMA when the cheapest
 * ranks cost more than @budget. */
gboolean cpac_rank_choose (const CpacRankLadder *ladders, guint n, double budget, guint *ranks,
                           GError **error);

/* The smallest rank that loses at most @loss; 0 when there is none. */
guint cpac_rank_find (const CpacRankLadder *ladder, double loss);

G_END_DECLS
