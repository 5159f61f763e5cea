/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/onnx/import-private.h"

#include <string.h>

#define MAX_INPUT_SIDE 8192
/* Names in one line of an error. */
#define MAX_LISTED 8

/* ---- Metadata ---- */

const char *
cpac_onnx_find_property (const CpacOnnxImport *import, const char *key)
{
  for (gsize i = 0; i < import->file->n_metadata_props; i++)
    if (g_strcmp0 (import->file->metadata_props[i]->key, key) == 0)
      return import->file->metadata_props[i]->value;
  return NULL;
}

gboolean
cpac_onnx_parse_property (const CpacOnnxImport *import, const char *key, CpacConfig **map,
                          const char **text, GError **error)
{
  g_autofree char *name = g_strdup_printf ("%s: metadata %s", import->source.file, key);
  g_autoptr (CpacConfig) root = NULL;

  *map = NULL;
  *text = cpac_onnx_find_property (import, key);
  if (*text == NULL)
    return TRUE;
  root = cpac_config_parse (name, *text, strlen (*text), error);
  if (root == NULL)
    return FALSE;
  if (cpac_config_get_kind (root) != CPAC_CONFIG_MAP)
    return cpac_config_error (root, CPAC_ERROR_SCHEMA, error,
                              "found no map, expected a section of a model");
  *map = g_steal_pointer (&root);
  return TRUE;
}

/* ---- Which one it is ---- */

char *
cpac_onnx_list_names (Onnx__ValueInfoProto **infos, gsize n)
{
  GString *list = g_string_new (NULL);

  for (gsize i = 0; i < MIN (n, MAX_LISTED); i++) {
    g_autofree char *excerpt = cpac_onnx_excerpt (infos[i]->name != NULL ? infos[i]->name : "");

    g_string_append_printf (list, "%s%s", i > 0 ? ", " : "", excerpt);
  }
  return g_string_free (g_string_append (list, n > MAX_LISTED ? ", ..." : ""), FALSE);
}

static const Onnx__ValueInfoProto *
find_input (const CpacOnnxImport *import, GError **error)
{
  const Onnx__GraphProto *graph = import->graph;
  g_autofree Onnx__ValueInfoProto **inputs = g_new (Onnx__ValueInfoProto *, graph->n_input + 1);
  g_autoptr (GHashTable) constants = g_hash_table_new (g_str_hash, g_str_equal);
  g_autofree char *names = NULL;
  gsize n = 0;

  for (gsize i = 0; i < graph->n_initializer; i++)
    if (graph->initializer[i]->name != NULL)
      g_hash_table_add (constants, graph->initializer[i]->name);
  /* Old files repeat constants as inputs. */
  for (gsize i = 0; i < graph->n_input; i++)
    if (graph->input[i]->name == NULL || !g_hash_table_contains (constants, graph->input[i]->name))
      inputs[n++] = graph->input[i];
  if (n == 1 && inputs[0]->name != NULL)
    return inputs[0];
  names = cpac_onnx_list_names (inputs, n);
  cpac_onnx_refuse (import, CPAC_ERROR_SCHEMA, error,
                    "found %" G_GSIZE_FORMAT " inputs (%s), expected one, a picture", n, names);
  return NULL;
}

/* ---- The input's shape ---- */

/* 0: left open. */
static gboolean
get_dim (const CpacOnnxImport *import, const Onnx__TensorShapeProto *shape, guint index,
         gint64 *value, GError **error)
{
  const Onnx__TensorShapeProto__Dimension *dim = shape->dim[index];
  gboolean is_fixed = dim->value_case == ONNX__TENSOR_SHAPE_PROTO__DIMENSION__VALUE_DIM_VALUE;

  *value = is_fixed ? dim->dim_value : 0;
  return *value >= 0 || cpac_onnx_refuse (import, CPAC_ERROR_SHAPE, error,
                                          "the input's dimension %u is %" G_GINT64_FORMAT
                                          ", expected a positive one, or one left open",
                                          index + 1, *value);
}

static gboolean
refuse_input (const CpacOnnxImport *import, const gint64 dims[4], GError **error)
{
  return cpac_onnx_refuse (import, CPAC_ERROR_SHAPE, error,
                           "the input is [%" G_GINT64_FORMAT ", %" G_GINT64_FORMAT
                           ", %" G_GINT64_FORMAT ", %" G_GINT64_FORMAT
                           "] (0: left open), expected [1, C, H, W]: a batch of 1 or left open, "
                           "1 or 3 channels, at most %d pixels each way",
                           dims[0], dims[1], dims[2], dims[3], MAX_INPUT_SIDE);
}

