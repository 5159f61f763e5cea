/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Y[c,p,q] = the largest X[c,i,j] of the window; the first maximum, in row order, wins ties. Not a
 * number wins over all numbers, so that it reaches the score, where it is noticed. */

#include "core/layers/pool.h"

#include <math.h>

static cpac_real
largest (const cpac_real *plane, gsize stride, guint top, guint bottom, guint left, guint right)
{
  cpac_real best = plane[top * stride + left];

  for (guint i = top; i < bottom; i++)
    for (guint j = left; j < right; j++)
      if (plane[i * stride + j] > best || isnan (plane[i * stride + j]))
        best = plane[i * stride + j];
  return best;
}

void
CPAC_REAL_NAME (cpac_max_pool_forward) (const CpacLayer *layer, const CpacForward *call)
{
  cpac_pool_forward (layer, call, largest);
}

/* The first largest pixel takes it all. */
static void
to_largest (const cpac_real *plane, cpac_real *dplane, gsize stride, guint top, guint bottom,
            guint left, guint right, cpac_real dy)
{
  gsize best = top * stride + left;

  for (guint i = top; i < bottom; i++)
    for (guint j = left; j < right; j++)
      if (plane[i * stride + j] > plane[best])
        best = i * stride + j;
  dplane[best] += dy;
}

void
CPAC_REAL_NAME (cpac_max_pool_backward) (const CpacLayer *layer, const CpacBackward *call)
{
  cpac_pool_backward (layer, call, to_largest);
}

#if CPAC_CLASS_PART

const CpacLayerClass cpac_max_pool_class = {
  .type = "max-pool",
  .instance_size = sizeof (CpacPoolLayer),
  .min_inputs = 1,
  .max_inputs = 1,
  .keys = cpac_pool_keys,
  .setup = cpac_pool_setup,
  .piecewise_linear = TRUE,
  .forward_f32 = cpac_max_pool_forward_f32,
  .forward_f64 = cpac_max_pool_forward_f64,
  .backward_f32 = cpac_max_pool_backward_f32,
  .backward_f64 = cpac_max_pool_backward_f64,
};

#endif
