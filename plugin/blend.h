/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gst/video/video.h>

G_BEGIN_DECLS

/**
 * GstCpacBlender:
 *
 * Lays a picture with alpha over frames of one format: each sample becomes colour + (1 - alpha)
 * sample, rounded. Colours are sRGB and come to YUV and gray by the matrix and range of the
 * colorimetry; a chroma sample takes the mean of its up to four pixels. Pixels under alpha 0 keep
 * their bytes.
 *
 * gst_video_blend() unpacks and packs whole rows of the frame, which takes 3 to 20 times as long
 * for a small box (twice as long for all of a frame), and does not heed the colorimetry.
 */
typedef struct {
  gboolean is_yuv;   /* planar or semi-planar 4:2:0 */
  gboolean is_gray;  /* one plane of luma */
  guint depth;       /* bytes of a gray sample */
  guint low;         /* of two bytes, the index of the low one */
  gint matrix[3][3]; /* Y, U, V of R, G, B, in 2^-16 */
  gint offset[3];    /* of Y, U, V */
} GstCpacBlender;

/* @info: of one of the formats in GST_CPAC_VIDEO_FORMATS. */
void gst_cpac_blender_init (GstCpacBlender *blender, const GstVideoInfo *info);

/* Lays the pixels of @argb (premultiplied, as cairo's ARGB32; rows @stride pixels apart, the first
 * one over the frame's first) from column @x and row @y on, @width by @height of them, over @frame,
 * which holds all of them. @x and @y are even. */
void gst_cpac_blend (const GstCpacBlender *blender, GstVideoFrame *frame, const guint32 *argb,
                     gsize stride, guint x, guint y, guint width, guint height);

G_END_DECLS
