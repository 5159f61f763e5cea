/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* cpacoverlay as an element: what it touches and what not, formats, sizes, changes while it runs.
 */

#include <string.h>

#include "plugin/score-meta.h"
#include "plugin/video-frame.h"
#include "tests/element-fixture.h"

#define BACKGROUND 77

/* One cell in the middle of 3x3 far above the threshold. */
static const guint8 map[] = { 0, 0, 0, 0, 255, 0, 0, 0, 0 };
static const CpacDefectRegion region = { .x = 1 / 3.0,
                                         .y = 1 / 3.0,
                                         .width = 1 / 3.0,
                                         .height = 1 / 3.0,
                                         .score = 1,
                                         .area = 9,
                                         .centroid_x = 0.5,
                                         .centroid_y = 0.5,
                                         .peak_x = 0.5,
                                         .peak_y = 0.5 };

static const CpacPoint points[] = { { 0.5, 0.25 }, { 0.75, 0.5 }, { 0.5, 0.75 }, { 0.25, 0.5 } };
static const CpacContour contour = { 1, 4, points };

static CpacInspection
make_inspection (CpacStatus status, CpacVerdict verdict, guint width, guint height)
{
  CpacInspection inspection = { .status = status,
                                .verdict = verdict,
                                .has_thresholds = TRUE,
                                .width = width,
                                .height = height,
                                .region = { 0, 0, width, height } };

  if (status != CPAC_STATUS_SCORED)
    return inspection;
  inspection.has_score = inspection.has_regions = TRUE;
  inspection.score = 1;
  inspection.heatmap = map;
  inspection.map_width = inspection.map_height = 3;
  inspection.heatmap_min = -1;
  inspection.heatmap_max = 1;
  inspection.n_regions = 1;
  inspection.regions = &region;
  inspection.n_contours = 1;
  inspection.contours = &contour;
  return inspection;
}

/* A frame of one level, without metadata. */
static GstBuffer *
plain_frame (const char *format, guint width, guint height)
{
  GstVideoInfo info;
  GstBuffer *buffer;

  gst_video_info_set_format (&info, gst_video_format_from_string (format), width, height);
  buffer = gst_buffer_new_allocate (NULL, info.size, NULL);
  gst_buffer_memset (buffer, 0, BACKGROUND, info.size);
  GST_BUFFER_PTS (buffer) = 5 * GST_SECOND;
  GST_BUFFER_DURATION (buffer) = GST_SECOND;
  return buffer;
}

static GstBuffer *
frame_with (const char *format, guint width, guint height, CpacStatus status, CpacVerdict verdict)
{
  GstBuffer *buffer = plain_frame (format, width, height);
  CpacInspection inspection = make_inspection (status, verdict, width, height);

  gst_cpac_score_meta_add (buffer, &inspection);
  return buffer;
}

static void
set_caps (GstHarness *harness, const char *format, guint width, guint height)
{
  g_autofree char *caps = g_strdup_printf (
      "video/x-raw,format=%s,width=%u,height=%u,framerate=30/1", format, width, height);

  gst_harness_set_src_caps_str (harness, caps);
}

static GstHarness *
harness_new (const char *format, guint width, guint height)
{
  GstHarness *harness = gst_harness_new ("cpacoverlay");

  set_caps (harness, format, width, height);
  return harness;
}

static gboolean
is_plain (GstBuffer *buffer)
{
  GstMapInfo bytes;
  gsize n = 0;

  g_assert_true (gst_buffer_map (buffer, &bytes, GST_MAP_READ));
  while (n < bytes.size && bytes.data[n] == BACKGROUND)
    n++;
  gst_buffer_unmap (buffer, &bytes);
  return n == bytes.size;
}

static void
assert_equal (GstBuffer *a, GstBuffer *b)
{
  GstMapInfo bytes;

  g_assert_true (gst_buffer_map (a, &bytes, GST_MAP_READ));
  g_assert_cmpuint (bytes.size, ==, gst_buffer_get_size (b));
  g_assert_cmpint (gst_buffer_memcmp (b, 0, bytes.data, bytes.size), ==, 0);
  gst_buffer_unmap (a, &bytes);
}

/* What goes through as the very same buffer, even while somebody else holds it. */
typedef struct {
  const char *name;
  gboolean has_meta;
  CpacStatus status;
  CpacVerdict verdict;
  GstBufferFlags flags;
  const char *off; /* switches, with spaces between */
} Untouched;

#define PANEL "verdict score part"
#define MARKS "heatmap contours boxes labels"

