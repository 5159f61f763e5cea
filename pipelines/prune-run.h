/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/explain/prune.h"
#include "core/train/refit.h"
#include "core/train/trainer.h"
#include "pipelines/training-pictures.h"
#include "pipelines/training-record.h"

G_BEGIN_DECLS

/* Everything that pruning a model starts from. */
typedef struct {
  guint n_threads;
  guint n_pictures; /* at most, to measure activations on */
  CpacModel *model;
  TrainingRecord record;
  char *text; /* of its file, without the calibration */
  gboolean drops_calibration;
  CpacRecipe recipe; /* the model's, or the defaults */
  gboolean has_recipe;
  TrainingPictures training;
  CpacActivity *activity;
} PruneRun;

/* Loads the model at @path and opens @data. @run has the first two members set, is zeroed besides,
 * and must be cleared whatever comes of it. CPAC_ERROR_SCHEMA for a model whose head is fitted to
 * its features, and where there is nothing to prune. */
gboolean prune_run_open (PruneRun *run, const char *path, const char *data, GError **error);
/* Then, measures activations. */
gboolean prune_run_measure (PruneRun *run, GError **error);
void prune_run_clear (PruneRun *run);

/* How much of it is to stay. */
typedef struct {
  CpacMeasure measure;
  double keep, keep_channels;
  guint64 seed;
  gboolean refit;
} PruneWishes;

/* A pruned model, and how it was made. */
typedef struct {
  PruneWishes wishes;
  guint epochs; /* of fine-tuning */
  CpacPrune *prune;
  char *text;
  CpacNetwork *network;
  CpacParams *params;
  guint **channels; /* (n_layers): which ones a cpac-conv layer still makes */
  GArray *layers;   /* (element-type CpacRefitLayer): the cpac-conv layers */
  CpacEpoch epoch;  /* the best of fine-tuning; epoch 0 without */
} PrunedModel;

/* How many times as large the whole is. */
static inline double
prune_ratio (guint64 whole, guint64 pruned)
{
  return pruned > 0 ? (double) whole / (double) pruned : 1;
}

/* (transfer full) */
PrunedModel *prune_run_make (const PruneRun *run, const PruneWishes *wishes, GError **error);
void pruned_model_free (PrunedModel *pruned);

/* Trains @pruned for @epochs more by the model's own recipe, if it has one, at a tenth of its rate.
 */
gboolean prune_run_train (const PruneRun *run, PrunedModel *pruned, guint epochs, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PrunedModel, pruned_model_free)

G_END_DECLS
