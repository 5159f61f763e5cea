/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/network/pictures.h"
#include "core/network/run.h"
#include "core/score/head.h"

G_BEGIN_DECLS

/**
 * CpacLayerActivity:
 * @rank: components of a cpac-conv layer; 0 for others
 * @n_inputs: channels it reads; 0 for a layer that is neither cpac-conv, conv nor linear
 * @components: (rank): ||a_r|| RMS (Z_r), the root of the mean energy that component r by itself
 *   puts into all filters together
 * @taylor: (rank): mean over the pictures of |sum_p Z_r(p) dS/dZ_r(p)|, to first order what the
 *   score S changes by when component r is removed; NULL for a score without a gradient
 * @inputs: (n_inputs): s_c RMS (X_c), the norm of channel c's slice of the kernel times what comes
 *   in there
 * @products: (rank, rank): mean of Z_r Z_q, about their means where the layer has a bias, which
 *   takes a constant's part; NULL unless asked for
 */
typedef struct {
  guint rank, n_inputs;
  double *components;
  double *taylor;
  double *inputs;
  double *products;
} CpacLayerActivity;

/**
 * CpacActivity:
 *
 * Significance with data: what the parts of a network do on pictures. Like CpacSignificance it does
 * not depend on how the columns of a component are scaled.
 */
typedef struct {
  guint n_layers;
  CpacLayerActivity *layers; /* (n_layers) */
} CpacActivity;

typedef struct {
  const CpacNetwork *network;
  const CpacParams *params;
  const CpacHead *head;    /* whose score is differentiated; NULL: no Taylor measure */
  const CpacLayerOps *ops; /* the arithmetic; NULL: the reference */
  gboolean products;       /* whether these are wanted */
  const CpacPictures *pictures;
  guint n_threads;
  /* Told how far it is; may be NULL. */
  void (*progress) (guint done, guint total, gpointer progress_data);
  gpointer progress_data;
} CpacActivityOptions;

/*
 * Looks at all pictures. The Taylor measure needs no Z: sum_p Z_r(p) dS/dZ_r(p) =
 * sum_n a[n,r] dS/da[n,r], which the backward pass gives. Sums in double in the order of the
 * pictures: the same bits at any number of threads.
 *
 * CPAC_ERROR_SCHEMA without pictures, CPAC_ERROR_SHAPE for a layer too large, CPAC_ERROR_NUMERIC
 * for what is not finite; the errors of reading pictures. (transfer full)
 */
CpacActivity *cpac_activity_new (const CpacActivityOptions *options, GError **error);
/* Takes NULL. */
void cpac_activity_free (CpacActivity *activity);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CpacActivity, cpac_activity_free)

G_END_DECLS
