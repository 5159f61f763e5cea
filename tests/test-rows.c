/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/kernels/rows.h"

#include <float.h>
#include <math.h>
#include <string.h>

/*
 * Every loop over rows of every instruction set this CPU has, against the same sum in double. A sum
 * of k products in single precision, whatever its order and with or without FMA, is off by at most
 * k u sum |terms| / (1 - k u), u = 2^-24 (Higham, Accuracy and Stability, 3.1); FLT_EPSILON is 2 u,
 * which covers the denominator.
 */

static const gsize sizes[] = { 0, 1, 2, 3, 5, 17, 253 };
static const guint tap_counts[] = { 1, 2, 3, 4, 5, 6, 7, 70 };

#define MAX_TAPS 70
#define MAX_N 253
/* Rows begin where no vector would like them to. */
#define OFFSET 1
/* What lies behind an output must stay. */
#define GUARD 16
#define POISON -777.25f

typedef struct {
  CpacLevel level;
  const CpacRowKernels *kernels;
} Level;

static Level levels[CPAC_N_LEVELS];

typedef struct {
  GRand *random;
  float weights[MAX_TAPS];
  float values[MAX_TAPS][OFFSET + MAX_N];
  const float *rows[MAX_TAPS];
} Input;

static void
fill (GRand *random, float *values, gsize n)
{
  for (gsize i = 0; i < n; i++)
    values[i] = (float) g_rand_double_range (random, -1, 1);
}

static void
input_init (Input *input, guint32 seed)
{
  input->random = g_rand_new_with_seed (seed);
  fill (input->random, input->weights, MAX_TAPS);
  for (guint t = 0; t < MAX_TAPS; t++) {
    fill (input->random, input->values[t], OFFSET + MAX_N);
    input->rows[t] = input->values[t] + OFFSET;
  }
}

static void
input_clear (Input *input)
{
  g_rand_free (input->random);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Input, input_clear)

static void
poison (float *out, gsize n)
{
  for (gsize i = 0; i < n; i++)
    out[i] = POISON;
}

static void
assert_poisoned (const float *out, gsize begin, gsize end)
{
  for (gsize i = begin; i < end; i++)
    g_assert_cmpfloat (out[i], ==, POISON);
}

static void
assert_close (double value, double expected, double magnitude, guint n_terms)
{
  if (!(fabs (value - expected) <= n_terms * FLT_EPSILON * magnitude))
    g_error ("found %.9g, expected %.9g +- %g", value, expected, n_terms * FLT_EPSILON * magnitude);
}

/* taps, and add_taps on what was there before. */
static void
check_taps (const Level *level, const Input *input, gsize n, guint n_taps)
{
  float set[MAX_N + GUARD], added[MAX_N + GUARD], before[MAX_N];

  poison (set, G_N_ELEMENTS (set));
  poison (added, G_N_ELEMENTS (added));
  fill (input->random, before, n);
  memcpy (added, before, n * sizeof (float));
  level->kernels->taps (n, n_taps, input->weights, input->rows, set);
  level->kernels->add_taps (n, n_taps, input->weights, input->rows, added);
  for (gsize i = 0; i < n; i++) {
    double sum = 0, magnitude = 0;

    for (guint t = 0; t < n_taps; t++) {
      double term = (double) input->weights[t] * input->rows[t][i];

      sum += term;
      magnitude += fabs (term);
    }
    assert_close (set[i], sum, magnitude, n_taps);
    assert_close (added[i], before[i] + sum, fabs (before[i]) + magnitude, n_taps + 1);
  }
  assert_poisoned (set, n, G_N_ELEMENTS (set));
  assert_poisoned (added, n, G_N_ELEMENTS (added));
}

static void
test_taps (gconstpointer data)
{
  g_auto (Input) input = { 0 };

  input_init (&input, 1);
  for (guint s = 0; s < G_N_ELEMENTS (sizes); s++)
    for (guint t = 0; t < G_N_ELEMENTS (tap_counts); t++)
      check_taps (data, &input, sizes[s], tap_counts[t]);
}

