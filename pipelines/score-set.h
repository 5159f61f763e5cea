/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/score/scorer.h"
#include "core/train/manifest.h"

G_BEGIN_DECLS

/**
 * ScoredPicture:
 *
 * What evaluation keeps of one scored picture.
 */
typedef struct {
  const CpacSample *sample;
  guint width, height; /* of the picture */
  gboolean has_score;
  double score;
  gboolean is_calibrated;
  double score_normalized, p_value; /* of a calibrated model */
  CpacVerdict verdict;
  guint class_index; /* classifier: the largest probability */
  float *logits;     /* classifier: (n_classes) */
  float *map;        /* (map_height, map_width); NULL for a head that gives none */
  guint map_width, map_height;
  double map_min, map_max; /* the model's fixed scale of the heat map */
  GError *error;           /* why it could not be scored */
} ScoredPicture;

/* Scores every sample of @manifest whose split is @split (NULL: all), without what @mask (may be
 * NULL) says does not count, pictures shared out among @n_threads threads; the results do not
 * depend on their number and stand in the manifest's order. The first picture that cannot be read
 * or scored is an error. (transfer full) (element-type ScoredPicture) */
GArray *score_set (CpacModel *model, const CpacManifest *manifest, const char *split,
                   CpacIgnoreMask *mask, guint n_threads, GError **error);
/* The same for those samples whose @wanted (n_samples) is TRUE. */
GArray *score_samples (CpacModel *model, const CpacManifest *manifest, const gboolean *wanted,
                       CpacIgnoreMask *mask, guint n_threads, GError **error);

/**
 * ScoreVisitor:
 *
 * What else is done with each picture, in the thread that scored it. Each may be NULL; FALSE with
 * @error set ends the whole.
 */
typedef struct {
  /* Once for each of the scorers, before the first picture. */
  gboolean (*prepare) (CpacScorer *scorer, guint worker, gpointer user_data, GError **error);
  /* After picture @index of the result was scored. */
  gboolean (*visit) (CpacScorer *scorer, guint worker, guint index, const CpacSample *sample,
                     gpointer user_data, GError **error);
  gpointer user_data;
} ScoreVisitor;

/* score_set(), visited. */
GArray *score_set_visit (CpacModel *model, const CpacManifest *manifest, const char *split,
                         CpacIgnoreMask *mask, guint n_threads, const ScoreVisitor *visitor,
                         GError **error);

G_END_DECLS
