/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Dense convolution by rows: the input's rows get margins of zeros; what a few vectors of outputs
 * read is gathered, tap by tap, and multiplied. A pointwise one multiplies the rows as they are.
 */

#include "core/network/stream-private.h"

typedef struct {
  CpacStreamOp op;
  const CpacWindow *window;
  CpacPacked weight;
  float *packed;
  CpacStreamTail tail;
  CpacStreamColumns columns;
  guint32 *in_at; /* (C taps): in a chunk */
  guint32 at[CPAC_CHUNK_VECTORS];
} Correlate;

static void
correlate_reach (const CpacStream *stream, const CpacStreamOp *op, guint row, guint *first,
                 guint *end)
{
  const Correlate *correlate = (const Correlate *) op;
  guint n = correlate->tail.pool ? 2 : 1;

  cpac_stream_window_reach (correlate->window, cpac_stream_value (stream, op->in[0])->dims.height,
                            row * n, n, first, end);
}

/* What outputs of row @row, phase @phase, from vector @v on, read: into @chunk, (taps y, C, taps
 * x). */
static void
gather (const CpacStream *stream, const CpacStreamOp *op, const CpacStreamBand *band, guint row,
        guint phase, guint v, guint n_vectors, float *chunk)
{
  const Correlate *correlate = (const Correlate *) op;
  const CpacStreamValue *in = cpac_stream_value (stream, op->in[0]);
  const CpacStreamKernels *kernels = stream->kernels;
  const CpacWindow *w = correlate->window;
  guint n_taps = correlate->columns.n_taps;
  gsize stride = (gsize) CPAC_CHUNK_VECTORS * kernels->lanes;

  for (guint y = 0; y < w->size[0]; y++) {
    gint64 i = (gint64) row * w->stride[0] + (gint64) y * w->dilation[0] - w->before[0];
    const float *from = i >= 0 && i < in->dims.height
                            ? cpac_stream_row (stream, band, op->in[0], (guint) i)
                            : stream->zeros;

    kernels->gather (in->dims.channels, from + v * kernels->lanes, in->channel_stride, n_taps,
                     correlate->columns.at + phase * n_taps, n_vectors, chunk, stride);
    chunk += in->dims.channels * n_taps * stride;
  }
}

static void
correlate_make (const CpacStream *stream, const CpacStreamOp *op, const CpacStreamBand *band,
                guint row)
{
  const Correlate *correlate = (const Correlate *) op;
  const CpacStreamKernels *kernels = stream->kernels;
  const CpacStreamValue *out = cpac_stream_value (stream, op->out);
  float *to = cpac_stream_row (stream, band, op->out, row);

  for (guint f = 0; f < out->phases; f++)
    for (guint v = 0; v < out->n_vectors; v += CPAC_CHUNK_VECTORS) {
      guint n = MIN (out->n_vectors - v, CPAC_CHUNK_VECTORS);

      gather (stream, op, band, row, f, v, n, band->chunk);
      kernels->product (&correlate->weight, band->chunk, correlate->in_at, 1, n, correlate->at,
                        to + ((gsize) f * out->n_vectors + v) * kernels->lanes, out->channel_stride,
                        correlate->tail.relu);
    }
}

static void
correlate_make_pooled (const CpacStream *stream, const CpacStreamOp *op, const CpacStreamBand *band,
                       guint row)
{
  const Correlate *correlate = (const Correlate *) op;
  const CpacStreamKernels *kernels = stream->kernels;
  const CpacStreamValue *out = cpac_stream_value (stream, op->out);
  float *to = cpac_stream_row (stream, band, op->out, row);

  for (guint f = 0; f < out->phases; f++)
    for (guint v = 0; v < out->n_vectors; v++, to += kernels->lanes) {
      for (guint i = 0; i < 4; i++)
        gather (stream, op, band, 2 * row + i / 2, 2 * f + i % 2, v, 1,
                band->chunk + i * kernels->lanes);
      kernels->product_pool (&correlate->weight, band->chunk,
                             (gsize) CPAC_CHUNK_VECTORS * kernels->lanes, 1, to,
                             out->channel_stride, correlate->tail.relu, FALSE);
    }
}

static void
correlate_clear (CpacStreamOp *op)
{
  Correlate *correlate = (Correlate *) op;

  cpac_aligned_free (correlate->packed);
  cpac_stream_columns_clear (&correlate->columns);
  g_free (correlate->in_at);
}

static const CpacStreamOpClass correlate_class = {
  .instance_size = sizeof (Correlate),
  .reach = correlate_reach,
  .make = correlate_make,
  .clear = correlate_clear,
};

static const CpacStreamOpClass pooled_correlate_class = {
  .instance_size = sizeof (Correlate),
  .reach = correlate_reach,
  .make = correlate_make_pooled,
  .clear = correlate_clear,
};

