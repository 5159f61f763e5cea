/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Y = max (0, X), element by element. Not a number stays not a number, so that it reaches the
 * score, where it is noticed. */

#include "core/layers/real.h"
#include "core/layers/types.h"

void
CPAC_REAL_NAME (cpac_relu_forward) (const CpacLayer *layer, const CpacForward *call)
{
  const CpacDims *dims = &layer->out;
  gsize n = (gsize) (call->end - call->begin) * dims->width;

  for (guint c = 0; c < dims->channels; c++) {
    gsize offset = ((gsize) c * dims->height + call->begin) * dims->width;
    const cpac_real *x = (const cpac_real *) call->in[0] + offset;
    cpac_real *y = (cpac_real *) call->out + offset;

    for (gsize i = 0; i < n; i++)
      y[i] = x[i] < 0 ? 0 : x[i];
  }
}

/* dX = dY where X > 0, else 0. */
void
CPAC_REAL_NAME (cpac_relu_backward) (const CpacLayer *layer, const CpacBackward *call)
{
  const cpac_real *x = call->in[0], *dy = call->dout;
  cpac_real *dx = call->din[0];
  gsize n = cpac_dims_count (&layer->out);

  if (dx == NULL)
    return;
  for (gsize i = 0; i < n; i++)
    dx[i] += x[i] > 0 ? dy[i] : 0;
}

#if CPAC_CLASS_PART

static const char *const keys[] = { NULL };

static gboolean
setup (CpacLayer *layer, const CpacConfig *map, GError **error)
{
  layer->out = layer->in[0];
  return TRUE;
}

const CpacLayerClass cpac_relu_class = {
  .type = "relu",
  .instance_size = sizeof (CpacLayer),
  .min_inputs = 1,
  .max_inputs = 1,
  .keys = keys,
  .setup = setup,
  .piecewise_linear = TRUE,
  .forward_f32 = cpac_relu_forward_f32,
  .forward_f64 = cpac_relu_forward_f64,
  .backward_f32 = cpac_relu_backward_f32,
  .backward_f64 = cpac_relu_backward_f64,
};

#endif
