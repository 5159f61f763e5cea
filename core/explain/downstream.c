/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/explain/downstream.h"

#include <string.h>

/* Arrays over nodes hold the frame at index 0 and layer i at index i + 1. */
struct _CpacDownstream {
  const CpacNetwork *network;
  const CpacParams *params;
  guint n_nodes;
  CpacRole *roles;              /* (n_nodes) */
  double **values, **dvalues;   /* (n_nodes); NULL where there is no role */
  double **weights, **dweights; /* (n_params); NULL but for layers on the way */
  const void **in;              /* (most inputs of a layer) */
  void **din;
  double *scratch;
};

static guint
node_of (gint layer)
{
  return (guint) (layer + 1);
}

static const CpacDims *
dims_of (const CpacNetwork *network, guint node)
{
  return node == 0 ? cpac_network_get_input (network)
                   : &cpac_network_get_layer (network, node - 1)->out;
}

/* ---- Room ---- */

/* The layer at @node where it is one on the way, else NULL. */
static const CpacLayer *
layer_on_way (const CpacDownstream *downstream, guint node)
{
  return downstream->roles[node] == CPAC_ROLE_ON_WAY
             ? cpac_network_get_layer (downstream->network, node - 1)
             : NULL;
}

static gsize
scratch_of (const CpacLayer *layer)
{
  guint n_slices = MIN (CPAC_STRIP, cpac_layer_get_n_slices (layer));

  return MAX (cpac_layer_get_scratch (layer, n_slices), cpac_layer_get_backward_scratch (layer));
}

static guint64
count_elements (const CpacDownstream *downstream, gsize *scratch)
{
  guint64 n = 0;

  *scratch = 0;
  for (guint node = 0; node < downstream->n_nodes; node++) {
    const CpacLayer *layer = layer_on_way (downstream, node);

    if (downstream->roles[node] != CPAC_ROLE_NONE)
      n += 2 * (guint64) cpac_dims_count (dims_of (downstream->network, node));
    if (layer == NULL)
      continue;
    *scratch = MAX (*scratch, scratch_of (layer));
    for (guint p = 0; p < layer->n_params; p++)
      n += 2 * (guint64) cpac_shape_count (&layer->params[p].shape);
  }
  return n + *scratch;
}

static void
allocate_weights (CpacDownstream *downstream, guint node)
{
  const CpacLayer *layer = layer_on_way (downstream, node);
  guint first = layer != NULL ? downstream->params->first[node - 1] : 0;

  for (guint p = 0; layer != NULL && p < layer->n_params; p++) {
    const CpacTensor *tensor = downstream->params->values[first + p];
    gsize n = cpac_shape_count (&tensor->shape);
    double *weights = g_new (double, n);

    for (gsize i = 0; i < n; i++)
      weights[i] = tensor->data[i];
    downstream->weights[first + p] = weights;
    downstream->dweights[first + p] = g_new0 (double, n);
  }
}

static void
allocate (CpacDownstream *downstream, gsize scratch)
{
  guint max_inputs = 0;

  downstream->values = g_new0 (double *, downstream->n_nodes);
  downstream->dvalues = g_new0 (double *, downstream->n_nodes);
  downstream->weights = g_new0 (double *, downstream->params->n_params + 1);
  downstream->dweights = g_new0 (double *, downstream->params->n_params + 1);
  for (guint node = 0; node < downstream->n_nodes; node++) {
    gsize n = cpac_dims_count (dims_of (downstream->network, node));
    const CpacLayer *layer = layer_on_way (downstream, node);

    if (downstream->roles[node] != CPAC_ROLE_NONE) {
      downstream->values[node] = g_new0 (double, n);
      downstream->dvalues[node] = g_new0 (double, n);
    }
    if (layer != NULL)
      max_inputs = MAX (max_inputs, layer->n_inputs);
    allocate_weights (downstream, node);
  }
  downstream->in = g_new0 (const void *, max_inputs + 1);
  downstream->din = g_new0 (void *, max_inputs + 1);
  downstream->scratch = g_new0 (double, scratch + 1);
}

CpacDownstream *
cpac_downstream_new (const CpacNetwork *network, const CpacParams *params, gint start,
                     const guint *ends, guint n_ends, GError **error)
{
  g_autoptr (CpacDownstream) downstream = g_new0 (CpacDownstream, 1);
  guint64 n;
  gsize scratch;

  downstream->network = network;
  downstream->params = params;
  downstream->n_nodes = cpac_network_get_n_layers (network) + 1;
  downstream->roles = cpac_ways_find_roles (network, start, ends, n_ends);
  n = count_elements (downstream, &scratch);
  if (n > CPAC_MAX_ELEMENTS) {
    g_set_error (error, CPAC_ERROR, CPAC_ERROR_SHAPE,
                 "going back from the score takes %" G_GUINT64_FORMAT
                 " numbers, at most %u are taken",
                 n, CPAC_MAX_ELEMENTS);
    return NULL;
  }
  allocate (downstream, scratch);
  return g_steal_pointer (&downstream);
}

static void
free_planes (double **planes, guint n)
{
  for (guint i = 0; planes != NULL && i < n; i++)
    g_free (planes[i]);
  g_free (planes);
}

