/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/kernels/kernels.h"
#include "core/kernels/rows.h"
#include "core/model/model.h"
#include "pipelines/bench-report.h"
#include "pipelines/tool.h"

#define PEAK_MS 20
#define MAX_MODELS 1000
#define MAX_THREADS 64

static gboolean as_json, train, with_onnx;
static char *threads_text;
static int n_rounds = 15, batch = 16, explain;

static const GOptionEntry entries[] = {
  { "threads", 0, 0, G_OPTION_ARG_STRING, &threads_text,
    "Threads that share one frame (1), or several numbers of them: 1,2", "N" },
  { "rounds", 0, 0, G_OPTION_ARG_INT, &n_rounds, "Timed rounds (15)", "N" },
  { "onnxruntime", 0, 0, G_OPTION_ARG_NONE, &with_onnx,
    "Also time ONNX Runtime on the same network, and compare the outputs; needs node and the npm "
    "package onnxruntime-node, in the folder that CPAC_ONNXRUNTIME names, in NODE_PATH or here",
    NULL },
  { "explain", 0, 0, G_OPTION_ARG_INT, &explain,
    "Also time frames that are scored, and explained by N components", "N" },
  { "train", 0, 0, G_OPTION_ARG_NONE, &train, "Time training steps instead of frames", NULL },
  { "batch", 0, 0, G_OPTION_ARG_INT, &batch, "Pictures of a training step (16)", "N" },
  { "json", 0, 0, G_OPTION_ARG_NONE, &as_json, "Print one JSON object", NULL },
  G_OPTION_ENTRY_NULL,
};

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
  row.us = bench_spread (us, rounds);
  return row;
}

/* ---- What is measured ---- */

/* At every level, and by ONNX Runtime at @place (nullable). */
static gboolean
measure_frames (const CpacModel *model, guint n_threads, const OnnxRuntimePlace *place,
                BenchResult *result, GError **error)
{
  g_autoptr (BenchOnnx) onnx = NULL;
  CpacCost cost;

  if (!cpac_level_get (&result->level, error) ||
      (place != NULL && (onnx = bench_onnx_new (place, model, result->level, n_threads,
                                                (guint) n_rounds, error)) == NULL))
    return FALSE;
  result->rows = bench_frames (model, result->level, n_threads, (guint) n_rounds, onnx, error);
  if (result->rows == NULL)
    return FALSE;
  while (g_array_index (result->rows, BenchRow, result->in_force).level != result->level)
    result->in_force++;
  cpac_network_count (cpac_model_get_network (model), &cost);
  result->operations = 2.0 * (double) cost.macs;
  if (onnx != NULL)
    result->onnx = bench_onnx_finish (onnx);
  return TRUE;
}

/* At the level that training runs at. */
static void
measure_training (const CpacModel *model, guint n_threads, BenchResult *result)
{
  CpacLevel peak_level = CPAC_LEVEL_C;
  BenchRow row;

  result->level = cpac_row_kernels_default_level ();
  for (guint i = 0; i < CPAC_N_LEVELS; i++)
    if (cpac_level_is_supported (i))
      peak_level = i;
  row = bench_training (model, (guint) batch, n_threads, (guint) n_rounds, peak_level,
                        &result->operations);
  result->rows = g_array_new (FALSE, FALSE, sizeof (BenchRow));
  g_array_append_val (result->rows, row);
}

static gboolean
measure_model (CpacModel *model, guint n_threads, const OnnxRuntimePlace *place, GPtrArray *results,
               GError **error)
{
  g_autoptr (BenchResult) result = bench_result_new ();

  result->name = g_strdup (cpac_model_get_name (model));
  if (train)
    measure_training (model, n_threads, result);
  else if (!measure_frames (model, n_threads, place, result, error))
    return FALSE;
  if (explain > 0) {
    result->explained = g_new0 (BenchExplained, 1);
    if (!bench_explained (model, (guint) explain, n_threads, (guint) n_rounds, result->explained,
                          error))
      return FALSE;
  }
  g_ptr_array_add (results, g_steal_pointer (&result));
  return TRUE;
}

