/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The product that nearly all the time goes into: a packed matrix times rows of columns. A tile of
 * up to TILE_ROWS outputs by CPAC_CHUNK_VECTORS vectors stays in registers over all inputs; every
 * sum is one chain of multiply-adds from the bias on, in the order of the inputs, so that no result
 * depends on how outputs and columns are cut into tiles. Compiled once per level.
 */

#include "core/kernels/stream-parts.h"

typedef struct {
  Vector at[TILE_ROWS][CPAC_CHUNK_VECTORS];
} Sums;

ALWAYS_INLINE Vector
multiply_add (Vector sum, Vector weight, Vector x)
{
  return sum + weight * x;
}

/* One input. Few registers: the weights stay, the columns pass by; many: the other way round. */
ALWAYS_INLINE void
add_input (Sums *sums, guint rows, guint vectors, const float *weights, const float *in)
{
#if TILE_ROWS > CPAC_CHUNK_VECTORS
  Vector x[CPAC_CHUNK_VECTORS];

  UNROLL
  for (guint v = 0; v < vectors; v++)
    x[v] = load (in + v * LANES);
  UNROLL
  for (guint i = 0; i < rows; i++) {
    Vector weight = splat (weights[i]);

    UNROLL
    for (guint v = 0; v < vectors; v++)
      sums->at[i][v] = multiply_add (sums->at[i][v], weight, x[v]);
  }
#else
  Vector weight[TILE_ROWS];

  UNROLL
  for (guint i = 0; i < rows; i++)
    weight[i] = splat (weights[i]);
  UNROLL
  for (guint v = 0; v < vectors; v++) {
    Vector x = load (in + v * LANES);

    UNROLL
    for (guint i = 0; i < rows; i++)
      sums->at[i][v] = multiply_add (sums->at[i][v], weight[i], x);
  }
#endif
}

ALWAYS_INLINE void
multiply (Sums *sums, gboolean pool, guint rows, guint vectors, gsize k, const float *weights,
          const float *in, gsize in_stride, const guint32 *in_at)
{
  UNROLL
  for (guint i = 0; i < rows; i++)
    UNROLL
  for (guint v = 0; v < vectors; v++)
    sums->at[i][v] = splat (weights[i]);
  for (gsize j = 0; j < k; j++) {
    const float *from = pool ? in + j * in_stride : in + in_at[j];

    weights += rows;
    add_input (sums, rows, vectors, weights, from);
  }
}

ALWAYS_INLINE void
keep_all (const Sums *sums, guint rows, guint vectors, const guint32 *at, float *out,
          gsize out_stride, gboolean relu)
{
  Vector zero = fresh_zero ();

  UNROLL
  for (guint i = 0; i < rows; i++, out += out_stride)
    UNROLL
  for (guint v = 0; v < vectors; v++)
    store (out + at[v], relu ? rectify (sums->at[i][v], zero) : sums->at[i][v]);
}

ALWAYS_INLINE void
keep_largest_number (const Sums *sums, guint rows, float *out, gsize out_stride, gboolean relu)
{
  UNROLL
  for (guint i = 0; i < rows; i++, out += out_stride) {
    const Vector *x = sums->at[i];

    if (relu)
      store (out, largest_rectified (x));
    else
      store (out, larger_number (larger_number (x[0], x[1]), larger_number (x[2], x[3])));
  }
}

/* Seldom needed, so that it need not be fast. */
static __attribute__ ((noinline, cold)) void
keep_largest (const Sums *sums, guint rows, float *out, gsize out_stride, gboolean relu)
{
  for (guint i = 0; i < rows; i++, out += out_stride) {
    const Vector *x = sums->at[i];
    Vector best = larger (larger (x[0], x[1]), larger (x[2], x[3]));

    store (out, relu ? rectify (best, (Vector){ 0 }) : best);
  }
}

/* Their sum is not a number if one of them is none (or if there are infinities of either sign):
 * additions have units of their own, while comparisons would take those of the multiply-adds. */
ALWAYS_INLINE gboolean
may_have_nan (const Sums *sums, guint rows)
{
  Vector all = { 0 };

  UNROLL
  for (guint i = 0; i < rows; i++) {
    const Vector *x = sums->at[i];

    all += (x[0] + x[1]) + (x[2] + x[3]);
  }
  return has_nan (all);
}

