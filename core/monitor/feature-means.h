/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/score/inspection.h"

G_BEGIN_DECLS

/* Channels of all @maps (@n layers). */
guint cpac_feature_count (const CpacFeatureMaps *maps, guint n);

/* Fills @means (cpac_feature_count()) with the mean of each channel, layer after layer. Sums are
 * taken in one order everywhere. FALSE where one is not finite. */
gboolean cpac_feature_means (const CpacFeatureMaps *maps, guint n, double *means);

/* "LAYER:CHANNEL" of number @index. (transfer full) */
char *cpac_feature_name (const CpacFeatureMaps *maps, guint n, guint index);

G_END_DECLS
