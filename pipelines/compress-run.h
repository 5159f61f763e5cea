/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/cp/rank.h"
#include "core/train/decompose.h"
#include "core/train/fidelity.h"
#include "core/train/layer-moments.h"
#include "pipelines/training-pictures.h"
#include "pipelines/training-record.h"

G_BEGIN_DECLS

#define COMPRESS_MAX_RANK 8192

typedef enum {
  COMPRESS_BUDGET_NONE,
  COMPRESS_BUDGET_MACS,
  COMPRESS_BUDGET_PARAMETERS,
  COMPRESS_BUDGET_TIME,
} CompressBudget;

/* What the user wants; texts may be NULL. */
typedef struct {
  char *data, *split; /* pictures, and which rows of the list */
  char *recipe;       /* model file with a section train */
  char *layers;       /* names of those that may be compressed, with commas */
  char *ranks;        /* "16" or "conv1=8,conv2=16" */
  double energy;      /* share of the squared outputs (kernel) to be kept; NaN: not given */
  CompressBudget budget;
  double ratio;       /* of the budget */
  gboolean of_layers; /* the ratio is that of these layers alone */
  CpacDecomposeFit fit;
  guint n_pictures, n_threads;
  guint64 seed;
} CompressWishes;

/* A layer that may be compressed. */
typedef struct {
  guint layer;
  CpacCost dense;        /* as it is */
  double sensitivity;    /* how much its output matters; 1 without pictures */
  CpacRankLadder ladder; /* cost and weighted loss of each rank; empty where ranks are given */
} CompressCandidate;

/* Everything that compressing a model starts from. */
typedef struct {
  const CompressWishes *wishes;
  CpacModel *model;
  TrainingRecord record;
  char *text; /* of its file, without what is of these very scores */
  gboolean drops_calibration, drops_head;
  CpacRecipe recipe;         /* the model's, or the defaults */
  TrainingPictures training; /* dataset NULL: no data */
  GArray *candidates;        /* (element-type CompressCandidate): in the network's order */
  gboolean has_sensitivity;
} CompressRun;

static inline CompressCandidate *
compress_run_get_candidate (const CompressRun *run, guint index)
{
  return &g_array_index (run->candidates, CompressCandidate, index);
}

/* Loads the model at @path and opens the data. @run must be zeroed, and be cleared whatever comes
 * of it. */
gboolean compress_run_open (CompressRun *run, const char *path, const CompressWishes *wishes,
                            GError **error);
void compress_run_clear (CompressRun *run);

/* The rank of every layer of the network, 0 for those that stay (compress-ranks.c).
 * (transfer full) */
guint *compress_run_choose_ranks (CompressRun *run, GError **error);

/* What each rank of each candidate costs, in the unit of the budget, and loses; and how much each
 * one's output matters, if that is not known yet (compress-ladders.c). */
gboolean compress_run_measure_ladders (CompressRun *run, GError **error);
gboolean compress_run_weigh (CompressRun *run, GError **error);
/* What the whole network costs, of which the candidates are a part. */
double compress_run_get_whole_cost (const CompressRun *run);

/* One stage of fine-tuning: a layer was decomposed, then the whole network trained. */
typedef struct {
  guint layer;
  double loss_before, loss; /* distance from the dense network on the pictures set aside */
  guint epoch;              /* the best one; 0: none was better, all was rolled back */
} CompressStage;

/* Microseconds of one frame on this machine, one thread (compress-time.c). */
double compress_time_network (const CpacNetwork *network);
/* The same of conv layer @layer alone, at @rank; 0: as it is. */
gboolean
compress_time_layer (const CompressRun *run, guint layer, guint rank, double *us, GError **error);

/* A compressed network, and how it came about. */
typedef struct {
  guint *ranks;   /* (n_layers) */
  GArray *layers; /* (element-type CpacDecomposedLayer) */
  char *text;     /* of its model */
  CpacNetwork *network;
  CpacParams *params;
  CpacFidelity after_als, after_fit,
      after_training;   /* on the pictures set aside; n 0: not measured */
  guint epochs;         /* of fine-tuning, for each stage */
  GArray *stages;       /* (element-type CompressStage) */
  double us_before, us; /* microseconds of one frame; 0: not measured */
} CompressedModel;

/* Decomposes, and fits to the pictures where there are any. @ranks is taken. (transfer full) */
CompressedModel *compress_run_make (const CompressRun *run, guint *ranks, GError **error);
/* Of the pictures set aside. */
gboolean compress_run_measure (const CompressRun *run, const CompressedModel *compressed,
                               CpacFidelity *fidelity, GError **error);

/* Fine-tunes @compressed for @epochs in each stage, the dense network its teacher: layer by layer,
 * the most sensitive first, is decomposed in the network as it is by then, the whole of which then
 * learns; where that does not bring it closer on the pictures set aside it is rolled back
 * (compress-train.c). */
gboolean
compress_run_train (CompressRun *run, CompressedModel *compressed, guint epochs, GError **error);
void compressed_model_free (CompressedModel *compressed);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CompressedModel, compressed_model_free)

G_END_DECLS
