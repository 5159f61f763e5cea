/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/random.h"
#include "core/score/head.h"
#include "core/score/statistics.h"

#define SHA_A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define SHA_B "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"

static const guint sizes[] = { 1, 2, 3, 5, 17, 253, 1000, 1001, 1002, 1003, 5000 };

static int
compare_doubles (const void *a, const void *b)
{
  double x = *(const double *) a, y = *(const double *) b;

  return (x > y) - (x < y);
}

/* @n sorted scores of an exponential law, rounded to multiples of @step (0: not). */
static double *
draw (guint n, double step)
{
  double *scores = g_new (double, n);
  CpacRandom random;

  cpac_random_init (&random, n, 100, 0);
  for (guint i = 0; i < n; i++) {
    scores[i] = -log1p (-cpac_random_double (&random));
    if (step > 0)
      scores[i] = step * floor (scores[i] / step);
  }
  qsort (scores, n, sizeof *scores, compare_doubles);
  return scores;
}

/* (1 + scores that are not below) / (n + 1), counted. */
static double
conformal (const double *scores, guint n, double score)
{
  guint n_not_below = 0;

  for (guint i = 0; i < n; i++)
    n_not_below += scores[i] >= score;
  return (1.0 + n_not_below) / (n + 1.0);
}

/* Exact at each score; between two never below the definition, nor above what it is at the lower.
 * Both are quotients of the same small integers: equal to the last bit. */
static void
test_conformal (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    for (double step = 0; step < 0.5; step += 0.3) {
      guint n = sizes[i];
      g_autofree double *scores = draw (n, step);
      g_autoptr (CpacCalibration) calibration = cpac_calibration_new (scores, n, NULL);

      if (n > CPAC_CALIBRATION_MAX_QUANTILES)
        continue;
      for (guint j = 0; j < n; j++)
        g_assert_cmpfloat (cpac_calibration_get_p_value (calibration, scores[j]), ==,
                           conformal (scores, n, scores[j]));
      for (guint j = 1; j < n; j++) {
        double middle = 0.5 * (scores[j - 1] + scores[j]);
        double p = cpac_calibration_get_p_value (calibration, middle);

        g_assert_cmpfloat (p, >=, conformal (scores, n, middle) * (1 - 4 * DBL_EPSILON));
        g_assert_cmpfloat (p, <=, conformal (scores, n, scores[j - 1]));
      }
      g_assert_cmpfloat (cpac_calibration_get_p_value (calibration, scores[0] - 1), ==, 1);
      g_assert_cmpfloat (cpac_calibration_get_p_value (calibration, scores[n - 1] + 1e-9), ==,
                         1 / (n + 1.0));
    }
}

/* Of more than 1,001 the 501 largest are kept, where the p-value is exact; among the others two
 * neighbours are at most (n - 502) / 499 + 1 ranks apart, which bounds the error. */
static void
test_quantiles (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++) {
    guint n = sizes[i], n_kept = MIN (n, 1001);
    g_autofree double *scores = draw (n, 0);
    g_autoptr (CpacCalibration) calibration = cpac_calibration_new (scores, n, NULL);
    double apart = n > 1001 ? (n - 502) / 499.0 + 1 : 0;

    g_assert_cmpuint (calibration->n_quantiles, ==, n_kept);
    g_assert_cmpfloat (calibration->quantiles[0], ==, scores[0]);
    for (guint j = 1; j < n_kept; j++)
      g_assert_cmpfloat (calibration->quantiles[j], >, calibration->quantiles[j - 1]);
    for (guint j = 0; j < n; j++) {
      double error = fabs (cpac_calibration_get_p_value (calibration, scores[j]) -
                           conformal (scores, n, scores[j]));

      g_assert_cmpfloat (error, <=, n - j <= 501 ? 0 : apart / n);
    }
    /* Exact where every score is kept; else the same two ranks bound it. */
    if (n_kept == n)
      g_assert_cmpfloat (calibration->median, ==,
                         scores[(n - 1) / 2] + (scores[n / 2] - scores[(n - 1) / 2]) * 0.5);
    else
      g_assert_true (calibration->median >= scores[(guint) (n / 2.0 - apart)] &&
                     calibration->median <= scores[(guint) (n / 2.0 + apart)]);
  }
}

