/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/cp-oracle.h"

const CpShape cp_shapes[N_CP_SHAPES] = {
  { "single", { 1, 1, 1, 1 }, 1 },   { "gray", { 8, 3, 3, 1 }, 5 },
  { "point", { 5, 1, 1, 17 }, 3 },   { "row", { 2, 1, 5, 3 }, 2 },
  { "column", { 3, 5, 1, 2 }, 7 },   { "one-filter", { 1, 3, 2, 5 }, 17 },
  { "square", { 17, 3, 3, 5 }, 12 }, { "wide", { 3, 2, 7, 253 }, 9 },
};

gsize
cp_index (const guint dims[4], guint n, guint s, guint y, guint x)
{
  return (((gsize) n * dims[3] + s) * dims[1] + y) * dims[2] + x;
}

gsize
cp_kernel_size (const guint dims[4])
{
  return (gsize) dims[0] * dims[1] * dims[2] * dims[3];
}

void
cp_factors_init (float *factors[4], const CpShape *shape, guint seed)
{
  GRand *random = g_rand_new_with_seed (seed);

  for (guint m = 0; m < 4; m++) {
    gsize n = (gsize) shape->dims[m] * shape->rank;

    factors[m] = g_new (float, n);
    for (gsize i = 0; i < n; i++)
      factors[m][i] = (float) g_rand_int_range (random, -1024, 1025) / 1024;
  }
  g_rand_free (random);
}

void
cp_factors_clear (float *factors[4])
{
  for (guint m = 0; m < 4; m++)
    g_clear_pointer (&factors[m], g_free);
}

double *
cp_dense (float *const factors[4], const CpShape *shape, guint first, guint n_components)
{
  const guint *dims = shape->dims;
  double *kernel = g_new0 (double, cp_kernel_size (dims));

  for (guint n = 0; n < dims[0]; n++)
    for (guint y = 0; y < dims[1]; y++)
      for (guint x = 0; x < dims[2]; x++)
        for (guint s = 0; s < dims[3]; s++)
          for (guint r = first; r < first + n_components; r++)
            kernel[cp_index (dims, n, s, y, x)] +=
                (double) factors[0][n * shape->rank + r] * factors[1][y * shape->rank + r] *
                factors[2][x * shape->rank + r] * factors[3][s * shape->rank + r];
  return kernel;
}

double
cp_dot (const double *x, const double *y, gsize n)
{
  double sum = 0;

  for (gsize i = 0; i < n; i++)
    sum += x[i] * y[i];
  return sum;
}
