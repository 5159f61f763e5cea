/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/kernels/kernels.h"
#include "core/kernels/rows.h"
#include "core/model/model.h"
#include "core/network/run.h"
#include "pipelines/bench.h"
#include "pipelines/tool.h"

#define PEAK_MS 20
#define MIN_ROUND_US 20000

static gboolean as_json, train;
static int n_threads = 1, n_rounds = 15, batch = 16, explain;

static const GOptionEntry entries[] = {
  { "threads", 0, 0, G_OPTION_ARG_INT, &n_threads, "Threads that share one frame (1)", "N" },
  { "rounds", 0, 0, G_OPTION_ARG_INT, &n_rounds, "Timed rounds (15)", "N" },
  { "explain", 0, 0, G_OPTION_ARG_INT, &explain,
    "Also time frames that are scored, and explained by N components", "N" },
  { "train", 0, 0, G_OPTION_ARG_NONE, &train, "Time training steps instead of frames", NULL },
  { "batch", 0, 0, G_OPTION_ARG_INT, &batch, "Pictures of a training step (16)", "N" },
  { "json", 0, 0, G_OPTION_ARG_NONE, &as_json, "Print one JSON object", NULL },
  { NULL },
};

static int
compare_doubles (const void *a, const void *b)
{
  double x = *(const double *) a, y = *(const double *) b;

  return (x > y) - (x < y);
}

BenchRow
bench_measure (BenchFunc func, gpointer user_data, guint rounds, guint threads,
               CpacLevel peak_level)
{
  g_autofree double *us = g_new (double, rounds);
  double peak = 0;

  for (guint i = 0; i < rounds; i++) {
    peak = MAX (peak, cpac_level_measure_peak (peak_level, PEAK_MS));
    us[i] = func (user_data);
  }
  qsort (us, rounds, sizeof (double), compare_doubles);
  return (BenchRow){ threads, us[rounds / 2], us[rounds / 4], us[rounds * 3 / 4], peak };
}

/* As many frames as make a round long enough to time. */
typedef struct {
  CpacRun *run;
  guint n_frames;
} Frames;

static double
time_frames (gpointer user_data)
{
  const Frames *frames = user_data;
  gint64 begin = g_get_monotonic_time ();

  for (guint i = 0; i < frames->n_frames; i++)
    cpac_run_forward (frames->run);
  return (double) (g_get_monotonic_time () - begin) / frames->n_frames;
}

static void
fill_input (const CpacNetwork *network, CpacRun *run)
{
  gsize n = cpac_dims_count (cpac_network_get_input (network));
  float *input = cpac_run_get_input (run, 0);
  GRand *random = g_rand_new_with_seed (1);

  for (gsize i = 0; i < n; i++)
    input[i] = (float) g_rand_double_range (random, -1, 1);
  g_rand_free (random);
}

static BenchRow
measure_frames (const CpacModel *model, CpacLevel peak_level)
{
  const CpacNetwork *network = cpac_model_get_network (model);
  CpacRunOptions options = CPAC_RUN_OPTIONS_INIT;
  g_autoptr (CpacRun) run = NULL;
  Frames frames = { .n_frames = 1 };

  options.n_threads = (guint) n_threads;
  run = cpac_run_new (network, cpac_model_get_params (model), &options);
  fill_input (network, run);
  frames.run = run;
  frames.n_frames = 1 + (guint) (MIN_ROUND_US / MAX (time_frames (&frames), 1));
  return bench_measure (time_frames, &frames, (guint) n_rounds, (guint) n_threads, peak_level);
}

static void
add_row (JsonBuilder *builder, const BenchRow *row, double gflops, double peak, CpacLevel level)
{
  tool_json_text (builder, "level", cpac_level_to_string (level));
  tool_json_int (builder, "threads", row->n_threads);
  tool_json_double (builder, "us_median", row->us_median);
  tool_json_double (builder, "us_quartile_low", row->us_low);
  tool_json_double (builder, "us_quartile_high", row->us_high);
  tool_json_double (builder, "gflops", gflops);
  tool_json_double (builder, "peak_gflops", peak);
  tool_json_double (builder, "peak_share", gflops / peak);
}

