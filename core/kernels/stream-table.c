/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* One level's table. Compiled once per level. */

#include "core/kernels/stream-parts.h"

extern const CpacStreamKernels LEVEL_NAME (cpac_stream_kernels);

const CpacStreamKernels LEVEL_NAME (cpac_stream_kernels) = {
  .lanes = LANES,
  .tile_rows = TILE_ROWS,
  .few_inputs = FEW_INPUTS,
  .product = LEVEL_NAME (cpac_product),
  .product_pool = LEVEL_NAME (cpac_product_pool),
  .row_taps = LEVEL_NAME (cpac_row_taps),
  .row_taps_sliding = LEVEL_NAME (cpac_row_taps_sliding),
  .column_taps = LEVEL_NAME (cpac_column_taps),
  .column_taps_pool = LEVEL_NAME (cpac_column_taps_pool),
  .gather = LEVEL_NAME (cpac_gather),
  .fill = LEVEL_NAME (cpac_fill),
  .split = LEVEL_NAME (cpac_split),
  .relu = LEVEL_NAME (cpac_relu),
  .add = LEVEL_NAME (cpac_add),
  .pool = LEVEL_NAME (cpac_pool),
  .upsample = LEVEL_NAME (cpac_upsample),
  .sum = LEVEL_NAME (cpac_sum),
  .dot = LEVEL_NAME (cpac_dot),
  .total = LEVEL_NAME (cpac_total),
  .squares = LEVEL_NAME (cpac_squares),
  .rescale = LEVEL_NAME (cpac_rescale),
  .column_moments = LEVEL_NAME (cpac_column_moments),
  .contrast = LEVEL_NAME (cpac_contrast),
};
