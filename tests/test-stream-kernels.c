/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/kernels/stream-kernels.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "core/tensor/tensor.h"

/*
 * Every kernel of every level against its definition in double; with --bench (`meson test
 * --benchmark`) the same calls are timed, so that what is timed has been checked. Outputs are
 * poisoned, and what lies between and behind them must stay. A sum of k products in single
 * precision is off by at most k u sum |terms|, u = 2^-24 (Higham, Accuracy and Stability, 3.1);
 * FLT_EPSILON is 2 u, which covers what is left out.
 */

#define POISON -777.25f
#define N_IN (1 << 16)
#define N_OUT (1 << 16)

typedef struct {
  CpacLevel level;
  const CpacStreamKernels *kernels;
  guint lanes;
  GRand *random;
  float *in, *weights;
  float *out;          /* (N_OUT) */
  guint8 *written;     /* (N_OUT): what the kernel may write */
  double n_operations; /* of the present call */
} Bench;

static void
fill_random (GRand *random, float *to, gsize n)
{
  for (gsize i = 0; i < n; i++)
    to[i] = (float) g_rand_double_range (random, -1, 1);
}

static void
bench_init (Bench *bench, CpacLevel level)
{
  bench->level = level;
  bench->kernels = cpac_stream_kernels_get (level);
  bench->lanes = bench->kernels->lanes;
  bench->random = g_rand_new_with_seed (level + 1);
  bench->in = cpac_aligned_new0 (N_IN, sizeof (float));
  bench->weights = cpac_aligned_new0 (N_IN, sizeof (float));
  bench->out = cpac_aligned_new0 (N_OUT, sizeof (float));
  bench->written = g_new0 (guint8, N_OUT);
  fill_random (bench->random, bench->in, N_IN);
  fill_random (bench->random, bench->weights, N_IN);
}

static void
bench_clear (Bench *bench)
{
  g_rand_free (bench->random);
  cpac_aligned_free (bench->in);
  cpac_aligned_free (bench->weights);
  cpac_aligned_free (bench->out);
  g_free (bench->written);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Bench, bench_clear)

static void
poison (Bench *bench)
{
  for (gsize i = 0; i < N_OUT; i++)
    bench->out[i] = POISON;
  memset (bench->written, 0, N_OUT);
}

/* Output @at is @expected, the sum of @n_terms terms of magnitude @magnitude in all. */
static void
expect (Bench *bench, gsize at, double expected, double magnitude, guint n_terms)
{
  double got = bench->out[at], bound = n_terms * FLT_EPSILON * magnitude;

  bench->written[at] = TRUE;
  if (!(fabs (got - expected) <= bound) && !(isnan (got) && isnan (expected)))
    g_error ("%s: output %" G_GSIZE_FORMAT " is %.9g, expected %.9g +- %g",
             cpac_level_to_string (bench->level), at, got, expected, bound);
}

static void
expect_nothing_else (const Bench *bench)
{
  for (gsize i = 0; i < N_OUT; i++)
    if (!bench->written[i])
      g_assert_cmpfloat (bench->out[i], ==, POISON);
}

static gboolean benchmark;

/* Runs @call once; or many times, and says how fast it was. */
#define RUN(bench, name, call)                                                                     \
  G_STMT_START                                                                                     \
  {                                                                                                \
    poison (bench);                                                                                \
    call;                                                                                          \
    if (benchmark) {                                                                               \
      gint64 best = G_MAXINT64;                                                                    \
      for (guint round = 0; round < 30; round++) {                                                 \
        gint64 begin = g_get_monotonic_time ();                                                    \
        for (guint i = 0; i < 200; i++)                                                            \
          call;                                                                                    \
        best = MIN (best, g_get_monotonic_time () - begin);                                        \
      }                                                                                            \
      g_print ("# %-7s %-40s %8.1f G/s\n", cpac_level_to_string ((bench)->level), name,            \
               (bench)->n_operations * 0.2 / (double) MAX (best, 1));                              \
    }                                                                                              \
  }                                                                                                \
  G_STMT_END

