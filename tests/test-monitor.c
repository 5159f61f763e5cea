/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include <math.h>
#include <string.h>

#include "core/monitor/arl.h"
#include "tests/line.h"

static CpacMonitorResult
add (CpacMonitor *monitor, const CpacMonitorPart *part)
{
  g_autoptr (GError) error = NULL;
  CpacMonitorResult result;

  memset (&result, 0xff, sizeof result);
  cpac_monitor_add_part (monitor, part, &result, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (strlen (result.sentence), >, 0);
  g_assert_true (g_str_has_suffix (result.sentence, "."));
  for (guint i = 0; i < result.n_readings; i++) {
    const CpacChartReading *reading = &result.readings[i];

    g_assert_cmpint (
        reading->is_alarm, ==,
        reading->value > reading->upper || reading->value < reading->lower ||
            (g_str_equal (reading->chart, "bernoulli-cusum") && reading->value == reading->upper));
  }
  return result;
}

/* ---- One thing wrong at a time ---- */

typedef struct {
  const char *name;
  double shift, defect_rate, lamp, lamp_slope, structure, oddity, cause;
  guint n_parts;
  CpacMonitorState expected;
  double share;      /* of the last half of the parts, at least, in that state */
  guint never;       /* bits of CpacMonitorState */
  const char *words; /* in the sentence of the first part in that state */
} Scenario;

#define BIT(state) (1u << CPAC_MONITOR_##state)
#define ANY_PROCESS (BIT (DEFECT_RATE_UP) | BIT (PROCESS_DRIFT) | BIT (NEW_APPEARANCE))

static const Scenario scenarios[] = {
  { .name = "defects",
    .defect_rate = 0.004,
    .n_parts = 500,
    .expected = CPAC_MONITOR_DEFECT,
    .share = 0.002,
    .never = ANY_PROCESS | BIT (CHECK_CAMERA),
    .words = "This part is rejected" },
  { .name = "defect-rate",
    .defect_rate = 0.1,
    .n_parts = 400,
    .expected = CPAC_MONITOR_DEFECT_RATE_UP,
    .share = 0.95,
    .never = BIT (PROCESS_DRIFT) | BIT (CHECK_CAMERA),
    .words = "rejected" },
  { .name = "drift",
    .shift = 1,
    .n_parts = 200,
    .expected = CPAC_MONITOR_PROCESS_DRIFT,
    .share = 0.9,
    .never = BIT (CHECK_CAMERA),
    .words = "The scores of all parts have risen" },
  { .name = "large-drift",
    .shift = 2.5,
    .n_parts = 60,
    .expected = CPAC_MONITOR_PROCESS_DRIFT,
    .share = 1,
    .never = BIT (CHECK_CAMERA),
    .words = "the process drifts" },
  { .name = "all-bad",
    .shift = 8,
    .n_parts = 20,
    .expected = CPAC_MONITOR_PROCESS_DRIFT,
    .share = 1,
    .never = BIT (CHECK_CAMERA),
    .words = "of them rejected" },
  { .name = "fallen",
    .shift = -1,
    .n_parts = 200,
    .expected = CPAC_MONITOR_PROCESS_DRIFT,
    .share = 0.9,
    .never = BIT (CHECK_CAMERA),
    .words = "have fallen by about" },
  { .name = "lamp-fails",
    .shift = 3,
    .lamp = -60,
    .n_parts = 20,
    .expected = CPAC_MONITOR_CHECK_CAMERA,
    .share = 1,
    .never = ANY_PROCESS,
    .words = "brightness is" },
  { .name = "lamp-dims",
    .lamp_slope = -0.03,
    .n_parts = 300,
    .expected = CPAC_MONITOR_CHECK_CAMERA,
    .share = 1,
    .never = ANY_PROCESS,
    .words = "look at lamp, lens and exposure" },
  { .name = "rough-surface",
    .structure = 1.5,
    .n_parts = 100,
    .expected = CPAC_MONITOR_PROCESS_DRIFT,
    .share = 1,
    .never = BIT (CHECK_CAMERA) | BIT (DEFECT_RATE_UP),
    .words = "under unchanged light: the surface of the parts has changed" },
  { .name = "one-rough-part",
    .structure = 7,
    .n_parts = 1,
    .expected = CPAC_MONITOR_NEW_APPEARANCE,
    .share = 1,
    .words = "This part's sharpness is " },
  { .name = "out-of-focus",
    .structure = -1.5,
    .n_parts = 100,
    .expected = CPAC_MONITOR_CHECK_CAMERA,
    .share = 1,
    .never = ANY_PROCESS,
    .words = "look at lamp, lens and exposure" },
  { .name = "brighter-lamp",
    .lamp = 10,
    .structure = 1.5,
    .n_parts = 100,
    .expected = CPAC_MONITOR_CHECK_CAMERA,
    .share = 1,
    .never = ANY_PROCESS,
    .words = "look at lamp, lens and exposure" },
  { .name = "oddity",
    .oddity = 4,
    .n_parts = 20,
    .expected = CPAC_MONITOR_NEW_APPEARANCE,
    .share = 0.9,
    .never = BIT (PROCESS_DRIFT) | BIT (CHECK_CAMERA),
    .words = "feature 5 makes" },
  { .name = "known-cause",
    .cause = 16,
    .n_parts = 20,
    .expected = CPAC_MONITOR_PROCESS_DRIFT,
    .share = 0.8,
    .never = BIT (NEW_APPEARANCE) | BIT (CHECK_CAMERA),
    .words = "as parts do, only farther" },
};

static void
test_scenario (gconstpointer data)
{
  const Scenario *scenario = data;
  CpacMonitorOptions options = line_options ();
  g_autoptr (CpacMonitor) monitor = NULL;
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;
  guint n_expected = 0, seen = 0;
  Line line;

  line_init (&line, 1);
  monitor = line_learn (&line, &options);
  before = cpac_monitor_dup_limits_sha256 (monitor);
  line.shift = scenario->shift;
  line.defect_rate = scenario->defect_rate;
  line.lamp = scenario->lamp;
  line.structure = scenario->structure;
  line.oddity = scenario->oddity;
  line.cause = scenario->cause;
  for (guint i = 0; i < scenario->n_parts; i++) {
    CpacMonitorPart part;
    CpacMonitorResult result;

    line.lamp += scenario->lamp_slope;
    /* A dim picture looks worse, too: the camera must be named all the same. */
    line.shift -= 0.15 * scenario->lamp_slope;
    part = line_next (&line);
    result = add (monitor, &part);
    if (result.state == scenario->expected && !(seen & 1u << result.state))
      g_assert_nonnull (strstr (result.sentence, scenario->words));
    seen |= 1u << result.state;
    n_expected += result.state == scenario->expected && i >= scenario->n_parts / 2;
  }
  g_assert_cmphex (seen & scenario->never, ==, 0);
  g_assert_cmpfloat (n_expected, >=, scenario->share * (scenario->n_parts - scenario->n_parts / 2));
  /* Whatever went on, limits are those of phase I. */
  after = cpac_monitor_dup_limits_sha256 (monitor);
  g_assert_cmpstr (after, ==, before);
}

/* ---- In control ---- */

static void
test_in_control (void)
{
  CpacMonitorOptions options = line_options ();
  guint n_alarms = 0, n_changed = 0, n_in_state = 0;
  CpacMonitorState last = CPAC_MONITOR_PHASE_ONE;

  /* One false alarm in 8,000 parts is allowed, 2.5 here. Baselines are estimates: twice as many are
   * normal; of 5 expected more than 15 come once in 15,000. */
  for (guint seed = 0; seed < 4; seed++) {
    g_autoptr (CpacMonitor) monitor = NULL;
    Line line;

    line_init (&line, seed);
    monitor = line_learn (&line, &options);
    for (guint i = 0; i < 5000; i++) {
      CpacMonitorPart part = line_next (&line);
      CpacMonitorResult result = add (monitor, &part);

      n_changed += result.has_changed;
      if (!result.has_changed && i > 0) {
        g_assert_cmpint (result.state, ==, last);
        g_assert_cmpuint (result.n_in_state, ==, n_in_state + 1);
      }
      n_in_state = (guint) result.n_in_state;
      last = result.state;
      g_assert_cmpint (result.is_defect, ==, part.verdict == CPAC_VERDICT_NOT_OK);
      if (result.alarms == 0) {
        g_assert_cmpint (result.state, ==,
                         result.is_defect ? CPAC_MONITOR_DEFECT : CPAC_MONITOR_IN_CONTROL);
        continue;
      }
      n_alarms++;
      cpac_monitor_reset_charts (monitor);
    }
  }
  g_assert_cmpuint (n_alarms, <=, 15);
  g_assert_cmpuint (n_changed, >, 100);
}

/* Isolated gross defects must not look like drift: their points are clipped. */
static gboolean
step_clipped (gpointer chart, double x)
{
  return cpac_series_step (chart, x).ewma != CPAC_SIGNAL_NONE;
}

static void
reset_clipped (gpointer chart)
{
  cpac_series_reset (chart);
}

/* The study's own simulation: 500 becomes 510 by clipping, 10.33 becomes 10.53. */
static void
test_clipping (void)
{
  CpacSeries series = { .charts = CPAC_CHART_EWMA,
                        .baseline = { .spread = 1 },
                        .ewma = { .design = { .lambda = 0.1, .limit = 2.814 } } };
  CpacArlProcess process = { 0 };
  CpacArlEstimate estimate =
      cpac_arl_simulate (step_clipped, reset_clipped, &series, &process, 4000, 1);

  g_assert_cmpfloat_with_epsilon (estimate.arl, 510, 4 * sqrt (2) * estimate.standard_error);
  process.shift = 1;
  estimate = cpac_arl_simulate (step_clipped, reset_clipped, &series, &process, 4000, 1);
  g_assert_cmpfloat_with_epsilon (estimate.arl, 10.53, 4 * sqrt (2) * estimate.standard_error);
}

typedef struct {
  CpacSeries series;
  CpacRandom random;
} Contaminated;

static gboolean
step_contaminated (gpointer chart, double x)
{
  Contaminated *contaminated = chart;

  if (cpac_random_double (&contaminated->random) < 0.01)
    x += 6;
  return cpac_series_step (&contaminated->series, x).ewma != CPAC_SIGNAL_NONE;
}

static void
reset_contaminated (gpointer chart)
{
  cpac_series_reset (&((Contaminated *) chart)->series);
}

/* With one defect in a hundred: 350 points, where without clipping it would be 142. */
static void
test_contaminated (void)
{
  Contaminated chart = { .series = { .charts = CPAC_CHART_EWMA,
                                     .baseline = { .spread = 1 },
                                     .ewma = { .design = { .lambda = 0.1, .limit = 2.814 } } } };
  CpacArlProcess process = { 0 };
  CpacArlEstimate estimate;

  cpac_random_init (&chart.random, 5, 100, 0);
  estimate = cpac_arl_simulate (step_contaminated, reset_contaminated, &chart, &process, 4000, 1);
  g_assert_cmpfloat_with_epsilon (estimate.arl, 350, 4 * sqrt (2) * estimate.standard_error);
}

/* Autocorrelated parts: residuals are charted. Limits that took them for independent would alarm
 * every few hundred parts. */
static void
test_autocorrelated (void)
{
  CpacMonitorOptions options = line_options ();
  CpacPhaseOneReport report;
  gboolean is_told = FALSE;
  guint n_alarms = 0;

  options.has_camera = FALSE;
  options.n_features = 0;
  for (guint seed = 0; seed < 5; seed++) {
    g_autoptr (CpacMonitor) monitor = NULL;
    Line line;

    line_init (&line, seed);
    line.phi = 0.6;
    monitor = line_learn (&line, &options);
    for (guint i = 0; i < 4000; i++) {
      CpacMonitorPart part = line_next (&line);
      CpacMonitorResult result = add (monitor, &part);

      if (result.alarms == 0)
        continue;
      n_alarms++;
      cpac_monitor_reset_charts (monitor);
    }
    g_assert_true (cpac_monitor_get_report (monitor, &report));
    g_assert_cmpfloat_with_epsilon (report.score->phi, 0.6, 0.2);
    g_assert_cmpfloat (report.arl_uncorrected, <, 400);
    g_assert_cmpfloat (report.arl_of_chart, ==, 24000);
    for (guint i = 0; i < report.n_notes; i++)
      is_told |= strstr (report.notes[i], "parts resemble the one before") != NULL;
    g_assert_true (is_told);
  }
  /* 2.5 are allowed, uncorrected would be more than 50. */
  g_assert_cmpuint (n_alarms, <=, 10);
}

/* ---- Phase I ---- */

static void
test_report (void)
{
  CpacMonitorOptions options = line_options ();
  g_autoptr (CpacMonitor) monitor = NULL;
  CpacPhaseOneReport report;
  Line line;

  line_init (&line, 2);
  monitor = cpac_monitor_new (&options, NULL);
  g_assert_false (cpac_monitor_get_report (monitor, &report));
  g_assert_null (cpac_monitor_dup_limits_sha256 (monitor));
  for (guint i = 0; i < 300; i++) {
    CpacMonitorPart part;

    line.defect_rate = i % 50 == 17 ? 1 : 0;
    part = line_next (&line);
    add (monitor, &part);
  }
  g_assert_true (cpac_monitor_get_report (monitor, &report));
  g_assert_cmpuint (report.n_parts, ==, 300);
  g_assert_cmpuint (report.n_left_out, >=, 6);
  for (guint i = 0, found = 0; i < 6; i++) {
    while (report.left_out[found] != 50 * i + 17)
      g_assert_cmpuint (++found, <, report.n_left_out);
  }
  /* EWMA and CUSUM of the score, rejects, T^2 and Q, two each of four measures. */
  g_assert_cmpuint (report.n_charts, ==, 13);
  g_assert_cmpfloat (report.arl, ==, 8000);
  g_assert_cmpfloat (report.arl_of_chart, ==, 13 * 8000);
  g_assert_cmpfloat (report.arl_low, <, report.arl_of_chart);
  g_assert_cmpfloat (report.arl_low, >, 0.05 * report.arl_of_chart);
  g_assert_cmpfloat (report.arl_of_rules, ==, 0);
  g_assert_nonnull (cpac_monitor_get_camera (monitor, CPAC_CAMERA_SHARPNESS));
  g_assert_nonnull (cpac_monitor_get_hotelling (monitor));
}

/* Limits give what they promise: each chart's own, widened by the margin. */
static void
test_limits (void)
{
  CpacMonitorOptions options = line_options ();
  g_autoptr (CpacMonitor) monitor = NULL;
  const CpacSeries *series;
  CpacArlProcess process = { 0 };
  Line line;

  line_init (&line, 2);
  monitor = line_learn (&line, &options);
  series = cpac_monitor_get_camera (monitor, CPAC_CAMERA_BRIGHTNESS);
  process.df = series->baseline.df;
  g_assert_cmpfloat_with_epsilon (cpac_arl_shewhart (&series->shewhart, &process) / (13 * 8000.0),
                                  1, 1e-6);
  g_assert_cmpfloat (cpac_arl_ewma (&series->ewma.design, &process), >=, 13 * 8000.0);
  g_assert_cmpfloat_with_epsilon (series->baseline.center, 120, 4 / sqrt (300));
  g_assert_cmpfloat_with_epsilon (series->baseline.spread, 1, 4 / sqrt (600));
}

/* A measure that never varies is off, and so are features that are too many; the rest runs. */
static void
test_off (void)
{
  CpacMonitorOptions options = line_options ();
  g_autoptr (CpacMonitor) monitor = NULL;
  double features[70];
  CpacPhaseOneReport report;
  CpacRandom random;
  Line line;

  line_init (&line, 2);
  cpac_random_init (&random, 1, 100, 0);
  options.n_features = 70;
  monitor = cpac_monitor_new (&options, NULL);
  for (guint i = 0; i < 310; i++) {
    CpacMonitorPart part = line_next (&line);

    for (guint j = 0; j < G_N_ELEMENTS (features); j++)
      features[j] = cpac_random_normal (&random);
    part.features = features;
    part.camera[CPAC_CAMERA_SATURATION] = 0;
    add (monitor, &part);
  }
  g_assert_true (cpac_monitor_get_report (monitor, &report));
  g_assert_null (cpac_monitor_get_camera (monitor, CPAC_CAMERA_SATURATION));
  g_assert_null (cpac_monitor_get_hotelling (monitor));
  g_assert_cmpuint (report.n_charts, ==, 9);
  g_assert_cmpstr (report.notes[0], ==,
                   "Off: saturation: found 0 for nearly every part, expected values that vary.");
  g_assert_cmpstr (report.notes[1], ==,
                   "Off: features: found 300 parts in control for 70 features, expected at least "
                   "350.");
}

/* Phase I of which a third is elsewhere cannot be learnt from; it goes on until it can. */
static void
test_goes_on (void)
{
  CpacMonitorOptions options = line_options ();
  g_autoptr (CpacMonitor) monitor = NULL;
  g_autoptr (GError) error = NULL;
  CpacMonitorResult result;
  guint n = 0;
  Line line;

  line_init (&line, 3);
  options.has_p_values = FALSE;
  monitor = cpac_monitor_new (&options, NULL);
  g_assert_false (cpac_monitor_freeze (monitor, &error));
  g_assert_cmpstr (error->message, ==, "score: found 0 parts, expected at least 100, better 300");
  g_clear_error (&error);
  for (; n < 300; n++) {
    CpacMonitorPart part = line_next (&line);

    if (n % 3 == 0)
      part.score += 20;
    result = add (monitor, &part);
  }
  g_assert_false (cpac_monitor_is_frozen (monitor));
  g_assert_nonnull (strstr (result.sentence, "no limits can be set: score: found "));
  g_assert_null (cpac_monitor_get_camera (monitor, CPAC_CAMERA_BRIGHTNESS));
  g_assert_null (cpac_monitor_get_hotelling (monitor));
  for (; !cpac_monitor_is_frozen (monitor); n++) {
    CpacMonitorPart part = line_next (&line);

    g_assert_cmpuint (n, <, 900);
    add (monitor, &part);
  }
  g_assert_cmpuint (n % 25, ==, 0);
}

static void
test_early (void)
{
  CpacMonitorOptions options = line_options ();
  g_autoptr (CpacMonitor) monitor = cpac_monitor_new (&options, NULL);
  g_autoptr (GError) error = NULL;
  CpacMonitorPart part;
  Line line;

  line_init (&line, 3);
  for (guint i = 0; i < 150; i++) {
    part = line_next (&line);
    add (monitor, &part);
  }
  g_assert_true (cpac_monitor_freeze (monitor, &error));
  g_assert_no_error (error);
  part = line_next (&line);
  g_assert_cmpint (add (monitor, &part).state, !=, CPAC_MONITOR_PHASE_ONE);
  cpac_monitor_restart_phase_one (monitor);
  g_assert_false (cpac_monitor_is_frozen (monitor));
  g_assert_null (cpac_monitor_get_hotelling (monitor));
  g_assert_cmpstr (add (monitor, &part).sentence, ==, "Learning what is normal: 1 of 300 parts.");
}

/* ---- Missing and bad input ---- */

/* Charts without input stay as they are; the others go on. */
static void
test_missing (void)
{
  CpacMonitorOptions options = line_options ();
  g_autoptr (CpacMonitor) monitor = NULL;
  CpacMonitorResult result;
  Line line;

  line_init (&line, 2);
  monitor = line_learn (&line, &options);
  line.shift = 3;
  do {
    CpacMonitorPart part = line_next (&line);

    result = add (monitor, &part);
  } while (result.state != CPAC_MONITOR_PROCESS_DRIFT);
  for (guint i = 0; i < 100; i++) {
    CpacMonitorPart nothing = { .verdict = CPAC_VERDICT_UNDEFINED };

    result = add (monitor, &nothing);
    g_assert_cmpint (result.state, ==, CPAC_MONITOR_PROCESS_DRIFT);
    g_assert_false (result.is_defect);
  }
  cpac_monitor_reset_charts (monitor);
  result = add (monitor, &(CpacMonitorPart){ .verdict = CPAC_VERDICT_OK });
  g_assert_cmpint (result.state, ==, CPAC_MONITOR_IN_CONTROL);
}

/* In phase I a part counts only with everything that was announced. */
static void
test_incomplete (void)
{
  CpacMonitorOptions options = line_options ();
  g_autoptr (CpacMonitor) monitor = cpac_monitor_new (&options, NULL);
  Line line;

  line_init (&line, 2);
  for (guint missing = 0; missing < 3; missing++) {
    CpacMonitorPart part = line_next (&line);

    part.has_score = missing != 0;
    part.has_camera = missing != 1;
    part.features = missing != 2 ? part.features : NULL;
    g_assert_cmpstr (add (monitor, &part).sentence, ==, "Learning what is normal: 0 of 300 parts.");
  }
}

static void
test_bad_parts (void)
{
  CpacMonitorOptions options = line_options ();
  g_autoptr (CpacMonitor) monitor = NULL;
  Line line;

  line_init (&line, 2);
  monitor = line_learn (&line, &options);
  for (guint kind = 0; kind < 5; kind++) {
    g_autofree char *before = cpac_monitor_save (monitor);
    g_autofree char *after = NULL;
    g_autoptr (GError) error = NULL;
    CpacMonitorPart part = line_next (&line);
    CpacMonitorResult result;

    if (kind < 3)
      part.score = (double[]){ NAN, 1.5, -0.1 }[kind];
    else if (kind == 3)
      part.camera[2] = INFINITY;
    else
      line.features[7] = NAN;
    g_assert_false (cpac_monitor_add_part (monitor, &part, &result, &error));
    g_assert_error (error, CPAC_ERROR, CPAC_ERROR_NUMERIC);
    after = cpac_monitor_save (monitor);
    g_assert_cmpstr (before, ==, after);
  }
}

static void
test_bad_options (void)
{
  CpacMonitorOptions bad[13];

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    bad[i] = line_options ();
  bad[0].hours_per_false_alarm = 0;
  bad[1].parts_per_hour = NAN;
  bad[2].parts_per_hour = 1e9;
  bad[3].n_phase_one = 99;
  bad[4].n_phase_one = 5001;
  bad[5].smallest_p = 0;
  bad[6].score_charts = CPAC_CHART_CUSUM;
  bad[7].score_charts = 31;
  bad[8].lambda = 0.5;
  bad[9].cusum_k = 0;
  bad[10].score_charts |= CPAC_CHART_RULES;
  bad[11].high_reject_rate = 0.005;
  bad[12].n_features = 257;
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++) {
    g_autoptr (GError) error = NULL;

    g_assert_null (cpac_monitor_new (&bad[i], &error));
    g_assert_error (error, CPAC_ERROR, CPAC_ERROR_SCHEMA);
  }
}

