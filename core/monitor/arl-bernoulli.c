/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/monitor/arl-private.h"

#include <math.h>

#include "core/monitor/distributions.h"
#include "core/monitor/quadrature.h"

/* What lies beyond is nothing, to all digits. */
#define FAR 12

/* x -> a + b x */
typedef struct {
  double a, b;
} Map;

/* x -> outer (inner (x)) */
static Map
compose (Map outer, Map inner)
{
  return (Map){ outer.a + outer.b * inner.a, outer.b * inner.b };
}

/* maps[bottom], maps[bottom + 1] after it, and so on up to the end of the block, into @sums. */
static void
sum_block (const Map *maps, Map *sums, guint bottom, guint end)
{
  sums[bottom] = maps[bottom];
  for (guint s = bottom + 1; s < end; s++)
    sums[s] = compose (maps[s], sums[s - 1]);
}

/* With G(s) the parts left after a good part, R(s) after a reject, g and r the shares of rejects
 * that follow these, w = step - 1:
 *
 *   G(s) = 1 + (1 - g) G(s - 1) + g R(s + w),   R(s) = 1 + (1 - r) G(s - 1) + r R(s + w),
 *
 * R = 0 from the limit on. From the top down G(s) and R(s) are maps of G(s - 1): R(s + w) is one of
 * G(s + w - 1), which is one of G(s) by the maps of s + 1 to s + w - 1 in a row. That row is cut at
 * a multiple of its length: above the cut sums are ready, below it one grows; so each state costs
 * the same, whatever the step. All terms are positive. */
double
cpac_arl_bernoulli (const CpacBernoulliDesign *design, double rate, double repeat_rate)
{
  guint limit = design->limit, w = design->step - 1, row = w - 1;
  g_autofree Map *good = g_new (Map, limit);    /* (limit) G */
  g_autofree Map *rejects = g_new (Map, limit); /* (limit) R */
  g_autofree Map *sums = g_new (Map, limit);    /* (limit) */
  /* As many runs of rejects begin as end. */
  double g = rate < 1 ? rate * (1 - repeat_rate) / (1 - rate) : 1, r = repeat_rate;
  Map below = { 0, 1 };

  if (g <= 0)
    return rate > 0 ? NAN : INFINITY;
  for (guint s = limit - 1;; s--) {
    Map beyond = { 0, 0 };

    if (s + (guint64) w < limit)
      beyond = compose (rejects[s + w], row > 0 ? compose (sums[s + row], below) : below);
    /* At 0 a good part changes nothing: G(0) = 1 + (1 - g) G(0) + g (a + b G(0)). */
    if (s == 0)
      return cpac_arl_bounded ((1 + g * beyond.a) / (g * (1 - beyond.b)));
    good[s].a = (1 + g * beyond.a) / (1 - g * beyond.b);
    good[s].b = (1 - g) / (1 - g * beyond.b);
    rejects[s].a = 1 + r * (beyond.a + beyond.b * good[s].a);
    rejects[s].b = 1 - r + r * beyond.b * good[s].b;
    if (row == 0)
      continue;
    below = compose (below, good[s]);
    if (s % row == 0) {
      sum_block (good, sums, s, (guint) MIN (s + (guint64) row, limit));
      below = (Map){ 0, 1 };
    }
  }
}

double
cpac_arl_t2 (double limit, guint dimensions, double distance)
{
  return cpac_arl_bounded (1 / cpac_chi_square_shifted_upper (limit, dimensions, distance));
}

/* P (both beyond) / P (one beyond): Int f(x) P (next > c | x) dx over x > c. */
double
cpac_arl_get_repeat_rate (double rate, double phi)
{
  double c = cpac_normal_upper_quantile (rate), sigma = sqrt (1 - phi * phi), sum = 0;
  guint n = cpac_quadrature_size (FAR / sigma);
  g_autofree double *x = g_new (double, n);       /* (n) */
  g_autofree double *weights = g_new (double, n); /* (n) */

  cpac_gauss_legendre (n, c, c + FAR, x, weights);
  for (guint i = 0; i < n; i++)
    sum += weights[i] * cpac_normal_density (x[i]) * cpac_normal_upper ((c - phi * x[i]) / sigma);
  return sum / rate;
}
