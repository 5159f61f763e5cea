/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include <math.h>
#include <stdlib.h>

#include "core/plot.h"
#include "pipelines/report.h"

#define WIDTH 1040
#define HEIGHT 560
#define TOP 70
#define BOTTOM 480
#define PANEL 430
#define LEFT_PANEL 70
#define RIGHT_PANEL 580
#define RIGHT_LOW 0.1 /* %: where the logarithmic axis begins */
#define N_GRID 161    /* steps of the band on each axis */

/* One of the two axes of false rejects, with the band on it. */
typedef struct {
  CpacPlotScale x;
  double grid[N_GRID]; /* %, rising */
  CpacInterval band[N_GRID];
} Panel;

typedef struct {
  CpacMetricSample *samples; /* (n), falling score */
  guint n;
  double *rejected, *found; /* (n_points): the curve, % */
  guint n_points;
  Panel panels[2];
} Roc;

static int
compare_falling (const void *a, const void *b)
{
  double x = ((const CpacMetricSample *) a)->score, y = ((const CpacMetricSample *) b)->score;

  return (x < y) - (x > y);
}

/* The curve's corners in percent, from (0, 0); @rejected and @found have room for n + 1. Without a
 * good one or a defect there is none. Returns how many. */
static guint
trace (const CpacMetricSample *samples, gsize n, double *rejected, double *found)
{
  gsize n_defects = 0, defects = 0;
  guint n_points = 1;

  for (gsize i = 0; i < n; i++)
    n_defects += samples[i].defect ? 1 : 0;
  if (n_defects == 0 || n_defects == n)
    return 0;
  rejected[0] = found[0] = 0;
  for (gsize i = 0; i < n; i++) {
    defects += samples[i].defect ? 1 : 0;
    if (i + 1 < n && samples[i + 1].score == samples[i].score)
      continue;
    rejected[n_points] = 100.0 * (double) (i + 1 - defects) / (double) (n - n_defects);
    found[n_points] = 100.0 * (double) defects / (double) n_defects;
    n_points++;
  }
  return n_points;
}

/* The curve's height at each of @grid: between corners on the straight line, on a vertical piece
 * its upper end. */
static void
read_heights (const double *rejected, const double *found, guint n_points, const double *grid,
              double *heights)
{
  guint k = 0;

  for (guint i = 0; i < N_GRID; i++) {
    while (k + 1 < n_points && rejected[k + 1] <= grid[i])
      k++;
    heights[i] = found[k];
    if (k + 1 < n_points)
      heights[i] +=
          (found[k + 1] - found[k]) * (grid[i] - rejected[k]) / (rejected[k + 1] - rejected[k]);
  }
}

static void
measure_band (const CpacMetricSample *samples, gsize n, gpointer user_data, double *values)
{
  const Roc *roc = user_data;
  g_autofree double *rejected = g_new (double, n + 1), *found = g_new (double, n + 1);
  guint n_points = trace (samples, n, rejected, found);

  for (guint p = 0; p < 2; p++) {
    double *heights = values + p * N_GRID;

    if (n_points > 0) {
      read_heights (rejected, found, n_points, roc->panels[p].grid, heights);
      continue;
    }
    for (guint i = 0; i < N_GRID; i++)
      heights[i] = NAN;
  }
}

static void
init_panels (Roc *roc)
{
  Panel *plain = &roc->panels[0], *log_panel = &roc->panels[1];

  plain->x = (CpacPlotScale){ 0, 100, LEFT_PANEL, LEFT_PANEL + PANEL, FALSE, FALSE };
  log_panel->x = (CpacPlotScale){ RIGHT_LOW, 100, RIGHT_PANEL, RIGHT_PANEL + PANEL, TRUE, FALSE };
  for (guint i = 0; i < N_GRID; i++) {
    double share = (double) i / (N_GRID - 1);

    plain->grid[i] = 100 * share;
    log_panel->grid[i] = i + 1 < N_GRID ? RIGHT_LOW * pow (100 / RIGHT_LOW, share) : 100;
  }
}