/* What single points cannot say is told. */
static void
test_reach (void)
{
  CpacMonitorOptions options = line_options ();
  g_autoptr (CpacMonitor) monitor = NULL;
  CpacPhaseOneReport report;
  gboolean is_told = FALSE;
  Line line;

  options.smallest_p = 1 / 301.0;
  options.score_charts = CPAC_CHART_EWMA | CPAC_CHART_SHEWHART | CPAC_CHART_RULES;
  options.rules = CPAC_RULES_WESTERN_ELECTRIC;
  line_init (&line, 2);
  monitor = line_learn (&line, &options);
  g_assert_true (cpac_monitor_get_report (monitor, &report));
  for (guint i = 0; i < report.n_notes; i++)
    is_told |= strstr (report.notes[i], "score: single points cannot alarm") != NULL;
  g_assert_true (is_told);
  g_assert_cmpfloat_with_epsilon (report.arl_of_rules, 91.75, 0.01);
}

/* ---- Parts of several pictures ---- */

static void
test_part_sum (void)
{
  static const double first[] = { 1, 2 }, second[] = { 3, 6 };
  CpacMonitorPart pictures[] = {
    { CPAC_VERDICT_OK, TRUE, 0.5, TRUE, { 10, 20, 30, 40 }, first },
    { CPAC_VERDICT_NOT_OK, TRUE, 0.001, TRUE, { 20, 20, 30, 41 }, second },
    { CPAC_VERDICT_UNDEFINED, FALSE, 0, FALSE, { 0 }, NULL },
    { CPAC_VERDICT_NOT_DECIDABLE, TRUE, 0.02, FALSE, { 0 }, NULL },
  };
  g_auto (CpacPartSum) sum;
  CpacMonitorPart part;

  cpac_part_sum_init (&sum, 2);
  for (guint i = 0; i < G_N_ELEMENTS (pictures); i++)
    cpac_part_sum_add (&sum, &pictures[i], TRUE);
  for (guint again = 0; again < 2; again++) {
    part = cpac_part_sum_get (&sum);
    g_assert_cmpint (part.verdict, ==, CPAC_VERDICT_NOT_OK);
    g_assert_cmpfloat (part.score, ==, 0.001);
    g_assert_cmpfloat (part.camera[0], ==, 15);
    g_assert_cmpfloat (part.camera[3], ==, 40.5);
    g_assert_cmpfloat (part.features[0], ==, 2);
    g_assert_cmpfloat (part.features[1], ==, 4);
  }
  cpac_part_sum_restart (&sum);
  cpac_part_sum_add (&sum, &pictures[2], FALSE);
  part = cpac_part_sum_get (&sum);
  g_assert_cmpint (part.verdict, ==, CPAC_VERDICT_UNDEFINED);
  g_assert_false (part.has_score || part.has_camera);
  g_assert_null (part.features);
  cpac_part_sum_add (&sum, &pictures[3], FALSE);
  cpac_part_sum_add (&sum, &pictures[0], FALSE);
  part = cpac_part_sum_get (&sum);
  g_assert_cmpint (part.verdict, ==, CPAC_VERDICT_UNDEFINED);
  g_assert_cmpfloat (part.score, ==, 0.5);
}

