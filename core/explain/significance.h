/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/layers/layer.h"

G_BEGIN_DECLS

/* The modes of a kernel K (N, C, kh, kw), in the order of the factors a, b, c, d. */
typedef enum {
  CPAC_MODE_FILTERS, /* K[n,:,:,:] */
  CPAC_MODE_ROWS,    /* K[:,:,y,:] */
  CPAC_MODE_COLUMNS, /* K[:,:,:,x] */
  CPAC_MODE_INPUTS,  /* K[:,s,:,:] */
  CPAC_N_MODES,
} CpacMode;

/**
 * CpacSignificance:
 * @norm: ||K||, the Frobenius norm
 * @dims: N, kh, kw, C
 * @rank: components; 0 for a kernel that is stored whole
 * @components: (rank): ||component r||, lambda_r = ||a_r|| ||b_r|| ||c_r|| ||d_r||
 * @leave_one_out: (rank): ||K||^2 - ||K - component r||^2; negative where the component cancels
 *   others, so that K without it is larger
 * @slices: (dims[m]) for each #CpacMode: the norm of each filter, row, column and input channel
 *
 * What the parts of a convolution's kernel weigh. Nothing here changes when a component's columns
 * are scaled against each other or the components put into another order. The paper reads the
 * significance of a feature map off the entries of one factor; those are arbitrary up to such a
 * scale, these are not. Data enters with CpacActivity.
 */
typedef struct {
  double norm;
  guint dims[CPAC_N_MODES];
  guint rank;
  double *components;
  double *leave_one_out;
  double *slices[CPAC_N_MODES];
} CpacSignificance;

/**
 * cpac_significance_new:
 * @factors: a, b, c, d, each (dims[m], rank), row-major
 *
 * By products of Gram matrices in double, without rebuilding the kernel: with M = (A^T A).(B^T B).
 * (C^T C).(D^T D), '.' entry by entry, lambda_r^2 = M_rr, ||K||^2 = 1^T M 1, and the leave-one-out
 * energy is 2 (M 1)_r - M_rr; a slice of mode m and row u of its factor is sqrt (u M_m u^T), M_m
 * the product of the other three. Squares of norms are exact to rounding errors of about 1e-16
 * (sum_r lambda_r)^2; memory O(rank), time O(rank^2 (N + kh + kw + C)). (transfer full)
 */
CpacSignificance *cpac_significance_new (const float *const factors[CPAC_N_MODES],
                                         const guint dims[CPAC_N_MODES], guint rank);

/* Of a cpac-conv layer, or of a conv layer, whose kernel has no components; @values are the layer's
 * parameters. NULL for a layer of another type. (transfer full) */
CpacSignificance *cpac_significance_of_layer (const CpacLayer *layer, CpacTensor *const *values);

/* @norms (channels of its input): norm of what a cpac-conv, conv or linear layer weighs each of
 * them with. */
void
cpac_significance_get_inputs (const CpacLayer *layer, CpacTensor *const *values, double *norms);

/* Takes NULL. */
void cpac_significance_free (CpacSignificance *significance);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CpacSignificance, cpac_significance_free)

G_END_DECLS
