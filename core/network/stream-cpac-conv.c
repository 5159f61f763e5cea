/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * CPAC-Conv by rows, as two operations. The first makes of a row of the input, as soon as it is
 * there, a row of the R components: pointwise C -> R, horizontal taps. The second makes of the last
 * few of these a row of the output: vertical taps, pointwise R -> N, bias, and the ReLU and the
 * 2x2 maximum behind it where these are all that reads it. Both taps work on one component at a
 * time and are linear, so their order is free; this one keeps R components of few rows and nothing
 * else.
 */

#include "core/network/stream-private.h"

#include <string.h>

/* ---- A row of components ---- */

typedef struct {
  CpacStreamOp op;
  CpacPacked d;
  CpacTaps taps; /* c */
  float *packed, *weights;
  CpacStreamValue middle; /* U, in scratch */
  CpacStreamColumns columns;
  CpacRowTaps tap;
  const guint32 *tap_at;
  guint32 *ends; /* (n_ends) */
  guint n_ends;
  guint n_vectors; /* of an input row, all phases */
  guint32 *in_at;  /* (C): its channels */
  guint32 *at;     /* (n_vectors): where they go in U */
} Mix;

static void
mix_prepare (const CpacStream *stream, const CpacStreamOp *op, const CpacStreamBand *band)
{
  memset (band->scratch + op->scratch_at, 0, op->scratch * sizeof (float));
}

static void
mix_make (const CpacStream *stream, const CpacStreamOp *op, const CpacStreamBand *band, guint row)
{
  const Mix *mix = (const Mix *) op;
  const CpacStreamKernels *kernels = stream->kernels;
  const CpacStreamValue *out = cpac_stream_value (stream, op->out);
  float *u = band->scratch + op->scratch_at;

  kernels->product (&mix->d, cpac_stream_row (stream, band, op->in[0], row), mix->in_at, 1,
                    mix->n_vectors, mix->at, u, mix->middle.channel_stride, FALSE);
  kernels->fill (mix->taps.channels, u, mix->middle.channel_stride, mix->n_ends, mix->ends, 0);
  mix->tap (&mix->taps, u, mix->middle.channel_stride, mix->tap_at, out->phases, out->n_vectors,
            cpac_stream_row (stream, band, op->out, row), out->channel_stride);
}

static void
mix_clear (CpacStreamOp *op)
{
  Mix *mix = (Mix *) op;

  cpac_aligned_free (mix->packed);
  g_free (mix->weights);
  cpac_stream_columns_clear (&mix->columns);
  g_free (mix->ends);
  g_free (mix->in_at);
  g_free (mix->at);
}

static const CpacStreamOpClass mix_class = {
  .instance_size = sizeof (Mix),
  .prepare = mix_prepare,
  .make = mix_make,
  .clear = mix_clear,
};

/* Weights (taps, R) of some of the taps as (R, taps). */
static float *
transpose_taps (const float *weights, guint rank, guint n_taps, const guint *taps)
{
  float *transposed = g_new (float, (gsize) rank *n_taps);

  for (guint r = 0; r < rank; r++)
    for (guint t = 0; t < n_taps; t++)
      transposed[(gsize) r * n_taps + t] = weights[(gsize) (taps != NULL ? taps[t] : t) * rank + r];
  return transposed;
}

/* ---- The same in one go ---- */

typedef struct {
  CpacStreamOp op;
  CpacPacked weight; /* c d, of each channel and tap */
  float *packed;
  guint32 *in_at; /* (phases, C, taps) */
  guint32 *at;    /* (phases, n_vectors) */
} Weigh;

static void
weigh_make (const CpacStream *stream, const CpacStreamOp *op, const CpacStreamBand *band, guint row)
{
  const Weigh *weigh = (const Weigh *) op;
  const CpacStreamValue *out = cpac_stream_value (stream, op->out);

  stream->kernels->product (&weigh->weight, cpac_stream_row (stream, band, op->in[0], row),
                            weigh->in_at, out->phases, out->n_vectors, weigh->at,
                            cpac_stream_row (stream, band, op->out, row), out->channel_stride,
                            FALSE);
}

