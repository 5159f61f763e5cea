/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdio.h>
#include <stdlib.h>

#include "core/kernels/kernels.h"
#include "core/kernels/rows.h"
#include "core/model/model.h"
#include "pipelines/bench.h"
#include "pipelines/tool.h"

#define PEAK_MS 20

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

void
bench_summarize (double *us, guint rounds, BenchRow *row)
{
  qsort (us, rounds, sizeof (double), compare_doubles);
  row->us_median = us[rounds / 2];
  row->us_low = us[rounds / 4];
  row->us_high = us[rounds * 3 / 4];
}

BenchRow
bench_measure (BenchFunc func, gpointer user_data, guint rounds, guint threads,
               CpacLevel peak_level)
{
  g_autofree double *us = g_new (double, rounds);
  BenchRow row = { .level = peak_level, .n_threads = threads };

  for (guint i = 0; i < rounds; i++) {
    row.peak_gflops = MAX (row.peak_gflops, cpac_level_measure_peak (peak_level, PEAK_MS));
    us[i] = func (user_data);
  }
  bench_summarize (us, rounds, &row);
  return row;
}

/* What is printed: the row in force and the others. */
typedef struct {
  const char *name;
  GArray *rows;                    /* (element-type BenchRow) */
  guint in_force;                  /* which of them */
  CpacLevel level;                 /* it ran at; of training, not that of its peak */
  double operations;               /* of one frame or step */
  const BenchExplained *explained; /* NULL: not asked for */
} Report;

static double
gflops_of (const Report *report, const BenchRow *row)
{
  return report->operations / row->us_median / 1e3;
}

static double
peak_of (const BenchRow *row)
{
  return row->peak_gflops * row->n_threads;
}

static void
add_row (JsonBuilder *builder, const Report *report, const BenchRow *row, CpacLevel level)
{
  double gflops = gflops_of (report, row), peak = peak_of (row);

  tool_json_text (builder, "level", cpac_level_to_string (level));
  tool_json_int (builder, "threads", row->n_threads);
  tool_json_double (builder, "us_median", row->us_median);
  tool_json_double (builder, "us_quartile_low", row->us_low);
  tool_json_double (builder, "us_quartile_high", row->us_high);
  tool_json_double (builder, "gflops", gflops);
  tool_json_text (builder, "peak_level", cpac_level_to_string (row->level));
  tool_json_double (builder, "peak_gflops", peak);
  tool_json_double (builder, "peak_share", gflops / peak);
}

static void
print_json (const Report *report)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  tool_json_text (builder, "name", report->name);
  add_row (builder, report, &g_array_index (report->rows, BenchRow, report->in_force),
           report->level);
  if (report->explained != NULL) {
    tool_json_double (builder, "us_scored", report->explained->us_scored);
    tool_json_double (builder, "us_explained", report->explained->us_explained);
  }
  json_builder_set_member_name (builder, "rows");
  json_builder_begin_array (builder);
  for (guint i = 0; i < report->rows->len; i++) {
    const BenchRow *row = &g_array_index (report->rows, BenchRow, i);

    json_builder_begin_object (builder);
    add_row (builder, report, row, train ? report->level : row->level);
    json_builder_end_object (builder);
  }
  json_builder_end_array (builder);
  json_builder_end_object (builder);
  tool_print_json (builder);
}

static void
print_text (const Report *report)
{
  const BenchRow *in_force = &g_array_index (report->rows, BenchRow, report->in_force);

  printf ("%s: a %s at level %s, %u thread(s): %.1f us\n\n", report->name,
          train ? "training step" : "frame through the network",
          cpac_level_to_string (report->level), in_force->n_threads, in_force->us_median);
  printf ("| level | threads | us | quartiles | GFLOP/s | FMA peak | share |\n"
          "|---|---|---|---|---|---|---|\n");
  for (guint i = 0; i < report->rows->len; i++) {
    const BenchRow *row = &g_array_index (report->rows, BenchRow, i);
    double gflops = gflops_of (report, row), peak = peak_of (row);

    printf ("| %s | %u | %.1f | %.1f .. %.1f | %.1f | %.1f (%s) | %.1f %% |\n",
            cpac_level_to_string (train ? report->level : row->level), row->n_threads,
            row->us_median, row->us_low, row->us_high, gflops, peak,
            cpac_level_to_string (row->level), 100 * gflops / peak);
  }
  if (report->explained != NULL)
    printf ("\nfrom pixels to verdict: %.1f us a frame, explained by %d component(s) %.1f us\n",
            report->explained->us_scored, explain, report->explained->us_explained);
}

/* Frames at every level, or training steps at the level that training runs at. */
static gboolean
measure (const CpacModel *model, Report *report, GError **error)
{
  CpacLevel peak_level = CPAC_LEVEL_C;
  CpacCost cost;
  BenchRow row;

  if (!cpac_level_get (&report->level, error))
    return FALSE;
  if (!train) {
    report->rows = bench_frames (model, (guint) n_threads, (guint) n_rounds);
    while (g_array_index (report->rows, BenchRow, report->in_force).level != report->level)
      report->in_force++;
    cpac_network_count (cpac_model_get_network (model), &cost);
    report->operations = 2.0 * (double) cost.macs;
    return TRUE;
  }
  report->level = cpac_row_kernels_default_level ();
  for (guint i = 0; i < CPAC_N_LEVELS; i++)
    if (cpac_level_is_supported (i))
      peak_level = i;
  row = bench_training (model, (guint) batch, (guint) n_threads, (guint) n_rounds, peak_level,
                        &report->operations);
  report->rows = g_array_new (FALSE, FALSE, sizeof (BenchRow));
  g_array_append_val (report->rows, row);
  return TRUE;
}

static int
run (int argc, char **argv)
{
  g_autoptr (CpacModel) model = NULL;
  GError *error = NULL;
  Report report = { 0 };
  BenchExplained explained;

  if (!tool_parse (&tool_bench, entries, 1, 1, &argc, &argv))
    return TOOL_ERROR;
  if (n_threads < 1 || n_threads > 64 || n_rounds < 1 || n_rounds > 10000 || batch < 1)
    return tool_fail_text (&tool_bench,
                           "--threads must be 1..64, --rounds 1..10000, --batch at least 1");
  if (explain < 0 || explain > CPAC_MAX_CHANNELS || (explain > 0 && train))
    return tool_fail_text (&tool_bench, "--explain must be 0..65536, and goes without --train");
  model = cpac_model_load (argv[1], CPAC_MODEL_ALLOW_SHAPE, &error);
  if (model == NULL || !measure (model, &report, &error))
    return tool_fail (&tool_bench, error);
  report.name = cpac_model_get_name (model);
  if (explain > 0) {
    if (!bench_explained (model, (guint) explain, (guint) n_threads, (guint) n_rounds, &explained,
                          &error)) {
      g_array_unref (report.rows);
      return tool_fail (&tool_bench, error);
    }
    report.explained = &explained;
  }
  if (as_json)
    print_json (&report);
  else
    print_text (&report);
  g_array_unref (report.rows);
  return TOOL_DONE;
}

const ToolCommand tool_bench = {
  .name = "bench",
  .arguments = "MODEL",
  .summary = "Time a network beside this CPU's peak",
  .run = run,
};
