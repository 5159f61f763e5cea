/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/cp/rank.h"
#include "core/cp/regress.h"

G_BEGIN_DECLS

/* The largest rank at which K (N, kh, kw, C) as four stages may still be cheaper than dense, in
 * parameters or in multiply-adds at stride 1: below N C kh kw / (N + C + kh + kw). */
guint cpac_ladder_get_max_rank (const guint dims[4]);

/**
 * cpac_ladder_measure:
 * @kernel: (N, C, kh, kw)
 * @moments: (nullable): what the layer reads and gives
 *
 * Sets the losses of @ladder at ranks 1 to max_rank: the share of the squared norm that a CP
 * decomposition of that rank misses, of the outputs on those pixels (about their mean) or, without
 * moments, of the kernel. Measured on a ladder of ranks, each about 1.4 times the one below; with
 * moments the next one starts from its components and others taken from what those leave (study:
 * algorithms 1.9). Interpolated between. CPAC_ERROR_NUMERIC for a kernel that is zero or not
 * finite.
 */
gboolean cpac_ladder_measure (CpacRankLadder *ladder, const CpacTensor *kernel,
                              const CpacCpMoments *moments, guint64 seed, GError **error);

G_END_DECLS
