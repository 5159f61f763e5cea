/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/score/strata.h"

#include <string.h>

#include "core/random.h"

void
cpac_strata_init (CpacStrata *strata, const gboolean *defective, guint n_parts)
{
  *strata = (CpacStrata){ .n_parts = n_parts };
  strata->parts[0] = g_new (guint, n_parts);
  strata->parts[1] = g_new (guint, n_parts);
  for (guint part = 0; part < n_parts; part++) {
    guint stratum = defective[part] ? 1 : 0;

    strata->parts[stratum][strata->n[stratum]++] = part;
  }
}

void
cpac_strata_clear (CpacStrata *strata)
{
  g_free (strata->parts[0]);
  g_free (strata->parts[1]);
}

void
cpac_strata_draw (const CpacStrata *strata, guint64 seed, guint draw, guint *counts)
{
  CpacRandom random;

  cpac_random_init (&random, seed, CPAC_STREAM_BOOTSTRAP, draw);
  memset (counts, 0, strata->n_parts * sizeof *counts);
  for (guint stratum = 0; stratum < 2; stratum++)
    for (guint i = 0; i < strata->n[stratum]; i++)
      counts[strata->parts[stratum][cpac_random_below (&random, strata->n[stratum])]]++;
}
