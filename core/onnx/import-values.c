/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/onnx/import-private.h"

#include <string.h>

/* Every whole number up to here is a float of single precision. */
#define MAX_WHOLE_FLOAT (1 << 24)

/* ---- Who reads what ---- */

static guint
count_readers (const CpacOnnxImport *import, const char *name)
{
  return GPOINTER_TO_UINT (g_hash_table_lookup (import->n_readers, name));
}

static void
add_reader (CpacOnnxImport *import, char *name)
{
  g_hash_table_insert (import->n_readers, name,
                       GUINT_TO_POINTER (count_readers (import, name) + 1));
}

static gboolean
is_read (const CpacOnnxImport *import, const Onnx__NodeProto *node)
{
  for (gsize k = 0; k < node->n_output; k++)
    if (count_readers (import, node->output[k]) > 0)
      return TRUE;
  return FALSE;
}

/* Nodes stand behind those they read, so all readers of one are known before it is looked at; the
 * first that is met is the last. */
void
cpac_onnx_find_readers (CpacOnnxImport *import)
{
  add_reader (import, (char *) import->output);
  for (gsize i = import->graph->n_node; i-- > 0;) {
    const Onnx__NodeProto *node = import->graph->node[i];

    import->is_done[i] = !is_read (import, node);
    for (gsize k = 0; !import->is_done[i] && k < node->n_input; k++)
      if (*node->input[k] != '\0') {
        add_reader (import, node->input[k]);
        if (!g_hash_table_contains (import->reader, node->input[k]))
          g_hash_table_insert (import->reader, node->input[k], GSIZE_TO_POINTER (i + 1));
      }
  }
}

/* ---- Values ---- */

static void
value_free (CpacOnnxValue *value)
{
  if (value->ints != NULL)
    g_array_unref (value->ints);
  g_free (value);
}

GHashTable *
cpac_onnx_values_new (void)
{
  return g_hash_table_new_full (g_str_hash, g_str_equal, NULL, (GDestroyNotify) value_free);
}

CpacOnnxValue *
cpac_onnx_add_value (CpacOnnxImport *import, const char *name, CpacOnnxKind kind, GError **error)
{
  CpacOnnxValue *value;

  if (g_hash_table_contains (import->values, name)) {
    g_autofree char *excerpt = cpac_onnx_excerpt (name);

    cpac_onnx_refuse (import, CPAC_ERROR_SCHEMA, error,
                      "gives \"%s\", which there is already; expected every value to have its own "
                      "name",
                      excerpt);
    return NULL;
  }
  value = g_new0 (CpacOnnxValue, 1);
  value->kind = kind;
  value->name = name;
  value->layer = CPAC_NETWORK_INPUT;
  value->is_sole = count_readers (import, name) == 1;
  g_hash_table_insert (import->values, (char *) name, value);
  return value;
}

static CpacOnnxValue *
add_output (CpacOnnxImport *import, CpacOnnxKind kind, GError **error)
{
  return cpac_onnx_add_value (import, import->node->output[0], kind, error);
}

gboolean
cpac_onnx_set_layer (CpacOnnxImport *import, gint layer, guint rank, GError **error)
{
  CpacOnnxValue *value;

  if (layer < 0 || (value = add_output (import, CPAC_ONNX_PICTURE, error)) == NULL)
    return FALSE;
  value->layer = layer;
  value->rank = rank;
  return TRUE;
}

gboolean
cpac_onnx_set_frame (CpacOnnxImport *import, const char *name, GError **error)
{
  CpacOnnxValue *value = cpac_onnx_add_value (import, name, CPAC_ONNX_PICTURE, error);

  if (value == NULL)
    return FALSE;
  value->rank = 4;
  return TRUE;
}

CpacOnnxValue *
cpac_onnx_set_alias (CpacOnnxImport *import, const CpacOnnxValue *original, GError **error)
{
  CpacOnnxValue *value = add_output (import, original->kind, error);

  if (value == NULL)
    return NULL;
  value->is_sole = value->is_sole && original->is_sole;
  value->layer = original->layer;
  value->rank = original->rank;
  memcpy (value->pads, original->pads, sizeof value->pads);
  value->tensor = original->tensor;
  value->ints = original->ints != NULL ? g_array_ref (original->ints) : NULL;
  value->is_scalar = original->is_scalar;
  value->is_float = original->is_float;
  return value;
}

gboolean
cpac_onnx_set_ints (CpacOnnxImport *import, GArray *ints, gboolean is_scalar, GError **error)
{
  CpacOnnxValue *value = add_output (import, CPAC_ONNX_INTS, error);

  if (value == NULL) {
    g_array_unref (ints);
    return FALSE;
  }
  value->ints = ints;
  value->is_scalar = is_scalar;
  return TRUE;
}

gboolean
cpac_onnx_set_whole_floats (CpacOnnxImport *import, GArray *ints, gboolean is_scalar,
                            GError **error)
{
  g_autoptr (GArray) owned = ints;
  CpacOnnxValue *value;

  for (guint i = 0; i < ints->len; i++) {
    gint64 number = g_array_index (ints, gint64, i);

    if (number < -MAX_WHOLE_FLOAT || number > MAX_WHOLE_FLOAT)
      return cpac_onnx_refuse (import, CPAC_ERROR_NUMERIC, error,
                               "found %" G_GINT64_FORMAT " as a float, expected at most %d", number,
                               MAX_WHOLE_FLOAT);
  }
  if ((value = add_output (import, CPAC_ONNX_INTS, error)) == NULL)
    return FALSE;
  value->ints = g_steal_pointer (&owned);
  value->is_scalar = is_scalar;
  value->is_float = TRUE;
  return TRUE;
}

