/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/monitor/shewhart.h"

gboolean
cpac_shewhart_check (const CpacShewhartDesign *design, GError **error)
{
  return cpac_chart_check_range ("limit", design->limit, 0.01, CPAC_SHEWHART_MAX_LIMIT, error);
}

CpacSignal
cpac_shewhart_step (const CpacShewhartDesign *design, double x)
{
  if (x > design->limit)
    return CPAC_SIGNAL_ABOVE;
  return design->sides == CPAC_SIDES_BOTH && x < -design->limit ? CPAC_SIGNAL_BELOW
                                                                : CPAC_SIGNAL_NONE;
}
