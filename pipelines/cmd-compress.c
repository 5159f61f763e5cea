/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include <gst/gst.h>
#include <math.h>
#include <string.h>

#include "core/model/files.h"
#include "core/model/json-writer.h"
#include "core/model/save.h"
#include "pipelines/compress-answer.h"
#include "pipelines/compress-run.h"
#include "pipelines/fit-record.h"
#include "pipelines/tool.h"

static gboolean as_json;
static int n_threads = 2, n_pictures = 256, epochs;
static gint64 seed = 1;
static double macs_ratio = NAN, parameters_ratio = NAN, time_ratio = NAN;
static char *out, *fit_name;
static CompressWishes wishes = { .energy = NAN };

static const GOptionEntry entries[] = {
  { "ranks", 0, 0, G_OPTION_ARG_STRING, &wishes.ranks,
    "One rank for all layers, or LAYER=RANK,... for some", "R" },
  { "energy", 0, 0, G_OPTION_ARG_DOUBLE, &wishes.energy,
    "Ranks that keep this share of each layer's squared outputs (without --data: of its kernel)",
    "E" },
  { "macs-ratio", 0, 0, G_OPTION_ARG_DOUBLE, &macs_ratio,
    "Ranks with which the network needs so many times fewer multiply-adds", "X" },
  { "parameters-ratio", 0, 0, G_OPTION_ARG_DOUBLE, &parameters_ratio, "The same of its parameters",
    "X" },
  { "time-ratio", 0, 0, G_OPTION_ARG_DOUBLE, &time_ratio,
    "The same of its microseconds, measured here, on one thread", "X" },
  { "of-layers", 0, 0, G_OPTION_ARG_NONE, &wishes.of_layers,
    "The ratio is that of the layers alone that may be compressed", NULL },
  { "layers", 0, 0, G_OPTION_ARG_STRING, &wishes.layers,
    "Layers that may be compressed (dense convolutions larger than 1x1)", "A,B" },
  { "data", 0, 0, G_OPTION_ARG_FILENAME, &wishes.data,
    "Manifest, folder, video or idx file, with labels or without: what to be true on", "M" },
  { "split", 0, 0, G_OPTION_ARG_STRING, &wishes.split, "Its rows to learn from (train)", "S" },
  { "out", 0, 0, G_OPTION_ARG_FILENAME, &out, "Folder for the compressed model", "DIR" },
  { "fit", 0, 0, G_OPTION_ARG_STRING, &fit_name,
    "What is fitted to the outputs on --data: nothing, a or all factors (all)", "F" },
  { "pictures", 0, 0, G_OPTION_ARG_INT, &n_pictures, "Fit to at most so many (256)", "N" },
  { "epochs", 0, 0, G_OPTION_ARG_INT, &epochs,
    "After each layer, train the network so many to give what the dense one gives (0)", "N" },
  { "recipe", 0, 0, G_OPTION_ARG_FILENAME, &wishes.recipe,
    "Model file whose section train says how, at a tenth of its rate (the model's own)", "FILE" },
  { "seed", 0, 0, G_OPTION_ARG_INT64, &seed, "Of random starts and draws (1)", "N" },
  { "threads", 0, 0, G_OPTION_ARG_INT, &n_threads, "Workers; any number, the same bytes (2)", "N" },
  { "json", 0, 0, G_OPTION_ARG_NONE, &as_json, "Print one JSON object", NULL },
  { NULL },
};

/* ---- Options ---- */

/* Exactly one way of choosing ranks. */
static gboolean
check_ways (GError **error)
{
  guint n = (wishes.ranks != NULL) + !isnan (wishes.energy) + !isnan (macs_ratio) +
            !isnan (parameters_ratio) + !isnan (time_ratio);

  if (n != 1)
    return tool_refuse (error, "one of --ranks, --energy, --macs-ratio, --parameters-ratio and "
                               "--time-ratio is needed: how far is the model to be compressed?");
  if (!isnan (wishes.energy) && !(wishes.energy > 0 && wishes.energy < 1))
    return tool_refuse (error, "--energy must be above 0 and below 1");
  wishes.budget = !isnan (macs_ratio)         ? COMPRESS_BUDGET_MACS
                  : !isnan (parameters_ratio) ? COMPRESS_BUDGET_PARAMETERS
                  : !isnan (time_ratio)       ? COMPRESS_BUDGET_TIME
                                              : COMPRESS_BUDGET_NONE;
  wishes.ratio = !isnan (macs_ratio)         ? macs_ratio
                 : !isnan (parameters_ratio) ? parameters_ratio
                                             : time_ratio;
  if (wishes.budget != COMPRESS_BUDGET_NONE && !(wishes.ratio > 1 && wishes.ratio <= 1e6))
    return tool_refuse (error, "--macs-ratio, --parameters-ratio and --time-ratio must be above 1");
  if (wishes.of_layers && wishes.budget == COMPRESS_BUDGET_NONE)
    return tool_refuse (error, "--of-layers is for the ratios");
  return TRUE;
}

