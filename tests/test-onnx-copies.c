/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "core/layers/options.h"
#include "core/onnx/copies.h"
#include "core/onnx/file.h"
#include "tests/folder.h"

/* A layer that two read, one without weights in front, a constant that is no initializer (of the
 * change of rank), planes or a vector at the end. */
static const char planes[] = "cpac-model: 1\n"
                             "name: planes\n"
                             "input: {width: 7, height: 5, channels: 3, mean: [0, 0, 0], scale: "
                             "[255, 255, 255]}\n"
                             "layers:\n"
                             "  - {name: pool, type: max-pool, size: 2}\n"
                             "  - {name: conv1, type: cpac-conv, filters: 4, kernel: [3, 1], rank: "
                             "2, padding: same}\n"
                             "  - {name: both, type: add, inputs: [conv1, conv1]}\n"
                             "  - {name: up, type: upsample, size: [4, 3]}\n"
                             "score: {head: none}\n";
static const char vector[] =
    "cpac-model: 1\n"
    "name: vector\n"
    "input: {width: 4, height: 4, channels: 1, mean: [0], scale: [255]}\n"
    "layers:\n"
    "  - {name: conv1, type: cpac-conv, filters: 2, kernel: [3, 3], rank: 1, padding: same}\n"
    "  - {name: fc1, type: linear, units: 3}\n"
    "  - {name: narrow, type: conv, filters: 2, kernel: [1, 1]}\n"
    "  - {name: fc2, type: linear, units: 5, bias: false}\n"
    "score: {head: none}\n";

static const struct {
  const char *text;
  CpacOnnxForm form;
  guint n_nodes, n_initializers, n_dims; /* of the network once; of its output */
  gint64 dims[4];
} cases[] = {
  /* pool, u v z + conv1, both, up and its size; a, b, c, d and bias */
  { planes, CPAC_ONNX_FACTORED, 1 + 4 + 1 + 2, 5, 4, { 0, 4, 4, 3 } },
  { planes, CPAC_ONNX_MERGED, 1 + 3 + 1 + 2, 4, 4, { 0, 4, 4, 3 } },
  { planes, CPAC_ONNX_DENSE, 1 + 1 + 1 + 2, 2, 4, { 0, 4, 4, 3 } },
  /* conv1, Flatten, fc1, its planes and their shape, narrow, Flatten, fc2 */
  { vector, CPAC_ONNX_FACTORED, 4 + 1 + 1 + 2 + 1 + 1 + 1, 5 + 2 + 2 + 1, 2, { 0, 5 } },
  { vector, CPAC_ONNX_MERGED, 3 + 1 + 1 + 2 + 1 + 1 + 1, 4 + 2 + 2 + 1, 2, { 0, 5 } },
  { vector, CPAC_ONNX_DENSE, 1 + 1 + 1 + 2 + 1 + 1 + 1, 2 + 2 + 2 + 1, 2, { 0, 5 } },
};

static CpacModel *
load (const char *text)
{
  g_auto (Folder) folder;
  g_autofree char *path = NULL;
  GError *error = NULL;
  CpacModel *model;

  folder_init (&folder);
  path = put (&folder, "shape.yaml", text, strlen (text));
  model = cpac_model_load (path, CPAC_MODEL_ALLOW_SHAPE, &error);
  g_assert_no_error (error);
  return model;
}

/* Every value that a node reads exists by then, and no name stands for two. */
static void
assert_well_formed (const Onnx__GraphProto *graph)
{
  g_autoptr (GHashTable) values = g_hash_table_new (g_str_hash, g_str_equal);

  for (gsize i = 0; i < graph->n_initializer; i++)
    g_assert_true (g_hash_table_add (values, graph->initializer[i]->name));
  for (gsize i = 0; i < graph->n_input; i++)
    g_assert_true (g_hash_table_add (values, graph->input[i]->name));
  for (gsize i = 0; i < graph->n_node; i++) {
    const Onnx__NodeProto *node = graph->node[i];

    for (gsize k = 0; k < node->n_input; k++)
      g_assert_true (*node->input[k] == '\0' || g_hash_table_contains (values, node->input[k]));
    for (gsize k = 0; k < node->n_output; k++)
      g_assert_true (g_hash_table_add (values, node->output[k]));
    g_assert_cmpstr (node->name, ==, node->output[0]);
  }
  g_assert_cmpuint (graph->n_output, ==, 1);
  g_assert_true (g_hash_table_contains (values, graph->output[0]->name));
}

/* Copies do not meet before the last node: each reads its own input only. */
static void
assert_apart (const Onnx__GraphProto *graph, guint n_copies)
{
  g_autoptr (GHashTable) copy_of = g_hash_table_new (g_str_hash, g_str_equal);
  const Onnx__NodeProto *last = graph->node[graph->n_node - 1];

  for (gsize i = 0; i < n_copies; i++)
    g_hash_table_insert (copy_of, graph->input[i]->name, GUINT_TO_POINTER (i + 1));
  for (gsize i = 0; i + 1 < graph->n_node; i++) {
    const Onnx__NodeProto *node = graph->node[i];
    gpointer copy = NULL;

    for (gsize k = 0; k < node->n_input; k++) {
      gpointer other = g_hash_table_lookup (copy_of, node->input[k]);

      g_assert_true (copy == NULL || other == NULL || other == copy);
      copy = other != NULL ? other : copy;
    }
    if (copy != NULL)
      g_hash_table_insert (copy_of, node->output[0], copy);
  }
  g_assert_cmpstr (last->op_type, ==, "Concat");
  g_assert_cmpuint (last->n_input, ==, n_copies);
  for (gsize i = 0; i < n_copies; i++)
    g_assert_true (g_hash_table_lookup (copy_of, last->input[i]) == GUINT_TO_POINTER (i + 1));
}

