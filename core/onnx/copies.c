/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/onnx/copies.h"

#include "core/onnx/export-private.h"
#include "core/onnx/file.h"

/* "conv1#3". (transfer full) */
static char *
name_in_copy (const char *name, guint copy)
{
  return copy == 0 ? g_strdup (name) : g_strdup_printf ("%s#%u", name, copy);
}

/* Makes @name one of @copy, unless it is a constant or an input that was left out. */
static void
rename_value (char **name, guint copy, GHashTable *constants)
{
  char *renamed;

  if (**name == '\0' || g_hash_table_contains (constants, *name))
    return;
  renamed = name_in_copy (*name, copy);
  g_free (*name);
  *name = renamed;
}

static void
add_node_copy (Onnx__GraphProto *graph, const Onnx__NodeProto *node, guint copy,
               GHashTable *constants)
{
  Onnx__NodeProto *made = cpac_onnx_graph_add_copy (graph, node);

  for (gsize i = 0; i < made->n_input; i++)
    rename_value (&made->input[i], copy, constants);
  for (gsize i = 0; i < made->n_output; i++)
    rename_value (&made->output[i], copy, constants);
  g_free (made->name);
  made->name = g_strdup (made->output[0]);
}

static void
add_copy (Onnx__GraphProto *graph, gsize n_nodes, guint copy, GHashTable *constants)
{
  const Onnx__ValueInfoProto *input = graph->input[0];
  const Onnx__TensorShapeProto *shape = input->type->tensor_type->shape;
  g_autofree char *name = name_in_copy (input->name, copy);
  g_autofree gint64 *dims = g_new (gint64, shape->n_dim);

  for (gsize i = 0; i < shape->n_dim; i++)
    dims[i] = shape->dim[i]->dim_value;
  cpac_onnx_graph_add_input (graph, name, (guint) shape->n_dim, dims);
  for (gsize i = 0; i < n_nodes; i++)
    add_node_copy (graph, graph->node[i], copy, constants);
}

/* The outputs of all copies become the one output of the graph. */
static void
join_outputs (Onnx__GraphProto *graph, guint n_copies)
{
  Onnx__ValueInfoProto *output = graph->output[0];
  g_auto (GStrv) parts = g_new0 (char *, n_copies + 1);
  Onnx__NodeProto *node;

  for (guint k = 0; k < n_copies; k++)
    parts[k] = name_in_copy (output->name, k);
  node = cpac_onnx_graph_add_node_v (graph, "Concat", CPAC_ONNX_COPIES_OUTPUT,
                                     (const char *const *) parts);
  cpac_onnx_node_set_int (node, "axis", 0);
  g_free (output->name);
  output->name = g_strdup (CPAC_ONNX_COPIES_OUTPUT);
  output->type->tensor_type->shape->dim[0]->dim_value = n_copies;
}

GBytes *
cpac_onnx_export_copies (const CpacModel *model, CpacOnnxForm form, guint n_copies, GError **error)
{
  g_autoptr (Onnx__ModelProto) file = cpac_onnx_export_new_file ();
  g_autoptr (GHashTable) constants = g_hash_table_new (g_str_hash, g_str_equal);
  Onnx__GraphProto *graph = cpac_onnx_export_graph (model, form);
  gsize n_nodes = graph->n_node;

  file->graph = graph;
  for (gsize i = 0; i < graph->n_initializer; i++)
    g_hash_table_add (constants, graph->initializer[i]->name);
  for (guint copy = 1; copy < n_copies; copy++)
    add_copy (graph, n_nodes, copy, constants);
  join_outputs (graph, n_copies);
  return cpac_onnx_file_pack (cpac_model_get_path (model), file, error);
}
