/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/kernels/thin.h"

#include <float.h>
#include <math.h>

/*
 * The thin products of every instruction set this CPU has, against the same sum in double. A sum of
 * k products in single precision, whatever its order and with or without FMA, is off by at most k u
 * sum |terms| / (1 - k u), u = 2^-24 (Higham, Accuracy and Stability, 3.1); FLT_EPSILON is 2 u,
 * which covers the denominator.
 */

/* Around tiles, vectors, blocks and passes of every level. */
static const gsize lengths[] = { 1, 2, 3, 5, 15, 16, 17, 47, 48, 49, 253, 1100 };
static const guint counts[] = { 1, 2, 3, 5, 8, 9, 17, 65, 130 };

/* Rows begin where no vector would like them to, and what lies between outputs must stay. */
#define OFFSET 1
#define GAP 7
#define POISON -777.25f

typedef struct {
  CpacLevel level;
  const CpacThinKernels *kernels;
} Level;

static Level levels[CPAC_N_LEVELS];

static float *
new_random (GRand *random, gsize n)
{
  float *values = g_new (float, n);

  for (gsize i = 0; i < n; i++)
    values[i] = (float) g_rand_double_range (random, -1, 1);
  return values;
}

static void
poison (float *out, gsize n)
{
  for (gsize i = 0; i < n; i++)
    out[i] = POISON;
}

static void
assert_close (double value, double expected, double magnitude, gsize n_terms)
{
  if (!(fabs (value - expected) <= (double) n_terms * FLT_EPSILON * magnitude))
    g_error ("found %.9g, expected %.9g +- %g", value, expected,
             (double) n_terms * FLT_EPSILON * magnitude);
}

static void
assert_mixed (const CpacMix *mix)
{
  for (guint m = 0; m < mix->n_out; m++)
    for (gsize i = 0; i < mix->n; i++) {
      double sum = mix->bias != NULL ? mix->bias[m] : 0, magnitude = fabs (sum);

      for (guint k = 0; k < mix->n_in; k++) {
        double term = (double) mix->weights[m * mix->out_step + k * mix->in_step] *
                      mix->in[k * mix->in_stride + i];

        sum += term;
        magnitude += fabs (term);
      }
      assert_close (mix->out[m * mix->out_stride + i], sum, magnitude, mix->n_in + 1);
    }
}

static void
assert_gaps (const CpacMix *mix, const float *out)
{
  for (guint k = 0; k < OFFSET; k++)
    g_assert_cmpfloat (out[k], ==, POISON);
  for (guint m = 0; m < mix->n_out; m++)
    for (gsize i = mix->n; i < mix->out_stride; i++)
      g_assert_cmpfloat (mix->out[m * mix->out_stride + i], ==, POISON);
}

/* @transposed: the weights lie as (n_in, n_out). */
static void
check_mix (const Level *level, GRand *random, gsize n, guint n_out, guint n_in, gboolean transposed,
           gboolean with_bias)
{
  gsize stride = n + GAP;
  g_autofree float *weights = new_random (random, (gsize) n_out * n_in);
  g_autofree float *bias = new_random (random, n_out);
  g_autofree float *in = new_random (random, OFFSET + n_in * stride);
  g_autofree float *out = g_new (float, OFFSET + n_out * stride);
  CpacMix mix = {
    .n = n,
    .n_out = n_out,
    .n_in = n_in,
    .weights = weights,
    .out_step = transposed ? 1 : n_in,
    .in_step = transposed ? n_out : 1,
    .bias = with_bias ? bias : NULL,
    .in = in + OFFSET,
    .in_stride = stride,
    .out = out + OFFSET,
    .out_stride = stride,
  };

  poison (out, OFFSET + n_out * stride);
  level->kernels->mix (&mix);
  assert_mixed (&mix);
  assert_gaps (&mix, out);
}

static void
test_mix (gconstpointer data)
{
  GRand *random = g_rand_new_with_seed (1);

  for (guint l = 0; l < G_N_ELEMENTS (lengths); l++)
    for (guint m = 0; m < G_N_ELEMENTS (counts); m++)
      for (guint k = 0; k < G_N_ELEMENTS (counts); k++) {
        /* Every size with every size, but few of the large ones with one another. */
        if ((gsize) counts[m] * counts[k] * lengths[l] > 400000)
          continue;
        check_mix (data, random, lengths[l], counts[m], counts[k], k % 2 != 0, m % 2 != 0);
      }
  g_rand_free (random);
}

