/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/score/metrics.h"
#include "pipelines/score-set.h"

G_BEGIN_DECLS

#define FIGURES_N_RATES 2

/**
 * Figures:
 *
 * The figures of one evaluation. NaN where there is nothing to measure.
 */
typedef struct {
  guint n, n_groups;

  /* Classifier. */
  gboolean has_classes;
  guint n_correct;
  CpacInterval accuracy; /* interval by group */
  double mean_nll;       /* mean of -log p (true class) */
  guint *confusion;      /* (n_classes, n_classes): true class by row */

  /* Where good is told from defect. */
  gboolean has_anomaly;
  guint n_good, n_defects;
  CpacInterval image_auroc, average_precision;
  CpacConfusion at_threshold;
  double f1, f1_max, f1_max_threshold;  /* f1: at the model's threshold */
  CpacInterval false_reject, detection; /* at the model's threshold, Clopper-Pearson by picture */
  CpacFixedFalseReject fixed[FIGURES_N_RATES]; /* 1 % and 0.1 % */
  guint n_labels;
  char **labels;             /* (n_labels) defect classes */
  guint *n_of_label;         /* (n_labels) */
  CpacInterval *label_auroc; /* (n_labels) against all good */

  /* Map heads with masks. */
  gboolean has_pixels;
  double pixel_auroc, pixel_ap, aupro, aupro_small;
  gsize n_regions;
  guint n_without_mask; /* defective pictures left out of the pixel figures */
} Figures;

/* CPAC_ERROR_SCHEMA for a label that is no class of the model; the errors of reading masks.
 * (transfer full) */
Figures *figures_new (const CpacModel *model, const GArray *pictures, guint n_draws, guint64 seed,
                      GError **error);
void figures_free (Figures *figures);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Figures, figures_free)

G_END_DECLS
