/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/explain/ignore-mask.h"
#include "core/model/model.h"
#include "core/train/manifest.h"

G_BEGIN_DECLS

/**
 * CalibrationParts:
 *
 * The scores that a calibration is made from: of every good part that the weights were not fitted
 * to, the largest of its pictures' scores.
 */
typedef struct {
  guint n, n_pictures;
  double *scores; /* (n), sorted upwards */
} CalibrationParts;

/*
 * Scores the parts of @manifest, without what @mask (may be NULL) says does not count. Where it
 * names splits, the good rows of @split (NULL: val); among them a part that training.json beside
 * the weights names as trained on is an error. Where it names none, the good rows of parts that are
 * not in training.json, neither for training nor for selection: the share that `cpac train` set
 * aside, and whatever is new. A list without labels is one of good parts.
 *
 * CPAC_ERROR_SCHEMA with the reason when no part is left; the errors of reading. (transfer full)
 */
CalibrationParts *
calibration_parts_score (CpacModel *model, const CpacManifest *manifest, const char *split,
                         CpacIgnoreMask *mask, guint n_threads, GError **error);
void calibration_parts_free (CalibrationParts *parts);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CalibrationParts, calibration_parts_free)

G_END_DECLS
