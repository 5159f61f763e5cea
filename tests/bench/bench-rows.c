/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* GFLOP/s (2 per multiply-add) of the loops over rows at every level: median of repeated runs on
 * rows that stay in the cache, of the length of a network's. */

#include <stdlib.h>

#include "core/kernels/rows.h"

enum { WIDTH = 256, N_RUNS = 31, N_CALLS = 2000, MAX_TAPS = 7 };

static const guint tap_counts[] = { 1, 3, 5, 7 };

typedef struct {
  float values[MAX_TAPS][WIDTH + 1], out[WIDTH], weights[MAX_TAPS], sums[MAX_TAPS];
  const float *rows[MAX_TAPS];
} Rows;

static int
compare (gconstpointer a, gconstpointer b)
{
  gint64 x = *(const gint64 *) a, y = *(const gint64 *) b;

  return (x > y) - (x < y);
}

static gint64
time_calls (const CpacRowKernels *kernels, Rows *rows, guint n_taps, gboolean dots)
{
  gint64 start = g_get_monotonic_time ();

  for (guint i = 0; i < N_CALLS; i++)
    if (dots)
      kernels->dots (WIDTH, n_taps, rows->out, rows->rows, rows->sums);
    else
      kernels->taps (WIDTH, n_taps, rows->weights, rows->rows, rows->out);
  return g_get_monotonic_time () - start;
}

static double
gflops (const CpacRowKernels *kernels, Rows *rows, guint n_taps, gboolean dots)
{
  gint64 times[N_RUNS];

  for (guint i = 0; i < N_RUNS; i++)
    times[i] = time_calls (kernels, rows, n_taps, dots);
  qsort (times, N_RUNS, sizeof times[0], compare);
  return 2e-3 * WIDTH * n_taps * N_CALLS / (double) MAX (times[N_RUNS / 2], 1);
}

int
main (void)
{
  g_autofree Rows *rows = g_new0 (Rows, 1);

  for (guint t = 0; t < MAX_TAPS; t++) {
    rows->weights[t] = 0.125f;
    rows->rows[t] = rows->values[t] + t % 2;
    for (guint i = 0; i <= WIDTH; i++)
      rows->values[t][i] = (float) i / WIDTH;
  }
  for (guint level = 0; level < CPAC_N_LEVELS; level++)
    for (guint t = 0; cpac_level_is_supported (level) && t < G_N_ELEMENTS (tap_counts); t++) {
      const CpacRowKernels *kernels = cpac_row_kernels_get (level);

      g_print ("%-7s %u taps  %6.1f GFLOP/s  dots %6.1f GFLOP/s\n", cpac_level_to_string (level),
               tap_counts[t], gflops (kernels, rows, tap_counts[t], FALSE),
               gflops (kernels, rows, tap_counts[t], TRUE));
    }
  return 0;
}
