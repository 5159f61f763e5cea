/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/model/save.h"
#include "core/onnx/import.h"
#include "pipelines/tool.h"

static char *out, *size_text, *mean_text, *scale_text;
static gboolean as_json;

static const GOptionEntry entries[] = {
  { "out", 0, 0, G_OPTION_ARG_FILENAME, &out, "Folder for the model", "DIR" },
  { "size", 0, 0, G_OPTION_ARG_STRING, &size_text,
    "Width and height of the input, where the file leaves them open", "WxH" },
  { "mean", 0, 0, G_OPTION_ARG_STRING, &mean_text,
    "Normalisation, x = (u8 - mean) / scale: one number or one for each channel (what the file "
    "says, or 0)",
    "M[,M,M]" },
  { "scale", 0, 0, G_OPTION_ARG_STRING, &scale_text, "Likewise (what the file says, or 1)",
    "S[,S,S]" },
  { "json", 0, 0, G_OPTION_ARG_NONE, &as_json, "Print one JSON object", NULL },
  G_OPTION_ENTRY_NULL,
};

/* ---- Options ---- */

static gboolean
parse_size (CpacOnnxOptions *options)
{
  g_auto (GStrv) sides = NULL;
  guint64 width, height;

  if (size_text == NULL)
    return TRUE;
  sides = g_strsplit (size_text, "x", 2);
  if (g_strv_length (sides) != 2 ||
      !g_ascii_string_to_unsigned (sides[0], 10, 1, G_MAXUINT16, &width, NULL) ||
      !g_ascii_string_to_unsigned (sides[1], 10, 1, G_MAXUINT16, &height, NULL)) {
    tool_fail_text (&tool_import, "--size %s: expected WxH, such as 224x224", size_text);
    return FALSE;
  }
  options->width = (guint) width;
  options->height = (guint) height;
  return TRUE;
}

static gboolean
parse_number (const char *text, double min, double max, double *value)
{
  char *end;

  *value = g_ascii_strtod (text, &end);
  return end != text && *end == '\0' && isfinite (*value) && *value >= min && *value <= max;
}

/* One or three numbers. */
static gboolean
parse_numbers (const char *option, const char *text, double min, double max, guint *n,
               double values[3])
{
  g_auto (GStrv) parts = text != NULL ? g_strsplit (text, ",", 4) : NULL;
  gboolean ok;

  if (text == NULL)
    return TRUE;
  *n = g_strv_length (parts);
  ok = *n == 1 || *n == 3;
  for (guint i = 0; ok && i < *n; i++)
    ok = parse_number (parts[i], min, max, &values[i]);
  if (!ok)
    tool_fail_text (&tool_import,
                    "--%s %s: expected one number from %g to %g, or three with commas", option,
                    text, min, max);
  return ok;
}

/* ---- The model ---- */

static void
print_summary (const CpacOnnxImported *imported)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  CpacCost cost;

  cpac_network_count (imported->network, &cost);
  if (!as_json) {
    printf ("%s: %u layers, %" G_GUINT64_FORMAT " parameters, %" G_GUINT64_FORMAT
            " multiply-adds\n",
            out, cpac_network_get_n_layers (imported->network), cost.parameters, cost.macs);
    return;
  }
  json_builder_begin_object (builder);
  tool_json_int (builder, "layers", cpac_network_get_n_layers (imported->network));
  tool_json_int (builder, "parameters", (gint64) cost.parameters);
  tool_json_int (builder, "macs", (gint64) cost.macs);
  json_builder_end_object (builder);
  tool_print_json (builder);
}

static gboolean
import (const char *path, const CpacOnnxOptions *options, GError **error)
{
  g_autoptr (CpacOnnxImported) imported = cpac_onnx_import_file (path, options, error);

  if (imported == NULL ||
      !cpac_model_save (out, imported->text, imported->network, imported->params, error))
    return FALSE;
  for (guint i = 0; i < imported->notes->len; i++)
    tool_note ("%s: %s", path, (const char *) g_ptr_array_index (imported->notes, i));
  print_summary (imported);
  return TRUE;
}

static int
run (int argc, char **argv)
{
  CpacOnnxOptions options = { 0 };
  GError *error = NULL;

  if (!tool_parse (&tool_import, entries, 1, 1, &argc, &argv))
    return TOOL_ERROR;
  if (out == NULL)
    return tool_fail_text (&tool_import, "--out is missing: the folder for the model");
  if (!parse_size (&options) ||
      !parse_numbers ("mean", mean_text, -1e6, 1e6, &options.n_mean, options.mean) ||
      !parse_numbers ("scale", scale_text, 1e-6, 1e6, &options.n_scale, options.scale))
    return TOOL_ERROR;
  return import (argv[1], &options, &error) ? TOOL_DONE : tool_fail (&tool_import, error);
}

const ToolCommand tool_import = {
  .name = "import",
  .arguments = "FILE.onnx --out DIR",
  .summary = "Make a model of an ONNX file",
  .run = run,
};
