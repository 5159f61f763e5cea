/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pipelines/training-pictures.h"

#include "core/tensor/linalg.h"
#include "core/train/ops.h"
#include "pipelines/open-dataset.h"
#include "pipelines/tool.h"

#define MIB ((gsize) 1 << 20)

gboolean
training_recipe_read (const CpacModel *model, CpacRecipe *recipe, gboolean *has_recipe,
                      GError **error)
{
  g_autoptr (CpacConfig) root = cpac_config_load (cpac_model_get_path (model), error);
  const CpacConfig *section = root != NULL ? cpac_config_peek (root, "train") : NULL;

  if (root == NULL)
    return FALSE;
  cpac_recipe_init (recipe);
  if (has_recipe != NULL)
    *has_recipe = section != NULL;
  return section == NULL || cpac_recipe_read (recipe, section, error);
}

static gboolean
fill (gpointer user_data, guint index, guint worker, float *input, GError **error)
{
  const TrainingPictures *training = user_data;

  return cpac_dataset_get_input (training->dataset, CPAC_SPLIT_TRAIN, training->indices[index],
                                 input, error);
}

static void
choose_pictures (TrainingPictures *training, guint n_wanted)
{
  guint n = cpac_dataset_get_n (training->dataset, CPAC_SPLIT_TRAIN), n_chosen = MIN (n, n_wanted);

  training->indices = g_new (guint, n_chosen + 1);
  for (guint i = 0; i < n_chosen; i++)
    training->indices[i] = (guint) ((guint64) i * n / n_chosen);
  training->pictures = (CpacPictures){ n_chosen, fill, training };
}

static gboolean
open_pictures (TrainingPictures *training, const char *data, guint n_pictures,
               const CpacDatasetOptions *options, GError **error)
{
  const CpacHead *head = options->head;

  training->manifest = cpac_manifest_load (data, (const char *const *) head->classes, error);
  if (training->manifest == NULL ||
      (training->dataset = open_dataset (training->manifest, *options, error)) == NULL)
    return FALSE;
  choose_pictures (training, n_pictures);
  return TRUE;
}

static CpacDatasetOptions
get_options (const CpacModel *model, const CpacRecipe *recipe, guint n_threads)
{
  return (CpacDatasetOptions){
    .input = *cpac_model_get_input (model),
    .head = cpac_model_get_head (model),
    .max_bytes = recipe->memory_mib * MIB,
    .n_threads = n_threads,
    .seed = recipe->seed,
    .val_share = recipe->validation_share,
    .calibration_share = recipe->calibration_share > 0 ? recipe->calibration_share : -1,
  };
}

gboolean
training_pictures_open (TrainingPictures *training, const CpacModel *model,
                        const CpacRecipe *recipe, const char *data, guint n_pictures,
                        guint n_threads, GError **error)
{
  const CpacDatasetOptions options = get_options (model, recipe, n_threads);

  return open_pictures (training, data, n_pictures, &options, error);
}

gboolean
training_pictures_open_unlabelled (TrainingPictures *training, const CpacModel *model,
                                   const CpacRecipe *recipe, const char *data, const char *split,
                                   guint n_pictures, guint n_threads, GError **error)
{
  CpacDatasetOptions options = get_options (model, recipe, n_threads);

  options.train_split = split;
  options.any_labels = TRUE;
  return open_pictures (training, data, n_pictures, &options, error);
}

void
training_pictures_clear (TrainingPictures *training)
{
  g_clear_pointer (&training->indices, g_free);
  g_clear_pointer (&training->dataset, cpac_dataset_free);
  g_clear_pointer (&training->manifest, cpac_manifest_free);
}

static void
show_measuring (guint done, guint total, gpointer user_data)
{
  tool_progress ("measuring", done, total);
}

CpacActivity *
training_pictures_measure (const TrainingPictures *training, const CpacModel *model,
                           gboolean products, guint n_threads, GError **error)
{
  const CpacActivityOptions options = {
    .network = cpac_model_get_network (model),
    .params = cpac_model_get_params (model),
    .head = cpac_model_get_head (model),
    .ops = cpac_train_ops (),
    .products = products,
    .pictures = &training->pictures,
    .n_threads = n_threads,
    .progress = show_measuring,
  };
  CpacActivity *activity;

  cpac_linalg_init ();
  if (!cpac_train_check_scratch (options.network, error))
    return NULL;
  activity = cpac_activity_new (&options, error);
  tool_progress_end ();
  return activity;
}
