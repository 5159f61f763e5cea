/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pipelines/frames.h"

#include <gst/app/gstappsink.h>
#include <gst/video/video.h>
#include <string.h>

#include "tests/frames-fixture.h"
#include "tests/png-maker.h"

static void
assert_pattern (const CpacFrame *frame, guint n_channels)
{
  for (guint y = 0; y < frame->info->height; y++)
    for (guint i = 0; i < frame->info->width * n_channels; i++)
      g_assert_cmpuint (frame->planes[0][(gssize) y * frame->strides[0] + i], ==,
                        frames_pattern (i / n_channels, y, i % n_channels));
}

static void
test_png_round_trip (FramesFixture *fixture, gconstpointer data)
{
  static const struct {
    guint width, height, padding;
    gboolean upside_down;
  } rows[] = {
    { 1, 1, 0, FALSE },  { 3, 5, 0, FALSE },   { 17, 13, 11, FALSE },
    { 17, 13, 3, TRUE }, { 253, 2, 1, FALSE }, { 640, 480, 0, FALSE },
  };
  static const CpacPixelFormat formats[] = { CPAC_PIXEL_GRAY8, CPAC_PIXEL_RGB };
  g_autofree char *path = frames_in_dir (fixture, "picture.png");

  for (guint i = 0; i < 2 * G_N_ELEMENTS (rows); i++) {
    CpacPixelFormat format = formats[i % 2];
    g_autoptr (CpacFrameSource) source = NULL;
    g_autoptr (GError) error = NULL;
    CpacFrameMark mark = { 77, TRUE };
    CpacFrame frame;
    FramesPicture picture;

    frames_picture_init (&picture, format, rows[i / 2].width, rows[i / 2].height,
                         rows[i / 2].padding, rows[i / 2].upside_down);
    g_assert_true (cpac_frames_write_png (&picture.frame, path, &error));
    g_assert_no_error (error);
    source = frames_open_ok (path);
    frames_next_ok (source, &frame, &mark);
    g_assert_cmpuint (frame.info->format, ==, format);
    g_assert_cmpuint (frame.info->width, ==, rows[i / 2].width);
    g_assert_cmpuint (frame.info->height, ==, rows[i / 2].height);
    g_assert_cmpuint (frame.info->range, ==, CPAC_RANGE_FULL);
    g_assert_cmpuint (mark.timestamp_ns, ==, 0);
    g_assert_false (mark.corrupted);
    assert_pattern (&frame, format == CPAC_PIXEL_RGB ? 3 : 1);
    frames_assert_end (source);
    g_free (picture.pixels);
  }
  g_assert_cmpuint (frames_count_files (fixture->dir), ==, 1);
}

static void
test_png_same_bytes (FramesFixture *fixture, gconstpointer data)
{
  g_autofree char *path = frames_in_dir (fixture, "picture.png");
  g_autofree char *first = NULL;
  g_autofree char *second = NULL;
  gsize first_size, second_size;
  FramesPicture picture;

  frames_picture_init (&picture, CPAC_PIXEL_RGB, 17, 13, 0, FALSE);
  g_assert_true (cpac_frames_write_png (&picture.frame, path, NULL));
  g_assert_true (g_file_get_contents (path, &first, &first_size, NULL));
  g_assert_true (cpac_frames_write_png (&picture.frame, path, NULL));
  g_assert_true (g_file_get_contents (path, &second, &second_size, NULL));
  g_assert_cmpmem (first, first_size, second, second_size);
  g_free (picture.pixels);
}

