/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gst/video/video.h>

#include "core/frame/source.h"

G_BEGIN_DECLS

/**
 * CpacMappedSample:
 *
 * The frame a source has lent out: kept mapped until the next one is set or it is cleared. Starts
 * as zeros.
 */
typedef struct {
  GstSample *sample;
  GstVideoFrame video;
  CpacFrameInfo info;
} CpacMappedSample;

/* Maps @sample (taken in every case) and fills @frame and @mark. Errors: CPAC_ERROR_PARSE. */
gboolean cpac_mapped_sample_set (CpacMappedSample *mapped, GstSample *sample, CpacFrame *frame,
                                 CpacFrameMark *mark, GError **error);
void cpac_mapped_sample_clear (CpacMappedSample *mapped);

/* video/x-raw in GST_CPAC_VIDEO_FORMATS. (transfer full) */
GstCaps *cpac_frames_caps (void);

/* Sets @error from @cause (taken) with the path in front. G_FILE_ERROR and CPAC_ERROR keep their
 * domain, trouble with reading becomes G_FILE_ERROR_IO, all else of GStreamer CPAC_ERROR_PARSE. */
void cpac_frames_set_error (GError **error, const char *path, GError *cause);

/* A file through decodebin; the first frame is decoded before this returns. Errors as
 * cpac_frames_open(). (transfer full) */
CpacFrameSource *cpac_frames_stream_new (const char *path, GError **error);

/* jpegdec's default IDCT is a fast one that darkens by about one level; this asks for the exact one
 * wherever @element has the choice. */
void cpac_frames_set_exact (GstElement *element);

G_END_DECLS
