/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Buffers, events and queries through cpacscore. */

#include <string.h>

#include "tests/element-fixture.h"

#define TOLERANCE 1e-6

typedef struct {
  char *folder, *model;
  GstHarness *harness;
  GstBus *bus;
} Fixture;

static void
setup (Fixture *fixture, gconstpointer data)
{
  fixture->folder = fixture_folder_new ();
  fixture->model = fixture_write_model (fixture->folder, &TOY_CLASSIFIER);
  fixture->harness = fixture_harness (fixture->model, FIXTURE_RGB_CAPS, &fixture->bus);
}

static void
teardown (Fixture *fixture, gconstpointer data)
{
  fixture_harness_free (fixture->harness, fixture->bus);
  g_free (fixture->model);
  fixture_folder_free (fixture->folder);
}

static void
test_gap (Fixture *fixture, gconstpointer data)
{
  GstBuffer *in = fixture_frame (0, 255, 255, 255);
  g_autoptr (GstBuffer) out = NULL;

  GST_BUFFER_FLAG_SET (in, GST_BUFFER_FLAG_GAP);
  out = fixture_pass (fixture->harness, in);
  g_assert_true (GST_BUFFER_FLAG_IS_SET (out, GST_BUFFER_FLAG_GAP));
  g_assert_cmpstr (fixture_text (fixture_meta (out), "status"), ==, "skipped");
  g_assert_cmpstr (fixture_text (fixture_meta (out), "verdict"), ==, "undefined");
  g_assert_false (gst_structure_has_field (fixture_meta (out), "score"));
  g_assert_false (gst_structure_has_field (fixture_meta (out), "time-ns"));
  g_assert_cmpint (fixture_int (fixture_meta (out), "width"), ==, 4);
  g_assert_cmpuint (fixture_stat (fixture->harness, "skipped"), ==, 1);
  g_assert_cmpuint (fixture_stat (fixture->harness, "scored"), ==, 0);
}

static void
test_corrupted (Fixture *fixture, gconstpointer data)
{
  GstBuffer *in = fixture_frame (0, 255, 255, 255);
  g_autoptr (GstBuffer) out = NULL;

  GST_BUFFER_FLAG_SET (in, GST_BUFFER_FLAG_CORRUPTED);
  out = fixture_pass (fixture->harness, in);
  g_assert_true (GST_BUFFER_FLAG_IS_SET (out, GST_BUFFER_FLAG_CORRUPTED));
  g_assert_cmpstr (fixture_text (fixture_meta (out), "status"), ==, "scored");
  g_assert_cmpstr (fixture_text (fixture_meta (out), "verdict"), ==, "undefined");
  g_assert_cmpfloat_with_epsilon (fixture_double (fixture_meta (out), "score"),
                                  fixture_classifier_score (&TOY_CLASSIFIER, 255, 255, 255),
                                  TOLERANCE);
  g_assert_cmpuint (fixture_stat (fixture->harness, "defects"), ==, 0);
}

static void
push_numbered (Fixture *fixture, guint64 offset, gboolean discont)
{
  GstBuffer *buffer = fixture_frame (0, 0, 0, 0);

  GST_BUFFER_OFFSET (buffer) = offset;
  if (discont)
    GST_BUFFER_FLAG_SET (buffer, GST_BUFFER_FLAG_DISCONT);
  gst_buffer_unref (fixture_pass (fixture->harness, buffer));
}

static void
test_lost_frames (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GstMessage) lost = NULL, qos = NULL;
  guint64 processed, dropped;
  GstFormat format;

  push_numbered (fixture, 7, TRUE);
  push_numbered (fixture, 8, FALSE);
  push_numbered (fixture, 20, FALSE);
  push_numbered (fixture, 21, TRUE);
  g_assert_null (fixture_pop (fixture->bus, GST_MESSAGE_ELEMENT, "cpac-frames-lost"));
  push_numbered (fixture, 25, TRUE);
  g_assert_cmpuint (fixture_stat (fixture->harness, "lost"), ==, 3);
  qos = gst_bus_pop_filtered (fixture->bus, GST_MESSAGE_ELEMENT);
  lost = g_steal_pointer (&qos);
  g_assert_true (gst_message_has_name (lost, "cpac-frames-lost"));
  g_assert_cmpuint (fixture_uint64 (gst_message_get_structure (lost), "lost"), ==, 3);
  g_assert_cmpuint (fixture_uint64 (gst_message_get_structure (lost), "frame"), ==, 4);
  qos = gst_bus_pop_filtered (fixture->bus, GST_MESSAGE_QOS);
  g_assert_nonnull (qos);
  gst_message_parse_qos_stats (qos, &format, &processed, &dropped);
  g_assert_cmpint (format, ==, GST_FORMAT_BUFFERS);
  g_assert_cmpuint (processed, ==, 4);
  g_assert_cmpuint (dropped, ==, 3);
}

