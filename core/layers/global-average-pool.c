/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Y[c] = mean of X[c,i,j] over the picture. Rows are summed one by one and the row sums added in
 * row order, in double: the order does not depend on how the work is shared. A slice is a channel.
 */

#include "core/layers/real.h"
#include "core/layers/types.h"

void
CPAC_REAL_NAME (cpac_global_average_pool_forward) (const CpacLayer *layer, const CpacForward *call)
{
  const CpacDims *in = &layer->in[0];
  cpac_real *out = call->out;

  for (guint c = call->begin; c < call->end; c++) {
    const cpac_real *plane = (const cpac_real *) call->in[0] + (gsize) c * in->height * in->width;
    double total = 0;

    for (guint i = 0; i < in->height; i++) {
      double row = 0;

      for (guint j = 0; j < in->width; j++)
        row += plane[(gsize) i * in->width + j];
      total += row;
    }
    out[c] = (cpac_real) (total / ((double) in->height * in->width));
  }
}

/* dX[c,i,j] = dY[c] / (height width) */
void
CPAC_REAL_NAME (cpac_global_average_pool_backward) (const CpacLayer *layer,
                                                    const CpacBackward *call)
{
  gsize plane = (gsize) layer->in[0].height * layer->in[0].width;
  const cpac_real *dy = call->dout;
  cpac_real *dx = call->din[0];

  if (dx == NULL)
    return;
  for (guint c = 0; c < layer->in[0].channels; c++)
    for (gsize i = 0; i < plane; i++)
      dx[c * plane + i] += dy[c] / (cpac_real) plane;
}

#if CPAC_CLASS_PART

static const char *const keys[] = { NULL };

static gboolean
setup (CpacLayer *layer, const CpacConfig *map, GError **error)
{
  layer->out = (CpacDims){ layer->in[0].channels, 1, 1 };
  return TRUE;
}

static guint
get_n_slices (const CpacLayer *layer)
{
  return layer->out.channels;
}

const CpacLayerClass cpac_global_average_pool_class = {
  .type = "global-average-pool",
  .instance_size = sizeof (CpacLayer),
  .min_inputs = 1,
  .max_inputs = 1,
  .keys = keys,
  .setup = setup,
  .piecewise_linear = TRUE,
  .get_n_slices = get_n_slices,
  .forward_f32 = cpac_global_average_pool_forward_f32,
  .forward_f64 = cpac_global_average_pool_forward_f64,
  .backward_f32 = cpac_global_average_pool_backward_f32,
  .backward_f64 = cpac_global_average_pool_backward_f64,
};

#endif
