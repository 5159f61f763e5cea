/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* cpacscore reads every format, with the strides and offsets of the buffer. */

#include <string.h>

#include "tests/element-fixture.h"

#define WIDTH 5
#define HEIGHT 3
#define POISON 0xa5

/* Scores are sums of a few floats of magnitude up to 4: some units of 4 x 2^-24. */
#define TOLERANCE 1e-6

/* One colour, red 200, green 100, blue 50, or Y 120, U 100, V 150 in video range, or gray; the
 * bytes of one pixel (of luma, of a chroma pair) in each plane. */
static const struct {
  const char *format;
  guint n_planes;
  gsize unit[3];
  guint8 bytes[3][4];
  enum { COLOR_RGB, COLOR_YUV, COLOR_GRAY } color;
} formats[] = {
  { "GRAY8", 1, { 1 }, { { 77 } }, COLOR_GRAY },
  { "GRAY16_LE", 1, { 2 }, { { 77, 77 } }, COLOR_GRAY },
  { "GRAY16_BE", 1, { 2 }, { { 77, 77 } }, COLOR_GRAY },
  { "RGB", 1, { 3 }, { { 200, 100, 50 } }, COLOR_RGB },
  { "BGR", 1, { 3 }, { { 50, 100, 200 } }, COLOR_RGB },
  { "RGBx", 1, { 4 }, { { 200, 100, 50, POISON } }, COLOR_RGB },
  { "BGRx", 1, { 4 }, { { 50, 100, 200, POISON } }, COLOR_RGB },
  { "RGBA", 1, { 4 }, { { 200, 100, 50, 10 } }, COLOR_RGB },
  { "BGRA", 1, { 4 }, { { 50, 100, 200, 10 } }, COLOR_RGB },
  { "I420", 3, { 1, 1, 1 }, { { 120 }, { 100 }, { 150 } }, COLOR_YUV },
  { "YV12", 3, { 1, 1, 1 }, { { 120 }, { 150 }, { 100 } }, COLOR_YUV },
  { "NV12", 2, { 1, 2 }, { { 120 }, { 100, 150 } }, COLOR_YUV },
  { "NV21", 2, { 1, 2 }, { { 120 }, { 150, 100 } }, COLOR_YUV },
};

/* BT.601: Y' = (Y - 16) 255/219, and 2 (1 - kr), 2 (1 - kb) times (V, U - 128) 255/224. */
static double
expected_score (const ToyModel *model, guint color)
{
  double y = (120 - 16) * 255 / 219.0, u = -28 * 255 / 224.0, v = 22 * 255 / 224.0;
  double r = y + 1.402 * v, b = y + 1.772 * u, g = (y - 0.299 * r - 0.114 * b) / 0.587;

  switch (color) {
    case COLOR_RGB:
      return fixture_classifier_score (model, 200, 100, 50);
    case COLOR_GRAY:
      return fixture_classifier_score (model, 77, 77, 77);
    default:
      return fixture_classifier_score (model, r, g, b);
  }
}

static void
fill_plane (guint8 *data, gint stride, guint width, guint height, gsize unit, const guint8 *bytes)
{
  for (guint i = 0; i < height; i++)
    for (guint j = 0; j < width; j++)
      memcpy (data + (gssize) i * stride + j * unit, bytes, unit);
}

/* With rows @padding bytes longer than by the caps, planes 16 bytes further apart, and everything
 * but the pixels poisoned. */
static GstBuffer *
frame_new (guint row, const GstVideoInfo *info, guint padding)
{
  gsize offset[GST_VIDEO_MAX_PLANES] = { 0 }, size = 0;
  gint stride[GST_VIDEO_MAX_PLANES] = { 0 };
  guint8 *data;

  for (guint p = 0; p < formats[row].n_planes; p++) {
    stride[p] = GST_VIDEO_INFO_PLANE_STRIDE (info, p) + (gint) padding;
    offset[p] = padding > 0 ? size + 16 : GST_VIDEO_INFO_PLANE_OFFSET (info, p);
    size = offset[p] + (gsize) stride[p] * (p == 0 ? HEIGHT : (HEIGHT + 1) / 2);
  }
  size = MAX (size, GST_VIDEO_INFO_SIZE (info));
  data = g_malloc (size);
  memset (data, POISON, size);
  for (guint p = 0; p < formats[row].n_planes; p++)
    fill_plane (data + offset[p], stride[p], p == 0 ? WIDTH : (WIDTH + 1) / 2,
                p == 0 ? HEIGHT : (HEIGHT + 1) / 2, formats[row].unit[p], formats[row].bytes[p]);

  GstBuffer *buffer = gst_buffer_new_wrapped (data, size);

  if (padding > 0)
    gst_buffer_add_video_meta_full (buffer, GST_VIDEO_FRAME_FLAG_NONE, GST_VIDEO_INFO_FORMAT (info),
                                    WIDTH, HEIGHT, formats[row].n_planes, offset, stride);
  return buffer;
}

static void
test_format (gconstpointer data)
{
  guint row = GPOINTER_TO_UINT (data);
  char *folder = fixture_folder_new ();
  g_autofree char *model = fixture_write_model (folder, &TOY_CLASSIFIER);
  g_autoptr (GstCaps) caps = gst_caps_new_simple (
      "video/x-raw", "format", G_TYPE_STRING, formats[row].format, "width", G_TYPE_INT, WIDTH,
      "height", G_TYPE_INT, HEIGHT, "framerate", GST_TYPE_FRACTION, 30, 1, NULL);
  double expected = expected_score (&TOY_CLASSIFIER, formats[row].color);
  GstVideoInfo info;
  GstBus *bus;
  GstHarness *harness = fixture_harness (model, NULL, &bus);

  g_assert_true (gst_video_info_from_caps (&info, caps));
  gst_harness_set_src_caps (harness, gst_caps_ref (caps));
  for (guint padding = 0; padding <= 13; padding += 13) {
    g_autoptr (GstBuffer) out = fixture_pass (harness, frame_new (row, &info, padding));

    g_assert_cmpfloat_with_epsilon (fixture_double (fixture_meta (out), "score"), expected,
                                    TOLERANCE);
  }
  fixture_harness_free (harness, bus);
  fixture_folder_free (folder);
}

