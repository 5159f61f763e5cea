/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include <gst/gst.h>
#include <math.h>
#include <signal.h>
#include <string.h>

#include "core/kernels/rows.h"
#include "core/model/files.h"
#include "core/model/save.h"
#include "pipelines/open-dataset.h"
#include "pipelines/tool.h"
#include "pipelines/train-run.h"

#define MAX_YAML (4u << 20)
#define MIB ((gsize) 1 << 20)

static gboolean as_json, resume;
static int n_threads = 2, epochs, checkpoint_seconds = 20;
static gint64 seed = G_MININT64; /* not given */
static char *data, *out, *start;

static const GOptionEntry entries[] = {
  { "data", 0, 0, G_OPTION_ARG_FILENAME, &data, "Manifest, folder, video or idx file", "M" },
  { "out", 0, 0, G_OPTION_ARG_FILENAME, &out, "Folder for the model and its records", "DIR" },
  { "start", 0, 0, G_OPTION_ARG_FILENAME, &start,
    "Begin with this model's weights, in every layer of the same name and shape", "MODEL" },
  { "epochs", 0, 0, G_OPTION_ARG_INT, &epochs, "Instead of the recipe's, and of its least-steps",
    "N" },
  { "seed", 0, 0, G_OPTION_ARG_INT64, &seed, "Instead of the recipe's", "N" },
  { "threads", 0, 0, G_OPTION_ARG_INT, &n_threads, "Workers; any number, the same bytes (2)", "N" },
  { "resume", 0, 0, G_OPTION_ARG_NONE, &resume, "Go on from the checkpoint in DIR", NULL },
  { "checkpoint-seconds", 0, 0, G_OPTION_ARG_INT, &checkpoint_seconds,
    "Least time between two checkpoints at ends of epochs (20)", "N" },
  { "json", 0, 0, G_OPTION_ARG_NONE, &as_json, "Print one JSON object", NULL },
  { NULL },
};

static volatile sig_atomic_t interrupted;

static void
on_interrupt (int signal_number)
{
  interrupted = 1;
}

static gboolean
read_recipe (TrainRun *run, const char *path, GError **error)
{
  g_autoptr (CpacConfig) root = NULL;
  const CpacConfig *section;
  gsize length;

  if (!cpac_file_read (path, MAX_YAML, &run->text, &length, error) ||
      (root = cpac_config_parse (path, run->text, length, error)) == NULL ||
      !cpac_model_check_text (path, run->text, error))
    return FALSE;
  cpac_recipe_init (&run->recipe);
  section = cpac_config_peek (root, "train");
  if (section != NULL && !cpac_recipe_read (&run->recipe, section, error))
    return FALSE;
  if (epochs > 0)
    run->recipe.epochs = (guint) epochs, run->recipe.least_steps = 0;
  if (seed != G_MININT64)
    run->recipe.seed = (guint64) seed;
  return TRUE;
}

static gboolean
open_data (TrainRun *run, GError **error)
{
  const CpacHead *head = cpac_model_get_head (run->shape);
  CpacDatasetOptions options = {
    .input = *cpac_model_get_input (run->shape),
    .head = head,
    .max_bytes = run->recipe.memory_mib * MIB,
    .n_threads = (guint) n_threads,
    .seed = run->recipe.seed,
    .val_share = run->recipe.validation_share,
    .calibration_share = run->recipe.calibration_share > 0 ? run->recipe.calibration_share : -1,
  };

  run->manifest = cpac_manifest_load (data, (const char *const *) head->classes, error);
  if (run->manifest != NULL)
    run->dataset = open_dataset (run->manifest, options, error);
  return run->dataset != NULL;
}

