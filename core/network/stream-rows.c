/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Operations that move rows, or work on them element by element. */

#include "core/network/stream-private.h"

#include <string.h>

/* Floats of a cache line. */
#define LINE 16

static guint
count_vectors (const CpacStreamValue *value)
{
  return value->phases * value->n_vectors;
}

/* ---- Move ---- */

typedef struct {
  CpacStreamOp op;
  float fill;
  guint32 *ends; /* (n_ends); NULL: no margins */
  guint n_ends;
} Move;

static void
move_prepare (const CpacStream *stream, const CpacStreamOp *op, const CpacStreamBand *band)
{
  const Move *move = (const Move *) op;
  const CpacStreamValue *out = cpac_stream_value (stream, op->out);
  float *rows = band->rows + out->offset;

  for (gsize i = 0; move->ends != NULL && i < out->capacity * out->row_stride; i++)
    rows[i] = move->fill;
}

/* Between any phases, column by column. */
static void
move_columns (const CpacStreamValue *in, const float *from, const CpacStreamValue *out, float *to)
{
  for (guint c = 0; c < in->dims.channels; c++)
    for (guint q = 0; q < in->dims.width; q++)
      to[c * out->channel_stride + q % out->phases * out->phase_stride + q / out->phases] =
          from[c * in->channel_stride + q % in->phases * in->phase_stride + q / in->phases];
}

/* A picture comes from far: the next row is on its way while this one is worked on. */
static void
prefetch_row (const CpacStreamValue *plane, const float *row)
{
  for (guint c = 0; c < plane->dims.channels; c++, row += plane->channel_stride)
    for (guint i = 0; i < plane->dims.width; i += LINE)
      __builtin_prefetch (row + i);
}

static void
move_make (const CpacStream *stream, const CpacStreamOp *op, const CpacStreamBand *band, guint row)
{
  const Move *move = (const Move *) op;
  const CpacStreamKernels *kernels = stream->kernels;
  const CpacStreamValue *in = cpac_stream_value (stream, op->in[0]);
  const CpacStreamValue *out = cpac_stream_value (stream, op->out);
  const float *from = cpac_stream_row (stream, band, op->in[0], row);
  float *to = cpac_stream_row (stream, band, op->out, row);
  guint channels = in->dims.channels;

  if (in->plane != NULL && row + 1 < in->dims.height)
    prefetch_row (in, from + in->row_stride);
  if (in->phases == out->phases)
    for (guint f = 0; f < in->phases; f++)
      kernels->split (channels, from + f * in->phase_stride, in->channel_stride, 1, in->n_vectors,
                      to + out->before + f * out->phase_stride, out->channel_stride, 0);
  else if (in->phases == 1 && out->phases <= CPAC_MAX_PHASES &&
           (out->phases & (out->phases - 1)) == 0)
    kernels->split (channels, from, in->channel_stride, out->phases, out->n_vectors,
                    to + out->before, out->channel_stride, out->phase_stride);
  else
    move_columns (in, from, out, to + out->before);
  if (move->ends != NULL)
    kernels->fill (channels, to, out->channel_stride, move->n_ends, move->ends, move->fill);
}

static void
move_clear (CpacStreamOp *op)
{
  g_free (((Move *) op)->ends);
}

static const CpacStreamOpClass move_class = {
  .instance_size = sizeof (Move),
  .prepare = move_prepare,
  .make = move_make,
  .clear = move_clear,
};

void
cpac_stream_add_move (CpacStream *stream, guint in, guint out, float fill)
{
  Move *move = cpac_stream_add_op (stream, &move_class, 1, &in, out);
  const CpacStreamValue *value = cpac_stream_value (stream, out);

  move->fill = fill;
  if (value->phase_stride > (gsize) value->n_vectors * stream->kernels->lanes)
    move->ends = cpac_stream_value_ends (value, stream->kernels, &move->n_ends);
}

/* ---- Element by element ---- */

static void
relu_make (const CpacStream *stream, const CpacStreamOp *op, const CpacStreamBand *band, guint row)
{
  const CpacStreamValue *in = cpac_stream_value (stream, op->in[0]);
  const CpacStreamValue *out = cpac_stream_value (stream, op->out);

  stream->kernels->relu (in->dims.channels, cpac_stream_row (stream, band, op->in[0], row),
                         in->channel_stride, count_vectors (in),
                         cpac_stream_row (stream, band, op->out, row), out->channel_stride);
}

static const CpacStreamOpClass relu_class = {
  .instance_size = sizeof (CpacStreamOp),
  .make = relu_make,
};

void
cpac_stream_add_relu (CpacStream *stream, guint in, guint out)
{
  cpac_stream_add_op (stream, &relu_class, 1, &in, out);
}

static void
sum_make (const CpacStream *stream, const CpacStreamOp *op, const CpacStreamBand *band, guint row)
{
  const CpacStreamValue *out = cpac_stream_value (stream, op->out);
  float *to = cpac_stream_row (stream, band, op->out, row);
  const float *in[2] = { cpac_stream_row (stream, band, op->in[0], row), NULL };
  gsize strides[2] = { cpac_stream_value (stream, op->in[0])->channel_stride, 0 };

  /* One by one, so that any number of inputs needs no memory; the order is the same. */
  for (guint k = 1; k < op->n_in; k++) {
    in[1] = cpac_stream_row (stream, band, op->in[k], row);
    strides[1] = cpac_stream_value (stream, op->in[k])->channel_stride;
    stream->kernels->add (out->dims.channels, 2, in, strides, count_vectors (out), to,
                          out->channel_stride);
    in[0] = to;
    strides[0] = out->channel_stride;
  }
}