/* A packed matrix, and the plain one. */
typedef struct {
  CpacPacked packed;
  float *data, *plain, *bias;
} Matrix;

static void
matrix_init (Matrix *matrix, Bench *bench, guint n, guint k, guint tile_rows)
{
  guint n_tiles = (n + tile_rows - 1) / tile_rows, row = 0;
  float *to = matrix->data = cpac_aligned_new0 ((gsize) n * (k + 1), sizeof (float));

  matrix->plain = g_new (float, (gsize) n *k);
  matrix->bias = g_new (float, n);
  fill_random (bench->random, matrix->plain, (gsize) n * k);
  fill_random (bench->random, matrix->bias, n);
  matrix->packed = (CpacPacked){ n, k, tile_rows, matrix->data };
  for (guint tile = 0; tile < n_tiles; tile++) {
    guint rows = (n - row) / (n_tiles - tile);

    for (guint i = 0; i < rows; i++)
      *to++ = matrix->bias[row + i];
    for (guint j = 0; j < k; j++)
      for (guint i = 0; i < rows; i++)
        *to++ = matrix->plain[(gsize) (row + i) * k + j];
    row += rows;
  }
}

static void
matrix_clear (Matrix *matrix)
{
  cpac_aligned_free (matrix->data);
  g_free (matrix->plain);
  g_free (matrix->bias);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Matrix, matrix_clear)

static double
multiply (const Matrix *matrix, guint n, const float *const *in, gsize at, double *magnitude)
{
  double sum = matrix->bias[n];

  *magnitude = fabs (sum);
  for (guint j = 0; j < matrix->packed.k; j++) {
    double term = (double) matrix->plain[(gsize) n * matrix->packed.k + j] * in[j][at];

    sum += term;
    *magnitude += fabs (term);
  }
  return sum;
}

/* ---- Products ---- */

static const guint counts[] = { 1, 2, 3, 5, 6, 7, 17, 64 };

static void
check_product (Bench *bench, guint n, guint k, guint tile_rows, guint n_phases, guint n_vectors,
               gboolean relu)
{
  g_auto (Matrix) matrix = { 0 };
  gsize width = (gsize) n_vectors * bench->lanes, in_stride = width + 7;
  gsize stride = n_phases * (width + bench->lanes) + 3;
  g_autofree guint32 *in_at = g_new (guint32, n_phases * k),
                     *at = g_new (guint32, n_phases * n_vectors);
  g_autofree const float **in = g_new (const float *, k);
  g_autofree char *name = g_strdup_printf ("product %u -> %u by %u, %ux%u vectors%s", k, n,
                                           tile_rows, n_phases, n_vectors, relu ? ", relu" : "");

  matrix_init (&matrix, bench, n, k, tile_rows);
  for (guint f = 0; f < n_phases; f++) {
    for (guint j = 0; j < k; j++)
      in_at[f * k + j] = (guint32) (j * in_stride + 5 * f);
    for (guint v = 0; v < n_vectors; v++)
      at[f * n_vectors + v] = (guint32) (f * (width + bench->lanes) + v * bench->lanes);
  }
  bench->n_operations = 2.0 * n * k * (double) (n_phases * width);
  RUN (bench, name,
       bench->kernels->product (&matrix.packed, bench->in, in_at, n_phases, n_vectors, at,
                                bench->out, stride, relu));
  for (guint f = 0; f < n_phases; f++) {
    for (guint j = 0; j < k; j++)
      in[j] = bench->in + in_at[f * k + j];
    for (guint i = 0; i < n; i++)
      for (gsize q = 0; q < width; q++) {
        double magnitude, sum = multiply (&matrix, i, in, q, &magnitude);

        expect (bench, i * stride + f * (width + bench->lanes) + q, relu ? MAX (sum, 0) : sum,
                magnitude, k + 1);
      }
  }
  expect_nothing_else (bench);
}

