/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* GFLOP/s (2 per multiply-add) of the thin products at every level beside OpenBLAS's, on the shapes
 * of a strip of training: the best of repeated runs. */

#include "core/kernels/thin.h"
#include "core/tensor/linalg.h"
#include "core/tensor/tensor.h"

enum { N_RUNS = 15, OPERATIONS = 1 << 26 };

/* Rows, columns and the length of a strip, as those of RGB 256x256 and of MNIST. */
static const struct {
  guint m, k;
  gsize n;
} shapes[] = {
  { 16, 8, 2064 }, { 8, 3, 2064 }, { 32, 16, 1040 }, { 64, 32, 660 },
  { 32, 64, 340 }, { 12, 1, 784 }, { 8, 12, 726 },   { 8, 5, 141 },
};

typedef struct {
  guint m, k;
  gsize n, stride;
  float *weights, *in, *out;
} Product;

typedef void (*RunFunc) (const Product *product, const CpacThinKernels *kernels);

static void
run_mix (const Product *p, const CpacThinKernels *kernels)
{
  CpacMix mix = {
    p->n, p->m, p->k, p->weights, p->k, 1, NULL, p->in, p->stride, p->out, p->stride
  };

  kernels->mix (&mix);
}

static void
run_outer (const Product *p, const CpacThinKernels *kernels)
{
  CpacOuter outer = { p->n, p->m, p->k, p->out, p->stride, p->in, p->stride, p->weights };

  kernels->outer (&outer);
}

static void
run_blas_mix (const Product *p, const CpacThinKernels *kernels)
{
  cpac_sgemm (FALSE, FALSE, p->m, (guint) p->n, p->k, 1, p->weights, p->k, p->in, (guint) p->stride,
              0, p->out, (guint) p->stride);
}

static void
run_blas_outer (const Product *p, const CpacThinKernels *kernels)
{
  cpac_sgemm (FALSE, TRUE, p->m, p->k, (guint) p->n, 1, p->out, (guint) p->stride, p->in,
              (guint) p->stride, 1, p->weights, p->k);
}

static double
gflops (const Product *p, RunFunc run, const CpacThinKernels *kernels)
{
  double operations = 2.0 * p->m * p->k * (double) p->n, best = 0;
  guint n_calls = (guint) (OPERATIONS / operations) + 1;

  for (guint i = 0; i < N_RUNS; i++) {
    gint64 start = g_get_monotonic_time ();

    for (guint c = 0; c < n_calls; c++)
      run (p, kernels);
    best =
        MAX (best, 1e-3 * operations * n_calls / (double) MAX (g_get_monotonic_time () - start, 1));
  }
  return best;
}

static void
bench_shape (guint m, guint k, gsize n)
{
  /* As strips are laid out: an odd number of cache lines. */
  gsize stride = ((n + 15) / 16 | 1) * 16;
  Product p = { .m = m, .k = k, .n = n, .stride = stride };

  p.weights = cpac_aligned_new0 ((gsize) m * k, sizeof (float));
  p.in = cpac_aligned_new0 (k * stride, sizeof (float));
  p.out = cpac_aligned_new0 (m * stride, sizeof (float));
  g_print ("%2ux%-2u %4" G_GSIZE_FORMAT "  OpenBLAS mix %6.1f outer %6.1f", m, k, n,
           gflops (&p, run_blas_mix, NULL), gflops (&p, run_blas_outer, NULL));
  for (guint level = 0; level < CPAC_N_LEVELS; level++)
    if (level != CPAC_LEVEL_SSE2 && cpac_level_is_supported (level))
      g_print ("  %s %6.1f %6.1f", cpac_level_to_string (level),
               gflops (&p, run_mix, cpac_thin_kernels_get (level)),
               gflops (&p, run_outer, cpac_thin_kernels_get (level)));
  g_print ("\n");
  cpac_aligned_free (p.weights);
  cpac_aligned_free (p.in);
  cpac_aligned_free (p.out);
}

int
main (void)
{
  cpac_linalg_init ();
  for (guint i = 0; i < G_N_ELEMENTS (shapes); i++)
    bench_shape (shapes[i].m, shapes[i].k, shapes[i].n);
  return 0;
}
