/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Frames through the network, from normalised input to the last output, at every level. */

#include "core/network/stream.h"
#include "pipelines/bench.h"

#define MIN_ROUND_US 10000
#define PEAK_MS 5

typedef struct {
  CpacStream *stream;
  guint n_frames; /* as many as make a round long enough to time */
  double *us;     /* (n_rounds) */
} Work;

static double
time_frames (const Work *work)
{
  gint64 begin = g_get_monotonic_time ();

  for (guint i = 0; i < work->n_frames; i++)
    cpac_stream_run (work->stream);
  return (double) (g_get_monotonic_time () - begin) / work->n_frames;
}

static void
work_init (Work *work, const CpacModel *model, CpacLevel level, guint n_threads, guint n_rounds)
{
  const CpacNetwork *network = cpac_model_get_network (model);
  CpacStreamOptions options = { .level = level, .n_threads = n_threads };
  gsize n = cpac_dims_count (cpac_network_get_input (network));
  GRand *random = g_rand_new_with_seed (1);

  work->stream = cpac_stream_new (network, cpac_model_get_params (model), &options);
  for (gsize i = 0; i < n; i++)
    cpac_stream_get_input (work->stream)[i] = (float) g_rand_double_range (random, -1, 1);
  g_rand_free (random);
  work->n_frames = 1;
  time_frames (work);
  work->n_frames = 1 + (guint) (MIN_ROUND_US / MAX (time_frames (work), 1));
  work->us = g_new (double, n_rounds);
}

GArray *
bench_frames (const CpacModel *model, guint n_threads, guint n_rounds)
{
  GArray *rows = g_array_new (FALSE, FALSE, sizeof (BenchRow));
  Work work[CPAC_N_LEVELS];

  for (guint level = 0; level < CPAC_N_LEVELS; level++)
    if (cpac_level_has_kernels (level) && cpac_level_is_supported (level)) {
      BenchRow row = { .level = level, .n_threads = n_threads };

      work_init (&work[rows->len], model, level, n_threads, n_rounds);
      g_array_append_val (rows, row);
    }
  /* Levels and their peaks take turns, so that all see the same machine. */
  for (guint i = 0; i < n_rounds; i++)
    for (guint k = 0; k < rows->len; k++) {
      BenchRow *row = &g_array_index (rows, BenchRow, k);

      row->peak_gflops = MAX (row->peak_gflops, cpac_level_measure_peak (row->level, PEAK_MS));
      work[k].us[i] = time_frames (&work[k]);
    }
  for (guint k = 0; k < rows->len; k++) {
    bench_summarize (work[k].us, n_rounds, &g_array_index (rows, BenchRow, k));
    cpac_stream_free (work[k].stream);
    g_free (work[k].us);
  }
  return rows;
}
