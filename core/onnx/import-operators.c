/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/onnx/import-private.h"

/* The same under another name. */
static gboolean
take_nothing (CpacOnnxImport *import, GError **error)
{
  const CpacOnnxValue *input = cpac_onnx_get_picture (import, 0, error);

  return input != NULL && cpac_onnx_set_alias (import, input, error) != NULL;
}

/* ---- Layers without much to say ---- */

static gboolean
take_relu (CpacOnnxImport *import, GError **error)
{
  const CpacOnnxValue *input = cpac_onnx_get_picture (import, 0, error);

  return input != NULL &&
         cpac_onnx_set_layer (
             import,
             cpac_onnx_add_layer (import, NULL, "relu", g_strdup (""), 1, &input->layer, error),
             input->rank, error);
}

/* ---- Gemm and MatMul ---- */

/* @matrix (K, N) as (N, K). (transfer full) */
static CpacTensor *
transpose (const CpacTensor *matrix)
{
  gsize n_rows = matrix->shape.dims[0], n_columns = matrix->shape.dims[1];
  CpacTensor *result = cpac_tensor_new (CPAC_SHAPE (n_columns, n_rows));

  for (gsize i = 0; i < n_rows; i++)
    for (gsize j = 0; j < n_columns; j++)
      result->data[j * n_rows + i] = matrix->data[i * n_columns + j];
  return result;
}

/* Input 2 as (units, inputs), each multiplied by @alpha. (transfer full) */
static CpacTensor *
get_matrix (CpacOnnxImport *import, guint n_inputs, gboolean is_transposed, float alpha,
            GError **error)
{
  g_autoptr (CpacTensor) matrix = cpac_onnx_get_tensor (import, 1, error);
  CpacTensor *result;

  if (matrix == NULL)
    return NULL;
  if (matrix->shape.n_dims != 2 || matrix->shape.dims[is_transposed ? 1 : 0] != n_inputs ||
      matrix->shape.dims[is_transposed ? 0 : 1] < 1 ||
      matrix->shape.dims[is_transposed ? 0 : 1] > CPAC_MAX_CHANNELS) {
    g_autofree char *text = cpac_shape_to_string (&matrix->shape);

    cpac_onnx_refuse (import, CPAC_ERROR_SHAPE, error,
                      "input 2: found weights of shape %s, expected %s for %u inputs: is the size "
                      "of the network's input right?",
                      text, is_transposed ? "units x inputs" : "inputs x units", n_inputs);
    return NULL;
  }
  result = is_transposed ? g_steal_pointer (&matrix) : transpose (matrix);
  for (gsize i = 0; alpha != 1 && i < cpac_shape_count (&result->shape); i++)
    result->data[i] *= alpha;
  return result;
}

/* Input 3, a number or one for each unit, each multiplied by @beta. (transfer full) */
static CpacTensor *
get_bias (CpacOnnxImport *import, guint n_units, float beta, GError **error)
{
  g_autoptr (CpacTensor) given = cpac_onnx_get_tensor (import, 2, error);
  CpacTensor *bias;
  gsize n;

  if (given == NULL)
    return NULL;
  n = cpac_shape_count (&given->shape);
  if ((n != 1 && n != n_units) || given->shape.n_dims > 2 ||
      (n > 1 && given->shape.dims[given->shape.n_dims - 1] != n)) {
    g_autofree char *text = cpac_shape_to_string (&given->shape);

    cpac_onnx_refuse (import, CPAC_ERROR_SHAPE, error,
                      "input 3: found a bias of shape %s, expected %u", text, n_units);
    return NULL;
  }
  bias = cpac_tensor_new (CPAC_SHAPE (n_units));
  for (gsize i = 0; i < n_units; i++)
    bias->data[i] = beta * given->data[n > 1 ? i : 0];
  return bias;
}

static gboolean
add_linear (CpacOnnxImport *import, gboolean is_transposed, float alpha, float beta, GError **error)
{
  const CpacOnnxValue *input = cpac_onnx_get_picture (import, 0, error);
  CpacTensor *weight, *bias;
  gint layer;

  if (input == NULL)
    return FALSE;
  if (input->rank != 2)
    return cpac_onnx_refuse (import, CPAC_ERROR_SHAPE, error,
                             "input 1: found %u dimensions, expected 2, a vector", input->rank);
  weight = get_matrix (import, cpac_onnx_get_dims (import, input)->channels, is_transposed, alpha,
                       error);
  if (weight == NULL)
    return FALSE;
  layer = cpac_onnx_add_layer (import, NULL, "linear",
                               g_strdup_printf (", units: %" G_GSIZE_FORMAT, weight->shape.dims[0]),
                               1, &input->layer, error);
  if (layer < 0) {
    cpac_tensor_free (weight);
    return FALSE;
  }
  cpac_onnx_set_param (import, layer, 0, weight);
  if (cpac_onnx_has_input (import, 2)) {
    bias = get_bias (import, (guint) weight->shape.dims[0], beta, error);
    if (bias == NULL)
      return FALSE;
    cpac_onnx_set_param (import, layer, 1, bias);
  }
  return cpac_onnx_set_layer (import, layer, 2, error);
}