/* A hash of everything that decides the weights. (transfer full) */
static char *
make_key (const TrainRun *run)
{
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  g_autofree char *numbers = g_strdup_printf ("%u %u %" G_GUINT64_FORMAT, run->recipe.epochs,
                                              run->recipe.least_steps, run->recipe.seed);
  const char *const parts[] = { run->text, numbers, cpac_dataset_get_sha256 (run->dataset),
                                cpac_level_to_string (cpac_row_kernels_default_level ()),
                                run->start.model ? cpac_model_get_weights_sha256 (run->start.model)
                                                 : "" };

  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    g_checksum_update (checksum, (const guchar *) parts[i], (gssize) strlen (parts[i]) + 1);
  return g_strdup (g_checksum_get_string (checksum));
}

/* Without a mask nobody knows where a defect is. */
static void
note_unused (const TrainRun *run)
{
  guint n = 0;

  for (CpacSplit split = CPAC_SPLIT_TRAIN; split <= CPAC_SPLIT_VAL; split++)
    for (guint i = 0; i < cpac_dataset_get_n (run->dataset, split); i++) {
      const CpacItem *item = cpac_dataset_get_item (run->dataset, split, i);

      n += item->defect && !item->has_mask;
    }
  if (run->recipe.synthetic.active && n > 0)
    tool_note ("left out: %u defective picture%s without a mask", n, n == 1 ? "" : "s");
}

static gboolean
make_trainer (TrainRun *run, GError **error)
{
  const CpacModel *donor = run->start.model;
  CpacTrainerOptions options = {
    .network = cpac_model_get_network (run->shape),
    .head = cpac_model_get_head (run->shape),
    .input = cpac_model_get_input (run->shape),
    .recipe = &run->recipe,
    .dataset = run->dataset,
    .constants = cpac_model_is_shape (run->shape) ? NULL : cpac_model_get_params (run->shape),
    .donor_network = donor != NULL ? cpac_model_get_network (donor) : NULL,
    .donor = donor != NULL ? cpac_model_get_params (donor) : NULL,
    .n_threads = (guint) n_threads,
  };

  note_unused (run);
  run->key = make_key (run);
  run->trainer = cpac_trainer_new (&options, error);
  return run->trainer != NULL &&
         (!resume || cpac_trainer_load (run->trainer, out, run->key, error));
}

/* ---- While it goes on ---- */

static void
show_step (const TrainRun *run)
{
  guint64 step = cpac_trainer_get_step (run->trainer);
  guint64 n_steps = cpac_trainer_get_n_steps (run->trainer);
  guint n_epochs = (guint) (n_steps / cpac_trainer_get_steps_per_epoch (run->trainer));
  double seconds = (double) (g_get_monotonic_time () - run->begin_us) / G_USEC_PER_SEC;
  double rate = (double) (step - run->begin_step) / MAX (seconds, 1e-6);
  const GArray *curve = cpac_trainer_get_curve (run->trainer);
  double figure =
      curve->len > 0 ? g_array_index (curve, CpacEpoch, curve->len - 1).val_figure : NAN;
  g_autofree char *what = g_strdup_printf (
      "epoch %u/%u  loss %.4f  %s %.4f  %.0f steps/s  %.0f s left", MIN (curve->len + 1, n_epochs),
      n_epochs, cpac_trainer_get_running_loss (run->trainer), train_run_name_figure (run), figure,
      rate, (double) (n_steps - step) / MAX (rate, 1e-9));

  tool_progress (what, step, n_steps);
}

static void
note_epoch (const TrainRun *run)
{
  const GArray *curve = cpac_trainer_get_curve (run->trainer);
  const CpacEpoch *e = &g_array_index (curve, CpacEpoch, curve->len - 1);
  g_autoptr (GArray) health = cpac_variables_get_health (cpac_trainer_get_variables (run->trainer));
  g_autoptr (GString) factors = g_string_new (NULL);

  for (guint i = 0; i < health->len; i++) {
    const CpacFactorHealth *h = &g_array_index (health, CpacFactorHealth, i);

    g_string_append_printf (factors, "  %s D %.2f ss %.3g", h->layer, h->degeneracy,
                            h->sensitivity);
  }
  tool_note ("epoch %u: train loss %.5f, val loss %.5f, %s %.4f, %.1f s%s%s", e->epoch,
             e->train_loss, e->val_loss, train_run_name_figure (run), e->val_figure, e->seconds,
             cpac_trainer_get_best_epoch (run->trainer) == e->epoch ? ", best so far" : "",
             factors->str);
}

