/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "plugin/score-meta.h"
#include "tests/evidence-fixture.h"
#include "tests/folder.h"

/* ---- Which frames ---- */

static void
test_verdicts (void)
{
  static const struct {
    const char *verdicts; /* NULL: the default */
    guint kept[CPAC_N_VERDICTS];
  } rows[] = {
    { NULL, { 0, 0, 1, 1 } },
    { "not-ok", { 0, 0, 1, 0 } },
    { "ok+undefined", { 1, 1, 0, 0 } },
    { "undefined+ok+not-ok+not-decidable", { 1, 1, 1, 1 } },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_auto (Folder) folder = { 0 };
    guint n_kept = 0;
    GstHarness *harness;
    GstBus *bus;

    folder_init (&folder);
    harness = evidence_harness_new (folder.path, &bus);
    if (rows[i].verdicts != NULL)
      gst_util_set_object_arg (G_OBJECT (harness->element), "verdicts", rows[i].verdicts);
    for (guint verdict = 0; verdict < CPAC_N_VERDICTS; verdict++)
      evidence_pass (harness, evidence_inspected (verdict, verdict));
    evidence_finish (harness);
    for (guint verdict = 0; verdict < CPAC_N_VERDICTS; verdict++) {
      g_autofree char *ending = g_strdup_printf ("-%012u.json", verdict);

      g_assert_cmpuint (evidence_count (folder.path, ending), ==, rows[i].kept[verdict]);
      n_kept += rows[i].kept[verdict];
    }
    g_assert_cmpuint (evidence_count (folder.path, ""), ==, 2 * n_kept);
    g_assert_cmpuint (fixture_stat (harness, "kept"), ==, n_kept);
    g_assert_cmpuint (fixture_stat (harness, "bytes"), ==, evidence_total_size (folder.path));
    fixture_harness_free (harness, bus);
  }
}

/* Nobody looked at these. */
static void
test_not_looked_at (void)
{
  g_auto (Folder) folder = { 0 };
  CpacInspection skipped = { .status = CPAC_STATUS_SKIPPED, .verdict = CPAC_VERDICT_UNDEFINED };
  GstBuffer *gap = evidence_inspected (0, CPAC_VERDICT_NOT_OK), *late = fixture_frame (1, 0, 0, 0);
  GstHarness *harness;
  GstBus *bus;

  folder_init (&folder);
  harness = evidence_harness_new (folder.path, &bus);
  gst_util_set_object_arg (G_OBJECT (harness->element), "verdicts",
                           "undefined+ok+not-ok+not-decidable");
  GST_BUFFER_FLAG_SET (gap, GST_BUFFER_FLAG_GAP);
  evidence_pass (harness, gap);
  gst_cpac_score_meta_add (late, &skipped);
  evidence_pass (harness, late);
  evidence_pass (harness, fixture_frame (2, 0, 0, 0));
  evidence_finish (harness);
  g_assert_cmpuint (evidence_count (folder.path, ""), ==, 0);
  fixture_harness_free (harness, bus);
}

/* ---- The bound ---- */

/* Two frames' evidence fits, not three. Files of an earlier session go first, and what half a set
 * and temporaries there are; others stay. */
