/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/cp/rank.h"

#include <float.h>
#include <math.h>

void
cpac_rank_ladder_init (CpacRankLadder *ladder, guint max_rank)
{
  ladder->max_rank = max_rank;
  ladder->cost = g_new0 (double, max_rank + 1);
  ladder->loss = g_new0 (double, max_rank + 1);
}

void
cpac_rank_ladder_clear (CpacRankLadder *ladder)
{
  g_clear_pointer (&ladder->cost, g_free);
  g_clear_pointer (&ladder->loss, g_free);
}

/* Between two losses, at @share of the way; of what is no loss there is no logarithm. */
static double
between (double from, double to, double share)
{
  if (from < DBL_MIN || to < DBL_MIN)
    return from + share * (to - from);
  return exp (log (from) + share * (log (to) - log (from)));
}

void
cpac_rank_ladder_interpolate (CpacRankLadder *ladder, const guint *ranks, const double *losses,
                              guint n)
{
  double least = INFINITY;

  for (guint i = 0; i < n; i++) {
    double from = least;

    least = MIN (least, losses[i]);
    ladder->loss[ranks[i]] = least;
    for (guint r = i > 0 ? ranks[i - 1] + 1 : ranks[0]; r < ranks[i]; r++)
      ladder->loss[r] =
          between (from, least, (double) (r - ranks[i - 1]) / (ranks[i] - ranks[i - 1]));
  }
}

/* The order of the steps: ranks 1 to max_rank, then the layer as it is. */
static guint
rank_of_step (const CpacRankLadder *ladder, guint step)
{
  return step < ladder->max_rank ? step + 1 : 0;
}

typedef struct {
  guint layer, step;
  double gain; /* loss saved for each unit of cost */
} Move;

/* The best way up for layer @index from @step, within @left. */
static void
look_up (const CpacRankLadder *ladder, guint index, guint step, double left, Move *best)
{
  guint from = rank_of_step (ladder, step);

  for (guint next = step + 1; next <= ladder->max_rank; next++) {
    guint rank = rank_of_step (ladder, next);
    double cost = ladder->cost[rank] - ladder->cost[from];
    double saved = ladder->loss[from] - ladder->loss[rank], gain;

    if (cost > left || saved <= 0)
      continue;
    gain = cost > 0 ? saved / cost : INFINITY;
    if (gain > best->gain)
      *best = (Move){ index, next, gain };
  }
}

gboolean
cpac_rank_choose (const CpacRankLadder *ladders, guint n, double budget, guint *ranks,
                  GError **error)
{
  g_autofree guint *steps = g_new0 (guint, n + 1);
  double cost = 0;

  for (guint i = 0; i < n; i++)
    cost += ladders[i].cost[rank_of_step (&ladders[i], 0)];
  if (cost > budget) {
    g_set_error (error, CPAC_ERROR, CPAC_ERROR_SCHEMA,
                 "the layers cost %g at rank 1 already, more than the %g they may", cost, budget);
    return FALSE;
  }
  for (;;) {
    Move best = { 0 };

    for (guint i = 0; i < n; i++)
      look_up (&ladders[i], i, steps[i], budget - cost, &best);
    if (!(best.gain > 0))
      break;
    cost += ladders[best.layer].cost[rank_of_step (&ladders[best.layer], best.step)] -
            ladders[best.layer].cost[rank_of_step (&ladders[best.layer], steps[best.layer])];
    steps[best.layer] = best.step;
  }
  for (guint i = 0; i < n; i++)
    ranks[i] = rank_of_step (&ladders[i], steps[i]);
  return TRUE;
}

guint
cpac_rank_find (const CpacRankLadder *ladder, double loss)
{
  for (guint rank = 1; rank <= ladder->max_rank; rank++)
    if (ladder->loss[rank] <= loss)
      return rank;
  return 0;
}
