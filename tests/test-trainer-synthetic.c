/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Training on synthetic defects, alone and among real ones. */

#include <math.h>

#include "tests/folder.h"
#include "tests/toy-training.h"

/* @n_train and @n_val good pictures, then the rows of @more. (transfer full) */
static CpacManifest *
good_manifest (guint n_train, guint n_val, const char *more)
{
  g_autoptr (GString) text = g_string_new ("path,split,label,mask,group\n");
  g_autoptr (GError) error = NULL;
  CpacManifest *manifest;

  for (guint i = 0; i < n_train + n_val; i++)
    g_string_append_printf (text, "good-%u,%s,good,,%u\n", i, i < n_train ? "train" : "val", i);
  g_string_append (text, more);
  manifest = cpac_manifest_parse_csv ("toy.csv", "", text->str, text->len, &error);
  g_assert_no_error (error);
  return manifest;
}

static void
init (ToyTraining *toy, CpacManifest *manifest, const char *layers)
{
  toy_training_init_with (toy, manifest, TOY_MAP_SCORE, layers, 1 << 20);
  cpac_synthetic_options_init (&toy->recipe.synthetic);
  toy->recipe.synthetic.active = TRUE;
  toy->recipe.cell_share = 1.0 / 16;
  /* On 8x8 pictures of noise only what is strong is to be seen. */
  for (guint i = 0; i < CPAC_N_DEFECT_KINDS; i++) {
    CpacDefectOptions *kind = &toy->recipe.synthetic.kinds[i];

    kind->weight = i == CPAC_DEFECT_SPOTS || i == CPAC_DEFECT_SCRATCHES;
    kind->size = (CpacSizeRange){ 1, 2, TRUE };
    kind->contrast[0] = 4;
    kind->contrast[1] = 6;
    kind->dark = 0;
  }
}

static const CpacEpoch *
last_epoch (const CpacTrainer *trainer)
{
  const GArray *curve = cpac_trainer_get_curve (trainer);

  return &g_array_index (curve, CpacEpoch, curve->len - 1);
}

/* From good pictures alone, and there is a figure to tell by. */
static void
test_learns (void)
{
  g_auto (ToyTraining) toy = { 0 };
  g_autoptr (CpacTrainer) trainer = NULL;

  init (&toy, good_manifest (40, 20, ""), TOY_MAP_LAYERS);
  toy.recipe.epochs = 30;
  trainer = toy_trainer_new (&toy, 2);
  g_assert_cmpuint (cpac_trainer_get_steps_per_epoch (trainer), ==, 8);
  toy_go_on (trainer, G_MAXUINT64);
  g_assert_cmpfloat (last_epoch (trainer)->val_figure, >, 0.95);
}

static char *
train (guint n_threads, guint64 seed, gboolean augment)
{
  g_auto (ToyTraining) toy = { 0 };
  g_autoptr (CpacTrainer) trainer = NULL;

  init (&toy,
        good_manifest (13, 5,
                       "spot-50,train,spot,spot-50,50\nspot-51,train,spot,spot-51,51\n"
                       "spot-52,val,spot,spot-52,52\nspot-53,train,spot,,53\n"),
        TOY_MAP_LAYERS);
  toy.recipe.epochs = 3;
  toy.recipe.seed = seed;
  toy.recipe.augment.flip_horizontal = augment;
  toy.recipe.augment.noise = augment ? 3 : 0;
  toy.recipe.synthetic.validation_draws = 2;
  trainer = toy_trainer_new (&toy, n_threads);
  toy_go_on (trainer, G_MAXUINT64);
  return toy_fingerprint (trainer);
}

static void
test_threads (void)
{
  for (guint augment = 0; augment <= 1; augment++) {
    g_autofree char *one = train (1, 3, augment);
    g_autofree char *two = train (2, 3, augment);
    g_autofree char *three = train (3, 3, augment);
    g_autofree char *other = train (1, 4, augment);

    g_assert_cmpstr (one, ==, two);
    g_assert_cmpstr (one, ==, three);
    g_assert_cmpstr (one, !=, other);
  }
}

