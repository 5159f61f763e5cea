/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/monitor/ewma.h"

#include <math.h>

gboolean
cpac_ewma_check (const CpacEwmaDesign *design, GError **error)
{
  return cpac_chart_check_range ("lambda", design->lambda, CPAC_EWMA_MIN_LAMBDA, 1, error) &&
         cpac_chart_check_range ("limit", design->limit, 0.01, CPAC_CHART_MAX_LIMIT, error);
}

void
cpac_ewma_reset (CpacEwma *ewma)
{
  ewma->value = 0;
  ewma->n_points = 0;
}

double
cpac_ewma_get_limit (const CpacEwmaDesign *design, guint64 n_points)
{
  double variance = design->lambda / (2 - design->lambda);

  if (design->fast_start)
    variance *= 1 - pow (1 - design->lambda, 2 * (double) n_points);
  return design->limit * sqrt (variance);
}

CpacSignal
cpac_ewma_get_signal (const CpacEwma *ewma)
{
  double limit = cpac_ewma_get_limit (&ewma->design, ewma->n_points);

  if (ewma->value > limit)
    return CPAC_SIGNAL_ABOVE;
  return ewma->value < -limit ? CPAC_SIGNAL_BELOW : CPAC_SIGNAL_NONE;
}

CpacSignal
cpac_ewma_step (CpacEwma *ewma, double x)
{
  double lambda = ewma->design.lambda;

  ewma->value = lambda * x + (1 - lambda) * ewma->value;
  ewma->n_points++;
  return cpac_ewma_get_signal (ewma);
}
