/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/onnx/import-private.h"

#include <string.h>

/* ---- Windows ---- */

typedef enum { PAD_NOTSET, PAD_SAME_UPPER, PAD_SAME_LOWER, PAD_VALID } AutoPad;
static const char *const auto_pads[] = { "NOTSET", "SAME_UPPER", "SAME_LOWER", "VALID", NULL };

/* ceil (in / stride) outputs; of an odd number of zeros the last goes to the end, or, lower, to the
 * beginning. */
static void
pad_same (CpacOnnxWindow *window, guint axis, guint n_in, AutoPad mode)
{
  guint64 stride = window->stride[axis], n_out = (n_in + stride - 1) / stride;
  guint64 reach =
      (n_out - 1) * stride + (guint64) (window->size[axis] - 1) * window->dilation[axis] + 1;
  guint total = (guint) (reach > n_in ? reach - n_in : 0);

  window->pads[axis] = mode == PAD_SAME_UPPER ? total / 2 : total - total / 2;
  window->pads[axis + 2] = total - window->pads[axis];
}

gboolean
cpac_onnx_read_window (const CpacOnnxImport *import, const CpacDims *in, CpacOnnxWindow *window,
                       GError **error)
{
  gint64 stride[2] = { 1, 1 }, dilation[2] = { 1, 1 }, pads[4] = { 0 };
  guint mode = PAD_NOTSET;

  if (!cpac_onnx_get_ints (import, "strides", 2, 1, CPAC_MAX_SIDE, stride, error) ||
      !cpac_onnx_get_ints (import, "dilations", 2, 1, CPAC_MAX_SIDE, dilation, error) ||
      !cpac_onnx_get_ints (import, "pads", 4, 0, CPAC_MAX_SIDE, pads, error) ||
      !cpac_onnx_get_choice (import, "auto_pad", auto_pads, &mode, error))
    return FALSE;
  for (guint axis = 0; axis < 2; axis++) {
    window->stride[axis] = (guint) stride[axis];
    window->dilation[axis] = (guint) dilation[axis];
    window->pads[axis] = mode == PAD_VALID ? 0 : (guint) pads[axis];
    window->pads[axis + 2] = mode == PAD_VALID ? 0 : (guint) pads[axis + 2];
    if (mode == PAD_SAME_UPPER || mode == PAD_SAME_LOWER)
      pad_same (window, axis, axis == 0 ? in->height : in->width, mode);
  }
  return TRUE;
}

static void
append_pair (GString *options, const char *key, const guint pair[2])
{
  g_string_append_printf (options, ", %s: [%u, %u]", key, pair[0], pair[1]);
}

void
cpac_onnx_append_window (const CpacOnnxWindow *window, gboolean is_pool, GString *options)
{
  const guint *pads = window->pads;

  append_pair (options, is_pool ? "size" : "kernel", window->size);
  if (is_pool || window->stride[0] > 1 || window->stride[1] > 1)
    append_pair (options, "stride", window->stride);
  if (window->dilation[0] > 1 || window->dilation[1] > 1)
    append_pair (options, "dilation", window->dilation);
  if (pads[0] > 0 || pads[1] > 0 || pads[2] > 0 || pads[3] > 0)
    g_string_append_printf (options, ", padding: [%u, %u, %u, %u]", pads[0], pads[1], pads[2],
                            pads[3]);
}

/* ---- Conv ---- */

const char *const cpac_onnx_conv_attributes[] = { "auto_pad", "dilations", "group", "kernel_shape",
                                                  "pads",     "strides",   NULL };

/* The constant of input @k. */
static const Onnx__TensorProto *
get_constant (const CpacOnnxImport *import, guint k, const char **name, GError **error)
{
  const CpacOnnxValue *value = cpac_onnx_get_input (import, k, error);

  if (value == NULL)
    return NULL;
  *name = value->name;
  if (value->kind != CPAC_ONNX_TENSOR)
    cpac_onnx_refuse (import, CPAC_ERROR_SCHEMA, error,
                      "input %u: found what is computed, expected a constant", k + 1);
  return value->tensor;
}

static gboolean
refuse_weight (const CpacOnnxImport *import, const CpacDims *in, const CpacShape *shape,
               gint64 group, GError **error)
{
  g_autofree char *text = cpac_shape_to_string (shape);

  return cpac_onnx_refuse (import, CPAC_ERROR_SHAPE, error,
                           "input 2: found weights of shape %s, expected Nx%u x height x width for "
                           "%u channels in %" G_GINT64_FORMAT " group%s",
                           text, in->channels / (guint) group, in->channels, group,
                           group == 1 ? "" : "s");
}

