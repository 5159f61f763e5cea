/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include <math.h>

#include "core/plot.h"
#include "pipelines/report.h"

#define WIDTH 860
#define HEIGHT 530
#define LEFT 80
#define RIGHT 830
#define PANEL_HEIGHT 180
#define UPPER 60 /* where the panels begin */
#define LOWER (UPPER + PANEL_HEIGHT + 30)
#define BOTTOM (LOWER + PANEL_HEIGHT)
#define N_BINS 40 /* at most, give or take one at each end */
#define MAX_BINS (N_BINS + 8)

/* Bin i holds the scores above @first + i @width up to and including @first + (i + 1) @width: a
 * threshold that is such an end parts right verdicts from wrong ones. */
typedef struct {
  double first, width;
  guint n;
  guint counts[2][MAX_BINS]; /* of good pictures, of defects */
  gboolean has_threshold;    /* it is inside, and the end of a bin */
  guint n_below;             /* bins below the threshold */
} Bins;

static guint
bin_of (const Bins *bins, double score)
{
  double position = ceil ((score - bins->first) / bins->width) - 1;

  return (guint) CLAMP (position, 0, bins->n - 1);
}

static void
find_range (const Figures *figures, double *low, double *high)
{
  *low = INFINITY;
  *high = -INFINITY;
  for (guint i = 0; i < figures->n; i++) {
    *low = MIN (*low, figures->samples[i].score);
    *high = MAX (*high, figures->samples[i].score);
  }
  if (*high - *low < 1e-9 * MAX (1, fabs (*high))) {
    double margin = 0.5 * MAX (1, fabs (*high));

    *low -= margin;
    *high += margin;
  }
}

/* A threshold far away from every score would press them all into one bin: it stays outside. */
static void
bins_init (Bins *bins, const Figures *figures, double threshold)
{
  double low, high, span, anchor;

  *bins = (Bins){ 0 };
  find_range (figures, &low, &high);
  span = high - low;
  bins->has_threshold = threshold >= low - span && threshold <= high + span;
  if (bins->has_threshold) {
    low = MIN (low, threshold);
    high = MAX (high, threshold);
  }
  bins->width = cpac_plot_round_step ((high - low) / N_BINS);
  anchor = bins->has_threshold ? threshold : 0;
  bins->first = anchor + (ceil ((low - anchor) / bins->width) - 1) * bins->width;
  bins->n = (guint) CLAMP (ceil ((high - bins->first) / bins->width), 1, MAX_BINS);
  bins->n_below = bins->has_threshold ? (guint) round ((threshold - bins->first) / bins->width) : 0;
  for (guint i = 0; i < figures->n; i++) {
    const CpacMetricSample *sample = &figures->samples[i];
    guint bin = bin_of (bins, sample->score);

    /* Rounding must not move a score across the threshold. */
    if (bins->has_threshold)
      bin = sample->score > threshold ? MAX (bin, bins->n_below)
                                      : MIN (bin, MAX (bins->n_below, 1) - 1);
    bins->counts[sample->defect ? 1 : 0][bin]++;
  }
}

static void
draw_bars (GString *svg, const Bins *bins, const CpacPlotScale *x, const CpacPlotScale *y,
           guint kind)
{
  for (guint i = 0; i < bins->n; i++) {
    double left = cpac_plot_place (x, bins->first + i * bins->width);
    double right = cpac_plot_place (x, bins->first + (i + 1) * bins->width);
    double top = cpac_plot_place (y, bins->counts[kind][i]);
    gboolean is_wrong = bins->has_threshold && (i >= bins->n_below) == (kind == 0);

    if (bins->counts[kind][i] > 0)
      cpac_plot_rectangle (svg, left, top, right - left, y->from - top, "white",
                           is_wrong ? CPAC_PLOT_VERMILLION : CPAC_PLOT_BLUE);
  }
}

