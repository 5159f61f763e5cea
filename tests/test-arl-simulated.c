/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include <math.h>

#include "core/monitor/arl.h"
#include "core/random.h"

/* The charts that run against what is computed of them. Of each average run length the simulation
 * knows its own standard error; a difference of four of them happens once in 16,000 comparisons.
 * The seeds are fixed: what passes once does so for ever. CPAC_TEST_LONG=1 simulates 50 times as
 * many runs. */
static guint
get_n_runs (void)
{
  return g_getenv ("CPAC_TEST_LONG") != NULL ? 100000 : 2000;
}

static gboolean
step_shewhart (gpointer chart, double x)
{
  return cpac_shewhart_step (chart, x) != CPAC_SIGNAL_NONE;
}

static void
reset_shewhart (gpointer chart)
{
}

static gboolean
step_ewma (gpointer chart, double x)
{
  return cpac_ewma_step (chart, x) != CPAC_SIGNAL_NONE;
}

static void
reset_ewma (gpointer chart)
{
  cpac_ewma_reset (chart);
}

static gboolean
step_cusum (gpointer chart, double x)
{
  return cpac_cusum_step (chart, x) != CPAC_SIGNAL_NONE;
}

static void
reset_cusum (gpointer chart)
{
  cpac_cusum_reset (chart);
}

static void
assert_agrees (CpacArlEstimate estimate, double expected)
{
  g_assert_cmpfloat_with_epsilon (estimate.arl, expected, 4 * estimate.standard_error);
  g_assert_cmpfloat (estimate.standard_error, <, 2 * expected / sqrt (get_n_runs ()));
}

/* Independent, shifted, heavy-tailed, autocorrelated. */
static const CpacArlProcess processes[] = {
  { 0 },          { .shift = 0.5 }, { .shift = -1 },
  { .shift = 3 }, { .df = 4 },      { .shift = 1, .df = 10 },
  { .phi = 0.3 }, { .phi = -0.6 },  { .shift = 0.8, .phi = 0.6 },
};

static void
test_shewhart (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (processes); i++)
    for (CpacSides sides = CPAC_SIDES_BOTH; sides <= CPAC_SIDES_UPPER; sides++) {
      CpacShewhartDesign design = { .limit = 2, .sides = sides };

      assert_agrees (cpac_arl_simulate (step_shewhart, reset_shewhart, &design, &processes[i],
                                        get_n_runs (), i),
                     cpac_arl_shewhart (&design, &processes[i]));
    }
}

static void
test_ewma (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (processes); i++)
    for (guint fast = 0; fast < 2; fast++) {
      CpacEwma ewma = { .design = { .lambda = 0.2, .limit = 2, .fast_start = fast } };

      if (fast && processes[i].phi != 0)
        continue;
      assert_agrees (
          cpac_arl_simulate (step_ewma, reset_ewma, &ewma, &processes[i], get_n_runs (), i),
          cpac_arl_ewma (&ewma.design, &processes[i]));
    }
}

static void
test_cusum (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (processes); i++)
    for (guint kind = 0; kind < 4; kind++) {
      CpacCusum cusum = { .design = { .k = 0.5,
                                      .h = 3,
                                      .head_start = kind & 1 ? 1.5 : 0,
                                      .sides = kind & 2 ? CPAC_SIDES_UPPER : CPAC_SIDES_BOTH } };

      if (processes[i].phi != 0 || (processes[i].shift < 0 && kind & 2))
        continue;
      assert_agrees (
          cpac_arl_simulate (step_cusum, reset_cusum, &cusum, &processes[i], get_n_runs (), i),
          cpac_arl_cusum (&cusum.design, &processes[i]));
    }
}

/* The numbers of a simulation of 4,000 runs, against one of ours: both have an error. */
static void
test_cusum_autocorrelated (void)
{
  static const double phi[] = { 0, 0.1, 0.25, 0.5, 0.75 };
  static const double expected[] = { 468, 245, 120, 51, 32 };

  for (guint i = 0; i < G_N_ELEMENTS (phi); i++) {
    CpacCusum cusum = { .design = { .k = 0.5, .h = 5 } };
    CpacArlProcess process = { .phi = phi[i] };
    CpacArlEstimate estimate =
        cpac_arl_simulate (step_cusum, reset_cusum, &cusum, &process, get_n_runs (), i);
    double theirs = expected[i] / sqrt (4000);

    /* They are rounded to whole points. */
    g_assert_cmpfloat_with_epsilon (estimate.arl, expected[i],
                                    4 * hypot (estimate.standard_error, theirs) + 0.5);
  }
}

