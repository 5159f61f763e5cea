/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pipelines/frames.h"

#include <gst/gst.h>
#include <string.h>
#include <sys/stat.h>

#include "tests/frames-fixture.h"
#include "tests/png-maker.h"

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
test_not_files (FramesFixture *fixture, gconstpointer data)
{
  g_autofree char *missing = frames_in_dir (fixture, "missing.png");
  g_autofree char *fifo = frames_in_dir (fixture, "fifo.png");

  assert_refused (missing, G_FILE_ERROR, G_FILE_ERROR_NOENT, "No such file");
  assert_refused (fixture->dir, G_FILE_ERROR, G_FILE_ERROR_ISDIR, "directory");
  g_assert_cmpint (mkfifo (fifo, 0600), ==, 0);
  assert_refused (fifo, G_FILE_ERROR, G_FILE_ERROR_INVAL, "not a regular file");
}

static void
test_not_pictures (FramesFixture *fixture, gconstpointer data)
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
  g_autofree char *path = frames_in_dir (fixture, "file");
  gint64 start = g_get_monotonic_time ();

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    frames_write_bytes (path, rows[i].bytes, rows[i].size);
    assert_refused (path, CPAC_ERROR, CPAC_ERROR_PARSE, rows[i].words);
  }
  /* Nothing of this may wait for the 20 seconds of a stuck decoder. */
  if (g_getenv ("CPAC_TEST_SLOW_MACHINE") == NULL)
    g_assert_cmpint (g_get_monotonic_time () - start, <, 15 * G_USEC_PER_SEC);
}

/* A picture cut anywhere is refused, and the whole one still opens after that. */
static void
test_truncated (FramesFixture *fixture, gconstpointer data)
{
  const char *encoder = data;
  g_autofree char *whole = frames_in_dir (fixture, "whole");
  g_autofree char *cut = frames_in_dir (fixture, "cut");
  g_autofree char *bytes = NULL;
  g_autofree char *make = g_strdup_printf ("videotestsrc num-buffers=1 pattern=snow ! "
                                           "video/x-raw,format=GRAY8,width=24,height=16 ! %s",
                                           encoder);
  gsize size;

  frames_make_file (whole, make);
  g_assert_true (g_file_get_contents (whole, &bytes, &size, NULL));
  for (gsize n = 8; n < size; n = n < size - 20 ? n + 17 : n + 1) {
    g_autoptr (GError) error = NULL;

    frames_write_bytes (cut, bytes, n);
    g_assert_null (cpac_frames_open (cut, NULL, &error));
    g_assert_error (error, CPAC_ERROR, CPAC_ERROR_PARSE);
    g_assert_nonnull (strstr (error->message, "before its end marker"));
  }
  cpac_frame_source_free (frames_open_ok (whole));
}

/* Any byte of any chunk; the signature only says that it is a PNG. */
static void
test_damaged_png (FramesFixture *fixture, gconstpointer data)
{
  g_autofree char *path = frames_in_dir (fixture, "damaged.png");
  guint8 row[32] = { 1, 2, 3 };
  g_autoptr (GByteArray) png = png_make (17, 13, 8, PNG_GRAY, row);

  for (guint i = 8; i < png->len; i++) {
    g_autoptr (GError) error = NULL;

    png->data[i] ^= 0x10;
    frames_write_bytes (path, png->data, png->len);
    g_assert_null (cpac_frames_open (path, NULL, &error));
    g_assert_true (error->domain == CPAC_ERROR);
    g_assert_true (g_str_has_prefix (error->message, path));
    png->data[i] ^= 0x10;
  }
  frames_write_bytes (path, png->data, png->len);
  cpac_frame_source_free (frames_open_ok (path));
}

