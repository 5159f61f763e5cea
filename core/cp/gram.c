/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/cp/cp-private.h"

#include <math.h>

/* @gram (R, R) = U^T U of @factor (dim, R). */
static void
gram_of (const float *factor, guint dim, guint rank, double *gram)
{
  for (gsize i = 0; i < (gsize) rank * rank; i++)
    gram[i] = 0;
  for (guint i = 0; i < dim; i++) {
    const float *row = factor + (gsize) i * rank;

    for (guint r = 0; r < rank; r++)
      for (guint q = 0; q < rank; q++)
        gram[(gsize) r * rank + q] += (double) row[r] * row[q];
  }
}

/* The Gram matrices of all modes, one after the other, in (4, R, R). (transfer full) */
static double *
grams_of (const float *const factors[4], const guint dims[4], guint rank)
{
  gsize n = (gsize) rank * rank;
  double *grams = g_new (double, CPAC_CP_MODES *n);

  for (guint m = 0; m < CPAC_CP_MODES; m++)
    gram_of (factors[m], dims[m], rank, grams + m * n);
  return grams;
}

/* <component r, component q> of the kernel: the entry of the four Gram matrices' product. */
static double
inner_product (const double *grams, guint rank, guint r, guint q)
{
  gsize n = (gsize) rank * rank, i = (gsize) r * rank + q;

  return grams[i] * grams[n + i] * grams[2 * n + i] * grams[3 * n + i];
}

static double
sum_of_products (const double *grams, guint rank)
{
  double sum = 0;

  for (guint r = 0; r < rank; r++)
    for (guint q = 0; q < rank; q++)
      sum += inner_product (grams, rank, r, q);
  /* Cancelling components may leave a little less than nothing. */
  return MAX (sum, 0);
}

static double
column_norm (const float *factor, guint dim, guint rank, guint r)
{
  double sum = 0;

  for (guint i = 0; i < dim; i++) {
    double value = factor[(gsize) i * rank + r];

    sum += value * value;
  }
  return sqrt (sum);
}

double
cpac_cp_energy (const float *const factors[4], const guint dims[4], guint rank)
{
  g_autofree double *grams = grams_of (factors, dims, rank);

  return sum_of_products (grams, rank);
}

double
cpac_cp_degeneracy (const float *const factors[4], const guint dims[4], guint rank)
{
  g_autofree double *grams = grams_of (factors, dims, rank);
  double energy = sum_of_products (grams, rank), components = 0;

  for (guint r = 0; r < rank; r++)
    components += inner_product (grams, rank, r, r);
  if (components == 0)
    return 0;
  return energy > 0 ? components / energy : INFINITY;
}

double
cpac_cp_sensitivity (const float *const factors[4], const guint dims[4], guint rank)
{
  double sum = 0;

  for (guint r = 0; r < rank; r++) {
    double squares[CPAC_CP_MODES];

    for (guint m = 0; m < CPAC_CP_MODES; m++) {
      double norm = column_norm (factors[m], dims[m], rank, r);

      squares[m] = norm * norm;
    }
    sum += dims[0] * squares[1] * squares[2] * squares[3];
    sum += dims[1] * squares[0] * squares[2] * squares[3];
    sum += dims[2] * squares[0] * squares[1] * squares[3];
    sum += dims[3] * squares[0] * squares[1] * squares[2];
  }
  return sum;
}

double
cpac_cp_congruence (const float *const factors[4], const guint dims[4], guint rank)
{
  g_autofree double *grams = grams_of (factors, dims, rank);
  double largest = 0;

  for (guint r = 0; r < rank; r++)
    for (guint q = r + 1; q < rank; q++) {
      double norms =
          sqrt (inner_product (grams, rank, r, r)) * sqrt (inner_product (grams, rank, q, q));

      if (norms > 0)
        largest = MAX (largest, fabs (inner_product (grams, rank, r, q)) / norms);
    }
  return largest;
}

/* @product = elementwise product of the Gram matrices of all modes but @mode. */
static void
multiply_others (const double *grams, guint rank, guint mode, double *product)
{
  gsize n = (gsize) rank * rank;

  for (gsize i = 0; i < n; i++)
    product[i] = 1;
  for (guint m = 0; m < CPAC_CP_MODES; m++)
    for (gsize i = 0; m != mode && i < n; i++)
      product[i] *= grams[m * n + i];
}

void
cpac_cp_energy_gradient (const float *const factors[4], const guint dims[4], guint rank, double mu,
                         double *const gradients[4], double *scratch)
{
  gsize n = (gsize) rank * rank;
  double *others = scratch + CPAC_CP_MODES * n; /* (R, R), symmetric */

  for (guint m = 0; m < CPAC_CP_MODES; m++)
    gram_of (factors[m], dims[m], rank, scratch + m * n);
  for (guint m = 0; m < CPAC_CP_MODES; m++) {
    multiply_others (scratch, rank, m, others);
    for (guint i = 0; i < dims[m]; i++) {
      const float *u = factors[m] + (gsize) i * rank;
      double *du = gradients[m] + (gsize) i * rank;

      for (guint q = 0; q < rank; q++)
        for (guint r = 0; r < rank; r++)
          du[r] += mu * u[q] * others[(gsize) q * rank + r];
    }
  }
}

/* The factors that bring the four columns of component @r to the same norm. */
static void
balance_of (float *const factors[4], const guint dims[4], guint rank, guint r, double by[4])
{
  double norms[CPAC_CP_MODES], product = 1;

  for (guint m = 0; m < CPAC_CP_MODES; m++) {
    norms[m] = column_norm (factors[m], dims[m], rank, r);
    product *= norms[m];
  }
  for (guint m = 0; m < CPAC_CP_MODES; m++)
    by[m] = product > 0 && isfinite (product) ? sqrt (sqrt (product)) / norms[m] : 1;
}

void
cpac_cp_balance (float *const factors[4], const guint dims[4], guint rank, double *scale)
{
  for (guint r = 0; r < rank; r++) {
    double by[CPAC_CP_MODES];

    balance_of (factors, dims, rank, r, by);
    for (guint m = 0; m < CPAC_CP_MODES; m++) {
      for (guint i = 0; i < dims[m]; i++)
        factors[m][(gsize) i * rank + r] = (float) (factors[m][(gsize) i * rank + r] * by[m]);
      scale[(gsize) m * rank + r] = by[m];
    }
  }
}

/* K[n,s,y,x] of the four factors' rows a[n,:], b[y,:], c[x,:], d[s,:]. */
static double
entry_of (const float *a, const float *b, const float *c, const float *d, guint rank)
{
  double sum = 0;

  for (guint r = 0; r < rank; r++)
    sum += (double) a[r] * d[r] * b[r] * c[r];
  return sum;
}

CpacTensor *
cpac_cp_reconstruct (const float *const factors[4], const guint dims[4], guint rank)
{
  CpacTensor *kernel = cpac_tensor_new (CPAC_SHAPE (dims[0], dims[3], dims[1], dims[2]));
  float *out = kernel->data;

  for (guint n = 0; n < dims[0]; n++)
    for (guint s = 0; s < dims[3]; s++)
      for (guint y = 0; y < dims[1]; y++)
        for (guint x = 0; x < dims[2]; x++)
          *out++ =
              (float) entry_of (factors[0] + (gsize) n * rank, factors[1] + (gsize) y * rank,
                                factors[2] + (gsize) x * rank, factors[3] + (gsize) s * rank, rank);
  return kernel;
}
