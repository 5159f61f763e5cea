/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The journal that cpacmonitor writes. */

#include <glib/gstdio.h>
#include <json-glib/json-glib.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>

#include "tests/monitor-fixture.h"

/* ---- Reading ---- */

/* The file's lines, each of which must be one JSON object. (element-type JsonNode) */
static GPtrArray *
read_journal (const char *path)
{
  GPtrArray *nodes = g_ptr_array_new_with_free_func ((GDestroyNotify) json_node_unref);
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines[i + 1] != NULL; i++) {
    g_autoptr (GError) error = NULL;

    g_ptr_array_add (nodes, json_from_string (lines[i], &error));
    g_assert_no_error (error);
  }
  return nodes;
}

static JsonObject *
get_line (const GPtrArray *journal, guint index)
{
  g_assert_cmpuint (index, <, journal->len);
  return json_node_get_object (g_ptr_array_index (journal, index));
}

static gint64
get_int (JsonObject *object, const char *path)
{
  g_auto (GStrv) keys = g_strsplit (path, ".", -1);
  guint i = 0;

  for (; keys[i + 1] != NULL; i++)
    object = json_object_get_object_member (object, keys[i]);
  g_assert_true (json_object_has_member (object, keys[i]));
  return json_object_get_int_member (object, keys[i]);
}

static const char *
get_record (const GPtrArray *journal, guint index)
{
  return json_object_get_string_member_with_default (get_line (journal, index), "record", "frame");
}

static void
assert_records (const GPtrArray *journal, const char *expected)
{
  g_autoptr (GString) found = g_string_new (NULL);

  for (guint i = 0; i < journal->len; i++)
    g_string_append_printf (found, "%s%s", i > 0 ? " " : "", get_record (journal, i));
  g_assert_cmpstr (found->str, ==, expected);
}

static void
eos (GstHarness *harness)
{
  g_assert_true (gst_harness_push_event (harness, gst_event_new_eos ()));
}

/* ---- What is written ---- */

static void
test_lines (void)
{
  g_autofree char *folder = fixture_folder_new ();
  g_autofree char *path = g_build_filename (folder, "j", NULL);
  g_autoptr (GPtrArray) journal = NULL;
  GstBus *bus;
  GstHarness *harness =
      monitor_harness (&bus, "journal", path, "source", "cam-1", "frames-per-part", 2, NULL);
  JsonObject *line;
  GstBuffer *buffer;

  for (guint i = 0; i < 3; i++)
    monitor_push (harness, monitor_frame (i, i == 1 ? CPAC_VERDICT_NOT_OK : CPAC_VERDICT_OK));
  buffer = monitor_frame (6, CPAC_VERDICT_OK);
  GST_BUFFER_FLAG_SET (buffer, GST_BUFFER_FLAG_DISCONT);
  monitor_push (harness, buffer);
  /* All of it is there before the stream ends. */
  journal = read_journal (path);
  assert_records (journal, "header frame frame part frame lost part frame");
  g_ptr_array_unref (journal);
  eos (harness);
  journal = read_journal (path);
  assert_records (journal, "header frame frame part frame lost part frame part closing");

  line = get_line (journal, 0);
  g_assert_cmpint (get_int (line, "session"), ==, 1);
  g_assert_cmpstr (json_object_get_string_member (line, "model"), ==, "toy");
  line = get_line (journal, 2);
  g_assert_cmpstr (json_object_get_string_member (line, "source"), ==, "cam-1");
  g_assert_cmpint (get_int (line, "inspection.part"), ==, 0);
  g_assert_cmpint (get_int (line, "inspection.part_frame"), ==, 1);
  g_assert_cmpint (get_int (line, "inspection.part_verdict_code"), ==, 2);
  line = get_line (journal, 3);
  g_assert_cmpint (get_int (line, "verdict_code"), ==, 2);
  g_assert_cmpint (get_int (line, "frames"), ==, 2);
  g_assert_cmpint (get_int (line, "timestamp"), ==, 0);
  g_assert_true (json_object_has_member (line, "camera"));
  g_assert_true (json_object_has_member (line, "monitor"));
  line = get_line (journal, 5);
  g_assert_cmpint (get_int (line, "frames"), ==, 3);
  g_assert_cmpint (get_int (line, "parts"), ==, 1);
  g_assert_cmpint (get_int (line, "part_frames"), ==, 1);
  g_assert_cmpstr (json_object_get_string_member (line, "how"), ==, "offset");
  line = get_line (journal, 6);
  g_assert_cmpint (get_int (line, "lost"), ==, 1);
  g_assert_cmpint (get_int (line, "ledger.frames.seen"), ==, 6);
  g_assert_cmpint (get_int (line, "ledger.parts.undefined"), ==, 2);
  line = get_line (journal, 7);
  g_assert_cmpint (get_int (line, "inspection.part"), ==, 3);
  line = get_line (journal, 9);
  g_assert_cmpint (get_int (line, "frames.seen"), ==, 7);
  g_assert_cmpint (get_int (line, "frames.lost"), ==, 3);
  g_assert_cmpint (get_int (line, "parts.seen"), ==, 4);
  g_assert_cmpint (get_int (line, "parts.not_ok"), ==, 1);
  g_assert_cmpint (get_int (line, "parts.undefined"), ==, 3);
  fixture_harness_free (harness, bus);
  fixture_folder_free (g_steal_pointer (&folder));
}

