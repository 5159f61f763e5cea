/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include <gst/gst.h>
#include <math.h>
#include <string.h>

#include "core/model/files.h"
#include "core/model/json-writer.h"
#include "core/model/save.h"
#include "pipelines/fit-record.h"
#include "pipelines/prune-answer.h"
#include "pipelines/prune-curve.h"
#include "pipelines/prune-run.h"
#include "pipelines/tool.h"

static gboolean as_json, no_refit;
static int n_threads = 2, n_pictures = 256, epochs;
static gint64 seed = 1;
static double keep = NAN, keep_channels = 1;
static char *data, *out, *measure_name, *curve, *curve_data, *split;

static const GOptionEntry entries[] = {
  { "keep", 0, 0, G_OPTION_ARG_DOUBLE, &keep, "Share of the components that stays", "F" },
  { "data", 0, 0, G_OPTION_ARG_FILENAME, &data,
    "Manifest, folder, video or idx file; its training pictures are measured and refitted on",
    "M" },
  { "out", 0, 0, G_OPTION_ARG_FILENAME, &out, "Folder for the pruned model", "DIR" },
  { "measure", 0, 0, G_OPTION_ARG_STRING, &measure_name,
    "What goes first: energy, activation, taylor, residual (default) or random", "NAME" },
  { "keep-channels", 0, 0, G_OPTION_ARG_DOUBLE, &keep_channels,
    "Share of the channels that stays; those without meaning go anyway (1)", "F" },
  { "no-refit", 0, 0, G_OPTION_ARG_NONE, &no_refit, "Leave what stays as it is", NULL },
  { "epochs", 0, 0, G_OPTION_ARG_INT, &epochs,
    "Train so many more by the model's recipe, at a tenth of its rate (0)", "N" },
  { "pictures", 0, 0, G_OPTION_ARG_INT, &n_pictures,
    "At most so many are measured and refitted on (256)", "N" },
  { "curve", 0, 0, G_OPTION_ARG_FILENAME, &curve,
    "Measure what every measure costs at every share; writes FILE.csv and FILE.svg", "FILE.csv" },
  { "curve-data", 0, 0, G_OPTION_ARG_FILENAME, &curve_data,
    "What the curve is measured on (split val of --data)", "M" },
  { "split", 0, 0, G_OPTION_ARG_STRING, &split, "Only these rows of it", "S" },
  { "seed", 0, 0, G_OPTION_ARG_INT64, &seed, "Of measure random (1)", "N" },
  { "threads", 0, 0, G_OPTION_ARG_INT, &n_threads, "Workers; any number, the same bytes (2)", "N" },
  { "json", 0, 0, G_OPTION_ARG_NONE, &as_json, "Print one JSON object", NULL },
  { NULL },
};

/* What is made, besides what it starts from. */
typedef struct {
  CpacMeasure measure;
  CpacManifest *curve_data; /* NULL: the run's own */
  PrunedModel *pruned;
  GArray *points; /* (element-type PrunePoint) */
} Result;

/* ---- Options ---- */

static gboolean
choose_measure (CpacMeasure *measure, GError **error)
{
  const char *const *names = cpac_measure_names ();

  *measure = CPAC_MEASURE_RESIDUAL;
  if (measure_name == NULL)
    return TRUE;
  for (*measure = 0; names[*measure] != NULL; (*measure)++)
    if (g_str_equal (names[*measure], measure_name))
      return TRUE;
  g_set_error (error, CPAC_ERROR, CPAC_ERROR_SCHEMA,
               "--measure must be energy, activation, taylor, residual or random, got \"%s\"",
               measure_name);
  return FALSE;
}

