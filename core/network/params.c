/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/network/params.h"

#include <math.h>
#include <string.h>

CpacParams *
cpac_params_new (const CpacNetwork *network)
{
  CpacParams *params = g_new0 (CpacParams, 1);
  guint n_layers = cpac_network_get_n_layers (network);

  params->first = g_new (guint, n_layers);
  for (guint i = 0; i < n_layers; i++) {
    params->first[i] = params->n_params;
    params->n_params += cpac_network_get_layer (network, i)->n_params;
  }
  params->values = g_new0 (CpacTensor *, params->n_params + 1);
  return params;
}

static CpacTensor *
take_tensor (const CpacWeights *weights, const char *file, const CpacLayer *layer,
             const CpacParamSpec *spec, GError **error)
{
  g_autofree char *name = g_strdup_printf ("%s.%s", layer->name, spec->name);
  g_autofree char *expected = cpac_shape_to_string (&spec->shape);
  const CpacTensor *tensor = cpac_weights_lookup (weights, name);

  if (tensor == NULL) {
    g_set_error (error, CPAC_ERROR, CPAC_ERROR_SCHEMA,
                 "%s: there is no tensor %s, layer %s (%s) expects one of %s", file, name,
                 layer->name, layer->klass->type, expected);
    return NULL;
  }
  if (!cpac_shape_equal (&tensor->shape, &spec->shape)) {
    g_autofree char *found = cpac_shape_to_string (&tensor->shape);

    g_set_error (error, CPAC_ERROR, CPAC_ERROR_SHAPE,
                 "%s: tensor %s is %s, layer %s (%s) expects %s", file, name, found, layer->name,
                 layer->klass->type, expected);
    return NULL;
  }
  return cpac_tensor_copy (tensor);
}

CpacParams *
cpac_params_from_weights (const CpacNetwork *network, const CpacWeights *weights, const char *name,
                          GError **error)
{
  g_autoptr (CpacParams) params = cpac_params_new (network);
  guint n = 0;

  for (guint i = 0; i < cpac_network_get_n_layers (network); i++) {
    const CpacLayer *layer = cpac_network_get_layer (network, i);

    for (guint p = 0; p < layer->n_params; p++, n++) {
      params->values[n] = take_tensor (weights, name, layer, &layer->params[p], error);
      if (params->values[n] == NULL)
        return NULL;
    }
  }
  return g_steal_pointer (&params);
}

/* Uniform in +-limit, so that Var = limit^2 / 3. */
static void
fill_uniform (CpacTensor *tensor, double limit, GRand *random)
{
  gsize n = cpac_shape_count (&tensor->shape);

  for (gsize i = 0; i < n; i++)
    tensor->data[i] = (float) g_rand_double_range (random, -limit, limit);
}

/* Spread of one parameter such that the layer's kernel has He's variance 2 / (fan in). */
static double
spread_of (const CpacLayer *layer, const CpacParamSpec *spec)
{
  double fan_in = 1;

  if (g_str_equal (spec->name, "bias"))
    return 0.1;
  if (g_str_equal (spec->name, "weight")) {
    for (guint i = 1; i < spec->shape.n_dims; i++)
      fan_in *= (double) spec->shape.dims[i];
    return sqrt (6.0 / fan_in);
  }
  /* Factors: Var K = R (Var a)(Var b)(Var c)(Var d), shared equally among the four. */
  fan_in = (double) layer->params[1].shape.dims[0] * (double) layer->params[2].shape.dims[0] *
           (double) layer->params[3].shape.dims[0];
  return sqrt (3 * pow (2.0 / (fan_in * (double) spec->shape.dims[1]), 0.25));
}

CpacParams *
cpac_params_new_random (const CpacNetwork *network, guint64 seed)
{
  CpacParams *params = cpac_params_new (network);
  guint32 words[2] = { (guint32) seed, (guint32) (seed >> 32) };
  GRand *random = g_rand_new_with_seed_array (words, G_N_ELEMENTS (words));
  guint n = 0;

  for (guint i = 0; i < cpac_network_get_n_layers (network); i++) {
    const CpacLayer *layer = cpac_network_get_layer (network, i);

    for (guint p = 0; p < layer->n_params; p++, n++) {
      params->values[n] = cpac_tensor_new (layer->params[p].shape);
      fill_uniform (params->values[n], spread_of (layer, &layer->params[p]), random);
    }
  }
  g_rand_free (random);
  return params;
}

void
cpac_params_write (const CpacParams *params, const CpacNetwork *network, CpacWeightsWriter *writer)
{
  guint n = 0;

  for (guint i = 0; i < cpac_network_get_n_layers (network); i++) {
    const CpacLayer *layer = cpac_network_get_layer (network, i);

    for (guint p = 0; p < layer->n_params; p++, n++) {
      g_autofree char *name = g_strdup_printf ("%s.%s", layer->name, layer->params[p].name);

      cpac_weights_writer_add (writer, name, params->values[n]);
    }
  }
}

void
cpac_params_free (CpacParams *params)
{
  if (params == NULL)
    return;
  for (guint i = 0; i < params->n_params; i++)
    cpac_tensor_free (params->values[i]);
  g_free (params->values);
  g_free (params->first);
  g_free (params);
}