/* The kernel (F, C, kh, kw) as (F, kh, C, taps), without the taps that no output reads with. */
static float *
arrange (const CpacDenseConvLayer *conv, const float *weight, const CpacStreamColumns *columns)
{
  guint channels = conv->layer.in[0].channels;
  const guint *size = conv->window.size;
  float *arranged = g_new (float, (gsize) conv->filters *size[0] * channels * columns->n_taps),
        *to = arranged;

  for (guint f = 0; f < conv->filters; f++)
    for (guint y = 0; y < size[0]; y++)
      for (guint s = 0; s < channels; s++)
        for (guint t = 0; t < columns->n_taps; t++)
          *to++ = weight[(((gsize) f * channels + s) * size[0] + y) * size[1] + columns->taps[t]];
  return arranged;
}

static void
add_correlate (CpacStream *stream, const CpacDenseConvLayer *conv, CpacTensor *const *params,
               CpacStreamTail tail, guint in, guint out)
{
  const CpacLayer *layer = &conv->layer;
  guint phases = cpac_stream_value (stream, out)->phases * (tail.pool ? 2 : 1);
  guint segment = cpac_stream_value (stream, out)->segment, margined, k;
  g_autofree float *arranged = NULL;
  CpacStreamColumns columns;
  CpacStreamValue value;
  Correlate *correlate;

  cpac_stream_columns_init (&columns, &value, stream->kernels, &conv->window, &layer->in[0],
                            layer->out.width, phases);
  margined = cpac_stream_add_value (stream, &value, segment);
  cpac_stream_add_move (stream, in, margined, 0);
  correlate = cpac_stream_add_op (stream, tail.pool ? &pooled_correlate_class : &correlate_class, 1,
                                  &margined, out);
  correlate->window = &conv->window;
  correlate->tail = tail;
  correlate->columns = columns;
  arranged = arrange (conv, params[CPAC_DENSE_WEIGHT]->data, &columns);
  k = conv->window.size[0] * layer->in[0].channels * columns.n_taps;
  correlate->packed = cpac_stream_pack (stream->kernels, conv->filters, k, arranged, k, 1,
                                        conv->bias ? params[CPAC_DENSE_BIAS]->data : NULL,
                                        tail.pool, &correlate->weight);
  correlate->in_at = cpac_stream_places (k, (gsize) CPAC_CHUNK_VECTORS * stream->kernels->lanes);
  for (guint v = 0; v < CPAC_CHUNK_VECTORS; v++)
    correlate->at[v] = v * stream->kernels->lanes;
  cpac_stream_need_chunk (stream, k);
  cpac_stream_need_zeros (stream, &value);
}

/* ---- Pointwise ---- */

typedef struct {
  CpacStreamOp op;
  CpacPacked weight;
  float *packed;
  gboolean relu;
  guint32 *in_at; /* (C) */
  guint32 *at;    /* (n_vectors) */
} Pointwise;

static void
pointwise_make (const CpacStream *stream, const CpacStreamOp *op, const CpacStreamBand *band,
                guint row)
{
  const Pointwise *pointwise = (const Pointwise *) op;
  const CpacStreamValue *out = cpac_stream_value (stream, op->out);

  stream->kernels->product (&pointwise->weight, cpac_stream_row (stream, band, op->in[0], row),
                            pointwise->in_at, 1, out->phases * out->n_vectors, pointwise->at,
                            cpac_stream_row (stream, band, op->out, row), out->channel_stride,
                            pointwise->relu);
}

static void
pointwise_clear (CpacStreamOp *op)
{
  Pointwise *pointwise = (Pointwise *) op;

  cpac_aligned_free (pointwise->packed);
  g_free (pointwise->in_at);
  g_free (pointwise->at);
}

static const CpacStreamOpClass pointwise_class = {
  .instance_size = sizeof (Pointwise),
  .make = pointwise_make,
  .clear = pointwise_clear,
};

static void
add_pointwise (CpacStream *stream, const CpacDenseConvLayer *conv, CpacTensor *const *params,
               gboolean relu, guint in, guint out)
{
  Pointwise *pointwise = cpac_stream_add_op (stream, &pointwise_class, 1, &in, out);
  const CpacStreamValue *value = cpac_stream_value (stream, out);
  guint n = value->phases * value->n_vectors, k = conv->layer.in[0].channels;

  pointwise->relu = relu;
  pointwise->packed = cpac_stream_pack (
      stream->kernels, conv->filters, k, params[CPAC_DENSE_WEIGHT]->data, k, 1,
      conv->bias ? params[CPAC_DENSE_BIAS]->data : NULL, FALSE, &pointwise->weight);
  pointwise->in_at = cpac_stream_places (k, cpac_stream_value (stream, in)->channel_stride);
  pointwise->at = cpac_stream_places (n, stream->kernels->lanes);
}

static gboolean
is_pointwise (const CpacWindow *w)
{
  for (guint axis = 0; axis < 2; axis++)
    if (w->size[axis] != 1 || w->stride[axis] != 1 || w->before[axis] != 0 || w->after[axis] != 0)
      return FALSE;
  return TRUE;
}

void
cpac_stream_add_conv (CpacStream *stream, const CpacDenseConvLayer *conv, CpacTensor *const *params,
                      CpacStreamTail tail, guint in, guint out)
{
  if (is_pointwise (&conv->window) && !tail.pool &&
      cpac_stream_value (stream, in)->phases == cpac_stream_value (stream, out)->phases)
    add_pointwise (stream, conv, params, tail.relu, in, out);
  else
    add_correlate (stream, conv, params, tail, in, out);
}
