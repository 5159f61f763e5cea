/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/monitor/autocorrelation.h"

#include <math.h>

static double
get_variance (const double *x, const gboolean *is_in, guint n, double center)
{
  double sum = 0;
  guint n_in = 0;

  for (guint i = 0; i < n; i++)
    if (is_in == NULL || is_in[i]) {
      sum += (x[i] - center) * (x[i] - center);
      n_in++;
    }
  return n_in > 0 ? sum / n_in : 0;
}

void
cpac_autocorrelation_estimate (const double *x, const gboolean *is_in, guint n, double center,
                               double lags[CPAC_N_LAGS])
{
  double variance = get_variance (x, is_in, n, center);

  for (guint lag = 1; lag <= CPAC_N_LAGS; lag++) {
    double sum = 0;
    guint n_pairs = 0;

    for (guint i = lag; i < n; i++)
      if (is_in == NULL || (is_in[i] && is_in[i - lag])) {
        sum += (x[i] - center) * (x[i - lag] - center);
        n_pairs++;
      }
    lags[lag - 1] = n_pairs > 0 && variance > 0 ? CLAMP (sum / n_pairs / variance, -1, 1) : 0;
  }
}

double
cpac_autocorrelation_get_phi (double lag1, guint n)
{
  double phi = lag1 + (1 + 4 * lag1) / n;

  if (fabs (phi) < CPAC_AUTOCORRELATION_MIN)
    return 0;
  return CLAMP (phi, -CPAC_AUTOCORRELATION_MAX, CPAC_AUTOCORRELATION_MAX);
}

gboolean
cpac_autocorrelation_is_slow (const double lags[CPAC_N_LAGS], double phi, guint n)
{
  /* Bartlett's variance of a far lag of an AR(1). */
  double variance = (1 + phi * phi) / (1 - phi * phi) / n;

  return lags[CPAC_N_LAGS - 1] > pow (phi, CPAC_N_LAGS) + 4 * sqrt (variance);
}

double
cpac_autocorrelation_get_residual (double x, double previous, double phi)
{
  return (x - phi * previous) / sqrt (1 - phi * phi);
}
