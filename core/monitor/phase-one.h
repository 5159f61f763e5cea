/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/error.h"
#include "core/monitor/autocorrelation.h"

G_BEGIN_DECLS

/* With fewer parts limits are guesses: of 100, one EWMA in ten alarms more than 3 times as often as
 * it says, of 300 nearly twice. */
#define CPAC_PHASE_ONE_MIN_PARTS 100
#define CPAC_PHASE_ONE_PARTS 300
/* Where more are out of control there is no control to learn. */
#define CPAC_PHASE_ONE_MAX_OUT_PERCENT 20
/* Points farther than this many standard deviations count as so far in what has a memory: a single
 * bad part is no drift. */
#define CPAC_CLIP 3

/**
 * CpacBaseline:
 *
 * What phase I, the parts that are taken as normal, says of one measured quantity; what charts
 * standardise with. Immutable once fitted.
 */
typedef struct {
  guint n_parts; /* looked at */
  guint n_used;  /* and in control */
  double center, spread;
  double lags[CPAC_N_LAGS]; /* autocorrelations */
  double phi;               /* of the AR(1) whose residuals are charted; 0: none */
  double residual_lag1;     /* what is left in them */
  double margin;            /* autocorrelation that may be left in what is charted, at least 0 */
  gboolean is_slow;         /* the quantity moved slowly during phase I */
  double df;                /* tails as of Student's t, 5 to 200; 0: normal */
} CpacBaseline;

/**
 * cpac_baseline_fit:
 * @name: of the quantity, for errors
 * @values: (n), finite, one a part in their order
 * @is_in: (n), set: which parts were in control
 *
 * Median and median deviation find the middle; parts farther than half a good one of @n would be
 * are left out, mean and standard deviation fitted to the others (the latter corrected for what
 * was cut off), again until nothing changes. Then an EWMA looks for stretches that lie apart;
 * they are left out, too. Last, autocorrelation and tails of what is in control. Its margin is
 * one standard error, and what was found where that was too little to be taken off.
 *
 * Errors: CPAC_ERROR_SCHEMA for too few parts, saying how many are needed; CPAC_ERROR_NUMERIC where
 * nothing varies, or more than 20 % are out of control.
 */
gboolean cpac_baseline_fit (const char *name, const double *values, guint n, gboolean *is_in,
                            CpacBaseline *baseline, GError **error);

/* (value - center) / spread, within +-1e6. */
double cpac_baseline_standardize (const CpacBaseline *baseline, double value);

G_END_DECLS
