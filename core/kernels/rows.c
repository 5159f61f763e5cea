/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Compiled once per instruction set (CPAC_ROW_LEVEL); the compiler vectorises these loops to the
 * width its flags allow. */

#include "core/kernels/rows.h"

#include <math.h>
#include <string.h>

#define JOIN_(a, b) a##b
#define JOIN(a, b) JOIN_ (a, b)

/* One pass over the output for 1, 2, 3 or 5 taps. Each number has a loop of its own without an
 * inner one, on pointers that say that nothing overlaps the output: only such loops are vectorised.
 */
static inline __attribute__ ((always_inline)) void
taps_at_once (gsize n, guint n_taps, const float *weights, const float *const *rows, float *out,
              gboolean add)
{
  const float w[5] = { weights[0], n_taps > 1 ? weights[1] : 0, n_taps > 2 ? weights[2] : 0,
                       n_taps > 3 ? weights[3] : 0, n_taps > 4 ? weights[4] : 0 };
  const float *restrict a = rows[0];
  const float *restrict b = n_taps > 1 ? rows[1] : NULL;
  const float *restrict c = n_taps > 2 ? rows[2] : NULL;
  const float *restrict d = n_taps > 3 ? rows[3] : NULL;
  const float *restrict e = n_taps > 4 ? rows[4] : NULL;
  float *restrict y = out;

  switch (n_taps) {
    case 1:
      for (gsize i = 0; i < n; i++)
        y[i] = (add ? y[i] : 0) + w[0] * a[i];
      return;
    case 2:
      for (gsize i = 0; i < n; i++)
        y[i] = ((add ? y[i] : 0) + w[0] * a[i]) + w[1] * b[i];
      return;
    case 3:
      for (gsize i = 0; i < n; i++)
        y[i] = (((add ? y[i] : 0) + w[0] * a[i]) + w[1] * b[i]) + w[2] * c[i];
      return;
    case 5:
      for (gsize i = 0; i < n; i++)
        y[i] = (((((add ? y[i] : 0) + w[0] * a[i]) + w[1] * b[i]) + w[2] * c[i]) + w[3] * d[i]) +
               w[4] * e[i];
      return;
    default:
      g_assert_not_reached ();
  }
}

/* Any number of them, in passes; what a pass leaves is the sum so far, so the order is the same. */
static inline __attribute__ ((always_inline)) void
taps_any (gsize n, guint n_taps, const float *weights, const float *const *rows, float *out,
          gboolean add)
{
  guint done = n_taps >= 5 ? 5 : n_taps == 4 ? 2 : n_taps;

  taps_at_once (n, done, weights, rows, out, add);
  while (done < n_taps) {
    guint left = n_taps - done, now = left >= 5 ? 5 : left == 4 ? 2 : left;

    taps_at_once (n, now, weights + done, rows + done, out, TRUE);
    done += now;
  }
}

static void
taps (gsize n, guint n_taps, const float *weights, const float *const *rows, float *out)
{
  taps_any (n, n_taps, weights, rows, out, FALSE);
}

static void
add_taps (gsize n, guint n_taps, const float *weights, const float *const *rows, float *out)
{
  taps_any (n, n_taps, weights, rows, out, TRUE);
}

static float
sum_lanes (float sum[16])
{
  for (guint half = 8; half > 0; half /= 2)
    for (guint k = 0; k < half; k++)
      sum[k] += sum[k + half];
  return sum[0];
}

/* Sixteen partial sums, whatever the vector width: the same tree on every level. */
static float
dot (gsize n, const float *restrict x, const float *restrict y)
{
  float sum[16] = { 0 };
  gsize i = 0;

  for (; i + 16 <= n; i += 16)
    for (guint k = 0; k < 16; k++)
      sum[k] += x[i + k] * y[i + k];
  for (guint k = 0; i < n; i++, k++)
    sum[k] += x[i] * y[i];
  return sum_lanes (sum);
}

/* Three at once: the usual kernel; @x is read once. */
static void
dots3 (gsize n, const float *restrict x, const float *restrict a, const float *restrict b,
       const float *restrict c, float *sums)
{
  float sum[3][16] = { 0 };
  gsize i = 0;

  for (; i + 16 <= n; i += 16)
    for (guint k = 0; k < 16; k++) {
      sum[0][k] += x[i + k] * a[i + k];
      sum[1][k] += x[i + k] * b[i + k];
      sum[2][k] += x[i + k] * c[i + k];
    }
  for (guint k = 0; i < n; i++, k++) {
    sum[0][k] += x[i] * a[i];
    sum[1][k] += x[i] * b[i];
    sum[2][k] += x[i] * c[i];
  }
  for (guint t = 0; t < 3; t++)
    sums[t] += sum_lanes (sum[t]);
}

static void
dots (gsize n, guint n_taps, const float *x, const float *const *rows, float *sums)
{
  guint t = 0;

  for (; t + 3 <= n_taps; t += 3)
    dots3 (n, x, rows[t], rows[t + 1], rows[t + 2], sums + t);
  for (; t < n_taps; t++)
    sums[t] += dot (n, x, rows[t]);
}