/* The same row as every tap, as the shifted copies of one row overlap. */
static void
test_overlapping_rows (gconstpointer data)
{
  const Level *level = data;
  g_auto (Input) input = { 0 };
  const float *rows[7];
  float out[MAX_N];

  input_init (&input, 2);
  for (guint t = 0; t < 7; t++)
    rows[t] = input.values[0] + t;
  level->kernels->taps (100, 7, input.weights, rows, out);
  for (gsize i = 0; i < 100; i++) {
    double sum = 0;

    for (guint t = 0; t < 7; t++)
      sum += (double) input.weights[t] * input.values[0][i + t];
    assert_close (out[i], sum, 7, 7);
  }
}

static void
check_dots (const Level *level, const Input *input, gsize n, guint n_taps)
{
  float x[MAX_N], sums[MAX_TAPS + GUARD], before[MAX_TAPS];

  fill (input->random, x, n);
  fill (input->random, before, n_taps);
  poison (sums, G_N_ELEMENTS (sums));
  memcpy (sums, before, n_taps * sizeof (float));
  level->kernels->dots (n, n_taps, x, input->rows, sums);
  for (guint t = 0; t < n_taps; t++) {
    double sum = before[t], magnitude = fabs (before[t]);

    for (gsize i = 0; i < n; i++) {
      double term = (double) x[i] * input->rows[t][i];

      sum += term;
      magnitude += fabs (term);
    }
    assert_close (sums[t], sum, magnitude, (guint) n + 1);
  }
  assert_poisoned (sums, n_taps, G_N_ELEMENTS (sums));
}

static void
test_dots (gconstpointer data)
{
  g_auto (Input) input = { 0 };

  input_init (&input, 3);
  for (guint s = 0; s < G_N_ELEMENTS (sizes); s++)
    for (guint t = 0; t < G_N_ELEMENTS (tap_counts); t++)
      check_dots (data, &input, sizes[s], tap_counts[t]);
}

/* Lanes and blocks of every length; what is rounded in float are sums of 64 numbers and of a few
 * lanes. */
static void
test_sum (gconstpointer data)
{
  static const gsize lengths[] = { 0, 1, 2, 3, 5, 17, 63, 64, 65, 253, 4095, 4096, 4097, 9000 };
  const Level *level = data;
  GRand *random = g_rand_new_with_seed (7);
  g_autofree float *x = g_new (float, OFFSET + 9000);

  fill (random, x, OFFSET + 9000);
  for (guint s = 0; s < G_N_ELEMENTS (lengths); s++) {
    double sum = 0, magnitude = 0;

    for (gsize i = 0; i < lengths[s]; i++) {
      sum += x[OFFSET + i];
      magnitude += fabs (x[OFFSET + i]);
    }
    assert_close (level->kernels->sum (lengths[s], x + OFFSET), sum, magnitude, 64 + 4);
  }
  g_rand_free (random);
}

/* Exact at every level: nothing is rounded but the sum with what was there. */
static void
test_relu (gconstpointer data)
{
  const Level *level = data;
  g_auto (Input) input = { 0 };

  input_init (&input, 4);
  for (guint s = 0; s < G_N_ELEMENTS (sizes); s++) {
    gsize n = sizes[s];
    float x[MAX_N], out[MAX_N + GUARD], dx[MAX_N + GUARD];
    const float *dy = input.rows[0];

    fill (input.random, x, n);
    for (gsize i = 0; i < n; i += 5)
      x[i] = 0;
    poison (out, G_N_ELEMENTS (out));
    poison (dx, G_N_ELEMENTS (dx));
    level->kernels->relu (n, x, out);
    level->kernels->relu_backward (n, x, dy, dx);
    for (gsize i = 0; i < n; i++) {
      g_assert_cmpfloat (out[i], ==, x[i] > 0 ? x[i] : 0);
      g_assert_cmpfloat (dx[i], ==, x[i] > 0 ? dy[i] : 0);
    }
    assert_poisoned (out, n, G_N_ELEMENTS (out));
    assert_poisoned (dx, n, G_N_ELEMENTS (dx));
  }
}