static void
test_bound (void)
{
  static const char *const foreign[] = { "notes.txt",
                                         "20200101T000000-000000000001.txt",
                                         "20200101T000000-00000000001.png",
                                         "20201301T000000-000000000001.png",
                                         "x20200101T000000-000000000001.png",
                                         "20200101T000000-000000000001.png.tooLong1",
                                         "20200101T000000-000000000001-map.json" };
  g_auto (Folder) folder = { 0 };
  g_autofree char *bytes = g_malloc0 (1500), *first = NULL, *second = NULL, *torn = NULL;
  guint64 foreign_size = 0;
  GstHarness *harness;
  GstBus *bus;

  folder_init (&folder);
  for (guint i = 0; i < G_N_ELEMENTS (foreign); i++) {
    g_autofree char *path = put (&folder, foreign[i], "mine", 4);

    foreign_size += 4;
  }
  first = put (&folder, "20200101T000000-000000000009.png", bytes, 500);
  second = put (&folder, "20200102T000000-000000000001.json", bytes, 1500);
  torn = put (&folder, "20200102T000000-000000000002-map.png.aB3xyZ", bytes, 10);

  harness = evidence_harness_with (folder.path, FIXTURE_RGB_CAPS, "max-size", "2500", &bus);
  g_assert_false (g_file_test (torn, G_FILE_TEST_EXISTS));
  g_assert_cmpuint (fixture_stat (harness, "bytes"), ==, 2000);
  for (guint i = 0; i < 8; i++) {
    evidence_pass (harness, evidence_inspected (i, CPAC_VERDICT_NOT_OK));
    while (fixture_stat (harness, "kept") <= i)
      g_usleep (1000);
    /* A line takes some 400 bytes, a picture some 80. */
    g_assert_cmpuint (evidence_total_size (folder.path) - foreign_size, <=, 2500);
    g_assert_cmpuint (fixture_stat (harness, "bytes"), ==,
                      evidence_total_size (folder.path) - foreign_size);
    if (!g_file_test (second, G_FILE_TEST_EXISTS))
      g_assert_false (g_file_test (first, G_FILE_TEST_EXISTS));
  }
  g_assert_false (g_file_test (first, G_FILE_TEST_EXISTS));
  g_assert_false (g_file_test (second, G_FILE_TEST_EXISTS));
  g_assert_cmpuint (fixture_stat (harness, "removed"), >=, 4);
  /* Two old sets and eight new ones; one of the foreign files ends alike. */
  g_assert_cmpuint (evidence_count (folder.path, ".json"), ==,
                    10 - fixture_stat (harness, "removed") + 1);
  evidence_finish (harness);
  for (guint i = 0; i < G_N_ELEMENTS (foreign); i++) {
    g_autofree char *path = g_build_filename (folder.path, foreign[i], NULL);

    g_assert_true (g_file_test (path, G_FILE_TEST_EXISTS));
  }
  fixture_harness_free (harness, bus);
}

/* A smaller bound than last time holds from the start, before any frame. */
static void
test_smaller_bound (void)
{
  g_auto (Folder) folder = { 0 };
  g_autofree char *bytes = g_malloc0 (1500), *first = NULL, *second = NULL;
  GstHarness *harness;
  GstBus *bus;

  folder_init (&folder);
  first = put (&folder, "20200101T000000-000000000009.png", bytes, 500);
  second = put (&folder, "20200102T000000-000000000001.json", bytes, 1500);
  harness = evidence_harness_with (folder.path, FIXTURE_RGB_CAPS, "max-size", "1600", &bus);
  g_assert_false (g_file_test (first, G_FILE_TEST_EXISTS));
  g_assert_true (g_file_test (second, G_FILE_TEST_EXISTS));
  g_assert_cmpuint (fixture_stat (harness, "bytes"), ==, 1500);
  g_assert_cmpuint (fixture_stat (harness, "removed"), ==, 1);
  evidence_finish (harness);
  fixture_harness_free (harness, bus);
}

/* One that is larger than the bound leaves what is there. */
static void
test_too_large (void)
{
  g_auto (Folder) folder = { 0 };
  g_autofree char *old = NULL, *text = NULL;
  GstHarness *harness;
  GstBus *bus;

  folder_init (&folder);
  old = put (&folder, "20200101T000000-000000000009.png", "png", 3);
  harness = evidence_harness_with (folder.path, FIXTURE_RGB_CAPS, "max-size", "100", &bus);
  for (guint i = 0; i < 3; i++)
    evidence_pass (harness, evidence_inspected (i, CPAC_VERDICT_NOT_OK));
  evidence_finish (harness);
  text = fixture_wait_trouble (bus, GST_MESSAGE_WARNING, NULL);
  g_assert_nonnull (strstr (text, "max-size, 100"));
  g_assert_null (fixture_pop (bus, GST_MESSAGE_WARNING, NULL));
  g_assert_cmpuint (fixture_stat (harness, "failed"), ==, 3);
  g_assert_cmpuint (fixture_stat (harness, "removed"), ==, 0);
  g_assert_cmpuint (evidence_count (folder.path, ""), ==, 1);
  fixture_harness_free (harness, bus);
}

/* ---- Sessions ---- */

/* Names rise from session to session, even where the clock was put back, and where frames are
 * counted anew. */
