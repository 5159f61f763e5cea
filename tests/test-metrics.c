/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include <float.h>
#include <math.h>

#include "core/score/metrics.h"

/* 3 > 2 = 2 = 2 > 1 > 0, so one tie across the classes. */
static const CpacMetricSample tied[] = {
  { 2, TRUE, 0 }, { 1, FALSE, 1 }, { 3, TRUE, 2 }, { 2, FALSE, 3 }, { 2, TRUE, 4 }, { 0, FALSE, 5 },
};

static void
test_hand_ties (void)
{
  double threshold;

  /* Of 9 pairs 3 beats 3, each 2 beats 2 and ties with 1. */
  g_assert_cmpfloat (cpac_metric_auroc (tied, 6), ==, 8 / 9.0);
  /* Recall steps 1/3 at precision 1 and 2/3 at precision 3/4. */
  g_assert_cmpfloat_with_epsilon (cpac_metric_average_precision (tied, 6), 5 / 6.0, DBL_EPSILON);
  /* All three defects and one good part called: 2 x 3 / (4 + 3). */
  g_assert_cmpfloat (cpac_metric_f1_max (tied, 6, &threshold), ==, 6 / 7.0);
  g_assert_cmpfloat (threshold, ==, 1);
  g_assert_cmpfloat (cpac_metric_f1_max (tied, 6, NULL), ==, 6 / 7.0);
}

static void
test_confusion (void)
{
  CpacConfusion confusion = cpac_metric_confusion (tied, 6, 2);

  /* A score at the threshold is not called. */
  g_assert_cmpuint (confusion.true_positive, ==, 1);
  g_assert_cmpuint (confusion.false_positive, ==, 0);
  g_assert_cmpuint (confusion.true_negative, ==, 3);
  g_assert_cmpuint (confusion.false_negative, ==, 2);
  g_assert_cmpfloat (cpac_confusion_f1 (&confusion), ==, 0.5);
  confusion = cpac_metric_confusion (tied, 6, 1.5);
  g_assert_cmpuint (confusion.true_positive, ==, 3);
  g_assert_cmpuint (confusion.false_positive, ==, 1);
}

/* The best F1 may call everything; its threshold then lies below every score. */
static void
test_f1_calls_all (void)
{
  const CpacMetricSample samples[] = { { 5, FALSE, 0 }, { 3, TRUE, 1 }, { 3, TRUE, 2 } };
  double threshold;
  CpacConfusion confusion;

  g_assert_cmpfloat (cpac_metric_f1_max (samples, 3, &threshold), ==, 4 / 5.0);
  confusion = cpac_metric_confusion (samples, 3, threshold);
  g_assert_cmpuint (confusion.true_positive, ==, 2);
  g_assert_cmpuint (confusion.false_positive, ==, 1);
}

static void
test_undefined (void)
{
  const CpacMetricSample good[] = { { 1, FALSE, 0 }, { 2, FALSE, 1 } };
  const CpacMetricSample bad[] = { { 1, TRUE, 0 }, { 2, TRUE, 1 } };
  const CpacMetricSample broken[] = { { 1, TRUE, 0 }, { NAN, FALSE, 1 }, { 0, FALSE, 2 } };
  const CpacConfusion empty = { 0 };
  double threshold = 0;

  g_assert_true (isnan (cpac_metric_auroc (NULL, 0)));
  g_assert_true (isnan (cpac_metric_auroc (good, 2)));
  g_assert_true (isnan (cpac_metric_auroc (bad, 2)));
  g_assert_true (isnan (cpac_metric_auroc (broken, 3)));
  g_assert_true (isnan (cpac_metric_average_precision (good, 2)));
  g_assert_cmpfloat (cpac_metric_average_precision (bad, 2), ==, 1);
  g_assert_true (isnan (cpac_metric_average_precision (broken, 3)));
  g_assert_true (isnan (cpac_metric_f1_max (good, 2, &threshold)));
  g_assert_true (isnan (threshold));
  g_assert_true (isnan (cpac_metric_f1_max (broken, 3, NULL)));
  g_assert_true (isnan (cpac_metric_at_false_reject (good, 2, 0.1).threshold));
  g_assert_true (isnan (cpac_metric_at_false_reject (bad, 2, 0.1).detection));
  g_assert_true (isnan (cpac_metric_at_false_reject (broken, 3, 0.1).realised_rate));
  g_assert_true (isnan (cpac_confusion_f1 (&empty)));
}

