/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Bytes whose sums down the columns fit 16 bits: half of what pixels.c stores, turns and reads, and
 * two columns multiplied and added in one instruction along the rows. Compiled once per level, AVX2
 * and up. */

#include "core/kernels/pixel-vector.h"

/* Bytes of a row at once, every other one in a word of its own. */
#define WIDE (4 * LANES)
/* Of them, so many at once where there are. */
#define MOST_WIDE 2
/* Columns between two turns. */
#define BLOCK 1024

/* One output row of a block. */
typedef struct {
  const guint8 *first, *last;
  gssize stride;
  guint n_mid;
  guint16 w_first, w_mid, w_last;
} Column;

ALWAYS_INLINE Words
load_wide_bytes (const guint8 *from)
{
  Words x;

  memcpy (&x, from, sizeof x);
  return x;
}

/* Words a0 b0 a1 b1 ... of two vectors, in the order of memory. */
ALWAYS_INLINE void
store_pairs (gint16 *to, Words a, Words b)
{
#if LANES == 16
  const __m512i low = _mm512_set_epi16 (47, 15, 46, 14, 45, 13, 44, 12, 43, 11, 42, 10, 41, 9, 40,
                                        8, 39, 7, 38, 6, 37, 5, 36, 4, 35, 3, 34, 2, 33, 1, 32, 0);
  const __m512i high = _mm512_add_epi16 (low, _mm512_set1_epi16 (16));

  _mm512_storeu_si512 (to, _mm512_permutex2var_epi16 ((__m512i) a, low, (__m512i) b));
  _mm512_storeu_si512 (to + CHUNK, _mm512_permutex2var_epi16 ((__m512i) a, high, (__m512i) b));
#else
  __m256i low = _mm256_unpacklo_epi16 ((__m256i) a, (__m256i) b);
  __m256i high = _mm256_unpackhi_epi16 ((__m256i) a, (__m256i) b);

  _mm256_storeu_si256 ((__m256i *) to, _mm256_permute2x128_si256 (low, high, 0x20));
  _mm256_storeu_si256 ((__m256i *) (to + CHUNK), _mm256_permute2x128_si256 (low, high, 0x31));
#endif
}

/* @n_wide times WIDE columns. All sums are right to the 16 bits they fit, whatever is carried away
 * in between: so what the odd bytes add to the words need only be taken off at the end. */
ALWAYS_INLINE void
weigh_wide (Column column, guint n_wide, gsize at, gint16 *out)
{
  const guint8 *row = column.first + at;
  Words both[MOST_WIDE] = { 0 }, odd[MOST_WIDE] = { 0 };

  for (guint k = 0; k < column.n_mid; k++) {
    row += column.stride;
    UNROLL
    for (guint c = 0; c < n_wide; c++) {
      Words bytes = load_wide_bytes (row + c * WIDE);

      both[c] += bytes;
      odd[c] += bytes >> 8;
    }
  }
  UNROLL
  for (guint c = 0; c < n_wide; c++) {
    Words first = load_wide_bytes (column.first + at + c * WIDE);
    Words last = load_wide_bytes (column.last + at + c * WIDE);
    Words even = (both[c] - (odd[c] << 8)) * column.w_mid + (first & 255) * column.w_first +
                 (last & 255) * column.w_last;

    odd[c] = odd[c] * column.w_mid + (first >> 8) * column.w_first + (last >> 8) * column.w_last;
    store_pairs (out + at + c * WIDE, even ^ 0x8000, odd[c] ^ 0x8000);
  }
}

static void
weigh_short (Column column, gsize n, gint16 *out)
{
  for (gsize i = 0; i < n; i++) {
    const guint8 *row = column.first + i;
    guint sum = 0;

    for (guint k = 0; k < column.n_mid; k++) {
      row += column.stride;
      sum += *row;
    }
    sum = sum * column.w_mid + column.first[i] * column.w_first + column.last[i] * column.w_last;
    out[i] = (gint16) (sum ^ 0x8000);
  }
}

/* Where a row is no multiple of a vector, the last one reaches back: the same sums once more. */
ALWAYS_INLINE void
weigh_row (Column column, gsize n, gint16 *out)
{
  gsize i = 0;

  if (n < WIDE) {
    weigh_short (column, n, out);
    return;
  }
  for (; i + MOST_WIDE * WIDE <= n; i += MOST_WIDE * WIDE)
    weigh_wide (column, MOST_WIDE, i, out);
  for (; i < n; i += WIDE)
    weigh_wide (column, 1, MIN (i, n - WIDE), out);
}

static void
weigh_block (const guint8 *row, gssize stride, const CpacSpan *spans, guint n_rows, gsize n,
             gint16 *out)
{
  gint16 rows[LANES * BLOCK] __attribute__ ((aligned (64)));

  for (guint r = 0; r < n_rows; r++) {
    const CpacSpan *span = &spans[r];
    const guint8 *first = row + stride * (gssize) span->first;
    Column column = {
      .first = first,
      .last = first + stride * (gssize) (span->n - 1),
      .stride = stride,
      .n_mid = span->n > 2 ? span->n - 2 : 0,
      .w_first = span->w_first,
      .w_mid = span->w_mid,
      .w_last = span->w_last,
    };

    weigh_row (column, n, rows + r * BLOCK);
    if (n % 2 == 1)
      rows[r * BLOCK + n] = 0;
  }
  for (gsize i = 0; i < n; i += 2 * LANES)
    turn (rows + i, BLOCK / 2, out + i * LANES, LANES);
}

void
LEVEL_NAME (cpac_weigh_pairs) (const guint8 *row, gssize stride, const CpacSpan *spans,
                               guint n_rows, gsize n, gint16 *out)
{
  for (gsize i = 0; i < n; i += BLOCK)
    weigh_block (row + i, stride, spans, n_rows, MIN (BLOCK, n - i), out + i * LANES);
}

/* The pairs at @from times one pair of weights. */
ALWAYS_INLINE Uints
multiply_pairs (const gint16 *from, const gint16 weights[2])
{
  gint32 both;

  memcpy (&both, weights, sizeof both);
#if LANES == 16
  return (Uints) _mm512_madd_epi16 (_mm512_loadu_si512 (from), _mm512_set1_epi32 (both));
#else
  return (Uints) _mm256_madd_epi16 (_mm256_loadu_si256 ((const __m256i *) from),
                                    _mm256_set1_epi32 (both));
#endif
}

void
LEVEL_NAME (cpac_reduce_pairs) (const gint16 *columns, guint base, const CpacPairSpan *spans,
                                gsize n, guint32 bias, double factor, double *out)
{
  for (gsize i = 0; i < n; i++) {
    const CpacPairSpan *span = &spans[i];
    const gint16 *first = columns + CHUNK * (gsize) (span->first - base);
    const gint16 *last = first + CHUNK * (gsize) (span->n - 1);
    Uints sum = bias + multiply_pairs (first, span->w_first);

    for (const gint16 *x = first + CHUNK; x < last; x += CHUNK)
      sum += multiply_pairs (x, span->w_mid);
    if (span->n > 1)
      sum += multiply_pairs (last, span->w_last);
    store_doubles_of (out + i * LANES, sum, factor);
  }
}