static const Untouched untouched[] = {
  { "no-metadata", FALSE, 0, 0, 0, "" },
  { "gap", TRUE, CPAC_STATUS_SCORED, CPAC_VERDICT_NOT_OK, GST_BUFFER_FLAG_GAP, "" },
  { "all-off", TRUE, CPAC_STATUS_SCORED, CPAC_VERDICT_NOT_OK, 0, PANEL " " MARKS },
  { "good", TRUE, CPAC_STATUS_SCORED, CPAC_VERDICT_OK, 0, PANEL },
  { "skipped", TRUE, CPAC_STATUS_SKIPPED, CPAC_VERDICT_UNDEFINED, 0, PANEL },
};

static void
switch_off (GstHarness *harness, const char *switches)
{
  g_auto (GStrv) names = g_strsplit (switches, " ", -1);

  for (guint i = 0; names[i] != NULL; i++)
    if (*names[i] != '\0')
      g_object_set (harness->element, names[i], FALSE, NULL);
}

static void
test_untouched (gconstpointer data)
{
  const Untouched *row = data;
  GstHarness *harness = harness_new ("BGRx", 64, 48);

  switch_off (harness, row->off);
  for (guint shared = 0; shared < 2; shared++) {
    GstBuffer *in = row->has_meta ? frame_with ("BGRx", 64, 48, row->status, row->verdict)
                                  : plain_frame ("BGRx", 64, 48);
    g_autoptr (GstBuffer) held = shared ? gst_buffer_ref (in) : NULL, out = NULL;

    GST_BUFFER_FLAG_SET (in, row->flags);
    out = fixture_pass (harness, in);
    g_assert_true (out == in);
    g_assert_true (is_plain (out));
    g_assert_cmpuint (GST_BUFFER_FLAGS (out) & GST_BUFFER_FLAG_GAP, ==, row->flags);
  }
  gst_harness_teardown (harness);
}

/* Nobody else has the frame: its own memory is drawn on. */
static void
test_in_place (void)
{
  GstHarness *harness = harness_new ("BGRx", 64, 48);
  GstBuffer *in = frame_with ("BGRx", 64, 48, CPAC_STATUS_SCORED, CPAC_VERDICT_NOT_OK);
  GstMemory *memory = gst_buffer_peek_memory (in, 0);
  g_autoptr (GstBuffer) out = fixture_pass (harness, in);

  g_assert_true (out == in);
  g_assert_true (gst_buffer_peek_memory (out, 0) == memory);
  g_assert_false (is_plain (out));
  gst_harness_teardown (harness);
}

/* Somebody holds the frame, or its memory: they keep what they have. */
static void
test_shared (gconstpointer data)
{
  gboolean by_memory = GPOINTER_TO_INT (data);
  GstHarness *harness = harness_new ("BGRx", 64, 48);
  GstBuffer *in = frame_with ("BGRx", 64, 48, CPAC_STATUS_SCORED, CPAC_VERDICT_NOT_OK);
  g_autoptr (GstBuffer) held = by_memory ? gst_buffer_copy (in) : gst_buffer_ref (in);
  g_autoptr (GstBuffer) out = fixture_pass (harness, in);

  g_assert_true (is_plain (held));
  g_assert_false (is_plain (out));
  g_assert_cmpuint (GST_BUFFER_PTS (out), ==, 5 * GST_SECOND);
  g_assert_cmpuint (GST_BUFFER_DURATION (out), ==, GST_SECOND);
  g_assert_cmpstr (fixture_text (fixture_meta (out), "verdict"), ==, "not-ok");
  gst_harness_teardown (harness);
}

/* Memory that nobody may write to is copied, too. */
static void
test_read_only (void)
{
  GstHarness *harness = harness_new ("GRAY8", 64, 48);
  guint8 bytes[64 * 48];
  CpacInspection inspection = make_inspection (CPAC_STATUS_SCORED, CPAC_VERDICT_NOT_OK, 64, 48);
  g_autoptr (GstBuffer) out = NULL;
  GstBuffer *in;

  memset (bytes, BACKGROUND, sizeof bytes);
  in = gst_buffer_new_wrapped_full (GST_MEMORY_FLAG_READONLY, bytes, sizeof bytes, 0, sizeof bytes,
                                    NULL, NULL);
  gst_cpac_score_meta_add (in, &inspection);
  out = fixture_pass (harness, in);
  g_assert_false (is_plain (out));
  for (guint i = 0; i < sizeof bytes; i++)
    g_assert_cmpuint (bytes[i], ==, BACKGROUND);
  gst_harness_teardown (harness);
}

