/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include <float.h>
#include <math.h>

#include "core/monitor/distributions.h"
#include "core/monitor/quadrature.h"

static void
assert_near (double value, double expected, double relative)
{
  g_assert_cmpfloat_with_epsilon (value, expected, relative * fabs (expected));
}

/* The quantile's own condition: an error of one rounding in x changes P by x^2 of them or so. */
static void
test_normal (void)
{
  static const double ps[] = { 1e-300, 1e-12, 0.00135, 0.05, 0.31, 0.5 };

  for (guint i = 0; i < G_N_ELEMENTS (ps); i++) {
    double x = cpac_normal_upper_quantile (ps[i]);

    assert_near (cpac_normal_upper (x), ps[i], 4 * DBL_EPSILON * (1 + x * x));
  }
  assert_near (cpac_normal_upper_quantile (0.9), -cpac_normal_upper_quantile (0.1), 1e-14);
  g_assert_cmpfloat (cpac_normal_upper_quantile (0.5), ==, 0);
  /* As in every table. */
  assert_near (cpac_normal_upper_quantile (0.025), 1.959963984540054, 1e-15);
  assert_near (cpac_normal_density (0), 1 / sqrt (2 * G_PI), 1e-15);
  assert_near (cpac_normal_density (1) / cpac_normal_density (0), exp (-0.5), 1e-15);
}

/* Closed forms of 3 and 4 degrees of freedom; with many it is the normal. */
static void
test_student (void)
{
  for (double x = -6; x <= 6; x += 0.75) {
    double t4 = x * sqrt (2), s = 1 + t4 * t4 / 4;
    double upper3 = 0.5 - (x / (1 + x * x) + atan (x)) / G_PI;
    double upper4 = 0.5 - 0.375 * t4 / sqrt (s) * (1 - t4 * t4 / (12 * s));

    /* Absolute: the closed forms subtract from one half. */
    g_assert_cmpfloat_with_epsilon (cpac_student_upper (x, 3), upper3, 1e-14);
    g_assert_cmpfloat_with_epsilon (cpac_student_upper (x, 4), upper4, 1e-14);
    g_assert_cmpfloat_with_epsilon (cpac_student_upper (x, 1e6), cpac_normal_upper (x), 1e-5);
    /* Of 3: 2 / (pi sqrt 3 (1 + t^2 / 3)^2), times sqrt 3 for the unit. */
    assert_near (cpac_student_density (x, 3), 2 / G_PI / pow (1 + x * x, 2), 1e-14);
    assert_near (cpac_student_density (x, 1e6), cpac_normal_density (x), 1e-3);
  }
}

/* Closed forms of 1, 2 and 4 degrees of freedom, near 0, about the mean and far out. */
static void
test_chi_square (void)
{
  static const double xs[] = { 1e-9, 0.3, 1, 2, 5, 17, 60, 253 };

  for (guint i = 0; i < G_N_ELEMENTS (xs); i++) {
    double x = xs[i];

    assert_near (cpac_chi_square_upper (x, 1), erfc (sqrt (x / 2)), 1e-13);
    assert_near (cpac_chi_square_upper (x, 2), exp (-x / 2), 1e-13);
    assert_near (cpac_chi_square_upper (x, 4), exp (-x / 2) * (1 + x / 2), 1e-13);
    /* One dimension: a normal about the distance, on both sides. */
    for (double distance = 0; distance < 20; distance += 3.3)
      assert_near (
          cpac_chi_square_shifted_upper (x, 1, distance),
          cpac_normal_upper (sqrt (x) - distance) + cpac_normal_upper (sqrt (x) + distance), 1e-11);
  }
  g_assert_cmpfloat (cpac_chi_square_upper (0, 3), ==, 1);
  for (double df = 0.5; df < 300; df *= 3)
    for (double p = 1e-9; p < 1; p *= 7)
      assert_near (cpac_chi_square_upper (cpac_chi_square_upper_quantile (p, df), df), p, 1e-10);
}

/* P (F > x) = (1 + 2 x / df2)^(-df2 / 2) for df1 = 2. */
static void
test_f (void)
{
  for (double df2 = 1; df2 < 1000; df2 = 3 * df2 + 1)
    for (double p = 1e-6; p < 1; p *= 9)
      assert_near (cpac_f_upper_quantile (p, 2, df2), 0.5 * df2 * (pow (p, -2 / df2) - 1), 1e-9);
}

/* x^(2 n - 1) and x^(2 n - 2) on [0, 2] are integrated exactly, and the middle is the middle. */
static void
test_gauss_legendre (void)
{
  static const guint sizes[] = { 2, 3, 5, 17, 81, 253 };

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++) {
    guint n = sizes[i];
    g_autofree double *nodes = g_new (double, n);
    g_autofree double *weights = g_new (double, n);

    for (guint degree = 2 * n - 2; degree < 2 * n; degree++) {
      double sum = 0, expected = 1 / (degree + 1.0);

      cpac_gauss_legendre (n, 0, 2, nodes, weights);
      /* Halved, so that the power stays within bounds. */
      for (guint k = 0; k < n; k++)
        sum += 0.5 * weights[k] * pow (0.5 * nodes[k], degree);
      /* A node's rounding is raised to that power. */
      assert_near (sum, expected, 8 * degree * DBL_EPSILON);
    }
    for (guint k = 1; k < n; k++)
      g_assert_cmpfloat (nodes[k - 1], <, nodes[k]);
    if (n % 2 == 1)
      g_assert_cmpfloat (nodes[n / 2], ==, 1);
  }
}

/* Needs an exchange of rows; and one without solution. */
static void
test_solve (void)
{
  double matrix[] = { 0, 2, 1, 1, 1, 1, 4, 0, -2 }, vector[] = { 7, 6, -2 };
  double singular[] = { 1, 2, 2, 4 }, right[] = { 1, 2 };

  g_assert_true (cpac_solve (matrix, vector, 3));
  for (guint i = 0; i < 3; i++)
    g_assert_cmpfloat_with_epsilon (vector[i], i + 1, 1e-14);
  g_assert_false (cpac_solve (singular, right, 2));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/distributions/normal", test_normal);
  g_test_add_func ("/distributions/student", test_student);
  g_test_add_func ("/distributions/chi-square", test_chi_square);
  g_test_add_func ("/distributions/f", test_f);
  g_test_add_func ("/distributions/gauss-legendre", test_gauss_legendre);
  g_test_add_func ("/distributions/solve", test_solve);
  return g_test_run ();
}
