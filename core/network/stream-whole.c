/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What must see a whole picture: fully connected layers, the mean over the picture, and layers that
 * are left to the reference. */

#include "core/network/stream-private.h"

/* With fewer, waking others takes longer than it saves. */
#define SHARED_WEIGHTS (1u << 17)

gpointer
cpac_stream_add_whole (CpacStream *stream, gsize size, guint n_in, const guint *in, guint out,
                       guint segment)
{
  CpacStreamWhole *whole = g_malloc0 (size);

  whole->n_in = n_in;
  whole->in = g_memdup2 (in, n_in * sizeof (guint));
  whole->out = out;
  whole->segment = segment;
  g_ptr_array_add (stream->whole, whole);
  return whole;
}

void
cpac_stream_whole_free (gpointer data)
{
  CpacStreamWhole *whole = data;

  if (whole->clear != NULL)
    whole->clear (whole);
  g_free (whole->in);
  g_free (whole);
}

/* ---- Mean ---- */

typedef struct {
  CpacStreamOp op;
  guint32 *widths; /* (phases) */
  double *sums;    /* (height, channels) */
} Sums;

typedef struct {
  CpacStreamWhole whole;
  const Sums *sums;
} Mean;

static void
sums_make (const CpacStream *stream, const CpacStreamOp *op, const CpacStreamBand *band, guint row)
{
  const Sums *sums = (const Sums *) op;
  const CpacStreamValue *in = cpac_stream_value (stream, op->in[0]);

  stream->kernels->sum (in->dims.channels, cpac_stream_row (stream, band, op->in[0], row),
                        in->channel_stride, in->phases, in->phase_stride, sums->widths,
                        sums->sums + (gsize) row * in->dims.channels);
}

static void
sums_clear (CpacStreamOp *op)
{
  g_free (((Sums *) op)->widths);
  g_free (((Sums *) op)->sums);
}

static const CpacStreamOpClass sums_class = {
  .instance_size = sizeof (Sums),
  .make = sums_make,
  .clear = sums_clear,
};

/* In the order of the rows, whoever summed them. */
static void
mean_compute (const CpacStream *stream, CpacStreamWhole *whole)
{
  const Sums *sums = ((const Mean *) whole)->sums;
  const CpacDims *dims = &cpac_stream_value (stream, sums->op.in[0])->dims;
  float *out = cpac_stream_value (stream, whole->out)->plane;

  for (guint c = 0; c < dims->channels; c++) {
    double total = 0;

    for (guint i = 0; i < dims->height; i++)
      total += sums->sums[(gsize) i * dims->channels + c];
    out[c] = (float) (total / ((double) dims->height * dims->width));
  }
}

void
cpac_stream_add_mean (CpacStream *stream, guint in, guint out, guint segment)
{
  Sums *sums = cpac_stream_add_op (stream, &sums_class, 1, &in, out);
  Mean *mean = cpac_stream_add_whole (stream, sizeof (Mean), 1, &in, out, segment);
  const CpacStreamValue *value = cpac_stream_value (stream, in);

  sums->op.n_rows = value->dims.height;
  sums->op.segment = segment;
  sums->widths = g_new (guint32, value->phases);
  for (guint f = 0; f < value->phases; f++)
    sums->widths[f] = cpac_stream_phase_width (value, f);
  sums->sums = g_new0 (double, (gsize) value->dims.height * value->dims.channels);
  mean->sums = sums;
  mean->whole.compute = mean_compute;
}

/* ---- Fully connected ---- */

typedef struct {
  CpacStreamWhole whole;
  guint n_units;
  gsize n_vectors;
  float *weights; /* tiles of (n_vectors, units, lanes) */
  float *bias;
} Linear;

typedef struct {
  const CpacStream *stream;
  const Linear *linear;
} LinearCall;

static void
linear_tile (gpointer user_data, guint tile, guint worker)
{
  const LinearCall *call = user_data;
  const CpacStream *stream = call->stream;
  const Linear *linear = call->linear;
  guint unit = tile * CPAC_DOT_TILE, n = MIN (linear->n_units - unit, CPAC_DOT_TILE);

  stream->kernels->dot (n, linear->weights + unit * linear->n_vectors * stream->kernels->lanes,
                        linear->bias + unit, cpac_stream_value (stream, linear->whole.in[0])->plane,
                        linear->n_vectors,
                        cpac_stream_value (stream, linear->whole.out)->plane + unit);
}

static void
linear_compute (const CpacStream *stream, CpacStreamWhole *whole)
{
  LinearCall call = { stream, (const Linear *) whole };
  guint n_tiles = (call.linear->n_units - 1) / CPAC_DOT_TILE + 1;
  gsize n_weights = call.linear->n_units * call.linear->n_vectors * stream->kernels->lanes;

  if (n_weights >= SHARED_WEIGHTS) {
    cpac_workers_run (stream->workers, n_tiles, linear_tile, &call);
    return;
  }
  for (guint tile = 0; tile < n_tiles; tile++)
    linear_tile (&call, tile, 0);
}

