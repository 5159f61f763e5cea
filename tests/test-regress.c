/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include <math.h>
#include <string.h>

#include "core/cp/cp.h"
#include "core/cp/regress.h"
#include "tests/cp-oracle.h"

/* Pixels of a fixture, more than any shape has taps. */
#define N_PIXELS 400

/* Patches that are correlated and not about zero, and outputs that a CP kernel and a bias make of
 * them, with noise. */
typedef struct {
  const CpShape *shape;
  gsize n_taps;
  double *x; /* (N_PIXELS, P): rows, columns, channels */
  double *y; /* (N_PIXELS, N) */
  float *truth[4], *factors[4];
  float *bias; /* (N) */
  CpacCpMoments *moments;
} Fixture;

/* Kernel entry of filter @n at place @i of a patch. */
static double
entry_of (float *const factors[4], const CpShape *shape, guint n, gsize i)
{
  gsize s = i % shape->dims[3], tap = i / shape->dims[3];
  gsize y = tap / shape->dims[2], x = tap % shape->dims[2];
  double sum = 0;

  for (guint r = 0; r < shape->rank; r++)
    sum += (double) factors[0][n * shape->rank + r] * factors[1][y * shape->rank + r] *
           factors[2][x * shape->rank + r] * factors[3][s * shape->rank + r];
  return sum;
}

static void
fill_patches (Fixture *fixture, GRand *random)
{
  for (guint pixel = 0; pixel < N_PIXELS; pixel++) {
    double *x = fixture->x + pixel * fixture->n_taps, last = 0;

    for (gsize i = 0; i < fixture->n_taps; i++) {
      last = 0.6 * last + g_rand_double_range (random, -1, 1);
      x[i] = last + 0.5;
    }
  }
}

static void
fill_outputs (Fixture *fixture, double noise, gboolean bias, GRand *random)
{
  const CpShape *shape = fixture->shape;

  for (guint pixel = 0; pixel < N_PIXELS; pixel++)
    for (guint n = 0; n < shape->dims[0]; n++) {
      double y = (bias ? 0.25 * n + 2 : 0) + g_rand_double_range (random, -noise, noise);

      for (gsize i = 0; i < fixture->n_taps; i++)
        y += entry_of (fixture->truth, shape, n, i) * fixture->x[pixel * fixture->n_taps + i];
      fixture->y[pixel * shape->dims[0] + n] = y;
    }
}

static void
add_pixel (CpacCpMoments *m, const double *x, const double *y)
{
  gsize n_taps = cpac_cp_moments_get_n_taps (m);

  m->n++;
  for (gsize i = 0; i < n_taps; i++) {
    m->x[i] += x[i];
    for (gsize k = 0; k < n_taps; k++)
      m->xx[i * n_taps + k] += x[i] * x[k];
  }
  for (guint n = 0; n < m->dims[0]; n++) {
    m->y[n] += y[n];
    m->yy[n] += y[n] * y[n];
    for (gsize k = 0; k < n_taps; k++)
      m->yx[n * n_taps + k] += y[n] * x[k];
  }
}

static void
fixture_init (Fixture *fixture, const CpShape *shape, double noise, gboolean bias)
{
  GRand *random = g_rand_new_with_seed (4);
  g_autoptr (GError) error = NULL;

  *fixture = (Fixture){ .shape = shape };
  fixture->n_taps = (gsize) shape->dims[1] * shape->dims[2] * shape->dims[3];
  fixture->x = g_new (double, N_PIXELS * fixture->n_taps);
  fixture->y = g_new (double, N_PIXELS * shape->dims[0]);
  fixture->bias = g_new (float, shape->dims[0]);
  cp_factors_init (fixture->truth, shape, 3);
  cp_factors_init (fixture->factors, shape, 4);
  fill_patches (fixture, random);
  fill_outputs (fixture, noise, bias, random);
  fixture->moments = cpac_cp_moments_new (shape->dims, bias, &error);
  g_assert_no_error (error);
  for (guint pixel = 0; pixel < N_PIXELS; pixel++)
    add_pixel (fixture->moments, fixture->x + pixel * fixture->n_taps,
               fixture->y + pixel * shape->dims[0]);
  for (guint n = 0; n < shape->dims[0]; n++)
    fixture->bias[n] = NAN;
  g_rand_free (random);
}

