/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/monitor/bernoulli-cusum.h"
#include "core/monitor/cusum.h"
#include "core/monitor/ewma.h"
#include "core/monitor/rules.h"
#include "core/monitor/shewhart.h"

G_BEGIN_DECLS

/*
 * Average run lengths: how many points a chart takes on average, from its start, until its first
 * alarm, that one counted. Integral equations are solved by Gauss and Legendre's quadrature, chains
 * with few states exactly. Relative error about 1e-15 times the result; what is above
 * CPAC_ARL_MAX cannot be told from never, and is infinity.
 */

#define CPAC_ARL_MAX 1e12
/* What limits can be asked for. */
#define CPAC_ARL_MIN_WANTED 2
#define CPAC_ARL_MAX_WANTED 1e9

/**
 * CpacArlProcess:
 *
 * The points that are charted: shift + noise of variance 1. All zeros is a process in control of
 * independent normal points.
 */
typedef struct {
  double shift; /* of the mean, in standard deviations */
  double df;    /* tails of Student's t of so many degrees of freedom, 2.1 to 1e6; 0: normal */
  double phi;   /* lag-1 autocorrelation of a normal AR(1), -0.95 to 0.95; 0: independent */
} CpacArlProcess;

/* CPAC_ERROR_SCHEMA: a value out of range, or both df and phi. */
gboolean cpac_arl_process_check (const CpacArlProcess *process, GError **error);

/* Exact; with phi by the integral equation over the last value. */
double cpac_arl_shewhart (const CpacShewhartDesign *design, const CpacArlProcess *process);

/* Crowder's integral equation (1987), with a fast start a sequence of them; with phi the one over
 * the last two averages, which tell the last point (no fast start: NAN). */
double cpac_arl_ewma (const CpacEwmaDesign *design, const CpacArlProcess *process);

/* Page's integral equation on each side; both sides together, each with its head start, by (a1 b +
 * a b1 - a b) / (a + b) with a, b the lengths from 0, a1, b1 those from the head start. No phi:
 * NAN. */
double cpac_arl_cusum (const CpacCusumDesign *design, const CpacArlProcess *process);
/* Siegmund's approximation of one side from 0, in closed form, for sizing: good to a tenth. */
double cpac_arl_cusum_approximate (double k, double h, double shift);

/* The Markov chain over zone histories, whose number of states is returned in @n_states, which may
 * be NULL: 555 for Western Electric's four. @rules without those of order, no phi: else NAN. */
double cpac_arl_rules (guint rules, const CpacArlProcess *process, guint *n_states);

/* Rejects at a share of @rate of the parts, at @repeat_rate < 1 of those that follow a reject
 * (@rate where they are independent), from a sum of 0 after a good part; the chain of whole sums.
 * NAN where there are no such parts: rejects that only ever follow each other. */
double cpac_arl_bernoulli (const CpacBernoulliDesign *design, double rate, double repeat_rate);
/* The share of rejects among parts that follow one, where normal points of lag-1 autocorrelation
 * @phi beyond a threshold are rejects, a share of @rate in (0, 0.5]. */
double cpac_arl_get_repeat_rate (double rate, double phi);

/* T^2 of @dimensions known directions against @limit, the mean @distance (Mahalanobis) away. */
double cpac_arl_t2 (double limit, guint dimensions, double distance);

/* ---- Limits for a wanted run length ---- */

/* Parts between false alarms: one per @hours at @parts_per_hour. CPAC_ERROR_SCHEMA where that is
 * not between CPAC_ARL_MIN_WANTED and CPAC_ARL_MAX_WANTED. */
gboolean cpac_arl_from_rate (double hours, double parts_per_hour, double *arl, GError **error);

/* Each fills the one field of @design that is solved for, so that the average run length of
 * @process is @arl (a Bernoulli limit: at least; it is a whole number). CPAC_ERROR_NUMERIC where no
 * limit gives that. */
gboolean cpac_arl_solve_shewhart (CpacShewhartDesign *design, const CpacArlProcess *process,
                                  double arl, GError **error);
gboolean cpac_arl_solve_ewma (CpacEwmaDesign *design, const CpacArlProcess *process, double arl,
                              GError **error);
/* @head_start_share: of h, 0 to 1. */
gboolean cpac_arl_solve_cusum (CpacCusumDesign *design, double head_start_share,
                               const CpacArlProcess *process, double arl, GError **error);
gboolean cpac_arl_solve_bernoulli (CpacBernoulliDesign *design, double rate, double repeat_rate,
                                   double arl, GError **error);

/* ---- Simulation ---- */

/* Where nothing else is exact: rules of order, CUSUMs of autocorrelated points. */
typedef struct {
  double arl, standard_error;
} CpacArlEstimate;

/* Feeds @chart seeded points until @step says alarm, @n_runs times (at least 2) from @reset on.
 * Infinite where that takes more than 2e8 points. */
CpacArlEstimate
cpac_arl_simulate (gboolean (*step) (gpointer chart, double x), void (*reset) (gpointer chart),
                   gpointer chart, const CpacArlProcess *process, guint n_runs, guint64 seed);

/* The same of CpacRulesChart with any rules. */
CpacArlEstimate
cpac_arl_simulate_rules (guint rules, const CpacArlProcess *process, guint n_runs, guint64 seed);

/**
 * cpac_arl_ewma_estimated:
 * @m: parts of phase I
 *
 * What an EWMA's run length in control really is when mean and spread are estimates from @m
 * independent normal parts: the share @quantile of such charts alarms sooner than this. Of seeded
 * draws, @n_draws at least 1.
 */
double cpac_arl_ewma_estimated (const CpacEwmaDesign *design, guint m, double quantile,
                                guint n_draws, guint64 seed);
/* The same of single points. */
double cpac_arl_shewhart_estimated (const CpacShewhartDesign *design, guint m, double quantile,
                                    guint n_draws, guint64 seed);

G_END_DECLS
