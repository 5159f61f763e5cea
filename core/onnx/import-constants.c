/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Values that the file has as they are. They may stand anywhere above their readers, and a chain of
 * nodes is looked at from its first, so all of them are found before the other nodes. */

#include "core/onnx/import-private.h"

static gboolean
add_initializers (CpacOnnxImport *import, GError **error)
{
  for (gsize i = 0; i < import->graph->n_initializer; i++) {
    const Onnx__TensorProto *tensor = import->graph->initializer[i];
    CpacOnnxValue *value;

    if (tensor->name == NULL)
      return cpac_onnx_refuse (import, CPAC_ERROR_SCHEMA, error,
                               "found an initializer without a name");
    value = cpac_onnx_add_value (import, tensor->name, CPAC_ONNX_TENSOR, error);
    if (value == NULL)
      return FALSE;
    value->tensor = tensor;
  }
  return TRUE;
}

/* A number as a tensor without dimensions. (transfer none) */
static Onnx__TensorProto *
make_number (CpacOnnxImport *import, float number)
{
  Onnx__TensorProto *tensor = g_new (Onnx__TensorProto, 1);

  onnx__tensor_proto__init (tensor);
  tensor->has_data_type = TRUE;
  tensor->data_type = ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT;
  tensor->n_float_data = 1;
  tensor->float_data = g_memdup2 (&number, sizeof number);
  g_ptr_array_add (import->made, tensor);
  return tensor;
}

static gboolean
take_constant_ints (CpacOnnxImport *import, const char *name, GError **error)
{
  GArray *ints;
  gint64 number = 0;

  if (g_str_equal (name, "value_ints"))
    return cpac_onnx_get_list (import, name, 0, &ints, error) &&
           cpac_onnx_set_ints (import, ints, FALSE, error);
  if (!cpac_onnx_get_int (import, name, G_MININT64, G_MAXINT64, &number, error))
    return FALSE;
  ints = g_array_new (FALSE, FALSE, sizeof number);
  g_array_append_val (ints, number);
  return cpac_onnx_set_ints (import, ints, TRUE, error);
}

static gboolean
take_constant (CpacOnnxImport *import, GError **error)
{
  static const char *const known[] = { "value", "value_float", "value_int", "value_ints", NULL };
  const Onnx__AttributeProto *attribute =
      import->node->n_attribute == 1 ? import->node->attribute[0] : NULL;
  CpacOnnxValue *value;

  if (!cpac_onnx_check_attributes (import, known, error))
    return FALSE;
  if (attribute != NULL && g_str_has_prefix (attribute->name, "value_int"))
    return take_constant_ints (import, attribute->name, error);
  if (attribute == NULL || (attribute->t == NULL && g_str_equal (attribute->name, "value")))
    return cpac_onnx_refuse (import, CPAC_ERROR_SCHEMA, error,
                             "attribute value: found none, expected a tensor");
  value = cpac_onnx_add_value (import, import->node->output[0], CPAC_ONNX_TENSOR, error);
  if (value == NULL)
    return FALSE;
  value->tensor = attribute->t != NULL ? attribute->t : make_number (import, attribute->f);
  return TRUE;
}

/* Of a constant of floats, whatever their type: another name. To single precision, in which they
 * are read anyhow. */
static gboolean
is_same_constant (const CpacOnnxImport *import, const CpacOnnxValue *value)
{
  gint64 type = 0;

  if (g_strcmp0 (import->node->op_type, "Identity") == 0)
    return TRUE;
  return g_strcmp0 (import->node->op_type, "Cast") == 0 && !cpac_onnx_value_is_int (value) &&
         cpac_onnx_get_int (import, "to", G_MININT32, G_MAXINT32, &type, NULL) &&
         type == ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT;
}

/* Takes the node where it is nothing but a constant. */
static gboolean
try_constant (CpacOnnxImport *import, gboolean *taken, GError **error)
{
  const Onnx__NodeProto *node = import->node;
  const CpacOnnxValue *value;

  *taken = TRUE;
  if (node->n_output == 1 && g_strcmp0 (node->op_type, "Constant") == 0)
    return take_constant (import, error);
  value = node->n_input == 1 ? g_hash_table_lookup (import->values, node->input[0]) : NULL;
  *taken = value != NULL && node->n_output == 1 && is_same_constant (import, value);
  return !*taken || cpac_onnx_set_alias (import, value, error) != NULL;
}

gboolean
cpac_onnx_add_constants (CpacOnnxImport *import, GError **error)
{
  if (!add_initializers (import, error))
    return FALSE;
  for (gsize i = 0; i < import->graph->n_node; i++) {
    if (import->is_done[i])
      continue;
    import->node = import->graph->node[i];
    if (!try_constant (import, &import->is_done[i], error))
      return FALSE;
  }
  import->node = NULL;
  return TRUE;
}