/* Every one of @paths (NULL at the end) with every number of @threads (guint). */
static gboolean
measure (char **paths, const GArray *threads, const OnnxRuntimePlace *place, GPtrArray *results,
         GError **error)
{
  for (; *paths != NULL; paths++) {
    g_autoptr (CpacModel) model = cpac_model_load (*paths, CPAC_MODEL_ALLOW_SHAPE, error);

    if (model == NULL)
      return FALSE;
    for (guint i = 0; i < threads->len; i++)
      if (!measure_model (model, g_array_index (threads, guint, i), place, results, error))
        return FALSE;
  }
  return TRUE;
}

/* ---- The command ---- */

/* "1,2". (transfer full) (element-type guint) (nullable) */
static GArray *
parse_threads (const char *text)
{
  g_autoptr (GArray) threads = g_array_new (FALSE, FALSE, sizeof (guint));
  g_auto (GStrv) words = g_strsplit (text, ",", -1);

  for (guint i = 0; words[i] != NULL; i++) {
    guint64 number;
    guint n;

    if (!g_ascii_string_to_unsigned (words[i], 10, 1, MAX_THREADS, &number, NULL))
      return NULL;
    n = (guint) number;
    g_array_append_val (threads, n);
  }
  return threads->len > 0 ? g_steal_pointer (&threads) : NULL;
}

/* Whether no outputs of ONNX Runtime are others than ours. */
static gboolean
outputs_agree (const GPtrArray *results)
{
  gboolean agree = TRUE;

  for (guint i = 0; i < results->len; i++) {
    const BenchResult *result = g_ptr_array_index (results, i);

    if (result->onnx == NULL || result->onnx->difference <= BENCH_ONNX_TOLERANCE)
      continue;
    tool_note ("%s: outputs of ONNX Runtime differ by %g of the largest, expected at most %g",
               result->name, result->onnx->difference, BENCH_ONNX_TOLERANCE);
    agree = FALSE;
  }
  return agree;
}

static int
run_checked (char **paths, const GArray *threads)
{
  g_autoptr (GPtrArray) results =
      g_ptr_array_new_with_free_func ((GDestroyNotify) bench_result_free);
  g_auto (OnnxRuntimePlace) place = { 0 };
  g_autofree char *why_not = NULL;
  gboolean found = with_onnx && onnx_runtime_find (&place, &why_not);
  const BenchReport report = { train, n_rounds, explain, why_not, results };
  GError *error = NULL;

  if (!measure (paths, threads, found ? &place : NULL, results, &error))
    return tool_fail (&tool_bench, error);
  if (as_json)
    bench_report_print_json (&report);
  else
    bench_report_print_markdown (&report);
  return outputs_agree (results) ? TOOL_DONE : TOOL_NO;
}

static int
run (int argc, char **argv)
{
  g_autoptr (GArray) threads = NULL;

  if (!tool_parse (&tool_bench, entries, 1, MAX_MODELS, &argc, &argv))
    return TOOL_ERROR;
  threads = parse_threads (threads_text != NULL ? threads_text : "1");
  if (threads == NULL || n_rounds < 1 || n_rounds > 10000 || batch < 1)
    return tool_fail_text (&tool_bench,
                           "--threads must be 1..64, --rounds 1..10000, --batch at least 1");
  if (explain < 0 || explain > CPAC_MAX_CHANNELS || (explain > 0 && train))
    return tool_fail_text (&tool_bench, "--explain must be 0..65536, and goes without --train");
  if (with_onnx && train)
    return tool_fail_text (&tool_bench, "--onnxruntime goes without --train");
  return run_checked (argv + 1, threads);
}

const ToolCommand tool_bench = {
  .name = "bench",
  .arguments = "MODEL...",
  .summary = "Time networks beside this CPU's peak",
  .run = run,
};
