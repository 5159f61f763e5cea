/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/train/trainer.h"

#include <math.h>
#include <string.h>

#include "core/score/metrics.h"
#include "core/tensor/linalg.h"
#include "core/train/augment.h"
#include "core/train/init.h"
#include "core/train/optimizer.h"
#include "core/train/ops.h"
#include "core/train/trainer-private.h"

/* ---- Setting up ---- */

static CpacParams *
new_params (const CpacNetwork *network)
{
  /* The values are overwritten; what matters is their shape. */
  return cpac_params_new_random (network, 0);
}

void
cpac_train_copy_params (CpacParams *to, const CpacParams *from)
{
  for (guint i = 0; i < to->n_params; i++)
    memcpy (to->values[i]->data, from->values[i]->data,
            cpac_shape_count (&to->values[i]->shape) * sizeof (float));
}

static gboolean
check_loss (const CpacTrainerOptions *options, GError **error)
{
  gboolean entropy = options->recipe->loss == CPAC_LOSS_CROSS_ENTROPY;

  if (options->teacher != NULL)
    return TRUE;
  switch (options->head->kind) {
    case CPAC_HEAD_CLASSIFIER:
      if (entropy || !options->recipe->has_loss)
        return TRUE;
      g_set_error (error, CPAC_ERROR, CPAC_ERROR_SCHEMA,
                   "a classifier is trained with loss cross-entropy, not with a pixel loss");
      return FALSE;
    case CPAC_HEAD_MAP:
      if (!entropy || !options->recipe->has_loss)
        return TRUE;
      g_set_error (error, CPAC_ERROR, CPAC_ERROR_SCHEMA,
                   "a map is trained with loss pixel-bce or pixel-focal, not cross-entropy");
      return FALSE;
    case CPAC_HEAD_GAUSSIAN:
    case CPAC_HEAD_COMBINED:
      g_set_error (
          error, CPAC_ERROR, CPAC_ERROR_SCHEMA,
          "heads gaussian and combined are fitted by cpac fit, there is nothing to be trained");
      return FALSE;
    case CPAC_HEAD_NONE:
      break;
  }
  g_set_error (error, CPAC_ERROR, CPAC_ERROR_SCHEMA, "head none has nothing to be trained for");
  return FALSE;
}

static gboolean
check_map_only (const CpacTrainerOptions *options, GError **error)
{
  if (options->head->kind == CPAC_HEAD_MAP || !options->recipe->synthetic.active)
    return TRUE;
  g_set_error (error, CPAC_ERROR, CPAC_ERROR_SCHEMA,
               "synthetic defects are for the head map, which learns where a defect is");
  return FALSE;
}

static void
allocate_scratch (CpacTrainer *trainer)
{
  const CpacTrainerOptions *o = &trainer->options;
  gsize n_input = cpac_dims_count (cpac_network_get_input (o->network));
  gsize n_cells = cpac_dims_count (cpac_trainer_output (trainer));

  trainer->scratch = g_new0 (CpacTrainScratch, trainer->options.n_threads);
  for (guint i = 0; i < trainer->options.n_threads; i++) {
    trainer->scratch[i].picture = g_new0 (float, n_input);
    trainer->scratch[i].mask = g_new0 (float, n_cells);
    trainer->scratch[i].mask_scratch = g_new0 (float, n_cells);
    if (!o->recipe->synthetic.active)
      continue;
    trainer->scratch[i].synthetic = cpac_synthetic_new (&o->recipe->synthetic, o->input);
    trainer->scratch[i].other = g_new0 (float, n_input);
    trainer->scratch[i].changed = g_new0 (guint8, n_input);
  }
}

/* The data-dependent pass on pictures spread over the training split, for layers not @taken. */
static gboolean
scale_by_data (CpacTrainer *trainer, const gboolean *taken, GError **error)
{
  const CpacTrainerOptions *o = &trainer->options;
  guint n = MIN (o->recipe->init_pictures, trainer->n_train);
  gsize n_input = cpac_dims_count (cpac_network_get_input (o->network));
  g_autofree float *inputs = g_new (float, n *n_input + 1);

  for (guint i = 0; i < n; i++)
    if (!cpac_dataset_get_input (o->dataset, CPAC_SPLIT_TRAIN,
                                 trainer->train[(guint64) i * trainer->n_train / n],
                                 inputs + i * n_input, error))
      return FALSE;
  if (n > 0)
    cpac_init_scale (o->network, trainer->params, taken, inputs, n);
  return TRUE;
}

static gboolean
initialise (CpacTrainer *trainer, GError **error)
{
  const CpacTrainerOptions *o = &trainer->options;
  g_autofree gboolean *taken = g_new0 (gboolean, cpac_network_get_n_layers (o->network));

  if (o->start != NULL)
    cpac_train_copy_params (trainer->params, o->start);
  else if (!cpac_train_set_constants (o, trainer->params, error) ||
           !cpac_init_params (o->network, trainer->params, o->recipe, o->recipe->seed, error))
    return FALSE;
  /* New layers are scaled on what the donor's put out. */
  if (o->donor != NULL)
    cpac_init_take (o->network, trainer->params, o->donor_network, o->donor, taken);
  if (o->start == NULL && o->recipe->init == CPAC_INIT_HE && !scale_by_data (trainer, taken, error))
    return FALSE;
  cpac_variables_reset (trainer->variables);
  cpac_train_copy_params (trainer->best, trainer->params);
  if (trainer->average != NULL)
    cpac_train_copy_params (trainer->average, trainer->params);
  return TRUE;
}