static void
fixture_clear (Fixture *fixture)
{
  g_free (fixture->x);
  g_free (fixture->y);
  g_free (fixture->bias);
  cp_factors_clear (fixture->truth);
  cp_factors_clear (fixture->factors);
  cpac_cp_moments_free (fixture->moments);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Fixture, fixture_clear)

/* 1 - ||Y - Y^|| / ||Y - mean Y||, pixel by pixel. */
static double
fit_of (const Fixture *fixture)
{
  const CpShape *shape = fixture->shape;
  double error = 0, total = 0;

  for (guint n = 0; n < shape->dims[0]; n++) {
    double mean = fixture->moments->y[n] / N_PIXELS;

    for (guint pixel = 0; pixel < N_PIXELS; pixel++) {
      double y = fixture->y[pixel * shape->dims[0] + n], is = 0;

      if (fixture->moments->bias)
        is = fixture->bias[n];
      for (gsize i = 0; i < fixture->n_taps; i++)
        is += entry_of (fixture->factors, shape, n, i) * fixture->x[pixel * fixture->n_taps + i];
      error += (y - is) * (y - is);
      total += (y - mean) * (y - mean);
    }
  }
  return 1 - sqrt (error / total);
}

static void
regress (Fixture *fixture, const CpacTensor *prior, const CpacCpRegressOptions *options,
         CpacCpRegression *result)
{
  g_autoptr (GError) error = NULL;

  cpac_cp_regress (fixture->moments, prior, fixture->shape->rank, options, fixture->factors,
                   fixture->moments->bias ? fixture->bias : NULL, result, &error);
  g_assert_no_error (error);
}

/* What is said about the fit is so: of the factors in floats, which are off by 2^-24 of themselves,
 * R such terms for each output. */
static void
assert_fit (const Fixture *fixture, const CpacCpRegression *result)
{
  g_assert_cmpfloat_with_epsilon (result->fit, fit_of (fixture), 1e-5);
  g_assert_cmpfloat (result->fit_a, >=, result->fit_before - 1e-9);
  g_assert_cmpfloat (result->fit, >=, result->fit_a - 1e-9);
  g_assert_cmpfloat_with_epsilon (result->degeneracy,
                                  cpac_cp_degeneracy ((const float *const *) fixture->factors,
                                                      fixture->shape->dims, fixture->shape->rank),
                                  1e-3 * result->degeneracy);
}

/* Every shape there is, with a bias and without: the fit gets better, and is what it is said to be.
 */
static void
test_fits (gconstpointer data)
{
  for (gint bias = 0; bias < 2; bias++) {
    g_auto (Fixture) fixture = { NULL };
    CpacCpRegression result;

    fixture_init (&fixture, data, 0.5, bias != 0);
    regress (&fixture, NULL, NULL, &result);
    g_test_message ("before %.4f, a %.4f, all %.4f, D %.3g, %u sweeps", result.fit_before,
                    result.fit_a, result.fit, result.degeneracy, result.n_sweeps);
    assert_fit (&fixture, &result);
    g_assert_cmpfloat (result.fit, >, 0);
    g_assert_cmpfloat (result.degeneracy, <, 10 + 1e-3);
  }
}

/* A kernel of few components is found again whatever one starts from: to the ridge. */
static void
test_recovers (void)
{
  static const CpShape shape = { "known", { 7, 3, 2, 5 }, 3 };
  CpacCpRegressOptions options = CPAC_CP_REGRESS_OPTIONS_INIT;
  g_auto (Fixture) fixture = { NULL };
  CpacCpRegression result;

  options.max_sweeps = 300;
  options.tolerance = 1e-12;
  options.ridge = 1e-9;
  fixture_init (&fixture, &shape, 0, TRUE);
  regress (&fixture, NULL, &options, &result);
  g_test_message ("fit %.6f after %u sweeps", result.fit, result.n_sweeps);
  g_assert_cmpfloat (result.fit, >, 0.999);
  assert_fit (&fixture, &result);
  for (guint n = 0; n < 7; n++)
    g_assert_cmpfloat_with_epsilon (fixture.bias[n], 0.25 * n + 2, 1e-2);
}

