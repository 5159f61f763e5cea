/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/monitor/monitor-file.h"
#include "core/score/inspection.h"

G_BEGIN_DECLS

/**
 * GstCpacCharts:
 *
 * The charts of a stream of frames: puts the frames of a part together, and begins a monitor when
 * the first frame with a score shows what there is to chart. Of the streaming thread.
 */
typedef struct {
  CpacMonitorOptions wanted; /* p-values and number of features as of the stream */
  gboolean has_features;
  CpacMonitor *monitor;     /* NULL before the first score */
  CpacMonitorOrigin origin; /* of what it learns from */
  CpacPartSum sum;          /* of the part in hand */
  GPtrArray *names;         /* (element-type utf8) of its features */
  GArray *means;            /* (element-type double) scratch */
  gboolean has_result;
  CpacMonitorResult result; /* of the last part that ended */
} GstCpacCharts;

void gst_cpac_charts_init (GstCpacCharts *charts, const CpacMonitorOptions *wanted,
                           gboolean has_features);
void gst_cpac_charts_clear (GstCpacCharts *charts);

/* Goes on with the state in the file @path. Its options hold, whatever is wanted; @differs tells.
 * Errors of cpac_monitor_file_load(), and of options that the charts do not take. */
gboolean
gst_cpac_charts_load (GstCpacCharts *charts, const char *path, gboolean *differs, GError **error);

/* What the monitor learnt from, where @inspection comes of something else and its scores have
 * another scale: another model, another ignore mask, or p-values that are given no more. NULL where
 * it is the same. */
const char *
gst_cpac_charts_find_change (const GstCpacCharts *charts, const CpacInspection *inspection);
/* Forgets limits and learns anew, by the options that are wanted. A part in hand that has scores
 * already gives none: see CpacPartSum. */
void gst_cpac_charts_restart (GstCpacCharts *charts);

/* A part begins. */
void gst_cpac_charts_begin_part (GstCpacCharts *charts);
/* One frame of it. @inspection: NULL where there is none; @camera: NULL where it was not measured.
 */
void gst_cpac_charts_add_frame (GstCpacCharts *charts, CpacVerdict verdict,
                                const CpacInspection *inspection, const double *camera);
/* It ends: @part is what its frames are together, not-ok, undefined, not-decidable, ok in this
 * order; with @is_incomplete, undefined or not-ok. charts->result follows, unless there is no
 * monitor yet. */
CpacMonitorPart gst_cpac_charts_end_part (GstCpacCharts *charts, gboolean is_incomplete);

/* "LAYER:CHANNEL" of result.top_feature; NULL where there is none. */
const char *gst_cpac_charts_get_top_feature (const GstCpacCharts *charts);

G_END_DECLS
