/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/monitor/chart.h"

G_BEGIN_DECLS

#define CPAC_HOTELLING_MAX_FEATURES 256
#define CPAC_HOTELLING_MAX_AXES 20
/* Parts of phase I a feature needs; with fewer, axes are noise. */
#define CPAC_HOTELLING_PARTS_PER_FEATURE 5

/**
 * CpacHotelling:
 *
 * Two charts of a part's feature vector: T^2 along the main axes of how good parts differ
 * (Hotelling 1947), Q for what lies outside them (Jackson and Mudholkar 1979). T^2 alone: known
 * variation, only larger. Q: something that good parts do not do.
 *
 * Features are standardised, g = (f - mean) / scale; a feature that never varied is left out (scale
 * 0). Immutable once fitted.
 */
typedef struct {
  guint n_features, n_axes;
  guint n_parts, n_used; /* of phase I; and in control there */
  double *mean, *scale;  /* (n_features) */
  double *axes;          /* (n_axes, n_features), rows of length 1 */
  double *variances;     /* (n_axes), falling */
  double t2_limit;
  double q_limit; /* 0: the axes hold everything, there is no Q */
} CpacHotelling;

/* All of it zeros but the sizes. (transfer full) */
CpacHotelling *cpac_hotelling_alloc (guint n_features, guint n_axes);
/* Takes NULL. */
void cpac_hotelling_free (CpacHotelling *hotelling);

/**
 * cpac_hotelling_fit:
 * @features: (m, n_features), finite, a row a part
 * @t2_arl, @q_arl: parts between false alarms of each chart
 *
 * Principal axes to 90 % of the variance, at most 20 and at most a tenth of the parts; parts out of
 * control by phase I's own limits are left out and the rest fitted again until nothing changes.
 *
 * Limits: T^2's from the F distribution for parts not in the fit; Q's by Jackson and Mudholkar's
 * formula, or Box's where that has no solution. Neither is below what as large a share of phase
 * I's parts in control exceeds, the largest where they are too few for that.
 *
 * Errors: CPAC_ERROR_SCHEMA for too few parts, saying how many are needed; CPAC_ERROR_NUMERIC where
 * nothing varies, or more than 20 % are out of control.
 */
CpacHotelling *cpac_hotelling_fit (const double *features, guint m, guint n_features, double t2_arl,
                                   double q_arl, GError **error);

/* T^2 and Q of @features (n_features). */
void cpac_hotelling_measure (const CpacHotelling *hotelling, const double *features, double *t2,
                             double *q);
/* What each feature contributes: @t2 and @q (n_features) sum to the statistics; a share of T^2 may
 * be below 0. Either may be NULL. */
void cpac_hotelling_contribute (const CpacHotelling *hotelling, const double *features, double *t2,
                                double *q);

/* Q's limit at the probability @p, from the variances @rest (n) beyond the axes; 0 where there are
 * none. */
double cpac_hotelling_get_q_limit (const double *rest, guint n, double p);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CpacHotelling, cpac_hotelling_free)

G_END_DECLS
