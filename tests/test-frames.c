/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pipelines/frames.h"

#include <glib/gstdio.h>
#include <gst/app/gstappsink.h>
#include <gst/video/video.h>
#include <string.h>
#include <sys/stat.h>

#include "tests/png-maker.h"

typedef struct {
  char *dir;
} Fixture;

static void
fixture_set_up (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  fixture->dir = g_dir_make_tmp ("cpac-frames-XXXXXX", &error);
  g_assert_no_error (error);
}

static guint
count_files (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  guint n = 0;

  while (g_dir_read_name (dir) != NULL)
    n++;
  return n;
}

static void
fixture_tear_down (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GDir) dir = g_dir_open (fixture->dir, 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (dir)) != NULL) {
    g_autofree char *path = g_build_filename (fixture->dir, name, NULL);

    g_assert_cmpint (g_remove (path), ==, 0);
  }
  g_assert_cmpint (g_rmdir (fixture->dir), ==, 0);
  g_free (fixture->dir);
}

static char *
in_dir (Fixture *fixture, const char *name)
{
  return g_build_filename (fixture->dir, name, NULL);
}

static void
write_bytes (const char *path, gconstpointer bytes, gsize size)
{
  g_autoptr (GError) error = NULL;

  g_file_set_contents (path, bytes, size, &error);
  g_assert_no_error (error);
}

/* Runs "@description ! filesink" to its end. */
static void
make_file (const char *path, const char *description)
{
  g_autofree char *text = g_strdup_printf ("%s ! filesink location=%s", description, path);
  g_autoptr (GError) error = NULL;
  g_autoptr (GstElement) pipeline = gst_parse_launch (text, &error);
  g_autoptr (GstBus) bus = NULL;
  g_autoptr (GstMessage) message = NULL;

  g_assert_no_error (error);
  bus = gst_element_get_bus (pipeline);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  message = gst_bus_timed_pop_filtered (bus, 60 * GST_SECOND, GST_MESSAGE_EOS | GST_MESSAGE_ERROR);
  g_assert_nonnull (message);
  g_assert_cmpstr (GST_MESSAGE_TYPE_NAME (message), ==, "eos");
  gst_element_set_state (pipeline, GST_STATE_NULL);
}

static CpacFrameSource *
open_ok (const char *path)
{
  g_autoptr (GError) error = NULL;
  CpacFrameSource *source = cpac_frames_open (path, NULL, &error);

  g_assert_no_error (error);
  g_assert_nonnull (source);
  return source;
}

static void
next_ok (CpacFrameSource *source, CpacFrame *frame, CpacFrameMark *mark)
{
  g_autoptr (GError) error = NULL;
  CpacFrameStatus status = cpac_frame_source_next (source, frame, mark, &error);

  g_assert_no_error (error);
  g_assert_cmpint (status, ==, CPAC_FRAME_NEXT);
}

/* The end is the end however often one asks. */
static void
assert_end (CpacFrameSource *source)
{
  CpacFrame frame;
  CpacFrameMark mark;

  for (guint i = 0; i < 3; i++)
    g_assert_cmpint (cpac_frame_source_next (source, &frame, &mark, NULL), ==, CPAC_FRAME_END);
}

/* Pixels of a picture, recomputable from position alone. */
static guint8
pattern (guint x, guint y, guint channel)
{
  return x * 7 + y * 13 + channel * 101 + x * y;
}

typedef struct {
  CpacFrameInfo info;
  CpacFrame frame;
  guint8 *pixels;
} Picture;

/* Rows lie @padding bytes apart, last row first when @upside_down; the padding is poisoned. */
static void
picture_init (Picture *picture, CpacPixelFormat format, guint width, guint height, guint padding,
              gboolean upside_down)
{
  guint n_channels = format == CPAC_PIXEL_RGB ? 3 : 1;
  gsize stride = width * n_channels + padding;

  picture->info = (CpacFrameInfo){ .format = format, .width = width, .height = height };
  picture->pixels = g_malloc (stride * height);
  memset (picture->pixels, 0xa5, stride * height);
  picture->frame = (CpacFrame){
    .info = &picture->info,
    .planes = { picture->pixels + (upside_down ? stride * (height - 1) : 0) },
    .strides = { upside_down ? -(gssize) stride : (gssize) stride },
  };
  for (guint y = 0; y < height; y++)
    for (guint i = 0; i < width * n_channels; i++)
      ((guint8 *) picture->frame.planes[0])[(gssize) y * picture->frame.strides[0] + i] =
          pattern (i / n_channels, y, i % n_channels);
}

