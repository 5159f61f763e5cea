/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pipelines/frames.h"

#include <string.h>

/* Where red, green and blue lie in a pixel of @step bytes; not RGB: step 0. */
typedef struct {
  guint step, red, green, blue;
} RgbLayout;

static const RgbLayout layouts[CPAC_N_PIXEL_FORMATS] = {
  [CPAC_PIXEL_RGB] = { 3, 0, 1, 2 },  [CPAC_PIXEL_BGR] = { 3, 2, 1, 0 },
  [CPAC_PIXEL_RGBX] = { 4, 0, 1, 2 }, [CPAC_PIXEL_BGRX] = { 4, 2, 1, 0 },
  [CPAC_PIXEL_RGBA] = { 4, 0, 1, 2 }, [CPAC_PIXEL_BGRA] = { 4, 2, 1, 0 },
};

/* BT.601 luma, rounded; equal components give themselves. */
static void
row_from_rgb (guint8 *out, const guint8 *in, guint width, const RgbLayout *layout)
{
  for (guint x = 0; x < width; x++, in += layout->step)
    out[x] =
        (299 * in[layout->red] + 587 * in[layout->green] + 114 * in[layout->blue] + 500) / 1000;
}

static void
row_from_gray16 (guint8 *out, const guint8 *in, guint width, guint high, guint low)
{
  for (guint x = 0; x < width; x++)
    out[x] = ((in[2 * x + high] << 8 | in[2 * x + low]) + 128) / 257;
}

static void
row_to_full_range (guint8 *row, guint width)
{
  for (guint x = 0; x < width; x++)
    row[x] = (CLAMP (row[x], 16, 235) - 16) * 255 / 219.0 + 0.5;
}

static void
row_to_gray (guint8 *out, const guint8 *in, const CpacFrameInfo *info)
{
  switch (info->format) {
    case CPAC_PIXEL_GRAY16_LE:
      row_from_gray16 (out, in, info->width, 1, 0);
      return;
    case CPAC_PIXEL_GRAY16_BE:
      row_from_gray16 (out, in, info->width, 0, 1);
      return;
    case CPAC_PIXEL_RGB:
    case CPAC_PIXEL_BGR:
    case CPAC_PIXEL_RGBX:
    case CPAC_PIXEL_BGRX:
    case CPAC_PIXEL_RGBA:
    case CPAC_PIXEL_BGRA:
      row_from_rgb (out, in, info->width, &layouts[info->format]);
      return;
    case CPAC_PIXEL_GRAY8:
    case CPAC_PIXEL_I420:
    case CPAC_PIXEL_YV12:
    case CPAC_PIXEL_NV12:
    case CPAC_PIXEL_NV21:
      memcpy (out, in, info->width);
      if (info->range == CPAC_RANGE_VIDEO)
        row_to_full_range (out, info->width);
      return;
  }
}

guint8 *
cpac_frames_read_gray (const char *path, guint *width, guint *height, GError **error)
{
  g_autoptr (CpacFrameSource) source = cpac_frames_open (path, NULL, error);
  CpacFrameMark mark;
  CpacFrame frame;
  guint8 *gray;

  if (source == NULL || cpac_frame_source_next (source, &frame, &mark, error) != CPAC_FRAME_NEXT)
    return NULL;
  *width = frame.info->width;
  *height = frame.info->height;
  gray = g_malloc_n (*width, *height);
  for (guint y = 0; y < *height; y++)
    row_to_gray (gray + (gsize) y * *width, frame.planes[0] + (gssize) y * frame.strides[0],
                 frame.info);
  return gray;
}
