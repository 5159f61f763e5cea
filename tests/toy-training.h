/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <string.h>

#include "core/score/head.h"
#include "core/train/trainer.h"

/*
 * A problem that is learnt in seconds: 8x8 gray pictures of noise; "spot-N" has a bright 3x3 square
 * somewhere, whose mask is known, "good-N" has none. Everything follows from the name.
 */
#define TOY_SIDE 8

/* Pictures that open before one does not any more; -1: all. */
static gint toy_pictures_left = -1;

typedef struct {
  CpacFrameSource source;
  CpacFrameInfo info;
  gboolean done;
  guint8 pixels[TOY_SIDE * TOY_SIDE];
} ToyPicture;

static inline gboolean
toy_has_spot (const char *name, guint x, guint y)
{
  guint place = g_str_hash (name) % 36;

  return strstr (name, "spot") != NULL && x - place % 6 < 3 && y - place / 6 < 3;
}

static inline CpacFrameStatus
toy_picture_next (CpacFrameSource *source, CpacFrame *frame, CpacFrameMark *mark, GError **error)
{
  ToyPicture *self = (ToyPicture *) source;

  if (self->done)
    return CPAC_FRAME_END;
  self->done = TRUE;
  *frame = (CpacFrame){ .info = &self->info, .planes = { self->pixels }, .strides = { TOY_SIDE } };
  *mark = (CpacFrameMark){ 0 };
  return CPAC_FRAME_NEXT;
}

static inline void
toy_picture_free (CpacFrameSource *source)
{
  g_free (source);
}

static inline CpacFrameSource *
toy_picture_open (const char *path, gpointer user_data, GError **error)
{
  static const CpacFrameSourceClass klass = { toy_picture_next, toy_picture_free };
  ToyPicture *self;

  if (g_atomic_int_get (&toy_pictures_left) >= 0 &&
      g_atomic_int_add (&toy_pictures_left, -1) <= 0) {
    g_atomic_int_set (&toy_pictures_left, 0);
    g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_IO, "%s: gone", path);
    return NULL;
  }
  self = g_new0 (ToyPicture, 1);
  self->source.klass = &klass;
  self->info = (CpacFrameInfo){ .format = CPAC_PIXEL_GRAY8, .width = TOY_SIDE, .height = TOY_SIDE };
  for (guint i = 0; i < TOY_SIDE * TOY_SIDE; i++) {
    guint noise = ((g_str_hash (path) + 1) * (i + 1) * 2654435761u >> 16) % 64;

    self->pixels[i] =
        (guint8) (noise + (toy_has_spot (path, i % TOY_SIDE, i / TOY_SIDE) ? 160 : 60));
  }
  return &self->source;
}

static inline guint8 *
toy_mask_read (const char *path, guint *width, guint *height, GError **error)
{
  guint8 *mask = g_malloc (TOY_SIDE * TOY_SIDE);

  *width = *height = TOY_SIDE;
  for (guint i = 0; i < TOY_SIDE * TOY_SIDE; i++)
    mask[i] = toy_has_spot (path, i % TOY_SIDE, i / TOY_SIDE);
  return mask;
}

/* What one training run needs; the trainer is made by toy_trainer_new(). */
typedef struct {
  CpacInputSpec input;
  CpacHead *head;
  CpacNetwork *network;
  CpacManifest *manifest;
  CpacDataset *dataset;
  CpacRecipe recipe;
} ToyTraining;

#define TOY_TRAIN 24
#define TOY_VAL 9