static void
assert_pattern (const CpacFrame *frame, guint n_channels)
{
  for (guint y = 0; y < frame->info->height; y++)
    for (guint i = 0; i < frame->info->width * n_channels; i++)
      g_assert_cmpuint (frame->planes[0][(gssize) y * frame->strides[0] + i], ==,
                        pattern (i / n_channels, y, i % n_channels));
}

static void
test_png_round_trip (Fixture *fixture, gconstpointer data)
{
  static const struct {
    guint width, height, padding;
    gboolean upside_down;
  } rows[] = {
    { 1, 1, 0, FALSE },  { 3, 5, 0, FALSE },   { 17, 13, 11, FALSE },
    { 17, 13, 3, TRUE }, { 253, 2, 1, FALSE }, { 640, 480, 0, FALSE },
  };
  static const CpacPixelFormat formats[] = { CPAC_PIXEL_GRAY8, CPAC_PIXEL_RGB };
  g_autofree char *path = in_dir (fixture, "picture.png");

  for (guint i = 0; i < 2 * G_N_ELEMENTS (rows); i++) {
    CpacPixelFormat format = formats[i % 2];
    g_autoptr (CpacFrameSource) source = NULL;
    g_autoptr (GError) error = NULL;
    CpacFrameMark mark = { 77, TRUE };
    CpacFrame frame;
    Picture picture;

    picture_init (&picture, format, rows[i / 2].width, rows[i / 2].height, rows[i / 2].padding,
                  rows[i / 2].upside_down);
    g_assert_true (cpac_frames_write_png (&picture.frame, path, &error));
    g_assert_no_error (error);
    source = open_ok (path);
    next_ok (source, &frame, &mark);
    g_assert_cmpuint (frame.info->format, ==, format);
    g_assert_cmpuint (frame.info->width, ==, rows[i / 2].width);
    g_assert_cmpuint (frame.info->height, ==, rows[i / 2].height);
    g_assert_cmpuint (frame.info->range, ==, CPAC_RANGE_FULL);
    g_assert_cmpuint (mark.timestamp_ns, ==, 0);
    g_assert_false (mark.corrupted);
    assert_pattern (&frame, format == CPAC_PIXEL_RGB ? 3 : 1);
    assert_end (source);
    g_free (picture.pixels);
  }
  g_assert_cmpuint (count_files (fixture->dir), ==, 1);
}

static void
test_png_same_bytes (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = in_dir (fixture, "picture.png");
  g_autofree char *first = NULL;
  g_autofree char *second = NULL;
  gsize first_size, second_size;
  Picture picture;

  picture_init (&picture, CPAC_PIXEL_RGB, 17, 13, 0, FALSE);
  g_assert_true (cpac_frames_write_png (&picture.frame, path, NULL));
  g_assert_true (g_file_get_contents (path, &first, &first_size, NULL));
  g_assert_true (cpac_frames_write_png (&picture.frame, path, NULL));
  g_assert_true (g_file_get_contents (path, &second, &second_size, NULL));
  g_assert_cmpmem (first, first_size, second, second_size);
  g_free (picture.pixels);
}

static void
test_write_refused (Fixture *fixture, gconstpointer data)
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
  g_autofree char *path = in_dir (fixture, "never.png");
  g_autofree char *astray = g_build_filename (fixture->dir, "no", "folder.png", NULL);
  g_autoptr (GError) error = NULL;
  Picture picture;

  picture_init (&picture, CPAC_PIXEL_GRAY8, 4, 4, 0, FALSE);
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
  g_assert_cmpuint (count_files (fixture->dir), ==, 0);
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
  g_autoptr (CpacFrameSource) source = open_ok (path);
  CpacFrameMark mark;
  CpacFrame frame;

  next_ok (source, &frame, &mark);
  g_assert_cmpuint (frame.info->format, ==, pixel_format);
  g_assert_cmpuint (frame.info->range, ==, CPAC_RANGE_FULL);
  g_assert_cmpuint (frame.info->matrix, ==, CPAC_MATRIX_BT601);
  assert_same_frame (sample, &frame, format);
  assert_end (source);
}

