/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The parts of one level's table: see CpacStreamKernels. */

#include "core/kernels/stream-kernels.h"
#include "core/kernels/vector.h"

/* Outputs of a tile: as many as leave room in the registers for CPAC_CHUNK_VECTORS sums of each,
 * and what is multiplied. */
#if LANES == 16 || defined(__aarch64__)
#define TILE_ROWS 6
#elif defined(__FMA__)
#define TILE_ROWS 3
#else
#define TILE_ROWS 2
#endif

/* So many inputs of a chunk stay in registers. */
#define FEW_INPUTS 3

void LEVEL_NAME (cpac_product) (const CpacPacked *matrix, const float *in, const guint32 *in_at,
                                guint n_phases, guint n_vectors, const guint32 *at, float *out,
                                gsize out_stride, gboolean relu);
void LEVEL_NAME (cpac_product_pool) (const CpacPacked *matrix, const float *in, gsize in_stride,
                                     guint n_vectors, float *out, gsize out_stride, gboolean relu,
                                     gboolean finite);
void LEVEL_NAME (cpac_row_taps) (const CpacTaps *taps, const float *in, gsize in_stride,
                                 const guint32 *at, guint n_phases, guint n_vectors, float *out,
                                 gsize out_stride);
void LEVEL_NAME (cpac_row_taps_sliding) (const CpacTaps *taps, const float *in, gsize in_stride,
                                         const guint32 *at, guint n_phases, guint n_vectors,
                                         float *out, gsize out_stride);
void LEVEL_NAME (cpac_column_taps) (const CpacTaps *taps, const float *const *rows, gsize stride,
                                    guint n_vectors, float *out, gsize out_stride);
gboolean LEVEL_NAME (cpac_column_taps_pool) (const CpacTaps *taps, const float *const *top,
                                             const float *const *bottom, gsize stride, gsize phase,
                                             guint n_vectors, float *out, gsize out_stride);
void LEVEL_NAME (cpac_gather) (guint channels, const float *in, gsize in_stride, guint n_taps,
                               const guint32 *at, guint n_vectors, float *out, gsize out_stride);
void LEVEL_NAME (cpac_fill) (guint channels, float *out, gsize out_stride, guint n,
                             const guint32 *at, float value);
void LEVEL_NAME (cpac_split) (guint channels, const float *in, gsize in_stride, guint n_phases,
                              guint n_vectors, float *out, gsize out_stride, gsize out_phase);
void LEVEL_NAME (cpac_relu) (guint channels, const float *in, gsize in_stride, guint n_vectors,
                             float *out, gsize out_stride);
void LEVEL_NAME (cpac_add) (guint channels, guint n_in, const float *const *in,
                            const gsize *in_stride, guint n_vectors, float *out, gsize out_stride);
void LEVEL_NAME (cpac_pool) (guint channels, guint n_rows, const float *const *rows,
                             gsize in_stride, guint n_taps, const guint32 *at, guint n_phases,
                             guint n_vectors, const float *divisors, float *out, gsize out_stride);
void LEVEL_NAME (cpac_upsample) (guint channels, const float *above, const float *below,
                                 gsize in_stride, guint n_vectors, const guint32 *left,
                                 const guint32 *right, const float *weights, float weight,
                                 float *out, gsize out_stride);
void LEVEL_NAME (cpac_sum) (guint channels, const float *in, gsize in_stride, guint n_phases,
                            gsize phase, const guint32 *widths, double *sums);
void LEVEL_NAME (cpac_dot) (guint tile, const float *weights, const float *bias, const float *x,
                            gsize n_vectors, float *sums);
double LEVEL_NAME (cpac_total) (gsize n, const float *x);
double LEVEL_NAME (cpac_squares) (gsize n, const float *x, double mean);
void LEVEL_NAME (cpac_rescale) (gsize n, const float *x, double mean, double gain, double offset,
                                double min, double max, float *out);
void LEVEL_NAME (cpac_column_moments) (guint n_rows, const float *in, gsize width,
                                       const double *before, double *sums);
void LEVEL_NAME (cpac_contrast) (gsize width, guint window, const float *x, const double *sum,
                                 const double *squares, guint n_rows, const double *n_columns,
                                 double epsilon, float *out);
