/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/*
 * Parts that follow each other are alike, and charts whose limits take them for independent alarm
 * too often: an EWMA eight times as often at a lag-1 autocorrelation of 0.5. So it is estimated,
 * and where it matters the residuals of an AR(1) are charted, which are independent.
 */

#define CPAC_N_LAGS 5
/* Below, points are charted as they are. */
#define CPAC_AUTOCORRELATION_MIN 0.1
/* Above, nothing is left of a part that the one before did not say. */
#define CPAC_AUTOCORRELATION_MAX 0.95

/* Autocorrelations of @x (n) about @center at lags 1 to 5, over pairs whose values are both in
 * (@is_in (n), NULL for all); 0 where there are no pairs or no spread. */
void cpac_autocorrelation_estimate (const double *x, const gboolean *is_in, guint n, double center,
                                    double lags[CPAC_N_LAGS]);

/* The phi of an AR(1) whose lag-1 autocorrelation was estimated as @lag1 from @n values: without
 * the estimate's bias of -(1 + 4 phi) / n (Kendall 1954); 0 where it is below
 * CPAC_AUTOCORRELATION_MIN, bounded by CPAC_AUTOCORRELATION_MAX. */
double cpac_autocorrelation_get_phi (double lag1, guint n);

/* Whether @lags of @n values fall more slowly than those of an AR(1) with @phi: by more than four
 * standard errors at lag 5. Then the process was moving, not only remembering. */
gboolean cpac_autocorrelation_is_slow (const double lags[CPAC_N_LAGS], double phi, guint n);

/* What @x has that @previous did not foretell, of variance 1: (x - phi previous) / sqrt (1 -
 * phi^2). */
double cpac_autocorrelation_get_residual (double x, double previous, double phi);

G_END_DECLS
