/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/kernels/kernels.h"

G_BEGIN_DECLS

/* The inner loops of a frame plan. All weights are integers, and so are the sums, which cannot
 * overflow: along one axis the weights of an output sample add up to at most 2^16, so a column of
 * 16-bit samples stays below 2^32 and the whole footprint below 2^48. Results are therefore exact
 * whatever the order of the additions or the width of the vectors. */

typedef enum {
  CPAC_SAMPLE_U8,
  CPAC_SAMPLE_U16_LE,
  CPAC_SAMPLE_U16_BE,
} CpacSample;

/**
 * CpacSpan:
 *
 * What one output sample takes along one axis: the @n samples from @first on. The outermost have
 * weights of their own, those between share one. A single sample is first and last at once, its
 * weight being @w_first + @w_last.
 */
typedef struct {
  guint32 first;
  guint32 n;
  guint16 w_first, w_mid, w_last;
} CpacSpan;

/**
 * CpacPairSpan:
 *
 * The same in pairs of samples: the @n pairs from @first on. Weights of the two samples of the
 * first pair, of each between, and of the last where there are more than one; below 2^15.
 */
typedef struct {
  guint32 first;
  guint32 n;
  gint16 w_first[2], w_mid[2], w_last[2];
} CpacPairSpan;

/**
 * CpacMix:
 *
 * One channel of the output: v = offset + sum_k gain[k] sums[k], limited to 0..255, then
 * (v - mean) * inverse_scale.
 */
typedef struct {
  double gain[3];
  double offset;
  double mean, inverse_scale;
} CpacMix;

/**
 * CpacPixelKernels:
 * @lanes: output rows that are worked on together; in what lies between the kernels they are
 *   interleaved, as (samples, lanes)
 *
 * One table per instruction set; all give the same bits. Each is called for @n_rows output rows, 1
 * to @lanes; what the lanes from there on hold in between is unspecified.
 */
typedef struct {
  guint lanes;
  /* Down the columns: out (n, lanes) = sum over the rows of spans[r] of weight x sample, for the @n
   * samples at @row (row number 0 of the spans' axis) and below. Samples above @max count as @max.
   * @out: aligned, with room for @n rounded up to a multiple of @lanes. */
  void (*weigh) (CpacSample sample, guint16 max, const guint8 *row, gssize stride,
                 const CpacSpan *spans, guint n_rows, gsize n, guint32 *out);
  /* Along rows whose samples are @step apart, the first at @columns being number @base of the
   * spans' axis: out (n, lanes) = sum of spans[i], i < n. @narrow: all stay below 2^32. */
  void (*reduce) (const guint32 *columns, gsize step, guint base, gboolean narrow,
                  const CpacSpan *spans, gsize n, double *out);
  /* Both for bytes of one component, where what @spans say stays below 2^16 down the columns and
   * below 2^32 in all. Down the columns: out (n / 2 rounded up, lanes, 2) = sum - 2^15,
   * neighbouring columns in pairs; a column more than @n is unspecified. @out: aligned, with room
   * for @n rounded up to a multiple of 2 @lanes. */
  void (*weigh_pairs) (const guint8 *row, gssize stride, const CpacSpan *spans, guint n_rows,
                       gsize n, gint16 *out);
  /* Along rows, the first pair at @columns being number @base of the spans' axis: out (n, lanes) =
   * @factor x (@bias + sum of spans[i]). */
  void (*reduce_pairs) (const gint16 *columns, guint base, const CpacPairSpan *spans, gsize n,
                        guint32 bias, double factor, double *out);
  /* @n_rows rows, @stride apart, of one channel: @sums are @n_sums (1 or 3) of (n, lanes). */
  void (*mix) (const CpacMix *mix, guint n_sums, double *const sums[3], guint n_rows, gsize n,
               float *out, gsize stride);
} CpacPixelKernels;

/* The table of a level this CPU supports; the C table where the level has none. */
const CpacPixelKernels *cpac_pixel_kernels_get (CpacLevel level);

G_END_DECLS
