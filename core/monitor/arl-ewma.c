/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/monitor/arl-private.h"

#include <math.h>

#include "core/monitor/quadrature.h"

/* The limits of a fast start are the later ones when this share of the variance is missing. */
#define SETTLED 1e-10

typedef struct {
  double lambda;
  const CpacArlProcess *process;
  guint n;
  double *y, *weights; /* (n), of averages within the limits */
} Rule;

/* Density of the next average at @y when the last was @u. */
static double
kernel (const Rule *rule, double u, double y)
{
  return cpac_arl_density (rule->process, (y - (1 - rule->lambda) * u) / rule->lambda) /
         rule->lambda;
}

/* 1 + Int L(y) k(u, y) dy */
static double
integrate (const Rule *rule, double u, const double *length)
{
  double sum = 1;

  for (guint j = 0; j < rule->n; j++)
    sum += rule->weights[j] * length[j] * kernel (rule, u, rule->y[j]);
  return sum;
}

/* L(u) = 1 + Int L(y) k(u, y) dy at the nodes: @length (n). */
static gboolean
solve_settled (const Rule *rule, double *length)
{
  guint n = rule->n;
  g_autofree double *matrix = g_new (double, n *(gsize) n); /* (n, n) */

  for (guint i = 0; i < n; i++) {
    length[i] = 1;
    for (guint j = 0; j < n; j++)
      matrix[(gsize) i * n + j] =
          (i == j) - rule->weights[j] * kernel (rule, rule->y[i], rule->y[j]);
  }
  return cpac_solve (matrix, length, n);
}

/* Backwards from where the limits have settled: the lengths after point t from those after t + 1,
 * whose averages lie within the limits of t + 1. */
static double
walk_back (Rule *rule, const CpacEwmaDesign *design, double *length)
{
  guint64 t = (guint64) ceil (log (SETTLED) / (2 * log1p (-design->lambda)));
  g_autofree double *earlier = g_new (double, rule->n);   /* (n) */
  g_autofree double *earlier_y = g_new (double, rule->n); /* (n) */
  g_autofree double *unused = g_new (double, rule->n);    /* (n) */

  for (; t > 0; t--) {
    double limit = cpac_ewma_get_limit (design, t);

    cpac_gauss_legendre (rule->n, -limit, limit, earlier_y, unused);
    for (guint i = 0; i < rule->n; i++)
      earlier[i] = integrate (rule, earlier_y[i], length);
    cpac_gauss_legendre (rule->n, -limit, limit, rule->y, rule->weights);
    for (guint i = 0; i < rule->n; i++)
      length[i] = earlier[i];
  }
  return integrate (rule, 0, length);
}

double
cpac_arl_ewma (const CpacEwmaDesign *design, const CpacArlProcess *process)
{
  double limit = design->limit * sqrt (design->lambda / (2 - design->lambda));
  guint n = cpac_quadrature_size (2 * limit / design->lambda);
  g_autofree double *y = g_new (double, n);       /* (n) */
  g_autofree double *weights = g_new (double, n); /* (n) */
  g_autofree double *length = g_new (double, n);  /* (n) */
  Rule rule = { design->lambda, process, n, y, weights };

  if (process->phi != 0)
    return design->fast_start ? NAN : cpac_arl_ewma_correlated (design, process);
  cpac_gauss_legendre (n, -limit, limit, y, weights);
  if (!solve_settled (&rule, length))
    return INFINITY;
  /* At lambda = 1 the limits are the same from the first point on. */
  if (design->fast_start && design->lambda < 1)
    return cpac_arl_bounded (walk_back (&rule, design, length));
  return cpac_arl_bounded (integrate (&rule, 0, length));
}
