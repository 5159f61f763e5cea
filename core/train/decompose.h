/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/cp/regress.h"
#include "core/network/params.h"
#include "core/network/pictures.h"

G_BEGIN_DECLS

/* How far the factors of a decomposed network are fitted to what the dense one does. */
typedef enum {
  CPAC_DECOMPOSE_NOTHING, /* they are those of the kernel */
  CPAC_DECOMPOSE_A,       /* a and the bias */
  CPAC_DECOMPOSE_ALL,     /* all four, and the bias */
} CpacDecomposeFit;

/**
 * CpacDecomposedLayer:
 * @layer: a conv layer of the dense network, a cpac-conv layer of the other
 * @fit: (out): 1 - ||K - K^|| / ||K|| of the kernel, as CP-ALS left it
 * @degeneracy, @congruence: (out): of the components in the end, see CpacCp
 * @n_sweeps: (out): of CP-ALS
 * @outputs: (out): how well the outputs are met, by CP-ALS with the channels' second moments, and
 *   fitted one way and another; all NaN without pictures
 */
typedef struct {
  guint layer;
  double fit, degeneracy, congruence;
  guint n_sweeps;
  CpacCpRegression outputs;
} CpacDecomposedLayer;

/**
 * CpacDecomposeOptions:
 * @dense, @dense_params: the network that is decomposed
 * @network: the same with some layers of type cpac-conv, see cpac_factorize_network()
 * @params: of it; the factors and biases of @layers are overwritten
 * @layers: (n_layers): in the order in which the network computes them
 * @pictures: NULL: none, then nothing is fitted
 */
typedef struct {
  const CpacNetwork *dense;
  const CpacParams *dense_params;
  const CpacNetwork *network;
  CpacParams *params;
  CpacDecomposedLayer *layers;
  guint n_layers;
  const CpacPictures *pictures;
  CpacDecomposeFit fit;
  guint64 seed;
  guint n_threads;
  /* Told how far it is; may be NULL. */
  void (*progress) (guint done, guint total, gpointer progress_data);
  gpointer progress_data;
} CpacDecomposeOptions;

/* Decomposes the kernels by CP-ALS, which needs no pictures. CPAC_ERROR_NUMERIC, naming the layer,
 * for a kernel that cannot be. */
gboolean cpac_decompose_kernels (const CpacDecomposeOptions *options, GError **error);

/* Then, layer by layer in the order of the network, fits the factors so that the layer gives what
 * the dense network's gives, on what the layers before it give as they are by then: from CP-ALS
 * with the second moments of these channels (see CpacCpOptions) on, by cpac_cp_regress(). Each
 * layer is a pass over the pictures. The same bytes at any number of
 * threads. The errors of cpac_layer_moments_gather(), cpac_cp_als() and cpac_cp_regress(). */
gboolean cpac_decompose_fit (const CpacDecomposeOptions *options, GError **error);

G_END_DECLS
