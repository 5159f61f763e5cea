/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include <gst/gst.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/model/files.h"
#include "core/model/json-writer.h"
#include "core/model/save.h"
#include "core/random.h"
#include "core/train/cut.h"
#include "core/train/score-text.h"
#include "pipelines/fit-record.h"
#include "pipelines/frames.h"
#include "pipelines/tool.h"

#define MAX_YAML (4u << 20)
#define MIB ((gsize) 1 << 20)

static gboolean as_json, gray, combine;
static int n_threads = 2, n_channels, reach = 1, width, height, memory_mib = 1024;
static gint64 seed = 1;
static double shrinkage = -1, top;
static char *data, *out, *mode, *layers, *good, *standardize, *augment;

static const GOptionEntry entries[] = {
  { "data", 0, 0, G_OPTION_ARG_FILENAME, &data, "Manifest, folder, video or idx file", "M" },
  { "out", 0, 0, G_OPTION_ARG_FILENAME, &out, "Folder for the fitted model", "DIR" },
  { "layers", 0, 0, G_OPTION_ARG_STRING, &layers,
    "Layers whose maps are the features; the first one's grid is the map's", "A,B" },
  { "mode", 0, 0, G_OPTION_ARG_STRING, &mode, "texture (default), position-mean or position", "M" },
  { "channels", 0, 0, G_OPTION_ARG_INT, &n_channels, "As many random ones of the features (all)",
    "N" },
  { "shrinkage", 0, 0, G_OPTION_ARG_DOUBLE, &shrinkage,
    "0 to 1 (Ledoit and Wolf's; for position 0.01 / (2 reach + 1)^2)", "S" },
  { "reach", 0, 0, G_OPTION_ARG_INT, &reach,
    "Position: average covariances over the cells up to so many away (1)", "N" },
  { "top", 0, 0, G_OPTION_ARG_DOUBLE, &top, "Score: mean of this share of the map (the maximum)",
    "F" },
  { "augment", 0, 0, G_OPTION_ARG_STRING, &augment,
    "Fit to copies, too: mirror (left-right), flip (upside down) or both", "A" },
  { "combine", 0, 0, G_OPTION_ARG_NONE, &combine,
    "Of a map: head combined, if it is better than map and gaussian on the defects of val", NULL },
  { "good", 0, 0, G_OPTION_ARG_STRING, &good, "Labels of good parts, where the model names none",
    "A,B" },
  { "width", 0, 0, G_OPTION_ARG_INT, &width, "Of the network's input (the model's)", "N" },
  { "height", 0, 0, G_OPTION_ARG_INT, &height, "Of the network's input (the model's)", "N" },
  { "gray", 0, 0, G_OPTION_ARG_NONE, &gray, "Make an RGB network one for gray cameras", NULL },
  { "standardize", 0, 0, G_OPTION_ARG_STRING, &standardize,
    "Bring each gray picture to this mean and spread, of 0..255", "M,S" },
  { "seed", 0, 0, G_OPTION_ARG_INT64, &seed, "Of the channels and of splits (1)", "N" },
  { "threads", 0, 0, G_OPTION_ARG_INT, &n_threads, "Workers; any number, the same bytes (2)", "N" },
  { "memory", 0, 0, G_OPTION_ARG_INT, &memory_mib, "MiB of pictures kept decoded (1024)", "N" },
  { "json", 0, 0, G_OPTION_ARG_NONE, &as_json, "Print one JSON object", NULL },
  { NULL },
};

/* Everything one fit needs. */
typedef struct {
  CpacModel *model; /* what is fitted on */
  char *text;       /* of its file */
  CpacConfig *root;
  char **layers; /* names of the features */
  char **kept;   /* those, and the map's with combine */
  char **good;
  guint mode;
  CpacCut cut;
  char *cut_text; /* the fitted model's up to its score section */
  CpacInputSpec input;
  CpacNetwork *network;
  CpacParams *params;
  CpacHead *head;
  CpacGaussian *gaussian;
  CpacManifest *manifest;
  CpacDataset *dataset;
  CpacFit fit;
  gboolean is_combined;
} Run;

