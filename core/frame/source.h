/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/frame/frame.h"

G_BEGIN_DECLS

/**
 * CpacFrameSource:
 *
 * Where pictures and video come from. core only declares it; pipelines/frames implements it with
 * GStreamer, core's tests with memory. One thread at a time.
 */
typedef struct _CpacFrameSource CpacFrameSource;

typedef enum {
  CPAC_FRAME_NEXT,  /* @frame is filled; it stays valid until the next call or the free */
  CPAC_FRAME_END,   /* no more */
  CPAC_FRAME_ERROR, /* @error is set */
} CpacFrameStatus;

/* What goes with a frame, beside its pixels. */
typedef struct {
  guint64 timestamp_ns; /* stream time; G_MAXUINT64 when there is none */
  gboolean corrupted;   /* the decoder or the camera says that the picture is damaged */
} CpacFrameMark;

typedef struct {
  CpacFrameStatus (*next) (CpacFrameSource *source, CpacFrame *frame, CpacFrameMark *mark,
                           GError **error);
  void (*free) (CpacFrameSource *source);
} CpacFrameSourceClass;

struct _CpacFrameSource {
  const CpacFrameSourceClass *klass;
};

/* Opens a picture or a video by path; given to whoever needs frames (dataset, replay). */
typedef CpacFrameSource *(*CpacFrameOpenFunc) (const char *path, gpointer user_data,
                                               GError **error);

static inline CpacFrameStatus
cpac_frame_source_next (CpacFrameSource *source, CpacFrame *frame, CpacFrameMark *mark,
                        GError **error)
{
  return source->klass->next (source, frame, mark, error);
}

static inline void
cpac_frame_source_free (CpacFrameSource *source)
{
  if (source != NULL)
    source->klass->free (source);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CpacFrameSource, cpac_frame_source_free)

G_END_DECLS
