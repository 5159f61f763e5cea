/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/kernels/kernels.h"

G_BEGIN_DECLS

/**
 * CpacRowKernels:
 *
 * Inner loops over rows of floats, one table per instruction set, all compiled from rows.c. The
 * results of two levels differ in rounding only (an FMA rounds once). Rows need no alignment and
 * may have any length; outputs do not overlap inputs unless said.
 */
typedef struct {
  /* out[i] = sum_t weights[t] rows[t][i], in the order of t; at least one. */
  void (*taps) (gsize n, guint n_taps, const float *weights, const float *const *rows, float *out);
  /* out[i] += the same sum. */
  void (*add_taps) (gsize n, guint n_taps, const float *weights, const float *const *rows,
                    float *out);
  /* sums[t] += sum_i x[i] rows[t][i]. */
  void (*dots) (gsize n, guint n_taps, const float *x, const float *const *rows, float *sums);
  /* out[i] = max (0, x[i]); not a number stays one. */
  void (*relu) (gsize n, const float *x, float *out);
  /* dx[i] = x[i] > 0 ? dy[i] : 0 */
  void (*relu_backward) (gsize n, const float *x, const float *dy, float *dx);
  /* out[i] = the largest of top[2i], top[2i+1], bottom[2i], bottom[2i+1]; not a number wins. */
  void (*pool2) (gsize n, const float *top, const float *bottom, float *out);
  /* Hands dy[i] to the first largest of those four, in dtop and dbottom; the others become 0. */
  void (*pool2_backward) (gsize n, const float *top, const float *bottom, const float *dy,
                          float *dtop, float *dbottom);
  /* ReLU that keeps for the way back what it let through: out[i] = max (0, x[i]), choices[i] =
   * whether x[i] > 0; and dx[i] = choices[i] ? dy[i] : 0. */
  void (*relu_choose) (gsize n, const float *x, float *out, guint8 *choices);
  void (*relu_chosen) (gsize n, const float *dy, const guint8 *choices, float *dx);
  /* As pool2, then ReLU if @with_relu. choices[i]: which of the four handed on, 0 to 3 in the order
   * above, the first largest; 4: none, ReLU holds it back. */
  void (*pool2_choose) (gsize n, const float *top, const float *bottom, gboolean with_relu,
                        float *out, guint8 *choices);
  /* Hands dy[i] to the one of the four that was chosen; the others become 0. */
  void (*pool2_chosen) (gsize n, const float *dy, const guint8 *choices, float *dtop,
                        float *dbottom);
  /* sum_i x[i], short blocks in float, their sums in double. */
  double (*sum) (gsize n, const float *x);
  /* out[i] = mean of the columns i to i + 2 of three rows, added in reading order in double; the
   * same bits at every level. */
  void (*mean9) (gsize n, const float *above, const float *here, const float *below, float *out);
  /* The same of two rows, where there is no third. */
  void (*mean6) (gsize n, const float *upper, const float *lower, float *out);
  /* The largest of some numbers, the same bits at every level; -infinity of none. */
  float (*largest) (gsize n, const float *x);
  /* levels[i] = (x[i] - min) gain, in double, limited to 0..255 (not a number: 0) and rounded, half
   * up; the same bits at every level. */
  void (*quantise) (gsize n, const float *x, double min, double gain, guint8 *levels);
} CpacRowKernels;

/* The table of a level this CPU supports; the C table where the level has none. */
const CpacRowKernels *cpac_row_kernels_get (CpacLevel level);
/* What training uses: the level CPAC_CPU names, if scoring can run at it, or else the highest
 * supported. */
const CpacRowKernels *cpac_row_kernels_default (void);
/* For those of the loops that give the same bits at every level: that table, looked up once for the
 * process, as reading the environment for every frame takes longer than some of them. */
const CpacRowKernels *cpac_row_kernels_any (void);
/* That level: weights trained at two levels differ in rounding. */
CpacLevel cpac_row_kernels_default_level (void);

G_END_DECLS