/* A model that changes within a part: the worst of two scales is no score, and the verdict is the
 * worst of both. */
static void
test_mixed_part (void)
{
  static const struct {
    const char *config_sha256;
    CpacVerdict verdict;
  } frames[] = {
    { "aa", CPAC_VERDICT_OK },     { "aa", CPAC_VERDICT_OK }, /* */
    { "aa", CPAC_VERDICT_NOT_OK }, { "bb", CPAC_VERDICT_OK }, /* */
    { "bb", CPAC_VERDICT_OK },     { "cc", CPAC_VERDICT_OK }, /* */
    { "dd", CPAC_VERDICT_OK },     { "dd", CPAC_VERDICT_OK },
  };
  static const struct {
    CpacVerdict verdict;
    gboolean is_mixed;
  } parts[] = {
    { CPAC_VERDICT_OK, FALSE },
    { CPAC_VERDICT_NOT_OK, TRUE },
    { CPAC_VERDICT_OK, TRUE },
    { CPAC_VERDICT_OK, FALSE },
  };
  g_autofree char *folder = fixture_folder_new ();
  g_autofree char *path = g_build_filename (folder, "j", NULL);
  g_autoptr (GPtrArray) journal = NULL;
  GstBus *bus;
  GstHarness *harness = monitor_harness (&bus, "journal", path, "frames-per-part", 2, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (frames); i++) {
    CpacInspection inspection = monitor_inspection (i, frames[i].verdict, 1000 - i);

    inspection.config_sha256 = frames[i].config_sha256;
    monitor_push (harness, monitor_buffer (i, 100, &inspection));
  }
  fixture_harness_free (harness, bus);
  journal = read_journal (path);
  assert_records (journal, "header frame frame part frame frame part frame frame part frame frame "
                           "part closing");
  for (guint i = 0; i < G_N_ELEMENTS (parts); i++) {
    JsonObject *line = get_line (journal, 3 * i + 3);

    g_assert_cmpint (get_int (line, "verdict_code"), ==, parts[i].verdict);
    g_assert_cmpint (json_object_has_member (line, "score"), ==, !parts[i].is_mixed);
    g_assert_cmpint (json_object_get_boolean_member_with_default (line, "mixed", FALSE), ==,
                     parts[i].is_mixed);
  }
  fixture_folder_free (g_steal_pointer (&folder));
}

/* Without timing two runs write the same bytes. */
static void
test_timing (void)
{
  g_autofree char *folder = fixture_folder_new ();
  g_autofree char *texts[2] = { NULL };

  for (guint run = 0; run < 2; run++) {
    g_autofree char *path = g_strdup_printf ("%s/j%u", folder, run);
    GstBus *bus;
    GstHarness *harness = monitor_harness (&bus, "journal", path, "timing", FALSE, NULL);

    for (guint i = 0; i < 5; i++)
      monitor_push (harness, monitor_frame (i, CPAC_VERDICT_OK));
    eos (harness);
    fixture_harness_free (harness, bus);
    g_assert_true (g_file_get_contents (path, &texts[run], NULL, NULL));
  }
  g_assert_cmpstr (texts[0], ==, texts[1]);
  g_free (texts[1]);
  fixture_folder_free (g_steal_pointer (&folder));
}

