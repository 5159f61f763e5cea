/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/monitor/cusum.h"

gboolean
cpac_cusum_check (const CpacCusumDesign *design, GError **error)
{
  return cpac_chart_check_range ("k", design->k, 0, CPAC_CHART_MAX_LIMIT, error) &&
         cpac_chart_check_range ("h", design->h, 0.01, CPAC_CUSUM_MAX_H, error) &&
         cpac_chart_check_range ("head start", design->head_start, 0, design->h, error);
}

void
cpac_cusum_reset (CpacCusum *cusum)
{
  cusum->upper = cusum->design.head_start;
  cusum->lower = cusum->design.sides == CPAC_SIDES_BOTH ? cusum->design.head_start : 0;
}

CpacSignal
cpac_cusum_get_signal (const CpacCusum *cusum)
{
  double h = cusum->design.h;

  /* Both are beyond after a jump from one side to the other: the larger one tells. */
  if (cusum->lower > h && cusum->lower >= cusum->upper)
    return CPAC_SIGNAL_BELOW;
  return cusum->upper > h ? CPAC_SIGNAL_ABOVE : CPAC_SIGNAL_NONE;
}

CpacSignal
cpac_cusum_step (CpacCusum *cusum, double x)
{
  const CpacCusumDesign *design = &cusum->design;

  cusum->upper = CLAMP (cusum->upper + x - design->k, 0, 2 * design->h);
  if (design->sides == CPAC_SIDES_BOTH)
    cusum->lower = CLAMP (cusum->lower - x - design->k, 0, 2 * design->h);
  return cpac_cusum_get_signal (cusum);
}
