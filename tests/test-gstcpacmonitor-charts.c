/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What cpacmonitor's charts say, and keep over restarts. */

#include <glib/gstdio.h>
#include <string.h>

#include "tests/monitor-fixture.h"

#define N_PHASE_ONE 120
#define N_FEATURES 6

/* One false alarm in a million parts: tests see none. */
#define RARE                                                                                       \
  "hours-per-false-alarm", 1000.0, "parts-per-hour", 1000.0, "phase-one-parts", N_PHASE_ONE

/* ---- A line ---- */

/* One part, a frame each. */
typedef struct {
  CpacVerdict verdict;
  double shift; /* of the score, in standard deviations */
  int gray;
  gboolean is_strange; /* its features do not go together as others' do */
} Part;

static const Part usual = { CPAC_VERDICT_OK, 0, 120, FALSE };

/* Sums of twelve uniform draws are normal enough. */
static double
draw_normal (GRand *rand)
{
  double sum = -6;

  for (guint i = 0; i < 12; i++)
    sum += g_rand_double (rand);
  return sum;
}

/* A common factor, and a little of each its own. */
static void
fill_features (float features[N_FEATURES], GRand *rand, gboolean is_strange)
{
  double common = draw_normal (rand);

  for (guint i = 0; i < N_FEATURES; i++)
    features[i] = (float) (common + 0.1 * draw_normal (rand));
  if (is_strange)
    features[4] += 3;
}

static void
push_part (GstHarness *harness, guint index, const Part *part)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (1000 + index);
  CpacInspection inspection = monitor_inspection (index, part->verdict, 0);
  float features[N_FEATURES];
  CpacFeatureMaps maps = { "conv1", { N_FEATURES, 1, 1 }, features };

  inspection.score = draw_normal (rand) + part->shift;
  fill_features (features, rand, part->is_strange);
  inspection.n_features = 1;
  inspection.features = &maps;
  monitor_push (harness, monitor_buffer (index, (guint8) part->gray, &inspection));
}

static void
push_usual (GstHarness *harness, guint from, guint n)
{
  for (guint i = 0; i < n; i++)
    push_part (harness, from + i, &usual);
}

/* Phase I, and as many more parts in control. */
static void
learn (GstHarness *harness, GstBus *bus)
{
  g_autofree char *state = NULL;

  push_usual (harness, 0, 2 * N_PHASE_ONE);
  g_assert_true (monitor_flag (harness, "frozen"));
  state = monitor_text (harness, "state");
  g_assert_cmpstr (state, ==, "in-control");
  gst_bus_set_flushing (bus, TRUE);
  gst_bus_set_flushing (bus, FALSE);
}

static void
assert_state (GstHarness *harness, const char *state, const char *sentence)
{
  g_autofree char *found = monitor_text (harness, "state");
  g_autofree char *said = monitor_text (harness, "sentence");

  g_test_message ("%s", said);
  g_assert_cmpstr (found, ==, state);
  g_assert_nonnull (strstr (said, sentence));
}

/* ---- States ---- */

static void
test_phase_one (void)
{
  GstBus *bus;
  GstHarness *harness = monitor_harness (&bus, RARE, NULL);
  g_autoptr (GstMessage) message = NULL, frozen = NULL;
  const GstStructure *structure;

  push_usual (harness, 0, 1);
  assert_state (harness, "phase-one", "Learning what is normal: 1 of 120 parts.");
  message = fixture_pop (bus, GST_MESSAGE_ELEMENT, "cpac-monitor");
  g_assert_cmpstr (fixture_text (gst_message_get_structure (message), "state"), ==, "phase-one");
  push_usual (harness, 1, N_PHASE_ONE);
  g_assert_true (monitor_flag (harness, "frozen"));
  frozen = fixture_pop (bus, GST_MESSAGE_ELEMENT, "cpac-monitor");
  structure = gst_message_get_structure (frozen);
  g_assert_cmpstr (fixture_text (structure, "state"), ==, "in-control");
  g_assert_cmpstr (fixture_text (structure, "previous-state"), ==, "phase-one");
  g_assert_cmpuint (gst_value_array_get_size (gst_structure_get_value (structure, "charts")), >, 5);
  fixture_harness_free (harness, bus);
}

