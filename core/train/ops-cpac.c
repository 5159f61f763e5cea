/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* CPAC-Conv for training: in strips where the stride is 1, whole planes at a time elsewhere. */

#include "core/train/cpac-stages.h"
#include "core/train/cpac-strips.h"
#include "core/train/ops-private.h"
#include "core/train/tail.h"

gsize
cpac_train_cpac_conv_cache (const CpacLayer *layer)
{
  CpacStages stages = cpac_stages_sizes (layer);
  CpacStrips strips = cpac_strips_sizes (layer);

  return cpac_strips_suit (layer) ? cpac_strips_cached_count (&strips)
                                  : cpac_stages_count (&stages);
}

gsize
cpac_train_cpac_conv_scratch (const CpacLayer *layer, guint n_slices)
{
  return cpac_train_cpac_conv_backward_scratch (layer);
}

gsize
cpac_train_cpac_conv_backward_scratch (const CpacLayer *layer)
{
  CpacStrips strips = cpac_strips_sizes (layer);

  return cpac_strips_suit (layer) ? cpac_strips_count (&strips) : cpac_stages_scratch (layer);
}

guint
cpac_train_cpac_conv_take_along (const CpacLayer *layer, const CpacLayer *const *behind, guint n)
{
  return cpac_strips_suit (layer) ? cpac_tail_match (behind, n) : 0;
}

void
cpac_train_cpac_conv_forward (const CpacLayer *layer, const CpacForward *call)
{
  g_assert (call->begin == 0 && call->end == layer->out.height);
  (cpac_strips_suit (layer) ? cpac_strips_forward : cpac_stages_forward) (layer, call);
}

void
cpac_train_cpac_conv_backward (const CpacLayer *layer, const CpacBackward *call)
{
  (cpac_strips_suit (layer) ? cpac_strips_backward : cpac_stages_backward) (layer, call);
}