static const CpacStreamOpClass sum_class = {
  .instance_size = sizeof (CpacStreamOp),
  .make = sum_make,
};

void
cpac_stream_add_sum (CpacStream *stream, guint n_in, const guint *in, guint out)
{
  cpac_stream_add_op (stream, &sum_class, n_in, in, out);
}

static void
concat_make (const CpacStream *stream, const CpacStreamOp *op, const CpacStreamBand *band,
             guint row)
{
  const CpacStreamValue *out = cpac_stream_value (stream, op->out);
  float *to = cpac_stream_row (stream, band, op->out, row);

  for (guint k = 0; k < op->n_in; k++) {
    const CpacStreamValue *in = cpac_stream_value (stream, op->in[k]);

    stream->kernels->split (in->dims.channels, cpac_stream_row (stream, band, op->in[k], row),
                            in->channel_stride, 1, count_vectors (in), to, out->channel_stride, 0);
    to += in->dims.channels * out->channel_stride;
  }
}

static const CpacStreamOpClass concat_class = {
  .instance_size = sizeof (CpacStreamOp),
  .make = concat_make,
};

void
cpac_stream_add_concat (CpacStream *stream, guint n_in, const guint *in, guint out)
{
  cpac_stream_add_op (stream, &concat_class, n_in, in, out);
}

/* ---- Upsample ---- */

typedef struct {
  CpacStreamOp op;
  guint32 *left, *right; /* for each column as it lies in a row, and those behind its end */
  float *weights;
} Upsample;

/* Position of output @p on the input: half-pixel centres, clamped to the picture. */
static void
locate (guint p, guint n_in, guint n_out, guint *low, guint *high, float *weight)
{
  double at = CLAMP ((p + 0.5) * n_in / n_out - 0.5, 0, n_in - 1.0);

  *low = (guint) at;
  *high = MIN (*low + 1, n_in - 1);
  *weight = (float) (at - *low);
}

static void
upsample_reach (const CpacStream *stream, const CpacStreamOp *op, guint row, guint *first,
                guint *end)
{
  float weight;

  locate (row, cpac_stream_value (stream, op->in[0])->dims.height, op->n_rows, first, end, &weight);
  (*end)++;
}

static void
upsample_make (const CpacStream *stream, const CpacStreamOp *op, const CpacStreamBand *band,
               guint row)
{
  const Upsample *upsample = (const Upsample *) op;
  const CpacStreamValue *in = cpac_stream_value (stream, op->in[0]);
  const CpacStreamValue *out = cpac_stream_value (stream, op->out);
  guint above, below;
  float weight;

  locate (row, in->dims.height, op->n_rows, &above, &below, &weight);
  stream->kernels->upsample (in->dims.channels, cpac_stream_row (stream, band, op->in[0], above),
                             cpac_stream_row (stream, band, op->in[0], below), in->channel_stride,
                             count_vectors (out), upsample->left, upsample->right,
                             upsample->weights, weight,
                             cpac_stream_row (stream, band, op->out, row), out->channel_stride);
}

static void
upsample_clear (CpacStreamOp *op)
{
  Upsample *upsample = (Upsample *) op;

  g_free (upsample->left);
  g_free (upsample->right);
  g_free (upsample->weights);
}

static const CpacStreamOpClass upsample_class = {
  .instance_size = sizeof (Upsample),
  .reach = upsample_reach,
  .make = upsample_make,
  .clear = upsample_clear,
};

static guint32
column_at (const CpacStreamValue *value, guint q)
{
  return (guint32) (q % value->phases * value->phase_stride + q / value->phases);
}

void
cpac_stream_add_upsample (CpacStream *stream, guint in, guint out)
{
  Upsample *upsample = cpac_stream_add_op (stream, &upsample_class, 1, &in, out);
  const CpacStreamValue *from = cpac_stream_value (stream, in);
  const CpacStreamValue *to = cpac_stream_value (stream, out);
  gsize n = (gsize) count_vectors (to) * stream->kernels->lanes;

  upsample->left = g_new0 (guint32, n);
  upsample->right = g_new0 (guint32, n);
  upsample->weights = g_new0 (float, n);
  for (guint q = 0; q < to->dims.width; q++) {
    guint32 at = column_at (to, q);
    guint left, right;

    locate (q, from->dims.width, to->dims.width, &left, &right, &upsample->weights[at]);
    upsample->left[at] = column_at (from, left);
    upsample->right[at] = column_at (from, right);
  }
}

/* ---- Publish ---- */

static void
publish_make (const CpacStream *stream, const CpacStreamOp *op, const CpacStreamBand *band,
              guint row)
{
  const CpacStreamValue *in = cpac_stream_value (stream, op->in[0]);
  const CpacStreamValue *out = cpac_stream_value (stream, op->out);
  const float *from = cpac_stream_row (stream, band, op->in[0], row);
  float *to = cpac_stream_row (stream, band, op->out, row);

  for (guint c = 0; c < in->dims.channels;
       c++, from += in->channel_stride, to += out->channel_stride)
    for (guint f = 0; f < in->phases; f++) {
      guint n = cpac_stream_phase_width (in, f);

      if (in->phases == 1)
        memcpy (to, from, n * sizeof (float));
      else
        for (guint i = 0; i < n; i++)
          to[i * in->phases + f] = from[f * in->phase_stride + i];
    }
}

static const CpacStreamOpClass publish_class = {
  .instance_size = sizeof (CpacStreamOp),
  .make = publish_make,
};

void
cpac_stream_add_publish (CpacStream *stream, guint in, guint out)
{
  cpac_stream_add_op (stream, &publish_class, 1, &in, out);
}
