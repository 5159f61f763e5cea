/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/kernels/kernels.h"
#include "core/model/model.h"
#include "core/network/run.h"
#include "pipelines/tool.h"

#define PEAK_MS 20
#define MIN_ROUND_US 20000

static gboolean as_json;
static int n_threads = 1, n_rounds = 15;

static const GOptionEntry entries[] = {
  { "threads", 0, 0, G_OPTION_ARG_INT, &n_threads, "Threads that share one frame (1)", "N" },
  { "rounds", 0, 0, G_OPTION_ARG_INT, &n_rounds, "Timed rounds (15)", "N" },
  { "json", 0, 0, G_OPTION_ARG_NONE, &as_json, "Print one JSON object", NULL },
  { NULL },
};

typedef struct {
  guint n_threads;
  double us_median, us_low, us_high; /* of a frame, over the rounds; low and high: quartiles */
} Row;

static int
compare_doubles (const void *a, const void *b)
{
  double x = *(const double *) a, y = *(const double *) b;

  return (x > y) - (x < y);
}

/* Microseconds a frame over as many frames as make a round long enough to time. */
static double
time_round (CpacRun *run, guint n_frames)
{
  gint64 begin = g_get_monotonic_time ();

  for (guint i = 0; i < n_frames; i++)
    cpac_run_forward (run);
  return (double) (g_get_monotonic_time () - begin) / n_frames;
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

/* Rounds of the network and of the CPU's peak take turns, so that both see the same machine. */
static Row
measure (const CpacModel *model, CpacLevel peak_level, guint threads, double *peak)
{
  const CpacNetwork *network = cpac_model_get_network (model);
  CpacRunOptions options = CPAC_RUN_OPTIONS_INIT;
  g_autoptr (CpacRun) run = NULL;
  g_autofree double *us = g_new (double, (gsize) n_rounds);
  guint n_frames;

  options.n_threads = threads;
  run = cpac_run_new (network, cpac_model_get_params (model), &options);
  fill_input (network, run);
  n_frames = 1 + (guint) (MIN_ROUND_US / MAX (time_round (run, 1), 1));
  for (int i = 0; i < n_rounds; i++) {
    *peak = MAX (*peak, cpac_level_measure_peak (peak_level, PEAK_MS));
    us[i] = time_round (run, n_frames);
  }
  qsort (us, (gsize) n_rounds, sizeof (double), compare_doubles);
  return (Row){ threads, us[n_rounds / 2], us[n_rounds / 4], us[n_rounds * 3 / 4] };
}

static void
add_row (JsonBuilder *builder, const Row *row, double gflops, double peak, CpacLevel level)
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
print_row (const CpacModel *model, const Row *row, double gflops, double peak, CpacLevel level,
           CpacLevel peak_level)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  if (!as_json) {
    printf ("%s, level %s, %u thread(s): %.1f us a frame (quartiles %.1f .. %.1f), %.2f GFLOP/s, "
            "%.1f %% of this CPU's %s FMA peak of %.1f GFLOP/s on %u core(s)\n",
            cpac_model_get_name (model), cpac_level_to_string (level), row->n_threads,
            row->us_median, row->us_low, row->us_high, gflops, 100 * gflops / peak,
            cpac_level_to_string (peak_level), peak, row->n_threads);
    return;
  }
  json_builder_begin_object (builder);
  tool_json_text (builder, "name", cpac_model_get_name (model));
  tool_json_text (builder, "peak_level", cpac_level_to_string (peak_level));
  add_row (builder, row, gflops, peak, level);
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
  double peak = 0;
  Row row;

  if (!tool_parse (&tool_bench, entries, 1, 1, &argc, &argv))
    return TOOL_ERROR;
  if (n_threads < 1 || n_threads > 64 || n_rounds < 1 || n_rounds > 10000)
    return tool_fail_text (&tool_bench, "--threads must be 1..64 and --rounds 1..10000");
  model = cpac_model_load (argv[1], CPAC_MODEL_ALLOW_SHAPE, &error);
  if (model == NULL || !cpac_level_get (&level, &error))
    return tool_fail (&tool_bench, error);
  for (guint i = 0; i < CPAC_N_LEVELS; i++)
    if (cpac_level_is_supported (i))
      peak_level = i;
  row = measure (model, peak_level, (guint) n_threads, &peak);
  cpac_network_count (cpac_model_get_network (model), &cost);
  peak *= n_threads;
  print_row (model, &row, 2.0 * (double) cost.macs / row.us_median / 1e3, peak, level, peak_level);
  return TOOL_DONE;
}

const ToolCommand tool_bench = {
  .name = "bench",
  .arguments = "MODEL",
  .summary = "Time a network beside this CPU's peak",
  .run = run,
};
