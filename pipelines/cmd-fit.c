/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include <gst/gst.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/model/files.h"
#include "core/model/json-writer.h"
#include "core/model/save.h"
#include "pipelines/fit-record.h"
#include "pipelines/fit-run.h"
#include "pipelines/open-dataset.h"
#include "pipelines/tool.h"

#define MIB ((gsize) 1 << 20)

static gboolean as_json;
static FitWishes wishes = {
  .n_threads = 2, .reach = 1, .memory_mib = 1024, .seed = 1, .shrinkage = -1
};

static const GOptionEntry entries[] = {
  { "data", 0, 0, G_OPTION_ARG_FILENAME, &wishes.data, "Manifest, folder, video or idx file", "M" },
  { "out", 0, 0, G_OPTION_ARG_FILENAME, &wishes.out, "Folder for the fitted model", "DIR" },
  { "layers", 0, 0, G_OPTION_ARG_STRING, &wishes.layers,
    "Layers whose maps are the features; the first one's grid is the map's", "A,B" },
  { "mode", 0, 0, G_OPTION_ARG_STRING, &wishes.mode, "texture (default), position-mean or position",
    "M" },
  { "channels", 0, 0, G_OPTION_ARG_INT, &wishes.n_channels,
    "As many random ones of the features (all)", "N" },
  { "shrinkage", 0, 0, G_OPTION_ARG_DOUBLE, &wishes.shrinkage,
    "0 to 1 (Ledoit and Wolf's; for position 0.01 / (2 reach + 1)^2)", "S" },
  { "reach", 0, 0, G_OPTION_ARG_INT, &wishes.reach,
    "Position: average covariances over the cells up to so many away (1)", "N" },
  { "top", 0, 0, G_OPTION_ARG_DOUBLE, &wishes.top,
    "Score: mean of this share of the map (the maximum)", "F" },
  { "augment", 0, 0, G_OPTION_ARG_STRING, &wishes.augment,
    "Fit to copies, too: mirror (left-right), flip (upside down) or both", "A" },
  { "combine", 0, 0, G_OPTION_ARG_NONE, &wishes.combine,
    "Of a map: head combined, if it is better than map and gaussian on the defects of val", NULL },
  { "good", 0, 0, G_OPTION_ARG_STRING, &wishes.good,
    "Labels of good parts, where the model names none", "A,B" },
  { "width", 0, 0, G_OPTION_ARG_INT, &wishes.width, "Of the network's input (the model's)", "N" },
  { "height", 0, 0, G_OPTION_ARG_INT, &wishes.height, "Of the network's input (the model's)", "N" },
  { "gray", 0, 0, G_OPTION_ARG_NONE, &wishes.gray, "Make an RGB network one for gray cameras",
    NULL },
  { "standardize", 0, 0, G_OPTION_ARG_STRING, &wishes.standardize,
    "Bring each gray picture to this mean and spread, of 0..255", "M,S" },
  { "seed", 0, 0, G_OPTION_ARG_INT64, &wishes.seed, "Of the channels and of splits (1)", "N" },
  { "threads", 0, 0, G_OPTION_ARG_INT, &wishes.n_threads, "Workers; any number, the same bytes (2)",
    "N" },
  { "memory", 0, 0, G_OPTION_ARG_INT, &wishes.memory_mib, "MiB of pictures kept decoded (1024)",
    "N" },
  { "json", 0, 0, G_OPTION_ARG_NONE, &as_json, "Print one JSON object", NULL },
  { NULL },
};