static gboolean
check_options (GError **error)
{
  if (data == NULL)
    return tool_refuse (error, "--data is missing: on which pictures is it to be measured?");
  if (out == NULL && curve == NULL)
    return tool_refuse (error,
                        "--out is missing: where is the pruned model to go? (Or --curve: what "
                        "does pruning cost?)");
  if (out != NULL && isnan (keep))
    return tool_refuse (error, "--keep is missing: which share of the components is to stay?");
  if (!isnan (keep) && !(keep > 0 && keep <= 1))
    return tool_refuse (error, "--keep must be above 0 and at most 1");
  if (!(keep_channels > 0 && keep_channels <= 1))
    return tool_refuse (error, "--keep-channels must be above 0 and at most 1");
  if (n_threads < 1 || n_threads > 64)
    return tool_refuse (error, "--threads must be 1..64");
  if (n_pictures < 1)
    return tool_refuse (error, "--pictures must be at least 1");
  if (epochs < 0 || epochs > 100000)
    return tool_refuse (error, "--epochs must be 0..100000");
  if (curve != NULL && !g_str_has_suffix (curve, ".csv"))
    return tool_refuse (error, "--curve must be a name that ends with .csv");
  if (curve == NULL && (curve_data != NULL || split != NULL))
    return tool_refuse (error, "--curve-data and --split are for --curve");
  return TRUE;
}

/* ---- The pruned model ---- */

/* training.json, as cpac train leaves it: what was pruned by what, and the hashes of those parts.
 * (transfer full) */
static JsonBuilder *
record (const PruneRun *run, const Result *result, const CpacWeightsWriter *writer)
{
  JsonBuilder *builder = fit_record_begin (writer);

  tool_json_text (builder, "pruned_from_sha256", cpac_model_get_weights_sha256 (run->model));
  tool_json_text (builder, "data_sha256", cpac_dataset_get_sha256 (run->training.dataset));
  tool_json_int (builder, "seed", seed);
  prune_answer_add_model (run, result->pruned, builder);
  fit_record_add_groups (builder, run->training.dataset, &run->record);
  return builder;
}

static gboolean
save (const PruneRun *run, const Result *result, GError **error)
{
  g_autoptr (CpacWeightsWriter) writer = cpac_weights_writer_new ();
  g_autoptr (JsonBuilder) builder = NULL;

  cpac_params_write (result->pruned->params, result->pruned->network, writer);
  builder = record (run, result, writer);
  if (!fit_record_save (builder, out, result->pruned->text, writer, error))
    return FALSE;
  fit_record_note_gap (&run->record, cpac_model_get_path (run->model));
  return TRUE;
}

static void
note_scores (const PruneRun *run)
{
  if (run->drops_calibration)
    tool_note ("note: the calibration was of other scores and is dropped; cpac calibrate makes a "
               "new one");
  else if (cpac_model_get_head (run->model)->kind != CPAC_HEAD_NONE)
    tool_note ("note: the scores are others now, the threshold is still the whole model's");
}

static gboolean
check_recipe (const PruneRun *run, GError **error)
{
  if (epochs == 0 || out == NULL || run->has_recipe)
    return TRUE;
  g_set_error (error, CPAC_ERROR, CPAC_ERROR_SCHEMA,
               "%s has no section train, so there is no recipe for --epochs",
               cpac_model_get_path (run->model));
  return FALSE;
}

static gboolean
prune (const PruneRun *run, Result *result, GError **error)
{
  const PruneWishes wishes = { result->measure, keep, keep_channels, (guint64) seed, !no_refit };

  if (out == NULL)
    return TRUE;
  result->pruned = prune_run_make (run, &wishes, error);
  if (result->pruned == NULL ||
      (epochs > 0 && !prune_run_train (run, result->pruned, (guint) epochs, error)) ||
      !save (run, result, error))
    return FALSE;
  note_scores (run);
  return TRUE;
}

/* ---- The curve ---- */

static gboolean
write_text (const char *path, const char *text, GError **error)
{
  return cpac_file_replace (path, text, strlen (text), error);
}

