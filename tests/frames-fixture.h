/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/frame/source.h"

/* What the tests of pipelines/frames share: a folder of their own, and files to put into it. */

typedef struct {
  char *dir;
} FramesFixture;

void frames_add_test (const char *path, gconstpointer data,
                      void (*test) (FramesFixture *, gconstpointer));

char *frames_in_dir (FramesFixture *fixture, const char *name);
guint frames_count_files (const char *dir);
void frames_write_bytes (const char *path, gconstpointer bytes, gsize size);

/* Runs "@description ! filesink" to its end. */
void frames_make_file (const char *path, const char *description);

/* A test picture as JPEG, coded from raw @format whose blocks (MCU) have the size given. */
void frames_make_jpeg (const char *path, const char *format, guint block_width, guint block_height,
                       guint width, guint height);

/* These fail the test where the call fails. */
CpacFrameSource *frames_open_ok (const char *path);
void frames_next_ok (CpacFrameSource *source, CpacFrame *frame, CpacFrameMark *mark);
void frames_assert_end (CpacFrameSource *source);

/* Pixels of a picture, recomputable from position alone. */
guint8 frames_pattern (guint x, guint y, guint channel);

typedef struct {
  CpacFrameInfo info;
  CpacFrame frame;
  guint8 *pixels;
} FramesPicture;

/* A GRAY8 or RGB picture of that pattern. Rows lie @padding bytes apart, last row first when
 * @upside_down; the padding is poisoned. Free the pixels with g_free(). */
void frames_picture_init (FramesPicture *picture, CpacPixelFormat format, guint width, guint height,
                          guint padding, gboolean upside_down);