/* Few different values, so that ties of every kind occur. */
static void
fill_with_ties (GRand *random, float *values, gsize n)
{
  for (gsize i = 0; i < n; i++)
    values[i] = (float) g_rand_int_range (random, -1, 2);
}

/* The place of the first largest of the four about output @i, in the order of the reference. */
static guint
first_largest (const float *top, const float *bottom, gsize i)
{
  const float four[] = { top[2 * i], top[2 * i + 1], bottom[2 * i], bottom[2 * i + 1] };
  guint best = 0;

  for (guint k = 1; k < 4; k++)
    if (four[k] > four[best])
      best = k;
  return best;
}

static void
check_pool (const Level *level, GRand *random, gsize n)
{
  float top[2 * MAX_N], bottom[2 * MAX_N], dy[MAX_N], out[MAX_N + GUARD];
  float dtop[2 * MAX_N + GUARD], dbottom[2 * MAX_N + GUARD];

  fill_with_ties (random, top, 2 * n);
  fill_with_ties (random, bottom, 2 * n);
  fill (random, dy, n);
  poison (out, G_N_ELEMENTS (out));
  poison (dtop, G_N_ELEMENTS (dtop));
  poison (dbottom, G_N_ELEMENTS (dbottom));
  level->kernels->pool2 (n, top, bottom, out);
  level->kernels->pool2_backward (n, top, bottom, dy, dtop, dbottom);
  for (gsize i = 0; i < n; i++) {
    guint best = first_largest (top, bottom, i);

    g_assert_cmpfloat (out[i], ==, (best < 2 ? top : bottom)[2 * i + best % 2]);
    for (guint k = 0; k < 4; k++) {
      float found = (k < 2 ? dtop : dbottom)[2 * i + k % 2];

      g_assert_cmpfloat (found, ==, k == best ? dy[i] : 0);
    }
  }
  assert_poisoned (out, n, G_N_ELEMENTS (out));
  assert_poisoned (dtop, 2 * n, G_N_ELEMENTS (dtop));
  assert_poisoned (dbottom, 2 * n, G_N_ELEMENTS (dbottom));
}

static void
test_pool (gconstpointer data)
{
  GRand *random = g_rand_new_with_seed (5);

  for (guint s = 0; s < G_N_ELEMENTS (sizes); s++)
    check_pool (data, random, sizes[s]);
  g_rand_free (random);
}

static void
check_choose (const Level *level, GRand *random, gsize n, gboolean with_relu)
{
  float top[2 * MAX_N], bottom[2 * MAX_N], dy[MAX_N], out[MAX_N + GUARD];
  float dtop[2 * MAX_N + GUARD], dbottom[2 * MAX_N + GUARD];
  guint8 choices[MAX_N + GUARD];

  fill_with_ties (random, top, 2 * n);
  fill_with_ties (random, bottom, 2 * n);
  fill (random, dy, n);
  poison (out, G_N_ELEMENTS (out));
  poison (dtop, G_N_ELEMENTS (dtop));
  poison (dbottom, G_N_ELEMENTS (dbottom));
  memset (choices, 0x5a, sizeof choices);
  level->kernels->pool2_choose (n, top, bottom, with_relu, out, choices);
  level->kernels->pool2_chosen (n, dy, choices, dtop, dbottom);
  for (gsize i = 0; i < n; i++) {
    guint best = first_largest (top, bottom, i);
    float largest = (best < 2 ? top : bottom)[2 * i + best % 2];
    gboolean passes = !with_relu || largest > 0;

    g_assert_cmpfloat (out[i], ==, passes ? largest : 0);
    g_assert_cmpuint (choices[i], ==, passes ? best : 4);
    for (guint k = 0; k < 4; k++) {
      float found = (k < 2 ? dtop : dbottom)[2 * i + k % 2];

      g_assert_cmpfloat (found, ==, k == best && passes ? dy[i] : 0);
    }
  }
  for (gsize i = n; i < G_N_ELEMENTS (choices); i++)
    g_assert_cmpuint (choices[i], ==, 0x5a);
  assert_poisoned (out, n, G_N_ELEMENTS (out));
  assert_poisoned (dtop, 2 * n, G_N_ELEMENTS (dtop));
  assert_poisoned (dbottom, 2 * n, G_N_ELEMENTS (dbottom));
}

