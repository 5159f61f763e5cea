/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/monitor/arl-private.h"

#include <math.h>

#include "core/monitor/number.h"

/* Limits are found to this share of themselves; a run length changes by at most some ten times
 * that. */
#define TOLERANCE 1e-10
#define MAX_STEPS 100

gboolean
cpac_arl_from_rate (double hours, double parts_per_hour, double *arl, GError **error)
{
  *arl = hours * parts_per_hour;
  return cpac_chart_check_range ("hours per false alarm", hours, 1e-9, 1e9, error) &&
         cpac_chart_check_range ("parts per hour", parts_per_hour, 1e-9, 1e9, error) &&
         cpac_chart_check_range ("parts per false alarm", *arl, CPAC_ARL_MIN_WANTED,
                                 CPAC_ARL_MAX_WANTED, error);
}

/* The run length with one field of a design at @value; never falls as it rises. */
typedef double (*LengthOf) (double value, gpointer data);

static gboolean
refuse (double arl, double low, double low_arl, double high, double high_arl, GError **error)
{
  g_set_error (error, CPAC_ERROR, CPAC_ERROR_NUMERIC,
               "no limit from %s to %s gives an average run length of %s: they give %s to %s",
               cpac_number (low, 6).text, cpac_number (high, 6).text, cpac_number (arl, 6).text,
               cpac_number (low_arl, 6).text, cpac_number (high_arl, 6).text);
  return FALSE;
}

/* log (length / wanted), finite. */
static double
get_excess (LengthOf length_of, gpointer data, double value, double arl)
{
  return log (MIN (length_of (value, data), CPAC_ARL_MAX) / arl);
}

/* Regula falsi in the logarithm, which is nearly straight; an end that stays counts half
 * (Illinois), so that the other one gets over the solution. */
static double
refine (LengthOf length_of, gpointer data, double arl, double low, double high)
{
  double low_excess = get_excess (length_of, data, low, arl), value = high, before;
  double high_excess = get_excess (length_of, data, high, arl);
  gboolean was_low = FALSE, was_high = FALSE;

  for (guint i = 0; i < MAX_STEPS && high_excess > low_excess; i++) {
    double excess;

    before = value;
    value = (low * high_excess - high * low_excess) / (high_excess - low_excess);
    if (fabs (value - before) <= TOLERANCE * value)
      break;
    excess = get_excess (length_of, data, value, arl);
    if (excess < 0) {
      low = value;
      low_excess = excess;
      high_excess *= was_low ? 0.5 : 1;
    } else {
      high = value;
      high_excess = excess;
      low_excess *= was_high ? 0.5 : 1;
    }
    was_low = excess < 0;
    was_high = !was_low;
  }
  return value;
}

/* Large limits are only tried where smaller ones do not do: their equations are long. */
static gboolean
solve (LengthOf length_of, gpointer data, double low, double max, double arl, double *value,
       GError **error)
{
  double low_arl = length_of (low, data), high = MIN (4 * low, max), high_arl, min = low;

  if (!cpac_chart_check_range ("average run length", arl, CPAC_ARL_MIN_WANTED, CPAC_ARL_MAX_WANTED,
                               error))
    return FALSE;
  while ((high_arl = length_of (high, data)) < arl && high < max) {
    low = high;
    high = MIN (1.5 * high, max);
  }
  if (!(low_arl <= arl && high_arl >= arl))
    return refuse (arl, min, low_arl, high, high_arl, error);
  *value = refine (length_of, data, arl, low, high);
  return TRUE;
}

/* ---- Charts ---- */

typedef struct {
  CpacShewhartDesign shewhart;
  CpacEwmaDesign ewma;
  CpacCusumDesign cusum;
  double head_start_share;
  const CpacArlProcess *process;
} Search;

static double
length_of_shewhart (double limit, gpointer data)
{
  Search *search = data;

  search->shewhart.limit = limit;
  return cpac_arl_shewhart (&search->shewhart, search->process);
}

static double
length_of_ewma (double limit, gpointer data)
{
  Search *search = data;

  search->ewma.limit = limit;
  return cpac_arl_ewma (&search->ewma, search->process);
}

static double
length_of_cusum (double h, gpointer data)
{
  Search *search = data;

  search->cusum.h = h;
  search->cusum.head_start = search->head_start_share * h;
  return cpac_arl_cusum (&search->cusum, search->process);
}

gboolean
cpac_arl_solve_shewhart (CpacShewhartDesign *design, const CpacArlProcess *process, double arl,
                         GError **error)
{
  Search search = { .shewhart = *design, .process = process };

  return solve (length_of_shewhart, &search, 0.1, CPAC_SHEWHART_MAX_LIMIT, arl, &design->limit,
                error);
}

gboolean
cpac_arl_solve_ewma (CpacEwmaDesign *design, const CpacArlProcess *process, double arl,
                     GError **error)
{
  Search search = { .ewma = *design, .process = process };

  return solve (length_of_ewma, &search, 0.1, CPAC_CHART_MAX_LIMIT, arl, &design->limit, error);
}

gboolean
cpac_arl_solve_cusum (CpacCusumDesign *design, double head_start_share,
                      const CpacArlProcess *process, double arl, GError **error)
{
  Search search = { .cusum = *design, .head_start_share = head_start_share, .process = process };

  if (!solve (length_of_cusum, &search, 0.1, CPAC_CUSUM_MAX_H, arl, &design->h, error))
    return FALSE;
  design->head_start = head_start_share * design->h;
  return TRUE;
}

gboolean
cpac_arl_solve_bernoulli (CpacBernoulliDesign *design, double rate, double repeat_rate, double arl,
                          GError **error)
{
  CpacBernoulliDesign low = { design->step, 0 }; /* not enough */
  CpacBernoulliDesign high = { design->step, 1 };

  if (!cpac_chart_check_range ("average run length", arl, CPAC_ARL_MIN_WANTED, CPAC_ARL_MAX_WANTED,
                               error))
    return FALSE;
  while (cpac_arl_bernoulli (&high, rate, repeat_rate) < arl) {
    if (high.limit == CPAC_BERNOULLI_MAX_LIMIT)
      return refuse (arl, 1, 1 / rate, high.limit, cpac_arl_bernoulli (&high, rate, repeat_rate),
                     error);
    low.limit = high.limit;
    high.limit = MIN (2 * high.limit, CPAC_BERNOULLI_MAX_LIMIT);
  }
  while (high.limit - low.limit > 1) {
    CpacBernoulliDesign middle = { design->step, low.limit + (high.limit - low.limit) / 2 };

    if (cpac_arl_bernoulli (&middle, rate, repeat_rate) < arl)
      low = middle;
    else
      high = middle;
  }
  *design = high;
  return TRUE;
}
