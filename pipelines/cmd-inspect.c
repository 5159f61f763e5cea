/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include <gst/gst.h>
#include <stdio.h>
#include <string.h>

#include "core/model/files.h"
#include "core/model/golden.h"
#include "core/model/model.h"
#include "pipelines/inspect-significance.h"
#include "pipelines/tool.h"

#define NEW_GOLDEN_SEED 1

static gboolean as_json, self_check, new_golden, with_significance;
static int n_threads = 2, n_pictures = 64;
static char *svg_path, *data;

static const GOptionEntry entries[] = {
  { "self-check", 0, 0, G_OPTION_ARG_NONE, &self_check,
    "Check that this machine computes what the model was made with", NULL },
  { "golden", 0, 0, G_OPTION_ARG_NONE, &new_golden,
    "Print a golden section for this model, to be appended to it", NULL },
  { "significance", 0, 0, G_OPTION_ARG_NONE, &with_significance,
    "Print what each component, channel, filter and tap weighs", NULL },
  { "svg", 0, 0, G_OPTION_ARG_FILENAME, &svg_path, "Draw that as bars", "FILE" },
  { "data", 0, 0, G_OPTION_ARG_FILENAME, &data, "And what it does on the training pictures of M",
    "M" },
  { "pictures", 0, 0, G_OPTION_ARG_INT, &n_pictures, "At most so many of them (64)", "N" },
  { "threads", 0, 0, G_OPTION_ARG_INT, &n_threads, "Workers for that (2)", "N" },
  { "json", 0, 0, G_OPTION_ARG_NONE, &as_json, "Print one JSON object", NULL },
  { NULL },
};

static void
add_layer (JsonBuilder *builder, const CpacModel *model, guint index,
           const ModelSignificance *significance)
{
  const CpacLayer *layer = cpac_network_get_layer (cpac_model_get_network (model), index);
  CpacCost cost;
  g_autofree char *dims = cpac_dims_to_string (&layer->out);

  cpac_layer_count (layer, &cost);
  json_builder_begin_object (builder);
  tool_json_text (builder, "name", layer->name);
  tool_json_text (builder, "type", layer->klass->type);
  tool_json_text (builder, "output", dims);
  tool_json_int (builder, "parameters", (gint64) cost.parameters);
  tool_json_int (builder, "parameters_dense", (gint64) cost.parameters_dense);
  tool_json_int (builder, "macs", (gint64) cost.macs);
  tool_json_int (builder, "macs_dense", (gint64) cost.macs_dense);
  if (significance != NULL)
    model_significance_add_layer (significance, index, builder);
  json_builder_end_object (builder);
}

static void
add_calibration (JsonBuilder *builder, const CpacHead *head)
{
  const CpacCalibration *calibration = head->calibration;

  if (calibration == NULL && !head->calibration_is_stale)
    return;
  json_builder_set_member_name (builder, "calibration");
  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "stale");
  json_builder_add_boolean_value (builder, head->calibration_is_stale);
  if (calibration != NULL) {
    tool_json_int (builder, "n_parts", calibration->n_parts);
    tool_json_double (builder, "max_false_reject", calibration->max_false_reject);
    tool_json_double (builder, "confidence", calibration->confidence);
    if (calibration->ignore_mask_sha256 != NULL)
      tool_json_text (builder, "ignore_mask_sha256", calibration->ignore_mask_sha256);
    tool_json_double (builder, "promised_false_reject",
                      cpac_calibration_get_promise (calibration, head->threshold));
    tool_json_double (builder, "median", calibration->median);
    tool_json_double (builder, "least_p_value", calibration->floor);
  }
  json_builder_end_object (builder);
}