static void
check_relu_choose (const Level *level, GRand *random, gsize n)
{
  float x[MAX_N], dy[MAX_N], out[MAX_N + GUARD], dx[MAX_N + GUARD];
  guint8 choices[MAX_N + GUARD];

  fill_with_ties (random, x, n);
  fill (random, dy, n);
  poison (out, G_N_ELEMENTS (out));
  poison (dx, G_N_ELEMENTS (dx));
  memset (choices, 0x5a, sizeof choices);
  level->kernels->relu_choose (n, x, out, choices);
  level->kernels->relu_chosen (n, dy, choices, dx);
  for (gsize i = 0; i < n; i++) {
    g_assert_cmpfloat (out[i], ==, x[i] > 0 ? x[i] : 0);
    g_assert_cmpfloat (dx[i], ==, x[i] > 0 ? dy[i] : 0);
  }
  for (gsize i = n; i < G_N_ELEMENTS (choices); i++)
    g_assert_cmpuint (choices[i], ==, 0x5a);
  assert_poisoned (out, n, G_N_ELEMENTS (out));
  assert_poisoned (dx, n, G_N_ELEMENTS (dx));
}

static void
test_choose (gconstpointer data)
{
  GRand *random = g_rand_new_with_seed (6);

  for (guint s = 0; s < G_N_ELEMENTS (sizes); s++) {
    check_choose (data, random, sizes[s], FALSE);
    check_choose (data, random, sizes[s], TRUE);
    check_relu_choose (data, random, sizes[s]);
  }
  g_rand_free (random);
}

/* Not a number at any place reaches the outputs that see it, and no other. */
static void
test_nan (gconstpointer data)
{
  const Level *level = data;
  enum { N = 37 };

  for (guint bad = 0; bad < 2 * N; bad++) {
    float top[2 * N] = { 0 }, bottom[2 * N] = { 0 }, out[N], sum = 0;
    const float weight = 1;
    guint8 choices[N];
    const float *row = top;

    for (guint side = 0; side < 2; side++) {
      float *rows[] = { top, bottom };

      rows[side][bad] = NAN;
      level->kernels->pool2 (N, top, bottom, out);
      for (guint i = 0; i < N; i++)
        g_assert_cmpint (isnan (out[i]), ==, i == bad / 2);
      for (guint with_relu = 0; with_relu < 2; with_relu++) {
        level->kernels->pool2_choose (N, top, bottom, (gboolean) with_relu, out, choices);
        for (guint i = 0; i < N; i++)
          g_assert_cmpint (isnan (out[i]), ==, i == bad / 2);
      }
      rows[side][bad] = 0;
    }
    if (bad >= N)
      continue;
    top[bad] = NAN;
    level->kernels->relu (N, top, out);
    for (guint i = 0; i < N; i++)
      g_assert_cmpint (isnan (out[i]), ==, i == bad);
    level->kernels->taps (N, 1, &weight, &row, out);
    for (guint i = 0; i < N; i++)
      g_assert_cmpint (isnan (out[i]), ==, i == bad);
    level->kernels->dots (N, 1, bottom, &row, &sum);
    g_assert_true (isnan (sum));
  }
}

/* To the bit, as it is for every level: in reading order. */
static void
check_means (const Level *level, float (*rows)[MAX_N + 2], gsize n)
{
  float out[MAX_N + GUARD];

  for (guint n_rows = 2; n_rows <= 3; n_rows++) {
    poison (out, G_N_ELEMENTS (out));
    if (n_rows == 3)
      level->kernels->mean9 (n, rows[0], rows[1], rows[2], out);
    else
      level->kernels->mean6 (n, rows[0], rows[1], out);
    for (gsize i = 0; i < n; i++) {
      double sum = 0;

      for (guint k = 0; k < 3 * n_rows; k++)
        sum += rows[k / 3][i + k % 3];
      g_assert_cmpfloat (out[i], ==, (float) (sum / (3 * n_rows)));
    }
    assert_poisoned (out, n, G_N_ELEMENTS (out));
  }
}

