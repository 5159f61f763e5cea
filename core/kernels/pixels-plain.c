/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The kernels without vectors of their own, a row at a time: what any target has, and what the
 * others are compared with. */

#include "core/kernels/pixels.h"

#include <string.h>

/* Forced, so that @sample is a constant in each copy and the loops around it vectorise. */
#define ALWAYS_INLINE static inline __attribute__ ((always_inline))

ALWAYS_INLINE guint16
load (CpacSample sample, guint16 max, const guint8 *row, gsize i)
{
  guint16 value;

  if (sample == CPAC_SAMPLE_U8)
    return row[i];
  if (sample == CPAC_SAMPLE_U16_LE)
    value = row[2 * i] | row[2 * i + 1] << 8;
  else
    value = row[2 * i] << 8 | row[2 * i + 1];
  return MIN (value, max);
}

/* 16 x 16 bits, which baseline vectors multiply much faster than 32 x 32. */
ALWAYS_INLINE guint32
times (guint16 weight, guint16 sample)
{
  return (guint32) weight * sample;
}

ALWAYS_INLINE void
add_row (CpacSample sample, guint16 max, const guint8 *row, gsize n, guint32 *restrict sum)
{
  for (gsize i = 0; i < n; i++)
    sum[i] += load (sample, max, row, i);
}

/* Four rows at once: most of the work of adding bytes is widening them and going through memory. */
ALWAYS_INLINE void
add_four_rows (CpacSample sample, guint16 max, const guint8 *row, gssize stride, gsize n,
               guint32 *restrict sum)
{
  const guint8 *b = row + stride, *c = b + stride, *d = c + stride;

  for (gsize i = 0; i < n; i++)
    sum[i] += load (sample, max, row, i) + load (sample, max, b, i) + load (sample, max, c, i) +
              load (sample, max, d, i);
}

ALWAYS_INLINE void
weigh (CpacSample sample, guint16 max, const guint8 *row, gssize stride, const CpacSpan *span,
       gsize n, guint32 *restrict out)
{
  const guint8 *first = row + stride * (gssize) span->first;
  const guint8 *last = first + stride * (gssize) (span->n - 1);
  const guint8 *mid;
  guint16 w_first = span->w_first, w_mid = span->w_mid, w_last = span->w_last;
  guint n_mid = span->n > 2 ? span->n - 2 : 0;

  if (n_mid == 0) {
    for (gsize i = 0; i < n; i++)
      out[i] = times (w_first, load (sample, max, first, i)) +
               times (w_last, load (sample, max, last, i));
    return;
  }

  mid = first + stride;
  memset (out, 0, n * sizeof *out);
  for (; n_mid >= 4; n_mid -= 4, mid += 4 * stride)
    add_four_rows (sample, max, mid, stride, n, out);
  for (; n_mid > 0; n_mid--, mid += stride)
    add_row (sample, max, mid, n, out);
  for (gsize i = 0; i < n; i++)
    out[i] = w_mid * out[i] + times (w_first, load (sample, max, first, i)) +
             times (w_last, load (sample, max, last, i));
}

static void
weigh_row (CpacSample sample, guint16 max, const guint8 *row, gssize stride, const CpacSpan *spans,
           guint n_rows, gsize n, guint32 *out)
{
  switch (sample) {
    case CPAC_SAMPLE_U8:
      weigh (CPAC_SAMPLE_U8, max, row, stride, spans, n, out);
      break;
    case CPAC_SAMPLE_U16_LE:
      weigh (CPAC_SAMPLE_U16_LE, max, row, stride, spans, n, out);
      break;
    case CPAC_SAMPLE_U16_BE:
      weigh (CPAC_SAMPLE_U16_BE, max, row, stride, spans, n, out);
      break;
  }
}

