/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The vectors of the loops over pixels, AVX2 and up, for the files that are compiled once per
 * level. */

#include "core/kernels/pixels.h"
#include "core/kernels/vector.h"

#define HALF (LANES / 2)
/* Samples of a row of bytes at once: their sums fill a vector of 16-bit words. */
#define CHUNK (2 * LANES)

typedef guint16 HalfWords __attribute__ ((vector_size (CHUNK)));
typedef guint16 Words __attribute__ ((vector_size (2 * CHUNK)));
typedef guint32 Uints __attribute__ ((vector_size (4 * LANES)));
typedef double Doubles __attribute__ ((vector_size (8 * HALF)));

/* --- What vector extensions do not express, or compilers badly --- */

#if LANES == 16

ALWAYS_INLINE Words
load_bytes (const guint8 *from)
{
  return (Words) _mm512_cvtepu8_epi16 (_mm256_loadu_si256 ((const __m256i *) from));
}

ALWAYS_INLINE Uints
widen (HalfWords x)
{
  return (Uints) _mm512_cvtepu16_epi32 ((__m256i) x);
}

ALWAYS_INLINE HalfWords
low_half (Words x)
{
  return (HalfWords) _mm512_castsi512_si256 ((__m512i) x);
}

ALWAYS_INLINE HalfWords
high_half (Words x)
{
  return (HalfWords) _mm512_extracti64x4_epi64 ((__m512i) x, 1);
}

ALWAYS_INLINE HalfWords
at_most (HalfWords x, HalfWords max)
{
  return (HalfWords) _mm256_min_epu16 ((__m256i) x, (__m256i) max);
}

ALWAYS_INLINE Doubles
load_wide (const guint32 *from)
{
  return _mm512_cvtepu32_pd (_mm256_loadu_si256 ((const __m256i *) from));
}

ALWAYS_INLINE void
store_doubles_of (double *to, Uints x, double factor)
{
  __m512i whole = (__m512i) x;

  _mm512_storeu_pd (to, factor * _mm512_cvtepu32_pd (_mm512_castsi512_si256 (whole)));
  _mm512_storeu_pd (to + HALF, factor * _mm512_cvtepu32_pd (_mm512_extracti64x4_epi64 (whole, 1)));
}

ALWAYS_INLINE Doubles
limit (Doubles x)
{
  return _mm512_min_pd (_mm512_max_pd (x, _mm512_setzero_pd ()), _mm512_set1_pd (255));
}

ALWAYS_INLINE void
store_floats (float *to, Doubles x)
{
  _mm256_storeu_ps (to, _mm512_cvtpd_ps (x));
}

#else

ALWAYS_INLINE Words
load_bytes (const guint8 *from)
{
  return (Words) _mm256_cvtepu8_epi16 (_mm_loadu_si128 ((const __m128i *) from));
}

ALWAYS_INLINE Uints
widen (HalfWords x)
{
  return (Uints) _mm256_cvtepu16_epi32 ((__m128i) x);
}

ALWAYS_INLINE HalfWords
low_half (Words x)
{
  return (HalfWords) _mm256_castsi256_si128 ((__m256i) x);
}

ALWAYS_INLINE HalfWords
high_half (Words x)
{
  return (HalfWords) _mm256_extracti128_si256 ((__m256i) x, 1);
}

ALWAYS_INLINE HalfWords
at_most (HalfWords x, HalfWords max)
{
  return (HalfWords) _mm_min_epu16 ((__m128i) x, (__m128i) max);
}

/* As the last bits of 2^52, which is then taken off. */
ALWAYS_INLINE Doubles
to_doubles (__m128i x)
{
  __m256d shift = _mm256_set1_pd (0x1p52);

  return _mm256_sub_pd (_mm256_or_pd (_mm256_castsi256_pd (_mm256_cvtepu32_epi64 (x)), shift),
                        shift);
}

ALWAYS_INLINE Doubles
load_wide (const guint32 *from)
{
  return to_doubles (_mm_loadu_si128 ((const __m128i *) from));
}

ALWAYS_INLINE void
store_doubles_of (double *to, Uints x, double factor)
{
  __m256i whole = (__m256i) x;

  _mm256_storeu_pd (to, factor * to_doubles (_mm256_castsi256_si128 (whole)));
  _mm256_storeu_pd (to + HALF, factor * to_doubles (_mm256_extracti128_si256 (whole, 1)));
}

ALWAYS_INLINE Doubles
limit (Doubles x)
{
  return _mm256_min_pd (_mm256_max_pd (x, _mm256_setzero_pd ()), _mm256_set1_pd (255));
}

