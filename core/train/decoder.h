/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/frame/source.h"

G_BEGIN_DECLS

/**
 * CpacDecoder:
 *
 * From picture files, frames and places in a video to network input. Keeps the plan of the last
 * kind of frame and an open video. One thread at a time; a CpacDecoderPool hands them out.
 */
typedef struct _CpacDecoder CpacDecoder;

/* @out (channels, height, width) receives @frame. Errors of cpac_frame_plan_new(), without a name
 * in front. */
gboolean
cpac_decoder_convert (CpacDecoder *decoder, const CpacFrame *frame, float *out, GError **error);
/* The kind of the last frame that was converted. */
const CpacFrameInfo *cpac_decoder_get_info (const CpacDecoder *decoder);
/* The first frame of the file at @path. Every error begins with the path: the
 * opener's and the decoder's own, CPAC_ERROR_PARSE for a file without a frame or with a damaged
 * one, and those of cpac_decoder_convert(). */
gboolean
cpac_decoder_read_picture (CpacDecoder *decoder, const char *path, float *out, GError **error);
/* Frame @index of the video at @path, the same video in every call. It stays open, so that the
 * frames after this one are reached without going back to the start. Errors as above. */
gboolean cpac_decoder_read_video_frame (CpacDecoder *decoder, const char *path, guint64 index,
                                        float *out, GError **error);

/**
 * CpacDecoderPool:
 *
 * As many decoders as were ever wanted at once. Any thread.
 */
typedef struct _CpacDecoderPool CpacDecoderPool;

/* (transfer full) */
CpacDecoderPool *
cpac_decoder_pool_new (const CpacInputSpec *spec, CpacFrameOpenFunc open, gpointer open_data);
/* Every decoder must have been put back. Takes NULL. */
void cpac_decoder_pool_free (CpacDecoderPool *pool);
CpacDecoder *cpac_decoder_pool_take (CpacDecoderPool *pool);
void cpac_decoder_pool_put_back (CpacDecoderPool *pool, CpacDecoder *decoder);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CpacDecoderPool, cpac_decoder_pool_free)

G_END_DECLS
