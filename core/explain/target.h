/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/explain/downstream.h"
#include "core/model/model.h"

G_BEGIN_DECLS

/* What is explained in place of a score: the quantity that decides on it and is linear (a distance:
 * quadratic) in what the network gives. */
typedef enum {
  CPAC_QUANTITY_LOGIT_DIFFERENCE, /* classifier */
  CPAC_QUANTITY_MAP_SCORE,        /* map */
  CPAC_QUANTITY_SQUARED_DISTANCE, /* gaussian */
} CpacQuantity;

/* "logit-difference", "map-score", "squared-distance". */
const char *cpac_quantity_to_string (CpacQuantity quantity);

/**
 * CpacScoredMap:
 * @map: the heat map; NULL for a head that gives none
 * @ignored: its cells that do not count (see CpacIgnoreMask); NULL: all do
 * @ignored_grid: the same of a combined head's gaussian
 *
 * What a score was made of beside the outputs of the run.
 */
typedef struct {
  const float *map;
  const guint8 *ignored, *ignored_grid;
} CpacScoredMap;

/**
 * CpacTarget:
 *
 * The quantity S that is explained, for every head, and its gradient by what the head reads:
 *
 *  - classifier: the largest logit of a bad class minus the largest of a good one: above 0 a bad
 *    class is named. Without good classes, where the score is doubt about the class named: that
 *    class's logit minus the next largest, which is what speaks for this class and no other.
 *  - map: the score itself: the largest 3x3 mean of the logits, or the mean of the `top` ones.
 *  - gaussian: of the cells that make the score, the mean of the squared distances |W (f - mu)|^2 /
 *    n. That is quadratic: with h = W^T W (f - mu) / n held fixed, S = <h, f> - <h, mu>, so that
 *    half the gradient is what is shared out, and - <h, mu> is a constant.
 *  - combined: of the part whose scaled score is the larger one (the map on a tie), what it is
 *    alone, before scaling.
 *
 * Which classes or cells these are, and which part, is decided by the numbers of the run that made
 * the score. One thread at a time.
 */
typedef struct _CpacTarget CpacTarget;

/* @model is borrowed. CPAC_ERROR_SCHEMA for a head that gives no score. (transfer full) */
CpacTarget *cpac_target_new (const CpacModel *model, GError **error);
/* Takes NULL. */
void cpac_target_free (CpacTarget *target);

/* The layers the score is made of. */
const guint *cpac_target_get_ends (const CpacTarget *target, guint *n_ends);

/* Sets in @layers (n_layers) those whose outputs decide. */
void cpac_target_mark (const CpacTarget *target, gboolean *layers);

/* Chooses what decided about the picture that gave @activations and that was scored by way of
 * @scored. All numbers are finite. */
void cpac_target_choose (CpacTarget *target, const CpacActivations *activations,
                         const CpacScoredMap *scored);

/* Of the present choice: returns S, computed from the values of @downstream's ends, adds its
 * gradients to theirs, and the head's own constant, S - <ends, gradients>, to @offset. */
double cpac_target_seed (CpacTarget *target, CpacDownstream *downstream, double *offset);

CpacQuantity cpac_target_get_quantity (const CpacTarget *target);
/* Classifier: the classes whose logits are subtracted from each other; else NULL. */
const char *cpac_target_get_class (const CpacTarget *target);
const char *cpac_target_get_rival (const CpacTarget *target);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CpacTarget, cpac_target_free)

G_END_DECLS