static void
assert_output (const Onnx__GraphProto *graph, guint n_copies, guint n_dims, const gint64 *dims)
{
  const Onnx__TensorShapeProto *shape = graph->output[0]->type->tensor_type->shape;

  g_assert_cmpstr (graph->output[0]->name, ==, CPAC_ONNX_COPIES_OUTPUT);
  g_assert_cmpuint (shape->n_dim, ==, n_dims);
  g_assert_cmpint (shape->dim[0]->dim_value, ==, n_copies);
  for (guint i = 1; i < n_dims; i++)
    g_assert_cmpint (shape->dim[i]->dim_value, ==, dims[i]);
}

static void
test_structure (void)
{
  static const guint counts[] = { 1, 2, 33 };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    for (guint k = 0; k < G_N_ELEMENTS (counts); k++) {
      g_autoptr (CpacModel) model = load (cases[i].text);
      GError *error = NULL;
      g_autoptr (GBytes) bytes = cpac_onnx_export_copies (model, cases[i].form, counts[k], &error);
      Onnx__ModelProto *file;

      g_assert_no_error (error);
      file = cpac_onnx_file_parse ("copies", g_bytes_get_data (bytes, NULL),
                                   g_bytes_get_size (bytes), &error);
      g_assert_no_error (error);
      g_assert_cmpuint (file->graph->n_node, ==, counts[k] * cases[i].n_nodes + 1);
      g_assert_cmpuint (file->graph->n_initializer, ==, cases[i].n_initializers);
      g_assert_cmpuint (file->graph->n_input, ==, counts[k]);
      assert_well_formed (file->graph);
      assert_apart (file->graph, counts[k]);
      assert_output (file->graph, counts[k], cases[i].n_dims, cases[i].dims);
      onnx__model_proto__free_unpacked (file, NULL);
    }
}

/* The merged taps of a component are the product of its two, and read both axes. */
static void
test_merged (void)
{
  g_autoptr (CpacModel) model = load (vector);
  g_autoptr (GBytes) bytes = cpac_onnx_export_copies (model, CPAC_ONNX_MERGED, 1, NULL);
  Onnx__ModelProto *file = cpac_onnx_file_parse ("copies", g_bytes_get_data (bytes, NULL),
                                                 g_bytes_get_size (bytes), NULL);
  const CpacParams *params = cpac_model_get_params (model);
  const float *b = params->values[CPAC_CONV_B]->data, *c = params->values[CPAC_CONV_C]->data;
  guint n_found = 0;

  for (gsize i = 0; i < file->graph->n_initializer; i++) {
    const Onnx__TensorProto *tensor = file->graph->initializer[i];
    float merged[9];

    if (g_str_has_suffix (tensor->name, "/bc")) {
      g_assert_cmpuint (tensor->raw_data.len, ==, sizeof merged);
      memcpy (merged, tensor->raw_data.data, sizeof merged);
      for (guint k = 0; k < 9; k++)
        g_assert_cmpfloat (merged[k], ==, b[k / 3] * c[k % 3]);
      n_found++;
    }
  }
  g_assert_cmpuint (n_found, ==, 1);
  onnx__model_proto__free_unpacked (file, NULL);
}

/* Attributes of the nodes, names of the inputs: of one small file, by hand. */
static void
test_nodes (void)
{
  g_autoptr (CpacModel) model = load (planes);
  g_autoptr (GBytes) bytes = cpac_onnx_export_copies (model, CPAC_ONNX_DENSE, 2, NULL);
  Onnx__ModelProto *file = cpac_onnx_file_parse ("copies", g_bytes_get_data (bytes, NULL),
                                                 g_bytes_get_size (bytes), NULL);
  const Onnx__NodeProto *first, *second;

  g_assert_cmpstr (file->graph->input[0]->name, ==, "input");
  g_assert_cmpstr (file->graph->input[1]->name, ==, "input#1");
  first = file->graph->node[1];
  second = file->graph->node[6];
  g_assert_cmpstr (first->output[0], ==, "conv1");
  g_assert_cmpstr (second->output[0], ==, "conv1#1");
  g_assert_cmpstr (second->op_type, ==, "Conv");
  g_assert_cmpstr (second->input[0], ==, "pool#1");
  g_assert_cmpstr (second->input[1], ==, first->input[1]);
  g_assert_cmpuint (second->n_attribute, ==, first->n_attribute);
  for (gsize i = 0; i < first->n_attribute; i++) {
    g_assert_cmpstr (second->attribute[i]->name, ==, first->attribute[i]->name);
    g_assert_cmpint (second->attribute[i]->i, ==, first->attribute[i]->i);
    g_assert_cmpmem (second->attribute[i]->ints, second->attribute[i]->n_ints * sizeof (gint64),
                     first->attribute[i]->ints, first->attribute[i]->n_ints * sizeof (gint64));
  }
  onnx__model_proto__free_unpacked (file, NULL);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/onnx-copies/structure", test_structure);
  g_test_add_func ("/onnx-copies/nodes", test_nodes);
  g_test_add_func ("/onnx-copies/merged", test_merged);
  return g_test_run ();
}
