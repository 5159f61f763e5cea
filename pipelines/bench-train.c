/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "core/layers/layer.h"
#include "core/train/batch.h"
#include "core/train/optimizer.h"
#include "pipelines/bench.h"

#define CACHE_BYTES ((gsize) 64 << 20)

typedef struct {
  CpacBatch *batch;
  CpacVariables *variables;
  CpacRecipe recipe;
  guint n_pictures;
  float *input;
  gsize n_input, n_output;
  guint64 step;
} Steps;

static gboolean
fill (gpointer user_data, guint index, guint worker, float *input, GError **error)
{
  const Steps *steps = user_data;

  memcpy (input, steps->input, steps->n_input * sizeof (float));
  return TRUE;
}

/* Any gradient takes the same time. */
static double
loss (gpointer user_data, guint index, guint worker, const float *output, float *gradient)
{
  const Steps *steps = user_data;

  for (gsize i = 0; i < steps->n_output; i++)
    gradient[i] = 0.01f * output[i];
  return 0;
}

static double
time_step (gpointer user_data)
{
  Steps *steps = user_data;
  gint64 begin = g_get_monotonic_time ();
  double mean;

  cpac_batch_run (steps->batch, steps->n_pictures, fill, loss, steps,
                  steps->variables->param_gradients, &mean, NULL);
  cpac_variables_add_penalties (steps->variables, &steps->recipe);
  cpac_variables_spread_gradients (steps->variables);
  cpac_optimizer_step (&steps->recipe, steps->variables, steps->step++, 1e-6);
  return (double) (g_get_monotonic_time () - begin);
}

/* Multiply-adds of the gradient by the inputs that layers on the frame leave out: stage 1 of a
 * cpac-conv, all of a dense layer. */
static double
unneeded (const CpacNetwork *network)
{
  double macs = 0;

  for (guint i = 0; i < cpac_network_get_n_layers (network); i++) {
    const CpacLayer *layer = cpac_network_get_layer (network, i);
    CpacCost cost;

    if (layer->n_inputs != 1 || cpac_network_get_inputs (network, i)[0] != CPAC_NETWORK_INPUT)
      continue;
    cpac_layer_count (layer, &cost);
    if (g_str_equal (layer->klass->type, "cpac-conv"))
      macs += (double) cpac_dims_count (&layer->in[0]) * (double) layer->params[3].shape.dims[1];
    else
      macs += (double) cost.macs;
  }
  return macs;
}

BenchRow
bench_training (const CpacModel *model, guint batch, guint n_threads, guint n_rounds,
                CpacLevel peak_level, double *operations)
{
  const CpacNetwork *network = cpac_model_get_network (model);
  CpacParams *params = cpac_params_new_random (network, 1);
  GRand *random = g_rand_new_with_seed (1);
  Steps steps = { .n_pictures = batch };
  CpacCost cost;
  BenchRow row;

  cpac_recipe_init (&steps.recipe);
  steps.n_input = cpac_dims_count (cpac_network_get_input (network));
  steps.n_output = cpac_dims_count (cpac_network_get_output (network));
  steps.input = g_new (float, steps.n_input);
  for (gsize i = 0; i < steps.n_input; i++)
    steps.input[i] = (float) g_rand_double_range (random, -1, 1);
  steps.variables = cpac_variables_new (network, params, FALSE);
  steps.batch = cpac_batch_new (network, params, n_threads, CACHE_BYTES);
  time_step (&steps);
  row = bench_measure (time_step, &steps, n_rounds, n_threads, peak_level);
  cpac_network_count (network, &cost);
  *operations = 2 * batch * (3 * (double) cost.macs - unneeded (network));
  cpac_batch_free (steps.batch);
  cpac_variables_free (steps.variables);
  cpac_params_free (params);
  g_free (steps.input);
  g_rand_free (random);
  return row;
}