static void
relu (gsize n, const float *restrict x, float *restrict out)
{
  for (gsize i = 0; i < n; i++)
    out[i] = x[i] < 0 ? 0 : x[i];
}

static void
relu_backward (gsize n, const float *restrict x, const float *restrict dy, float *restrict dx)
{
  for (gsize i = 0; i < n; i++)
    dx[i] = x[i] > 0 ? dy[i] : 0;
}

/* Not a number wins over all numbers, so that it reaches the loss, where it is noticed. */
static inline float
larger (float a, float b)
{
  float largest = a < b ? b : a;

  /* Two plain choices, which the compiler vectorises; one with || would be a branch. */
  return b != b ? b : largest;
}

static void
pool2 (gsize n, const float *restrict top, const float *restrict bottom, float *restrict out)
{
  for (gsize i = 0; i < n; i++) {
    float a = larger (top[2 * i], top[2 * i + 1]);
    float b = larger (bottom[2 * i], bottom[2 * i + 1]);

    out[i] = larger (a, b);
  }
}

static void
pool2_backward (gsize n, const float *restrict top, const float *restrict bottom,
                const float *restrict dy, float *restrict dtop, float *restrict dbottom)
{
  for (gsize i = 0; i < n; i++) {
    float a = top[2 * i], b = top[2 * i + 1], c = bottom[2 * i], d = bottom[2 * i + 1];
    float upper = a < b ? b : a, lower = c < d ? d : c;
    float to_top = upper < lower ? 0 : dy[i], to_bottom = upper < lower ? dy[i] : 0;

    dtop[2 * i] = a < b ? 0 : to_top;
    dtop[2 * i + 1] = a < b ? to_top : 0;
    dbottom[2 * i] = c < d ? 0 : to_bottom;
    dbottom[2 * i + 1] = c < d ? to_bottom : 0;
  }
}

static void
relu_choose (gsize n, const float *restrict x, float *restrict out, guint8 *restrict choices)
{
  for (gsize i = 0; i < n; i++) {
    out[i] = x[i] < 0 ? 0 : x[i];
    choices[i] = x[i] > 0;
  }
}

/* A float's bits. Which gradients go where is as good as random: a branch would cost more than all
 * the rest, and bits under a mask are none, in a vector and at its end. */
typedef guint32 __attribute__ ((may_alias)) Bits;

static inline Bits
bits_if (gboolean wanted, Bits bits)
{
  return bits & (0 - (guint32) wanted);
}

static void
relu_chosen (gsize n, const float *dy, const guint8 *restrict choices, float *dx)
{
  const Bits *restrict from = (const Bits *) dy;
  Bits *restrict to = (Bits *) dx;

  for (gsize i = 0; i < n; i++)
    to[i] = bits_if (choices[i] != 0, from[i]);
}

#define AT_ONCE 16

static inline __attribute__ ((always_inline)) void
choose_16 (const float *restrict top, const float *restrict bottom, gboolean with_relu,
           float *restrict out, guint8 *restrict choices)
{
  for (guint i = 0; i < AT_ONCE; i++) {
    float a = top[2 * i], b = top[2 * i + 1], c = bottom[2 * i], d = bottom[2 * i + 1];
    float upper = a < b ? b : a, lower = c < d ? d : c;
    gint in_upper = a < b ? 1 : 0, in_lower = c < d ? 3 : 2;
    gint choice = upper < lower ? in_lower : in_upper;
    float largest = larger (larger (a, b), larger (c, d));

    out[i] = with_relu && largest < 0 ? 0 : largest;
    choices[i] = (guint8) (!with_relu || largest > 0 ? choice : 4);
  }
}

/* Always sixteen: short rows would otherwise go one by one, with branches that nobody can guess. */
static inline __attribute__ ((always_inline)) void
choose (gsize n, const float *top, const float *bottom, gboolean with_relu, float *out,
        guint8 *choices)
{
  float padded_top[2 * AT_ONCE] = { 0 }, padded_bottom[2 * AT_ONCE] = { 0 }, padded_out[AT_ONCE];
  guint8 padded_choices[AT_ONCE];
  gsize i = 0;

  for (; i + AT_ONCE <= n; i += AT_ONCE)
    choose_16 (top + 2 * i, bottom + 2 * i, with_relu, out + i, choices + i);
  if (i == n)
    return;
  memcpy (padded_top, top + 2 * i, 2 * (n - i) * sizeof (float));
  memcpy (padded_bottom, bottom + 2 * i, 2 * (n - i) * sizeof (float));
  choose_16 (padded_top, padded_bottom, with_relu, padded_out, padded_choices);
  memcpy (out + i, padded_out, (n - i) * sizeof (float));
  memcpy (choices + i, padded_choices, n - i);
}

static void
pool2_choose (gsize n, const float *top, const float *bottom, gboolean with_relu, float *out,
              guint8 *choices)
{
  if (with_relu)
    choose (n, top, bottom, TRUE, out, choices);
  else
    choose (n, top, bottom, FALSE, out, choices);
}

