/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pipelines/frames.h"

#include <gst/gst.h>
#include <string.h>

#include "tests/frames-fixture.h"
#include "tests/png-maker.h"

/* n pictures of one even gray level each, 20 apart, numbered from @start. */
static void
write_levels (FramesFixture *fixture, guint start, guint n)
{
  for (guint i = 0; i < n; i++) {
    g_autofree char *name = g_strdup_printf ("level-%03u.png", start + i);
    g_autofree char *path = frames_in_dir (fixture, name);
    FramesPicture picture;

    frames_picture_init (&picture, CPAC_PIXEL_GRAY8, 32, 16, 0, FALSE);
    memset (picture.pixels, 20 * i, 32 * 16);
    g_assert_true (cpac_frames_write_png (&picture.frame, path, NULL));
    g_free (picture.pixels);
  }
}

static void
test_sequence (FramesFixture *fixture, gconstpointer data)
{
  g_autofree char *pattern_path = frames_in_dir (fixture, "level-%03d.png");
  g_autoptr (GError) error = NULL;
  g_autoptr (CpacFrameSource) source = NULL;
  CpacFrameMark mark;
  CpacFrame frame;

  write_levels (fixture, 8, 5);
  source = cpac_frames_open_sequence (pattern_path, 8, 30, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < 5; i++) {
    frames_next_ok (source, &frame, &mark);
    g_assert_cmpuint (frame.planes[0][0], ==, 20 * i);
    g_assert_cmpuint (mark.timestamp_ns, ==, i * GST_SECOND / 30);
  }
  frames_assert_end (source);
}

