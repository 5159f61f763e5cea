/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* As many output rows at once as a vector has lanes. Down the columns vectors lie along the rows of
 * the frame; then they are turned, so that along the rows a vector is one column of all the output
 * rows: spans of any length and position need no shuffling there, nor samples any step. Compiled
 * once per level, AVX2 and up. */

#include "core/kernels/pixel-vector.h"

/* Of them, so many at once where there are: what it takes to step down a row is shared. */
#define MOST_CHUNKS 2
/* Columns between two turns: LANES rows of them stay in the first cache. */
#define BLOCK 256
/* Rows of bytes that a word can add up. */
#define WORD_ROWS 256

/* --- Down the columns --- */

/* One output row of a block, as spans have it. */
typedef struct {
  const guint8 *first, *mid, *last;
  gssize stride;
  guint n_mid;
  guint32 w_first, w_mid, w_last;
} Column;

ALWAYS_INLINE Uints
load_words (CpacSample sample, guint16 max, const guint8 *from)
{
  HalfWords x;

  memcpy (&x, from, sizeof x);
  if (sample == CPAC_SAMPLE_U16_BE)
    x = x << 8 | x >> 8;
  return widen (at_most (x, max - (HalfWords){ 0 }));
}

ALWAYS_INLINE void
store_uints (guint32 *to, Uints x)
{
  memcpy (to, &x, sizeof x);
}

/* CHUNK columns of bytes, their rows between the first and the last being added up. */
ALWAYS_INLINE void
finish_bytes (Column column, gsize at, Uints low, Uints high, guint32 *out)
{
  Words first = load_bytes (column.first + at), last = load_bytes (column.last + at);

  low = low * column.w_mid + widen (low_half (first)) * column.w_first +
        widen (low_half (last)) * column.w_last;
  high = high * column.w_mid + widen (high_half (first)) * column.w_first +
         widen (high_half (last)) * column.w_last;
  store_uints (out + at, low);
  store_uints (out + at + LANES, high);
}

/* @n_chunks times CHUNK columns of bytes; at most MOST_CHUNKS. */
ALWAYS_INLINE void
weigh_bytes (Column column, guint n_chunks, gsize at, guint32 *out)
{
  const guint8 *row = column.mid + at;
  Uints low[MOST_CHUNKS] = { 0 }, high[MOST_CHUNKS] = { 0 };

  for (guint left = column.n_mid; left > 0;) {
    guint now = MIN (left, WORD_ROWS);
    Words sum[MOST_CHUNKS] = { 0 };

    for (guint k = 0; k < now; k++, row += column.stride) {
      UNROLL
      for (guint c = 0; c < n_chunks; c++)
        sum[c] += load_bytes (row + c * CHUNK);
    }
    UNROLL
    for (guint c = 0; c < n_chunks; c++) {
      low[c] += widen (low_half (sum[c]));
      high[c] += widen (high_half (sum[c]));
    }
    left -= now;
  }
  UNROLL
  for (guint c = 0; c < n_chunks; c++)
    finish_bytes (column, at + c * CHUNK, low[c], high[c], out);
}

/* LANES columns of words. */
ALWAYS_INLINE void
weigh_words (CpacSample sample, guint16 max, Column column, gsize at, guint32 *out)
{
  const guint8 *row = column.mid + 2 * at;
  Uints sum = { 0 };

  for (guint k = 0; k < column.n_mid; k++, row += column.stride)
    sum += load_words (sample, max, row);
  sum = sum * column.w_mid + load_words (sample, max, column.first + 2 * at) * column.w_first +
        load_words (sample, max, column.last + 2 * at) * column.w_last;
  store_uints (out + at, sum);
}

/* Where a row is no multiple of a vector, the last one reaches back: the same sums once more. */
ALWAYS_INLINE void
weigh_row (CpacSample sample, guint16 max, Column column, gsize n, guint32 *out)
{
  gsize i = 0;

  if (sample != CPAC_SAMPLE_U8) {
    for (; i < n; i += LANES)
      weigh_words (sample, max, column, MIN (i, n - LANES), out);
    return;
  }
  for (; i + MOST_CHUNKS * CHUNK <= n; i += MOST_CHUNKS * CHUNK)
    weigh_bytes (column, MOST_CHUNKS, i, out);
  for (; i < n; i += CHUNK)
    weigh_bytes (column, 1, MIN (i, n - CHUNK), out);
}