CpacTrainer *
cpac_trainer_new (const CpacTrainerOptions *options, GError **error)
{
  g_autoptr (CpacTrainer) trainer = NULL;

  if (!check_loss (options, error) || !check_map_only (options, error) ||
      !cpac_train_check_scratch (options->network, error) ||
      !cpac_augment_check (&options->recipe->augment, options->input, error))
    return NULL;
  cpac_linalg_init ();
  trainer = g_new0 (CpacTrainer, 1);
  trainer->options = *options;
  trainer->params = new_params (options->network);
  trainer->best = new_params (options->network);
  trainer->variables =
      cpac_variables_new (options->network, trainer->params, options->recipe->over_parameterise);
  trainer->batch = cpac_batch_new (options->network, trainer->params, options->n_threads,
                                   (gsize) options->recipe->activation_mib << 20);
  if (options->recipe->average > 0) {
    trainer->average = new_params (options->network);
    trainer->average_batch =
        cpac_batch_new (options->network, trainer->average, options->n_threads, 0);
  }
  allocate_scratch (trainer);
  trainer->curve = g_array_new (FALSE, FALSE, sizeof (CpacEpoch));
  if (!cpac_trainer_list_pictures (trainer, error))
    return NULL;
  trainer->val_outputs = g_new0 (float, trainer->n_views + 1);
  if (!initialise (trainer, error) ||
      (options->teacher != NULL && !cpac_trainer_hire_teacher (trainer, error)))
    return NULL;
  return g_steal_pointer (&trainer);
}

void
cpac_trainer_free (CpacTrainer *trainer)
{
  if (trainer == NULL)
    return;
  for (guint i = 0; trainer->scratch != NULL && i < trainer->options.n_threads; i++) {
    g_free (trainer->scratch[i].picture);
    g_free (trainer->scratch[i].mask);
    g_free (trainer->scratch[i].mask_scratch);
    cpac_synthetic_free (trainer->scratch[i].synthetic);
    g_free (trainer->scratch[i].other);
    g_free (trainer->scratch[i].changed);
  }
  g_free (trainer->scratch);
  cpac_trainer_dismiss_teacher (trainer);
  cpac_batch_free (trainer->batch);
  cpac_batch_free (trainer->average_batch);
  cpac_variables_free (trainer->variables);
  cpac_params_free (trainer->params);
  cpac_params_free (trainer->average);
  cpac_params_free (trainer->best);
  g_free (trainer->train);
  g_free (trainer->real);
  g_free (trainer->views);
  g_free (trainer->order);
  g_free (trainer->val_outputs);
  g_array_unref (trainer->curve);
  g_free (trainer);
}

/* ---- Steps and epochs ---- */

static double
validation_figure (const CpacTrainer *trainer)
{
  guint n = trainer->n_views;
  g_autofree CpacMetricSample *samples = g_new0 (CpacMetricSample, n + 1);
  double hits = 0;

  for (guint i = 0; i < n; i++) {
    hits += trainer->val_outputs[i];
    samples[i].score = trainer->val_outputs[i];
    samples[i].defect = trainer->views[i].defect;
  }
  return cpac_trainer_is_classifier (trainer) || trainer->teachers != NULL
             ? hits / n
             : cpac_metric_auroc (samples, n);
}

gboolean
cpac_trainer_validate (CpacTrainer *trainer, double *loss, GError **error)
{
  CpacBatch *batch = trainer->average != NULL ? trainer->average_batch : trainer->batch;

  return cpac_batch_look (batch, trainer->n_views, cpac_trainer_fill_validation,
                          cpac_trainer_validation_loss, trainer, loss, error);
}

static gboolean
finish_epoch (CpacTrainer *trainer, double rate, GError **error)
{
  const CpacParams *params = trainer->average != NULL ? trainer->average : trainer->params;
  gint64 begin = g_get_monotonic_time ();
  CpacEpoch epoch = {
    .epoch = cpac_trainer_epoch (trainer),
    .rate = rate,
    .train_loss = trainer->loss_sum / trainer->steps_per_epoch,
    .gradient_norm = trainer->norm_sum / trainer->steps_per_epoch,
  };

  if (!cpac_trainer_validate (trainer, &epoch.val_loss, error))
    return FALSE;
  if (!isfinite (epoch.val_loss)) {
    g_set_error (error, CPAC_ERROR, CPAC_ERROR_NUMERIC,
                 "epoch %u: the validation loss is not finite", epoch.epoch);
    return FALSE;
  }
  epoch.val_figure = validation_figure (trainer);
  epoch.seconds = trainer->seconds + (double) (g_get_monotonic_time () - begin) / G_USEC_PER_SEC;
  g_array_append_val (trainer->curve, epoch);
  if (cpac_trainer_keeps_last_epoch (trainer)) {
    trainer->best_epoch = epoch.epoch;
    cpac_train_copy_params (trainer->best, params);
  }
  trainer->loss_sum = trainer->norm_sum = trainer->seconds = 0;
  return TRUE;
}

