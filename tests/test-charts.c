/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include <math.h>
#include <string.h>

#include "core/monitor/bernoulli-cusum.h"
#include "core/monitor/cusum.h"
#include "core/monitor/ewma.h"
#include "core/monitor/rules.h"
#include "core/monitor/shewhart.h"
#include "core/random.h"

/* All numbers by hand; they are sums of few binary fractions, so they are exact. */

static void
test_shewhart (void)
{
  CpacShewhartDesign both = { .limit = 3 }, upper = { .limit = 3, .sides = CPAC_SIDES_UPPER };

  g_assert_cmpint (cpac_shewhart_step (&both, 3), ==, CPAC_SIGNAL_NONE);
  g_assert_cmpint (cpac_shewhart_step (&both, -3), ==, CPAC_SIGNAL_NONE);
  g_assert_cmpint (cpac_shewhart_step (&both, nextafter (3, 4)), ==, CPAC_SIGNAL_ABOVE);
  g_assert_cmpint (cpac_shewhart_step (&both, -3.5), ==, CPAC_SIGNAL_BELOW);
  g_assert_cmpint (cpac_shewhart_step (&upper, -30), ==, CPAC_SIGNAL_NONE);
}

static void
test_ewma (void)
{
  CpacEwma ewma = { .design = { .lambda = 0.25, .limit = 2 } };
  double limit = 2 * sqrt (0.25 / 1.75);

  cpac_ewma_reset (&ewma);
  g_assert_cmpint (cpac_ewma_step (&ewma, 2), ==, CPAC_SIGNAL_NONE);
  g_assert_cmpfloat (ewma.value, ==, 0.5);
  g_assert_cmpint (cpac_ewma_step (&ewma, -1), ==, CPAC_SIGNAL_NONE);
  g_assert_cmpfloat (ewma.value, ==, 0.125);
  g_assert_cmpuint (ewma.n_points, ==, 2);
  /* 0.25 x + 0.09375 beyond 0.7559: x > 2.65. */
  g_assert_cmpint (cpac_ewma_step (&ewma, 2.7), ==, CPAC_SIGNAL_ABOVE);
  g_assert_cmpfloat (ewma.value, >, limit);
  g_assert_cmpint (cpac_ewma_step (&ewma, -6), ==, CPAC_SIGNAL_BELOW);
  cpac_ewma_reset (&ewma);
  g_assert_cmpfloat (ewma.value, ==, 0);
  g_assert_cmpuint (ewma.n_points, ==, 0);
}

/* After one point the variance is lambda^2, and in the end that of the settled chart. */
static void
test_ewma_limits (void)
{
  CpacEwmaDesign slow = { .lambda = 0.1, .limit = 3 };
  CpacEwmaDesign fast = { .lambda = 0.1, .limit = 3, .fast_start = TRUE };

  g_assert_cmpfloat_with_epsilon (cpac_ewma_get_limit (&fast, 1), 0.3, 1e-15);
  g_assert_cmpfloat (cpac_ewma_get_limit (&slow, 1), ==, cpac_ewma_get_limit (&slow, 1000));
  g_assert_cmpfloat (cpac_ewma_get_limit (&fast, 1000), ==, cpac_ewma_get_limit (&slow, 1));
  for (guint n = 1; n < 100; n++)
    g_assert_cmpfloat (cpac_ewma_get_limit (&fast, n), <, cpac_ewma_get_limit (&fast, n + 1));
}