void
cpac_downstream_free (CpacDownstream *downstream)
{
  if (downstream == NULL)
    return;
  free_planes (downstream->values, downstream->n_nodes);
  free_planes (downstream->dvalues, downstream->n_nodes);
  free_planes (downstream->weights, downstream->params->n_params);
  free_planes (downstream->dweights, downstream->params->n_params);
  g_free (downstream->roles);
  g_free (downstream->in);
  g_free (downstream->din);
  g_free (downstream->scratch);
  g_free (downstream);
}

void
cpac_downstream_mark (const CpacDownstream *downstream, gboolean *layers)
{
  for (guint node = 1; node < downstream->n_nodes; node++)
    if (downstream->roles[node] == CPAC_ROLE_CONSTANT)
      layers[node - 1] = TRUE;
}

/* ---- The passes ---- */

double *
cpac_downstream_get_value (CpacDownstream *downstream, gint layer)
{
  return downstream->values[node_of (layer)];
}

double *
cpac_downstream_get_gradient (CpacDownstream *downstream, gint layer)
{
  return downstream->dvalues[node_of (layer)];
}

void
cpac_downstream_load (CpacDownstream *downstream, const CpacActivations *activations)
{
  for (guint node = 0; node < downstream->n_nodes; node++) {
    gsize n = cpac_dims_count (dims_of (downstream->network, node));
    const float *from;

    if (downstream->roles[node] != CPAC_ROLE_CONSTANT)
      continue;
    from = cpac_activations_get (activations, (gint) node - 1);
    for (gsize i = 0; i < n; i++)
      downstream->values[node][i] = from[i];
  }
}

/* Points in and din to the inputs of the layer at @node. */
static void
gather_inputs (CpacDownstream *downstream, const CpacLayer *layer, guint node)
{
  const gint *inputs = cpac_network_get_inputs (downstream->network, node - 1);

  for (guint k = 0; k < layer->n_inputs; k++) {
    downstream->in[k] = downstream->values[node_of (inputs[k])];
    downstream->din[k] = downstream->dvalues[node_of (inputs[k])];
  }
}

void
cpac_downstream_forward (CpacDownstream *downstream)
{
  for (guint node = 1; node < downstream->n_nodes; node++) {
    const CpacLayer *layer = layer_on_way (downstream, node);
    guint n_slices = layer != NULL ? cpac_layer_get_n_slices (layer) : 0;

    if (layer == NULL)
      continue;
    gather_inputs (downstream, layer, node);
    for (guint begin = 0; begin < n_slices; begin += CPAC_STRIP) {
      const CpacForward call = {
        .in = downstream->in,
        .params = (const void *const *) (downstream->weights + downstream->params->first[node - 1]),
        .out = downstream->values[node],
        .scratch = downstream->scratch,
        .begin = begin,
        .end = MIN (begin + CPAC_STRIP, n_slices),
      };

      layer->klass->forward_f64 (layer, &call);
    }
  }
}

static void
clear_weights (CpacDownstream *downstream, const CpacLayer *layer, guint first)
{
  for (guint p = 0; p < layer->n_params; p++)
    memset (downstream->dweights[first + p], 0,
            cpac_shape_count (&layer->params[p].shape) * sizeof (double));
}

void
cpac_downstream_clear (CpacDownstream *downstream)
{
  for (guint node = 0; node < downstream->n_nodes; node++) {
    const CpacLayer *layer = layer_on_way (downstream, node);
    gsize n = cpac_dims_count (dims_of (downstream->network, node));

    if (downstream->dvalues[node] != NULL)
      memset (downstream->dvalues[node], 0, n * sizeof (double));
    if (layer != NULL)
      clear_weights (downstream, layer, downstream->params->first[node - 1]);
  }
}

void
cpac_downstream_backward (CpacDownstream *downstream)
{
  for (guint node = downstream->n_nodes; --node > 0;) {
    const CpacLayer *layer = layer_on_way (downstream, node);
    guint first = layer != NULL ? downstream->params->first[node - 1] : 0;
    const CpacBackward call = {
      .in = downstream->in,
      .params = (const void *const *) (downstream->weights + first),
      .dout = downstream->dvalues[node],
      .din = downstream->din,
      .dparams = (void *const *) (downstream->dweights + first),
      .scratch = downstream->scratch,
    };

    if (layer == NULL)
      continue;
    gather_inputs (downstream, layer, node);
    layer->klass->backward_f64 (layer, &call);
  }
}

static double
dot (const double *x, const double *y, gsize n)
{
  double sum = 0;

  for (gsize i = 0; i < n; i++)
    sum += x[i] * y[i];
  return sum;
}

static double
biases_of (const CpacDownstream *downstream, const CpacLayer *layer, guint first)
{
  double sum = 0;

  for (guint p = 0; p < layer->n_params; p++)
    if (g_str_equal (layer->params[p].name, "bias"))
      sum += dot (downstream->weights[first + p], downstream->dweights[first + p],
                  cpac_shape_count (&layer->params[p].shape));
  return sum;
}

double
cpac_downstream_get_offset (const CpacDownstream *downstream)
{
  double sum = 0;

  for (guint node = 0; node < downstream->n_nodes; node++) {
    const CpacLayer *layer = layer_on_way (downstream, node);

    if (layer != NULL)
      sum += biases_of (downstream, layer, downstream->params->first[node - 1]);
    else if (downstream->roles[node] == CPAC_ROLE_CONSTANT)
      sum += dot (downstream->values[node], downstream->dvalues[node],
                  cpac_dims_count (dims_of (downstream->network, node)));
  }
  return sum;
}