static gboolean
train (TrainRun *run, GError **error)
{
  gint64 saved_us = g_get_monotonic_time ();

  /* A folder that cannot be written is better noticed before the night than after it. */
  if (!resume && !cpac_trainer_save (run->trainer, out, run->key, error))
    return FALSE;
  run->begin_us = saved_us;
  run->begin_step = cpac_trainer_get_step (run->trainer);
  while (!cpac_trainer_is_done (run->trainer) && !interrupted) {
    guint n_epochs = cpac_trainer_get_curve (run->trainer)->len;

    if (!cpac_trainer_step (run->trainer, error))
      return FALSE;
    show_step (run);
    if (cpac_trainer_get_curve (run->trainer)->len == n_epochs)
      continue;
    note_epoch (run);
    if (g_get_monotonic_time () - saved_us >= (gint64) checkpoint_seconds * G_USEC_PER_SEC) {
      if (!cpac_trainer_save (run->trainer, out, run->key, error))
        return FALSE;
      saved_us = g_get_monotonic_time ();
    }
  }
  tool_progress_end ();
  return cpac_trainer_save (run->trainer, out, run->key, error);
}

/* Training that fails leaves its best weights so far; before the first validation there are none
 * worth a model. */
static gboolean
train_and_write (TrainRun *run, GError **error)
{
  gboolean trained = train (run, error);
  guint best = cpac_trainer_get_best_epoch (run->trainer);

  run->is_interrupted = interrupted;
  tool_progress_end ();
  if (best == 0)
    return trained;
  if (trained)
    return train_run_write (run, error);
  if (train_run_write (run, NULL))
    tool_note ("%s: holds the weights of epoch %u, the best so far", out, best);
  return FALSE;
}

static gboolean
run_training (TrainRun *run, const char *path, GError **error)
{
  run->shape = cpac_model_load (path, CPAC_MODEL_ALLOW_SHAPE | CPAC_MODEL_SKIP_SELF_CHECK, error);
  if (run->shape == NULL ||
      (start != NULL && !train_start_load (&run->start, start, run->shape, error)) ||
      !read_recipe (run, path, error) || !open_data (run, error))
    return FALSE;
  return cpac_file_make_folder (out, error) && make_trainer (run, error) &&
         train_and_write (run, error);
}

static int
run (int argc, char **argv)
{
  struct sigaction action = { .sa_handler = on_interrupt, .sa_flags = SA_RESETHAND };
  TrainRun training = { 0 };
  GError *error = NULL;
  gboolean ok;

  if (!tool_parse (&tool_train, entries, 1, 1, &argc, &argv))
    return TOOL_ERROR;
  if (data == NULL || out == NULL)
    return tool_fail_text (&tool_train, "--data and --out are both needed");
  if (n_threads < 1 || n_threads > 64 || epochs < 0 || checkpoint_seconds < 0)
    return tool_fail_text (&tool_train,
                           "--threads must be 1..64, --epochs at least 0 (0: the recipe's), "
                           "--checkpoint-seconds at least 0");
  training.out = out;
  gst_init (NULL, NULL);
  /* The first Ctrl-C ends the step and saves; a second one ends the program. */
  sigaction (SIGINT, &action, NULL);
  sigaction (SIGTERM, &action, NULL);
  ok = run_training (&training, argv[1], &error);
  if (ok)
    train_run_print (&training, as_json);
  cpac_trainer_free (training.trainer);
  cpac_dataset_free (training.dataset);
  cpac_manifest_free (training.manifest);
  cpac_model_unref (training.shape);
  train_start_clear (&training.start);
  g_free (training.key);
  g_free (training.text);
  return ok ? TOOL_DONE : tool_fail (&tool_train, error);
}

const ToolCommand tool_train = {
  .name = "train",
  .arguments = "CONFIG --data M --out DIR",
  .summary = "Train a network in factored form",
  .run = run,
};
