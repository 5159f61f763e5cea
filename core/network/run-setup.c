/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What a run is made of: which arithmetic computes each layer, and the room for it. */

#include "core/network/run-private.h"

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
    run->values[i] =
        run->is_double ? as_doubles (run->params->values[i]) : run->params->values[i]->data;
}

static const CpacLayerOps *
find_ops (const CpacLayerOps *ops, const CpacLayer *layer)
{
  for (; ops != NULL && ops->klass != NULL; ops++)
    if (ops->klass == layer->klass)
      return ops;
  return NULL;
}

/* Chooses the layer's arithmetic; returns the scratch it needs. */
static gsize
choose_arithmetic (CpacRun *run, guint index, const CpacRunOptions *options)
{
  const CpacLayer *layer = cpac_network_get_layer (run->network, index);
  const CpacLayerOps *ops = run->is_double ? NULL : find_ops (options->ops, layer);
  guint strip = MIN (run->strip, cpac_layer_get_n_slices (layer));
  gsize forward = cpac_layer_get_scratch (layer, strip);
  gsize backward = cpac_layer_get_backward_scratch (layer);

  run->arithmetic[index] = (CpacRunArithmetic){
    .forward = run->is_double ? layer->klass->forward_f64 : layer->klass->forward_f32,
    .backward = run->is_double ? layer->klass->backward_f64 : layer->klass->backward_f32,
  };
  if (ops != NULL) {
    run->arithmetic[index] = (CpacRunArithmetic){ .forward = ops->forward,
                                                  .backward = ops->backward,
                                                  .overwrites = ops->overwrites };
    forward = ops->get_scratch (layer, strip);
    backward = ops->get_backward_scratch (layer);
  }
  return options->gradients ? MAX (forward, backward) : forward;
}

/* The last layers, which are small and whose rows are short, gain the most. One picture's
 * intermediates are kept, so a batch has none. */
static void
allocate_caches (CpacRun *run, const CpacRunOptions *options)
{
  gsize left = options->gradients && run->batch == 1 ? options->cache_bytes : 0;

  for (guint i = cpac_network_get_n_layers (run->network); i-- > 0;) {
    const CpacLayer *layer = cpac_network_get_layer (run->network, i);
    const CpacLayerOps *ops = run->is_double ? NULL : find_ops (options->ops, layer);
    gsize n = ops != NULL && ops->get_cache != NULL ? ops->get_cache (layer) : 0;

    if (n == 0 || n * run->real_size > left)
      continue;
    left -= n * run->real_size;
    run->arithmetic[i].cache = cpac_aligned_new0 (n, run->real_size);
  }
}

static gpointer
new_planes (const CpacRun *run, const CpacDims *dims)
{
  return cpac_aligned_new0 (run->batch * cpac_dims_count (dims), run->real_size);
}

/* Counts who reads what, and makes room for the gradients that must be added afterwards. */
static void
count_readers (CpacRun *run)
{
  guint n_layers = cpac_network_get_n_layers (run->network);
  gsize largest = 0;

  run->n_readers = g_new0 (guint, n_layers);
  for (guint i = 0; i < n_layers; i++) {
    const CpacLayer *layer = cpac_network_get_layer (run->network, i);
    const gint *inputs = cpac_network_get_inputs (run->network, i);

    for (guint k = 0; k < layer->n_inputs; k++)
      if ((*cpac_run_readers_of (run, inputs[k]))++ > 0)
        largest = MAX (largest, cpac_dims_count (&layer->in[k]));
  }
  run->addend = cpac_aligned_new0 (largest, run->real_size);
}

/* Layers right behind layer @index that nothing else reads from: what it might take along. */
static guint
count_behind (const CpacRun *run, guint index)
{
  guint n_layers = cpac_network_get_n_layers (run->network), last = index;

  while (last + 1 < n_layers && run->n_readers[last] == 1 && run->layers[last + 1]->n_inputs == 1 &&
         cpac_network_get_inputs (run->network, last + 1)[0] == (gint) last)
    last++;
  return last - index;
}

static void
choose_tails (CpacRun *run, const CpacRunOptions *options)
{
  guint n_layers = cpac_network_get_n_layers (run->network);

  for (guint i = 0; options->gradients && !run->is_double && i < n_layers; i++) {
    const CpacLayerOps *ops = find_ops (options->ops, run->layers[i]);
    CpacRunArithmetic *arithmetic = &run->arithmetic[i];

    if (arithmetic->taken || ops == NULL || ops->take_along == NULL)
      continue;
    arithmetic->n_tail =
        ops->take_along (run->layers[i], run->layers + i + 1, count_behind (run, i));
    for (guint k = 1; k <= arithmetic->n_tail; k++)
      run->arithmetic[i + k].taken = TRUE;
    if (arithmetic->n_tail > 0)
      arithmetic->choices =
          g_malloc0_n (run->batch, cpac_run_picture_count (run, (gint) (i + arithmetic->n_tail)));
  }
}

