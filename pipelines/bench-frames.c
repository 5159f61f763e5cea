/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Frames through the network, from normalised input to the last output, at every level. */

#include "core/network/stream.h"
#include "pipelines/bench.h"

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
work_init (Work *work, const CpacModel *model, CpacLevel level, guint n_threads, guint n_rounds,
           double round_us)
{
  const CpacNetwork *network = cpac_model_get_network (model);
  CpacStreamOptions options = { .level = level, .n_threads = n_threads };

  work->stream = cpac_stream_new (network, cpac_model_get_params (model), &options);
  bench_fill_input (cpac_stream_get_input (work->stream),
                    cpac_dims_count (cpac_network_get_input (network)));
  work->n_frames = 1;
  time_frames (work);
  work->n_frames = bench_n_repeats (time_frames (work), round_us);
  work->us = g_new (double, n_rounds);
}

/* Levels and their peaks take turns, and ONNX Runtime behind @level, so that all see the same
 * machine. */
static gboolean
measure (Work *work, GArray *rows, CpacLevel level, guint n_rounds, BenchOnnx *onnx, GError **error)
{
  double us_ours = 0;

  for (guint i = 0; i < n_rounds; i++) {
    for (guint k = 0; k < rows->len; k++) {
      BenchRow *row = &g_array_index (rows, BenchRow, k);

      row->peak_gflops = MAX (row->peak_gflops, cpac_level_measure_peak (row->level, PEAK_MS));
      work[k].us[i] = time_frames (&work[k]);
      if (row->level == level)
        us_ours = work[k].us[i];
    }
    if (onnx != NULL && !bench_onnx_round (onnx, us_ours, error))
      return FALSE;
  }
  return TRUE;
}

GArray *
bench_frames (const CpacModel *model, CpacLevel level, guint n_threads, guint n_rounds,
              BenchOnnx *onnx, GError **error)
{
  g_autoptr (GArray) rows = g_array_new (FALSE, FALSE, sizeof (BenchRow));
  Work work[CPAC_N_LEVELS];
  gboolean ok;

  for (guint l = 0; l < CPAC_N_LEVELS; l++)
    if (cpac_level_has_kernels (l) && cpac_level_is_supported (l)) {
      BenchRow row = { .level = l, .n_threads = n_threads };
      double round_us =
          onnx != NULL && l == level ? bench_onnx_get_round_us (onnx) : BENCH_MIN_ROUND_US;

      work_init (&work[rows->len], model, l, n_threads, n_rounds, round_us);
      g_array_append_val (rows, row);
    }
  ok = measure (work, rows, level, n_rounds, onnx, error);
  for (guint k = 0; k < rows->len; k++) {
    if (ok)
      g_array_index (rows, BenchRow, k).us = bench_spread (work[k].us, n_rounds);
    cpac_stream_free (work[k].stream);
    g_free (work[k].us);
  }
  return ok ? g_steal_pointer (&rows) : NULL;
}
