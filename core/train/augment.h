/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/frame/frame.h"
#include "core/random.h"
#include "core/train/recipe.h"

G_BEGIN_DECLS

/*
 * One random change of a picture, and of its mask when it has one, as the recipe allows. Geometry is
 * one bilinear resampling (the border is repeated, the mask's outside is good); then gamma, gain,
 * offset and noise, computed in 8-bit units between undoing and redoing the normalisation.
 * Everything comes from @random, so the same seed, step and picture give the same bytes.
 *
 * @input: (channels, height, width), changed in place; @scratch: as large
 * @mask: (mask_height, mask_width) shares 0..1 or NULL; @mask_scratch: as large
 */
void cpac_augment_apply (const CpacAugment *augment, const CpacInputSpec *spec,
                         CpacRandom *random, float *input, float *scratch, float *mask,
                         guint mask_width, guint mask_height, float *mask_scratch);

/* Whether anything is allowed at all. */
gboolean cpac_augment_is_active (const CpacAugment *augment);

G_END_DECLS
