/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/train/batch.h"
#include "core/train/trainer.h"

/* A worker's room for one picture. */
typedef struct {
  float *picture;             /* (channels, height, width), for augmentation */
  float *mask, *mask_scratch; /* (cells), for map heads */
  /* With synthetic defects: */
  CpacSynthetic *synthetic;
  float *other;    /* (channels, height, width): another good picture */
  guint8 *changed; /* (height, width) */
} CpacTrainScratch;

/* A picture as validation sees it: as it is, or with the defects of one of its fixed draws. */
typedef struct {
  guint picture;
  guint draw;      /* 0: as it is */
  gboolean defect; /* what it counts as */
} CpacTrainView;

/* Items of CPAC_STREAM_SYNTHETIC that are no training picture's. */
#define CPAC_ITEM_REAL ((guint64) 1 << 62)       /* | place in training: which real defect it is */
#define CPAC_ITEM_VALIDATION ((guint64) 1 << 63) /* | draw << 32 | picture of validation */

struct _CpacTrainer {
  CpacTrainerOptions options;
  CpacParams *params;  /* what the steps move */
  CpacParams *average; /* running mean of them; NULL without */
  CpacParams *best;
  CpacVariables *variables;
  CpacBatch *batch;         /* on params */
  CpacBatch *average_batch; /* on average */
  CpacRun **teachers;       /* (n_threads); NULL without a teacher */
  CpacTeacherPart *parts;   /* (n_parts): of its output */
  double *part_variances;   /* (n_parts): by what their distances are divided */
  guint n_parts;
  CpacTrainScratch *scratch; /* (n_threads) */

  /* Pictures of the training split: those an epoch walks over, of which only good ones with
   * synthetic defects, and then the real defects. */
  guint *train, *real;
  guint n_train, n_real;
  CpacTrainView *views; /* (n_views): validation */
  guint n_views;
  guint n_in_order; /* places of a batch that the epoch's order fills; the rest are real defects */
  guint batch_size, steps_per_epoch;
  guint *order;       /* (n_train): this epoch's order */
  guint order_epoch;  /* which epoch that is, from 0; G_MAXUINT: none yet */
  float *val_outputs; /* (n_views): hit of a classifier, score of a map */

  /* All that follows is in a checkpoint. */
  guint64 step;
  double loss_sum, norm_sum; /* of the epoch's steps so far */
  double seconds;            /* of the epoch so far */
  GArray *curve;             /* (element-type CpacEpoch) */
  guint best_epoch;          /* from 1; 0: none */
};

/* The epoch of the best validation figure so far, the first of equals; NULL before the first
 * (trainer-selection.c). */
const CpacEpoch *cpac_trainer_get_peak (const CpacTrainer *trainer);
/* Whether the weights of the epoch just finished are the best. A map's: at its peak. A
 * classifier's: also within one standard error of the peak, because among accuracies that a
 * validation set cannot tell apart the peak is luck, and later weights have learnt longer. */
gboolean cpac_trainer_keeps_last_epoch (const CpacTrainer *trainer);

/* Copies every value; the two must be of one network. */
void cpac_train_copy_params (CpacParams *to, const CpacParams *from);

gboolean cpac_trainer_is_classifier (const CpacTrainer *trainer);
/* Shape of the network's last output. */
const CpacDims *cpac_trainer_output (const CpacTrainer *trainer);
/* The epoch the next step belongs to, from 0. */
guint cpac_trainer_epoch (const CpacTrainer *trainer);
/* Lists the pictures, and what follows from how many there are. CPAC_ERROR_SCHEMA when synthetic
 * defects are wanted and none is good for training, or none for selection. */
gboolean cpac_trainer_list_pictures (CpacTrainer *trainer, GError **error);
/* Puts the training pictures into the epoch's order. */
void cpac_trainer_shuffle (CpacTrainer *trainer);
/* Picture of the training split at place @index of the current batch. */
guint cpac_trainer_picture_at (const CpacTrainer *trainer, guint index);
/* Whether that place is for a real defect among synthetic ones. */
gboolean cpac_trainer_place_is_real (const CpacTrainer *trainer, guint index);

/* Runs of the teacher, and the spread of what it says of the training pictures
 * (trainer-teacher.c). CPAC_ERROR_SHAPE when it is not of the network's input and output. */
gboolean cpac_trainer_hire_teacher (CpacTrainer *trainer, GError **error);
void cpac_trainer_dismiss_teacher (CpacTrainer *trainer);
/* Lets it look at @input; then, the distance of @output and its gradient, or with NULL the distance
 * of the first part alone. */
void cpac_trainer_ask_teacher (CpacTrainer *trainer, guint worker, const float *input);
double cpac_trainer_teacher_loss (const CpacTrainer *trainer, guint worker, const float *output,
                                  float *gradient);
/* Whether the largest value of @output is where the teacher's is; NaN for what is no vector. */
double cpac_trainer_agrees (const CpacTrainer *trainer, guint worker, const float *output);

/* Sets the parameters that training leaves alone: those of options->constants, else a template as
 * large as the input becomes the mean of the good training pictures, and any other is the donor's.
 * CPAC_ERROR_SCHEMA for what none of them has. */
gboolean
cpac_train_set_constants (const CpacTrainerOptions *options, CpacParams *params, GError **error);

/* For cpac_batch_run() and cpac_batch_look(); @user_data is the trainer. */
gboolean cpac_trainer_fill_training (gpointer user_data, guint index, guint worker, float *input,
                                     GError **error);
double cpac_trainer_training_loss (gpointer user_data, guint index, guint worker,
                                   const float *output, float *gradient);
gboolean cpac_trainer_fill_validation (gpointer user_data, guint index, guint worker, float *input,
                                       GError **error);
double cpac_trainer_validation_loss (gpointer user_data, guint index, guint worker,
                                     const float *output, float *gradient);
