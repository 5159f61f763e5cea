/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/monitor/eigen.h"

#include <float.h>
#include <math.h>
#include <string.h>

#define MAX_SWEEPS 60

/* a, b -> c a - s b, s a + c b */
static void
rotate (double *a, double *b, double c, double s)
{
  double x = *a, y = *b;

  *a = c * x - s * y;
  *b = s * x + c * y;
}

/* Makes element (@p, @q) zero; Golub and Van Loan, 8.5.2. */
static void
annihilate (double *matrix, double *vectors, guint n, guint p, guint q)
{
  double element = matrix[(gsize) p * n + q], tau, t, c, s;

  tau = (matrix[(gsize) q * n + q] - matrix[(gsize) p * n + p]) / (2 * element);
  t = (tau >= 0 ? 1 : -1) / (fabs (tau) + hypot (1, tau));
  c = 1 / hypot (1, t);
  s = t * c;
  for (guint i = 0; i < n; i++)
    rotate (&matrix[(gsize) i * n + p], &matrix[(gsize) i * n + q], c, s);
  for (guint i = 0; i < n; i++)
    rotate (&matrix[(gsize) p * n + i], &matrix[(gsize) q * n + i], c, s);
  for (guint i = 0; i < n; i++)
    rotate (&vectors[(gsize) p * n + i], &vectors[(gsize) q * n + i], c, s);
}

/* Whether there was anything left to rotate. */
static gboolean
sweep (double *matrix, double *vectors, guint n, double negligible)
{
  gboolean found = FALSE;

  for (guint p = 0; p < n; p++)
    for (guint q = p + 1; q < n; q++)
      if (fabs (matrix[(gsize) p * n + q]) > negligible) {
        annihilate (matrix, vectors, n, p, q);
        found = TRUE;
      }
  return found;
}

static void
swap_rows (double *vectors, guint n, guint a, guint b)
{
  for (guint i = 0; i < n; i++) {
    double kept = vectors[(gsize) a * n + i];

    vectors[(gsize) a * n + i] = vectors[(gsize) b * n + i];
    vectors[(gsize) b * n + i] = kept;
  }
}

static void
sort (double *values, double *vectors, guint n)
{
  for (guint i = 0; i < n; i++) {
    guint largest = i;
    double kept = values[i];

    for (guint k = i + 1; k < n; k++)
      if (values[k] > values[largest])
        largest = k;
    if (largest == i)
      continue;
    values[i] = values[largest];
    values[largest] = kept;
    swap_rows (vectors, n, i, largest);
  }
}

static void
fix_sign (double *vector, guint n)
{
  guint largest = 0;

  for (guint i = 1; i < n; i++)
    if (fabs (vector[i]) > fabs (vector[largest]))
      largest = i;
  if (vector[largest] < 0)
    for (guint i = 0; i < n; i++)
      vector[i] = -vector[i];
}

void
cpac_eigen_symmetric (double *matrix, guint n, double *values, double *vectors)
{
  double largest = 0;

  memset (vectors, 0, (gsize) n * n * sizeof *vectors);
  for (guint i = 0; i < n; i++) {
    vectors[(gsize) i * n + i] = 1;
    for (guint k = 0; k < n; k++)
      largest = MAX (largest, fabs (matrix[(gsize) i * n + k]));
  }
  for (guint k = 0; k < MAX_SWEEPS; k++)
    if (!sweep (matrix, vectors, n, 0.25 * DBL_EPSILON * largest))
      break;
  for (guint i = 0; i < n; i++)
    values[i] = matrix[(gsize) i * n + i];
  sort (values, vectors, n);
  for (guint i = 0; i < n; i++)
    fix_sign (vectors + (gsize) i * n, n);
}