static gboolean
set_error (GError **error, const char *message)
{
  g_set_error_literal (error, CPAC_ERROR, CPAC_ERROR_SCHEMA, message);
  return FALSE;
}

/* ---- Options ---- */

/* The features of a map are what its last layer reads. */
static gboolean
choose_layers (Run *run, GError **error)
{
  const CpacNetwork *network = cpac_model_get_network (run->model);
  const CpacGaussian *fitted = cpac_model_get_gaussian (run->model);
  guint last = cpac_network_get_n_layers (network) - 1;
  gint source;

  if (layers != NULL) {
    run->layers = g_strsplit (layers, ",", -1);
    return TRUE;
  }
  if (fitted != NULL) {
    run->layers = g_new0 (char *, fitted->n_layers + 1);
    for (guint i = 0; i < fitted->n_layers; i++)
      run->layers[i] = g_strdup (cpac_network_get_layer (network, fitted->layers[i])->name);
    return TRUE;
  }
  source = cpac_network_get_layer (network, last)->n_inputs > 0
               ? cpac_network_get_inputs (network, last)[0]
               : CPAC_NETWORK_INPUT;
  if (cpac_model_get_head (run->model)->kind != CPAC_HEAD_MAP || source == CPAC_NETWORK_INPUT)
    return set_error (error, "--layers is missing: the maps of which layers are the features? "
                             "(cpac inspect lists them)");
  run->layers = g_new0 (char *, 2);
  run->layers[0] = g_strdup (cpac_network_get_layer (network, (guint) source)->name);
  return TRUE;
}

/* A map that is to be combined is kept, too. */
static gboolean
choose_kept (Run *run, GError **error)
{
  const CpacNetwork *network = cpac_model_get_network (run->model);
  guint n = g_strv_length (run->layers);

  if (combine && cpac_model_get_head (run->model)->kind != CPAC_HEAD_MAP)
    return set_error (error, "--combine wants a model of head map");
  run->kept = g_new0 (char *, n + 2);
  for (guint i = 0; i < n; i++)
    run->kept[i] = g_strdup (run->layers[i]);
  if (combine)
    run->kept[n] =
        g_strdup (cpac_network_get_layer (network, cpac_network_get_n_layers (network) - 1)->name);
  return TRUE;
}

static gboolean
choose_good (Run *run, GError **error)
{
  const CpacHead *head = cpac_model_get_head (run->model);

  run->good = good != NULL ? g_strsplit (good, ",", -1) : g_strdupv (head->good);
  return run->good[0] != NULL ||
         set_error (error, "--good is missing: the model does not say which labels mean a good "
                           "part");
}

static gboolean
choose_mode (Run *run, GError **error)
{
  const char *const *names = cpac_gaussian_mode_names ();
  const CpacGaussian *fitted = cpac_model_get_gaussian (run->model);

  run->mode = fitted != NULL ? fitted->mode : CPAC_GAUSSIAN_TEXTURE;
  if (mode == NULL)
    return TRUE;
  for (run->mode = 0; names[run->mode] != NULL; run->mode++)
    if (g_str_equal (names[run->mode], mode))
      return TRUE;
  g_set_error (error, CPAC_ERROR, CPAC_ERROR_SCHEMA,
               "--mode must be texture, position-mean or position, got \"%s\"", mode);
  return FALSE;
}

static gboolean
read_standardize (Run *run, GError **error)
{
  char *end = NULL;

  if (standardize == NULL)
    return TRUE;
  run->cut.standardize = TRUE;
  run->cut.mean = g_ascii_strtod (standardize, &end);
  if (end != standardize && *end == ',') {
    const char *second = end + 1;

    run->cut.spread = g_ascii_strtod (second, &end);
    if (end != second && *end == '\0' && run->cut.mean >= 0 && run->cut.mean <= 255 &&
        run->cut.spread > 0 && run->cut.spread <= 255)
      return TRUE;
  }
  g_set_error (error, CPAC_ERROR, CPAC_ERROR_SCHEMA,
               "--standardize must be a mean and a spread of 0..255 such as 110,40, got \"%s\"",
               standardize);
  return FALSE;
}

