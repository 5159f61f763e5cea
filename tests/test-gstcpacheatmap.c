/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "plugin/colormap.h"
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

/* Two layers: a of 2 channels and 1x2 cells, b of one channel and one cell. */
static const float features[] = { 3, -2, 4, 0, 9 };
static const CpacFeatureMaps feature_maps[] = { { "a", { 2, 1, 2 }, features },
                                                { "b", { 1, 1, 1 }, features + 4 } };

static void
add_component (GValue *array, const guint8 *levels, guint width, guint height)
{
  g_autoptr (GstBuffer) buffer = gst_buffer_new_memdup (levels, width * height);
  g_autoptr (GstCaps) caps =
      gst_caps_new_simple ("video/x-raw", "format", G_TYPE_STRING, "GRAY8", "width", G_TYPE_INT,
                           width, "height", G_TYPE_INT, height, NULL);
  g_autoptr (GstSample) sample = gst_sample_new (buffer, caps, NULL, NULL);
  GValue value = G_VALUE_INIT;

  g_value_init (&value, GST_TYPE_STRUCTURE);
  g_value_take_boxed (&value, gst_structure_new ("component", "index", G_TYPE_UINT, 7, "layer",
                                                 G_TYPE_STRING, "a", "significance", G_TYPE_DOUBLE,
                                                 0.5, "share", G_TYPE_DOUBLE, 0.25, "map",
                                                 GST_TYPE_SAMPLE, sample, "map-min", G_TYPE_DOUBLE,
                                                 -1.0, "map-max", G_TYPE_DOUBLE, 1.0, NULL));
  gst_value_array_append_and_take_value (array, &value);
}

/* As frame_with_map(), with features and two components: (128, 255) over the frame, and 64. */
static GstBuffer *
frame_with_all (void)
{
  static const guint8 first[] = { 128, 255 }, second[] = { 64 };
  CpacInspection inspection = { .width = 8,
                                .height = 4,
                                .region = { 0, 0, 8, 4 },
                                .n_features = 2,
                                .features = feature_maps,
                                .heatmap = map,
                                .map_width = 4,
                                .map_height = 2,
                                .heatmap_max = 1 };
  GstBuffer *buffer = gst_buffer_new_allocate (NULL, 8 * 4 * 3, NULL);
  GValue array = G_VALUE_INIT;

  gst_cpac_score_meta_add (buffer, &inspection);
  gst_value_array_init (&array, 2);
  add_component (&array, first, 2, 1);
  add_component (&array, second, 1, 1);
  gst_structure_take_value (
      gst_custom_meta_get_structure (gst_buffer_get_custom_meta (buffer, GST_CPAC_SCORE_META)),
      "components", &array);
  return buffer;
}

/* The first and the last pixel of a row; -1: there is no such map. Of a, at a range of 5: channel 0
 * is 3 and -2 of it, 1 is 4 and 0; together sqrt (12.5) and sqrt (2). */
static const struct {
  const char *source;
  gint left, right;
} sources[] = {
  { "heatmap", 10, 40 },       { "", 10, 40 },
  { "feature:a:0", 204, 77 },  /* (1 + 3 / 5) 127.5, (1 - 2 / 5) 127.5 */
  { "feature:a:1", 230, 128 }, /* 229.5, 127.5 */
  { "feature:a", 180, 72 },    /* 3.5355 / 5, 1.4142 / 5 of 255 */
  { "feature:b", 255, 255 },   /* 9 is beyond the range */
  { "feature:a:2", -1, -1 },   /* no such channel */
  { "feature:c", -1, -1 },     /* no such layer */
  { "component:0", 128, 255 }, { "component:1", 64, 64 },
  { "component:2", -1, -1 },
};

static void
test_sources (void)
{
  GstHarness *harness = harness_new (NULL);

  g_object_set (harness->element, "feature-range", 5.0, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (sources); i++) {
    guint8 pixels[8 * 4];
    g_autoptr (GstBuffer) out = NULL;

    g_object_set (harness->element, "source", sources[i].source, NULL);
    out = fixture_pass (harness, frame_with_all ());
    g_assert_cmpuint (gst_buffer_extract (out, 0, pixels, sizeof pixels), ==, sizeof pixels);
    g_assert_cmpint (pixels[0], ==, MAX (sources[i].left, 0));
    g_assert_cmpint (pixels[7], ==, MAX (sources[i].right, 0));
    g_assert_cmpint (GST_BUFFER_FLAG_IS_SET (out, GST_BUFFER_FLAG_GAP), ==, sources[i].left < 0);
  }
  gst_harness_teardown (harness);
}

static const char *const bad_sources[] = {
  "heat",      "feature",    "feature:",     "feature:a:x",   "feature:a:0:1",
  "component", "component:", "component:-1", "component:1:2", "feature:a:99999999999"
};

