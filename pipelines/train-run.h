/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/train/trainer.h"
#include "pipelines/train-start.h"

G_BEGIN_DECLS

/* Everything one training run needs. */
typedef struct {
  const char *out; /* folder */
  char *text;      /* of the configuration */
  CpacModel *shape;
  TrainStart start;
  CpacRecipe recipe;
  CpacManifest *manifest;
  CpacDataset *dataset;
  CpacTrainer *trainer;
  char *key; /* tells checkpoints of other runs apart */
  gint64 begin_us;
  guint64 begin_step;
  gboolean is_interrupted;
} TrainRun;

/* ---- train-results.c ---- */

/* Key of CpacEpoch's val_figure: "val_accuracy" or "val_auroc". */
const char *train_run_name_figure (const TrainRun *run);
/* Writes the best model, training.json, curve.csv and curve.svg; an epoch must have been validated.
 */
gboolean train_run_write (const TrainRun *run, GError **error);
/* What came of it, to stdout. */
void train_run_print (const TrainRun *run, gboolean as_json);

G_END_DECLS