static void
test_defect (void)
{
  static const Part defect = { CPAC_VERDICT_NOT_OK, 8, 120, FALSE };
  GstBus *bus;
  GstHarness *harness = monitor_harness (&bus, RARE, NULL);
  static const char *const states[] = { "defect", "in-control" };

  learn (harness, bus);
  push_part (harness, 500, &defect);
  assert_state (harness, "defect", "This part is rejected");
  push_usual (harness, 501, 20);
  assert_state (harness, "in-control", "In control.");
  for (guint i = 0; i < G_N_ELEMENTS (states); i++) {
    g_autoptr (GstMessage) message = fixture_pop (bus, GST_MESSAGE_ELEMENT, "cpac-monitor");

    g_assert_cmpstr (fixture_text (gst_message_get_structure (message), "state"), ==, states[i]);
  }
  g_assert_null (fixture_pop (bus, GST_MESSAGE_ELEMENT, "cpac-monitor"));
  fixture_harness_free (harness, bus);
}

static void
test_defect_rate (void)
{
  static const Part defect = { CPAC_VERDICT_NOT_OK, 8, 120, FALSE };
  GstBus *bus;
  GstHarness *harness = monitor_harness (&bus, RARE, NULL);

  learn (harness, bus);
  for (guint i = 0; i < 100; i++)
    push_part (harness, 500 + i, i % 4 == 3 ? &defect : &usual);
  assert_state (harness, "defect-rate-up", "the others look as ever");
  fixture_harness_free (harness, bus);
}

static void
test_drift (void)
{
  Part part = usual;
  GstBus *bus;
  GstHarness *harness = monitor_harness (&bus, RARE, NULL);

  learn (harness, bus);
  for (guint i = 0; i < 100; i++) {
    part.shift = 0.03 * i;
    push_part (harness, 500 + i, &part);
  }
  assert_state (harness, "process-drift", "The scores of all parts have risen");
  fixture_harness_free (harness, bus);
}

static void
test_lamp (void)
{
  Part part = usual;
  GstBus *bus;
  GstHarness *harness = monitor_harness (&bus, RARE, NULL);

  learn (harness, bus);
  for (guint i = 0; i < 100; i++) {
    /* Scores rise, too: they are not to be believed any more. */
    part.shift = 0.03 * i;
    part.gray = 120 - (int) i / 4;
    push_part (harness, 500 + i, &part);
  }
  assert_state (harness, "check-camera", "The pictures' brightness is ");
  fixture_harness_free (harness, bus);
}

static void
test_new_appearance (void)
{
  static const Part strange = { CPAC_VERDICT_OK, 0, 120, TRUE };
  GstBus *bus;
  GstHarness *harness = monitor_harness (&bus, RARE, NULL);
  g_autoptr (GstMessage) message = NULL;

  learn (harness, bus);
  push_part (harness, 500, &strange);
  assert_state (harness, "new-appearance", "feature 4 makes");
  message = fixture_pop (bus, GST_MESSAGE_ELEMENT, "cpac-monitor");
  g_assert_cmpstr (fixture_text (gst_message_get_structure (message), "top-feature"), ==,
                   "conv1:4");
  fixture_harness_free (harness, bus);
}

/* Parts, not frames: of five frames a part, charts see one point. */
static void
test_parts_not_frames (void)
{
  GstBus *bus;
  GstHarness *harness = monitor_harness (&bus, RARE, "frames-per-part", 5, NULL);
  g_autofree char *sentence = NULL;

  push_usual (harness, 0, 50);
  sentence = monitor_text (harness, "sentence");
  g_assert_cmpstr (sentence, ==, "Learning what is normal: 10 of 120 parts.");
  fixture_harness_free (harness, bus);
}

/* ---- Over restarts ---- */

static char *
read_text (const char *path)
{
  char *text;

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  return text;
}