/* Alone, or second in the file. */
static void
test_deep_colour_png (FramesFixture *fixture, gconstpointer data)
{
  static const guint color_types[] = { PNG_RGB, PNG_RGBA, PNG_GRAY_ALPHA };
  g_autofree char *path = frames_in_dir (fixture, "deep.png");
  guint8 row[40] = { 0 };
  g_autoptr (GByteArray) first = png_make (5, 3, 8, PNG_GRAY, row);

  for (guint i = 0; i < G_N_ELEMENTS (color_types); i++) {
    g_autoptr (GByteArray) png = png_make (5, 3, 16, color_types[i], row);

    frames_write_bytes (path, png->data, png->len);
    assert_refused (path, CPAC_ERROR, CPAC_ERROR_SCHEMA, "16-bit gray");
    g_byte_array_prepend (png, first->data, first->len);
    frames_write_bytes (path, png->data, png->len);
    assert_refused (path, CPAC_ERROR, CPAC_ERROR_SCHEMA, "16-bit gray");
  }
}

static void
test_huge_picture (FramesFixture *fixture, gconstpointer data)
{
  /* SOI, SOF0 of 65535 x 65535, EOI */
  static const guint8 jpeg[] = { 0xff, 0xd8, 0xff, 0xc0, 0,    11, 8,    0xff, 0xff,
                                 0xff, 0xff, 1,    1,    0x11, 0,  0xff, 0xd9 };
  g_autofree char *path = frames_in_dir (fixture, "huge");
  g_autoptr (GByteArray) png = png_make_claim (0x7fffffff, 0x7fffffff);

  frames_write_bytes (path, jpeg, sizeof jpeg);
  assert_refused (path, CPAC_ERROR, CPAC_ERROR_SHAPE, "65535x65535");
  frames_write_bytes (path, png->data, png->len);
  assert_refused (path, CPAC_ERROR, CPAC_ERROR_SHAPE, "2147483647x2147483647");
}

static void
test_not_video (FramesFixture *fixture, gconstpointer data)
{
  g_autofree char *path = frames_in_dir (fixture, "file");

  frames_make_file (path, "audiotestsrc num-buffers=3 ! audioconvert ! wavenc");
  assert_refused (path, CPAC_ERROR, CPAC_ERROR_PARSE, "there is no video in it");
  frames_make_file (path, "audiotestsrc num-buffers=3 ! audioconvert ! vorbisenc ! oggmux");
  assert_refused (path, CPAC_ERROR, CPAC_ERROR_PARSE, "there is no video in it");
}

/* No free decoder for it: the error names the format. */
static void
test_no_decoder (FramesFixture *fixture, gconstpointer data)
{
  g_autofree char *path = frames_in_dir (fixture, "video.avi");

  if (gst_registry_check_feature_version (gst_registry_get (), "avdec_wmv3", 1, 0, 0)) {
    g_test_skip ("this machine has a decoder for WMV3");
    return;
  }
  frames_make_file (path,
                    "fakesrc num-buffers=3 sizetype=fixed sizemax=99 filltype=zero format=time ! "
                    "video/x-wmv,wmvversion=3,width=16,height=16,framerate=1/1 ! avimux");
  assert_refused (path, CPAC_ERROR, CPAC_ERROR_PARSE, "Windows Media Video");
}

int
main (int argc, char **argv)
{
  gst_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);
  frames_add_test ("/frames/png/truncated", "pngenc", test_truncated);
  frames_add_test ("/frames/png/damaged", NULL, test_damaged_png);
  frames_add_test ("/frames/jpeg/truncated", "jpegenc", test_truncated);
  frames_add_test ("/frames/refused/not-files", NULL, test_not_files);
  frames_add_test ("/frames/refused/not-pictures", NULL, test_not_pictures);
  frames_add_test ("/frames/refused/deep-colour-png", NULL, test_deep_colour_png);
  frames_add_test ("/frames/refused/huge", NULL, test_huge_picture);
  frames_add_test ("/frames/refused/not-video", NULL, test_not_video);
  frames_add_test ("/frames/refused/no-decoder", NULL, test_no_decoder);
  return g_test_run ();
}
