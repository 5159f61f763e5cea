/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/monitor/chart.h"

G_BEGIN_DECLS

#define CPAC_EWMA_MIN_LAMBDA 0.01

/**
 * CpacEwmaDesign:
 *
 * The exponentially weighted moving average w = lambda x + (1 - lambda) w, from 0, between
 * limits at +-limit standard deviations of w, which are limit sqrt (lambda / (2 - lambda)) once
 * many points are in it (Roberts 1959). With @fast_start the limits are those of the points there
 * are: times sqrt (1 - (1 - lambda)^(2 n)) after n of them, so that a process that starts out of
 * control is seen sooner.
 */
typedef struct {
  double lambda; /* weight of the latest point, 0.01 to 1 */
  double limit;
  gboolean fast_start;
} CpacEwmaDesign;

typedef struct {
  CpacEwmaDesign design;
  double value;
  guint64 n_points;
} CpacEwma;

gboolean cpac_ewma_check (const CpacEwmaDesign *design, GError **error);
void cpac_ewma_reset (CpacEwma *ewma);
CpacSignal cpac_ewma_step (CpacEwma *ewma, double x);
/* As of the last point; none before the first. */
CpacSignal cpac_ewma_get_signal (const CpacEwma *ewma);
/* The limit above 0 after @n_points, in units of the value; below lies its negative. */
double cpac_ewma_get_limit (const CpacEwmaDesign *design, guint64 n_points);

G_END_DECLS
