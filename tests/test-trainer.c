/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/train/trainer.h"

#include <math.h>

#include "core/network/run.h"
#include "tests/folder.h"
#include "tests/toy-training.h"

typedef void (*InitFunc) (ToyTraining *toy);

static const CpacEpoch *
epoch_of (const CpacTrainer *trainer, guint index)
{
  return &g_array_index (cpac_trainer_get_curve (trainer), CpacEpoch, index);
}

/* ---- It learns ---- */

static void
test_learns (gconstpointer data)
{
  g_auto (ToyTraining) toy = { 0 };
  g_autoptr (CpacTrainer) trainer = NULL;
  guint best;

  ((InitFunc) data) (&toy);
  toy.recipe.epochs = 30;
  trainer = toy_trainer_new (&toy, 1);
  /* 24 pictures, 5 at a time. */
  g_assert_cmpuint (cpac_trainer_get_steps_per_epoch (trainer), ==, 4);
  g_assert_cmpuint (cpac_trainer_get_n_steps (trainer), ==, 120);
  toy_go_on (trainer, G_MAXUINT64);
  g_assert_cmpuint (cpac_trainer_get_step (trainer), ==, 120);
  g_assert_cmpuint (cpac_trainer_get_curve (trainer)->len, ==, 30);
  g_assert_cmpfloat (epoch_of (trainer, 29)->train_loss, <, epoch_of (trainer, 0)->train_loss / 4);
  best = cpac_trainer_get_best_epoch (trainer);
  g_assert_cmpfloat (epoch_of (trainer, best - 1)->val_figure, ==, 1);
  g_assert_cmpfloat (epoch_of (trainer, best - 1)->val_loss, <, epoch_of (trainer, 0)->val_loss);
  for (guint i = 0; i < 30; i++) {
    g_assert_cmpuint (epoch_of (trainer, i)->epoch, ==, i + 1);
    g_assert_cmpfloat (epoch_of (trainer, i)->gradient_norm, >, 0);
    g_assert_cmpfloat (epoch_of (trainer, i)->rate, >, 0);
  }
}

static void
copy_params (CpacParams *to, const CpacParams *from)
{
  for (guint i = 0; i < to->n_params; i++)
    memcpy (to->values[i]->data, from->values[i]->data,
            cpac_shape_count (&from->values[i]->shape) * sizeof (float));
}

static void
assert_same_params (const CpacParams *a, const CpacParams *b)
{
  for (guint i = 0; i < a->n_params; i++) {
    gsize n = cpac_shape_count (&a->values[i]->shape) * sizeof (float);

    g_assert_cmpmem (a->values[i]->data, n, b->values[i]->data, n);
  }
}

/* Accuracy and mean -log p over the selection split, with the layers' own arithmetic in double. */
static void
validate (const ToyTraining *toy, const CpacParams *params, double *accuracy, double *loss)
{
  CpacRunOptions options = CPAC_RUN_OPTIONS_INIT;
  guint last = cpac_network_get_n_layers (toy->network) - 1;
  g_autoptr (CpacRun) run = NULL;

  options.precision = CPAC_PRECISION_DOUBLE;
  run = cpac_run_new (toy->network, params, &options);
  *accuracy = *loss = 0;
  for (guint i = 0; i < TOY_VAL; i++) {
    float input[TOY_SIDE * TOY_SIDE];
    guint truth = cpac_dataset_get_item (toy->dataset, CPAC_SPLIT_VAL, i)->class_index;
    const double *logits;

    g_assert_true (cpac_dataset_get_input (toy->dataset, CPAC_SPLIT_VAL, i, input, NULL));
    for (guint k = 0; k < TOY_SIDE * TOY_SIDE; k++)
      ((double *) cpac_run_get_input (run, 0))[k] = input[k];
    cpac_run_forward (run);
    logits = cpac_run_get_output (run, last, 0);
    *accuracy += (logits[1] > logits[0]) == (truth == 1);
    *loss += log (exp (logits[0] - logits[truth]) + exp (logits[1] - logits[truth]));
  }
  *accuracy /= TOY_VAL;
  *loss /= TOY_VAL;
}

/* The best epoch is the last whose accuracy is within a standard error of the largest so far; the
 * best weights are the ones it ended with, and they earn the figures of the curve. */