static void
test_cusum (void)
{
  CpacCusum cusum = { .design = { .k = 0.5, .h = 4 } };

  cpac_cusum_reset (&cusum);
  g_assert_cmpint (cpac_cusum_step (&cusum, 0.25), ==, CPAC_SIGNAL_NONE);
  g_assert_cmpfloat (cusum.upper, ==, 0);
  g_assert_cmpint (cpac_cusum_step (&cusum, 3), ==, CPAC_SIGNAL_NONE);
  g_assert_cmpfloat (cusum.upper, ==, 2.5);
  g_assert_cmpint (cpac_cusum_step (&cusum, 2), ==, CPAC_SIGNAL_NONE);
  g_assert_cmpfloat (cusum.upper, ==, 4);
  g_assert_cmpint (cpac_cusum_step (&cusum, 1), ==, CPAC_SIGNAL_ABOVE);
  g_assert_cmpfloat (cusum.upper, ==, 4.5);
  g_assert_cmpint (cpac_cusum_step (&cusum, -5.5), ==, CPAC_SIGNAL_BELOW);
  g_assert_cmpfloat (cusum.lower, ==, 5);
  /* It stops at twice the limit: the alarm ends as long after its cause whatever that was. */
  for (guint i = 0; i < 1000; i++)
    cpac_cusum_step (&cusum, 3);
  g_assert_cmpfloat (cusum.upper, ==, 8);
  for (guint i = 0; i < 7; i++)
    g_assert_cmpint (cpac_cusum_step (&cusum, 0), ==, CPAC_SIGNAL_ABOVE);
  g_assert_cmpint (cpac_cusum_step (&cusum, 0), ==, CPAC_SIGNAL_NONE);
}

static void
test_cusum_sides (void)
{
  CpacCusum cusum = { .design = { .k = 0.5, .h = 4, .head_start = 2 } };

  cpac_cusum_reset (&cusum);
  g_assert_cmpfloat (cusum.upper, ==, 2);
  g_assert_cmpfloat (cusum.lower, ==, 2);
  g_assert_cmpint (cpac_cusum_step (&cusum, -3), ==, CPAC_SIGNAL_BELOW);
  g_assert_cmpfloat (cusum.upper, ==, 0);
  cusum.design.sides = CPAC_SIDES_UPPER;
  cpac_cusum_reset (&cusum);
  for (guint i = 0; i < 100; i++)
    g_assert_cmpint (cpac_cusum_step (&cusum, -3), ==, CPAC_SIGNAL_NONE);
  g_assert_cmpfloat (cusum.lower, ==, 0);
}

static void
test_bernoulli (void)
{
  static const gboolean rejects[] = { 0, 1, 0, 0, 1, 1, 0, 0, 0 };
  static const guint sums[] = { 0, 4, 3, 2, 6, 10, 9, 8, 7 };
  CpacBernoulliCusum cusum = { .design = { .step = 5, .limit = 8 } };

  cpac_bernoulli_reset (&cusum);
  for (guint i = 0; i < G_N_ELEMENTS (rejects); i++) {
    CpacSignal signal = cpac_bernoulli_step (&cusum, rejects[i]);

    g_assert_cmpuint (cusum.sum, ==, sums[i]);
    g_assert_cmpint (signal, ==, sums[i] >= 8 ? CPAC_SIGNAL_ABOVE : CPAC_SIGNAL_NONE);
  }
  /* Since the sum was 0 last. */
  g_assert_cmpuint (cusum.n_parts, ==, 8);
  g_assert_cmpuint (cusum.n_rejects, ==, 3);
  for (guint i = 0; i < 100; i++)
    cpac_bernoulli_step (&cusum, TRUE);
  g_assert_cmpuint (cusum.sum, ==, 16);
  cpac_bernoulli_reset (&cusum);
  g_assert_cmpuint (cusum.sum, ==, 0);
}

/* ---- Rules, as their authors word them, on the whole past ---- */

/* Of the @n last of @x (t + 1), how many are beyond @bound on the side of @sign. */
static guint
count_beyond (const double *x, guint t, guint n, double bound, double sign)
{
  guint count = 0;

  for (guint i = 0; i < n && i <= t; i++)
    count += sign * x[t - i] > bound;
  return count;
}

static gboolean
is_run (const double *x, guint t, guint n, CpacRule rule)
{
  if (t + 1 < n)
    return FALSE;
  for (guint i = 0; i < n; i++) {
    double value = x[t - i], step = i + 1 < n ? value - x[t - i - 1] : 0;
    double next = i + 2 < n ? x[t - i - 1] - x[t - i - 2] : 0;

    if (rule == CPAC_RULE_15_NEAR && fabs (value) > 1)
      return FALSE;
    if (rule == CPAC_RULE_8_FAR && !(fabs (value) > 1))
      return FALSE;
    if (rule == CPAC_RULE_6_TREND && i + 2 < n && !(step * next > 0))
      return FALSE;
    if (rule == CPAC_RULE_14_ALTERNATING && i + 2 < n && !(step * next < 0))
      return FALSE;
  }
  return TRUE;
}

