/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/monitor/arl.h"

G_BEGIN_DECLS

/* Density of a point at @x, and the probability of a larger one; without phi. */
double cpac_arl_density (const CpacArlProcess *process, double x);
double cpac_arl_upper (const CpacArlProcess *process, double x);

/* @arl, or infinity where it is beyond what can be computed. */
double cpac_arl_bounded (double arl);

/**
 * CpacSurvival:
 *
 * Sums P (run length > t) over t = 0, 1, ...: the average run length. A chain forgets its start,
 * after which each probability is the same share of the one before: the rest is a geometric
 * series.
 */
typedef struct {
  double sum, last, share;
  guint n;
} CpacSurvival;

/* Takes the next probability; TRUE when the rest is known, or not worth waiting for. */
gboolean cpac_survival_add (CpacSurvival *survival, double probability);
/* The average run length. */
double cpac_survival_get (const CpacSurvival *survival);

/* Charts of AR(1) points; phi may be 0. */
double
cpac_arl_shewhart_correlated (const CpacShewhartDesign *design, const CpacArlProcess *process);
double cpac_arl_ewma_correlated (const CpacEwmaDesign *design, const CpacArlProcess *process);

G_END_DECLS
