/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/train/fit.h"

/* One copy of one picture. */
typedef struct {
  CpacSplit split;
  guint index;
  gboolean mirror, upside_down;
} CpacFitPicture;

/* The good pictures of @split; @copies: with those that are turned over, @defects: and the others.
 * (transfer full) (element-type CpacFitPicture) */
GArray *cpac_fit_list_pictures (const CpacFitOptions *options, CpacSplit split, gboolean copies,
                                gboolean defects);

/* Whether @n good pictures are enough for @gaussian, and val has any; the errors of cpac_fit(). */
gboolean cpac_fit_check_enough (const CpacDataset *dataset, const CpacGaussian *gaussian, guint n,
                                GError **error);
