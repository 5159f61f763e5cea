/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/network/run.h"
#include "core/train/dataset.h"

G_BEGIN_DECLS

/**
 * CpacFidelity:
 * @n: pictures
 * @output_error: ||Y - Y^|| / ||Y - mean Y|| of the networks' outputs over all pictures, the mean
 *   that of each value
 * @agreement: share of the pictures whose largest output is the same one; NaN unless the output is
 *   a vector of two values or more
 * @accuracy, @dense_accuracy: share of the pictures whose largest output is that of their label;
 *   NaN for what is no classifier and without labels
 * @auroc, @dense_auroc: how well the scores tell defects from good parts; NaN for heads other than
 *   map, and without both of them
 *
 * How true a network is to the dense one it was made of.
 */
typedef struct {
  guint n;
  double output_error, agreement;
  double accuracy, dense_accuracy;
  double auroc, dense_auroc;
} CpacFidelity;

/* The two networks have the same input and output. */
typedef struct {
  const CpacNetwork *network;
  const CpacParams *params;
  const CpacNetwork *dense;
  const CpacParams *dense_params;
  const CpacHead *head;
  const CpacDataset *dataset;
  CpacSplit split;
  guint n_threads;
} CpacFidelityOptions;

/* The errors of reading pictures. */
gboolean
cpac_fidelity_measure (const CpacFidelityOptions *options, CpacFidelity *fidelity, GError **error);

/* The one number to watch, larger is better: accuracy, AUROC, agreement, or minus the output error,
 * the first of these there is. @name (may be NULL) receives what it is called: "accuracy", "auroc",
 * "agreement", "output_error". */
double cpac_fidelity_get_figure (const CpacFidelity *fidelity, const char **name);

G_END_DECLS