static void
check_outer (const Level *level, GRand *random, gsize n, guint n_rows, guint n_columns)
{
  gsize stride = n + GAP, n_sums = (gsize) n_rows * n_columns;
  g_autofree float *g = new_random (random, OFFSET + n_rows * stride);
  g_autofree float *x = new_random (random, OFFSET + n_columns * stride);
  g_autofree float *before = new_random (random, n_sums);
  g_autofree float *sums = g_new (float, n_sums + GAP);
  CpacOuter outer = { n, n_rows, n_columns, g + OFFSET, stride, x + OFFSET, stride, sums };

  poison (sums, n_sums + GAP);
  for (gsize i = 0; i < n_sums; i++)
    sums[i] = before[i];
  level->kernels->outer (&outer);
  for (guint m = 0; m < n_rows; m++)
    for (guint k = 0; k < n_columns; k++) {
      gsize at = (gsize) m * n_columns + k;
      double sum = before[at], magnitude = fabs (sum);

      for (gsize i = 0; i < n; i++) {
        double term = (double) outer.g[m * stride + i] * outer.x[k * stride + i];

        sum += term;
        magnitude += fabs (term);
      }
      assert_close (sums[at], sum, magnitude, n + 1);
    }
  for (gsize i = n_sums; i < n_sums + GAP; i++)
    g_assert_cmpfloat (sums[i], ==, POISON);
}

static void
test_outer (gconstpointer data)
{
  GRand *random = g_rand_new_with_seed (2);

  for (guint l = 0; l < G_N_ELEMENTS (lengths); l++)
    for (guint m = 0; m < G_N_ELEMENTS (counts); m++)
      for (guint k = 0; k < G_N_ELEMENTS (counts); k++)
        if ((gsize) counts[m] * counts[k] * lengths[l] <= 400000)
          check_outer (data, random, lengths[l], counts[m], counts[k]);
  g_rand_free (random);
}

/* An output is the same bytes wherever it lies in a row: picture rows may be cut anywhere. */
static void
test_mix_anywhere (gconstpointer data)
{
  const Level *level = data;
  enum { N = 101, K = 140 };
  GRand *random = g_rand_new_with_seed (3);
  g_autofree float *weights = new_random (random, 3 * K);
  g_autofree float *in = new_random (random, (gsize) K * N);
  float whole[3 * N], part[3 * N];
  CpacMix mix = { N, 3, K, weights, K, 1, NULL, in, N, whole, N };

  level->kernels->mix (&mix);
  mix.out = part;
  for (gsize begin = 0; begin < N; begin += 17) {
    mix.n = MIN (17, N - begin);
    mix.in = in + begin;
    mix.out = part + begin;
    level->kernels->mix (&mix);
  }
  g_assert_cmpmem (whole, sizeof whole, part, sizeof part);
  g_rand_free (random);
}

/* Every level has a table, and the highest has one of its own where the build can. */
static void
test_levels (void)
{
  for (guint i = 0; i < CPAC_N_LEVELS; i++) {
    const CpacThinKernels *kernels = cpac_thin_kernels_get (i);

    g_assert_nonnull (kernels->mix);
    g_assert_nonnull (kernels->outer);
  }
}

static void
add (const Level *level, const char *name, GTestDataFunc func)
{
  g_autofree char *path =
      g_strdup_printf ("/thin/%s/%s", cpac_level_to_string (level->level), name);

  g_test_add_data_func (path, level, func);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/thin/levels", test_levels);
  for (guint i = 0; i < CPAC_N_LEVELS; i++) {
    if (!cpac_level_is_supported (i))
      continue;
    levels[i] = (Level){ i, cpac_thin_kernels_get (i) };
    add (&levels[i], "mix", test_mix);
    add (&levels[i], "mix-anywhere", test_mix_anywhere);
    add (&levels[i], "outer", test_outer);
  }
  return g_test_run ();
}