/* 24 pictures for training, half of them good, and 9 for selection, 5 of them good. */
static inline CpacManifest *
toy_manifest (void)
{
  g_autoptr (GString) text = g_string_new ("path,split,label,mask,group\n");
  g_autoptr (GError) error = NULL;
  CpacManifest *manifest;

  for (guint i = 0; i < TOY_TRAIN + TOY_VAL; i++) {
    const char *split = i < TOY_TRAIN ? "train" : "val";

    if (i % 2 == 0)
      g_string_append_printf (text, "good-%u,%s,good,,%u\n", i, split, i);
    else
      g_string_append_printf (text, "spot-%u,%s,spot,spot-%u,%u\n", i, split, i, i);
  }
  manifest = cpac_manifest_parse_csv ("toy.csv", "", text->str, text->len, &error);
  g_assert_no_error (error);
  return manifest;
}

/* Takes @manifest. @score and @layers: YAML; pictures beyond @max_bytes are opened anew whenever
 * they are wanted. */
static inline void
toy_training_init_with (ToyTraining *toy, CpacManifest *manifest, const char *score,
                        const char *layers, gsize max_bytes)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CpacConfig) list = cpac_config_parse ("layers", layers, strlen (layers), &error);
  g_autoptr (CpacConfig) map = cpac_config_parse ("score", score, strlen (score), &error);
  CpacDims dims = { 1, TOY_SIDE, TOY_SIDE };
  CpacDatasetOptions options = {
    .max_bytes = max_bytes,
    .n_threads = 1,
    .seed = 1,
    .open = toy_picture_open,
    .read_mask = toy_mask_read,
  };

  g_assert_no_error (error);
  toy->input = (CpacInputSpec){
    .width = TOY_SIDE,
    .height = TOY_SIDE,
    .channels = 1,
    .mean = { 100 },
    .scale = { 60 },
    .min_width = 1,
    .min_height = 1,
  };
  toy->network = cpac_network_new (list, &dims, &error);
  g_assert_no_error (error);
  toy->head = cpac_head_new (map, cpac_network_get_output (toy->network), &error);
  g_assert_no_error (error);
  toy->manifest = manifest;
  options.input = toy->input;
  options.head = toy->head;
  toy->dataset = cpac_dataset_open (toy->manifest, &options, &error);
  g_assert_no_error (error);
  cpac_recipe_init (&toy->recipe);
  toy->recipe.batch = 5;
  toy->recipe.epochs = 12;
  toy->recipe.rate = 0.02;
  toy->recipe.warm_up = 5;
}

static inline void
toy_training_init (ToyTraining *toy, const char *score, const char *layers, gsize max_bytes)
{
  toy_training_init_with (toy, toy_manifest (), score, layers, max_bytes);
}

