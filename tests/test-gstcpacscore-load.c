/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Many frames, many instances, many changes at once, and too little time. */

#include <stdio.h>
#include <unistd.h>

#include "tests/element-fixture.h"

typedef struct {
  char *folder, *model;
  GstHarness *harness;
  GstBus *bus;
} Fixture;

static void
setup (Fixture *fixture, gconstpointer data)
{
  fixture->folder = fixture_folder_new ();
  fixture->model = fixture_write_model (fixture->folder, &TOY_MAP);
  fixture->harness = fixture_harness (fixture->model, FIXTURE_RGB_CAPS, &fixture->bus);
}

static void
teardown (Fixture *fixture, gconstpointer data)
{
  fixture_harness_free (fixture->harness, fixture->bus);
  g_free (fixture->model);
  fixture_folder_free (fixture->folder);
}

static glong
resident_pages (void)
{
  glong total, resident;
  FILE *file = fopen ("/proc/self/statm", "r");

  if (file == NULL)
    return -1;
  if (fscanf (file, "%ld %ld", &total, &resident) != 2)
    resident = -1;
  fclose (file);
  return resident;
}

/* Half a megabyte in 8,000 frames is 64 bytes a frame. Under the address sanitizer and valgrind
 * (whose setup says that the machine is slow) freed memory stays resident for a while. */
static void
assert_not_grown (glong before)
{
  gboolean measured = before >= 0 && g_getenv ("CPAC_TEST_SLOW_MACHINE") == NULL;

#ifdef __SANITIZE_ADDRESS__
  measured = FALSE;
#endif
  if (measured)
    g_assert_cmpint ((resident_pages () - before) * sysconf (_SC_PAGESIZE), <, 512 * 1024);
  else
    g_test_message ("memory is not measured here");
}

static void
test_ten_thousand (Fixture *fixture, gconstpointer data)
{
  static const GstBufferFlags flags[] = { 0, GST_BUFFER_FLAG_GAP, GST_BUFFER_FLAG_CORRUPTED,
                                          GST_BUFFER_FLAG_DISCONT, GST_BUFFER_FLAG_MARKER };
  GstBufferFlags kept = GST_BUFFER_FLAG_GAP | GST_BUFFER_FLAG_CORRUPTED | GST_BUFFER_FLAG_DISCONT |
                        GST_BUFFER_FLAG_MARKER;
  glong before = 0;

  gst_util_set_object_arg (G_OBJECT (fixture->harness->element), "messages", "none");
  for (guint i = 0; i < 10000; i++) {
    GstBuffer *in = fixture_frame (i, (guint8) i, 0, 0);
    g_autoptr (GstBuffer) out = NULL;

    GST_BUFFER_FLAG_SET (in, flags[i % G_N_ELEMENTS (flags)]);
    out = fixture_pass (fixture->harness, in);
    g_assert_cmpuint (GST_BUFFER_PTS (out), ==, gst_util_uint64_scale (i, GST_SECOND, 30));
    g_assert_cmpuint (GST_BUFFER_DURATION (out), ==, GST_SECOND / 30);
    g_assert_cmpuint (GST_BUFFER_OFFSET (out), ==, i);
    g_assert_cmpuint (GST_BUFFER_FLAGS (out) & kept, ==, flags[i % G_N_ELEMENTS (flags)]);
    g_assert_cmpuint (fixture_uint64 (fixture_meta (out), "frame"), ==, i);
    if (i == 2000)
      before = resident_pages ();
  }
  assert_not_grown (before);
  g_assert_cmpuint (gst_harness_buffers_in_queue (fixture->harness), ==, 0);
  g_assert_cmpuint (fixture_stat (fixture->harness, "frames"), ==, 10000);
  g_assert_cmpuint (fixture_stat (fixture->harness, "skipped"), ==, 2000);
}

typedef struct {
  GstElement *element;
  const char *model;
  gint stop;
} Hammer;