/* Without sweeps a and the bias are what no small change makes better. */
static void
test_a (void)
{
  static const CpShape shape = { "a", { 3, 3, 3, 2 }, 4 };
  CpacCpRegressOptions options = CPAC_CP_REGRESS_OPTIONS_INIT;
  g_auto (Fixture) fixture = { NULL };
  CpacCpRegression result;
  const float step = 0.01f;
  double best;

  options.max_sweeps = 0;
  options.ridge = 0;
  fixture_init (&fixture, &shape, 0.5, TRUE);
  regress (&fixture, NULL, &options, &result);
  g_assert_cmpuint (result.n_sweeps, ==, 0);
  g_assert_cmpfloat (result.fit, ==, result.fit_a);
  g_assert_cmpfloat (result.fit, >, result.fit_before + 0.05);
  assert_fit (&fixture, &result);
  best = fit_of (&fixture);
  for (guint i = 0; i < 3 * 4 + 3; i++)
    for (gint sign = -1; sign <= 1; sign += 2) {
      float *value = i < 12 ? &fixture.factors[0][i] : &fixture.bias[i - 12], keep = *value;

      *value += (float) sign * step;
      /* The weight of lambda^2 is 1e-6: what a better a could gain by it is far less. */
      g_assert_cmpfloat (fit_of (&fixture), <, best + 1e-6);
      *value = keep;
    }
}

/* All four factors fitted meet the outputs where a alone cannot: one component in the right place
 * but of the wrong direction. */
static void
test_all_factors (void)
{
  static const CpShape shape = { "one", { 5, 3, 3, 4 }, 1 };
  g_auto (Fixture) fixture = { NULL };
  CpacCpRegression result;

  fixture_init (&fixture, &shape, 0, TRUE);
  regress (&fixture, NULL, NULL, &result);
  g_assert_cmpfloat (result.fit_a, <, 0.9);
  g_assert_cmpfloat (result.fit, >, 0.99);
}

/* A channel that is always dark says nothing about its kernel, which stays the prior's. */
static void
test_prior (void)
{
  static const CpShape shape = { "dark", { 3, 1, 1, 3 }, 3 };
  g_auto (Fixture) fixture = { NULL };
  g_autoptr (CpacTensor) prior = cpac_tensor_new (CPAC_SHAPE (3, 3, 1, 1));
  CpacCpMoments *m;
  CpacCpRegression result;

  fixture_init (&fixture, &shape, 0, TRUE);
  m = fixture.moments;
  m->x[2] = 0;
  for (guint i = 0; i < 3; i++)
    m->xx[i * 3 + 2] = m->xx[2 * 3 + i] = m->yx[i * 3 + 2] = 0;
  for (guint n = 0; n < 3; n++)
    prior->data[n * 3 + 2] = (float) n - 1;
  regress (&fixture, prior, NULL, &result);
  for (guint n = 0; n < 3; n++)
    g_assert_cmpfloat_with_epsilon (entry_of (fixture.factors, &shape, n, 2), n - 1.0, 0.02);
}

/* x x y + x y x + y x x on white patches: components of rank 2 come the closer the more they cancel
 * each other. They are held back, if that is wanted. */
static void
test_degenerate (void)
{
  static const CpShape shape = { "swamp", { 2, 2, 1, 2 }, 2 };

  for (gint hold = 0; hold < 2; hold++) {
    CpacCpRegressOptions options = CPAC_CP_REGRESS_OPTIONS_INIT;
    g_auto (Fixture) fixture = { NULL };
    CpacCpRegression result;
    CpacCpMoments *m;

    fixture_init (&fixture, &shape, 0, FALSE);
    m = fixture.moments;
    memset (m->xx, 0, 16 * sizeof (double));
    memset (m->yx, 0, 8 * sizeof (double));
    for (guint i = 0; i < 4; i++)
      m->xx[5 * i] = m->n;
    /* K[n,y,s] = 1 where one of the three is 1 and the others 0. */
    m->yx[0 * 4 + 1] = m->yx[0 * 4 + 2] = m->yx[1 * 4 + 0] = m->n;
    m->y[0] = m->y[1] = 0;
    m->yy[0] = 2 * m->n;
    m->yy[1] = m->n;
    options.max_sweeps = 2000;
    options.tolerance = 0;
    options.max_degeneracy = hold ? 10 : INFINITY;
    regress (&fixture, NULL, &options, &result);
    g_test_message ("fit %.4f, D %.3g", result.fit, result.degeneracy);
    g_assert_true ((result.degeneracy <= 10 + 1e-3) == hold);
    /* One of the three terms alone leaves sqrt (2 / 3). */
    g_assert_cmpfloat (result.fit, >, 1 - sqrt (2.0 / 3));
  }
}

