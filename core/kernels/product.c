/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The product that nearly all the time goes into: a packed matrix times rows of columns. A tile of
 * up to TILE_ROWS outputs by CPAC_CHUNK_VECTORS vectors stays in registers over all inputs; every
 * sum is one chain of multiply-adds from the bias on, in the order of the inputs, so that no result
 * depends on how outputs and columns are cut into tiles. Compiled once per level.
 */

#include "core/kernels/stream-parts.h"

/* Of finite inputs, a multiply-add makes an infinity at most: adding what is finite to that leaves
 * it as it is. Rounded apart, a product may be an infinity of the other sign, and the sum not a
 * number. */
#if defined(__FMA__) || defined(__aarch64__)
#define FUSED TRUE
#else
#define FUSED FALSE
#endif

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

/* What one call does, for all its tiles. */
typedef struct {
  const float *in;
  gsize in_stride;      /* of a pool */
  const guint32 *in_at; /* of everything else */
  const guint32 *at;
  gsize out_stride;
  gsize k;
  gboolean relu, finite;
} Job;

ALWAYS_INLINE void
multiply (Sums *sums, gboolean pool, guint rows, guint vectors, const Job *job,
          const float *weights)
{
  const float *in = job->in;
  const guint32 *in_at = job->in_at;
  gsize k = job->k, in_stride = job->in_stride;

  UNROLL
  for (guint i = 0; i < rows; i++)
    UNROLL
  for (guint v = 0; v < vectors; v++)
    sums->at[i][v] = splat (weights[i]);
  for (gsize j = 0; j < k; j++) {
    weights += rows;
    add_input (sums, rows, vectors, weights, pool ? in + j * in_stride : in + in_at[j]);
  }
}

ALWAYS_INLINE void
keep_all (const Sums *sums, guint rows, guint vectors, const Job *job, float *out)
{
  gsize out_stride = job->out_stride;
  gboolean relu = job->relu;
  Vector zero = fresh_zero ();
  gsize at[CPAC_CHUNK_VECTORS];

  UNROLL
  for (guint v = 0; v < vectors; v++)
    at[v] = job->at[v];
  UNROLL
  for (guint i = 0; i < rows; i++, out = advance (out, out_stride))
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

ALWAYS_INLINE void
do_tiles (guint rows, guint vectors, const Job *job, guint n_tiles, const float *weights,
          float *out)
{
  for (; n_tiles > 0; n_tiles--) {
    Sums sums;

    multiply (&sums, FALSE, rows, vectors, job, weights);
    keep_all (&sums, rows, vectors, job, out);
    weights += rows * (job->k + 1);
    out += rows * job->out_stride;
  }
}

ALWAYS_INLINE void
do_pool_tiles (guint rows, const Job *job, guint n_tiles, const float *weights, float *out)
{
  for (; n_tiles > 0; n_tiles--) {
    Sums sums;

    multiply (&sums, TRUE, rows, CPAC_CHUNK_VECTORS, job, weights);
    if (__builtin_expect (!(FUSED && job->finite) && may_have_nan (&sums, rows), FALSE)) {
      const Sums copy = sums;

      keep_largest (&copy, rows, out, job->out_stride, job->relu);
    } else
      keep_largest_number (&sums, rows, out, job->out_stride, job->relu);
    weights += rows * (job->k + 1);
    out += rows * job->out_stride;
  }
}

/* Few inputs: they all stay in registers, and one output after the other is made. */
ALWAYS_INLINE void
do_few_inputs (guint k, guint vectors, const Job *job, guint n, const float *weights, float *out)
{
  gsize at[CPAC_CHUNK_VECTORS], out_stride = job->out_stride;
  gboolean relu = job->relu;
  Vector x[FEW_INPUTS][CPAC_CHUNK_VECTORS];

  UNROLL
  for (guint v = 0; v < vectors; v++) {
    at[v] = job->at[v];
    UNROLL
    for (guint j = 0; j < k; j++)
      x[j][v] = load_once (job->in + job->in_at[j] + v * LANES);
  }
  for (; n > 0; n--, weights += k + 1, out += out_stride) {
    Vector bias = splat (weights[0]), weight[FEW_INPUTS];

    UNROLL
    for (guint j = 0; j < k; j++)
      weight[j] = splat (weights[j + 1]);
    UNROLL
    for (guint v = 0; v < vectors; v++) {
      Vector sum = bias;

      UNROLL
      for (guint j = 0; j < k; j++)
        sum = multiply_add (sum, weight[j], x[j][v]);
      store (out + at[v], relu ? rectify (sum, (Vector){ 0 }) : sum);
    }
  }
}

/* Every size of a tile is a function of its own: inlined into one, their registers would be
 * allocated together. */
typedef void (*Tiles) (const Job *job, guint n_tiles, const float *weights, float *out);

#define DEFINE_TILE(rows, vectors)                                                                 \
  static __attribute__ ((noinline)) void tile_##rows##_##vectors (                                 \
      const Job *job, guint n_tiles, const float *weights, float *out)                             \
  {                                                                                                \
    do_tiles (rows, vectors, job, n_tiles, weights, out);                                          \
  }