static gpointer
hammer (gpointer data)
{
  static const char *const texts[][2] = {
    { "region", "0,0,2,2" }, { "region", "" },
    { "region", "9,9,9,9" }, { "threshold-mode", "manual" },
    { "threshold", "0.25" }, { "threshold-mode", "model" },
    { "heatmap", "false" },  { "heatmap", "true" },
    { "messages", "all" },   { "messages", "none" },
    { "roi-meta", "true" },  { "roi-meta", "false" },
    { "features", "pixel" }, { "processing-latency", "7" },
    { "bit-depth", "10" },   { "overload-policy", "skip" },
    { "n-threads", "2" },    { "overload-policy", "block" },
    { "ignore-mask", "a" },  { "min-region-area", "9" },
    { "ignore-mask", "" },   { "min-region-area", "0" },
  };
  Hammer *work = data;

  for (guint i = 0; !g_atomic_int_get (&work->stop); i++) {
    const char *const *text = texts[i % G_N_ELEMENTS (texts)];
    g_autofree char *region = NULL, *model = NULL;
    g_autoptr (GstStructure) stats = NULL;

    gst_util_set_object_arg (G_OBJECT (work->element), text[0], text[1]);
    g_object_get (work->element, "region", &region, "model", &model, "stats", &stats, NULL);
    if (i % 64 == 0)
      g_object_set (work->element, "model", work->model, NULL);
  }
  return NULL;
}

static void
test_hammering (Fixture *fixture, gconstpointer data)
{
  Hammer work = { .element = fixture->harness->element, .model = fixture->model };
  GThread *thread;

  gst_bus_set_flushing (fixture->bus, TRUE);
  thread = g_thread_new ("hammer", hammer, &work);
  for (guint i = 0; i < 3000; i++) {
    g_autoptr (GstBuffer) out =
        fixture_pass (fixture->harness, fixture_frame (i, (guint8) i, 0, 0));

    g_assert_cmpuint (fixture_uint64 (fixture_meta (out), "frame"), ==, i);
  }
  g_atomic_int_set (&work.stop, 1);
  g_thread_join (thread);
}

/* The metadata as text, heat map and features included, without the one field that may differ. */
static GstPadProbeReturn
keep_text (GstPad *pad, GstPadProbeInfo *info, gpointer texts)
{
  g_autoptr (GstStructure) copy =
      gst_structure_copy (fixture_meta (GST_PAD_PROBE_INFO_BUFFER (info)));

  gst_structure_remove_field (copy, "time-ns");
  g_ptr_array_add (texts, gst_structure_to_string (copy));
  return GST_PAD_PROBE_OK;
}

static GstElement *
branch_new (const char *model, guint index, GPtrArray *texts)
{
  g_autofree char *text = g_strdup_printf (
      "videotestsrc num-buffers=20 pattern=ball ! video/x-raw,format=RGB,width=37,height=23 ! "
      "cpacscore model=%s features=pixel messages=none n-threads=%u ! fakesink name=sink",
      model, 1 + index % 2);
  GstElement *pipeline = gst_parse_launch (text, NULL);
  g_autoptr (GstElement) sink = gst_bin_get_by_name (GST_BIN (pipeline), "sink");
  g_autoptr (GstPad) pad = gst_element_get_static_pad (sink, "sink");

  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, keep_text, texts, NULL);
  return pipeline;
}

static void
finish (GstElement *pipeline)
{
  g_autoptr (GstBus) bus = gst_element_get_bus (pipeline);
  g_autoptr (GstMessage) message =
      gst_bus_timed_pop_filtered (bus, 60 * GST_SECOND, GST_MESSAGE_EOS | GST_MESSAGE_ERROR);

  g_assert_nonnull (message);
  g_assert_cmpint (GST_MESSAGE_TYPE (message), ==, GST_MESSAGE_EOS);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_object_unref (pipeline);
}

static void
test_sixteen (Fixture *fixture, gconstpointer data)
{
  GstElement *pipelines[16];
  GPtrArray *texts[16];

  for (guint i = 0; i < 16; i++) {
    texts[i] = g_ptr_array_new_with_free_func (g_free);
    pipelines[i] = branch_new (fixture->model, i, texts[i]);
    gst_element_set_state (pipelines[i], GST_STATE_PLAYING);
  }
  for (guint i = 0; i < 16; i++) {
    finish (pipelines[i]);
    g_assert_cmpuint (texts[i]->len, ==, 20);
    for (guint k = 0; k < 20; k++)
      g_assert_cmpstr (texts[i]->pdata[k], ==, texts[0]->pdata[k]);
  }
  g_assert_cmpstr (texts[0]->pdata[0], !=, texts[0]->pdata[19]);
  for (guint i = 0; i < 16; i++)
    g_ptr_array_unref (texts[i]);
}

