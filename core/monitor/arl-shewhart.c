/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/monitor/arl-private.h"

#include <math.h>

#include "core/monitor/distributions.h"
#include "core/monitor/quadrature.h"

/* A normal point is not farther from its mean than this, to all digits. */
#define FAR 12

double
cpac_arl_shewhart (const CpacShewhartDesign *design, const CpacArlProcess *process)
{
  CpacArlProcess mirrored = { -process->shift, process->df, 0 };
  double p;

  if (process->phi != 0)
    return cpac_arl_shewhart_correlated (design, process);
  p = cpac_arl_upper (process, design->limit);
  if (design->sides == CPAC_SIDES_BOTH)
    p += cpac_arl_upper (&mirrored, design->limit);
  return cpac_arl_bounded (1 / p);
}

/* L(x) = 1 + Int L(y) f(y | x) dy over values y within the limits: the points left from the value x
 * on; from the start, f is the marginal density. */
double
cpac_arl_shewhart_correlated (const CpacShewhartDesign *design, const CpacArlProcess *process)
{
  double sigma = sqrt (1 - process->phi * process->phi), arl = 1;
  double far = FAR + fabs (process->shift), high = MIN (design->limit, far);
  double low = design->sides == CPAC_SIDES_BOTH ? -high : -far;
  guint n = cpac_quadrature_size ((high - low) / sigma);
  g_autofree double *y = g_new (double, n);                 /* (n) */
  g_autofree double *weights = g_new (double, n);           /* (n) */
  g_autofree double *matrix = g_new (double, n *(gsize) n); /* (n, n) */
  g_autofree double *length = g_new (double, n);            /* (n) */

  cpac_gauss_legendre (n, low, high, y, weights);
  for (guint i = 0; i < n; i++) {
    double mean = process->shift + process->phi * (y[i] - process->shift);

    length[i] = 1;
    for (guint j = 0; j < n; j++)
      matrix[(gsize) i * n + j] =
          (i == j) - weights[j] * cpac_normal_density ((y[j] - mean) / sigma) / sigma;
  }
  if (!cpac_solve (matrix, length, n))
    return INFINITY;
  for (guint j = 0; j < n; j++)
    arl += weights[j] * length[j] * cpac_normal_density (y[j] - process->shift);
  return cpac_arl_bounded (arl);
}