static void
check_product_pool (Bench *bench, guint n, guint k, gboolean relu)
{
  g_auto (Matrix) matrix = { 0 };
  gsize lanes = bench->lanes, in_stride = 2 * CPAC_CHUNK_VECTORS * lanes, stride = 2 * lanes + 3;
  g_autofree const float **in = g_new (const float *, k);
  g_autofree char *name = g_strdup_printf ("product_pool %u -> %u%s", k, n, relu ? ", relu" : "");

  matrix_init (&matrix, bench, n, k, bench->kernels->tile_rows);
  for (guint j = 0; j < k; j++)
    in[j] = bench->in + j * in_stride;
  bench->n_operations = 4.0 * n * k * CPAC_CHUNK_VECTORS * (double) lanes;
  RUN (bench, name,
       bench->kernels->product_pool (&matrix.packed, bench->in, in_stride, 2, bench->out, stride,
                                     relu, n % 2));
  for (guint i = 0; i < n; i++)
    for (gsize q = 0; q < 2 * lanes; q++) {
      gsize from = q / lanes * CPAC_CHUNK_VECTORS * lanes + q % lanes;
      double best = -INFINITY, largest = 0;

      for (guint v = 0; v < CPAC_CHUNK_VECTORS; v++) {
        double magnitude;

        best = MAX (best, multiply (&matrix, i, in, v * lanes + from, &magnitude));
        largest = MAX (largest, magnitude);
      }
      expect (bench, i * stride + q, relu ? MAX (best, 0) : best, largest, k + 1);
    }
  expect_nothing_else (bench);
}

static void
test_product (gconstpointer data)
{
  g_auto (Bench) bench = { 0 };

  bench_init (&bench, GPOINTER_TO_UINT (data));
  for (guint i = 0; i < G_N_ELEMENTS (counts); i++)
    for (guint j = 0; j < G_N_ELEMENTS (counts); j++) {
      guint k = counts[j], n_vectors = 1 + (i + j) % 7;

      check_product (&bench, counts[i], k, bench.kernels->tile_rows, 1 + j % 3, n_vectors, i % 2);
      check_product (&bench, counts[i], k, 1, 1 + j % 3, n_vectors, i % 2);
      check_product_pool (&bench, counts[i], k, j % 2);
    }
}

/* A number that is none, and infinities, at every place of a pool. */
static void
test_pool_of_no_number (gconstpointer data)
{
  static const float specials[] = { NAN, -NAN, INFINITY, -INFINITY, -0.0f };
  g_auto (Bench) bench = { 0 };

  bench_init (&bench, GPOINTER_TO_UINT (data));
  for (guint s = 0; s < G_N_ELEMENTS (specials); s++)
    for (guint place = 0; place < 16; place++) {
      float packed[2] = { 0, 1 };
      CpacPacked one = { 1, 1, bench.kernels->tile_rows, packed };
      gsize lanes = bench.lanes;
      gboolean relu = place % 2;

      for (gsize q = 0; q < CPAC_CHUNK_VECTORS * lanes; q++)
        bench.in[q] = (float) (q % 5) - 3;
      for (guint v = 0; v < CPAC_CHUNK_VECTORS; v++)
        if (place >> v & 1)
          bench.in[v * lanes + v % lanes] = specials[s];
      poison (&bench);
      bench.kernels->product_pool (&one, bench.in, CPAC_CHUNK_VECTORS * lanes, 1, bench.out, lanes,
                                   relu, FALSE);
      for (gsize q = 0; q < lanes; q++) {
        float best = bench.in[q];

        for (guint v = 1; v < CPAC_CHUNK_VECTORS; v++) {
          float x = bench.in[v * lanes + q];

          best = isnan (x) || x > best ? x : best;
        }
        if (isnan (best))
          g_assert_true (isnan (bench.out[q]));
        else
          g_assert_cmpfloat (bench.out[q], ==, relu ? MAX (best, 0) : best);
        /* The sign of a zero must not tell the order of pool and ReLU. */
        g_assert_false (relu && bench.out[q] == 0 && signbit (bench.out[q]));
      }
    }
}

