/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/train/cut.h"
#include "core/train/manifest.h"
#include "core/train/score-text.h"
#include "pipelines/training-record.h"

G_BEGIN_DECLS

/* What the user wants of a fit; texts may be NULL. */
typedef struct {
  gboolean gray, combine;
  int n_threads, n_channels, reach, width, height, memory_mib;
  gint64 seed;
  double shrinkage, top;
  char *data, *out, *mode, *layers, *good, *standardize, *augment;
} FitWishes;

/* Everything one fit needs. */
typedef struct {
  const FitWishes *wishes;
  CpacModel *model;      /* what is fitted on */
  TrainingRecord record; /* of that */
  char *text;            /* of its file */
  CpacConfig *root;
  char **layers; /* names of the features */
  char **kept;   /* those, and the map's with combine */
  char **good;
  guint mode;
  CpacCut cut;
  char *cut_text; /* the fitted model's up to its score section */
  CpacInputSpec input;
  CpacNetwork *network;
  CpacParams *params;
  CpacHead *head;
  CpacGaussian *gaussian;
  CpacManifest *manifest;
  CpacDataset *dataset;
  CpacFit fit;
  gboolean is_combined;
} FitRun;

/* Loads the model at @path and makes the fitted one from it, without its numbers: layers, mode and
 * good classes where the user does not say are those the model says or suggests. @run must be
 * zeroed, and be cleared whatever comes of it. */
gboolean fit_run_prepare (FitRun *run, const char *path, const FitWishes *wishes, GError **error);
void fit_run_clear (FitRun *run);

/* After the fit: a map that does not help goes. */
gboolean fit_run_drop_map (FitRun *run, GError **error);
/* The score section, and the whole YAML, as fitted or before. (transfer full) */
void fit_run_describe (const FitRun *run, gboolean fitted, CpacScoreText *section);
char *fit_run_make_text (const FitRun *run, gboolean fitted);

G_END_DECLS