static void
test_best (void)
{
  g_auto (ToyTraining) toy = { 0 };
  g_autoptr (CpacTrainer) trainer = NULL;
  g_autoptr (CpacParams) kept = NULL;
  const double n_val = TOY_VAL;
  double peak = 0, q;
  guint best = 0;

  toy_classifier_init (&toy);
  kept = cpac_params_new_random (toy.network, 5);
  trainer = toy_trainer_new (&toy, 2);
  while (!cpac_trainer_is_done (trainer)) {
    guint n = cpac_trainer_get_curve (trainer)->len;
    double accuracy, loss;

    toy_go_on (trainer, 4);
    g_assert_cmpuint (cpac_trainer_get_curve (trainer)->len, ==, n + 1);
    validate (&toy, cpac_trainer_get_variables (trainer)->params, &accuracy, &loss);
    g_assert_cmpfloat (epoch_of (trainer, n)->val_figure, ==, accuracy);
    g_assert_cmpfloat_with_epsilon (epoch_of (trainer, n)->val_loss, loss, 1e-4);
    peak = MAX (peak, accuracy);
    /* One standard error below the peak is as good as the peak. */
    q = (peak * n_val + 1) / (n_val + 2);
    if (accuracy >= peak - sqrt (q * (1 - q) / (n_val + 2))) {
      best = n;
      copy_params (kept, cpac_trainer_get_variables (trainer)->params);
    }
    g_assert_cmpuint (cpac_trainer_get_best_epoch (trainer), ==, best + 1);
    assert_same_params (cpac_trainer_get_best (trainer), kept);
  }
}

/* Before the first validation the current weights are as good as any. */
static void
test_best_before_validation (void)
{
  g_auto (ToyTraining) toy = { 0 };
  g_autoptr (CpacTrainer) trainer = NULL;

  toy_classifier_init (&toy);
  trainer = toy_trainer_new (&toy, 1);
  g_assert_true (isnan (cpac_trainer_get_running_loss (trainer)));
  toy_go_on (trainer, 3);
  g_assert_cmpuint (cpac_trainer_get_best_epoch (trainer), ==, 0);
  assert_same_params (cpac_trainer_get_best (trainer),
                      cpac_trainer_get_variables (trainer)->params);
  g_assert_cmpfloat (cpac_trainer_get_running_loss (trainer), >, 0);
}

/* The mean of the weights, by its own recursion, is what is validated. */
static void
test_average (void)
{
  g_auto (ToyTraining) toy = { 0 };
  g_autoptr (CpacTrainer) trainer = NULL;
  g_autoptr (CpacParams) mean = NULL;
  double accuracy, loss;

  toy_classifier_init (&toy);
  toy.recipe.average = 0.5;
  toy.recipe.balance_every = 0;
  toy.recipe.epochs = 1;
  trainer = toy_trainer_new (&toy, 1);
  mean = cpac_params_new_random (toy.network, 5);
  copy_params (mean, cpac_trainer_get_variables (trainer)->params);
  for (guint step = 0; step < 4; step++) {
    const CpacParams *params = cpac_trainer_get_variables (trainer)->params;
    double decay = MIN (0.5, (1.0 + step) / (10.0 + step));

    toy_go_on (trainer, 1);
    for (guint i = 0; i < mean->n_params; i++)
      for (gsize k = 0; k < cpac_shape_count (&mean->values[i]->shape); k++)
        mean->values[i]->data[k] =
            (float) (decay * mean->values[i]->data[k] + (1 - decay) * params->values[i]->data[k]);
  }
  assert_same_params (cpac_trainer_get_best (trainer), mean);
  validate (&toy, mean, &accuracy, &loss);
  g_assert_cmpfloat_with_epsilon (epoch_of (trainer, 0)->val_loss, loss, 1e-4);
}

/* ---- The same bytes ---- */

static char *
train_with (InitFunc init, gboolean all_on, guint64 seed, guint n_threads, gsize activation_mib)
{
  g_auto (ToyTraining) toy = { 0 };
  g_autoptr (CpacTrainer) trainer = NULL;

  init (&toy);
  toy.recipe.epochs = 5;
  toy.recipe.seed = seed;
  toy.recipe.activation_mib = (guint) activation_mib;
  if (all_on)
    toy_switch_all_on (&toy.recipe, init == toy_classifier_init);
  trainer = toy_trainer_new (&toy, n_threads);
  toy_go_on (trainer, G_MAXUINT64);
  return toy_fingerprint (trainer);
}

static void
test_threads (gconstpointer data)
{
  for (guint all_on = 0; all_on < 2; all_on++) {
    g_autofree char *one = train_with ((InitFunc) data, all_on, 1, 1, 64);
    g_autofree char *again = train_with ((InitFunc) data, all_on, 1, 1, 64);
    g_autofree char *two = train_with ((InitFunc) data, all_on, 1, 2, 64);
    g_autofree char *three = train_with ((InitFunc) data, all_on, 1, 3, 64);
    g_autofree char *no_cache = train_with ((InitFunc) data, all_on, 1, 2, 0);
    g_autofree char *other = train_with ((InitFunc) data, all_on, 2, 1, 64);

    g_assert_cmpstr (again, ==, one);
    g_assert_cmpstr (two, ==, one);
    g_assert_cmpstr (three, ==, one);
    g_assert_cmpstr (no_cache, ==, one);
    g_assert_cmpstr (other, !=, one);
  }
}