static gboolean
check_curve (const PruneRun *run, const CpacManifest *manifest, GError **error)
{
  const CpacHead *head = cpac_model_get_head (run->model);

  if (head->kind == CPAC_HEAD_NONE || (head->kind != CPAC_HEAD_CLASSIFIER && head->good[0] == NULL))
    return tool_refuse (error, "--curve needs a model whose score tells good from defect: a "
                               "classifier, or score.good");
  if (cpac_manifest_get_kind (manifest) == CPAC_MANIFEST_VIDEO)
    return tool_refuse (error, "--curve needs labelled pictures, a video has no labels");
  return TRUE;
}

/* Before the work: whether there is anything to draw it by. */
static gboolean
open_curve (const PruneRun *run, Result *result, GError **error)
{
  const char *const *classes = (const char *const *) cpac_model_get_head (run->model)->classes;

  if (curve == NULL)
    return TRUE;
  if (curve_data != NULL &&
      (result->curve_data = cpac_manifest_load (curve_data, classes, error)) == NULL)
    return FALSE;
  return check_curve (run, result->curve_data != NULL ? result->curve_data : run->training.manifest,
                      error);
}

static gboolean
draw_curve (const PruneRun *run, Result *result, GError **error)
{
  const char *figure = prune_curve_get_figure (run->model);
  const PruneCurveWishes wishes = {
    .manifest = result->curve_data != NULL ? result->curve_data : run->training.manifest,
    .split = split != NULL || result->curve_data != NULL ? split : "val",
    .keep_channels = keep_channels,
    .seed = (guint64) seed,
  };
  g_autofree char *stem = NULL, *svg_path = NULL, *csv = NULL, *svg = NULL;

  if (curve == NULL)
    return TRUE;
  result->points = prune_curve_measure (run, &wishes, error);
  if (result->points == NULL)
    return FALSE;
  stem = g_strndup (curve, strlen (curve) - strlen (".csv"));
  svg_path = g_strconcat (stem, ".svg", NULL);
  csv = prune_curve_to_csv (result->points, figure);
  svg = prune_curve_to_svg (result->points, cpac_model_get_name (run->model), figure);
  return write_text (curve, csv, error) && write_text (svg_path, svg, error);
}

/* ---- The answer ---- */

static void
print_json (const PruneRun *run, const Result *result)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  if (result->pruned != NULL)
    prune_answer_add_model (run, result->pruned, builder);
  if (result->points != NULL)
    prune_answer_add_curve (run, result->points, builder);
  json_builder_end_object (builder);
  tool_print_json (builder);
}

static void
print_answer (const PruneRun *run, const Result *result)
{
  if (as_json) {
    print_json (run, result);
    return;
  }
  if (result->pruned != NULL)
    prune_answer_print_model (result->pruned, out);
  if (result->points != NULL)
    prune_answer_print_curve (run, result->points);
}

static int
run (int argc, char **argv)
{
  PruneRun pruning = { 0 };
  Result result = { 0 };
  GError *error = NULL;

  if (!tool_parse (&tool_prune, entries, 1, 1, &argc, &argv))
    return TOOL_ERROR;
  if (!check_options (&error) || !choose_measure (&result.measure, &error))
    return tool_fail (&tool_prune, error);
  gst_init (NULL, NULL);
  pruning.n_threads = (guint) n_threads;
  pruning.n_pictures = (guint) n_pictures;
  if (prune_run_open (&pruning, argv[1], data, &error) && check_recipe (&pruning, &error) &&
      open_curve (&pruning, &result, &error) && prune_run_measure (&pruning, &error) &&
      prune (&pruning, &result, &error) && draw_curve (&pruning, &result, &error))
    print_answer (&pruning, &result);
  g_clear_pointer (&result.pruned, pruned_model_free);
  g_clear_pointer (&result.points, g_array_unref);
  cpac_manifest_free (result.curve_data);
  prune_run_clear (&pruning);
  return error != NULL ? tool_fail (&tool_prune, error) : TOOL_DONE;
}

const ToolCommand tool_prune = {
  .name = "prune",
  .arguments = "MODEL --keep F --data M --out DIR",
  .summary = "Remove the components and channels that matter least, and refit",
  .run = run,
};
