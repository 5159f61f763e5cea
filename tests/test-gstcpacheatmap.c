/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "plugin/score-meta.h"
#include "tests/element-fixture.h"

#define CAPS "video/x-raw,format=RGB,width=8,height=4,framerate=30/1"

static const guint8 map[] = { 10, 20, 30, 40, 50, 60, 70, 80 };

/* A frame of 8x4 whose map of 4x2 lies in @region. */
static GstBuffer *
frame_with_map (CpacRect region)
{
  CpacInspection inspection = { .status = CPAC_STATUS_SCORED,
                                .verdict = CPAC_VERDICT_OK,
                                .width = 8,
                                .height = 4,
                                .region = region,
                                .heatmap = map,
                                .map_width = 4,
                                .map_height = 2 };
  GstBuffer *buffer = gst_buffer_new_allocate (NULL, 8 * 4 * 3, NULL);

  GST_BUFFER_PTS (buffer) = 5 * GST_SECOND;
  GST_BUFFER_DURATION (buffer) = GST_SECOND;
  gst_cpac_score_meta_add (buffer, &inspection);
  return buffer;
}

/* (transfer full) */
static guint8 *
pixels_of (GstHarness *harness, GstBuffer *buffer, guint *width, guint *height)
{
  g_autoptr (GstCaps) caps = gst_pad_get_current_caps (harness->sinkpad);
  GstVideoFrame frame;
  GstVideoInfo info;
  guint8 *pixels;

  g_assert_true (gst_video_info_from_caps (&info, caps));
  g_assert_true (gst_video_frame_map (&frame, &info, buffer, GST_MAP_READ));
  *width = (guint) GST_VIDEO_INFO_WIDTH (&info);
  *height = (guint) GST_VIDEO_INFO_HEIGHT (&info);
  pixels = g_malloc (*width * *height);
  for (guint i = 0; i < *height; i++)
    memcpy (pixels + i * *width,
            (guint8 *) GST_VIDEO_FRAME_PLANE_DATA (&frame, 0) +
                i * (gsize) GST_VIDEO_FRAME_PLANE_STRIDE (&frame, 0),
            *width);
  gst_video_frame_unmap (&frame);
  return pixels;
}

static void
assert_pixels (GstHarness *harness, GstBuffer *buffer, const guint8 *expected, guint width,
               guint height)
{
  guint got_width, got_height;
  g_autofree guint8 *pixels = pixels_of (harness, buffer, &got_width, &got_height);

  g_assert_cmpuint (got_width, ==, width);
  g_assert_cmpuint (got_height, ==, height);
  g_assert_cmpmem (pixels, width * height, expected, width * height);
}

static GstHarness *
harness_new (const char *sink_caps)
{
  GstHarness *harness = gst_harness_new ("cpacheatmap");

  if (sink_caps != NULL)
    gst_harness_set_sink_caps_str (harness, sink_caps);
  gst_harness_set_src_caps_str (harness, CAPS);
  return harness;
}

/* As large as the input: each cell over 2x2 pixels, interpolated from their centres: columns at
 * 0, 1/4, 3/4, 5/4, 7/4, ..., 3 and rows at 0, 1/4, 3/4, 1 cells; 10 a column, 40 a row. */
static void
test_input_size (void)
{
  static const double columns[] = { 0, 0.25, 0.75, 1.25, 1.75, 2.25, 2.75, 3 };
  static const double rows[] = { 0, 0.25, 0.75, 1 };
  GstHarness *harness = harness_new (NULL);
  g_autoptr (GstBuffer) out = fixture_pass (harness, frame_with_map ((CpacRect){ 0, 0, 8, 4 }));
  guint8 expected[8 * 4];

  for (guint i = 0; i < 4; i++)
    for (guint j = 0; j < 8; j++)
      expected[i * 8 + j] = (guint8) (10 + 10 * columns[j] + 40 * rows[i] + 0.5);
  assert_pixels (harness, out, expected, 8, 4);
  g_assert_cmpuint (GST_BUFFER_PTS (out), ==, 5 * GST_SECOND);
  g_assert_cmpuint (GST_BUFFER_DURATION (out), ==, GST_SECOND);
  g_assert_false (GST_BUFFER_FLAG_IS_SET (out, GST_BUFFER_FLAG_GAP));
  g_assert_cmpstr (fixture_text (fixture_meta (out), "verdict"), ==, "ok");
  gst_harness_teardown (harness);
}

/* A size that downstream asks for; this one is the map's. */
static void
test_map_size (void)
{
  GstHarness *harness = harness_new ("video/x-raw,format=GRAY8,width=4,height=2");
  g_autoptr (GstBuffer) out = fixture_pass (harness, frame_with_map ((CpacRect){ 0, 0, 8, 4 }));

  assert_pixels (harness, out, map, 4, 2);
  gst_harness_teardown (harness);
}