static void
linear_clear (CpacStreamWhole *whole)
{
  cpac_aligned_free (((Linear *) whole)->weights);
  g_free (((Linear *) whole)->bias);
}

void
cpac_stream_add_linear (CpacStream *stream, const CpacLayer *layer, CpacTensor *const *params,
                        guint in, guint out, guint segment)
{
  Linear *linear = cpac_stream_add_whole (stream, sizeof (Linear), 1, &in, out, segment);
  gsize n = cpac_dims_count (&layer->in[0]), lanes = stream->kernels->lanes;
  const float *weight = params[CPAC_DENSE_WEIGHT]->data;

  linear->whole.compute = linear_compute;
  linear->whole.clear = linear_clear;
  linear->n_units = layer->out.channels;
  linear->n_vectors = (n + lanes - 1) / lanes;
  linear->bias = g_new0 (float, linear->n_units);
  for (guint u = 0; layer->n_params > CPAC_DENSE_BIAS && u < linear->n_units; u++)
    linear->bias[u] = params[CPAC_DENSE_BIAS]->data[u];
  linear->weights = cpac_aligned_new0 (linear->n_units * linear->n_vectors * lanes, sizeof (float));
  for (guint u = 0; u < linear->n_units; u++) {
    guint tile = u / CPAC_DOT_TILE * CPAC_DOT_TILE;
    guint height = MIN (linear->n_units - tile, CPAC_DOT_TILE);
    float *to = linear->weights + tile * linear->n_vectors * lanes + (u - tile) * lanes;

    for (gsize i = 0; i < n; i++)
      to[i / lanes * height * lanes + i % lanes] = weight[u * n + i];
  }
}

/* ---- The reference ---- */

typedef struct {
  CpacStreamWhole whole;
  const CpacLayer *layer;
  const void **in, **params;
  float **scratch; /* (n_threads) */
} Reference;

typedef struct {
  const CpacStream *stream;
  const Reference *reference;
} ReferenceCall;

static void
reference_strip (gpointer user_data, guint strip, guint worker)
{
  const ReferenceCall *call = user_data;
  const Reference *reference = call->reference;
  const CpacLayer *layer = reference->layer;
  const CpacForward forward = {
    .in = reference->in,
    .params = reference->params,
    .out = cpac_stream_value (call->stream, reference->whole.out)->plane,
    .scratch = reference->scratch[worker],
    .begin = strip * CPAC_STRIP,
    .end = MIN ((strip + 1) * CPAC_STRIP, cpac_layer_get_n_slices (layer)),
  };

  layer->klass->forward_f32 (layer, &forward);
}

static void
reference_compute (const CpacStream *stream, CpacStreamWhole *whole)
{
  ReferenceCall call = { stream, (const Reference *) whole };
  guint n_slices = cpac_layer_get_n_slices (call.reference->layer);

  cpac_workers_run (stream->workers, (n_slices - 1) / CPAC_STRIP + 1, reference_strip, &call);
}

static void
reference_clear (CpacStreamWhole *whole)
{
  Reference *reference = (Reference *) whole;

  for (guint i = 0; reference->scratch[i] != NULL; i++)
    cpac_aligned_free (reference->scratch[i]);
  g_free (reference->scratch);
  g_free (reference->in);
  g_free (reference->params);
}

void
cpac_stream_add_reference (CpacStream *stream, const CpacLayer *layer, CpacTensor *const *params,
                           guint n_in, const guint *in, guint out, guint segment)
{
  Reference *reference = cpac_stream_add_whole (stream, sizeof (Reference), n_in, in, out, segment);
  guint n_threads = cpac_workers_get_n_threads (stream->workers);
  gsize scratch = cpac_layer_get_scratch (layer, MIN (CPAC_STRIP, cpac_layer_get_n_slices (layer)));

  reference->whole.compute = reference_compute;
  reference->whole.clear = reference_clear;
  reference->layer = layer;
  reference->in = g_new0 (const void *, n_in + 1);
  for (guint i = 0; i < n_in; i++)
    reference->in[i] = cpac_stream_value (stream, in[i])->plane;
  reference->params = g_new0 (const void *, layer->n_params + 1);
  for (guint i = 0; i < layer->n_params; i++)
    reference->params[i] = params[i]->data;
  reference->scratch = g_new0 (float *, n_threads + 1);
  for (guint i = 0; i < n_threads; i++)
    reference->scratch[i] = cpac_aligned_new0 (scratch, sizeof (float));
}