static gboolean
check_options (GError **error)
{
  if (n_threads < 1 || n_threads > 64)
    return set_error (error, "--threads must be 1..64");
  if (reach < 0 || reach > 1000)
    return set_error (error, "--reach must be 0..1000");
  if (n_channels < 0 || width < 0 || height < 0 || memory_mib < 0)
    return set_error (error, "--channels, --width, --height and --memory must be at least 0");
  if (!(shrinkage == -1 || (shrinkage >= 0 && shrinkage <= 1)))
    return set_error (error, "--shrinkage must be 0..1");
  if (!(top >= 0 && top <= 1))
    return set_error (error, "--top must be 0..1 (0: the maximum)");
  if (augment != NULL && !g_str_equal (augment, "mirror") && !g_str_equal (augment, "flip") &&
      !g_str_equal (augment, "both"))
    return set_error (error, "--augment must be mirror, flip or both");
  return TRUE;
}

/* ---- The fitted model ---- */

/* Partial Fisher-Yates: N of all features, then sorted. */
static void
draw_channels (CpacGaussian *gaussian)
{
  g_autofree guint *all = g_new (guint, gaussian->n_features);
  g_autofree gboolean *drawn = g_new0 (gboolean, gaussian->n_features);
  CpacRandom random;

  cpac_random_init (&random, (guint64) seed, CPAC_STREAM_CHANNELS, 0);
  for (guint i = 0; i < gaussian->n_features; i++)
    all[i] = i;
  for (guint i = 0; i < gaussian->n_channels; i++) {
    guint k = i + cpac_random_below (&random, gaussian->n_features - i);

    drawn[all[k]] = TRUE;
    all[k] = all[i];
  }
  for (guint i = 0, n = 0; i < gaussian->n_features; i++)
    if (drawn[i])
      gaussian->channels[n++] = i;
}

static void
describe (const Run *run, gboolean fitted, CpacScoreText *section)
{
  *section = (CpacScoreText){
    .good = run->good,
    .layers = run->layers,
    .mode = run->mode,
    .channels = (guint) n_channels,
    .top = top,
    .fit = fitted ? &run->fit : NULL,
    .copies = augment,
    .map_layer = fitted && run->is_combined ? run->kept[g_strv_length (run->layers)] : NULL,
    .map_top = cpac_model_get_head (run->model)->top,
  };
}

/* (transfer full) */
static char *
make_text (const Run *run, gboolean fitted)
{
  g_autofree char *score = NULL;
  CpacScoreText section;

  describe (run, fitted, &section);
  score = cpac_score_text_make (&section);
  return g_strconcat (run->cut_text, score, NULL);
}

/* What of the network is kept; returns its score section within @root. */
static const CpacConfig *
make_network (Run *run, char **kept, CpacConfig **root, GError **error)
{
  g_autofree char *text = NULL;
  CpacDims dims;

  g_clear_pointer (&run->cut_text, g_free);
  g_clear_pointer (&run->network, cpac_network_free);
  g_clear_pointer (&run->params, cpac_params_free);
  run->cut.layers = (const char *const *) kept;
  run->cut_text = cpac_cut_text (run->model, run->root, run->text, &run->cut, error);
  if (run->cut_text == NULL)
    return NULL;
  text = make_text (run, FALSE);
  *root = cpac_config_parse ("fitted model", text, strlen (text), error);
  if (*root == NULL)
    return NULL;
  cpac_cut_get_input (run->model, &run->cut, &run->input);
  dims = (CpacDims){ run->input.channels, run->input.height, run->input.width };
  run->network = cpac_network_new (cpac_config_get (*root, "layers", NULL), &dims, error);
  if (run->network == NULL ||
      (run->params = cpac_cut_params (run->model, &run->cut, run->network, error)) == NULL)
    return NULL;
  return cpac_config_get (*root, "score", error);
}

