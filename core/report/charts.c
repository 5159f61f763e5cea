/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/report/charts.h"

#include <math.h>

#include "core/plot.h"

#define WIDTH 760
#define HEIGHT 260
#define LEFT 70
#define RIGHT (WIDTH - 20)
#define TOP 36
#define FOOT (HEIGHT - 48)
/* Room for the words at a threshold. */
#define WORDS 100
#define MAX_BINS 60
#define N_SCORE_BINS 40
#define N_COLUMNS 250

static void
add_point (GString *svg, const char *command, double x, double y)
{
  char u[G_ASCII_DTOSTR_BUF_SIZE], v[G_ASCII_DTOSTR_BUF_SIZE];

  g_ascii_formatd (u, sizeof u, "%.1f", x);
  g_ascii_formatd (v, sizeof v, "%.1f", y);
  g_string_append_printf (svg, "%s%s,%s", command, u, v);
}

static void
add_axes (GString *svg, const CpacPlotScale *x, const CpacPlotScale *y, const char *below,
          const char *left)
{
  cpac_plot_axis_left (svg, y, LEFT, RIGHT, CPAC_PLOT_INK, left);
  cpac_plot_axis_below (svg, x, FOOT, NAN, below);
}

/* ---- Stacks ---- */

/* From the foot up. */
static const struct {
  CpacVerdict verdict;
  const char *fill;
  const char *mark; /* what is hatched over it; NULL: nothing */
} layers[] = {
  { CPAC_VERDICT_OK, CPAC_PLOT_BLUE, NULL },
  { CPAC_VERDICT_NOT_DECIDABLE, "#e69f00", "M0,6L6,0" },
  { CPAC_VERDICT_NOT_OK, CPAC_PLOT_VERMILLION, "M0,0L6,6M0,6L6,0" },
  { CPAC_VERDICT_UNDEFINED, CPAC_PLOT_GRAY, "M0,3H6" },
};

typedef struct {
  double counts[MAX_BINS][CPAC_N_VERDICTS];
  guint n;
} Stack;

/* @id: of the picture; patterns of two must not share a name. */
static void
add_patterns (GString *svg, const char *id)
{
  g_string_append (svg, "<defs>");
  for (guint i = 0; i < G_N_ELEMENTS (layers); i++)
    if (layers[i].mark != NULL)
      g_string_append_printf (svg,
                              "<pattern id=\"%s-%u\" width=\"6\" height=\"6\" "
                              "patternUnits=\"userSpaceOnUse\"><path d=\"%s\" stroke=\"white\" "
                              "fill=\"none\"/></pattern>",
                              id, i, layers[i].mark);
  g_string_append (svg, "</defs>\n");
}

static double
get_highest (const Stack *stack)
{
  double highest = 1;

  for (guint i = 0; i < stack->n; i++) {
    double sum = 0;

    for (guint k = 0; k < CPAC_N_VERDICTS; k++)
      sum += stack->counts[i][k];
    highest = MAX (highest, sum);
  }
  return highest;
}

static void
add_layer (GString *svg, const Stack *stack, const CpacPlotScale *y, guint layer, const char *fill)
{
  double step = (double) (RIGHT - LEFT) / stack->n;

  g_string_append_printf (svg, "<path fill=\"%s\" d=\"", fill);
  for (guint i = 0; i < stack->n; i++) {
    double low = 0, high, left = LEFT + i * step, right = left + MAX (step - 1, step * 0.8);

    for (guint k = 0; k < layer; k++)
      low += stack->counts[i][layers[k].verdict];
    high = low + stack->counts[i][layers[layer].verdict];
    if (!(high > low))
      continue;
    add_point (svg, "M", left, cpac_plot_place (y, low));
    add_point (svg, "L", left, cpac_plot_place (y, high));
    add_point (svg, "L", right, cpac_plot_place (y, high));
    add_point (svg, "L", right, cpac_plot_place (y, low));
    g_string_append_c (svg, 'z');
  }
  g_string_append (svg, "\"/>\n");
}

static void
add_stack (GString *svg, const Stack *stack, const CpacPlotScale *y, const char *id)
{
  add_patterns (svg, id);
  for (guint i = 0; i < G_N_ELEMENTS (layers); i++) {
    g_autofree char *pattern = g_strdup_printf ("url(#%s-%u)", id, i);

    add_layer (svg, stack, y, i, layers[i].fill);
    if (layers[i].mark != NULL)
      add_layer (svg, stack, y, i, pattern);
  }
}

/* Where bin @bin of @n begins: the least whole number that is at least bin total / n; without
 * overflow, as @n is small. */
static guint64
get_bin_start (guint64 total, guint n, guint bin)
{
  return total / n * bin + (total % n * bin + n - 1) / n;
}

/* Things in their order, as many in each bin as in any other, but for one. A unit of many may go
 * over several bins. Returns how many there are. */