static void
reduce (const guint32 *columns, gsize step, guint base, gboolean narrow, const CpacSpan *spans,
        gsize n, double *restrict out)
{
  for (gsize i = 0; i < n; i++) {
    const CpacSpan *span = &spans[i];
    const guint32 *first = columns + step * (span->first - base);
    const guint32 *last = first + step * (span->n - 1);
    guint64 sum = 0;

    for (gsize k = 1; k + 1 < span->n; k++)
      sum += first[k * step];
    sum = sum * span->w_mid + (guint64) *first * span->w_first + (guint64) *last * span->w_last;
    out[i] = (gint64) sum;
  }
}

/* out[i] += weight x the sum of four rows. */
static void
add_four (const guint8 *row, gssize stride, guint16 weight, gsize n, gint16 *restrict out)
{
  const guint8 *b = row + stride, *c = b + stride, *d = c + stride;

  for (gsize i = 0; i < n; i++) {
    guint16 sum = row[i] + b[i] + c[i] + d[i];

    out[i] = (gint16) (out[i] + weight * sum);
  }
}

static void
add_one (const guint8 *row, guint16 weight, gsize n, gint16 *restrict out)
{
  for (gsize i = 0; i < n; i++)
    out[i] = (gint16) (out[i] + weight * row[i]);
}

static void
weigh_pairs (const guint8 *row, gssize stride, const CpacSpan *span, guint n_rows, gsize n,
             gint16 *restrict out)
{
  const guint8 *first = row + stride * (gssize) span->first;
  const guint8 *last = first + stride * (gssize) (span->n - 1);
  const guint8 *mid = first + stride;
  guint16 w_first = span->w_first, w_last = span->w_last;
  guint n_mid = span->n > 2 ? span->n - 2 : 0;

  for (gsize i = 0; i < n; i++)
    out[i] = (gint16) (w_first * first[i] + w_last * last[i] - 32768);
  for (; n_mid >= 4; n_mid -= 4, mid += 4 * stride)
    add_four (mid, stride, span->w_mid, n, out);
  for (; n_mid > 0; n_mid--, mid += stride)
    add_one (mid, span->w_mid, n, out);
}

static void
reduce_pairs (const gint16 *columns, guint base, const CpacPairSpan *spans, gsize n, guint32 bias,
              double factor, double *restrict out)
{
  for (gsize i = 0; i < n; i++) {
    const CpacPairSpan *span = &spans[i];
    const gint16 *first = columns + 2 * (span->first - base), *last = first + 2 * (span->n - 1);
    gint64 even = 0, odd = 0, sum;

    for (const gint16 *x = first + 2; x < last; x += 2) {
      even += x[0];
      odd += x[1];
    }
    sum = even * span->w_mid[0] + odd * span->w_mid[1];
    sum += first[0] * span->w_first[0] + first[1] * span->w_first[1];
    if (span->n > 1)
      sum += last[0] * span->w_last[0] + last[1] * span->w_last[1];
    out[i] = factor * (double) (bias + sum);
  }
}

ALWAYS_INLINE float
finish (const CpacMix *mix, double v)
{
  v = v < 0 ? 0 : v;
  v = v > 255 ? 255 : v;
  return (float) ((v - mix->mean) * mix->inverse_scale);
}

static void
mix_row (const CpacMix *mix, guint n_sums, double *const sums[3], guint n_rows, gsize n,
         float *restrict out, gsize stride)
{
  const CpacMix m = *mix;
  const double *a = sums[0], *b = sums[1], *c = sums[2];

  if (n_sums == 1) {
    for (gsize i = 0; i < n; i++)
      out[i] = finish (&m, m.offset + m.gain[0] * a[i]);
    return;
  }
  for (gsize i = 0; i < n; i++)
    out[i] = finish (&m, m.offset + m.gain[0] * a[i] + m.gain[1] * b[i] + m.gain[2] * c[i]);
}

extern const CpacPixelKernels cpac_pixel_kernels_c;

const CpacPixelKernels cpac_pixel_kernels_c = {
  .lanes = 1,
  .weigh = weigh_row,
  .reduce = reduce,
  .weigh_pairs = weigh_pairs,
  .reduce_pairs = reduce_pairs,
  .mix = mix_row,
};
