/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pipelines/explain-pictures.h"

#include <gst/gst.h>

#include "pipelines/frames.h"
#include "tests/folder.h"

static const double map[] = { 0, 1, -1, 0.5, -7, 9 };

static void
assert_pixel (const CpacFrame *frame, guint x, guint y, guint8 r, guint8 g, guint8 b)
{
  const guint8 *pixel = frame->planes[0] + (gssize) y * frame->strides[0] + 3 * x;

  g_assert_cmpuint (pixel[0], ==, r);
  g_assert_cmpuint (pixel[1], ==, g);
  g_assert_cmpuint (pixel[2], ==, b);
}

static CpacFrameSource *
open_frame (const Folder *folder, const char *name, CpacFrame *frame)
{
  g_autofree char *path = g_build_filename (folder->path, name, NULL);
  g_autoptr (GError) error = NULL;
  CpacFrameSource *source = cpac_frames_open (path, NULL, &error);
  CpacFrameMark mark;

  g_assert_no_error (error);
  g_assert_cmpint (cpac_frame_source_next (source, frame, &mark, &error), ==, CPAC_FRAME_NEXT);
  g_assert_cmpint (frame->info->format, ==, CPAC_PIXEL_RGB);
  return source;
}

/* Nothing is near-white, full colour begins at the limit, which is 1 here, and stays beyond it. */
static void
test_map (void)
{
  g_auto (Folder) folder = { 0 };
  g_autoptr (CpacFrameSource) source = NULL;
  g_autoptr (GError) error = NULL;
  CpacFrame frame;

  folder_init (&folder);
  g_assert_true (explain_write_map (map, 3, 2, 1, 3, 2, folder.path, "m.png", &error));
  g_assert_no_error (error);
  source = open_frame (&folder, "m.png", &frame);
  g_assert_cmpuint (frame.info->width, ==, 3);
  g_assert_cmpuint (frame.info->height, ==, 2);
  assert_pixel (&frame, 0, 0, 247, 247, 247);
  assert_pixel (&frame, 1, 0, 213, 94, 0);
  assert_pixel (&frame, 2, 0, 0, 114, 178);
  assert_pixel (&frame, 0, 1, 230, 171, 124);
  assert_pixel (&frame, 1, 1, 0, 114, 178);
  assert_pixel (&frame, 2, 1, 213, 94, 0);
}

/* As large as the picture: twice 3x2; the corners keep the corner cells' values. */
static void
test_enlarged (void)
{
  g_auto (Folder) folder = { 0 };
  g_autoptr (CpacFrameSource) source = NULL;
  CpacFrame frame;

  folder_init (&folder);
  g_assert_true (explain_write_map (map, 3, 2, 1, 6, 4, folder.path, "m.png", NULL));
  source = open_frame (&folder, "m.png", &frame);
  g_assert_cmpuint (frame.info->width, ==, 6);
  assert_pixel (&frame, 0, 0, 247, 247, 247);
  assert_pixel (&frame, 5, 0, 0, 114, 178);
  assert_pixel (&frame, 5, 3, 213, 94, 0);
  /* A quarter of the way from 0 to 1. */
  assert_pixel (&frame, 1, 0, 239, 209, 185);
}

/* Where nothing contributes the picture is itself, in gray; elsewhere 85 % at most cover it. */
static void
test_overlay (void)
{
  const guint8 pixels[] = { 100, 100, 100, 10, 20, 30, 200, 200, 200,
                            0,   0,   0,   5,  5,  5,  255, 255, 255 };
  const CpacFrameInfo info = { .format = CPAC_PIXEL_RGB, .width = 3, .height = 2 };
  const CpacFrame picture = { &info, { pixels }, { 9 } };
  g_auto (Folder) folder = { 0 };
  g_autoptr (CpacFrameSource) source = NULL;
  g_autoptr (GError) error = NULL;
  CpacFrame frame;

  folder_init (&folder);
  g_assert_true (explain_write_overlay (map, 3, 2, 1, &picture, folder.path, "o.png", &error));
  g_assert_no_error (error);
  source = open_frame (&folder, "o.png", &frame);
  assert_pixel (&frame, 0, 0, 100, 100, 100);
  /* Gray 18.15 beneath: 0.15 of it and 0.85 of orange. */
  assert_pixel (&frame, 1, 0, 184, 83, 3);
  assert_pixel (&frame, 2, 0, 30, 127, 181);
  assert_pixel (&frame, 0, 1, 91, 40, 0);
}

static void
test_no_folder (void)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (explain_write_map (map, 3, 2, 1, 3, 2, "/nowhere/at/all", "m.png", &error));
  g_assert_nonnull (error);
}

int
main (int argc, char **argv)
{
  gst_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/explain-pictures/map", test_map);
  g_test_add_func ("/explain-pictures/enlarged", test_enlarged);
  g_test_add_func ("/explain-pictures/overlay", test_overlay);
  g_test_add_func ("/explain-pictures/no-folder", test_no_folder);
  return g_test_run ();
}