/* Numbers may jump where the stream jumps. */
static void
test_no_loss_across_seek (Fixture *fixture, gconstpointer data)
{
  GstSegment segment;

  push_numbered (fixture, 1, FALSE);
  gst_harness_push_event (fixture->harness, gst_event_new_flush_start ());
  gst_harness_push_event (fixture->harness, gst_event_new_flush_stop (TRUE));
  gst_segment_init (&segment, GST_FORMAT_TIME);
  gst_harness_push_event (fixture->harness, gst_event_new_segment (&segment));
  push_numbered (fixture, 100, TRUE);
  gst_harness_push_event (fixture->harness, gst_event_new_segment (&segment));
  push_numbered (fixture, 200, TRUE);
  g_assert_null (fixture_pop (fixture->bus, GST_MESSAGE_ELEMENT, "cpac-frames-lost"));
  g_assert_cmpuint (fixture_stat (fixture->harness, "lost"), ==, 0);
}

static void
push_custom (Fixture *fixture, GstStructure *structure)
{
  gst_harness_push_event (fixture->harness,
                          gst_event_new_custom (GST_EVENT_CUSTOM_DOWNSTREAM, structure));
}

static void
assert_part (Fixture *fixture, const char *part)
{
  g_autoptr (GstBuffer) out = fixture_pass (fixture->harness, fixture_frame (0, 0, 0, 0));

  g_assert_cmpstr (fixture_text (fixture_meta (out), "part-id"), ==, part);
}

static void
test_part (Fixture *fixture, gconstpointer data)
{
  GstSegment segment;

  assert_part (fixture, NULL);
  push_custom (fixture, gst_structure_new ("cpac-part", "part-id", G_TYPE_STRING, "A-4711", NULL));
  assert_part (fixture, "A-4711");
  push_custom (fixture, gst_structure_new ("other", "part-id", G_TYPE_STRING, "B", NULL));
  assert_part (fixture, "A-4711");
  push_custom (fixture, gst_structure_new_empty ("cpac-part"));
  assert_part (fixture, NULL);
  push_custom (fixture, gst_structure_new ("cpac-part", "part-id", G_TYPE_STRING, "A-4712", NULL));
  assert_part (fixture, "A-4712");
  gst_harness_push_event (fixture->harness, gst_event_new_flush_start ());
  gst_harness_push_event (fixture->harness, gst_event_new_flush_stop (TRUE));
  gst_segment_init (&segment, GST_FORMAT_TIME);
  gst_harness_push_event (fixture->harness, gst_event_new_segment (&segment));
  assert_part (fixture, NULL);
  push_custom (fixture, gst_structure_new ("cpac-part", "part-id", G_TYPE_STRING, "A-4713", NULL));
  assert_part (fixture, "A-4713");
  /* Another stream, as behind concat: its frames show other parts. */
  gst_harness_push_event (fixture->harness, gst_event_new_stream_start ("another"));
  gst_harness_push_event (fixture->harness, gst_event_new_segment (&segment));
  assert_part (fixture, NULL);
}

/* The frame counter goes on over a change of caps; the size is the new one. */
static void
test_renegotiation (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GstBuffer) first = fixture_pass (fixture->harness, fixture_frame (0, 255, 0, 0));
  g_autoptr (GstBuffer) second = NULL;

  gst_harness_set_src_caps_str (fixture->harness,
                                "video/x-raw,format=RGB,width=8,height=2,framerate=30/1");
  second = fixture_pass (fixture->harness, fixture_frame (1, 255, 0, 0));
  g_assert_cmpint (fixture_int (fixture_meta (second), "width"), ==, 8);
  g_assert_cmpint (fixture_int (fixture_meta (second), "height"), ==, 2);
  g_assert_cmpint (fixture_int (fixture_meta (second), "region-w"), ==, 8);
  g_assert_cmpuint (fixture_uint64 (fixture_meta (second), "frame"), ==, 1);
  g_assert_cmpfloat (fixture_double (fixture_meta (second), "score"), ==,
                     fixture_double (fixture_meta (first), "score"));
}

/* Left half black, right half white. */
static GstBuffer *
halves (void)
{
  GstBuffer *buffer = fixture_frame (0, 0, 0, 0);

  for (gsize row = 0; row < 4; row++)
    gst_buffer_memset (buffer, row * 12 + 6, 255, 6);
  return buffer;
}

