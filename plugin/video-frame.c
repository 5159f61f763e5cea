/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "plugin/video-frame.h"

static const GstVideoFormat formats[CPAC_N_PIXEL_FORMATS] = {
  [CPAC_PIXEL_GRAY8] = GST_VIDEO_FORMAT_GRAY8,
  [CPAC_PIXEL_GRAY16_LE] = GST_VIDEO_FORMAT_GRAY16_LE,
  [CPAC_PIXEL_GRAY16_BE] = GST_VIDEO_FORMAT_GRAY16_BE,
  [CPAC_PIXEL_RGB] = GST_VIDEO_FORMAT_RGB,
  [CPAC_PIXEL_BGR] = GST_VIDEO_FORMAT_BGR,
  [CPAC_PIXEL_RGBX] = GST_VIDEO_FORMAT_RGBx,
  [CPAC_PIXEL_BGRX] = GST_VIDEO_FORMAT_BGRx,
  [CPAC_PIXEL_RGBA] = GST_VIDEO_FORMAT_RGBA,
  [CPAC_PIXEL_BGRA] = GST_VIDEO_FORMAT_BGRA,
  [CPAC_PIXEL_I420] = GST_VIDEO_FORMAT_I420,
  [CPAC_PIXEL_YV12] = GST_VIDEO_FORMAT_YV12,
  [CPAC_PIXEL_NV12] = GST_VIDEO_FORMAT_NV12,
  [CPAC_PIXEL_NV21] = GST_VIDEO_FORMAT_NV21,
};

static CpacColorMatrix
matrix_from_video (GstVideoColorMatrix matrix)
{
  switch (matrix) {
    case GST_VIDEO_COLOR_MATRIX_BT709:
    case GST_VIDEO_COLOR_MATRIX_SMPTE240M:
      return CPAC_MATRIX_BT709;
    case GST_VIDEO_COLOR_MATRIX_BT2020:
      return CPAC_MATRIX_BT2020;
    case GST_VIDEO_COLOR_MATRIX_UNKNOWN:
    case GST_VIDEO_COLOR_MATRIX_RGB:
    case GST_VIDEO_COLOR_MATRIX_FCC:
    case GST_VIDEO_COLOR_MATRIX_BT601:
      break;
  }
  return CPAC_MATRIX_BT601;
}

gboolean
gst_cpac_frame_info_from_video (const GstVideoInfo *video, CpacFrameInfo *info)
{
  guint i = 0;

  while (i < CPAC_N_PIXEL_FORMATS && formats[i] != GST_VIDEO_INFO_FORMAT (video))
    i++;
  if (i == CPAC_N_PIXEL_FORMATS)
    return FALSE;

  *info = (CpacFrameInfo){
    .format = i,
    .width = GST_VIDEO_INFO_WIDTH (video),
    .height = GST_VIDEO_INFO_HEIGHT (video),
    .matrix = matrix_from_video (video->colorimetry.matrix),
    .range = video->colorimetry.range == GST_VIDEO_COLOR_RANGE_16_235 ? CPAC_RANGE_VIDEO
                                                                      : CPAC_RANGE_FULL,
  };
  return TRUE;
}

void
gst_cpac_frame_from_video (GstVideoFrame *video, const CpacFrameInfo *info, CpacFrame *frame)
{
  *frame = (CpacFrame){ .info = info };
  for (guint i = 0; i < GST_VIDEO_FRAME_N_PLANES (video); i++) {
    frame->planes[i] = GST_VIDEO_FRAME_PLANE_DATA (video, i);
    frame->strides[i] = GST_VIDEO_FRAME_PLANE_STRIDE (video, i);
  }
}

void
gst_cpac_propose_video_meta (GstQuery *query)
{
  if (!gst_query_find_allocation_meta (query, GST_VIDEO_META_API_TYPE, NULL))
    gst_query_add_allocation_meta (query, GST_VIDEO_META_API_TYPE, NULL);
}
