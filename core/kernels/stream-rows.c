/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What moves rows, or works on them element by element. Compiled once per level. */

#include "core/kernels/stream-parts.h"

void
LEVEL_NAME (cpac_gather) (guint channels, const float *in, gsize in_stride, guint n_taps,
                          const guint32 *at, guint n_vectors, float *out, gsize out_stride)
{
  for (guint c = 0; c < channels; c++, in += in_stride)
    for (guint t = 0; t < n_taps; t++, out += out_stride)
      for (guint v = 0; v < n_vectors; v++)
        store (out + v * LANES, load (in + at[t] + v * LANES));
}

void
LEVEL_NAME (cpac_fill) (guint channels, float *out, gsize out_stride, guint n, const guint32 *at,
                        float value)
{
  Vector x = splat (value);

  for (guint c = 0; c < channels; c++, out += out_stride)
    for (guint i = 0; i < n; i++)
      store (out + at[i], x);
}

/* One block of n_phases vectors. Splitting by two again and again leaves the phases in bit-reversed
 * order. */
ALWAYS_INLINE void
split_block (guint n_phases, const float *in, float *out, gsize out_phase)
{
  static const guint order[CPAC_MAX_PHASES + 1][CPAC_MAX_PHASES] = {
    [1] = { 0 }, [2] = { 0, 1 }, [4] = { 0, 2, 1, 3 }, [8] = { 0, 4, 2, 6, 1, 5, 3, 7 }
  };
  Vector x[CPAC_MAX_PHASES], y[CPAC_MAX_PHASES];

  UNROLL
  for (guint i = 0; i < n_phases; i++)
    x[i] = load (in + i * LANES);
  UNROLL
  for (guint part = n_phases; part > 1; part /= 2) {
    UNROLL
    for (guint begin = 0; begin < n_phases; begin += part) {
      UNROLL
      for (guint i = 0; i < part / 2; i++) {
        y[begin + i] = x[begin + 2 * i];
        y[begin + part / 2 + i] = x[begin + 2 * i + 1];
        split (&y[begin + i], &y[begin + part / 2 + i]);
      }
    }
    UNROLL
    for (guint i = 0; i < n_phases; i++)
      x[i] = y[i];
  }
  UNROLL
  for (guint i = 0; i < n_phases; i++)
    store (out + order[n_phases][i] * out_phase, x[i]);
}

ALWAYS_INLINE void
split_rows (guint n_phases, guint channels, const float *in, gsize in_stride, guint n_vectors,
            float *out, gsize out_stride, gsize out_phase)
{
  for (guint c = 0; c < channels; c++, in += in_stride, out += out_stride)
    for (guint v = 0; v < n_vectors; v++)
      split_block (n_phases, in + (gsize) v * n_phases * LANES, out + v * LANES, out_phase);
}

void
LEVEL_NAME (cpac_split) (guint channels, const float *in, gsize in_stride, guint n_phases,
                         guint n_vectors, float *out, gsize out_stride, gsize out_phase)
{
  switch (n_phases) {
    case 1:
      split_rows (1, channels, in, in_stride, n_vectors, out, out_stride, out_phase);
      return;
    case 2:
      split_rows (2, channels, in, in_stride, n_vectors, out, out_stride, out_phase);
      return;
    case 4:
      split_rows (4, channels, in, in_stride, n_vectors, out, out_stride, out_phase);
      return;
    case 8:
      split_rows (8, channels, in, in_stride, n_vectors, out, out_stride, out_phase);
      return;
    default:
      g_assert_not_reached ();
  }
}

void
LEVEL_NAME (cpac_relu) (guint channels, const float *in, gsize in_stride, guint n_vectors,
                        float *out, gsize out_stride)
{
  for (guint c = 0; c < channels; c++, in += in_stride, out += out_stride)
    for (guint v = 0; v < n_vectors; v++)
      store (out + v * LANES, rectify (load (in + v * LANES), (Vector){ 0 }));
}

void
LEVEL_NAME (cpac_add) (guint channels, guint n_in, const float *const *in, const gsize *in_stride,
                       guint n_vectors, float *out, gsize out_stride)
{
  for (guint c = 0; c < channels; c++, out += out_stride)
    for (guint v = 0; v < n_vectors; v++) {
      Vector sum = load (in[0] + c * in_stride[0] + v * LANES);

      for (guint k = 1; k < n_in; k++)
        sum += load (in[k] + c * in_stride[k] + v * LANES);
      store (out + v * LANES, sum);
    }
}

