/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

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

/* Down the columns: out[i] = sum over the span's rows of weight x row[i], for the @n samples at
 * @row (row number 0 of the span's axis) and below. Samples above @max count as @max. */
void cpac_rows_weigh (CpacSample sample, guint16 max, const guint8 *row, gssize stride,
                      const CpacSpan *span, gsize n, guint32 *out);

/* Along a row whose samples are @step apart: out[i] = sum of spans[i], i < n. */
void cpac_rows_reduce (const guint32 *row, gsize step, const CpacSpan *spans, gsize n, double *out);

/* One row of one channel: @sums are @n_sums (1 or 3) rows of n, @out is a row of n. */
void cpac_rows_mix (const CpacMix *mix, guint n_sums, double *const sums[3], gsize n, float *out);

G_END_DECLS