static gboolean
take_gemm (CpacOnnxImport *import, GError **error)
{
  gint64 trans_a = 0, trans_b = 0;
  float alpha = 1, beta = 1;

  return cpac_onnx_get_int (import, "transA", 0, 0, &trans_a, error) &&
         cpac_onnx_get_int (import, "transB", 0, 1, &trans_b, error) &&
         cpac_onnx_get_float (import, "alpha", &alpha, error) &&
         cpac_onnx_get_float (import, "beta", &beta, error) &&
         add_linear (import, trans_b != 0, alpha, beta, error);
}

static gboolean
take_matmul (CpacOnnxImport *import, GError **error)
{
  return add_linear (import, FALSE, 1, 1, error);
}

/* ---- What changes nothing ---- */

/* To any type of floats: the network computes in one. */
static gboolean
take_cast (CpacOnnxImport *import, GError **error)
{
  gint64 type = 0;

  if (!cpac_onnx_get_int (import, "to", G_MININT32, G_MAXINT32, &type, error))
    return FALSE;
  if (type == ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT ||
      type == ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT16 ||
      type == ONNX__TENSOR_PROTO__DATA_TYPE__DOUBLE)
    return take_nothing (import, error);
  return cpac_onnx_refuse (import, CPAC_ERROR_SCHEMA, error,
                           "attribute to: found type %" G_GINT64_FORMAT
                           ", expected 1 (FLOAT), 10 (FLOAT16) or 11 (DOUBLE)",
                           type);
}

static gboolean
take_dropout (CpacOnnxImport *import, GError **error)
{
  if (cpac_onnx_has_input (import, 2))
    return cpac_onnx_refuse (import, CPAC_ERROR_SCHEMA, error,
                             "input 3: found training_mode, expected a network that is not trained "
                             "any more");
  return take_nothing (import, error);
}

/* Logits, whose order is the same, take the place of probabilities. */
static gboolean
take_end (CpacOnnxImport *import, GError **error)
{
  const CpacOnnxValue *input = cpac_onnx_get_picture (import, 0, error);
  gint64 axis = import->opset < 13 ? 1 : -1;
  CpacOnnxValue *output;
  guint resolved = 1;

  if (input == NULL || !cpac_onnx_get_int (import, "axis", -4, 4, &axis, error))
    return FALSE;
  if (g_str_has_suffix (import->node->op_type, "oftmax") &&
      !cpac_onnx_resolve_axis (import, axis, input->rank, &resolved, error))
    return FALSE;
  if (resolved != 1)
    return cpac_onnx_refuse (import, CPAC_ERROR_SCHEMA, error,
                             "attribute axis: found %" G_GINT64_FORMAT ", expected 1, channels",
                             axis);
  output = cpac_onnx_set_alias (import, input, error);
  if (output == NULL)
    return FALSE;
  output->ended = import->node;
  cpac_onnx_add_note (import, "%s at the end is left out: the outputs are raw",
                      import->node->op_type);
  return TRUE;
}

/* ---- All of them ---- */

/* Ends with NULL. */
#define ATTRIBUTES(...) ((const char *const[]){ __VA_ARGS__ })