static char *
fingerprint_of_whole_run (const ToyTraining *toy)
{
  g_autoptr (CpacTrainer) trainer = toy_trainer_new (toy, 2);

  toy_go_on (trainer, G_MAXUINT64);
  return toy_fingerprint (trainer);
}

/* From one checkpoint to the next, each by a trainer of its own, at other numbers of threads. */
static void
test_resume (gconstpointer data)
{
  static const guint stops[] = { 0, 1, 2, 5, 8, 3, 12, 1 };
  InitFunc init = (InitFunc) data;
  g_auto (Folder) folder = { 0 };
  g_auto (ToyTraining) toy = { 0 };
  g_autofree char *expected = NULL, *found = NULL;
  g_autoptr (GError) error = NULL;

  folder_init (&folder);
  init (&toy);
  toy.recipe.epochs = 9;
  toy_switch_all_on (&toy.recipe, init == toy_classifier_init);
  expected = fingerprint_of_whole_run (&toy);
  for (guint i = 0; i <= G_N_ELEMENTS (stops); i++) {
    g_autoptr (CpacTrainer) trainer = toy_trainer_new (&toy, 1 + i % 3);

    if (i > 0 && !cpac_trainer_load (trainer, folder.path, "key", &error))
      g_error ("%s", error->message);
    toy_go_on (trainer, i < G_N_ELEMENTS (stops) ? stops[i] : G_MAXUINT64);
    if (!cpac_trainer_save (trainer, folder.path, "key", &error))
      g_error ("%s", error->message);
    if (i == G_N_ELEMENTS (stops))
      found = toy_fingerprint (trainer);
  }
  g_assert_cmpstr (found, ==, expected);
}

/* A checkpoint of the end: nothing is left to do, and all is there. */
static void
test_resume_done (void)
{
  g_auto (Folder) folder = { 0 };
  g_auto (ToyTraining) toy = { 0 };
  g_autoptr (CpacTrainer) trainer = NULL, other = NULL;
  g_autofree char *expected = NULL, *found = NULL;

  folder_init (&folder);
  toy_classifier_init (&toy);
  toy.recipe.epochs = 2;
  trainer = toy_trainer_new (&toy, 1);
  toy_go_on (trainer, G_MAXUINT64);
  g_assert_true (cpac_trainer_save (trainer, folder.path, "key", NULL));
  other = toy_trainer_new (&toy, 1);
  g_assert_true (cpac_trainer_load (other, folder.path, "key", NULL));
  g_assert_true (cpac_trainer_is_done (other));
  expected = toy_fingerprint (trainer);
  found = toy_fingerprint (other);
  g_assert_cmpstr (found, ==, expected);
  g_assert_cmpfloat (epoch_of (other, 1)->seconds, ==, epoch_of (trainer, 1)->seconds);
}

/* ---- When it ends ---- */

static void
test_not_finite (void)
{
  g_auto (ToyTraining) toy = { 0 };
  g_autoptr (CpacTrainer) trainer = NULL;
  g_autoptr (GError) error = NULL;
  const CpacParams *best;

  toy_classifier_init (&toy);
  toy.recipe.epochs = 1000;
  /* Small steps for an epoch, then more and more, until the weight decay alone explodes. */
  toy.recipe.warm_up = 2000;
  toy.recipe.rate = 40;
  toy.recipe.decay = 0.5;
  toy.recipe.clip = 0;
  toy.recipe.optimizer = CPAC_OPTIMIZER_SGD;
  trainer = toy_trainer_new (&toy, 2);
  while (!cpac_trainer_is_done (trainer) && cpac_trainer_step (trainer, &error))
    ;
  g_assert_error (error, CPAC_ERROR, CPAC_ERROR_NUMERIC);
  g_assert_true (g_str_has_prefix (error->message, "epoch "));
  g_assert_nonnull (strstr (error->message, "not finite"));
  g_assert_cmpuint (cpac_trainer_get_best_epoch (trainer), >, 0);
  best = cpac_trainer_get_best (trainer);
  for (guint i = 0; i < best->n_params; i++)
    for (gsize k = 0; k < cpac_shape_count (&best->values[i]->shape); k++)
      g_assert_true (isfinite (best->values[i]->data[k]));
}

