/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/score/head.h"

G_BEGIN_DECLS

/* Whether the score of @head follows from the network's last output alone, as those of a classifier
 * and of a map do. */
gboolean cpac_score_has_gradient (const CpacHead *head);

/**
 * cpac_score_gradient:
 * @output: shape of the network's last output
 * @logits: its values, all finite
 * @gradient: of the same shape, overwritten: dS/dlogits
 *
 * The gradient of the score. Of a map: its largest cell (the first of equals), or its cells among
 * the `top` ones, each spread over the 3x3 logits it is the mean of. Of a classifier: p_i (1 - S)
 * for a bad class, -p_i S for a good one; without good classes the most probable one counts as
 * good.
 */
void cpac_score_gradient (const CpacHead *head, const CpacDims *output, const float *logits,
                          float *gradient);

G_END_DECLS
