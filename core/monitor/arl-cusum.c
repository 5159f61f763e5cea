/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/monitor/arl-private.h"

#include <math.h>

#include "core/monitor/quadrature.h"

/* Run lengths of one side, from a sum of 0 and from a head start. */
typedef struct {
  double from_zero, from_head_start;
} Lengths;

/* L(s) = 1 + L(0) P (x <= k - s) + Int L(y) f (y + k - s) dy over 0 < y <= h. Unknowns: L(0), then
 * L at the nodes. */
static Lengths
solve_side (double k, double h, double head_start, const CpacArlProcess *process)
{
  guint n = cpac_quadrature_size (h), size = n + 1;
  g_autofree double *y = g_new (double, size);                    /* (n + 1), y[0] = 0 */
  g_autofree double *weights = g_new (double, size);              /* (n + 1), [0] unused */
  g_autofree double *matrix = g_new (double, size *(gsize) size); /* (n + 1, n + 1) */
  g_autofree double *length = g_new (double, size);               /* (n + 1) */
  double from_head_start;

  y[0] = 0;
  cpac_gauss_legendre (n, 0, h, y + 1, weights + 1);
  for (guint i = 0; i < size; i++) {
    double *row = matrix + (gsize) i * size;

    length[i] = 1;
    row[0] = (i == 0) - (1 - cpac_arl_upper (process, k - y[i]));
    for (guint j = 1; j < size; j++)
      row[j] = (i == j) - weights[j] * cpac_arl_density (process, y[j] + k - y[i]);
  }
  if (!cpac_solve (matrix, length, size))
    return (Lengths){ INFINITY, INFINITY };
  from_head_start = 1 + length[0] * (1 - cpac_arl_upper (process, k - head_start));
  for (guint j = 1; j < size; j++)
    from_head_start += weights[j] * length[j] * cpac_arl_density (process, y[j] + k - head_start);
  return (Lengths){ cpac_arl_bounded (length[0]), cpac_arl_bounded (from_head_start) };
}

double
cpac_arl_cusum (const CpacCusumDesign *design, const CpacArlProcess *process)
{
  CpacArlProcess mirrored = { -process->shift, process->df, 0 };
  Lengths a, b;

  if (process->phi != 0)
    return NAN;
  a = solve_side (design->k, design->h, design->head_start, process);
  if (design->sides == CPAC_SIDES_UPPER)
    return a.from_head_start;
  b = solve_side (design->k, design->h, design->head_start, &mirrored);
  /* Where one side never alarms, the other one alone does. */
  if (isinf (a.from_zero))
    return b.from_head_start;
  if (isinf (b.from_zero))
    return a.from_head_start;
  return (a.from_head_start * b.from_zero + a.from_zero * b.from_head_start -
          a.from_zero * b.from_zero) /
         (a.from_zero + b.from_zero);
}

double
cpac_arl_cusum_approximate (double k, double h, double shift)
{
  double delta = shift - k, b = h + 1.166;

  if (delta == 0)
    return b * b;
  return (expm1 (-2 * delta * b) + 2 * delta * b) / (2 * delta * delta);
}