static void
test_write_refused (FramesFixture *fixture, gconstpointer data)
{
  static const struct {
    CpacPixelFormat format;
    guint width, height;
    int code;
  } rows[] = {
    { CPAC_PIXEL_I420, 4, 4, CPAC_ERROR_SCHEMA },
    { CPAC_PIXEL_RGBA, 4, 4, CPAC_ERROR_SCHEMA },
    { CPAC_PIXEL_GRAY8, 0, 4, CPAC_ERROR_SHAPE },
    { CPAC_PIXEL_GRAY8, 4, 0, CPAC_ERROR_SHAPE },
    { CPAC_PIXEL_GRAY8, 1000001, 1, CPAC_ERROR_SHAPE },
    { CPAC_PIXEL_GRAY8, 1, 1000001, CPAC_ERROR_SHAPE },
    { CPAC_PIXEL_RGB, 65536, 65536, CPAC_ERROR_SHAPE },
  };
  g_autofree char *path = frames_in_dir (fixture, "never.png");
  g_autofree char *astray = g_build_filename (fixture->dir, "no", "folder.png", NULL);
  g_autoptr (GError) error = NULL;
  FramesPicture picture;

  frames_picture_init (&picture, CPAC_PIXEL_GRAY8, 4, 4, 0, FALSE);
  g_assert_false (cpac_frames_write_png (&picture.frame, astray, &error));
  g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_NOENT);
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (GError) refused = NULL;

    picture.info.format = rows[i].format;
    picture.info.width = rows[i].width;
    picture.info.height = rows[i].height;
    g_assert_false (cpac_frames_write_png (&picture.frame, path, &refused));
    g_assert_error (refused, CPAC_ERROR, rows[i].code);
    g_assert_true (g_str_has_prefix (refused->message, path));
  }
  g_assert_cmpuint (frames_count_files (fixture->dir), ==, 0);
  g_free (picture.pixels);
}

/* What a pipeline of the user's sees: the first frame behind "filesrc ! @decode ! @caps". */
static GstSample *
pipeline_sample (const char *path, const char *decode)
{
  g_autofree char *text =
      g_strdup_printf ("filesrc location=%s ! %s ! appsink name=sink sync=false caps=\"video/"
                       "x-raw,format={GRAY8,GRAY16_LE,GRAY16_BE,RGB,BGR,RGBx,BGRx,RGBA,BGRA,"
                       "I420,YV12,NV12,NV21}\"",
                       path, decode);
  g_autoptr (GError) error = NULL;
  g_autoptr (GstElement) pipeline = gst_parse_launch (text, &error);
  g_autoptr (GstElement) sink = NULL;
  GstSample *sample;

  g_assert_no_error (error);
  sink = gst_bin_get_by_name (GST_BIN (pipeline), "sink");
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  sample = gst_app_sink_pull_sample (GST_APP_SINK (sink));
  g_assert_nonnull (sample);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  return sample;
}

static void
assert_same_frame (GstSample *sample, const CpacFrame *frame, const char *format)
{
  GstVideoInfo info;
  GstVideoFrame expected;

  g_assert_true (gst_video_info_from_caps (&info, gst_sample_get_caps (sample)));
  g_assert_true (
      gst_video_frame_map (&expected, &info, gst_sample_get_buffer (sample), GST_MAP_READ));
  g_assert_cmpstr (gst_video_format_to_string (GST_VIDEO_INFO_FORMAT (&info)), ==, format);
  g_assert_cmpuint (frame->info->width, ==, info.width);
  g_assert_cmpuint (frame->info->height, ==, info.height);
  for (guint p = 0; p < GST_VIDEO_FRAME_N_PLANES (&expected); p++) {
    gsize row_bytes =
        GST_VIDEO_FRAME_COMP_WIDTH (&expected, p) * GST_VIDEO_FRAME_COMP_PSTRIDE (&expected, p);

    for (gssize y = 0; y < GST_VIDEO_FRAME_COMP_HEIGHT (&expected, p); y++)
      g_assert_cmpmem (
          frame->planes[p] + y * frame->strides[p], row_bytes,
          (guint8 *) expected.data[p] + y * GST_VIDEO_FRAME_PLANE_STRIDE (&expected, p), row_bytes);
  }
  gst_video_frame_unmap (&expected);
}