ALWAYS_INLINE guint32
sample_at (CpacSample sample, guint16 max, const guint8 *row, gsize i)
{
  guint value;

  if (sample == CPAC_SAMPLE_U8)
    return row[i];
  value = sample == CPAC_SAMPLE_U16_LE ? row[2 * i] | row[2 * i + 1] << 8
                                       : row[2 * i] << 8 | row[2 * i + 1];
  return MIN (value, max);
}

/* Rows shorter than a vector. */
ALWAYS_INLINE void
weigh_short (CpacSample sample, guint16 max, const Column *column, gsize n, guint32 *out)
{
  for (gsize i = 0; i < n; i++) {
    const guint8 *row = column->mid;
    guint32 sum = 0;

    for (guint k = 0; k < column->n_mid; k++, row += column->stride)
      sum += sample_at (sample, max, row, i);
    out[i] = sum * column->w_mid + sample_at (sample, max, column->first, i) * column->w_first +
             sample_at (sample, max, column->last, i) * column->w_last;
  }
}

ALWAYS_INLINE void
weigh_block (CpacSample sample, guint16 max, const guint8 *row, gssize stride,
             const CpacSpan *spans, guint n_rows, gsize n, guint32 *out)
{
  gsize chunk = sample == CPAC_SAMPLE_U8 ? CHUNK : LANES;
  guint32 rows[LANES * BLOCK] __attribute__ ((aligned (64)));

  for (guint r = 0; r < n_rows; r++) {
    const CpacSpan *span = &spans[r];
    const guint8 *first = row + stride * (gssize) span->first;
    Column column = {
      .first = first,
      .mid = span->n > 2 ? first + stride : first,
      .last = first + stride * (gssize) (span->n - 1),
      .stride = stride,
      .n_mid = span->n > 2 ? span->n - 2 : 0,
      .w_first = span->w_first,
      .w_mid = span->w_mid,
      .w_last = span->w_last,
    };

    if (n < chunk)
      weigh_short (sample, max, &column, n, rows + r * BLOCK);
    else
      weigh_row (sample, max, column, n, rows + r * BLOCK);
  }
  for (gsize i = 0; i < n; i += LANES)
    turn (rows + i, BLOCK, out + i * LANES, LANES);
}

ALWAYS_INLINE void
weigh_blocks (CpacSample sample, guint16 max, const guint8 *row, gssize stride,
              const CpacSpan *spans, guint n_rows, gsize n, guint32 *out)
{
  gsize sample_size = sample == CPAC_SAMPLE_U8 ? 1 : 2;

  for (gsize i = 0; i < n; i += BLOCK)
    weigh_block (sample, max, row + i * sample_size, stride, spans, n_rows, MIN (BLOCK, n - i),
                 out + i * LANES);
}

static void
weigh (CpacSample sample, guint16 max, const guint8 *row, gssize stride, const CpacSpan *spans,
       guint n_rows, gsize n, guint32 *out)
{
  switch (sample) {
    case CPAC_SAMPLE_U8:
      weigh_blocks (CPAC_SAMPLE_U8, max, row, stride, spans, n_rows, n, out);
      break;
    case CPAC_SAMPLE_U16_LE:
      weigh_blocks (CPAC_SAMPLE_U16_LE, max, row, stride, spans, n_rows, n, out);
      break;
    case CPAC_SAMPLE_U16_BE:
      weigh_blocks (CPAC_SAMPLE_U16_BE, max, row, stride, spans, n_rows, n, out);
      break;
  }
}

/* --- Along the rows --- */

ALWAYS_INLINE Uints
load_uints (const guint32 *from)
{
  Uints x;

  memcpy (&x, from, sizeof x);
  return x;
}

ALWAYS_INLINE void
store_doubles (double *to, Doubles x)
{
  memcpy (to, &x, sizeof x);
}