ALWAYS_INLINE void
store_floats (float *to, Doubles x)
{
  _mm_storeu_ps (to, _mm256_cvtpd_ps (x));
}

#endif

/* Columns become rows: out (LANES, LANES) = in (LANES, stride), turned. */
ALWAYS_INLINE void
turn (const void *in, gsize stride, void *out, gsize out_stride)
{
  const gint32 *from = in;
  gint32 *to = out;
#if LANES == 16
  __m512i pairs[16], fours[16];

  UNROLL
  for (guint k = 0; k < 16; k += 2) {
    __m512i a = _mm512_loadu_si512 (from + k * stride);
    __m512i b = _mm512_loadu_si512 (from + (k + 1) * stride);

    pairs[k] = _mm512_unpacklo_epi32 (a, b);
    pairs[k + 1] = _mm512_unpackhi_epi32 (a, b);
  }
  UNROLL
  for (guint k = 0; k < 16; k += 4) {
    fours[k] = _mm512_unpacklo_epi64 (pairs[k], pairs[k + 2]);
    fours[k + 1] = _mm512_unpackhi_epi64 (pairs[k], pairs[k + 2]);
    fours[k + 2] = _mm512_unpacklo_epi64 (pairs[k + 1], pairs[k + 3]);
    fours[k + 3] = _mm512_unpackhi_epi64 (pairs[k + 1], pairs[k + 3]);
  }
  UNROLL
  for (guint k = 0; k < 4; k++) {
    __m512i even_low = _mm512_shuffle_i32x4 (fours[k], fours[k + 4], 0x88);
    __m512i odd_low = _mm512_shuffle_i32x4 (fours[k], fours[k + 4], 0xdd);
    __m512i even_high = _mm512_shuffle_i32x4 (fours[k + 8], fours[k + 12], 0x88);
    __m512i odd_high = _mm512_shuffle_i32x4 (fours[k + 8], fours[k + 12], 0xdd);

    _mm512_storeu_si512 (to + k * out_stride, _mm512_shuffle_i32x4 (even_low, even_high, 0x88));
    _mm512_storeu_si512 (to + (k + 4) * out_stride, _mm512_shuffle_i32x4 (odd_low, odd_high, 0x88));
    _mm512_storeu_si512 (to + (k + 8) * out_stride,
                         _mm512_shuffle_i32x4 (even_low, even_high, 0xdd));
    _mm512_storeu_si512 (to + (k + 12) * out_stride,
                         _mm512_shuffle_i32x4 (odd_low, odd_high, 0xdd));
  }
#else
  __m256i pairs[8], fours[8];

  UNROLL
  for (guint k = 0; k < 8; k += 2) {
    __m256i a = _mm256_loadu_si256 ((const __m256i *) (from + k * stride));
    __m256i b = _mm256_loadu_si256 ((const __m256i *) (from + (k + 1) * stride));

    pairs[k] = _mm256_unpacklo_epi32 (a, b);
    pairs[k + 1] = _mm256_unpackhi_epi32 (a, b);
  }
  UNROLL
  for (guint k = 0; k < 8; k += 4) {
    fours[k] = _mm256_unpacklo_epi64 (pairs[k], pairs[k + 2]);
    fours[k + 1] = _mm256_unpackhi_epi64 (pairs[k], pairs[k + 2]);
    fours[k + 2] = _mm256_unpacklo_epi64 (pairs[k + 1], pairs[k + 3]);
    fours[k + 3] = _mm256_unpackhi_epi64 (pairs[k + 1], pairs[k + 3]);
  }
  UNROLL
  for (guint k = 0; k < 4; k++) {
    _mm256_storeu_si256 ((__m256i *) (to + k * out_stride),
                         _mm256_permute2x128_si256 (fours[k], fours[k + 4], 0x20));
    _mm256_storeu_si256 ((__m256i *) (to + (k + 4) * out_stride),
                         _mm256_permute2x128_si256 (fours[k], fours[k + 4], 0x31));
  }
#endif
}

/* In pixel-pairs.c; see CpacPixelKernels. */
void LEVEL_NAME (cpac_weigh_pairs) (const guint8 *row, gssize stride, const CpacSpan *spans,
                                    guint n_rows, gsize n, gint16 *out);
void LEVEL_NAME (cpac_reduce_pairs) (const gint16 *columns, guint base, const CpacPairSpan *spans,
                                     gsize n, guint32 bias, double factor, double *out);
