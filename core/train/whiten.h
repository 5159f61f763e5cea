/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/train/moments.h"

G_BEGIN_DECLS

/*
 * From moments to the tensors of a gaussian head. Channels of one layer share a unit, the square
 * root of their mean variance (over all cells): a block of large features must not drown another in
 * what follows. In these units, the covariance C of p channels becomes
 *
 *   (1 - s) C + s (tr C / p) 1
 *
 * with the shrinkage s; the units are then folded into the whitening.
 */

/* The units: @scales (n) receives 1 / unit of each channel; of a layer that never changes, 1. */
void
cpac_whiten_get_scales (const CpacMoments *moments, const CpacGaussian *gaussian, double *scales);

/**
 * cpac_whiten_ledoit_wolf:
 * @fourth: sum over all samples of |x|^4, x the features in their units about the mean
 *
 * The shrinkage that, for independent samples, minimises the expected squared error of the shared
 * covariance (Ledoit, Wolf: A well-conditioned estimator for large-dimensional covariance matrices,
 * J. Multivariate Analysis 88, 2004): s = b / d limited to 1, where d = |C - m 1|^2, m = tr C / p
 * and b = (fourth / N - |C|^2) / N.
 */
double cpac_whiten_ledoit_wolf (const CpacMoments *moments, const double *scales, double fourth);

/* Sets mean and whitening of @gaussian. With covariances for each cell, each becomes the mean of
 * those of the cells up to @reach rows and columns away, every one about its own mean: parts never
 * lie in exactly the same place, and the mean of nine is known nine times better.
 * CPAC_ERROR_NUMERIC when a covariance has no inverse: at shrinkage 0 with channels that depend on
 * each other, or when no channel ever changes. */
gboolean
cpac_whiten (const CpacMoments *moments, const double *scales, guint reach, double shrinkage,
             CpacWorkers *workers, CpacGaussian *gaussian, GError **error);

G_END_DECLS
