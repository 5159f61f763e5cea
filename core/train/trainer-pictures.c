/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What a trainer does with one picture: which one it is, how it becomes input, what it costs. */

#include <math.h>

#include "core/random.h"
#include "core/train/augment.h"
#include "core/train/dataset-private.h"
#include "core/train/loss.h"
#include "core/train/trainer-private.h"

gboolean
cpac_trainer_is_classifier (const CpacTrainer *trainer)
{
  return trainer->options.head->kind == CPAC_HEAD_CLASSIFIER;
}

const CpacDims *
cpac_trainer_output (const CpacTrainer *trainer)
{
  return cpac_network_get_output (trainer->options.network);
}

guint
cpac_trainer_epoch (const CpacTrainer *trainer)
{
  return (guint) (trainer->step / trainer->steps_per_epoch);
}

/* ---- Targets ---- */

static gboolean
get_mask (CpacTrainer *trainer, CpacSplit split, guint picture, CpacTrainScratch *scratch,
          GError **error)
{
  const CpacDims *cells = cpac_trainer_output (trainer);

  return trainer->options.head->kind != CPAC_HEAD_MAP ||
         cpac_dataset_get_mask (trainer->options.dataset, split, picture, cells->width,
                                cells->height, scratch->mask, error);
}

/* From shares of cells to what the network is to say: a defect much smaller than a cell counts. */
static void
sharpen_mask (const CpacTrainer *trainer, float *mask)
{
  double cell_share = trainer->options.recipe->cell_share;
  gsize n = cpac_dims_count (cpac_trainer_output (trainer));

  for (gsize i = 0; i < n && trainer->options.head->kind == CPAC_HEAD_MAP; i++)
    mask[i] = (float) MIN (1, mask[i] / cell_share);
}

/* ---- Synthetic defects ---- */

/* Damages @input, picture @picture of @split, which is good; the texture of another comes from the
 * same split. Returns whether anything is to be seen. */
static gboolean
damage (CpacTrainer *trainer, CpacSplit split, guint picture, guint other, CpacRandom *random,
        CpacTrainScratch *scratch, float *input, gboolean *is_damaged, GError **error)
{
  const CpacTrainerOptions *o = &trainer->options;
  const CpacDims *cells = cpac_trainer_output (trainer);
  guint width, height;

  if (!cpac_dataset_get_input (o->dataset, split, other, scratch->other, error))
    return FALSE;
  cpac_dataset_get_size (o->dataset, split, picture, &width, &height);
  *is_damaged = cpac_synthetic_apply (scratch->synthetic, random, width, height, input,
                                      scratch->other, scratch->changed) > 0;
  cpac_mask_get_shares (scratch->changed, o->input->width, o->input->height, cells->width,
                        cells->height, scratch->mask);
  return TRUE;
}

/* Spreads the share evenly over the places of the batches. */
static gboolean
place_is_damaged (const CpacTrainer *trainer, guint index)
{
  const CpacSyntheticOptions *synthetic = &trainer->options.recipe->synthetic;
  double place = (double) (trainer->step * trainer->n_in_order + index);

  return synthetic->active && !cpac_trainer_place_is_real (trainer, index) &&
         floor ((place + 1) * synthetic->share) > floor (place * synthetic->share);
}

static gboolean
damage_training (CpacTrainer *trainer, guint picture, CpacTrainScratch *scratch, float *input,
                 GError **error)
{
  guint n = cpac_dataset_get_n (trainer->options.dataset, CPAC_SPLIT_TRAIN);
  CpacRandom random;
  gboolean is_damaged;
  guint other;

  cpac_random_init (&random, trainer->options.recipe->seed, CPAC_STREAM_SYNTHETIC,
                    (guint64) cpac_trainer_epoch (trainer) * n + picture);
  other = trainer->train[cpac_random_below (&random, trainer->n_train)];
  return damage (trainer, CPAC_SPLIT_TRAIN, picture, other, &random, scratch, input, &is_damaged,
                 error);
}

/* ---- Training ---- */

