/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/network/network.h"

G_BEGIN_DECLS

/**
 * CpacActivations:
 * @input: the frame, (channels, height, width)
 * @outputs: (n_layers) output of each layer, of its shape; NULL where nobody asked for it
 *
 * What a network made of one picture, whoever computed it. Borrowed from there.
 */
typedef struct {
  const float *input;
  const float *const *outputs;
} CpacActivations;

/* Output of layer @layer, or the frame for CPAC_NETWORK_INPUT. */
static inline const float *
cpac_activations_get (const CpacActivations *activations, gint layer)
{
  return layer == CPAC_NETWORK_INPUT ? activations->input : activations->outputs[layer];
}

G_END_DECLS
