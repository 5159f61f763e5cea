/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/monitor/arl-private.h"

#include <math.h>

#include "core/monitor/distributions.h"
#include "core/monitor/quadrature.h"

/* Nodes beyond which memory (n^3 doubles) and time are no longer small. */
#define MAX_NODES 251

/* An EWMA of AR(1) points is a Markov chain in its last two averages (u, w): the last point was
 * x = (w - (1 - lambda) u) / lambda. */
typedef struct {
  double lambda, sigma; /* sigma: of a point, given the one before */
  const CpacArlProcess *process;
  guint n;
  double *w, *weights; /* (n) averages within the limits; the middle one is 0 */
  double *kernel;      /* (n, n, n): [i][j][k] to average k from (i, j), times its weight */
} Chain;

static double
point_between (const Chain *chain, double before, double after)
{
  return (after - (1 - chain->lambda) * before) / chain->lambda;
}

static void
fill_kernel (Chain *chain)
{
  guint n = chain->n;
  double shift = chain->process->shift, scale = chain->lambda * chain->sigma;
  double *out = chain->kernel;

  for (guint i = 0; i < n; i++)
    for (guint j = 0; j < n; j++) {
      double last = point_between (chain, chain->w[i], chain->w[j]);
      double mean = shift + chain->process->phi * (last - shift);

      for (guint k = 0; k < n; k++) {
        double x = point_between (chain, chain->w[j], chain->w[k]);

        *out++ = chain->weights[k] * cpac_normal_density ((x - mean) / chain->sigma) / scale;
      }
    }
}

/* P (no alarm within t + 1 more points) from P (... t ...), both (n, n). */
static void
step_back (const Chain *chain, const double *now, double *before)
{
  const double *kernel = chain->kernel;
  guint n = chain->n;

  for (guint i = 0; i < n; i++)
    for (guint j = 0; j < n; j++, kernel += n) {
      const double *from = now + (gsize) j * n;
      double sum = 0;

      for (guint k = 0; k < n; k++)
        sum += kernel[k] * from[k];
      before[(gsize) i * n + j] = sum;
    }
}

/* The first average is lambda times a point of the marginal distribution; the one before it was
 * the middle node. */
static double
survive_from_start (const Chain *chain, const double *now)
{
  const double *from = now + (gsize) (chain->n / 2) * chain->n;
  double sum = 0;

  for (guint k = 0; k < chain->n; k++) {
    double x = chain->w[k] / chain->lambda - chain->process->shift;

    sum += chain->weights[k] * cpac_normal_density (x) / chain->lambda * from[k];
  }
  return sum;
}

static double
run_chain (const Chain *chain)
{
  gsize size = (gsize) chain->n * chain->n;
  g_autofree double *now = g_new (double, size);    /* (n, n) */
  g_autofree double *before = g_new (double, size); /* (n, n) */
  CpacSurvival survival = { 0 };

  for (gsize i = 0; i < size; i++)
    now[i] = 1;
  cpac_survival_add (&survival, 1);
  while (!cpac_survival_add (&survival, survive_from_start (chain, now))) {
    double *kept = now;

    step_back (chain, now, before);
    now = before;
    before = kept;
  }
  return cpac_survival_get (&survival);
}

double
cpac_arl_ewma_correlated (const CpacEwmaDesign *design, const CpacArlProcess *process)
{
  double limit = cpac_ewma_get_limit (design, 0);
  double sigma = sqrt (1 - process->phi * process->phi);
  double width = 2 * limit / (design->lambda * sigma);
  guint n = (guint) MAX (41, ceil (2 * width)) | 1;
  g_autofree double *w = NULL;
  g_autofree double *weights = NULL;
  g_autofree double *kernel = NULL;
  Chain chain = { design->lambda, sigma, process, n, NULL, NULL, NULL };

  if (n > MAX_NODES)
    return NAN;
  chain.w = w = g_new (double, n);
  chain.weights = weights = g_new (double, n);
  chain.kernel = kernel = g_new (double, (gsize) n *n *n);
  cpac_gauss_legendre (n, -limit, limit, w, weights);
  fill_kernel (&chain);
  return run_chain (&chain);
}
