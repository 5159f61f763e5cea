/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/monitor/hotelling.h"
#include "core/monitor/part.h"
#include "core/monitor/series.h"

G_BEGIN_DECLS

#define CPAC_MONITOR_MAX_PHASE_ONE 5000

/**
 * CpacMonitorState:
 *
 * What the charts together say. Of several the first in this order is told: camera, then process,
 * then part.
 */
typedef enum {
  CPAC_MONITOR_PHASE_ONE, /* still learning what is normal; nothing is judged */
  CPAC_MONITOR_IN_CONTROL,
  CPAC_MONITOR_DEFECT,         /* this part is rejected; nothing says that others will be */
  CPAC_MONITOR_DEFECT_RATE_UP, /* more parts are rejected than should be; the others are as ever */
  /* All parts have moved: their scores, or, under unchanged light, contrast or sharpness upwards.
   */
  CPAC_MONITOR_PROCESS_DRIFT,
  CPAC_MONITOR_NEW_APPEARANCE, /* not rejected, but unlike what was learnt: retrain? */
  CPAC_MONITOR_CHECK_CAMERA,   /* pictures have changed as such: lamp, lens, exposure */
} CpacMonitorState;
#define CPAC_N_MONITOR_STATES 7

/* "phase-one", "in-control", "defect", "defect-rate-up", "process-drift", "new-appearance",
 * "check-camera". */
const char *cpac_monitor_state_to_string (CpacMonitorState state);

/**
 * CpacMonitorOptions:
 *
 * One false alarm is allowed in hours_per_false_alarm x parts_per_hour parts, of all charts
 * together: each has limits for as many times that as there are charts, wider by what
 * autocorrelation may be left. Rules are the exception: their limits are what they are, and what
 * they cost is told.
 */
typedef struct {
  double hours_per_false_alarm;
  double parts_per_hour;
  guint n_phase_one; /* parts to learn from, 100 to 5,000 */
  /* Scores are p-values of a calibration, charted as normal quantiles; else as they are. The
   * smallest that the calibration can give, at most 0.01, bounds what single points can say. */
  gboolean has_p_values;
  double smallest_p;
  guint score_charts; /* CpacChartKind; EWMA always */
  double lambda;      /* of EWMAs, 0.01 to 0.25 */
  double cusum_k;
  guint rules; /* CpacRule, for CPAC_CHART_RULES */
  /* Share of rejects in control, and the one to be found soonest; 0: rejects are not charted. */
  double reject_rate, high_reject_rate;
  gboolean has_camera;
  guint n_features; /* 0: T^2 and Q are off */
} CpacMonitorOptions;

#define CPAC_MONITOR_OPTIONS_INIT                                                                  \
  (CpacMonitorOptions)                                                                             \
  {                                                                                                \
    .hours_per_false_alarm = 8, .parts_per_hour = 1000, .n_phase_one = CPAC_PHASE_ONE_PARTS,       \
    .has_p_values = TRUE, .smallest_p = 1e-4, .score_charts = CPAC_CHART_EWMA, .lambda = 0.1,      \
    .cusum_k = 0.5                                                                                 \
  }

/* Charts that can alarm: bits of CpacMonitorResult.alarms. */
typedef enum {
  CPAC_ALARM_SCORE = 1 << 0, /* any chart of the score */
  CPAC_ALARM_REJECTS = 1 << 1,
  CPAC_ALARM_T2 = 1 << 2,
  CPAC_ALARM_Q = 1 << 3,
  CPAC_ALARM_CAMERA = 1 << 4, /* shifted left by the CpacCameraMeasure */
} CpacMonitorAlarm;

/* One chart after the latest part, for display and journal. */
typedef struct {
  const char *series; /* "score", "rejects", "features" or a camera measure */
  /* "shewhart", "ewma", "cusum-upper", "cusum-lower", "bernoulli-cusum", "t2", "q" */
  const char *chart;
  double value, lower, upper; /* limits; lower -INFINITY where there is none */
  gboolean is_alarm;
} CpacChartReading;
/* Of five series four each (rules have no value), and rejects, T^2 and Q. */
#define CPAC_MONITOR_MAX_READINGS 23