/* ---- Inputs of the node ---- */

gboolean
cpac_onnx_has_input (const CpacOnnxImport *import, guint k)
{
  return k < import->node->n_input && *import->node->input[k] != '\0';
}

const CpacOnnxValue *
cpac_onnx_get_input (const CpacOnnxImport *import, guint k, GError **error)
{
  const CpacOnnxValue *value;
  g_autofree char *excerpt = NULL;

  if (!cpac_onnx_has_input (import, k)) {
    cpac_onnx_refuse (import, CPAC_ERROR_SCHEMA, error, "input %u is missing", k + 1);
    return NULL;
  }
  value = g_hash_table_lookup (import->values, import->node->input[k]);
  if (value != NULL)
    return value;
  excerpt = cpac_onnx_excerpt (import->node->input[k]);
  cpac_onnx_refuse (import, CPAC_ERROR_SCHEMA, error,
                    "reads \"%s\", which no node above it and no initializer gives", excerpt);
  return NULL;
}

static const char *
describe (const CpacOnnxValue *value)
{
  return value->kind == CPAC_ONNX_PICTURE ? "what the network computes from its input"
                                          : "a constant";
}

static const CpacOnnxValue *
get_kind (const CpacOnnxImport *import, guint k, gboolean is_picture, GError **error)
{
  const CpacOnnxValue *value = cpac_onnx_get_input (import, k, error);

  if (value == NULL || (value->kind == CPAC_ONNX_PICTURE) == is_picture)
    return value;
  cpac_onnx_refuse (import, CPAC_ERROR_SCHEMA, error, "input %u: found %s, expected %s", k + 1,
                    describe (value),
                    is_picture ? "what the network computes from its input" : "a constant");
  return NULL;
}

const CpacOnnxValue *
cpac_onnx_get_picture (const CpacOnnxImport *import, guint k, GError **error)
{
  const CpacOnnxValue *value = get_kind (import, k, TRUE, error);
  if (value != NULL && cpac_onnx_is_padded (value)) {
    cpac_onnx_refuse (import, CPAC_ERROR_SCHEMA, error,
                      "input %u: found what a Pad gives, expected that before a Conv only", k + 1);
    return NULL;
  }
  if (value != NULL && value->ended != NULL) {
    g_autofree char *excerpt = cpac_onnx_excerpt (cpac_onnx_node_get_name (value->ended));

    cpac_onnx_refuse (import, CPAC_ERROR_SCHEMA, error,
                      "input %u: found what node \"%s\" (%s) gives, expected that at the end only",
                      k + 1, excerpt, value->ended->op_type);
    return NULL;
  }
  return value;
}

const CpacOnnxValue *
cpac_onnx_get_planes (const CpacOnnxImport *import, guint k, GError **error)
{
  const CpacOnnxValue *value = cpac_onnx_get_picture (import, k, error);

  if (value == NULL || value->rank == 4)
    return value;
  cpac_onnx_refuse (import, CPAC_ERROR_SHAPE, error,
                    "input %u: found %u dimensions, expected 4 (N, C, H, W)", k + 1, value->rank);
  return NULL;
}

static CpacTensor *
get_whole_floats (const CpacOnnxValue *value)
{
  CpacShape shape = { .n_dims = !value->is_scalar, .dims = { value->ints->len } };
  CpacTensor *tensor = cpac_tensor_new (shape);

  for (guint i = 0; i < value->ints->len; i++)
    tensor->data[i] = (float) g_array_index (value->ints, gint64, i);
  return tensor;
}

CpacTensor *
cpac_onnx_get_tensor (const CpacOnnxImport *import, guint k, GError **error)
{
  const CpacOnnxValue *value = get_kind (import, k, FALSE, error);

  if (value == NULL)
    return NULL;
  if (value->kind == CPAC_ONNX_INTS && value->is_float && value->ints->len > 0)
    return get_whole_floats (value);
  if (value->kind == CPAC_ONNX_INTS) {
    cpac_onnx_refuse (import, CPAC_ERROR_SCHEMA, error, "input %u: found integers, expected floats",
                      k + 1);
    return NULL;
  }
  return cpac_onnx_tensor_read (&import->source, value->tensor, value->name, error);
}

GArray *
cpac_onnx_get_input_ints (const CpacOnnxImport *import, guint k, GError **error)
{
  const CpacOnnxValue *value = get_kind (import, k, FALSE, error);

  if (value == NULL)
    return NULL;
  if (value->is_float) {
    cpac_onnx_refuse (import, CPAC_ERROR_SCHEMA, error, "input %u: found floats, expected integers",
                      k + 1);
    return NULL;
  }
  return value->kind == CPAC_ONNX_INTS
             ? g_array_ref (value->ints)
             : cpac_onnx_tensor_read_ints (&import->source, value->tensor, value->name,
                                           CPAC_ONNX_MAX_INTS, error);
}

gboolean
cpac_onnx_is_padded (const CpacOnnxValue *value)
{
  return value->pads[0] > 0 || value->pads[1] > 0 || value->pads[2] > 0 || value->pads[3] > 0;
}

gboolean
cpac_onnx_value_is_int (const CpacOnnxValue *value)
{
  return value->kind == CPAC_ONNX_INTS ||
         (value->kind == CPAC_ONNX_TENSOR && cpac_onnx_tensor_is_int (value->tensor));
}

const CpacDims *
cpac_onnx_get_dims (const CpacOnnxImport *import, const CpacOnnxValue *value)
{
  return value->layer == CPAC_NETWORK_INPUT
             ? &import->dims
             : &cpac_onnx_get_layer (import, value->layer)->shape->out;
}