/* jpegenc reads beyond frames that do not fill their last blocks. So whole blocks are coded, and
 * then the header is made to say less: the rest is padding, as in any odd-sized JPEG. */
static void
make_jpeg (const char *path, const char *format, guint block_width, guint block_height, guint width,
           guint height)
{
  g_autofree char *make = g_strdup_printf (
      "videotestsrc num-buffers=1 ! video/x-raw,format=%s,width=%u,height=%u ! jpegenc", format,
      (width + block_width - 1) / block_width * block_width,
      (height + block_height - 1) / block_height * block_height);
  g_autofree char *bytes = NULL;
  char *start_of_frame;
  gsize size;

  make_file (path, make);
  g_assert_true (g_file_get_contents (path, &bytes, &size, NULL));
  start_of_frame = memmem (bytes, size, "\xff\xc0", 2);
  start_of_frame[6] = height;
  start_of_frame[8] = width;
  write_bytes (path, bytes, size);
}

static void
test_jpeg_as_pipeline (Fixture *fixture, gconstpointer data)
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
  g_autofree char *path = in_dir (fixture, "picture.jpg");

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    make_jpeg (path, rows[i].coded, rows[i].block_width, rows[i].block_height, rows[i].width,
               rows[i].height);
    assert_as_pipeline (path, "jpegdec", rows[i].format, rows[i].pixel_format);
  }
}

static void
test_png_as_pipeline (Fixture *fixture, gconstpointer data)
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
  g_autofree char *path = in_dir (fixture, "picture.png");
  guint8 row[64];

  for (guint i = 0; i < sizeof row; i++)
    row[i] = i * 37;
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (GByteArray) png = png_make (5, 3, rows[i].depth, rows[i].color_type, row);

    write_bytes (path, png->data, png->len);
    assert_as_pipeline (path, "pngdec", rows[i].format, rows[i].pixel_format);
  }
}

static void
test_read_gray (Fixture *fixture, gconstpointer data)
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
  g_autofree char *path = in_dir (fixture, "mask.png");

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (GByteArray) png = png_make (5, 3, rows[i].depth, rows[i].color_type, rows[i].row);
    g_autoptr (GError) error = NULL;
    g_autofree guint8 *gray = NULL;
    guint width, height;

    write_bytes (path, png->data, png->len);
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
test_read_gray_video_range (Fixture *fixture, gconstpointer data)
{
  static const struct {
    const char *color;
    guint8 expected;
  } rows[] = { { "0xff000000", 0 }, { "0xffffffff", 255 }, { "0xff808080", 128 } };
  g_autofree char *path = in_dir (fixture, "frame.y4m");

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree char *make = g_strdup_printf (
        "videotestsrc num-buffers=1 pattern=solid-color foreground-color=%s ! "
        "video/x-raw,format=I420,width=16,height=16,colorimetry=bt601 ! theoraenc quality=63 ! "
        "oggmux",
        rows[i].color);
    g_autoptr (GError) error = NULL;
    g_autofree guint8 *gray = NULL;
    guint width, height;

    make_file (path, make);
    gray = cpac_frames_read_gray (path, &width, &height, &error);
    g_assert_no_error (error);
    g_assert_cmpuint (width * height, ==, 256);
    /* One step of the coded luma is 255 / 219 of a gray level; the coder may be one step off. */
    for (guint k = 0; k < 256; k++)
      g_assert_cmpint (ABS (gray[k] - rows[i].expected), <=, 2);
  }
}

/* n pictures of one even gray level each, 20 apart, numbered from @start. */
static void
write_levels (Fixture *fixture, guint start, guint n)
{
  for (guint i = 0; i < n; i++) {
    g_autofree char *name = g_strdup_printf ("level-%03u.png", start + i);
    g_autofree char *path = in_dir (fixture, name);
    Picture picture;

    picture_init (&picture, CPAC_PIXEL_GRAY8, 32, 16, 0, FALSE);
    memset (picture.pixels, 20 * i, 32 * 16);
    g_assert_true (cpac_frames_write_png (&picture.frame, path, NULL));
    g_free (picture.pixels);
  }
}

