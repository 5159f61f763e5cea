/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include <json-glib/json-glib.h>
#include <string.h>

#include "plugin/score-meta.h"
#include "tests/element-fixture.h"

#define NDJSON "application/x-ndjson"
#define TEXT "text/x-raw,format=utf8"

static GstHarness *
harness_new (const char *sink_caps)
{
  GstHarness *harness = gst_harness_new ("cpacjson");

  gst_harness_set_sink_caps_str (harness, sink_caps);
  gst_harness_set_src_caps_str (harness, FIXTURE_RGB_CAPS);
  return harness;
}

/* A frame with the least metadata that has a verdict. */
static GstBuffer *
inspected (guint index, CpacVerdict verdict)
{
  CpacInspection inspection = { .status = CPAC_STATUS_SCORED,
                                .verdict = verdict,
                                .has_score = TRUE,
                                .score = 0.1 * index,
                                .model = "toy",
                                .part_id = "A",
                                .frame = index,
                                .width = 4,
                                .height = 4,
                                .has_time = TRUE,
                                .time_ns = 17 };
  GstBuffer *buffer = fixture_frame (index, 0, 0, 0);

  gst_cpac_score_meta_add (buffer, &inspection);
  return buffer;
}

/* The next line, which must be one JSON object and nothing else. (transfer full) */
static JsonNode *
take_line (GstHarness *harness, gboolean newline, GstBuffer **kept)
{
  GstBuffer *buffer = gst_harness_pull (harness);
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  GstMapInfo map;
  JsonNode *node;

  g_assert_true (gst_buffer_map (buffer, &map, GST_MAP_READ));
  text = g_strndup ((char *) map.data, map.size);
  gst_buffer_unmap (buffer, &map);
  g_assert_cmpint (strchr (text, '\n') == text + strlen (text) - 1, ==, newline);
  node = json_from_string (text, &error);
  g_assert_no_error (error);
  g_assert_true (JSON_NODE_HOLDS_OBJECT (node));
  if (kept != NULL)
    *kept = buffer;
  else
    gst_buffer_unref (buffer);
  return node;
}

static const char *
get_text (JsonNode *node, const char *member)
{
  return json_object_get_string_member_with_default (json_node_get_object (node), member, NULL);
}

static JsonObject *
get_object (JsonNode *node, const char *member)
{
  return json_object_get_object_member (json_node_get_object (node), member);
}

static void
push (GstHarness *harness, GstBuffer *buffer)
{
  g_assert_cmpint (gst_harness_push (harness, buffer), ==, GST_FLOW_OK);
}

