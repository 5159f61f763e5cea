/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/onnx/import-private.h"

#include <string.h>

/* Of all parameters together, as of a network. */
#define MAX_PARAMETERS ((guint64) 1 << 29)
/* A name that fits a line, whatever a file has. */
#define MAX_NAME 128

CpacOnnxLayer *
cpac_onnx_get_layer (const CpacOnnxImport *import, gint index)
{
  return g_ptr_array_index (import->layers, index);
}

void
cpac_onnx_layer_free (CpacOnnxLayer *layer)
{
  for (guint p = 0; p < CPAC_MAX_PARAMS; p++)
    cpac_tensor_free (layer->params[p]);
  cpac_layer_free (layer->shape);
  g_free (layer->inputs);
  g_free (layer->options);
  g_free (layer->name);
  g_free (layer);
}

/* ---- Names ---- */

/* "/features/0/Conv" becomes "features.0.Conv". (transfer full) */
static char *
clean_name (const char *name)
{
  g_autoptr (GString) clean = g_string_new (NULL);

  while (*name == '/')
    name++;
  for (; *name != '\0' && clean->len < MAX_NAME; name++)
    g_string_append_c (clean, g_ascii_isalnum (*name) || strchr ("_.-", *name) ? *name
                              : *name == '/'                                   ? '.'
                                                                               : '_');
  return g_strdup (clean->len > 0 ? clean->str : "layer");
}

/* @wanted as a name that a layer can have and none has yet. (transfer full) */
static char *
make_name (CpacOnnxImport *import, const char *wanted)
{
  g_autofree char *clean = clean_name (wanted);
  char *name = g_strdup (clean);

  for (guint i = 2; g_str_equal (name, "input") || g_hash_table_contains (import->names, name);
       i++) {
    g_free (name);
    name = g_strdup_printf ("%s-%u", clean, i);
  }
  g_hash_table_add (import->names, name);
  return name;
}

/* ---- Layers ---- */

/* The error of a map of options, which begins with a place that no file has. */
static void
refuse_layer (const CpacOnnxImport *import, GError *reason, GError **error)
{
  const char *message = strstr (reason->message, ": ");

  cpac_onnx_refuse (import, reason->code, error, "%s",
                    message != NULL ? message + 2 : reason->message);
  g_error_free (reason);
}

static CpacLayer *
make_shape (const CpacOnnxImport *import, const char *name, const char *type, const char *options,
            guint n_inputs, const gint *inputs, GError **error)
{
  g_autofree char *text = g_strdup_printf ("{type: %s%s}", type, options);
  g_autofree CpacDims *dims = g_new (CpacDims, n_inputs + 1);
  g_autoptr (CpacConfig) map = NULL;
  const CpacLayerClass *klass;
  CpacLayer *layer = NULL;
  GError *reason = NULL;

  for (guint k = 0; k < n_inputs; k++)
    dims[k] = inputs[k] == CPAC_NETWORK_INPUT ? import->dims
                                              : cpac_onnx_get_layer (import, inputs[k])->shape->out;
  map = cpac_config_parse ("layer", text, strlen (text), &reason);
  if (map != NULL && (klass = cpac_layer_class_from_config (map, &reason)) != NULL)
    layer = cpac_layer_new (map, klass, name, n_inputs, dims, &reason);
  if (layer == NULL)
    refuse_layer (import, reason, error);
  return layer;
}

static gboolean
count_parameters (CpacOnnxImport *import, const CpacLayer *layer, GError **error)
{
  CpacCost cost;

  cpac_layer_count (layer, &cost);
  import->n_parameters += cost.parameters;
  if (import->n_parameters <= MAX_PARAMETERS)
    return TRUE;
  return cpac_onnx_refuse (import, CPAC_ERROR_SHAPE, error,
                           "the layers up to here have %" G_GUINT64_FORMAT
                           " parameters together, at most %" G_GUINT64_FORMAT " are taken",
                           import->n_parameters, MAX_PARAMETERS);
}

gint
cpac_onnx_add_layer (CpacOnnxImport *import, const char *name, const char *type, char *options,
                     guint n_inputs, const gint *inputs, GError **error)
{
  CpacOnnxLayer *layer = g_new0 (CpacOnnxLayer, 1);

  layer->options = options;
  layer->name = make_name (import, name != NULL ? name : cpac_onnx_node_get_name (import->node));
  layer->inputs = g_memdup2 (inputs, n_inputs * sizeof *inputs);
  layer->shape = make_shape (import, layer->name, type, options, n_inputs, inputs, error);
  if (layer->shape == NULL || !count_parameters (import, layer->shape, error)) {
    g_hash_table_remove (import->names, layer->name);
    cpac_onnx_layer_free (layer);
    return -1;
  }
  g_ptr_array_add (import->layers, layer);
  return (gint) import->layers->len - 1;
}

void
cpac_onnx_set_param (CpacOnnxImport *import, gint index, guint param, CpacTensor *tensor)
{
  CpacOnnxLayer *layer = cpac_onnx_get_layer (import, index);
  const CpacShape *shape = &layer->shape->params[param].shape;

  g_assert (cpac_shape_count (&tensor->shape) == cpac_shape_count (shape));
  tensor->shape = *shape;
  layer->params[param] = tensor;
}

gint
cpac_onnx_add_template (CpacOnnxImport *import, const char *name, const CpacTensor *tensor,
                        GError **error)
{
  const CpacShape *shape = &tensor->shape;
  const gsize *dims = shape->n_dims == 4 ? shape->dims + 1 : shape->dims;
  gint layer;

  if (shape->n_dims < 3 || (shape->n_dims == 4 && shape->dims[0] != 1)) {
    g_autofree char *text = cpac_shape_to_string (shape);

    cpac_onnx_refuse (import, CPAC_ERROR_SHAPE, error,
                      "found a constant of shape %s, expected CxHxW", text);
    return -1;
  }
  layer = cpac_onnx_add_layer (import, name, "template",
                               g_strdup_printf (", channels: %" G_GSIZE_FORMAT
                                                ", height: %" G_GSIZE_FORMAT
                                                ", width: %" G_GSIZE_FORMAT,
                                                dims[0], dims[1], dims[2]),
                               0, NULL, error);
  if (layer >= 0)
    cpac_onnx_set_param (import, layer, 0, cpac_tensor_copy (tensor));
  return layer;
}
