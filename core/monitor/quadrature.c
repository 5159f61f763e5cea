/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/monitor/quadrature.h"

#include <float.h>
#include <math.h>

/* P_n (x), and its derivative, by the three-term recurrence. */
static double
legendre (guint n, double x, double *derivative)
{
  double previous = 1, value = x;

  for (guint k = 2; k <= n; k++) {
    double next = ((2.0 * k - 1) * x * value - (k - 1.0) * previous) / k;

    previous = value;
    value = next;
  }
  *derivative = n * (x * value - previous) / (x * x - 1);
  return value;
}

/* The zero of P_n that is the @i-th from the right, i from 0. */
static double
find_zero (guint n, guint i, double *derivative)
{
  double x = cos (G_PI * (i + 0.75) / (n + 0.5));

  for (guint k = 0; k < 10; k++) {
    double step = legendre (n, x, derivative) / *derivative;

    x -= step;
    if (fabs (step) <= DBL_EPSILON)
      break;
  }
  legendre (n, x, derivative);
  return x;
}

void
cpac_gauss_legendre (guint n, double low, double high, double *nodes, double *weights)
{
  double middle = 0.5 * (low + high), half = 0.5 * (high - low);

  g_return_if_fail (n >= 2);

  for (guint i = 0; i < (n + 1) / 2; i++) {
    double derivative, x, weight;

    x = find_zero (n, i, &derivative);
    if (2 * i + 1 == n)
      x = 0;
    weight = 2 / ((1 - x * x) * derivative * derivative);
    nodes[i] = middle - half * x;
    nodes[n - 1 - i] = middle + half * x;
    weights[i] = weights[n - 1 - i] = half * weight;
  }
}

guint
cpac_quadrature_size (double width)
{
  return (guint) MAX (80, ceil (2 * width)) | 1;
}

/* ---- Linear equations ---- */

static void
swap_rows (double *matrix, double *vector, guint n, guint a, guint b)
{
  double kept = vector[a];

  vector[a] = vector[b];
  vector[b] = kept;
  for (guint j = 0; j < n; j++) {
    kept = matrix[(gsize) a * n + j];
    matrix[(gsize) a * n + j] = matrix[(gsize) b * n + j];
    matrix[(gsize) b * n + j] = kept;
  }
}

static gboolean
eliminate (double *matrix, double *vector, guint n, guint column)
{
  const double *pivot_row = matrix + (gsize) column * n;
  guint pivot = column;

  for (guint i = column + 1; i < n; i++)
    if (fabs (matrix[(gsize) i * n + column]) > fabs (matrix[(gsize) pivot * n + column]))
      pivot = i;
  if (!(fabs (matrix[(gsize) pivot * n + column]) > 0))
    return FALSE;
  if (pivot != column)
    swap_rows (matrix, vector, n, pivot, column);
  for (guint i = column + 1; i < n; i++) {
    double *row = matrix + (gsize) i * n;
    double factor = row[column] / pivot_row[column];

    for (guint j = column + 1; j < n; j++)
      row[j] -= factor * pivot_row[j];
    vector[i] -= factor * vector[column];
  }
  return TRUE;
}

gboolean
cpac_solve (double *matrix, double *vector, guint n)
{
  for (guint column = 0; column < n; column++)
    if (!eliminate (matrix, vector, n, column))
      return FALSE;
  for (guint i = n; i-- > 0;) {
    for (guint j = i + 1; j < n; j++)
      vector[i] -= matrix[(gsize) i * n + j] * vector[j];
    vector[i] /= matrix[(gsize) i * n + i];
  }
  return TRUE;
}
