/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include <math.h>
#include <string.h>

#include "core/cp/cp.h"
#include "tests/cp-oracle.h"

/*
 * Every Gram-form quantity against the kernel rebuilt in double. Both sum at most some 10^5 terms
 * of order 1 in double: 1e-10 relative to the sum of the terms' magnitudes leaves room for any
 * order of summation.
 */
#define TOLERANCE 1e-10

typedef struct {
  const CpShape *shape;
  float *factors[4];
} Fixture;

static const float *const *
view (const Fixture *fixture)
{
  return (const float *const *) fixture->factors;
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->shape = data;
  cp_factors_init (fixture->factors, data, 3);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  cp_factors_clear (fixture->factors);
}

/* ||component r|| of the rebuilt component. */
static double
lambda_of (const Fixture *fixture, guint r)
{
  g_autofree double *component = cp_dense (fixture->factors, fixture->shape, r, 1);

  return sqrt (cp_dot (component, component, cp_kernel_size (fixture->shape->dims)));
}

static double
energy_of (const Fixture *fixture)
{
  g_autofree double *kernel = cp_dense (fixture->factors, fixture->shape, 0, fixture->shape->rank);

  return cp_dot (kernel, kernel, cp_kernel_size (fixture->shape->dims));
}

/* (sum_r lambda_r)^2, the largest ||K||^2 there can be: what its rounding errors scale with. */
static double
magnitude_of (const Fixture *fixture)
{
  double sum = 0;

  for (guint r = 0; r < fixture->shape->rank; r++)
    sum += lambda_of (fixture, r);
  return sum * sum;
}

static void
test_energy (Fixture *fixture, gconstpointer data)
{
  const CpShape *shape = data;

  g_assert_cmpfloat_with_epsilon (cpac_cp_energy (view (fixture), shape->dims, shape->rank),
                                  energy_of (fixture), TOLERANCE * magnitude_of (fixture));
}

static void
test_degeneracy (Fixture *fixture, gconstpointer data)
{
  const CpShape *shape = data;
  double sum = 0, expected, relative;

  for (guint r = 0; r < shape->rank; r++)
    sum += lambda_of (fixture, r) * lambda_of (fixture, r);
  expected = sum / energy_of (fixture);
  relative = TOLERANCE * magnitude_of (fixture) / energy_of (fixture);
  g_assert_cmpfloat_with_epsilon (cpac_cp_degeneracy (view (fixture), shape->dims, shape->rank),
                                  expected, relative * expected);
}

/* The derivative of K by one entry of a factor is the kernel of the factors with that entry's
 * component alone, its column there a unit vector; ss is the sum of all their energies. */
static void
test_sensitivity (Fixture *fixture, gconstpointer data)
{
  const CpShape *shape = data;
  double sum = 0;

  for (guint m = 0; m < 4; m++)
    for (guint i = 0; i < shape->dims[m]; i++)
      for (guint r = 0; r < shape->rank; r++) {
        float *factors[4];
        double lambda;

        for (guint k = 0; k < 4; k++)
          factors[k] =
              g_memdup2 (fixture->factors[k], shape->dims[k] * shape->rank * sizeof (float));
        for (guint k = 0; k < shape->dims[m]; k++)
          factors[m][k * shape->rank + r] = k == i;
        lambda =
            lambda_of (&(Fixture){ shape, { factors[0], factors[1], factors[2], factors[3] } }, r);
        sum += lambda * lambda;
        cp_factors_clear (factors);
      }
  g_assert_cmpfloat_with_epsilon (cpac_cp_sensitivity (view (fixture), shape->dims, shape->rank),
                                  sum, TOLERANCE * sum);
}

static void
test_congruence (Fixture *fixture, gconstpointer data)
{
  const CpShape *shape = data;
  gsize n = cp_kernel_size (shape->dims);
  double largest = 0;

  for (guint r = 0; r < shape->rank; r++)
    for (guint q = r + 1; q < shape->rank; q++) {
      g_autofree double *first = cp_dense (fixture->factors, shape, r, 1);
      g_autofree double *second = cp_dense (fixture->factors, shape, q, 1);
      double cosine = cp_dot (first, second, n) / (lambda_of (fixture, r) * lambda_of (fixture, q));

      largest = MAX (largest, fabs (cosine));
    }
  g_assert_cmpfloat_with_epsilon (cpac_cp_congruence (view (fixture), shape->dims, shape->rank),
                                  largest, TOLERANCE);
}

