/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/explain/explainer.h"
#include "core/explain/ignore-mask.h"
#include "core/frame/frame.h"
#include "core/model/model.h"
#include "core/score/inspection.h"

G_BEGIN_DECLS

/**
 * CpacScorer:
 *
 * One stream's scoring: a model, a run and the buffers for what is published. The element, the tool
 * and the tests all score through it, so that they cannot differ. One thread at a time.
 */
typedef struct _CpacScorer CpacScorer;

typedef struct {
  guint n_threads;             /* at least 1 */
  const char *const *features; /* names of layers whose maps are published; NULL: none */
  CpacIgnoreMask *ignore_mask; /* what does not count; NULL: everything counts */
} CpacScorerOptions;

#define CPAC_SCORER_OPTIONS_INIT                                                                   \
  {                                                                                                \
    .n_threads = 1, .features = NULL, .ignore_mask = NULL                                          \
  }

/* Takes a reference to @model. CPAC_ERROR_SCHEMA when a feature names no layer, and as
 * cpac_level_get(), at whose level everything is computed. (transfer full) */
CpacScorer *cpac_scorer_new (CpacModel *model, const CpacScorerOptions *options, GError **error);
/* Takes NULL. */
void cpac_scorer_free (CpacScorer *scorer);
CpacModel *cpac_scorer_get_model (const CpacScorer *scorer);

/* Defect regions of fewer pixels of the frame are not listed from the next frame on; 0, and at
 * first, all are. The score does not know of it: a frame may be not-ok without a region. */
void cpac_scorer_set_min_region_area (CpacScorer *scorer, guint area);

/* What kind of frames come from now on, and which region of them is looked at (NULL: all). On
 * failure (CPAC_ERROR_SHAPE also where the ignore mask leaves no cell of a map) the scorer has no
 * stream and must be given another. */
gboolean cpac_scorer_set_stream (CpacScorer *scorer, const CpacFrameInfo *info,
                                 const CpacRect *region, GError **error);
gboolean cpac_scorer_has_stream (const CpacScorer *scorer);

/* From the next frame on, what is scored is explained too, by the @n strongest components of the
 * cpac-conv layer @layer (NULL: see cpac_explainer_new()); 0 ends that and gives its memory back.
 * Scores do not depend on it. On failure nothing is explained; errors as cpac_explainer_new(). */
gboolean cpac_scorer_set_explain (CpacScorer *scorer, guint n, const char *layer, GError **error);

/* Scores @frame under the thresholds @in_force (NULL: the model's). The result belongs to the
 * scorer and is valid until its next call; frame, part_id and time_ns are the caller's to fill. A
 * network output that is not finite gives status error, verdict undefined and no score. */
CpacInspection *
cpac_scorer_score (CpacScorer *scorer, const CpacFrame *frame, const CpacThresholds *in_force);

/* The result of a frame that was not looked at: thresholds, model, size and region, and no score.
 * Valid as the above. */
CpacInspection *
cpac_scorer_pass (CpacScorer *scorer, CpacStatus status, const CpacThresholds *in_force);

/* Of the last frame that was scored: the network's input and last output, the latter
 * cpac_network_get_output() long; and, for heads that give one, the map (NULL otherwise). */
const float *cpac_scorer_get_input (const CpacScorer *scorer);
const float *cpac_scorer_get_output (const CpacScorer *scorer);
const float *cpac_scorer_get_map (const CpacScorer *scorer);
/* The same frame's explanation; NULL when it was not explained. */
const CpacExplanation *cpac_scorer_get_explanation (const CpacScorer *scorer);
/* For other explanations: from the next frame on, the outputs of @layers (n_layers) are kept, too;
 * scores do not depend on it. What the network made of the last frame, and what the score was made
 * of beside that. */
void cpac_scorer_keep (CpacScorer *scorer, const gboolean *layers);
const CpacActivations *cpac_scorer_get_activations (const CpacScorer *scorer);
CpacScoredMap cpac_scorer_get_scored_map (const CpacScorer *scorer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CpacScorer, cpac_scorer_free)

G_END_DECLS
