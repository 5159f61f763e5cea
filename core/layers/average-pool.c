/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Y[c,p,q] = the mean of X[c,i,j] over the pixels of the window that lie inside the picture. */

#include "core/layers/pool.h"

static cpac_real
mean (const cpac_real *plane, gsize stride, guint top, guint bottom, guint left, guint right)
{
  cpac_real sum = 0;

  for (guint i = top; i < bottom; i++)
    for (guint j = left; j < right; j++)
      sum += plane[i * stride + j];
  return sum / (cpac_real) ((gsize) (bottom - top) * (right - left));
}

void
CPAC_REAL_NAME (cpac_average_pool_forward) (const CpacLayer *layer, const CpacForward *call)
{
  cpac_pool_forward (layer, call, mean);
}

/* All pixels inside the picture share it. */
static void
to_all (const cpac_real *plane, cpac_real *dplane, gsize stride, guint top, guint bottom,
        guint left, guint right, cpac_real dy)
{
  cpac_real share = dy / (cpac_real) ((gsize) (bottom - top) * (right - left));

  for (guint i = top; i < bottom; i++)
    for (guint j = left; j < right; j++)
      dplane[i * stride + j] += share;
}

void
CPAC_REAL_NAME (cpac_average_pool_backward) (const CpacLayer *layer, const CpacBackward *call)
{
  cpac_pool_backward (layer, call, to_all);
}

#if CPAC_CLASS_PART

const CpacLayerClass cpac_average_pool_class = {
  .type = "average-pool",
  .instance_size = sizeof (CpacPoolLayer),
  .min_inputs = 1,
  .max_inputs = 1,
  .keys = cpac_pool_keys,
  .setup = cpac_pool_setup,
  .piecewise_linear = TRUE,
  .forward_f32 = cpac_average_pool_forward_f32,
  .forward_f64 = cpac_average_pool_forward_f64,
  .backward_f32 = cpac_average_pool_backward_f32,
  .backward_f64 = cpac_average_pool_backward_f64,
};

#endif
