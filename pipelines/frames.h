/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/frame/source.h"

G_BEGIN_DECLS

/*
 * Pictures and video through GStreamer, in the decoder's own format where that is one of the
 * element's, so that what the tool scores is what a pipeline scores. gst_init() must have been
 * called. Any thread; one source serves one thread at a time.
 *
 * A JPEG is I420 (full range BT.601, whatever its subsampling), GRAY8 or RGB; a PNG is GRAY8,
 * GRAY16_BE, RGB or RGBA, a palette is RGB and gray with alpha is RGBA. Everything that the element
 * does not take goes through videoconvert as it would in a pipeline "decodebin ! videoconvert !
 * cpacscore": it loses as little as it can, so 4:4:4 and 4:2:2 video become BGRx rather than lose
 * chroma, 10-bit 4:2:0 becomes I420. JPEG is decoded with idct-method=islow, the exact one: a
 * pipeline that is to give the same bits says so too, since jpegdec's default (ifast) darkens a
 * picture by about one level.
 */

/**
 * cpac_frames_open:
 *
 * Opens a picture or video file (anything decodebin takes) and decodes its first frame. Frames come
 * in stream order with their stream time (a picture: 0); software decoders run, with one thread
 * where they have the choice, and nothing drops. The kind of frame may change in mid-stream:
 * compare the info. After CPAC_FRAME_END or CPAC_FRAME_ERROR every further call gives the same.
 *
 * One PNG or JPEG in a file takes a short way, without decodebin but through the same decoders:
 * about 0.1 ms more than the decoding itself. A picture cut short is an error, although jpegdec
 * would fill it with gray; damage inside the coded data of a JPEG cannot be seen.
 *
 * Errors, with the path: G_FILE_ERROR where the file cannot be read or is no regular file;
 * CPAC_ERROR_PARSE where it holds no video, cannot be decoded, ends before the first frame or gives
 * none within 20 seconds; CPAC_ERROR_SHAPE for a picture of more than 2^28 pixels;
 * CPAC_ERROR_SCHEMA for a PNG with 16-bit colour or alpha, which pngdec decodes wrongly.
 *
 * A CpacFrameOpenFunc; @user_data unused. (transfer full)
 */
CpacFrameSource *cpac_frames_open (const char *path, gpointer user_data, GError **error);

/**
 * cpac_frames_open_sequence:
 *
 * Opens a pattern such as "shot-%05d.png" as an image sequence: one number as in printf (d, i or u,
 * with or without a width), "%%" for a percent sign. It begins at index @start, where a picture
 * must be, ends before the first index that is no file, and is timed at @fps frames a second. Of
 * each file the first frame counts. A picture that cannot be decoded is an error; the sequence does
 * not go past it. Errors: as cpac_frames_open(), CPAC_ERROR_SCHEMA for the pattern and for @fps 0.
 * (transfer full)
 */
CpacFrameSource *
cpac_frames_open_sequence (const char *pattern, guint start, guint fps, GError **error);

/**
 * cpac_frames_read_gray:
 *
 * Decodes the first frame to GRAY8 (height, width), full range, tightly packed: for masks. RGB by
 * BT.601 weights, alpha ignored; 16 bit divided by 257, rounded. Errors: as cpac_frames_open().
 * Free with g_free(). (transfer full)
 */
guint8 *cpac_frames_read_gray (const char *path, guint *width, guint *height, GError **error);

/**
 * cpac_frames_write_png:
 *
 * Writes one GRAY8 or RGB frame as PNG: temporary file, then rename; the same frame gives the same
 * bytes. Errors: CPAC_ERROR_SCHEMA for another format, CPAC_ERROR_SHAPE for an empty frame or one
 * of more than 2^28 pixels or 1,000,000 on a side, G_FILE_ERROR.
 */
gboolean cpac_frames_write_png (const CpacFrame *frame, const char *path, GError **error);

G_END_DECLS