/* Header, one line a frame, and the ledger, which closes. */
static void
test_journal (void)
{
  static const CpacVerdict verdicts[] = { CPAC_VERDICT_OK, CPAC_VERDICT_NOT_OK, CPAC_VERDICT_OK,
                                          CPAC_VERDICT_NOT_DECIDABLE, CPAC_VERDICT_UNDEFINED };
  GstHarness *harness = harness_new (NDJSON);
  g_autoptr (JsonNode) header = NULL, closing = NULL;
  JsonObject *ledger;

  g_object_set (harness->element, "source", "cam-1", NULL);
  for (guint i = 0; i < G_N_ELEMENTS (verdicts); i++)
    push (harness, inspected (i, verdicts[i]));
  push (harness, fixture_frame (5, 0, 0, 0));
  g_assert_true (gst_harness_push_event (harness, gst_event_new_eos ()));
  g_assert_cmpuint (gst_harness_buffers_in_queue (harness), ==, 8);

  header = take_line (harness, TRUE, NULL);
  g_assert_cmpstr (get_text (header, "schema"), ==, "cpac-inspection/1");
  g_assert_cmpstr (get_text (header, "record"), ==, "header");
  g_assert_cmpstr (get_text (header, "source"), ==, "cam-1");
  g_assert_cmpstr (get_text (header, "model"), ==, "toy");
  g_assert_nonnull (get_text (header, "kernel_level"));
  for (guint i = 0; i < 6; i++) {
    g_autoptr (JsonNode) line = take_line (harness, TRUE, NULL);
    JsonObject *inspection = get_object (line, "inspection");

    g_assert_cmpstr (get_text (line, "source"), ==, "cam-1");
    g_assert_cmpint (json_object_get_int_member (inspection, "verdict_code"), ==,
                     i < 5 ? verdicts[i] : CPAC_VERDICT_UNDEFINED);
    g_assert_cmpstr (json_object_get_string_member (inspection, "status"), ==,
                     i < 5 ? "scored" : "skipped");
    g_assert_cmpint (json_object_get_int_member (inspection, "frame"), ==, i);
    g_assert_cmpint (json_object_get_int_member (inspection, "width"), ==, 4);
  }
  closing = take_line (harness, TRUE, NULL);
  g_assert_cmpstr (get_text (closing, "record"), ==, "closing");
  ledger = get_object (closing, "frames");
  g_assert_cmpint (json_object_get_int_member (ledger, "seen"), ==, 6);
  g_assert_cmpint (json_object_get_int_member (ledger, "ok"), ==, 2);
  g_assert_cmpint (json_object_get_int_member (ledger, "not_ok"), ==, 1);
  g_assert_cmpint (json_object_get_int_member (ledger, "not_decidable"), ==, 1);
  g_assert_cmpint (json_object_get_int_member (ledger, "undefined"), ==, 2);
  gst_harness_teardown (harness);
}

/* Only the frames' lines; times are those of the frames. */
static void
test_text (void)
{
  GstHarness *harness = harness_new (TEXT);

  for (guint i = 0; i < 3; i++) {
    g_autoptr (JsonNode) line = NULL;
    g_autoptr (GstBuffer) buffer = NULL;

    push (harness, inspected (i, CPAC_VERDICT_OK));
    line = take_line (harness, FALSE, &buffer);
    g_assert_cmpuint (GST_BUFFER_PTS (buffer), ==, gst_util_uint64_scale (i, GST_SECOND, 30));
    g_assert_cmpuint (GST_BUFFER_DURATION (buffer), ==, GST_SECOND / 30);
    g_assert_cmpint (json_object_get_int_member (json_node_get_object (line), "timestamp"), ==,
                     gst_util_uint64_scale (i, GST_SECOND, 30));
  }
  gst_harness_push_event (harness, gst_event_new_eos ());
  g_assert_cmpuint (gst_harness_buffers_in_queue (harness), ==, 0);
  gst_harness_teardown (harness);
}

/* Without timing, two runs write the same bytes. */
static void
test_timing (void)
{
  GstHarness *harness = harness_new (TEXT);

  for (guint timing = 0; timing < 2; timing++) {
    g_autoptr (JsonNode) line = NULL;
    JsonObject *inspection;

    g_object_set (harness->element, "timing", timing, NULL);
    push (harness, inspected (0, CPAC_VERDICT_OK));
    line = take_line (harness, FALSE, NULL);
    inspection = get_object (line, "inspection");
    g_assert_cmpint (get_text (line, "system_timestamp") != NULL, ==, timing);
    g_assert_cmpint (json_object_has_member (inspection, "time_ns"), ==, timing);
  }
  gst_harness_teardown (harness);
}

/* stream-start, our caps, segment, and EOS behind the closing record. */
static void
test_event_order (void)
{
  static const GstEventType expected[] = { GST_EVENT_STREAM_START, GST_EVENT_CAPS,
                                           GST_EVENT_SEGMENT, GST_EVENT_GAP, GST_EVENT_EOS };
  GstHarness *harness = harness_new (NDJSON);

  push (harness, inspected (0, CPAC_VERDICT_OK));
  gst_harness_push_event (harness, gst_event_new_gap (0, GST_SECOND));
  gst_harness_push_event (harness, gst_event_new_eos ());
  for (guint i = 0; i < G_N_ELEMENTS (expected); i++) {
    g_autoptr (GstEvent) event = gst_harness_pull_event (harness);
    GstCaps *caps;

    g_assert_cmpstr (GST_EVENT_TYPE_NAME (event), ==, gst_event_type_get_name (expected[i]));
    if (expected[i] != GST_EVENT_CAPS)
      continue;
    gst_event_parse_caps (event, &caps);
    g_assert_true (gst_structure_has_name (gst_caps_get_structure (caps, 0), NDJSON));
  }
  gst_harness_teardown (harness);
}

