/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/cp/regress.h"
#include "core/network/pictures.h"
#include "core/network/run.h"

G_BEGIN_DECLS

/**
 * CpacLayerMoments:
 * @layer: a conv or cpac-conv layer of the network: what its kernel reads
 * @target: a conv layer of the target, of the same kernel: what it gives is what is wanted
 * @moments: (out) (transfer full): of the two
 */
typedef struct {
  guint layer, target;
  CpacCpMoments *moments;
} CpacLayerMoments;

/**
 * CpacLayerMomentsOptions:
 * @network, @params: what is read; may be the target itself
 */
typedef struct {
  const CpacNetwork *network;
  const CpacParams *params;
  const CpacNetwork *target;
  const CpacParams *target_params;
  CpacLayerMoments *layers;
  guint n_layers;
  const CpacPictures *pictures;
  guint n_threads;
  /* Told how far it is; may be NULL. */
  void (*progress) (guint done, guint total, gpointer progress_data);
  gpointer progress_data;
} CpacLayerMomentsOptions;

/* Gathers them in one pass over the pictures, each one's sums of products in float, those of all
 * pictures in double in their order: the same bytes at any number of threads. CPAC_ERROR_SCHEMA
 * without pictures, CPAC_ERROR_SHAPE for a kernel too large; the errors of reading pictures. On
 * failure no moments are left. */
gboolean cpac_layer_moments_gather (const CpacLayerMomentsOptions *options, GError **error);

G_END_DECLS
