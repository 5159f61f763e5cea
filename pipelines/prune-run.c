/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pipelines/prune-run.h"

#include <string.h>

#include "core/model/config-edit.h"
#include "core/model/files.h"
#include "core/model/save.h"
#include "pipelines/tool.h"

#define MAX_YAML (4u << 20)
/* Of the recipe's rate: the weights are good already. */
#define FINE_RATE 0.1

/* ---- Setting up ---- */

/* The statistics of a gaussian are of the features as they are. */
static gboolean
check_head (const CpacModel *model, GError **error)
{
  CpacHeadKind kind = cpac_model_get_head (model)->kind;

  if (kind != CPAC_HEAD_GAUSSIAN && kind != CPAC_HEAD_COMBINED)
    return TRUE;
  g_set_error (error, CPAC_ERROR, CPAC_ERROR_SCHEMA,
               "%s: heads gaussian and combined are fitted to the features of this very network; "
               "prune the network that they were fitted on, then use cpac fit again",
               cpac_model_get_path (model));
  return FALSE;
}

static gboolean
read_model (PruneRun *run, const char *path, GError **error)
{
  g_autofree char *text = NULL;
  gsize length;

  run->model = cpac_model_load (path, CPAC_MODEL_DEFAULT, error);
  if (run->model == NULL || !check_head (run->model, error) ||
      !cpac_prune_check (cpac_model_get_network (run->model), error) ||
      !training_record_read (&run->record, run->model, error) ||
      !training_recipe_read (run->model, &run->recipe, &run->has_recipe, error) ||
      !cpac_file_read (path, MAX_YAML, &text, &length, error) ||
      !cpac_model_check_text (path, text, error))
    return FALSE;
  run->text = cpac_config_remove_value (path, text, "score", "calibration", error);
  if (run->text == NULL)
    return FALSE;
  run->drops_calibration = !g_str_equal (text, run->text);
  return TRUE;
}

gboolean
prune_run_open (PruneRun *run, const char *path, const char *data, GError **error)
{
  return read_model (run, path, error) &&
         training_pictures_open (&run->training, run->model, &run->recipe, data, run->n_pictures,
                                 run->n_threads, error);
}

gboolean
prune_run_measure (PruneRun *run, GError **error)
{
  run->activity =
      training_pictures_measure (&run->training, run->model, TRUE, run->n_threads, error);
  return run->activity != NULL;
}

void
prune_run_clear (PruneRun *run)
{
  cpac_activity_free (run->activity);
  training_pictures_clear (&run->training);
  g_free (run->text);
  training_record_clear (&run->record);
  cpac_model_unref (run->model);
}

/* ---- One pruned model ---- */

static void
list_layers (PrunedModel *pruned)
{
  guint n_layers = cpac_network_get_n_layers (pruned->network);

  pruned->channels = g_new0 (guint *, n_layers);
  pruned->layers = g_array_new (FALSE, FALSE, sizeof (CpacRefitLayer));
  for (guint i = 0; i < n_layers; i++) {
    guint n = cpac_network_get_layer (pruned->prune->network, i)->out.channels;
    CpacRefitLayer layer = { .layer = i, .target = i };

    if (pruned->prune->components[i] == NULL)
      continue;
    pruned->channels[i] = g_new (guint, n);
    cpac_prune_get_outputs (pruned->prune, i, pruned->channels[i]);
    layer.channels = pruned->channels[i];
    g_array_append_val (pruned->layers, layer);
  }
}

static void
show_refitting (guint done, guint total, gpointer user_data)
{
  tool_progress ("refitting", done, total);
}

static gboolean
refit (const PruneRun *run, PrunedModel *pruned, GError **error)
{
  const CpacRefitOptions options = {
    .network = pruned->network,
    .params = pruned->params,
    .target = cpac_model_get_network (run->model),
    .target_params = cpac_model_get_params (run->model),
    .layers = &g_array_index (pruned->layers, CpacRefitLayer, 0),
    .n_layers = pruned->layers->len,
    .pictures = &run->training.pictures,
    .ridge = CPAC_REFIT_RIDGE,
    .n_threads = run->n_threads,
    .progress = show_refitting,
  };
  gboolean ok = cpac_refit (&options, error);

  tool_progress_end ();
  return ok;
}

