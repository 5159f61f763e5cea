/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdio.h>
#include <string.h>

#include "core/model/files.h"
#include "core/onnx/export.h"
#include "pipelines/tool.h"

#define MAX_YAML (4u << 20)

static char *file;
static gboolean dense, as_json;

static const GOptionEntry entries[] = {
  { "onnx", 0, 0, G_OPTION_ARG_FILENAME, &file, "ONNX file to write", "FILE" },
  { "dense", 0, 0, G_OPTION_ARG_NONE, &dense,
    "Multiply the kernels of cpac-conv out: one convolution each instead of four", NULL },
  { "json", 0, 0, G_OPTION_ARG_NONE, &as_json, "Print one JSON object", NULL },
  G_OPTION_ENTRY_NULL,
};

static void
print_summary (const CpacModel *model, GBytes *bytes)
{
  const CpacNetwork *network = cpac_model_get_network (model);
  guint last = cpac_network_get_n_layers (network) - 1;
  const char *output = cpac_network_get_layer (network, last)->name;
  gint64 size = (gint64) g_bytes_get_size (bytes);
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  if (!as_json) {
    printf ("%s: %" G_GINT64_FORMAT " bytes; input \"input\", normalised as metadata cpac-input "
            "says; output \"%s\", raw\n",
            file, size, output);
    return;
  }
  json_builder_begin_object (builder);
  tool_json_int (builder, "bytes", size);
  tool_json_text (builder, "input", "input");
  tool_json_text (builder, "output", output);
  json_builder_end_object (builder);
  tool_print_json (builder);
}

static gboolean export(const char *path, GError **error)
{
  g_autoptr (CpacModel) model = cpac_model_load (path, CPAC_MODEL_DEFAULT, error);
  g_autofree char *text = NULL;
  g_autoptr (CpacConfig) root = NULL;
  g_autoptr (GBytes) bytes = NULL;
  gsize length;

  if (model == NULL || !cpac_file_read (path, MAX_YAML, &text, &length, error) ||
      (root = cpac_config_parse (path, text, length, error)) == NULL ||
      (bytes = cpac_onnx_export (model, root, text, dense, error)) == NULL ||
      !cpac_file_replace (file, g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), error))
    return FALSE;
  if (cpac_model_get_gaussian (model) != NULL)
    tool_note ("what the head has learnt is not in the file: its output is that of the last layer");
  print_summary (model, bytes);
  return TRUE;
}

static int
run (int argc, char **argv)
{
  GError *error = NULL;

  if (!tool_parse (&tool_export, entries, 1, 1, &argc, &argv))
    return TOOL_ERROR;
  if (file == NULL)
    return tool_fail_text (&tool_export, "--onnx is missing: the file to write");
  return export(argv[1], &error) ? TOOL_DONE : tool_fail (&tool_export, error);
}

const ToolCommand tool_export = {
  .name = "export",
  .arguments = "MODEL --onnx FILE",
  .summary = "Write a model as ONNX, for other runtimes",
  .run = run,
};