static guint64
stack_units (const GArray *units, Stack *stack)
{
  guint64 total = 0, at = 0;
  guint bin = 0;

  for (guint i = 0; i < units->len; i++)
    total += g_array_index (units, CpacReportUnit, i).n;
  stack->n = (guint) MIN (total, MAX_BINS);
  for (guint i = 0; i < units->len; i++) {
    const CpacReportUnit *unit = &g_array_index (units, CpacReportUnit, i);
    guint64 end = at + unit->n;

    while (at < end) {
      guint64 next = get_bin_start (total, stack->n, bin + 1), until = MIN (end, next);

      stack->counts[bin][unit->verdict] += (double) (until - at);
      at = until;
      bin += at == next;
    }
  }
  return total;
}

char *
cpac_report_draw_verdicts (const CpacReportSummary *summary)
{
  Stack stack = { 0 };
  guint64 total = stack_units (summary->units, &stack);
  CpacPlotScale x = { 0, (double) total, LEFT, RIGHT, .is_whole = TRUE };
  CpacPlotScale y = { 0, 1, FOOT, TOP, .is_whole = TRUE };
  GString *svg;

  if (total == 0)
    return NULL;
  y.high = get_highest (&stack);
  svg = cpac_plot_begin (WIDTH, HEIGHT, "Verdicts over time");
  add_axes (svg, &x, &y, summary->has_parts ? "parts, in their order" : "frames, in their order",
            "how many");
  add_stack (svg, &stack, &y, "v");
  return cpac_plot_end (svg);
}

/* ---- Scores ---- */

static int
compare_doubles (const void *a, const void *b)
{
  double x = *(const double *) a, y = *(const double *) b;

  return (x > y) - (x < y);
}

static GArray *
sort_scores (const CpacReportSummary *summary)
{
  GArray *scores = g_array_new (FALSE, FALSE, sizeof (double));

  for (guint i = 0; i < summary->units->len; i++) {
    double score = g_array_index (summary->units, CpacReportUnit, i).score;

    if (isfinite (score))
      g_array_append_val (scores, score);
  }
  if (scores->len > 0)
    qsort (scores->data, scores->len, sizeof (double), compare_doubles);
  return scores;
}

/* Few scores far beyond all others would press these into one bin: the range ends three times the
 * spread of the middle half above it, or as far above the thresholds as the lowest score is below,
 * whichever is higher. */
static void
choose_range (const CpacReportSummary *summary, const GArray *scores, CpacPlotScale *x)
{
  double first = g_array_index (scores, double, scores->len / 4);
  double third = g_array_index (scores, double, scores->len - 1 - scores->len / 4);
  double usual = third > first ? third + 3 * (third - first) : INFINITY;

  x->low = g_array_index (scores, double, 0);
  x->high = g_array_index (scores, double, scores->len - 1);
  for (guint i = 0; i < summary->thresholds->len; i++) {
    const CpacReportThresholds *one = &g_array_index (summary->thresholds, CpacReportThresholds, i);

    x->low = MIN (x->low, one->warn_threshold);
    usual = MAX (usual, 2 * one->threshold - x->low);
    x->high = MAX (x->high, one->threshold);
  }
  x->high = MIN (x->high, MAX (usual, x->low));
  if (!(x->high > x->low)) {
    x->low -= 0.5;
    x->high += 0.5;
  }
}

/* @is_left: the words stand to the left of the line where there is room. */
static void
add_threshold (GString *svg, const CpacPlotScale *x, double value, const char *words, double y,
               gboolean is_left)
{
  double at = cpac_plot_place (x, value);
  gboolean is_before = is_left ? at > LEFT + WORDS : at > RIGHT - WORDS;

  cpac_plot_segment (svg, at, TOP, at, FOOT, CPAC_PLOT_INK, is_left ? "3 4" : "8 3");
  cpac_plot_text (svg, at + (is_before ? -5 : 5), y, is_before ? "end" : "start", CPAC_PLOT_INK,
                  words);
}

static void
add_thresholds (GString *svg, const CpacReportSummary *summary, const CpacPlotScale *x)
{
  for (guint i = 0; i < summary->thresholds->len; i++) {
    const CpacReportThresholds *one = &g_array_index (summary->thresholds, CpacReportThresholds, i);

    if (one->warn_threshold < one->threshold)
      add_threshold (svg, x, one->warn_threshold, "ok up to here", TOP + 24, TRUE);
    add_threshold (svg, x, one->threshold, "not ok above", TOP + 8, FALSE);
  }
}

char *
cpac_report_draw_scores (const CpacReportSummary *summary, guint *n_beyond)
{
  g_autoptr (GArray) scores = sort_scores (summary);
  CpacPlotScale x = { 0, 0, LEFT, RIGHT, .is_log = FALSE },
                y = { 0, 1, FOOT, TOP, .is_whole = TRUE };
  Stack stack = { .n = N_SCORE_BINS };
  GString *svg;

  *n_beyond = 0;
  if (scores->len == 0)
    return NULL;
  choose_range (summary, scores, &x);
  for (guint i = 0; i < summary->units->len; i++) {
    const CpacReportUnit *unit = &g_array_index (summary->units, CpacReportUnit, i);
    double place = N_SCORE_BINS * ((unit->score - x.low) / (x.high - x.low));

    if (!isfinite (unit->score) || !isfinite (place))
      continue;
    *n_beyond += unit->score > x.high;
    stack.counts[(guint) CLAMP (place, 0, N_SCORE_BINS - 1)][unit->verdict]++;
  }
  y.high = get_highest (&stack);
  svg = cpac_plot_begin (WIDTH, HEIGHT, "Scores");
  add_axes (svg, &x, &y, "score", "how many");
  add_stack (svg, &stack, &y, "s");
  add_thresholds (svg, summary, &x);
  return cpac_plot_end (svg);
}

