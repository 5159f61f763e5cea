/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * One vector of floats, as wide as the instruction set this file is compiled for. Written with the
 * compilers' vector extensions, so that any target has it; the few operations that these express
 * badly have an intrinsic where that pays. CPAC_PORTABLE leaves those out: the C level.
 */

#include <glib.h>
#include <string.h>

#if defined(__AVX512F__)
#define LANES 16
#elif defined(__AVX2__)
#define LANES 8
#else
#define LANES 4
#endif

#if defined(__SSE2__) && !defined(CPAC_PORTABLE)
#include <immintrin.h>
#endif

typedef float Vector __attribute__ ((vector_size (LANES * sizeof (float))));
typedef gint32 Mask __attribute__ ((vector_size (LANES * sizeof (gint32))));

#define ALWAYS_INLINE static inline __attribute__ ((always_inline))

/* Arrays of vectors stay in registers only if the loops over them are gone. */
#if defined(__clang__)
#define UNROLL _Pragma ("clang loop unroll(full)")
#else
#define UNROLL _Pragma ("GCC unroll 16")
#endif

#define JOIN_(a, b) a##b
#define JOIN(a, b) JOIN_ (a, b)
/* The name of something that exists once per level. */
#define LEVEL_NAME(name) JOIN (name##_, CPAC_KERNEL_LEVEL)

ALWAYS_INLINE Vector
load (const float *from)
{
  Vector x;

  memcpy (&x, from, sizeof x);
  return x;
}

ALWAYS_INLINE void
store (float *to, Vector x)
{
  memcpy (to, &x, sizeof x);
}

/* The same, in a register: a compiler would rather read it anew wherever it is used, or mix what
 * made it with what is made of it. */
ALWAYS_INLINE Vector
settle (Vector x)
{
#if defined(__AVX512F__)
  __asm__("" : "+v"(x));
#elif defined(__SSE2__)
  __asm__("" : "+x"(x));
#endif
  return x;
}

ALWAYS_INLINE Vector
load_once (const float *from)
{
  return settle (load (from));
}

/* Where the next row begins, as late as that: the compiler would work out all places first, and run
 * out of registers for them. */
ALWAYS_INLINE float *
advance (float *row, gsize stride)
{
  row += stride;
  __asm__("" : "+r"(row));
  return row;
}

ALWAYS_INLINE Vector
splat (float value)
{
  return value - (Vector){ 0 };
}

/* The larger; not a number wins over all numbers. */
ALWAYS_INLINE Vector
larger (Vector a, Vector b)
{
#if defined(CPAC_PORTABLE) || !defined(__SSE2__)
  Mask take_b = (a < b) | (b != b);

  return (Vector) (((Mask) b & take_b) | ((Mask) a & ~take_b));
#elif LANES == 16
  return _mm512_mask_max_ps (a, _mm512_cmp_ps_mask (a, a, _CMP_ORD_Q), a, b);
#elif LANES == 8
  return _mm256_blendv_ps (_mm256_max_ps (a, b), a, _mm256_cmp_ps (a, a, _CMP_UNORD_Q));
#else
  __m128 ordered = _mm_cmpord_ps (a, a);

  return _mm_or_ps (_mm_and_ps (ordered, _mm_max_ps (a, b)), _mm_andnot_ps (ordered, a));
#endif
}

/* The larger of two numbers. */
ALWAYS_INLINE Vector
larger_number (Vector a, Vector b)
{
#if defined(CPAC_PORTABLE) || !defined(__SSE2__)
  Mask take_b = a < b;

  return (Vector) (((Mask) b & take_b) | ((Mask) a & ~take_b));
#elif LANES == 16
  return _mm512_max_ps (a, b);
#elif LANES == 8
  return _mm256_max_ps (a, b);
#else
  return _mm_max_ps (a, b);
#endif
}

/* max (0, a, b, c, d) of numbers, never -0. Read as integers, positive floats keep their order and
 * negative ones stay negative; where there are integer units, they leave the others free. */
