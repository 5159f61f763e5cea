/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "pipelines/figures.h"

G_BEGIN_DECLS

static inline const ScoredPicture *
figures_picture (const GArray *pictures, guint i)
{
  return &g_array_index (pictures, ScoredPicture, i);
}

/* Tables by class and by size, of figures that have samples and areas. */
void figures_measure_rows (Figures *figures, const CpacHead *head, const GArray *pictures,
                           guint n_draws, guint64 seed);
/* Areas of the defects, and the pixel figures where there are maps. */
gboolean figures_measure_masks (Figures *figures, const GArray *pictures, guint n_draws,
                                guint64 seed, GError **error);
/* @hits of @n with the exact interval, and @by_part beside it. */
FigureRate figures_make_rate (guint hits, guint n, const CpacInterval *by_part);
/* Parts with a picture that @take (n) says yes to. */
guint figures_count_parts (const Figures *figures, const gboolean *take);

G_END_DECLS