static void
test_sequence (Fixture *fixture, gconstpointer data)
{
  g_autofree char *pattern_path = in_dir (fixture, "level-%03d.png");
  g_autoptr (GError) error = NULL;
  g_autoptr (CpacFrameSource) source = NULL;
  CpacFrameMark mark;
  CpacFrame frame;

  write_levels (fixture, 8, 5);
  source = cpac_frames_open_sequence (pattern_path, 8, 30, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < 5; i++) {
    next_ok (source, &frame, &mark);
    g_assert_cmpuint (frame.planes[0][0], ==, 20 * i);
    g_assert_cmpuint (mark.timestamp_ns, ==, i * GST_SECOND / 30);
  }
  assert_end (source);
}

static void
test_sequence_patterns (Fixture *fixture, gconstpointer data)
{
  static const struct {
    const char *pattern, *file;
  } good[] = {
    { "%d.png", "7.png" },        { "a%%b%u.png", "a%b7.png" }, { "%05i", "00007" },
    { "x%3dy.png", "x  7y.png" }, { "%d%%d.png", "7%d.png" },
  };
  static const char *const bad[] = { "",    "a.png", "%",  "%s.png", "%d-%d.png", "%n",
                                     "%05", "%-5d",  "%x", "%99d",   "%1.5d" };
  Picture picture;

  picture_init (&picture, CPAC_PIXEL_GRAY8, 3, 5, 0, FALSE);
  for (guint i = 0; i < G_N_ELEMENTS (good); i++) {
    g_autofree char *pattern_path = in_dir (fixture, good[i].pattern);
    g_autofree char *path = in_dir (fixture, good[i].file);
    g_autoptr (CpacFrameSource) source = NULL;
    g_autoptr (GError) error = NULL;

    g_assert_true (cpac_frames_write_png (&picture.frame, path, NULL));
    source = cpac_frames_open_sequence (pattern_path, 7, 1, &error);
    g_assert_no_error (error);
  }
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++) {
    g_autoptr (GError) error = NULL;

    g_assert_null (cpac_frames_open_sequence (bad[i], 7, 1, &error));
    g_assert_error (error, CPAC_ERROR, CPAC_ERROR_SCHEMA);
  }
  g_free (picture.pixels);
}

static void
test_sequence_errors (Fixture *fixture, gconstpointer data)
{
  g_autofree char *pattern_path = in_dir (fixture, "level-%03d.png");
  g_autofree char *damaged = in_dir (fixture, "level-002.png");
  g_autoptr (CpacFrameSource) source = NULL;
  g_autoptr (GError) no_first = NULL;
  g_autoptr (GError) no_rate = NULL;
  g_autoptr (GError) broken = NULL;
  CpacFrameMark mark;
  CpacFrame frame;

  g_assert_null (cpac_frames_open_sequence (pattern_path, 0, 25, &no_first));
  g_assert_error (no_first, G_FILE_ERROR, G_FILE_ERROR_NOENT);
  g_assert_nonnull (strstr (no_first->message, "level-000.png"));
  write_levels (fixture, 0, 4);
  g_assert_null (cpac_frames_open_sequence (pattern_path, 0, 0, &no_rate));
  g_assert_error (no_rate, CPAC_ERROR, CPAC_ERROR_SCHEMA);

  write_bytes (damaged, "no picture", 10);
  source = cpac_frames_open_sequence (pattern_path, 0, 25, NULL);
  next_ok (source, &frame, &mark);
  next_ok (source, &frame, &mark);
  g_assert_cmpint (cpac_frame_source_next (source, &frame, &mark, &broken), ==, CPAC_FRAME_ERROR);
  g_assert_error (broken, CPAC_ERROR, CPAC_ERROR_PARSE);
  g_assert_nonnull (strstr (broken->message, "level-002.png"));
  g_assert_cmpint (cpac_frame_source_next (source, &frame, &mark, NULL), ==, CPAC_FRAME_ERROR);
}

