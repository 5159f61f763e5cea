/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/score/calibration.h"

#include <math.h>

#include "core/score/calibration-private.h"
#include "core/score/statistics.h"

/* Largest scores that are kept one by one where not all can be. */
#define N_TOP 501
#define N_BELOW (CPAC_CALIBRATION_MAX_QUANTILES - N_TOP)
G_STATIC_ASSERT (N_TOP > CPAC_TAIL_MAX_EXCESSES);

#define LN_9 2.1972245773362196
#define LOG10_2 0.30102999566398120
/* Keeps differences finite whatever threshold is in force. */
#define MAX_SURPRISE 1e300

/* Rank from 1 of the score that quantile @index is. Strictly rising. */
static guint
get_rank (guint n_parts, guint index)
{
  guint64 last_below = n_parts > N_TOP ? n_parts - N_TOP : 0;

  if (n_parts <= CPAC_CALIBRATION_MAX_QUANTILES)
    return index + 1;
  if (index >= N_BELOW)
    return (guint) (last_below + index - N_BELOW + 1);
  return (guint) (1 + (index * (last_below - 1) + (N_BELOW - 1) / 2) / (N_BELOW - 1));
}

/* ---- p-value ---- */

/* (1 + scores that are not below) / (n + 1), where the score is that of rank @rank and all equal
 * ones rank higher. */
static double
p_of_rank (guint n_parts, guint rank)
{
  return ((double) n_parts - rank + 2) / ((double) n_parts + 1);
}

/* The first quantile that is not below @score; n_quantiles when all are. */
static guint
find_not_below (const CpacCalibration *calibration, double score)
{
  guint low = 0, high = calibration->n_quantiles;

  while (low < high) {
    guint middle = low + (high - low) / 2;

    if (calibration->quantiles[middle] < score)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

static double
get_empirical_p (const CpacCalibration *calibration, double score)
{
  guint n = calibration->n_parts, at = find_not_below (calibration, score);
  const double *q = calibration->quantiles;
  double p, p_below, share;

  if (at == calibration->n_quantiles)
    return 1 / ((double) n + 1);
  p = p_of_rank (n, get_rank (n, at));
  if (at == 0 || q[at] == score)
    return p;
  p_below = p_of_rank (n, get_rank (n, at - 1));
  share = (score - q[at - 1]) / (q[at] - q[at - 1]);
  /* Rounding must not make it fall below what follows. */
  return MAX (p_below + (p - p_below) * share, p);
}

gboolean
cpac_calibration_suits_mask (const CpacCalibration *calibration, const char *ignore_mask_sha256)
{
  return calibration->ignore_mask_sha256 == NULL ||
         g_strcmp0 (calibration->ignore_mask_sha256, ignore_mask_sha256) == 0;
}

double
cpac_calibration_get_p_value (const CpacCalibration *calibration, double score)
{
  const CpacTail *tail = &calibration->tail;
  double p;

  if (!calibration->has_tail || score <= tail->begin)
    return get_empirical_p (calibration, score);
  p = calibration->tail_p * cpac_tail_get_share (tail, score - tail->begin);
  return MAX (p, calibration->floor);
}

/* The threshold is at least the k-th largest score, with k - 1 above the largest that is not above
 * the threshold. */
double
cpac_calibration_get_promise (const CpacCalibration *calibration, double threshold)
{
  guint n = calibration->n_parts, at = find_not_below (calibration, threshold), k;

  while (at < calibration->n_quantiles && calibration->quantiles[at] == threshold)
    at++;
  if (at == 0)
    return 1;
  k = n + 1 - get_rank (n, at - 1);
  return cpac_beta_quantile (k, (double) n + 1 - k, calibration->confidence);
}

/* ---- Normalised score ---- */

static double
get_surprise (const CpacCalibration *calibration, double score)
{
  if (score > calibration->end)
    return MIN (calibration->surprise_end +
                    calibration->surprise_slope * (score - calibration->end),
                MAX_SURPRISE);
  return -log10 (cpac_calibration_get_p_value (calibration, score));
}

double
cpac_calibration_normalize (const CpacCalibration *calibration, double score, double threshold)
{
  double at_threshold = get_surprise (calibration, threshold);
  double span = at_threshold - get_surprise (calibration, calibration->median);
  double distance = get_surprise (calibration, score) - at_threshold;

  return 1 / (1 + exp (-LN_9 * distance / MAX (span, LOG10_2)));
}

/* ---- Making ---- */

/* Value at the middle rank (n + 1) / 2. */
static double
find_median (const CpacCalibration *calibration)
{
  double middle = ((double) calibration->n_parts + 1) / 2;
  const double *q = calibration->quantiles;
  guint at = 0;
  double rank, rank_below;

  while ((rank = get_rank (calibration->n_parts, at)) < middle)
    at++;
  if (rank == middle)
    return q[at];
  rank_below = get_rank (calibration->n_parts, at - 1);
  return q[at - 1] + (q[at] - q[at - 1]) * ((middle - rank_below) / (rank - rank_below));
}

void
cpac_calibration_derive (CpacCalibration *calibration)
{
  const CpacTail *tail = &calibration->tail;
  double n = calibration->n_parts, rise;

  calibration->median = find_median (calibration);
  calibration->floor = 1 / (n + 1);
  calibration->end = calibration->quantiles[calibration->n_quantiles - 1];
  if (calibration->has_tail) {
    calibration->tail_p = get_empirical_p (calibration, tail->begin);
    calibration->floor = 1 / (CPAC_TAIL_EXTRAPOLATION * n);
    calibration->end =
        tail->begin + cpac_tail_get_excess (tail, calibration->floor / calibration->tail_p);
  }
  calibration->surprise_end = -log10 (calibration->floor);
  rise = calibration->surprise_end - get_surprise (calibration, calibration->median);
  /* Where all scores are equal nothing says how long a step is. */
  calibration->surprise_slope =
      calibration->end > calibration->median ? rise / (calibration->end - calibration->median) : 1;
}

CpacCalibration *
cpac_calibration_new (const double *scores, guint n, const CpacTail *tail)
{
  CpacCalibration *calibration = g_new0 (CpacCalibration, 1);

  g_return_val_if_fail (n >= 1 && n <= CPAC_CALIBRATION_MAX_PARTS, NULL);

  calibration->n_parts = n;
  calibration->n_quantiles = MIN (n, CPAC_CALIBRATION_MAX_QUANTILES);
  calibration->quantiles = g_new (double, calibration->n_quantiles);
  for (guint i = 0; i < calibration->n_quantiles; i++)
    calibration->quantiles[i] = scores[get_rank (n, i) - 1];
  if (tail != NULL) {
    calibration->has_tail = TRUE;
    calibration->tail = *tail;
  }
  cpac_calibration_derive (calibration);
  return calibration;
}

void
cpac_calibration_free (CpacCalibration *calibration)
{
  if (calibration == NULL)
    return;
  g_free (calibration->data_sha256);
  g_free (calibration->ignore_mask_sha256);
  g_free (calibration->scoring_sha256);
  g_free (calibration->quantiles);
  g_free (calibration);
}
