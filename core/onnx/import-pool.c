/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/onnx/import-private.h"

#include <math.h>

/* ---- Windows ---- */

static gboolean
check_mean (const CpacOnnxImport *import, const CpacOnnxWindow *window, GError **error)
{
  gint64 include = 0;
  guint n_pads = window->pads[0] + window->pads[1] + window->pads[2] + window->pads[3];

  if (!cpac_onnx_get_int (import, "count_include_pad", 0, 1, &include, error))
    return FALSE;
  if (include == 0 || n_pads == 0)
    return TRUE;
  return cpac_onnx_refuse (import, CPAC_ERROR_SCHEMA, error,
                           "attribute count_include_pad: found 1 with padding, expected 0: pixels "
                           "outside the picture take no part in a mean");
}

static gboolean
read_pool (const CpacOnnxImport *import, const CpacDims *in, CpacOnnxWindow *window,
           gint64 *ceiling, GError **error)
{
  gint64 size[2] = { 0, 0 }, order = 0;

  if (!cpac_onnx_get_ints (import, "kernel_shape", 2, 1, CPAC_MAX_SIDE, size, error) ||
      !cpac_onnx_get_int (import, "ceil_mode", 0, 1, ceiling, error) ||
      !cpac_onnx_get_int (import, "storage_order", 0, 1, &order, error))
    return FALSE;
  if (size[0] == 0)
    return cpac_onnx_refuse (import, CPAC_ERROR_SCHEMA, error,
                             "attribute kernel_shape: is missing, expected two integers");
  window->size[0] = (guint) size[0];
  window->size[1] = (guint) size[1];
  if (!cpac_onnx_read_window (import, in, window, error))
    return FALSE;
  if (window->dilation[0] == 1 && window->dilation[1] == 1)
    return TRUE;
  return cpac_onnx_refuse (import, CPAC_ERROR_SCHEMA, error,
                           "attribute dilations: found %u and %u, expected 1 in a pool",
                           window->dilation[0], window->dilation[1]);
}

static gboolean
is_max (const CpacOnnxImport *import)
{
  return g_str_has_suffix (import->node->op_type, "MaxPool");
}

gboolean
cpac_onnx_take_pool (CpacOnnxImport *import, GError **error)
{
  const CpacOnnxValue *input = cpac_onnx_get_planes (import, 0, error);
  CpacOnnxWindow window;
  gint64 ceiling = 0;
  GString *options;
  gint layer;

  if (input == NULL ||
      !read_pool (import, cpac_onnx_get_dims (import, input), &window, &ceiling, error) ||
      (!is_max (import) && !check_mean (import, &window, error)))
    return FALSE;
  options = g_string_new (NULL);
  cpac_onnx_append_window (&window, TRUE, options);
  if (ceiling)
    g_string_append (options, ", ceil: true");
  layer = cpac_onnx_add_layer (import, NULL, is_max (import) ? "max-pool" : "average-pool",
                               g_string_free (options, FALSE), 1, &input->layer, error);
  return cpac_onnx_set_layer (import, layer, 4, error);
}

/* ---- The whole picture ---- */

gboolean
cpac_onnx_take_global_pool (CpacOnnxImport *import, GError **error)
{
  const CpacOnnxValue *input = cpac_onnx_get_planes (import, 0, error);
  const CpacDims *dims;
  char *options;
  gint layer;

  if (input == NULL)
    return FALSE;
  dims = cpac_onnx_get_dims (import, input);
  options = is_max (import) ? g_strdup_printf (", size: [%u, %u]", dims->height, dims->width)
                            : g_strdup ("");
  layer = cpac_onnx_add_layer (import, NULL, is_max (import) ? "max-pool" : "global-average-pool",
                               options, 1, &input->layer, error);
  return cpac_onnx_set_layer (import, layer, 4, error);
}

gboolean
cpac_onnx_take_reduce_mean (CpacOnnxImport *import, GError **error)
{
  const CpacOnnxValue *input = cpac_onnx_get_planes (import, 0, error);
  g_autoptr (GArray) axes = NULL;
  gint64 keep = 1, noop = 0;
  gint layer;

  if (input == NULL || !cpac_onnx_get_int (import, "keepdims", 0, 1, &keep, error) ||
      !cpac_onnx_get_int (import, "noop_with_empty_axes", 0, 1, &noop, error) ||
      !cpac_onnx_get_list (import, "axes", 1, &axes, error))
    return FALSE;
  if (!cpac_onnx_are_of_plane (axes))
    return cpac_onnx_refuse (import, CPAC_ERROR_SCHEMA, error,
                             "axes: expected 2 and 3, height and width");
  layer = cpac_onnx_add_layer (import, NULL, "global-average-pool", g_strdup (""), 1, &input->layer,
                               error);
  return cpac_onnx_set_layer (import, layer, keep ? 4 : 2, error);
}