/* Stopped anywhere, charts go on as if they had not been: to the same bytes. */
static void
test_restart (void)
{
  static const guint breaks[] = { 40, 130, 250 };
  g_autofree char *folder = fixture_folder_new ();
  g_autofree char *at_once = g_build_filename (folder, "a", NULL);
  g_autofree char *in_pieces = g_build_filename (folder, "b", NULL);
  g_autofree char *expected = NULL, *found = NULL;
  GstBus *bus;
  GstHarness *harness = monitor_harness (&bus, RARE, "state-file", at_once, NULL);
  guint from = 0;

  push_usual (harness, 0, 250);
  fixture_harness_free (harness, bus);
  for (guint i = 0; i < G_N_ELEMENTS (breaks); i++) {
    harness = monitor_harness (&bus, RARE, "state-file", in_pieces, NULL);
    g_assert_cmpint (monitor_flag (harness, "frozen"), ==, from > N_PHASE_ONE);
    push_usual (harness, from, breaks[i] - from);
    fixture_harness_free (harness, bus);
    from = breaks[i];
  }
  expected = read_text (at_once);
  found = read_text (in_pieces);
  g_assert_cmpstr (found, ==, expected);
  fixture_folder_free (g_steal_pointer (&folder));
}

/* Written every so many parts: what a kill would leave. */
static void
test_interval (void)
{
  g_autofree char *folder = fixture_folder_new ();
  g_autofree char *path = g_build_filename (folder, "s", NULL);
  g_autofree char *first = NULL, *second = NULL;
  GstBus *bus;
  GstHarness *harness =
      monitor_harness (&bus, RARE, "state-file", path, "state-interval", 10, NULL);

  push_usual (harness, 0, 9);
  g_assert_false (g_file_test (path, G_FILE_TEST_EXISTS));
  push_usual (harness, 9, 1);
  first = read_text (path);
  g_assert_nonnull (strstr (first, "\"n_seen\":10,"));
  push_usual (harness, 10, 9);
  second = read_text (path);
  g_assert_cmpstr (second, ==, first);
  fixture_harness_free (harness, bus);
  fixture_folder_free (g_steal_pointer (&folder));
}

/* Another model's scores are another quantity: its limits are put aside. */
static void
test_other_model (void)
{
  g_autofree char *folder = fixture_folder_new ();
  g_autofree char *path = g_build_filename (folder, "s", NULL);
  g_autofree char *old = g_build_filename (folder, "s.old", NULL);
  g_autofree char *before = NULL, *aside = NULL, *warning = NULL;
  CpacInspection inspection = monitor_inspection (0, CPAC_VERDICT_OK, 0.5);
  GstBus *bus;
  GstHarness *harness = monitor_harness (&bus, RARE, "state-file", path, NULL);

  push_usual (harness, 0, 150);
  fixture_harness_free (harness, bus);
  before = read_text (path);
  harness = monitor_harness (&bus, RARE, "state-file", path, NULL);
  g_assert_true (monitor_flag (harness, "frozen"));
  inspection.config_sha256 = "cc";
  monitor_push (harness, monitor_buffer (150, 120, &inspection));
  warning = fixture_wait_trouble (bus, GST_MESSAGE_WARNING, NULL);
  g_assert_cmpstr (warning, ==,
                   "Limits were learnt from another model: what is normal is learnt anew");
  assert_state (harness, "phase-one", "Learning what is normal: 1 of 120 parts.");
  aside = read_text (old);
  g_assert_cmpstr (aside, ==, before);
  fixture_harness_free (harness, bus);
  fixture_folder_free (g_steal_pointer (&folder));
}

static void
push_masked (GstHarness *harness, guint index, const char *mask)
{
  CpacInspection inspection = monitor_inspection (index, CPAC_VERDICT_OK, 0.01 * index);

  inspection.ignore_mask_sha256 = mask;
  monitor_push (harness, monitor_buffer (index, 120, &inspection));
}

/* What another mask lets through has another scale; it is told from one session to the next, too,
 * and where a state does not know the mask, from the first score on. */