/* mean <- decay mean + (1 - decay) value, with a shorter memory at the start. */
static void
update_average (CpacTrainer *trainer)
{
  double decay = MIN (trainer->options.recipe->average,
                      (1.0 + (double) trainer->step) / (10.0 + (double) trainer->step));

  for (guint i = 0; trainer->average != NULL && i < trainer->params->n_params; i++) {
    const CpacTensor *value = trainer->params->values[i];
    float *mean = trainer->average->values[i]->data;
    gsize n = cpac_shape_count (&value->shape);

    for (gsize k = 0; k < n; k++)
      mean[k] = (float) (decay * mean[k] + (1 - decay) * value->data[k]);
  }
}

/* Moves the weights by the gradients of the variables. */
static double
move (CpacTrainer *trainer, double rate)
{
  const CpacRecipe *recipe = trainer->options.recipe;
  double norm = cpac_optimizer_step (recipe, trainer->variables, trainer->step, rate);

  cpac_variables_fold (trainer->variables);
  if (recipe->balance_every > 0 && (trainer->step + 1) % recipe->balance_every == 0)
    cpac_variables_balance (trainer->variables, trainer->average);
  update_average (trainer);
  return norm;
}

gboolean
cpac_trainer_step (CpacTrainer *trainer, GError **error)
{
  gint64 begin = g_get_monotonic_time ();
  double rate = cpac_optimizer_rate (trainer->options.recipe, trainer->step,
                                     cpac_trainer_get_n_steps (trainer));
  double loss;

  cpac_trainer_shuffle (trainer);
  if (!cpac_batch_run (trainer->batch, trainer->batch_size, cpac_trainer_fill_training,
                       cpac_trainer_training_loss, trainer, trainer->variables->param_gradients,
                       &loss, error))
    return FALSE;
  cpac_variables_add_penalties (trainer->variables, trainer->options.recipe);
  cpac_variables_spread_gradients (trainer->variables);
  if (!isfinite (loss) || !isfinite (cpac_variables_gradient_norm (trainer->variables))) {
    g_set_error (error, CPAC_ERROR, CPAC_ERROR_NUMERIC,
                 "epoch %u, step %" G_GUINT64_FORMAT
                 ": the %s is not finite; a smaller rate or clip may help",
                 cpac_trainer_epoch (trainer) + 1, trainer->step + 1,
                 isfinite (loss) ? "gradient" : "loss");
    return FALSE;
  }
  trainer->loss_sum += loss;
  trainer->norm_sum += move (trainer, rate);
  trainer->step++;
  trainer->seconds += (double) (g_get_monotonic_time () - begin) / G_USEC_PER_SEC;
  if (trainer->step % trainer->steps_per_epoch == 0)
    return finish_epoch (trainer, rate, error);
  return TRUE;
}

/* ---- What is known ---- */

gboolean
cpac_trainer_is_done (const CpacTrainer *trainer)
{
  guint patience = trainer->options.recipe->patience;
  const CpacEpoch *peak = cpac_trainer_get_peak (trainer);

  if (trainer->step >= cpac_trainer_get_n_steps (trainer))
    return TRUE;
  return patience > 0 && trainer->step % trainer->steps_per_epoch == 0 && peak != NULL &&
         cpac_trainer_epoch (trainer) >= peak->epoch + patience;
}

guint64
cpac_trainer_get_step (const CpacTrainer *trainer)
{
  return trainer->step;
}

guint64
cpac_trainer_get_n_steps (const CpacTrainer *trainer)
{
  const CpacRecipe *recipe = trainer->options.recipe;
  guint64 per_epoch = trainer->steps_per_epoch;

  return MAX (recipe->epochs, (recipe->least_steps + per_epoch - 1) / per_epoch) * per_epoch;
}

guint
cpac_trainer_get_steps_per_epoch (const CpacTrainer *trainer)
{
  return trainer->steps_per_epoch;
}

double
cpac_trainer_get_running_loss (const CpacTrainer *trainer)
{
  guint n = (guint) (trainer->step % trainer->steps_per_epoch);

  if (n > 0)
    return trainer->loss_sum / n;
  return trainer->curve->len > 0
             ? g_array_index (trainer->curve, CpacEpoch, trainer->curve->len - 1).train_loss
             : NAN;
}

const GArray *
cpac_trainer_get_curve (const CpacTrainer *trainer)
{
  return trainer->curve;
}

guint
cpac_trainer_get_best_epoch (const CpacTrainer *trainer)
{
  return trainer->best_epoch;
}

const CpacParams *
cpac_trainer_get_best (const CpacTrainer *trainer)
{
  if (trainer->best_epoch > 0)
    return trainer->best;
  return trainer->average != NULL ? trainer->average : trainer->params;
}

const CpacVariables *
cpac_trainer_get_variables (const CpacTrainer *trainer)
{
  return trainer->variables;
}