static void
pool2_chosen (gsize n, const float *dy, const guint8 *restrict choices, float *dtop, float *dbottom)
{
  const Bits *restrict from = (const Bits *) dy;
  Bits *restrict top = (Bits *) dtop, *restrict bottom = (Bits *) dbottom;

  for (gsize i = 0; i < n; i++) {
    guint choice = choices[i];

    top[2 * i] = bits_if (choice == 0, from[i]);
    top[2 * i + 1] = bits_if (choice == 1, from[i]);
    bottom[2 * i] = bits_if (choice == 2, from[i]);
    bottom[2 * i + 1] = bits_if (choice == 3, from[i]);
  }
}

static double
sum (gsize n, const float *x)
{
  enum { SUM_LANES = 64 };
  double total = 0;

  /* Blocks short enough that floats lose little, summed in double. One vector of partial sums would
   * wait for itself. */
  for (gsize begin = 0; begin < n; begin += 64 * SUM_LANES) {
    gsize end = begin + 64 * SUM_LANES < n ? begin + 64 * SUM_LANES : n, i = begin;
    float part[SUM_LANES] = { 0 };

    for (; i + SUM_LANES <= end; i += SUM_LANES)
      for (guint k = 0; k < SUM_LANES; k++)
        part[k] += x[i + k];
    for (guint k = 0; i < end; i++, k++)
      part[k] += x[i];
    for (guint half = SUM_LANES / 2; half >= 16; half /= 2)
      for (guint k = 0; k < half; k++)
        part[k] += part[k + half];
    for (guint k = 0; k < 16; k++)
      total += part[k];
  }
  return total;
}

static inline __attribute__ ((always_inline)) void
mean_some (gsize n, guint n_rows, const float *const *rows, gsize at, float *out)
{
  const float *restrict a = rows[0] + at, *restrict b = rows[1] + at;
  const float *restrict c = rows[n_rows - 1] + at;
  float *restrict mean = out + at;

  for (gsize i = 0; i < n; i++) {
    double sum = 0;

    sum = sum + a[i] + a[i + 1] + a[i + 2];
    sum = sum + b[i] + b[i + 1] + b[i + 2];
    if (n_rows == 3)
      sum = sum + c[i] + c[i + 1] + c[i + 2];
    mean[i] = (float) (sum / (3 * n_rows));
  }
}

/* Maps are a few vectors wide, so the last sixteen reach back rather than go one by one. */
static inline __attribute__ ((always_inline)) void
mean_rows (gsize n, guint n_rows, const float *const *rows, float *out)
{
  if (n < AT_ONCE) {
    mean_some (n, n_rows, rows, 0, out);
    return;
  }
  for (gsize i = 0; i < n; i += AT_ONCE)
    mean_some (AT_ONCE, n_rows, rows, i + AT_ONCE <= n ? i : n - AT_ONCE, out);
}

static void
mean9 (gsize n, const float *above, const float *here, const float *below, float *out)
{
  mean_rows (n, 3, (const float *const[]){ above, here, below }, out);
}

static void
mean6 (gsize n, const float *upper, const float *lower, float *out)
{
  mean_rows (n, 2, (const float *const[]){ upper, lower }, out);
}

static float
largest (gsize n, const float *x)
{
  enum { LANES = 64 };
  float best[LANES];
  gsize i = 0;

  for (guint k = 0; k < LANES; k++)
    best[k] = -INFINITY;
  for (; i + LANES <= n; i += LANES)
    for (guint k = 0; k < LANES; k++)
      best[k] = best[k] > x[i + k] ? best[k] : x[i + k];
  for (guint k = 0; i < n; i++, k++)
    best[k] = best[k] > x[i] ? best[k] : x[i];
  for (guint half = LANES / 2; half > 0; half /= 2)
    for (guint k = 0; k < half; k++)
      best[k] = best[k] > best[k + half] ? best[k] : best[k + half];
  return best[0];
}

static void
quantise (gsize n, const float *restrict x, double min, double gain, guint8 *restrict levels)
{
  for (gsize i = 0; i < n; i++) {
    double value = (x[i] - min) * gain;

    value = value > 0 ? value : 0;
    value = value < 255 ? value : 255;
    levels[i] = (guint8) (gint) (value + 0.5);
  }
}

extern const CpacRowKernels JOIN (cpac_row_kernels_, CPAC_ROW_LEVEL);

const CpacRowKernels JOIN (cpac_row_kernels_, CPAC_ROW_LEVEL) = {
  .taps = taps,
  .add_taps = add_taps,
  .dots = dots,
  .relu = relu,
  .relu_backward = relu_backward,
  .pool2 = pool2,
  .pool2_backward = pool2_backward,
  .relu_choose = relu_choose,
  .relu_chosen = relu_chosen,
  .pool2_choose = pool2_choose,
  .pool2_chosen = pool2_chosen,
  .sum = sum,
  .mean9 = mean9,
  .mean6 = mean6,
  .largest = largest,
  .quantise = quantise,
};
