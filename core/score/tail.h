/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "core/error.h"

G_BEGIN_DECLS

/* Excesses a fit needs, and the most it uses: what lies deeper in the tail describes it better. No
 * more than a calibration keeps one by one: where the tail begins the p-value must be exact. */
#define CPAC_TAIL_MIN_EXCESSES 30
#define CPAC_TAIL_MAX_EXCESSES 500
#define CPAC_TAIL_MAX_SHAPE 0.5
/* How far beyond the data a tail may be trusted: to a tenth of the sample's own resolution. */
#define CPAC_TAIL_EXTRAPOLATION 10

/**
 * CpacTail:
 *
 * A generalised Pareto distribution of the scores above a high one: of those that exceed `begin`,
 * the share that exceeds begin + x is (1 + gamma x / sigma)^(-1 / gamma), exp (-x / sigma) for
 * gamma = 0 (Pickands 1975, Balkema and de Haan 1974: the limit for nearly every distribution).
 */
typedef struct {
  double begin, sigma, gamma;
  guint n_excesses; /* scores it was fitted to */
  double fit_p;     /* p-value of the Anderson-Darling test of that fit */
} CpacTail;

/* Share of what exceeds tail->begin that exceeds begin + @excess >= 0. */
double cpac_tail_get_share (const CpacTail *tail, double excess);
/* The excess at which that share is @share, in (0, 1]. */
double cpac_tail_get_excess (const CpacTail *tail, double share);

/* The maximum-likelihood sigma and gamma of @excesses (n), all above 0, sorted upwards, @n at least
 * 2; gamma within +-0.5. Profile likelihood in one variable, Grimshaw 1993. */
void cpac_tail_fit_excesses (const double *excesses, guint n, double *sigma, double *gamma);

/* Anderson-Darling statistic of @excesses (n), sorted upwards, against the distribution @tail. */
double cpac_tail_get_anderson_darling (const CpacTail *tail, const double *excesses, guint n);

/**
 * cpac_tail_fit:
 * @scores: (n), sorted upwards, finite
 *
 * Fits the tail above the 90th percentile of @scores, at most the 500 largest. The fit is tested
 * by its Anderson-Darling statistic, whose distribution is simulated (parameters are estimated, so
 * tables do not hold) under @seed.
 *
 * Returns: FALSE when the tail cannot be used, with the reason in @reason (transfer full): fewer
 * than 30 excesses, or a fit that 1 of 20 true ones would not be as bad as. In the second
 * case @tail says which fit it was.
 */
gboolean cpac_tail_fit (const double *scores, guint n, guint64 seed, CpacTail *tail, char **reason);

G_END_DECLS