/* The same start and moments, the same bytes; in canonical form. */
static void
test_bytes (void)
{
  static const CpShape shape = { "bytes", { 5, 3, 2, 4 }, 6 };
  g_auto (Fixture) first = { NULL }, second = { NULL };
  CpacCpRegression result;

  fixture_init (&first, &shape, 0.5, TRUE);
  fixture_init (&second, &shape, 0.5, TRUE);
  regress (&first, NULL, NULL, &result);
  regress (&second, NULL, NULL, &result);
  cpac_cp_canonicalize (second.factors, shape.dims, shape.rank);
  for (guint m = 0; m < 4; m++)
    g_assert_cmpmem (first.factors[m], shape.dims[m] * shape.rank * sizeof (float),
                     second.factors[m], shape.dims[m] * shape.rank * sizeof (float));
  g_assert_cmpmem (first.bias, 5 * sizeof (float), second.bias, 5 * sizeof (float));
}

/* A component of nothing may come back, and does no harm. */
static void
test_zero_component (void)
{
  static const CpShape shape = { "zero", { 3, 3, 2, 2 }, 3 };
  g_auto (Fixture) fixture = { NULL };
  CpacCpRegression result;

  fixture_init (&fixture, &shape, 0, TRUE);
  for (guint m = 0; m < 4; m++)
    for (guint i = 0; i < shape.dims[m]; i++)
      fixture.factors[m][i * 3 + 1] = 0;
  regress (&fixture, NULL, NULL, &result);
  g_assert_cmpfloat (result.fit, >, 0.6);
  assert_fit (&fixture, &result);
}

static void
assert_refused (Fixture *fixture, const char *message)
{
  g_autoptr (GError) error = NULL;
  CpacCpRegression result;
  float keep = fixture->factors[0][0];

  g_assert_false (cpac_cp_regress (fixture->moments, NULL, fixture->shape->rank, NULL,
                                   fixture->factors, fixture->bias, &result, &error));
  g_assert_error (error, CPAC_ERROR, CPAC_ERROR_NUMERIC);
  g_assert_cmpstr (error->message, ==, message);
  g_assert_cmpfloat (fixture->factors[0][0], ==, keep);
}

static void
test_refused (void)
{
  static const CpShape shape = { "refused", { 2, 1, 2, 2 }, 2 };
  static const guint huge[4] = { 65536, 64, 64, 65536 };
  g_auto (Fixture) fixture = { NULL };
  g_autoptr (GError) error = NULL;

  fixture_init (&fixture, &shape, 0, TRUE);
  fixture.moments->xx[1] = NAN;
  assert_refused (&fixture, "what the layer reads or is to give is not finite on these pictures");
  fixture.moments->n = 0;
  assert_refused (&fixture, "no pixel to fit a kernel to, expected at least 1");
  g_assert_null (cpac_cp_moments_new (huge, TRUE, &error));
  g_assert_error (error, CPAC_ERROR, CPAC_ERROR_SHAPE);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  /* The last one's patches are larger than need be. */
  for (guint i = 0; i + 1 < N_CP_SHAPES; i++) {
    g_autofree char *path = g_strdup_printf ("/regress/fits/%s", cp_shapes[i].name);

    g_test_add_data_func (path, &cp_shapes[i], test_fits);
  }
  g_test_add_func ("/regress/recovers", test_recovers);
  g_test_add_func ("/regress/a", test_a);
  g_test_add_func ("/regress/all-factors", test_all_factors);
  g_test_add_func ("/regress/prior", test_prior);
  g_test_add_func ("/regress/degenerate", test_degenerate);
  g_test_add_func ("/regress/bytes", test_bytes);
  g_test_add_func ("/regress/zero-component", test_zero_component);
  g_test_add_func ("/regress/refused", test_refused);
  return g_test_run ();
}
