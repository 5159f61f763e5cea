/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/frame/frame.h"
#include "core/random.h"
#include "core/train/recipe.h"

G_BEGIN_DECLS

/*
 * One random change of a picture, and of its mask when it has one, as the recipe allows. Geometry
 * is one bilinear resampling (the border is repeated, the mask's outside is good); then gamma,
 * gain, offset and noise, computed in 8-bit units between undoing and redoing the normalisation,
 * and limited to 0..255 as a frame is. Flips, quarter turns and, as long as neither rotation nor
 * zoom is allowed, shifts (then by whole pixels) move pixels without changing them. Everything
 * comes from
 * @random (stream CPAC_STREAM_AUGMENT), so the same seed, step and picture give the same bytes, and
 * what one key of the recipe draws does not depend on the others.
 *
 * @input: (channels, height, width), changed in place; @scratch: as large
 * @mask: (mask_height, mask_width) shares 0..1 or NULL; @mask_scratch: as large
 */
void cpac_augment_apply (const CpacAugment *augment, const CpacInputSpec *spec, CpacRandom *random,
                         float *input, float *scratch, float *mask, guint mask_width,
                         guint mask_height, float *mask_scratch);

/* CPAC_ERROR_SHAPE for quarter turns of an input that is not square (which would be left alone). */
gboolean cpac_augment_check (const CpacAugment *augment, const CpacInputSpec *spec, GError **error);

/* Whether anything is allowed at all. */
gboolean cpac_augment_is_active (const CpacAugment *augment);

G_END_DECLS
