/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/tensor/tensor.h"

/*
 * Windows and convolutions from their definitions, slowly and in double. Shares no code with
 * core/layers.
 */

typedef enum { ORACLE_VALID, ORACLE_SAME, ORACLE_EXPLICIT } OraclePadding;

/* Index 0 is vertical, 1 horizontal; sides are top, left, bottom, right of ORACLE_EXPLICIT. */
typedef struct {
  guint size[2], stride[2], dilation[2];
  OraclePadding padding;
  guint sides[4];
  gboolean ceil;
} OracleWindow;

/* Zeros (or missing pixels) before the first one along @axis: TensorFlow's published rule for
 * "same", with in % stride as its two cases. */
guint oracle_before (const OracleWindow *window, guint axis, guint n_in);
/* Number of outputs, counted one by one; 0 when the window does not fit. PyTorch's rule for ceil:
 * as many windows as start inside the picture or its padding before it. */
guint oracle_n_out (const OracleWindow *window, guint axis, guint n_in);

/* A number for each kernel tap (n, s, y, x), with the magnitudes of its terms. */
typedef struct {
  guint filters, channels, kh, kw;
  double *value, *magnitude;
} OracleKernel;

/* The CP-decomposed kernel multiplied out: sum_r a[n,r] b[y,r] c[x,r] d[s,r]. */
void oracle_kernel_from_factors (OracleKernel *kernel, guint rank, const float *a, const float *b,
                                 const float *c, const float *d);
void oracle_kernel_from_dense (OracleKernel *kernel, const float *weight);
void oracle_kernel_clear (OracleKernel *kernel);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (OracleKernel, oracle_kernel_clear)

/* Convolution of @x (channels, height, width); @bias may be NULL. @y and @bound (filters, outputs)
 * receive values and sums of magnitudes. */
void oracle_convolve (const OracleWindow *window, const OracleKernel *kernel, const float *bias,
                      const float *x, guint height, guint width, double *y, double *bound);

typedef enum { ORACLE_MAX, ORACLE_MEAN } OraclePool;
void oracle_pool (const OracleWindow *window, OraclePool kind, const float *x, const CpacDims *in,
                  double *y, double *bound);