static void
assert_as_pipeline (const char *path, const char *decode, const char *format,
                    CpacPixelFormat pixel_format)
{
  g_autoptr (GstSample) sample = pipeline_sample (path, decode);
  g_autoptr (CpacFrameSource) source = frames_open_ok (path);
  CpacFrameMark mark;
  CpacFrame frame;

  frames_next_ok (source, &frame, &mark);
  g_assert_cmpuint (frame.info->format, ==, pixel_format);
  g_assert_cmpuint (frame.info->range, ==, CPAC_RANGE_FULL);
  g_assert_cmpuint (frame.info->matrix, ==, CPAC_MATRIX_BT601);
  assert_same_frame (sample, &frame, format);
  frames_assert_end (source);
}

static void
test_jpeg_as_pipeline (FramesFixture *fixture, gconstpointer data)
{
  static const struct {
    const char *coded, *format;
    guint block_width, block_height, width, height;
    CpacPixelFormat pixel_format;
  } rows[] = {
    { "GRAY8", "GRAY8", 8, 8, 63, 47, CPAC_PIXEL_GRAY8 },
    { "GRAY8", "GRAY8", 8, 8, 1, 1, CPAC_PIXEL_GRAY8 },
    { "I420", "I420", 16, 16, 64, 48, CPAC_PIXEL_I420 },
    { "I420", "I420", 16, 16, 17, 5, CPAC_PIXEL_I420 },
    { "Y42B", "I420", 16, 8, 63, 47, CPAC_PIXEL_I420 },
    { "Y444", "I420", 8, 8, 63, 47, CPAC_PIXEL_I420 },
    { "RGB", "RGB", 8, 8, 63, 47, CPAC_PIXEL_RGB },
  };
  g_autofree char *path = frames_in_dir (fixture, "picture.jpg");

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    frames_make_jpeg (path, rows[i].coded, rows[i].block_width, rows[i].block_height, rows[i].width,
                      rows[i].height);
    assert_as_pipeline (path, "jpegdec idct-method=islow", rows[i].format, rows[i].pixel_format);
  }
}

static void
test_png_as_pipeline (FramesFixture *fixture, gconstpointer data)
{
  static const struct {
    guint depth, color_type;
    const char *format;
    CpacPixelFormat pixel_format;
  } rows[] = {
    { 1, PNG_GRAY, "GRAY8", CPAC_PIXEL_GRAY8 }, { 4, PNG_GRAY, "GRAY8", CPAC_PIXEL_GRAY8 },
    { 8, PNG_GRAY, "GRAY8", CPAC_PIXEL_GRAY8 }, { 16, PNG_GRAY, "GRAY16_BE", CPAC_PIXEL_GRAY16_BE },
    { 8, PNG_RGB, "RGB", CPAC_PIXEL_RGB },      { 1, PNG_PALETTE, "RGB", CPAC_PIXEL_RGB },
    { 8, PNG_PALETTE, "RGB", CPAC_PIXEL_RGB },  { 8, PNG_GRAY_ALPHA, "RGBA", CPAC_PIXEL_RGBA },
    { 8, PNG_RGBA, "RGBA", CPAC_PIXEL_RGBA },
  };
  g_autofree char *path = frames_in_dir (fixture, "picture.png");
  guint8 row[64];

  for (guint i = 0; i < sizeof row; i++)
    row[i] = i * 37;
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (GByteArray) png = png_make (5, 3, rows[i].depth, rows[i].color_type, row);

    frames_write_bytes (path, png->data, png->len);
    assert_as_pipeline (path, "pngdec", rows[i].format, rows[i].pixel_format);
  }
}