/* Nothing of one frame's drawing is seen on the next. */
static void
test_nothing_stays (void)
{
  static const struct {
    CpacStatus status;
    CpacVerdict verdict;
  } rows[] = { { CPAC_STATUS_SCORED, CPAC_VERDICT_NOT_OK },
               { CPAC_STATUS_SKIPPED, CPAC_VERDICT_UNDEFINED },
               { CPAC_STATUS_SCORED, CPAC_VERDICT_OK },
               { CPAC_STATUS_ERROR, CPAC_VERDICT_UNDEFINED },
               { CPAC_STATUS_SCORED, CPAC_VERDICT_NOT_DECIDABLE },
               { CPAC_STATUS_SKIPPED, CPAC_VERDICT_UNDEFINED } };
  GstHarness *harness = harness_new ("RGB", 320, 240);

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    GstHarness *fresh = harness_new ("RGB", 320, 240);
    g_autoptr (GstBuffer) out =
        fixture_pass (harness, frame_with ("RGB", 320, 240, rows[i].status, rows[i].verdict));
    g_autoptr (GstBuffer) expected =
        fixture_pass (fresh, frame_with ("RGB", 320, 240, rows[i].status, rows[i].verdict));

    assert_equal (out, expected);
    g_assert_false (is_plain (out));
    gst_harness_teardown (fresh);
  }
  gst_harness_teardown (harness);
}

/* As good as the pixel at the middle says: thermal's last colour (252, 250, 170), half over 77. */
static void
assert_middle (GstBuffer *buffer, const char *format, guint width, guint height)
{
  GstVideoInfo info;
  GstVideoFrame frame;
  guint x = width / 2, y = height / 2;

  gst_video_info_set_format (&info, gst_video_format_from_string (format), width, height);
  g_assert_true (gst_video_frame_map (&frame, &info, buffer, GST_MAP_READ));
  if (GST_VIDEO_INFO_IS_RGB (&info)) {
    static const double expected[] = { (252 + 77) / 2.0, (250 + 77) / 2.0, (170 + 77) / 2.0 };
    /* The frame's own alpha of 77 takes less part in what comes of it. */
    gboolean has_alpha = GST_VIDEO_INFO_HAS_ALPHA (&info);

    for (guint c = 0; c < 3 && !has_alpha; c++) {
      const guint8 *data = GST_VIDEO_FRAME_COMP_DATA (&frame, c);
      gsize at = y * (gsize) GST_VIDEO_FRAME_COMP_STRIDE (&frame, c) +
                 x * (gsize) GST_VIDEO_FRAME_COMP_PSTRIDE (&frame, c);

      g_assert_cmpfloat_with_epsilon (data[at], expected[c], 3);
    }
  } else {
    const guint8 *data = GST_VIDEO_FRAME_PLANE_DATA (&frame, 0);

    g_assert_cmpuint (data[y * (gsize) GST_VIDEO_FRAME_PLANE_STRIDE (&frame, 0) +
                           x * (gsize) GST_VIDEO_FRAME_COMP_PSTRIDE (&frame, 0)],
                      >, BACKGROUND + 40);
  }
  gst_video_frame_unmap (&frame);
}

static const struct {
  guint width, height;
} sizes[] = { { 1, 1 }, { 2, 2 }, { 3, 5 }, { 17, 253 }, { 253, 17 }, { 640, 480 } };

static void
test_format (gconstpointer data)
{
  GstHarness *harness = gst_harness_new ("cpacoverlay");

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++) {
    guint width = sizes[i].width, height = sizes[i].height;
    g_autoptr (GstBuffer) out = NULL;

    set_caps (harness, data, width, height);
    g_object_set (harness->element, "contours", FALSE, "boxes", FALSE, "labels", FALSE, NULL);
    out = fixture_pass (harness,
                        frame_with (data, width, height, CPAC_STATUS_SCORED, CPAC_VERDICT_NOT_OK));
    /* Neither of two pixels lies near the middle of three cells. */
    g_assert_cmpint (is_plain (out), ==, width == 2);
    if (width >= 253 && height >= 253)
      assert_middle (out, data, width, height);
    g_object_set (harness->element, "contours", TRUE, "boxes", TRUE, "labels", TRUE, NULL);
    gst_buffer_unref (out);
    out = fixture_pass (harness,
                        frame_with (data, width, height, CPAC_STATUS_SCORED, CPAC_VERDICT_NOT_OK));
    g_assert_false (is_plain (out));
  }
  gst_harness_teardown (harness);
}

