/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The layer types whose arithmetic exists more than once (reference, training, ONNX): what the
 * reference read from the file. Private to core. */

#include "core/layers/window.h"

typedef struct {
  CpacLayer layer;
  guint filters, rank;
  gboolean bias;
  CpacWindow window;
} CpacConvLayer;

/* Order of a cpac-conv layer's parameters. */
enum { CPAC_CONV_A, CPAC_CONV_B, CPAC_CONV_C, CPAC_CONV_D, CPAC_CONV_BIAS };

/* A cpac-conv layer in two halves: the maps of its components, Z (R, height, width) of its output's
 * size, which stages 1 to 3 make of @x; and its output @y, which stage 4 makes of these. @params:
 * in the order above; @scratch: what get_scratch() asks for all slices. */
void cpac_cpac_conv_get_components (const CpacConvLayer *conv, const double *x,
                                    const double *const *params, double *scratch, double *z);
void cpac_cpac_conv_join_components (const CpacConvLayer *conv, const double *z,
                                     const double *const *params, double *y);

typedef struct {
  CpacLayer layer;
  guint filters;
  gboolean bias;
  CpacWindow window;
} CpacDenseConvLayer;

/* Order of the parameters of conv and linear. */
enum { CPAC_DENSE_WEIGHT, CPAC_DENSE_BIAS };

typedef struct {
  CpacLayer layer;
  CpacWindow window;
} CpacPoolLayer;

typedef struct {
  CpacLayer layer;
  double mean, spread, floor;
  double min, max; /* the clip; infinite without */
} CpacStandardizeLayer;

typedef struct {
  CpacLayer layer;
  guint window;
  double epsilon;
} CpacLocalContrastLayer;
