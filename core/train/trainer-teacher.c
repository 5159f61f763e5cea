/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Learning from another network's outputs instead of from labels (Hinton, Vinyals, Dean 2015,
 * "Distilling the knowledge in a neural network"; by their distance, as Ba and Caruana 2014). */

#include <math.h>
#include <string.h>

#include "core/train/loss.h"
#include "core/train/ops.h"
#include "core/train/trainer-private.h"

/* Pictures whose outputs tell how far outputs lie apart. */
#define N_LOOKS 256

static gboolean
check_shapes (const CpacTrainerOptions *o, GError **error)
{
  if (cpac_dims_equal (cpac_network_get_input (o->teacher), cpac_network_get_input (o->network)) &&
      cpac_dims_equal (cpac_network_get_output (o->teacher), cpac_network_get_output (o->network)))
    return TRUE;
  g_set_error (error, CPAC_ERROR, CPAC_ERROR_SHAPE,
               "a network can learn from one of the same input and output only");
  return FALSE;
}

static const float *
answer_of (const CpacTrainer *trainer, guint worker)
{
  return cpac_run_get_output (trainer->teachers[worker],
                              cpac_network_get_n_layers (trainer->options.teacher) - 1, 0);
}

/* Without parts the output is one. */
static void
set_parts (CpacTrainer *trainer)
{
  const CpacTrainerOptions *o = &trainer->options;
  const CpacTeacherPart whole = { cpac_dims_count (cpac_trainer_output (trainer)), 1 };

  trainer->n_parts = o->parts != NULL ? o->n_parts : 1;
  trainer->parts =
      g_memdup2 (o->parts != NULL ? o->parts : &whole, trainer->n_parts * sizeof (CpacTeacherPart));
  trainer->part_variances = g_new0 (double, trainer->n_parts);
}

/* From sums over @n pictures: the mean over the values of each part of their variance, divided by
 * the part's weight. */
static gboolean
set_variances (CpacTrainer *trainer, const double *sums, const double *squares, guint n,
               GError **error)
{
  for (guint p = 0; p < trainer->n_parts; p++) {
    double variance = 0;

    for (gsize k = 0; k < trainer->parts[p].n_values; k++, sums++, squares++)
      variance += (*squares - *sums * *sums / n) / n;
    trainer->part_variances[p] =
        variance / (double) trainer->parts[p].n_values / trainer->parts[p].weight;
    if (isfinite (variance) && variance > 0)
      continue;
    g_set_error (error, CPAC_ERROR, CPAC_ERROR_NUMERIC,
                 "there is nothing to be learnt from a network whose outputs are %s on these "
                 "pictures",
                 isfinite (variance) ? "all the same" : "not finite");
    return FALSE;
  }
  return TRUE;
}

static gboolean
measure_variances (CpacTrainer *trainer, GError **error)
{
  const CpacTrainerOptions *o = &trainer->options;
  gsize n_values = cpac_dims_count (cpac_trainer_output (trainer));
  guint n = MIN (trainer->n_train, N_LOOKS);
  g_autofree double *sums = g_new0 (double, n_values), *squares = g_new0 (double, n_values);

  for (guint i = 0; i < n; i++) {
    const float *answer = answer_of (trainer, 0);
    guint picture = trainer->train[(guint64) i * trainer->n_train / n];

    if (!cpac_dataset_get_input (o->dataset, CPAC_SPLIT_TRAIN, picture,
                                 cpac_run_get_input (trainer->teachers[0], 0), error))
      return FALSE;
    cpac_run_forward (trainer->teachers[0]);
    for (gsize k = 0; k < n_values; k++) {
      sums[k] += answer[k];
      squares[k] += (double) answer[k] * answer[k];
    }
  }
  return set_variances (trainer, sums, squares, n, error);
}

gboolean
cpac_trainer_hire_teacher (CpacTrainer *trainer, GError **error)
{
  const CpacTrainerOptions *o = &trainer->options;
  CpacRunOptions options = CPAC_RUN_OPTIONS_INIT;

  if (!check_shapes (o, error) || !cpac_train_check_scratch (o->teacher, error))
    return FALSE;
  options.ops = cpac_train_ops ();
  options.strip = G_MAXUINT;
  trainer->teachers = g_new0 (CpacRun *, o->n_threads);
  for (guint i = 0; i < o->n_threads; i++)
    trainer->teachers[i] = cpac_run_new (o->teacher, o->teacher_params, &options);
  set_parts (trainer);
  return measure_variances (trainer, error);
}

void
cpac_trainer_dismiss_teacher (CpacTrainer *trainer)
{
  for (guint i = 0; trainer->teachers != NULL && i < trainer->options.n_threads; i++)
    cpac_run_free (trainer->teachers[i]);
  g_free (trainer->teachers);
  g_free (trainer->parts);
  g_free (trainer->part_variances);
}

void
cpac_trainer_ask_teacher (CpacTrainer *trainer, guint worker, const float *input)
{
  CpacRun *teacher = trainer->teachers[worker];

  memcpy (cpac_run_get_input (teacher, 0), input,
          cpac_dims_count (cpac_network_get_input (trainer->options.teacher)) * sizeof (float));
  cpac_run_forward (teacher);
}

double
cpac_trainer_teacher_loss (const CpacTrainer *trainer, guint worker, const float *output,
                           float *gradient)
{
  const float *answer = answer_of (trainer, worker);
  double loss = 0;

  if (gradient == NULL)
    return cpac_loss_distance (output, answer, trainer->parts[0].n_values,
                               trainer->part_variances[0], NULL);
  for (guint p = 0; p < trainer->n_parts; p++) {
    gsize n = trainer->parts[p].n_values;

    loss += cpac_loss_distance (output, answer, n, trainer->part_variances[p], gradient);
    output += n;
    answer += n;
    gradient += n;
  }
  return loss;
}

static guint
largest_of (const float *values, gsize n)
{
  guint best = 0;

  for (guint i = 1; i < n; i++)
    if (values[i] > values[best])
      best = i;
  return best;
}

double
cpac_trainer_agrees (const CpacTrainer *trainer, guint worker, const float *output)
{
  const CpacDims *dims = cpac_trainer_output (trainer);

  if (dims->width != 1 || dims->height != 1 || dims->channels == 1)
    return NAN;
  return largest_of (output, trainer->parts[0].n_values) ==
         largest_of (answer_of (trainer, worker), trainer->parts[0].n_values);
}
