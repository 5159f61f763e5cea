/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Layers of ours that take a sequence of nodes. The exporter tells the layer on the first of them;
 * the sequence for that layer is written once more, and only where the file has the same nodes,
 * byte for byte, they are the layer. Whatever changed them, they are nodes like any others.
 */

#include "core/layers/types.h"
#include "core/onnx/export-private.h"
#include "core/onnx/import-private.h"

#include <string.h>

/* The map that the exporter left on the node. (transfer full) NULL: none */
static CpacConfig *
read_mark (const Onnx__NodeProto *node)
{
  const char *mark = node->doc_string;

  if (mark == NULL || !g_str_has_prefix (mark, CPAC_ONNX_LAYER_MARK))
    return NULL;
  mark += strlen (CPAC_ONNX_LAYER_MARK);
  return cpac_config_parse ("layer", mark, strlen (mark), NULL);
}

/* The layer that the mark tells, on a picture of @in; NULL where it is none of these. */
static CpacLayer *
read_layer (const Onnx__NodeProto *node, const CpacDims *in)
{
  g_autoptr (CpacConfig) map = read_mark (node);
  const CpacLayerClass *klass = map != NULL && cpac_config_get_kind (map) == CPAC_CONFIG_MAP
                                    ? cpac_layer_class_from_config (map, NULL)
                                    : NULL;

  if (klass != &cpac_standardize_class && klass != &cpac_local_contrast_class)
    return NULL;
  return cpac_layer_new (map, klass, "layer", 1, in, NULL);
}

/* "NAME/x" on the first node; the name is what the last one gives. (transfer full) */
static char *
find_name (const Onnx__NodeProto *first)
{
  const char *slash = first->n_output == 1 ? strrchr (first->output[0], '/') : NULL;

  return slash != NULL ? g_strndup (first->output[0], (gsize) (slash - first->output[0])) : NULL;
}

static gboolean
are_equal (const Onnx__NodeProto *a, const Onnx__NodeProto *b)
{
  gsize size = onnx__node_proto__get_packed_size (a);
  g_autofree guint8 *bytes = NULL, *others = NULL;

  if (size != onnx__node_proto__get_packed_size (b))
    return FALSE;
  bytes = g_malloc (size);
  others = g_malloc (size);
  onnx__node_proto__pack (a, bytes);
  onnx__node_proto__pack (b, others);
  return memcmp (bytes, others, size) == 0;
}

/* Whether the file goes on as @written does. */
static gboolean
is_written_here (const CpacOnnxImport *import, const Onnx__GraphProto *written)
{
  if (import->graph->n_node - import->index < written->n_node)
    return FALSE;
  for (gsize i = 0; i < written->n_node; i++)
    if (!are_equal (import->graph->node[import->index + i], written->node[i]))
      return FALSE;
  return TRUE;
}

/* Nothing outside reads what the sequence has inside. */
static gboolean
is_closed (const CpacOnnxImport *import, const Onnx__GraphProto *written)
{
  for (gsize i = 0; i + 1 < written->n_node; i++) {
    gsize reader =
        GPOINTER_TO_SIZE (g_hash_table_lookup (import->reader, written->node[i]->output[0]));

    if (reader < import->index + 1 || reader > import->index + written->n_node ||
        g_strcmp0 (written->node[i]->output[0], import->output) == 0)
      return FALSE;
  }
  return TRUE;
}

/* (transfer full) */
static char *
describe_options (const Onnx__NodeProto *node)
{
  const char *comma = strchr (node->doc_string, ',');
  gsize length = comma != NULL ? strlen (comma) : 0;

  /* Without the brace at the end. */
  return comma != NULL ? g_strndup (comma, length - 1) : g_strdup ("");
}

static gboolean
add (CpacOnnxImport *import, const CpacLayer *layer, const CpacOnnxValue *input, gsize n_nodes,
     GError **error)
{
  const Onnx__NodeProto *first = import->node,
                        *last = import->graph->node[import->index + n_nodes - 1];
  gint index = cpac_onnx_add_layer (import, cpac_onnx_node_get_name (last), layer->klass->type,
                                    describe_options (first), 1, &input->layer, error);

  for (gsize i = 0; i < n_nodes; i++)
    import->is_done[import->index + i] = TRUE;
  import->node = last;
  return cpac_onnx_set_layer (import, index, 4, error);
}

gboolean
cpac_onnx_take_sequence (CpacOnnxImport *import, GError **error)
{
  const Onnx__NodeProto *node = import->node;
  g_autoptr (Onnx__GraphProto) written = NULL;
  g_autofree char *name = NULL;
  const CpacOnnxValue *input;
  CpacLayer *layer;
  gboolean ok = FALSE;

  if (node->doc_string == NULL || (name = find_name (node)) == NULL ||
      (input = cpac_onnx_get_planes (import, 0, NULL)) == NULL ||
      (layer = read_layer (node, cpac_onnx_get_dims (import, input))) == NULL)
    return FALSE;
  written = cpac_onnx_graph_new ();
  if (layer->klass == &cpac_standardize_class)
    cpac_onnx_write_standardize (written, layer, name, node->input[0]);
  else
    cpac_onnx_write_local_contrast (written, layer, name, node->input[0]);
  if (is_written_here (import, written) && is_closed (import, written))
    ok = add (import, layer, input, written->n_node, error);
  cpac_layer_free (layer);
  return ok;
}
