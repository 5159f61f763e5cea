/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/monitor/bernoulli-cusum.h"

#include <math.h>

gboolean
cpac_bernoulli_check (const CpacBernoulliDesign *design, GError **error)
{
  return cpac_chart_check_range ("step", design->step, 2, CPAC_BERNOULLI_MAX_STEP, error) &&
         cpac_chart_check_range ("limit", design->limit, 1, CPAC_BERNOULLI_MAX_LIMIT, error);
}

gboolean
cpac_bernoulli_get_step (double p0, double p1, guint *step, GError **error)
{
  double fall, ratio;

  if (!cpac_chart_check_range ("share of rejects in control", p0, 2.0 / CPAC_BERNOULLI_MAX_STEP,
                               0.5, error) ||
      !cpac_chart_check_range ("share of rejects to find", p1, nextafter (p0, 1), 0.99, error))
    return FALSE;
  fall = log1p (-p0) - log1p (-p1);
  ratio = (log (p1 / p0) + fall) / fall;
  *step = (guint) CLAMP (round (ratio), 2, CPAC_BERNOULLI_MAX_STEP);
  return TRUE;
}

void
cpac_bernoulli_reset (CpacBernoulliCusum *cusum)
{
  cusum->sum = 0;
  cusum->n_parts = cusum->n_rejects = 0;
}

CpacSignal
cpac_bernoulli_get_signal (const CpacBernoulliCusum *cusum)
{
  return cusum->sum >= cusum->design.limit ? CPAC_SIGNAL_ABOVE : CPAC_SIGNAL_NONE;
}

CpacSignal
cpac_bernoulli_step (CpacBernoulliCusum *cusum, gboolean is_reject)
{
  const CpacBernoulliDesign *design = &cusum->design;

  if (cusum->sum == 0)
    cusum->n_parts = cusum->n_rejects = 0;
  cusum->n_parts++;
  cusum->n_rejects += is_reject;
  if (is_reject)
    cusum->sum = MIN (cusum->sum + design->step - 1, 2 * design->limit);
  else if (cusum->sum > 0)
    cusum->sum--;
  return cpac_bernoulli_get_signal (cusum);
}
