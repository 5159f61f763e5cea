/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/train/batch.h"
#include "core/train/trainer.h"

/* A worker's room for one picture. */
typedef struct {
  float *picture;             /* (channels, height, width), for augmentation */
  float *mask, *mask_scratch; /* (cells), for map heads */
} CpacTrainScratch;

struct _CpacTrainer {
  CpacTrainerOptions options;
  CpacParams *params;  /* what the steps move */
  CpacParams *average; /* running mean of them; NULL without */
  CpacParams *best;
  CpacVariables *variables;
  CpacBatch *batch;          /* on params */
  CpacBatch *average_batch;  /* on average */
  CpacTrainScratch *scratch; /* (n_threads) */

  guint n_train, batch_size, steps_per_epoch;
  guint *order;       /* (n_train): this epoch's order */
  guint order_epoch;  /* which epoch that is, from 0; G_MAXUINT: none yet */
  float *val_outputs; /* (n_val): hit of a classifier, score of a map */

  /* All that follows is in a checkpoint. */
  guint64 step;
  double loss_sum, norm_sum; /* of the epoch's steps so far */
  double seconds;            /* of the epoch so far */
  GArray *curve;             /* (element-type CpacEpoch) */
  guint best_epoch;          /* from 1; 0: none */
  double best_figure, best_loss;
};

/* Copies every value; the two must be of one network. */
void cpac_train_copy_params (CpacParams *to, const CpacParams *from);

gboolean cpac_trainer_is_classifier (const CpacTrainer *trainer);
/* Shape of the network's last output. */
const CpacDims *cpac_trainer_output (const CpacTrainer *trainer);
/* The epoch the next step belongs to, from 0. */
guint cpac_trainer_epoch (const CpacTrainer *trainer);
/* Puts the training pictures into the epoch's order. */
void cpac_trainer_shuffle (CpacTrainer *trainer);

/* For cpac_batch_run() and cpac_batch_look(); @user_data is the trainer. */
gboolean cpac_trainer_fill_training (gpointer user_data, guint index, guint worker, float *input,
                                     GError **error);
double cpac_trainer_training_loss (gpointer user_data, guint index, guint worker,
                                   const float *output, float *gradient);
gboolean cpac_trainer_fill_validation (gpointer user_data, guint index, guint worker, float *input,
                                       GError **error);
double cpac_trainer_validation_loss (gpointer user_data, guint index, guint worker,
                                     const float *output, float *gradient);