/* The largest sample of 10 bits is white only when the element knows of them. */
static void
test_bit_depth (void)
{
  static const struct {
    const char *format;
    guint bit_depth;
    guint8 bytes[2];
    double value;
  } rows[] = {
    { "GRAY16_LE", 10, { 0xff, 0x03 }, 255 },
    { "GRAY16_BE", 12, { 0x0f, 0xff }, 255 },
    { "GRAY16_LE", 0, { 0xff, 0x03 }, 255.0 * 1023 / 65535 },
    { "GRAY8", 12, { 0x33, 0x33 }, 51 },
  };
  char *folder = fixture_folder_new ();
  g_autofree char *model = fixture_write_model (folder, &TOY_CLASSIFIER);

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree char *caps =
        g_strdup_printf ("video/x-raw,format=%s,width=4,height=1,framerate=0/1", rows[i].format);
    GstElement *element = gst_element_factory_make ("cpacscore", NULL);
    g_autoptr (GstBuffer) buffer = NULL;
    guint8 pixels[8];
    GstHarness *harness;

    for (guint k = 0; k < 8; k++)
      pixels[k] = rows[i].bytes[k % 2];
    g_object_set (element, "model", model, "bit-depth", rows[i].bit_depth, NULL);
    harness = gst_harness_new_with_element (element, "sink", "src");
    gst_object_unref (element);
    gst_harness_set_src_caps_str (harness, caps);
    buffer = fixture_pass (harness, gst_buffer_new_memdup (pixels, 8));
    g_assert_cmpfloat_with_epsilon (
        fixture_double (fixture_meta (buffer), "score"),
        fixture_classifier_score (&TOY_CLASSIFIER, rows[i].value, rows[i].value, rows[i].value),
        TOLERANCE);
    gst_harness_teardown (harness);
  }
  fixture_folder_free (folder);
}

/* A model's min-size bounds what the element accepts; a region takes the bound away. */
static void
test_min_size (void)
{
  ToyModel toy = TOY_CLASSIFIER;
  char *folder = fixture_folder_new ();
  g_autofree char *model = NULL;
  g_autoptr (GstCaps) small =
      gst_caps_from_string ("video/x-raw,format=RGB,width=7,height=8,framerate=30/1");
  g_autoptr (GstCaps) filter = gst_caps_from_string ("video/x-raw,format={GRAY8,Y444}");
  g_autoptr (GstCaps) narrow = NULL, wide = NULL, filtered = NULL;
  GstHarness *harness;
  GstBus *bus;
  GstPad *pad;

  toy.min_size = 8;
  model = fixture_write_model (folder, &toy);
  harness = fixture_harness (model, NULL, &bus);
  pad = GST_PAD_PEER (harness->srcpad);
  narrow = gst_pad_query_caps (pad, NULL);
  g_assert_false (gst_caps_can_intersect (narrow, small));
  filtered = gst_pad_query_caps (pad, filter);
  g_assert_cmpuint (gst_caps_get_size (filtered), ==, 1);
  g_assert_cmpstr (gst_structure_get_string (gst_caps_get_structure (filtered, 0), "format"), ==,
                   "GRAY8");
  g_object_set (harness->element, "region", "0,0,8,8", NULL);
  wide = gst_pad_query_caps (pad, NULL);
  g_assert_true (gst_caps_can_intersect (wide, small));
  fixture_harness_free (harness, bus);
  fixture_folder_free (folder);
}

static void
test_refused_caps (gconstpointer caps)
{
  char *folder = fixture_folder_new ();
  g_autofree char *model = fixture_write_model (folder, &TOY_CLASSIFIER);
  g_autoptr (GstCaps) refused = gst_caps_from_string (caps);
  GstBus *bus;
  GstHarness *harness = fixture_harness (model, NULL, &bus);

  g_assert_false (gst_pad_query_accept_caps (GST_PAD_PEER (harness->srcpad), refused));
  fixture_harness_free (harness, bus);
  fixture_folder_free (folder);
}

int
main (int argc, char **argv)
{
  gst_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (formats); i++) {
    g_autofree char *name = g_strconcat ("/cpacscore/formats/", formats[i].format, NULL);

    g_test_add_data_func (name, GUINT_TO_POINTER (i), test_format);
  }
  g_test_add_func ("/cpacscore/bit-depth", test_bit_depth);
  g_test_add_func ("/cpacscore/min-size", test_min_size);
  g_test_add_data_func ("/cpacscore/refused/y444",
                        "video/x-raw,format=Y444,width=4,height=4,framerate=30/1",
                        test_refused_caps);
  g_test_add_data_func ("/cpacscore/refused/memory",
                        "video/x-raw(memory:DMABuf),format=RGB,width=4,height=4,framerate=30/1",
                        test_refused_caps);
  g_test_add_data_func ("/cpacscore/refused/large",
                        "video/x-raw,format=RGB,width=32769,height=4,framerate=30/1",
                        test_refused_caps);
  return g_test_run ();
}