static gboolean
choose_fit (GError **error)
{
  static const char *const names[] = { "nothing", "a", "all", NULL };

  wishes.fit = CPAC_DECOMPOSE_ALL;
  if (fit_name == NULL)
    return TRUE;
  for (wishes.fit = CPAC_DECOMPOSE_NOTHING; names[wishes.fit] != NULL; wishes.fit++)
    if (g_str_equal (names[wishes.fit], fit_name))
      return TRUE;
  g_set_error (error, CPAC_ERROR, CPAC_ERROR_SCHEMA, "--fit must be nothing, a or all, got \"%s\"",
               fit_name);
  return FALSE;
}

static gboolean
check_options (GError **error)
{
  if (out == NULL)
    return tool_refuse (error, "--out is missing: where is the compressed model to go?");
  if (!check_ways (error) || !choose_fit (error))
    return FALSE;
  if (wishes.data == NULL && (wishes.split != NULL || fit_name != NULL))
    return tool_refuse (error, "--split and --fit are for --data");
  if (wishes.data == NULL && (epochs != 0 || wishes.recipe != NULL))
    return tool_refuse (error, "--epochs needs --data: what is it to be trained on?");
  if (epochs < 0 || epochs > 100000)
    return tool_refuse (error, "--epochs must be 0..100000");
  if (n_threads < 1 || n_threads > 64)
    return tool_refuse (error, "--threads must be 1..64");
  if (n_pictures < 1)
    return tool_refuse (error, "--pictures must be at least 1");
  wishes.n_threads = (guint) n_threads;
  wishes.n_pictures = (guint) n_pictures;
  wishes.seed = (guint64) seed;
  return TRUE;
}

/* ---- The work ---- */

/* training.json, as cpac train leaves it: what was compressed, and the hashes of the parts that
 * were looked at for it. (transfer full) */
static JsonBuilder *
record (const CompressRun *run, const CompressedModel *compressed, const CpacWeightsWriter *writer)
{
  JsonBuilder *builder = fit_record_begin (writer);

  tool_json_text (builder, "compressed_from_sha256", cpac_model_get_weights_sha256 (run->model));
  if (run->training.dataset != NULL)
    tool_json_text (builder, "data_sha256", cpac_dataset_get_sha256 (run->training.dataset));
  tool_json_int (builder, "seed", seed);
  compress_answer_add (run, compressed, builder);
  if (run->training.dataset != NULL)
    fit_record_add_groups (builder, run->training.dataset, &run->record);
  else
    fit_record_add_union (builder, (const TrainingRecord *[]){ &run->record }, 1);
  return builder;
}

static gboolean
save (const CompressRun *run, const CompressedModel *compressed, GError **error)
{
  g_autoptr (CpacWeightsWriter) writer = cpac_weights_writer_new ();
  g_autoptr (JsonBuilder) builder = NULL;

  cpac_params_write (compressed->params, compressed->network, writer);
  builder = record (run, compressed, writer);
  if (!fit_record_save (builder, out, compressed->text, writer, error))
    return FALSE;
  fit_record_note_gap (&run->record, cpac_model_get_path (run->model));
  return TRUE;
}

static void
note_scores (const CompressRun *run)
{
  if (run->drops_head)
    tool_note ("note: the statistics of head gaussian were those of the features as they were and "
               "are dropped, the model has head none; cpac fit makes new ones");
  else if (run->drops_calibration)
    tool_note ("note: the calibration was of other scores and is dropped; cpac calibrate makes a "
               "new one");
  else if (cpac_model_get_head (run->model)->kind != CPAC_HEAD_NONE)
    tool_note ("note: the scores are others now, the threshold is still the dense model's");
}

static void
print_answer (const CompressRun *run, const CompressedModel *compressed)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  if (!as_json) {
    compress_answer_print (run, compressed, out);
    return;
  }
  json_builder_begin_object (builder);
  compress_answer_add (run, compressed, builder);
  json_builder_end_object (builder);
  tool_print_json (builder);
}

static gboolean
compress (CompressRun *run, const char *path, GError **error)
{
  g_autoptr (CompressedModel) compressed = NULL;
  guint *ranks;

  if (!compress_run_open (run, path, &wishes, error) ||
      (ranks = compress_run_choose_ranks (run, error)) == NULL ||
      (compressed = compress_run_make (run, ranks, error)) == NULL ||
      (epochs > 0 && !compress_run_train (run, compressed, (guint) epochs, error)) ||
      !save (run, compressed, error))
    return FALSE;
  note_scores (run);
  print_answer (run, compressed);
  return TRUE;
}

static int
run (int argc, char **argv)
{
  CompressRun compressing = { 0 };
  GError *error = NULL;

  if (!tool_parse (&tool_compress, entries, 1, 1, &argc, &argv))
    return TOOL_ERROR;
  if (!check_options (&error))
    return tool_fail (&tool_compress, error);
  gst_init (NULL, NULL);
  compress (&compressing, argv[1], &error);
  compress_run_clear (&compressing);
  return error != NULL ? tool_fail (&tool_compress, error) : TOOL_DONE;
}

const ToolCommand tool_compress = {
  .name = "compress",
  .arguments = "MODEL --out DIR (--ranks R | --energy E | --macs-ratio X | --parameters-ratio X | "
               "--time-ratio X)",
  .summary = "Turn the dense convolutions of a trained network into CPAC ones",
  .run = run,
};