static void
test_region (Fixture *fixture, gconstpointer data)
{
  static const struct {
    const char *region;
    guint8 value; /* of all its pixels */
  } rows[] = { { "0,0,2,4", 0 }, { "2,1,2,3", 255 }, { "3,3,1,1", 255 } };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (GstBuffer) out = NULL;

    g_object_set (fixture->harness->element, "region", rows[i].region, NULL);
    out = fixture_pass (fixture->harness, halves ());
    g_assert_cmpfloat_with_epsilon (
        fixture_double (fixture_meta (out), "score"),
        fixture_classifier_score (&TOY_CLASSIFIER, rows[i].value, rows[i].value, rows[i].value),
        TOLERANCE);
    g_assert_cmpint (fixture_int (fixture_meta (out), "region-x"), ==, rows[i].region[0] - '0');
    g_assert_cmpint (fixture_int (fixture_meta (out), "region-h"), ==, rows[i].region[6] - '0');
  }
}

/* One WARNING for each change to a region that is no good; frames go on without a verdict. */
static void
test_bad_region (Fixture *fixture, gconstpointer data)
{
  static const char *const regions[] = { "3,0,2,2", "0,0,5,4", "1,2,3", "a,b,c,d", "0,0,0,4" };
  g_autoptr (GstBuffer) good = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (regions); i++) {
    g_object_set (fixture->harness->element, "region", regions[i], NULL);
    for (guint k = 0; k < 3; k++) {
      g_autoptr (GstBuffer) out = fixture_pass (fixture->harness, halves ());

      g_assert_cmpstr (fixture_text (fixture_meta (out), "status"), ==, "error");
      g_assert_cmpstr (fixture_text (fixture_meta (out), "verdict"), ==, "undefined");
      g_assert_false (gst_structure_has_field (fixture_meta (out), "score"));
    }
    g_free (fixture_wait_trouble (fixture->bus, GST_MESSAGE_WARNING, NULL));
    g_assert_null (fixture_pop (fixture->bus, GST_MESSAGE_WARNING, NULL));
  }
  g_assert_cmpuint (fixture_stat (fixture->harness, "errors"), ==, 3 * G_N_ELEMENTS (regions));
  g_object_set (fixture->harness->element, "region", NULL, NULL);
  good = fixture_pass (fixture->harness, halves ());
  g_assert_cmpstr (fixture_text (fixture_meta (good), "status"), ==, "scored");
}

/* Behind a tee the buffer is shared, and may hold memory that nobody may write: the very same
 * memory comes out, and the buffer that others hold is as it was. */
static void
test_zero_copy (Fixture *fixture, gconstpointer data)
{
  GstBuffer *in = fixture_frame (0, 9, 9, 9);
  GstMemory *memory = gst_buffer_peek_memory (in, 0);
  g_autoptr (GstBuffer) out = NULL;

  GST_MINI_OBJECT_FLAG_SET (memory, GST_MEMORY_FLAG_READONLY);
  out = fixture_pass (fixture->harness, gst_buffer_ref (in));
  g_assert_true (out != in);
  g_assert_true (gst_buffer_peek_memory (out, 0) == memory);
  g_assert_null (gst_buffer_get_meta (in, gst_meta_get_info ("CpacScoreMeta")->api));
  fixture_meta (out);
  gst_buffer_unref (in);
}

/* A second element in the stream replaces what the first one said. */
static void
test_twice (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GstBuffer) first = fixture_pass (fixture->harness, fixture_frame (0, 0, 0, 0));
  g_autoptr (GstBuffer) out = fixture_pass (fixture->harness, g_steal_pointer (&first));

  g_assert_cmpuint (fixture_uint64 (fixture_meta (out), "frame"), ==, 1);
  g_assert_cmpuint (gst_buffer_get_n_meta (out, gst_meta_get_info ("CpacScoreMeta")->api), ==, 1);
}

static void
test_latency (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GstMessage) message = NULL;

  gst_harness_set_upstream_latency (fixture->harness, 33 * GST_MSECOND);
  g_assert_cmpuint (gst_harness_query_latency (fixture->harness), ==, 33 * GST_MSECOND);
  g_assert_null (fixture_pop (fixture->bus, GST_MESSAGE_LATENCY, NULL));
  g_object_set (fixture->harness->element, "processing-latency", 50 * GST_MSECOND, NULL);
  message = fixture_pop (fixture->bus, GST_MESSAGE_LATENCY, NULL);
  g_assert_nonnull (message);
  g_assert_cmpuint (gst_harness_query_latency (fixture->harness), ==, 83 * GST_MSECOND);
}