static gboolean
check_options (GError **error)
{
  if (wishes.n_threads < 1 || wishes.n_threads > 64)
    return tool_refuse (error, "--threads must be 1..64");
  if (wishes.reach < 0 || wishes.reach > 1000)
    return tool_refuse (error, "--reach must be 0..1000");
  if (wishes.n_channels < 0 || wishes.width < 0 || wishes.height < 0 || wishes.memory_mib < 0)
    return tool_refuse (error, "--channels, --width, --height and --memory must be at least 0");
  if (!(wishes.shrinkage == -1 || (wishes.shrinkage >= 0 && wishes.shrinkage <= 1)))
    return tool_refuse (error, "--shrinkage must be 0..1");
  if (!(wishes.top >= 0 && wishes.top <= 1))
    return tool_refuse (error, "--top must be 0..1 (0: the maximum)");
  if (wishes.augment != NULL && !g_str_equal (wishes.augment, "mirror") &&
      !g_str_equal (wishes.augment, "flip") && !g_str_equal (wishes.augment, "both"))
    return tool_refuse (error, "--augment must be mirror, flip or both");
  return TRUE;
}

/* ---- The work ---- */

static void
show_fitting (guint done, guint total, gpointer user_data)
{
  tool_progress ("fitting", done, total);
}

static gboolean
open_data (FitRun *run, GError **error)
{
  CpacDatasetOptions options = {
    .input = run->input,
    .head = run->head,
    .max_bytes = (gsize) wishes.memory_mib * MIB,
    .n_threads = (guint) wishes.n_threads,
    .seed = (guint64) wishes.seed,
  };

  run->manifest = cpac_manifest_load (wishes.data, NULL, error);
  if (run->manifest != NULL)
    run->dataset = open_dataset (run->manifest, options, error);
  return run->dataset != NULL;
}

static void
note_comparison (const FitRun *run)
{
  const CpacComparison *c = &run->fit.comparison;

  if (!wishes.combine)
    return;
  if (isnan (c->combined_auroc))
    tool_note (
        "note: val holds no defects, so nothing says whether combining helps: head gaussian");
  else
    tool_note ("AUROC on val: map %.4f, gaussian %.4f, combined %.4f: head %s", c->map_auroc,
               c->gaussian_auroc, c->combined_auroc, c->helps ? "combined" : "gaussian");
}

static gboolean
fit (FitRun *run, GError **error)
{
  const CpacFitOptions options = {
    .network = run->network,
    .params = run->params,
    .head = run->head,
    .dataset = run->dataset,
    .reach = (guint) wishes.reach,
    .shrinkage = wishes.shrinkage,
    .compare = wishes.combine,
    .map_layer = cpac_network_get_n_layers (run->network) - 1,
    .map_top = cpac_model_get_head (run->model)->top,
    .mirror = wishes.augment != NULL && !g_str_equal (wishes.augment, "flip"),
    .upside_down = wishes.augment != NULL && !g_str_equal (wishes.augment, "mirror"),
    .n_threads = (guint) wishes.n_threads,
    .progress = show_fitting,
  };
  gboolean ok;

  tool_note ("statistics: %u channels on %ux%u cells, %.1f MB", run->gaussian->n_channels,
             run->gaussian->width, run->gaussian->height,
             (double) cpac_gaussian_get_n_bytes (run->gaussian) / 1e6);
  ok = cpac_fit (&options, run->gaussian, &run->fit, error);
  tool_progress_end ();
  if (!ok) {
    g_prefix_error (error, "%s: ", wishes.data);
    return FALSE;
  }
  run->is_combined = wishes.combine && run->fit.comparison.helps;
  note_comparison (run);
  return TRUE;
}

