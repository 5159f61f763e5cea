/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gst/video/video.h>

G_BEGIN_DECLS

/**
 * gst_cpac_picture_encode:
 * @buffer: a frame of one of GST_CPAC_VIDEO_FORMATS; only read
 * @bit_depth: significant bits of GRAY16, 9..16; 0: 16
 *
 * A PNG of 8 bits a sample: gray of gray, colours of all else, without alpha. GRAY8 and RGB keep
 * their values; of GRAY16, 2^bit_depth - 1 becomes 255, and so does what is above. Errors:
 * G_FILE_ERROR, where memory is short, the frame cannot be read or has a side above 32767.
 * (transfer full)
 */
GBytes *gst_cpac_picture_encode (GstBuffer *buffer, const GstVideoInfo *video, guint bit_depth,
                                 GError **error);

/* A gray PNG of @levels (height, width). Errors as above. (transfer full) */
GBytes *gst_cpac_levels_encode (const guint8 *levels, guint width, guint height, GError **error);

G_END_DECLS
