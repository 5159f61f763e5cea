/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/score/head.h"
#include "core/train/recipe.h"

G_BEGIN_DECLS

/*
 * Losses of one picture and their gradients by the network's last outputs, with sums in double.
 */

/* -sum_i t_i log p_i, p = softmax (logits), t the true class softened: 1 - smoothing +
 * smoothing / n there, smoothing / n elsewhere. d/dlogit_i = p_i - t_i. */
double cpac_loss_cross_entropy (const float *logits, guint n, guint truth, double smoothing,
                                float *gradient);

/*
 * Mean over @n cells, p = sigmoid (logit), t the share of the cell that is defect (0..1), w the
 * weight of defects, of
 *
 *   -w t (1 - p)^gamma log p - (1 - t) p^gamma log (1 - p)
 *
 * gamma = 0 is binary cross-entropy, gamma > 0 the focal loss (Lin et al. 2017).
 */
double cpac_loss_pixels (const float *logits, const float *mask, gsize n, double positive_weight,
                         double gamma, float *gradient);

/*
 * What w is multiplied by so that large defects do not drown small ones: (n / 20 / d)^balance, d
 * the defect cells of @mask, at least 1. At balance 0 every defect cell counts the same, at 1 every
 * defect does, however large.
 */
double cpac_loss_balance (const float *mask, gsize n, double balance);

/* ||output - wanted||^2 / (n variance) of @n outputs, and its gradient (NULL: not wanted): 1 for a
 * network that always gives the mean of what is wanted, whose mean variance is @variance. */
double cpac_loss_distance (const float *output, const float *wanted, gsize n, double variance,
                           float *gradient);

/* Binary cross-entropy of @score, as a logit of @is_defect, and its derivative in @slope. */
double cpac_loss_score (double score, gboolean is_defect, double *slope);

/*
 * What the whole picture says, beside its cells: @weight times cpac_loss_score() of S, the score
 * of head `map`. Its gradient is ADDED to
 * @gradient (height, width): the cells that make the score share it, so that good pictures push
 * down their own highest cells, whichever these are. @map and @scratch: room for the cells, each.
 */
double
cpac_loss_picture (const CpacHead *head, const float *logits, guint width, guint height,
                   gboolean is_defect, double weight, float *map, float *scratch, float *gradient);

G_END_DECLS
