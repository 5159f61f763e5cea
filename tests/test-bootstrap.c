/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include <float.h>
#include <math.h>

#include "core/random.h"
#include "core/score/metrics.h"

static double
auroc (const CpacMetricSample *samples, gsize n, gpointer user_data)
{
  return cpac_metric_auroc (samples, n);
}

/* Counts calls and checks that a draw keeps groups whole and strata at their size. */
typedef struct {
  guint n_calls;
  guint group_sizes[4];
  gboolean defective[4];
  guint n_defective;
} Watch;

static double
watch_draw (const CpacMetricSample *samples, gsize n, gpointer user_data)
{
  Watch *watch = user_data;
  guint counts[4] = { 0 }, n_taken[2] = { 0 };

  watch->n_calls++;
  for (gsize i = 0; i < n; i++)
    counts[samples[i].group]++;
  for (guint g = 0; g < 4; g++) {
    g_assert_cmpuint (counts[g] % watch->group_sizes[g], ==, 0);
    n_taken[watch->defective[g] ? 1 : 0] += counts[g] / watch->group_sizes[g];
  }
  g_assert_cmpuint (n_taken[0], ==, 4 - watch->n_defective);
  g_assert_cmpuint (n_taken[1], ==, watch->n_defective);
  return counts[0];
}

static void
test_whole_groups (void)
{
  /* Group 2 holds a good and a defective picture: it is a defective part. */
  const CpacMetricSample samples[] = {
    { 0.1, FALSE, 0 }, { 0.7, FALSE, 2 }, { 0.3, FALSE, 0 }, { 0.2, FALSE, 1 },
    { 0.9, TRUE, 2 },  { 0.8, TRUE, 3 },  { 0.4, FALSE, 0 },
  };
  Watch watch = { 0, { 3, 1, 2, 1 }, { FALSE, FALSE, TRUE, TRUE }, 2 };
  CpacInterval interval = cpac_metric_bootstrap (samples, 7, watch_draw, &watch, 253, 1);

  g_assert_cmpuint (watch.n_calls, ==, 254);
  g_assert_cmpfloat (interval.value, ==, 3);
  /* Group 0 is drawn 0, 1 or 2 times with chances 1/4, 1/2, 1/4. */
  g_assert_cmpfloat (interval.low, ==, 0);
  g_assert_cmpfloat (interval.high, ==, 6);
}

/* One part in each stratum: every draw is the sample itself. */
static void
test_one_part_each (void)
{
  const CpacMetricSample samples[] = {
    { 1, FALSE, 7 }, { 4, FALSE, 7 }, { 3, TRUE, 4000000000u }, { 5, TRUE, 4000000000u }
  };
  CpacInterval interval = cpac_metric_bootstrap (samples, 4, auroc, NULL, 17, 3);

  g_assert_cmpfloat (interval.value, ==, 0.75);
  g_assert_cmpfloat (interval.low, ==, 0.75);
  g_assert_cmpfloat (interval.high, ==, 0.75);
}

/* In the last list one of two defective parts also shows the only good picture: draws without it
 * have no figure and are left out. */
static void
test_undefined (void)
{
  const CpacMetricSample bad[] = { { 1, TRUE, 0 }, { 2, TRUE, 1 } };
  const CpacMetricSample broken[] = { { 1, TRUE, 0 }, { NAN, FALSE, 1 }, { 2, FALSE, 2 } };
  const CpacMetricSample mixed[] = { { 1, TRUE, 0 }, { 2, TRUE, 1 }, { 0, FALSE, 1 } };
  CpacInterval interval = cpac_metric_bootstrap (bad, 2, auroc, NULL, 17, 0);

  g_assert_true (isnan (interval.value) && isnan (interval.low) && isnan (interval.high));
  interval = cpac_metric_bootstrap (NULL, 0, auroc, NULL, 17, 0);
  g_assert_true (isnan (interval.value) && isnan (interval.low) && isnan (interval.high));
  interval = cpac_metric_bootstrap (broken, 3, auroc, NULL, 1, 0);
  g_assert_true (isnan (interval.value));
  interval = cpac_metric_bootstrap (mixed, 3, auroc, NULL, 100, 0);
  g_assert_cmpfloat (interval.low, ==, 1);
  g_assert_cmpfloat (interval.high, ==, 1);
  interval = cpac_metric_bootstrap (mixed, 3, auroc, NULL, 0, 0);
  g_assert_cmpfloat (interval.value, ==, 1);
  g_assert_true (isnan (interval.low) && isnan (interval.high));
}

/* @n parts, half of them defective with scores one standard deviation higher, @copies pictures of
 * each with the same score; groups are parts, or pictures. */
