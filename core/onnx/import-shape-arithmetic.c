/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What exporters compute shapes by where the network's batch was left open: integers, which are
 * known here, as the batch is 1.
 */

#include "core/onnx/import-private.h"

gboolean
cpac_onnx_is_shape_arithmetic (const CpacOnnxImport *import)
{
  const Onnx__NodeProto *node = import->node;

  if (g_strcmp0 (node->op_type, "Shape") == 0)
    return TRUE;
  for (gsize k = 0; k < node->n_input; k++) {
    const CpacOnnxValue *value = g_hash_table_lookup (import->values, node->input[k]);

    if (value == NULL || !cpac_onnx_value_is_int (value))
      return FALSE;
  }
  return node->n_input > 0;
}

static GArray *
new_ints (void)
{
  return g_array_new (FALSE, FALSE, sizeof (gint64));
}

/* A number or a vector: what input @k is. */
static gboolean
is_scalar (const CpacOnnxImport *import, guint k)
{
  const CpacOnnxValue *value = cpac_onnx_get_input (import, k, NULL);

  return value != NULL &&
         (value->kind == CPAC_ONNX_INTS ? value->is_scalar : value->tensor->n_dims == 0);
}

/* Items [from, to) of @from_list, both counted from the end where they are negative, as Slice and
 * Shape count. */
static GArray *
cut (const GArray *list, gint64 from, gint64 to)
{
  gint64 n = list->len;
  GArray *part = new_ints ();

  from = CLAMP (from < 0 ? from + n : from, 0, n);
  to = CLAMP (to < 0 ? to + n : to, from, n);
  for (gint64 i = from; i < to; i++)
    g_array_append_val (part, g_array_index (list, gint64, i));
  return part;
}

static gboolean
take_shape (CpacOnnxImport *import, GError **error)
{
  const CpacOnnxValue *value = cpac_onnx_get_picture (import, 0, error);
  g_autoptr (GArray) all = new_ints ();
  gint64 from = 0, to = G_MAXINT64;
  const CpacDims *dims;

  if (value == NULL || !cpac_onnx_get_int (import, "start", G_MININT32, G_MAXINT32, &from, error) ||
      !cpac_onnx_get_int (import, "end", G_MININT64, G_MAXINT64, &to, error))
    return FALSE;
  dims = cpac_onnx_get_dims (import, value);
  g_array_append_vals (all, ((gint64[]){ 1, dims->channels, dims->height, dims->width }),
                       value->rank);
  return cpac_onnx_set_ints (import, cut (all, from, to), FALSE, error);
}

static gboolean
take_gather (CpacOnnxImport *import, GError **error)
{
  g_autoptr (GArray) data = cpac_onnx_get_input_ints (import, 0, error);
  g_autoptr (GArray) indices = data != NULL ? cpac_onnx_get_input_ints (import, 1, error) : NULL;
  g_autoptr (GArray) result = new_ints ();
  gint64 axis = 0;

  if (indices == NULL || !cpac_onnx_get_int (import, "axis", 0, 0, &axis, error))
    return FALSE;
  for (guint i = 0; i < indices->len; i++) {
    gint64 wanted = g_array_index (indices, gint64, i), from = wanted < 0 ? data->len : 0;

    if (wanted < -(gint64) data->len || wanted >= (gint64) data->len)
      return cpac_onnx_refuse (import, CPAC_ERROR_SCHEMA, error,
                               "input 2: found index %" G_GINT64_FORMAT " into %u integers", wanted,
                               data->len);
    g_array_append_val (result, g_array_index (data, gint64, wanted + from));
  }
  return cpac_onnx_set_ints (import, g_steal_pointer (&result), is_scalar (import, 1), error);
}

/* The only value of input @k, or @otherwise where there is no such input. */
static gboolean
get_number (const CpacOnnxImport *import, guint k, gint64 otherwise, gint64 *number, GError **error)
{
  g_autoptr (GArray) list = NULL;

  *number = otherwise;
  if (!cpac_onnx_has_input (import, k))
    return TRUE;
  list = cpac_onnx_get_input_ints (import, k, error);
  if (list == NULL)
    return FALSE;
  if (list->len != 1)
    return cpac_onnx_refuse (import, CPAC_ERROR_SCHEMA, error,
                             "input %u: found %u numbers, expected 1", k + 1, list->len);
  *number = g_array_index (list, gint64, 0);
  return TRUE;
}