static void
test_sessions (void)
{
  g_auto (Folder) folder = { 0 };
  g_autofree char *future = NULL;
  g_autoptr (GPtrArray) names = NULL;
  GstHarness *harness;
  GstBus *bus;

  folder_init (&folder);
  future = put (&folder, "20991231T235959-000000000009.json", "{}", 2);
  harness = evidence_harness_new (folder.path, &bus);
  for (guint session = 0; session < 2; session++) {
    if (session > 0)
      gst_harness_play (harness);
    evidence_pass (harness, evidence_inspected (5, CPAC_VERDICT_NOT_OK));
    evidence_pass (harness, evidence_inspected (5, CPAC_VERDICT_NOT_OK));
    evidence_pass (harness, evidence_inspected (999999999999, CPAC_VERDICT_NOT_OK));
    evidence_pass (harness, evidence_inspected (1000000000000, CPAC_VERDICT_NOT_OK));
    g_assert_cmpint (gst_element_set_state (harness->element, GST_STATE_READY), ==,
                     GST_STATE_CHANGE_SUCCESS);
    g_assert_cmpuint (fixture_stat (harness, "kept"), ==, 4);
    gst_harness_set_src_caps_str (harness, FIXTURE_RGB_CAPS);
  }
  evidence_finish (harness);
  names = evidence_list (folder.path, ".json");
  g_assert_cmpuint (names->len, ==, 9);
  g_assert_cmpstr (names->pdata[0], ==, "20991231T235959-000000000009.json");
  g_assert_cmpstr (names->pdata[1], ==, "21000101T000000-000000000005.json");
  g_assert_cmpstr (names->pdata[2], ==, "21000101T000001-000000000005.json");
  g_assert_cmpstr (names->pdata[3], ==, "21000101T000001-999999999999.json");
  g_assert_cmpstr (names->pdata[4], ==, "21000101T000002-000000000000.json");
  g_assert_cmpstr (names->pdata[5], ==, "21000101T000003-000000000005.json");
  fixture_harness_free (harness, bus);
}

/* ---- Trouble ---- */

/* Frames of 12 million random bytes come at once: encoding one takes far longer than to pass all.
 */
static void
test_never_blocks (void)
{
  enum { N_FRAMES = 40, SIDE = 2000 };
  g_auto (Folder) folder = { 0 };
  g_autoptr (GRand) rand = g_rand_new_with_seed (1);
  g_autoptr (GstBuffer) pixels = gst_buffer_new_allocate (NULL, 3 * SIDE * SIDE, NULL);
  g_autofree char *text = NULL;
  GstMapInfo map;
  GstHarness *harness;
  GstBus *bus;
  guint64 kept;

  folder_init (&folder);
  g_assert_true (gst_buffer_map (pixels, &map, GST_MAP_WRITE));
  for (gsize i = 0; i < map.size / 4; i++)
    ((guint32 *) map.data)[i] = g_rand_int (rand);
  gst_buffer_unmap (pixels, &map);
  harness = evidence_harness_with (folder.path,
                                   "video/x-raw,format=RGB,width=2000,height=2000,framerate=30/1",
                                   "max-pending", "2", &bus);
  for (guint i = 0; i < N_FRAMES; i++)
    evidence_pass (harness, evidence_mark (gst_buffer_copy (pixels), i, CPAC_VERDICT_NOT_OK));
  g_assert_cmpuint (fixture_stat (harness, "dropped"), >, 0);
  evidence_finish (harness);
  kept = fixture_stat (harness, "kept");
  g_assert_cmpuint (kept, >=, 2);
  g_assert_cmpuint (kept + fixture_stat (harness, "dropped"), ==, N_FRAMES);
  g_assert_cmpuint (evidence_count (folder.path, ".json"), ==, kept);
  text = fixture_wait_trouble (bus, GST_MESSAGE_WARNING, NULL);
  g_assert_nonnull (strstr (text, "faster"));
  g_assert_null (fixture_pop (bus, GST_MESSAGE_WARNING, NULL));
  fixture_harness_free (harness, bus);
}

/* Somebody removes the folder while frames flow: one WARNING, and all frames go on. */
static void
test_folder_lost (void)
{
  g_auto (Folder) folder = { 0 };
  g_autofree char *location = NULL, *text = NULL;
  GstHarness *harness;
  GstBus *bus;

  folder_init (&folder);
  location = g_build_filename (folder.path, "a", "b", NULL);
  harness = evidence_harness_new (location, &bus);
  g_assert_cmpint (g_rmdir (location), ==, 0);
  for (guint i = 0; i < 3; i++)
    evidence_pass (harness, evidence_inspected (i, CPAC_VERDICT_NOT_OK));
  evidence_finish (harness);
  g_assert_cmpuint (fixture_stat (harness, "failed"), ==, 3);
  g_assert_cmpuint (fixture_stat (harness, "kept"), ==, 0);
  text = fixture_wait_trouble (bus, GST_MESSAGE_WARNING, NULL);
  g_assert_nonnull (strstr (text, location));
  g_assert_null (fixture_pop (bus, GST_MESSAGE_WARNING, NULL));
  fixture_harness_free (harness, bus);
}