/* Two-sided 95 %: the upper end for 0 of n is 1 - 0.025^(1/n), 0.1157 of 30. (The 9.5 % often
 * quoted for 0 of 30 is the one-sided 95 % end, that is the two-sided 90 % one.) */
static void
test_clopper_pearson (void)
{
  static const struct {
    gsize k, n;
    double confidence, low, high, tolerance;
  } rows[] = {
    { 0, 30, 0.95, 0, 0.11570330, 1e-8 },
    { 0, 30, 0.90, 0, 0.09503385, 1e-8 },
    { 30, 30, 0.95, 0.88429670, 1, 1e-8 },
    { 0, 1, 0.95, 0, 0.975, 1e-12 },
    { 1, 1, 0.95, 0.025, 1, 1e-12 },
    { 1, 2, 0.95, 0.01257912, 0.98742088, 1e-8 }, /* 1 - sqrt (0.975) */
    { 5, 10, 0.95, 0.18708603, 0.81291397, 1e-8 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    CpacInterval interval = cpac_metric_clopper_pearson (rows[i].k, rows[i].n, rows[i].confidence);

    g_assert_cmpfloat (interval.value, ==, (double) rows[i].k / rows[i].n);
    g_assert_cmpfloat_with_epsilon (interval.low, rows[i].low, rows[i].tolerance);
    g_assert_cmpfloat_with_epsilon (interval.high, rows[i].high, rows[i].tolerance);
  }
  g_assert_true (isnan (cpac_metric_clopper_pearson (0, 0, 0.95).high));
}

/* The ends are where the binomial tails hold 2.5 % each. */
static void
test_clopper_pearson_tails (void)
{
  for (guint n = 1; n <= 17; n += 4) {
    for (guint k = 0; k <= n; k++) {
      CpacInterval interval = cpac_metric_clopper_pearson (k, n, 0.95);
      double above = 0, below = 0;

      for (guint j = 0; j <= n; j++) {
        double choose = exp (lgamma (n + 1) - lgamma (j + 1) - lgamma (n - j + 1));

        if (j >= k)
          above += choose * pow (interval.low, j) * pow (1 - interval.low, n - j);
        if (j <= k)
          below += choose * pow (interval.high, j) * pow (1 - interval.high, n - j);
      }
      g_assert_cmpfloat_with_epsilon (above, k == 0 ? 1 : 0.025, 1e-12);
      g_assert_cmpfloat_with_epsilon (below, k == n ? 1 : 0.025, 1e-12);
    }
  }
}

/* Of none among n, the upper end is 1 - 0.025^(1/n), and of all of them the lower end the rest; of
 * one among n, the ends are where 1 - (1 - p)^n is 0.025 and (1 - p)^n + n p (1 - p)^(n-1), almost
 * (1 + np) exp (-np), is 0.025. Far from both ends it is the normal interval, as the next term is
 * relatively 1 / sqrt (n) smaller. */
static void
test_clopper_pearson_many (void)
{
  const guint64 n = CPAC_MAX_TRIALS;
  CpacInterval none = cpac_metric_clopper_pearson (0, n, 0.95);
  CpacInterval one = cpac_metric_clopper_pearson (1, n, 0.95);
  CpacInterval half = cpac_metric_clopper_pearson (n / 2, n, 0.95);
  CpacInterval all = cpac_metric_clopper_pearson (n, n, 0.95);
  double most = -expm1 (log (0.025) / (double) n), np = (double) n * one.high;

  g_assert_cmpfloat (none.low, ==, 0);
  g_assert_cmpfloat_with_epsilon (none.high / most, 1, 1e-6);
  g_assert_cmpfloat_with_epsilon (one.low * (double) n, -log (0.975), 1e-6);
  g_assert_cmpfloat_with_epsilon ((1 + np) * exp (-np), 0.025, 1e-6);
  g_assert_cmpfloat_with_epsilon ((half.high - 0.5) * 2 * sqrt ((double) n), 1.959964, 1e-4);
  g_assert_cmpfloat_with_epsilon ((0.5 - half.low) * 2 * sqrt ((double) n), 1.959964, 1e-4);
  g_assert_cmpfloat_with_epsilon (all.low, 1 - most, 1e-15);
  g_assert_cmpfloat (all.high, ==, 1);
}

/* Beyond the bound there is a share and no interval, also where a double does not tell k from n. */
static void
test_clopper_pearson_beyond (void)
{
  static const guint64 ns[] = { CPAC_MAX_TRIALS + 1,
                                G_GUINT64_CONSTANT (1) << 53,
                                (G_GUINT64_CONSTANT (1) << 53) + 1,
                                G_GUINT64_CONSTANT (1) << 61,
                                (G_GUINT64_CONSTANT (1) << 61) + 1,
                                G_GUINT64_CONSTANT (1) << 62,
                                G_MAXUINT64 };

  for (guint i = 0; i < G_N_ELEMENTS (ns); i++) {
    const guint64 ks[] = { 0, 1, ns[i] / 2, ns[i] - 1, ns[i] };

    for (guint k = 0; k < G_N_ELEMENTS (ks); k++) {
      CpacInterval interval = cpac_metric_clopper_pearson (ks[k], ns[i], 0.95);

      g_assert_cmpfloat (interval.value, ==, (double) ks[k] / (double) ns[i]);
      g_assert_true (isnan (interval.low) && isnan (interval.high));
    }
  }
}

static void
test_false_reject_hand (void)
{
  /* Ten good parts, 1..10, 9 twice: 1 1 2 3 4 5 6 9 9 10; defects 9, 9.5, 11. */
  const double good[] = { 9, 1, 10, 2, 3, 1, 4, 9, 5, 6 }, bad[] = { 9.5, 9, 11 };
  static const struct {
    double rate, threshold, realised, detection;
  } rows[] = {
    { 0, 10, 0, 1 / 3.0 },    { 0.05, 10, 0, 1 / 3.0 },
    { 0.1, 9, 0.1, 2 / 3.0 }, { 0.2, 9, 0.1, 2 / 3.0 }, /* the tie at 9 cannot be split */
    { 0.3, 6, 0.3, 1 },       { 1, -INFINITY, 1, 1 },
  };
  CpacMetricSample samples[13];

  for (guint i = 0; i < 13; i++)
    samples[i] = (CpacMetricSample){ i < 10 ? good[i] : bad[i - 10], i >= 10, i };
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    CpacFixedFalseReject result = cpac_metric_at_false_reject (samples, 13, rows[i].rate);

    g_assert_cmpfloat (result.rate, ==, rows[i].rate);
    g_assert_cmpfloat (result.threshold, ==, rows[i].threshold);
    g_assert_cmpfloat (result.realised_rate, ==, rows[i].realised);
    g_assert_cmpfloat (result.detection, ==, rows[i].detection);
  }
}