/* Finite inputs whose sums are infinities on the way: what comes later does not bring them back,
 * nor makes it no number. Where multiply-adds are fused. */
static void
test_pool_of_infinities (gconstpointer data)
{
  static const float weights[][3] = { { 1e30f, -1e30f, 1 }, { -1e30f, 1e30f, 1 } };
  g_auto (Bench) bench = { 0 };

  bench_init (&bench, GPOINTER_TO_UINT (data));
  for (guint w = 0; w < G_N_ELEMENTS (weights); w++)
    for (guint relu = 0; relu < 2; relu++) {
      float packed[4] = { 0, weights[w][0], weights[w][1], weights[w][2] };
      CpacPacked one = { 1, 3, bench.kernels->tile_rows, packed };
      gsize stride = CPAC_CHUNK_VECTORS * bench.lanes;

      for (gsize i = 0; i < 3 * stride; i++)
        bench.in[i] = i % bench.lanes == 0 ? 1 : 1e30f;
      poison (&bench);
      bench.kernels->product_pool (&one, bench.in, stride, 1, bench.out, bench.lanes, relu, TRUE);
      g_assert_cmpfloat (bench.out[0], ==, 1);
      for (gsize i = 1; i < bench.lanes; i++)
        g_assert_cmpfloat (bench.out[i], ==, w == 0 ? INFINITY : relu ? 0 : -INFINITY);
    }
}

/* ---- Taps ---- */

/* @sliding: each phase reads what the one before it does, one further on. */
static void
check_row_taps (Bench *bench, guint channels, guint n_taps, guint n_phases, guint n_vectors,
                gboolean sliding)
{
  CpacTaps taps = { channels, n_taps, bench->weights };
  gsize width = (gsize) n_vectors * bench->lanes, stride = n_phases * width + 5, in_stride = 613;
  guint step = sliding ? 1 : n_taps;
  g_autofree guint32 *at = g_new (guint32, n_phases * n_taps);
  g_autofree char *name =
      g_strdup_printf ("row_taps%s %u x %u, %ux%u vectors", sliding ? "_sliding" : "", channels,
                       n_taps, n_phases, n_vectors);
  CpacRowTaps row_taps = sliding ? bench->kernels->row_taps_sliding : bench->kernels->row_taps;

  for (guint i = 0; i < n_phases * n_taps; i++)
    at[i] = i * 7 % 61;
  bench->n_operations = 2.0 * channels * n_taps * (double) (n_phases * width);
  RUN (bench, name,
       row_taps (&taps, bench->in, in_stride, at, n_phases, n_vectors, bench->out, stride));
  for (guint c = 0; c < channels; c++)
    for (gsize i = 0; i < n_phases * width; i++) {
      double sum = 0, magnitude = 0;

      for (guint t = 0; t < n_taps; t++) {
        double term = (double) bench->weights[c * n_taps + t] *
                      bench->in[c * in_stride + at[i / width * step + t] + i % width];

        sum += term;
        magnitude += fabs (term);
      }
      expect (bench, c * stride + i, sum, magnitude, n_taps);
    }
  expect_nothing_else (bench);
}

/* Rows of two pooled outputs whose taps lie @apart rows from each other; n_vectors of the first
 * alone when @pool is not set. */
