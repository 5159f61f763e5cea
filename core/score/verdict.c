/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/score/verdict.h"

#include <math.h>

static const char *const names[CPAC_N_VERDICTS] = { "undefined", "ok", "not-ok", "not-decidable" };

const char *
cpac_verdict_to_string (CpacVerdict verdict)
{
  return names[verdict];
}

gboolean
cpac_verdict_from_string (const char *name, CpacVerdict *verdict)
{
  for (guint i = 0; i < CPAC_N_VERDICTS; i++)
    if (g_strcmp0 (name, names[i]) == 0) {
      *verdict = i;
      return TRUE;
    }
  return FALSE;
}

CpacVerdict
cpac_verdict_from_score (double score, double warn_threshold, double threshold)
{
  if (isnan (score) || isnan (warn_threshold) || isnan (threshold))
    return CPAC_VERDICT_UNDEFINED;
  if (score > threshold)
    return CPAC_VERDICT_NOT_OK;
  return score > warn_threshold ? CPAC_VERDICT_NOT_DECIDABLE : CPAC_VERDICT_OK;
}