/* Thresholds at and just above the k-th largest score promise what cpac_tolerance_choose() says of
 * k; where not every score is kept, no less than that. */
static void
test_promise (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++) {
    guint n = sizes[i];
    g_autofree double *scores = draw (n, 0);
    g_autoptr (CpacCalibration) calibration = cpac_calibration_new (scores, n, NULL);

    calibration->confidence = 0.9;
    g_assert_cmpfloat (cpac_calibration_get_promise (calibration, scores[0] - 1), ==, 1);
    for (guint k = 1; k <= n; k += 1 + n / 7) {
      double promised = cpac_beta_quantile (k, n + 1.0 - k, 0.9);
      double at = cpac_calibration_get_promise (calibration, scores[n - k]);

      g_assert_cmpfloat (at, >=, promised);
      if (k <= 501)
        g_assert_cmpfloat (at, ==, promised);
      g_assert_cmpfloat (
          cpac_calibration_get_promise (calibration, nextafter (scores[n - k], INFINITY)), ==, at);
    }
  }
}

/* ---- Tail ---- */

static CpacTail
tail_of (const double *scores, guint n, double gamma)
{
  guint first = n - n / 10;

  return (CpacTail){
    .begin = scores[first - 1], .sigma = 0.9, .gamma = gamma, .n_excesses = n / 10, .fit_p = 0.5
  };
}

static void
test_tail (void)
{
  static const double gammas[] = { -0.5, -0.2, 0, 0.2, 0.5 };

  for (guint i = 0; i < G_N_ELEMENTS (gammas); i++) {
    guint n = 1000;
    g_autofree double *scores = draw (n, 0);
    CpacTail tail = tail_of (scores, n, gammas[i]);
    g_autoptr (CpacCalibration) calibration = cpac_calibration_new (scores, n, &tail);
    double p_begin = conformal (scores, n, tail.begin);

    /* Without a step where the tail begins: 1e-9 further on sigma = 0.9 is as much less. */
    g_assert_cmpfloat (cpac_calibration_get_p_value (calibration, tail.begin), ==, p_begin);
    g_assert_cmpfloat_with_epsilon (cpac_calibration_get_p_value (calibration, tail.begin + 1e-9),
                                    p_begin, 2e-9);
    g_assert_cmpfloat_with_epsilon (
        cpac_calibration_get_p_value (calibration, tail.begin + 0.9),
        p_begin * (gammas[i] == 0 ? exp (-1) : pow (1 + gammas[i], -1 / gammas[i])), 1e-12);
    /* Down to a tenth of the sample's resolution and no further. */
    g_assert_cmpfloat (cpac_calibration_get_p_value (calibration, 1e9), ==, 1e-4);
    g_assert_cmpfloat_with_epsilon (cpac_calibration_get_p_value (calibration, calibration->end),
                                    1e-4, 1e-12);
    g_assert_cmpfloat (cpac_calibration_get_p_value (calibration, 0.99 * calibration->end), >,
                       1e-4);
  }
}

/* However many parts there are, the tail begins at a score that is kept: p is exact there. */
static void
test_tail_of_many (void)
{
  static const guint many[] = { 4999, 5000, 5010, 5021, 20000 };

  for (guint i = 0; i < G_N_ELEMENTS (many); i++) {
    g_autofree double *scores = draw (many[i], 0);
    g_autofree char *reason = NULL;
    g_autoptr (CpacCalibration) calibration = NULL;
    CpacTail tail;

    g_assert_true (cpac_tail_fit (scores, many[i], 1, &tail, &reason));
    calibration = cpac_calibration_new (scores, many[i], &tail);
    g_assert_cmpfloat (cpac_calibration_get_p_value (calibration, tail.begin), ==,
                       conformal (scores, many[i], tail.begin));
  }
}