static void
test_other_mask (void)
{
  static const char head[] = "\"ignore_mask_sha256\":\"ab\"";
  g_autofree char *folder = fixture_folder_new ();
  g_autofree char *path = g_build_filename (folder, "s", NULL);
  g_autofree char *state = NULL, *warning = NULL, *again = NULL;
  g_auto (GStrv) parts = NULL;
  GstBus *bus;
  GstHarness *harness = monitor_harness (&bus, RARE, "state-file", path, NULL);

  for (guint i = 0; i < 5; i++)
    push_masked (harness, i, "ab");
  fixture_harness_free (harness, bus);
  state = read_text (path);
  g_assert_nonnull (strstr (state, head));
  harness = monitor_harness (&bus, RARE, "state-file", path, NULL);
  push_masked (harness, 5, "ab");
  assert_state (harness, "phase-one", "Learning what is normal: 6 of 120 parts.");
  push_masked (harness, 6, NULL);
  warning = fixture_wait_trouble (bus, GST_MESSAGE_WARNING, NULL);
  g_assert_cmpstr (warning, ==,
                   "Limits were learnt from scores with another ignore mask: what is normal is "
                   "learnt anew");
  assert_state (harness, "phase-one", "Learning what is normal: 1 of 120 parts.");
  fixture_harness_free (harness, bus);
  /* As older versions wrote it. */
  parts = g_strsplit (state, ",\"ignore_mask_sha256\":\"ab\"", 2);
  g_assert_nonnull (parts[1]);
  g_free (state);
  state = g_strconcat (parts[0], parts[1], NULL);
  g_assert_true (g_file_set_contents (path, state, -1, NULL));
  harness = monitor_harness (&bus, RARE, "state-file", path, NULL);
  push_masked (harness, 5, "cd");
  assert_state (harness, "phase-one", "Learning what is normal: 6 of 120 parts.");
  push_masked (harness, 6, "ab");
  again = fixture_wait_trouble (bus, GST_MESSAGE_WARNING, NULL);
  g_assert_cmpstr (again, ==, warning);
  fixture_harness_free (harness, bus);
  fixture_folder_free (g_steal_pointer (&folder));
}

/* A chart of p-values has nothing to show once the calibration does not hold any more. */
static void
test_p_values_gone (void)
{
  GstBus *bus;
  GstHarness *harness = monitor_harness (&bus, RARE, NULL);
  CpacInspection inspection = monitor_inspection (0, CPAC_VERDICT_OK, 0.5);
  g_autofree char *warning = NULL;

  inspection.has_p_value = TRUE;
  inspection.p_value = 0.25;
  for (guint i = 0; i < 3; i++)
    monitor_push (harness, monitor_buffer (i, 120, &inspection));
  assert_state (harness, "phase-one", "Learning what is normal: 3 of 120 parts.");
  inspection.has_p_value = FALSE;
  monitor_push (harness, monitor_buffer (3, 120, &inspection));
  warning = fixture_wait_trouble (bus, GST_MESSAGE_WARNING, NULL);
  g_assert_cmpstr (warning, ==,
                   "Limits were learnt from p-values, which are given no more: what is normal is "
                   "learnt anew");
  assert_state (harness, "phase-one", "Learning what is normal: 1 of 120 parts.");
  fixture_harness_free (harness, bus);
}

/* The file's limits hold; who wants others says so. */
static void
test_other_settings (void)
{
  g_autofree char *folder = fixture_folder_new ();
  g_autofree char *path = g_build_filename (folder, "s", NULL);
  g_autofree char *warning = NULL;
  GstBus *bus;
  GstHarness *harness = monitor_harness (&bus, RARE, "state-file", path, NULL);

  push_usual (harness, 0, 150);
  fixture_harness_free (harness, bus);
  harness = monitor_harness (&bus, "state-file", path, NULL);
  warning = fixture_wait_trouble (bus, GST_MESSAGE_WARNING, NULL);
  g_assert_nonnull (strstr (warning, "its limits were made with other settings"));
  push_usual (harness, 150, 10);
  g_assert_true (monitor_flag (harness, "frozen"));
  g_signal_emit_by_name (harness->element, "restart-phase-one");
  push_usual (harness, 160, 1);
  /* By the properties of now. */
  assert_state (harness, "phase-one", "Learning what is normal: 1 of 300 parts.");
  fixture_harness_free (harness, bus);
  fixture_folder_free (g_steal_pointer (&folder));
}

/* Limits that were forgotten are not there after a kill, or a stop without another part. */
static void
test_restart_is_kept (void)
{
  g_autofree char *folder = fixture_folder_new ();
  g_autofree char *path = g_build_filename (folder, "s", NULL);
  g_autofree char *old = g_build_filename (folder, "s.old", NULL);
  g_autofree char *before = NULL, *aside = NULL;
  GstBus *bus;
  GstHarness *harness = monitor_harness (&bus, RARE, "state-file", path, NULL);

  push_usual (harness, 0, 150);
  g_signal_emit_by_name (harness->element, "restart-phase-one");
  push_usual (harness, 150, 1);
  g_assert_false (g_file_test (path, G_FILE_TEST_EXISTS));
  aside = read_text (old);
  g_assert_nonnull (strstr (aside, "\"n_seen\":150,"));
  fixture_harness_free (harness, bus);
  before = read_text (path);
  g_assert_nonnull (strstr (before, "\"n_seen\":1,"));
  harness = monitor_harness (&bus, RARE, "state-file", path, NULL);
  push_usual (harness, 151, 1);
  g_signal_emit_by_name (harness->element, "restart-phase-one");
  fixture_harness_free (harness, bus);
  g_assert_false (g_file_test (path, G_FILE_TEST_EXISTS));
  fixture_folder_free (g_steal_pointer (&folder));
}

