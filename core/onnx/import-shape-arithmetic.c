/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What exporters compute shapes by where the network's batch was left open: integers, which are
 * known here, as the batch is 1. Some cast them to floats on the way: these stay whole numbers, and
 * what makes others of them is refused.
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

/* Numbers, and what type they are of. */
typedef struct {
  GArray *list;
  gboolean is_scalar, is_float;
} Numbers;

static void
numbers_clear (Numbers *numbers)
{
  g_clear_pointer (&numbers->list, g_array_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Numbers, numbers_clear)

static gboolean
get_numbers (const CpacOnnxImport *import, guint k, Numbers *numbers, GError **error)
{
  const CpacOnnxValue *value = cpac_onnx_get_input (import, k, error);

  if (value == NULL)
    return FALSE;
  numbers->is_scalar = is_scalar (import, k);
  numbers->is_float = value->is_float;
  numbers->list =
      value->is_float ? g_array_ref (value->ints) : cpac_onnx_get_input_ints (import, k, error);
  return numbers->list != NULL;
}

/* @list, (transfer full), becomes what the node gives. */
static gboolean
set_numbers (CpacOnnxImport *import, GArray *list, gboolean scalar, gboolean is_float,
             GError **error)
{
  return is_float ? cpac_onnx_set_whole_floats (import, list, scalar, error)
                  : cpac_onnx_set_ints (import, list, scalar, error);
}

static gboolean
refuse_mixture (const CpacOnnxImport *import, GError **error)
{
  return cpac_onnx_refuse (import, CPAC_ERROR_SCHEMA, error,
                           "found integers and floats, expected inputs of one type");
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
  g_auto (Numbers) numbers = { 0 };
  g_autoptr (GArray) indices = NULL, result = new_ints ();
  const GArray *data;
  gint64 axis = 0;

  if (!get_numbers (import, 0, &numbers, error) ||
      (indices = cpac_onnx_get_input_ints (import, 1, error)) == NULL ||
      !cpac_onnx_get_int (import, "axis", 0, 0, &axis, error))
    return FALSE;
  data = numbers.list;
  for (guint i = 0; i < indices->len; i++) {
    gint64 wanted = g_array_index (indices, gint64, i), from = wanted < 0 ? data->len : 0;

    if (wanted < -(gint64) data->len || wanted >= (gint64) data->len)
      return cpac_onnx_refuse (import, CPAC_ERROR_SCHEMA, error,
                               "input 2: found index %" G_GINT64_FORMAT " into %u integers", wanted,
                               data->len);
    g_array_append_val (result, g_array_index (data, gint64, wanted + from));
  }
  return set_numbers (import, g_steal_pointer (&result), is_scalar (import, 1), numbers.is_float,
                      error);
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
  g_auto (Numbers) data = { 0 };
  gint64 from, to, axis, step;

  if (!get_numbers (import, 0, &data, error) || !get_number (import, 1, 0, &from, error) ||
      !get_number (import, 2, G_MAXINT64, &to, error) || !get_number (import, 3, 0, &axis, error) ||
      !get_number (import, 4, 1, &step, error))
    return FALSE;
  if (import->node->n_input < 3 || axis != 0 || step != 1)
    return cpac_onnx_refuse (import, CPAC_ERROR_SCHEMA, error,
                             "expected a slice of a shape from one place to another");
  return set_numbers (import, cut (data.list, from, to), FALSE, data.is_float, error);
}

/* Both ways between a number and a vector of one: the list stays. */
static gboolean
take_same (CpacOnnxImport *import, GError **error)
{
  g_auto (Numbers) data = { 0 };
  const char *op = import->node->op_type;

  if (!get_numbers (import, 0, &data, error))
    return FALSE;
  if (g_str_equal (op, "Unsqueeze"))
    data.is_scalar = FALSE;
  else if (g_str_equal (op, "Squeeze"))
    data.is_scalar = data.list->len == 1;
  return set_numbers (import, g_array_ref (data.list), data.is_scalar, data.is_float, error);
}

static gboolean
check_narrow (const CpacOnnxImport *import, const GArray *list, GError **error)
{
  for (guint i = 0; i < list->len; i++) {
    gint64 number = g_array_index (list, gint64, i);

    if (number < G_MININT32 || number > G_MAXINT32)
      return cpac_onnx_refuse (import, CPAC_ERROR_NUMERIC, error,
                               "found %" G_GINT64_FORMAT ", expected what 32 bits hold", number);
  }
  return TRUE;
}

static gboolean
take_cast (CpacOnnxImport *import, GError **error)
{
  static const char *const known[] = { "to", "saturate", NULL };
  g_auto (Numbers) data = { 0 };
  gint64 type = 0;

  if (!get_numbers (import, 0, &data, error) ||
      !cpac_onnx_check_attributes (import, known, error) ||
      !cpac_onnx_get_int (import, "to", G_MININT32, G_MAXINT32, &type, error))
    return FALSE;
  switch (type) {
    case ONNX__TENSOR_PROTO__DATA_TYPE__INT32:
      if (!check_narrow (import, data.list, error))
        return FALSE;
      G_GNUC_FALLTHROUGH;
    case ONNX__TENSOR_PROTO__DATA_TYPE__INT64:
      return set_numbers (import, g_array_ref (data.list), data.is_scalar, FALSE, error);
    case ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT:
    case ONNX__TENSOR_PROTO__DATA_TYPE__DOUBLE:
      return set_numbers (import, g_array_ref (data.list), data.is_scalar, TRUE, error);
    default:
      return cpac_onnx_refuse (import, CPAC_ERROR_SCHEMA, error,
                               "attribute to: found type %" G_GINT64_FORMAT
                               ", expected 1 (FLOAT), 6 (INT32), 7 (INT64) or 11 (DOUBLE), in "
                               "which shapes are computed",
                               type);
  }
}

static gboolean
take_concat (CpacOnnxImport *import, GError **error)
{
  g_autoptr (GArray) result = new_ints ();
  gboolean is_float = FALSE;

  for (guint k = 0; k < import->node->n_input; k++) {
    g_auto (Numbers) part = { 0 };

    if (!get_numbers (import, k, &part, error))
      return FALSE;
    if (k > 0 && part.is_float != is_float)
      return refuse_mixture (import, error);
    is_float = part.is_float;
    g_array_append_vals (result, part.list->data, part.list->len);
    if (result->len > CPAC_ONNX_MAX_INTS)
      return cpac_onnx_refuse (import, CPAC_ERROR_SHAPE, error,
                               "found more than %u integers, expected a shape", CPAC_ONNX_MAX_INTS);
  }
  return set_numbers (import, g_steal_pointer (&result), FALSE, is_float, error);
}

/* FALSE where the result is none, or of floats would be no whole number. */
static gboolean
compute (const char *op, gboolean is_float, gint64 x, gint64 y, gint64 *result)
{
  if (g_str_equal (op, "Add"))
    return !__builtin_add_overflow (x, y, result);
  if (g_str_equal (op, "Sub"))
    return !__builtin_sub_overflow (x, y, result);
  if (g_str_equal (op, "Mul"))
    return !__builtin_mul_overflow (x, y, result);
  if (y == 0 || (x == G_MININT64 && y == -1) || (is_float && x % y != 0))
    return FALSE;
  *result = x / y;
  return TRUE;
}

static gboolean
take_arithmetic (CpacOnnxImport *import, GError **error)
{
  g_auto (Numbers) first = { 0 };
  g_auto (Numbers) second = { 0 };
  g_autoptr (GArray) result = new_ints ();
  const GArray *x, *y;

  if (!get_numbers (import, 0, &first, error) || !get_numbers (import, 1, &second, error))
    return FALSE;
  if (first.is_float != second.is_float)
    return refuse_mixture (import, error);
  x = first.list;
  y = second.list;
  if (x->len == 0 || y->len == 0 || (x->len != y->len && x->len != 1 && y->len != 1))
    return cpac_onnx_refuse (import, CPAC_ERROR_SHAPE, error,
                             "found %u and %u integers, expected as many", x->len, y->len);
  for (guint i = 0; i < MAX (x->len, y->len); i++) {
    gint64 value;

    if (!compute (import->node->op_type, first.is_float,
                  g_array_index (x, gint64, x->len > 1 ? i : 0),
                  g_array_index (y, gint64, y->len > 1 ? i : 0), &value))
      return cpac_onnx_refuse (import, CPAC_ERROR_NUMERIC, error,
                               "found no integer as the result of element %u", i + 1);
    g_array_append_val (result, value);
  }
  return set_numbers (import, g_steal_pointer (&result), first.is_scalar && second.is_scalar,
                      first.is_float, error);
}

static const struct {
  const char *op;
  CpacOnnxTake take;
} rules[] = {
  { "Shape", take_shape },    { "Gather", take_gather },  { "Slice", take_slice },
  { "Concat", take_concat },  { "Unsqueeze", take_same }, { "Squeeze", take_same },
  { "Cast", take_cast },      { "Identity", take_same },  { "Add", take_arithmetic },
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
