/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* CP-ALS on kernels of convolutions: seconds, sweeps, and how well factors that were planted are
 * found again under noise; and the fit of all factors to outputs, for the largest of them. */

#include <math.h>

#include "core/cp/cp.h"
#include "core/cp/regress.h"
#include "core/random.h"

/* Planted rank and noise relative to the kernel's norm; rank 0: nothing but noise. */
typedef struct {
  guint n, c, side, planted;
  double noise;
  guint rank;
} Case;

static const Case cases[] = {
  { 32, 16, 3, 24, 0.05, 24 }, { 32, 16, 3, 24, 0.05, 32 }, { 64, 64, 3, 0, 1, 64 },
  { 64, 64, 3, 64, 0.05, 64 }, { 256, 64, 3, 0, 1, 128 },
};

static void
fill_normal (CpacTensor *tensor, CpacRandom *random, double spread)
{
  for (gsize i = 0; i < cpac_shape_count (&tensor->shape); i++)
    tensor->data[i] += (float) (spread * cpac_random_normal (random));
}

static double
norm_of (const CpacTensor *tensor)
{
  double sum = 0;

  for (gsize i = 0; i < cpac_shape_count (&tensor->shape); i++)
    sum += (double) tensor->data[i] * tensor->data[i];
  return sqrt (sum);
}

/* (transfer full) */
static CpacTensor *
make_kernel (const Case *test)
{
  const guint dims[4] = { test->n, test->side, test->side, test->c };
  CpacTensor *kernel = cpac_tensor_new (CPAC_SHAPE (test->n, test->c, test->side, test->side));
  gsize n = cpac_shape_count (&kernel->shape);
  CpacRandom random;
  double norm = 1;

  cpac_random_init (&random, 1, CPAC_STREAM_GOLDEN, 0);
  if (test->planted > 0) {
    CpacTensor *factors[4];
    const float *values[4];

    for (guint m = 0; m < 4; m++) {
      factors[m] = cpac_tensor_new (CPAC_SHAPE (dims[m], test->planted));
      fill_normal (factors[m], &random, 1);
      values[m] = factors[m]->data;
    }
    cpac_tensor_free (kernel);
    kernel = cpac_cp_reconstruct (values, dims, test->planted);
    norm = norm_of (kernel);
    for (guint m = 0; m < 4; m++)
      cpac_tensor_free (factors[m]);
  }
  fill_normal (kernel, &random, test->noise * norm / sqrt ((double) n));
  return kernel;
}

static double
seconds_since (gint64 begin)
{
  return (double) (g_get_monotonic_time () - begin) / G_USEC_PER_SEC;
}

/* White patches, and the kernel's own outputs. */
static void
time_regression (const Case *test, const CpacTensor *kernel, const CpacCp *cp)
{
  const guint dims[4] = { test->n, test->side, test->side, test->c };
  g_autoptr (CpacCpMoments) m = cpac_cp_moments_new (dims, FALSE, NULL);
  gsize n_taps = cpac_cp_moments_get_n_taps (m), n_side = test->side * test->side;
  float *factors[4] = { cp->a->data, cp->b->data, cp->c->data, cp->d->data };
  CpacCpRegression result;
  gint64 begin;

  m->n = 1;
  for (gsize i = 0; i < n_taps; i++)
    m->xx[i * n_taps + i] = 1;
  for (gsize f = 0; f < test->n; f++)
    for (gsize i = 0; i < n_taps; i++) {
      double value = kernel->data[(f * test->c + i % test->c) * n_side + i / test->c];

      m->yx[f * n_taps + i] = value;
      m->yy[f] += value * value;
    }
  begin = g_get_monotonic_time ();
  if (cpac_cp_regress (m, kernel, test->rank, NULL, factors, NULL, &result, NULL))
    g_print ("    outputs: %.2f s, %u sweeps, fit %.4f to %.4f\n", seconds_since (begin),
             result.n_sweeps, result.fit_before, result.fit);
}

int
main (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    const Case *test = &cases[i];
    g_autoptr (CpacTensor) kernel = make_kernel (test);
    g_autoptr (GError) error = NULL;
    gint64 begin = g_get_monotonic_time ();
    g_autoptr (CpacCp) cp = cpac_cp_als (kernel, test->rank, NULL, &error);
    double seconds = seconds_since (begin);

    if (cp == NULL) {
      g_printerr ("%s\n", error->message);
      return 1;
    }
    g_print ("%ux%ux%ux%u, %u planted, noise %g: rank %u in %.2f s (3 starts), %u sweeps, error "
             "%.4f, D %.2f, congruence %.2f\n",
             test->n, test->c, test->side, test->side, test->planted, test->noise, test->rank,
             seconds, cp->n_sweeps, 1 - cp->fit, cp->degeneracy, cp->congruence);
    time_regression (test, kernel, cp);
  }
  return 0;
}
