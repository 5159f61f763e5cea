/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/score/tolerance.h"

#include <math.h>

#include "core/score/statistics.h"

/* BetaInv (confidence; k, n + 1 - k) <= rate, asked of the distribution function itself. */
static gboolean
keeps_promise (guint k, guint n, double rate, double confidence)
{
  return cpac_beta_cdf (k, (double) n + 1 - k, rate) >= confidence;
}

gboolean
cpac_tolerance_choose (guint n, double rate, double confidence, CpacTolerance *tolerance)
{
  guint low = 0, high = n + 1; /* low keeps the promise, high does not */

  g_return_val_if_fail (n >= 1 && rate > 0 && rate < 1, FALSE);
  g_return_val_if_fail (confidence > 0 && confidence < 1, FALSE);

  while (high - low > 1) {
    guint middle = low + (high - low) / 2;

    if (keeps_promise (middle, n, rate, confidence))
      low = middle;
    else
      high = middle;
  }
  tolerance->k = MAX (low, 1);
  tolerance->promised =
      cpac_beta_quantile (tolerance->k, (double) n + 1 - tolerance->k, confidence);
  tolerance->expected = tolerance->k / ((double) n + 1);
  return low > 0;
}

guint64
cpac_tolerance_get_n_needed (double rate, double confidence)
{
  double n;

  g_return_val_if_fail (rate > 0 && rate < 1 && confidence > 0 && confidence < 1, 0);

  /* The logarithms round: the answer is checked against the condition itself, as far as that can be
   * computed, on both sides. */
  n = fmax (ceil (log1p (-confidence) / log1p (-rate)), 1);
  if (n > 1 && -expm1 ((n - 1) * log1p (-rate)) >= confidence)
    n--;
  return (guint64) n;
}

guint
cpac_tolerance_get_k_expected (guint n, double rate)
{
  /* 0.05 of 20 parts is one of them, although 0.05 * 20 is less in binary now and then. */
  return (guint) floor (rate * ((double) n + 1) * (1 + 1e-12));
}