static void
roc_init (Roc *roc, const Report *report)
{
  CpacInterval bands[2 * N_GRID];

  *roc = (Roc){ .n = report->figures->n };
  roc->samples = g_memdup2 (report->figures->samples, roc->n * sizeof *roc->samples);
  qsort (roc->samples, roc->n, sizeof *roc->samples, compare_falling);
  roc->rejected = g_new (double, (gsize) roc->n + 1);
  roc->found = g_new (double, (gsize) roc->n + 1);
  roc->n_points = trace (roc->samples, roc->n, roc->rejected, roc->found);
  init_panels (roc);
  cpac_metric_bootstrap_many (roc->samples, roc->n, measure_band, roc, report->n_draws,
                              report->seed, bands, 2 * N_GRID);
  for (guint i = 0; i < 2 * N_GRID; i++)
    roc->panels[i / N_GRID].band[i % N_GRID] = bands[i];
}

static void
roc_clear (Roc *roc)
{
  g_free (roc->samples);
  g_free (roc->rejected);
  g_free (roc->found);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Roc, roc_clear)

/* Drops corners inside a straight run along either axis: most of them, when there are many. */
static void
simplify (Roc *roc)
{
  guint n = MIN (roc->n_points, 1);

  for (guint i = 1; i < roc->n_points; i++) {
    gboolean is_inner =
        i + 1 < roc->n_points &&
        ((roc->rejected[n - 1] == roc->rejected[i] && roc->rejected[i] == roc->rejected[i + 1]) ||
         (roc->found[n - 1] == roc->found[i] && roc->found[i] == roc->found[i + 1]));

    if (is_inner)
      continue;
    roc->rejected[n] = roc->rejected[i];
    roc->found[n++] = roc->found[i];
  }
  roc->n_points = n;
}

/* ---- Drawing ---- */

static const CpacPlotScale height_scale = { 0, 100, BOTTOM, TOP, FALSE, FALSE };

/* Grays what lies below one of the good pictures there are. */
static void
draw_unresolved (GString *svg, const Panel *panel, guint n_good)
{
  double end = n_good > 0 ? MIN (cpac_plot_place (&panel->x, 100.0 / n_good), panel->x.to) : NAN;

  if (end > panel->x.from)
    cpac_plot_rectangle (svg, panel->x.from, TOP, end - panel->x.from, BOTTOM - TOP, "none",
                         "#eeeeee");
}

static void
draw_curve (GString *svg, const Roc *roc, const Panel *panel)
{
  double lows[N_GRID], highs[N_GRID];
  g_autofree double *rejected = g_new (double, (gsize) roc->n_points + 1);

  for (guint i = 0; i < N_GRID; i++) {
    lows[i] = panel->band[i].low;
    highs[i] = panel->band[i].high;
  }
  /* What lies left of a logarithmic axis stands at its edge. */
  for (guint i = 0; i < roc->n_points; i++)
    rejected[i] = MAX (roc->rejected[i], panel->x.low);
  cpac_plot_band (svg, &panel->x, &height_scale, panel->grid, lows, highs, N_GRID, CPAC_PLOT_BLUE);
  cpac_plot_line (svg, &panel->x, &height_scale, rejected, roc->found, roc->n_points,
                  CPAC_PLOT_BLUE, "none");
}

/* Where the model works, with Clopper-Pearson intervals as a cross. */
static void
draw_point (GString *svg, const Panel *panel, const CpacMetricSample *samples, guint n,
            double threshold, gboolean is_reject)
{
  CpacConfusion c = cpac_metric_confusion (samples, n, threshold);
  CpacInterval x =
      cpac_metric_clopper_pearson (c.false_positive, c.false_positive + c.true_negative, 0.95);
  CpacInterval y =
      cpac_metric_clopper_pearson (c.true_positive, c.true_positive + c.false_negative, 0.95);
  double left = cpac_plot_place (&panel->x, MAX (100 * x.low, panel->x.low));
  double right = cpac_plot_place (&panel->x, MAX (100 * x.high, panel->x.low));
  double px = cpac_plot_place (&panel->x, MAX (100 * x.value, panel->x.low));
  double py = cpac_plot_place (&height_scale, 100 * y.value);
  const char *color = is_reject ? CPAC_PLOT_VERMILLION : CPAC_PLOT_GREEN;

  if (isnan (x.value) || isnan (y.value))
    return;
  cpac_plot_segment (svg, left, py, right, py, color, "none");
  cpac_plot_segment (svg, px, cpac_plot_place (&height_scale, 100 * y.low), px,
                     cpac_plot_place (&height_scale, 100 * y.high), color, "none");
  cpac_plot_marker (svg, px, py, color, is_reject);
}