/* Training goes on from given weights: before a step they are as they were given. */
static void
test_start (void)
{
  g_auto (ToyTraining) toy = { 0 };
  g_autoptr (CpacTrainer) trainer = NULL;
  g_autoptr (CpacParams) start = NULL;
  CpacTrainerOptions options;
  g_autoptr (GError) error = NULL;

  toy_classifier_init (&toy);
  toy.recipe.average = 0.9;
  start = cpac_params_new_random (toy.network, 77);
  options = toy_options (&toy, 1);
  options.start = start;
  trainer = cpac_trainer_new (&options, &error);
  g_assert_no_error (error);
  assert_same_params (cpac_trainer_get_best (trainer), start);
  toy_go_on (trainer, 1);
  g_assert_cmpint (memcmp (cpac_trainer_get_best (trainer)->values[0]->data, start->values[0]->data,
                           sizeof (float)),
                   !=, 0);
}

/* A rate at which no weight moves. */
static void
test_patience (void)
{
  static const guint patiences[] = { 1, 3, 0 };

  for (guint i = 0; i < G_N_ELEMENTS (patiences); i++) {
    g_auto (ToyTraining) toy = { 0 };
    g_autoptr (CpacTrainer) trainer = NULL;

    toy_classifier_init (&toy);
    toy.recipe.rate = 1e-30;
    toy.recipe.balance_every = 0;
    toy.recipe.patience = patiences[i];
    trainer = toy_trainer_new (&toy, 1);
    toy_go_on (trainer, G_MAXUINT64);
    /* All are as good as the first, so the last is kept; and none is better. */
    g_assert_cmpuint (cpac_trainer_get_best_epoch (trainer), ==,
                      cpac_trainer_get_curve (trainer)->len);
    g_assert_cmpuint (cpac_trainer_get_curve (trainer)->len, ==,
                      patiences[i] > 0 ? 1 + patiences[i] : toy.recipe.epochs);
  }
}

/* Whole epochs, and never fewer than `epochs`. */
static void
test_least_steps (void)
{
  g_auto (ToyTraining) toy = { 0 };
  g_autoptr (CpacTrainer) trainer = NULL;
  guint per_epoch;

  toy_classifier_init (&toy);
  toy.recipe.epochs = 3;
  trainer = toy_trainer_new (&toy, 1);
  per_epoch = cpac_trainer_get_steps_per_epoch (trainer);
  g_assert_cmpuint (per_epoch, >, 1);
  for (guint least = 0; least <= 6 * per_epoch; least++) {
    guint n_epochs = 3;

    while (n_epochs * per_epoch < least)
      n_epochs++;
    toy.recipe.least_steps = least;
    g_assert_cmpuint (cpac_trainer_get_n_steps (trainer), ==, n_epochs * per_epoch);
  }
}

/* All pictures at once, whatever the recipe hopes for. */
static void
test_large_batch (void)
{
  g_auto (ToyTraining) toy = { 0 };
  g_autoptr (CpacTrainer) trainer = NULL;

  toy_classifier_init (&toy);
  toy.recipe.batch = 65536;
  toy.recipe.epochs = 2;
  trainer = toy_trainer_new (&toy, 2);
  g_assert_cmpuint (cpac_trainer_get_steps_per_epoch (trainer), ==, 1);
  toy_go_on (trainer, G_MAXUINT64);
  g_assert_cmpuint (cpac_trainer_get_step (trainer), ==, 2);
}

/* A picture that has gone since the set was opened: one error, and the steps before it stay. */
static void
test_picture_gone (void)
{
  for (guint n_threads = 1; n_threads <= 3; n_threads++) {
    g_auto (ToyTraining) toy = { 0 };
    g_autoptr (CpacTrainer) trainer = NULL;
    g_autoptr (GError) error = NULL;
    g_autofree char *before = NULL, *after = NULL;

    toy_training_init (&toy, TOY_CLASSIFIER_SCORE, TOY_CLASSIFIER_LAYERS, 0);
    g_assert_cmpuint (cpac_dataset_get_n_uncached (toy.dataset), >, 0);
    trainer = toy_trainer_new (&toy, n_threads);
    toy_go_on (trainer, 2);
    before = toy_fingerprint (trainer);
    g_atomic_int_set (&toy_pictures_left, 2);
    g_assert_false (cpac_trainer_step (trainer, &error));
    g_atomic_int_set (&toy_pictures_left, -1);
    g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_IO);
    g_assert_nonnull (strstr (error->message, "gone"));
    after = toy_fingerprint (trainer);
    g_assert_cmpstr (after, ==, before);
    /* And it can be tried again. */
    toy_go_on (trainer, 1);
    g_assert_cmpuint (cpac_trainer_get_step (trainer), ==, 3);
  }
}

