/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Which pictures of the data set a trainer walks over, and in which order. */

#include <math.h>

#include "core/random.h"
#include "core/train/trainer-private.h"

static void
list_train (CpacTrainer *trainer)
{
  const CpacTrainerOptions *o = &trainer->options;
  guint n = cpac_dataset_get_n (o->dataset, CPAC_SPLIT_TRAIN);

  trainer->train = g_new (guint, n + 1);
  trainer->real = g_new (guint, n + 1);
  for (guint i = 0; i < n; i++) {
    const CpacItem *item = cpac_dataset_get_item (o->dataset, CPAC_SPLIT_TRAIN, i);

    if (!o->recipe->synthetic.active || !item->defect)
      trainer->train[trainer->n_train++] = i;
    else if (item->has_mask)
      trainer->real[trainer->n_real++] = i;
  }
}

static void
add_view (CpacTrainer *trainer, guint picture, guint draw, gboolean defect)
{
  trainer->views[trainer->n_views++] = (CpacTrainView){ picture, draw, defect };
}

/* Returns how many good pictures are among them. */
static guint
list_views (CpacTrainer *trainer)
{
  const CpacTrainerOptions *o = &trainer->options;
  const CpacSyntheticOptions *synthetic = &o->recipe->synthetic;
  guint n = cpac_dataset_get_n (o->dataset, CPAC_SPLIT_VAL);
  guint n_draws = synthetic->active ? synthetic->validation_draws : 0, n_good = 0;

  trainer->views = g_new (CpacTrainView, (gsize) n * (1 + n_draws) + 1);
  for (guint i = 0; i < n; i++) {
    const CpacItem *item = cpac_dataset_get_item (o->dataset, CPAC_SPLIT_VAL, i);

    if (!synthetic->active || !item->defect || item->has_mask)
      add_view (trainer, i, 0, item->defect);
    for (guint draw = 1; draw <= n_draws && !item->defect; draw++)
      add_view (trainer, i, draw, TRUE);
    n_good += !item->defect;
  }
  return n_good;
}

/* With synthetic defects every batch has its places for real ones, behind those for the good
 * pictures, which are what an epoch counts. */
static void
share_out_batch (CpacTrainer *trainer)
{
  const CpacRecipe *recipe = trainer->options.recipe;
  guint n_real = 0;

  if (trainer->n_real > 0)
    n_real = MIN ((guint) round (recipe->synthetic.real_share * recipe->batch), recipe->batch - 1);
  trainer->n_in_order = MIN (recipe->batch - n_real, trainer->n_train);
  trainer->batch_size = trainer->n_in_order + n_real;
  trainer->steps_per_epoch = trainer->n_train / trainer->n_in_order;
}

gboolean
cpac_trainer_list_pictures (CpacTrainer *trainer, GError **error)
{
  guint n_good;

  list_train (trainer);
  n_good = list_views (trainer);
  if (trainer->options.recipe->synthetic.active && (trainer->n_train == 0 || n_good == 0)) {
    g_set_error (error, CPAC_ERROR, CPAC_ERROR_SCHEMA,
                 "synthetic defects are made on good pictures, but the list has none for %s",
                 trainer->n_train == 0 ? "training" : "selection");
    return FALSE;
  }
  share_out_batch (trainer);
  trainer->order = g_new (guint, trainer->n_train);
  trainer->order_epoch = G_MAXUINT;
  return TRUE;
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
    trainer->order[i] = trainer->train[i];
  for (guint i = trainer->n_train; i-- > 1;) {
    guint k = cpac_random_below (&random, i + 1), keep = trainer->order[i];

    trainer->order[i] = trainer->order[k];
    trainer->order[k] = keep;
  }
}

gboolean
cpac_trainer_place_is_real (const CpacTrainer *trainer, guint index)
{
  return index >= trainer->n_in_order;
}

/* Real defects are drawn one by one: there are few, and an epoch may need more than there are. */
guint
cpac_trainer_picture_at (const CpacTrainer *trainer, guint index)
{
  guint in_epoch = (guint) (trainer->step % trainer->steps_per_epoch);
  CpacRandom random;

  if (!cpac_trainer_place_is_real (trainer, index))
    return trainer->order[in_epoch * trainer->n_in_order + index];
  cpac_random_init (&random, trainer->options.recipe->seed, CPAC_STREAM_SYNTHETIC,
                    CPAC_ITEM_REAL | (trainer->step * trainer->batch_size + index));
  return trainer->real[cpac_random_below (&random, trainer->n_real)];
}
