/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "core/explain/prune-private.h"
#include "core/explain/significance.h"

static gboolean *
flags_of (const CpacPrune *prune, const guint *groups, guint n)
{
  gboolean *flags = g_new (gboolean, n);

  for (guint c = 0; c < n; c++)
    flags[c] = prune->groups[groups[c]];
  return flags;
}

void
cpac_prune_weights_init (CpacPruneWeights *weights, const CpacPrune *prune,
                         const CpacParams *params, guint index)
{
  const CpacLayer *layer = cpac_network_get_layer (prune->network, index);

  weights->layer = layer;
  weights->values = params->values + params->first[index];
  weights->components = prune->components[index];
  weights->inputs =
      flags_of (prune, cpac_channels_of_input (prune->channels, prune->network, index),
                layer->in[0].channels);
  weights->outputs = flags_of (prune, prune->channels->of_layer[index], layer->out.channels);
}

void
cpac_prune_weights_clear (CpacPruneWeights *weights)
{
  g_clear_pointer (&weights->inputs, g_free);
  g_clear_pointer (&weights->outputs, g_free);
}

static CpacPruneView
view_of (const CpacTensor *tensor, const gboolean *rows, guint n_columns, const gboolean *columns)
{
  guint n_rows = (guint) tensor->shape.dims[0];

  return (CpacPruneView){ tensor->data, rows,
                          columns,      n_rows,
                          n_columns,    cpac_shape_count (&tensor->shape) / n_rows / n_columns };
}

CpacPruneView
cpac_prune_view_factor (const CpacPruneWeights *w, guint mode)
{
  const gboolean *rows = mode == CPAC_MODE_FILTERS  ? w->outputs
                         : mode == CPAC_MODE_INPUTS ? w->inputs
                                                    : NULL;

  return view_of (w->values[mode], rows, cpac_prune_rank_of (w->layer), w->components);
}

CpacPruneView
cpac_prune_view_dense (const CpacPruneWeights *w)
{
  return view_of (w->values[CPAC_DENSE_WEIGHT], w->outputs, w->layer->in[0].channels, w->inputs);
}

const CpacTensor *
cpac_prune_get_bias (const CpacPruneWeights *w)
{
  guint index = w->components != NULL ? (guint) CPAC_CONV_BIAS : (guint) CPAC_DENSE_BIAS;

  return index < w->layer->n_params ? w->values[index] : NULL;
}

/* ---- The parameters of what is left ---- */

/* Entries of @view whose row and column count, one behind the other. */
static void
copy_view (const CpacPruneView *view, CpacTensor *to)
{
  float *out = to->data;

  for (guint i = 0; i < view->n_rows; i++)
    for (guint k = 0; k < view->n_columns; k++) {
      if ((view->rows != NULL && !view->rows[i]) || (view->columns != NULL && !view->columns[k]))
        continue;
      memcpy (out, view->data + ((gsize) i * view->n_columns + k) * view->n,
              view->n * sizeof (float));
      out += view->n;
    }
  g_assert (out == to->data + cpac_shape_count (&to->shape));
}

static void
copy_layer (const CpacPruneWeights *w, CpacTensor **to)
{
  const CpacTensor *bias = cpac_prune_get_bias (w);
  guint n = w->components != NULL ? CPAC_N_MODES : 1;

  for (guint m = 0; m < n; m++) {
    CpacPruneView view =
        w->components != NULL ? cpac_prune_view_factor (w, m) : cpac_prune_view_dense (w);

    copy_view (&view, to[m]);
  }
  if (bias != NULL) {
    CpacPruneView view = view_of (bias, w->outputs, 1, NULL);

    copy_view (&view, to[n]);
  }
}

CpacParams *
cpac_prune_params (const CpacPrune *prune, const CpacParams *params, const CpacNetwork *pruned)
{
  /* The values are overwritten; what matters is their shape. */
  CpacParams *result = cpac_params_new_random (pruned, 0);

  for (guint i = 0; i < prune->channels->n_layers; i++) {
    const CpacLayer *layer = cpac_network_get_layer (prune->network, i);
    CpacTensor **to = result->values + result->first[i];
    g_auto (CpacPruneWeights) w = { 0 };

    if (cpac_channels_are_made_by (layer)) {
      cpac_prune_weights_init (&w, prune, params, i);
      copy_layer (&w, to);
      continue;
    }
    for (guint p = 0; p < layer->n_params; p++)
      memcpy (to[p]->data, params->values[params->first[i] + p]->data,
              cpac_shape_count (&to[p]->shape) * sizeof (float));
  }
  return result;
}