/* After a flush the journal goes on: no second header, and the ledger counts all its lines. */
static void
test_flush (void)
{
  GstHarness *harness = harness_new (NDJSON);
  g_autoptr (JsonNode) closing = NULL;
  GstSegment segment;

  push (harness, inspected (0, CPAC_VERDICT_OK));
  gst_harness_push_event (harness, gst_event_new_flush_start ());
  gst_harness_push_event (harness, gst_event_new_flush_stop (TRUE));
  gst_segment_init (&segment, GST_FORMAT_TIME);
  segment.time = 10 * GST_SECOND;
  gst_harness_push_event (harness, gst_event_new_segment (&segment));
  push (harness, inspected (0, CPAC_VERDICT_NOT_OK));
  gst_harness_push_event (harness, gst_event_new_eos ());
  while (gst_harness_buffers_in_queue (harness) > 1) {
    g_autoptr (JsonNode) line = take_line (harness, TRUE, NULL);

    if (gst_harness_buffers_in_queue (harness) == 1)
      g_assert_cmpint (json_object_get_int_member (json_node_get_object (line), "timestamp"), ==,
                       10 * GST_SECOND);
  }
  closing = take_line (harness, TRUE, NULL);
  g_assert_cmpint (json_object_get_int_member (get_object (closing, "frames"), "seen"), ==, 2);
  gst_harness_teardown (harness);
}

/* A stream that ends without a frame has no journal; one that starts again has a new one. */
static void
test_restart (void)
{
  GstHarness *harness = harness_new (NDJSON);

  gst_harness_push_event (harness, gst_event_new_eos ());
  g_assert_cmpuint (gst_harness_buffers_in_queue (harness), ==, 0);
  gst_harness_teardown (harness);
  harness = harness_new (NDJSON);
  for (guint i = 0; i < 2; i++) {
    g_autoptr (JsonNode) header = NULL;

    if (i > 0) {
      GstSegment segment;

      gst_harness_push_event (harness, gst_event_new_flush_start ());
      gst_harness_push_event (harness, gst_event_new_flush_stop (TRUE));
      gst_segment_init (&segment, GST_FORMAT_TIME);
      gst_harness_push_event (harness, gst_event_new_segment (&segment));
    }
    push (harness, inspected (0, CPAC_VERDICT_OK));
    gst_harness_push_event (harness, gst_event_new_eos ());
    g_assert_cmpuint (gst_harness_buffers_in_queue (harness), ==, 3);
    header = take_line (harness, TRUE, NULL);
    g_assert_cmpstr (get_text (header, "record"), ==, "header");
    while (gst_harness_buffers_in_queue (harness) > 0)
      gst_buffer_unref (gst_harness_pull (harness));
  }
  gst_harness_teardown (harness);
}

/* What is not raw video may have no size in its caps and no time in its segment. */
static void
test_other_caps (void)
{
  GstHarness *harness = gst_harness_new ("cpacjson");
  g_autoptr (JsonNode) line = NULL;
  GstSegment segment;

  gst_harness_set_sink_caps_str (harness, TEXT);
  gst_harness_set_src_caps_str (harness, "image/jpeg");
  gst_segment_init (&segment, GST_FORMAT_BYTES);
  gst_harness_push_event (harness, gst_event_new_segment (&segment));
  push (harness, inspected (3, CPAC_VERDICT_OK));
  line = take_line (harness, FALSE, NULL);
  g_assert_cmpint (json_object_get_int_member (json_node_get_object (line), "frame_id"), ==, 3);
  g_assert_false (json_object_has_member (json_node_get_object (line), "timestamp"));
  gst_harness_teardown (harness);
}