#define DEFINE_TILES(rows)                                                                         \
  DEFINE_TILE (rows, 1)                                                                            \
  DEFINE_TILE (rows, 2)                                                                            \
  DEFINE_TILE (rows, 3)                                                                            \
  DEFINE_TILE (rows, 4)                                                                            \
  static __attribute__ ((noinline)) void pool_##rows (const Job *job, guint n_tiles,               \
                                                      const float *weights, float *out)            \
  {                                                                                                \
    do_pool_tiles (rows, job, n_tiles, weights, out);                                              \
  }
#define TILES(rows)                                                                                \
  {                                                                                                \
    tile_##rows##_1, tile_##rows##_2, tile_##rows##_3, tile_##rows##_4                             \
  }

DEFINE_TILES (1)
DEFINE_TILES (2)
#if TILE_ROWS > 2
DEFINE_TILES (3)
#endif
#if TILE_ROWS > 3
DEFINE_TILES (4)
DEFINE_TILES (5)
DEFINE_TILES (6)
#endif

static const Tiles tiles[TILE_ROWS][CPAC_CHUNK_VECTORS] = {
  TILES (1), TILES (2),
#if TILE_ROWS > 2
  TILES (3),
#endif
#if TILE_ROWS > 3
  TILES (4), TILES (5), TILES (6),
#endif
};

static const Tiles pool_tiles[TILE_ROWS] = {
  pool_1, pool_2,
#if TILE_ROWS > 2
  pool_3,
#endif
#if TILE_ROWS > 3
  pool_4, pool_5, pool_6,
#endif
};

#define DEFINE_FEW(k, vectors)                                                                     \
  static __attribute__ ((noinline)) void few_##k##_##vectors (const Job *job, guint n,             \
                                                              const float *weights, float *out)    \
  {                                                                                                \
    do_few_inputs (k, vectors, job, n, weights, out);                                              \
  }
#define DEFINE_FEWS(k)                                                                             \
  DEFINE_FEW (k, 1)                                                                                \
  DEFINE_FEW (k, 2)                                                                                \
  DEFINE_FEW (k, 3)                                                                                \
  DEFINE_FEW (k, 4)
#define FEWS(k)                                                                                    \
  {                                                                                                \
    few_##k##_1, few_##k##_2, few_##k##_3, few_##k##_4                                             \
  }

DEFINE_FEWS (1)
DEFINE_FEWS (2)
DEFINE_FEWS (3)

static const Tiles few[FEW_INPUTS][CPAC_CHUNK_VECTORS] = { FEWS (1), FEWS (2), FEWS (3) };

/* All outputs of a chunk: the lower tiles first. @step: from one height to the next in @tiles. */
static void
do_chunk (const Job *job, const Tiles *functions, gsize step, const CpacPacked *matrix, float *out)
{
  guint n_tiles = (matrix->n + matrix->tile_rows - 1) / matrix->tile_rows;
  guint rows = matrix->n / n_tiles, n_higher = matrix->n % n_tiles, n_lower = n_tiles - n_higher;

  functions[(rows - 1) * step](job, n_lower, matrix->data, out);
  if (n_higher > 0)
    functions[rows * step](job, n_higher, matrix->data + (gsize) n_lower * rows * (matrix->k + 1),
                           out + n_lower * rows * job->out_stride);
}

void
LEVEL_NAME (cpac_product) (const CpacPacked *matrix, const float *in, const guint32 *in_at,
                           guint n_phases, guint n_vectors, const guint32 *at, float *out,
                           gsize out_stride, gboolean relu)
{
  gboolean is_few = matrix->k <= FEW_INPUTS && matrix->tile_rows == 1;
  guint n_chunks = (n_vectors + CPAC_CHUNK_VECTORS - 1) / CPAC_CHUNK_VECTORS;

  /* Chunks as even as possible, too: a single vector could not hide an addition's latency. */
  for (guint phase = 0; phase < n_phases; phase++, in_at += matrix->k, at += n_vectors)
    for (guint chunk = 0, v = 0; chunk < n_chunks; chunk++) {
      guint vectors = (n_vectors - v) / (n_chunks - chunk);
      Job job = {
        .in = in + (gsize) v * LANES,
        .in_at = in_at,
        .at = at + v,
        .out_stride = out_stride,
        .k = matrix->k,
        .relu = relu,
      };

      if (is_few)
        few[matrix->k - 1][vectors - 1](&job, matrix->n, matrix->data, out);
      else
        do_chunk (&job, &tiles[0][vectors - 1], CPAC_CHUNK_VECTORS, matrix, out);
      v += vectors;
    }
}

void
LEVEL_NAME (cpac_product_pool) (const CpacPacked *matrix, const float *in, gsize in_stride,
                                guint n_vectors, float *out, gsize out_stride, gboolean relu,
                                gboolean finite)
{
  Job job = {
    .in = in,
    .in_stride = in_stride,
    .out_stride = out_stride,
    .k = matrix->k,
    .relu = relu,
    .finite = finite,
  };

  for (guint v = 0; v < n_vectors; v++) {
    do_chunk (&job, pool_tiles, 1, matrix, out);
    job.in += CPAC_CHUNK_VECTORS * LANES;
    out += LANES;
  }
}