/* What was scored in two ways has neither score nor appearance, but all verdicts count. */
static void
test_part_sum_mixed (void)
{
  static const double features[] = { 1, 2 };
  static const CpacMonitorPart ok = { CPAC_VERDICT_OK, TRUE, 0.5, TRUE, { 10 }, features };
  static const CpacMonitorPart bad = { CPAC_VERDICT_NOT_OK, TRUE, 9, FALSE, { 0 }, features };
  g_auto (CpacPartSum) sum;
  CpacMonitorPart part;

  cpac_part_sum_init (&sum, 2);
  /* Before there is a score there is nothing to mix. */
  cpac_part_sum_mix (&sum);
  cpac_part_sum_add (&sum, &ok, FALSE);
  part = cpac_part_sum_get (&sum);
  g_assert_cmpfloat (part.score, ==, 0.5);
  g_assert_nonnull (part.features);
  cpac_part_sum_mix (&sum);
  cpac_part_sum_add (&sum, &ok, FALSE);
  part = cpac_part_sum_get (&sum);
  g_assert_cmpint (part.verdict, ==, CPAC_VERDICT_OK);
  g_assert_false (part.has_score);
  g_assert_null (part.features);
  g_assert_cmpfloat (part.camera[0], ==, 10);
  cpac_part_sum_add (&sum, &bad, FALSE);
  g_assert_cmpint (cpac_part_sum_get (&sum).verdict, ==, CPAC_VERDICT_NOT_OK);
  cpac_part_sum_restart (&sum);
  cpac_part_sum_add (&sum, &bad, FALSE);
  part = cpac_part_sum_get (&sum);
  g_assert_cmpfloat (part.score, ==, 9);
}

