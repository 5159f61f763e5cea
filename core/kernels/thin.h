/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/kernels/kernels.h"

G_BEGIN_DECLS

/**
 * CpacMix:
 * @n: elements of a row
 * @n_out: rows of @out
 * @n_in: rows of @in, at least 1
 * @weights: weight of input k in output m at m @out_step + k @in_step
 * @bias: (n_out), or NULL
 * @in: rows @in_stride elements apart
 * @out: rows @out_stride elements apart; does not overlap @in
 *
 * out[m][i] = bias[m] + sum_k weight[m, k] in[k][i], in the order of k: a pointwise convolution.
 */
typedef struct {
  gsize n;
  guint n_out, n_in;
  const float *weights;
  gsize out_step, in_step;
  const float *bias;
  const float *in;
  gsize in_stride;
  float *out;
  gsize out_stride;
} CpacMix;

/**
 * CpacOuter:
 * @n: elements of a row
 * @n_rows, @n_columns: of the result
 * @g: (n_rows) rows, @g_stride elements apart
 * @x: (n_columns) rows, @x_stride elements apart
 * @sums: (n_rows, n_columns)
 *
 * sums[m][k] += sum_i g[m][i] x[k][i]: the gradient of a pointwise convolution's weights.
 */
typedef struct {
  gsize n;
  guint n_rows, n_columns;
  const float *g;
  gsize g_stride;
  const float *x;
  gsize x_stride;
  float *sums;
} CpacOuter;

/**
 * CpacThinKernels:
 *
 * Products of a small matrix and one of long rows, where BLAS spends its time on packing: one table
 * per instruction set, all compiled from thin.c. Every element is summed in the same order on every
 * level, so the results of two levels differ in rounding only (an FMA rounds once). Rows need no
 * alignment and may have any length.
 */
typedef struct {
  void (*mix) (const CpacMix *mix);
  void (*outer) (const CpacOuter *outer);
} CpacThinKernels;

/* The table of a level this CPU supports; the C table where the level has none. */
const CpacThinKernels *cpac_thin_kernels_get (CpacLevel level);

G_END_DECLS