static guint
find_rules (const double *x, guint t)
{
  guint found = 0;

  for (double sign = -1; sign <= 1; sign += 2) {
    if (sign * x[t] > 3)
      found |= CPAC_RULE_BEYOND_3;
    if (sign * x[t] > 2 && count_beyond (x, t, 3, 2, sign) >= 2)
      found |= CPAC_RULE_2_OF_3;
    if (sign * x[t] > 1 && count_beyond (x, t, 5, 1, sign) >= 4)
      found |= CPAC_RULE_4_OF_5;
    if (count_beyond (x, t, 8, 0, sign) == 8)
      found |= CPAC_RULE_8_SAME;
    if (count_beyond (x, t, 9, 0, sign) == 9)
      found |= CPAC_RULE_9_SAME;
  }
  if (is_run (x, t, 15, CPAC_RULE_15_NEAR))
    found |= CPAC_RULE_15_NEAR;
  if (is_run (x, t, 8, CPAC_RULE_8_FAR))
    found |= CPAC_RULE_8_FAR;
  if (is_run (x, t, 6, CPAC_RULE_6_TREND))
    found |= CPAC_RULE_6_TREND;
  if (is_run (x, t, 14, CPAC_RULE_14_ALTERNATING))
    found |= CPAC_RULE_14_ALTERNATING;
  return found;
}

/* Streams in which each rule is fulfilled often: some drift, some alternate, some are rounded, so
 * that equal values and points at the centre occur. */
static double
draw_point (CpacRandom *random, guint kind, double last)
{
  double e = cpac_random_normal (random);

  switch (kind) {
    case 0:
      return e;
    case 1:
      return 0.97 * last + 0.3 * e;
    case 2:
      return -0.9 * last + 0.4 * e;
    case 3:
      return 0.4 * e;
    case 4:
      return round (1.5 * e) / 2;
    default:
      return 2.5 * e;
  }
}

static void
test_rules (void)
{
  enum { N = 4000 };
  g_autofree double *x = g_new (double, N);
  guint seen = 0;

  for (guint kind = 0; kind < 6; kind++) {
    CpacRulesChart all = { .rules = (1 << CPAC_N_RULES) - 1 };
    CpacRandom random;

    cpac_random_init (&random, kind, 100, 0);
    cpac_rules_reset (&all);
    for (guint t = 0; t < N; t++) {
      guint expected;

      x[t] = draw_point (&random, kind, t > 0 ? x[t - 1] : 0);
      expected = find_rules (x, t);
      g_assert_cmphex (cpac_rules_step (&all, x[t]), ==, expected);
      seen |= expected;
    }
  }
  g_assert_cmphex (seen, ==, (1 << CPAC_N_RULES) - 1);
}

/* A rule says the same whichever others are watched. */
static void
test_rules_alone (void)
{
  CpacRulesChart charts[1 << CPAC_N_RULES];
  CpacRandom random;
  double x = 0;

  cpac_random_init (&random, 9, 100, 0);
  for (guint rules = 0; rules < G_N_ELEMENTS (charts); rules++) {
    charts[rules].rules = rules;
    cpac_rules_reset (&charts[rules]);
  }
  for (guint t = 0; t < 2000; t++) {
    guint expected;

    x = draw_point (&random, t / 200 % 6, x);
    expected = cpac_rules_step (&charts[G_N_ELEMENTS (charts) - 1], x);
    for (guint rules = 0; rules + 1 < G_N_ELEMENTS (charts); rules++)
      g_assert_cmphex (cpac_rules_step (&charts[rules], x), ==, expected & rules);
  }
}

