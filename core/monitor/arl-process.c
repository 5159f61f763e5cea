/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/monitor/arl-private.h"

#include <float.h>
#include <math.h>

#include "core/monitor/distributions.h"

/* Shares of survivors that differ by less are the same. */
#define SHARE_TOLERANCE 1e-9
/* Longer than any rule's memory: before that shares may be equal because nothing can happen yet. */
#define MIN_STEPS 32
#define MAX_STEPS 100000
/* By then an average with the smallest weight has forgotten its start. */
#define SETTLED_STEPS 5000

gboolean
cpac_arl_process_check (const CpacArlProcess *process, GError **error)
{
  if (!cpac_chart_check_range ("shift", process->shift, -CPAC_CHART_MAX_LIMIT, CPAC_CHART_MAX_LIMIT,
                               error) ||
      !cpac_chart_check_range ("phi", process->phi, -0.95, 0.95, error))
    return FALSE;
  if (process->df != 0 && !cpac_chart_check_range ("df", process->df, 2.1, 1e6, error))
    return FALSE;
  if (process->df == 0 || process->phi == 0)
    return TRUE;
  g_set_error_literal (error, CPAC_ERROR, CPAC_ERROR_SCHEMA,
                       "phi: found it beside df, expected one of the two: autocorrelated points "
                       "are normal here");
  return FALSE;
}

double
cpac_arl_density (const CpacArlProcess *process, double x)
{
  x -= process->shift;
  return process->df > 0 ? cpac_student_density (x, process->df) : cpac_normal_density (x);
}

double
cpac_arl_upper (const CpacArlProcess *process, double x)
{
  x -= process->shift;
  return process->df > 0 ? cpac_student_upper (x, process->df) : cpac_normal_upper (x);
}

double
cpac_arl_bounded (double arl)
{
  return arl >= 1 - 1e-9 && arl <= CPAC_ARL_MAX ? arl : INFINITY;
}

gboolean
cpac_survival_add (CpacSurvival *survival, double probability)
{
  double before = survival->share, tolerance;

  survival->sum += probability;
  survival->share = survival->n > 0 ? probability / survival->last : 1;
  survival->last = probability;
  survival->n++;
  if (probability <= DBL_MIN || survival->n >= MAX_STEPS)
    return TRUE;
  if (survival->share >= 1 - 1 / CPAC_ARL_MAX)
    return survival->n >= SETTLED_STEPS;
  tolerance = MAX (SHARE_TOLERANCE * (1 - survival->share), 4 * DBL_EPSILON);
  return survival->n >= MIN_STEPS && fabs (survival->share - before) <= tolerance;
}

double
cpac_survival_get (const CpacSurvival *survival)
{
  double rest = survival->last * survival->share / (1 - survival->share);

  return cpac_arl_bounded (survival->last > 0 ? survival->sum + rest : survival->sum);
}