/* The fitted model without its numbers. */
static gboolean
make_model (Run *run, GError **error)
{
  g_autoptr (CpacConfig) root = NULL;
  const CpacConfig *score = make_network (run, run->kept, &root, error);

  if (score == NULL ||
      (run->head = cpac_head_new (score, cpac_network_get_output (run->network), error)) == NULL ||
      (run->gaussian = cpac_gaussian_new (score, run->network, error)) == NULL)
    return FALSE;
  if (cpac_gaussian_selects (run->gaussian))
    draw_channels (run->gaussian);
  return TRUE;
}

/* A map that does not help goes. */
static gboolean
drop_map (Run *run, GError **error)
{
  g_autoptr (CpacConfig) root = NULL;

  return !combine || run->is_combined || make_network (run, run->layers, &root, error) != NULL;
}

/* ---- The work ---- */

static void
show_loading (guint done, guint total, gpointer user_data)
{
  tool_progress ("reading", done, total);
}

static void
show_fitting (guint done, guint total, gpointer user_data)
{
  tool_progress ("fitting", done, total);
}

static gboolean
open_dataset (Run *run, GError **error)
{
  CpacDatasetOptions options = {
    .input = run->input,
    .head = run->head,
    .max_bytes = (gsize) memory_mib * MIB,
    .n_threads = (guint) n_threads,
    .seed = (guint64) seed,
    .open = cpac_frames_open,
    .read_mask = cpac_frames_read_gray,
    .progress = show_loading,
  };

  run->manifest = cpac_manifest_load (data, NULL, error);
  if (run->manifest == NULL)
    return FALSE;
  run->dataset = cpac_dataset_open (run->manifest, &options, error);
  tool_progress_end ();
  if (run->dataset == NULL)
    return FALSE;
  if (*cpac_dataset_get_notes (run->dataset) != '\0')
    tool_note ("%s", cpac_dataset_get_notes (run->dataset));
  return TRUE;
}

static void
note_comparison (const Run *run)
{
  const CpacComparison *c = &run->fit.comparison;

  if (!combine)
    return;
  if (isnan (c->combined_auroc))
    tool_note (
        "note: val holds no defects, so nothing says whether combining helps: head gaussian");
  else
    tool_note ("AUROC on val: map %.4f, gaussian %.4f, combined %.4f: head %s", c->map_auroc,
               c->gaussian_auroc, c->combined_auroc, c->helps ? "combined" : "gaussian");
}

static gboolean
fit (Run *run, GError **error)
{
  const CpacFitOptions options = {
    .network = run->network,
    .params = run->params,
    .head = run->head,
    .dataset = run->dataset,
    .reach = (guint) reach,
    .shrinkage = shrinkage,
    .compare = combine,
    .map_layer = cpac_network_get_n_layers (run->network) - 1,
    .map_top = cpac_model_get_head (run->model)->top,
    .mirror = augment != NULL && !g_str_equal (augment, "flip"),
    .upside_down = augment != NULL && !g_str_equal (augment, "mirror"),
    .n_threads = (guint) n_threads,
    .progress = show_fitting,
  };
  gboolean ok;

  tool_note ("statistics: %u channels on %ux%u cells, %.1f MB", run->gaussian->n_channels,
             run->gaussian->width, run->gaussian->height,
             (double) cpac_gaussian_get_n_bytes (run->gaussian) / 1e6);
  ok = cpac_fit (&options, run->gaussian, &run->fit, error);
  tool_progress_end ();
  if (!ok) {
    g_prefix_error (error, "%s: ", data);
    return FALSE;
  }
  run->is_combined = combine && run->fit.comparison.helps;
  note_comparison (run);
  return TRUE;
}

static void
add_figures (const Run *run, JsonBuilder *builder)
{
  CpacScoreText section;
  CpacScale scale = { 0 };

  describe (run, TRUE, &section);
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
  if (combine) {
    tool_json_double (builder, "val_auroc_map", run->fit.comparison.map_auroc);
    tool_json_double (builder, "val_auroc_gaussian", run->fit.comparison.gaussian_auroc);
    tool_json_double (builder, "val_auroc_combined", run->fit.comparison.combined_auroc);
  }
  tool_json_int (builder, "statistics_bytes", (gint64) cpac_gaussian_get_n_bytes (run->gaussian));
}