static CpacMetricSample *
make_samples (guint n, guint copies, gboolean by_part)
{
  CpacMetricSample *samples = g_new (CpacMetricSample, (gsize) n * copies);
  CpacRandom random;

  cpac_random_init (&random, 77, 0, 0);
  for (guint part = 0; part < n; part++) {
    gboolean defect = part % 2;
    double score = cpac_random_normal (&random) + (defect ? 1 : 0);

    for (guint k = 0; k < copies; k++)
      samples[part * copies + k] =
          (CpacMetricSample){ score, defect, by_part ? part : part * copies + k };
  }
  return samples;
}

static void
test_deterministic (void)
{
  g_autofree CpacMetricSample *samples = make_samples (200, 2, TRUE);
  CpacInterval a = cpac_metric_bootstrap (samples, 400, auroc, NULL, 500, 42), b, c;

  for (guint i = 0; i < 200; i++) {
    CpacMetricSample swap = samples[i];

    samples[i] = samples[399 - i];
    samples[399 - i] = swap;
  }
  b = cpac_metric_bootstrap (samples, 400, auroc, NULL, 500, 42);
  c = cpac_metric_bootstrap (samples, 400, auroc, NULL, 500, 43);
  g_assert_cmpfloat (a.low, ==, b.low);
  g_assert_cmpfloat (a.high, ==, b.high);
  g_assert_cmpfloat (a.low, !=, c.low);
}

/* Six views of each part say nothing new: the interval by part is that of single pictures, the one
 * by picture is too narrow by sqrt (6) = 2.45. */
static void
test_groups_are_wider (void)
{
  g_autofree CpacMetricSample *single = make_samples (100, 1, TRUE);
  g_autofree CpacMetricSample *by_part = make_samples (100, 6, TRUE);
  g_autofree CpacMetricSample *by_picture = make_samples (100, 6, FALSE);
  CpacInterval a = cpac_metric_bootstrap (single, 100, auroc, NULL, 1000, 5);
  CpacInterval b = cpac_metric_bootstrap (by_part, 600, auroc, NULL, 1000, 5);
  CpacInterval c = cpac_metric_bootstrap (by_picture, 600, auroc, NULL, 1000, 5);
  double ratio = (b.high - b.low) / (c.high - c.low);

  /* The same ratios of counts 36 times as large. */
  g_assert_cmpfloat_with_epsilon (a.value, b.value, 4 * DBL_EPSILON);
  g_assert_cmpfloat_with_epsilon (a.low, b.low, 4 * DBL_EPSILON);
  g_assert_cmpfloat_with_epsilon (a.high, b.high, 4 * DBL_EPSILON);
  g_assert_true (b.low < b.value && b.value < b.high);
  /* The ends of 1000 draws scatter by about 5 % of the width. */
  g_assert_cmpfloat_with_epsilon (ratio, sqrt (6), 0.4);
}

/* Against the known law: the mean of n normal values has standard error 1 / sqrt (n). */
static double
mean_score (const CpacMetricSample *samples, gsize n, gpointer user_data)
{
  double sum = 0;

  for (gsize i = 0; i < n; i++)
    sum += samples[i].score;
  return sum / n;
}

static void
test_width (void)
{
  CpacMetricSample samples[400];
  CpacInterval interval;
  CpacRandom random;
  double mean, variance = 0, expected;

  cpac_random_init (&random, 78, 0, 0);
  for (guint i = 0; i < 400; i++)
    samples[i] = (CpacMetricSample){ cpac_random_normal (&random), FALSE, i };
  mean = mean_score (samples, 400, NULL);
  for (guint i = 0; i < 400; i++)
    variance += (samples[i].score - mean) * (samples[i].score - mean) / 400;
  expected = 2 * 1.959964 * sqrt (variance / 400);
  interval = cpac_metric_bootstrap (samples, 400, mean_score, NULL, 2000, 6);
  /* A quantile at 0.025 of 2000 draws scatters by sqrt (0.025 0.975 / 2000) / 0.058 = 0.06 standard
   * errors, two of them by 0.085 of a width of 3.92: 2.2 %. */
  g_assert_cmpfloat_with_epsilon (interval.high - interval.low, expected, 5 * 0.022 * expected);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/bootstrap/whole-groups", test_whole_groups);
  g_test_add_func ("/bootstrap/one-part-each", test_one_part_each);
  g_test_add_func ("/bootstrap/undefined", test_undefined);
  g_test_add_func ("/bootstrap/deterministic", test_deterministic);
  g_test_add_func ("/bootstrap/groups-are-wider", test_groups_are_wider);
  g_test_add_func ("/bootstrap/width", test_width);
  return g_test_run ();
}
