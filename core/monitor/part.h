/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/score/verdict.h"

G_BEGIN_DECLS

/* Pictures of one part are near copies: charts that took each for a part would alarm several times
 * as often. So a part's pictures are put together first. */

/* What a picture says of the camera and its lamp. Charts suit quantities whose scatter does not
 * grow with them: take the logarithm of a sharpness that spans decades. */
typedef enum {
  CPAC_CAMERA_BRIGHTNESS,
  CPAC_CAMERA_CONTRAST,
  CPAC_CAMERA_SHARPNESS,
  CPAC_CAMERA_SATURATION, /* share of pixels at the ends of the range */
} CpacCameraMeasure;
#define CPAC_N_CAMERA_MEASURES 4

/* "brightness", "contrast", "sharpness", "saturation". */
const char *cpac_camera_measure_to_string (CpacCameraMeasure measure);

/* One picture, or one part put together. */
typedef struct {
  CpacVerdict verdict;
  gboolean has_score;
  double score; /* raw, or the p-value: see CpacMonitorOptions */
  gboolean has_camera;
  double camera[CPAC_N_CAMERA_MEASURES];
  const double *features; /* (n_features of the monitor); NULL without */
} CpacMonitorPart;

/**
 * CpacPartSum:
 *
 * The pictures of one part so far. The part's score is the worst of theirs, as in the calibration;
 * its verdict the worst too: not-ok, then undefined, not-decidable, ok. What describes camera and
 * appearance is the mean. Pictures scored by two models have no score in common: the part then has
 * none, nor an appearance, and its verdict is the worst that either model found.
 */
typedef struct {
  guint n_pictures, n_scores, n_camera, n_features_seen;
  CpacVerdict verdict;
  double score;
  double camera[CPAC_N_CAMERA_MEASURES]; /* sums */
  guint n_features;
  double *features; /* (n_features) sums, then means */
  gboolean is_mixed;
} CpacPartSum;

/* @n_features: 0 for none. */
void cpac_part_sum_init (CpacPartSum *sum, guint n_features);
void cpac_part_sum_clear (CpacPartSum *sum);
/* The pictures so far are kept, without their features. */
void cpac_part_sum_set_features (CpacPartSum *sum, guint n_features);
/* Begins the next part. */
void cpac_part_sum_restart (CpacPartSum *sum);
/* Pictures from here on are scored in another way than those so far. */
void cpac_part_sum_mix (CpacPartSum *sum);
/* @small_is_bad: scores are p-values. */
void cpac_part_sum_add (CpacPartSum *sum, const CpacMonitorPart *picture, gboolean small_is_bad);
/* The part, of at least one picture; its features belong to @sum and last until it is changed. */
CpacMonitorPart cpac_part_sum_get (CpacPartSum *sum);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (CpacPartSum, cpac_part_sum_clear)

G_END_DECLS
