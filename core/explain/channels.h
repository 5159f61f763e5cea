/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/network/network.h"

G_BEGIN_DECLS

/**
 * CpacChannels:
 * @n_groups: groups of channels that can only be removed together
 * @is_fixed: (n_groups): a channel that must stay
 * @of_layer: (n_layers), each (channels of that layer's output): the group of each
 * @of_frame: (channels of the frame): the same
 *
 * Which channels of a network are the same channel, followed from the layer that makes it to all
 * that read it. cpac-conv, conv and linear layers make channels; relu, pools, upsample, flatten and
 * concat hand each of them on; add makes one of a channel of each of its inputs. What stays: the
 * channels of the frame and of layers that no other reads, of template and whatever other layers
 * make, and those they read: standardize takes all channels together, and a later type is not
 * known.
 */
typedef struct {
  guint n_groups;
  gboolean *is_fixed;
  guint n_layers;
  guint **of_layer;
  guint *of_frame;
} CpacChannels;

/* (transfer full) */
CpacChannels *cpac_channels_new (const CpacNetwork *network);
/* Takes NULL. */
void cpac_channels_free (CpacChannels *channels);

/* Groups of the channels that layer @index reads first: those of its only input, for a layer that
 * weighs channels. */
const guint *
cpac_channels_of_input (const CpacChannels *channels, const CpacNetwork *network, guint index);

/* Whether the layer makes channels of its own, which can be removed with its weights. */
gboolean cpac_channels_are_made_by (const CpacLayer *layer);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CpacChannels, cpac_channels_free)

G_END_DECLS