ALWAYS_INLINE void
pool_rows (gboolean mean, guint channels, guint n_rows, const float *const *rows, gsize in_stride,
           guint n_taps, const guint32 *at, guint n_phases, guint n_vectors, const float *divisors,
           float *out, gsize out_stride)
{
  for (guint c = 0; c < channels; c++, out += out_stride)
    for (guint f = 0; f < n_phases; f++)
      for (guint v = 0; v < n_vectors; v++) {
        gsize from = c * in_stride + v * LANES, to = ((gsize) f * n_vectors + v) * LANES;
        Vector all = load (rows[0] + from + at[f * n_taps]);

        for (guint y = 0; y < n_rows; y++)
          for (guint t = y == 0; t < n_taps; t++) {
            Vector x = load (rows[y] + from + at[f * n_taps + t]);

            all = mean ? all + x : larger (all, x);
          }
        store (out + to, mean ? all / load (divisors + to) : all);
      }
}

void
LEVEL_NAME (cpac_pool) (guint channels, guint n_rows, const float *const *rows, gsize in_stride,
                        guint n_taps, const guint32 *at, guint n_phases, guint n_vectors,
                        const float *divisors, float *out, gsize out_stride)
{
  if (divisors != NULL)
    pool_rows (TRUE, channels, n_rows, rows, in_stride, n_taps, at, n_phases, n_vectors, divisors,
               out, out_stride);
  else
    pool_rows (FALSE, channels, n_rows, rows, in_stride, n_taps, at, n_phases, n_vectors, NULL, out,
               out_stride);
}

ALWAYS_INLINE Vector
load_from (const float *row, const guint32 *at)
{
  float x[LANES];

  for (guint i = 0; i < LANES; i++)
    x[i] = row[at[i]];
  return load (x);
}

void
LEVEL_NAME (cpac_upsample) (guint channels, const float *above, const float *below, gsize in_stride,
                            guint n_vectors, const guint32 *left, const guint32 *right,
                            const float *weights, float weight, float *out, gsize out_stride)
{
  const Vector v = splat (weight), one = splat (1);

  for (guint c = 0; c < channels; c++, above += in_stride, below += in_stride, out += out_stride)
    for (gsize i = 0; i < (gsize) n_vectors * LANES; i += LANES) {
      Vector h = load (weights + i);
      Vector upper = (one - h) * load_from (above, left + i) + h * load_from (above, right + i);
      Vector lower = (one - h) * load_from (below, left + i) + h * load_from (below, right + i);

      store (out + i, (one - v) * upper + v * lower);
    }
}

/* The first n elements, n < LANES; zeros behind them. */
ALWAYS_INLINE Vector
load_some (const float *from, guint n)
{
  static const gint32 ones[2 * LANES] = { [0 ... LANES - 1] = -1 };
  Mask mask;

  memcpy (&mask, ones + LANES - n, sizeof mask);
  return (Vector) ((Mask) load (from) & mask);
}

void
LEVEL_NAME (cpac_sum) (guint channels, const float *in, gsize in_stride, guint n_phases,
                       gsize phase, const guint32 *widths, double *sums)
{
  for (guint c = 0; c < channels; c++, in += in_stride) {
    Vector sum = { 0 };

    for (guint f = 0; f < n_phases; f++) {
      const float *row = in + f * phase;
      guint i = 0;

      for (; i + LANES <= widths[f]; i += LANES)
        sum += load (row + i);
      sum += load_some (row + i, widths[f] - i);
    }
    sums[c] = (double) sum_lanes (sum);
  }
}

/* Two vectors of partial sums each: chains enough to hide an addition's latency. */
ALWAYS_INLINE void
dot_fixed (guint tile, const float *weights, const float *bias, const float *x, gsize n_vectors,
           float *sums)
{
  Vector sum[CPAC_DOT_TILE][2] = { 0 };
  gsize v = 0;

  for (; v + 2 <= n_vectors; v += 2)
    UNROLL
  for (guint half = 0; half < 2; half++, weights += tile * LANES) {
    Vector at = load (x + (v + half) * LANES);

    UNROLL
    for (guint u = 0; u < tile; u++)
      sum[u][half] += load (weights + u * LANES) * at;
  }
  for (guint u = 0; v < n_vectors && u < tile; u++)
    sum[u][0] += load (weights + u * LANES) * load (x + v * LANES);
  for (guint u = 0; u < tile; u++)
    sums[u] = bias[u] + sum_lanes (sum[u][0] + sum[u][1]);
}

void
LEVEL_NAME (cpac_dot) (guint tile, const float *weights, const float *bias, const float *x,
                       gsize n_vectors, float *sums)
{
  switch (tile) {
    case 1:
      dot_fixed (1, weights, bias, x, n_vectors, sums);
      return;
    case 2:
      dot_fixed (2, weights, bias, x, n_vectors, sums);
      return;
    case 3:
      dot_fixed (3, weights, bias, x, n_vectors, sums);
      return;
    case 4:
      dot_fixed (4, weights, bias, x, n_vectors, sums);
      return;
    default:
      g_assert_not_reached ();
  }
}