static void
print_as_json (const CpacModel *model, const ModelSignificance *significance, const char *verdict,
               double deviation)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  const CpacNetwork *network = cpac_model_get_network (model);
  CpacCost cost;

  cpac_network_count (network, &cost);
  json_builder_begin_object (builder);
  tool_json_text (builder, "name", cpac_model_get_name (model));
  tool_json_int (builder, "parameters", (gint64) cost.parameters);
  tool_json_int (builder, "parameters_dense", (gint64) cost.parameters_dense);
  tool_json_int (builder, "macs", (gint64) cost.macs);
  tool_json_int (builder, "macs_dense", (gint64) cost.macs_dense);
  if (!cpac_model_is_shape (model))
    tool_json_text (builder, "model_sha256", cpac_model_get_weights_sha256 (model));
  tool_json_text (builder, "config_sha256", cpac_model_get_config_sha256 (model));
  tool_json_int (builder, "ignored_tensors", cpac_model_get_n_ignored (model));
  add_calibration (builder, cpac_model_get_head (model));
  if (verdict != NULL) {
    tool_json_text (builder, "self_check", verdict);
    tool_json_double (builder, "deviation", deviation);
  }
  json_builder_set_member_name (builder, "layers");
  json_builder_begin_array (builder);
  for (guint i = 0; i < cpac_network_get_n_layers (network); i++)
    add_layer (builder, model, i, significance);
  json_builder_end_array (builder);
  if (significance != NULL)
    model_significance_add_bands (significance, builder);
  json_builder_end_object (builder);
  tool_print_json (builder);
}

static double
ratio (guint64 dense, guint64 factored)
{
  return factored > 0 ? (double) dense / (double) factored : 1;
}

/* What the threshold promises as it is now, whatever was asked when it was first written. */
static void
print_calibration (const CpacHead *head)
{
  const CpacCalibration *calibration = head->calibration;

  if (head->calibration_is_stale)
    printf ("calibration: made with other weights, input, layers or head, not used; cpac calibrate "
            "makes a new one\n");
  if (calibration == NULL)
    return;
  printf ("calibration: %u good parts; above the threshold %g are at most %.3g %% of good parts, "
          "with %g %% confidence\n"
          "  (asked for: %g %%); median score %g; p-values down to %.2g%s\n",
          calibration->n_parts, head->threshold,
          100 * cpac_calibration_get_promise (calibration, head->threshold),
          100 * calibration->confidence, 100 * calibration->max_false_reject, calibration->median,
          calibration->floor, calibration->has_tail ? ", by a generalised Pareto tail" : "");
  if (calibration->ignore_mask_sha256 != NULL)
    printf ("  holds with the ignore mask it was made with only, of SHA-256 %s\n",
            calibration->ignore_mask_sha256);
}

static void
print_as_table (const CpacModel *model)
{
  const CpacNetwork *network = cpac_model_get_network (model);
  g_autofree char *input = cpac_dims_to_string (cpac_network_get_input (network));
  CpacCost total;

  printf ("%s\n  input %s (channels x height x width)%s\n\n", cpac_model_get_name (model), input,
          cpac_model_is_shape (model) ? ", a shape without weights" : "");
  printf ("%-24s %-20s %-14s %10s %10s %14s %14s\n", "layer", "type", "output", "params", "dense",
          "macs", "dense");
  for (guint i = 0; i < cpac_network_get_n_layers (network); i++) {
    const CpacLayer *layer = cpac_network_get_layer (network, i);
    g_autofree char *dims = cpac_dims_to_string (&layer->out);
    CpacCost cost;

    cpac_layer_count (layer, &cost);
    printf ("%-24s %-20s %-14s %10" G_GUINT64_FORMAT " %10" G_GUINT64_FORMAT " %14" G_GUINT64_FORMAT
            " %14" G_GUINT64_FORMAT "\n",
            layer->name, layer->klass->type, dims, cost.parameters, cost.parameters_dense,
            cost.macs, cost.macs_dense);
  }
  cpac_network_count (network, &total);
  printf ("%-24s %-20s %-14s %10" G_GUINT64_FORMAT " %10" G_GUINT64_FORMAT " %14" G_GUINT64_FORMAT
          " %14" G_GUINT64_FORMAT "\n",
          "total", "", "", total.parameters, total.parameters_dense, total.macs, total.macs_dense);
  printf ("\ndense / factored: parameters %.2f, multiply-adds %.2f\n",
          ratio (total.parameters_dense, total.parameters), ratio (total.macs_dense, total.macs));
  if (cpac_model_get_n_ignored (model) > 0)
    printf ("%u tensor(s) of the weights file belong to no layer\n",
            cpac_model_get_n_ignored (model));
  print_calibration (cpac_model_get_head (model));
}

