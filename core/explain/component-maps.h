/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/explain/explainer.h"
#include "core/score/inspection.h"

G_BEGIN_DECLS

/**
 * CpacComponentMaps:
 *
 * What is published of an explanation: the strongest components, their maps as 8 bits at a fixed
 * scale. One thread at a time.
 */
typedef struct _CpacComponentMaps CpacComponentMaps;

/* The @n strongest, or all of a layer that has fewer. Errors: as cpac_explainer_new().
 * (transfer full) */
CpacComponentMaps *
cpac_component_maps_new (CpacModel *model, const char *layer, guint n, GError **error);
/* Takes NULL. */
void cpac_component_maps_free (CpacComponentMaps *maps);

/* The layers that it reads, as cpac_explainer_mark(). */
void cpac_component_maps_mark (const CpacComponentMaps *maps, gboolean *layers);

/* Explains the picture that gave @activations, as cpac_explainer_explain(), and puts it into
 * @result, whose pointers are valid until the next call. */
void cpac_component_maps_publish (CpacComponentMaps *maps, const CpacActivations *activations,
                                  const CpacScoredMap *scored, const CpacThresholds *in_force,
                                  CpacInspection *result);
/* That explanation. */
const CpacExplanation *cpac_component_maps_get_explanation (const CpacComponentMaps *maps);

/* The largest value of a map of contributions to @quantity that is told from larger ones: 1/16 of
 * what moves it from the middle of its scale to the end. That is the half width of the heat map's
 * scale, 8 for a classifier's logits, and for a distance its square at the threshold. A score is
 * the mean of 3x3 cells at least, and one component rarely holds more than half of a cell's part.
 */
double cpac_component_maps_get_limit (const CpacModel *model, CpacQuantity quantity,
                                      const CpacThresholds *in_force);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CpacComponentMaps, cpac_component_maps_free)

G_END_DECLS