static double
half_energy (const Fixture *fixture)
{
  const CpShape *shape = fixture->shape;

  return 0.5 * cpac_cp_energy (view (fixture), shape->dims, shape->rank);
}

/* Along one entry the energy is a parabola, whose central difference is exact but for rounding: the
 * energy's, 1e-15 of its magnitude, divided by the step. */
static void
test_energy_gradient (Fixture *fixture, gconstpointer data)
{
  const CpShape *shape = data;
  const double mu = 0.7, start = 2;
  double tolerance = 1e-12 * (1 + magnitude_of (fixture));
  g_autofree double *scratch = g_new (double, 5 * shape->rank * shape->rank);
  double *gradients[4], largest = 0;

  for (guint m = 0; m < 4; m++) {
    gradients[m] = g_new (double, shape->dims[m] * shape->rank);
    for (guint i = 0; i < shape->dims[m] * shape->rank; i++)
      gradients[m][i] = start;
  }
  cpac_cp_energy_gradient (view (fixture), shape->dims, shape->rank, mu, gradients, scratch);
  for (guint m = 0; m < 4; m++)
    for (guint i = 0; i < shape->dims[m] * shape->rank; i++) {
      float keep = fixture->factors[m][i];
      float above = keep + 0.25f, below = keep - 0.25f;
      double up, down, slope;

      fixture->factors[m][i] = above;
      up = half_energy (fixture);
      fixture->factors[m][i] = below;
      down = half_energy (fixture);
      fixture->factors[m][i] = keep;
      slope = (up - down) / ((double) above - below);
      g_assert_cmpfloat_with_epsilon (gradients[m][i] - start, mu * slope, tolerance);
      largest = MAX (largest, fabs (slope));
    }
  g_assert_cmpfloat (largest, >, 0);
  for (guint m = 0; m < 4; m++)
    g_free (gradients[m]);
}

static void
test_reconstruct (Fixture *fixture, gconstpointer data)
{
  const CpShape *shape = data;
  g_autoptr (CpacTensor) kernel = cpac_cp_reconstruct (view (fixture), shape->dims, shape->rank);
  g_autofree double *expected = cp_dense (fixture->factors, shape, 0, shape->rank);

  g_assert_true (cpac_shape_equal (&kernel->shape, &CPAC_SHAPE (shape->dims[0], shape->dims[3],
                                                                shape->dims[1], shape->dims[2])));
  /* One rounding to float of a value of at most R, and those of the double sum. */
  for (gsize i = 0; i < cp_kernel_size (shape->dims); i++)
    g_assert_cmpfloat_with_epsilon (kernel->data[i], expected[i],
                                    0x1p-24 * fabs (expected[i]) + 1e-14 * shape->rank);
}

static double
squared_norm (const float *factor, const CpShape *shape, guint m, guint r)
{
  double sum = 0;

  for (guint i = 0; i < shape->dims[m]; i++)
    sum += (double) factor[i * shape->rank + r] * factor[i * shape->rank + r];
  return sum;
}

static void
test_balance (Fixture *fixture, gconstpointer data)
{
  const CpShape *shape = data;
  g_autofree double *before = cp_dense (fixture->factors, shape, 0, shape->rank);
  g_autofree double *after = NULL;
  g_autofree double *scale = g_new (double, 4 * shape->rank);
  float *kept[4];

  for (guint m = 0; m < 4; m++)
    kept[m] = g_memdup2 (fixture->factors[m], shape->dims[m] * shape->rank * sizeof (float));
  for (guint i = 0; i < 4 * shape->rank; i++)
    scale[i] = NAN;
  cpac_cp_balance (fixture->factors, shape->dims, shape->rank, scale);

  /* Four roundings to float a component, of products of at most 1. */
  after = cp_dense (fixture->factors, shape, 0, shape->rank);
  for (gsize i = 0; i < cp_kernel_size (shape->dims); i++)
    g_assert_cmpfloat_with_epsilon (after[i], before[i], 4 * 0x1p-24 * shape->rank);
  for (guint r = 0; r < shape->rank; r++) {
    double norm = squared_norm (fixture->factors[0], shape, 0, r);

    for (guint m = 0; m < 4; m++) {
      g_assert_cmpfloat_with_epsilon (squared_norm (fixture->factors[m], shape, m, r), norm,
                                      1e-6 * norm);
      for (guint i = 0; i < shape->dims[m]; i++)
        g_assert_cmpfloat (fixture->factors[m][i * shape->rank + r], ==,
                           (float) (kept[m][i * shape->rank + r] * scale[m * shape->rank + r]));
    }
  }
  cp_factors_clear (kept);
}

