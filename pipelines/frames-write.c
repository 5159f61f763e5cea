/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pipelines/frames.h"

#include <gst/video/video.h>
#include <string.h>

#include "pipelines/frames-private.h"
#include "pipelines/one-shot.h"
#include "pipelines/picture.h"

/* What PNG allows in libpng, and pngenc in its caps. */
#define PNG_MAX_SIDE 1000000

static gboolean
check_frame (const CpacFrameInfo *info, GstVideoFormat *format, GError **error)
{
  if (info->format != CPAC_PIXEL_GRAY8 && info->format != CPAC_PIXEL_RGB) {
    g_set_error_literal (error, CPAC_ERROR, CPAC_ERROR_SCHEMA,
                         "a frame in another format than GRAY8 or RGB cannot be written as PNG");
    return FALSE;
  }
  if (info->width == 0 || info->height == 0 || info->width > PNG_MAX_SIDE ||
      info->height > CPAC_PICTURE_MAX_PIXELS / info->width || info->height > PNG_MAX_SIDE) {
    g_set_error (error, CPAC_ERROR, CPAC_ERROR_SHAPE,
                 "%ux%u pixels, expected sides of 1 to %u and at most %u pixels", info->width,
                 info->height, PNG_MAX_SIDE, CPAC_PICTURE_MAX_PIXELS);
    return FALSE;
  }
  *format = info->format == CPAC_PIXEL_RGB ? GST_VIDEO_FORMAT_RGB : GST_VIDEO_FORMAT_GRAY8;
  return TRUE;
}

/* A copy with the strides that caps imply; the frame's may be anything. */
static GstSample *
copy_frame (const CpacFrame *frame, GstVideoFormat format)
{
  g_autoptr (GstBuffer) buffer = NULL;
  g_autoptr (GstCaps) caps = NULL;
  GstVideoInfo info;
  GstVideoFrame copy;

  gst_video_info_set_format (&info, format, frame->info->width, frame->info->height);
  GST_VIDEO_INFO_FPS_N (&info) = 0;
  GST_VIDEO_INFO_FPS_D (&info) = 1;
  caps = gst_video_info_to_caps (&info);
  buffer = gst_buffer_new_allocate (NULL, GST_VIDEO_INFO_SIZE (&info), NULL);
  gst_video_frame_map (&copy, &info, buffer, GST_MAP_WRITE);
  for (guint y = 0; y < frame->info->height; y++)
    memcpy ((guint8 *) GST_VIDEO_FRAME_PLANE_DATA (&copy, 0) +
                (gsize) y * GST_VIDEO_FRAME_PLANE_STRIDE (&copy, 0),
            frame->planes[0] + (gssize) y * frame->strides[0],
            (gsize) frame->info->width * GST_VIDEO_INFO_COMP_PSTRIDE (&info, 0));
  gst_video_frame_unmap (&copy);
  GST_BUFFER_PTS (buffer) = 0;
  return gst_sample_new (buffer, caps, NULL, NULL);
}

/* (transfer full) */
static GBytes *
encode (const CpacFrame *frame, GError **error)
{
  g_autoptr (GstCaps) png = gst_caps_new_empty_simple ("image/png");
  g_autoptr (GstSample) raw = NULL, coded = NULL;
  GstVideoFormat format;
  GstBuffer *buffer;
  gpointer bytes;
  gsize size;

  if (!check_frame (frame->info, &format, error))
    return NULL;
  raw = copy_frame (frame, format);
  coded = cpac_one_shot_run ("pngenc", raw, png, error);
  if (coded == NULL)
    return NULL;
  buffer = gst_sample_get_buffer (coded);
  gst_buffer_extract_dup (buffer, 0, gst_buffer_get_size (buffer), &bytes, &size);
  return g_bytes_new_take (bytes, size);
}

gboolean
cpac_frames_write_png (const CpacFrame *frame, const char *path, GError **error)
{
  g_autoptr (GBytes) coded = encode (frame, error);
  const char *bytes;
  gsize size;

  if (coded == NULL) {
    g_prefix_error (error, "%s: ", path);
    return FALSE;
  }
  bytes = g_bytes_get_data (coded, &size);
  return g_file_set_contents_full (path, bytes, size, G_FILE_SET_CONTENTS_CONSISTENT, 0666, error);
}
