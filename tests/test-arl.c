/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include <math.h>
#include <string.h>

#include "core/monitor/arl.h"

/* The tables are those of the literature: Lucas and Saccucci 1990 (EWMA), Montgomery (CUSUM,
 * Shewhart), Champ and Woodall 1987 (rules), Borror, Montgomery and Runger 1999 (heavy tails). They
 * are texts: what is computed must round to the digits that are printed. */

static void
assert_printed (double value, const char *expected)
{
  const char *point = strchr (expected, '.');
  g_autofree char *text = g_strdup_printf ("%.*f", point ? (int) strlen (point + 1) : 0, value);

  g_assert_cmpstr (text, ==, expected);
}

/* ---- EWMA ---- */

static double
ewma (double lambda, double limit, double shift, double df)
{
  return cpac_arl_ewma (&(CpacEwmaDesign){ .lambda = lambda, .limit = limit },
                        &(CpacArlProcess){ .shift = shift, .df = df });
}

#define N_SHIFTS 10
static const double shifts[N_SHIFTS] = { 0, 0.25, 0.5, 0.75, 1, 1.5, 2, 2.5, 3, 4 };

static void
test_ewma (void)
{
  static const struct {
    double lambda, limit;
    const char *arl[N_SHIFTS];
  } rows[] = {
    { 0.40,
      3.054,
      { "500", "223.7", "71.2", "28.4", "14.3", "5.87", "3.52", "2.54", "2.02", "1.44" } },
    { 0.25,
      2.998,
      { "500", "170.3", "48.3", "20.1", "11.1", "5.46", "3.61", "2.74", "2.26", "1.73" } },
    { 0.20,
      2.962,
      { "500", "150.2", "41.8", "18.1", "10.5", "5.50", "3.74", "2.88", "2.38", "1.86" } },
    { 0.10,
      2.814,
      { "500", "106.3", "31.3", "15.8", "10.3", "6.08", "4.36", "3.44", "2.87", "2.19" } },
    { 0.05,
      2.615,
      { "500", "84.0", "28.8", "16.4", "11.4", "7.11", "5.22", "4.17", "3.50", "2.69" } },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    for (guint k = 0; k < N_SHIFTS; k++) {
      assert_printed (ewma (rows[i].lambda, rows[i].limit, shifts[k], 0), rows[i].arl[k]);
      assert_printed (ewma (rows[i].lambda, rows[i].limit, -shifts[k], 0), rows[i].arl[k]);
    }
}

/* Limits that give 500 in control are printed as those above. Lucas and Saccucci print 18.2
 * and 15.9 where the limits of three decimals give 18.1496 and 15.8475: theirs are of the limits
 * that were solved for. */
static void
test_ewma_of_500 (void)
{
  static const struct {
    double lambda;
    const char *limit, *at_three_quarters;
  } rows[] = {
    { 0.40, "3.054", "28.4" }, { 0.25, "2.998", "20.1" }, { 0.20, "2.962", "18.2" },
    { 0.10, "2.814", "15.9" }, { 0.05, "2.615", "16.4" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    CpacEwmaDesign design = { .lambda = rows[i].lambda };

    g_assert_true (cpac_arl_solve_ewma (&design, &(CpacArlProcess){ 0 }, 500, NULL));
    assert_printed (design.limit, rows[i].limit);
    assert_printed (cpac_arl_ewma (&design, &(CpacArlProcess){ .shift = 0.75 }),
                    rows[i].at_three_quarters);
  }
}

/* Limits known as those of 370, as often as 3 sigma alarm: they give 370.04, 370.92, 370.27. */
static void
test_ewma_like_3_sigma (void)
{
  g_assert_cmpfloat_with_epsilon (ewma (0.2, 2.859, 0, 0), 370, 1);
  g_assert_cmpfloat_with_epsilon (ewma (0.1, 2.702, 0, 0), 370, 1);
  g_assert_cmpfloat_with_epsilon (ewma (0.05, 2.490, 0, 0), 370, 1);
}

/* With all weight on the latest point it is a Shewhart chart; so it is with a fast start. */
static void
test_ewma_of_one (void)
{
  for (double shift = 0; shift <= 4; shift += 0.5) {
    CpacShewhartDesign shewhart = { .limit = 3 };
    CpacArlProcess process = { .shift = shift };
    CpacEwmaDesign design = { .lambda = 1, .limit = 3 };
    double expected = cpac_arl_shewhart (&shewhart, &process);

    g_assert_cmpfloat_with_epsilon (cpac_arl_ewma (&design, &process), expected, 1e-10 * expected);
    design.fast_start = TRUE;
    g_assert_cmpfloat_with_epsilon (cpac_arl_ewma (&design, &process), expected, 1e-10 * expected);
  }
}

/* Narrower limits at first: no chart alarms later for them, and the gain is where it is meant. */
static void
test_ewma_fast_start (void)
{
  for (double lambda = 0.05; lambda < 0.5; lambda *= 2)
    for (guint k = 0; k < N_SHIFTS; k += 2) {
      CpacEwmaDesign design = { .lambda = lambda, .limit = 2.7, .fast_start = TRUE };
      CpacArlProcess process = { .shift = shifts[k] };
      double slow = ewma (lambda, 2.7, shifts[k], 0), fast = cpac_arl_ewma (&design, &process);

      g_assert_cmpfloat (fast, <, slow);
      if (shifts[k] == 0)
        g_assert_cmpfloat (fast, >, 0.95 * slow);
      if (shifts[k] == 2 && lambda < 0.1)
        g_assert_cmpfloat (fast, <, 0.6 * slow);
    }
}

/* ---- CUSUM ---- */

static double
cusum (double k, double h, double head_start, double shift, CpacSides sides)
{
  return cpac_arl_cusum (
      &(CpacCusumDesign){ .k = k, .h = h, .head_start = head_start, .sides = sides },
      &(CpacArlProcess){ .shift = shift });
}

static void
test_cusum (void)
{
  static const struct {
    double h;
    const char *arl[N_SHIFTS];
  } rows[] = {
    { 4, { "168", "74.2", "26.6", "13.3", "8.38", "4.75", "3.34", "2.62", "2.19", "1.71" } },
    { 5, { "465", "139.5", "38.0", "17.0", "10.4", "5.75", "4.01", "3.11", "2.57", "2.01" } },
  };
  static const struct {
    double k, h;
    const char *arl;
  } designs[] = {
    { 0.25, 8.01, "370.3" }, { 0.5, 4.77, "368.6" },  { 0.75, 3.34, "370.6" },
    { 1, 2.52, "372.8" },    { 1.25, 1.99, "373.5" }, { 1.5, 1.61, "376.3" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    for (guint k = 0; k < N_SHIFTS; k++) {
      assert_printed (cusum (0.5, rows[i].h, 0, shifts[k], CPAC_SIDES_BOTH), rows[i].arl[k]);
      assert_printed (cusum (0.5, rows[i].h, 0, -shifts[k], CPAC_SIDES_BOTH), rows[i].arl[k]);
    }
  for (guint i = 0; i < G_N_ELEMENTS (designs); i++)
    assert_printed (cusum (designs[i].k, designs[i].h, 0, 0, CPAC_SIDES_BOTH), designs[i].arl);
  assert_printed (cusum (0.5, 4, 0, 0, CPAC_SIDES_UPPER), "335.4");
  assert_printed (cusum (0.5, 5, 0, 0, CPAC_SIDES_UPPER), "930.9");
}

static void
test_cusum_head_start (void)
{
  static const double mu[] = { 0, 0.5, 1, 2 };
  static const char *const arl4[] = { "149", "20.1", "5.29", "2.01" };
  static const char *const arl5[] = { "430", "28.7", "6.35", "2.36" };

  for (guint i = 0; i < 4; i++) {
    assert_printed (cusum (0.5, 4, 2, mu[i], CPAC_SIDES_BOTH), arl4[i]);
    assert_printed (cusum (0.5, 5, 2.5, mu[i], CPAC_SIDES_BOTH), arl5[i]);
  }
}

/* The approximation's own number; it is good to a tenth. */
static void
test_cusum_approximate (void)
{
  assert_printed (0.5 * cpac_arl_cusum_approximate (0.5, 5, 0), "469");
  for (double shift = 0; shift < 3; shift += 0.25)
    g_assert_cmpfloat_with_epsilon (cpac_arl_cusum_approximate (0.5, 5, shift) /
                                        cusum (0.5, 5, 0, shift, CPAC_SIDES_UPPER),
                                    1, 0.1);
  g_assert_cmpfloat (cpac_arl_cusum_approximate (0.5, 5, 0.5), ==, 6.166 * 6.166);
}

/* ---- Single points ---- */

static void
test_shewhart (void)
{
  static const double mu[] = { 0, 0.5, 1, 1.5, 2, 3 };
  static const char *const arl[] = { "370.4", "155.2", "43.9", "15.0", "6.30", "2.00" };

  for (guint i = 0; i < G_N_ELEMENTS (mu); i++)
    assert_printed (cpac_arl_shewhart (&(CpacShewhartDesign){ .limit = 3 },
                                       &(CpacArlProcess){ .shift = mu[i] }),
                    arl[i]);
  /* One side, as used for scores: 1 / P (x > 3.09) */
  g_assert_cmpfloat_with_epsilon (
      cpac_arl_shewhart (&(CpacShewhartDesign){ .limit = 3.09, .sides = CPAC_SIDES_UPPER },
                         &(CpacArlProcess){ 0 }),
      1000, 1);
}

static void
test_rules (void)
{
  enum {
    WE1 = CPAC_RULE_BEYOND_3,
    WE2 = CPAC_RULE_2_OF_3,
    WE3 = CPAC_RULE_4_OF_5,
    WE4 = CPAC_RULE_8_SAME
  };
  static const struct {
    guint rules;
    const char *in_control, *shifted;
  } rows[] = {
    { WE1, "370.40", "43.89" },
    { WE1 | WE2, "225.44", "20.01" },
    { WE1 | WE3, "166.05", "12.66" },
    { WE1 | WE4, "152.73", "14.58" },
    { WE1 | WE2 | WE3, "132.89", NULL },
    { WE1 | WE2 | WE4, "122.05", NULL },
    { WE1 | WE3 | WE4, "105.78", NULL },
    { WE1 | WE2 | WE3 | WE4, "91.75", "9.22" },
    { WE1 | CPAC_RULE_9_SAME, "216.7", NULL },
  };
  guint n_states = 0;

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    assert_printed (cpac_arl_rules (rows[i].rules, &(CpacArlProcess){ 0 }, &n_states),
                    rows[i].in_control);
    if (rows[i].shifted != NULL)
      assert_printed (cpac_arl_rules (rows[i].rules, &(CpacArlProcess){ .shift = 1 }, NULL),
                      rows[i].shifted);
  }
  cpac_arl_rules (CPAC_RULES_WESTERN_ELECTRIC, &(CpacArlProcess){ 0 }, &n_states);
  g_assert_cmpuint (n_states, ==, 555);
}

/* By hand: n of a kind in a row take (1 - p^n) / (p^n (1 - p)) points where each has probability
 * p; n in a row on either side of a fair centre 2^n - 1. */
static void
test_rules_by_hand (void)
{
  double near = erf (M_SQRT1_2), far = 1 - near;
  CpacArlProcess process = { 0 };

  /* What is left of the series is told to 1e-9 or so of the result. */
  g_assert_cmpfloat_with_epsilon (cpac_arl_rules (CPAC_RULE_8_SAME, &process, NULL), 255, 1e-6);
  g_assert_cmpfloat_with_epsilon (cpac_arl_rules (CPAC_RULE_9_SAME, &process, NULL), 511, 1e-6);
  g_assert_cmpfloat_with_epsilon (cpac_arl_rules (CPAC_RULE_15_NEAR, &process, NULL) /
                                      ((1 - pow (near, 15)) / (pow (near, 15) * (1 - near))),
                                  1, 1e-8);
  g_assert_cmpfloat_with_epsilon (cpac_arl_rules (CPAC_RULE_8_FAR, &process, NULL) /
                                      ((1 - pow (far, 8)) / (pow (far, 8) * (1 - far))),
                                  1, 1e-8);
  g_assert_true (isnan (cpac_arl_rules (CPAC_RULE_6_TREND, &process, NULL)));
  g_assert_true (isnan (cpac_arl_rules (0, &process, NULL)));
  process.phi = 0.5;
  g_assert_true (isnan (cpac_arl_rules (CPAC_RULE_BEYOND_3, &process, NULL)));
}

/* ---- Tails, autocorrelation ---- */

static void
test_heavy_tails (void)
{
  static const double df[] = { 4, 10, 50 };
  static const struct {
    double lambda, limit;
    const char *arl[3];
  } rows[] = {
    { 0.1, 2.703, { "274", "336", "366" } },
    { 0.05, 2.492, { "344", "363", "371" } },
    { 0.2, 2.86, { "188", "281", "353" } },
    { 1, 3, { "76", "137", "283" } },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    for (guint k = 0; k < 3; k++)
      assert_printed (ewma (rows[i].lambda, rows[i].limit, 0, df[k]), rows[i].arl[k]);
  for (guint k = 0; k < 3; k++)
    assert_printed (
        cpac_arl_shewhart (&(CpacShewhartDesign){ .limit = 3 }, &(CpacArlProcess){ .df = df[k] }),
        rows[3].arl[k]);
}

/* The reference is a simulation of 4,000 runs: standard error 1.6 %, so 6.3 % are four of them. */
static void
test_autocorrelated (void)
{
  static const struct {
    double phi, shewhart, ewma2, ewma1;
  } rows[] = {
    { 0, 364, 510, 496 }, { 0.1, 366, 280, 289 }, { 0.25, 376, 137, 141 },
    { 0.5, 405, 59, 60 }, { 0.75, 484, 35, 34 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    CpacArlProcess process = { .phi = rows[i].phi };
    CpacShewhartDesign shewhart = { .limit = 3 };
    CpacEwmaDesign ewma2 = { .lambda = 0.2, .limit = 2.962 };
    CpacEwmaDesign ewma1 = { .lambda = 0.1, .limit = 2.814 };
    double tolerance = 4 / sqrt (4000) + 0.5 / 34; /* and of rounding to whole numbers */

    g_assert_cmpfloat_with_epsilon (cpac_arl_shewhart (&shewhart, &process) / rows[i].shewhart, 1,
                                    tolerance);
    g_assert_cmpfloat_with_epsilon (cpac_arl_ewma (&ewma2, &process) / rows[i].ewma2, 1, tolerance);
    g_assert_cmpfloat_with_epsilon (cpac_arl_ewma (&ewma1, &process) / rows[i].ewma1, 1, tolerance);
  }
}

/* Two ways to one number: a phi that is nearly 0 is none; a sign changes nothing for single points
 * between two limits. */
static void
test_autocorrelated_limits (void)
{
  CpacShewhartDesign both = { .limit = 2.5 }, upper = { .limit = 2.5, .sides = CPAC_SIDES_UPPER };
  CpacEwmaDesign design = { .lambda = 0.1, .limit = 4 };

  for (double shift = 0; shift < 3; shift += 0.7) {
    CpacArlProcess none = { .shift = shift }, little = { .shift = shift, .phi = 1e-12 };

    g_assert_cmpfloat_with_epsilon (
        cpac_arl_shewhart (&both, &little) / cpac_arl_shewhart (&both, &none), 1, 1e-9);
    g_assert_cmpfloat_with_epsilon (
        cpac_arl_shewhart (&upper, &little) / cpac_arl_shewhart (&upper, &none), 1, 1e-9);
    g_assert_cmpfloat_with_epsilon (
        cpac_arl_ewma (&design, &little) / cpac_arl_ewma (&design, &none), 1, 1e-6);
  }
  for (double phi = 0.2; phi < 1; phi += 0.25)
    g_assert_cmpfloat_with_epsilon (cpac_arl_shewhart (&both, &(CpacArlProcess){ .phi = phi }) /
                                        cpac_arl_shewhart (&both, &(CpacArlProcess){ .phi = -phi }),
                                    1, 1e-9);
  design.fast_start = TRUE;
  g_assert_true (isnan (cpac_arl_ewma (&design, &(CpacArlProcess){ .phi = 0.5 })));
  g_assert_true (isnan (
      cpac_arl_cusum (&(CpacCusumDesign){ .k = 0.5, .h = 5 }, &(CpacArlProcess){ .phi = 0.5 })));
}

/* ---- Rejects ---- */

/* The chain's equations by Gauss and Jordan, independently: unknown 2 s + 1 after a reject. */
static double
bernoulli_by_elimination (guint step, guint limit, double rate, double repeat_rate)
{
  static double rows[96][97];
  double follow[] = { rate < 1 ? rate * (1 - repeat_rate) / (1 - rate) : 1, repeat_rate };
  guint n = 2 * limit;

  memset (rows, 0, sizeof rows);
  for (guint i = 0; i < n; i++) {
    guint s = i / 2, down = s > 0 ? s - 1 : 0, up = s + step - 1;

    rows[i][i] += 1;
    rows[i][2 * down] -= 1 - follow[i % 2];
    if (up < limit)
      rows[i][2 * up + 1] -= follow[i % 2];
    rows[i][n] = 1;
  }
  for (guint c = 0; c < n; c++)
    for (guint i = 0; i < n; i++) {
      double factor = rows[i][c] / rows[c][c];

      for (guint k = c; i != c && k <= n; k++)
        rows[i][k] -= factor * rows[c][k];
    }
  return rows[0][n] / rows[0][0];
}

static void
test_bernoulli (void)
{
  static const double rates[] = { 0.02, 0.1, 0.5, 0.9 }, repeats[] = { 0, 0.5, 1, 3 };

  for (guint step = 2; step <= 20; step++)
    for (guint limit = 1; limit <= 48; limit += 1 + limit / 3)
      for (guint i = 0; i < G_N_ELEMENTS (rates); i++)
        for (guint k = 0; k < G_N_ELEMENTS (repeats); k++) {
          CpacBernoulliDesign design = { step, limit };
          double rate = rates[i], repeat_rate = repeats[k] * rate, arl, expected;

          /* So many rejects cannot follow good parts. */
          if (repeat_rate >= 1 || rate * (1 - repeat_rate) > 1 - rate)
            continue;
          arl = cpac_arl_bernoulli (&design, rate, repeat_rate);
          expected = bernoulli_by_elimination (step, limit, rate, repeat_rate);
          /* Beyond that elimination has no digits left. */
          if (arl < 1e9)
            g_assert_cmpfloat_with_epsilon (arl / expected, 1, 1e-13 * (100 + expected));
        }
  /* By hand: (1 + p) / p^2 for two rejects in a row; all rejects. */
  g_assert_cmpfloat_with_epsilon (cpac_arl_bernoulli (&(CpacBernoulliDesign){ 2, 2 }, 0.1, 0.1),
                                  110, 1e-11);
  g_assert_cmpfloat (cpac_arl_bernoulli (&(CpacBernoulliDesign){ 5, 9 }, 1, 1), ==, 3);
  g_assert_true (isinf (cpac_arl_bernoulli (&(CpacBernoulliDesign){ 2, 2 }, 0, 0)));
  g_assert_true (isnan (cpac_arl_bernoulli (&(CpacBernoulliDesign){ 2, 2 }, 0.1, 1)));
}

/* Of a share of one half by Sheppard: P (both) = 1/4 + asin (phi) / (2 pi). */
static void
test_repeat_rate (void)
{
  for (double phi = -0.9; phi < 0.95; phi += 0.15)
    g_assert_cmpfloat_with_epsilon (cpac_arl_get_repeat_rate (0.5, phi),
                                    2 * (0.25 + asin (phi) / (2 * G_PI)), 1e-13);
  for (double rate = 0.3; rate > 1e-5; rate *= 0.2)
    g_assert_cmpfloat_with_epsilon (cpac_arl_get_repeat_rate (rate, 0) / rate, 1, 1e-12);
}

static void
test_bernoulli_step (void)
{
  g_autoptr (GError) error = NULL;
  guint step = 0;

  /* log (0.02 x 0.99 / (0.01 x 0.98)) / log (0.99 / 0.98) = 0.70327 / 0.010152 = 69.27 */
  g_assert_true (cpac_bernoulli_get_step (0.01, 0.02, &step, &error));
  g_assert_cmpuint (step, ==, 69);
  g_assert_false (cpac_bernoulli_get_step (0.01, 0.01, &step, &error));
  g_assert_error (error, CPAC_ERROR, CPAC_ERROR_SCHEMA);
  g_clear_error (&error);
  g_assert_false (cpac_bernoulli_get_step (0, 0.01, &step, &error));
  g_assert_error (error, CPAC_ERROR, CPAC_ERROR_SCHEMA);
}

static void
test_t2 (void)
{
  /* Two dimensions: P (chi-square > x) = exp (-x / 2). One: a Shewhart chart. */
  g_assert_cmpfloat_with_epsilon (cpac_arl_t2 (2 * log (370), 2, 0), 370, 1e-9);
  for (double distance = 0; distance < 5; distance++)
    g_assert_cmpfloat_with_epsilon (cpac_arl_t2 (9, 1, distance),
                                    cpac_arl_shewhart (&(CpacShewhartDesign){ .limit = 3 },
                                                       &(CpacArlProcess){ .shift = distance }),
                                    1e-8);
}

/* ---- Limits ---- */

static void
test_solve_tables (void)
{
  static const struct {
    double arl;
    const char *ewma, *cusum, *shewhart;
  } rows[] = {
    { 1e4, "3.749", "8.053", "3.891" },
    { 1e5, "4.322", "10.355", "4.417" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    CpacArlProcess process = { 0 };
    CpacEwmaDesign ewma_design = { .lambda = 0.1 };
    CpacCusumDesign cusum_design = { .k = 0.5 };
    CpacShewhartDesign shewhart = { 0 };
    g_autoptr (GError) error = NULL;

    g_assert_true (cpac_arl_solve_ewma (&ewma_design, &process, rows[i].arl, &error));
    g_assert_true (cpac_arl_solve_cusum (&cusum_design, 0, &process, rows[i].arl, &error));
    g_assert_true (cpac_arl_solve_shewhart (&shewhart, &process, rows[i].arl, &error));
    assert_printed (ewma_design.limit, rows[i].ewma);
    assert_printed (cusum_design.h, rows[i].cusum);
    assert_printed (shewhart.limit, rows[i].shewhart);
  }
}

/* What was solved for comes out again, over all that may be asked for. */
static void
test_solve_back (void)
{
  static const CpacArlProcess processes[] = { { 0 }, { .df = 5 }, { .phi = 0.4 } };

  for (guint i = 0; i < G_N_ELEMENTS (processes); i++)
    for (double arl = 4; arl <= 1e9; arl *= 50) {
      const CpacArlProcess *process = &processes[i];
      CpacShewhartDesign shewhart = { .sides = CPAC_SIDES_UPPER };
      CpacEwmaDesign design = { .lambda = 0.2 };
      g_autoptr (GError) error = NULL;

      cpac_arl_solve_shewhart (&shewhart, process, arl, &error);
      g_assert_no_error (error);
      g_assert_cmpfloat_with_epsilon (cpac_arl_shewhart (&shewhart, process) / arl, 1, 1e-6);
      /* The three-dimensional kernel of autocorrelated averages takes its time. */
      if (process->phi != 0 && arl > 1e3)
        continue;
      cpac_arl_solve_ewma (&design, process, arl, &error);
      g_assert_no_error (error);
      g_assert_cmpfloat_with_epsilon (cpac_arl_ewma (&design, process) / arl, 1, 1e-6);
    }
  for (double arl = 4; arl <= 1e9; arl *= 50) {
    CpacCusumDesign design = { .k = 0.25 };
    g_autoptr (GError) error = NULL;

    cpac_arl_solve_cusum (&design, 0.5, &processes[0], arl, &error);
    g_assert_no_error (error);
    g_assert_cmpfloat_with_epsilon (cpac_arl_cusum (&design, &processes[0]) / arl, 1, 1e-6);
    g_assert_cmpfloat (design.head_start, ==, 0.5 * design.h);
  }
}

/* The smallest whole limit that does: one less does not. */
static void
test_solve_bernoulli (void)
{
  for (double rate = 0.3; rate > 1e-4; rate *= 0.3)
    for (double arl = 100 / rate; arl <= 1e8; arl *= 30) {
      CpacBernoulliDesign design = { 0 }, less;
      g_autoptr (GError) error = NULL;

      g_assert_true (cpac_bernoulli_get_step (rate, 2 * rate, &design.step, &error));
      cpac_arl_solve_bernoulli (&design, rate, rate, arl, &error);
      g_assert_no_error (error);
      less = (CpacBernoulliDesign){ design.step, design.limit - 1 };
      g_assert_cmpfloat (cpac_arl_bernoulli (&design, rate, rate), >=, arl);
      g_assert_cmpfloat (cpac_arl_bernoulli (&less, rate, rate), <, arl);
    }
}

static void
test_solve_refused (void)
{
  static const double wanted[] = { 0, 1.9, 1.1e9, -5, INFINITY, NAN };
  CpacArlProcess process = { 0 }, shifted = { .shift = 5 };
  CpacEwmaDesign ewma_design = { .lambda = 0.1 };
  CpacBernoulliDesign bernoulli = { .step = 100 };
  g_autoptr (GError) error = NULL;
  double arl;

  for (guint i = 0; i < G_N_ELEMENTS (wanted); i++) {
    g_assert_false (cpac_arl_solve_ewma (&ewma_design, &process, wanted[i], &error));
    g_assert_error (error, CPAC_ERROR, CPAC_ERROR_SCHEMA);
    g_clear_error (&error);
    g_assert_false (cpac_arl_solve_bernoulli (&bernoulli, 0.01, 0.01, wanted[i], &error));
    g_assert_error (error, CPAC_ERROR, CPAC_ERROR_SCHEMA);
    g_clear_error (&error);
  }
  /* Rejects far more frequent than the chart allows for are found however high its limit. */
  g_assert_false (cpac_arl_solve_bernoulli (&bernoulli, 0.9, 0.9, 1e8, &error));
  g_assert_error (error, CPAC_ERROR, CPAC_ERROR_NUMERIC);
  g_assert_nonnull (strstr (error->message, "gives an average run length of 1e+08"));
  g_clear_error (&error);
  /* So is a CUSUM's drift, but a limit of 100 takes 22 points. */
  g_assert_false (cpac_arl_solve_cusum (&(CpacCusumDesign){ .k = 0.5 }, 0, &shifted, 1e6, &error));
  g_assert_error (error, CPAC_ERROR, CPAC_ERROR_NUMERIC);
  g_clear_error (&error);
  g_assert_true (cpac_arl_from_rate (8, 1000, &arl, &error));
  g_assert_cmpfloat (arl, ==, 8000);
  g_assert_false (cpac_arl_from_rate (8, 0, &arl, &error));
  g_assert_error (error, CPAC_ERROR, CPAC_ERROR_SCHEMA);
}

static void
test_process_check (void)
{
  static const CpacArlProcess bad[] = {
    { .shift = NAN }, { .shift = 41 }, { .df = 2 },    { .df = -1 },
    { .df = NAN },    { .phi = 1 },    { .phi = NAN }, { .phi = 0.1, .df = 5 },
  };
  CpacArlProcess good = { .shift = -3, .df = 4 };

  g_assert_true (cpac_arl_process_check (&good, NULL));
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++) {
    g_autoptr (GError) error = NULL;

    g_assert_false (cpac_arl_process_check (&bad[i], &error));
    g_assert_error (error, CPAC_ERROR, CPAC_ERROR_SCHEMA);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/arl/ewma", test_ewma);
  g_test_add_func ("/arl/ewma-of-500", test_ewma_of_500);
  g_test_add_func ("/arl/ewma-like-3-sigma", test_ewma_like_3_sigma);
  g_test_add_func ("/arl/ewma-of-one", test_ewma_of_one);
  g_test_add_func ("/arl/ewma-fast-start", test_ewma_fast_start);
  g_test_add_func ("/arl/cusum", test_cusum);
  g_test_add_func ("/arl/cusum-head-start", test_cusum_head_start);
  g_test_add_func ("/arl/cusum-approximate", test_cusum_approximate);
  g_test_add_func ("/arl/shewhart", test_shewhart);
  g_test_add_func ("/arl/rules", test_rules);
  g_test_add_func ("/arl/rules-by-hand", test_rules_by_hand);
  g_test_add_func ("/arl/heavy-tails", test_heavy_tails);
  g_test_add_func ("/arl/autocorrelated", test_autocorrelated);
  g_test_add_func ("/arl/autocorrelated-limits", test_autocorrelated_limits);
  g_test_add_func ("/arl/bernoulli", test_bernoulli);
  g_test_add_func ("/arl/repeat-rate", test_repeat_rate);
  g_test_add_func ("/arl/bernoulli-step", test_bernoulli_step);
  g_test_add_func ("/arl/t2", test_t2);
  g_test_add_func ("/arl/solve-tables", test_solve_tables);
  g_test_add_func ("/arl/solve-back", test_solve_back);
  g_test_add_func ("/arl/solve-bernoulli", test_solve_bernoulli);
  g_test_add_func ("/arl/solve-refused", test_solve_refused);
  g_test_add_func ("/arl/process-check", test_process_check);
  return g_test_run ();
}
