/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/kernels/pixels.h"

#include <math.h>
#include <string.h>

#include "core/tensor/tensor.h"

/*
 * The kernels of every level against those of the C level, which take a row at a time: the same
 * bits, whatever the length, the position in memory, the spans and the number of rows. What the
 * plain loops compute is compared with the definition in test-frame-oracle.c.
 */

enum { MOST_LANES = 16, SIDE = 600, N_ROWS = 300, N_RUNS = 400 };

typedef struct {
  const CpacPixelKernels *plain, *kernels;
  GRand *random;
} Fixture;

static guint
below (Fixture *fixture, guint n)
{
  return g_rand_int_range (fixture->random, 0, (gint32) n);
}

static const guint lengths[] = { 1,  2,  3,  5,   7,   8,   9,   15,  16,  17,  31,  32,
                                 33, 63, 64, 253, 255, 256, 257, 271, 288, 300, 511, 513 };

static guint
any_length (Fixture *fixture)
{
  return lengths[below (fixture, G_N_ELEMENTS (lengths))];
}

/* Weights that add up to 2^16 at most, as an axis has them; the most of them one time in four. */
static CpacSpan
any_span (Fixture *fixture, guint n_samples)
{
  guint first = below (fixture, n_samples);
  guint n = 1 + below (fixture, n_samples - first);
  guint most = 65536 / n;
  gboolean full = below (fixture, 4) == 0;
  guint weights[3];

  for (guint k = 0; k < 3; k++)
    weights[k] = full ? most : below (fixture, most + 1);
  return (CpacSpan){ first, n, MIN (weights[0], 65535), MIN (weights[1], 65535),
                     n == 1 ? 0 : MIN (weights[2], 65535) };
}

static void
fill_bytes (Fixture *fixture, guint8 *to, gsize n)
{
  gboolean white = below (fixture, 5) == 0;

  for (gsize i = 0; i < n; i++)
    to[i] = white ? 255 : below (fixture, 256);
}

/* A frame of exactly its size, bottom-up one time in two, so that tools see a read beyond it. */
static void
weigh_once (Fixture *fixture, CpacSample sample)
{
  guint lanes = fixture->kernels->lanes;
  guint n_rows = 1 + below (fixture, lanes);
  guint n_in = 1 + below (fixture, below (fixture, 8) == 0 ? SIDE : 20);
  gsize n = any_length (fixture), row_size = n * (sample == CPAC_SAMPLE_U8 ? 1 : 2);
  gsize stride = row_size + below (fixture, 3), rounded = (n + lanes - 1) / lanes * lanes;
  guint16 max = sample == CPAC_SAMPLE_U8 ? 255 : (1u << (9 + below (fixture, 8))) - 1;
  gsize size = stride * (n_in - 1) + row_size;
  g_autofree guint8 *memory = g_malloc (size);
  guint32 *out = cpac_aligned_new0 (rounded * lanes, sizeof *out);
  guint32 *want = cpac_aligned_new0 (n, sizeof *want);
  gboolean flip = below (fixture, 2);
  const guint8 *row = flip ? memory + stride * (n_in - 1) : memory;
  CpacSpan spans[MOST_LANES];

  fill_bytes (fixture, memory, size);
  for (guint r = 0; r < n_rows; r++)
    spans[r] = any_span (fixture, n_in);
  memset (out, 0xa5, rounded * lanes * sizeof *out);
  fixture->kernels->weigh (sample, max, row, flip ? -(gssize) stride : (gssize) stride, spans,
                           n_rows, n, out);
  for (guint r = 0; r < n_rows; r++) {
    fixture->plain->weigh (sample, max, row, flip ? -(gssize) stride : (gssize) stride, &spans[r],
                           1, n, want);
    for (gsize i = 0; i < n; i++)
      g_assert_cmpuint (out[i * lanes + r], ==, want[i]);
  }
  cpac_aligned_free (out);
  cpac_aligned_free (want);
}

