/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/kernels/kernels.h"

G_BEGIN_DECLS

/* A product works on at most so many vectors of columns at once. */
#define CPAC_CHUNK_VECTORS 4
/* Columns are split into at most so many phases. */
#define CPAC_MAX_PHASES 8
/* Floats that may be read behind the end of a row: up to a vector of each phase. */
#define CPAC_ROW_SLACK (CPAC_MAX_PHASES * 16)

/**
 * CpacPacked:
 * @n: outputs (rows of the matrix)
 * @k: inputs (its columns)
 * @tile_rows: most outputs of a tile
 * @data: outputs in tiles as even as possible, lower ones first; of each tile first the biases,
 *   then input by input the weights of its outputs
 *
 * A matrix as product() and product_pool() read it.
 */
typedef struct {
  guint n, k, tile_rows;
  const float *data;
} CpacPacked;

/**
 * CpacTaps:
 * @channels: how many channels
 * @n_taps: taps of each, at least one
 * @weights: (channels, n_taps)
 */
typedef struct {
  guint channels, n_taps;
  const float *weights;
} CpacTaps;

typedef void (*CpacRowTaps) (const CpacTaps *taps, const float *in, gsize in_stride,
                             const guint32 *at, guint n_phases, guint n_vectors, float *out,
                             gsize out_stride);

/**
 * CpacStreamKernels:
 * @lanes: floats of a vector
 * @tile_rows: most outputs of a tile of a packed matrix; the fastest for
 * @few_inputs: product() has a way of its own for matrices of so many inputs or fewer, in tiles of
 *   one output
 *
 * Inner loops of row-streaming inference, one table per instruction set, all compiled from the same
 * sources. They work on whole vectors: what lies between a row's end and the end of its last vector
 * is read and overwritten and means nothing. Every element is computed by the same operations in
 * the same order wherever in a vector, chunk or tile it lies. Strides are in floats; a row's
 * channel c lies c strides from its first.
 */