/* The answer to --self-check: NULL for yes, else what is wrong. (transfer full) */
static char *
check (const CpacModel *model, double *deviation)
{
  const CpacGolden *golden = cpac_model_get_golden (model);
  g_autoptr (GError) error = NULL;

  if (cpac_model_is_shape (model))
    return g_strdup_printf ("%s: a shape without weights has nothing to check",
                            cpac_model_get_path (model));
  if (golden == NULL)
    return g_strdup_printf ("%s: the model carries no golden section to check against",
                            cpac_model_get_path (model));
  if (cpac_golden_check (golden, model, deviation, &error))
    return NULL;
  return g_strdup (error->message);
}

static int
run_self_check (const CpacModel *model)
{
  double deviation = 0;
  g_autofree char *trouble = check (model, &deviation);

  if (as_json)
    print_as_json (model, NULL, trouble == NULL ? "pass" : "fail", deviation);
  else if (trouble == NULL)
    printf ("%s: self-check passed, largest deviation %.3g\n", cpac_model_get_path (model),
            deviation);
  if (trouble == NULL)
    return TOOL_DONE;
  tool_note ("%s", trouble);
  return TOOL_NO;
}

static int
print_golden (const CpacModel *model)
{
  CpacGolden golden = { 0 };
  g_autofree char *yaml = NULL;

  if (cpac_model_is_shape (model))
    return tool_fail_text (&tool_inspect, "%s: a shape without weights has no golden answer",
                           cpac_model_get_path (model));
  cpac_golden_compute (model, NEW_GOLDEN_SEED, &golden);
  yaml = cpac_golden_to_yaml (&golden);
  fputs (yaml, stdout);
  return TOOL_DONE;
}

/* ---- What the parts of its kernels weigh ---- */

static gboolean
check_options (const CpacModel *model, GError **error)
{
  const char *message = NULL;

  if (n_threads < 1 || n_threads > 64)
    message = "--threads must be 1..64";
  else if (n_pictures < 1)
    message = "--pictures must be at least 1";
  else if (data != NULL && !with_significance && svg_path == NULL && !as_json)
    message = "--data is for --significance, --svg or --json";
  else if ((with_significance || svg_path != NULL || data != NULL) && cpac_model_is_shape (model))
    message = "a shape without weights has no significance";
  if (message != NULL)
    g_set_error_literal (error, CPAC_ERROR, CPAC_ERROR_SCHEMA, message);
  return message == NULL;
}

static gboolean
write_svg (const ModelSignificance *significance, GError **error)
{
  g_autofree char *svg = model_significance_to_svg (significance);

  return cpac_file_replace (svg_path, svg, strlen (svg), error);
}

static gboolean
show (const CpacModel *model, GError **error)
{
  g_autoptr (ModelSignificance) significance = NULL;
  g_autofree char *text = NULL;

  if (!check_options (model, error))
    return FALSE;
  if (!cpac_model_is_shape (model))
    significance = model_significance_new (model);
  if (data != NULL) {
    gst_init (NULL, NULL);
    if (!model_significance_measure (significance, data, (guint) n_pictures, (guint) n_threads,
                                     error))
      return FALSE;
  }
  if (svg_path != NULL && !write_svg (significance, error))
    return FALSE;
  if (as_json) {
    print_as_json (model, significance, NULL, 0);
    return TRUE;
  }
  print_as_table (model);
  if (with_significance) {
    text = model_significance_to_text (significance);
    fputs (text, stdout);
  }
  return TRUE;
}

static int
run (int argc, char **argv)
{
  g_autoptr (CpacModel) model = NULL;
  GError *error = NULL;

  if (!tool_parse (&tool_inspect, entries, 1, 1, &argc, &argv))
    return TOOL_ERROR;
  model = cpac_model_load (argv[1], CPAC_MODEL_ALLOW_SHAPE | CPAC_MODEL_SKIP_SELF_CHECK, &error);
  if (model == NULL)
    return tool_fail (&tool_inspect, error);
  if (self_check)
    return run_self_check (model);
  if (new_golden)
    return print_golden (model);
  return show (model, &error) ? TOOL_DONE : tool_fail (&tool_inspect, error);
}

const ToolCommand tool_inspect = {
  .name = "inspect",
  .arguments = "MODEL",
  .summary = "Show layers, shapes and cost of a model; check it",
  .run = run,
};
