/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/model/weights.h"
#include "core/network/network.h"

G_BEGIN_DECLS

/**
 * CpacParams:
 *
 * One value for every parameter of a network, in the order of its layers and, within a layer, of
 * its specs. Shared read-only by all runs; training alone writes it.
 */
typedef struct {
  guint n_params;
  CpacTensor **values; /* (n_params) */
  guint *first;        /* (n_layers): index of each layer's first parameter */
} CpacParams;

/* Places for the values, which are still to be made and put there: all NULL. (transfer full) */
CpacParams *cpac_params_new (const CpacNetwork *network);

/* Copies the tensors "<layer>.<parameter>" of @weights. CPAC_ERROR_SCHEMA for one that is missing,
 * CPAC_ERROR_SHAPE for one of another shape; @name stands for the file in errors. (transfer full)
 */
CpacParams *cpac_params_from_weights (const CpacNetwork *network, const CpacWeights *weights,
                                      const char *name, GError **error);

/* Random values for a network that has none, so that it can be timed and tested: each layer keeps
 * the variance of its input (He et al. 2015), biases are small. The same seed gives the same
 * values. (transfer full) */
CpacParams *cpac_params_new_random (const CpacNetwork *network, guint64 seed);

/* Adds "<layer>.<parameter>" for every value. */
void
cpac_params_write (const CpacParams *params, const CpacNetwork *network, CpacWeightsWriter *writer);

/* Takes NULL. */
void cpac_params_free (CpacParams *params);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CpacParams, cpac_params_free)

G_END_DECLS
