/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/model/config.h"
#include "core/score/tail.h"

G_BEGIN_DECLS

#define CPAC_CALIBRATION_MAX_QUANTILES 1001
#define CPAC_CALIBRATION_MAX_PARTS 100000000

/**
 * CpacCalibration:
 *
 * What a sample of good parts says about scores: the sub-section `calibration` of a model's
 * `score`. Immutable once made.
 *
 * The unit is the physical part, and its score is the largest of its pictures' scores: a part is
 * rejected when any of its pictures is, so only that score's distribution says how many good parts
 * will be. Pictures of one part are near copies; counted one by one they would promise what they
 * cannot keep.
 *
 * Up to 1,001 parts every score is kept. Of more, the 501 largest are, where thresholds lie, and
 * 500 others at evenly spaced ranks from the smallest on.
 */
typedef struct {
  guint n_parts;
  double max_false_reject;      /* what was asked for */
  double confidence;            /* and with which confidence */
  double promised_false_reject; /* what the threshold of that day promises with it */
  char *data_sha256;            /* of the list of pictures */
  char *scoring_sha256;         /* of what gave the scores: see cpac_model_get_scoring_sha256() */
  char *ignore_mask_sha256;     /* of the mask that did not count then; NULL: everything counted */
  guint n_quantiles;            /* min (n_parts, 1001) */
  double *quantiles;            /* (n_quantiles), never falling */
  gboolean has_tail;
  CpacTail tail; /* fitted to the largest scores, where the fit was not rejected */

  /* Derived. */
  double median;
  double floor;          /* least p-value: what lies beyond is not known */
  double end;            /* score from which on it is reached */
  double surprise_end;   /* surprise at @end, or just above it where there is no tail */
  double surprise_slope; /* per score, beyond @end */
  double tail_p;         /* p-value where the tail begins */
} CpacCalibration;

/* A summary of the parts' @scores (n), sorted upwards, finite, @n at least 1; @tail may be NULL.
 * The other public fields are the caller's to fill. (transfer full) */
CpacCalibration *cpac_calibration_new (const double *scores, guint n, const CpacTail *tail);
/* Takes NULL. */
void cpac_calibration_free (CpacCalibration *calibration);

/* Reads the section. CPAC_ERROR_SCHEMA. (transfer full) */
CpacCalibration *cpac_calibration_read (const CpacConfig *map, GError **error);
/* The section's value as YAML in flow style, on several lines without indentation.
 * (transfer full) */
char *cpac_calibration_to_yaml (const CpacCalibration *calibration);

/* Whether it says something about scores made with this mask (NULL: none). It does where the mask
 * is the one it was made with, and with any mask where it was made without one: a mask can only
 * lower a score. */
gboolean
cpac_calibration_suits_mask (const CpacCalibration *calibration, const char *ignore_mask_sha256);

/**
 * cpac_calibration_get_p_value:
 *
 * How many good parts look this bad: the conformal p-value (1 + parts scoring as much or more) /
 * (parts + 1), between two scores by the straight line, which is never below it where every score
 * is kept; of more parts, at most 1 / 499 below it, among the smaller scores. From where the fitted
 * tail begins, that tail. Never less than 1 / (parts + 1), with a tail 1 / (10 parts): what
 * so many parts cannot know is not said. Never rises with @score. */
double cpac_calibration_get_p_value (const CpacCalibration *calibration, double score);

/**
 * cpac_calibration_normalize:
 *
 * The score as a number in 0..1 that means the same for every model: 0.5 at @threshold, which is
 * the one in force, 0.1 at the median good part, never falling:
 *
 *   1 / (1 + exp (-ln 9 (g (score) - g (threshold)) / (g (threshold) - g (median)))),
 *
 * g = -log10 of the p-value, which beyond the least p-value goes on along the straight line from
 * the median to there, so that a gross defect is told from one just above the threshold. A
 * threshold nearer to the median than a p-value of a quarter, or below it, is taken as that far
 * away: then the median is not 0.1. */
double
cpac_calibration_normalize (const CpacCalibration *calibration, double score, double threshold);

/* The share of good parts that will be above @threshold at most, with the calibration's confidence:
 * what a threshold that was changed since promises. 1 where every part is above it. */
double cpac_calibration_get_promise (const CpacCalibration *calibration, double threshold);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CpacCalibration, cpac_calibration_free)

G_END_DECLS
