/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/model/config.h"
#include "core/score/calibration.h"
#include "core/tensor/tensor.h"

G_BEGIN_DECLS

typedef enum {
  CPAC_HEAD_NONE,       /* features only: no score */
  CPAC_HEAD_CLASSIFIER, /* the last layer's outputs are the logits of the classes */
  CPAC_HEAD_MAP,        /* the last layer is one channel of raw logits, one per cell */
  CPAC_HEAD_GAUSSIAN,   /* distance of the cells' features from those of good parts */
  CPAC_HEAD_COMBINED,   /* the larger of a map and a gaussian */
} CpacHeadKind;

/**
 * CpacHead:
 *
 * How the network's last layer becomes a score that only ever rises with abnormality. Immutable.
 *
 *  - classifier: the sum of the probabilities of the classes that are not good,
 *    exp (LSE (logits of bad classes) - LSE (all logits)), LSE = log-sum-exp in double; without
 *    good classes 1 - the largest probability, which is the sum of all others.
 *  - map: each cell becomes the mean of the 3x3 cells about it (clipped at the border): the heat
 *    map. The score is its maximum, or the mean of its largest `top` fraction (at least one cell).
 *  - gaussian: the distances of the cells (see CpacGaussian) are the heat map; the score as above.
 *  - combined: see CpacCombined.
 */
typedef struct {
  CpacHeadKind kind;
  char **classes; /* (n_classes), NULL-terminated; may be empty except for a classifier */
  guint n_classes;
  gboolean *is_good; /* (n_classes) */
  guint n_good;      /* good ones among the classes */
  char **good;       /* NULL-terminated names of good classes */
  double threshold;
  double warn_threshold; /* <= threshold; equal to it when the file has none */
  gboolean has_warn;
  double range_min, range_max; /* heat map scale of an uncalibrated map */
  gboolean has_range;
  double top;                    /* fraction of cells; 0: the maximum */
  CpacCalibration *calibration;  /* NULL without, and while it is stale */
  gboolean calibration_is_stale; /* there is one, of another network or head */
} CpacHead;

/* Reads the `score` section @map of a network that ends with @output. (transfer full) */
CpacHead *cpac_head_new (const CpacConfig *map, const CpacDims *output, GError **error);
void cpac_head_free (CpacHead *head);
/* Drops a calibration that was made with another network or head than @scoring_sha256 says
 * (NULL: none): it says nothing about these scores. */
void cpac_head_check_calibration (CpacHead *head, const char *scoring_sha256);

/* Whether frames get a heat map. */
static inline gboolean
cpac_head_gives_map (const CpacHead *head)
{
  return head->kind == CPAC_HEAD_MAP || head->kind == CPAC_HEAD_GAUSSIAN ||
         head->kind == CPAC_HEAD_COMBINED;
}

/* Whether a label of a data set means a good part: one of `good`. */
gboolean cpac_head_label_is_good (const CpacHead *head, const char *label);
/* Index among the classes, -1 when it is none. */
gint cpac_head_find_class (const CpacHead *head, const char *label);

/* Thresholds in force: the model's, or `manual` with warn at most the manual threshold (equal to it
 * when the model has no warn-threshold). */
typedef struct {
  double threshold, warn_threshold;
} CpacThresholds;
CpacThresholds cpac_head_get_thresholds (const CpacHead *head);
CpacThresholds cpac_head_get_manual_thresholds (const CpacHead *head, double threshold);

/* Fixed scale of the heat map, never stretched to a frame, with the threshold in force in its
 * middle: from the calibrated median score of a good part on; else the model's range, moved with
 * the threshold; else, or where the threshold is below that median, threshold -+ 8 (logits whose
 * odds are 3000), for gaussian and combined heads threshold -+ threshold. Both ends are finite. */
void cpac_head_get_heatmap_range (const CpacHead *head, const CpacThresholds *in_force, double *min,
                                  double *max);

/* Class probabilities of @logits (n_classes), all finite; returns the score. @best receives the
 * index of the largest logit, the first of equals. */
double
cpac_head_classify (const CpacHead *head, const float *logits, double *probabilities, guint *best);

/* The heat map of @logits (height, width), all finite, into @map (same shape); returns the score.
 * @scratch has room for height x width floats. */
double cpac_head_map (const CpacHead *head, const float *logits, guint width, guint height,
                      float *map, float *scratch);

/* The two steps of that: the 3x3-averaged map; and the score of any map @map of @n cells, its
 * maximum (@top 0) or the mean of its largest @top fraction. @scratch has room for @n floats. */
void cpac_head_average (const float *logits, guint width, guint height, float *map);
double cpac_head_summarize (double top, const float *map, gsize n, float *scratch);
/* How many of @n cells make the score: 1 for the maximum. */
gsize cpac_head_count_top (double top, gsize n);
/* The same where some of the cells are @ignored (n; NULL: none; not all): they count as after
 * cpac_ignore_fill(). */
double cpac_head_summarize_kept (double top, const float *map, const guint8 *ignored, gsize n,
                                 float *scratch);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CpacHead, cpac_head_free)

G_END_DECLS
