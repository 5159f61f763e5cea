/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/explain/prune.h"
#include "core/layers/options.h"
#include "core/layers/types.h"

/* The parts of pruning: what is ranked and removed (prune.c, prune-residual.c), what goes with it
 * (prune-cascade.c), and the weights of what is left (prune-weights.c). */

/* Components of the layer; 0 for a layer of another type than cpac-conv. */
static inline guint
cpac_prune_rank_of (const CpacLayer *layer)
{
  return layer->klass == &cpac_cpac_conv_class ? ((const CpacConvLayer *) layer)->rank : 0;
}

/* Whether every layer keeps a channel when @group goes. */
gboolean cpac_prune_can_lose (const CpacPrune *prune, guint group);

/* Removes components until @n_left are, by CPAC_MEASURE_RESIDUAL. */
void cpac_prune_by_residual (const CpacPruneOptions *options, CpacPrune *prune, guint n_left);

/* Removes what does nothing: components, and channels that can be removed. */
void cpac_prune_cascade (CpacPrune *prune, const CpacParams *params);

/**
 * CpacPruneWeights:
 * @components: (rank): which stay; NULL for a layer without
 * @inputs: (channels of the input): which stay
 * @outputs: (channels of the output): which stay
 *
 * A layer that makes channels, and what stays of it.
 */
typedef struct {
  const CpacLayer *layer;
  CpacTensor *const *values;
  gboolean *components; /* borrowed */
  gboolean *inputs, *outputs;
} CpacPruneWeights;

void cpac_prune_weights_init (CpacPruneWeights *weights, const CpacPrune *prune,
                              const CpacParams *params, guint index);
void cpac_prune_weights_clear (CpacPruneWeights *weights);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (CpacPruneWeights, cpac_prune_weights_clear)

/**
 * CpacPruneView:
 * @data: (n_rows, n_columns, n)
 * @rows: (n_rows): which count; NULL: all
 * @columns: (n_columns): which count; NULL: all
 *
 * A parameter as a matrix: of a factor its own rows and columns, of the weights of conv and linear
 * a row for each output channel and a column for each input channel.
 */
typedef struct {
  const float *data;
  const gboolean *rows, *columns;
  guint n_rows, n_columns;
  gsize n;
} CpacPruneView;

/* Of one of the four factors, and of the weights of a layer without. */
CpacPruneView cpac_prune_view_factor (const CpacPruneWeights *weights, guint mode);
CpacPruneView cpac_prune_view_dense (const CpacPruneWeights *weights);
/* NULL for a layer without a bias. */
const CpacTensor *cpac_prune_get_bias (const CpacPruneWeights *weights);
