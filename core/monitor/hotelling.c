/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/monitor/hotelling.h"

#include <math.h>

#include "core/monitor/distributions.h"

/* Differences from the mean are bounded, so that their squares are finite. */
#define MAX_STANDARDIZED 1e6

CpacHotelling *
cpac_hotelling_alloc (guint n_features, guint n_axes)
{
  CpacHotelling *hotelling = g_new0 (CpacHotelling, 1);

  g_return_val_if_fail (n_features <= CPAC_HOTELLING_MAX_FEATURES && n_axes <= n_features, NULL);

  hotelling->n_features = n_features;
  hotelling->n_axes = n_axes;
  hotelling->mean = g_new0 (double, n_features);
  hotelling->scale = g_new0 (double, n_features);
  hotelling->axes = g_new0 (double, (gsize) n_axes *n_features);
  hotelling->variances = g_new0 (double, n_axes);
  return hotelling;
}

void
cpac_hotelling_free (CpacHotelling *hotelling)
{
  if (hotelling == NULL)
    return;
  g_free (hotelling->mean);
  g_free (hotelling->scale);
  g_free (hotelling->axes);
  g_free (hotelling->variances);
  g_free (hotelling);
}

/* The share of a feature in T^2 is g_j sum_i axis_ij t_i / variance_i, in Q the square of what the
 * axes leave of g_j. */
void
cpac_hotelling_contribute (const CpacHotelling *hotelling, const double *features, double *t2,
                           double *q)
{
  guint n = hotelling->n_features;
  double g[CPAC_HOTELLING_MAX_FEATURES], rest[CPAC_HOTELLING_MAX_FEATURES];

  for (guint j = 0; j < n; j++) {
    double scale = hotelling->scale[j];

    g[j] = scale > 0 ? CLAMP ((features[j] - hotelling->mean[j]) / scale, -MAX_STANDARDIZED,
                              MAX_STANDARDIZED)
                     : 0;
    rest[j] = g[j];
    if (t2 != NULL)
      t2[j] = 0;
  }
  for (guint i = 0; i < hotelling->n_axes; i++) {
    const double *axis = hotelling->axes + (gsize) i * n;
    double t = 0;

    for (guint j = 0; j < n; j++)
      t += axis[j] * g[j];
    for (guint j = 0; j < n; j++) {
      rest[j] -= axis[j] * t;
      if (t2 != NULL)
        t2[j] += g[j] * axis[j] * t / hotelling->variances[i];
    }
  }
  if (q != NULL)
    for (guint j = 0; j < n; j++)
      q[j] = rest[j] * rest[j];
}

void
cpac_hotelling_measure (const CpacHotelling *hotelling, const double *features, double *t2,
                        double *q)
{
  double t2_shares[CPAC_HOTELLING_MAX_FEATURES], q_shares[CPAC_HOTELLING_MAX_FEATURES];

  cpac_hotelling_contribute (hotelling, features, t2_shares, q_shares);
  *t2 = *q = 0;
  for (guint j = 0; j < hotelling->n_features; j++) {
    *t2 += t2_shares[j];
    *q += q_shares[j];
  }
}

double
cpac_hotelling_get_q_limit (const double *rest, guint n, double p)
{
  double th1 = 0, th2 = 0, th3 = 0, h0, c = cpac_normal_upper_quantile (p), base;

  for (guint i = 0; i < n; i++) {
    th1 += rest[i];
    th2 += rest[i] * rest[i];
    th3 += rest[i] * rest[i] * rest[i];
  }
  if (!(th1 > 0))
    return 0;
  h0 = 1 - 2 * th1 * th3 / (3 * th2 * th2);
  base = c * sqrt (2 * th2 * h0 * h0) / th1 + 1 + th2 * h0 * (h0 - 1) / (th1 * th1);
  if (h0 > 1e-3 && base > 0)
    return th1 * pow (base, 1 / h0);
  /* Box: a chi-square of the same mean and variance. */
  return th2 / th1 * cpac_chi_square_upper_quantile (p, th1 * th1 / th2);
}
