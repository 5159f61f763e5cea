/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/network/stream-private.h"

static void
allocate_band (CpacStream *stream, CpacStreamBand *band)
{
  band->rows = cpac_aligned_new0 (stream->rows_size, sizeof (float));
  band->scratch = cpac_aligned_new0 (stream->scratch_size, sizeof (float));
  band->chunk = cpac_aligned_new0 (stream->chunk_size, sizeof (float));
}

void
cpac_stream_prepare (CpacStream *stream)
{
  for (guint b = 0; b < stream->n_bands; b++)
    for (guint i = 0; i < stream->ops->len; i++) {
      const CpacStreamOp *op = g_ptr_array_index (stream->ops, i);

      if (op->klass->prepare != NULL)
        op->klass->prepare (stream, op, &stream->bands[b]);
    }
}

static void
publish (CpacStream *stream)
{
  guint n_layers = cpac_network_get_n_layers (stream->network);

  stream->outputs = g_new0 (const float *, n_layers);
  for (guint i = 0; i < n_layers; i++)
    if (stream->planes[i] >= 0)
      stream->outputs[i] = cpac_stream_value (stream, (guint) stream->planes[i])->plane;
  stream->activations = (CpacActivations){ cpac_stream_get_input (stream), stream->outputs };
}

CpacStream *
cpac_stream_new (const CpacNetwork *network, const CpacParams *params,
                 const CpacStreamOptions *options)
{
  CpacStream *stream = g_new0 (CpacStream, 1);

  g_assert (options->n_threads >= 1);
  stream->network = network;
  stream->params = params;
  stream->level = options->level;
  stream->kernels = cpac_stream_kernels_get (options->level);
  stream->workers = cpac_workers_new (options->n_threads);
  stream->n_bands = options->n_threads;
  stream->values = g_array_new (FALSE, FALSE, sizeof (CpacStreamValue));
  stream->ops = g_ptr_array_new_with_free_func (cpac_stream_op_free);
  stream->whole = g_ptr_array_new_with_free_func (cpac_stream_whole_free);
  cpac_stream_compile (stream, options->keep);
  cpac_stream_schedule (stream);
  stream->zeros = cpac_aligned_new0 (stream->n_zeros + CPAC_ROW_SLACK, sizeof (float));
  stream->bands = g_new0 (CpacStreamBand, stream->n_bands);
  for (guint b = 0; b < stream->n_bands; b++)
    allocate_band (stream, &stream->bands[b]);
  cpac_stream_prepare (stream);
  publish (stream);
  return stream;
}

void
cpac_stream_free (CpacStream *stream)
{
  if (stream == NULL)
    return;
  for (guint b = 0; b < stream->n_bands; b++) {
    cpac_aligned_free (stream->bands[b].rows);
    cpac_aligned_free (stream->bands[b].scratch);
    cpac_aligned_free (stream->bands[b].chunk);
  }
  for (guint s = 0; s < stream->n_segments; s++) {
    for (guint b = 0; b < stream->n_bands; b++)
      g_array_unref (stream->segments[s].steps[b]);
    g_free (stream->segments[s].steps);
  }
  for (guint v = 0; v < stream->values->len; v++)
    if (cpac_stream_value (stream, v)->owns_plane)
      cpac_aligned_free (cpac_stream_value (stream, v)->plane);
  g_ptr_array_unref (stream->whole);
  g_ptr_array_unref (stream->ops);
  g_array_unref (stream->values);
  cpac_aligned_free (stream->zeros);
  g_free (stream->bands);
  g_free (stream->segments);
  g_free (stream->planes);
  g_free (stream->outputs);
  cpac_workers_free (stream->workers);
  g_free (stream);
}

float *
cpac_stream_get_input (CpacStream *stream)
{
  return cpac_stream_value (stream, 0)->plane;
}

const float *
cpac_stream_get_output (const CpacStream *stream, guint layer)
{
  return stream->outputs[layer];
}

const CpacActivations *
cpac_stream_get_activations (const CpacStream *stream)
{
  return &stream->activations;
}

typedef struct {
  const CpacStream *stream;
  const CpacStreamSegment *segment;
} Call;

static void
run_band (gpointer user_data, guint band, guint worker)
{
  const Call *call = user_data;
  const GArray *steps = call->segment->steps[band];

  for (guint i = 0; i < steps->len; i++) {
    const CpacStreamStep *step = &g_array_index (steps, CpacStreamStep, i);
    const CpacStreamOp *op = g_ptr_array_index (call->stream->ops, step->op);

    op->klass->make (call->stream, op, &call->stream->bands[band], step->row);
  }
}

void
cpac_stream_run (CpacStream *stream)
{
  for (guint s = 0; s < stream->n_segments; s++) {
    Call call = { stream, &stream->segments[s] };

    /* Nobody is woken for nothing. */
    if (call.segment->n_steps > 0)
      cpac_workers_run (stream->workers, stream->n_bands, run_band, &call);
    for (guint i = 0; i < stream->whole->len; i++) {
      CpacStreamWhole *whole = g_ptr_array_index (stream->whole, i);

      if (whole->segment == s)
        whole->compute (stream, whole);
    }
  }
}