/* training.json, as cpac train leaves it: what it was fitted to, and the hashes of those parts.
 * (transfer full) */
static char *
record (const Run *run, GError **error)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autofree char *folder = g_path_get_dirname (cpac_model_get_path (run->model));

  json_builder_begin_object (builder);
  tool_json_text (builder, "schema", "cpac-training/1");
  tool_json_text (builder, "version", CPAC_VERSION);
  tool_json_text (builder, "fitted_on_sha256", cpac_model_get_weights_sha256 (run->model));
  tool_json_text (builder, "data_sha256", cpac_dataset_get_sha256 (run->dataset));
  tool_json_int (builder, "seed", seed);
  add_figures (run, builder);
  if (!fit_record_add_groups (builder, run->dataset, folder, error))
    return NULL;
  json_builder_end_object (builder);
  return cpac_json_from_builder (builder);
}

static gboolean
save (const Run *run, GError **error)
{
  g_autoptr (CpacWeightsWriter) writer = cpac_weights_writer_new ();
  g_autofree char *text = make_text (run, TRUE), *json = record (run, error);
  g_autofree char *path = g_build_filename (out, "training.json", NULL);

  cpac_params_write (run->params, run->network, writer);
  cpac_gaussian_write (run->gaussian, writer);
  return json != NULL && cpac_model_save_tensors (out, text, writer, error) &&
         cpac_file_replace (path, json, strlen (json), error);
}

static void
print_summary (const Run *run)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  if (!as_json) {
    printf ("%s: head %s, %s, %u channels on %ux%u cells, fitted to %u good pictures; shrinkage "
            "%.3g, not calibrated\n",
            out, run->is_combined ? "combined" : "gaussian",
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
run_fit (Run *run, const char *path, GError **error)
{
  gsize length;

  run->model = cpac_model_load (path, CPAC_MODEL_DEFAULT, error);
  if (run->model == NULL || !cpac_file_read (path, MAX_YAML, &run->text, &length, error) ||
      (run->root = cpac_config_parse (path, run->text, length, error)) == NULL ||
      !choose_layers (run, error) || !choose_good (run, error) || !choose_mode (run, error) ||
      !read_standardize (run, error))
    return FALSE;
  if (!choose_kept (run, error))
    return FALSE;
  run->cut.width = (guint) width;
  run->cut.height = (guint) height;
  run->cut.gray = gray;
  return make_model (run, error) && open_dataset (run, error) && fit (run, error) &&
         drop_map (run, error) && save (run, error);
}

static void
run_clear (Run *run)
{
  cpac_dataset_free (run->dataset);
  cpac_manifest_free (run->manifest);
  cpac_gaussian_free (run->gaussian);
  cpac_head_free (run->head);
  cpac_params_free (run->params);
  cpac_network_free (run->network);
  g_free (run->cut_text);
  g_strfreev (run->good);
  g_strfreev (run->layers);
  g_strfreev (run->kept);
  cpac_config_free (run->root);
  g_free (run->text);
  cpac_model_unref (run->model);
}

static int
run (int argc, char **argv)
{
  Run fitting = { 0 };
  GError *error = NULL;

  if (!tool_parse (&tool_fit, entries, 1, 1, &argc, &argv))
    return TOOL_ERROR;
  if (data == NULL || out == NULL)
    return tool_fail_text (&tool_fit, "--data and --out are both needed");
  if (!check_options (&error))
    return tool_fail (&tool_fit, error);
  gst_init (NULL, NULL);
  if (run_fit (&fitting, argv[1], &error))
    print_summary (&fitting);
  run_clear (&fitting);
  return error != NULL ? tool_fail (&tool_fit, error) : TOOL_DONE;
}

const ToolCommand tool_fit = {
  .name = "fit",
  .arguments = "MODEL --data M --out DIR",
  .summary = "Fit a gaussian head to good parts, on the features of any network",
  .run = run,
};