static void
check_column_taps (Bench *bench, guint channels, guint n_taps, guint n_vectors, gboolean pool,
                   guint apart)
{
  CpacTaps taps = { channels, n_taps, bench->weights };
  gsize lanes = bench->lanes, stride = 200, phase = 70, out_stride = 8 * lanes + 1;
  g_autofree const float **rows = g_new (const float *, n_taps + apart);
  g_autofree char *name =
      g_strdup_printf ("column_taps%s %u x %u", pool ? "_pool" : "", channels, n_taps);

  for (guint t = 0; t < n_taps + apart; t++)
    rows[t] = bench->in + t * 333;
  bench->n_operations = 2.0 * channels * n_taps * (double) (n_vectors * lanes);
  RUN (bench, name,
       pool ? bench->kernels->column_taps_pool (&taps, rows, rows + apart, stride, phase,
                                                n_vectors / 4, bench->out, out_stride)
            : bench->kernels->column_taps (&taps, rows, stride, n_vectors, bench->out, out_stride));
  for (guint c = 0; c < channels; c++)
    for (gsize i = 0; i < n_vectors * lanes; i++) {
      double sum = 0, magnitude = 0;
      gsize v = i / lanes;
      gsize from = c * stride + (pool ? v % 2 * phase + v / 4 * lanes + i % lanes : i);

      for (guint t = 0; t < n_taps; t++) {
        double term = (double) bench->weights[c * n_taps + t] *
                      rows[t + (pool && v % 4 >= 2 ? apart : 0)][from];

        sum += term;
        magnitude += fabs (term);
      }
      expect (bench, c * out_stride + i, sum, magnitude, n_taps);
    }
  expect_nothing_else (bench);
}

static void
test_taps (gconstpointer data)
{
  g_auto (Bench) bench = { 0 };

  bench_init (&bench, GPOINTER_TO_UINT (data));
  for (guint n_taps = 1; n_taps <= 9; n_taps++)
    for (guint channels = 1; channels <= 32; channels += 31) {
      check_row_taps (&bench, channels, n_taps, 1 + n_taps % 4, 1 + n_taps % 3, FALSE);
      check_column_taps (&bench, channels, n_taps, 1 + n_taps % 4, FALSE, 0);
      check_column_taps (&bench, channels, n_taps, 8, TRUE, 1);
      check_column_taps (&bench, channels, n_taps, 4, TRUE, 2);
      for (guint n_phases = 1; n_phases <= 8 && (n_taps == 3 || n_taps == 5); n_phases++)
        check_row_taps (&bench, channels, n_taps, n_phases, 1 + n_phases % 3, TRUE);
    }
}

/* Overlapping rows and others. */
static gboolean
pool_is_finite (Bench *bench, guint n_taps, guint apart)
{
  CpacTaps taps = { 3, n_taps, bench->weights };
  const float *rows[16];

  for (guint t = 0; t < n_taps + apart; t++)
    rows[t] = bench->in + t * 333;
  return bench->kernels->column_taps_pool (&taps, rows, rows + apart, 100, 50, 2, bench->out, 256);
}

/* One that is not a number, or infinite, wherever it is read. */
static void
test_finite (gconstpointer data)
{
  static const float specials[] = { NAN, -NAN, INFINITY, -INFINITY };
  g_auto (Bench) bench = { 0 };

  bench_init (&bench, GPOINTER_TO_UINT (data));
  for (guint n_taps = 1; n_taps <= 5; n_taps++)
    for (guint place = 0; place < 48; place++) {
      guint row = place % (n_taps + 1), channel = place / 4 % 3, phase = place % 2;
      float *at = bench.in + row * 333 + channel * 100 + phase * 50 + place % (2 * bench.lanes);
      float kept = *at;

      g_assert_true (pool_is_finite (&bench, n_taps, 1));
      *at = specials[place % 4];
      g_assert_false (pool_is_finite (&bench, n_taps, 1));
      g_assert_false (pool_is_finite (&bench, n_taps, 2) && row != n_taps);
      *at = kept;
    }
}

/* ---- Rows ---- */