static void
weigh_clear (CpacStreamOp *op)
{
  Weigh *weigh = (Weigh *) op;

  cpac_aligned_free (weigh->packed);
  g_free (weigh->in_at);
  g_free (weigh->at);
}

static const CpacStreamOpClass weigh_class = {
  .instance_size = sizeof (Weigh),
  .make = weigh_make,
  .clear = weigh_clear,
};

/* Where that is no more multiply-adds: C kw <= C + kw. A frame of one channel is the usual case. */
gboolean
cpac_stream_moves_input (const CpacConvLayer *conv)
{
  return (conv->layer.in[0].channels - 1) * (conv->window.size[1] - 1) <= 1;
}

/* Returns the value it makes. */
static guint
add_weigh (CpacStream *stream, const CpacConvLayer *conv, CpacTensor *const *params, guint in,
           guint phases, guint segment)
{
  const CpacDims *dims = &conv->layer.in[0];
  CpacDims out = { conv->rank, dims->height, conv->layer.out.width };
  const float *c = params[CPAC_CONV_C]->data, *d = params[CPAC_CONV_D]->data;
  CpacStreamColumns columns;
  CpacStreamValue value;
  g_autofree float *weights = NULL;
  guint margined, made, n;
  Weigh *weigh;

  cpac_stream_columns_init (&columns, &value, stream->kernels, &conv->window, dims, out.width,
                            phases);
  margined = cpac_stream_add_value (stream, &value, segment);
  cpac_stream_add_move (stream, in, margined, 0);
  made = cpac_stream_add_rows (stream, &out, phases, segment);
  weigh = cpac_stream_add_op (stream, &weigh_class, 1, &margined, made);
  n = dims->channels * columns.n_taps;
  weights = g_new (float, (gsize) conv->rank *n);
  weigh->in_at = g_new (guint32, (gsize) phases * n);
  for (guint s = 0; s < dims->channels; s++)
    for (guint t = 0; t < columns.n_taps; t++) {
      guint tap = s * columns.n_taps + t;

      for (guint r = 0; r < conv->rank; r++)
        weights[(gsize) r * n + tap] =
            c[(gsize) columns.taps[t] * conv->rank + r] * d[(gsize) s * conv->rank + r];
      for (guint f = 0; f < phases; f++)
        weigh->in_at[(gsize) f * n + tap] =
            (guint32) (columns.at[f * columns.n_taps + t] + s * value.channel_stride);
    }
  weigh->packed =
      cpac_stream_pack (stream->kernels, conv->rank, n, weights, n, 1, NULL, FALSE, &weigh->weight);
  weigh->at = cpac_stream_places (phases * cpac_stream_value (stream, made)->n_vectors,
                                  stream->kernels->lanes);
  cpac_stream_columns_clear (&columns);
  return made;
}

static void
choose_taps (Mix *mix, const CpacStreamKernels *kernels)
{
  guint n_taps = mix->columns.n_taps;
  gboolean slide = mix->columns.sliding != NULL && (n_taps == 3 || n_taps == 5);

  mix->tap = slide ? kernels->row_taps_sliding : kernels->row_taps;
  mix->tap_at = slide ? mix->columns.sliding : mix->columns.at;
}