/* ---- Resize ---- */

static gboolean
check_resize_modes (CpacOnnxImport *import, GError **error)
{
  static const char *const modes[] = { "linear", NULL };
  static const char *const centres[] = { "half_pixel", "pytorch_half_pixel", NULL };
  static const char *const policies[] = { "stretch", NULL };
  gint64 zero = 0;
  guint index;

  if (!cpac_onnx_has_attribute (import, "mode"))
    return cpac_onnx_refuse (import, CPAC_ERROR_SCHEMA, error,
                             "attribute mode: found none, which is nearest, expected linear");
  if (import->opset < 11)
    return cpac_onnx_refuse (import, CPAC_ERROR_SCHEMA, error,
                             "of operator set %" G_GINT64_FORMAT
                             ", expected 11 or newer, which has half-pixel centres",
                             import->opset);
  return cpac_onnx_get_choice (import, "mode", modes, &index, error) &&
         cpac_onnx_get_choice (import, "coordinate_transformation_mode", centres, &index, error) &&
         cpac_onnx_get_choice (import, "keep_aspect_ratio_policy", policies, &index, error) &&
         cpac_onnx_get_int (import, "antialias", 0, 0, &zero, error) &&
         cpac_onnx_get_int (import, "exclude_outside", 0, 0, &zero, error);
}

/* A scale must give a whole size: else the pixels' places are others. */
static gboolean
size_from_scales (CpacOnnxImport *import, const CpacDims *in, double size[4], GError **error)
{
  const double from[4] = { 1, in->channels, in->height, in->width };
  g_autoptr (CpacTensor) scales = cpac_onnx_get_tensor (import, 2, error);

  if (scales == NULL)
    return FALSE;
  if (cpac_shape_count (&scales->shape) != 4)
    return cpac_onnx_refuse (import, CPAC_ERROR_SHAPE, error,
                             "input 3: found %" G_GSIZE_FORMAT " scales, expected 4",
                             cpac_shape_count (&scales->shape));
  for (guint i = 0; i < 4; i++)
    size[i] = from[i] * scales->data[i];
  return TRUE;
}

static gboolean
size_from_sizes (CpacOnnxImport *import, double size[4], GError **error)
{
  g_autoptr (GArray) sizes = cpac_onnx_get_input_ints (import, 3, error);

  if (sizes == NULL)
    return FALSE;
  if (sizes->len != 4)
    return cpac_onnx_refuse (import, CPAC_ERROR_SHAPE, error, "input 4: found %u sizes, expected 4",
                             sizes->len);
  for (guint i = 0; i < 4; i++)
    size[i] = (double) g_array_index (sizes, gint64, i);
  return TRUE;
}

static gboolean
is_side (double size)
{
  return size >= 1 && size <= CPAC_MAX_SIDE && size == floor (size);
}

gboolean
cpac_onnx_take_resize (CpacOnnxImport *import, GError **error)
{
  const CpacOnnxValue *input = cpac_onnx_get_planes (import, 0, error);
  const CpacDims *in;
  double size[4];
  gint layer;

  if (input == NULL || !check_resize_modes (import, error))
    return FALSE;
  in = cpac_onnx_get_dims (import, input);
  if (cpac_onnx_has_input (import, 3) ? !size_from_sizes (import, size, error)
                                      : !size_from_scales (import, in, size, error))
    return FALSE;
  if (size[0] != 1 || size[1] != in->channels || !is_side (size[2]) || !is_side (size[3]))
    return cpac_onnx_refuse (
        import, CPAC_ERROR_SHAPE, error,
        "found the size %gx%gx%gx%g, expected 1x%u and a whole height and width", size[0], size[1],
        size[2], size[3], in->channels);
  layer =
      cpac_onnx_add_layer (import, NULL, "upsample",
                           g_strdup_printf (", size: [%u, %u]", (guint) size[2], (guint) size[3]),
                           1, &input->layer, error);
  return cpac_onnx_set_layer (import, layer, 4, error);
}
