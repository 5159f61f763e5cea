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

#if CPAC_CLASS_PART

const CpacLayerClass cpac_average_pool_class = {
  .type = "average-pool",
  .instance_size = sizeof (CpacPoolLayer),
  .min_inputs = 1,
  .max_inputs = 1,
  .keys = cpac_pool_keys,
  .setup = cpac_pool_setup,
  .forward_f32 = cpac_average_pool_forward_f32,
  .forward_f64 = cpac_average_pool_forward_f64,
};

#endif
