/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/monitor/chart.h"

G_BEGIN_DECLS

#define CPAC_BERNOULLI_MAX_STEP 100000
#define CPAC_BERNOULLI_MAX_LIMIT 1000000

/**
 * CpacBernoulliDesign:
 *
 * Cumulated sum of log-likelihood ratios of rejects, 1 or 0 a part (Reynolds and Stoumbos 1999):
 * sum = max (0, sum - 1 + step reject), an alarm at sum >= limit. @step is the whole number next
 * to log (p1 (1 - p0) / (p0 (1 - p1))) / -log ((1 - p1) / (1 - p0)), p0 being the share of
 * rejects in control and p1 the one to be found soonest: so that sums are whole numbers and run
 * lengths exact. Rejects at up to about 1 / step of the parts are in control.
 */
typedef struct {
  guint step;  /* at least 2 */
  guint limit; /* at least 1 */
} CpacBernoulliDesign;

/* The sum stops at 2 limit: see CpacCusum. Where it was 0 last is where rejects began to come more
 * often, if they did. */
typedef struct {
  CpacBernoulliDesign design;
  guint sum;
  guint64 n_parts, n_rejects; /* since then */
} CpacBernoulliCusum;

gboolean cpac_bernoulli_check (const CpacBernoulliDesign *design, GError **error);
/* The step for two shares, 0 < @p0 < @p1 < 1. CPAC_ERROR_SCHEMA. */
gboolean cpac_bernoulli_get_step (double p0, double p1, guint *step, GError **error);
void cpac_bernoulli_reset (CpacBernoulliCusum *cusum);
/* As of the last part. */
CpacSignal cpac_bernoulli_get_signal (const CpacBernoulliCusum *cusum);
CpacSignal cpac_bernoulli_step (CpacBernoulliCusum *cusum, gboolean is_reject);

G_END_DECLS
