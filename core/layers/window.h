/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/layers/layer.h"

G_BEGIN_DECLS

/**
 * CpacWindow:
 *
 * Where a convolution or pooling window reads: output (p, q), tap (y, x) reads input
 * (p stride[0] + y dilation[0] - top, q stride[1] + x dilation[1] - left); taps outside the input
 * are zero (convolution) or left out (pooling). Index 0 is vertical, 1 horizontal.
 */
typedef struct {
  guint size[2];
  guint stride[2];
  guint dilation[2];
  guint before[2]; /* padding at the top and at the left */
  guint after[2];  /* at the bottom and at the right */
} CpacWindow;

/* Reads stride, dilation and padding of a convolution whose size is set, and works out
 * @height and @width of the output. */
gboolean cpac_window_setup_conv (CpacWindow *window, const CpacConfig *map, const CpacDims *in,
                                 guint *height, guint *width, GError **error);

/* Reads size, stride (default: size), padding and ceil of a pool. */
gboolean cpac_window_setup_pool (CpacWindow *window, const CpacConfig *map, const CpacDims *in,
                                 guint *height, guint *width, GError **error);

/* Half-open range of outputs along @axis for which tap @tap lies inside an input of @n_in: output
 * o reads o stride + tap dilation - before. */
static inline void
cpac_window_range (const CpacWindow *window, guint axis, guint tap, guint n_in, guint n_out,
                   guint *begin, guint *end)
{
  gint64 offset = (gint64) tap * window->dilation[axis] - window->before[axis];
  gint64 stride = window->stride[axis];
  gint64 first = offset >= 0 ? 0 : (-offset + stride - 1) / stride;
  gint64 last = (gint64) n_in - 1 - offset; /* largest o stride inside */
  gint64 stop = last < 0 ? 0 : last / stride + 1;

  stop = MIN (stop, (gint64) n_out);
  *begin = (guint) MIN (first, stop);
  *end = (guint) stop;
}

G_END_DECLS
