/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include <math.h>

#include "core/random.h"

/* Known answers published with the authors' Random123 library (kat_vectors, philox4x32 10). */
static void
test_known_answers (void)
{
  static const struct {
    guint32 counter[4], key[2], expected[4];
  } rows[] = {
    { { 0, 0, 0, 0 }, { 0, 0 }, { 0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8 } },
    { { 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff },
      { 0xffffffff, 0xffffffff },
      { 0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd } },
    { { 0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344 },
      { 0xa4093822, 0x299f31d0 },
      { 0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1 } },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    guint32 out[4];

    cpac_philox4x32 (rows[i].counter, rows[i].key, out);
    for (guint k = 0; k < 4; k++)
      g_assert_cmphex (out[k], ==, rows[i].expected[k]);
  }
}

/* The layout of key and counter is part of "the same seed gives the same bytes". */
static void
test_sequence_layout (void)
{
  const guint64 seed = 0x0123456789abcdef, item = 0xfedcba9876543210;
  CpacRandom random;

  cpac_random_init (&random, seed, 7, item);
  for (guint32 block = 0; block < 3; block++) {
    guint32 out[4];

    cpac_philox4x32 ((guint32[]){ block, 0x76543210, 0xfedcba98, 7 },
                     (guint32[]){ 0x89abcdef, 0x01234567 }, out);
    for (guint k = 0; k < 4; k++)
      g_assert_cmphex (cpac_random_uint32 (&random), ==, out[k]);
  }
}

/* Drawing from one sequence leaves every other alone, and no two are the same. */
static void
test_sequences_independent (void)
{
  CpacRandom alone, a, b;
  guint n_equal = 0;

  cpac_random_init (&alone, 1, 2, 3);
  cpac_random_init (&a, 1, 2, 3);
  cpac_random_init (&b, 1, 2, 4);
  for (guint i = 0; i < 100; i++) {
    double value = cpac_random_normal (&a);

    n_equal += value == cpac_random_normal (&b) ? 1 : 0;
    g_assert_cmpfloat (value, ==, cpac_random_normal (&alone));
  }
  g_assert_cmpuint (n_equal, ==, 0);
}

/* Of 3 x 2^30 values a plain modulo gives the first third twice the chance of the others. */
static void
test_below_unbiased (void)
{
  CpacRandom random;
  guint n = 100000, counts[3] = { 0 };

  cpac_random_init (&random, 5, 0, 0);
  for (guint i = 0; i < n; i++) {
    guint32 value = cpac_random_below (&random, 3u << 30);

    g_assert_cmpuint (value, <, 3u << 30);
    counts[value >> 30]++;
  }
  /* Five standard deviations, sqrt (n 1/3 2/3) = 149. */
  for (guint i = 0; i < 3; i++)
    g_assert_cmpfloat (fabs (counts[i] - n / 3.0), <, 5 * 149.1);
}

static void
test_below_small (void)
{
  static const guint32 sizes[] = { 1, 2, 3, 5, 17, 253 };

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++) {
    g_autofree guint *counts = g_new0 (guint, sizes[i]);
    guint n = 400 * sizes[i];
    CpacRandom random;
    double chi_square = 0;

    cpac_random_init (&random, 9, 0, i);
    for (guint k = 0; k < n; k++)
      counts[cpac_random_below (&random, sizes[i])]++;
    for (guint k = 0; k < sizes[i]; k++)
      chi_square += (counts[k] - 400.0) * (counts[k] - 400.0) / 400;
    /* Mean sizes - 1, variance twice that; five standard deviations. */
    g_assert_cmpfloat (chi_square, <=, sizes[i] - 1 + 5 * sqrt (2 * (sizes[i] - 1.0)));
  }
}

static void
test_double (void)
{
  CpacRandom random, words;
  double sum = 0, squares = 0;
  guint n = 100000;

  cpac_random_init (&random, 11, 0, 0);
  cpac_random_init (&words, 11, 0, 0);
  for (guint i = 0; i < n; i++) {
    double value = cpac_random_double (&random);
    guint32 high = cpac_random_uint32 (&words) >> 5, low = cpac_random_uint32 (&words) >> 6;

    g_assert_cmpfloat (value, ==, (high * 67108864.0 + low) / 9007199254740992.0);
    g_assert_true (value >= 0 && value < 1);
    sum += value;
    squares += value * value;
  }
  /* Standard deviations of the means of u and u^2: sqrt (1/12 / n), sqrt (4/45 / n). */
  g_assert_cmpfloat (fabs (sum / n - 1 / 2.0), <, 5 * sqrt (1 / 12.0 / n));
  g_assert_cmpfloat (fabs (squares / n - 1 / 3.0), <, 5 * sqrt (4 / 45.0 / n));
}

static void
test_normal (void)
{
  static const double variances[4] = { 1, 2, 15, 96 }; /* of x, x^2, x^3, x^4 */
  static const double means[4] = { 0, 1, 0, 3 };
  double sums[4] = { 0 }, neighbours = 0, previous = 0;
  CpacRandom random;
  guint n = 100000;

  cpac_random_init (&random, 13, 0, 0);
  for (guint i = 0; i < n; i++) {
    double value = cpac_random_normal (&random), power = 1;

    for (guint k = 0; k < 4; k++)
      sums[k] += power *= value;
    neighbours += previous * value;
    previous = value;
  }
  for (guint k = 0; k < 4; k++)
    g_assert_cmpfloat (fabs (sums[k] / n - means[k]), <, 5 * sqrt (variances[k] / n));
  g_assert_cmpfloat (fabs (neighbours / n), <, 5 / sqrt (n));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/random/known-answers", test_known_answers);
  g_test_add_func ("/random/sequence-layout", test_sequence_layout);
  g_test_add_func ("/random/sequences-independent", test_sequences_independent);
  g_test_add_func ("/random/below-unbiased", test_below_unbiased);
  g_test_add_func ("/random/below-small", test_below_small);
  g_test_add_func ("/random/double", test_double);
  g_test_add_func ("/random/normal", test_normal);
  return g_test_run ();
}
