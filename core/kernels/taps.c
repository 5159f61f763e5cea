/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Vertical and horizontal taps, channel by channel: the inner stages of CPAC-Conv. A sum is one
 * chain of multiply-adds in the order of the taps, in every loop. The usual numbers of taps have
 * loops of their own. Compiled once per level.
 */

#include "core/kernels/stream-parts.h"

/* The first product, as a multiply-add to zero: of a sum of two plain products the compiler may
 * round either, here one and there the other. */
ALWAYS_INLINE Vector
first_tap (Vector weight, Vector x)
{
  const Vector zero = { 0 };

  return zero + weight * x;
}

/* sum_t weights[t] rows[t][0 .. lanes) */
ALWAYS_INLINE Vector
weigh (guint n_taps, const Vector *weights, const float *const *rows)
{
  Vector sum = first_tap (weights[0], load (rows[0]));

  UNROLL
  for (guint t = 1; t < n_taps; t++)
    sum += weights[t] * load (rows[t]);
  return sum;
}

#define MOST_FIXED 7

/* ---- Horizontal ---- */

ALWAYS_INLINE void
row_taps_fixed (guint n_taps, const CpacTaps *taps, const float *in, gsize in_stride,
                const guint32 *at, guint n_phases, guint n_vectors, float *out, gsize out_stride)
{
  const float *weights = taps->weights;

  for (guint c = 0; c < taps->channels; c++, weights += n_taps, in += in_stride) {
    Vector weight[MOST_FIXED];
    const guint32 *from = at;
    float *to = out + c * out_stride;

    UNROLL
    for (guint t = 0; t < n_taps; t++)
      weight[t] = splat (weights[t]);
    for (guint f = 0; f < n_phases; f++, from += n_taps) {
      const float *rows[MOST_FIXED];

      UNROLL
      for (guint t = 0; t < n_taps; t++)
        rows[t] = in + from[t];
      for (guint v = 0; v < n_vectors; v++, to += LANES) {
        store (to, weigh (n_taps, weight, rows));
        UNROLL
        for (guint t = 0; t < n_taps; t++)
          rows[t] += LANES;
      }
    }
  }
}

static void
row_taps_any (const CpacTaps *taps, const float *in, gsize in_stride, const guint32 *at,
              guint n_phases, guint n_vectors, float *out, gsize out_stride)
{
  const float *weights = taps->weights;

  for (guint c = 0; c < taps->channels; c++, weights += taps->n_taps, in += in_stride) {
    const guint32 *from = at;
    float *to = out + c * out_stride;

    for (guint f = 0; f < n_phases; f++, from += taps->n_taps)
      for (guint v = 0; v < n_vectors; v++, to += LANES) {
        Vector sum = first_tap (splat (weights[0]), load (in + from[0] + v * LANES));

        for (guint t = 1; t < taps->n_taps; t++)
          sum += splat (weights[t]) * load (in + from[t] + v * LANES);
        store (to, sum);
      }
  }
}

void
LEVEL_NAME (cpac_row_taps) (const CpacTaps *taps, const float *in, gsize in_stride,
                            const guint32 *at, guint n_phases, guint n_vectors, float *out,
                            gsize out_stride)
{
  switch (taps->n_taps) {
    case 1:
      row_taps_fixed (1, taps, in, in_stride, at, n_phases, n_vectors, out, out_stride);
      return;
    case 3:
      row_taps_fixed (3, taps, in, in_stride, at, n_phases, n_vectors, out, out_stride);
      return;
    case 5:
      row_taps_fixed (5, taps, in, in_stride, at, n_phases, n_vectors, out, out_stride);
      return;
    case 7:
      row_taps_fixed (7, taps, in, in_stride, at, n_phases, n_vectors, out, out_stride);
      return;
    default:
      row_taps_any (taps, in, in_stride, at, n_phases, n_vectors, out, out_stride);
  }
}

/* ---- Vertical ---- */

ALWAYS_INLINE void
column_taps_fixed (guint n_taps, const CpacTaps *taps, const float *const *rows, gsize stride,
                   guint n_vectors, float *out, gsize out_stride)
{
  const float *from[MOST_FIXED];
  const float *weights = taps->weights;

  UNROLL
  for (guint t = 0; t < n_taps; t++)
    from[t] = rows[t];
  for (guint c = 0; c < taps->channels; c++, weights += n_taps, out += out_stride) {
    Vector weight[MOST_FIXED];

    UNROLL
    for (guint t = 0; t < n_taps; t++)
      weight[t] = splat (weights[t]);
    for (guint v = 0; v < n_vectors; v++) {
      const float *at[MOST_FIXED];

      UNROLL
      for (guint t = 0; t < n_taps; t++)
        at[t] = from[t] + v * LANES;
      store (out + v * LANES, weigh (n_taps, weight, at));
    }
    UNROLL
    for (guint t = 0; t < n_taps; t++)
      from[t] += stride;
  }
}