static gboolean
read_weight (CpacOnnxImport *import, const CpacDims *in, CpacOnnxConv *conv, GError **error)
{
  gint64 group = 1, size[2];
  CpacShape shape;

  conv->weight = get_constant (import, 1, &conv->weight_name, error);
  if (conv->weight == NULL ||
      !cpac_onnx_tensor_get_shape (&import->source, conv->weight, conv->weight_name, &shape,
                                   error) ||
      !cpac_onnx_get_int (import, "group", 1, in->channels, &group, error))
    return FALSE;
  if (shape.n_dims != 4 || shape.dims[0] < 1 || shape.dims[0] > CPAC_MAX_CHANNELS ||
      in->channels % group != 0 || shape.dims[1] != in->channels / (guint64) group ||
      shape.dims[0] % (guint64) group != 0 || shape.dims[2] < 1 || shape.dims[3] < 1 ||
      shape.dims[2] > CPAC_MAX_SIDE || shape.dims[3] > CPAC_MAX_SIDE)
    return refuse_weight (import, in, &shape, group, error);
  for (guint i = 0; i < 4; i++)
    conv->dims[i] = (guint) shape.dims[i];
  conv->group = (guint) group;
  for (guint axis = 0; axis < 2; axis++) {
    conv->window.size[axis] = conv->dims[2 + axis];
    size[axis] = conv->dims[2 + axis];
  }
  if (!cpac_onnx_get_ints (import, "kernel_shape", 2, 1, CPAC_MAX_SIDE, size, error))
    return FALSE;
  if (size[0] == conv->dims[2] && size[1] == conv->dims[3])
    return TRUE;
  return cpac_onnx_refuse (import, CPAC_ERROR_SHAPE, error,
                           "attribute kernel_shape: found %" G_GINT64_FORMAT "x%" G_GINT64_FORMAT
                           ", expected %ux%u as the weights have",
                           size[0], size[1], conv->dims[2], conv->dims[3]);
}

static gboolean
plan_axis (const CpacOnnxImport *import, const CpacOnnxWindow *window, guint axis, guint n_in,
           guint *n_out, GError **error)
{
  guint64 extent = (guint64) (window->size[axis] - 1) * window->dilation[axis] + 1;
  guint64 padded = (guint64) n_in + window->pads[axis] + window->pads[axis + 2];

  if (padded < extent)
    return cpac_onnx_refuse (import, CPAC_ERROR_SHAPE, error,
                             "the window is %" G_GUINT64_FORMAT " %s, but its input has only "
                             "%" G_GUINT64_FORMAT " (with padding)",
                             extent, axis == 0 ? "high" : "wide", padded);
  *n_out = (guint) ((padded - extent) / window->stride[axis] + 1);
  return TRUE;
}

gboolean
cpac_onnx_read_conv (CpacOnnxImport *import, const CpacDims *in, const guint pads[4],
                     CpacOnnxConv *conv, GError **error)
{
  memset (conv, 0, sizeof *conv);

  if (!read_weight (import, in, conv, error) ||
      !cpac_onnx_read_window (import, in, &conv->window, error))
    return FALSE;
  for (guint i = 0; i < 4; i++)
    conv->window.pads[i] += pads[i];
  if (cpac_onnx_has_input (import, 2))
    conv->bias = import->node->input[2];
  conv->out.channels = conv->dims[0];
  return plan_axis (import, &conv->window, 0, in->height, &conv->out.height, error) &&
         plan_axis (import, &conv->window, 1, in->width, &conv->out.width, error);
}

/* Weights and bias of the layer that was just added. */
static gboolean
read_params (CpacOnnxImport *import, gint layer, guint n_filters, GError **error)
{
  CpacTensor *weight = cpac_onnx_get_tensor (import, 1, error), *bias;

  if (weight == NULL)
    return FALSE;
  cpac_onnx_set_param (import, layer, 0, weight);
  if (!cpac_onnx_has_input (import, 2))
    return TRUE;
  bias = cpac_onnx_get_tensor (import, 2, error);
  if (bias == NULL)
    return FALSE;
  if (bias->shape.n_dims != 1 || bias->shape.dims[0] != n_filters) {
    g_autofree char *text = cpac_shape_to_string (&bias->shape);

    cpac_tensor_free (bias);
    return cpac_onnx_refuse (import, CPAC_ERROR_SHAPE, error,
                             "input 3: found a bias of shape %s, expected %u", text, n_filters);
  }
  cpac_onnx_set_param (import, layer, 1, bias);
  return TRUE;
}

