/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/score/gaussian.h"
#include "core/score/head.h"
#include "core/train/combine.h"
#include "core/train/dataset.h"

G_BEGIN_DECLS

/* Fewest good pictures from which a covariance for each cell is made. */
#define CPAC_FIT_MIN_PICTURES 20
/* Fewest values of a shared covariance for each of its channels. */
#define CPAC_FIT_MIN_SAMPLES 10

typedef struct {
  const CpacNetwork *network;
  const CpacParams *params;
  const CpacHead *head; /* how a map becomes a score */
  const CpacDataset *dataset;
  guint reach;                  /* cells over which a covariance is averaged, see cpac_whiten() */
  double shrinkage;             /* 0..1; negative: Ledoit and Wolf's, for positions
                                   0.01 / (2 reach + 1)^2 */
  gboolean mirror, upside_down; /* fit to copies of each picture turned over as well */
  gboolean compare;             /* with a map, on the pictures of val, defects and all: */
  guint map_layer;              /* the layer that is the map */
  double map_top;               /* and how it becomes a score, see CpacHead */
  guint n_threads;
  /* Told how far it is, from the thread that fits. May be NULL. */
  void (*progress) (guint done, guint total, gpointer user_data);
  gpointer progress_data;
} CpacFitOptions;

typedef struct {
  guint n;                   /* good pictures fitted to */
  guint n_copies;            /* of each, itself included */
  double shrinkage;          /* as used */
  guint n_held_out;          /* good pictures of val */
  CpacSpan good;             /* their scores */
  CpacComparison comparison; /* with compare */
} CpacFit;

/**
 * cpac_fit:
 *
 * Fits @gaussian to the good pictures of split train and measures those of val. Features are
 * gathered in fixed portions, in double, so the tensors are the same bytes at any number of
 * threads.
 *
 * Errors: CPAC_ERROR_SCHEMA for too little data: fewer than CPAC_FIT_MIN_SAMPLES values for each
 * channel of a shared covariance (of pictures x cells; with a mean for each cell one picture less),
 * fewer than CPAC_FIT_MIN_PICTURES pictures for covariances of their own, no good picture in val;
 * CPAC_ERROR_NUMERIC for features that are not finite and covariances without an inverse; the
 * errors of reading pictures.
 */
gboolean
cpac_fit (const CpacFitOptions *options, CpacGaussian *gaussian, CpacFit *fit, GError **error);

G_END_DECLS
