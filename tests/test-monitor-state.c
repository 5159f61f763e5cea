/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include <math.h>
#include <string.h>

#include "tests/line.h"

static CpacMonitor *
load (const char *text)
{
  g_autoptr (GError) error = NULL;
  CpacMonitor *monitor = cpac_monitor_load ("state.json", text, strlen (text), &error);

  g_assert_no_error (error);
  return monitor;
}

static CpacMonitorOptions
everything (void)
{
  CpacMonitorOptions options = line_options ();

  options.score_charts =
      CPAC_CHART_EWMA | CPAC_CHART_CUSUM | CPAC_CHART_SHEWHART | CPAC_CHART_RULES;
  options.rules = CPAC_RULES_WESTERN_ELECTRIC | CPAC_RULE_6_TREND;
  return options;
}

/* ---- Round trips ---- */

static void
assert_same_results (const CpacMonitorResult *a, const CpacMonitorResult *b)
{
  g_assert_cmpint (a->state, ==, b->state);
  g_assert_cmpint (a->has_changed, ==, b->has_changed);
  g_assert_cmpuint (a->n_in_state, ==, b->n_in_state);
  g_assert_cmphex (a->alarms, ==, b->alarms);
  g_assert_cmphex (a->rules, ==, b->rules);
  g_assert_cmpstr (a->sentence, ==, b->sentence);
  g_assert_cmpuint (a->n_readings, ==, b->n_readings);
  for (guint i = 0; i < a->n_readings; i++) {
    g_assert_cmpfloat (a->readings[i].value, ==, b->readings[i].value);
    g_assert_cmpfloat (a->readings[i].upper, ==, b->readings[i].upper);
    g_assert_cmpint (a->readings[i].is_alarm, ==, b->readings[i].is_alarm);
  }
}

/* One monitor runs through; the other is saved and loaded every @step parts, from the first part of
 * phase I to well after its end and through a drift. To the last bit they say the same. */
static void
test_continue (gconstpointer data)
{
  guint step = GPOINTER_TO_UINT (data);
  CpacMonitorOptions options = everything ();
  g_autoptr (CpacMonitor) whole = NULL;
  g_autoptr (CpacMonitor) parted = NULL;
  g_autofree char *text_whole = NULL;
  g_autofree char *text_parted = NULL;
  Line line;

  options.n_phase_one = 120;
  whole = cpac_monitor_new (&options, NULL);
  parted = cpac_monitor_new (&options, NULL);
  line_init (&line, step);
  line.phi = 0.4;
  line.defect_rate = 0.01;
  for (guint i = 0; i < 350; i++) {
    CpacMonitorPart part;
    CpacMonitorResult a, b;

    line.shift = i >= 250 ? 2 : 0;
    part = line_next (&line);
    if (i % 100 == 40)
      part.has_score = FALSE;
    g_assert_true (cpac_monitor_add_part (whole, &part, &a, NULL));
    g_assert_true (cpac_monitor_add_part (parted, &part, &b, NULL));
    assert_same_results (&a, &b);
    if (i % step == 0) {
      g_autofree char *text = cpac_monitor_save (parted);

      g_clear_pointer (&parted, cpac_monitor_free);
      parted = load (text);
    }
  }
  g_assert_true (cpac_monitor_is_frozen (whole));
  text_whole = cpac_monitor_save (whole);
  text_parted = cpac_monitor_save (parted);
  g_assert_cmpstr (text_whole, ==, text_parted);
}

/* One line that ends, with nothing in it that depends on where it is run. */
static void
test_text (void)
{
  CpacMonitorOptions options = everything ();
  g_autoptr (CpacMonitor) monitor = NULL;
  g_autofree char *text = NULL;
  Line line;

  line_init (&line, 1);
  monitor = line_learn (&line, &options);
  text = cpac_monitor_save (monitor);
  g_assert_true (strchr (text, '\n') == text + strlen (text) - 1);
  g_assert_true (g_str_has_prefix (text, "{\"cpac_monitor\":1,\"options\":{"));
}

/* ---- Refusals ---- */

/* @text with the first @from replaced by @to. */
static char *
replace_first (const char *text, const char *from, const char *to)
{
  const char *place = strstr (text, from);

  g_assert_nonnull (place);
  return g_strdup_printf ("%.*s%s%s", (int) (place - text), text, to, place + strlen (from));
}

static void
assert_refused (const char *text, CpacError code, const char *words)
{
  g_autoptr (GError) error = NULL;
  CpacMonitor *monitor = cpac_monitor_load ("state.json", text, strlen (text), &error);

  g_assert_null (monitor);
  g_assert_error (error, CPAC_ERROR, (int) code);
  g_assert_true (g_str_has_prefix (error->message, "state.json: "));
  if (strstr (error->message, words) == NULL)
    g_error ("\"%s\" does not say \"%s\"", error->message, words);
}

