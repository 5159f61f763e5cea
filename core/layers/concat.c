/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The inputs' channels one behind the other; height and width must be the same. */

#include "core/layers/real.h"
#include "core/layers/types.h"

#include <string.h>

void
CPAC_REAL_NAME (cpac_concat_forward) (const CpacLayer *layer, const CpacForward *call)
{
  const CpacDims *dims = &layer->out;
  gsize n = (gsize) (call->end - call->begin) * dims->width;
  gsize plane = (gsize) dims->height * dims->width, start = (gsize) call->begin * dims->width;
  cpac_real *out = call->out;

  for (guint k = 0; k < layer->n_inputs; k++) {
    const cpac_real *x = call->in[k];

    for (guint c = 0; c < layer->in[k].channels; c++) {
      memcpy (out + start, x + c * plane + start, n * sizeof (cpac_real));
      out += plane;
    }
  }
}

void
CPAC_REAL_NAME (cpac_concat_backward) (const CpacLayer *layer, const CpacBackward *call)
{
  const cpac_real *dy = call->dout;

  for (guint k = 0; k < layer->n_inputs; k++) {
    gsize n = cpac_dims_count (&layer->in[k]);

    if (call->din[k] != NULL)
      cpac_axpy (n, 1, dy, call->din[k]);
    dy += n;
  }
}

#if CPAC_CLASS_PART

static const char *const keys[] = { NULL };

static gboolean
setup (CpacLayer *layer, const CpacConfig *map, GError **error)
{
  guint64 channels = 0;

  for (guint k = 0; k < layer->n_inputs; k++) {
    channels += layer->in[k].channels;
    if (layer->in[k].height != layer->in[0].height || layer->in[k].width != layer->in[0].width) {
      g_autofree char *first = cpac_dims_to_string (&layer->in[0]);
      g_autofree char *other = cpac_dims_to_string (&layer->in[k]);

      return cpac_config_error (map, CPAC_ERROR_SHAPE, error,
                                "layer %s joins inputs of different size: input 1 is %s, input %u "
                                "is %s",
                                layer->name, first, k + 1, other);
    }
  }
  layer->out = layer->in[0];
  layer->out.channels = (guint) MIN (channels, G_MAXUINT);
  return TRUE;
}

const CpacLayerClass cpac_concat_class = {
  .type = "concat",
  .instance_size = sizeof (CpacLayer),
  .min_inputs = 2,
  .max_inputs = G_MAXUINT,
  .keys = keys,
  .setup = setup,
  .piecewise_linear = TRUE,
  .forward_f32 = cpac_concat_forward_f32,
  .forward_f64 = cpac_concat_forward_f64,
  .backward_f32 = cpac_concat_backward_f32,
  .backward_f64 = cpac_concat_backward_f64,
};

#endif
