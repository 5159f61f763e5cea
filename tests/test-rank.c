/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include <math.h>

#include "core/cp/rank.h"
#include "core/error.h"

#define MAX_RANK 8

/* Rank r costs r @unit, the layer itself @dense; the loss at rank r is losses[r]. */
static void
ladder_init (CpacRankLadder *ladder, guint max_rank, double unit, double dense,
             const double *losses)
{
  cpac_rank_ladder_init (ladder, max_rank);
  ladder->cost[0] = dense;
  for (guint r = 1; r <= max_rank; r++) {
    ladder->cost[r] = r * unit;
    ladder->loss[r] = losses[r];
  }
}

static void
test_interpolate (void)
{
  static const guint ranks[] = { 1, 2, 4, 8 };
  static const double falling[] = { 1, 0.5, 0.125, 0.125 }, rising[] = { 1, 0.5, 0.75, 0 };
  CpacRankLadder ladder;

  cpac_rank_ladder_init (&ladder, MAX_RANK);
  cpac_rank_ladder_interpolate (&ladder, ranks, falling, 4);
  g_assert_cmpfloat (ladder.loss[0], ==, 0);
  g_assert_cmpfloat (ladder.loss[1], ==, 1);
  g_assert_cmpfloat (ladder.loss[2], ==, 0.5);
  /* Half way between log (1/2) and log (1/8). */
  g_assert_cmpfloat_with_epsilon (ladder.loss[3], 0.25, 1e-12);
  g_assert_cmpfloat (ladder.loss[4], ==, 0.125);
  g_assert_cmpfloat_with_epsilon (ladder.loss[6], 0.125, 1e-12);
  /* A loss that rises is noise; one of 0 has no logarithm. */
  cpac_rank_ladder_interpolate (&ladder, ranks, rising, 4);
  g_assert_cmpfloat_with_epsilon (ladder.loss[3], 0.5, 1e-12);
  g_assert_cmpfloat (ladder.loss[4], ==, 0.5);
  g_assert_cmpfloat_with_epsilon (ladder.loss[6], 0.25, 1e-12);
  g_assert_cmpfloat (ladder.loss[8], ==, 0);
  cpac_rank_ladder_clear (&ladder);
}

static const double steep[] = { 0, 10, 6, 3, 1 }, flat[] = { 0, 5, 4, 3, 2 };

/* Two layers; what each step saves for its cost can be followed by hand. */
static void
test_choose (void)
{
  static const struct {
    double budget;
    guint ranks[2];
  } cases[] = {
    { 2, { 1, 1 } },
    { 2.9, { 1, 1 } },
    { 3, { 2, 1 } },
    { 5, { 4, 1 } }, /* 10 - 1 in three steps, 3 each, before anything of the other */
    { 7, { 4, 3 } },
    { 8, { 4, 4 } },
    { 10, { 4, 0 } }, /* 2 saved by the layer as it is, at 6 */
    { 100, { 0, 0 } },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    CpacRankLadder ladders[2];
    guint ranks[2] = { 99, 99 };
    g_autoptr (GError) error = NULL;

    ladder_init (&ladders[0], 4, 1, 40, steep);
    ladder_init (&ladders[1], 4, 1, 6, flat);
    g_assert_true (cpac_rank_choose (ladders, 2, cases[i].budget, ranks, &error));
    g_assert_no_error (error);
    g_assert_cmpuint (ranks[0], ==, cases[i].ranks[0]);
    g_assert_cmpuint (ranks[1], ==, cases[i].ranks[1]);
    cpac_rank_ladder_clear (&ladders[0]);
    cpac_rank_ladder_clear (&ladders[1]);
  }
}

/* A long step may be worth it where the next one is not: no gain until rank 3. */
static void
test_long_step (void)
{
  static const double cliff[] = { 0, 10, 10, 1 };
  CpacRankLadder ladder;
  guint rank;

  ladder_init (&ladder, 3, 1, 9, cliff);
  g_assert_true (cpac_rank_choose (&ladder, 1, 3, &rank, NULL));
  g_assert_cmpuint (rank, ==, 3);
  g_assert_true (cpac_rank_choose (&ladder, 1, 2, &rank, NULL));
  g_assert_cmpuint (rank, ==, 1);
  cpac_rank_ladder_clear (&ladder);
}

/* A layer no rank of which is worth having stays, and is paid for. */
static void
test_no_rank (void)
{
  CpacRankLadder ladders[2];
  guint ranks[2];
  g_autoptr (GError) error = NULL;

  ladder_init (&ladders[0], 0, 0, 5, steep);
  ladder_init (&ladders[1], 4, 1, 6, flat);
  g_assert_true (cpac_rank_choose (ladders, 2, 7, ranks, NULL));
  g_assert_cmpuint (ranks[0], ==, 0);
  g_assert_cmpuint (ranks[1], ==, 2);
  g_assert_false (cpac_rank_choose (ladders, 2, 5.5, ranks, &error));
  g_assert_error (error, CPAC_ERROR, CPAC_ERROR_SCHEMA);
  g_assert_cmpstr (error->message, ==,
                   "the layers cost 6 at rank 1 already, more than the 5.5 they may");
  cpac_rank_ladder_clear (&ladders[0]);
  cpac_rank_ladder_clear (&ladders[1]);
}

static void
test_find (void)
{
  CpacRankLadder ladder;

  ladder_init (&ladder, 4, 1, 40, steep);
  g_assert_cmpuint (cpac_rank_find (&ladder, 100), ==, 1);
  g_assert_cmpuint (cpac_rank_find (&ladder, 6), ==, 2);
  g_assert_cmpuint (cpac_rank_find (&ladder, 1), ==, 4);
  g_assert_cmpuint (cpac_rank_find (&ladder, 0.5), ==, 0);
  cpac_rank_ladder_clear (&ladder);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/rank/interpolate", test_interpolate);
  g_test_add_func ("/rank/choose", test_choose);
  g_test_add_func ("/rank/long-step", test_long_step);
  g_test_add_func ("/rank/no-rank", test_no_rank);
  g_test_add_func ("/rank/find", test_find);
  return g_test_run ();
}