#define N_VIDEO_FRAMES 12

/* Even gray levels 0, 20, ..., in order, 25 a second. */
static void
make_video (Fixture *fixture, const char *path, const char *encoder)
{
  g_autofree char *make =
      g_strdup_printf ("multifilesrc location=%s/level-%%03d.png index=0 "
                       "caps=image/png,framerate=25/1 ! pngdec ! videoconvert ! "
                       "video/x-raw,format=I420 ! %s",
                       fixture->dir, encoder);

  write_levels (fixture, 0, N_VIDEO_FRAMES);
  make_file (path, make);
}

/* Reads all of a video; the checksum is that of its luma. */
static char *
read_video (const char *path, guint64 *timestamps, guint8 *levels)
{
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  g_autoptr (CpacFrameSource) source = open_ok (path);
  CpacFrameMark mark;
  CpacFrame frame;

  for (guint i = 0; i < N_VIDEO_FRAMES; i++) {
    next_ok (source, &frame, &mark);
    g_assert_cmpuint (frame.info->width, ==, 32);
    g_assert_cmpuint (frame.info->height, ==, 16);
    g_assert_false (mark.corrupted);
    timestamps[i] = mark.timestamp_ns;
    levels[i] = frame.planes[0][7 * frame.strides[0] + 5];
    for (guint y = 0; y < 16; y++)
      g_checksum_update (checksum, frame.planes[0] + y * frame.strides[0], 32);
  }
  assert_end (source);
  return g_strdup (g_checksum_get_string (checksum));
}

static void
test_video (Fixture *fixture, gconstpointer data)
{
  const char *encoder = data;
  g_autofree char *path = in_dir (fixture, "video");
  guint64 timestamps[N_VIDEO_FRAMES], again[N_VIDEO_FRAMES];
  guint8 levels[N_VIDEO_FRAMES];
  g_autofree char *first = NULL;
  g_autofree char *second = NULL;

  make_video (fixture, path, encoder);
  first = read_video (path, timestamps, levels);
  second = read_video (path, again, levels);
  g_assert_cmpstr (first, ==, second);
  g_assert_cmpmem (timestamps, sizeof timestamps, again, sizeof again);
  for (guint i = 1; i < N_VIDEO_FRAMES; i++) {
    /* Containers round to 1 ms (Matroska) or less; steps of 20 levels outlive any coder. */
    g_assert_cmpint (ABS ((gint64) (timestamps[i] - i * GST_SECOND / 25)), <=, GST_MSECOND);
    g_assert_cmpint (levels[i] - levels[i - 1], >=, 10);
  }
}

/* Two JPEGs in one file are a video of two frames, which may differ in kind. */
static void
test_kind_changes (Fixture *fixture, gconstpointer data)
{
  g_autofree char *small = in_dir (fixture, "small.jpg");
  g_autofree char *large = in_dir (fixture, "large.jpg");
  g_autofree char *both = in_dir (fixture, "both.mjpeg");
  g_autofree char *a = NULL;
  g_autofree char *b = NULL;
  g_autoptr (GString) joined = NULL;
  g_autoptr (CpacFrameSource) source = NULL;
  CpacFrameMark mark;
  CpacFrame frame;
  gsize a_size, b_size;

  make_jpeg (small, "GRAY8", 8, 8, 17, 5);
  make_jpeg (large, "I420", 16, 16, 64, 48);
  g_assert_true (g_file_get_contents (small, &a, &a_size, NULL));
  g_assert_true (g_file_get_contents (large, &b, &b_size, NULL));
  joined = g_string_new_len (a, a_size);
  g_string_append_len (joined, b, b_size);
  write_bytes (both, joined->str, joined->len);

  source = open_ok (both);
  next_ok (source, &frame, &mark);
  g_assert_cmpuint (frame.info->format, ==, CPAC_PIXEL_GRAY8);
  g_assert_cmpuint (frame.info->width, ==, 17);
  next_ok (source, &frame, &mark);
  g_assert_cmpuint (frame.info->format, ==, CPAC_PIXEL_I420);
  g_assert_cmpuint (frame.info->width, ==, 64);
  g_assert_cmpuint (frame.planes[0][0], ==, frame.planes[0][1]);
  assert_end (source);
}