static void
test_read_gray (FramesFixture *fixture, gconstpointer data)
{
  static const struct {
    guint depth, color_type;
    guint8 row[32];
    guint8 expected[5];
  } rows[] = {
    { 1, PNG_GRAY, { 0xa8 }, { 255, 0, 255, 0, 255 } },
    /* png_make()'s palette: black, white, then (10,20,30) */
    { 1, PNG_PALETTE, { 0xa8 }, { 255, 0, 255, 0, 255 } },
    /* (299 * 10 + 587 * 20 + 114 * 30) / 1000 = 18.15 */
    { 8, PNG_PALETTE, { 0, 1, 2, 1, 0 }, { 0, 255, 18, 255, 0 } },
    { 2, PNG_GRAY, { 0x1b, 0x40 }, { 0, 85, 170, 255, 85 } },
    { 8, PNG_GRAY, { 0, 1, 127, 128, 255 }, { 0, 1, 127, 128, 255 } },
    /* 0x0080 / 257 = 0.498, 0x0081 / 257 = 0.502 */
    { 16, PNG_GRAY, { 0, 0, 0, 0x80, 0, 0x81, 0x7f, 0xff, 0xff, 0xff }, { 0, 0, 1, 127, 255 } },
    /* 76.245, 149.685, 29.07 and grays */
    { 8,
      PNG_RGB,
      { 255, 0, 0, 0, 255, 0, 0, 0, 255, 9, 9, 9, 255, 255, 255 },
      { 76, 150, 29, 9, 255 } },
    { 8, PNG_GRAY_ALPHA, { 0, 9, 1, 0, 200, 255, 254, 0, 255, 1 }, { 0, 1, 200, 254, 255 } },
  };
  g_autofree char *path = frames_in_dir (fixture, "mask.png");

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (GByteArray) png = png_make (5, 3, rows[i].depth, rows[i].color_type, rows[i].row);
    g_autoptr (GError) error = NULL;
    g_autofree guint8 *gray = NULL;
    guint width, height;

    frames_write_bytes (path, png->data, png->len);
    gray = cpac_frames_read_gray (path, &width, &height, &error);
    g_assert_no_error (error);
    g_assert_cmpuint (width, ==, 5);
    g_assert_cmpuint (height, ==, 3);
    for (guint y = 0; y < 3; y++)
      g_assert_cmpmem (gray + 5 * y, 5, rows[i].expected, 5);
  }
}

/* Luma in video range: 16 is black, 235 white, beyond them is clipped. */
static void
test_read_gray_video_range (FramesFixture *fixture, gconstpointer data)
{
  static const struct {
    const char *color;
    guint8 expected;
  } rows[] = { { "0xff000000", 0 }, { "0xffffffff", 255 }, { "0xff808080", 128 } };
  g_autofree char *path = frames_in_dir (fixture, "frame.ogg");

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree char *make = g_strdup_printf (
        "videotestsrc num-buffers=1 pattern=solid-color foreground-color=%s ! "
        "video/x-raw,format=I420,width=16,height=16,colorimetry=bt601 ! theoraenc quality=63 ! "
        "oggmux",
        rows[i].color);
    g_autoptr (GError) error = NULL;
    g_autofree guint8 *gray = NULL;
    guint width, height;

    frames_make_file (path, make);
    gray = cpac_frames_read_gray (path, &width, &height, &error);
    g_assert_no_error (error);
    g_assert_cmpuint (width * height, ==, 256);
    /* One step of the coded luma is 255 / 219 of a gray level; the coder may be one step off. */
    for (guint k = 0; k < 256; k++)
      g_assert_cmpint (ABS (gray[k] - rows[i].expected), <=, 2);
  }
}