static void
draw_panel (GString *svg, const Report *report, const Roc *roc, const Panel *panel)
{
  const Figures *figures = report->figures;
  const CpacHead *head = report->head;
  g_autofree char *log_label = g_strdup_printf (
      "good pictures rejected, %% (logarithmic; gray: less than 1 of %u)", figures->n_good);

  if (panel->x.is_log)
    draw_unresolved (svg, panel, figures->n_good);
  cpac_plot_axis_below (svg, &panel->x, BOTTOM, TOP,
                        panel->x.is_log ? log_label : "good pictures rejected, %");
  cpac_plot_axis_left (svg, &height_scale, panel->x.from, panel->x.to, CPAC_PLOT_INK,
                       "defects detected, %");
  cpac_plot_rectangle (svg, panel->x.from, TOP, PANEL, BOTTOM - TOP, CPAC_PLOT_GRAY, "none");
  if (!panel->x.is_log)
    cpac_plot_segment (svg, panel->x.from, BOTTOM, panel->x.to, TOP, CPAC_PLOT_GRAY, "2 4");
  if (roc->n_points == 0) {
    cpac_plot_text (svg, panel->x.from + PANEL / 2.0, (TOP + BOTTOM) / 2.0, "middle", CPAC_PLOT_INK,
                    "it takes good pictures and defects");
    return;
  }
  draw_curve (svg, roc, panel);
  if (head->warn_threshold < head->threshold)
    draw_point (svg, panel, figures->samples, figures->n, head->warn_threshold, FALSE);
  draw_point (svg, panel, figures->samples, figures->n, head->threshold, TRUE);
}

static void
draw_caption (GString *svg, const Report *report)
{
  const Figures *figures = report->figures;
  const CpacInterval *auroc = &figures->image_auroc;
  g_autofree char *ranked =
      isnan (auroc->value)
          ? g_strdup ("AUROC undefined")
          : g_strdup_printf ("AUROC %.4f [%.4f, %.4f]", auroc->value, auroc->low, auroc->high);
  g_autofree char *line =
      g_strdup_printf ("%s; %u good and %u defective pictures of %u parts; band: 95 %% by part",
                       ranked, figures->n_good, figures->n_defects, figures->n_groups);
  g_autofree char *point = g_strdup_printf (
      "at the threshold %g: %.2f %% of the good rejected, %.2f %% of the defects detected; cross: "
      "95 %% by picture",
      report->head->threshold, 100 * figures->false_reject.by_picture.value,
      100 * figures->detection.by_picture.value);

  cpac_plot_text (svg, WIDTH / 2.0, 44, "middle", CPAC_PLOT_GRAY, line);
  if (isnan (auroc->value))
    return;
  cpac_plot_marker (svg, LEFT_PANEL + 5, HEIGHT - 22, CPAC_PLOT_VERMILLION, TRUE);
  cpac_plot_text (svg, LEFT_PANEL + 18, HEIGHT - 18, "start", CPAC_PLOT_INK, point);
  if (report->head->warn_threshold < report->head->threshold) {
    g_autofree char *warn = g_strdup_printf ("the warn threshold %g", report->head->warn_threshold);

    cpac_plot_marker (svg, RIGHT_PANEL + PANEL - 195, HEIGHT - 22, CPAC_PLOT_GREEN, FALSE);
    cpac_plot_text (svg, RIGHT_PANEL + PANEL - 182, HEIGHT - 18, "start", CPAC_PLOT_INK, warn);
  }
}

char *
report_draw_roc (const Report *report)
{
  g_auto (Roc) roc = { 0 };
  g_autofree char *title =
      g_strdup_printf ("%s: defects detected over good rejected", report->name);
  GString *svg = cpac_plot_begin (WIDTH, HEIGHT, title);

  roc_init (&roc, report);
  simplify (&roc);
  for (guint p = 0; p < 2; p++)
    draw_panel (svg, report, &roc, &roc.panels[p]);
  draw_caption (svg, report);
  return cpac_plot_end (svg);
}
