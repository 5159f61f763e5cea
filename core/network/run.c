/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "core/network/run-private.h"

/* What one pass over a layer shares among the workers. */
typedef struct {
  const CpacRun *run;
  const CpacLayer *layer;
  guint index;
  guint n_slices, n_strips; /* of one picture */
} Pass;

static gsize
picture_offset (const CpacRun *run, gint index, guint picture)
{
  return picture * cpac_run_picture_count (run, index) * run->real_size;
}

static gpointer
plane_of (const CpacRun *run, gint index, guint picture)
{
  guint8 *base = index == CPAC_NETWORK_INPUT ? run->input : run->outputs[index];

  return base != NULL ? base + picture_offset (run, index, picture) : NULL;
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

gconstpointer
cpac_run_get_layer_input (CpacRun *run, guint layer, guint picture)
{
  return plane_of (run, cpac_network_get_inputs (run->network, layer)[0], picture);
}

static guint8 *
choices_of (const CpacRun *run, guint index, guint picture)
{
  const CpacRunArithmetic *arithmetic = &run->arithmetic[index];

  return arithmetic->n_tail > 0
             ? arithmetic->choices +
                   picture * cpac_run_picture_count (run, (gint) (index + arithmetic->n_tail))
             : NULL;
}

/* Where the layer's parameters begin. Layers without any may lie behind those that the parameters
 * were made for. */
static guint
find_first (const CpacRun *run, guint index)
{
  return cpac_network_get_layer (run->network, index)->n_params > 0 ? run->params->first[index] : 0;
}

/* One strip of one picture. */
static void
do_strip (gpointer user_data, guint piece, guint worker)
{
  const Pass *pass = user_data;
  const CpacRun *run = pass->run;
  const CpacLayer *layer = pass->layer;
  const CpacRunArithmetic *arithmetic = &run->arithmetic[pass->index];
  const gint *inputs = cpac_network_get_inputs (run->network, pass->index);
  guint last = pass->index + arithmetic->n_tail;
  guint picture = piece / pass->n_strips, strip = piece % pass->n_strips;
  const void **in = run->in + (gsize) worker * run->max_inputs;
  CpacForward call = {
    .in = in,
    .params = (const void *const *) (run->values + find_first (run, pass->index)),
    .out = plane_of (run, (gint) last, picture),
    .scratch = run->scratch[worker],
    .cache = arithmetic->cache,
    .tail = run->layers + pass->index + 1,
    .n_tail = arithmetic->n_tail,
    .choices = choices_of (run, pass->index, picture),
    .begin = strip * run->strip,
    .end = strip + 1 == pass->n_strips ? pass->n_slices : (strip + 1) * run->strip,
  };

  for (guint i = 0; i < layer->n_inputs; i++)
    in[i] = plane_of (run, inputs[i], picture);
  arithmetic->forward (layer, &call);
}

void
cpac_run_forward_to (CpacRun *run, guint last)
{
  for (guint i = 0; i <= last; i++) {
    const CpacLayer *layer = cpac_network_get_layer (run->network, i);
    Pass pass = { .run = run, .layer = layer, .index = i };

    if (run->arithmetic[i].taken)
      continue;
    pass.n_slices = cpac_layer_get_n_slices (layer);
    pass.n_strips = (pass.n_slices - 1) / run->strip + 1;
    cpac_workers_run (run->workers, pass.n_strips * run->batch, do_strip, &pass);
  }
}

void
cpac_run_forward (CpacRun *run)
{
  cpac_run_forward_to (run, cpac_network_get_n_layers (run->network) - 1);
}

gpointer
cpac_run_get_output_gradient (CpacRun *run, gint layer, guint picture)
{
  guint8 *base = layer == CPAC_NETWORK_INPUT ? run->input_gradient : run->output_gradients[layer];

  return base != NULL ? base + picture_offset (run, layer, picture) : NULL;
}

void
cpac_run_bind_gradients (CpacRun *run, gpointer *gradients)
{
  run->param_gradients = gradients;
}

gpointer
cpac_run_get_value (CpacRun *run, guint index)
{
  return run->values[index];
}

/* Whether the one reader of @layer's output overwrites its gradient, so that it need not be
 * cleared. */
static gboolean
is_overwritten (const CpacRun *run, guint layer)
{
  guint n_layers = cpac_network_get_n_layers (run->network);

  for (guint i = layer + 1; run->n_readers[layer] == 1 && i < n_layers; i++) {
    const gint *inputs = cpac_network_get_inputs (run->network, i);

    for (guint k = 0; k < cpac_network_get_layer (run->network, i)->n_inputs; k++)
      if (inputs[k] == (gint) layer)
        return run->arithmetic[i].overwrites;
  }
  return FALSE;
}

static void
clear_gradients (CpacRun *run)
{
  guint n_layers = cpac_network_get_n_layers (run->network);

  /* All but the last layer's, which the caller wrote. */
  for (guint i = 0; i + 1 < n_layers; i++)
    if (run->output_gradients[i] != NULL && !is_overwritten (run, i))
      memset (run->output_gradients[i], 0, picture_offset (run, (gint) i, run->batch));
  if (run->input_gradient != NULL)
    memset (run->input_gradient, 0, picture_offset (run, CPAC_NETWORK_INPUT, run->batch));
}

/* Adds what an overwriting pass left beside a gradient that has several readers. */
static void
add_addend (const CpacRun *run, const CpacLayer *layer, float *gradient)
{
  const float *addend = (const float *) run->addend;
  gsize n = cpac_dims_count (&layer->in[0]);

  for (gsize i = 0; i < n; i++)
    gradient[i] += addend[i];
}

static void
layer_backward (CpacRun *run, guint index, guint picture)
{
  const CpacLayer *layer = cpac_network_get_layer (run->network, index);
  const CpacRunArithmetic *arithmetic = &run->arithmetic[index];
  const gint *inputs = cpac_network_get_inputs (run->network, index);
  guint first = find_first (run, index);
  float *shared = NULL;
  CpacBackward call = {
    .in = run->in,
    .params = (const void *const *) (run->values + first),
    .dout = cpac_run_get_output_gradient (run, (gint) (index + arithmetic->n_tail), picture),
    .din = run->din,
    .dparams = run->param_gradients + first,
    .scratch = run->scratch[0],
    .cache = arithmetic->cache,
    .tail = run->layers + index + 1,
    .n_tail = arithmetic->n_tail,
    .choices = choices_of (run, index, picture),
  };

  for (guint i = 0; i < layer->n_inputs; i++) {
    run->in[i] = plane_of (run, inputs[i], picture);
    run->din[i] = cpac_run_get_output_gradient (run, inputs[i], picture);
  }
  if (arithmetic->overwrites && run->din[0] != NULL && *cpac_run_readers_of (run, inputs[0]) > 1) {
    shared = run->din[0];
    run->din[0] = run->addend;
  }
  arithmetic->backward (layer, &call);
  if (shared != NULL)
    add_addend (run, layer, shared);
}

void
cpac_run_backward (CpacRun *run)
{
  clear_gradients (run);
  for (guint picture = 0; picture < run->batch; picture++)
    for (guint i = cpac_network_get_n_layers (run->network); i-- > 0;)
      if (!run->arithmetic[i].taken && run->output_gradients[i + run->arithmetic[i].n_tail] != NULL)
        layer_backward (run, i, picture);
}