/* Component 0 is (3, 4)(1)(1)(2), of norm 10; component 1 has a zero column, so is zero. */
static void
test_zero_component (void)
{
  static const guint dims[4] = { 2, 1, 1, 1 };
  float a[] = { 3, 7, 4, 5 }, b[] = { 1, 0 }, c[] = { 1, 2 }, d[] = { 2, 3 };
  float *factors[4] = { a, b, c, d };
  const float *const *constant = (const float *const *) factors;
  double scale[8];

  g_assert_cmpfloat (cpac_cp_energy (constant, dims, 2), ==, 100);
  g_assert_cmpfloat (cpac_cp_degeneracy (constant, dims, 2), ==, 1);
  g_assert_cmpfloat (cpac_cp_congruence (constant, dims, 2), ==, 0);
  /* Component 0: 2 * 4 + 100 + 100 + 25; of component 1 only b's derivative is not zero. */
  g_assert_cmpfloat (cpac_cp_sensitivity (constant, dims, 2), ==, 233 + (49 + 25) * 4 * 9);
  cpac_cp_balance (factors, dims, 2, scale);
  for (guint m = 0; m < 4; m++)
    g_assert_cmpfloat (scale[2 * m + 1], ==, 1);
  g_assert_cmpfloat (a[1], ==, 7);
  g_assert_cmpfloat (b[1], ==, 0);
  g_assert_cmpfloat (d[1], ==, 3);
}

/* Two components that cancel to nothing are as degenerate as can be; no component is not. */
static void
test_limits (void)
{
  static const guint dims[4] = { 1, 1, 1, 1 };
  float a[] = { 1, -1 }, ones[] = { 1, 1 }, zeros[] = { 0, 0 };
  const float *const cancelling[4] = { a, ones, ones, ones };
  const float *const nothing[4] = { zeros, zeros, zeros, zeros };

  g_assert_cmpfloat (cpac_cp_energy (cancelling, dims, 2), ==, 0);
  g_assert_true (isinf (cpac_cp_degeneracy (cancelling, dims, 2)));
  g_assert_cmpfloat (cpac_cp_congruence (cancelling, dims, 2), ==, 1);
  g_assert_cmpfloat (cpac_cp_energy (nothing, dims, 2), ==, 0);
  g_assert_cmpfloat (cpac_cp_degeneracy (nothing, dims, 2), ==, 0);
  g_assert_cmpfloat (cpac_cp_congruence (nothing, dims, 2), ==, 0);
  g_assert_cmpfloat (cpac_cp_sensitivity (nothing, dims, 2), ==, 0);
}

static const struct {
  const char *name;
  void (*run) (Fixture *fixture, gconstpointer data);
} tests[] = {
  { "energy", test_energy },
  { "degeneracy", test_degeneracy },
  { "sensitivity", test_sensitivity },
  { "congruence", test_congruence },
  { "energy-gradient", test_energy_gradient },
  { "reconstruct", test_reconstruct },
  { "balance", test_balance },
};

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint t = 0; t < G_N_ELEMENTS (tests); t++)
    for (guint i = 0; i < G_N_ELEMENTS (cp_shapes); i++) {
      g_autofree char *path = g_strdup_printf ("/cp-gram/%s/%s", tests[t].name, cp_shapes[i].name);

      g_test_add (path, Fixture, &cp_shapes[i], set_up, tests[t].run, tear_down);
    }
  g_test_add_func ("/cp-gram/zero-component", test_zero_component);
  g_test_add_func ("/cp-gram/limits", test_limits);
  return g_test_run ();
}
