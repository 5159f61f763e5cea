/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include <math.h>

#include "core/cp/cp.h"
#include "tests/cp-oracle.h"

typedef struct {
  const CpShape *shape;
  float *factors[4];
  double *gk;
  double *out[4];
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  const CpShape *shape = data;
  gsize n = cp_kernel_size (shape->dims);
  GRand *random = g_rand_new_with_seed (5);

  fixture->shape = shape;
  cp_factors_init (fixture->factors, shape, 9);
  fixture->gk = g_new (double, n);
  for (gsize i = 0; i < n; i++)
    fixture->gk[i] = g_rand_double_range (random, -1, 1);
  for (guint m = 0; m < 4; m++) {
    fixture->out[m] = g_new (double, shape->dims[m] * shape->rank);
    for (guint i = 0; i < shape->dims[m] * shape->rank; i++)
      fixture->out[m][i] = NAN;
  }
  g_rand_free (random);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  cp_factors_clear (fixture->factors);
  g_free (fixture->gk);
  for (guint m = 0; m < 4; m++)
    g_free (fixture->out[m]);
}

/* Adds to @expected (dim_m, R) the product of one entry of the kernel gradient with the other
 * modes' factors: the definition. */
static void
add_entry (const Fixture *fixture, const guint index[4], double value, double *const expected[4])
{
  guint rank = fixture->shape->rank;

  for (guint m = 0; m < 4; m++)
    for (guint r = 0; r < rank; r++) {
      double product = value;

      for (guint k = 0; k < 4; k++)
        if (k != m)
          product *= fixture->factors[k][index[k] * rank + r];
      expected[m][index[m] * rank + r] += product;
    }
}

static void
test_mttkrp (Fixture *fixture, gconstpointer data)
{
  const CpShape *shape = data;
  const guint *dims = shape->dims;
  double *expected[4], largest = 0;
  /* Sums of at most that many terms below 1, each with a few roundings of 2^-53. */
  double tolerance = 1e-15 * (double) cp_kernel_size (dims);

  for (guint m = 0; m < 4; m++)
    expected[m] = g_new0 (double, dims[m] * shape->rank);
  for (guint n = 0; n < dims[0]; n++)
    for (guint y = 0; y < dims[1]; y++)
      for (guint x = 0; x < dims[2]; x++)
        for (guint s = 0; s < dims[3]; s++)
          add_entry (fixture, (guint[4]){ n, y, x, s }, fixture->gk[cp_index (dims, n, s, y, x)],
                     expected);

  cpac_cp_mttkrp (fixture->gk, (const float *const *) fixture->factors, dims, shape->rank,
                  fixture->out);
  for (guint m = 0; m < 4; m++) {
    for (guint i = 0; i < dims[m] * shape->rank; i++) {
      g_assert_cmpfloat_with_epsilon (fixture->out[m][i], expected[m][i], tolerance);
      largest = MAX (largest, fabs (expected[m][i]));
    }
    g_free (expected[m]);
  }
  g_assert_cmpfloat (largest, >, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (cp_shapes); i++) {
    g_autofree char *path = g_strdup_printf ("/mttkrp/%s", cp_shapes[i].name);

    g_test_add (path, Fixture, &cp_shapes[i], set_up, test_mttkrp, tear_down);
  }
  return g_test_run ();
}