/* Whether a gradient by the output of layer @index is of use: parameters stand there or above, or
 * the gradient by the frame is wanted. @moves tells it of the layers above. */
static gboolean
output_moves (const CpacRun *run, guint index, const gboolean *moves)
{
  const gint *inputs = cpac_network_get_inputs (run->network, index);
  gboolean any = run->layers[index]->n_params > 0;

  for (guint k = 0; k < run->layers[index]->n_inputs; k++)
    any = any || (inputs[k] == CPAC_NETWORK_INPUT ? run->input_gradient != NULL : moves[inputs[k]]);
  return any;
}

/* Outputs and their gradients, but for what a layer computes on the way to its tail's, and for
 * gradients that lead to nothing that moves. */
static void
allocate_planes (CpacRun *run, const CpacRunOptions *options)
{
  guint n_layers = cpac_network_get_n_layers (run->network);
  g_autofree gboolean *moves = g_new0 (gboolean, n_layers);

  run->outputs = g_new0 (guint8 *, n_layers);
  run->output_gradients = g_new0 (guint8 *, n_layers);
  for (guint i = 0; i < n_layers; i++) {
    moves[i] = output_moves (run, i, moves);
    if (run->arithmetic[i].n_tail > 0 || (i + 1 < n_layers && run->arithmetic[i + 1].taken))
      continue;
    run->outputs[i] = new_planes (run, &run->layers[i]->out);
    /* The last one is where the caller puts the loss's. */
    if (options->gradients && (moves[i] || i + 1 == n_layers))
      run->output_gradients[i] = new_planes (run, &run->layers[i]->out);
  }
}

static void
allocate (CpacRun *run, const CpacRunOptions *options)
{
  guint n_layers = cpac_network_get_n_layers (run->network);
  guint n_threads = cpac_workers_get_n_threads (run->workers);
  gsize scratch = 0;

  run->input = new_planes (run, cpac_network_get_input (run->network));
  if (options->gradients && options->input_gradient)
    run->input_gradient = new_planes (run, cpac_network_get_input (run->network));
  run->arithmetic = g_new (CpacRunArithmetic, n_layers);
  run->layers = g_new (const CpacLayer *, n_layers);
  for (guint i = 0; i < n_layers; i++) {
    run->layers[i] = cpac_network_get_layer (run->network, i);
    scratch = MAX (scratch, choose_arithmetic (run, i, options));
    run->max_inputs = MAX (run->max_inputs, run->layers[i]->n_inputs);
  }
  count_readers (run);
  choose_tails (run, options);
  allocate_planes (run, options);
  allocate_caches (run, options);
  run->in = g_new0 (const void *, (gsize) run->max_inputs *n_threads + 1);
  run->din = g_new0 (void *, run->max_inputs + 1);
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
  run->strip = options->strip > 0 ? options->strip : CPAC_STRIP;
  run->workers = cpac_workers_new (options->n_threads);
  collect_values (run);
  allocate (run, options);
  return run;
}

void
cpac_run_free (CpacRun *run)
{
  if (run == NULL)
    return;
  for (guint i = 0; i < cpac_network_get_n_layers (run->network); i++) {
    cpac_aligned_free (run->outputs[i]);
    cpac_aligned_free (run->output_gradients[i]);
    cpac_aligned_free (run->arithmetic[i].cache);
    g_free (run->arithmetic[i].choices);
  }
  for (guint i = 0; i < cpac_workers_get_n_threads (run->workers); i++)
    cpac_aligned_free (run->scratch[i]);
  for (guint i = 0; run->is_double && i < run->params->n_params; i++)
    cpac_aligned_free (run->values[i]);
  cpac_aligned_free (run->input);
  cpac_aligned_free (run->input_gradient);
  g_free (run->outputs);
  g_free (run->output_gradients);
  g_free (run->arithmetic);
  g_free (run->layers);
  g_free (run->n_readers);
  cpac_aligned_free (run->addend);
  g_free (run->din);
  g_free (run->scratch);
  g_free (run->values);
  g_free (run->in);
  cpac_workers_free (run->workers);
  g_free (run);
}