/* ---- What is refused ---- */

static void
assert_refused (const ToyTraining *toy, gint code, const char *words)
{
  CpacTrainerOptions options = toy_options (toy, 1);
  g_autoptr (GError) error = NULL;

  g_assert_null (cpac_trainer_new (&options, &error));
  g_assert_error (error, CPAC_ERROR, code);
  g_assert_cmpstr (error->message, ==, words);
}

static void
test_refused (void)
{
  g_auto (ToyTraining) classifier = { 0 };
  g_auto (ToyTraining) map = { 0 };
  g_auto (ToyTraining) constant = { 0 };

  toy_classifier_init (&classifier);
  toy_map_init (&map);
  toy_training_init (&constant, TOY_MAP_SCORE,
                     "[{name: t, type: template, channels: 2, height: 8, width: 8}, "
                     "{name: a, type: concat, inputs: [input, t]}, "
                     "{name: b, type: conv, filters: 1, kernel: 1}]",
                     1 << 20);
  assert_refused (
      &constant, CPAC_ERROR_SCHEMA,
      "layer t (template): weight is a constant, which training takes from the weights "
      "file, but the model has none; only a template as large as the input is made from "
      "the data");
  map.recipe.has_loss = TRUE;
  assert_refused (&map, CPAC_ERROR_SCHEMA,
                  "a map is trained with loss pixel-bce or pixel-focal, not cross-entropy");
  classifier.recipe.has_loss = TRUE;
  classifier.recipe.loss = CPAC_LOSS_PIXEL_BCE;
  assert_refused (&classifier, CPAC_ERROR_SCHEMA,
                  "a classifier is trained with loss cross-entropy, not with a pixel loss");
  classifier.recipe.has_loss = FALSE;
  classifier.recipe.augment.rotate_quarter = TRUE;
  classifier.input.width = 9;
  assert_refused (&classifier, CPAC_ERROR_SHAPE,
                  "augment: rotate-quarter needs a square input, but the network's is 9x8");
  classifier.head->kind = CPAC_HEAD_NONE;
  assert_refused (&classifier, CPAC_ERROR_SCHEMA, "head none has nothing to be trained for");
}

/* Constants are those given, through initialisation and training. */
static void
test_constants (void)
{
  g_auto (ToyTraining) toy = { 0 };
  CpacTrainerOptions options;
  g_autoptr (CpacParams) constants = NULL;
  g_autoptr (CpacTrainer) trainer = NULL;
  g_autoptr (GError) error = NULL;

  toy_training_init (&toy, TOY_MAP_SCORE,
                     "[{name: t, type: template, channels: 1, height: 8, width: 8}, "
                     "{name: a, type: concat, inputs: [input, t]}, "
                     "{name: b, type: conv, filters: 1, kernel: 1}]",
                     1 << 20);
  toy.recipe.average = 0.5;
  toy.recipe.epochs = 2;
  constants = cpac_params_new_random (toy.network, 99);
  options = toy_options (&toy, 1);
  options.constants = constants;
  trainer = cpac_trainer_new (&options, &error);
  g_assert_no_error (error);
  toy_go_on (trainer, G_MAXUINT64);
  g_assert_cmpmem (cpac_trainer_get_best (trainer)->values[0]->data, 64 * sizeof (float),
                   constants->values[0]->data, 64 * sizeof (float));
}

#define DONOR_LAYERS                                                                               \
  "[{name: a, type: cpac-conv, filters: 2, kernel: 3, rank: 2, padding: same}, "                   \
  "{name: t, type: template, channels: 2, height: 8, width: 8}, "                                  \
  "{name: j, type: concat, inputs: [a, t]}, "

/* Root mean square of the map that @params make of the first training picture. */
static double
get_loudness (const ToyTraining *toy, const CpacParams *params)
{
  CpacRunOptions options = CPAC_RUN_OPTIONS_INIT;
  g_autoptr (CpacRun) run = cpac_run_new (toy->network, params, &options);
  guint last = cpac_network_get_n_layers (toy->network) - 1;
  const float *map;
  double sum = 0;

  g_assert_true (cpac_dataset_get_input (toy->dataset, CPAC_SPLIT_TRAIN, 0,
                                         cpac_run_get_input (run, 0), NULL));
  cpac_run_forward (run);
  map = cpac_run_get_output (run, last, 0);
  for (guint i = 0; i < 64; i++)
    sum += map[i] * map[i];
  return sqrt (sum / 64);
}

/* Its layers come before the new ones are scaled, and its template is taken where the network has
 * none of its own and the data make none. */
