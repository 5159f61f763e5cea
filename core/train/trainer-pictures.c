/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What a trainer does with one picture: which one it is, how it becomes input, what it costs. */

#include "core/random.h"
#include "core/train/augment.h"
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

/* The epoch's order: Fisher-Yates from the epoch's own sequence. */
void
cpac_trainer_shuffle (CpacTrainer *trainer)
{
  guint epoch = cpac_trainer_epoch (trainer);
  CpacRandom random;

  if (trainer->order_epoch == epoch)
    return;
  trainer->order_epoch = epoch;
  cpac_random_init (&random, trainer->options.recipe->seed, CPAC_STREAM_SHUFFLE, epoch);
  for (guint i = 0; i < trainer->n_train; i++)
    trainer->order[i] = i;
  for (guint i = trainer->n_train; i-- > 1;) {
    guint k = cpac_random_below (&random, i + 1), keep = trainer->order[i];

    trainer->order[i] = trainer->order[k];
    trainer->order[k] = keep;
  }
}

/* Picture of the training split behind place @index of the current batch. */
static guint
training_index (const CpacTrainer *trainer, guint index)
{
  guint in_epoch = (guint) (trainer->step % trainer->steps_per_epoch);

  return trainer->order[in_epoch * trainer->batch_size + index];
}

gboolean
cpac_trainer_fill_training (gpointer user_data, guint index, guint worker, float *input,
                            GError **error)
{
  CpacTrainer *trainer = user_data;
  const CpacTrainerOptions *o = &trainer->options;
  CpacTrainScratch *scratch = &trainer->scratch[worker];
  const CpacDims *cells = cpac_trainer_output (trainer);
  guint picture = training_index (trainer, index);
  CpacRandom random;

  if (!cpac_dataset_get_input (o->dataset, CPAC_SPLIT_TRAIN, picture, input, error))
    return FALSE;
  if (!cpac_trainer_is_classifier (trainer) &&
      !cpac_dataset_get_mask (o->dataset, CPAC_SPLIT_TRAIN, picture, cells->width, cells->height,
                              scratch->mask, error))
    return FALSE;
  if (!cpac_augment_is_active (&o->recipe->augment))
    return TRUE;
  cpac_random_init (&random, o->recipe->seed, CPAC_STREAM_AUGMENT,
                    (guint64) cpac_trainer_epoch (trainer) * trainer->n_train + picture);
  cpac_augment_apply (&o->recipe->augment, o->input, &random, input, scratch->picture,
                      cpac_trainer_is_classifier (trainer) ? NULL : scratch->mask, cells->width,
                      cells->height, scratch->mask_scratch);
  return TRUE;
}

static double
focal_gamma (const CpacRecipe *recipe)
{
  return recipe->loss == CPAC_LOSS_PIXEL_FOCAL ? recipe->focal_gamma : 0;
}

double
cpac_trainer_training_loss (gpointer user_data, guint index, guint worker, const float *output,
                            float *gradient)
{
  CpacTrainer *trainer = user_data;
  const CpacTrainerOptions *o = &trainer->options;
  const CpacItem *item =
      cpac_dataset_get_item (o->dataset, CPAC_SPLIT_TRAIN, training_index (trainer, index));

  if (cpac_trainer_is_classifier (trainer))
    return cpac_loss_cross_entropy (output, o->head->n_classes, item->class_index,
                                    o->recipe->label_smoothing, gradient);
  return cpac_loss_pixels (output, trainer->scratch[worker].mask,
                           cpac_dims_count (cpac_trainer_output (trainer)),
                           o->recipe->positive_weight, focal_gamma (o->recipe), gradient);
}

gboolean
cpac_trainer_fill_validation (gpointer user_data, guint index, guint worker, float *input,
                              GError **error)
{
  CpacTrainer *trainer = user_data;
  const CpacDataset *dataset = trainer->options.dataset;
  const CpacDims *cells = cpac_trainer_output (trainer);

  return cpac_dataset_get_input (dataset, CPAC_SPLIT_VAL, index, input, error) &&
         (cpac_trainer_is_classifier (trainer) ||
          cpac_dataset_get_mask (dataset, CPAC_SPLIT_VAL, index, cells->width, cells->height,
                                 trainer->scratch[worker].mask, error));
}

/* Loss, and for the figure: 1 for a hit of a classifier, the score of a map. The scratch serves as
 * the gradient that nobody wants here. */
double
cpac_trainer_validation_loss (gpointer user_data, guint index, guint worker, const float *output,
                              float *gradient)
{
  CpacTrainer *trainer = user_data;
  const CpacTrainerOptions *o = &trainer->options;
  CpacTrainScratch *scratch = &trainer->scratch[worker];
  const CpacItem *item = cpac_dataset_get_item (o->dataset, CPAC_SPLIT_VAL, index);
  const CpacDims *cells = cpac_trainer_output (trainer);
  double loss;

  if (cpac_trainer_is_classifier (trainer)) {
    guint best = 0;

    for (guint i = 1; i < o->head->n_classes; i++)
      if (output[i] > output[best])
        best = i;
    trainer->val_outputs[index] = best == item->class_index;
    return cpac_loss_cross_entropy (output, o->head->n_classes, item->class_index, 0,
                                    scratch->mask_scratch);
  }
  loss =
      cpac_loss_pixels (output, scratch->mask, cpac_dims_count (cells), o->recipe->positive_weight,
                        focal_gamma (o->recipe), scratch->mask_scratch);
  trainer->val_outputs[index] = (float) cpac_head_map (o->head, output, cells->width, cells->height,
                                                       scratch->mask, scratch->mask_scratch);
  return loss;
}
