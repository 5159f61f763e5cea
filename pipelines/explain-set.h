/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/explain/explainer.h"
#include "pipelines/localisation.h"
#include "pipelines/score-set.h"

G_BEGIN_DECLS

typedef struct {
  const char *layer;    /* NULL: the default */
  const char *split;    /* NULL: all */
  CpacIgnoreMask *mask; /* what does not count; NULL: everything counts */
  guint n_threads;
  guint grow;        /* of the masks, in pixels of the network's input */
  gboolean baseline; /* also measure the magnitude of the gradient by the frame */
} ExplainOptions;

/* What is kept of one explained picture. */
typedef struct {
  CpacQuantity quantity;
  const char *class_name, *rival;
  double explained, bias_part, identity_error;
  double *contributions; /* (rank), by index */
  gboolean has_mask;     /* one that marks a defect */
  double area;           /* of it, grown */
  Localisation own, baseline;
} ExplainedPicture;

/**
 * ExplainedSet:
 *
 * The pictures of a list, scored and explained at one layer.
 */
typedef struct {
  const char *layer; /* the model's */
  guint rank;
  double *significance; /* (rank) */
  GArray *scores;       /* (element-type ScoredPicture) */
  GArray *pictures;     /* (element-type ExplainedPicture), of those at the same index */
} ExplainedSet;

/* Errors: of the model's explanation, of reading and scoring. (transfer full) */
ExplainedSet *explained_set_new (CpacModel *model, const CpacManifest *manifest,
                                 const ExplainOptions *options, GError **error);
/* Takes NULL. */
void explained_set_free (ExplainedSet *set);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ExplainedSet, explained_set_free)

/* What a set has in common for one label. Of components: the mean of their shares. */
typedef struct {
  const char *label;
  guint n, n_masks, n_hits, n_baseline_hits;
  double area, mass_inside, baseline_mass_inside; /* means over those with a mask; NAN without */
  double *shares;                                 /* (rank), by index */
  guint *order;                                   /* (rank), the largest |share| first */
} ExplainedLabel;

/* One for every label, in the order in which they come. A map without a positive value has no mass
 * on the defect. (transfer full) (element-type ExplainedLabel) */
GArray *explained_set_by_label (const ExplainedSet *set);

/* Prints the whole, at most @n_components of each. */
void explained_set_print_json (const ExplainedSet *set, const CpacModel *model,
                               const ExplainOptions *options, guint n_components);
void explained_set_print_text (const ExplainedSet *set, const CpacModel *model,
                               const ExplainOptions *options, guint n_components);

G_END_DECLS
