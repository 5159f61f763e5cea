/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/monitor/chart.h"

#include "core/monitor/number.h"

gboolean
cpac_chart_check_range (const char *name, double value, double low, double high, GError **error)
{
  if (value >= low && value <= high)
    return TRUE;
  g_set_error (error, CPAC_ERROR, CPAC_ERROR_SCHEMA, "%s: found %s, expected %s to %s", name,
               cpac_number (value, 6).text, cpac_number (low, 6).text, cpac_number (high, 6).text);
  return FALSE;
}
