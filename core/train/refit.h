/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/network/pictures.h"
#include "core/network/run.h"

G_BEGIN_DECLS

/**
 * CpacRefitLayer:
 * @layer: a cpac-conv layer of the network that is refitted
 * @target: the layer of the target network whose output it is to give
 * @channels: (channels of the layer's output): which channel of the target each of its own is;
 *   NULL: the same
 * @fit_before: (out): 1 - ||Y - Y^|| / ||Y - mean Y|| over all pictures, Y the target's output and
 *   Y^ the layer's, with its parameters as they were; 1 is exact, and 0 where Y is constant
 * @fit: (out): the same with the new ones
 */
typedef struct {
  guint layer, target;
  const guint *channels;
  double fit_before, fit;
} CpacRefitLayer;

/**
 * CpacRefitOptions:
 * @params: of @network; the factor a and the bias of each layer are replaced
 * @layers: (n_layers): in the order in which the network computes them
 * @ridge: weight of the change's own size, with every input of the fit scaled to a root mean square
 *   of 1; it keeps a where the pictures say nothing
 */
typedef struct {
  const CpacNetwork *network;
  CpacParams *params;
  const CpacNetwork *target;
  const CpacParams *target_params;
  CpacRefitLayer *layers;
  guint n_layers;
  const CpacPictures *pictures;
  double ridge;
  guint n_threads;
  /* Told how far it is; may be NULL. */
  void (*progress) (guint done, guint total, gpointer progress_data);
  gpointer progress_data;
} CpacRefitOptions;
#define CPAC_REFIT_RIDGE 1e-6

/**
 * cpac_refit:
 *
 * Refits a network that was cut down (pruned, or compressed) to the one it comes from, in closed
 * form. Layer by layer, on what the layers before it give as they are by then,
 *
 *   a, bias = argmin sum over pictures and pixels of ||Y - a Z - bias||^2 + ridge,
 *
 * Y the target's output and Z the planes of the components (see CpacComponents): normal equations
 * of rank + 1 unknowns for each filter, summed in double in the order of the pictures, so that the
 * bytes do not depend on the number of threads. Every layer is one pass over the pictures.
 *
 * CPAC_ERROR_SCHEMA without pictures, CPAC_ERROR_SHAPE for a layer too large, CPAC_ERROR_NUMERIC
 * for what is not finite; the errors of reading pictures. On failure the layers before the one that
 * failed have their new parameters.
 */
gboolean cpac_refit (const CpacRefitOptions *options, GError **error);

G_END_DECLS