typedef struct {
  guint lanes, tile_rows, few_inputs;

  /* For each phase f and the vectors v < n_vectors of it: out[n][at[f n_vectors + v] + i] = bias[n]
   * + sum_j weights[n][j] in[in_at[f k + j] + v lanes + i]; rectified if @relu. */
  void (*product) (const CpacPacked *matrix, const float *in, const guint32 *in_at, guint n_phases,
                   guint n_vectors, const guint32 *at, float *out, gsize out_stride, gboolean relu);
  /* The same of n_vectors times CPAC_CHUNK_VECTORS vectors in[j in_stride + (4 v + u) lanes + i],
   * of which only the largest is kept: out[n][v lanes + i] = max_u. @finite: all that is read is.
   */
  void (*product_pool) (const CpacPacked *matrix, const float *in, gsize in_stride, guint n_vectors,
                        float *out, gsize out_stride, gboolean relu, gboolean finite);

  /* Horizontal taps. For each phase f: out[c][f n_vectors lanes + i] = sum_t weights[c][t]
   * in[c][at[f n_taps + t] + i], i < n_vectors lanes. */
  CpacRowTaps row_taps;
  /* The same where each phase reads what the one before it does, one further on: tap t of phase f
   * at at[f + t]. For 3 and 5 taps. */
  CpacRowTaps row_taps_sliding;
  /* Vertical taps: out[c][i] = sum_t weights[c][t] rows[t][c stride + i], i < n_vectors lanes. */
  void (*column_taps) (const CpacTaps *taps, const float *const *rows, gsize stride,
                       guint n_vectors, float *out, gsize out_stride);
  /* Vertical taps of what a pool of 2x2 reads: of two rows and two phases, the second @phase floats
   * from the first, one vector each: out[c] = (top, top phase 2, bottom, bottom phase 2), n_vectors
   * times. Returns FALSE if one of them is not finite, and seldom otherwise. */
  gboolean (*column_taps_pool) (const CpacTaps *taps, const float *const *top,
                                const float *const *bottom, gsize stride, gsize phase,
                                guint n_vectors, float *out, gsize out_stride);

  /* in[c][at[t]] to out[c][t out_step], one vector each: what a convolution's taps read. */
  void (*gather) (guint channels, const float *in, gsize in_stride, guint n_taps, const guint32 *at,
                  guint n_vectors, float *out, gsize out_stride);
  /* A vector of @value at each of n places of every channel. */
  void (*fill) (guint channels, float *out, gsize out_stride, guint n, const guint32 *at,
                float value);
  /* Column i p + f of a row of every channel to out[c][f out_phase + i], for p = n_phases: 1, 2, 4
   * or 8; n_vectors of each phase. */
  void (*split) (guint channels, const float *in, gsize in_stride, guint n_phases, guint n_vectors,
                 float *out, gsize out_stride, gsize out_phase);
  /* out[i] = max (0, in[i]) */
  void (*relu) (guint channels, const float *in, gsize in_stride, guint n_vectors, float *out,
                gsize out_stride);
  /* out[i] = sum_k in[k][i], added in order */
  void (*add) (guint channels, guint n_in, const float *const *in, const gsize *in_stride,
               guint n_vectors, float *out, gsize out_stride);
  /* out[c][f n_vectors lanes + i] = the largest, or the sum, of rows[y][c in_stride + at[f n_taps +
   * t] + i] over y and t; the sum then divided by divisors[f n_vectors lanes + i]. */
  void (*pool) (guint channels, guint n_rows, const float *const *rows, gsize in_stride,
                guint n_taps, const guint32 *at, guint n_phases, guint n_vectors,
                const float *divisors, float *out, gsize out_stride);
  /* Bilinear: out[i] between (left[i], right[i]) of @above and of @below, by weights[i] from left
   * to right and by @weight from above to below. */
  void (*upsample) (guint channels, const float *above, const float *below, gsize in_stride,
                    guint n_vectors, const guint32 *left, const guint32 *right,
                    const float *weights, float weight, float *out, gsize out_stride);
  /* sums[c] = sum of in[c][f phase + i] over the phases f and i < widths[f]. */
  void (*sum) (guint channels, const float *in, gsize in_stride, guint n_phases, gsize phase,
               const guint32 *widths, double *sums);
  /* sums[u] = bias[u] + sum_i weights[u][i] x[i] for the units of one tile: weights are (n_vectors,
   * tile, lanes), x is zero behind its end. */
  void (*dot) (guint tile, const float *weights, const float *bias, const float *x, gsize n_vectors,
               float *sums);

  /* In double, of exactly n elements: nothing is read or written behind them. */
  /* sum of x[i], and of (x[i] - mean)^2 */
  double (*total) (gsize n, const float *x);
  double (*squares) (gsize n, const float *x, double mean);
  /* out[i] = (x[i] - mean) gain + offset, not below min nor above max */
  void (*rescale) (gsize n, const float *x, double mean, double gain, double offset, double min,
                   double max, float *out);
  /* sums[j] = before[j] + in[i width + j] over the rows i, sums[width + j] that of the squares;
   * @sums may be @before. */
  void (*column_moments) (guint n_rows, const float *in, gsize width, const double *before,
                          double *sums);
  /* With n = n_rows n_columns[j], m = (sum[j + window] - sum[j]) / n and v = (squares[j + window] -
   * squares[j]) / n - m^2, not below 0: out[j] = (x[j] - m) / sqrt (v + epsilon), j < width. */
  void (*contrast) (gsize width, guint window, const float *x, const double *sum,
                    const double *squares, guint n_rows, const double *n_columns, double epsilon,
                    float *out);
} CpacStreamKernels;

/* Most units of a tile of dot(). */
#define CPAC_DOT_TILE 4

/* The table of a level that has kernels and that this CPU supports. */
const CpacStreamKernels *cpac_stream_kernels_get (CpacLevel level);

G_END_DECLS
