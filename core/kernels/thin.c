/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Compiled once per instruction set (CPAC_THIN_LEVEL). Tiles of the result stay in registers while
 * the rows stream by; only weights are rearranged. */

#include "core/kernels/thin.h"

#include <string.h>

/* Vectors of one register, and how many of them a tile of mix and of outer takes: with the operands
 * it needs, just what the instruction set has. */
#if defined(__AVX512F__)
#define WIDTH 16
#define MIX_ROWS 8
#define MIX_VECTORS 3
#define OUTER_ROWS 4
#define OUTER_COLUMNS 6
#elif defined(__AVX2__)
#define WIDTH 8
#define MIX_ROWS 4
#define MIX_VECTORS 2
#define OUTER_ROWS 2
#define OUTER_COLUMNS 3
#else
#define WIDTH 4
#define MIX_ROWS 4
#define MIX_VECTORS 2
#define OUTER_ROWS 1
#define OUTER_COLUMNS 3
#endif
#define BLOCK (WIDTH * MIX_VECTORS)

/* Rows of @in and @out whose weights are rearranged at once. */
#define PASS_IN 128
#define PASS_OUT 64

/* Partial sums of an element of outer, whatever the vector width: the same tree on every level. */
#define LANES 16
#define PARTS (LANES / WIDTH)
/* Elements of a row that outer goes through before it turns to the next tile: the rows of a column
 * of tiles then stay in the first cache. */
#define OUTER_CHUNK 1024

/* Without full unrolling the tiles would be arrays in memory. */
#if defined(__clang__)
#define UNROLL _Pragma ("clang loop unroll(full)")
#else
#define UNROLL _Pragma ("GCC unroll 32")
#endif

#define JOIN_(a, b) a##b
#define JOIN(a, b) JOIN_ (a, b)

typedef float Vector __attribute__ ((vector_size (WIDTH * sizeof (float))));
typedef float Unaligned
    __attribute__ ((vector_size (WIDTH * sizeof (float)), aligned (sizeof (float)), may_alias));

static inline Vector
load (const float *from)
{
  return *(const Unaligned *) from;
}

static inline void
store (float *to, Vector value)
{
  *(Unaligned *) to = value;
}

static inline Vector
splat (float value)
{
  return value - (Vector){ 0 };
}

/* One block of @rows outputs; @weights (n_in, rows). Starts from @start, or with NULL from what is
 * there. */
static inline __attribute__ ((always_inline)) void
mix_tile (guint rows, guint n_in, const float *weights, const float *in, gsize in_stride,
          const float *start, float *out, gsize out_stride)
{
  Vector sum[MIX_ROWS][MIX_VECTORS];

  UNROLL
  for (guint m = 0; m < rows; m++)
    UNROLL
  for (guint v = 0; v < MIX_VECTORS; v++)
    sum[m][v] = start != NULL ? splat (start[m]) : load (out + m * out_stride + v * WIDTH);
  for (guint k = 0; k < n_in; k++, in += in_stride, weights += rows) {
    Vector x[MIX_VECTORS];

    UNROLL
    for (guint v = 0; v < MIX_VECTORS; v++)
      x[v] = load (in + v * WIDTH);
    UNROLL
    for (guint m = 0; m < rows; m++)
      UNROLL
    for (guint v = 0; v < MIX_VECTORS; v++)
      sum[m][v] += weights[m] * x[v];
  }
  UNROLL
  for (guint m = 0; m < rows; m++)
    UNROLL
  for (guint v = 0; v < MIX_VECTORS; v++)
    store (out + m * out_stride + v * WIDTH, sum[m][v]);
}

static void
mix_rows (guint rows, guint n_in, const float *weights, const float *in, gsize in_stride,
          const float *start, float *out, gsize out_stride)
{
#define ROWS(n)                                                                                    \
  case n:                                                                                          \
    mix_tile (n, n_in, weights, in, in_stride, start, out, out_stride);                            \
    return;
  switch (rows) {
    ROWS (1)
    ROWS (2)
    ROWS (3)
    ROWS (4)
#if MIX_ROWS > 4
    ROWS (5)
    ROWS (6)
    ROWS (7)
    ROWS (8)
#endif
    default:
      g_assert_not_reached ();
  }
#undef ROWS
}

/* A pass over some of the inputs and outputs. */
typedef struct {
  guint n_out, n_in;
  guint n_tiles;
  float weights[PASS_OUT * PASS_IN]; /* tile by tile, each (n_in, rows) */
  float start[PASS_OUT];
  gboolean fresh; /* starts from @start */
} MixPass;

