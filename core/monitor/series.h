/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/monitor/cusum.h"
#include "core/monitor/ewma.h"
#include "core/monitor/phase-one.h"
#include "core/monitor/rules.h"
#include "core/monitor/shewhart.h"

G_BEGIN_DECLS

/* Charts a series can have. */
typedef enum {
  CPAC_CHART_SHEWHART = 1 << 0,
  CPAC_CHART_EWMA = 1 << 1,
  CPAC_CHART_CUSUM = 1 << 2,
  CPAC_CHART_RULES = 1 << 3,
} CpacChartKind;

/**
 * CpacSeries:
 *
 * One quantity, its baseline and its charts. Where phase I found autocorrelation, each point is
 * charted as what the one before did not foretell. Charts with a memory see points no farther out
 * than CPAC_CLIP, so that one defect is not taken for a drift: that makes false alarms a
 * little rarer than their limits say (every 510 points instead of 500) and a shift of one
 * standard deviation is seen as soon (10.5 points instead of 10.3).
 */
typedef struct {
  guint charts; /* CpacChartKind; 0: off */
  CpacBaseline baseline;
  CpacShewhartDesign shewhart;
  CpacEwma ewma;
  CpacCusum cusum;
  CpacRulesChart rules;
  gboolean has_previous;
  double previous; /* standardised, clipped */
} CpacSeries;

typedef struct {
  double value;    /* standardised */
  double residual; /* what was charted */
  CpacSignal shewhart, ewma, cusum;
  guint rules; /* CpacRule, fulfilled */
} CpacSeriesPoint;

/* Charts start again; limits and baseline stay. */
void cpac_series_reset (CpacSeries *series);
/* A part without value: charts with a memory stay as they are, and the next part is not compared
 * with the one before. */
CpacSeriesPoint cpac_series_skip (CpacSeries *series);
/* Takes the next part's finite @value. */
CpacSeriesPoint cpac_series_step (CpacSeries *series, double value);
/* Whether the part or the process is out of control, in which direction; rules are only
 * CPAC_SIGNAL_ABOVE. */
CpacSignal cpac_series_point_get_signal (const CpacSeriesPoint *point);

G_END_DECLS
