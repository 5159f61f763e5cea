/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/monitor/series.h"

void
cpac_series_reset (CpacSeries *series)
{
  cpac_ewma_reset (&series->ewma);
  cpac_cusum_reset (&series->cusum);
  cpac_rules_reset (&series->rules);
  series->has_previous = FALSE;
  series->previous = 0;
}

CpacSeriesPoint
cpac_series_skip (CpacSeries *series)
{
  CpacSeriesPoint point = { 0 };

  series->has_previous = FALSE;
  series->previous = 0;
  if (series->charts & CPAC_CHART_EWMA)
    point.ewma = cpac_ewma_get_signal (&series->ewma);
  if (series->charts & CPAC_CHART_CUSUM)
    point.cusum = cpac_cusum_get_signal (&series->cusum);
  return point;
}

/* The part before is clipped, this one is not: a single bad part must not make the next look bad in
 * the other direction. */
static double
take_residual (CpacSeries *series, double x)
{
  double phi = series->baseline.phi, residual = x;

  if (phi != 0 && series->has_previous)
    residual = cpac_autocorrelation_get_residual (x, series->previous, phi);
  series->previous = CLAMP (x, -CPAC_CLIP, CPAC_CLIP);
  series->has_previous = TRUE;
  return residual;
}

CpacSeriesPoint
cpac_series_step (CpacSeries *series, double value)
{
  CpacSeriesPoint point = { .value = cpac_baseline_standardize (&series->baseline, value) };
  double clipped;

  point.residual = take_residual (series, point.value);
  clipped = CLAMP (point.residual, -CPAC_CLIP, CPAC_CLIP);
  if (series->charts & CPAC_CHART_SHEWHART)
    point.shewhart = cpac_shewhart_step (&series->shewhart, point.residual);
  if (series->charts & CPAC_CHART_EWMA)
    point.ewma = cpac_ewma_step (&series->ewma, clipped);
  if (series->charts & CPAC_CHART_CUSUM)
    point.cusum = cpac_cusum_step (&series->cusum, clipped);
  if (series->charts & CPAC_CHART_RULES)
    point.rules = cpac_rules_step (&series->rules, point.residual);
  return point;
}

CpacSignal
cpac_series_point_get_signal (const CpacSeriesPoint *point)
{
  CpacSignal signals[] = { point->ewma, point->cusum, point->shewhart };

  for (guint i = 0; i < G_N_ELEMENTS (signals); i++)
    if (signals[i] != CPAC_SIGNAL_NONE)
      return signals[i];
  return point->rules != 0 ? CPAC_SIGNAL_ABOVE : CPAC_SIGNAL_NONE;
}