static void
test_weigh (gconstpointer data)
{
  Fixture fixture = { cpac_pixel_kernels_get (CPAC_LEVEL_C),
                      cpac_pixel_kernels_get (GPOINTER_TO_UINT (data)), g_rand_new_with_seed (1) };

  for (guint i = 0; i < N_RUNS; i++)
    for (guint sample = 0; sample <= CPAC_SAMPLE_U16_BE; sample++)
      weigh_once (&fixture, sample);
  g_rand_free (fixture.random);
}

/* Sums up to 2^32 down the columns, up to 2^48 along the rows; narrow: up to 2^32 in all. */
static void
reduce_once (Fixture *fixture, gboolean narrow)
{
  guint lanes = fixture->kernels->lanes;
  guint n_in = 1 + below (fixture, 40), step = 1 + below (fixture, 4), base = below (fixture, 100);
  gsize n = any_length (fixture), n_columns = (gsize) n_in * step;
  g_autofree CpacSpan *spans = g_new (CpacSpan, n);
  guint32 *columns = cpac_aligned_new0 (n_columns * lanes, sizeof *columns);
  g_autofree guint32 *row = g_new (guint32, n_columns);
  double *out = cpac_aligned_new0 (n * lanes, sizeof *out);
  double *want = cpac_aligned_new0 (n, sizeof *want);

  for (gsize i = 0; i < n; i++) {
    spans[i] = any_span (fixture, n_in);
    spans[i].first += base;
  }
  for (gsize i = 0; i < n_columns * lanes; i++)
    columns[i] = below (fixture, 4) == 0 ? (narrow ? 65535 : G_MAXUINT32)
                                         : g_rand_int (fixture->random) >> (narrow ? 16 : 0);
  fixture->kernels->reduce (columns, step, base, narrow, spans, n, out);
  for (guint r = 0; r < lanes; r++) {
    for (gsize i = 0; i < n_columns; i++)
      row[i] = columns[i * lanes + r];
    fixture->plain->reduce (row, step, base, narrow, spans, n, want);
    for (gsize i = 0; i < n; i++)
      g_assert_cmpfloat (out[i * lanes + r], ==, want[i]);
  }
  cpac_aligned_free (columns);
  cpac_aligned_free (out);
  cpac_aligned_free (want);
}

static void
test_reduce (gconstpointer data)
{
  Fixture fixture = { cpac_pixel_kernels_get (CPAC_LEVEL_C),
                      cpac_pixel_kernels_get (GPOINTER_TO_UINT (data)), g_rand_new_with_seed (2) };

  for (guint i = 0; i < N_RUNS; i++)
    for (guint narrow = 0; narrow < 2; narrow++)
      reduce_once (&fixture, narrow);
  g_rand_free (fixture.random);
}

/* Weights as after division: sums of bytes stay below 2^16, and reach 65535 one time in four. */
static CpacSpan
any_small_span (Fixture *fixture, guint n_samples)
{
  guint n = 1 + below (fixture, MIN (n_samples, 257));
  guint most = 257 / n, n_mid = n > 2 ? n - 2 : 0;
  gboolean full = below (fixture, 4) == 0;
  CpacSpan span = { .first = below (fixture, n_samples - n + 1), .n = n };

  span.w_first = below (fixture, most + 1);
  span.w_mid = n_mid > 0 ? (full ? most : below (fixture, most + 1)) : 0;
  span.w_last = n > 1 ? below (fixture, most + 1) : 0;
  if (full)
    span.w_first = 257 - n_mid * span.w_mid - span.w_last;
  return span;
}

