/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Y = X0 + X1 + ..., element by element, added in the order of the inputs. */

#include "core/layers/real.h"
#include "core/layers/types.h"

void
CPAC_REAL_NAME (cpac_add_forward) (const CpacLayer *layer, const CpacForward *call)
{
  const CpacDims *dims = &layer->out;
  gsize n = (gsize) (call->end - call->begin) * dims->width;

  for (guint c = 0; c < dims->channels; c++) {
    gsize offset = ((gsize) c * dims->height + call->begin) * dims->width;
    cpac_real *y = (cpac_real *) call->out + offset;

    for (gsize i = 0; i < n; i++)
      y[i] = ((const cpac_real *) call->in[0])[offset + i];
    for (guint k = 1; k < layer->n_inputs; k++)
      cpac_axpy (n, 1, (const cpac_real *) call->in[k] + offset, y);
  }
}

void
CPAC_REAL_NAME (cpac_add_backward) (const CpacLayer *layer, const CpacBackward *call)
{
  gsize n = cpac_dims_count (&layer->out);

  for (guint k = 0; k < layer->n_inputs; k++)
    if (call->din[k] != NULL)
      cpac_axpy (n, 1, call->dout, call->din[k]);
}

#if CPAC_CLASS_PART

static const char *const keys[] = { NULL };

static gboolean
setup (CpacLayer *layer, const CpacConfig *map, GError **error)
{
  layer->out = layer->in[0];
  for (guint k = 1; k < layer->n_inputs; k++)
    if (!cpac_dims_equal (&layer->in[k], &layer->in[0])) {
      g_autofree char *first = cpac_dims_to_string (&layer->in[0]);
      g_autofree char *other = cpac_dims_to_string (&layer->in[k]);

      return cpac_config_error (map, CPAC_ERROR_SHAPE, error,
                                "layer %s adds inputs of different shape: input 1 is %s, input %u "
                                "is %s",
                                layer->name, first, k + 1, other);
    }
  return TRUE;
}

const CpacLayerClass cpac_add_class = {
  .type = "add",
  .instance_size = sizeof (CpacLayer),
  .min_inputs = 2,
  .max_inputs = G_MAXUINT,
  .keys = keys,
  .setup = setup,
  .piecewise_linear = TRUE,
  .forward_f32 = cpac_add_forward_f32,
  .forward_f64 = cpac_add_forward_f64,
  .backward_f32 = cpac_add_backward_f32,
  .backward_f64 = cpac_add_backward_f64,
};

#endif