/* A stream that ends without a frame leaves no line. */
static void
test_empty (void)
{
  g_autofree char *folder = fixture_folder_new ();
  g_autofree char *path = g_build_filename (folder, "j", NULL);
  GstBus *bus;
  GstHarness *harness = monitor_harness (&bus, "journal", path, NULL);
  g_autofree char *text = NULL;

  eos (harness);
  fixture_harness_free (harness, bus);
  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  g_assert_cmpstr (text, ==, "");
  fixture_folder_free (g_steal_pointer (&folder));
}

/* ---- Going on ---- */

/* A seek, a stop, another element: each begins a session behind the one before. */
static void
test_sessions (void)
{
  g_autofree char *folder = fixture_folder_new ();
  g_autofree char *path = g_build_filename (folder, "j", NULL);
  g_autoptr (GPtrArray) journal = NULL;

  for (guint i = 0; i < 2; i++) {
    GstBus *bus;
    GstHarness *harness = monitor_harness (&bus, "journal", path, NULL);

    monitor_push (harness, monitor_frame (0, CPAC_VERDICT_OK));
    eos (harness);
    monitor_flush (harness);
    monitor_push (harness, monitor_frame (0, CPAC_VERDICT_OK));
    gst_element_set_state (harness->element, GST_STATE_READY);
    g_assert_null (fixture_pop (bus, GST_MESSAGE_WARNING, NULL));
    fixture_harness_free (harness, bus);
  }
  journal = read_journal (path);
  assert_records (journal, "header frame part closing header frame part closing "
                           "header frame part closing header frame part closing");
  for (guint i = 0; i < 4; i++) {
    g_assert_cmpint (get_int (get_line (journal, 4 * i), "session"), ==, i + 1);
    g_assert_cmpint (get_int (get_line (journal, 4 * i + 3), "session"), ==, i + 1);
    g_assert_cmpint (get_int (get_line (journal, 4 * i + 3), "parts.seen"), ==, 1);
  }
  fixture_folder_free (g_steal_pointer (&folder));
}

/* A journal that broke off is put in order, and a WARNING tells. */
static void
test_broken_off (void)
{
  g_autofree char *folder = fixture_folder_new ();
  g_autofree char *path = g_build_filename (folder, "j", NULL);
  g_autofree char *text = NULL, *warning = NULL;
  g_autoptr (GPtrArray) journal = NULL;
  GstBus *bus;
  GstHarness *harness = monitor_harness (&bus, "journal", path, "frames-per-part", 3, NULL);
  gsize length;

  for (guint i = 0; i < 5; i++)
    monitor_push (harness, monitor_frame (i, CPAC_VERDICT_OK));
  g_assert_true (g_file_get_contents (path, &text, &length, NULL));
  fixture_harness_free (harness, bus);
  /* As a kill would have left it, had it torn the last line. */
  g_assert_true (g_file_set_contents (path, text, (gssize) length - 7, NULL));

  harness = monitor_harness (&bus, "journal", path, NULL);
  warning = fixture_wait_trouble (bus, GST_MESSAGE_WARNING, NULL);
  g_assert_nonnull (strstr (warning, "the last session broke off"));
  g_assert_nonnull (strstr (warning, "the part in hand was not inspected whole"));
  monitor_push (harness, monitor_frame (0, CPAC_VERDICT_OK));
  eos (harness);
  fixture_harness_free (harness, bus);
  journal = read_journal (path);
  assert_records (journal, "header frame frame frame part frame part closing header frame part "
                           "closing");
  g_assert_true (json_object_get_boolean_member (get_line (journal, 6), "recovered"));
  g_assert_cmpint (get_int (get_line (journal, 6), "verdict_code"), ==, 0);
  g_assert_cmpint (get_int (get_line (journal, 7), "frames.seen"), ==, 4);
  g_assert_cmpint (get_int (get_line (journal, 7), "parts.seen"), ==, 2);
  g_assert_cmpint (get_int (get_line (journal, 8), "previous.session"), ==, 1);
  g_assert_cmpint (get_int (get_line (journal, 8), "previous.torn_bytes"), >, 0);
  fixture_folder_free (g_steal_pointer (&folder));
}

