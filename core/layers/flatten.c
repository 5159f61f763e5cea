/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The same numbers as one vector, in C, H, W order. A slice is one input channel. */

#include "core/layers/real.h"
#include "core/layers/types.h"

#include <string.h>

void
CPAC_REAL_NAME (cpac_flatten_forward) (const CpacLayer *layer, const CpacForward *call)
{
  gsize plane = (gsize) layer->in[0].height * layer->in[0].width;

  memcpy ((cpac_real *) call->out + call->begin * plane,
          (const cpac_real *) call->in[0] + call->begin * plane,
          (call->end - call->begin) * plane * sizeof (cpac_real));
}

void
CPAC_REAL_NAME (cpac_flatten_backward) (const CpacLayer *layer, const CpacBackward *call)
{
  if (call->din[0] != NULL)
    cpac_axpy (cpac_dims_count (&layer->out), 1, call->dout, call->din[0]);
}

#if CPAC_CLASS_PART

static const char *const keys[] = { NULL };

static gboolean
setup (CpacLayer *layer, const CpacConfig *map, GError **error)
{
  layer->out = (CpacDims){ (guint) cpac_dims_count (&layer->in[0]), 1, 1 };
  return TRUE;
}

static guint
get_n_slices (const CpacLayer *layer)
{
  return layer->in[0].channels;
}

const CpacLayerClass cpac_flatten_class = {
  .type = "flatten",
  .instance_size = sizeof (CpacLayer),
  .min_inputs = 1,
  .max_inputs = 1,
  .keys = keys,
  .setup = setup,
  .piecewise_linear = TRUE,
  .get_n_slices = get_n_slices,
  .forward_f32 = cpac_flatten_forward_f32,
  .forward_f64 = cpac_flatten_forward_f64,
  .backward_f32 = cpac_flatten_backward_f32,
  .backward_f64 = cpac_flatten_backward_f64,
};

#endif