/* ---- Control charts ---- */

static void
include (CpacPlotScale *y, double value)
{
  if (!isfinite (value))
    return;
  y->low = MIN (y->low, value);
  y->high = MAX (y->high, value);
}

static CpacPlotScale
find_range (const CpacReportChart *chart)
{
  CpacPlotScale y = { INFINITY, -INFINITY, FOOT, TOP, .is_log = FALSE };

  for (guint i = 0; i < chart->points->len; i++) {
    const CpacReportPoint *point = &g_array_index (chart->points, CpacReportPoint, i);

    include (&y, point->value);
    include (&y, point->lower);
    include (&y, point->upper);
  }
  if (!(y.high > y.low)) {
    double middle = isfinite (y.low) ? y.low : 0;

    y.low = middle - 1;
    y.high = middle + 1;
  }
  return y;
}

/* Values of the kept points, one line each. */
typedef struct {
  double x[4 * N_COLUMNS], value[4 * N_COLUMNS], lower[4 * N_COLUMNS], upper[4 * N_COLUMNS],
      center[4 * N_COLUMNS];
  guint n;
} Lines;

static void
collect (const CpacReportChart *chart, Lines *lines)
{
  const CpacReportPoint *points = (const CpacReportPoint *) (gpointer) chart->points->data;
  g_autoptr (GArray) kept = cpac_report_thin (points, chart->points->len, N_COLUMNS);

  lines->n = kept->len;
  for (guint i = 0; i < kept->len; i++) {
    const CpacReportPoint *point = &points[g_array_index (kept, guint, i)];

    lines->x[i] = point->at + 1.0;
    lines->value[i] = point->value;
    lines->lower[i] = point->lower;
    lines->upper[i] = point->upper;
    lines->center[i] = (point->lower + point->upper) / 2;
  }
}

/* Triangles. */
static void
add_alarms (GString *svg, const CpacReportChart *chart, const CpacPlotScale *x,
            const CpacPlotScale *y, guint *n_alarms)
{
  const CpacReportPoint *points = (const CpacReportPoint *) (gpointer) chart->points->data;
  g_autoptr (GArray) marks =
      cpac_report_alarms (points, chart->points->len, CPAC_REPORT_MAX_ALARMS, n_alarms);

  g_string_append_printf (svg, "<path fill=\"%s\" d=\"", CPAC_PLOT_VERMILLION);
  for (guint i = 0; i < marks->len; i++) {
    const CpacReportPoint *point = &points[g_array_index (marks, guint, i)];
    double at = cpac_plot_place (y, point->value);

    add_point (svg, "M", cpac_plot_place (x, point->at + 1.0), (isfinite (at) ? at : FOOT) - 5);
    g_string_append (svg, "l4,8h-8z");
  }
  g_string_append (svg, "\"/>\n");
}

static void
add_changes (GString *svg, const CpacReportSummary *summary, const CpacPlotScale *x)
{
  for (guint i = 0; i < summary->changes->len; i++) {
    double at = cpac_plot_place (x, g_array_index (summary->changes, CpacReportChange, i).at + 1.0);

    cpac_plot_segment (svg, at, TOP, at, FOOT, CPAC_PLOT_GRAY, "1 4");
  }
}

char *
cpac_report_draw_chart (const CpacReportSummary *summary, const CpacReportChart *chart,
                        guint *n_alarms)
{
  CpacPlotScale x = { 1, MAX (2, (double) summary->n_part_records), LEFT, RIGHT, .is_whole = TRUE };
  CpacPlotScale y = find_range (chart);
  g_autofree char *title = g_strdup_printf ("%s: %s", chart->series, chart->chart);
  g_autofree Lines *lines = g_new (Lines, 1);
  GString *svg = cpac_plot_begin (WIDTH, HEIGHT, title);

  collect (chart, lines);
  add_axes (svg, &x, &y, "parts, in their order", "value");
  add_changes (svg, summary, &x);
  cpac_plot_line (svg, &x, &y, lines->x, lines->center, lines->n, CPAC_PLOT_GRAY, "none");
  cpac_plot_line (svg, &x, &y, lines->x, lines->lower, lines->n, CPAC_PLOT_INK, "8 4");
  cpac_plot_line (svg, &x, &y, lines->x, lines->upper, lines->n, CPAC_PLOT_INK, "8 4");
  cpac_plot_line (svg, &x, &y, lines->x, lines->value, lines->n, CPAC_PLOT_BLUE, "none");
  add_alarms (svg, chart, &x, &y, n_alarms);
  return cpac_plot_end (svg);
}