/* A source left before its end stops at once, with frames still on their way. */
static void
test_left_early (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = in_dir (fixture, "video");
  CpacFrameMark mark;
  CpacFrame frame;

  make_video (fixture, path, "jpegenc ! avimux");
  for (guint n = 0; n < 3; n++) {
    g_autoptr (CpacFrameSource) source = open_ok (path);

    for (guint i = 0; i < n; i++)
      next_ok (source, &frame, &mark);
  }
}

static void
assert_refused (const char *path, GQuark domain, int code, const char *words)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) error_gray = NULL;
  guint width = 77, height = 77;

  g_assert_null (cpac_frames_open (path, NULL, &error));
  g_assert_error (error, domain, code);
  g_test_message ("%s", error->message);
  g_assert_true (g_str_has_prefix (error->message, path));
  g_assert_nonnull (strstr (error->message, words));
  g_assert_null (cpac_frames_read_gray (path, &width, &height, &error_gray));
  g_assert_error (error_gray, domain, code);
  g_assert_cmpuint (width, ==, 77);
}

static void
test_not_files (Fixture *fixture, gconstpointer data)
{
  g_autofree char *missing = in_dir (fixture, "missing.png");
  g_autofree char *fifo = in_dir (fixture, "fifo.png");

  assert_refused (missing, G_FILE_ERROR, G_FILE_ERROR_NOENT, "No such file");
  assert_refused (fixture->dir, G_FILE_ERROR, G_FILE_ERROR_ISDIR, "directory");
  g_assert_cmpint (mkfifo (fifo, 0600), ==, 0);
  assert_refused (fifo, G_FILE_ERROR, G_FILE_ERROR_INVAL, "not a regular file");
}

static void
test_not_pictures (Fixture *fixture, gconstpointer data)
{
  static const struct {
    const char *bytes;
    gsize size;
    const char *words;
  } rows[] = {
    { "", 0, "empty" },
    { "x", 1, "could not be decoded" },
    { "The quick brown fox jumps over the lazy dog, again and again.\n", 63,
      "could not be decoded" },
    { "\x89PNG\r\n\x1a\n", 8, "ends after 8 bytes" },
    { "\x89PNG\r\n\x1a\n\0\0\0\x0dJUNKabcdefghijklm", 30, "IHDR" },
    { "\xff\xd8\xff", 3, "ends after 3 bytes" },
    { "\xff\xd8\xff\xe0\0\xff", 6, "ends after 6 bytes" },
    { "\xff\xd8\xff\xd9", 4, "could not be decoded" },
    { "RIFF\xff\xff\xff\xff"
      "AVI LIST",
      16, "could not be decoded" },
  };
  g_autofree char *path = in_dir (fixture, "file");
  gint64 start = g_get_monotonic_time ();

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    write_bytes (path, rows[i].bytes, rows[i].size);
    assert_refused (path, CPAC_ERROR, CPAC_ERROR_PARSE, rows[i].words);
  }
  /* Nothing of this may wait for the 20 seconds of a stuck decoder. */
  if (g_getenv ("CPAC_TEST_SLOW_MACHINE") == NULL)
    g_assert_cmpint (g_get_monotonic_time () - start, <, 15 * G_USEC_PER_SEC);
}

/* A picture cut anywhere is refused, and the whole one still opens after that. */
static void
test_truncated (Fixture *fixture, gconstpointer data)
{
  const char *encoder = data;
  g_autofree char *whole = in_dir (fixture, "whole");
  g_autofree char *cut = in_dir (fixture, "cut");
  g_autofree char *bytes = NULL;
  g_autofree char *make = g_strdup_printf ("videotestsrc num-buffers=1 pattern=snow ! "
                                           "video/x-raw,format=GRAY8,width=24,height=16 ! %s",
                                           encoder);
  gsize size;

  make_file (whole, make);
  g_assert_true (g_file_get_contents (whole, &bytes, &size, NULL));
  for (gsize n = 8; n < size; n = n < size - 20 ? n + 17 : n + 1) {
    g_autoptr (GError) error = NULL;

    write_bytes (cut, bytes, n);
    g_assert_null (cpac_frames_open (cut, NULL, &error));
    g_assert_error (error, CPAC_ERROR, CPAC_ERROR_PARSE);
    g_assert_nonnull (strstr (error->message, "before its end marker"));
  }
  cpac_frame_source_free (open_ok (whole));
}