/* Height and width, those that are left open from the options. */
static gboolean
choose_size (const CpacOnnxImport *import, gint64 dims[4], GError **error)
{
  const CpacOnnxOptions *options = import->options;
  const gint64 given[2] = { options->height, options->width };

  for (guint i = 0; i < 2; i++) {
    if (dims[2 + i] == 0 && given[i] == 0)
      return cpac_onnx_refuse (import, CPAC_ERROR_SHAPE, error,
                               "the input's height or width is left open, expected it as "
                               "--size WxH");
    if (dims[2 + i] != 0 && given[i] != 0 && dims[2 + i] != given[i])
      return cpac_onnx_refuse (import, CPAC_ERROR_SHAPE, error,
                               "the input is %" G_GINT64_FORMAT "x%" G_GINT64_FORMAT
                               " (width by height) in the file, expected that as --size, or no "
                               "such option",
                               dims[3], dims[2]);
    if (dims[2 + i] == 0)
      dims[2 + i] = given[i];
  }
  return TRUE;
}

static gboolean
read_shape (CpacOnnxImport *import, const Onnx__ValueInfoProto *info, GError **error)
{
  const Onnx__TypeProto__Tensor *type = info->type != NULL ? info->type->tensor_type : NULL;
  gint64 dims[4];

  if (type == NULL || type->shape == NULL || type->shape->n_dim != 4)
    return cpac_onnx_refuse (import, CPAC_ERROR_SHAPE, error,
                             "found %" G_GSIZE_FORMAT " dimensions of the input, expected 4 (N, C, "
                             "H, W)",
                             type != NULL && type->shape != NULL ? (gsize) type->shape->n_dim : 0);
  if (type->elem_type != ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT &&
      type->elem_type != ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT16)
    return cpac_onnx_refuse (import, CPAC_ERROR_SCHEMA, error,
                             "found an input of type %d, expected 1 (FLOAT) or 10 (FLOAT16)",
                             type->elem_type);
  for (guint i = 0; i < 4; i++)
    if (!get_dim (import, type->shape, i, &dims[i], error))
      return FALSE;
  if (!choose_size (import, dims, error))
    return FALSE;
  if (dims[0] > 1 || (dims[1] != 1 && dims[1] != 3) || dims[2] > MAX_INPUT_SIDE ||
      dims[3] > MAX_INPUT_SIDE)
    return refuse_input (import, dims, error);
  import->dims = (CpacDims){ (guint) dims[1], (guint) dims[2], (guint) dims[3] };
  import->input.channels = import->dims.channels;
  import->input.height = import->dims.height;
  import->input.width = import->dims.width;
  return TRUE;
}

/* ---- Normalisation ---- */

static gboolean
read_normalisation (CpacInputSpec *input, const CpacConfig *map, GError **error)
{
  g_autoptr (GArray) mean =
      cpac_config_get_doubles (map, "mean", input->channels, input->channels, -1e6, 1e6, error);
  g_autoptr (GArray) scale = mean != NULL
                                 ? cpac_config_get_doubles (map, "scale", input->channels,
                                                            input->channels, 1e-6, 1e6, error)
                                 : NULL;

  if (scale == NULL)
    return FALSE;
  for (guint c = 0; c < input->channels; c++) {
    input->mean[c] = g_array_index (mean, double, c);
    input->scale[c] = g_array_index (scale, double, c);
  }
  return TRUE;
}

/* What an option gives, for one channel or for all. */
static gboolean
take_option (const CpacOnnxImport *import, const char *name, guint n, const double *given,
             double *values, GError **error)
{
  guint channels = import->input.channels;

  if (n > 1 && n != channels)
    return cpac_onnx_refuse (import, CPAC_ERROR_SCHEMA, error,
                             "found %u numbers in --%s, expected 1%s", n, name,
                             channels == 3 ? " or 3" : ": the input has one channel");
  for (guint c = 0; n > 0 && c < channels; c++)
    values[c] = given[n > 1 ? c : 0];
  return TRUE;
}

static gboolean
choose_normalisation (CpacOnnxImport *import, GError **error)
{
  const CpacOnnxOptions *options = import->options;
  CpacInputSpec *input = &import->input;
  g_autoptr (CpacConfig) map = NULL;
  const char *text;

  for (guint c = 0; c < G_N_ELEMENTS (input->scale); c++)
    input->scale[c] = 1;
  if (!cpac_onnx_parse_property (import, "cpac-input", &map, &text, error) ||
      (map != NULL && !read_normalisation (input, map, error)))
    return FALSE;
  if (map == NULL && (options->n_mean == 0 || options->n_scale == 0))
    cpac_onnx_add_note (import,
                        "the file does not say how pixels become its input: took mean 0 and "
                        "scale 1 (values 0 to 255) where --mean and --scale say nothing");
  return take_option (import, "mean", options->n_mean, options->mean, input->mean, error) &&
         take_option (import, "scale", options->n_scale, options->scale, input->scale, error);
}

const Onnx__ValueInfoProto *
cpac_onnx_read_input (CpacOnnxImport *import, GError **error)
{
  const Onnx__ValueInfoProto *info = find_input (import, error);

  return info != NULL && read_shape (import, info, error) && choose_normalisation (import, error)
             ? info
             : NULL;
}