/* Outputs are shared out evenly: a last tile of one row would wait for its own sums. */
static guint
first_of_tile (const MixPass *pass, guint tile)
{
  return pass->n_out * tile / pass->n_tiles;
}

static void
mix_pass_init (MixPass *pass, const CpacMix *mix, guint first_out, guint first_in)
{
  float *to = pass->weights;

  pass->n_out = MIN (PASS_OUT, mix->n_out - first_out);
  pass->n_in = MIN (PASS_IN, mix->n_in - first_in);
  pass->n_tiles = (pass->n_out + MIX_ROWS - 1) / MIX_ROWS;
  pass->fresh = first_in == 0;
  for (guint t = 0; t < pass->n_tiles; t++)
    for (guint k = 0; k < pass->n_in; k++)
      for (guint m = first_of_tile (pass, t); m < first_of_tile (pass, t + 1); m++)
        *to++ = mix->weights[(first_out + m) * mix->out_step + (first_in + k) * mix->in_step];
  for (guint m = 0; m < pass->n_out; m++)
    pass->start[m] = mix->bias != NULL ? mix->bias[first_out + m] : 0;
}

/* All outputs of the pass for one block of elements. */
static void
mix_block (const MixPass *pass, const float *in, gsize in_stride, float *out, gsize out_stride)
{
  for (guint t = 0; t < pass->n_tiles; t++) {
    guint first = first_of_tile (pass, t), rows = first_of_tile (pass, t + 1) - first;

    mix_rows (rows, pass->n_in, pass->weights + (gsize) first * pass->n_in, in, in_stride,
              pass->fresh ? pass->start + first : NULL, out + first * out_stride, out_stride);
  }
}

/* The last @n elements of the rows, fewer than a block, in a block of their own. */
static void
mix_rest (const MixPass *pass, gsize n, const float *in, gsize in_stride, float *out,
          gsize out_stride)
{
  float padded_in[PASS_IN * BLOCK], padded_out[PASS_OUT * BLOCK];

  for (guint k = 0; k < pass->n_in; k++) {
    memcpy (padded_in + k * BLOCK, in + k * in_stride, n * sizeof (float));
    memset (padded_in + k * BLOCK + n, 0, (BLOCK - n) * sizeof (float));
  }
  for (guint m = 0; !pass->fresh && m < pass->n_out; m++) {
    memcpy (padded_out + m * BLOCK, out + m * out_stride, n * sizeof (float));
    memset (padded_out + m * BLOCK + n, 0, (BLOCK - n) * sizeof (float));
  }
  mix_block (pass, padded_in, BLOCK, padded_out, BLOCK);
  for (guint m = 0; m < pass->n_out; m++)
    memcpy (out + m * out_stride, padded_out + m * BLOCK, n * sizeof (float));
}

static void
mix (const CpacMix *mix)
{
  MixPass pass;

  for (guint m = 0; m < mix->n_out; m += PASS_OUT)
    for (guint k = 0; k < mix->n_in; k += PASS_IN) {
      const float *in = mix->in + k * mix->in_stride;
      float *out = mix->out + m * mix->out_stride;
      gsize i = 0;

      mix_pass_init (&pass, mix, m, k);
      for (; i + BLOCK <= mix->n; i += BLOCK)
        mix_block (&pass, in + i, mix->in_stride, out + i, mix->out_stride);
      if (i < mix->n)
        mix_rest (&pass, mix->n - i, in + i, mix->in_stride, out + i, mix->out_stride);
    }
}

/* The partial sums of a tile. */
typedef struct {
  float lanes[OUTER_ROWS * OUTER_COLUMNS][LANES];
} OuterSums;

/* Adds @n elements, a multiple of LANES; @g and @x name the rows. */
static inline __attribute__ ((always_inline)) void
outer_add (gsize n, const float *const *g, const float *const *x, OuterSums *sums)
{
  Vector sum[OUTER_ROWS * OUTER_COLUMNS][PARTS];

  UNROLL
  for (guint t = 0; t < OUTER_ROWS * OUTER_COLUMNS; t++)
    UNROLL
  for (guint p = 0; p < PARTS; p++)
    sum[t][p] = load (&sums->lanes[t][p * WIDTH]);
  for (gsize i = 0; i < n; i += LANES)
    UNROLL
  for (guint p = 0; p < PARTS; p++) {
    Vector right[OUTER_COLUMNS];

    UNROLL
    for (guint k = 0; k < OUTER_COLUMNS; k++)
      right[k] = load (x[k] + i + p * WIDTH);
    UNROLL
    for (guint m = 0; m < OUTER_ROWS; m++) {
      Vector left = load (g[m] + i + p * WIDTH);

      UNROLL
      for (guint k = 0; k < OUTER_COLUMNS; k++)
        sum[m * OUTER_COLUMNS + k][p] += left * right[k];
    }
  }
  UNROLL
  for (guint t = 0; t < OUTER_ROWS * OUTER_COLUMNS; t++)
    UNROLL
  for (guint p = 0; p < PARTS; p++)
    store (&sums->lanes[t][p * WIDTH], sum[t][p]);
}