static void
test_sequence_patterns (FramesFixture *fixture, gconstpointer data)
{
  static const struct {
    const char *pattern, *file;
  } good[] = {
    { "%d.png", "7.png" },        { "a%%b%u.png", "a%b7.png" }, { "%05i", "00007" },
    { "x%3dy.png", "x  7y.png" }, { "%d%%d.png", "7%d.png" },
  };
  static const char *const bad[] = { "",    "a.png", "%",  "%s.png", "%d-%d.png", "%n",
                                     "%05", "%-5d",  "%x", "%99d",   "%1.5d" };
  FramesPicture picture;

  frames_picture_init (&picture, CPAC_PIXEL_GRAY8, 3, 5, 0, FALSE);
  for (guint i = 0; i < G_N_ELEMENTS (good); i++) {
    g_autofree char *pattern_path = frames_in_dir (fixture, good[i].pattern);
    g_autofree char *path = frames_in_dir (fixture, good[i].file);
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
test_sequence_errors (FramesFixture *fixture, gconstpointer data)
{
  g_autofree char *pattern_path = frames_in_dir (fixture, "level-%03d.png");
  g_autofree char *damaged = frames_in_dir (fixture, "level-002.png");
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

  frames_write_bytes (damaged, "no picture", 10);
  source = cpac_frames_open_sequence (pattern_path, 0, 25, NULL);
  frames_next_ok (source, &frame, &mark);
  frames_next_ok (source, &frame, &mark);
  g_assert_cmpint (cpac_frame_source_next (source, &frame, &mark, &broken), ==, CPAC_FRAME_ERROR);
  g_assert_error (broken, CPAC_ERROR, CPAC_ERROR_PARSE);
  g_assert_nonnull (strstr (broken->message, "level-002.png"));
  g_assert_cmpint (cpac_frame_source_next (source, &frame, &mark, NULL), ==, CPAC_FRAME_ERROR);
}

#define N_VIDEO_FRAMES 12

/* Even gray levels 0, 20, ..., in order, 25 a second. */
static void
make_video (FramesFixture *fixture, const char *path, const char *encoder)
{
  g_autofree char *make =
      g_strdup_printf ("multifilesrc location=%s/level-%%03d.png index=0 "
                       "caps=image/png,framerate=25/1 ! pngdec ! videoconvert ! "
                       "video/x-raw,format=I420 ! %s",
                       fixture->dir, encoder);

  write_levels (fixture, 0, N_VIDEO_FRAMES);
  frames_make_file (path, make);
}

/* Reads all of a video; the checksum is that of its luma. */
static char *
read_video (const char *path, guint64 *timestamps, guint8 *levels)
{
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  g_autoptr (CpacFrameSource) source = frames_open_ok (path);
  CpacFrameMark mark;
  CpacFrame frame;

  for (guint i = 0; i < N_VIDEO_FRAMES; i++) {
    frames_next_ok (source, &frame, &mark);
    g_assert_cmpuint (frame.info->width, ==, 32);
    g_assert_cmpuint (frame.info->height, ==, 16);
    g_assert_false (mark.corrupted);
    timestamps[i] = mark.timestamp_ns;
    levels[i] = frame.planes[0][7 * frame.strides[0] + 5];
    for (guint y = 0; y < 16; y++)
      g_checksum_update (checksum, frame.planes[0] + y * frame.strides[0], 32);
  }
  frames_assert_end (source);
  return g_strdup (g_checksum_get_string (checksum));
}

static void
test_video (FramesFixture *fixture, gconstpointer data)
{
  const char *encoder = data;
  g_autofree char *path = frames_in_dir (fixture, "video");
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
test_kind_changes (FramesFixture *fixture, gconstpointer data)
{
  g_autofree char *small = frames_in_dir (fixture, "small.jpg");
  g_autofree char *large = frames_in_dir (fixture, "large.jpg");
  g_autofree char *both = frames_in_dir (fixture, "both.mjpeg");
  g_autofree char *a = NULL;
  g_autofree char *b = NULL;
  g_autoptr (GString) joined = NULL;
  g_autoptr (CpacFrameSource) source = NULL;
  CpacFrameMark mark;
  CpacFrame frame;
  gsize a_size, b_size;

  frames_make_jpeg (small, "GRAY8", 8, 8, 17, 5);
  frames_make_jpeg (large, "I420", 16, 16, 64, 48);
  g_assert_true (g_file_get_contents (small, &a, &a_size, NULL));
  g_assert_true (g_file_get_contents (large, &b, &b_size, NULL));
  joined = g_string_new_len (a, a_size);
  g_string_append_len (joined, b, b_size);
  frames_write_bytes (both, joined->str, joined->len);

  source = frames_open_ok (both);
  frames_next_ok (source, &frame, &mark);
  g_assert_cmpuint (frame.info->format, ==, CPAC_PIXEL_GRAY8);
  g_assert_cmpuint (frame.info->width, ==, 17);
  frames_next_ok (source, &frame, &mark);
  g_assert_cmpuint (frame.info->format, ==, CPAC_PIXEL_I420);
  g_assert_cmpuint (frame.info->width, ==, 64);
  g_assert_cmpuint (frame.planes[0][0], ==, frame.planes[0][1]);
  frames_assert_end (source);
}

static void
test_two_pngs (FramesFixture *fixture, gconstpointer data)
{
  g_autofree char *path = frames_in_dir (fixture, "both.png");
  guint8 row[17] = { 1, 2, 3 };
  g_autoptr (GByteArray) both = png_make (17, 5, 8, PNG_GRAY, row);
  g_autoptr (GByteArray) second = png_make (3, 2, 8, PNG_GRAY, row);
  g_autoptr (CpacFrameSource) source = NULL;
  CpacFrameMark mark;
  CpacFrame frame;

  g_byte_array_append (both, second->data, second->len);
  frames_write_bytes (path, both->data, both->len);
  source = frames_open_ok (path);
  frames_next_ok (source, &frame, &mark);
  g_assert_cmpuint (frame.info->width, ==, 17);
  frames_next_ok (source, &frame, &mark);
  g_assert_cmpuint (frame.info->width, ==, 3);
  frames_assert_end (source);
}

/* A source left before its end stops at once, with frames still on their way. */
static void
test_left_early (FramesFixture *fixture, gconstpointer data)
{
  g_autofree char *path = frames_in_dir (fixture, "video");
  CpacFrameMark mark;
  CpacFrame frame;

  make_video (fixture, path, "jpegenc ! avimux");
  for (guint n = 0; n < 3; n++) {
    g_autoptr (CpacFrameSource) source = frames_open_ok (path);

    for (guint i = 0; i < n; i++)
      frames_next_ok (source, &frame, &mark);
  }
}

/* Sound beside the picture does not disturb it. */
static void
test_sound_too (FramesFixture *fixture, gconstpointer data)
{
  g_autofree char *path = frames_in_dir (fixture, "both.ogg");
  g_autoptr (CpacFrameSource) source = NULL;
  CpacFrameMark mark;
  CpacFrame frame;

  frames_make_file (path,
                    "audiotestsrc num-buffers=40 ! audioconvert ! vorbisenc ! queue ! mux. "
                    "videotestsrc num-buffers=9 ! video/x-raw,width=64,height=48 ! theoraenc ! "
                    "queue ! oggmux name=mux");
  source = frames_open_ok (path);
  for (guint i = 0; i < 9; i++)
    frames_next_ok (source, &frame, &mark);
  frames_assert_end (source);
}

int
main (int argc, char **argv)
{
  gst_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);
  frames_add_test ("/frames/sequence", NULL, test_sequence);
  frames_add_test ("/frames/sequence/patterns", NULL, test_sequence_patterns);
  frames_add_test ("/frames/sequence/errors", NULL, test_sequence_errors);
  frames_add_test ("/frames/video/mjpeg-avi", "jpegenc ! avimux", test_video);
  frames_add_test ("/frames/video/mjpeg-mkv", "jpegenc ! matroskamux", test_video);
  frames_add_test ("/frames/video/theora-ogg", "theoraenc ! oggmux", test_video);
  frames_add_test ("/frames/video/vp8-webm", "vp8enc ! webmmux", test_video);
  frames_add_test ("/frames/video/kind-changes", NULL, test_kind_changes);
  frames_add_test ("/frames/video/two-pngs", NULL, test_two_pngs);
  frames_add_test ("/frames/video/left-early", NULL, test_left_early);
  frames_add_test ("/frames/video/sound-too", NULL, test_sound_too);
  return g_test_run ();
}