static void
check_split (Bench *bench, guint n_phases, guint n_vectors)
{
  gsize width = (gsize) n_vectors * bench->lanes, out_phase = width + 9;
  gsize stride = n_phases * out_phase, in_stride = n_phases * width + 3;
  g_autofree char *name = g_strdup_printf ("split 3 channels, %ux%u vectors", n_phases, n_vectors);

  bench->n_operations = 3.0 * (double) (n_phases * width);
  RUN (bench, name,
       bench->kernels->split (3, bench->in, in_stride, n_phases, n_vectors, bench->out, stride,
                              out_phase));
  for (guint c = 0; c < 3; c++)
    for (gsize q = 0; q < n_phases * width; q++)
      expect (bench, c * stride + q % n_phases * out_phase + q / n_phases,
              bench->in[c * in_stride + q], 0, 0);
  expect_nothing_else (bench);
}

static void
check_moves (Bench *bench, guint n_vectors)
{
  static const guint32 at[] = { 3, 200, 431 };
  gsize lanes = bench->lanes, width = n_vectors * lanes, stride = 4 * lanes;

  poison (bench);
  bench->kernels->gather (2, bench->in, 601, 3, at, n_vectors, bench->out, stride);
  for (guint row = 0; row < 6; row++)
    for (gsize i = 0; i < width; i++)
      expect (bench, row * stride + i, bench->in[row / 3 * 601 + at[row % 3] + i], 0, 0);
  expect_nothing_else (bench);
  poison (bench);
  bench->kernels->fill (2, bench->out, 601, 3, at, 2.5f);
  for (guint c = 0; c < 2; c++)
    for (guint n = 0; n < 3; n++)
      for (gsize i = 0; i < lanes; i++)
        expect (bench, c * 601 + at[n] + i, 2.5, 0, 0);
  expect_nothing_else (bench);
}

static void
check_elements (Bench *bench, guint n_vectors)
{
  gsize width = (gsize) n_vectors * bench->lanes, stride = width + 3;
  const float *in[3] = { bench->in, bench->in + 1001, bench->in + 2002 };
  const gsize strides[3] = { 1, 300, 7 };

  poison (bench);
  bench->kernels->relu (3, bench->in, 11, n_vectors, bench->out, stride);
  for (gsize i = 0; i < 3 * width; i++)
    expect (bench, i / width * stride + i % width, MAX (bench->in[i / width * 11 + i % width], 0),
            0, 0);
  expect_nothing_else (bench);
  poison (bench);
  bench->kernels->add (3, 3, in, strides, n_vectors, bench->out, stride);
  for (gsize i = 0; i < 3 * width; i++) {
    double sum = 0, magnitude = 0;

    for (guint k = 0; k < 3; k++) {
      double term = in[k][i / width * strides[k] + i % width];

      sum += term;
      magnitude += fabs (term);
    }
    expect (bench, i / width * stride + i % width, sum, magnitude, 3);
  }
  expect_nothing_else (bench);
}

static void
check_sums (Bench *bench, guint width)
{
  guint32 widths[2] = { width, width > 1 ? width - 1 : 1 };
  double sums[3];

  bench->kernels->sum (3, bench->in, 700, 2, 300, widths, sums);
  for (guint c = 0; c < 3; c++) {
    double sum = 0, magnitude = 0;

    for (guint f = 0; f < 2; f++)
      for (guint i = 0; i < widths[f]; i++) {
        sum += bench->in[c * 700 + f * 300 + i];
        magnitude += fabs ((double) bench->in[c * 700 + f * 300 + i]);
      }
    g_assert_cmpfloat_with_epsilon (sums[c], sum, 2 * width * FLT_EPSILON * magnitude);
  }
}

