/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/onnx/export.h"

#include "core/model/config-edit.h"
#include "core/onnx/export-private.h"
#include "core/onnx/file.h"

/* Of the format, whose version 7 came with operator set 12. */
#define IR_VERSION 7

static void
add_section (Onnx__ModelProto *file, const char *property, const CpacConfig *root, const char *key,
             const char *text)
{
  g_autoptr (GString) flow = g_string_new (NULL);

  cpac_config_append_flow (cpac_config_peek (root, key), text, flow);
  cpac_onnx_model_add_property (file, property, flow->str);
}

static void
add_properties (Onnx__ModelProto *file, const CpacModel *model, const CpacConfig *root,
                const char *text)
{
  cpac_onnx_model_add_property (file, "cpac-model", "1");
  cpac_onnx_model_add_property (file, "cpac-name", cpac_model_get_name (model));
  add_section (file, "cpac-input", root, "input", text);
  add_section (file, "cpac-score", root, "score", text);
  cpac_onnx_model_add_property (file, "cpac-weights-sha256", cpac_model_get_weights_sha256 (model));
  cpac_onnx_model_add_property (file, "cpac-config-sha256", cpac_model_get_config_sha256 (model));
}

Onnx__GraphProto *
cpac_onnx_export_graph (const CpacModel *model, CpacOnnxForm form)
{
  const CpacNetwork *network = cpac_model_get_network (model);
  const CpacDims *in = cpac_network_get_input (network), *out = cpac_network_get_output (network);
  guint n_layers = cpac_network_get_n_layers (network), last = n_layers - 1;
  CpacOnnxExport export = {
    .network = network,
    .params = cpac_model_get_params (model),
    .form = form,
    .graph = cpac_onnx_graph_new (),
  };

  export.graph->name = g_strdup (cpac_model_get_name (model));
  export.ranks = g_new (guint, n_layers);
  export.made = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  cpac_onnx_graph_add_input (export.graph, "input", 4,
                             (gint64[]){ 1, in->channels, in->height, in->width });
  for (guint i = 0; i < n_layers; i++)
    cpac_onnx_export_layer (&export, i);
  cpac_onnx_graph_add_output (export.graph, cpac_network_get_layer (network, last)->name,
                              export.ranks[last],
                              (gint64[]){ 1, out->channels, out->height, out->width });
  g_hash_table_unref (export.made);
  g_free (export.ranks);
  return export.graph;
}

Onnx__ModelProto *
cpac_onnx_export_new_file (void)
{
  Onnx__ModelProto *file = cpac_onnx_model_new ();

  file->has_ir_version = TRUE;
  file->ir_version = IR_VERSION;
  file->producer_name = g_strdup ("gst-cpac");
  file->producer_version = g_strdup (CPAC_VERSION);
  cpac_onnx_model_add_opset (file, "", CPAC_ONNX_OPSET);
  return file;
}

GBytes *
cpac_onnx_export (const CpacModel *model, const CpacConfig *root, const char *text, gboolean dense,
                  GError **error)
{
  g_autoptr (Onnx__ModelProto) file = cpac_onnx_export_new_file ();

  add_properties (file, model, root, text);
  file->graph = cpac_onnx_export_graph (model, dense ? CPAC_ONNX_DENSE : CPAC_ONNX_FACTORED);
  return cpac_onnx_file_pack (cpac_model_get_path (model), file, error);
}