/* The largest at each place, once among smaller ones. */
static void
check_largest (const Level *level, const float *values, gsize n)
{
  float x[MAX_N];

  g_assert_cmpfloat (level->kernels->largest (0, x), ==, -INFINITY);
  for (gsize place = 0; place < n; place++) {
    for (gsize i = 0; i < n; i++)
      x[i] = values[i] - 10;
    x[place] = -7.5f;
    g_assert_cmpfloat (level->kernels->largest (n, x), ==, -7.5f);
  }
}

/* Scales with values beyond both ends; and none, where 0 times infinity is not a number. */
static void
check_quantise (const Level *level, const float *x, gsize n)
{
  static const double scales[][2] = { { -1, 127.5 }, { 0.25, 1000 }, { 0, INFINITY } };
  guint8 levels8[MAX_N + GUARD];

  for (guint s = 0; s < G_N_ELEMENTS (scales); s++) {
    memset (levels8, 0x5a, sizeof levels8);
    level->kernels->quantise (n, x, scales[s][0], scales[s][1], levels8);
    for (gsize i = 0; i < n; i++) {
      double value = (x[i] - scales[s][0]) * scales[s][1];

      g_assert_cmpuint (levels8[i], ==, value > 0 ? (guint) floor (fmin (value, 255) + 0.5) : 0);
    }
    for (gsize i = n; i < G_N_ELEMENTS (levels8); i++)
      g_assert_cmpuint (levels8[i], ==, 0x5a);
  }
}

static void
test_cells (gconstpointer data)
{
  GRand *random = g_rand_new_with_seed (7);
  float rows[3][MAX_N + 2];

  for (guint s = 0; s < G_N_ELEMENTS (sizes); s++) {
    for (guint r = 0; r < 3; r++)
      fill (random, rows[r], MAX_N + 2);
    rows[0][0] = 0;
    check_means (data, rows, sizes[s]);
    check_largest (data, rows[0], sizes[s]);
    check_quantise (data, rows[0], sizes[s]);
  }
  g_rand_free (random);
}

/* Every level has a table, and the one in force is the one asked for. */
static void
test_levels (void)
{
  const CpacRowKernels *best = NULL;

  for (guint i = 0; i < CPAC_N_LEVELS; i++)
    if (cpac_level_is_supported (i))
      best = cpac_row_kernels_get (i);
  g_unsetenv ("CPAC_CPU");
  g_assert_true (cpac_row_kernels_default () == best);
  g_setenv ("CPAC_CPU", "c", TRUE);
  g_assert_true (cpac_row_kernels_default () == cpac_row_kernels_get (CPAC_LEVEL_C));
}

static void
add (const Level *level, const char *name, GTestDataFunc func)
{
  g_autofree char *path =
      g_strdup_printf ("/rows/%s/%s", cpac_level_to_string (level->level), name);

  g_test_add_data_func (path, level, func);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < CPAC_N_LEVELS; i++) {
    if (!cpac_level_is_supported (i))
      continue;
    levels[i] = (Level){ i, cpac_row_kernels_get (i) };
    add (&levels[i], "taps", test_taps);
    add (&levels[i], "overlapping-rows", test_overlapping_rows);
    add (&levels[i], "dots", test_dots);
    add (&levels[i], "relu", test_relu);
    add (&levels[i], "pool", test_pool);
    add (&levels[i], "sum", test_sum);
    add (&levels[i], "choose", test_choose);
    add (&levels[i], "nan", test_nan);
    add (&levels[i], "cells", test_cells);
  }
  g_test_add_func ("/rows/levels", test_levels);
  return g_test_run ();
}
