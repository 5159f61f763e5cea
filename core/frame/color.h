/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/frame/format.h"

G_BEGIN_DECLS

/* Components of a frame that @channels output channels are made of: 1 or 3. */
guint cpac_color_n_components (CpacColorFamily family, guint channels);

/* Significant bits of a sample. */
guint cpac_color_bit_depth (const CpacFrameInfo *info);

/* Fills spec->channels of @mixes: everything between sample values and network input at CpacFrame.
 * @divisors: what the sum of each component has to be divided by to be its mean. */
void cpac_color_init (CpacMix mixes[3], const CpacInputSpec *spec, const CpacFrameInfo *info,
                      const double divisors[3]);

G_END_DECLS