static void
test_allocation (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GstCaps) caps = gst_caps_from_string (FIXTURE_RGB_CAPS);
  g_autoptr (GstQuery) query = gst_query_new_allocation (caps, FALSE);

  g_assert_true (gst_pad_peer_query (fixture->harness->srcpad, query));
  g_assert_true (gst_query_find_allocation_meta (query, GST_VIDEO_META_API_TYPE, NULL));
}

static void
test_gap_event (Fixture *fixture, gconstpointer data)
{
  GstEvent *event;
  gboolean found = FALSE;

  gst_buffer_unref (fixture_pass (fixture->harness, fixture_frame (0, 0, 0, 0)));
  gst_harness_push_event (fixture->harness, gst_event_new_gap (GST_SECOND, GST_SECOND));
  while ((event = gst_harness_try_pull_event (fixture->harness)) != NULL) {
    found = found || GST_EVENT_TYPE (event) == GST_EVENT_GAP;
    gst_event_unref (event);
  }
  g_assert_true (found);
}

/* Frames of a segment in bytes have no stream time and no running time. */
static void
test_bytes (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GstMessage) message = NULL;
  GstSegment segment;

  gst_segment_init (&segment, GST_FORMAT_BYTES);
  gst_harness_push_event (fixture->harness, gst_event_new_segment (&segment));
  gst_buffer_unref (fixture_pass (fixture->harness, fixture_frame (30, 255, 255, 255)));
  message = fixture_pop (fixture->bus, GST_MESSAGE_ELEMENT, "cpac-score");
  g_assert_nonnull (message);
  g_assert_cmpuint (fixture_uint64 (gst_message_get_structure (message), "timestamp"), ==,
                    GST_SECOND);
  g_assert_cmpuint (fixture_uint64 (gst_message_get_structure (message), "stream-time"), ==,
                    GST_CLOCK_TIME_NONE);
}

static GstPadProbeReturn
count_buffer (GstPad *pad, GstPadProbeInfo *info, gpointer n)
{
  fixture_meta (GST_PAD_PROBE_INFO_BUFFER (info));
  g_atomic_int_inc ((gint *) n);
  return GST_PAD_PROBE_OK;
}

/* A flushing seek, twice, in a pipeline; every frame still has its metadata. */
static void
test_seek (Fixture *fixture, gconstpointer data)
{
  g_autofree char *text = g_strdup_printf (
      "videotestsrc num-buffers=1000 ! video/x-raw,format=RGB,width=16,height=16 ! "
      "cpacscore model=%s ! fakesink name=sink",
      fixture->model);
  g_autoptr (GstElement) pipeline = gst_parse_launch (text, NULL);
  g_autoptr (GstElement) sink = gst_bin_get_by_name (GST_BIN (pipeline), "sink");
  g_autoptr (GstPad) pad = gst_element_get_static_pad (sink, "sink");
  gint n = 0;

  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, count_buffer, &n, NULL);
  gst_element_set_state (pipeline, GST_STATE_PAUSED);
  gst_element_get_state (pipeline, NULL, NULL, 20 * GST_SECOND);
  for (guint i = 0; i < 2; i++) {
    gint before = g_atomic_int_get (&n);

    g_assert_true (gst_element_seek_simple (pipeline, GST_FORMAT_TIME, GST_SEEK_FLAG_FLUSH,
                                            (2 - i) * GST_SECOND));
    g_assert_cmpint (gst_element_get_state (pipeline, NULL, NULL, 20 * GST_SECOND), ==,
                     GST_STATE_CHANGE_SUCCESS);
    g_assert_cmpint (g_atomic_int_get (&n), >, before);
  }
  gst_element_set_state (pipeline, GST_STATE_NULL);
}

#define ADD(name, func) g_test_add ("/cpacscore/flow/" name, Fixture, NULL, setup, func, teardown)

int
main (int argc, char **argv)
{
  gst_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);
  ADD ("gap", test_gap);
  ADD ("corrupted", test_corrupted);
  ADD ("lost-frames", test_lost_frames);
  ADD ("no-loss-across-seek", test_no_loss_across_seek);
  ADD ("part", test_part);
  ADD ("renegotiation", test_renegotiation);
  ADD ("region", test_region);
  ADD ("bad-region", test_bad_region);
  ADD ("zero-copy", test_zero_copy);
  ADD ("twice", test_twice);
  ADD ("latency", test_latency);
  ADD ("allocation", test_allocation);
  ADD ("gap-event", test_gap_event);
  ADD ("bytes", test_bytes);
  ADD ("seek", test_seek);
  return g_test_run ();
}