static void
check_dot (Bench *bench, guint tile, guint n_vectors)
{
  const float bias[CPAC_DOT_TILE] = { 1, -2, 3, -4 };
  gsize lanes = bench->lanes;

  poison (bench);
  bench->kernels->dot (tile, bench->weights, bias, bench->in, n_vectors, bench->out);
  for (guint u = 0; u < tile; u++) {
    double sum = bias[u], magnitude = fabs (sum);

    for (gsize i = 0; i < n_vectors * lanes; i++) {
      double term =
          (double) bench->weights[(i / lanes * tile + u) * lanes + i % lanes] * bench->in[i];

      sum += term;
      magnitude += fabs (term);
    }
    expect (bench, u, sum, magnitude, (guint) (n_vectors * lanes) + 1);
  }
  expect_nothing_else (bench);
}

static void
test_rows (gconstpointer data)
{
  static const guint widths[] = { 1, 2, 3, 5, 17, 253 };
  g_auto (Bench) bench = { 0 };

  bench_init (&bench, GPOINTER_TO_UINT (data));
  for (guint n_vectors = 1; n_vectors <= 4; n_vectors++) {
    for (guint n_phases = 1; n_phases <= CPAC_MAX_PHASES; n_phases *= 2)
      check_split (&bench, n_phases, n_vectors);
    check_moves (&bench, n_vectors);
    check_elements (&bench, n_vectors);
    for (guint tile = 1; tile <= CPAC_DOT_TILE; tile++)
      check_dot (&bench, tile, 3 * n_vectors - 2);
  }
  for (guint i = 0; i < G_N_ELEMENTS (widths); i++)
    check_sums (&bench, widths[i]);
}

/* ---- In double ---- */

/* A sum of n terms in double is off by at most n 2^-53 sum |terms|, whatever the order; the factor
 * covers the roundings of the terms. */
static void
assert_sum (const Bench *bench, double got, double expected, double magnitude, gsize n)
{
  double bound = 4 * (double) n * DBL_EPSILON * magnitude;

  if (!(fabs (got - expected) <= bound))
    g_error ("%s: sum of %" G_GSIZE_FORMAT " is %.17g, expected %.17g +- %g",
             cpac_level_to_string (bench->level), n, got, expected, bound);
}

static void
check_picture (Bench *bench, gsize n)
{
  const double mean = 0.125, min = -0.5, max = 0.75;
  double total = 0, magnitude = 0, squares = 0;

  for (gsize i = 0; i < n; i++) {
    total += (double) bench->in[i];
    magnitude += fabs ((double) bench->in[i]);
    squares += ((double) bench->in[i] - mean) * ((double) bench->in[i] - mean);
  }
  assert_sum (bench, bench->kernels->total (n, bench->in), total, magnitude, n);
  assert_sum (bench, bench->kernels->squares (n, bench->in, mean), squares, squares, n);
  bench->n_operations = 2 * (double) n;
  RUN (bench, "rescale",
       bench->kernels->rescale (n, bench->in, mean, 3, 0.25, min, max, bench->out));
  for (gsize i = 0; i < n; i++)
    expect (bench, i, CLAMP (((double) bench->in[i] - mean) * 3 + 0.25, min, max), 4, 1);
  expect_nothing_else (bench);
}

/* From sums that are there already, into others and into the same. */
static void
check_column_moments (Bench *bench, guint n_rows, gsize width)
{
  g_autofree double *before = g_new (double, 2 * width);
  g_autofree double *got = g_new (double, 2 * width + 1);

  for (gsize j = 0; j < 2 * width; j++)
    before[j] = (double) (j % 5) - 1.25;
  got[2 * width] = (double) POISON;
  bench->kernels->column_moments (n_rows, bench->in, width, before, got);
  for (gsize j = 0; j < width; j++) {
    double sum = before[j], magnitude = fabs (before[j]);
    double squares = before[width + j], power = fabs (before[width + j]);

    for (guint i = 0; i < n_rows; i++) {
      double x = (double) bench->in[i * width + j];

      sum += x;
      magnitude += fabs (x);
      squares += x * x;
      power += x * x;
    }
    assert_sum (bench, got[j], sum, magnitude, n_rows + 1);
    assert_sum (bench, got[width + j], squares, power, n_rows + 1);
  }
  g_assert_cmpfloat (got[2 * width], ==, (double) POISON);
  bench->kernels->column_moments (n_rows, bench->in, width, before, before);
  g_assert_cmpmem (before, 2 * width * sizeof (double), got, 2 * width * sizeof (double));
}