/* ---- Normalised score ---- */

static void
check_normalized (const CpacCalibration *calibration, double threshold, double low, double high)
{
  double last = 0, last_p = 1;

  g_assert_cmpfloat (cpac_calibration_normalize (calibration, threshold, threshold), ==, 0.5);
  for (guint i = 0; i <= 2000; i++) {
    double score = low + (high - low) * i / 2000;
    double value = cpac_calibration_normalize (calibration, score, threshold);
    double p = cpac_calibration_get_p_value (calibration, score);

    g_assert_true (value >= last && value >= 0 && value <= 1);
    g_assert_true (p > 0 && p <= last_p);
    /* On the right side of one half. */
    g_assert_true (score <= threshold ? value <= 0.5 : value >= 0.5);
    last = value;
    last_p = p;
  }
}

static void
test_normalized (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    for (guint with_tail = 0; with_tail < 2; with_tail++) {
      guint n = sizes[i];
      g_autofree double *scores = draw (n, 0);
      CpacTail tail = n >= 300 ? tail_of (scores, n, 0.1) : (CpacTail){ 0 };
      g_autoptr (CpacCalibration) calibration = NULL;
      const double thresholds[] = {
        -DBL_MAX,          -1,   0.5 * scores[0], scores[n / 2], scores[n - 1], scores[n - 1] + 0.3,
        3 * scores[n - 1], 1e30, DBL_MAX
      };

      if (with_tail && n < 300)
        continue;
      calibration = cpac_calibration_new (scores, n, with_tail ? &tail : NULL);
      for (guint j = 0; j < G_N_ELEMENTS (thresholds); j++)
        check_normalized (calibration, thresholds[j], -0.1, 5 * scores[n - 1]);
      if (n < 17)
        continue;
      /* exp (log 9) rounds. */
      g_assert_cmpfloat_with_epsilon (
          cpac_calibration_normalize (calibration, calibration->median, scores[n - 1]), 0.1, 1e-14);
      /* A gross defect is told from one that is just above, also beyond the least p-value. */
      g_assert_cmpfloat (
          cpac_calibration_normalize (calibration, 3 * calibration->end, scores[n - 1]), >, 0.9);
    }
}

/* Equal scores: no scale, but still a side of the threshold. */
static void
test_equal_scores (void)
{
  double scores[17];
  g_autoptr (CpacCalibration) calibration = NULL;

  for (guint i = 0; i < 17; i++)
    scores[i] = 0.25;
  calibration = cpac_calibration_new (scores, 17, NULL);
  g_assert_cmpfloat (calibration->median, ==, 0.25);
  check_normalized (calibration, 0.25, 0, 1);
  check_normalized (calibration, 0.75, 0, 1);
}

/* ---- The file ---- */

static CpacCalibration *
make (guint n, const CpacTail *tail)
{
  g_autofree double *scores = draw (n, 0);
  CpacCalibration *calibration = cpac_calibration_new (scores, n, tail);

  calibration->max_false_reject = 0.01;
  calibration->confidence = 0.95;
  calibration->promised_false_reject = 0.1 / 3;
  calibration->data_sha256 = g_strdup (SHA_A);
  calibration->scoring_sha256 = g_strdup (SHA_B);
  return calibration;
}

static CpacCalibration *
read_text (const char *text, GError **error)
{
  g_autoptr (CpacConfig) map = cpac_config_parse ("a.yaml", text, strlen (text), error);

  return map != NULL ? cpac_calibration_read (map, error) : NULL;
}

