/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "pipelines/prune-run.h"

G_BEGIN_DECLS

/* One point: a measure, how much of the components stays, and what comes of it. */
typedef struct {
  CpacMeasure measure;
  gboolean refit;
  double keep;
  guint n_draws;                       /* of random: the figures are means over as many */
  double figure;                       /* accuracy of a classifier, else AUROC of the pictures */
  double low, high;                    /* over the draws */
  double macs_ratio, parameters_ratio; /* whole network / pruned network */
} PrunePoint;

/* What a curve is measured on, and how. */
typedef struct {
  const CpacManifest *manifest;
  const char *split; /* NULL: all rows */
  double keep_channels;
  guint64 seed;
} PruneCurveWishes;

/* "accuracy" or "image_auroc". */
const char *prune_curve_get_figure (const CpacModel *model);

/* Every measure at falling shares of components, with and without refit, each of them a model that
 * is written, loaded and scored as cpac evaluate does. The first point is the whole model.
 * CPAC_ERROR_SCHEMA when there is nothing to tell good from bad by. (transfer full)
 * (element-type PrunePoint) */
GArray *prune_curve_measure (const PruneRun *run, const PruneCurveWishes *wishes, GError **error);

/* (transfer full) both */
char *prune_curve_to_csv (const GArray *points, const char *figure);
char *prune_curve_to_svg (const GArray *points, const char *title, const char *figure);

G_END_DECLS