static void
test_donor (void)
{
  g_auto (ToyTraining) toy = { 0 };
  g_auto (ToyTraining) old = { 0 };
  CpacTrainerOptions options;
  g_autoptr (CpacParams) donor = NULL;
  g_autoptr (CpacTrainer) trainer = NULL;
  g_autoptr (GError) error = NULL;
  const CpacParams *first;

  toy_training_init (&old, TOY_MAP_SCORE,
                     DONOR_LAYERS "{name: old, type: conv, filters: 1, kernel: 1}]", 1 << 20);
  toy_training_init (&toy, TOY_MAP_SCORE,
                     DONOR_LAYERS "{name: new, type: conv, filters: 1, kernel: 1}]", 1 << 20);
  toy.recipe.init = CPAC_INIT_HE;
  donor = cpac_params_new_random (old.network, 99);
  for (guint p = 0; p < donor->n_params; p++)
    for (gsize i = 0; i < cpac_shape_count (&donor->values[p]->shape); i++)
      donor->values[p]->data[i] *= 20;
  options = toy_options (&toy, 1);
  options.donor_network = old.network;
  options.donor = donor;
  trainer = cpac_trainer_new (&options, &error);
  g_assert_no_error (error);
  first = cpac_trainer_get_best (trainer);
  for (guint p = 0; p < 6; p++)
    g_assert_cmpmem (
        first->values[p]->data, cpac_shape_count (&first->values[p]->shape) * sizeof (float),
        donor->values[p]->data, cpac_shape_count (&donor->values[p]->shape) * sizeof (float));
  /* 1 over all pictures; one of them is not far from it. */
  g_assert_cmpfloat (get_loudness (&toy, first), >, 0.3);
  g_assert_cmpfloat (get_loudness (&toy, first), <, 3);
}

/* ---- Damaged checkpoints ---- */

typedef struct {
  Folder folder;
  ToyTraining toy;
  char *json_path, *arrays_path;
  char *json, *arrays; /* as they were written */
  gsize json_length, arrays_length;
} Saved;

/* A checkpoint in the middle of the third epoch. */
static void
saved_init (Saved *saved)
{
  g_autoptr (CpacTrainer) trainer = NULL;
  g_autoptr (GError) error = NULL;

  folder_init (&saved->folder);
  toy_classifier_init (&saved->toy);
  trainer = toy_trainer_new (&saved->toy, 1);
  toy_go_on (trainer, 10);
  g_assert_true (cpac_trainer_save (trainer, saved->folder.path, "key", &error));
  saved->json_path = g_build_filename (saved->folder.path, "checkpoint.json", NULL);
  saved->arrays_path = g_build_filename (saved->folder.path, "checkpoint-10.safetensors", NULL);
  g_file_get_contents (saved->json_path, &saved->json, &saved->json_length, &error);
  g_assert_no_error (error);
  g_file_get_contents (saved->arrays_path, &saved->arrays, &saved->arrays_length, &error);
  g_assert_no_error (error);
}

static void
saved_clear (Saved *saved)
{
  folder_clear (&saved->folder);
  toy_training_clear (&saved->toy);
  g_free (saved->json_path);
  g_free (saved->arrays_path);
  g_free (saved->json);
  g_free (saved->arrays);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Saved, saved_clear)

/* One error that names the file and holds @words; the trainer is as it was. */
static void
assert_not_loaded (const Saved *saved, const char *key, const char *words)
{
  g_autoptr (CpacTrainer) trainer = toy_trainer_new (&saved->toy, 1);
  g_autofree char *before = NULL, *after = NULL;
  g_autoptr (GError) error = NULL;

  toy_go_on (trainer, 1);
  before = toy_fingerprint (trainer);
  g_assert_false (cpac_trainer_load (trainer, saved->folder.path, key, &error));
  g_assert_nonnull (error);
  if (strstr (error->message, words) == NULL || strstr (error->message, saved->folder.path) == NULL)
    g_error ("found \"%s\", expected \"%s\" in it", error->message, words);
  after = toy_fingerprint (trainer);
  g_assert_cmpstr (after, ==, before);
}

static void
write_json (const Saved *saved, const char *text)
{
  g_assert_true (g_file_set_contents (saved->json_path, text, -1, NULL));
}

static void
test_other_key (void)
{
  g_auto (Saved) saved = { 0 };

  saved_init (&saved);
  assert_not_loaded (&saved, "other", "made with another configuration, seed or data");
}

static void
test_no_checkpoint (void)
{
  g_auto (Saved) saved = { 0 };

  saved_init (&saved);
  g_remove (saved.json_path);
  assert_not_loaded (&saved, "key", "checkpoint.json");
}