static void
weigh_pairs_once (Fixture *fixture)
{
  guint lanes = fixture->kernels->lanes;
  guint n_rows = 1 + below (fixture, lanes);
  guint n_in = 1 + below (fixture, below (fixture, 8) == 0 ? SIDE : 20);
  gsize n = below (fixture, 8) == 0 ? 1000 + below (fixture, 1200) : any_length (fixture);
  gsize stride = n + below (fixture, 3), rounded = (n + 2 * lanes - 1) / (2 * lanes) * 2 * lanes;
  gsize size = stride * (n_in - 1) + n;
  g_autofree guint8 *memory = g_malloc (size);
  g_autofree gint16 *want = g_new (gint16, n);
  gint16 *out = cpac_aligned_new0 (rounded * lanes, sizeof *out);
  gboolean flip = below (fixture, 2);
  const guint8 *row = flip ? memory + stride * (n_in - 1) : memory;
  gssize step = flip ? -(gssize) stride : (gssize) stride;
  CpacSpan spans[MOST_LANES];

  fill_bytes (fixture, memory, size);
  for (guint r = 0; r < n_rows; r++)
    spans[r] = any_small_span (fixture, n_in);
  memset (out, 0xa5, rounded * lanes * sizeof *out);
  fixture->kernels->weigh_pairs (row, step, spans, n_rows, n, out);
  for (guint r = 0; r < n_rows; r++) {
    fixture->plain->weigh_pairs (row, step, &spans[r], 1, n, want);
    for (gsize i = 0; i < n; i++)
      g_assert_cmpint (out[i / 2 * 2 * lanes + 2 * r + i % 2], ==, want[i]);
  }
  cpac_aligned_free (out);
}

static void
test_weigh_pairs (gconstpointer data)
{
  Fixture fixture = { cpac_pixel_kernels_get (CPAC_LEVEL_C),
                      cpac_pixel_kernels_get (GPOINTER_TO_UINT (data)), g_rand_new_with_seed (4) };

  for (guint i = 0; i < N_RUNS; i++)
    weigh_pairs_once (&fixture);
  g_rand_free (fixture.random);
}

/* Weights that add up to less than 2^15, the most of them one time in four. */
static CpacPairSpan
any_pair_span (Fixture *fixture, guint n_pairs)
{
  guint first = below (fixture, n_pairs);
  guint n = 1 + below (fixture, n_pairs - first);
  guint most = G_MAXINT16 / (2 * n);
  gboolean full = below (fixture, 4) == 0;
  CpacPairSpan span = { .first = first, .n = n };

  for (guint k = 0; k < 2; k++) {
    span.w_first[k] = full ? most : below (fixture, most + 1);
    span.w_mid[k] = full ? most : below (fixture, most + 1);
    span.w_last[k] = full ? most : below (fixture, most + 1);
  }
  return span;
}

/* Columns of any 16 bits, the least and the most of them among these. */
static void
reduce_pairs_once (Fixture *fixture)
{
  static const gint16 extremes[] = { G_MININT16, G_MAXINT16 };
  guint lanes = fixture->kernels->lanes;
  guint n_pairs = 1 + below (fixture, 40), base = below (fixture, 100);
  gsize n = any_length (fixture), n_words = 2 * (gsize) n_pairs;
  guint32 bias = (guint32) G_MAXINT16 << 15;
  double factor = 1 + below (fixture, 65536);
  g_autofree CpacPairSpan *spans = g_new (CpacPairSpan, n);
  g_autofree gint16 *row = g_new (gint16, n_words);
  gint16 *columns = cpac_aligned_new0 (n_words * lanes, sizeof *columns);
  double *out = cpac_aligned_new0 (n * lanes, sizeof *out);
  double *want = cpac_aligned_new0 (n, sizeof *want);

  for (gsize i = 0; i < n; i++) {
    spans[i] = any_pair_span (fixture, n_pairs);
    spans[i].first += base;
  }
  for (gsize i = 0; i < n_words * lanes; i++)
    columns[i] = below (fixture, 4) == 0 ? extremes[below (fixture, 2)]
                                         : (gint16) g_rand_int (fixture->random);
  fixture->kernels->reduce_pairs (columns, base, spans, n, bias, factor, out);
  for (guint r = 0; r < lanes; r++) {
    for (gsize i = 0; i < n_words; i++)
      row[i] = columns[i / 2 * 2 * lanes + 2 * r + i % 2];
    fixture->plain->reduce_pairs (row, base, spans, n, bias, factor, want);
    for (gsize i = 0; i < n; i++)
      g_assert_cmpfloat (out[i * lanes + r], ==, want[i]);
  }
  cpac_aligned_free (columns);
  cpac_aligned_free (out);
  cpac_aligned_free (want);
}

