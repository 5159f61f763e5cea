/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gst/gst.h>

#include "core/score/inspection.h"

G_BEGIN_DECLS

/* 8 steps in each power of two up to 2^44 ns (5 hours); longer times count into the last one. */
#define GST_CPAC_TIME_STEPS (42 * 8)

/**
 * GstCpacScoreStats:
 *
 * What the property `stats` counts. Plain memory of fixed size: noting a frame allocates nothing.
 * The owner guards it.
 */
typedef struct {
  guint64 frames; /* all that came, of any status */
  guint64 by_status[CPAC_STATUS_ERROR + 1];
  guint64 defects; /* frames with verdict not-ok */
  guint64 lost;    /* frames that never came, as far as their offsets tell */
  gboolean has_score;
  double last_score;
  guint64 n_times, sum_ns;
  guint32 times[GST_CPAC_TIME_STEPS]; /* frames by time spent */
} GstCpacScoreStats;

void gst_cpac_score_stats_add (GstCpacScoreStats *stats, const CpacInspection *inspection);

/* The time that 99 % of the frames did not exceed, rounded up to a step: at most 1/8 too much. 0
 * before the first frame. */
guint64 gst_cpac_score_stats_get_p99 (const GstCpacScoreStats *stats);

/* (transfer full) */
GstStructure *gst_cpac_score_stats_to_structure (const GstCpacScoreStats *stats);

G_END_DECLS