static const struct {
  const char *op;
  CpacOnnxTake take;
  guint min_inputs, max_inputs;
  const char *const *attributes;
} operators[] = {
  { "Add", cpac_onnx_take_add, 2, 2, ATTRIBUTES (NULL) },
  { "AveragePool", cpac_onnx_take_pool, 1, 1,
    ATTRIBUTES ("auto_pad", "ceil_mode", "count_include_pad", "dilations", "kernel_shape", "pads",
                "strides", NULL) },
  { "BatchNormalization", cpac_onnx_take_batch_normalization, 5, 5,
    ATTRIBUTES ("epsilon", "momentum", "spatial", "training_mode", NULL) },
  { "Cast", take_cast, 1, 1, ATTRIBUTES ("to", "saturate", NULL) },
  { "Concat", cpac_onnx_take_concat, 1, 256, ATTRIBUTES ("axis", NULL) },
  { "Conv", cpac_onnx_take_conv, 2, 3, cpac_onnx_conv_attributes },
  { "Div", cpac_onnx_take_div, 2, 2, ATTRIBUTES (NULL) },
  { "Dropout", take_dropout, 1, 3, ATTRIBUTES ("ratio", "seed", NULL) },
  { "Flatten", cpac_onnx_take_flatten, 1, 1, ATTRIBUTES ("axis", NULL) },
  { "Gemm", take_gemm, 2, 3, ATTRIBUTES ("alpha", "beta", "transA", "transB", NULL) },
  { "GlobalAveragePool", cpac_onnx_take_global_pool, 1, 1, ATTRIBUTES (NULL) },
  { "GlobalMaxPool", cpac_onnx_take_global_pool, 1, 1, ATTRIBUTES (NULL) },
  { "Identity", take_nothing, 1, 1, ATTRIBUTES (NULL) },
  { "LogSoftmax", take_end, 1, 1, ATTRIBUTES ("axis", NULL) },
  { "MatMul", take_matmul, 2, 2, ATTRIBUTES (NULL) },
  { "MaxPool", cpac_onnx_take_pool, 1, 1,
    ATTRIBUTES ("auto_pad", "ceil_mode", "dilations", "kernel_shape", "pads", "storage_order",
                "strides", NULL) },
  { "Mul", cpac_onnx_take_mul, 2, 2, ATTRIBUTES (NULL) },
  { "Pad", cpac_onnx_take_pad, 1, 4, ATTRIBUTES ("mode", "pads", "value", NULL) },
  { "ReduceMean", cpac_onnx_take_reduce_mean, 1, 2,
    ATTRIBUTES ("axes", "keepdims", "noop_with_empty_axes", NULL) },
  { "Relu", take_relu, 1, 1, ATTRIBUTES (NULL) },
  { "Reshape", cpac_onnx_take_reshape, 2, 2, ATTRIBUTES ("allowzero", NULL) },
  { "Resize", cpac_onnx_take_resize, 3, 4,
    ATTRIBUTES ("antialias", "coordinate_transformation_mode", "cubic_coeff_a", "exclude_outside",
                "extrapolation_value", "keep_aspect_ratio_policy", "mode", "nearest_mode", NULL) },
  { "Sigmoid", take_end, 1, 1, ATTRIBUTES (NULL) },
  { "Softmax", take_end, 1, 1, ATTRIBUTES ("axis", NULL) },
  { "Squeeze", cpac_onnx_take_squeeze, 1, 2, ATTRIBUTES ("axes", NULL) },
  { "Sub", cpac_onnx_take_sub, 2, 2, ATTRIBUTES (NULL) },
  { "Sum", cpac_onnx_take_add, 1, 256, ATTRIBUTES (NULL) },
  { "Unsqueeze", cpac_onnx_take_unsqueeze, 1, 2, ATTRIBUTES ("axes", NULL) },
};

static gboolean
refuse_operator (const CpacOnnxImport *import, GError **error)
{
  g_autoptr (GString) list = g_string_new (NULL);

  for (guint i = 0; i < G_N_ELEMENTS (operators); i++)
    g_string_append_printf (list, "%s%s", i > 0 ? ", " : "", operators[i].op);
  return cpac_onnx_refuse (import, CPAC_ERROR_SCHEMA, error,
                           "is an operator that networks here cannot have; expected %s", list->str);
}

/* Of several outputs only the first is ever made. */
static gboolean
check_outputs (const CpacOnnxImport *import, GError **error)
{
  const Onnx__NodeProto *node = import->node;

  for (gsize k = 0; k < node->n_output; k++) {
    gboolean is_read = g_hash_table_contains (import->n_readers, node->output[k]);

    if (k > 0 && is_read)
      return cpac_onnx_refuse (import, CPAC_ERROR_SCHEMA, error,
                               "output %" G_GSIZE_FORMAT " is read, expected only the first to be",
                               k + 1);
  }
  return TRUE;
}

gboolean
cpac_onnx_take_node (CpacOnnxImport *import, GError **error)
{
  const Onnx__NodeProto *node = import->node;

  if (node->domain != NULL && *node->domain != '\0' && !g_str_equal (node->domain, "ai.onnx")) {
    g_autofree char *domain = cpac_onnx_excerpt (node->domain);

    return cpac_onnx_refuse (import, CPAC_ERROR_SCHEMA, error,
                             "is of the domain \"%s\", expected ONNX's own operators", domain);
  }
  if (!check_outputs (import, error))
    return FALSE;
  if (cpac_onnx_is_shape_arithmetic (import))
    return cpac_onnx_take_shape_arithmetic (import, error);
  for (guint i = 0; i < G_N_ELEMENTS (operators); i++) {
    if (g_strcmp0 (operators[i].op, node->op_type) != 0)
      continue;
    if (node->n_input < operators[i].min_inputs || node->n_input > operators[i].max_inputs)
      return cpac_onnx_refuse (
          import, CPAC_ERROR_SCHEMA, error, "found %" G_GSIZE_FORMAT " inputs, expected %u to %u",
          (gsize) node->n_input, operators[i].min_inputs, operators[i].max_inputs);
    return cpac_onnx_check_attributes (import, operators[i].attributes, error) &&
           operators[i].take (import, error);
  }
  return refuse_operator (import, error);
}
