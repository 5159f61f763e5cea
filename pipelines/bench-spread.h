/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Median and quartiles. */
typedef struct {
  double median, low, high;
} BenchSpread;

/* Of @values (n of them, at least 1), which it sorts. */
BenchSpread bench_spread (double *values, guint n);

/* Shortest round that is timed. */
#define BENCH_MIN_ROUND_US 10000

/* Calls or frames in a row, of @us microseconds each, that last at least @round_us. */
guint bench_n_repeats (double us, double round_us);

G_END_DECLS