/* Adds the last @n elements, fewer than LANES, between zeros. */
static void
outer_add_rest (gsize n, const float *const *g, const float *const *x, OuterSums *sums)
{
  float rest[OUTER_ROWS + OUTER_COLUMNS][LANES] = { 0 };
  const float *rows[OUTER_ROWS + OUTER_COLUMNS];

  for (guint t = 0; t < OUTER_ROWS + OUTER_COLUMNS; t++) {
    memcpy (rest[t], t < OUTER_ROWS ? g[t] : x[t - OUTER_ROWS], n * sizeof (float));
    rows[t] = rest[t];
  }
  outer_add (LANES, rows, rows + OUTER_ROWS, sums);
}

/* Each element's sums by halving, level by level, which the compiler vectorises. */
static void
outer_total (OuterSums *sums, float total[OUTER_ROWS * OUTER_COLUMNS])
{
  for (guint t = 0; t < OUTER_ROWS * OUTER_COLUMNS; t++)
    for (guint k = 0; k < 8; k++)
      sums->lanes[t][k] += sums->lanes[t][k + 8];
  for (guint t = 0; t < OUTER_ROWS * OUTER_COLUMNS; t++)
    for (guint k = 0; k < 4; k++)
      sums->lanes[t][k] += sums->lanes[t][k + 4];
  for (guint t = 0; t < OUTER_ROWS * OUTER_COLUMNS; t++)
    total[t] = (sums->lanes[t][0] + sums->lanes[t][2]) + (sums->lanes[t][1] + sums->lanes[t][3]);
}

/* The tile at (@first_row, @first_column) for @n elements from @begin. A tile that hangs over the
 * edge computes its last row or column several times. */
static void
outer_tile (const CpacOuter *outer, guint first_row, guint first_column, gsize begin, gsize n)
{
  guint n_rows = MIN (OUTER_ROWS, outer->n_rows - first_row);
  guint n_columns = MIN (OUTER_COLUMNS, outer->n_columns - first_column);
  gsize whole = n / LANES * LANES;
  const float *g[OUTER_ROWS], *x[OUTER_COLUMNS];
  float total[OUTER_ROWS * OUTER_COLUMNS];
  OuterSums sums = { 0 };

  for (guint m = 0; m < OUTER_ROWS; m++)
    g[m] = outer->g + (first_row + MIN (m, n_rows - 1)) * outer->g_stride + begin;
  for (guint k = 0; k < OUTER_COLUMNS; k++)
    x[k] = outer->x + (first_column + MIN (k, n_columns - 1)) * outer->x_stride + begin;
  outer_add (whole, g, x, &sums);
  for (guint m = 0; m < OUTER_ROWS; m++)
    g[m] += whole;
  for (guint k = 0; k < OUTER_COLUMNS; k++)
    x[k] += whole;
  if (whole < n)
    outer_add_rest (n - whole, g, x, &sums);
  outer_total (&sums, total);
  for (guint m = 0; m < n_rows; m++)
    for (guint k = 0; k < n_columns; k++)
      outer->sums[(gsize) (first_row + m) * outer->n_columns + first_column + k] +=
          total[m * OUTER_COLUMNS + k];
}

static void
outer (const CpacOuter *outer)
{
  for (gsize begin = 0; begin < outer->n; begin += OUTER_CHUNK)
    for (guint k = 0; k < outer->n_columns; k += OUTER_COLUMNS)
      for (guint m = 0; m < outer->n_rows; m += OUTER_ROWS)
        outer_tile (outer, m, k, begin, MIN (OUTER_CHUNK, outer->n - begin));
}

extern const CpacThinKernels JOIN (cpac_thin_kernels_, CPAC_THIN_LEVEL);

const CpacThinKernels JOIN (cpac_thin_kernels_, CPAC_THIN_LEVEL) = {
  .mix = mix,
  .outer = outer,
};