static void
test_rules_names (void)
{
  g_autoptr (GError) error = NULL;
  guint rules;

  g_assert_true (cpac_rules_from_string ("western-electric", &rules, &error));
  g_assert_cmphex (rules, ==, CPAC_RULES_WESTERN_ELECTRIC);
  g_assert_true (cpac_rules_from_string ("nelson1,nelson2,nelson3,nelson4,nelson5,nelson6,nelson7,"
                                         "nelson8",
                                         &rules, &error));
  g_assert_cmphex (rules, ==, CPAC_RULES_NELSON);
  g_assert_true (cpac_rules_from_string ("we1,we2,we3,we4", &rules, &error));
  g_assert_cmphex (rules, ==, CPAC_RULES_WESTERN_ELECTRIC);
  for (guint i = 0; i < CPAC_N_RULES; i++) {
    g_assert_true (cpac_rules_from_string (cpac_rule_to_string (1u << i), &rules, &error));
    g_assert_cmphex (rules, ==, 1u << i);
  }
  g_assert_no_error (error);
  g_assert_false (cpac_rules_from_string ("we1,we5", &rules, &error));
  g_assert_error (error, CPAC_ERROR, CPAC_ERROR_SCHEMA);
  g_assert_nonnull (strstr (error->message, "found \"we5\", expected"));
  g_clear_error (&error);
  g_assert_false (cpac_rules_from_string ("", &rules, &error));
  g_assert_error (error, CPAC_ERROR, CPAC_ERROR_SCHEMA);
}

static void
test_checks (void)
{
  static const CpacEwmaDesign ewmas[] = {
    { 0, 3, 0 }, { 1.1, 3, 0 }, { NAN, 3, 0 }, { 0.1, 0, 0 }
  };
  static const CpacCusumDesign cusums[] = {
    { -0.1, 5, 0, 0 }, { 0.5, 0, 0, 0 }, { 0.5, NAN, 0, 0 }, { 0.5, 5, 5.1, 0 }, { 0.5, 101, 0, 0 }
  };
  static const CpacBernoulliDesign bernoullis[] = {
    { 1, 5 }, { 5, 0 }, { 100001, 5 }, { 5, 1000001 }
  };
  static const CpacShewhartDesign shewharts[] = { { 0, 0 }, { NAN, 0 }, { 1001, 0 } };

  for (guint i = 0; i < G_N_ELEMENTS (ewmas); i++)
    g_assert_false (cpac_ewma_check (&ewmas[i], NULL));
  for (guint i = 0; i < G_N_ELEMENTS (cusums); i++)
    g_assert_false (cpac_cusum_check (&cusums[i], NULL));
  for (guint i = 0; i < G_N_ELEMENTS (bernoullis); i++)
    g_assert_false (cpac_bernoulli_check (&bernoullis[i], NULL));
  for (guint i = 0; i < G_N_ELEMENTS (shewharts); i++)
    g_assert_false (cpac_shewhart_check (&shewharts[i], NULL));
  g_assert_true (cpac_ewma_check (&(CpacEwmaDesign){ 0.1, 3, 0 }, NULL));
  g_assert_true (cpac_cusum_check (&(CpacCusumDesign){ 0.5, 5, 5, 0 }, NULL));
  g_assert_true (cpac_bernoulli_check (&(CpacBernoulliDesign){ 2, 1 }, NULL));
  g_assert_true (cpac_shewhart_check (&(CpacShewhartDesign){ 3, 0 }, NULL));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/charts/shewhart", test_shewhart);
  g_test_add_func ("/charts/ewma", test_ewma);
  g_test_add_func ("/charts/ewma-limits", test_ewma_limits);
  g_test_add_func ("/charts/cusum", test_cusum);
  g_test_add_func ("/charts/cusum-sides", test_cusum_sides);
  g_test_add_func ("/charts/bernoulli", test_bernoulli);
  g_test_add_func ("/charts/rules", test_rules);
  g_test_add_func ("/charts/rules-alone", test_rules_alone);
  g_test_add_func ("/charts/rules-names", test_rules_names);
  g_test_add_func ("/charts/checks", test_checks);
  return g_test_run ();
}