static void
test_4k (void)
{
  GstHarness *harness = harness_new ("NV12", 3840, 2160);
  g_autoptr (GstBuffer) out = fixture_pass (
      harness, frame_with ("NV12", 3840, 2160, CPAC_STATUS_SCORED, CPAC_VERDICT_NOT_OK));

  assert_middle (out, "NV12", 3840, 2160);
  gst_harness_teardown (harness);
}

/* Size and format change in mid-stream, the metadata may be of a frame of another size. */
static void
test_renegotiation (void)
{
  static const char *const formats[] = { "I420", "BGRx", "GRAY8", "NV21" };
  GstHarness *harness = gst_harness_new ("cpacoverlay");

  for (guint i = 0; i < 12; i++) {
    const char *format = formats[i % 4];
    guint width = 30 + 17 * (i % 7), height = 20 + 13 * (i % 5);
    CpacInspection inspection =
        make_inspection (CPAC_STATUS_SCORED, CPAC_VERDICT_NOT_OK, 1000, 500);
    GstBuffer *in = plain_frame (format, width, height);
    g_autoptr (GstBuffer) out = NULL;

    set_caps (harness, format, width, height);
    gst_cpac_score_meta_add (in, &inspection);
    out = fixture_pass (harness, in);
    g_assert_false (is_plain (out));
  }
  gst_harness_teardown (harness);
}

typedef struct {
  GstElement *element;
  gint stop; /* atomic */
} Hammer;

static gpointer
hammer (gpointer data)
{
  static const char *const texts[][2] = {
    { "verdict", "false" },
    { "score", "false" },
    { "heatmap", "false" },
    { "contours", "false" },
    { "boxes", "false" },
    { "labels", "false" },
    { "part", "false" },
    { "mark-ok", "true" },
    { "opacity", "1" },
    { "opacity", "0" },
    { "font-scale", "8" },
    { "colormap", "gray" },
    { "colormap", "thermal" },
    { "verdict", "true" },
    { "score", "true" },
    { "heatmap", "true" },
    { "contours", "true" },
    { "boxes", "true" },
    { "labels", "true" },
    { "part", "true" },
    { "font-scale", "0.25" },
    { "mark-ok", "false" },
    { "colormap", "blue-yellow" },
  };
  Hammer *work = data;

  for (guint i = 0; !g_atomic_int_get (&work->stop); i++) {
    const char *const *text = texts[i % G_N_ELEMENTS (texts)];
    double opacity;

    gst_util_set_object_arg (G_OBJECT (work->element), text[0], text[1]);
    g_object_get (work->element, "opacity", &opacity, NULL);
    g_assert_true (opacity >= 0 && opacity <= 1);
  }
  return NULL;
}

static void
test_hammering (void)
{
  GstHarness *harness = harness_new ("I420", 160, 120);
  Hammer work = { .element = harness->element };
  GThread *thread = g_thread_new ("hammer", hammer, &work);

  for (guint i = 0; i < 300; i++)
    gst_buffer_unref (fixture_pass (
        harness, frame_with ("I420", 160, 120, CPAC_STATUS_SCORED, (CpacVerdict) (i % 4))));
  g_atomic_int_set (&work.stop, TRUE);
  g_thread_join (thread);
  gst_harness_teardown (harness);
}

static gpointer
draw_some (gpointer data)
{
  GstBuffer *expected = data;
  GstHarness *harness = harness_new ("BGRA", 200, 150);

  for (guint i = 0; i < 3; i++) {
    g_autoptr (GstBuffer) out = fixture_pass (
        harness, frame_with ("BGRA", 200, 150, CPAC_STATUS_SCORED, CPAC_VERDICT_NOT_OK));

    assert_equal (out, expected);
  }
  gst_harness_teardown (harness);
  return NULL;
}

/* Side by side, each in a thread of its own, they draw the same. */
static void
test_instances (void)
{
  GstHarness *harness = harness_new ("BGRA", 200, 150);
  g_autoptr (GstBuffer) expected = fixture_pass (
      harness, frame_with ("BGRA", 200, 150, CPAC_STATUS_SCORED, CPAC_VERDICT_NOT_OK));
  GThread *threads[16];

  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("draw", draw_some, expected);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
  gst_harness_teardown (harness);
}

static GstPadProbeReturn
on_plain (GstPad *pad, GstPadProbeInfo *info, gpointer data)
{
  GstBuffer *buffer = GST_PAD_PROBE_INFO_BUFFER (info);
  guint *n = data;
  guint8 byte = 0;

  /* videotestsrc's white; a badge is not. */
  gst_buffer_extract (buffer, (8 * 64 + 5) * 4, &byte, 1);
  g_assert_cmpuint (byte, ==, 255);
  ++*n;
  return GST_PAD_PROBE_OK;
}

