/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/onnx/import-private.h"

#include <string.h>

#include "core/model/files.h"

#define MIN_OPSET 9
#define MAX_OPSET 21
/* Far beyond any network: most nodes become a layer, of which one may have 4,096. */
#define MAX_NODES 65536

/* ---- What kind of file it is ---- */

static gboolean
read_opset (CpacOnnxImport *import, GError **error)
{
  const Onnx__ModelProto *file = import->file;

  for (gsize i = 0; i < file->n_opset_import; i++) {
    const char *domain = file->opset_import[i]->domain;

    if (domain == NULL || *domain == '\0' || g_str_equal (domain, "ai.onnx"))
      import->opset = file->opset_import[i]->version;
  }
  if (import->opset >= MIN_OPSET && import->opset <= MAX_OPSET)
    return TRUE;
  return cpac_onnx_refuse (import, CPAC_ERROR_SCHEMA, error,
                           "found operator set %" G_GINT64_FORMAT ", expected %d to %d",
                           import->opset, MIN_OPSET, MAX_OPSET);
}

static gboolean
find_output (CpacOnnxImport *import, GError **error)
{
  const Onnx__GraphProto *graph = import->graph;
  g_autofree char *names = NULL;

  if (graph->n_output == 1 && graph->output[0]->name != NULL) {
    import->output = graph->output[0]->name;
    return TRUE;
  }
  names = cpac_onnx_list_names (graph->output, graph->n_output);
  return cpac_onnx_refuse (import, CPAC_ERROR_SCHEMA, error,
                           "found %" G_GSIZE_FORMAT " outputs (%s), expected one",
                           (gsize) graph->n_output, names);
}

/* ---- Nodes ---- */

static gboolean
take_nodes (CpacOnnxImport *import, GError **error)
{
  for (import->index = 0; import->index < import->graph->n_node; import->index++) {
    GError *reason = NULL;

    if (import->is_done[import->index])
      continue;
    import->node = import->graph->node[import->index];
    if (cpac_onnx_take_sequence (import, &reason))
      continue;
    if (reason != NULL) {
      g_propagate_error (error, reason);
      return FALSE;
    }
    if (!cpac_onnx_take_node (import, error))
      return FALSE;
  }
  import->node = NULL;
  return TRUE;
}

/* The network ends with the layer that was made last, which must give the output. */
static gboolean
check_output (const CpacOnnxImport *import, GError **error)
{
  const CpacOnnxValue *value = g_hash_table_lookup (import->values, import->output);
  g_autofree char *excerpt = cpac_onnx_excerpt (import->output);

  if (value == NULL)
    return cpac_onnx_refuse (import, CPAC_ERROR_SCHEMA, error,
                             "the output \"%s\" is given by no node", excerpt);
  if (value->kind == CPAC_ONNX_PICTURE && value->layer != CPAC_NETWORK_INPUT &&
      value->layer == (gint) import->layers->len - 1 && !cpac_onnx_is_padded (value))
    return TRUE;
  return cpac_onnx_refuse (import, CPAC_ERROR_SCHEMA, error,
                           "the output \"%s\" is given by no layer of the network, expected the "
                           "last one to give it",
                           excerpt);
}

static CpacOnnxImported *
import_graph (CpacOnnxImport *import, GError **error)
{
  const Onnx__ValueInfoProto *input;

  if (import->graph->n_node > MAX_NODES) {
    cpac_onnx_refuse (import, CPAC_ERROR_SHAPE, error,
                      "found %" G_GSIZE_FORMAT " nodes, expected at most %d",
                      (gsize) import->graph->n_node, MAX_NODES);
    return NULL;
  }
  import->is_done = g_new0 (gboolean, import->graph->n_node + 1);
  if (!read_opset (import, error) || !find_output (import, error) ||
      (input = cpac_onnx_read_input (import, error)) == NULL)
    return NULL;
  cpac_onnx_find_readers (import);
  if (!cpac_onnx_add_constants (import, error) ||
      !cpac_onnx_set_frame (import, input->name, error) || !take_nodes (import, error) ||
      !check_output (import, error))
    return NULL;
  return cpac_onnx_import_finish (import, error);
}

/* ---- Around it ---- */

static void
free_made (Onnx__TensorProto *tensor)
{
  g_free (tensor->float_data);
  g_free (tensor);
}

static void
import_init (CpacOnnxImport *import, const CpacOnnxSource *source, const CpacOnnxOptions *options,
             Onnx__ModelProto *file)
{
  *import =
      (CpacOnnxImport){ .source = *source, .options = options, .file = file, .graph = file->graph };
  import->values = cpac_onnx_values_new ();
  import->n_readers = g_hash_table_new (g_str_hash, g_str_equal);
  import->reader = g_hash_table_new (g_str_hash, g_str_equal);
  import->names = g_hash_table_new (g_str_hash, g_str_equal);
  import->layers = g_ptr_array_new_with_free_func ((GDestroyNotify) cpac_onnx_layer_free);
  import->notes = g_ptr_array_new_with_free_func (g_free);
  import->made = g_ptr_array_new_with_free_func ((GDestroyNotify) free_made);
}

static void
import_clear (CpacOnnxImport *import)
{
  g_hash_table_unref (import->values);
  g_hash_table_unref (import->n_readers);
  g_hash_table_unref (import->reader);
  g_hash_table_unref (import->names);
  g_ptr_array_unref (import->layers);
  g_clear_pointer (&import->notes, g_ptr_array_unref);
  g_ptr_array_unref (import->made);
  g_free (import->is_done);
  onnx__model_proto__free_unpacked (import->file, NULL);
}

CpacOnnxImported *
cpac_onnx_import (const char *name, const char *folder, const guint8 *data, gsize size,
                  const CpacOnnxOptions *options, GError **error)
{
  const CpacOnnxSource source = { name, folder };
  Onnx__ModelProto *file = cpac_onnx_file_parse (name, data, size, error);
  CpacOnnxImported *imported;
  CpacOnnxImport import;

  if (file == NULL)
    return NULL;
  import_init (&import, &source, options, file);
  imported = import_graph (&import, error);
  import_clear (&import);
  return imported;
}

CpacOnnxImported *
cpac_onnx_import_file (const char *path, const CpacOnnxOptions *options, GError **error)
{
  g_autofree char *name = g_filename_display_name (path);
  g_autofree char *folder = g_path_get_dirname (path);
  g_autofree char *data = NULL;
  gsize size;

  if (!cpac_file_read (path, CPAC_ONNX_MAX_FILE, &data, &size, error))
    return NULL;
  return cpac_onnx_import (name, folder, (const guint8 *) data, size, options, error);
}

void
cpac_onnx_imported_free (CpacOnnxImported *imported)
{
  if (imported == NULL)
    return;
  cpac_params_free (imported->params);
  cpac_network_free (imported->network);
  g_ptr_array_unref (imported->notes);
  g_free (imported->text);
  g_free (imported);
}
