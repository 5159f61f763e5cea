/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/explain/target.h"

G_BEGIN_DECLS

/**
 * CpacGradientMap:
 *
 * |dS/dx| for every pixel of the network's input, summed over its channels: the usual saliency map,
 * which says where S is sensitive and not where it comes from. The baseline that an explanation is
 * held against. Any layers may lie on the way. One thread at a time.
 */
typedef struct _CpacGradientMap CpacGradientMap;

/* Takes a reference to @model. CPAC_ERROR_SCHEMA for a head without a score; CPAC_ERROR_SHAPE where
 * it would take more than CPAC_MAX_ELEMENTS numbers. (transfer full) */
CpacGradientMap *cpac_gradient_map_new (CpacModel *model, GError **error);
/* Takes NULL. */
void cpac_gradient_map_free (CpacGradientMap *map);

/* The layers whose outputs it reads, as cpac_explainer_mark(). */
void cpac_gradient_map_mark (const CpacGradientMap *map, gboolean *layers);

/* Of the picture that gave @activations, as cpac_explainer_explain(). (height, width) of the
 * network's input; valid until the next call. */
const double *cpac_gradient_map_compute (CpacGradientMap *map, const CpacActivations *activations,
                                         const CpacScoredMap *scored);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CpacGradientMap, cpac_gradient_map_free)

G_END_DECLS
