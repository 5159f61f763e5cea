/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/network/run.h"

/* Slices a worker takes at once: enough that the rows a convolution shares with its neighbours are
 * few, few enough that its intermediate rows stay in the cache. */
#define STRIP 16

struct _CpacRun {
  const CpacNetwork *network;
  const CpacParams *params;
  guint batch;
  gboolean is_double;
  gsize real_size;

  guint8 *input;    /* (batch, C, H, W) */
  guint8 **outputs; /* (n_layers), each (batch, C, H, W) */
  gpointer *values; /* (n_params): the parameters as reals; owned in double precision only */
  const void **in;  /* (most inputs of a layer) x (n_threads) */
  guint max_inputs;

  CpacWorkers *workers;
  guint8 **scratch; /* (n_threads) */
};

/* What one pass over a layer shares among the workers. */
typedef struct {
  const CpacRun *run;
  const CpacLayer *layer;
  guint index;
  guint n_slices, n_strips; /* of one picture */
} Pass;

static gpointer
plane_of (const CpacRun *run, gint index, guint picture)
{
  guint8 *base = index == CPAC_NETWORK_INPUT ? run->input : run->outputs[index];
  const CpacDims *dims = index == CPAC_NETWORK_INPUT
                             ? cpac_network_get_input (run->network)
                             : &cpac_network_get_layer (run->network, (guint) index)->out;

  return base + picture * cpac_dims_count (dims) * run->real_size;
}

static gpointer
as_doubles (const CpacTensor *tensor)
{
  gsize n = cpac_shape_count (&tensor->shape);
  double *values = cpac_aligned_new0 (n, sizeof (double));

  for (gsize i = 0; i < n; i++)
    values[i] = tensor->data[i];
  return values;
}

static void
collect_values (CpacRun *run)
{
  run->values = g_new0 (gpointer, run->params->n_params + 1);
  for (guint i = 0; i < run->params->n_params; i++)
    run->values[i] = run->is_double ? as_doubles (run->params->values[i])
                                    : run->params->values[i]->data;
}

static void
allocate (CpacRun *run)
{
  guint n_layers = cpac_network_get_n_layers (run->network);
  guint n_threads = cpac_workers_get_n_threads (run->workers);
  gsize scratch = 0;

  run->input = cpac_aligned_new0 (
      run->batch * cpac_dims_count (cpac_network_get_input (run->network)), run->real_size);
  run->outputs = g_new0 (guint8 *, n_layers);
  for (guint i = 0; i < n_layers; i++) {
    const CpacLayer *layer = cpac_network_get_layer (run->network, i);
    guint strip = MIN (STRIP, cpac_layer_get_n_slices (layer));

    run->outputs[i] = cpac_aligned_new0 (run->batch * cpac_dims_count (&layer->out),
                                         run->real_size);
    scratch = MAX (scratch, cpac_layer_get_scratch (layer, strip));
    run->max_inputs = MAX (run->max_inputs, layer->n_inputs);
  }
  run->in = g_new0 (const void *, (gsize) run->max_inputs * n_threads + 1);
  run->scratch = g_new0 (guint8 *, n_threads);
  for (guint i = 0; i < n_threads; i++)
    run->scratch[i] = cpac_aligned_new0 (scratch, run->real_size);
}

CpacRun *
cpac_run_new (const CpacNetwork *network, const CpacParams *params, const CpacRunOptions *options)
{
  CpacRun *run = g_new0 (CpacRun, 1);

  g_assert (options->batch >= 1);
  run->network = network;
  run->params = params;
  run->batch = options->batch;
  run->is_double = options->precision == CPAC_PRECISION_DOUBLE;
  run->real_size = run->is_double ? sizeof (double) : sizeof (float);
  run->workers = cpac_workers_new (options->n_threads);
  collect_values (run);
  allocate (run);
  return run;
}

void
cpac_run_free (CpacRun *run)
{
  if (run == NULL)
    return;
  for (guint i = 0; i < cpac_network_get_n_layers (run->network); i++)
    cpac_aligned_free (run->outputs[i]);
  for (guint i = 0; i < cpac_workers_get_n_threads (run->workers); i++)
    cpac_aligned_free (run->scratch[i]);
  for (guint i = 0; run->is_double && i < run->params->n_params; i++)
    cpac_aligned_free (run->values[i]);
  cpac_aligned_free (run->input);
  g_free (run->outputs);
  g_free (run->scratch);
  g_free (run->values);
  g_free (run->in);
  cpac_workers_free (run->workers);
  g_free (run);
}

gpointer
cpac_run_get_input (CpacRun *run, guint picture)
{
  return plane_of (run, CPAC_NETWORK_INPUT, picture);
}

gconstpointer
cpac_run_get_output (const CpacRun *run, guint layer, guint picture)
{
  return plane_of (run, (gint) layer, picture);
}

/* One strip of one picture. */
static void
do_strip (gpointer user_data, guint piece, guint worker)
{
  const Pass *pass = user_data;
  const CpacRun *run = pass->run;
  const CpacLayer *layer = pass->layer;
  const gint *inputs = cpac_network_get_inputs (run->network, pass->index);
  guint picture = piece / pass->n_strips, strip = piece % pass->n_strips;
  const void **in = run->in + (gsize) worker * run->max_inputs;
  CpacForward call = {
    .in = in,
    .params = (const void *const *) (run->values + run->params->first[pass->index]),
    .out = plane_of (run, (gint) pass->index, picture),
    .scratch = run->scratch[worker],
    .begin = strip * STRIP,
    .end = MIN ((strip + 1) * STRIP, pass->n_slices),
  };

  for (guint i = 0; i < layer->n_inputs; i++)
    in[i] = plane_of (run, inputs[i], picture);
  if (run->is_double)
    layer->klass->forward_f64 (layer, &call);
  else
    layer->klass->forward_f32 (layer, &call);
}

void
cpac_run_forward (CpacRun *run)
{
  guint n_layers = cpac_network_get_n_layers (run->network);

  for (guint i = 0; i < n_layers; i++) {
    const CpacLayer *layer = cpac_network_get_layer (run->network, i);
    Pass pass = { .run = run, .layer = layer, .index = i };

    pass.n_slices = cpac_layer_get_n_slices (layer);
    pass.n_strips = (pass.n_slices + STRIP - 1) / STRIP;
    cpac_workers_run (run->workers, pass.n_strips * run->batch, do_strip, &pass);
  }
}
