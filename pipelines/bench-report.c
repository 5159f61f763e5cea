/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pipelines/bench-report.h"

#include <stdio.h>

#include "pipelines/tool.h"

BenchResult *
bench_result_new (void)
{
  return g_new0 (BenchResult, 1);
}

void
bench_result_free (BenchResult *result)
{
  if (result == NULL)
    return;
  g_clear_pointer (&result->rows, g_array_unref);
  bench_onnx_figures_free (result->onnx);
  g_free (result->explained);
  g_free (result->name);
  g_free (result);
}

static const BenchRow *
get_row (const BenchResult *result, guint index)
{
  return &g_array_index (result->rows, BenchRow, index);
}

/* What the row ran at. */
static const char *
get_level (const BenchReport *report, const BenchResult *result, const BenchRow *row)
{
  return cpac_level_to_string (report->train ? result->level : row->level);
}

static double
get_gflops (const BenchResult *result, const BenchRow *row)
{
  return result->operations / row->us.median / 1e3;
}

static double
get_peak (const BenchRow *row)
{
  return row->peak_gflops * row->n_threads;
}

/* ---- JSON ---- */

static void
add_row (JsonBuilder *builder, const BenchResult *result, const BenchRow *row, const char *level)
{
  double gflops = get_gflops (result, row), peak = get_peak (row);

  tool_json_text (builder, "level", level);
  tool_json_int (builder, "threads", row->n_threads);
  tool_json_double (builder, "us_median", row->us.median);
  tool_json_double (builder, "us_quartile_low", row->us.low);
  tool_json_double (builder, "us_quartile_high", row->us.high);
  tool_json_double (builder, "gflops", gflops);
  tool_json_text (builder, "peak_level", cpac_level_to_string (row->level));
  tool_json_double (builder, "peak_gflops", peak);
  tool_json_double (builder, "peak_share", gflops / peak);
}

static void
add_spread (JsonBuilder *builder, const char *key, const BenchSpread *spread)
{
  g_autofree char *low = g_strconcat (key, "_quartile_low", NULL);
  g_autofree char *high = g_strconcat (key, "_quartile_high", NULL);

  tool_json_double (builder, key, spread->median);
  tool_json_double (builder, low, spread->low);
  tool_json_double (builder, high, spread->high);
}

static void
add_form (JsonBuilder *builder, const char *name, const BenchOnnxTimes *times)
{
  g_autofree char *us = g_strconcat (name, "_us", NULL);
  g_autofree char *ratio = g_strconcat ("ratio_", name, NULL);
  g_autofree char *call = g_strconcat (name, "_call_us", NULL);

  add_spread (builder, us, &times->us);
  add_spread (builder, ratio, &times->ratio);
  tool_json_double (builder, call, times->us_call.median);
}

static void
add_onnx (JsonBuilder *builder, const BenchReport *report, const BenchOnnxFigures *onnx)
{
  if (onnx == NULL && report->onnx_skipped == NULL)
    return;
  json_builder_set_member_name (builder, "onnxruntime");
  json_builder_begin_object (builder);
  if (onnx == NULL) {
    tool_json_text (builder, "skipped", report->onnx_skipped);
  } else {
    tool_json_text (builder, "version", onnx->version);
    for (guint form = 0; form < BENCH_ONNX_N_FORMS; form++)
      add_form (builder, bench_onnx_form_names[form], &onnx->forms[form]);
    tool_json_double (builder, "difference", onnx->difference);
  }
  json_builder_end_object (builder);
}

static void
add_result (JsonBuilder *builder, const BenchReport *report, const BenchResult *result)
{
  json_builder_begin_object (builder);
  tool_json_text (builder, "name", result->name);
  add_row (builder, result, get_row (result, result->in_force),
           cpac_level_to_string (result->level));
  if (result->explained != NULL) {
    tool_json_double (builder, "us_scored", result->explained->us_scored);
    tool_json_double (builder, "us_explained", result->explained->us_explained);
  }
  add_onnx (builder, report, result->onnx);
  json_builder_set_member_name (builder, "rows");
  json_builder_begin_array (builder);
  for (guint i = 0; i < result->rows->len; i++) {
    const BenchRow *row = get_row (result, i);

    json_builder_begin_object (builder);
    add_row (builder, result, row, get_level (report, result, row));
    json_builder_end_object (builder);
  }
  json_builder_end_array (builder);
  json_builder_end_object (builder);
}