/* Charts start again; limits stay. */
static void
test_reset (void)
{
  Part part = usual;
  GstBus *bus;
  GstHarness *harness = monitor_harness (&bus, RARE, NULL);

  learn (harness, bus);
  part.shift = 3;
  for (guint i = 0; i < 30; i++)
    push_part (harness, 500 + i, &part);
  assert_state (harness, "process-drift", "");
  g_signal_emit_by_name (harness->element, "reset-charts");
  push_usual (harness, 600, 1);
  assert_state (harness, "in-control", "");
  g_assert_true (monitor_flag (harness, "frozen"));
  fixture_harness_free (harness, bus);
}

static void
assert_no_start (const char *property, const char *value, const char *expected)
{
  GstElement *element = gst_object_ref_sink (gst_element_factory_make ("cpacmonitor", NULL));
  GstBus *bus = gst_bus_new ();
  g_autofree char *message = NULL;

  gst_element_set_bus (element, bus);
  gst_util_set_object_arg (G_OBJECT (element), property, value);
  g_assert_cmpint (gst_element_set_state (element, GST_STATE_PAUSED), ==, GST_STATE_CHANGE_FAILURE);
  message = fixture_wait_trouble (bus, GST_MESSAGE_ERROR, NULL);
  g_test_message ("%s", message);
  g_assert_nonnull (strstr (message, expected));
  gst_element_set_state (element, GST_STATE_NULL);
  gst_element_set_bus (element, NULL);
  gst_object_unref (element);
  gst_object_unref (bus);
}

static void
test_refused (void)
{
  g_autofree char *folder = fixture_folder_new ();
  g_autofree char *other = fixture_write_text (folder, "other", "name,age\n");

  assert_no_start ("state-file", other, "other: byte 1: found 'a'");
  assert_no_start ("state-file", folder, folder);
  assert_no_start ("rules", "we9", "we9");
  assert_no_start ("high-reject-rate", "0.005", "share of rejects to find: found 0.005");
  assert_no_start ("hours-per-false-alarm", "0.001", "expected");
  fixture_folder_free (g_steal_pointer (&folder));
}

int
main (int argc, char **argv)
{
  gst_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);
  gst_cpac_score_meta_register ();
  g_test_add_func ("/cpacmonitor-charts/phase-one", test_phase_one);
  g_test_add_func ("/cpacmonitor-charts/defect", test_defect);
  g_test_add_func ("/cpacmonitor-charts/defect-rate", test_defect_rate);
  g_test_add_func ("/cpacmonitor-charts/drift", test_drift);
  g_test_add_func ("/cpacmonitor-charts/lamp", test_lamp);
  g_test_add_func ("/cpacmonitor-charts/new-appearance", test_new_appearance);
  g_test_add_func ("/cpacmonitor-charts/parts-not-frames", test_parts_not_frames);
  g_test_add_func ("/cpacmonitor-charts/restart", test_restart);
  g_test_add_func ("/cpacmonitor-charts/interval", test_interval);
  g_test_add_func ("/cpacmonitor-charts/other-model", test_other_model);
  g_test_add_func ("/cpacmonitor-charts/other-mask", test_other_mask);
  g_test_add_func ("/cpacmonitor-charts/p-values-gone", test_p_values_gone);
  g_test_add_func ("/cpacmonitor-charts/other-settings", test_other_settings);
  g_test_add_func ("/cpacmonitor-charts/restart-is-kept", test_restart_is_kept);
  g_test_add_func ("/cpacmonitor-charts/reset", test_reset);
  g_test_add_func ("/cpacmonitor-charts/refused", test_refused);
  return g_test_run ();
}
