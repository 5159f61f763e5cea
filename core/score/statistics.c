/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/score/statistics.h"

#include <float.h>
#include <math.h>

/* About sqrt (max (a, b)) terms are needed; this allows for parameters of 1e10. */
#define MAX_TERMS 200000

static double
away_from_zero (double x)
{
  return fabs (x) < DBL_MIN / DBL_EPSILON ? DBL_MIN / DBL_EPSILON : x;
}

/* Continued fraction of I_x(a, b), DLMF 8.17.22, by the modified Lentz method; converges fast for
 * x < (a + 1) / (a + b + 2). */
static double
beta_fraction (double a, double b, double x)
{
  double c = 1, d = 1 / away_from_zero (1 - (a + b) * x / (a + 1)), value = d;

  for (guint m = 1; m < MAX_TERMS; m++) {
    double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
    double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
    double step;

    d = 1 / away_from_zero (1 + even * d);
    c = away_from_zero (1 + even / c);
    value *= c * d;
    d = 1 / away_from_zero (1 + odd * d);
    c = away_from_zero (1 + odd / c);
    step = c * d;
    value *= step;
    if (fabs (step - 1) <= DBL_EPSILON)
      break;
  }
  return value;
}

/* x^a (1 - x)^b / B(a, b); lgamma_r because lgamma writes a global. */
static double
beta_power (double a, double b, double x)
{
  int sign;

  return exp (lgamma_r (a + b, &sign) - lgamma_r (a, &sign) - lgamma_r (b, &sign) + a * log (x) +
              b * log1p (-x));
}

double
cpac_beta_cdf (double a, double b, double x)
{
  g_return_val_if_fail (a > 0 && b > 0 && x >= 0 && x <= 1, NAN);

  if (x == 0 || x == 1)
    return x;
  if (x < (a + 1) / (a + b + 2))
    return beta_power (a, b, x) * beta_fraction (a, b, x) / a;
  return 1 - beta_power (a, b, x) * beta_fraction (b, a, 1 - x) / b;
}

double
cpac_beta_quantile (double a, double b, double p)
{
  double low = 0, high = 1;

  g_return_val_if_fail (a > 0 && b > 0 && p >= 0 && p <= 1, NAN);

  if (p == 0 || p == 1)
    return p;
  for (;;) {
    double middle = 0.5 * (low + high);

    if (middle <= low || middle >= high)
      return middle;
    if (cpac_beta_cdf (a, b, middle) < p)
      low = middle;
    else
      high = middle;
  }
}
