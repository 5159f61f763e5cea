/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/train/variables.h"

G_BEGIN_DECLS

/* Learning rate of step @step (from 0) of @n_steps: linear warm-up to the peak, then a cosine down
 * to rate_end of it. */
double cpac_optimizer_rate (const CpacRecipe *recipe, guint64 step, guint64 n_steps);

/*
 * Moves the variables against their gradients, which are first scaled so that their global norm is
 * at most recipe->clip. Adam (Kingma, Ba 2015) with bias correction for step @step (from 0), or SGD
 * with momentum: v <- momentum v + g, x <- x - rate v. Returns the norm before clipping.
 */
double
cpac_optimizer_step (const CpacRecipe *recipe, CpacVariables *variables, guint64 step, double rate);

G_END_DECLS
