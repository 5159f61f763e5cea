/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/layers/layer.h"

G_BEGIN_DECLS

/* What a layer's input index says for the frame itself. */
#define CPAC_NETWORK_INPUT (-1)

/**
 * CpacNetwork:
 *
 * A graph of named layers, in an order in which each one reads only the frame and layers above it.
 * It holds shapes and options, no weights (CpacParams) and no activations (CpacRun). Immutable.
 */
typedef struct _CpacNetwork CpacNetwork;

/* Builds the graph of a YAML list of layers on frames of shape @input. Every shape is checked here,
 * so that running it cannot fail. Errors: CPAC_ERROR_SCHEMA, CPAC_ERROR_SHAPE, with the place.
 * (transfer full) */
CpacNetwork *cpac_network_new (const CpacConfig *layers, const CpacDims *input, GError **error);
/* Takes NULL. */
void cpac_network_free (CpacNetwork *network);

const CpacDims *cpac_network_get_input (const CpacNetwork *network);
guint cpac_network_get_n_layers (const CpacNetwork *network);
const CpacLayer *cpac_network_get_layer (const CpacNetwork *network, guint index);
/* The layers (or CPAC_NETWORK_INPUT) that layer @index reads: as many as its n_inputs. */
const gint *cpac_network_get_inputs (const CpacNetwork *network, guint index);
/* Index of the layer of that name, -1 when there is none. */
gint cpac_network_find (const CpacNetwork *network, const char *name);
/* Shape of the last layer's output. */
const CpacDims *cpac_network_get_output (const CpacNetwork *network);
/* Sum over the layers. */
void cpac_network_count (const CpacNetwork *network, CpacCost *cost);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CpacNetwork, cpac_network_free)

G_END_DECLS