/* Returns the value it makes. */
static guint
add_mix (CpacStream *stream, const CpacConvLayer *conv, CpacTensor *const *params, guint in,
         guint phases, guint segment)
{
  const CpacStreamKernels *kernels = stream->kernels;
  const CpacDims *dims = &conv->layer.in[0];
  CpacDims middle = { conv->rank, dims->height, dims->width };
  CpacDims out = { conv->rank, dims->height, conv->layer.out.width };
  guint value = cpac_stream_add_rows (stream, &out, phases, segment);
  Mix *mix = cpac_stream_add_op (stream, &mix_class, 1, &in, value);
  cpac_stream_columns_init (&mix->columns, &mix->middle, kernels, &conv->window, &middle, out.width,
                            phases);
  choose_taps (mix, kernels);
  mix->op.scratch = mix->middle.row_stride;
  mix->ends = cpac_stream_value_ends (&mix->middle, kernels, &mix->n_ends);
  mix->packed = cpac_stream_pack (kernels, conv->rank, dims->channels, params[CPAC_CONV_D]->data, 1,
                                  conv->rank, NULL, FALSE, &mix->d);
  mix->weights = transpose_taps (params[CPAC_CONV_C]->data, conv->rank, mix->columns.n_taps,
                                 mix->columns.taps);
  mix->taps = (CpacTaps){ conv->rank, mix->columns.n_taps, mix->weights };
  mix->in_at = cpac_stream_places (dims->channels, cpac_stream_value (stream, in)->channel_stride);
  mix->n_vectors = mix->middle.phases * mix->middle.n_vectors;
  mix->at = g_new (guint32, mix->n_vectors);
  for (guint v = 0; v < mix->n_vectors; v++)
    mix->at[v] = (guint32) (v / mix->middle.n_vectors * mix->middle.phase_stride +
                            mix->middle.before + v % mix->middle.n_vectors * kernels->lanes);
  return value;
}

/* ---- A row of the output ---- */

#define CHUNK_FLOATS 2048

typedef struct {
  CpacStreamOp op;
  const CpacWindow *window;
  CpacTaps taps; /* b */
  CpacPacked a;
  float *packed, *weights;
  CpacStreamTail tail;
  guint at_once;  /* pooled vectors of a chunk */
  guint32 *in_at; /* (R): in a chunk */
  guint32 at[CPAC_CHUNK_VECTORS];
} Join;

static void
join_reach (const CpacStream *stream, const CpacStreamOp *op, guint row, guint *first, guint *end)
{
  const Join *join = (const Join *) op;
  guint n = join->tail.pool ? 2 : 1;

  cpac_stream_window_reach (join->window, cpac_stream_value (stream, op->in[0])->dims.height,
                            row * n, n, first, end);
}

/* The rows of components that row @row of the convolution reads, taps (n_taps). */
static void
find_rows (const CpacStream *stream, const CpacStreamOp *op, const CpacStreamBand *band, guint row,
           const CpacWindow *window, const float **taps)
{
  guint height = cpac_stream_value (stream, op->in[0])->dims.height;

  for (guint t = 0; t < window->size[0]; t++) {
    gint64 i =
        (gint64) row * window->stride[0] + (gint64) t * window->dilation[0] - window->before[0];

    taps[t] =
        i >= 0 && i < height ? cpac_stream_row (stream, band, op->in[0], (guint) i) : stream->zeros;
  }
}

static void
join_make (const CpacStream *stream, const CpacStreamOp *op, const CpacStreamBand *band, guint row)
{
  const Join *join = (const Join *) op;
  const CpacStreamKernels *kernels = stream->kernels;
  const CpacStreamValue *in = cpac_stream_value (stream, op->in[0]);
  const CpacStreamValue *out = cpac_stream_value (stream, op->out);
  const float **rows = g_newa (const float *, join->taps.n_taps);
  float *to = cpac_stream_row (stream, band, op->out, row);
  guint n_vectors = out->phases * out->n_vectors;
  gsize stride = (gsize) CPAC_CHUNK_VECTORS * kernels->lanes;

  find_rows (stream, op, band, row, join->window, rows);
  for (guint v = 0; v < n_vectors; v += CPAC_CHUNK_VECTORS) {
    guint n = MIN (n_vectors - v, CPAC_CHUNK_VECTORS);

    kernels->column_taps (&join->taps, rows, in->channel_stride, n, band->chunk, stride);
    kernels->product (&join->a, band->chunk, join->in_at, 1, n, join->at, to, out->channel_stride,
                      join->tail.relu);
    for (guint t = 0; t < join->taps.n_taps; t++)
      rows[t] += n * kernels->lanes;
    to += n * kernels->lanes;
  }
}

