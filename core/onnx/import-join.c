/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Several pictures become one. */

#include "core/onnx/import-private.h"

/* Joined with nothing, a picture stays what it is. */
static gboolean
rename_first (CpacOnnxImport *import, GError **error)
{
  const CpacOnnxValue *value = cpac_onnx_get_picture (import, 0, error);

  return value != NULL && cpac_onnx_set_alias (import, value, error) != NULL;
}

/* The layer of planes that the constant of input @k becomes, once for all its readers. */
static gboolean
get_template (CpacOnnxImport *import, guint k, gint *layer, GError **error)
{
  g_autoptr (CpacTensor) constant = cpac_onnx_get_tensor (import, k, error);
  CpacOnnxValue *value = g_hash_table_lookup (import->values, import->node->input[k]);

  if (constant == NULL)
    return FALSE;
  if (value->layer < 0)
    value->layer = cpac_onnx_add_template (import, value->name, constant, error);
  *layer = value->layer;
  return *layer >= 0;
}

/* The layer of input @k; all have the same @rank; 0: not known yet. */
static gboolean
get_part (CpacOnnxImport *import, guint k, gint *layer, guint *rank, GError **error)
{
  const CpacOnnxValue *value = cpac_onnx_get_input (import, k, error);
  guint own = 4;

  if (value == NULL)
    return FALSE;
  if (value->kind != CPAC_ONNX_PICTURE) {
    if (!get_template (import, k, layer, error))
      return FALSE;
  } else if ((value = cpac_onnx_get_picture (import, k, error)) == NULL) {
    return FALSE;
  } else {
    *layer = value->layer;
    own = value->rank;
  }
  if (*rank != 0 && *rank != own)
    return cpac_onnx_refuse (import, CPAC_ERROR_SHAPE, error,
                             "input %u: found %u dimensions, expected %u as of the others", k + 1,
                             own, *rank);
  *rank = own;
  return TRUE;
}

/* The layers of all inputs, which have one @rank. (transfer full) */
static gint *
get_parts (CpacOnnxImport *import, guint *rank, GError **error)
{
  guint n = (guint) import->node->n_input;
  g_autofree gint *layers = g_new (gint, n);

  *rank = 0;
  for (guint k = 0; k < n; k++)
    if (!get_part (import, k, &layers[k], rank, error))
      return NULL;
  return g_steal_pointer (&layers);
}

static gboolean
join (CpacOnnxImport *import, const char *type, const gint *layers, guint rank, GError **error)
{
  guint n = (guint) import->node->n_input;

  if (n == 1)
    return rename_first (import, error);
  return cpac_onnx_set_layer (
      import, cpac_onnx_add_layer (import, NULL, type, g_strdup (""), n, layers, error), rank,
      error);
}

gboolean
cpac_onnx_take_add (CpacOnnxImport *import, GError **error)
{
  g_autofree gint *layers = NULL;
  guint rank;

  if (cpac_onnx_is_shift (import))
    return cpac_onnx_take_shift (import, error);
  layers = get_parts (import, &rank, error);
  return layers != NULL && join (import, "add", layers, rank, error);
}

gboolean
cpac_onnx_take_concat (CpacOnnxImport *import, GError **error)
{
  g_autofree gint *layers = NULL;
  gint64 wanted = G_MAXINT64;
  guint rank, axis;

  layers = get_parts (import, &rank, error);
  if (layers == NULL || !cpac_onnx_get_int (import, "axis", -4, 4, &wanted, error) ||
      !cpac_onnx_resolve_axis (import, wanted, rank, &axis, error))
    return FALSE;
  if (axis != 1)
    return cpac_onnx_refuse (import, CPAC_ERROR_SCHEMA, error,
                             "attribute axis: found %" G_GINT64_FORMAT ", expected 1, channels",
                             wanted);
  return join (import, "concat", layers, rank, error);
}