/* ---- Trouble ---- */

static void
assert_no_start (const char *journal, const char *state_file, const char *expected)
{
  GstElement *element = gst_object_ref_sink (gst_element_factory_make ("cpacmonitor", NULL));
  GstBus *bus = gst_bus_new ();
  g_autofree char *message = NULL;

  gst_element_set_bus (element, bus);
  g_object_set (element, "journal", journal, "state-file", state_file, NULL);
  g_assert_cmpint (gst_element_set_state (element, GST_STATE_PAUSED), ==, GST_STATE_CHANGE_FAILURE);
  message = fixture_wait_trouble (bus, GST_MESSAGE_ERROR, NULL);
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
  g_autofree char *path = g_build_filename (folder, "j", NULL);
  g_autofree char *other = fixture_write_text (folder, "other", "name,age\n");
  g_autofree char *missing = g_build_filename (folder, "no", "j", NULL);
  g_autofree char *again = NULL;
  GstBus *bus;
  GstHarness *harness = monitor_harness (&bus, "journal", path, NULL);

  assert_no_start (path, NULL, "found another program or element that writes it");
  fixture_harness_free (harness, bus);
  assert_no_start (other, NULL, "found no header, expected a journal");
  assert_no_start (missing, NULL, "cannot open");
  g_assert_cmpint (g_unlink (path), ==, 0);
  again = g_strconcat (folder, "/./j", NULL);
  assert_no_start (path, again, "expected two files");
  fixture_folder_free (g_steal_pointer (&folder));
}

/* What cannot be recorded is not inspected: the stream ends with an ERROR, the journal with its
 * last whole line. */
static void
test_full (void)
{
  g_autofree char *folder = fixture_folder_new ();
  g_autofree char *path = g_build_filename (folder, "j", NULL);
  g_autofree char *message = NULL;
  g_autoptr (GPtrArray) journal = NULL;
  struct rlimit before, limit;
  GstBus *bus;
  GstHarness *harness = monitor_harness (&bus, "journal", path, NULL);
  GstFlowReturn flow = GST_FLOW_OK;

  signal (SIGXFSZ, SIG_IGN);
  g_assert_cmpint (getrlimit (RLIMIT_FSIZE, &before), ==, 0);
  limit = before;
  limit.rlim_cur = 3000;
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &limit), ==, 0);
  for (guint i = 0; i < 10 && flow == GST_FLOW_OK; i++)
    flow = gst_harness_push (harness, monitor_frame (i, CPAC_VERDICT_OK));
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &before), ==, 0);
  g_assert_cmpint (flow, ==, GST_FLOW_ERROR);
  message = fixture_wait_trouble (bus, GST_MESSAGE_ERROR, NULL);
  g_assert_true (g_str_has_prefix (message, "The journal ends here: "));
  journal = read_journal (path);
  g_assert_cmpuint (journal->len, >, 1);
  fixture_harness_free (harness, bus);
  fixture_folder_free (g_steal_pointer (&folder));
}

int
main (int argc, char **argv)
{
  gst_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);
  gst_cpac_score_meta_register ();
  g_test_add_func ("/cpacmonitor-journal/lines", test_lines);
  g_test_add_func ("/cpacmonitor-journal/mixed-part", test_mixed_part);
  g_test_add_func ("/cpacmonitor-journal/timing", test_timing);
  g_test_add_func ("/cpacmonitor-journal/empty", test_empty);
  g_test_add_func ("/cpacmonitor-journal/sessions", test_sessions);
  g_test_add_func ("/cpacmonitor-journal/broken-off", test_broken_off);
  g_test_add_func ("/cpacmonitor-journal/refused", test_refused);
  g_test_add_func ("/cpacmonitor-journal/full", test_full);
  return g_test_run ();
}
