/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/monitor/chart.h"

G_BEGIN_DECLS

/* Far enough for one alarm in 1e9 points with the heaviest tails that phase I finds. */
#define CPAC_SHEWHART_MAX_LIMIT 1000

/**
 * CpacShewhartDesign:
 *
 * Individuals: an alarm where a single point lies beyond the limit. Sees large shifts at once and
 * small ones late. It has no memory, so the design is the chart.
 */
typedef struct {
  double limit; /* standard deviations */
  CpacSides sides;
} CpacShewhartDesign;

gboolean cpac_shewhart_check (const CpacShewhartDesign *design, GError **error);
CpacSignal cpac_shewhart_step (const CpacShewhartDesign *design, double x);

G_END_DECLS
