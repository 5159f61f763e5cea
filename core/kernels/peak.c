/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The FMA peak of one vector width: chains of y = y a + b, more of them than the latency of an FMA
 * times its throughput, all in registers. Compiled once per level. */

#include <glib.h>
#include <string.h>

#include "core/kernels/peak.h"

#if defined(__AVX512F__)
#define WIDTH 16
#elif defined(__AVX2__)
#define WIDTH 8
#else
#define WIDTH 4
#endif
#define CHAINS 12

typedef float Vector __attribute__ ((vector_size (WIDTH * sizeof (float))));

/* Without full unrolling the chains would be an array in memory. */
#if defined(__clang__)
#define UNROLL _Pragma ("clang loop unroll(full)")
#else
#define UNROLL _Pragma ("GCC unroll 16")
#endif

#define JOIN_(a, b) a##b
#define JOIN(a, b) JOIN_ (a, b)

guint64
JOIN (cpac_peak_, CPAC_PEAK_LEVEL) (guint64 rounds, float *sink)
{
  Vector y[CHAINS], a = { 0 }, b = { 0 };
  float lanes[WIDTH];

  /* y -> y a + b with a below 1 stays bounded: no denormals, no infinities. */
  a += *sink;
  b += 1.0f - *sink;
  UNROLL
  for (int i = 0; i < CHAINS; i++)
    y[i] = b * (float) (i + 1);
  for (guint64 round = 0; round < rounds; round++) {
    UNROLL
    for (int i = 0; i < CHAINS; i++)
      y[i] = y[i] * a + b;
    /* Keeps the chains in registers and the compiler from solving the recurrence. */
    UNROLL
    for (int i = 0; i < CHAINS; i++)
      __asm__ volatile("" : "+v"(y[i]));
  }
  UNROLL
  for (int i = 1; i < CHAINS; i++)
    y[0] += y[i];
  memcpy (lanes, &y[0], sizeof lanes);
  *sink = 0;
  for (int k = 0; k < WIDTH; k++)
    *sink += lanes[k];
  return rounds * CHAINS * WIDTH * 2;
}
