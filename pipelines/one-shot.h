/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/**
 * cpac_one_shot_run:
 * @factory: an element with one sink and one source pad that works in the pushing thread
 * @in: (transfer none): one buffer with its fixed caps
 * @out_caps: what may come out
 *
 * Sends one buffer through one element and returns the first that comes out, all in the calling
 * thread: no pipeline, no queue, no waiting. About 0.1 ms above the element's own work, where a
 * decodebin costs 2 ms. The element lives for this one call, so trouble with one buffer cannot
 * reach the next. Errors: a GStreamer domain as the element posted it, GST_STREAM_ERROR_FAILED
 * when nothing came out, GST_CORE_ERROR_MISSING_PLUGIN. (transfer full)
 */
GstSample *
cpac_one_shot_run (const char *factory, GstSample *in, GstCaps *out_caps, GError **error);

G_END_DECLS
