/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/cp/cp-private.h"

#include <math.h>
#include <string.h>

/* Rounding a unit column to float moves its norm by half that at most. */
#define UNIT_TOLERANCE 0x1p-23

static double
dot (const float *x, const float *y, guint n)
{
  double sum = 0;

  for (guint i = 0; i < n; i++)
    sum += (double) x[i] * y[i];
  return sum;
}

static void
get_column (const float *factor, guint dim, guint rank, guint r, float *column)
{
  for (gsize i = 0; i < dim; i++)
    column[i] = factor[i * rank + r];
}

static void
set_column (float *factor, guint dim, guint rank, guint r, const float *column)
{
  for (gsize i = 0; i < dim; i++)
    factor[i * rank + r] = column[i];
}

/* x = x by, in double, without negative zeros. */
static void
scale_column (float *x, guint n, double by)
{
  for (guint i = 0; i < n; i++)
    x[i] = (float) (x[i] * by) + 0.0f;
}

static double
sign_of_largest (const float *x, guint n)
{
  guint largest = 0;

  for (guint i = 1; i < n; i++)
    if (fabsf (x[i]) > fabsf (x[largest]))
      largest = i;
  return x[largest] < 0 ? -1 : 1;
}

/* What to multiply a column of norm @norm with to make it a unit column: a power of 2 where that
 * comes as close as rounding allows, so that a unit column stays to the bit what it is. */
static double
scale_of (double norm)
{
  double power = exp2 (-rint (log2 (norm)));

  return fabs (norm * power - 1) <= UNIT_TOLERANCE ? power : 1 / norm;
}

/* Makes @column of unit norm with a positive largest entry. Returns what it has to be multiplied
 * with to become what it was, 0 where it is zero. */
static double
normalize (float *column, guint n)
{
  double norm = sqrt (dot (column, column, n));
  g_autofree float *before = g_memdup2 (column, n * sizeof (float));

  if (!(norm > 0))
    return 0;
  scale_column (column, n, sign_of_largest (column, n) * scale_of (norm));
  return dot (before, column, n) / dot (column, column, n);
}

/* Component @r becomes (1, 0, 0, ...) in b, c, d and nothing in a. */
static void
clear_component (float *const factors[4], const guint dims[4], guint rank, guint r)
{
  for (guint m = 0; m < CPAC_CP_MODES; m++)
    for (gsize i = 0; i < dims[m]; i++)
      factors[m][i * rank + r] = m > 0 && i == 0;
}

/* Unit columns in b, c, d; their scales go to a. */
static void
normalize_component (float *const factors[4], const guint dims[4], guint rank, guint r,
                     float *column)
{
  double lambda = 1;

  for (guint m = 1; m < CPAC_CP_MODES; m++) {
    get_column (factors[m], dims[m], rank, r, column);
    lambda *= normalize (column, dims[m]);
    set_column (factors[m], dims[m], rank, r, column);
  }
  get_column (factors[0], dims[0], rank, r, column);
  scale_column (column, dims[0], lambda);
  set_column (factors[0], dims[0], rank, r, column);
  if (!(dot (column, column, dims[0]) > 0))
    clear_component (factors, dims, rank, r);
}

typedef struct {
  const float *const *factors;
  const guint *dims;
  guint rank;
} Order;

static double
squared_norm (const Order *order, guint r)
{
  double sum = 0;

  for (gsize i = 0; i < order->dims[0]; i++) {
    double value = order->factors[0][i * order->rank + r];

    sum += value * value;
  }
  return sum;
}

/* Largest lambda first; equal ones by their entries, so that no order is left to chance. */
static gint
compare_components (gconstpointer left, gconstpointer right, gpointer data)
{
  const Order *order = data;
  guint r = *(const guint *) left, q = *(const guint *) right;
  double norm_r = squared_norm (order, r), norm_q = squared_norm (order, q);

  if (norm_r != norm_q)
    return norm_r > norm_q ? -1 : 1;
  for (guint m = 0; m < CPAC_CP_MODES; m++)
    for (gsize i = 0; i < order->dims[m]; i++) {
      const float *row = order->factors[m] + i * order->rank;

      if (row[r] != row[q])
        return row[r] > row[q] ? -1 : 1;
    }
  return 0;
}

static void
sort_components (float *const factors[4], const guint dims[4], guint rank)
{
  Order order = { (const float *const *) factors, dims, rank };
  g_autofree guint *from = g_new (guint, rank);
  g_autofree float *row = g_new (float, rank);

  for (guint r = 0; r < rank; r++)
    from[r] = r;
  g_qsort_with_data (from, (gint) rank, sizeof *from, compare_components, &order);
  for (guint m = 0; m < CPAC_CP_MODES; m++)
    for (gsize i = 0; i < dims[m]; i++) {
      memcpy (row, factors[m] + i * rank, rank * sizeof (float));
      for (guint r = 0; r < rank; r++)
        factors[m][i * rank + r] = row[from[r]];
    }
}

void
cpac_cp_canonicalize (float *const factors[4], const guint dims[4], guint rank)
{
  guint longest = MAX (MAX (dims[0], dims[1]), MAX (dims[2], dims[3]));
  g_autofree float *column = g_new (float, longest);

  for (guint r = 0; r < rank; r++)
    normalize_component (factors, dims, rank, r, column);
  sort_components (factors, dims, rank);
}