/* Of sums that are exact in double: what is left is the rounding of the output, relative to it.
 * Some variances come out below zero, which counts as none. */
static void
check_contrast (Bench *bench, gsize width, guint window)
{
  const guint n_rows = 3;
  const double epsilon = 0.25;
  guint n_negative = 0;
  g_autofree double *sum = g_new0 (double, width + window);
  g_autofree double *squares = g_new0 (double, width + window);
  g_autofree double *n_columns = g_new (double, width);

  for (gsize j = 1; j < width + window; j++) {
    sum[j] = sum[j - 1] + (double) (j * 7 % 11) - 5;
    squares[j] = squares[j - 1] + 0.25 * (double) (j % 3);
  }
  for (gsize j = 0; j < width; j++)
    n_columns[j] = (double) (1 + j % window);
  bench->n_operations = 10 * (double) width;
  RUN (bench, "contrast",
       bench->kernels->contrast (width, window, bench->in, sum, squares, n_rows, n_columns, epsilon,
                                 bench->out));
  for (gsize j = 0; j < width; j++) {
    double n = n_rows * n_columns[j], mean = (sum[j + window] - sum[j]) / n;
    double variance = (squares[j + window] - squares[j]) / n - mean * mean;
    double expected = ((double) bench->in[j] - mean) / sqrt (MAX (variance, 0) + epsilon);

    n_negative += variance < 0;
    expect (bench, j, expected, fabs (expected), 1);
  }
  g_assert_true (width < 30 || (n_negative > 0 && n_negative < width));
  expect_nothing_else (bench);
}

static void
test_double (gconstpointer data)
{
  static const guint widths[] = { 1, 2, 3, 5, 17, 31, 32, 33, 64, 253 };
  g_auto (Bench) bench = { 0 };

  bench_init (&bench, GPOINTER_TO_UINT (data));
  for (guint i = 0; i < G_N_ELEMENTS (widths); i++) {
    check_picture (&bench, widths[i]);
    for (guint n_rows = 0; n_rows <= 25; n_rows += n_rows > 0 ? 6 : 1)
      check_column_moments (&bench, n_rows, widths[i]);
    check_contrast (&bench, widths[i], 3);
    check_contrast (&bench, widths[i], 25);
  }
  check_picture (&bench, 40001);
}

static void
add_test (const char *name, CpacLevel level, GTestDataFunc func)
{
  g_autofree char *path =
      g_strdup_printf ("/stream-kernels/%s/%s", cpac_level_to_string (level), name);

  g_test_add_data_func (path, GUINT_TO_POINTER (level), func);
}

int
main (int argc, char **argv)
{
  if (argc > 1 && g_str_equal (argv[1], "--bench")) {
    benchmark = TRUE;
    argc--;
    argv++;
  }
  g_test_init (&argc, &argv, NULL);
  for (guint level = 0; level < CPAC_N_LEVELS; level++) {
    if (!cpac_level_is_supported (level))
      continue;
    add_test ("product", level, test_product);
    add_test ("pool-of-no-number", level, test_pool_of_no_number);
    if (level == CPAC_LEVEL_AVX2 || level == CPAC_LEVEL_AVX512)
      add_test ("pool-of-infinities", level, test_pool_of_infinities);
    add_test ("taps", level, test_taps);
    add_test ("finite", level, test_finite);
    add_test ("rows", level, test_rows);
    add_test ("double", level, test_double);
  }
  return g_test_run ();
}