/* Behind a tee, a branch that refused padded frames would make the source copy them for all. */
static void
test_allocation (gconstpointer element)
{
  GstHarness *harness = gst_harness_new (element);
  g_autoptr (GstCaps) caps = gst_caps_from_string (FIXTURE_RGB_CAPS);
  g_autoptr (GstQuery) query = gst_query_new_allocation (caps, FALSE);

  gst_harness_set_src_caps_str (harness, FIXTURE_RGB_CAPS);
  g_assert_true (gst_pad_peer_query (harness->srcpad, query));
  g_assert_true (gst_query_find_allocation_meta (query, GST_VIDEO_META_API_TYPE, NULL));
  gst_harness_teardown (harness);
}

/* What downstream takes changes while frames flow, to text and back: lines of frames alone, then a
 * new journal. */
static void
test_renegotiated (void)
{
  static const struct {
    const char *caps;
    gboolean newline;
    guint n_lines;
  } rows[] = { { NDJSON, TRUE, 2 }, { TEXT, FALSE, 1 }, { TEXT, FALSE, 1 }, { NDJSON, TRUE, 2 } };
  GstHarness *harness = harness_new (NDJSON);

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    gst_harness_set_sink_caps_str (harness, rows[i].caps);
    push (harness, inspected (i, CPAC_VERDICT_OK));
    g_assert_cmpuint (gst_harness_buffers_in_queue (harness), ==, rows[i].n_lines);
    for (guint k = 0; k < rows[i].n_lines; k++) {
      g_autoptr (JsonNode) line = take_line (harness, rows[i].newline, NULL);
      gboolean is_header = k + 1 < rows[i].n_lines;

      g_assert_cmpstr (get_text (line, "record"), ==, is_header ? "header" : NULL);
      if (!is_header)
        g_assert_cmpint (json_object_get_int_member (json_node_get_object (line), "frame_id"), ==,
                         i);
    }
  }
  gst_harness_push_event (harness, gst_event_new_eos ());
  {
    g_autoptr (JsonNode) closing = take_line (harness, TRUE, NULL);

    g_assert_cmpint (json_object_get_int_member (get_object (closing, "frames"), "seen"), ==, 1);
  }
  gst_harness_teardown (harness);
}

static void
test_not_negotiated (void)
{
  GstHarness *harness = gst_harness_new ("cpacjson");

  gst_harness_set_sink_caps_str (harness, "audio/x-raw");
  gst_harness_set_src_caps_str (harness, FIXTURE_RGB_CAPS);
  g_assert_cmpint (gst_harness_push (harness, inspected (0, CPAC_VERDICT_OK)), ==,
                   GST_FLOW_NOT_NEGOTIATED);
  gst_harness_teardown (harness);
}

int
main (int argc, char **argv)
{
  gst_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);
  gst_cpac_score_meta_register ();
  g_test_add_func ("/cpacjson/journal", test_journal);
  g_test_add_func ("/cpacjson/text", test_text);
  g_test_add_func ("/cpacjson/timing", test_timing);
  g_test_add_func ("/cpacjson/event-order", test_event_order);
  g_test_add_func ("/cpacjson/flush", test_flush);
  g_test_add_func ("/cpacjson/restart", test_restart);
  g_test_add_func ("/cpacjson/other-caps", test_other_caps);
  g_test_add_data_func ("/cpacjson/allocation", "cpacjson", test_allocation);
  g_test_add_data_func ("/cpacheatmap/allocation", "cpacheatmap", test_allocation);
  g_test_add_func ("/cpacjson/renegotiated", test_renegotiated);
  g_test_add_func ("/cpacjson/not-negotiated", test_not_negotiated);
  return g_test_run ();
}