static void
assert_status (Fixture *fixture, guint index, const char *status)
{
  g_autoptr (GstBuffer) out = fixture_pass (fixture->harness, fixture_frame (index, 0, 0, 0));

  g_assert_cmpstr (fixture_text (fixture_meta (out), "status"), ==, status);
}

static void
set_policy (Fixture *fixture, const char *policy)
{
  gst_util_set_object_arg (G_OBJECT (fixture->harness->element), "overload-policy", policy);
}

/* 0.99 s late by the clock; the pipeline's latency is time to spare. */
static void
test_late_by_clock (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GstMessage) qos = NULL;
  guint64 running_time, processed, dropped;
  gint64 jitter;

  gst_harness_use_testclock (fixture->harness);
  g_assert_true (gst_harness_set_time (fixture->harness, 990 * GST_MSECOND));
  assert_status (fixture, 0, "scored");
  set_policy (fixture, "skip");
  assert_status (fixture, 0, "skipped");
  qos = fixture_pop (fixture->bus, GST_MESSAGE_QOS, NULL);
  g_assert_nonnull (qos);
  gst_message_parse_qos (qos, NULL, &running_time, NULL, NULL, NULL);
  gst_message_parse_qos_values (qos, &jitter, NULL, NULL);
  gst_message_parse_qos_stats (qos, NULL, &processed, &dropped);
  g_assert_cmpuint (running_time, ==, 0);
  g_assert_cmpint (jitter, ==, 990 * GST_MSECOND - GST_SECOND / 30);
  g_assert_cmpuint (processed, ==, 1);
  g_assert_cmpuint (dropped, ==, 1);

  assert_status (fixture, 28, "skipped"); /* 0.933 s: its successor was due at 0.967 s */
  assert_status (fixture, 29, "scored");
  gst_harness_push_upstream_event (fixture->harness, gst_event_new_latency (2 * GST_SECOND));
  assert_status (fixture, 0, "scored");
  g_assert_cmpuint (fixture_stat (fixture->harness, "skipped"), ==, 2);
  set_policy (fixture, "block");
}

/* The sink was 0.1 s late at 0.5 s: frames before 0.7 s come too late. */
static void
test_late_by_qos (Fixture *fixture, gconstpointer data)
{
  GstSegment segment;

  gst_harness_use_testclock (fixture->harness);
  set_policy (fixture, "skip");
  gst_harness_push_upstream_event (
      fixture->harness,
      gst_event_new_qos (GST_QOS_TYPE_UNDERFLOW, 1.2, 100 * GST_MSECOND, 500 * GST_MSECOND));
  assert_status (fixture, 20, "skipped");
  assert_status (fixture, 21, "scored");
  gst_harness_push_event (fixture->harness, gst_event_new_flush_start ());
  gst_harness_push_event (fixture->harness, gst_event_new_flush_stop (TRUE));
  gst_segment_init (&segment, GST_FORMAT_TIME);
  gst_harness_push_event (fixture->harness, gst_event_new_segment (&segment));
  assert_status (fixture, 0, "scored");
  gst_harness_push_upstream_event (
      fixture->harness,
      gst_event_new_qos (GST_QOS_TYPE_OVERFLOW, 0.5, -10 * GST_MSECOND, 10 * GST_MSECOND));
  assert_status (fixture, 0, "scored");
}

#define ADD(name, func) g_test_add ("/cpacscore/load/" name, Fixture, NULL, setup, func, teardown)

int
main (int argc, char **argv)
{
  gst_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);
  ADD ("ten-thousand", test_ten_thousand);
  ADD ("hammering", test_hammering);
  ADD ("sixteen", test_sixteen);
  ADD ("late-by-clock", test_late_by_clock);
  ADD ("late-by-qos", test_late_by_qos);
  return g_test_run ();
}
