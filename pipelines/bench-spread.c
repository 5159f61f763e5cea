/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pipelines/bench-spread.h"

#include <stdlib.h>

static int
compare_doubles (const void *a, const void *b)
{
  double x = *(const double *) a, y = *(const double *) b;

  return (x > y) - (x < y);
}

BenchSpread
bench_spread (double *values, guint n)
{
  qsort (values, n, sizeof *values, compare_doubles);
  return (BenchSpread){ values[n / 2], values[n / 4], values[n * 3 / 4] };
}

guint
bench_n_repeats (double us, double round_us)
{
  return 1 + (guint) (MIN (round_us / MAX (us, 1), G_MAXINT));
}
