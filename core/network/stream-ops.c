/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What all operations of a stream have in common. */

#include "core/network/stream-private.h"

gpointer
cpac_stream_add_op (CpacStream *stream, const CpacStreamOpClass *klass, guint n_in, const guint *in,
                    guint out)
{
  CpacStreamOp *op = g_malloc0 (klass->instance_size);
  const CpacStreamValue *value = cpac_stream_value (stream, out);

  op->klass = klass;
  op->n_in = n_in;
  op->in = g_memdup2 (in, n_in * sizeof (guint));
  op->out = out;
  op->n_rows = value->dims.height;
  op->segment = value->segment;
  op->is_sink = value->plane != NULL;
  g_ptr_array_add (stream->ops, op);
  return op;
}

void
cpac_stream_op_free (gpointer data)
{
  CpacStreamOp *op = data;

  if (op->klass->clear != NULL)
    op->klass->clear (op);
  g_free (op->in);
  g_free (op);
}

float *
cpac_stream_pack (const CpacStreamKernels *kernels, guint n, guint k, const float *weights,
                  gsize stride_n, gsize stride_k, const float *bias, gboolean pool,
                  CpacPacked *packed)
{
  float *data = cpac_aligned_new0 ((gsize) n * ((gsize) k + 1), sizeof (float)), *to = data;
  guint tile_rows = k <= kernels->few_inputs && !pool ? 1 : kernels->tile_rows;
  guint n_tiles = (n + tile_rows - 1) / tile_rows;

  for (guint tile = 0, row = 0; tile < n_tiles; tile++) {
    guint rows = (n - row) / (n_tiles - tile);

    for (guint i = 0; i < rows; i++)
      *to++ = bias != NULL ? bias[row + i] : 0;
    for (guint j = 0; j < k; j++)
      for (guint i = 0; i < rows; i++)
        *to++ = weights[(row + i) * stride_n + j * stride_k];
    row += rows;
  }
  *packed = (CpacPacked){ n, k, tile_rows, data };
  return data;
}

guint32 *
cpac_stream_places (guint k, gsize stride)
{
  guint32 *places = g_new (guint32, k);

  for (guint j = 0; j < k; j++)
    places[j] = (guint32) (j * stride);
  return places;
}

void
cpac_stream_need_chunk (CpacStream *stream, gsize k)
{
  stream->chunk_size = MAX (stream->chunk_size, k * CPAC_CHUNK_VECTORS * stream->kernels->lanes);
}

void
cpac_stream_need_zeros (CpacStream *stream, const CpacStreamValue *value)
{
  stream->n_zeros = MAX (stream->n_zeros, value->row_stride);
}