static void
test_reduce_pairs (gconstpointer data)
{
  Fixture fixture = { cpac_pixel_kernels_get (CPAC_LEVEL_C),
                      cpac_pixel_kernels_get (GPOINTER_TO_UINT (data)), g_rand_new_with_seed (5) };

  for (guint i = 0; i < N_RUNS; i++)
    reduce_pairs_once (&fixture);
  g_rand_free (fixture.random);
}

/* Values on both sides of 0 and 255; what lies between the rows stays. */
static void
mix_once (Fixture *fixture, guint n_sums)
{
  guint lanes = fixture->kernels->lanes;
  guint n_rows = 1 + below (fixture, lanes);
  gsize n = any_length (fixture), stride = n + below (fixture, 3);
  double *sums[3] = { NULL }, *rows[3] = { NULL };
  g_autofree float *out = g_new (float, n_rows *stride);
  g_autofree float *want = g_new (float, n_rows *stride);
  CpacMix mix = { .offset = g_rand_double_range (fixture->random, -40, 40),
                  .mean = g_rand_double_range (fixture->random, 0, 255),
                  .inverse_scale = g_rand_double_range (fixture->random, -1, 1) };

  memset (out, 0xff, n_rows * stride * sizeof *out);
  memset (want, 0xff, n_rows * stride * sizeof *want);
  for (guint k = 0; k < n_sums; k++) {
    mix.gain[k] = g_rand_double_range (fixture->random, -0.5, 1) / 0x1p40;
    sums[k] = cpac_aligned_new0 (n * lanes, sizeof *sums[k]);
    rows[k] = cpac_aligned_new0 (n, sizeof *rows[k]);
    for (gsize i = 0; i < n * lanes; i++)
      sums[k][i] = floor (g_rand_double_range (fixture->random, 0, 0x1p48));
  }
  fixture->kernels->mix (&mix, n_sums, sums, n_rows, n, out, stride);
  for (guint r = 0; r < n_rows; r++) {
    for (guint k = 0; k < n_sums; k++)
      for (gsize i = 0; i < n; i++)
        rows[k][i] = sums[k][i * lanes + r];
    fixture->plain->mix (&mix, n_sums, rows, 1, n, want + r * stride, stride);
  }
  g_assert_cmpmem (out, n_rows * stride * sizeof *out, want, n_rows * stride * sizeof *want);
  for (guint k = 0; k < n_sums; k++) {
    cpac_aligned_free (sums[k]);
    cpac_aligned_free (rows[k]);
  }
}

static void
test_mix (gconstpointer data)
{
  Fixture fixture = { cpac_pixel_kernels_get (CPAC_LEVEL_C),
                      cpac_pixel_kernels_get (GPOINTER_TO_UINT (data)), g_rand_new_with_seed (3) };

  for (guint i = 0; i < N_RUNS; i++)
    for (guint n_sums = 1; n_sums <= 3; n_sums += 2)
      mix_once (&fixture, n_sums);
  g_rand_free (fixture.random);
}

static void
add_test (const char *kernel, CpacLevel level, GTestDataFunc test)
{
  g_autofree char *path = g_strdup_printf ("/pixels/%s/%s", kernel, cpac_level_to_string (level));

  g_test_add_data_func (path, GUINT_TO_POINTER (level), test);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint level = CPAC_LEVEL_AVX2; level < CPAC_N_LEVELS; level++)
    if (cpac_level_is_supported (level)) {
      add_test ("weigh", level, test_weigh);
      add_test ("reduce", level, test_reduce);
      add_test ("weigh-pairs", level, test_weigh_pairs);
      add_test ("reduce-pairs", level, test_reduce_pairs);
      add_test ("mix", level, test_mix);
    }
  return g_test_run ();
}
