/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/score/pixel-metrics.h"
#include "pipelines/score-set.h"

G_BEGIN_DECLS

#define FIGURES_N_RATES 2
#define FIGURES_N_DRAWS 2000
#define FIGURES_AUPRO_LIMIT 0.3

/* A rate over pictures, with both kinds of interval: Clopper-Pearson as if pictures were
 * independent, which still says something at 0 of n, and the bootstrap by part. */
typedef struct {
  guint n, hits;
  CpacInterval by_picture; /* Clopper-Pearson */
  CpacInterval by_part;    /* group bootstrap */
} FigureRate;

/* The defects of one class, or of one range of sizes, against all good pictures. */
typedef struct {
  char *label;               /* of a class; NULL in a range of sizes */
  double min_area, max_area; /* of a range: [min, max) in pixels of the picture; max may be INF */
  guint n_parts;
  CpacInterval image_auroc;
  FigureRate detection; /* at the model's threshold */
} FigureRow;

/* Detection at a rate of false rejects fixed on the pictures that are measured. */
typedef struct {
  CpacFixedFalseReject at;
  CpacInterval detection;
  gboolean is_resolved; /* there are 1 / rate good pictures or more, so that one may be rejected */
} FigureFixed;

/**
 * Figures:
 *
 * The figures of one evaluation. NaN where there is nothing to measure. Intervals are 95 %,
 * bootstrapped by part where nothing else is said.
 */
typedef struct {
  guint n, n_groups;
  guint *groups; /* (n): number of each picture's part */

  /* Classifier. */
  gboolean has_classes;
  guint n_correct;
  CpacInterval accuracy;
  CpacInterval balanced_accuracy; /* mean over the classes of the share found */
  double mean_nll;                /* mean of -log p (true class) */
  guint *confusion;               /* (n_classes, n_classes): true class by row */

  /* Where good is told from defect. A part is good when all of its pictures are. */
  gboolean has_anomaly;
  CpacMetricSample *samples; /* (n), in the order of the pictures */
  guint n_good, n_defects, n_good_parts, n_defective_parts;
  CpacInterval image_auroc, average_precision;
  CpacInterval f1;                    /* at the model's threshold */
  double f1_max, f1_max_threshold;    /* optimistic: chosen on the same pictures */
  FigureRate false_reject, detection; /* at the model's threshold */
  CpacInterval part_false_reject;     /* Clopper-Pearson: good parts with a rejected picture */
  guint n_rejected_parts;
  FigureFixed fixed[FIGURES_N_RATES]; /* 1 % and 0.1 % */
  GArray *per_class;                  /* FigureRow, by label */
  GArray *per_size;                   /* FigureRow, by size; only ranges that occur */

  /* Defects with masks. */
  double *areas;        /* (n): pixels of the picture that are defect; NaN where unknown */
  guint n_without_mask; /* defective pictures without a mask, or with an empty one */
  gboolean has_pixels;  /* head gives a map, and there are masks */
  CpacPixelIntervals pixels;
  double aupro_small; /* regions of fewer than 4 pixels only */
  gsize n_regions;
} Figures;

/* @pictures: as from score_set(). CPAC_ERROR_SCHEMA for a label that is no class of the model; the
 * errors of reading masks. (transfer full) */
Figures *figures_new (const CpacHead *head, const GArray *pictures, guint n_draws, guint64 seed,
                      GError **error);
void figures_free (Figures *figures);

/* One JSON object, and text for people, about the model called @name. (transfer full) */
char *figures_to_json (const Figures *figures, const char *name, const CpacHead *head);
char *figures_to_text (const Figures *figures, const char *name, const CpacHead *head);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Figures, figures_free)

G_END_DECLS
