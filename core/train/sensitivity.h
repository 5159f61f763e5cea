/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/network/pictures.h"
#include "core/network/run.h"
#include "core/score/head.h"

G_BEGIN_DECLS

/**
 * CpacSensitivityOptions:
 * @head: how far two outputs are apart: for a classifier by the classes' probabilities, for any
 *   other by the outputs themselves
 */
typedef struct {
  const CpacNetwork *network;
  const CpacParams *params;
  const CpacHead *head;
  const CpacPictures *pictures;
  guint64 seed;
  guint n_threads;
  /* Told how far it is; may be NULL. */
  void (*progress) (guint done, guint total, gpointer progress_data);
  gpointer progress_data;
} CpacSensitivityOptions;

/**
 * cpac_sensitivity_measure:
 *
 * How much it matters that a layer's output is off. A change dY of it takes the network's output
 * about (g . dY)^2 / 2 away from what it is, g = J^T v with J the derivative of the output by Y and
 * v random of the covariance that the distance has as its second derivative: for a classifier p - e
 * with class e drawn by the probabilities p (the Fisher information), for any other normal numbers.
 * No labels are needed. Of a dY in no direction in particular it is ||g||^2 ||dY||^2 / n / 2, n the
 * values of Y.
 *
 * Returns: (transfer full): (n_layers) the mean of ||g||^2 over the pictures; 0 for layers that
 * have no parameters at or above them. CPAC_ERROR_SCHEMA without pictures, CPAC_ERROR_NUMERIC for
 * activations that are not finite; the errors of reading pictures.
 */
double *cpac_sensitivity_measure (const CpacSensitivityOptions *options, GError **error);

G_END_DECLS