/* While frames flow one WARNING for each and empty frames, until it is put right. */
static void
test_bad_sources (void)
{
  GstHarness *harness = harness_new (NULL);
  g_autoptr (GstBus) bus = gst_bus_new ();

  gst_element_set_bus (harness->element, bus);
  for (guint i = 0; i < G_N_ELEMENTS (bad_sources); i++) {
    g_autofree char *says = NULL;

    g_object_set (harness->element, "source", bad_sources[i], NULL);
    for (guint k = 0; k < 3; k++) {
      g_autoptr (GstBuffer) out = fixture_pass (harness, frame_with_all ());

      g_assert_true (GST_BUFFER_FLAG_IS_SET (out, GST_BUFFER_FLAG_GAP));
    }
    says = fixture_wait_trouble (bus, GST_MESSAGE_WARNING, NULL);
    g_assert_nonnull (strstr (says, "expected heatmap, feature:LAYER"));
    g_assert_null (fixture_pop (bus, GST_MESSAGE_WARNING, NULL));
  }
  g_object_set (harness->element, "source", NULL, NULL);
  {
    g_autoptr (GstBuffer) out = fixture_pass (harness, frame_with_all ());

    g_assert_false (GST_BUFFER_FLAG_IS_SET (out, GST_BUFFER_FLAG_GAP));
  }
  gst_element_set_bus (harness->element, NULL);
  gst_harness_teardown (harness);
}

static void
test_bad_start (void)
{
  g_autoptr (GstElement) element =
      gst_object_ref_sink (gst_element_factory_make ("cpacheatmap", NULL));
  g_autoptr (GstBus) bus = gst_bus_new ();
  g_autofree char *says = NULL;

  gst_element_set_bus (element, bus);
  g_object_set (element, "source", "heat", NULL);
  g_assert_cmpint (gst_element_set_state (element, GST_STATE_PAUSED), ==, GST_STATE_CHANGE_FAILURE);
  says = fixture_wait_trouble (bus, GST_MESSAGE_ERROR, NULL);
  g_assert_nonnull (strstr (says, "\"source\" is no source"));
  gst_element_set_state (element, GST_STATE_NULL);
  gst_element_set_bus (element, NULL);
}

/* Metadata that is not what it should be has no map, and does no harm. */
static void
test_wild_components (void)
{
  static const char *const texts[] = {
    "x, components=(int)3",
    "x, components=(int)<1, 2>",
    "x, components=(structure)< [component, index=(uint)0] >",
    "x, components=(structure)< [component, map=(string)none] >",
  };
  GstHarness *harness = harness_new (NULL);

  g_object_set (harness->element, "source", "component:0", NULL);
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++) {
    g_autoptr (GstStructure) fields = gst_structure_from_string (texts[i], NULL);
    GstBuffer *in = frame_with_all ();
    GstCustomMeta *meta = gst_buffer_get_custom_meta (in, GST_CPAC_SCORE_META);
    g_autoptr (GstBuffer) out = NULL;

    g_assert_nonnull (fields);
    gst_structure_set_value (gst_custom_meta_get_structure (meta), "components",
                             gst_structure_get_value (fields, "components"));
    out = fixture_pass (harness, in);
    g_assert_true (GST_BUFFER_FLAG_IS_SET (out, GST_BUFFER_FLAG_GAP));
  }
  gst_harness_teardown (harness);
}

/* Colours while playing, and back: the caps follow, and every level has its colour. */
static void
test_colormap (void)
{
  static const char *const names[] = { "thermal", "gray", "blue-yellow" };
  static const GstCpacColormap maps[] = { GST_CPAC_COLORMAP_THERMAL, GST_CPAC_COLORMAP_GRAY,
                                          GST_CPAC_COLORMAP_BLUE_YELLOW };
  GstHarness *harness = harness_new (NULL);

  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    const GstCpacColor *colors = gst_cpac_colormap_get (maps[i]);
    guint step = maps[i] == GST_CPAC_COLORMAP_GRAY ? 1 : 3;
    g_autoptr (GstBuffer) out = NULL;
    g_autoptr (GstCaps) caps = NULL;
    guint8 row[8 * 3];

    gst_util_set_object_arg (G_OBJECT (harness->element), "colormap", names[i]);
    out = fixture_pass (harness, frame_with_map ((CpacRect){ 4, 0, 4, 4 }));
    caps = gst_pad_get_current_caps (harness->sinkpad);
    g_assert_cmpstr (fixture_text (gst_caps_get_structure (caps, 0), "format"), ==,
                     step == 1 ? "GRAY8" : "RGB");
    g_assert_cmpuint (gst_buffer_get_size (out), ==, 8 * 4 * step);
    gst_buffer_extract (out, 0, row, 8 * step);
    /* Left of the region black, in it 10 to 40. */
    g_assert_cmpuint (row[0], ==, 0);
    for (guint x = 4; x < 8; x++) {
      const GstCpacColor *color = &colors[10 * (x - 3)];

      g_assert_cmpuint (row[step * x], ==, color->r);
      g_assert_cmpuint (row[step * x + step - 1], ==, color->b);
    }
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
  g_test_add_func ("/cpacheatmap/sources", test_sources);
  g_test_add_func ("/cpacheatmap/bad-sources", test_bad_sources);
  g_test_add_func ("/cpacheatmap/bad-start", test_bad_start);
  g_test_add_func ("/cpacheatmap/wild-components", test_wild_components);
  g_test_add_func ("/cpacheatmap/colormap", test_colormap);
  for (guint i = 0; i < G_N_ELEMENTS (negotiations); i++) {
    g_autofree char *name = g_strdup_printf ("/cpacheatmap/negotiation/%u", i);

    g_test_add_data_func (name, GUINT_TO_POINTER (i), test_negotiation);
  }
  return g_test_run ();
}