static void
print_row (const CpacModel *model, const BenchRow *row, double gflops, double peak, CpacLevel level,
           CpacLevel peak_level, const BenchExplained *explained)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  if (!as_json) {
    printf ("%s, level %s, %u thread(s): %.1f us a %s (quartiles %.1f .. %.1f), %.2f GFLOP/s, "
            "%.1f %% of this CPU's %s FMA peak of %.1f GFLOP/s on %u core(s)\n",
            cpac_model_get_name (model), cpac_level_to_string (level), row->n_threads,
            row->us_median, train ? "step" : "frame", row->us_low, row->us_high, gflops,
            100 * gflops / peak, cpac_level_to_string (peak_level), peak, row->n_threads);
    if (explained != NULL)
      printf ("from pixels to verdict: %.1f us a frame, explained by %d component(s) %.1f us\n",
              explained->us_scored, explain, explained->us_explained);
    return;
  }
  json_builder_begin_object (builder);
  tool_json_text (builder, "name", cpac_model_get_name (model));
  tool_json_text (builder, "peak_level", cpac_level_to_string (peak_level));
  add_row (builder, row, gflops, peak, level);
  if (explained != NULL) {
    tool_json_double (builder, "us_scored", explained->us_scored);
    tool_json_double (builder, "us_explained", explained->us_explained);
  }
  json_builder_set_member_name (builder, "rows");
  json_builder_begin_array (builder);
  json_builder_begin_object (builder);
  add_row (builder, row, gflops, peak, level);
  json_builder_end_object (builder);
  json_builder_end_array (builder);
  json_builder_end_object (builder);
  tool_print_json (builder);
}

static int
run (int argc, char **argv)
{
  g_autoptr (CpacModel) model = NULL;
  GError *error = NULL;
  CpacLevel level, peak_level = CPAC_LEVEL_C;
  CpacCost cost;
  double operations, peak;
  BenchExplained explained;
  BenchRow row;

  if (!tool_parse (&tool_bench, entries, 1, 1, &argc, &argv))
    return TOOL_ERROR;
  if (n_threads < 1 || n_threads > 64 || n_rounds < 1 || n_rounds > 10000 || batch < 1)
    return tool_fail_text (&tool_bench,
                           "--threads must be 1..64, --rounds 1..10000, --batch at least 1");
  if (explain < 0 || explain > CPAC_MAX_CHANNELS || (explain > 0 && train))
    return tool_fail_text (&tool_bench, "--explain must be 0..65536, and goes without --train");
  model = cpac_model_load (argv[1], CPAC_MODEL_ALLOW_SHAPE, &error);
  if (model == NULL || !cpac_level_get (&level, &error))
    return tool_fail (&tool_bench, error);
  for (guint i = 0; i < CPAC_N_LEVELS; i++)
    if (cpac_level_is_supported (i))
      peak_level = i;
  if (train) {
    level = cpac_row_kernels_default_level ();
    row = bench_training (model, (guint) batch, (guint) n_threads, (guint) n_rounds, peak_level,
                          &operations);
  } else {
    row = measure_frames (model, peak_level);
    cpac_network_count (cpac_model_get_network (model), &cost);
    operations = 2.0 * (double) cost.macs;
  }
  if (explain > 0 && !bench_explained (model, (guint) explain, (guint) n_threads, (guint) n_rounds,
                                       &explained, &error))
    return tool_fail (&tool_bench, error);
  peak = row.peak_gflops * n_threads;
  print_row (model, &row, operations / row.us_median / 1e3, peak, level, peak_level,
             explain > 0 ? &explained : NULL);
  return TOOL_DONE;
}

const ToolCommand tool_bench = {
  .name = "bench",
  .arguments = "MODEL",
  .summary = "Time a network beside this CPU's peak",
  .run = run,
};