static void
test_names (void)
{
  for (guint i = 0; i < CPAC_N_MONITOR_STATES; i++)
    for (guint k = 0; k < i; k++)
      g_assert_cmpstr (cpac_monitor_state_to_string (i), !=, cpac_monitor_state_to_string (k));
  g_assert_cmpstr (cpac_monitor_state_to_string (CPAC_MONITOR_CHECK_CAMERA), ==, "check-camera");
  g_assert_cmpstr (cpac_monitor_state_to_string (CPAC_MONITOR_IN_CONTROL), ==, "in-control");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (scenarios); i++) {
    g_autofree char *path = g_strdup_printf ("/monitor/scenario/%s", scenarios[i].name);

    g_test_add_data_func (path, &scenarios[i], test_scenario);
  }
  g_test_add_func ("/monitor/in-control", test_in_control);
  g_test_add_func ("/monitor/clipping", test_clipping);
  g_test_add_func ("/monitor/contaminated", test_contaminated);
  g_test_add_func ("/monitor/autocorrelated", test_autocorrelated);
  g_test_add_func ("/monitor/report", test_report);
  g_test_add_func ("/monitor/limits", test_limits);
  g_test_add_func ("/monitor/off", test_off);
  g_test_add_func ("/monitor/goes-on", test_goes_on);
  g_test_add_func ("/monitor/early", test_early);
  g_test_add_func ("/monitor/missing", test_missing);
  g_test_add_func ("/monitor/incomplete", test_incomplete);
  g_test_add_func ("/monitor/bad-parts", test_bad_parts);
  g_test_add_func ("/monitor/bad-options", test_bad_options);
  g_test_add_func ("/monitor/reach", test_reach);
  g_test_add_func ("/monitor/part-sum", test_part_sum);
  g_test_add_func ("/monitor/part-sum-mixed", test_part_sum_mixed);
  g_test_add_func ("/monitor/names", test_names);
  return g_test_run ();
}
