/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/onnx/import-private.h"

#include <string.h>

const char *
cpac_onnx_node_get_name (const Onnx__NodeProto *node)
{
  if (node->name != NULL && *node->name != '\0')
    return node->name;
  return node->n_output > 0 ? node->output[0] : "";
}

gboolean
cpac_onnx_refuse (const CpacOnnxImport *import, CpacError code, GError **error, const char *format,
                  ...)
{
  g_autofree char *message = NULL, *name = NULL, *op = NULL;
  va_list arguments;

  va_start (arguments, format);
  message = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  if (import->node == NULL) {
    g_set_error (error, CPAC_ERROR, code, "%s: %s", import->source.file, message);
    return FALSE;
  }
  name = cpac_onnx_excerpt (cpac_onnx_node_get_name (import->node));
  op = cpac_onnx_excerpt (import->node->op_type != NULL ? import->node->op_type : "");
  g_set_error (error, CPAC_ERROR, code, "%s: node \"%s\" (%s): %s", import->source.file, name, op,
               message);
  return FALSE;
}

/* ---- Attributes ---- */

static const Onnx__AttributeProto *
find (const CpacOnnxImport *import, const char *name)
{
  for (gsize i = 0; i < import->node->n_attribute; i++)
    if (g_strcmp0 (import->node->attribute[i]->name, name) == 0)
      return import->node->attribute[i];
  return NULL;
}

gboolean
cpac_onnx_has_attribute (const CpacOnnxImport *import, const char *name)
{
  return find (import, name) != NULL;
}

gboolean
cpac_onnx_check_attributes (const CpacOnnxImport *import, const char *const *known, GError **error)
{
  for (gsize i = 0; i < import->node->n_attribute; i++) {
    const char *name = import->node->attribute[i]->name;
    g_autofree char *excerpt = NULL, *list = NULL;

    if (name != NULL && g_strv_contains (known, name))
      continue;
    excerpt = cpac_onnx_excerpt (name != NULL ? name : "");
    list = g_strjoinv (", ", (char **) known);
    return cpac_onnx_refuse (import, CPAC_ERROR_SCHEMA, error,
                             "attribute %s: is not known, expected %s", excerpt,
                             *list != '\0' ? list : "none");
  }
  return TRUE;
}

/* @attribute receives the one of that name, which must be of @type where the file tells types;
 * NULL: there is none. */
static gboolean
find_typed (const CpacOnnxImport *import, const char *name,
            Onnx__AttributeProto__AttributeType type, const char *type_name,
            const Onnx__AttributeProto **attribute, GError **error)
{
  *attribute = find (import, name);
  if (*attribute == NULL || !(*attribute)->has_type || (*attribute)->type == type)
    return TRUE;
  return cpac_onnx_refuse (import, CPAC_ERROR_SCHEMA, error,
                           "attribute %s: found type %d, expected %d (%s)", name,
                           (int) (*attribute)->type, (int) type, type_name);
}

static gboolean
check_range (const CpacOnnxImport *import, const char *name, gint64 value, gint64 min, gint64 max,
             GError **error)
{
  if (value >= min && value <= max)
    return TRUE;
  if (min == max)
    return cpac_onnx_refuse (import, CPAC_ERROR_SCHEMA, error,
                             "attribute %s: found %" G_GINT64_FORMAT ", expected %" G_GINT64_FORMAT,
                             name, value, min);
  return cpac_onnx_refuse (import, CPAC_ERROR_SCHEMA, error,
                           "attribute %s: found %" G_GINT64_FORMAT ", expected %" G_GINT64_FORMAT
                           " to %" G_GINT64_FORMAT,
                           name, value, min, max);
}

gboolean
cpac_onnx_get_int (const CpacOnnxImport *import, const char *name, gint64 min, gint64 max,
                   gint64 *value, GError **error)
{
  const Onnx__AttributeProto *attribute;

  if (!find_typed (import, name, ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__INT, "INT", &attribute,
                   error))
    return FALSE;
  if (attribute == NULL)
    return TRUE;
  *value = attribute->i;
  return check_range (import, name, *value, min, max, error);
}

gboolean
cpac_onnx_get_float (const CpacOnnxImport *import, const char *name, float *value, GError **error)
{
  const Onnx__AttributeProto *attribute;

  if (!find_typed (import, name, ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__FLOAT, "FLOAT", &attribute,
                   error))
    return FALSE;
  if (attribute != NULL)
    *value = attribute->f;
  return TRUE;
}

gboolean
cpac_onnx_get_ints (const CpacOnnxImport *import, const char *name, guint n, gint64 min, gint64 max,
                    gint64 *values, GError **error)
{
  const Onnx__AttributeProto *attribute;

  if (!find_typed (import, name, ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__INTS, "INTS", &attribute,
                   error))
    return FALSE;
  if (attribute == NULL)
    return TRUE;
  if (attribute->n_ints != n)
    return cpac_onnx_refuse (import, CPAC_ERROR_SCHEMA, error,
                             "attribute %s: found %" G_GSIZE_FORMAT
                             " integers, expected %u, for two dimensions",
                             name, (gsize) attribute->n_ints, n);
  for (guint i = 0; i < n; i++) {
    values[i] = attribute->ints[i];
    if (!check_range (import, name, values[i], min, max, error))
      return FALSE;
  }
  return TRUE;
}

gboolean
cpac_onnx_get_choice (const CpacOnnxImport *import, const char *name, const char *const *choices,
                      guint *index, GError **error)
{
  const Onnx__AttributeProto *attribute;
  g_autofree char *text = NULL, *excerpt = NULL, *list = NULL;

  if (!find_typed (import, name, ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__STRING, "STRING",
                   &attribute, error))
    return FALSE;
  if (attribute == NULL)
    return TRUE;
  text = g_strndup ((const char *) attribute->s.data, attribute->s.len);
  for (guint i = 0; choices[i] != NULL; i++)
    if (g_strcmp0 (choices[i], text) == 0) {
      *index = i;
      return TRUE;
    }
  excerpt = cpac_onnx_excerpt (text != NULL ? text : "");
  list = g_strjoinv (" or ", (char **) choices);
  return cpac_onnx_refuse (import, CPAC_ERROR_SCHEMA, error,
                           "attribute %s: found \"%s\", expected %s", name, excerpt, list);
}

gboolean
cpac_onnx_get_list (const CpacOnnxImport *import, const char *name, guint input, GArray **list,
                    GError **error)
{
  const Onnx__AttributeProto *attribute;

  *list = NULL;
  if (!find_typed (import, name, ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__INTS, "INTS", &attribute,
                   error))
    return FALSE;
  if (attribute == NULL)
    return !cpac_onnx_has_input (import, input) ||
           (*list = cpac_onnx_get_input_ints (import, input, error)) != NULL;
  if (attribute->n_ints > CPAC_ONNX_MAX_INTS)
    return cpac_onnx_refuse (import, CPAC_ERROR_SCHEMA, error,
                             "attribute %s: found %" G_GSIZE_FORMAT
                             " integers, expected at most %u",
                             name, (gsize) attribute->n_ints, CPAC_ONNX_MAX_INTS);
  *list = g_array_new (FALSE, FALSE, sizeof (gint64));
  for (gsize i = 0; i < attribute->n_ints; i++) {
    gint64 value = attribute->ints[i];

    g_array_append_val (*list, value);
  }
  return TRUE;
}