ALWAYS_INLINE Vector
largest_rectified (const Vector x[4])
{
#if LANES == 16 && !defined(CPAC_PORTABLE)
  __m512i upper = _mm512_max_epi32 ((__m512i) x[0], (__m512i) x[1]);
  __m512i lower = _mm512_max_epi32 ((__m512i) x[2], (__m512i) x[3]);
  __m512i best = _mm512_max_epi32 (upper, lower);

  return (Vector) _mm512_max_epi32 (best, _mm512_setzero_si512 ());
#elif LANES == 8 && !defined(CPAC_PORTABLE)
  __m256i upper = _mm256_max_epi32 ((__m256i) x[0], (__m256i) x[1]);
  __m256i lower = _mm256_max_epi32 ((__m256i) x[2], (__m256i) x[3]);
  __m256i best = _mm256_max_epi32 (upper, lower);

  return (Vector) _mm256_max_epi32 (best, _mm256_setzero_si256 ());
#else
  Vector best = larger_number (larger_number (x[0], x[1]), larger_number (x[2], x[3]));
  const Vector zero = { 0 };

  return larger_number (best, zero) + zero;
#endif
}

/* Whether any element is not a number. */
ALWAYS_INLINE gboolean
has_nan (Vector x)
{
#if defined(CPAC_PORTABLE) || !defined(__SSE2__)
  Mask nan = x != x;
  guint64 halves[LANES / 2], any = 0;

  memcpy (halves, &nan, sizeof nan);
  for (guint i = 0; i < LANES / 2; i++)
    any |= halves[i];
  return any != 0;
#elif LANES == 16
  return _mm512_cmp_ps_mask (x, x, _CMP_UNORD_Q) != 0;
#elif LANES == 8
  return _mm256_movemask_ps (_mm256_cmp_ps (x, x, _CMP_UNORD_Q)) != 0;
#else
  return _mm_movemask_ps (_mm_cmpunord_ps (x, x)) != 0;
#endif
}

/* Whether all elements are: x - x is zero then, and not a number otherwise. */
ALWAYS_INLINE gboolean
is_finite (Vector x)
{
  return !has_nan (x - x);
}

/* Zero, made where it is used: the compiler would set a register aside for it, throughout a loop
 * that has none to spare. */
ALWAYS_INLINE Vector
fresh_zero (void)
{
  Vector zero = { 0 };

#if defined(__SSE2__)
  __asm__ volatile("" : "+x"(zero));
#endif
  return zero;
}

/* max (0, x), never -0; not a number stays one. The sign of a zero would otherwise tell whether
 * pooling came before or after. @zero: that. */
ALWAYS_INLINE Vector
rectify (Vector x, Vector zero)
{
#if defined(CPAC_PORTABLE) || !defined(__SSE2__)
  return (Vector) ((Mask) x & ~(x < zero)) + zero;
#elif LANES == 16
  return _mm512_max_ps (zero, x) + zero;
#elif LANES == 8
  return _mm256_max_ps (zero, x) + zero;
#else
  return _mm_max_ps (zero, x) + zero;
#endif
}

/* The sum of all elements, half by half. */
ALWAYS_INLINE float
sum_lanes (Vector x)
{
#if LANES >= 8
  typedef float Half __attribute__ ((vector_size (8 * sizeof (float))));
#endif
  typedef float Quarter __attribute__ ((vector_size (4 * sizeof (float))));

#if LANES == 16
  Half half = __builtin_shufflevector (x, x, 0, 1, 2, 3, 4, 5, 6, 7) +
              __builtin_shufflevector (x, x, 8, 9, 10, 11, 12, 13, 14, 15);
#elif LANES == 8
  Half half = x;
#endif
#if LANES >= 8
  Quarter sum = __builtin_shufflevector (half, half, 0, 1, 2, 3) +
                __builtin_shufflevector (half, half, 4, 5, 6, 7);
#else
  Quarter sum = x;
#endif
  sum += __builtin_shufflevector (sum, sum, 2, 3, 2, 3);
  return sum[0] + sum[1];
}

/* Every other element of a and b behind one another, from the first and from the second on. */
ALWAYS_INLINE void
split (Vector *a, Vector *b)
{
  Vector x = *a, y = *b;

#if LANES == 16
  *a = __builtin_shufflevector (x, y, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
  *b = __builtin_shufflevector (x, y, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31);
#elif LANES == 8
  *a = __builtin_shufflevector (x, y, 0, 2, 4, 6, 8, 10, 12, 14);
  *b = __builtin_shufflevector (x, y, 1, 3, 5, 7, 9, 11, 13, 15);
#else
  *a = __builtin_shufflevector (x, y, 0, 2, 4, 6);
  *b = __builtin_shufflevector (x, y, 1, 3, 5, 7);
#endif
#if defined(__clang__)
  *a = settle (*a);
  *b = settle (*b);
#endif
}