static void
add_figures (const FitRun *run, JsonBuilder *builder)
{
  CpacScoreText section;
  CpacScale scale = { 0 };

  fit_run_describe (run, TRUE, &section);
  cpac_score_text_get_scale (&section, &scale);
  tool_json_int (builder, "n", run->fit.n);
  tool_json_int (builder, "n_copies", run->fit.n_copies);
  tool_json_int (builder, "n_held_out", run->fit.n_held_out);
  tool_json_int (builder, "cells", (gint64) run->gaussian->width * run->gaussian->height);
  tool_json_int (builder, "channels", run->gaussian->n_channels);
  tool_json_text (builder, "mode", cpac_gaussian_mode_to_string (run->mode));
  tool_json_double (builder, "shrinkage", run->fit.shrinkage);
  tool_json_double (builder, "median_good", scale.low);
  tool_json_double (builder, "threshold", scale.high);
  tool_json_text (builder, "head", run->is_combined ? "combined" : "gaussian");
  if (wishes.combine) {
    tool_json_double (builder, "val_auroc_map", run->fit.comparison.map_auroc);
    tool_json_double (builder, "val_auroc_gaussian", run->fit.comparison.gaussian_auroc);
    tool_json_double (builder, "val_auroc_combined", run->fit.comparison.combined_auroc);
  }
  tool_json_int (builder, "statistics_bytes", (gint64) cpac_gaussian_get_n_bytes (run->gaussian));
}

/* training.json, as cpac train leaves it: what it was fitted to, and the hashes of those parts.
 * (transfer full) */
static JsonBuilder *
record (const FitRun *run, const CpacWeightsWriter *writer)
{
  JsonBuilder *builder = fit_record_begin (writer);

  tool_json_text (builder, "fitted_on_sha256", cpac_model_get_weights_sha256 (run->model));
  tool_json_text (builder, "data_sha256", cpac_dataset_get_sha256 (run->dataset));
  tool_json_int (builder, "seed", wishes.seed);
  add_figures (run, builder);
  fit_record_add_groups (builder, run->dataset, &run->record);
  return builder;
}

static gboolean
save (const FitRun *run, GError **error)
{
  g_autoptr (CpacWeightsWriter) writer = cpac_weights_writer_new ();
  g_autofree char *text = fit_run_make_text (run, TRUE);
  g_autoptr (JsonBuilder) builder = NULL;

  cpac_params_write (run->params, run->network, writer);
  cpac_gaussian_write (run->gaussian, writer);
  builder = record (run, writer);
  if (!fit_record_save (builder, wishes.out, text, writer, error))
    return FALSE;
  fit_record_note_gap (&run->record, cpac_model_get_path (run->model));
  return TRUE;
}

static void
print_summary (const FitRun *run)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  if (!as_json) {
    printf ("%s: head %s, %s, %u channels on %ux%u cells, fitted to %u good pictures; "
            "shrinkage "
            "%.3g, not calibrated\n",
            wishes.out, run->is_combined ? "combined" : "gaussian",
            cpac_gaussian_mode_to_string (run->mode), run->gaussian->n_channels,
            run->gaussian->width, run->gaussian->height, run->fit.n, run->fit.shrinkage);
    return;
  }
  json_builder_begin_object (builder);
  add_figures (run, builder);
  json_builder_end_object (builder);
  tool_print_json (builder);
}

static gboolean
run_fit (FitRun *run, const char *path, GError **error)
{
  return fit_run_prepare (run, path, &wishes, error) && open_data (run, error) &&
         fit (run, error) && fit_run_drop_map (run, error) && save (run, error);
}

static int
run (int argc, char **argv)
{
  FitRun fitting = { 0 };
  GError *error = NULL;

  if (!tool_parse (&tool_fit, entries, 1, 1, &argc, &argv))
    return TOOL_ERROR;
  if (wishes.data == NULL || wishes.out == NULL)
    return tool_fail_text (&tool_fit, "--data and --out are both needed");
  if (!check_options (&error))
    return tool_fail (&tool_fit, error);
  gst_init (NULL, NULL);
  if (run_fit (&fitting, argv[1], &error))
    print_summary (&fitting);
  fit_run_clear (&fitting);
  return error != NULL ? tool_fail (&tool_fit, error) : TOOL_DONE;
}

const ToolCommand tool_fit = {
  .name = "fit",
  .arguments = "MODEL --data M --out DIR",
  .summary = "Fit a gaussian head to good parts, on the features of any network",
  .run = run,
};
