/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/explain/explainer.h"
#include "core/explain/gradient-map.h"
#include "core/network/run.h"

/* A model of @layers on frames of @input with the `score` section @score: random weights of @seed,
 * and for a gaussian a random mean and a random lower triangle. (transfer full) */
CpacModel *explain_model (const char *layers, CpacDims input, const char *score, guint64 seed);
/* The same with its parameters changed; @change may be NULL. */
CpacModel *explain_model_changed (const char *layers, CpacDims input, const char *score,
                                  guint64 seed, void (*change) (CpacParams *params));

/* A run of @model on a random frame of @seed, in -2..2, computed. (transfer full) */
CpacRun *explain_run (const CpacModel *model, CpacPrecision precision, guint64 seed);

/* Explains what @run computed, in single precision, from those outputs that the explainer marks. */
const CpacExplanation *explain_explain (CpacExplainer *explainer, const CpacModel *model,
                                        CpacRun *run, const CpacScoredMap *scored);
const double *explain_gradient (CpacGradientMap *map, const CpacModel *model, CpacRun *run,
                                const CpacScoredMap *scored);

/* The heat map of what @run computed, in single precision; NULL for a classifier. (transfer full)
 */
float *explain_heat_map (const CpacModel *model, const CpacRun *run);

/* What is explained, from the outputs of a run in double precision: written down from the head's
 * definition, every cell of it, with nothing of core's arithmetic. */
double explain_quantity (const CpacModel *model, const CpacRun *run);
/* Whether the gaussian part of a combined head has the larger scaled score. */
gboolean explain_gaussian_decides (const CpacModel *model, const CpacRun *run);