static const struct {
  const char *from, *to, *words;
} frozen_changes[] = {
  { "\"cpac_monitor\":1", "\"cpac_monitor\":2",
    "cpac_monitor: found 2, expected a whole number from 1 to 1" },
  { "\"cpac_monitor\":1,", "", "cpac_monitor: found nothing, expected this member" },
  { "\"lambda\":", "\"lambba\":", "options.lambda: found nothing, expected this member" },
  { "\"options\":{", "\"options\":{\"more\":1,",
    "options.more: found a member that is not known, expected none" },
  { "\"is_frozen\":true", "\"is_frozen\":1", "is_frozen: found 1, expected true or false" },
  { "\"is_frozen\":true", "\"is_frozen\":false", "phase_one: found nothing, expected this member" },
  { "\"n_seen\":300", "\"n_seen\":-1", "n_seen: found -1, expected a whole number from 0 to" },
  { "\"n_seen\":300", "\"n_seen\":1.5", "n_seen: found 1.5, expected a whole number from 0 to" },
  { "\"state\":0", "\"state\":7", "state: found 7, expected a whole number from 0 to 6" },
  { "\"score\":{", "\"score\":[", "byte " },
  { "\"charts\":15", "\"charts\":3", "limits.score." },
  { "\"spread\":", "\"spread\":0,\"other\":",
    "limits.score.spread: found 0, expected a number from" },
  { "\"lags\":[", "\"lags\":[0,", "limits.score.lags: found [" },
  { "\"ewma_limit\":", "\"ewma_limit\":null,\"x\":",
    "limits.score.ewma_limit: found null, expected a number from 0.01 to 40" },
  { "\"n_axes\":", "\"n_axes\":9,\"x\":",
    "limits.features.n_axes: found 9, expected a whole number from 0 to 8" },
  { "\"left_out\":[]", "\"left_out\":[300]", "limits.left_out: " },
  { "\"notes\":[", "\"notes\":[7,", "limits.notes: found 7, expected a text" },
  { "\"above_2\":0", "\"above_2\":4", "charts.score.rules.above_2: found 4" },
  { "\"lambda\":0.1", "\"lambda\":0.9", "options: lambda: found 0.9, expected 0.01 to 0.25" },
  { "\"reject_rate\":0.01", "\"reject_rate\":0.0",
    "options: share of rejects in control: found 0" },
};

static void
test_refused_frozen (void)
{
  CpacMonitorOptions options = everything ();
  g_autoptr (CpacMonitor) monitor = NULL;
  g_autofree char *text = NULL;
  g_autofree char *shifted = NULL;
  Line line;

  line_init (&line, 1);
  monitor = line_learn (&line, &options);
  text = cpac_monitor_save (monitor);
  for (guint i = 0; i < G_N_ELEMENTS (frozen_changes); i++) {
    g_autofree char *changed = replace_first (text, frozen_changes[i].from, frozen_changes[i].to);
    gboolean is_syntax = g_str_equal (frozen_changes[i].words, "byte ");

    assert_refused (changed, is_syntax ? CPAC_ERROR_PARSE : CPAC_ERROR_SCHEMA,
                    frozen_changes[i].words);
  }
  shifted = replace_first (text, "\"shift_n_rejects\":0", "\"shift_n_rejects\":1");
  assert_refused (shifted, CPAC_ERROR_SCHEMA, "more rejected parts than parts");
}

static void
test_refused_phase_one (void)
{
  static const struct {
    const char *from, *to, *words;
  } changes[] = {
    { "\"score\":[", "\"score\":[0,", "lists of different lengths" },
    { "\"features\":[", "\"features\":[0,", "lists of different lengths" },
    { "\"rejects\":[0,", "\"rejects\":[", "lists of different lengths" },
    { "\"rejects\":[0,", "\"rejects\":[2,", "expected 0 and 1" },
    { "\"contrast\":[", "\"contrast\":[0,", "camera values for some parts" },
    { "\"score\":[", "\"score\":[2e100,", "phase_one.score: found 2e+100, expected a number from" },
    { "\"score\":[", "\"score\":{", "byte " },
  };
  CpacMonitorOptions options = everything ();
  g_autoptr (CpacMonitor) monitor = cpac_monitor_new (&options, NULL);
  g_autofree char *text = NULL;
  Line line;

  line_init (&line, 1);
  for (guint i = 0; i < 5; i++) {
    CpacMonitorPart part = line_next (&line);
    CpacMonitorResult result;

    g_assert_true (cpac_monitor_add_part (monitor, &part, &result, NULL));
  }
  text = cpac_monitor_save (monitor);
  for (guint i = 0; i < G_N_ELEMENTS (changes); i++) {
    g_autofree char *changed = replace_first (text, changes[i].from, changes[i].to);
    gboolean is_syntax = g_str_equal (changes[i].words, "byte ");

    assert_refused (changed, is_syntax ? CPAC_ERROR_PARSE : CPAC_ERROR_SCHEMA, changes[i].words);
  }
}

static void
test_refused_texts (void)
{
  static const char *const texts[] = { "", "{", "[1]", "7", "null", "{\"a\":1,\"a\":2}", "\xff" };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    assert_refused (texts[i], CPAC_ERROR_PARSE, "");
  assert_refused ("{}", CPAC_ERROR_SCHEMA, "cpac_monitor: found nothing");
}

int
main (int argc, char **argv)
{
  static const guint steps[] = { 2, 5, 17, 101 };

  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (steps); i++) {
    g_autofree char *path = g_strdup_printf ("/monitor-state/continue/%u", steps[i]);

    g_test_add_data_func (path, GUINT_TO_POINTER (steps[i]), test_continue);
  }
  g_test_add_func ("/monitor-state/text", test_text);
  g_test_add_func ("/monitor-state/refused-frozen", test_refused_frozen);
  g_test_add_func ("/monitor-state/refused-phase-one", test_refused_phase_one);
  g_test_add_func ("/monitor-state/refused-texts", test_refused_texts);
  return g_test_run ();
}