/* Black round the region. */
static void
test_region (void)
{
  static const guint8 expected[8 * 4] = {
    0, 0, 0, 0,  0,  0,  0,  0, 0, 0, 0, 10, 20, 30, 40, 0,
    0, 0, 0, 50, 60, 70, 80, 0, 0, 0, 0, 0,  0,  0,  0,  0,
  };
  GstHarness *harness = harness_new (NULL);
  g_autoptr (GstBuffer) out = fixture_pass (harness, frame_with_map ((CpacRect){ 3, 1, 4, 2 }));

  assert_pixels (harness, out, expected, 8, 4);
  gst_harness_teardown (harness);
}

/* A region that metadata from elsewhere puts outside of the frame stays inside the picture. */
static void
test_wild_region (void)
{
  static const CpacRect regions[] = { { 7, 3, 100, 100 },
                                      { 100, 100, 4, 2 },
                                      { 0, 0, 0, 0 },
                                      { G_MAXINT, G_MAXINT, G_MAXINT, G_MAXINT } };
  GstHarness *harness = harness_new (NULL);

  for (guint i = 0; i < G_N_ELEMENTS (regions); i++)
    gst_buffer_unref (fixture_pass (harness, frame_with_map (regions[i])));
  gst_harness_teardown (harness);
}

static void
test_no_map (void)
{
  static const guint8 black[8 * 4];
  CpacInspection skipped = { .status = CPAC_STATUS_SKIPPED };
  GstHarness *harness = harness_new (NULL);

  for (guint with_meta = 0; with_meta < 2; with_meta++) {
    GstBuffer *in = gst_buffer_new_allocate (NULL, 8 * 4 * 3, NULL);
    g_autoptr (GstBuffer) out = NULL;

    if (with_meta)
      gst_cpac_score_meta_add (in, &skipped);
    GST_BUFFER_PTS (in) = GST_SECOND;
    out = fixture_pass (harness, in);
    assert_pixels (harness, out, black, 8, 4);
    g_assert_true (GST_BUFFER_FLAG_IS_SET (out, GST_BUFFER_FLAG_GAP));
    g_assert_cmpuint (GST_BUFFER_PTS (out), ==, GST_SECOND);
  }
  gst_harness_teardown (harness);
}

static const struct {
  const char *in, *wanted, *out;
} negotiations[] = {
  { "width=8,height=4,framerate=30/1", "", "width=8,height=4,framerate=30/1" },
  { "width=8,height=4,framerate=0/1", "", "width=8,height=4,framerate=0/1" },
  { "width=8,height=4,framerate=30/1,pixel-aspect-ratio=2/1", "",
    "width=8,height=4,framerate=30/1,pixel-aspect-ratio=2/1" },
  { "width=8,height=4,framerate=30/1", ",width=4,height=4",
    "width=4,height=4,framerate=30/1,pixel-aspect-ratio=2/1" },
  { "width=8,height=4,framerate=30/1", ",width=[1,6]", "width=6,height=4,framerate=30/1" },
};

static void
test_negotiation (gconstpointer data)
{
  guint row = GPOINTER_TO_UINT (data);
  GstHarness *harness = gst_harness_new ("cpacheatmap");
  g_autofree char *in = g_strconcat ("video/x-raw,format=NV12,", negotiations[row].in, NULL);
  g_autofree char *wanted =
      g_strconcat ("video/x-raw,format=GRAY8", negotiations[row].wanted, NULL);
  g_autofree char *out = g_strconcat ("video/x-raw,format=GRAY8,", negotiations[row].out, NULL);
  g_autoptr (GstCaps) expected = gst_caps_from_string (out), got = NULL;

  gst_harness_set_sink_caps_str (harness, wanted);
  gst_harness_set_src_caps_str (harness, in);
  gst_buffer_unref (fixture_pass (harness, gst_buffer_new_allocate (NULL, 8 * 4 * 2, NULL)));
  got = gst_pad_get_current_caps (harness->sinkpad);
  g_assert_true (gst_caps_is_subset (got, expected));
  gst_harness_teardown (harness);
}

int
main (int argc, char **argv)
{
  gst_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);
  gst_cpac_score_meta_register ();
  g_test_add_func ("/cpacheatmap/input-size", test_input_size);
  g_test_add_func ("/cpacheatmap/map-size", test_map_size);
  g_test_add_func ("/cpacheatmap/region", test_region);
  g_test_add_func ("/cpacheatmap/wild-region", test_wild_region);
  g_test_add_func ("/cpacheatmap/no-map", test_no_map);
  for (guint i = 0; i < G_N_ELEMENTS (negotiations); i++) {
    g_autofree char *name = g_strdup_printf ("/cpacheatmap/negotiation/%u", i);

    g_test_add_data_func (name, GUINT_TO_POINTER (i), test_negotiation);
  }
  return g_test_run ();
}
