/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/explain/activity.h"
#include "core/explain/channels.h"

G_BEGIN_DECLS

/* By what components are ranked. Channels are ranked by energy or at random, where components are,
 * and else by activation. */
typedef enum {
  CPAC_MEASURE_ENERGY,     /* the weights alone: lambda_r; s_c of a channel */
  CPAC_MEASURE_ACTIVATION, /* ||a_r|| RMS (Z_r); s_c RMS (X_c) of a channel */
  CPAC_MEASURE_TAYLOR,     /* to first order what the score changes by without it */
  CPAC_MEASURE_RESIDUAL,   /* what of the layer's output the others, refitted, cannot explain */
  CPAC_MEASURE_RANDOM,     /* nothing: what the others must beat */
} CpacMeasure;
#define CPAC_N_MEASURES 5

/* NULL-terminated, in that order. */
const char *const *cpac_measure_names (void);

/**
 * CpacPruneOptions:
 * @keep: share of all components that stays, above 0 to 1; every layer keeps one at least
 * @keep_channels: the same of the channels that can be removed
 * @activity: of this network, for residual with products; NULL serves for energy and random
 * @seed: of random
 */
typedef struct {
  const CpacNetwork *network;
  const CpacParams *params;
  CpacMeasure measure;
  double keep, keep_channels;
  const CpacActivity *activity;
  guint64 seed;
} CpacPruneOptions;

/**
 * CpacPrune:
 * @components: (n_layers): which components of a cpac-conv layer stay, (rank); NULL for others
 * @groups: (n_groups): which groups of channels stay
 * @n_components: in all layers; @n_kept of them stay
 * @n_channels: that can be removed; @n_kept_channels of them stay
 *
 * What stays of a network. A removed component is a column less in all four factors. A removed
 * channel is a row less in the factor d (or the weights) of each layer that reads it, and a filter
 * less, a row of the factor a and its bias, in each that makes it.
 */
typedef struct {
  const CpacNetwork *network;
  CpacChannels *channels;
  gboolean **components;
  gboolean *groups;
  guint n_components, n_kept;
  guint n_channels, n_kept_channels;
} CpacPrune;

/* CPAC_ERROR_SCHEMA for a network without cpac-conv layers: there is nothing to prune. */
gboolean cpac_prune_check (const CpacNetwork *network, GError **error);

/*
 * Ranks all components of the network together, and all of its channels, each by the share of its
 * square in its layer's sum, and removes the last of them; then, until nothing changes, what has
 * lost its meaning: components of which a column is zero, channels that no remaining weight reads,
 * and channels that are zero whatever the picture. That cascade, which is all that happens with
 * both shares 1, does not change what the network computes. CPAC_ERROR_SCHEMA for a network without
 * cpac-conv layers and for a measure that @activity does not have. (transfer full)
 */
CpacPrune *cpac_prune_new (const CpacPruneOptions *options, GError **error);
/* Takes NULL. */
void cpac_prune_free (CpacPrune *prune);

/* What stays of layer @index: its rank (0 without one), and the channels of its output, whose
 * places in the whole network's layer are left in @kept (at most as many as it has; may be NULL).
 */
guint cpac_prune_get_rank (const CpacPrune *prune, guint index);
guint cpac_prune_get_outputs (const CpacPrune *prune, guint index, guint *kept);

/* The parameters @params, of the whole network, as far as they stay, for @pruned, which was built
 * from cpac_prune_text(). (transfer full) */
CpacParams *
cpac_prune_params (const CpacPrune *prune, const CpacParams *params, const CpacNetwork *pruned);

/* The text of the model's file @name with the rank, filters and units that stay, and not a byte
 * besides. CPAC_ERROR_SCHEMA for one that cannot be changed so. (transfer full) */
char *cpac_prune_text (const CpacPrune *prune, const char *name, const char *text, GError **error);

/* The network that such a text describes. (transfer full) */
CpacNetwork *
cpac_prune_network (const CpacPrune *prune, const char *name, const char *text, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CpacPrune, cpac_prune_free)

G_END_DECLS