static void
test_resume (void)
{
  g_auto (ToyTraining) toy = { 0 };
  g_autoptr (CpacTrainer) whole = NULL, half = NULL, rest = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *expected = NULL, *resumed = NULL;
  g_auto (Folder) folder = { 0 };

  folder_init (&folder);
  init (&toy, good_manifest (13, 5, "spot-50,train,spot,spot-50,50\n"), TOY_MAP_LAYERS);
  whole = toy_trainer_new (&toy, 1);
  toy_go_on (whole, 20);
  expected = toy_fingerprint (whole);
  half = toy_trainer_new (&toy, 2);
  toy_go_on (half, 7);
  g_assert_true (cpac_trainer_save (half, folder.path, "key", &error));
  rest = toy_trainer_new (&toy, 1);
  g_assert_true (cpac_trainer_load (rest, folder.path, "key", &error));
  toy_go_on (rest, 13);
  resumed = toy_fingerprint (rest);
  g_assert_cmpstr (expected, ==, resumed);
}

/* An epoch is once over the good pictures, whatever the places for real ones; a defect without a
 * mask is left out. */
static void
test_batches (void)
{
  static const struct {
    guint n_good, batch;
    const char *more;
    double real_share;
    guint n_steps;
  } rows[] = {
    { 12, 4, "", 0.5, 3 },
    { 12, 4, "spot-1,train,spot,,a\n", 0.5, 3 },
    { 12, 4, "spot-1,train,spot,spot-1,a\n", 0.5, 6 },
    { 12, 4, "spot-1,train,spot,spot-1,a\nspot-2,train,spot,spot-2,b\n", 0.25, 4 },
    { 12, 4, "spot-1,train,spot,spot-1,a\n", 0, 3 },
    { 12, 4, "spot-1,train,spot,spot-1,a\n", 0.9, 12 },
    { 12, 1, "spot-1,train,spot,spot-1,a\n", 0.9, 12 },
    { 3, 16, "spot-1,train,spot,spot-1,a\n", 0.5, 1 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_auto (ToyTraining) toy = { 0 };
    g_autoptr (CpacTrainer) trainer = NULL;

    init (&toy, good_manifest (rows[i].n_good, 2, rows[i].more), TOY_MAP_LAYERS);
    toy.recipe.batch = rows[i].batch;
    toy.recipe.synthetic.real_share = rows[i].real_share;
    trainer = toy_trainer_new (&toy, 1);
    g_assert_cmpuint (cpac_trainer_get_steps_per_epoch (trainer), ==, rows[i].n_steps);
    toy_go_on (trainer, rows[i].n_steps);
    g_assert_true (isfinite (last_epoch (trainer)->val_loss));
  }
}

/* With nothing drawn the same pictures are on both sides of validation as good ones: no AUROC; and
 * the best epoch falls back to the loss. */
static void
test_nothing_visible (void)
{
  g_auto (ToyTraining) toy = { 0 };
  g_autoptr (CpacTrainer) trainer = NULL;

  init (&toy, good_manifest (10, 4, ""), TOY_MAP_LAYERS);
  toy.recipe.synthetic.visible = 1000;
  toy.recipe.select = CPAC_SELECT_AUROC;
  toy.recipe.epochs = 4;
  trainer = toy_trainer_new (&toy, 1);
  toy_go_on (trainer, G_MAXUINT64);
  g_assert_true (isnan (last_epoch (trainer)->val_figure));
  g_assert_cmpuint (cpac_trainer_get_best_epoch (trainer), ==, 4);
}

/* The largest AUROC, and among equals the smallest loss. */
static void
test_select (void)
{
  g_auto (ToyTraining) toy = { 0 };
  g_autoptr (CpacTrainer) trainer = NULL;
  const GArray *curve;
  guint best = 0;

  init (&toy, good_manifest (20, 10, ""), TOY_MAP_LAYERS);
  toy.recipe.select = CPAC_SELECT_AUROC;
  toy.recipe.epochs = 20;
  trainer = toy_trainer_new (&toy, 1);
  toy_go_on (trainer, G_MAXUINT64);
  curve = cpac_trainer_get_curve (trainer);
  for (guint i = 1; i < curve->len; i++) {
    const CpacEpoch *a = &g_array_index (curve, CpacEpoch, best);
    const CpacEpoch *b = &g_array_index (curve, CpacEpoch, i);

    if (b->val_figure > a->val_figure ||
        (b->val_figure == a->val_figure && b->val_loss < a->val_loss))
      best = i;
  }
  g_assert_cmpuint (cpac_trainer_get_best_epoch (trainer), ==, best + 1);
}

/* A template becomes the mean of the good pictures, and stays it. */
static void
test_template (void)
{
  g_auto (ToyTraining) toy = { 0 };
  g_autoptr (CpacTrainer) trainer = NULL;
  const CpacParams *params;
  float input[TOY_SIDE * TOY_SIDE];
  double mean[TOY_SIDE * TOY_SIDE] = { 0 };

  init (&toy, good_manifest (7, 3, "spot-1,train,spot,spot-1,a\n"),
        "[{name: t, type: template, channels: 1, height: 8, width: 8}, "
        "{name: a, type: concat, inputs: [input, t]}, "
        "{name: b, type: conv, filters: 1, kernel: 1}]");
  for (guint i = 0; i < 7; i++) {
    g_assert_true (cpac_dataset_get_input (toy.dataset, CPAC_SPLIT_TRAIN, i, input, NULL));
    for (guint k = 0; k < TOY_SIDE * TOY_SIDE; k++)
      mean[k] += input[k] / 7;
  }
  toy.recipe.average = 0.5;
  toy.recipe.epochs = 2;
  trainer = toy_trainer_new (&toy, 1);
  toy_go_on (trainer, G_MAXUINT64);
  params = cpac_trainer_get_best (trainer);
  /* Sums of 7 numbers below 4, in double, rounded once to float. */
  for (guint k = 0; k < TOY_SIDE * TOY_SIDE; k++)
    g_assert_cmpfloat (fabs (params->values[0]->data[k] - mean[k]), <, 2.5e-7);
}

static void
test_refused (void)
{
  static const struct {
    guint n_good, n_val;
    const char *more, *message;
  } rows[] = {
    { 0, 2, "spot-1,train,spot,spot-1,a\n",
      "synthetic defects are made on good pictures, but the list has none for training" },
    { 2, 0, "spot-1,val,spot,,a\n",
      "synthetic defects are made on good pictures, but the list has none for selection" },
    { 2, 0, "spot-1,val,spot,spot-1,a\n",
      "synthetic defects are made on good pictures, but the list has none for selection" },
  };
  g_auto (ToyTraining) classifier = { 0 };
  CpacTrainerOptions options;
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_auto (ToyTraining) toy = { 0 };
    g_autoptr (GError) refused = NULL;

    init (&toy, good_manifest (rows[i].n_good, rows[i].n_val, rows[i].more), TOY_MAP_LAYERS);
    options = toy_options (&toy, 1);
    g_assert_null (cpac_trainer_new (&options, &refused));
    g_assert_error (refused, CPAC_ERROR, CPAC_ERROR_SCHEMA);
    g_assert_cmpstr (refused->message, ==, rows[i].message);
  }
  toy_classifier_init (&classifier);
  classifier.recipe.synthetic.active = TRUE;
  options = toy_options (&classifier, 1);
  g_assert_null (cpac_trainer_new (&options, &error));
  g_assert_error (error, CPAC_ERROR, CPAC_ERROR_SCHEMA);
  g_assert_cmpstr (error->message, ==,
                   "synthetic defects are for the head map, which learns where a defect is");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/trainer-synthetic/learns", test_learns);
  g_test_add_func ("/trainer-synthetic/threads", test_threads);
  g_test_add_func ("/trainer-synthetic/resume", test_resume);
  g_test_add_func ("/trainer-synthetic/batches", test_batches);
  g_test_add_func ("/trainer-synthetic/nothing-visible", test_nothing_visible);
  g_test_add_func ("/trainer-synthetic/select", test_select);
  g_test_add_func ("/trainer-synthetic/template", test_template);
  g_test_add_func ("/trainer-synthetic/refused", test_refused);
  return g_test_run ();
}
