/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/frame/source.h"

G_BEGIN_DECLS

/*
 * Pictures and video through GStreamer, in the formats of the element, without any conversion that
 * cpac_frame_plan_run() does itself: what the tool scores is what a pipeline scores. gst_init()
 * must have been called.
 */

/* Opens a picture or video file (anything decodebin takes). Frames come in stream order; decoders
 * run with one thread where they have the choice, and nothing drops. A video that gives no frame
 * within @timeout is an error. A CpacFrameOpenFunc; @user_data unused. (transfer full) */
CpacFrameSource *cpac_frames_open (const char *path, gpointer user_data, GError **error);

/* Opens a printf pattern such as "shot-%05d.png" as an image sequence, first index @start, timed at
 * @fps frames a second. (transfer full) */
CpacFrameSource *cpac_frames_open_sequence (const char *pattern, guint start, guint fps,
                                            GError **error);

/* Decodes one picture to GRAY8 (height, width), tightly packed: for masks. (transfer full) */
guint8 *cpac_frames_read_gray (const char *path, guint *width, guint *height, GError **error);

/* Writes one GRAY8 or RGB frame as PNG: temporary file, then rename. */
gboolean cpac_frames_write_png (const CpacFrame *frame, const char *path, GError **error);

G_END_DECLS