PrunedModel *
prune_run_make (const PruneRun *run, const PruneWishes *wishes, GError **error)
{
  g_autoptr (PrunedModel) pruned = g_new0 (PrunedModel, 1);
  const CpacPruneOptions options = {
    .network = cpac_model_get_network (run->model),
    .params = cpac_model_get_params (run->model),
    .measure = wishes->measure,
    .keep = wishes->keep,
    .keep_channels = wishes->keep_channels,
    .activity = run->activity,
    .seed = wishes->seed,
  };
  const char *name = cpac_model_get_path (run->model);

  pruned->wishes = *wishes;
  if ((pruned->prune = cpac_prune_new (&options, error)) == NULL ||
      (pruned->text = cpac_prune_text (pruned->prune, name, run->text, error)) == NULL ||
      (pruned->network = cpac_prune_network (pruned->prune, name, pruned->text, error)) == NULL)
    return NULL;
  pruned->params = cpac_prune_params (pruned->prune, options.params, pruned->network);
  list_layers (pruned);
  return !wishes->refit || refit (run, pruned, error) ? g_steal_pointer (&pruned) : NULL;
}

void
pruned_model_free (PrunedModel *pruned)
{
  for (guint i = 0; pruned->channels != NULL && i < pruned->prune->channels->n_layers; i++)
    g_free (pruned->channels[i]);
  g_free (pruned->channels);
  g_clear_pointer (&pruned->layers, g_array_unref);
  cpac_params_free (pruned->params);
  cpac_network_free (pruned->network);
  cpac_prune_free (pruned->prune);
  g_free (pruned->text);
  g_free (pruned);
}

/* ---- Fine-tuning ---- */

static void
note_epoch (const PruneRun *run, const CpacTrainer *trainer)
{
  const GArray *curve = cpac_trainer_get_curve (trainer);
  const CpacEpoch *e = &g_array_index (curve, CpacEpoch, curve->len - 1);
  gboolean classifier = cpac_model_get_head (run->model)->kind == CPAC_HEAD_CLASSIFIER;

  tool_note ("epoch %u: train loss %.5f, val loss %.5f, %s %.4f, %.1f s%s", e->epoch, e->train_loss,
             e->val_loss, classifier ? "val_accuracy" : "val_auroc", e->val_figure, e->seconds,
             cpac_trainer_get_best_epoch (trainer) == e->epoch ? ", best so far" : "");
}

static gboolean
train (const PruneRun *run, CpacTrainer *trainer, GError **error)
{
  while (!cpac_trainer_is_done (trainer)) {
    guint n_epochs = cpac_trainer_get_curve (trainer)->len;

    if (!cpac_trainer_step (trainer, error))
      return FALSE;
    tool_progress ("training", cpac_trainer_get_step (trainer), cpac_trainer_get_n_steps (trainer));
    if (cpac_trainer_get_curve (trainer)->len > n_epochs)
      note_epoch (run, trainer);
  }
  return TRUE;
}

static void
take_best (const CpacTrainer *trainer, PrunedModel *pruned)
{
  const CpacParams *best = cpac_trainer_get_best (trainer);

  pruned->epoch = g_array_index (cpac_trainer_get_curve (trainer), CpacEpoch,
                                 cpac_trainer_get_best_epoch (trainer) - 1);
  for (guint i = 0; i < best->n_params; i++)
    memcpy (pruned->params->values[i]->data, best->values[i]->data,
            cpac_shape_count (&best->values[i]->shape) * sizeof (float));
}

gboolean
prune_run_train (const PruneRun *run, PrunedModel *pruned, guint epochs, GError **error)
{
  CpacRecipe recipe = run->recipe;
  const CpacTrainerOptions options = {
    .network = pruned->network,
    .head = cpac_model_get_head (run->model),
    .input = cpac_model_get_input (run->model),
    .recipe = &recipe,
    .dataset = run->training.dataset,
    .start = pruned->params,
    .n_threads = run->n_threads,
  };
  g_autoptr (CpacTrainer) trainer = NULL;
  gboolean ok;

  pruned->epochs = epochs;
  recipe.epochs = epochs;
  recipe.least_steps = 0;
  recipe.rate *= FINE_RATE;
  trainer = cpac_trainer_new (&options, error);
  ok = trainer != NULL && train (run, trainer, error);
  tool_progress_end ();
  if (ok)
    take_best (trainer, pruned);
  return ok;
}
