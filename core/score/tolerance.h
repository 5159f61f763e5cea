/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/*
 * What a threshold taken from a sample promises. With the k-th largest of n scores of exchangeable
 * good parts as the threshold, the share of good parts that will lie above it is distributed as
 * Beta(k, n + 1 - k), whatever the scores' own distribution (the order statistics of a uniform
 * sample; Wilks 1941). With ties the share is smaller, never larger.
 */

/* Bounds of what may be asked for. */
#define CPAC_TOLERANCE_MIN_RATE 1e-6
#define CPAC_TOLERANCE_MAX_RATE 0.5
#define CPAC_TOLERANCE_MIN_CONFIDENCE 0.5
#define CPAC_TOLERANCE_MAX_CONFIDENCE 0.999999

typedef struct {
  guint k;         /* the threshold is the k-th largest score; at least 1 */
  double promised; /* with the stated confidence no more good parts than this are above it */
  double expected; /* so many are above it on average: k / (n + 1) */
} CpacTolerance;

/* The largest k of @n scores with which a share of more than @rate is as improbable as
 * 1 - @confidence: BetaInv (confidence; k, n + 1 - k) <= rate. FALSE when not even the largest
 * score can promise that; @tolerance is then what the largest score promises. @n at least 1. */
gboolean cpac_tolerance_choose (guint n, double rate, double confidence, CpacTolerance *tolerance);

/* The fewest scores that can promise @rate: least n with 1 - (1 - rate)^n >= confidence. */
guint64 cpac_tolerance_get_n_needed (double rate, double confidence);

/* The largest k whose mean share k / (n + 1) is at most @rate, without any confidence; 0 when the
 * sample is too small. */
guint cpac_tolerance_get_k_expected (guint n, double rate);

G_END_DECLS