ALWAYS_INLINE void
reduce_narrow (const guint32 *first, gsize step, const CpacSpan *span, double *out)
{
  const guint32 *last = first + step * (span->n - 1);
  guint32 w_first = span->w_first, w_mid = span->w_mid, w_last = span->w_last;
  Uints sum = { 0 };

  for (const guint32 *x = first + step; x < last; x += step)
    sum += load_uints (x);
  sum = sum * w_mid + load_uints (first) * w_first + load_uints (last) * w_last;
  store_doubles_of (out, sum, 1);
}

/* In double, which holds whole numbers below 2^53: every sum here is one. */
ALWAYS_INLINE void
reduce_wide (const guint32 *first, gsize step, const CpacSpan *span, double *out)
{
  const guint32 *last = first + step * (span->n - 1);
  double w_first = span->w_first, w_mid = span->w_mid, w_last = span->w_last;

  for (guint half = 0; half < LANES; half += HALF) {
    Doubles sum = { 0 };

    for (const guint32 *x = first + step; x < last; x += step)
      sum += load_wide (x + half);
    sum = sum * w_mid + load_wide (first + half) * w_first + load_wide (last + half) * w_last;
    store_doubles (out + half, sum);
  }
}

static void
reduce (const guint32 *columns, gsize step, guint base, gboolean narrow, const CpacSpan *spans,
        gsize n, double *out)
{
  for (gsize i = 0; i < n; i++) {
    const guint32 *first = columns + step * LANES * (spans[i].first - base);

    if (narrow)
      reduce_narrow (first, step * LANES, &spans[i], out + i * LANES);
    else
      reduce_wide (first, step * LANES, &spans[i], out + i * LANES);
  }
}

ALWAYS_INLINE Doubles
load_doubles (const double *from)
{
  Doubles x;

  memcpy (&x, from, sizeof x);
  return x;
}

/* One column of all rows. */
ALWAYS_INLINE void
mix_column (CpacMix mix, guint n_sums, double *const sums[3], gsize at, float *out)
{
  UNROLL
  for (guint half = 0; half < LANES; half += HALF) {
    Doubles v = mix.offset + mix.gain[0] * load_doubles (sums[0] + at + half);

    if (n_sums > 1)
      v = v + mix.gain[1] * load_doubles (sums[1] + at + half) +
          mix.gain[2] * load_doubles (sums[2] + at + half);
    store_floats (out + half, (limit (v) - mix.mean) * mix.inverse_scale);
  }
}

ALWAYS_INLINE void
mix_columns (const CpacMix *mix, guint n_sums, double *const sums[3], guint n_rows, gsize n,
             float *out, gsize stride)
{
  const CpacMix m = *mix;
  float columns[LANES * LANES] __attribute__ ((aligned (64))) = { 0 };
  float rows[LANES * LANES] __attribute__ ((aligned (64)));

  for (gsize i = 0; i < n; i += LANES) {
    gsize n_columns = MIN (LANES, n - i);

    for (gsize k = 0; k < n_columns; k++)
      mix_column (m, n_sums, sums, (i + k) * LANES, columns + k * LANES);
    if (n_rows == LANES && n_columns == LANES) {
      turn (columns, LANES, out + i, stride);
      continue;
    }
    turn (columns, LANES, rows, LANES);
    for (guint r = 0; r < n_rows; r++)
      memcpy (out + r * stride + i, rows + r * LANES, n_columns * sizeof *out);
  }
}

static void
mix (const CpacMix *mix, guint n_sums, double *const sums[3], guint n_rows, gsize n, float *out,
     gsize stride)
{
  if (n_sums == 1)
    mix_columns (mix, 1, sums, n_rows, n, out, stride);
  else
    mix_columns (mix, 3, sums, n_rows, n, out, stride);
}

extern const CpacPixelKernels LEVEL_NAME (cpac_pixel_kernels);

const CpacPixelKernels LEVEL_NAME (cpac_pixel_kernels) = {
  .lanes = LANES,
  .weigh = weigh,
  .reduce = reduce,
  .weigh_pairs = LEVEL_NAME (cpac_weigh_pairs),
  .reduce_pairs = LEVEL_NAME (cpac_reduce_pairs),
  .mix = mix,
};