static void
column_taps_any (const CpacTaps *taps, const float *const *rows, gsize stride, guint n_vectors,
                 float *out, gsize out_stride)
{
  const float *weights = taps->weights;

  for (guint c = 0; c < taps->channels; c++, weights += taps->n_taps, out += out_stride)
    for (guint v = 0; v < n_vectors; v++) {
      gsize at = c * stride + v * LANES;
      Vector sum = first_tap (splat (weights[0]), load (rows[0] + at));

      for (guint t = 1; t < taps->n_taps; t++)
        sum += splat (weights[t]) * load (rows[t] + at);
      store (out + v * LANES, sum);
    }
}

void
LEVEL_NAME (cpac_column_taps) (const CpacTaps *taps, const float *const *rows, gsize stride,
                               guint n_vectors, float *out, gsize out_stride)
{
  switch (taps->n_taps) {
    case 1:
      column_taps_fixed (1, taps, rows, stride, n_vectors, out, out_stride);
      return;
    case 3:
      column_taps_fixed (3, taps, rows, stride, n_vectors, out, out_stride);
      return;
    case 5:
      column_taps_fixed (5, taps, rows, stride, n_vectors, out, out_stride);
      return;
    case 7:
      column_taps_fixed (7, taps, rows, stride, n_vectors, out, out_stride);
      return;
    default:
      column_taps_any (taps, rows, stride, n_vectors, out, out_stride);
  }
}

/* The usual case: the bottom row's taps are the top row's, one row on, so that each vector is read
 * once for both. */
ALWAYS_INLINE void
column_taps_overlapping (guint n_taps, const CpacTaps *taps, const float *const *top,
                         const float *last, gsize stride, gsize phase, guint n_vectors, float *out,
                         gsize out_stride)
{
  const float *from[MOST_FIXED + 1];
  const float *weights = taps->weights;

  UNROLL
  for (guint t = 0; t < n_taps; t++)
    from[t] = top[t];
  from[n_taps] = last;
  for (guint c = 0; c < taps->channels; c++, weights += n_taps, out += out_stride) {
    Vector weight[MOST_FIXED];

    UNROLL
    for (guint t = 0; t < n_taps; t++)
      weight[t] = splat (weights[t]);
    for (guint v = 0; v < n_vectors; v++) {
      float *to = out + v * CPAC_CHUNK_VECTORS * LANES;

      UNROLL
      for (guint f = 0; f < 2; f++) {
        Vector x[MOST_FIXED + 1], upper, lower;

        UNROLL
        for (guint t = 0; t <= n_taps; t++)
          x[t] = load (from[t] + f * phase + v * LANES);
        upper = first_tap (weight[0], x[0]);
        lower = first_tap (weight[0], x[1]);
        UNROLL
        for (guint t = 1; t < n_taps; t++) {
          upper += weight[t] * x[t];
          lower += weight[t] * x[t + 1];
        }
        store (to + f * LANES, upper);
        store (to + (2 + f) * LANES, lower);
      }
    }
    UNROLL
    for (guint t = 0; t <= n_taps; t++)
      from[t] += stride;
  }
}

static void
column_taps_apart (const CpacTaps *taps, const float *const *top, const float *const *bottom,
                   gsize stride, gsize phase, guint n_vectors, float *out, gsize out_stride)
{
  const float *weights = taps->weights;

  for (guint c = 0; c < taps->channels; c++, weights += taps->n_taps, out += out_stride)
    for (guint v = 0; v < CPAC_CHUNK_VECTORS * n_vectors; v++) {
      const float *const *rows = v % 4 < 2 ? top : bottom;
      gsize at = c * stride + v % 2 * phase + v / 4 * LANES;
      Vector sum = first_tap (splat (weights[0]), load (rows[0] + at));

      for (guint t = 1; t < taps->n_taps; t++)
        sum += splat (weights[t]) * load (rows[t] + at);
      store (out + v * LANES, sum);
    }
}

void
LEVEL_NAME (cpac_column_taps_pool) (const CpacTaps *taps, const float *const *top,
                                    const float *const *bottom, gsize stride, gsize phase,
                                    guint n_vectors, float *out, gsize out_stride)
{
  guint n_taps = taps->n_taps;
  const float *last = bottom[n_taps - 1];
  gboolean overlapping = TRUE;

  for (guint t = 1; t < n_taps; t++)
    overlapping &= top[t] == bottom[t - 1];
  if (overlapping && n_taps == 3)
    column_taps_overlapping (3, taps, top, last, stride, phase, n_vectors, out, out_stride);
  else if (overlapping && n_taps == 5)
    column_taps_overlapping (5, taps, top, last, stride, phase, n_vectors, out, out_stride);
  else
    column_taps_apart (taps, top, bottom, stride, phase, n_vectors, out, out_stride);
}
