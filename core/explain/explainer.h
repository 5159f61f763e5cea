/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/explain/target.h"

G_BEGIN_DECLS

/**
 * CpacComponent:
 * @index: r, of the layer's components
 * @significance: lambda_r^2 / sum lambda^2, lambda_r = |a_r| |b_r| |c_r| |d_r|: its share of the
 *   components' energy in the kernel, 0..1, the same for every picture
 * @contribution: the sum of its map, in units of what is explained
 * @share: @contribution divided by the sum of all components' magnitudes, -1..1
 * @map: (height, width) C_r: what each place contributed through this component
 */
typedef struct {
  guint index;
  double significance;
  double contribution, share;
  const double *map;
} CpacComponent;

/**
 * CpacExplanation:
 *
 * A score shared out among the components of one CPAC layer, without remainder:
 *
 *   explained = bias_part + sum over the components of contribution.
 *
 * With Z the component maps of the layer (what goes into its last stage) and G the gradient of what
 * is explained, S, by its output, C_r(p) = Z_r(p) sum_n a[n,r] G_n(p). The bias part is worked out
 * on its own, from the biases of the layer and of those behind it, from what reaches the score on
 * paths around the layer (through add and concat; template planes; features of other layers) and
 * from the head's own constant (the mean of good parts in a distance). Pointers are the
 * explainer's.
 */
typedef struct {
  CpacQuantity quantity;          /* what S is */
  const char *class_name, *rival; /* classifier: S = the first's logit minus the second's */
  const char *layer;
  guint width, height; /* of the maps */
  double explained;    /* S */
  double bias_part;    /* B */
  /* |S - B - sum C| / max (|S|, |B| + sum |C|), over components; 0 when all are 0. */
  double identity_error;
  guint n_components; /* all of the layer, the largest |contribution| first */
  const CpacComponent *components;
  const double *total; /* (height, width): the sum of their maps, E(p) */
} CpacExplanation;

/**
 * CpacExplainer:
 *
 * What explains the scores of one model's runs at one layer. The layer's maps and all behind them
 * are computed again in double precision, from the layer's input as the run had it: sums over many
 * cells of either sign would not close to 1e-6 in float. One thread at a time.
 */
typedef struct _CpacExplainer CpacExplainer;

/**
 * cpac_explainer_new:
 * @layer: name of a cpac-conv layer; NULL: the default, see cpac_explained_layer_choose()
 *
 * Takes a reference to @model. Errors: CPAC_ERROR_SCHEMA for a head without a score, and as that
 * function; CPAC_ERROR_SHAPE where it would take more than CPAC_MAX_ELEMENTS numbers.
 * (transfer full)
 */
CpacExplainer *cpac_explainer_new (CpacModel *model, const char *layer, GError **error);
/* Takes NULL. */
void cpac_explainer_free (CpacExplainer *explainer);

/* The layer; how many components it has, and cells in each one's map; their significance (rank). */
const char *cpac_explainer_get_layer (const CpacExplainer *explainer);
void cpac_explainer_get_shape (const CpacExplainer *explainer, guint *rank, gsize *cells);
const double *cpac_explainer_get_significance (const CpacExplainer *explainer);

/* Sets in @layers (n_layers) those whose outputs are read to explain; leaves the others. */
void cpac_explainer_mark (const CpacExplainer *explainer, gboolean *layers);

/* Explains the picture that gave @activations, with at least the outputs marked above, and that was
 * scored by way of @scored. All outputs are finite. Valid until the next call. */
const CpacExplanation *
cpac_explainer_explain (CpacExplainer *explainer, const CpacActivations *activations,
                        const CpacScoredMap *scored);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CpacExplainer, cpac_explainer_free)

G_END_DECLS
