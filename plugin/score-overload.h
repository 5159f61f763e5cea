/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gst/gst.h>

#include "plugin/score-messages.h"

G_BEGIN_DECLS

/**
 * GstCpacOverload:
 *
 * What is known about how late frames are. The owner guards it.
 */
typedef struct {
  GstClockTime earliest; /* running time below which the sink says a frame comes too late */
  GstClockTime latency;  /* of the pipeline, as distributed by its LATENCY event */
} GstCpacOverload;

#define GST_CPAC_OVERLOAD_INIT                                                                     \
  {                                                                                                \
    .earliest = GST_CLOCK_TIME_NONE, .latency = 0                                                  \
  }

/* Learns from a QOS or LATENCY event on its way upstream; ignores others. */
void gst_cpac_overload_note_event (GstCpacOverload *overload, GstEvent *event);

/* By how much the frame at @times is too late, at most 0 when it is not: the sink said that frames
 * of its time come too late, or, while @element is PLAYING, its successor's time is already over:
 * running time + latency + duration (20 ms where unknown, as GStreamer's sinks allow for
 * processing) lies before the clock. Frames without time are never late. */
GstClockTimeDiff gst_cpac_overload_get_lateness (const GstCpacOverload *overload,
                                                 GstElement *element, const GstCpacTimes *times);

G_END_DECLS