static GstPadProbeReturn
on_drawn (GstPad *pad, GstPadProbeInfo *info, gpointer data)
{
  GstBuffer *buffer = GST_PAD_PROBE_INFO_BUFFER (info);
  guint *n = data;
  guint8 byte = 255;

  gst_buffer_extract (buffer, (8 * 64 + 5) * 4, &byte, 1);
  g_assert_cmpuint (byte, <, 255);
  ++*n;
  return GST_PAD_PROBE_OK;
}

static void
add_probe (GstElement *pipeline, const char *name, GstPadProbeCallback callback, gpointer data)
{
  g_autoptr (GstElement) element = gst_bin_get_by_name (GST_BIN (pipeline), name);
  g_autoptr (GstPad) pad = gst_element_get_static_pad (element, "sink");

  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, callback, data, NULL);
}

/* Behind cpacscore and a tee: the other branch sees the camera's pixels, through every state twice.
 */
static void
test_pipeline (void)
{
  char *folder = fixture_folder_new ();
  g_autofree char *model = fixture_write_model (folder, &TOY_MAP);
  g_autofree char *text = g_strdup_printf (
      "videotestsrc pattern=white num-buffers=20 ! video/x-raw,format=BGRx,width=64,height=48 ! "
      "cpacscore model=%s ! tee name=t t. ! queue ! fakesink name=plain t. ! queue ! cpacoverlay ! "
      "fakesink name=drawn",
      model);
  g_autoptr (GError) error = NULL;
  g_autoptr (GstElement) pipeline = gst_object_ref_sink (gst_parse_launch (text, &error));
  g_autoptr (GstBus) bus = gst_element_get_bus (pipeline);
  guint n_plain = 0, n_drawn = 0;

  g_assert_no_error (error);
  add_probe (pipeline, "plain", on_plain, &n_plain);
  add_probe (pipeline, "drawn", on_drawn, &n_drawn);
  for (guint round = 0; round < 2; round++) {
    g_autoptr (GstMessage) message = NULL;

    gst_element_set_state (pipeline, GST_STATE_PLAYING);
    message = gst_bus_timed_pop_filtered (
        bus, 20 * GST_SECOND, GST_MESSAGE_EOS | GST_MESSAGE_ERROR | GST_MESSAGE_WARNING);
    g_assert_nonnull (message);
    g_assert_cmpint (GST_MESSAGE_TYPE (message), ==, GST_MESSAGE_EOS);
    gst_element_set_state (pipeline, GST_STATE_NULL);
  }
  g_assert_cmpuint (n_plain, ==, 40);
  g_assert_cmpuint (n_drawn, ==, 40);
  fixture_folder_free (folder);
}

static void
add_formats (void)
{
  g_auto (GStrv) names = g_regex_split_simple ("[{}, ]+", GST_CPAC_VIDEO_FORMATS, 0, 0);

  for (guint i = 0; names[i] != NULL; i++) {
    g_autofree char *path = g_strdup_printf ("/cpacoverlay/format/%s", names[i]);

    if (*names[i] != '\0')
      g_test_add_data_func_full (path, g_strdup (names[i]), test_format, g_free);
  }
}

int
main (int argc, char **argv)
{
  gst_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);
  gst_cpac_score_meta_register ();
  for (guint i = 0; i < G_N_ELEMENTS (untouched); i++) {
    g_autofree char *path = g_strdup_printf ("/cpacoverlay/untouched/%s", untouched[i].name);

    g_test_add_data_func (path, &untouched[i], test_untouched);
  }
  g_test_add_func ("/cpacoverlay/in-place", test_in_place);
  g_test_add_data_func ("/cpacoverlay/shared/buffer", GINT_TO_POINTER (FALSE), test_shared);
  g_test_add_data_func ("/cpacoverlay/shared/memory", GINT_TO_POINTER (TRUE), test_shared);
  g_test_add_func ("/cpacoverlay/read-only", test_read_only);
  g_test_add_func ("/cpacoverlay/nothing-stays", test_nothing_stays);
  add_formats ();
  g_test_add_func ("/cpacoverlay/4k", test_4k);
  g_test_add_func ("/cpacoverlay/renegotiation", test_renegotiation);
  g_test_add_func ("/cpacoverlay/hammering", test_hammering);
  g_test_add_func ("/cpacoverlay/instances", test_instances);
  g_test_add_func ("/cpacoverlay/pipeline", test_pipeline);
  return g_test_run ();
}