/* Cut off anywhere, not JSON, or JSON of something else. */
static void
test_damaged_json (void)
{
  static const char *const texts[] = { "",     "{",  "[]",           "7",
                                       "null", "{}", "{\"key\": 7}", "{\"key\": \"key\"}" };
  g_auto (Saved) saved = { 0 };

  saved_init (&saved);
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++) {
    write_json (&saved, texts[i]);
    assert_not_loaded (&saved, "key", "checkpoint.json");
  }
  for (gsize length = 0; length + 2 < saved.json_length; length += 97) {
    g_autofree char *part = g_strndup (saved.json, length);

    write_json (&saved, part);
    assert_not_loaded (&saved, "key", "checkpoint.json");
  }
}

/* Every number in turn becomes a text. */
static void
test_wrong_types (void)
{
  static const char *const keys[] = { "file",       "sha256",       "step",       "loss_sum",
                                      "norm_sum",   "seconds",      "best_epoch", "curve",
                                      "epoch",      "rate",         "train_loss", "val_loss",
                                      "val_figure", "gradient_norm" };
  g_auto (Saved) saved = { 0 };

  saved_init (&saved);
  for (guint i = 0; i < G_N_ELEMENTS (keys); i++) {
    g_autofree char *quoted = g_strdup_printf ("\"%s\":", keys[i]);
    g_autofree char *replaced = g_strdup_printf ("\"%s\": true, \"_%s\":", keys[i], keys[i]);
    g_autofree char *words = g_strdup_printf ("\"%s\" is missing or not", keys[i]);
    g_auto (GStrv) parts = g_strsplit (saved.json, quoted, 2);
    g_autofree char *text = NULL;

    g_assert_nonnull (parts[1]);
    text = g_strjoinv (replaced, parts);
    write_json (&saved, text);
    assert_not_loaded (&saved, "key", words);
  }
}

/* Numbers that do not fit each other, or the recipe. */
static void
test_wrong_numbers (void)
{
  static const char *const changes[][3] = {
    { "\"step\":10", "\"step\":49", "\"step\"" },
    { "\"step\":10", "\"step\":-1", "\"step\"" },
    { "\"step\":10", "\"step\":12", "\"curve\"" },
    { "\"step\":10", "\"step\":7", "\"curve\"" },
    { "\"best_epoch\":2", "\"best_epoch\":3", "\"best_epoch\"" },
    { "\"best_epoch\":2", "\"best_epoch\":0", "\"best_epoch\"" },
    { "\"best_epoch\":2", "\"best_epoch\":4294967297", "\"best_epoch\"" },
    { "\"epoch\":2", "\"epoch\":3", "\"epoch\"" },
  };
  g_auto (Saved) saved = { 0 };
  g_auto (GStrv) first = NULL;

  saved_init (&saved);
  /* Whichever epoch was best. */
  first = g_strsplit (saved.json, "\"best_epoch\":1,", 2);
  if (first[1] != NULL) {
    g_free (saved.json);
    saved.json = g_strjoinv ("\"best_epoch\":2,", first);
  }
  for (guint i = 0; i < G_N_ELEMENTS (changes); i++) {
    g_auto (GStrv) parts = g_strsplit (saved.json, changes[i][0], 2);
    g_autofree char *text = NULL;

    g_assert_nonnull (parts[1]);
    text = g_strjoinv (changes[i][1], parts);
    write_json (&saved, text);
    assert_not_loaded (&saved, "key", changes[i][2]);
  }
}

static void
test_damaged_arrays (void)
{
  g_auto (Saved) saved = { 0 };

  saved_init (&saved);
  for (gsize at = 0; at < saved.arrays_length; at += saved.arrays_length / 7) {
    saved.arrays[at] ^= 1;
    g_assert_true (
        g_file_set_contents (saved.arrays_path, saved.arrays, (gssize) saved.arrays_length, NULL));
    assert_not_loaded (&saved, "key", "checkpoint-10.safetensors");
    saved.arrays[at] ^= 1;
  }
  g_assert_true (g_file_set_contents (saved.arrays_path, saved.arrays,
                                      (gssize) saved.arrays_length - 4, NULL));
  assert_not_loaded (&saved, "key", "checkpoint-10.safetensors");
  g_remove (saved.arrays_path);
  assert_not_loaded (&saved, "key", "checkpoint-10.safetensors");
}

/* The same key, but another network. */
static void
test_other_network (void)
{
  g_auto (Saved) saved = { 0 };

  saved_init (&saved);
  toy_training_clear (&saved.toy);
  toy_training_init (&saved.toy, TOY_CLASSIFIER_SCORE,
                     "[{name: a, type: cpac-conv, filters: 4, kernel: 3, rank: 3, padding: same}, "
                     "{type: flatten}, {name: l, type: linear, units: 2}]",
                     1 << 20);
  assert_not_loaded (&saved, "key", "missing or of another size than the network's");
}