static void
test_rules (void)
{
  static const guint sets[] = {
    CPAC_RULES_WESTERN_ELECTRIC,
    CPAC_RULE_BEYOND_3 | CPAC_RULE_9_SAME,
    CPAC_RULES_NELSON & ~CPAC_RULES_OF_ORDER,
    CPAC_RULE_2_OF_3 | CPAC_RULE_8_FAR,
  };

  for (guint i = 0; i < G_N_ELEMENTS (processes); i++)
    for (guint k = 0; k < G_N_ELEMENTS (sets); k++) {
      if (processes[i].phi != 0)
        continue;
      assert_agrees (cpac_arl_simulate_rules (sets[k], &processes[i], get_n_runs (), i),
                     cpac_arl_rules (sets[k], &processes[i], NULL));
    }
}

/* Rejects drawn as such. */
static void
test_bernoulli (void)
{
  static const double rates[] = { 0.02, 0.05, 0.3 };
  guint n_runs = get_n_runs ();

  for (guint i = 0; i < G_N_ELEMENTS (rates); i++) {
    CpacBernoulliCusum cusum = { .design = { .step = 30, .limit = 70 } };
    double sum = 0, squares = 0, expected = cpac_arl_bernoulli (&cusum.design, rates[i], rates[i]);

    for (guint run = 0; run < n_runs; run++) {
      CpacRandom random;
      double length = 1;

      cpac_random_init (&random, i, 100, run);
      cpac_bernoulli_reset (&cusum);
      while (!cpac_bernoulli_step (&cusum, cpac_random_double (&random) < rates[i]))
        length++;
      sum += length;
      squares += length * length;
    }
    sum /= n_runs;
    assert_agrees ((CpacArlEstimate){ sum, sqrt ((squares / n_runs - sum * sum) / n_runs) },
                   expected);
  }
}

/* Limits from estimates. The reference is a Monte Carlo of unknown size; ours of 400 draws has a
 * median known to 1.25 sd / 20, 6 % of the spread between the quantiles, so both agree to a
 * tenth or so. */
static void
test_estimated (void)
{
  static const struct {
    guint m;
    double ewma, ewma_low, shewhart, shewhart_low;
  } rows[] = {
    { 50, 281, 93, 319, 100 },
    { 100, 337, 149, 326, 132 },
    { 300, 431, 290, 366, 229 },
    { 1000, 473, 369, 371, 280 },
  };
  CpacEwmaDesign ewma = { .lambda = 0.1, .limit = 2.814 };
  CpacShewhartDesign shewhart = { .limit = 3 };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    guint m = rows[i].m;

    g_assert_cmpfloat_with_epsilon (cpac_arl_ewma_estimated (&ewma, m, 0.5, 400, 1) / rows[i].ewma,
                                    1, 0.12);
    g_assert_cmpfloat_with_epsilon (
        cpac_arl_ewma_estimated (&ewma, m, 0.1, 400, 1) / rows[i].ewma_low, 1, 0.12);
    g_assert_cmpfloat_with_epsilon (
        cpac_arl_shewhart_estimated (&shewhart, m, 0.5, 4000, 1) / rows[i].shewhart, 1, 0.12);
    g_assert_cmpfloat_with_epsilon (
        cpac_arl_shewhart_estimated (&shewhart, m, 0.1, 4000, 1) / rows[i].shewhart_low, 1, 0.12);
  }
}

static void
test_seeds (void)
{
  CpacEwma ewma = { .design = { .lambda = 0.2, .limit = 2 } };
  CpacArlEstimate a = cpac_arl_simulate (step_ewma, reset_ewma, &ewma, &processes[0], 10, 1);
  CpacArlEstimate same = cpac_arl_simulate (step_ewma, reset_ewma, &ewma, &processes[0], 10, 1);
  CpacArlEstimate other = cpac_arl_simulate (step_ewma, reset_ewma, &ewma, &processes[0], 10, 2);

  g_assert_cmpfloat (a.arl, ==, same.arl);
  g_assert_cmpfloat (a.arl, !=, other.arl);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/arl-simulated/shewhart", test_shewhart);
  g_test_add_func ("/arl-simulated/ewma", test_ewma);
  g_test_add_func ("/arl-simulated/cusum", test_cusum);
  g_test_add_func ("/arl-simulated/cusum-autocorrelated", test_cusum_autocorrelated);
  g_test_add_func ("/arl-simulated/rules", test_rules);
  g_test_add_func ("/arl-simulated/bernoulli", test_bernoulli);
  g_test_add_func ("/arl-simulated/estimated", test_estimated);
  g_test_add_func ("/arl-simulated/seeds", test_seeds);
  return g_test_run ();
}