/* 0.29 x 100 is less than 29 in doubles, yet 29 of 100 is a rate of at most 0.29. */
static void
test_false_reject_rounding (void)
{
  CpacMetricSample samples[101];

  for (guint i = 0; i < 101; i++)
    samples[i] = (CpacMetricSample){ i, i == 100, i };
  for (guint k = 0; k < 100; k++) {
    CpacFixedFalseReject result = cpac_metric_at_false_reject (samples, 101, k / 100.0);

    g_assert_cmpfloat (result.threshold, ==, 99 - k);
    g_assert_cmpfloat (result.realised_rate, ==, k / 100.0);
  }
}

/* Oracles: every pair, every threshold. */
static double
slow_auroc (const CpacMetricSample *samples, gsize n)
{
  double wins = 0, pairs = 0;

  for (gsize i = 0; i < n; i++)
    for (gsize k = 0; k < n; k++)
      if (samples[i].defect && !samples[k].defect) {
        pairs++;
        wins += samples[i].score > samples[k].score    ? 1
                : samples[i].score == samples[k].score ? 0.5
                                                       : 0;
      }
  return wins / pairs;
}

static double
slow_average_precision (const CpacMetricSample *samples, gsize n)
{
  double sum = 0, n_defects = 0;

  /* Each defect adds the precision among all that score at least as high. */
  for (gsize i = 0; i < n; i++) {
    double called = 0, found = 0;

    if (!samples[i].defect)
      continue;
    n_defects++;
    for (gsize k = 0; k < n; k++) {
      called += samples[k].score >= samples[i].score;
      found += samples[k].score >= samples[i].score && samples[k].defect;
    }
    sum += found / called;
  }
  return sum / n_defects;
}