static inline void
toy_training_clear (ToyTraining *toy)
{
  cpac_dataset_free (toy->dataset);
  cpac_manifest_free (toy->manifest);
  cpac_network_free (toy->network);
  cpac_head_free (toy->head);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (ToyTraining, toy_training_clear)

#define TOY_CLASSIFIER_SCORE                                                                       \
  "{head: classifier, classes: [good, spot], good: [good], threshold: 0.5}"
#define TOY_CLASSIFIER_LAYERS                                                                      \
  "[{name: a, type: cpac-conv, filters: 4, kernel: 3, rank: 4, padding: same}, {type: relu}, "     \
  "{name: b, type: cpac-conv, filters: 4, kernel: 3, rank: 4, padding: same}, {type: relu}, "      \
  "{type: max-pool, size: 2}, {name: c, type: conv, filters: 2, kernel: 1}, {type: relu}, "        \
  "{type: flatten}, {name: l, type: linear, units: 2}]"
#define TOY_MAP_SCORE "{head: map, good: [good], threshold: 0}"
#define TOY_MAP_LAYERS                                                                             \
  "[{name: a, type: cpac-conv, filters: 4, kernel: 3, rank: 4, padding: same}, {type: relu}, "     \
  "{name: b, type: cpac-conv, filters: 1, kernel: 3, rank: 3, padding: same}]"

static inline void
toy_classifier_init (ToyTraining *toy)
{
  toy_training_init (toy, TOY_CLASSIFIER_SCORE, TOY_CLASSIFIER_LAYERS, 1 << 20);
}

static inline void
toy_map_init (ToyTraining *toy)
{
  toy_training_init (toy, TOY_MAP_SCORE, TOY_MAP_LAYERS, 1 << 20);
}

/* Everything a recipe can switch on at once. */
static inline void
toy_switch_all_on (CpacRecipe *recipe, gboolean classifier)
{
  recipe->augment = (CpacAugment){
    .flip_horizontal = TRUE,
    .flip_vertical = TRUE,
    .rotate_quarter = TRUE,
    .shift = 1,
    .rotate = 5,
    .zoom = 0.05,
    .gain = 0.05,
    .offset = 4,
    .gamma = 0.05,
    .noise = 2,
  };
  recipe->over_parameterise = TRUE;
  recipe->average = 0.8;
  recipe->balance_every = 3;
  recipe->rank_prune = 1e-4;
  if (classifier) {
    recipe->label_smoothing = 0.05;
  } else {
    recipe->loss = CPAC_LOSS_PIXEL_FOCAL;
    recipe->has_loss = TRUE;
  }
}

static inline CpacTrainerOptions
toy_options (const ToyTraining *toy, guint n_threads)
{
  return (CpacTrainerOptions){
    .network = toy->network,
    .head = toy->head,
    .input = &toy->input,
    .recipe = &toy->recipe,
    .dataset = toy->dataset,
    .n_threads = n_threads,
  };
}

static inline CpacTrainer *
toy_trainer_new (const ToyTraining *toy, guint n_threads)
{
  CpacTrainerOptions options = toy_options (toy, n_threads);
  g_autoptr (GError) error = NULL;
  CpacTrainer *trainer = cpac_trainer_new (&options, &error);

  g_assert_no_error (error);
  return trainer;
}

/* At most @n_steps more. */
static inline void
toy_go_on (CpacTrainer *trainer, guint64 n_steps)
{
  g_autoptr (GError) error = NULL;

  for (guint64 i = 0; i < n_steps && !cpac_trainer_is_done (trainer); i++) {
    cpac_trainer_step (trainer, &error);
    g_assert_no_error (error);
  }
}

static inline void
toy_add_params (GChecksum *checksum, const CpacParams *params)
{
  for (guint i = 0; i < params->n_params; i++)
    g_checksum_update (checksum, (const guchar *) params->values[i]->data,
                       (gssize) (cpac_shape_count (&params->values[i]->shape) * sizeof (float)));
}

/* Hash of all that training has made, the times apart: values and moments of the variables, the
 * best weights, the curve. (transfer full) */
static inline char *
toy_fingerprint (const CpacTrainer *trainer)
{
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  const CpacVariables *variables = cpac_trainer_get_variables (trainer);
  const GArray *curve = cpac_trainer_get_curve (trainer);
  guint64 numbers[] = { cpac_trainer_get_step (trainer), cpac_trainer_get_best_epoch (trainer) };

  for (guint i = 0; i < variables->list->len; i++) {
    const CpacVariable *variable = g_ptr_array_index (variables->list, i);
    const float *arrays[] = { variable->value, variable->first, variable->second };

    for (guint k = 0; k < G_N_ELEMENTS (arrays); k++)
      g_checksum_update (checksum, (const guchar *) arrays[k],
                         (gssize) (variable->n * sizeof (float)));
  }
  toy_add_params (checksum, variables->params);
  toy_add_params (checksum, cpac_trainer_get_best (trainer));
  for (guint i = 0; i < curve->len; i++) {
    const CpacEpoch *e = &g_array_index (curve, CpacEpoch, i);
    double values[] = { e->epoch,    e->rate,       e->train_loss,
                        e->val_loss, e->val_figure, e->gradient_norm };

    g_checksum_update (checksum, (const guchar *) values, sizeof values);
  }
  g_checksum_update (checksum, (const guchar *) numbers, sizeof numbers);
  return g_strdup (g_checksum_get_string (checksum));
}