/* Of each phase f of the output, the phases 2 f and 2 f + 1 of two rows. */
static void
join_make_pooled (const CpacStream *stream, const CpacStreamOp *op, const CpacStreamBand *band,
                  guint row)
{
  const Join *join = (const Join *) op;
  const CpacStreamKernels *kernels = stream->kernels;
  const CpacStreamValue *in = cpac_stream_value (stream, op->in[0]);
  const CpacStreamValue *out = cpac_stream_value (stream, op->out);
  guint n_taps = join->taps.n_taps, lanes = kernels->lanes;
  gsize stride = (gsize) CPAC_CHUNK_VECTORS * lanes * join->at_once;
  const float **rows = g_newa (const float *, 4 * n_taps);
  float *to = cpac_stream_row (stream, band, op->out, row);

  find_rows (stream, op, band, 2 * row, join->window, rows);
  find_rows (stream, op, band, 2 * row + 1, join->window, rows + n_taps);
  for (guint f = 0; f < out->phases; f++)
    for (guint v = 0; v < out->n_vectors; v += join->at_once) {
      guint n = MIN (out->n_vectors - v, join->at_once);
      gboolean finite;

      for (guint t = 0; t < 2 * n_taps; t++)
        rows[2 * n_taps + t] = rows[t] + 2 * f * in->phase_stride + v * lanes;
      finite =
          kernels->column_taps_pool (&join->taps, rows + 2 * n_taps, rows + 3 * n_taps,
                                     in->channel_stride, in->phase_stride, n, band->chunk, stride);
      kernels->product_pool (&join->a, band->chunk, stride, n, to, out->channel_stride,
                             join->tail.relu, finite);
      to += n * lanes;
    }
}

static void
join_clear (CpacStreamOp *op)
{
  Join *join = (Join *) op;

  cpac_aligned_free (join->packed);
  g_free (join->weights);
  g_free (join->in_at);
}

static const CpacStreamOpClass join_class = {
  .instance_size = sizeof (Join),
  .reach = join_reach,
  .make = join_make,
  .clear = join_clear,
};

static const CpacStreamOpClass pooled_join_class = {
  .instance_size = sizeof (Join),
  .reach = join_reach,
  .make = join_make_pooled,
  .clear = join_clear,
};

void
cpac_stream_add_cpac_conv (CpacStream *stream, const CpacConvLayer *conv, CpacTensor *const *params,
                           CpacStreamTail tail, guint in, guint out)
{
  guint phases = cpac_stream_value (stream, out)->phases * (tail.pool ? 2 : 1);
  guint segment = cpac_stream_value (stream, out)->segment;
  guint components = cpac_stream_moves_input (conv)
                         ? add_weigh (stream, conv, params, in, phases, segment)
                         : add_mix (stream, conv, params, in, phases, segment);
  Join *join = cpac_stream_add_op (stream, tail.pool ? &pooled_join_class : &join_class, 1,
                                   &components, out);

  join->window = &conv->window;
  join->tail = tail;
  join->weights =
      transpose_taps (params[CPAC_CONV_B]->data, conv->rank, conv->window.size[0], NULL);
  join->taps = (CpacTaps){ conv->rank, conv->window.size[0], join->weights };
  join->packed = cpac_stream_pack (
      stream->kernels, conv->filters, conv->rank, params[CPAC_CONV_A]->data, conv->rank, 1,
      conv->bias ? params[CPAC_CONV_BIAS]->data : NULL, tail.pool, &join->a);
  join->in_at =
      cpac_stream_places (conv->rank, (gsize) CPAC_CHUNK_VECTORS * stream->kernels->lanes);
  for (guint v = 0; v < CPAC_CHUNK_VECTORS; v++)
    join->at[v] = v * stream->kernels->lanes;
  /* A chunk stays in the first cache, beside the weights. */
  join->at_once =
      MAX (CHUNK_FLOATS / (conv->rank * CPAC_CHUNK_VECTORS * stream->kernels->lanes), 1);
  cpac_stream_need_chunk (stream, (gsize) conv->rank * (tail.pool ? join->at_once : 1));
  cpac_stream_need_zeros (stream, cpac_stream_value (stream, components));
}