static void
slow_thresholds (const CpacMetricSample *samples, gsize n, double rate, double *f1_max,
                 CpacFixedFalseReject *fixed)
{
  *f1_max = 0;
  *fixed = (CpacFixedFalseReject){ rate, INFINITY, 0, 0 };
  for (gsize i = 0; i <= n; i++) {
    double threshold = i < n ? samples[i].score : -INFINITY;
    CpacConfusion c = cpac_metric_confusion (samples, n, threshold);
    double precision = (double) c.true_positive / (c.true_positive + c.false_positive);
    double recall = (double) c.true_positive / (c.true_positive + c.false_negative);
    double rejects = (double) c.false_positive / (c.false_positive + c.true_negative);

    if (c.true_positive > 0)
      *f1_max = MAX (*f1_max, 2 * precision * recall / (precision + recall));
    if (rejects <= rate && threshold < fixed->threshold)
      *fixed = (CpacFixedFalseReject){ rate, threshold, rejects, recall };
  }
}

static void
test_random_against_slow (void)
{
  static const gsize sizes[] = { 2, 3, 5, 17, 253 };
  static const double rates[] = { 0, 0.01, 0.1, 0.5 };

  for (guint round = 0; round < 40; round++) {
    gsize n = sizes[round % G_N_ELEMENTS (sizes)];
    double rate = rates[round % G_N_ELEMENTS (rates)], f1, threshold;
    g_autofree CpacMetricSample *samples = g_new (CpacMetricSample, n);
    CpacFixedFalseReject fixed, result;
    CpacConfusion confusion;

    for (gsize i = 0; i < n; i++)
      samples[i] = (CpacMetricSample){ g_test_rand_int_range (-6, round < 20 ? 6 : 1000),
                                       i == 0 || (i > 1 && g_test_rand_bit ()), i };
    slow_thresholds (samples, n, rate, &f1, &fixed);
    /* n roundings at most in the sums, a few in the quotients. */
    g_assert_cmpfloat_with_epsilon (cpac_metric_auroc (samples, n), slow_auroc (samples, n),
                                    4 * DBL_EPSILON);
    g_assert_cmpfloat_with_epsilon (cpac_metric_average_precision (samples, n),
                                    slow_average_precision (samples, n), 2 * n * DBL_EPSILON);
    g_assert_cmpfloat_with_epsilon (cpac_metric_f1_max (samples, n, &threshold), f1,
                                    8 * DBL_EPSILON);
    confusion = cpac_metric_confusion (samples, n, threshold);
    g_assert_cmpfloat_with_epsilon (cpac_confusion_f1 (&confusion), f1, 8 * DBL_EPSILON);
    result = cpac_metric_at_false_reject (samples, n, rate);
    g_assert_cmpfloat (result.threshold, ==, fixed.threshold);
    g_assert_cmpfloat (result.realised_rate, ==, fixed.realised_rate);
    g_assert_cmpfloat (result.detection, ==, fixed.detection);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/metrics/hand-ties", test_hand_ties);
  g_test_add_func ("/metrics/confusion", test_confusion);
  g_test_add_func ("/metrics/f1-calls-all", test_f1_calls_all);
  g_test_add_func ("/metrics/undefined", test_undefined);
  g_test_add_func ("/metrics/clopper-pearson", test_clopper_pearson);
  g_test_add_func ("/metrics/clopper-pearson-tails", test_clopper_pearson_tails);
  g_test_add_func ("/metrics/clopper-pearson-many", test_clopper_pearson_many);
  g_test_add_func ("/metrics/clopper-pearson-beyond", test_clopper_pearson_beyond);
  g_test_add_func ("/metrics/false-reject-hand", test_false_reject_hand);
  g_test_add_func ("/metrics/false-reject-rounding", test_false_reject_rounding);
  g_test_add_func ("/metrics/random-against-slow", test_random_against_slow);
  return g_test_run ();
}
