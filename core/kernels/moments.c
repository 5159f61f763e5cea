/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What is computed in double, about a whole picture or the surroundings of a pixel. Compiled once
 * per level. */

#include <math.h>

#include "core/kernels/stream-parts.h"

#define HALF (LANES / 2)
/* They hide the latency of an addition. */
#define CHAINS 4

typedef float Floats __attribute__ ((vector_size (HALF * sizeof (float))));
typedef double Doubles __attribute__ ((vector_size (HALF * sizeof (double))));
typedef gint64 Longs __attribute__ ((vector_size (HALF * sizeof (gint64))));

ALWAYS_INLINE Doubles
widen (const float *from)
{
#if defined(CPAC_PORTABLE) || !defined(__SSE2__) || LANES == 4
  Floats x;

  memcpy (&x, from, sizeof x);
  return __builtin_convertvector(x, Doubles);
#elif LANES == 16
  return _mm512_cvtps_pd (_mm256_loadu_ps (from));
#else
  return _mm256_cvtps_pd (_mm_loadu_ps (from));
#endif
}

ALWAYS_INLINE Doubles
root (Doubles x)
{
#if defined(CPAC_PORTABLE) || !defined(__SSE2__)
  for (guint i = 0; i < HALF; i++)
    x[i] = sqrt (x[i]);
  return x;
#elif LANES == 16
  return _mm512_sqrt_pd (x);
#elif LANES == 8
  return _mm256_sqrt_pd (x);
#else
  return _mm_sqrt_pd (x);
#endif
}

/* Not below zero; not a number stays one. */
ALWAYS_INLINE Doubles
not_negative (Doubles x)
{
  return (Doubles) ((Longs) x & ~(x < 0));
}

ALWAYS_INLINE Doubles
load_doubles (const double *from)
{
  Doubles x;

  memcpy (&x, from, sizeof x);
  return x;
}

ALWAYS_INLINE double
join_chains (const Doubles chains[CHAINS])
{
  Doubles sum = (chains[0] + chains[1]) + (chains[2] + chains[3]);
  double total = 0;

  for (guint i = 0; i < HALF; i++)
    total += sum[i];
  return total;
}

double
LEVEL_NAME (cpac_total) (gsize n, const float *x)
{
  Doubles chains[CHAINS] = { 0 };
  gsize i = 0;
  double total;

  for (; i + CHAINS * HALF <= n; i += CHAINS * HALF) {
    UNROLL
    for (guint k = 0; k < CHAINS; k++)
      chains[k] += widen (x + i + k * HALF);
  }
  total = join_chains (chains);
  for (; i < n; i++)
    total += (double) x[i];
  return total;
}

double
LEVEL_NAME (cpac_squares) (gsize n, const float *x, double mean)
{
  Doubles chains[CHAINS] = { 0 };
  gsize i = 0;
  double total;

  for (; i + CHAINS * HALF <= n; i += CHAINS * HALF) {
    UNROLL
    for (guint k = 0; k < CHAINS; k++) {
      Doubles distance = widen (x + i + k * HALF) - mean;

      chains[k] += distance * distance;
    }
  }
  total = join_chains (chains);
  for (; i < n; i++)
    total += ((double) x[i] - mean) * ((double) x[i] - mean);
  return total;
}

void
LEVEL_NAME (cpac_rescale) (gsize n, const float *x, double mean, double gain, double offset,
                           double min, double max, float *out)
{
  for (gsize i = 0; i < n; i++) {
    double y = ((double) x[i] - mean) * gain + offset;

    y = y > max ? max : y;
    out[i] = (float) (y < min ? min : y);
  }
}

/* Of @n_chains vectors of columns; a constant. */
ALWAYS_INLINE void
add_moments (guint n_chains, guint n_rows, const float *in, gsize width, const double *before,
             double *sums)
{
  Doubles s[CHAINS], s2[CHAINS];

  UNROLL
  for (guint k = 0; k < n_chains; k++) {
    s[k] = load_doubles (before + k * HALF);
    s2[k] = load_doubles (before + width + k * HALF);
  }
  for (guint i = 0; i < n_rows; i++) {
    UNROLL
    for (guint k = 0; k < n_chains; k++) {
      Doubles x = widen (in + i * width + k * HALF);

      s[k] += x;
      s2[k] += x * x;
    }
  }
  UNROLL
  for (guint k = 0; k < n_chains; k++) {
    memcpy (sums + k * HALF, &s[k], sizeof s[k]);
    memcpy (sums + width + k * HALF, &s2[k], sizeof s2[k]);
  }
}

void
LEVEL_NAME (cpac_column_moments) (guint n_rows, const float *in, gsize width, const double *before,
                                  double *sums)
{
  gsize j = 0;

  for (; j + CHAINS * HALF <= width; j += CHAINS * HALF)
    add_moments (CHAINS, n_rows, in + j, width, before + j, sums + j);
  for (; j + HALF <= width; j += HALF)
    add_moments (1, n_rows, in + j, width, before + j, sums + j);
  for (; j < width; j++) {
    double s = before[j], s2 = before[width + j];

    for (guint i = 0; i < n_rows; i++) {
      double x = (double) in[i * width + j];

      s += x;
      s2 += x * x;
    }
    sums[j] = s;
    sums[width + j] = s2;
  }
}

void
LEVEL_NAME (cpac_contrast) (gsize width, guint window, const float *x, const double *sum,
                            const double *squares, guint n_rows, const double *n_columns,
                            double epsilon, float *out)
{
  gsize j = 0;

  for (; j + HALF <= width; j += HALF) {
    Doubles n = load_doubles (n_columns + j) * n_rows;
    Doubles mean = (load_doubles (sum + j + window) - load_doubles (sum + j)) / n;
    Doubles power = (load_doubles (squares + j + window) - load_doubles (squares + j)) / n;
    Doubles spread = root (not_negative (power - mean * mean) + epsilon);
    Floats y = __builtin_convertvector((widen (x + j) - mean) / spread, Floats);

    memcpy (out + j, &y, sizeof y);
  }
  for (; j < width; j++) {
    double n = n_columns[j] * n_rows, mean = (sum[j + window] - sum[j]) / n;
    double variance = (squares[j + window] - squares[j]) / n - mean * mean;

    out[j] = (float) (((double) x[j] - mean) / sqrt ((variance < 0 ? 0 : variance) + epsilon));
  }
}
