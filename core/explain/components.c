/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/explain/components.h"

#include "core/layers/options.h"
#include "core/layers/types.h"

/*
 * The layer with as many filters as components, no bias, and the identity for its factor a: its
 * output is Z. So every arithmetic there is for the layer serves.
 */
struct _CpacComponents {
  CpacConvLayer conv;
  CpacTensor *const *values;
  float *identity; /* (rank, rank) */
  float *planes;   /* (rank, Ho, Wo) */
  float *scratch;
  CpacForwardFunc forward;
  guint n_slices; /* computed at once */
};

static gboolean
check_size (const CpacConvLayer *conv, GError **error)
{
  const CpacDims *out = &conv->layer.out;
  guint64 n = MAX (conv->rank, (guint64) out->height * out->width);

  if (n * conv->rank <= CPAC_MAX_ELEMENTS)
    return TRUE;
  g_set_error (error, CPAC_ERROR, CPAC_ERROR_SHAPE,
               "layer %s: %u components of %ux%u are too many to be looked at by themselves, at "
               "most %u elements are taken",
               conv->layer.name, conv->rank, out->height, out->width, CPAC_MAX_ELEMENTS);
  return FALSE;
}

static void
choose_arithmetic (CpacComponents *components, const CpacLayerOps *ops)
{
  const CpacLayer *layer = &components->conv.layer;
  gsize n_scratch;

  while (ops != NULL && ops->klass != NULL && ops->klass != layer->klass)
    ops++;
  if (ops != NULL && ops->klass != NULL) {
    components->forward = ops->forward;
    components->n_slices = layer->out.height;
    n_scratch = ops->get_scratch (layer, components->n_slices);
  } else {
    components->forward = layer->klass->forward_f32;
    components->n_slices = MIN (CPAC_STRIP, layer->out.height);
    n_scratch = cpac_layer_get_scratch (layer, components->n_slices);
  }
  components->scratch = cpac_aligned_new0 (n_scratch, sizeof (float));
}

CpacComponents *
cpac_components_new (const CpacLayer *layer, CpacTensor *const *values, const CpacLayerOps *ops,
                     GError **error)
{
  CpacComponents *components;
  CpacConvLayer *conv;

  g_return_val_if_fail (layer->klass == &cpac_cpac_conv_class, NULL);
  if (!check_size ((const CpacConvLayer *) layer, error))
    return NULL;
  components = g_new0 (CpacComponents, 1);
  conv = &components->conv;
  *conv = *(const CpacConvLayer *) layer;
  conv->bias = FALSE;
  conv->filters = conv->layer.out.channels = conv->rank;
  components->values = values;
  components->identity = cpac_aligned_new0 ((gsize) conv->rank * conv->rank, sizeof (float));
  for (gsize r = 0; r < conv->rank; r++)
    components->identity[r * conv->rank + r] = 1;
  components->planes = cpac_aligned_new0 (cpac_dims_count (&conv->layer.out), sizeof (float));
  choose_arithmetic (components, ops);
  return components;
}

void
cpac_components_free (CpacComponents *components)
{
  if (components == NULL)
    return;
  cpac_aligned_free (components->identity);
  cpac_aligned_free (components->planes);
  cpac_aligned_free (components->scratch);
  g_free (components);
}

const float *
cpac_components_compute (CpacComponents *components, const float *x)
{
  const void *const in[] = { x };
  const void *const params[] = { components->identity, components->values[CPAC_CONV_B]->data,
                                 components->values[CPAC_CONV_C]->data,
                                 components->values[CPAC_CONV_D]->data };
  CpacForward call = {
    .in = in, .params = params, .out = components->planes, .scratch = components->scratch
  };
  guint height = components->conv.layer.out.height;

  for (; call.begin < height; call.begin = call.end) {
    call.end = MIN (call.begin + components->n_slices, height);
    components->forward (&components->conv.layer, &call);
  }
  return components->planes;
}
