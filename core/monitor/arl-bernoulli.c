/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/monitor/arl-private.h"

#include <math.h>

#include "core/monitor/distributions.h"

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

/* L(s) = 1 + (1 - p) L(s - 1) + p L(s + step - 1), with L = 0 from the limit on. From the top down
 * L(s) is a map of L(s - 1): L(s + step - 1) is one of L(s), the maps of s + 1 to s + step - 1 in
 * a row. That row is cut at a multiple of its length: above the cut sums are ready, below it one
 * grows; so each state costs the same, whatever the step. All terms are positive. */
double
cpac_arl_bernoulli (const CpacBernoulliDesign *design, double rate)
{
  guint limit = design->limit, row = design->step - 1;
  g_autofree Map *maps = g_new (Map, limit); /* (limit) */
  g_autofree Map *sums = g_new (Map, limit); /* (limit) */
  Map below = { 0, 1 }, beyond = { 0, 0 };

  if (rate <= 0)
    return INFINITY;
  for (guint s = limit - 1;; s--) {
    beyond = s + (guint64) row < limit ? compose (sums[s + row], below) : (Map){ 0, 0 };
    if (s == 0)
      break;
    maps[s].a = (1 + rate * beyond.a) / (1 - rate * beyond.b);
    maps[s].b = (1 - rate) / (1 - rate * beyond.b);
    below = compose (below, maps[s]);
    if (s % row == 0) {
      sum_block (maps, sums, s, (guint) MIN (s + (guint64) row, limit));
      below = (Map){ 0, 1 };
    }
  }
  /* At 0 a good part changes nothing: L(0) = 1 + (1 - p) L(0) + p (a + b L(0)). */
  return cpac_arl_bounded ((1 + rate * beyond.a) / (rate * (1 - beyond.b)));
}

double
cpac_arl_t2 (double limit, guint dimensions, double distance)
{
  return cpac_arl_bounded (1 / cpac_chi_square_shifted_upper (limit, dimensions, distance));
}