static void
augment (CpacTrainer *trainer, guint index, guint picture, CpacTrainScratch *scratch, float *input)
{
  const CpacTrainerOptions *o = &trainer->options;
  const CpacDims *cells = cpac_trainer_output (trainer);
  guint n = cpac_dataset_get_n (o->dataset, CPAC_SPLIT_TRAIN);
  guint64 item = (guint64) cpac_trainer_epoch (trainer) * n + picture;
  CpacRandom random;

  /* A real defect may come several times in an epoch. */
  if (cpac_trainer_place_is_real (trainer, index))
    item = CPAC_ITEM_REAL | (trainer->step * trainer->batch_size + index);
  cpac_random_init (&random, o->recipe->seed, CPAC_STREAM_AUGMENT, item);
  cpac_augment_apply (&o->recipe->augment, o->input, &random, input, scratch->picture,
                      o->head->kind == CPAC_HEAD_MAP ? scratch->mask : NULL, cells->width,
                      cells->height, scratch->mask_scratch);
}

gboolean
cpac_trainer_fill_training (gpointer user_data, guint index, guint worker, float *input,
                            GError **error)
{
  CpacTrainer *trainer = user_data;
  const CpacTrainerOptions *o = &trainer->options;
  CpacTrainScratch *scratch = &trainer->scratch[worker];
  guint picture = cpac_trainer_picture_at (trainer, index);

  if (!cpac_dataset_get_input (o->dataset, CPAC_SPLIT_TRAIN, picture, input, error) ||
      !get_mask (trainer, CPAC_SPLIT_TRAIN, picture, scratch, error))
    return FALSE;
  if (cpac_augment_is_active (&o->recipe->augment))
    augment (trainer, index, picture, scratch, input);
  if (place_is_damaged (trainer, index) &&
      !damage_training (trainer, picture, scratch, input, error))
    return FALSE;
  sharpen_mask (trainer, scratch->mask);
  if (trainer->teachers != NULL)
    cpac_trainer_ask_teacher (trainer, worker, input);
  return TRUE;
}

static double
focal_gamma (const CpacRecipe *recipe)
{
  return recipe->loss == CPAC_LOSS_PIXEL_FOCAL ? recipe->focal_gamma : 0;
}

static double
get_positive_weight (const CpacTrainer *trainer, const float *mask)
{
  const CpacRecipe *recipe = trainer->options.recipe;

  return recipe->positive_weight *
         cpac_loss_balance (mask, cpac_dims_count (cpac_trainer_output (trainer)), recipe->balance);
}

static gboolean
shows_defect (const float *mask, gsize n)
{
  for (gsize i = 0; i < n; i++)
    if (mask[i] > 0)
      return TRUE;
  return FALSE;
}

/* Adds what the whole picture says to the gradient; the mask is not needed any more. */
static double
picture_loss (const CpacTrainer *trainer, guint worker, const float *output, float *gradient)
{
  const CpacTrainerOptions *o = &trainer->options;
  CpacTrainScratch *scratch = &trainer->scratch[worker];
  const CpacDims *cells = cpac_trainer_output (trainer);

  if (o->recipe->picture_weight == 0)
    return 0;
  return cpac_loss_picture (o->head, output, cells->width, cells->height,
                            shows_defect (scratch->mask, cpac_dims_count (cells)),
                            o->recipe->picture_weight, scratch->mask, scratch->mask_scratch,
                            gradient);
}

double
cpac_trainer_training_loss (gpointer user_data, guint index, guint worker, const float *output,
                            float *gradient)
{
  CpacTrainer *trainer = user_data;
  const CpacTrainerOptions *o = &trainer->options;
  const CpacItem *item = cpac_dataset_get_item (o->dataset, CPAC_SPLIT_TRAIN,
                                                cpac_trainer_picture_at (trainer, index));
  double loss;

  if (trainer->teachers != NULL)
    return cpac_trainer_teacher_loss (trainer, worker, output, gradient);
  if (cpac_trainer_is_classifier (trainer))
    return cpac_loss_cross_entropy (output, o->head->n_classes, item->class_index,
                                    o->recipe->label_smoothing, gradient);
  loss = cpac_loss_pixels (output, trainer->scratch[worker].mask,
                           cpac_dims_count (cpac_trainer_output (trainer)),
                           get_positive_weight (trainer, trainer->scratch[worker].mask),
                           focal_gamma (o->recipe), gradient);
  return loss + picture_loss (trainer, worker, output, gradient);
}

