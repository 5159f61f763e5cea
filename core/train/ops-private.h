/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/kernels/rows.h"
#include "core/layers/layer.h"

/* The row loops in force, looked up once. */
const CpacRowKernels *cpac_train_rows (void);

gsize cpac_train_cpac_conv_cache (const CpacLayer *layer);
gsize cpac_train_cpac_conv_scratch (const CpacLayer *layer, guint n_slices);
guint
cpac_train_cpac_conv_take_along (const CpacLayer *layer, const CpacLayer *const *behind, guint n);
void cpac_train_cpac_conv_forward (const CpacLayer *layer, const CpacForward *call);
gsize cpac_train_cpac_conv_backward_scratch (const CpacLayer *layer);
void cpac_train_cpac_conv_backward (const CpacLayer *layer, const CpacBackward *call);

gsize cpac_train_conv_scratch (const CpacLayer *layer, guint n_slices);
void cpac_train_conv_forward (const CpacLayer *layer, const CpacForward *call);
gsize cpac_train_conv_backward_scratch (const CpacLayer *layer);
void cpac_train_conv_backward (const CpacLayer *layer, const CpacBackward *call);

void cpac_train_linear_forward (const CpacLayer *layer, const CpacForward *call);
void cpac_train_linear_backward (const CpacLayer *layer, const CpacBackward *call);

/* Adds to @energy (R) the sums of Z_r^2 that the layer's input @x and its four factors @values
 * give. */
void cpac_train_add_component_energy (const CpacLayer *layer, const float *x,
                                      CpacTensor *const *values, double *energy);