static gboolean
take_slice (CpacOnnxImport *import, GError **error)
{
  g_autoptr (GArray) data = cpac_onnx_get_input_ints (import, 0, error);
  gint64 from, to, axis, step;

  if (data == NULL || !get_number (import, 1, 0, &from, error) ||
      !get_number (import, 2, G_MAXINT64, &to, error) || !get_number (import, 3, 0, &axis, error) ||
      !get_number (import, 4, 1, &step, error))
    return FALSE;
  if (import->node->n_input < 3 || axis != 0 || step != 1)
    return cpac_onnx_refuse (import, CPAC_ERROR_SCHEMA, error,
                             "expected a slice of a shape from one place to another");
  return cpac_onnx_set_ints (import, cut (data, from, to), FALSE, error);
}

/* Both ways between a number and a vector of one: the list stays. */
static gboolean
take_same (CpacOnnxImport *import, GError **error)
{
  GArray *data = cpac_onnx_get_input_ints (import, 0, error);
  const char *op = import->node->op_type;
  gboolean scalar = is_scalar (import, 0);

  if (data == NULL)
    return FALSE;
  if (g_str_equal (op, "Unsqueeze"))
    scalar = FALSE;
  else if (g_str_equal (op, "Squeeze"))
    scalar = data->len == 1;
  return cpac_onnx_set_ints (import, data, scalar, error);
}

static gboolean
take_concat (CpacOnnxImport *import, GError **error)
{
  g_autoptr (GArray) result = new_ints ();

  for (guint k = 0; k < import->node->n_input; k++) {
    g_autoptr (GArray) part = cpac_onnx_get_input_ints (import, k, error);

    if (part == NULL)
      return FALSE;
    g_array_append_vals (result, part->data, part->len);
    if (result->len > CPAC_ONNX_MAX_INTS)
      return cpac_onnx_refuse (import, CPAC_ERROR_SHAPE, error,
                               "found more than %u integers, expected a shape", CPAC_ONNX_MAX_INTS);
  }
  return cpac_onnx_set_ints (import, g_steal_pointer (&result), FALSE, error);
}

/* FALSE where the result is none. */
static gboolean
compute (const char *op, gint64 x, gint64 y, gint64 *result)
{
  if (g_str_equal (op, "Add"))
    return !__builtin_add_overflow (x, y, result);
  if (g_str_equal (op, "Sub"))
    return !__builtin_sub_overflow (x, y, result);
  if (g_str_equal (op, "Mul"))
    return !__builtin_mul_overflow (x, y, result);
  if (y == 0 || (x == G_MININT64 && y == -1))
    return FALSE;
  *result = x / y;
  return TRUE;
}

static gboolean
take_arithmetic (CpacOnnxImport *import, GError **error)
{
  g_autoptr (GArray) x = cpac_onnx_get_input_ints (import, 0, error);
  g_autoptr (GArray) y = x != NULL ? cpac_onnx_get_input_ints (import, 1, error) : NULL;
  g_autoptr (GArray) result = new_ints ();

  if (y == NULL)
    return FALSE;
  if (x->len == 0 || y->len == 0 || (x->len != y->len && x->len != 1 && y->len != 1))
    return cpac_onnx_refuse (import, CPAC_ERROR_SHAPE, error,
                             "found %u and %u integers, expected as many", x->len, y->len);
  for (guint i = 0; i < MAX (x->len, y->len); i++) {
    gint64 value;

    if (!compute (import->node->op_type, g_array_index (x, gint64, x->len > 1 ? i : 0),
                  g_array_index (y, gint64, y->len > 1 ? i : 0), &value))
      return cpac_onnx_refuse (import, CPAC_ERROR_NUMERIC, error,
                               "found no integer as the result of element %u", i + 1);
    g_array_append_val (result, value);
  }
  return cpac_onnx_set_ints (import, g_steal_pointer (&result),
                             is_scalar (import, 0) && is_scalar (import, 1), error);
}

static const struct {
  const char *op;
  CpacOnnxTake take;
} rules[] = {
  { "Shape", take_shape },    { "Gather", take_gather },  { "Slice", take_slice },
  { "Concat", take_concat },  { "Unsqueeze", take_same }, { "Squeeze", take_same },
  { "Cast", take_same },      { "Identity", take_same },  { "Add", take_arithmetic },
  { "Sub", take_arithmetic }, { "Mul", take_arithmetic }, { "Div", take_arithmetic },
};

gboolean
cpac_onnx_take_shape_arithmetic (CpacOnnxImport *import, GError **error)
{
  for (guint i = 0; i < G_N_ELEMENTS (rules); i++)
    if (g_strcmp0 (rules[i].op, import->node->op_type) == 0)
      return rules[i].take (import, error);
  return cpac_onnx_refuse (import, CPAC_ERROR_SCHEMA, error,
                           "computes with integers, expected only what shapes are computed by");
}
