/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <math.h>

G_BEGIN_DECLS

/*
 * Walks down the scores, one step per distinct score: what the ranking figures of pictures and of
 * pixels have in common.
 */
typedef struct {
  guint64 defects, good; /* passed so far: above or at the current score */
  guint64 twice_wins;   /* 2 x pairs (defect, good) in which the defect scores higher, ties 1: exact
                           below 2^63 pairs */
  double precision_sum; /* sum over steps of defects x precision */
} CpacTally;

/* The next lower score is that of @defects defects and @good good ones. */
static inline void
cpac_tally_step (CpacTally *tally, guint64 defects, guint64 good)
{
  tally->twice_wins += good * (2 * tally->defects + defects);
  tally->defects += defects;
  tally->good += good;
  if (defects > 0)
    tally->precision_sum +=
        (double) defects * (double) tally->defects / (double) (tally->defects + tally->good);
}

static inline double
cpac_tally_auroc (const CpacTally *tally)
{
  if (tally->defects == 0 || tally->good == 0)
    return NAN;
  return (double) tally->twice_wins / (2.0 * (double) tally->defects * (double) tally->good);
}

static inline double
cpac_tally_average_precision (const CpacTally *tally)
{
  return tally->defects == 0 ? NAN : tally->precision_sum / (double) tally->defects;
}

G_END_DECLS
