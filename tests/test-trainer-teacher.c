/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include <math.h>

#include "core/network/run.h"
#include "core/train/trainer.h"
#include "tests/toy-training.h"

/* One convolution where the teacher has two, and the same shape of output. */
#define SMALL_LAYERS                                                                               \
  "[{name: a, type: cpac-conv, filters: 4, kernel: 3, rank: 4, padding: same}, {type: relu}, "     \
  "{type: max-pool, size: 2}, {name: c, type: conv, filters: 2, kernel: 1}, {type: relu}, "        \
  "{type: flatten}, {name: l, type: linear, units: 2}]"
#define NO_SCORE "{head: none}"
#define MAP_LAYERS                                                                                 \
  "[{name: a, type: cpac-conv, filters: 3, kernel: 3, rank: 4, padding: same}, {type: relu}, "     \
  "{name: b, type: conv, filters: 2, kernel: 3, padding: same}]"

/* A trainer whose teacher is the network of @teacher with random weights. */
static CpacTrainer *
trainer_new (const ToyTraining *toy, const ToyTraining *teacher, const CpacParams *params,
             guint n_threads)
{
  CpacTrainerOptions options = toy_options (toy, n_threads);
  g_autoptr (GError) error = NULL;
  CpacTrainer *trainer;

  options.teacher = teacher->network;
  options.teacher_params = params;
  trainer = cpac_trainer_new (&options, &error);
  g_assert_no_error (error);
  return trainer;
}

static const CpacEpoch *
epoch_of (const CpacTrainer *trainer, guint index)
{
  return &g_array_index (cpac_trainer_get_curve (trainer), CpacEpoch, index);
}

static const float *
output_of (CpacRun *run, const ToyTraining *toy, CpacSplit split, guint picture)
{
  g_assert_true (
      cpac_dataset_get_input (toy->dataset, split, picture, cpac_run_get_input (run, 0), NULL));
  cpac_run_forward (run);
  return cpac_run_get_output (run, cpac_network_get_n_layers (toy->network) - 1, 0);
}

/* Mean over the values of their variance over the training pictures. */
static double
variance_of (const ToyTraining *teacher, const CpacParams *params)
{
  CpacRunOptions options = CPAC_RUN_OPTIONS_INIT;
  g_autoptr (CpacRun) run = cpac_run_new (teacher->network, params, &options);
  gsize n = cpac_dims_count (cpac_network_get_output (teacher->network));
  double variance = 0;

  for (gsize k = 0; k < n; k++) {
    double sum = 0, squares = 0;

    for (guint i = 0; i < TOY_TRAIN; i++) {
      double value = output_of (run, teacher, CPAC_SPLIT_TRAIN, i)[k];

      sum += value;
      squares += value * value;
    }
    variance += (squares / TOY_TRAIN - sum / TOY_TRAIN * sum / TOY_TRAIN) / (double) n;
  }
  return variance;
}

/* Distance and agreement of @params from the teacher over the selection split. */
static void
validate (const ToyTraining *toy, const CpacParams *params, const ToyTraining *teacher,
          const CpacParams *teacher_params, double *distance, double *agreement)
{
  CpacRunOptions options = CPAC_RUN_OPTIONS_INIT;
  g_autoptr (CpacRun) run = cpac_run_new (toy->network, params, &options);
  g_autoptr (CpacRun) wanted = cpac_run_new (teacher->network, teacher_params, &options);
  gsize n = cpac_dims_count (cpac_network_get_output (toy->network));

  *distance = *agreement = 0;
  for (guint i = 0; i < TOY_VAL; i++) {
    const float *is = output_of (run, toy, CPAC_SPLIT_VAL, i);
    const float *want = output_of (wanted, teacher, CPAC_SPLIT_VAL, i);

    for (gsize k = 0; k < n; k++)
      *distance += pow ((double) is[k] - want[k], 2) / (double) n;
    *agreement += (is[0] > is[1]) == (want[0] > want[1]);
  }
  *distance /= TOY_VAL * variance_of (teacher, teacher_params);
  *agreement /= TOY_VAL;
}

/* It comes close to what the teacher says, which no label says: the teacher's weights are random.
 * The best weights are those closest on validation. */
static void
test_learns (void)
{
  g_auto (ToyTraining) teacher = { 0 }, toy = { 0 };
  g_autoptr (CpacParams) params = NULL;
  g_autoptr (CpacTrainer) trainer = NULL;
  double distance, agreement, least = INFINITY;
  guint best = 0;

  toy_classifier_init (&teacher);
  toy_training_init (&toy, TOY_CLASSIFIER_SCORE, SMALL_LAYERS, 1 << 20);
  toy.recipe.epochs = 40;
  params = cpac_params_new_random (teacher.network, 8);
  trainer = trainer_new (&toy, &teacher, params, 2);
  while (!cpac_trainer_is_done (trainer)) {
    guint n = cpac_trainer_get_curve (trainer)->len;

    toy_go_on (trainer, 4);
    if (epoch_of (trainer, n)->val_loss < least) {
      least = epoch_of (trainer, n)->val_loss;
      best = n + 1;
    }
    validate (&toy, cpac_trainer_get_variables (trainer)->params, &teacher, params, &distance,
              &agreement);
    g_assert_cmpfloat_with_epsilon (epoch_of (trainer, n)->val_loss, distance, 1e-4 * distance);
    g_assert_cmpfloat (epoch_of (trainer, n)->val_figure, ==, agreement);
  }
  g_assert_cmpuint (cpac_trainer_get_best_epoch (trainer), ==, best);
  g_test_message ("distance %g at first, %g", epoch_of (trainer, 0)->val_loss, least);
  g_assert_cmpfloat (epoch_of (trainer, 39)->train_loss, <, epoch_of (trainer, 0)->train_loss / 3);
  g_assert_cmpfloat (least, <, epoch_of (trainer, 0)->val_loss / 2);
  validate (&toy, cpac_trainer_get_best (trainer), &teacher, params, &distance, &agreement);
  g_assert_cmpfloat_with_epsilon (least, distance, 1e-4 * distance);
}