/* What is not finite could not be read back, and is not written over what could. */
static void
test_save_fails (void)
{
  g_auto (Saved) saved = { 0 };
  g_autoptr (CpacTrainer) trainer = NULL, other = NULL;
  g_autofree char *missing = NULL;
  g_autoptr (GError) error = NULL;
  CpacVariable *variable;

  saved_init (&saved);
  missing = g_build_filename (saved.folder.path, "missing", NULL);
  trainer = toy_trainer_new (&saved.toy, 1);
  g_assert_false (cpac_trainer_save (trainer, missing, "key", &error));
  g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_NOENT);
  g_clear_error (&error);
  variable = g_ptr_array_index (cpac_trainer_get_variables (trainer)->list, 0);
  variable->first[0] = NAN;
  g_assert_false (cpac_trainer_save (trainer, saved.folder.path, "key", &error));
  g_assert_error (error, CPAC_ERROR, CPAC_ERROR_NUMERIC);
  g_clear_error (&error);
  other = toy_trainer_new (&saved.toy, 1);
  g_assert_true (cpac_trainer_load (other, saved.folder.path, "key", &error));
  g_assert_cmpuint (cpac_trainer_get_step (other), ==, 10);
}

/* One JSON, one file of arrays; what is not ours stays. */
static void
test_files (void)
{
  g_auto (Saved) saved = { 0 };
  g_autoptr (CpacTrainer) trainer = NULL;
  g_autofree char *own = NULL, *text = NULL;
  g_autoptr (GDir) dir = NULL;
  guint n = 0;

  saved_init (&saved);
  own = put (&saved.folder, "checkpoint-mine.txt", "x", 1);
  trainer = toy_trainer_new (&saved.toy, 1);
  g_assert_true (cpac_trainer_load (trainer, saved.folder.path, "key", NULL));
  toy_go_on (trainer, 1);
  g_assert_true (cpac_trainer_save (trainer, saved.folder.path, "key", NULL));
  g_assert_false (g_file_test (saved.arrays_path, G_FILE_TEST_EXISTS));
  g_assert_true (g_file_test (own, G_FILE_TEST_EXISTS));
  dir = g_dir_open (saved.folder.path, 0, NULL);
  while (g_dir_read_name (dir) != NULL)
    n++;
  g_assert_cmpuint (n, ==, 3);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/trainer/learns/classifier", toy_classifier_init, test_learns);
  g_test_add_data_func ("/trainer/learns/map", toy_map_init, test_learns);
  g_test_add_func ("/trainer/best", test_best);
  g_test_add_func ("/trainer/best/before-validation", test_best_before_validation);
  g_test_add_func ("/trainer/average", test_average);
  g_test_add_data_func ("/trainer/threads/classifier", toy_classifier_init, test_threads);
  g_test_add_data_func ("/trainer/threads/map", toy_map_init, test_threads);
  g_test_add_data_func ("/trainer/resume/classifier", toy_classifier_init, test_resume);
  g_test_add_data_func ("/trainer/resume/map", toy_map_init, test_resume);
  g_test_add_func ("/trainer/resume/done", test_resume_done);
  g_test_add_func ("/trainer/not-finite", test_not_finite);
  g_test_add_func ("/trainer/start", test_start);
  g_test_add_func ("/trainer/patience", test_patience);
  g_test_add_func ("/trainer/least-steps", test_least_steps);
  g_test_add_func ("/trainer/large-batch", test_large_batch);
  g_test_add_func ("/trainer/picture-gone", test_picture_gone);
  g_test_add_func ("/trainer/refused", test_refused);
  g_test_add_func ("/trainer/constants", test_constants);
  g_test_add_func ("/trainer/donor", test_donor);
  g_test_add_func ("/trainer/checkpoint/other-key", test_other_key);
  g_test_add_func ("/trainer/checkpoint/missing", test_no_checkpoint);
  g_test_add_func ("/trainer/checkpoint/damaged-json", test_damaged_json);
  g_test_add_func ("/trainer/checkpoint/wrong-types", test_wrong_types);
  g_test_add_func ("/trainer/checkpoint/wrong-numbers", test_wrong_numbers);
  g_test_add_func ("/trainer/checkpoint/damaged-arrays", test_damaged_arrays);
  g_test_add_func ("/trainer/checkpoint/other-network", test_other_network);
  g_test_add_func ("/trainer/checkpoint/save-fails", test_save_fails);
  g_test_add_func ("/trainer/checkpoint/files", test_files);
  return g_test_run ();
}