/* Stray bytes behind the end marker do no harm. */
static void
test_trailing_bytes (Fixture *fixture, gconstpointer data)
{
  const char *encoder = data;
  g_autofree char *path = in_dir (fixture, "picture");
  g_autofree char *make = g_strdup_printf ("videotestsrc num-buffers=1 ! "
                                           "video/x-raw,format=GRAY8,width=24,height=16 ! %s",
                                           encoder);
  g_autofree char *bytes = NULL;
  g_autoptr (GString) longer = NULL;
  g_autoptr (CpacFrameSource) source = NULL;
  CpacFrameMark mark;
  CpacFrame frame;
  gsize size;

  make_file (path, make);
  g_assert_true (g_file_get_contents (path, &bytes, &size, NULL));
  longer = g_string_new_len (bytes, size);
  g_string_append (longer, "trailing");
  write_bytes (path, longer->str, longer->len);
  source = open_ok (path);
  next_ok (source, &frame, &mark);
  g_assert_cmpuint (frame.info->width, ==, 24);
  assert_end (source);
}

/* Any byte of any chunk; the signature only says that it is a PNG. */
static void
test_damaged_png (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = in_dir (fixture, "damaged.png");
  guint8 row[32] = { 1, 2, 3 };
  g_autoptr (GByteArray) png = png_make (17, 13, 8, PNG_GRAY, row);

  for (guint i = 8; i < png->len; i++) {
    g_autoptr (GError) error = NULL;

    png->data[i] ^= 0x10;
    write_bytes (path, png->data, png->len);
    g_assert_null (cpac_frames_open (path, NULL, &error));
    g_assert_true (error->domain == CPAC_ERROR);
    g_assert_true (g_str_has_prefix (error->message, path));
    png->data[i] ^= 0x10;
  }
  write_bytes (path, png->data, png->len);
  cpac_frame_source_free (open_ok (path));
}

static void
test_deep_colour_png (Fixture *fixture, gconstpointer data)
{
  static const guint color_types[] = { PNG_RGB, PNG_RGBA, PNG_GRAY_ALPHA };
  g_autofree char *path = in_dir (fixture, "deep.png");
  guint8 row[40] = { 0 };

  for (guint i = 0; i < G_N_ELEMENTS (color_types); i++) {
    g_autoptr (GByteArray) png = png_make (5, 3, 16, color_types[i], row);

    write_bytes (path, png->data, png->len);
    assert_refused (path, CPAC_ERROR, CPAC_ERROR_SCHEMA, "16-bit gray");
  }
}

static void
test_huge_picture (Fixture *fixture, gconstpointer data)
{
  /* SOI, SOF0 of 65535 x 65535, EOI */
  static const guint8 jpeg[] = { 0xff, 0xd8, 0xff, 0xc0, 0,    11, 8,    0xff, 0xff,
                                 0xff, 0xff, 1,    1,    0x11, 0,  0xff, 0xd9 };
  g_autofree char *path = in_dir (fixture, "huge");
  g_autoptr (GByteArray) png = png_make (5, 3, 8, PNG_GRAY, (guint8[5]){ 0 });

  write_bytes (path, jpeg, sizeof jpeg);
  assert_refused (path, CPAC_ERROR, CPAC_ERROR_SHAPE, "65535x65535");
  memset (png->data + 16, 0x7f, 8);
  write_bytes (path, png->data, png->len);
  assert_refused (path, CPAC_ERROR, CPAC_ERROR_SHAPE, "2139062143x2139062143");
}

static void
test_not_video (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = in_dir (fixture, "file");

  make_file (path, "audiotestsrc num-buffers=3 ! audioconvert ! wavenc");
  assert_refused (path, CPAC_ERROR, CPAC_ERROR_PARSE, "there is no video in it");
  make_file (path, "audiotestsrc num-buffers=3 ! audioconvert ! vorbisenc ! oggmux");
  assert_refused (path, CPAC_ERROR, CPAC_ERROR_PARSE, "there is no video in it");
}