/* What one call does, for all its tiles. */
typedef struct {
  const float *in;
  gsize in_stride;      /* of a pool */
  const guint32 *in_at; /* of everything else */
  const guint32 *at;
  gsize out_stride;
  gsize k;
  gboolean relu;
} Job;

ALWAYS_INLINE void
do_tile (const Job *job, gboolean pool, guint rows, guint vectors, const float *weights, float *out)
{
  Sums sums;

  multiply (&sums, pool, rows, vectors, job->k, weights, job->in, job->in_stride, job->in_at);
  if (pool && __builtin_expect (may_have_nan (&sums, rows), FALSE)) {
    const Sums copy = sums;

    keep_largest (&copy, rows, out, job->out_stride, job->relu);
  } else if (pool)
    keep_largest_number (&sums, rows, out, job->out_stride, job->relu);
  else
    keep_all (&sums, rows, vectors, job->at, out, job->out_stride, job->relu);
}

ALWAYS_INLINE void
do_tiles (const Job *job, gboolean pool, guint vectors, const CpacPacked *matrix, float *out)
{
  guint n_tiles = (matrix->n + TILE_ROWS - 1) / TILE_ROWS;
  const float *weights = matrix->data;

  for (guint tile = 0, row = 0; tile < n_tiles; tile++) {
    guint rows = (matrix->n - row) / (n_tiles - tile);

    switch (rows) {
      case 1:
        do_tile (job, pool, 1, vectors, weights, out);
        break;
      case 2:
        do_tile (job, pool, 2, vectors, weights, out);
        break;
#if TILE_ROWS > 2
      case 3:
        do_tile (job, pool, 3, vectors, weights, out);
        break;
#endif
#if TILE_ROWS > 3
      case 4:
        do_tile (job, pool, 4, vectors, weights, out);
        break;
      case 5:
        do_tile (job, pool, 5, vectors, weights, out);
        break;
      case 6:
        do_tile (job, pool, 6, vectors, weights, out);
        break;
#endif
      default:
        __builtin_unreachable ();
    }
    weights += rows * (job->k + 1);
    out += rows * job->out_stride;
    row += rows;
  }
}

/* Every count of vectors is a function of its own: inlined into one, their registers would be
 * allocated together. */
#define DEFINE_TILES(vectors)                                                                      \
  static __attribute__ ((noinline)) void do_tiles_##vectors (const Job *job,                       \
                                                             const CpacPacked *matrix, float *out) \
  {                                                                                                \
    do_tiles (job, FALSE, vectors, matrix, out);                                                   \
  }
DEFINE_TILES (1)
DEFINE_TILES (2)
DEFINE_TILES (3)
DEFINE_TILES (4)

void
LEVEL_NAME (cpac_product) (const CpacPacked *matrix, const float *in, const guint32 *in_at,
                           guint n_phases, guint n_vectors, const guint32 *at, float *out,
                           gsize out_stride, gboolean relu)
{
  static void (*const do_vectors[]) (const Job *job, const CpacPacked *matrix,
                                     float *out) = { do_tiles_1, do_tiles_2, do_tiles_3,
                                                     do_tiles_4 };
  guint n_chunks = (n_vectors + CPAC_CHUNK_VECTORS - 1) / CPAC_CHUNK_VECTORS;

  /* Chunks as even as possible, too: a single vector could not hide an addition's latency. */
  for (guint phase = 0; phase < n_phases; phase++, in_at += matrix->k, at += n_vectors)
    for (guint chunk = 0, v = 0; chunk < n_chunks; chunk++) {
      guint vectors = (n_vectors - v) / (n_chunks - chunk);
      Job job = { in + (gsize) v * LANES, 0, in_at, at + v, out_stride, matrix->k, relu };

      do_vectors[vectors - 1](&job, matrix, out);
      v += vectors;
    }
}

void
LEVEL_NAME (cpac_product_pool) (const CpacPacked *matrix, const float *in, gsize in_stride,
                                guint n_vectors, float *out, gsize out_stride, gboolean relu)
{
  for (guint v = 0; v < n_vectors; v++) {
    Job job = { in, in_stride, NULL, NULL, out_stride, matrix->k, relu };

    do_tiles (&job, TRUE, CPAC_CHUNK_VECTORS, matrix, out);
    in += CPAC_CHUNK_VECTORS * LANES;
    out += LANES;
  }
}
