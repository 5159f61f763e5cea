/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/monitor/bernoulli-cusum.h"
#include "core/monitor/monitor.h"

G_BEGIN_DECLS

/* The score, then the camera's measures. */
#define CPAC_N_SERIES (1 + CPAC_N_CAMERA_MEASURES)
#define CPAC_SERIES_SCORE 0
#define CPAC_SERIES_CAMERA 1

#define CPAC_MONITOR_MAX_NOTES 32
/* Phase I that does not end keeps so many times the parts it wants, the latest. */
#define CPAC_MONITOR_PHASE_ONE_WINDOW 2

/* The score since its average last crossed the centre: since when it is shifted, if it is. */
typedef struct {
  guint64 n, n_rejects;
  double sum, sum_of_rejects; /* of clipped points */
} CpacScoreShift;

struct _CpacMonitor {
  CpacMonitorOptions options;
  gboolean is_frozen;

  /* Phase I: one entry a part, of a camera measure or feature where they are announced. */
  GArray *learnt[CPAC_N_SERIES]; /* double */
  GArray *features;              /* double (parts, n_features) */
  GArray *rejects;               /* guint, 1 or 0 */
  guint64 n_seen;                /* parts since phase I began, incomplete ones too */

  /* Fixed by phase I. */
  CpacSeries series[CPAC_N_SERIES]; /* limits of their charts; and how they stand */
  gboolean has_bernoulli;
  CpacBernoulliCusum bernoulli;
  CpacHotelling *hotelling; /* NULL: off */
  guint n_learnt;
  GArray *left_out; /* guint */
  guint n_charts;
  double arl, arl_of_chart, arl_low, arl_uncorrected, arl_of_rules;
  GPtrArray *notes; /* char * */

  /* How it stands. */
  CpacScoreShift shift;
  double camera[CPAC_N_CAMERA_MEASURES]; /* of the last part that had them */
  CpacMonitorState state;
  guint64 n_in_state;
};

/* All zeros; nothing is checked. */
CpacMonitor *cpac_monitor_alloc (void);
gboolean cpac_monitor_options_check (const CpacMonitorOptions *options, GError **error);

/* Forgets what phase I fixed, and how charts stand. */
void cpac_monitor_unfix (CpacMonitor *monitor);

/* The score as it is charted, before it is standardised. */
double cpac_monitor_get_point (const CpacMonitor *monitor, double score);
const char *cpac_monitor_get_series_name (guint index);

/* What one part did to the charts. */
typedef struct {
  CpacSeriesPoint score;
  CpacSeriesPoint camera[CPAC_N_CAMERA_MEASURES];
  guint alarms; /* CpacMonitorAlarm */
  gboolean has_features;
  double t2, q;
} CpacMonitorPoint;

/* The state, and its sentence, from the charts and the latest part. */
CpacMonitorState
cpac_monitor_decide (const CpacMonitor *monitor, const CpacMonitorPoint *point, gboolean is_defect);
void cpac_monitor_explain (const CpacMonitor *monitor, const CpacMonitorPoint *point,
                           CpacMonitorResult *result);

G_END_DECLS
