/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/train/init.h"

#include <math.h>
#include <string.h>

#include "core/cp/cp.h"
#include "core/layers/options.h"
#include "core/layers/types.h"
#include "core/network/run.h"
#include "core/random.h"
#include "core/train/ops-private.h"
#include "core/train/ops.h"

static void
fill_normal (CpacTensor *tensor, double sd, CpacRandom *random)
{
  gsize n = cpac_shape_count (&tensor->shape);

  for (gsize i = 0; i < n; i++)
    tensor->data[i] = (float) (sd * cpac_random_normal (random));
}

/* Takes from column @r what earlier columns of its block hold, and makes it unit (Gram-Schmidt). */
static void
orthonormalise (double *columns, gsize dim, guint rank, guint r)
{
  guint block = r - r % (guint) dim;
  double norm = 0;

  for (guint k = block; k < r; k++) {
    double dot = 0;

    for (gsize i = 0; i < dim; i++)
      dot += columns[i * rank + k] * columns[i * rank + r];
    for (gsize i = 0; i < dim; i++)
      columns[i * rank + r] -= dot * columns[i * rank + k];
  }
  for (gsize i = 0; i < dim; i++)
    norm += columns[i * rank + r] * columns[i * rank + r];
  norm = sqrt (norm);
  for (gsize i = 0; i < dim; i++)
    columns[i * rank + r] /= norm;
}

static void
fill_unit_columns (CpacTensor *tensor, CpacRandom *random)
{
  gsize dim = tensor->shape.dims[0];
  guint rank = (guint) tensor->shape.dims[1];
  g_autofree double *columns = g_new (double, dim *rank);

  for (gsize i = 0; i < dim * rank; i++)
    columns[i] = cpac_random_normal (random);
  for (guint r = 0; r < rank; r++)
    orthonormalise (columns, dim, rank, r);
  for (gsize i = 0; i < dim * rank; i++)
    tensor->data[i] = dim == 1 ? 1.0f : (float) columns[i];
}

static void
balance (const CpacLayer *layer, CpacTensor **values)
{
  guint rank = ((const CpacConvLayer *) layer)->rank, dims[4];
  g_autofree double *scale = g_new (double, 4 * (gsize) rank);
  float *factors[4];

  for (guint m = 0; m < 4; m++) {
    factors[m] = values[m]->data;
    dims[m] = (guint) layer->params[m].shape.dims[0];
  }
  cpac_cp_balance (factors, dims, rank, scale);
}

static void
init_factors (const CpacLayer *layer, CpacTensor **values, CpacRandom *random)
{
  double rank = ((const CpacConvLayer *) layer)->rank;

  fill_normal (values[CPAC_CONV_A], sqrt (2 / rank), random);
  fill_unit_columns (values[CPAC_CONV_B], random);
  fill_unit_columns (values[CPAC_CONV_C], random);
  fill_unit_columns (values[CPAC_CONV_D], random);
  balance (layer, values);
}

/* The authors' way: the factors of a random kernel that a rank-R sum cannot hold. */
static gboolean
init_factors_by_als (const CpacLayer *layer, CpacTensor **values, CpacRandom *random, guint64 seed,
                     GError **error)
{
  const CpacConvLayer *conv = (const CpacConvLayer *) layer;
  gsize kh = conv->window.size[0], kw = conv->window.size[1];
  g_autoptr (CpacTensor) kernel =
      cpac_tensor_new (CPAC_SHAPE (conv->filters, layer->in[0].channels, kh, kw));
  CpacCpOptions options = CPAC_CP_OPTIONS_INIT;
  g_autoptr (CpacCp) cp = NULL;
  const CpacTensor *factors[4];

  fill_normal (kernel, 1.0 / (double) (kh * kw), random);
  options.seed = seed;
  options.max_degeneracy = INFINITY;
  cp = cpac_cp_als (kernel, conv->rank, &options, error);
  if (cp == NULL)
    return FALSE;
  factors[0] = cp->a;
  factors[1] = cp->b;
  factors[2] = cp->c;
  factors[3] = cp->d;
  for (guint m = 0; m < 4; m++)
    memcpy (values[m]->data, factors[m]->data,
            cpac_shape_count (&values[m]->shape) * sizeof (float));
  return TRUE;
}

static void
init_dense (const CpacLayer *layer, CpacTensor **values, CpacRandom *random)
{
  for (guint p = 0; p < layer->n_params; p++) {
    const CpacParamSpec *spec = &layer->params[p];
    double fan_in = (double) cpac_shape_count (&spec->shape) / (double) spec->shape.dims[0];

    if (!spec->constant && g_str_equal (spec->name, "weight"))
      fill_normal (values[p], sqrt (2 / fan_in), random);
  }
}

gboolean
cpac_init_params (const CpacNetwork *network, CpacParams *params, const CpacRecipe *recipe,
                  guint64 seed, GError **error)
{
  for (guint i = 0; i < cpac_network_get_n_layers (network); i++) {
    const CpacLayer *layer = cpac_network_get_layer (network, i);
    CpacTensor **values = params->values + params->first[i];
    CpacRandom random;

    cpac_random_init (&random, seed, CPAC_STREAM_INIT, i);
    for (guint p = 0; p < layer->n_params; p++)
      if (!layer->params[p].constant)
        memset (values[p]->data, 0, cpac_shape_count (&values[p]->shape) * sizeof (float));
    if (layer->klass != &cpac_cpac_conv_class)
      init_dense (layer, values, &random);
    else if (recipe->init == CPAC_INIT_HE)
      init_factors (layer, values, &random);
    else if (!init_factors_by_als (layer, values, &random, seed + i, error))
      return FALSE;
  }
  return TRUE;
}

