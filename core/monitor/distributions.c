/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/monitor/distributions.h"

#include <float.h>
#include <math.h>

#include "core/score/statistics.h"

#define INV_SQRT_2PI 0.3989422804014327
#define MAX_TERMS 100000

double
cpac_normal_density (double x)
{
  return INV_SQRT_2PI * exp (-0.5 * x * x);
}

double
cpac_normal_upper (double x)
{
  return 0.5 * erfc (M_SQRT1_2 * x);
}

/* Newton on log P (X > x), which is concave: from beyond the solution each step falls short of it,
 * so that the first that does not go back is the last. P (X > x) <= exp (-x^2 / 2) / 2 gives
 * the start. */
double
cpac_normal_upper_quantile (double p)
{
  double x, next;

  g_return_val_if_fail (p > 0 && p < 1, NAN);

  if (p > 0.5)
    return -cpac_normal_upper_quantile (1 - p);
  next = sqrt (-2 * log (2 * p));
  do {
    double upper;

    x = next;
    upper = cpac_normal_upper (x);
    next = x + log (upper / p) * upper / cpac_normal_density (x);
  } while (next < x);
  return x;
}

/* ---- Student ---- */

double
cpac_student_density (double x, double df)
{
  int sign;
  double factor = lgamma_r (0.5 * (df + 1), &sign) - lgamma_r (0.5 * df, &sign);

  /* x is in units of a standard deviation, which is sqrt (df / (df - 2)) of the usual scale. */
  return exp (factor - 0.5 * (df + 1) * log1p (x * x / (df - 2))) / sqrt (G_PI * (df - 2));
}

double
cpac_student_upper (double x, double df)
{
  double half = 0.5 * cpac_beta_cdf (0.5 * df, 0.5, 1 / (1 + x * x / (df - 2)));

  return x >= 0 ? half : 1 - half;
}

/* ---- Chi-square ---- */

/* x^a exp (-x) / Gamma (a) */
static double
gamma_power (double a, double x)
{
  int sign;

  return exp (a * log (x) - x - lgamma_r (a, &sign));
}

/* Lower part over gamma_power, the series DLMF 8.11.4. */
static double
gamma_series (double a, double x)
{
  double term = 1 / a, sum = term;

  for (guint n = 1; n < MAX_TERMS && term > sum * DBL_EPSILON; n++) {
    term *= x / (a + n);
    sum += term;
  }
  return sum;
}

/* Upper part over gamma_power, the continued fraction DLMF 8.9.2 by the modified Lentz method. */
static double
gamma_fraction (double a, double x)
{
  double b = x + 1 - a, c = 1 / DBL_MIN, d = 1 / b, value = d;

  for (guint n = 1; n < MAX_TERMS; n++) {
    double numerator = -(n * (n - a)), step;

    b += 2;
    d = 1 / (numerator * d + b);
    c = b + numerator / c;
    step = c * d;
    value *= step;
    if (fabs (step - 1) <= DBL_EPSILON)
      break;
  }
  return value;
}

double
cpac_chi_square_upper (double x, double df)
{
  double a = 0.5 * df, half = 0.5 * x;

  g_return_val_if_fail (x >= 0 && df > 0, NAN);

  if (half == 0)
    return 1;
  if (half < a + 1)
    return 1 - gamma_power (a, half) * gamma_series (a, half);
  return gamma_power (a, half) * gamma_fraction (a, half);
}

double
cpac_chi_square_upper_quantile (double p, double df)
{
  double low = 0, high = 1;

  g_return_val_if_fail (p > 0 && p < 1 && df > 0, NAN);

  while (cpac_chi_square_upper (high, df) > p)
    high *= 2;
  for (;;) {
    double middle = 0.5 * (low + high);

    if (middle <= low || middle >= high)
      return middle;
    if (cpac_chi_square_upper (middle, df) > p)
      low = middle;
    else
      high = middle;
  }
}

/* A Poisson mixture of central ones, summed on both sides of the mode of its weights. What is left
 * on either side is at most a few times the next weight. */
double
cpac_chi_square_shifted_upper (double x, double df, double distance)
{
  double mean = 0.5 * distance * distance, mode = floor (mean), sum = 0, weight, start;
  int sign;

  if (mean == 0)
    return cpac_chi_square_upper (x, df);
  start = exp (mode * log (mean) - mean - lgamma_r (mode + 1, &sign));
  weight = start;
  for (double j = mode; weight > sum * DBL_EPSILON / 16; j++) {
    sum += weight * cpac_chi_square_upper (x, df + 2 * j);
    weight *= mean / (j + 1);
  }
  weight = start * mode / mean;
  for (double j = mode - 1; j >= 0 && weight > sum * DBL_EPSILON / 16; j--) {
    sum += weight * cpac_chi_square_upper (x, df + 2 * j);
    weight *= j / mean;
  }
  return sum;
}

/* With X an F, df2 / (df2 + df1 X) is Beta (df2 / 2, df1 / 2), whose lower end is X's upper. */
double
cpac_f_upper_quantile (double p, double df1, double df2)
{
  double y = cpac_beta_quantile (0.5 * df2, 0.5 * df1, p);

  return df2 / df1 * (1 - y) / y;
}