/* Sound beside the picture does not disturb it. */
static void
test_sound_too (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = in_dir (fixture, "both.ogg");
  g_autoptr (CpacFrameSource) source = NULL;
  CpacFrameMark mark;
  CpacFrame frame;

  make_file (path, "audiotestsrc num-buffers=40 ! audioconvert ! vorbisenc ! queue ! mux. "
                   "videotestsrc num-buffers=9 ! video/x-raw,width=64,height=48 ! theoraenc ! "
                   "queue ! oggmux name=mux");
  source = open_ok (path);
  for (guint i = 0; i < 9; i++)
    next_ok (source, &frame, &mark);
  assert_end (source);
}

/* No free decoder for it: the error names the format. */
static void
test_no_decoder (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = in_dir (fixture, "video.avi");

  if (gst_registry_check_feature_version (gst_registry_get (), "avdec_wmv3", 1, 0, 0)) {
    g_test_skip ("this machine has a decoder for WMV3");
    return;
  }
  make_file (path, "fakesrc num-buffers=3 sizetype=fixed sizemax=99 filltype=zero format=time ! "
                   "video/x-wmv,wmvversion=3,width=16,height=16,framerate=1/1 ! avimux");
  assert_refused (path, CPAC_ERROR, CPAC_ERROR_PARSE, "Windows Media Video");
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
  g_autoptr (CpacFrameSource) source = open_ok (photograph);
  g_autoptr (GError) error = NULL;
  g_autofree guint8 *mask = NULL;
  CpacFrameMark mark;
  CpacFrame frame;
  guint width, height, n_marked = 0;

  next_ok (source, &frame, &mark);
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

static void
add (const char *path, gconstpointer data, void (*test) (Fixture *, gconstpointer))
{
  g_test_add (path, Fixture, data, fixture_set_up, test, fixture_tear_down);
}

int
main (int argc, char **argv)
{
  gst_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);
  add ("/frames/png/round-trip", NULL, test_png_round_trip);
  add ("/frames/png/same-bytes", NULL, test_png_same_bytes);
  add ("/frames/png/write-refused", NULL, test_write_refused);
  add ("/frames/png/as-pipeline", NULL, test_png_as_pipeline);
  add ("/frames/png/truncated", "pngenc", test_truncated);
  add ("/frames/png/trailing-bytes", "pngenc", test_trailing_bytes);
  add ("/frames/png/damaged", NULL, test_damaged_png);
  add ("/frames/jpeg/as-pipeline", NULL, test_jpeg_as_pipeline);
  add ("/frames/jpeg/truncated", "jpegenc", test_truncated);
  add ("/frames/jpeg/trailing-bytes", "jpegenc", test_trailing_bytes);
  add ("/frames/gray", NULL, test_read_gray);
  add ("/frames/gray/video-range", NULL, test_read_gray_video_range);
  add ("/frames/sequence", NULL, test_sequence);
  add ("/frames/sequence/patterns", NULL, test_sequence_patterns);
  add ("/frames/sequence/errors", NULL, test_sequence_errors);
  add ("/frames/video/mjpeg-avi", "jpegenc ! avimux", test_video);
  add ("/frames/video/mjpeg-mkv", "jpegenc ! matroskamux", test_video);
  add ("/frames/video/theora-ogg", "theoraenc ! oggmux", test_video);
  add ("/frames/video/vp8-webm", "vp8enc ! webmmux", test_video);
  add ("/frames/video/kind-changes", NULL, test_kind_changes);
  add ("/frames/video/left-early", NULL, test_left_early);
  add ("/frames/video/sound-too", NULL, test_sound_too);
  add ("/frames/refused/not-files", NULL, test_not_files);
  add ("/frames/refused/not-pictures", NULL, test_not_pictures);
  add ("/frames/refused/deep-colour-png", NULL, test_deep_colour_png);
  add ("/frames/refused/huge", NULL, test_huge_picture);
  add ("/frames/refused/not-video", NULL, test_not_video);
  add ("/frames/refused/no-decoder", NULL, test_no_decoder);
  g_test_add_func ("/frames/real-tiles", test_real_tiles);
  return g_test_run ();
}