static void
draw_panel (GString *svg, const Bins *bins, const CpacPlotScale *x, double top, guint kind,
            const char *caption)
{
  CpacPlotScale y = { 0, 1, top + PANEL_HEIGHT, top, FALSE, TRUE };

  for (guint i = 0; i < bins->n; i++)
    y.high = MAX (y.high, 1.08 * bins->counts[kind][i]);
  cpac_plot_axis_left (svg, &y, LEFT, RIGHT, CPAC_PLOT_INK, "pictures");
  draw_bars (svg, bins, x, &y, kind);
  cpac_plot_rectangle (svg, LEFT, top, RIGHT - LEFT, PANEL_HEIGHT, CPAC_PLOT_GRAY, "none");
  cpac_plot_text (svg, LEFT, top - 7, "start", CPAC_PLOT_INK, caption);
}

/* Lines through both panels. */
static void
draw_thresholds (GString *svg, const Bins *bins, const CpacPlotScale *x, const CpacHead *head)
{
  double threshold = cpac_plot_place (x, head->threshold);
  double warn = cpac_plot_place (x, head->warn_threshold);

  if (bins->has_threshold)
    cpac_plot_segment (svg, threshold, UPPER, threshold, BOTTOM, CPAC_PLOT_INK, "6 3");
  if (head->warn_threshold < head->threshold && warn >= x->from && warn <= x->to)
    cpac_plot_segment (svg, warn, UPPER, warn, BOTTOM, CPAC_PLOT_GREEN, "2 3");
}

static void
draw_legend (GString *svg, const Bins *bins, const CpacHead *head, double y)
{
  g_autofree char *threshold = g_strdup_printf (
      bins->has_threshold ? "threshold %g" : "threshold %g, outside", head->threshold);
  g_autofree char *warn = g_strdup_printf ("warn threshold %g", head->warn_threshold);

  cpac_plot_rectangle (svg, LEFT, y - 10, 12, 12, "none", CPAC_PLOT_BLUE);
  cpac_plot_text (svg, LEFT + 18, y, "start", CPAC_PLOT_INK, "right verdict");
  cpac_plot_rectangle (svg, LEFT + 130, y - 10, 12, 12, "none", CPAC_PLOT_VERMILLION);
  cpac_plot_text (svg, LEFT + 148, y, "start", CPAC_PLOT_INK, "wrong verdict");
  cpac_plot_segment (svg, LEFT + 260, y - 4, LEFT + 290, y - 4, CPAC_PLOT_INK, "6 3");
  cpac_plot_text (svg, LEFT + 298, y, "start", CPAC_PLOT_INK, threshold);
  if (head->warn_threshold < head->threshold) {
    cpac_plot_segment (svg, LEFT + 500, y - 4, LEFT + 530, y - 4, CPAC_PLOT_GREEN, "2 3");
    cpac_plot_text (svg, LEFT + 538, y, "start", CPAC_PLOT_INK, warn);
  }
}

/* (transfer full) */
static char *
describe (const FigureRate *rate, const char *what, const char *verdict)
{
  return g_strdup_printf ("%s: %u pictures, %u of them %s", what, rate->n, rate->hits, verdict);
}

char *
report_draw_scores (const Report *report)
{
  const Figures *figures = report->figures;
  g_autofree char *title = g_strdup_printf ("%s: scores", report->name);
  g_autofree char *good = describe (&figures->false_reject, "good", "rejected");
  g_autofree char *defects = describe (&figures->detection, "defects", "detected");
  GString *svg = cpac_plot_begin (WIDTH, HEIGHT, title);
  g_autofree Bins *bins = g_new (Bins, 1);
  CpacPlotScale x = { 0, 1, LEFT, RIGHT, FALSE, FALSE };

  bins_init (bins, figures, report->head->threshold);
  x.low = bins->first;
  x.high = bins->first + bins->n * bins->width;
  cpac_plot_axis_below (svg, &x, BOTTOM, UPPER, "score");
  cpac_plot_rectangle (svg, LEFT, UPPER + PANEL_HEIGHT, RIGHT - LEFT, LOWER - UPPER - PANEL_HEIGHT,
                       "none", "white");
  draw_panel (svg, bins, &x, UPPER, 0, good);
  draw_panel (svg, bins, &x, LOWER, 1, defects);
  draw_thresholds (svg, bins, &x, report->head);
  draw_legend (svg, bins, report->head, HEIGHT - 18);
  return cpac_plot_end (svg);
}