void
bench_report_print_json (const BenchReport *report)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  if (report->results->len == 1) {
    add_result (builder, report, g_ptr_array_index (report->results, 0));
  } else {
    json_builder_begin_object (builder);
    json_builder_set_member_name (builder, "networks");
    json_builder_begin_array (builder);
    for (guint i = 0; i < report->results->len; i++)
      add_result (builder, report, g_ptr_array_index (report->results, i));
    json_builder_end_array (builder);
    json_builder_end_object (builder);
  }
  tool_print_json (builder);
}

/* ---- Markdown ---- */

/* A name in a cell, which a bar would end. */
static void
print_name (const char *name)
{
  fputs ("| ", stdout);
  for (; *name != '\0'; name++) {
    if (*name == '|')
      putchar ('\\');
    putchar (*name);
  }
}

static void
print_rows (const BenchReport *report, const BenchResult *result)
{
  for (guint i = 0; i < result->rows->len; i++) {
    const BenchRow *row = get_row (result, i);
    double gflops = get_gflops (result, row), peak = get_peak (row);

    print_name (result->name);
    printf (" | %s | %u | %.1f | %.1f .. %.1f | %.1f | %.1f (%s) | %.1f %% |\n",
            get_level (report, result, row), row->n_threads, row->us.median, row->us.low,
            row->us.high, gflops, peak, cpac_level_to_string (row->level), 100 * gflops / peak);
  }
}

static void
print_onnx_row (const BenchResult *result)
{
  const BenchRow *row = get_row (result, result->in_force);

  print_name (result->name);
  printf (" | %u | %.1f", row->n_threads, row->us.median);
  for (guint form = 0; form < BENCH_ONNX_N_FORMS; form++)
    printf (" | %.1f (%.1f)", result->onnx->forms[form].us.median,
            result->onnx->forms[form].us_call.median);
  for (guint form = 0; form < BENCH_ONNX_N_FORMS; form++) {
    const BenchSpread *ratio = &result->onnx->forms[form].ratio;

    printf (" | %.2f (%.2f .. %.2f)", ratio->median, ratio->low, ratio->high);
  }
  printf (" | %.1e |\n", result->onnx->difference);
}

static void
print_onnx (const BenchReport *report)
{
  const BenchResult *first = g_ptr_array_index (report->results, 0);

  if (report->onnx_skipped != NULL)
    printf ("\nONNX Runtime: skipped, %s.\n", report->onnx_skipped);
  if (first->onnx == NULL)
    return;
  printf ("\nONNX Runtime %s on the same network and as many threads, exported factored, with "
          "its taps merged, and dense; "
          "in the same rounds as level %s, ratios and their quartiles round by round. Its time is "
          "the slope between a graph that holds the network once and one that holds it %u times, "
          "in brackets a call through node. Difference: largest between outputs, relative to the "
          "largest of ours.\n\n"
          "| network | threads | ours us | factored us (a call) | merged us (a call) "
          "| dense us (a call) | factored / ours | merged / ours | dense / ours | difference |\n"
          "|---|---|---|---|---|---|---|---|---|---|\n",
          first->onnx->version, cpac_level_to_string (first->level), BENCH_ONNX_COPIES);
  for (guint i = 0; i < report->results->len; i++)
    print_onnx_row (g_ptr_array_index (report->results, i));
}

void
bench_report_print_markdown (const BenchReport *report)
{
  const BenchResult *first = g_ptr_array_index (report->results, 0);

  printf ("Microseconds %s, median of %d rounds; level %s is in force:\n\n",
          report->train ? "a training step" : "a frame through the network", report->n_rounds,
          cpac_level_to_string (first->level));
  printf ("| network | level | threads | us | quartiles | GFLOP/s | FMA peak | share |\n"
          "|---|---|---|---|---|---|---|---|\n");
  for (guint i = 0; i < report->results->len; i++)
    print_rows (report, g_ptr_array_index (report->results, i));
  for (guint i = 0; i < report->results->len; i++) {
    const BenchResult *result = g_ptr_array_index (report->results, i);

    if (result->explained != NULL)
      printf (
          "\n%s, from pixels to verdict: %.1f us a frame, explained by %d component(s) %.1f us\n",
          result->name, result->explained->us_scored, report->n_components,
          result->explained->us_explained);
  }
  print_onnx (report);
}