/* ---- Validation ---- */

/* The same defects in every epoch. */
static gboolean
damage_validation (CpacTrainer *trainer, CpacTrainView *view, CpacTrainScratch *scratch,
                   float *input, GError **error)
{
  const CpacTrainerOptions *o = &trainer->options;
  guint other;
  CpacRandom random;

  cpac_random_init (&random, o->recipe->seed, CPAC_STREAM_SYNTHETIC,
                    CPAC_ITEM_VALIDATION | (guint64) view->draw << 32 | view->picture);
  do
    other = trainer->views[cpac_random_below (&random, trainer->n_views)].picture;
  while (cpac_dataset_get_item (o->dataset, CPAC_SPLIT_VAL, other)->defect);
  return damage (trainer, CPAC_SPLIT_VAL, view->picture, other, &random, scratch, input,
                 &view->defect, error);
}

gboolean
cpac_trainer_fill_validation (gpointer user_data, guint index, guint worker, float *input,
                              GError **error)
{
  CpacTrainer *trainer = user_data;
  CpacTrainScratch *scratch = &trainer->scratch[worker];
  CpacTrainView *view = &trainer->views[index];

  if (!cpac_dataset_get_input (trainer->options.dataset, CPAC_SPLIT_VAL, view->picture, input,
                               error) ||
      !get_mask (trainer, CPAC_SPLIT_VAL, view->picture, scratch, error) ||
      (view->draw > 0 && !damage_validation (trainer, view, scratch, input, error)))
    return FALSE;
  sharpen_mask (trainer, scratch->mask);
  if (trainer->teachers != NULL)
    cpac_trainer_ask_teacher (trainer, worker, input);
  return TRUE;
}

/* Loss, and for the figure: 1 for a hit of a classifier or an agreement, the score of a map. The
 * scratch serves as the gradient that nobody wants here. */
double
cpac_trainer_validation_loss (gpointer user_data, guint index, guint worker, const float *output,
                              float *gradient)
{
  CpacTrainer *trainer = user_data;
  const CpacTrainerOptions *o = &trainer->options;
  CpacTrainScratch *scratch = &trainer->scratch[worker];
  const CpacItem *item =
      cpac_dataset_get_item (o->dataset, CPAC_SPLIT_VAL, trainer->views[index].picture);
  const CpacDims *cells = cpac_trainer_output (trainer);
  double loss, score, slope;
  gboolean is_defect;

  if (trainer->teachers != NULL) {
    trainer->val_outputs[index] = (float) cpac_trainer_agrees (trainer, worker, output);
    return cpac_trainer_teacher_loss (trainer, worker, output, NULL);
  }
  if (cpac_trainer_is_classifier (trainer)) {
    guint best = 0;

    for (guint i = 1; i < o->head->n_classes; i++)
      if (output[i] > output[best])
        best = i;
    trainer->val_outputs[index] = best == item->class_index;
    return cpac_loss_cross_entropy (output, o->head->n_classes, item->class_index, 0,
                                    scratch->mask_scratch);
  }
  loss = cpac_loss_pixels (output, scratch->mask, cpac_dims_count (cells),
                           get_positive_weight (trainer, scratch->mask), focal_gamma (o->recipe),
                           scratch->mask_scratch);
  is_defect = shows_defect (scratch->mask, cpac_dims_count (cells));
  score = cpac_head_map (o->head, output, cells->width, cells->height, scratch->mask,
                         scratch->mask_scratch);
  trainer->val_outputs[index] = (float) score;
  return loss + o->recipe->picture_weight * cpac_loss_score (score, is_defect, &slope);
}
