/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/network/params.h"
#include "core/train/recipe.h"

G_BEGIN_DECLS

/*
 * Writes first values for every parameter, from @seed.
 *
 * Factors by CPAC_INIT_HE: unit columns of b, c and d, orthonormal within blocks of as many columns
 * as the mode is large, and a ~ N (0, 2/R), so that the composite kernel has He's variance exactly,
 * Var K = R (2/R) / (kh kw C); with one input channel d is 1. Then the columns are balanced. By
 * CPAC_INIT_ALS_GAUSSIAN, the authors': CP-ALS of a kernel of N (0, 1) / (kh kw).
 * Dense kernels: N (0, 2 / fan in). Biases: 0. Constants keep their values.
 */
gboolean cpac_init_params (const CpacNetwork *network, CpacParams *params, const CpacRecipe *recipe,
                           guint64 seed, GError **error);

/*
 * The data-dependent pass (after LSUV, Mishkin, Matas 2016): layer by layer, on @n_pictures inputs,
 * every component of a cpac-conv layer is scaled in c so that its Z_r has root mean square 1, then
 * a (or the weights of a dense layer) so that the layer's output has. Silent components and layers
 * are left as they are, and so are the layers that @taken marks: their values have been learnt, and
 * what stands on them is scaled by what they put out. @taken: (n_layers), NULL for none.
 * @inputs: (n_pictures, channels, height, width).
 */
void cpac_init_scale (const CpacNetwork *network, CpacParams *params, const gboolean *taken,
                      const float *inputs, guint n_pictures);

/*
 * Copies into @params what a trained network has to give: the parameters of every layer that
 * @donor_network has, too, under the same name, of the same type and with parameters of the same
 * shapes. Constants stay. Returns how many layers took theirs; @taken (n_layers), where not NULL,
 * receives which.
 */
guint cpac_init_take (const CpacNetwork *network, CpacParams *params,
                      const CpacNetwork *donor_network, const CpacParams *donor, gboolean *taken);

/* The layer of @donor_network that has @layer's name, type and shapes of parameters; -1: none. */
gint cpac_init_find_donor (const CpacNetwork *donor_network, const CpacLayer *layer);

G_END_DECLS
