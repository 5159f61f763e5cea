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
#include "core/train/fit.h"
#include "pipelines/fit-record.h"
#include "pipelines/frames.h"
#include "pipelines/tool.h"

#define MAX_YAML (4u << 20)
#define MIB ((gsize) 1 << 20)

static gboolean as_json, gray;
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
    "0 to 1 (Ledoit and Wolf's; 0.01 for position)", "S" },
  { "reach", 0, 0, G_OPTION_ARG_INT, &reach,
    "Position: average covariances over the cells up to so many away (1)", "N" },
  { "top", 0, 0, G_OPTION_ARG_DOUBLE, &top, "Score: mean of this share of the map (the maximum)",
    "F" },
  { "augment", 0, 0, G_OPTION_ARG_STRING, &augment,
    "Fit to copies, too: mirror (left-right), flip (upside down) or both", "A" },
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
  char **layers; /* names */
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
  double threshold, range_min, range_max;
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

/* ---- The fitted model's text ---- */

static void
append_names (GString *text, const char *key, char **names)
{
  g_string_append_printf (text, "  %s: [", key);
  for (guint i = 0; names[i] != NULL; i++) {
    g_auto (GStrv) parts = g_strsplit (names[i], "'", -1);
    g_autofree char *quoted = g_strjoinv ("''", parts);

    g_string_append_printf (text, "%s'%s'", i > 0 ? ", " : "", quoted);
  }
  g_string_append (text, "]\n");
}

static void
append_number (GString *text, const char *before, double value, const char *after)
{
  char number[G_ASCII_DTOSTR_BUF_SIZE];

  g_ascii_formatd (number, sizeof number, "%.9g", value);
  g_string_append_printf (text, "%s%s%s", before, number, after);
}

static void
append_fit (const Run *run, GString *text)
{
  if (run->fit.n == 0)
    return;
  g_string_append_printf (text, "  # Fitted to %u good pictures", run->fit.n);
  if (run->fit.n_copies > 1)
    g_string_append_printf (text, " and their copies (%s)", augment);
  append_number (text, ", shrinkage ", run->fit.shrinkage, ";\n");
  g_string_append_printf (text,
                          "  # threshold: a score that 5 %% of %u held-out good ones exceed, not "
                          "calibrated.\n",
                          run->fit.n_held_out);
}

/* (transfer full) */
static char *
make_text (const Run *run)
{
  GString *text = g_string_new (run->cut_text);

  g_string_append (text, "score:\n");
  append_fit (run, text);
  g_string_append (text, "  head: gaussian\n");
  append_names (text, "good", run->good);
  append_names (text, "layers", run->layers);
  g_string_append_printf (text, "  mode: %s\n", cpac_gaussian_mode_to_string (run->mode));
  if (n_channels > 0)
    g_string_append_printf (text, "  channels: %d\n", n_channels);
  if (top > 0)
    append_number (text, "  top: ", top, "\n");
  append_number (text, "  threshold: ", run->threshold, "\n");
  if (run->range_max > run->range_min) {
    append_number (text, "  range: [", run->range_min, ", ");
    append_number (text, "", run->range_max, "]\n");
  }
  return g_string_free (text, FALSE);
}

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

/* The fitted model without its numbers. */
static gboolean
make_model (Run *run, GError **error)
{
  g_autofree char *text = NULL;
  g_autoptr (CpacConfig) root = NULL;
  const CpacConfig *score;
  CpacDims dims;

  run->cut_text = cpac_cut_text (run->model, run->root, run->text, &run->cut, error);
  if (run->cut_text == NULL)
    return FALSE;
  text = make_text (run);
  root = cpac_config_parse ("fitted model", text, strlen (text), error);
  if (root == NULL)
    return FALSE;
  score = cpac_config_get (root, "score", NULL);
  cpac_cut_get_input (run->model, &run->cut, &run->input);
  dims = (CpacDims){ run->input.channels, run->input.height, run->input.width };
  run->network = cpac_network_new (cpac_config_get (root, "layers", NULL), &dims, error);
  if (run->network == NULL ||
      (run->params = cpac_cut_params (run->model, &run->cut, run->network, error)) == NULL ||
      (run->head = cpac_head_new (score, cpac_network_get_output (run->network), error)) == NULL ||
      (run->gaussian = cpac_gaussian_new (score, run->network, error)) == NULL)
    return FALSE;
  if (cpac_gaussian_selects (run->gaussian))
    draw_channels (run->gaussian);
  return TRUE;
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

/* The median good part is black and the threshold in the middle of the gray scale, as after
 * calibration. */
static void
set_range (Run *run)
{
  double half = run->fit.high - run->fit.median;

  /* Held-out pictures that are all alike say nothing about the spread. */
  if (half <= 1e-3 * run->fit.median)
    half = MAX (run->fit.median, 1);
  run->threshold = run->fit.median + half;
  run->range_min = run->fit.median;
  run->range_max = run->fit.median + 2 * half;
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
  set_range (run);
  return TRUE;
}

static void
add_figures (const Run *run, JsonBuilder *builder)
{
  tool_json_int (builder, "n", run->fit.n);
  tool_json_int (builder, "n_copies", run->fit.n_copies);
  tool_json_int (builder, "n_held_out", run->fit.n_held_out);
  tool_json_int (builder, "cells", (gint64) run->gaussian->width * run->gaussian->height);
  tool_json_int (builder, "channels", run->gaussian->n_channels);
  tool_json_text (builder, "mode", cpac_gaussian_mode_to_string (run->mode));
  tool_json_double (builder, "shrinkage", run->fit.shrinkage);
  tool_json_double (builder, "median_good", run->fit.median);
  tool_json_double (builder, "threshold", run->threshold);
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
  g_autofree char *text = make_text (run), *json = record (run, error);
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
    printf ("%s: head gaussian, %s, %u channels on %ux%u cells, fitted to %u good pictures; "
            "shrinkage %.3g, threshold %.4g (not calibrated)\n",
            out, cpac_gaussian_mode_to_string (run->mode), run->gaussian->n_channels,
            run->gaussian->width, run->gaussian->height, run->fit.n, run->fit.shrinkage,
            run->threshold);
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
  run->cut.layers = (const char *const *) run->layers;
  run->cut.width = (guint) width;
  run->cut.height = (guint) height;
  run->cut.gray = gray;
  return make_model (run, error) && open_dataset (run, error) && fit (run, error) &&
         save (run, error);
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
