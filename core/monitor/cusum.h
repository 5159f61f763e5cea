/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/monitor/chart.h"

G_BEGIN_DECLS

#define CPAC_CUSUM_MAX_H 100

/**
 * CpacCusumDesign:
 *
 * Cumulated sums (Page 1954): upper = max (0, upper + x - k), lower = max (0, lower - x - k), an
 * alarm beyond h. k is half the shift that is to be found soonest. With a head start (fast initial
 * response, Lucas and Crosier 1982) both sums begin above 0, usually at h / 2.
 */
typedef struct {
  double k, h;
  double head_start; /* 0 to h */
  CpacSides sides;
} CpacCusumDesign;

/**
 * CpacCusum:
 *
 * The sums stop at 2 h: an alarm that lasts ends as long after its cause, at most h / k points at
 * the centre, however long that lasted.
 */
typedef struct {
  CpacCusumDesign design;
  double upper, lower;
} CpacCusum;

gboolean cpac_cusum_check (const CpacCusumDesign *design, GError **error);
/* Puts the sums to the head start. */
void cpac_cusum_reset (CpacCusum *cusum);
/* As of the last point. */
CpacSignal cpac_cusum_get_signal (const CpacCusum *cusum);
CpacSignal cpac_cusum_step (CpacCusum *cusum, double x);

G_END_DECLS