/* What is read back is what was written, to the last bit, derived numbers too. */
static void
test_round_trip (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++) {
    g_autofree double *scores = draw (sizes[i], 0);
    CpacTail tail = sizes[i] >= 300 ? tail_of (scores, sizes[i], 0.1) : (CpacTail){ 0 };
    g_autoptr (CpacCalibration) made = make (sizes[i], sizes[i] >= 300 ? &tail : NULL);
    g_autofree char *text = cpac_calibration_to_yaml (made);
    g_autofree char *again = NULL;
    g_autoptr (GError) error = NULL;
    g_autoptr (CpacCalibration) read = read_text (text, &error);

    g_assert_no_error (error);
    g_assert_cmpmem (read->quantiles, read->n_quantiles * sizeof (double), made->quantiles,
                     made->n_quantiles * sizeof (double));
    g_assert_cmpuint (read->n_parts, ==, made->n_parts);
    g_assert_cmpint (read->has_tail, ==, made->has_tail);
    for (double score = -0.1; score < 20; score += 0.037) {
      g_assert_cmpfloat (cpac_calibration_get_p_value (read, score), ==,
                         cpac_calibration_get_p_value (made, score));
      g_assert_cmpfloat (cpac_calibration_normalize (read, score, 2), ==,
                         cpac_calibration_normalize (made, score, 2));
    }
    again = cpac_calibration_to_yaml (read);
    g_assert_cmpstr (again, ==, text);
  }
}

#define FIRST                                                                                      \
  "{parts: 2, max-false-reject: 0.01, confidence: 0.95, promised-false-reject: 0.5,\n"             \
  "data-sha256: " SHA_A ",\nscoring-sha256: " SHA_B ",\n"

static void
test_text (void)
{
  double scores[] = { 0.25, 1e-7 + 1 };
  g_autoptr (CpacCalibration) calibration = cpac_calibration_new (scores, 2, NULL);
  g_autofree char *text = NULL;

  calibration->max_false_reject = 0.01;
  calibration->confidence = 0.95;
  calibration->promised_false_reject = 0.5;
  calibration->data_sha256 = g_strdup (SHA_A);
  calibration->scoring_sha256 = g_strdup (SHA_B);
  text = cpac_calibration_to_yaml (calibration);
  g_assert_cmpstr (text, ==,
                   "{parts: 2, max-false-reject: 0.01, confidence: 0.95,\n"
                   "promised-false-reject: 0.5,\n"
                   "data-sha256: " SHA_A ",\nscoring-sha256: " SHA_B ",\n"
                   "quantiles: [0.25, 1.0000001]}");
}

static const struct {
  const char *text, *message;
} refused[] = {
  { FIRST "quantiles: [2, 1]}",
    "a.yaml:4:16: quantiles must never fall, found a smaller one behind a larger" },
  { FIRST "quantiles: [1]}",
    "a.yaml:4:12: quantiles: found a list of 1, expected a list of 2 numbers" },
  { FIRST "quantiles: [1, 2, 3]}",
    "a.yaml:4:12: quantiles: found a list of 3, expected a list of 2 numbers" },
  { FIRST "quantiles: [1, .inf]}",
    "a.yaml:4:16: quantiles: found .inf, expected a number from -1e+30 to 1e+30" },
  { FIRST "quantiles: [1, 2], more: 3}",
    "a.yaml:4:20: found the unknown key \"more\", expected one of parts, max-false-reject, "
    "confidence, promised-false-reject, data-sha256, scoring-sha256, ignore-mask-sha256, tail, "
    "quantiles" },
  { FIRST "quantiles: [1, 2], ignore-mask-sha256: 12}",
    "a.yaml:4:40: ignore-mask-sha256 must be 64 hexadecimal digits in lower case" },
  { FIRST "quantiles: [1, 2],\ntail: {begin: 3, sigma: 1, gamma: 0, excesses: 30, fit-p-value: 1}}",
    "a.yaml:5:15: begin: found 3, expected a number from 1 to 2" },
  { FIRST "quantiles: [1, 2],\ntail: {begin: 2, sigma: 0, gamma: 0, excesses: 30, fit-p-value: 1}}",
    "a.yaml:5:25: sigma: found 0, expected a number above 0, at most 1e+30" },
  { FIRST
    "quantiles: [1, 2],\ntail: {begin: 2, sigma: 1, gamma: 0.6, excesses: 30, fit-p-value: 1}}",
    "a.yaml:5:35: gamma: found 0.6, expected a number from -0.5 to 0.5" },
  { "{parts: 0}", "a.yaml:1:9: parts: found 0, expected a whole number from 1 to 100000000" },
  { "{parts: 2, max-false-reject: 0.01, confidence: 1}",
    "a.yaml:1:48: confidence: found 1, expected a number from 0.5 to 0.999999" },
  { "{parts: 2, max-false-reject: 0.01, confidence: 0.95, promised-false-reject: 0.5, "
    "data-sha256: ABC}",
    "a.yaml:1:95: data-sha256 must be 64 hexadecimal digits in lower case" },
};

