/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The layer types, one file each; private to core/layers. Each file gives its class and, compiled
 * for float and for double (real.h), its arithmetic. */

#include "core/layers/layer.h"

#define CPAC_DECLARE_LAYER(name)                                                                   \
  extern const CpacLayerClass cpac_##name##_class;                                                 \
  void cpac_##name##_forward_f32 (const CpacLayer *layer, const CpacForward *call);                \
  void cpac_##name##_forward_f64 (const CpacLayer *layer, const CpacForward *call);                \
  void cpac_##name##_backward_f32 (const CpacLayer *layer, const CpacBackward *call);              \
  void cpac_##name##_backward_f64 (const CpacLayer *layer, const CpacBackward *call)

CPAC_DECLARE_LAYER (add);
CPAC_DECLARE_LAYER (average_pool);
CPAC_DECLARE_LAYER (concat);
CPAC_DECLARE_LAYER (conv);
CPAC_DECLARE_LAYER (cpac_conv);
CPAC_DECLARE_LAYER (flatten);
CPAC_DECLARE_LAYER (global_average_pool);
CPAC_DECLARE_LAYER (linear);
CPAC_DECLARE_LAYER (local_contrast);
CPAC_DECLARE_LAYER (max_pool);
CPAC_DECLARE_LAYER (relu);
CPAC_DECLARE_LAYER (standardize);
CPAC_DECLARE_LAYER (template);
CPAC_DECLARE_LAYER (upsample);
