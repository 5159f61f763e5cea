/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/frames-fixture.h"

#include <glib/gstdio.h>
#include <gst/gst.h>
#include <string.h>

#include "pipelines/frames.h"

static void
fixture_set_up (FramesFixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  fixture->dir = g_dir_make_tmp ("cpac-frames-XXXXXX", &error);
  g_assert_no_error (error);
}

guint
frames_count_files (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  guint n = 0;

  while (g_dir_read_name (dir) != NULL)
    n++;
  return n;
}

static void
fixture_tear_down (FramesFixture *fixture, gconstpointer data)
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

char *
frames_in_dir (FramesFixture *fixture, const char *name)
{
  return g_build_filename (fixture->dir, name, NULL);
}

void
frames_write_bytes (const char *path, gconstpointer bytes, gsize size)
{
  g_autoptr (GError) error = NULL;

  g_file_set_contents (path, bytes, size, &error);
  g_assert_no_error (error);
}

/* Runs "@description ! filesink" to its end. */
void
frames_make_file (const char *path, const char *description)
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

CpacFrameSource *
frames_open_ok (const char *path)
{
  g_autoptr (GError) error = NULL;
  CpacFrameSource *source = cpac_frames_open (path, NULL, &error);

  g_assert_no_error (error);
  g_assert_nonnull (source);
  return source;
}

void
frames_next_ok (CpacFrameSource *source, CpacFrame *frame, CpacFrameMark *mark)
{
  g_autoptr (GError) error = NULL;
  CpacFrameStatus status = cpac_frame_source_next (source, frame, mark, &error);

  g_assert_no_error (error);
  g_assert_cmpint (status, ==, CPAC_FRAME_NEXT);
}

/* The end is the end however often one asks. */
void
frames_assert_end (CpacFrameSource *source)
{
  CpacFrame frame;
  CpacFrameMark mark;

  for (guint i = 0; i < 3; i++)
    g_assert_cmpint (cpac_frame_source_next (source, &frame, &mark, NULL), ==, CPAC_FRAME_END);
}

/* Pixels of a picture, recomputable from position alone. */
guint8
frames_pattern (guint x, guint y, guint channel)
{
  return x * 7 + y * 13 + channel * 101 + x * y;
}

/* Rows lie @padding bytes apart, last row first when @upside_down; the padding is poisoned. */
void
frames_picture_init (FramesPicture *picture, CpacPixelFormat format, guint width, guint height,
                     guint padding, gboolean upside_down)
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
          frames_pattern (i / n_channels, y, i % n_channels);
}

/* jpegenc reads beyond frames that do not fill their last blocks. So whole blocks are coded, and
 * then the header is made to say less: the rest is padding, as in any odd-sized JPEG. */
void
frames_make_jpeg (const char *path, const char *format, guint block_width, guint block_height,
                  guint width, guint height)
{
  g_autofree char *make = g_strdup_printf (
      "videotestsrc num-buffers=1 ! video/x-raw,format=%s,width=%u,height=%u ! jpegenc", format,
      (width + block_width - 1) / block_width * block_width,
      (height + block_height - 1) / block_height * block_height);
  g_autofree char *bytes = NULL;
  char *start_of_frame;
  gsize size;

  frames_make_file (path, make);
  g_assert_true (g_file_get_contents (path, &bytes, &size, NULL));
  start_of_frame = memmem (bytes, size, "\xff\xc0", 2);
  start_of_frame[6] = height;
  start_of_frame[8] = width;
  frames_write_bytes (path, bytes, size);
}

void
frames_add_test (const char *path, gconstpointer data,
                 void (*test) (FramesFixture *, gconstpointer))
{
  g_test_add (path, FramesFixture, data, fixture_set_up, test, fixture_tear_down);
}
