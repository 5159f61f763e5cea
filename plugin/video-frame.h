/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gst/video/video.h>

#include "core/frame/frame.h"

G_BEGIN_DECLS

/*
 * From GStreamer's description of a picture to core's, for the elements and for pipelines/frames:
 * one place, so that a file and a stream of the same pixels are read alike.
 */

/* The formats of CpacPixelFormat, in its order, as caps list them. The order matters: converters
 * choose by it. */
#define GST_CPAC_VIDEO_FORMATS                                                                     \
  "{ GRAY8, GRAY16_LE, GRAY16_BE, RGB, BGR, RGBx, BGRx, RGBA, BGRA, I420, YV12, NV12, NV21 }"

/**
 * gst_cpac_frame_info_from_video:
 *
 * Fills @info, with bit_depth 0. The range is video only where the colorimetry says 16..235; an
 * unknown range is full, as in GstVideoConverter. The matrix is BT.709 also for SMPTE 240M, whose
 * weights lie within 0.015 of it, and BT.601 for all that the enumeration does not name.
 * FALSE, and @info untouched, when the format is not in GST_CPAC_VIDEO_FORMATS.
 */
gboolean gst_cpac_frame_info_from_video (const GstVideoInfo *video, CpacFrameInfo *info);

/* Points @frame at the planes of @video, with the strides of the mapped buffer (not of the caps).
 * Borrows both @video and @info. */
void gst_cpac_frame_from_video (GstVideoFrame *video, const CpacFrameInfo *info, CpacFrame *frame);

/* To an ALLOCATION query: frames may have strides and offsets of their own. */
void gst_cpac_propose_video_meta (GstQuery *query);

G_END_DECLS