/* The teacher's own weights cannot be made better; that is what validation says before any step. */
static void
test_same (void)
{
  g_auto (ToyTraining) teacher = { 0 };
  g_autoptr (CpacParams) params = NULL;
  g_autoptr (CpacTrainer) trainer = NULL;
  CpacTrainerOptions options;
  g_autoptr (GError) error = NULL;
  double loss = NAN;

  toy_classifier_init (&teacher);
  params = cpac_params_new_random (teacher.network, 8);
  options = toy_options (&teacher, 1);
  options.teacher = teacher.network;
  options.teacher_params = options.start = params;
  trainer = cpac_trainer_new (&options, &error);
  g_assert_no_error (error);
  g_assert_true (cpac_trainer_validate (trainer, &loss, &error));
  g_assert_cmpfloat (loss, ==, 0);
  g_assert_cmpuint (cpac_trainer_get_curve (trainer)->len, ==, 0);
}

/* A head without labels to learn from, outputs that are maps, everything a recipe can switch on;
 * the same bytes at any number of threads. */
static void
test_any_head (void)
{
  g_auto (ToyTraining) toy = { 0 };
  g_autoptr (CpacParams) params = NULL;
  g_autofree char *one = NULL;

  toy_training_init (&toy, NO_SCORE, MAP_LAYERS, 1 << 20);
  params = cpac_params_new_random (toy.network, 8);
  toy_switch_all_on (&toy.recipe, TRUE);
  for (guint n_threads = 1; n_threads <= 3; n_threads += 2) {
    g_autoptr (CpacTrainer) trainer = trainer_new (&toy, &toy, params, n_threads);
    g_autofree char *fingerprint = NULL;

    toy_go_on (trainer, 9);
    fingerprint = toy_fingerprint (trainer);
    g_assert_true (isnan (epoch_of (trainer, 0)->val_figure));
    if (one != NULL)
      g_assert_cmpstr (fingerprint, ==, one);
    else
      one = g_steal_pointer (&fingerprint);
  }
}

/* Weights of the parts: a part that counts nothing to speak of is not learnt, and on validation
 * only the first one counts. */
static void
test_parts (void)
{
  double losses[2];

  for (guint which = 0; which < 2; which++) {
    const CpacTeacherPart parts[] = { { 1, which == 0 ? 1 : 1e-6 }, { 1, which == 0 ? 1e-6 : 1 } };
    g_auto (ToyTraining) teacher = { 0 };
    g_autoptr (CpacParams) params = NULL;
    g_autoptr (CpacTrainer) trainer = NULL;
    CpacTrainerOptions options;
    g_autoptr (GError) error = NULL;

    toy_classifier_init (&teacher);
    params = cpac_params_new_random (teacher.network, 8);
    options = toy_options (&teacher, 1);
    options.teacher = teacher.network;
    options.teacher_params = params;
    options.parts = parts;
    options.n_parts = 2;
    trainer = cpac_trainer_new (&options, &error);
    g_assert_no_error (error);
    toy_go_on (trainer, G_MAXUINT64);
    losses[which] = epoch_of (trainer, cpac_trainer_get_curve (trainer)->len - 1)->val_loss;
    /* Its weight is that of the part. */
    losses[which] /= parts[0].weight;
  }
  g_test_message ("first part learnt %g, not learnt %g", losses[0], losses[1]);
  g_assert_cmpfloat (losses[0] * 2, <, losses[1]);
}

static void
assert_refused (const CpacTrainerOptions *options, CpacError code, const char *message)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (cpac_trainer_new (options, &error));
  g_assert_error (error, CPAC_ERROR, (gint) code);
  g_assert_cmpstr (error->message, ==, message);
}

static void
test_refused (void)
{
  g_auto (ToyTraining) toy = { 0 }, other = { 0 };
  g_autoptr (CpacParams) params = NULL, silent = NULL;
  CpacTrainerOptions options;
  CpacTensor *weight;

  toy_classifier_init (&toy);
  toy_map_init (&other);
  params = cpac_params_new_random (other.network, 1);
  silent = cpac_params_new_random (toy.network, 1);
  options = toy_options (&toy, 1);
  options.teacher = other.network;
  options.teacher_params = params;
  assert_refused (&options, CPAC_ERROR_SHAPE,
                  "a network can learn from one of the same input and output only");
  options.teacher = toy.network;
  options.teacher_params = silent;
  weight = silent->values[silent->first[cpac_network_get_n_layers (toy.network) - 1]];
  memset (weight->data, 0, cpac_shape_count (&weight->shape) * sizeof (float));
  assert_refused (&options, CPAC_ERROR_NUMERIC,
                  "there is nothing to be learnt from a network whose outputs are all the same on "
                  "these pictures");
  weight->data[0] = NAN;
  assert_refused (&options, CPAC_ERROR_NUMERIC,
                  "there is nothing to be learnt from a network whose outputs are not finite on "
                  "these pictures");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/trainer-teacher/learns", test_learns);
  g_test_add_func ("/trainer-teacher/same", test_same);
  g_test_add_func ("/trainer-teacher/any-head", test_any_head);
  g_test_add_func ("/trainer-teacher/parts", test_parts);
  g_test_add_func ("/trainer-teacher/refused", test_refused);
  return g_test_run ();
}