/* Mean square of the layer's output over the pictures; also of each component's Z, where asked. */
static double
mean_square (CpacRun *run, const CpacNetwork *network, guint index, const float *inputs,
             guint n_pictures, const CpacParams *params, double *components)
{
  const CpacLayer *layer = cpac_network_get_layer (network, index);
  gsize n_in = cpac_dims_count (cpac_network_get_input (network));
  gsize n_out = cpac_dims_count (&layer->out);
  double sum = 0;

  for (guint picture = 0; picture < n_pictures; picture++) {
    const float *y;

    memcpy (cpac_run_get_input (run, 0), inputs + picture * n_in, n_in * sizeof (float));
    cpac_run_forward (run);
    y = cpac_run_get_output (run, index, 0);
    for (gsize i = 0; i < n_out; i++)
      sum += (double) y[i] * y[i];
    if (components != NULL) {
      gint below = cpac_network_get_inputs (network, index)[0];
      const float *x = below == CPAC_NETWORK_INPUT ? cpac_run_get_input (run, 0)
                                                   : cpac_run_get_output (run, (guint) below, 0);

      cpac_train_add_component_energy (layer, x, params->values + params->first[index], components);
    }
  }
  return sum / ((double) n_pictures * (double) n_out);
}

static void
scale_components (const CpacLayer *layer, CpacTensor **values, const double *energy,
                  double n_positions)
{
  guint rank = ((const CpacConvLayer *) layer)->rank;
  CpacTensor *c = values[CPAC_CONV_C];

  for (guint r = 0; r < rank; r++) {
    double rms = sqrt (energy[r] / n_positions);

    for (gsize x = 0; rms > 1e-12 && x < c->shape.dims[0]; x++)
      c->data[x * rank + r] = (float) (c->data[x * rank + r] / rms);
  }
}

static void
scale_layer (CpacRun *run, const CpacNetwork *network, CpacParams *params, guint index,
             const float *inputs, guint n_pictures)
{
  const CpacLayer *layer = cpac_network_get_layer (network, index);
  CpacTensor **values = params->values + params->first[index];
  gboolean factored = layer->klass == &cpac_cpac_conv_class;
  double rms;

  if (factored) {
    guint rank = ((const CpacConvLayer *) layer)->rank;
    g_autofree double *energy = g_new0 (double, rank);

    mean_square (run, network, index, inputs, n_pictures, params, energy);
    scale_components (layer, values, energy,
                      (double) n_pictures * layer->out.height * layer->out.width);
  }
  rms = sqrt (mean_square (run, network, index, inputs, n_pictures, params, NULL));
  if (!(rms > 1e-12))
    return;
  /* The first parameter is a, or weight. */
  for (gsize i = 0; i < cpac_shape_count (&values[0]->shape); i++)
    values[0]->data[i] = (float) (values[0]->data[i] / rms);
  if (factored)
    balance (layer, values);
}

void
cpac_init_scale (const CpacNetwork *network, CpacParams *params, const gboolean *taken,
                 const float *inputs, guint n_pictures)
{
  CpacRunOptions options = CPAC_RUN_OPTIONS_INIT;
  g_autoptr (CpacRun) run = NULL;

  options.ops = cpac_train_ops ();
  options.strip = G_MAXUINT;
  run = cpac_run_new (network, params, &options);
  for (guint i = 0; i < cpac_network_get_n_layers (network); i++) {
    const CpacLayer *layer = cpac_network_get_layer (network, i);

    if (layer->n_params > 0 && !layer->params[0].constant && (taken == NULL || !taken[i]))
      scale_layer (run, network, params, i, inputs, n_pictures);
  }
}

static gboolean
has_same_shapes (const CpacLayer *a, const CpacLayer *b)
{
  if (a->klass != b->klass || a->n_params != b->n_params)
    return FALSE;
  for (guint p = 0; p < a->n_params; p++)
    if (!cpac_shape_equal (&a->params[p].shape, &b->params[p].shape))
      return FALSE;
  return TRUE;
}

gint
cpac_init_find_donor (const CpacNetwork *donor_network, const CpacLayer *layer)
{
  gint from = cpac_network_find (donor_network, layer->name);

  return from >= 0 && has_same_shapes (layer, cpac_network_get_layer (donor_network, (guint) from))
             ? from
             : -1;
}

/* Constants belong to the data or to the model. FALSE where there is nothing else. */
static gboolean
take_layer (const CpacLayer *layer, CpacTensor **to, CpacTensor *const *from)
{
  gboolean has_taken = FALSE;

  for (guint p = 0; p < layer->n_params; p++) {
    if (layer->params[p].constant)
      continue;
    memcpy (to[p]->data, from[p]->data, cpac_shape_count (&to[p]->shape) * sizeof (float));
    has_taken = TRUE;
  }
  return has_taken;
}

guint
cpac_init_take (const CpacNetwork *network, CpacParams *params, const CpacNetwork *donor_network,
                const CpacParams *donor, gboolean *taken)
{
  guint n_taken = 0;

  for (guint i = 0; i < cpac_network_get_n_layers (network); i++) {
    const CpacLayer *layer = cpac_network_get_layer (network, i);
    gint from = cpac_init_find_donor (donor_network, layer);
    gboolean has_taken = from >= 0 && take_layer (layer, params->values + params->first[i],
                                                  donor->values + donor->first[from]);

    n_taken += has_taken;
    if (taken != NULL)
      taken[i] = has_taken;
  }
  return n_taken;
}
