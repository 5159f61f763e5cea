/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Every layer's file is compiled twice: for float, which scores, and for double, in which gradient
 * checks and exact sums run. CPAC_REAL_BITS says which. The class table (options, shapes, cost) is
 * compiled once, with the float arithmetic: #if CPAC_CLASS_PART.
 */

#include <glib.h>

#ifndef CPAC_REAL_BITS
#error "CPAC_REAL_BITS must be 32 or 64"
#endif

#if CPAC_REAL_BITS == 64
typedef double cpac_real;
#define CPAC_REAL_NAME(name) name##_f64
#define CPAC_CLASS_PART 0
#else
typedef float cpac_real;
#define CPAC_REAL_NAME(name) name##_f32
#define CPAC_CLASS_PART 1
#endif

/* y[i] += alpha x[i] */
static inline void
cpac_axpy (gsize n, cpac_real alpha, const cpac_real *restrict x, cpac_real *restrict y)
{
  for (gsize i = 0; i < n; i++)
    y[i] += alpha * x[i];
}

/* y[i] += alpha x[i * step] */
static inline void
cpac_axpy_strided (gsize n, cpac_real alpha, const cpac_real *restrict x, gsize step,
                   cpac_real *restrict y)
{
  if (step == 1) {
    cpac_axpy (n, alpha, x, y);
    return;
  }
  for (gsize i = 0; i < n; i++)
    y[i] += alpha * x[i * step];
}

/* y[i * step] += alpha x[i] */
static inline void
cpac_axpy_scatter (gsize n, cpac_real alpha, const cpac_real *restrict x, cpac_real *restrict y,
                   gsize step)
{
  if (step == 1) {
    cpac_axpy (n, alpha, x, y);
    return;
  }
  for (gsize i = 0; i < n; i++)
    y[i * step] += alpha * x[i];
}

static inline void
cpac_fill (gsize n, cpac_real value, cpac_real *y)
{
  for (gsize i = 0; i < n; i++)
    y[i] = value;
}

/* sum x[i] y[i], in eight partial sums added pairwise: independent chains are faster and round
 * less than one long sum, and the order is fixed. */
static inline cpac_real
cpac_dot (gsize n, const cpac_real *restrict x, const cpac_real *restrict y)
{
  cpac_real sum[8] = { 0 };
  gsize i = 0;

  for (; i + 8 <= n; i += 8)
    for (gsize k = 0; k < 8; k++)
      sum[k] += x[i + k] * y[i + k];
  for (gsize k = 0; i < n; i++, k++)
    sum[k] += x[i] * y[i];
  return ((sum[0] + sum[4]) + (sum[2] + sum[6])) + ((sum[1] + sum[5]) + (sum[3] + sum[7]));
}

/* sum x[i] y[i * step] */
static inline cpac_real
cpac_dot_strided (gsize n, const cpac_real *restrict x, const cpac_real *restrict y, gsize step)
{
  cpac_real sum = 0;

  if (step == 1)
    return cpac_dot (n, x, y);
  for (gsize i = 0; i < n; i++)
    sum += x[i] * y[i * step];
  return sum;
}

/* sum x[i], in eight partial sums as cpac_dot(). */
static inline cpac_real
cpac_sum (gsize n, const cpac_real *x)
{
  cpac_real sum[8] = { 0 };
  gsize i = 0;

  for (; i + 8 <= n; i += 8)
    for (gsize k = 0; k < 8; k++)
      sum[k] += x[i + k];
  for (gsize k = 0; i < n; i++, k++)
    sum[k] += x[i];
  return ((sum[0] + sum[4]) + (sum[2] + sum[6])) + ((sum[1] + sum[5]) + (sum[3] + sum[7]));
}
