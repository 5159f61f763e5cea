/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/model/model.h"
#include "core/train/dataset.h"
#include "core/train/recipe.h"
#include "core/train/variables.h"

G_BEGIN_DECLS

/* One line of the learning curve. */
typedef struct {
  guint epoch;       /* from 1 */
  double rate;       /* at the epoch's last step */
  double train_loss; /* mean over the epoch, while the weights moved */
  double val_loss;
  double val_figure;    /* accuracy of a classifier; AUROC of a map, NaN without defects in val;
                           agreement with a teacher */
  double gradient_norm; /* mean over the epoch, before clipping */
  double seconds;       /* of the epoch, validation included */
} CpacEpoch;

/**
 * CpacTrainer:
 *
 * Trains one network on one data set. Steps are computed by n_threads workers that share out the
 * pictures of a batch in fixed portions, so the weights are the same bytes at any number of
 * threads. One thread at a time calls it.
 */
typedef struct _CpacTrainer CpacTrainer;

/* So many values of a teacher's output, one behind the other, whose distance counts so much. */
typedef struct {
  gsize n_values;
  double weight;
} CpacTeacherPart;

typedef struct {
  const CpacNetwork *network;
  const CpacHead *head;
  const CpacInputSpec *input;
  const CpacRecipe *recipe;
  const CpacDataset *dataset;
  const CpacParams *constants; /* has the parameters training leaves alone; NULL: there are none */
  const CpacParams *start;     /* weights to go on from; NULL: the recipe's initialisation */
  /* A trained network whose layers give theirs where they fit (see cpac_init_take), and constants
   * that are not to be had otherwise; NULL: none. */
  const CpacNetwork *donor_network;
  const CpacParams *donor;
  const CpacNetwork *teacher; /* of the same input and output: its outputs are learnt instead of
                                  labels, see cpac_loss_distance(); NULL: none */
  const CpacParams *teacher_params;
  const CpacTeacherPart *parts; /* of the teacher's output, which they cover; NULL: it is one. Only
                                   the first one counts on validation */
  guint n_parts;
  guint n_threads;
} CpacTrainerOptions;

/* What @options points to is borrowed. With a teacher any head will do, no label is looked at, and
 * the best weights are those of the smallest loss on validation; the figure is then the share of
 * pictures whose largest output is the teacher's, NaN for outputs that are no vector.
 * Initialises the weights, or copies start. CPAC_ERROR_SCHEMA
 * when head, loss and network do not fit, or constants are wanted and not given; CPAC_ERROR_SHAPE
 * for quarter turns of an input that is not square. (transfer full) */
CpacTrainer *cpac_trainer_new (const CpacTrainerOptions *options, GError **error);
void cpac_trainer_free (CpacTrainer *trainer);

/* Mean loss on validation of the weights as they are. */
gboolean cpac_trainer_validate (CpacTrainer *trainer, double *loss, GError **error);

/* One step of the recipe, and after an epoch's last the validation. CPAC_ERROR_NUMERIC for a loss
 * that is not finite, naming epoch and step: the trainer's best weights stay good. */
gboolean cpac_trainer_step (CpacTrainer *trainer, GError **error);

gboolean cpac_trainer_is_done (const CpacTrainer *trainer);
guint64 cpac_trainer_get_step (const CpacTrainer *trainer);
/* Of all epochs, a multiple of those of one. */
guint64 cpac_trainer_get_n_steps (const CpacTrainer *trainer);
guint cpac_trainer_get_steps_per_epoch (const CpacTrainer *trainer);
/* Mean loss of the epoch so far. */
double cpac_trainer_get_running_loss (const CpacTrainer *trainer);
/* Finished epochs. (element-type CpacEpoch) (transfer none) */
const GArray *cpac_trainer_get_curve (const CpacTrainer *trainer);
/* The epoch whose weights were best on validation; 0 before the first. */
guint cpac_trainer_get_best_epoch (const CpacTrainer *trainer);
/* Those weights; the current ones before the first validation. (transfer none) */
const CpacParams *cpac_trainer_get_best (const CpacTrainer *trainer);
const CpacVariables *cpac_trainer_get_variables (const CpacTrainer *trainer);

/* A checkpoint holds all that resuming needs to go on to the very same bytes: DIR/checkpoint.json
 * names a safetensors file beside it and its hash, and is replaced last, so that a kill at any
 * moment leaves the previous checkpoint whole. @key tells training runs apart: a hash of recipe and
 * data. */
gboolean
cpac_trainer_save (const CpacTrainer *trainer, const char *folder, const char *key, GError **error);
/* CPAC_ERROR_SCHEMA when the checkpoint was made with another key, and the errors of reading what
 * is damaged; on failure the trainer is as it was. */
gboolean
cpac_trainer_load (CpacTrainer *trainer, const char *folder, const char *key, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CpacTrainer, cpac_trainer_free)

G_END_DECLS
