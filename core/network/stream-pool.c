/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Pools by rows, of any window: the input's rows get margins that take no part (minus infinity for
 * a maximum, zero for a sum), rows outside the picture are left out.
 */

#include "core/network/stream-private.h"

#include <math.h>

typedef struct {
  CpacStreamOp op;
  const CpacWindow *window;
  CpacStreamColumns columns;
  guint *widths; /* (columns as they lie in a row): pixels of the window; NULL: maximum */
} Pool;

static void
pool_reach (const CpacStream *stream, const CpacStreamOp *op, guint row, guint *first, guint *end)
{
  cpac_stream_window_reach (((const Pool *) op)->window,
                            cpac_stream_value (stream, op->in[0])->dims.height, row, 1, first, end);
}

static gsize
count_columns (const CpacStream *stream, const CpacStreamValue *out)
{
  return (gsize) out->phases * out->n_vectors * stream->kernels->lanes;
}

static void
pool_make (const CpacStream *stream, const CpacStreamOp *op, const CpacStreamBand *band, guint row)
{
  const Pool *pool = (const Pool *) op;
  const CpacStreamValue *in = cpac_stream_value (stream, op->in[0]);
  const CpacStreamValue *out = cpac_stream_value (stream, op->out);
  const float **rows = g_newa (const float *, pool->window->size[0]);
  float *divisors = pool->widths != NULL ? band->scratch + op->scratch_at : NULL;
  guint first, end;

  pool_reach (stream, op, row, &first, &end);
  for (guint i = first; i < end; i++)
    rows[i - first] = cpac_stream_row (stream, band, op->in[0], i);
  for (gsize i = 0; divisors != NULL && i < count_columns (stream, out); i++)
    divisors[i] = (float) ((gsize) pool->widths[i] * (end - first));
  stream->kernels->pool (in->dims.channels, end - first, rows, in->channel_stride,
                         pool->columns.n_taps, pool->columns.at, out->phases, out->n_vectors,
                         divisors, cpac_stream_row (stream, band, op->out, row),
                         out->channel_stride);
}

static void
pool_clear (CpacStreamOp *op)
{
  Pool *pool = (Pool *) op;

  cpac_stream_columns_clear (&pool->columns);
  g_free (pool->widths);
}

static const CpacStreamOpClass pool_class = {
  .instance_size = sizeof (Pool),
  .reach = pool_reach,
  .make = pool_make,
  .clear = pool_clear,
};

static void
count_widths (const CpacStream *stream, Pool *pool, const CpacDims *in, const CpacStreamValue *out)
{
  const CpacWindow *w = pool->window;

  pool->widths = g_new (guint, count_columns (stream, out));
  for (gsize i = 0; i < count_columns (stream, out); i++)
    pool->widths[i] = 1;
  for (guint q = 0; q < out->dims.width; q++) {
    gint64 left = (gint64) q * w->stride[1] - w->before[1];

    pool->widths[q % out->phases * out->phase_stride + q / out->phases] =
        (guint) (MIN (left + w->size[1], (gint64) in->width) - MAX (left, 0));
  }
}

void
cpac_stream_add_pool (CpacStream *stream, const CpacPoolLayer *layer, gboolean mean, guint in,
                      guint out)
{
  const CpacDims *dims = &layer->layer.in[0];
  CpacStreamColumns columns;
  CpacStreamValue value;
  guint margined;
  Pool *pool;

  cpac_stream_columns_init (&columns, &value, stream->kernels, &layer->window, dims,
                            layer->layer.out.width, cpac_stream_value (stream, out)->phases);
  margined = cpac_stream_add_value (stream, &value, cpac_stream_value (stream, out)->segment);
  cpac_stream_add_move (stream, in, margined, mean ? 0 : -INFINITY);
  pool = cpac_stream_add_op (stream, &pool_class, 1, &margined, out);
  pool->window = &layer->window;
  pool->columns = columns;
  if (!mean)
    return;
  count_widths (stream, pool, dims, cpac_stream_value (stream, out));
  pool->op.scratch = count_columns (stream, cpac_stream_value (stream, out));
}
