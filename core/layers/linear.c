/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Fully connected layer on the flattened input (C, H, W order):
 *
 *   Y[u] = bias[u] + sum_i weight[u,i] X[i]
 *
 * A slice is one unit.
 */

#include "core/layers/real.h"
#include "core/layers/types.h"

enum { PARAM_WEIGHT, PARAM_BIAS };

typedef struct {
  CpacLayer layer;
  guint units;
  gboolean bias;
} LinearLayer;

void
CPAC_REAL_NAME (cpac_linear_forward) (const CpacLayer *layer, const CpacForward *call)
{
  const LinearLayer *linear = (const LinearLayer *) layer;
  const cpac_real *weight = call->params[PARAM_WEIGHT];
  const cpac_real *bias = linear->bias ? call->params[PARAM_BIAS] : NULL;
  gsize n = cpac_dims_count (&layer->in[0]);
  cpac_real *out = call->out;

  for (guint u = call->begin; u < call->end; u++)
    out[u] = cpac_dot (n, weight + u * n, call->in[0]) + (bias != NULL ? bias[u] : 0);
}

/* dW[u,i] = dY[u] X[i], dbias = dY, dX[i] = sum_u W[u,i] dY[u] */
void
CPAC_REAL_NAME (cpac_linear_backward) (const CpacLayer *layer, const CpacBackward *call)
{
  const LinearLayer *linear = (const LinearLayer *) layer;
  const cpac_real *weight = call->params[PARAM_WEIGHT], *dy = call->dout;
  gsize n = cpac_dims_count (&layer->in[0]);

  for (guint u = 0; u < linear->units; u++) {
    cpac_axpy (n, dy[u], call->in[0], (cpac_real *) call->dparams[PARAM_WEIGHT] + u * n);
    if (call->din[0] != NULL)
      cpac_axpy (n, dy[u], weight + u * n, call->din[0]);
  }
  if (linear->bias)
    cpac_axpy (linear->units, 1, dy, call->dparams[PARAM_BIAS]);
}

#if CPAC_CLASS_PART

static const char *const keys[] = { "units", "bias", NULL };

static gboolean
setup (CpacLayer *layer, const CpacConfig *map, GError **error)
{
  LinearLayer *linear = (LinearLayer *) layer;
  gsize n = cpac_dims_count (&layer->in[0]);

  linear->bias = TRUE;
  if (!cpac_config_get_uint (map, "units", 1, CPAC_MAX_CHANNELS, &linear->units, error) ||
      !cpac_config_get_boolean_default (map, "bias", &linear->bias, error))
    return FALSE;
  layer->out = (CpacDims){ linear->units, 1, 1 };
  return cpac_layer_add_param (layer, "weight", CPAC_SHAPE (linear->units, n), map, error) &&
         (!linear->bias ||
          cpac_layer_add_param (layer, "bias", CPAC_SHAPE (linear->units), map, error));
}

static guint
get_n_slices (const CpacLayer *layer)
{
  return layer->out.channels;
}

static void
count (const CpacLayer *layer, CpacCost *cost)
{
  cost->macs = cpac_dims_count (&layer->in[0]) * layer->out.channels;
  cost->macs_dense = cost->macs;
}

const CpacLayerClass cpac_linear_class = {
  .type = "linear",
  .instance_size = sizeof (LinearLayer),
  .min_inputs = 1,
  .max_inputs = 1,
  .keys = keys,
  .setup = setup,
  .piecewise_linear = TRUE,
  .get_n_slices = get_n_slices,
  .count = count,
  .forward_f32 = cpac_linear_forward_f32,
  .forward_f64 = cpac_linear_forward_f64,
  .backward_f32 = cpac_linear_backward_f32,
  .backward_f64 = cpac_linear_backward_f64,
};

#endif