static void
test_refused (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (refused); i++) {
    g_autoptr (GError) error = NULL;

    g_assert_null (read_text (refused[i].text, &error));
    g_assert_error (error, CPAC_ERROR, CPAC_ERROR_SCHEMA);
    g_assert_cmpstr (error->message, ==, refused[i].message);
  }
}

/* ---- In a head ---- */

static CpacHead *
make_head (const char *range, const char *calibration)
{
  g_autofree char *text =
      g_strconcat ("{head: map, threshold: 2, ", range, "calibration: ", calibration, "}", NULL);
  g_autoptr (CpacConfig) map = cpac_config_parse ("score.yaml", text, strlen (text), NULL);
  CpacDims output = { 1, 4, 4 };
  CpacHead *head = cpac_head_new (map, &output, NULL);

  g_assert_nonnull (head);
  return head;
}

static void
test_head_range (void)
{
  static const struct {
    double threshold, min, max;
  } ranges[] = {
    { 2, 0.25, 3.75 },     /* the median good part is black, the threshold mid-gray */
    { 0.5, 0.25, 0.75 },   /* a manual one */
    { 0.25, -0.75, 1.25 }, /* at the median, or below it: the range that was stated, moved */
    { -1, -2, 0 },
  };
  g_autoptr (CpacHead) head = make_head (
      "range: [1, 3], ",
      "{parts: 3, max-false-reject: 0.01, confidence: 0.95, promised-false-reject: 0.5,\n"
      "data-sha256: " SHA_A ", scoring-sha256: " SHA_B ", quantiles: [0, 0.25, 2]}");

  for (guint i = 0; i < G_N_ELEMENTS (ranges); i++) {
    CpacThresholds in_force = cpac_head_get_manual_thresholds (head, ranges[i].threshold);
    double min = NAN, max = NAN;

    cpac_head_get_heatmap_range (head, &in_force, &min, &max);
    g_assert_cmpfloat (min, ==, ranges[i].min);
    g_assert_cmpfloat (max, ==, ranges[i].max);
  }
}

static void
test_head_other_weights (void)
{
  static const char *const weights[] = { SHA_B, SHA_A, NULL };
  g_autoptr (CpacCalibration) calibration = make (5, NULL);
  g_autofree char *text = cpac_calibration_to_yaml (calibration);

  for (guint i = 0; i < G_N_ELEMENTS (weights); i++) {
    g_autoptr (CpacHead) head = make_head ("", text);

    cpac_head_check_calibration (head, weights[i]);
    g_assert_cmpint (head->calibration != NULL, ==, i == 0);
    g_assert_cmpint (head->calibration_is_stale, ==, i != 0);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/calibration/conformal", test_conformal);
  g_test_add_func ("/calibration/quantiles", test_quantiles);
  g_test_add_func ("/calibration/promise", test_promise);
  g_test_add_func ("/calibration/tail", test_tail);
  g_test_add_func ("/calibration/tail-of-many", test_tail_of_many);
  g_test_add_func ("/calibration/normalized", test_normalized);
  g_test_add_func ("/calibration/equal-scores", test_equal_scores);
  g_test_add_func ("/calibration/round-trip", test_round_trip);
  g_test_add_func ("/calibration/text", test_text);
  g_test_add_func ("/calibration/refused", test_refused);
  g_test_add_func ("/calibration/head-range", test_head_range);
  g_test_add_func ("/calibration/head-other-weights", test_head_other_weights);
  return g_test_run ();
}