/* The picture, which may have zeros about it. */
static const CpacOnnxValue *
get_padded_planes (const CpacOnnxImport *import, GError **error)
{
  const CpacOnnxValue *value = cpac_onnx_get_input (import, 0, error);

  if (value != NULL && value->kind == CPAC_ONNX_PICTURE && value->rank == 4 && value->ended == NULL)
    return value;
  return value != NULL ? cpac_onnx_get_planes (import, 0, error) : NULL;
}

gboolean
cpac_onnx_take_conv (CpacOnnxImport *import, GError **error)
{
  const CpacOnnxValue *input = get_padded_planes (import, error);
  GError *reason = NULL;
  CpacOnnxConv conv;
  GString *options;
  gint layer;

  if (input == NULL ||
      !cpac_onnx_read_conv (import, cpac_onnx_get_dims (import, input), input->pads, &conv, error))
    return FALSE;
  if (cpac_onnx_take_chain (import, &conv, input, &reason))
    return TRUE;
  if (reason != NULL) {
    g_propagate_error (error, reason);
    return FALSE;
  }
  if (conv.group != 1)
    return cpac_onnx_refuse (
        import, CPAC_ERROR_SCHEMA, error,
        "attribute group: found %u, expected 1; or, as parts of a CPAC convolution, depthwise k x "
        "1 "
        "and 1 x k, or k x k of rank one, between two of 1 x 1, with no bias and nothing else "
        "between them",
        conv.group);
  options = g_string_new (NULL);
  g_string_append_printf (options, ", filters: %u", conv.dims[0]);
  cpac_onnx_append_window (&conv.window, FALSE, options);
  layer = cpac_onnx_add_layer (import, NULL, "conv", g_string_free (options, FALSE), 1,
                               &input->layer, error);
  return layer >= 0 && read_params (import, layer, conv.dims[0], error) &&
         cpac_onnx_set_layer (import, layer, 4, error);
}

/* ---- Pad ---- */

static gboolean
check_zero (CpacOnnxImport *import, GError **error)
{
  g_autoptr (CpacTensor) value = NULL;
  float number = 0;

  if (!cpac_onnx_get_float (import, "value", &number, error))
    return FALSE;
  if (cpac_onnx_has_input (import, 2)) {
    value = cpac_onnx_get_tensor (import, 2, error);
    if (value == NULL)
      return FALSE;
    number = cpac_shape_count (&value->shape) == 1 ? value->data[0] : 1;
  }
  return number == 0 || cpac_onnx_refuse (import, CPAC_ERROR_SCHEMA, error,
                                          "pads with %g, expected the number 0", (double) number);
}

/* The beginning of each dimension, then the end of each. */
static gboolean
are_pads (const GArray *pads)
{
  if (pads == NULL || pads->len != 8)
    return FALSE;
  for (guint i = 0; i < 8; i++) {
    gint64 n = g_array_index (pads, gint64, i);

    if (n < 0 || n > (i % 4 < 2 ? 0 : CPAC_MAX_SIDE))
      return FALSE;
  }
  return TRUE;
}

gboolean
cpac_onnx_take_pad (CpacOnnxImport *import, GError **error)
{
  static const char *const modes[] = { "constant", NULL };
  const CpacOnnxValue *input = cpac_onnx_get_planes (import, 0, error);
  g_autoptr (GArray) pads = NULL;
  CpacOnnxValue *output;
  guint mode;

  if (input == NULL || !cpac_onnx_get_choice (import, "mode", modes, &mode, error) ||
      !check_zero (import, error) || !cpac_onnx_get_list (import, "pads", 1, &pads, error))
    return FALSE;
  if (cpac_onnx_has_input (import, 3))
    return cpac_onnx_refuse (import, CPAC_ERROR_SCHEMA, error,
                             "input 4: found axes, expected pads for all four");
  if (!are_pads (pads))
    return cpac_onnx_refuse (import, CPAC_ERROR_SCHEMA, error,
                             "pads: expected 8, none of batch and channels, 0 to %u of height and "
                             "width",
                             CPAC_MAX_SIDE);
  output = cpac_onnx_set_alias (import, input, error);
  if (output == NULL)
    return FALSE;
  for (guint axis = 0; axis < 2; axis++) {
    output->pads[axis] = (guint) g_array_index (pads, gint64, 2 + axis);
    output->pads[axis + 2] = (guint) g_array_index (pads, gint64, 6 + axis);
  }
  return TRUE;
}
