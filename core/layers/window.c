/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/layers/window.h"

typedef enum { PADDING_VALID, PADDING_SAME, PADDING_EXPLICIT } Padding;

static const char *const padding_names[] = { "valid", "same", NULL };
static const char *const axis_names[] = { "high", "wide" };

static gboolean
read_padding (const CpacConfig *map, Padding *padding, CpacWindow *window, GError **error)
{
  const CpacConfig *node = cpac_config_peek (map, "padding");
  guint sides[4];
  guint index = PADDING_VALID;

  *padding = PADDING_VALID;
  if (node == NULL)
    return TRUE;
  if (cpac_config_get_kind (node) != CPAC_CONFIG_LIST) {
    if (!cpac_config_as_choice (node, padding_names, &index, error))
      return FALSE;
    *padding = index;
    return TRUE;
  }
  if (!cpac_config_get_uints (map, "padding", 4, 0, CPAC_MAX_SIDE, sides, error))
    return FALSE;
  *padding = PADDING_EXPLICIT; /* [top, left, bottom, right] */
  window->before[0] = sides[0];
  window->before[1] = sides[1];
  window->after[0] = sides[2];
  window->after[1] = sides[3];
  return TRUE;
}

/* Size along one axis; "same" also sets the padding: ceil (in / stride) outputs, an odd pixel to
 * the bottom or right (TensorFlow's rule). */
static gboolean
plan_axis (CpacWindow *window, guint axis, Padding padding, gboolean ceiling, const CpacConfig *map,
           guint n_in, guint *n_out, GError **error)
{
  guint64 extent = (guint64) (window->size[axis] - 1) * window->dilation[axis] + 1;
  guint64 stride = window->stride[axis];
  guint64 padded, outputs;

  if (padding == PADDING_SAME) {
    guint64 needed;

    outputs = (n_in + stride - 1) / stride;
    needed = (outputs - 1) * stride + extent;
    needed = needed > n_in ? needed - n_in : 0;
    window->before[axis] = (guint) (needed / 2);
    window->after[axis] = (guint) (needed - needed / 2);
    *n_out = (guint) outputs;
    return TRUE;
  }
  padded = (guint64) n_in + window->before[axis] + window->after[axis];
  if (padded < extent)
    return cpac_config_error (map, CPAC_ERROR_SHAPE, error,
                              "window is %" G_GUINT64_FORMAT
                              " %s, but its input has only %" G_GUINT64_FORMAT " (with padding)",
                              extent, axis_names[axis], padded);
  outputs = (padded - extent) / stride + 1;
  /* Rounding up adds a last, clipped window, but never one that starts beyond the picture. */
  if (ceiling && (padded - extent) % stride != 0 &&
      outputs * stride < (guint64) n_in + window->before[axis])
    outputs++;
  *n_out = (guint) outputs;
  return TRUE;
}

static gboolean
plan (CpacWindow *window, Padding padding, gboolean ceiling, const CpacConfig *map,
      const CpacDims *in, guint *height, guint *width, GError **error)
{
  return plan_axis (window, 0, padding, ceiling, map, in->height, height, error) &&
         plan_axis (window, 1, padding, ceiling, map, in->width, width, error);
}

gboolean
cpac_window_setup_conv (CpacWindow *window, const CpacConfig *map, const CpacDims *in,
                        guint *height, guint *width, GError **error)
{
  Padding padding;

  window->stride[0] = window->stride[1] = 1;
  window->dilation[0] = window->dilation[1] = 1;
  return cpac_layer_get_pair (map, "stride", 1, CPAC_MAX_SIDE, window->stride, error) &&
         cpac_layer_get_pair (map, "dilation", 1, CPAC_MAX_SIDE, window->dilation, error) &&
         read_padding (map, &padding, window, error) &&
         plan (window, padding, FALSE, map, in, height, width, error);
}

gboolean
cpac_window_setup_pool (CpacWindow *window, const CpacConfig *map, const CpacDims *in,
                        guint *height, guint *width, GError **error)
{
  Padding padding;
  gboolean ceiling = FALSE;

  if (!cpac_config_get (map, "size", error) ||
      !cpac_layer_get_pair (map, "size", 1, CPAC_MAX_SIDE, window->size, error))
    return FALSE;
  window->stride[0] = window->size[0];
  window->stride[1] = window->size[1];
  window->dilation[0] = window->dilation[1] = 1;
  if (!cpac_layer_get_pair (map, "stride", 1, CPAC_MAX_SIDE, window->stride, error) ||
      !read_padding (map, &padding, window, error) ||
      !cpac_config_get_boolean_default (map, "ceil", &ceiling, error))
    return FALSE;
  /* A window wholly inside the padding would have no pixel to take the maximum or mean of. */
  for (guint axis = 0; axis < 2; axis++)
    if (window->before[axis] >= window->size[axis] || window->after[axis] >= window->size[axis])
      return cpac_config_error (cpac_config_peek (map, "padding"), CPAC_ERROR_SCHEMA, error,
                                "padding must be smaller than the pool's size, %u %s",
                                window->size[axis], axis_names[axis]);
  return plan (window, padding, ceiling, map, in, height, width, error);
}