/* Stray bytes behind the end marker do no harm. */
static void
test_trailing_bytes (FramesFixture *fixture, gconstpointer data)
{
  const char *encoder = data;
  g_autofree char *path = frames_in_dir (fixture, "picture");
  g_autofree char *make = g_strdup_printf ("videotestsrc num-buffers=1 ! "
                                           "video/x-raw,format=GRAY8,width=24,height=16 ! %s",
                                           encoder);
  g_autofree char *bytes = NULL;
  g_autoptr (GString) longer = NULL;
  g_autoptr (CpacFrameSource) source = NULL;
  CpacFrameMark mark;
  CpacFrame frame;
  gsize size;

  frames_make_file (path, make);
  g_assert_true (g_file_get_contents (path, &bytes, &size, NULL));
  longer = g_string_new_len (bytes, size);
  g_string_append (longer, "trailing");
  frames_write_bytes (path, longer->str, longer->len);
  source = frames_open_ok (path);
  frames_next_ok (source, &frame, &mark);
  g_assert_cmpuint (frame.info->width, ==, 24);
  frames_assert_end (source);
}

static char *
real_data (const char *name)
{
  const char *dir = g_getenv ("CPAC_TEST_DATA");
  g_autofree char *path =
      dir != NULL ? g_build_filename (dir, name, NULL)
                  : g_test_build_filename (G_TEST_DIST, "..", "..", "shared", "data", name, NULL);

  return g_file_test (path, G_FILE_TEST_IS_DIR) ? g_steal_pointer (&path) : NULL;
}

/* A photograph and the mask beside it have the same size, and the mask marks a part of it. */
static void
check_tile (const char *photograph)
{
  g_autofree char *mask_path = g_strndup (photograph, strlen (photograph) - strlen ("jpg"));
  g_autofree char *mask_png = g_strconcat (mask_path, "png", NULL);
  g_autoptr (CpacFrameSource) source = frames_open_ok (photograph);
  g_autoptr (GError) error = NULL;
  g_autofree guint8 *mask = NULL;
  CpacFrameMark mark;
  CpacFrame frame;
  guint width, height, n_marked = 0;

  frames_next_ok (source, &frame, &mark);
  g_assert_cmpuint (frame.info->format, ==, CPAC_PIXEL_GRAY8);
  mask = cpac_frames_read_gray (mask_png, &width, &height, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (frame.info->width, ==, width);
  g_assert_cmpuint (frame.info->height, ==, height);
  for (gsize i = 0; i < (gsize) width * height; i++)
    n_marked += mask[i] > 127;
  g_assert_cmpuint (n_marked, >, 0);
  g_assert_cmpuint (n_marked, <, width * height / 2);
}

static void
test_real_tiles (void)
{
  g_autofree char *path = real_data ("magnetic-tile/MT_Crack/Imgs");
  g_autoptr (GDir) dir = NULL;
  const char *name;
  guint n = 0;

  if (path == NULL) {
    g_test_skip ("no magnetic-tile pictures; set CPAC_TEST_DATA");
    return;
  }
  dir = g_dir_open (path, 0, NULL);
  while ((name = g_dir_read_name (dir)) != NULL) {
    g_autofree char *photograph = g_build_filename (path, name, NULL);

    if (!g_str_has_suffix (name, ".jpg"))
      continue;
    check_tile (photograph);
    n++;
  }
  g_assert_cmpuint (n, ==, 57);
}

int
main (int argc, char **argv)
{
  gst_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);
  frames_add_test ("/frames/png/round-trip", NULL, test_png_round_trip);
  frames_add_test ("/frames/png/same-bytes", NULL, test_png_same_bytes);
  frames_add_test ("/frames/png/write-refused", NULL, test_write_refused);
  frames_add_test ("/frames/png/as-pipeline", NULL, test_png_as_pipeline);
  frames_add_test ("/frames/png/trailing-bytes", "pngenc", test_trailing_bytes);
  frames_add_test ("/frames/jpeg/as-pipeline", NULL, test_jpeg_as_pipeline);
  frames_add_test ("/frames/jpeg/trailing-bytes", "jpegenc", test_trailing_bytes);
  frames_add_test ("/frames/gray", NULL, test_read_gray);
  frames_add_test ("/frames/gray/video-range", NULL, test_read_gray_video_range);
  g_test_add_func ("/frames/real-tiles", test_real_tiles);
  return g_test_run ();
}