typedef struct {
  CpacMonitorState state;
  gboolean has_changed; /* since the part before */
  guint64 n_in_state;   /* parts, this one counted */
  gboolean is_defect;   /* this part is rejected, whatever the state */
  guint alarms;         /* CpacMonitorAlarm */
  guint rules;          /* CpacRule of the score that this part fulfils */
  char sentence[320];   /* one, in plain English, with a point in every locale */
  guint n_readings;
  CpacChartReading readings[CPAC_MONITOR_MAX_READINGS];
  gboolean has_top_feature; /* T^2 or Q is beyond its limit: what contributes most to it */
  guint top_feature;
  double top_share; /* of the statistic */
} CpacMonitorResult;

/**
 * CpacMonitor:
 *
 * The charts of one stream of parts. It learns from the first parts (phase I) what is normal, sets
 * its limits once, and never changes them: only cpac_monitor_restart_phase_one() forgets them. Not
 * thread-safe.
 */
typedef struct _CpacMonitor CpacMonitor;

/* CPAC_ERROR_SCHEMA: an option out of range. */
CpacMonitor *cpac_monitor_new (const CpacMonitorOptions *options, GError **error);
/* Takes NULL. */
void cpac_monitor_free (CpacMonitor *monitor);
const CpacMonitorOptions *cpac_monitor_get_options (const CpacMonitor *monitor);

/**
 * cpac_monitor_add_part:
 *
 * Takes the next part. In phase I only parts with everything that was announced count; later a
 * chart whose input is missing stays as it is. At the end of phase I limits are set; where the
 * parts do not allow that, the sentence says why, and phase I goes on with the latest ones.
 *
 * Errors (CPAC_ERROR_NUMERIC): a value that is not finite, a p-value outside 0..1. The monitor is
 * then unchanged.
 */
gboolean cpac_monitor_add_part (CpacMonitor *monitor, const CpacMonitorPart *part,
                                CpacMonitorResult *result, GError **error);

/* Sets the limits from the parts there are, before n_phase_one are reached. Errors as of
 * cpac_baseline_fit(), or where no limit gives the wanted run length; phase I goes on. */
gboolean cpac_monitor_freeze (CpacMonitor *monitor, GError **error);
gboolean cpac_monitor_is_frozen (const CpacMonitor *monitor);

/* Somebody has looked: charts start again, limits stay. */
void cpac_monitor_reset_charts (CpacMonitor *monitor);
/* Somebody decides that what is normal has changed: limits are forgotten and learnt anew. */
void cpac_monitor_restart_phase_one (CpacMonitor *monitor);

/**
 * CpacPhaseOneReport:
 *
 * What phase I found; all pointers are borrowed and last until phase I is restarted.
 */
typedef struct {
  guint n_parts;
  guint n_left_out;      /* of the score's baseline */
  const guint *left_out; /* (n_left_out) their places, from 0 */
  guint n_charts;        /* that share the false alarms */
  double arl;            /* parts between false alarms, all charts together */
  double arl_of_chart;   /* of each */
  /* Of the score's EWMA on independent points: one in ten that learnt from so many parts alarms
   * sooner than this. */
  double arl_low;
  /* Of the same with limits for independent points, where they are not: what is not taken off would
   * do. arl_of_chart where they are; 0: too fine to be computed. */
  double arl_uncorrected;
  double arl_of_rules; /* 0: no rules */
  const CpacBaseline *score;
  guint n_notes;
  const char *const *notes; /* (n_notes) sentences: what is off and why, what to know */
} CpacPhaseOneReport;

/* FALSE in phase I. */
gboolean cpac_monitor_get_report (const CpacMonitor *monitor, CpacPhaseOneReport *report);
/* The series of a camera measure; NULL in phase I or where it is off. */
const CpacSeries *cpac_monitor_get_camera (const CpacMonitor *monitor, CpacCameraMeasure measure);
const CpacHotelling *cpac_monitor_get_hotelling (const CpacMonitor *monitor);

/* SHA-256 over all that phase I fixed, in hexadecimal: the same as long as limits are. NULL in
 * phase I. (transfer full) */
char *cpac_monitor_dup_limits_sha256 (const CpacMonitor *monitor);

/* Everything as one line of JSON: what is read back goes on bit by bit as this one would.
 * (transfer full) */
char *cpac_monitor_save (const CpacMonitor *monitor);
/* @name: of the text, for errors (CPAC_ERROR_PARSE, CPAC_ERROR_SCHEMA). */
CpacMonitor *cpac_monitor_load (const char *name, const char *text, gsize length, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CpacMonitor, cpac_monitor_free)

G_END_DECLS