static void
check_refused (const char *location, guint bit_depth, GQuark domain, gint code, const char *words)
{
  g_autoptr (GstBus) bus = NULL;
  g_autoptr (GstElement) element = evidence_element_new (location, &bus);
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;

  g_object_set (element, "bit-depth", bit_depth, NULL);
  g_assert_cmpint (gst_element_set_state (element, GST_STATE_PAUSED), ==, GST_STATE_CHANGE_FAILURE);
  text = fixture_wait_trouble (bus, GST_MESSAGE_ERROR, &error);
  g_assert_error (error, domain, code);
  g_assert_nonnull (strstr (text, words));
  g_assert_cmpint (gst_element_set_state (element, GST_STATE_NULL), ==, GST_STATE_CHANGE_SUCCESS);
  gst_element_set_bus (element, NULL);
}

static void
test_refused (void)
{
  g_auto (Folder) folder = { 0 };
  g_autofree char *file = NULL;
  GstHarness *harness;
  GstBus *bus;

  folder_init (&folder);
  file = put (&folder, "file", "text", 4);
  check_refused (NULL, 0, GST_LIBRARY_ERROR, GST_LIBRARY_ERROR_SETTINGS, "location");
  check_refused ("", 0, GST_LIBRARY_ERROR, GST_LIBRARY_ERROR_SETTINGS, "location");
  check_refused (folder.path, 8, GST_LIBRARY_ERROR, GST_LIBRARY_ERROR_SETTINGS, "bit-depth");
  check_refused (file, 0, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_OPEN_WRITE, file);
  /* Two in one folder would count each other's files wrongly. */
  harness = evidence_harness_new (folder.path, &bus);
  check_refused (folder.path, 0, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_OPEN_WRITE, "another");
  fixture_harness_free (harness, bus);
}

static gboolean
answer_query (GstPad *pad, GstObject *parent, GstQuery *query)
{
  if (GST_QUERY_TYPE (query) != GST_QUERY_ALLOCATION)
    return gst_pad_query_default (pad, parent, query);
  gst_query_add_allocation_meta (query, GST_VIDEO_META_API_TYPE, NULL);
  gst_query_add_allocation_pool (query, NULL, 48, 2, 0);
  gst_query_add_allocation_pool (query, NULL, 48, 2, 9);
  gst_query_add_allocation_pool (query, NULL, 48, 2, 8);
  return TRUE;
}

/* Whoever makes frames is asked for as many more as are held, where the pool may grow so far. */
static void
test_allocation (void)
{
  static const guint expected[] = { 9, 9, 2 };
  g_auto (Folder) folder = { 0 };
  g_autoptr (GstCaps) caps = gst_caps_from_string (FIXTURE_RGB_CAPS);
  g_autoptr (GstQuery) query = gst_query_new_allocation (caps, TRUE);
  GstHarness *harness;
  GstBus *bus;

  folder_init (&folder);
  harness = evidence_harness_with (folder.path, FIXTURE_RGB_CAPS, "max-pending", "7", &bus);
  gst_pad_set_query_function (harness->sinkpad, answer_query);
  g_assert_true (gst_pad_peer_query (harness->srcpad, query));
  g_assert_true (gst_query_find_allocation_meta (query, GST_VIDEO_META_API_TYPE, NULL));
  g_assert_cmpuint (gst_query_get_n_allocation_pools (query), ==, G_N_ELEMENTS (expected));
  for (guint i = 0; i < G_N_ELEMENTS (expected); i++) {
    guint min;

    gst_query_parse_nth_allocation_pool (query, i, NULL, NULL, &min, NULL);
    g_assert_cmpuint (min, ==, expected[i]);
  }
  fixture_harness_free (harness, bus);
}

int
main (int argc, char **argv)
{
  gst_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);
  gst_cpac_score_meta_register ();
  g_test_add_func ("/cpacevidence/verdicts", test_verdicts);
  g_test_add_func ("/cpacevidence/not-looked-at", test_not_looked_at);
  g_test_add_func ("/cpacevidence/bound", test_bound);
  g_test_add_func ("/cpacevidence/smaller-bound", test_smaller_bound);
  g_test_add_func ("/cpacevidence/too-large", test_too_large);
  g_test_add_func ("/cpacevidence/sessions", test_sessions);
  g_test_add_func ("/cpacevidence/never-blocks", test_never_blocks);
  g_test_add_func ("/cpacevidence/folder-lost", test_folder_lost);
  g_test_add_func ("/cpacevidence/refused", test_refused);
  g_test_add_func ("/cpacevidence/allocation", test_allocation);
  return g_test_run ();
}
