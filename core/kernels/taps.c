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
#define MOST_GROUP 4

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

/* Of @group phases at a time, each vector is read once for all of them. */
ALWAYS_INLINE void
row_taps_group (guint n_taps, guint group, const CpacTaps *taps, const float *in, gsize in_stride,
                const guint32 *at, gsize width, float *out, gsize out_stride)
{
  const float *from[MOST_FIXED + MOST_GROUP - 1];
  const float *weights = taps->weights;

  UNROLL
  for (guint j = 0; j < n_taps + group - 1; j++)
    from[j] = in + at[j];
  for (gsize c = 0; c < taps->channels; c++, weights += n_taps) {
    Vector weight[MOST_FIXED];
    float *to = out + c * out_stride;

    UNROLL
    for (guint t = 0; t < n_taps; t++)
      weight[t] = splat (weights[t]);
    for (gsize i = c * in_stride; i < c * in_stride + width; i += LANES, to += LANES) {
      Vector x[MOST_FIXED + MOST_GROUP - 1];

      UNROLL
      for (guint j = 0; j < n_taps + group - 1; j++)
        x[j] = load_once (from[j] + i);
      UNROLL
      for (guint g = 0; g < group; g++) {
        Vector sum = first_tap (weight[0], x[g]);

        UNROLL
        for (guint t = 1; t < n_taps; t++)
          sum += weight[t] * x[g + t];
        store (to + g * width, sum);
      }
    }
  }
}

/* Each a function of its own: inlined into one, their registers would be allocated together. */
#define DEFINE_GROUP(n_taps, group)                                                                \
  static __attribute__ ((noinline)) void row_taps_##n_taps##_##group (                             \
      const CpacTaps *taps, const float *in, gsize in_stride, const guint32 *at, gsize width,      \
      float *out, gsize out_stride)                                                                \
  {                                                                                                \
    row_taps_group (n_taps, group, taps, in, in_stride, at, width, out, out_stride);               \
  }
DEFINE_GROUP (3, 1)
DEFINE_GROUP (3, 2)
DEFINE_GROUP (3, 4)
DEFINE_GROUP (5, 1)
DEFINE_GROUP (5, 2)
DEFINE_GROUP (5, 4)

void
LEVEL_NAME (cpac_row_taps_sliding) (const CpacTaps *taps, const float *in, gsize in_stride,
                                    const guint32 *at, guint n_phases, guint n_vectors, float *out,
                                    gsize out_stride)
{
  static void (*const functions[2][3]) (const CpacTaps *taps, const float *in, gsize in_stride,
                                        const guint32 *at, gsize width, float *out,
                                        gsize out_stride) = {
    { row_taps_3_1, row_taps_3_2, row_taps_3_4 },
    { row_taps_5_1, row_taps_5_2, row_taps_5_4 },
  };
  guint power = n_phases % 4 == 0 ? 2 : n_phases % 2 == 0 ? 1 : 0, group = 1 << power;
  gsize width = (gsize) n_vectors * LANES;

  g_assert (taps->n_taps == 3 || taps->n_taps == 5);
  for (guint f = 0; f < n_phases; f += group, at += group, out += group * width)
    functions[taps->n_taps == 5][power](taps, in, in_stride, at, width, out, out_stride);
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

/* One channel, @vectors at a time, so that the taps are read once for all of them. */
ALWAYS_INLINE void
weigh_columns (guint vectors, guint n_taps, const float *weights, const float *const *rows,
               gsize at, float *out)
{
  Vector sum[CPAC_CHUNK_VECTORS], weight = splat (weights[0]);

  UNROLL
  for (guint v = 0; v < vectors; v++)
    sum[v] = first_tap (weight, load (rows[0] + at + v * LANES));
  for (guint t = 1; t < n_taps; t++) {
    const float *row = rows[t] + at;

    weight = splat (weights[t]);
    UNROLL
    for (guint v = 0; v < vectors; v++)
      sum[v] += weight * load (row + v * LANES);
  }
  UNROLL
  for (guint v = 0; v < vectors; v++)
    store (out + v * LANES, sum[v]);
}

static void
column_taps_any (const CpacTaps *taps, const float *const *rows, gsize stride, guint n_vectors,
                 float *out, gsize out_stride)
{
  const float *weights = taps->weights;
  guint n_taps = taps->n_taps;

  for (guint c = 0; c < taps->channels; c++, weights += n_taps, out += out_stride) {
    gsize at = c * stride;
    guint v = 0;

    for (; v + 4 <= n_vectors; v += 4)
      weigh_columns (4, n_taps, weights, rows, at + v * LANES, out + v * LANES);
    for (; v + 2 <= n_vectors; v += 2)
      weigh_columns (2, n_taps, weights, rows, at + v * LANES, out + v * LANES);
    for (; v < n_vectors; v++)
      weigh_columns (1, n_taps, weights, rows, at + v * LANES, out + v * LANES);
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
ALWAYS_INLINE Vector
column_taps_overlapping (guint n_taps, const CpacTaps *taps, const float *const *top,
                         const float *last, gsize stride, gsize phase, guint n_vectors, float *out,
                         gsize out_stride)
{
  const float *from[MOST_FIXED + 1];
  const float *weights = taps->weights;
  Vector all[2] = { 0 };

  UNROLL
  for (guint t = 0; t < n_taps; t++)
    from[t] = top[t];
  from[n_taps] = last;
  for (gsize c = 0; c < taps->channels; c++, weights += n_taps) {
    Vector weight[MOST_FIXED];
    float *to = out + c * out_stride;

    UNROLL
    for (guint t = 0; t < n_taps; t++)
      weight[t] = splat (weights[t]);
    for (gsize v = 0; v < n_vectors; v++, to += CPAC_CHUNK_VECTORS * LANES) {
      UNROLL
      for (guint f = 0; f < 2; f++) {
        gsize at = c * stride + v * LANES + f * phase;
        Vector x[MOST_FIXED + 1], upper, lower;

        UNROLL
        for (guint t = 0; t <= n_taps; t++)
          x[t] = load_once (from[t] + at);
        upper = first_tap (weight[0], x[0]);
        lower = first_tap (weight[0], x[1]);
        UNROLL
        for (guint t = 1; t < n_taps; t++) {
          upper += weight[t] * x[t];
          lower += weight[t] * x[t + 1];
        }
        all[f] += upper + lower;
        store (to + f * LANES, upper);
        store (to + (2 + f) * LANES, lower);
      }
    }
  }
  return all[0] + all[1];
}

static Vector
column_taps_apart (const CpacTaps *taps, const float *const *top, const float *const *bottom,
                   gsize stride, gsize phase, guint n_vectors, float *out, gsize out_stride)
{
  const float *weights = taps->weights;
  Vector all = { 0 };

  for (guint c = 0; c < taps->channels; c++, weights += taps->n_taps, out += out_stride)
    for (guint v = 0; v < CPAC_CHUNK_VECTORS * n_vectors; v++) {
      const float *const *rows = v % 4 < 2 ? top : bottom;
      gsize at = c * stride + v % 2 * phase + v / 4 * LANES;
      Vector sum = first_tap (splat (weights[0]), load (rows[0] + at));

      for (guint t = 1; t < taps->n_taps; t++)
        sum += splat (weights[t]) * load (rows[t] + at);
      all += sum;
      store (out + v * LANES, sum);
    }
  return all;
}

#define DEFINE_OVERLAPPING(n_taps)                                                                 \
  static __attribute__ ((noinline)) Vector column_taps_overlapping_##n_taps (                      \
      const CpacTaps *taps, const float *const *top, const float *last, gsize stride, gsize phase, \
      guint n_vectors, float *out, gsize out_stride)                                               \
  {                                                                                                \
    return column_taps_overlapping (n_taps, taps, top, last, stride, phase, n_vectors, out,        \
                                    out_stride);                                                   \
  }
DEFINE_OVERLAPPING (3)
DEFINE_OVERLAPPING (5)

gboolean
LEVEL_NAME (cpac_column_taps_pool) (const CpacTaps *taps, const float *const *top,
                                    const float *const *bottom, gsize stride, gsize phase,
                                    guint n_vectors, float *out, gsize out_stride)
{
  guint n_taps = taps->n_taps;
  const float *last = bottom[n_taps - 1];
  gboolean overlapping = TRUE;
  Vector all;

  for (guint t = 1; t < n_taps; t++)
    overlapping &= top[t] == bottom[t - 1];
  if (overlapping && n_taps == 3)
    all = column_taps_overlapping_3 (taps, top, last, stride, phase, n_vectors, out, out_stride);
  else if (overlapping && n_taps == 5)
    all = column_taps_overlapping_5 (taps, top, last, stride, phase, n_vectors, out, out_stride);
  else
    all = column_taps_apart (taps, top, bottom, stride, phase, n_vectors, out, out_stride);
  return is_finite (all);
}
