/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pipelines/prune-curve.h"

#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

#include "core/model/save.h"
#include "core/plot.h"
#include "core/score/metrics.h"
#include "pipelines/score-set.h"
#include "pipelines/tool.h"

/* Of a single draw nobody knows whether it was a lucky one. */
#define N_DRAWS 3

static const double shares[] = { 0.9, 0.75, 0.6, 0.5, 0.4, 0.25, 0.1 };

typedef struct {
  const PruneRun *run;
  const PruneCurveWishes *wishes;
  char *folder; /* for the models, one at a time */
  GArray *points;
  guint n_done, n_total;
} Curve;

/* ---- One model ---- */

const char *
prune_curve_get_figure (const CpacModel *model)
{
  return cpac_model_get_head (model)->kind == CPAC_HEAD_CLASSIFIER ? "accuracy" : "image_auroc";
}

static double
get_accuracy (const CpacHead *head, const GArray *pictures)
{
  guint n_correct = 0;

  for (guint i = 0; i < pictures->len; i++) {
    const ScoredPicture *picture = &g_array_index (pictures, ScoredPicture, i);

    n_correct += cpac_head_find_class (head, picture->sample->label) == (gint) picture->class_index;
  }
  return (double) n_correct / pictures->len;
}

static double
get_auroc (const CpacHead *head, const GArray *pictures)
{
  g_autofree CpacMetricSample *samples = g_new0 (CpacMetricSample, pictures->len);

  for (guint i = 0; i < pictures->len; i++) {
    const ScoredPicture *picture = &g_array_index (pictures, ScoredPicture, i);

    samples[i].score = picture->score;
    samples[i].defect = !cpac_head_label_is_good (head, picture->sample->label);
  }
  return cpac_metric_auroc (samples, pictures->len);
}

static gboolean
evaluate (const Curve *curve, CpacModel *model, double *figure, GError **error)
{
  const CpacHead *head = cpac_model_get_head (model);
  const char *list = cpac_manifest_get_name (curve->wishes->manifest);
  g_autoptr (GArray) pictures = score_set (model, curve->wishes->manifest, curve->wishes->split,
                                           NULL, curve->run->n_threads, error);

  if (pictures == NULL)
    return FALSE;
  *figure = NAN;
  if (pictures->len > 0)
    *figure = head->kind == CPAC_HEAD_CLASSIFIER ? get_accuracy (head, pictures)
                                                 : get_auroc (head, pictures);
  if (!isnan (*figure))
    return TRUE;
  g_set_error (error, CPAC_ERROR, CPAC_ERROR_SCHEMA,
               "%s: %s%s%s holds %s to draw a curve by, expected %s; --curve-data and --split say "
               "where there are some",
               list, curve->wishes->split != NULL ? "split \"" : "the list",
               curve->wishes->split != NULL ? curve->wishes->split : "",
               curve->wishes->split != NULL ? "\"" : "",
               pictures->len == 0 ? "no picture" : "nothing",
               pictures->len == 0 ? "some" : "good pictures and defects");
  return FALSE;
}

static void
remove_model (const Curve *curve)
{
  static const char *const names[] = { "model.yaml", "model.safetensors" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    g_autofree char *path = g_build_filename (curve->folder, names[i], NULL);

    g_unlink (path);
  }
}

/* Writes it, loads it, scores it. */
static gboolean
evaluate_pruned (const Curve *curve, const PrunedModel *pruned, double *figure, GError **error)
{
  g_autofree char *path = g_build_filename (curve->folder, "model.yaml", NULL);
  g_autoptr (CpacModel) model = NULL;
  gboolean ok =
      cpac_model_save (curve->folder, pruned->text, pruned->network, pruned->params, error) &&
      (model = cpac_model_load (path, CPAC_MODEL_DEFAULT, error)) != NULL &&
      evaluate (curve, model, figure, error);

  remove_model (curve);
  return ok;
}

/* ---- All of them ---- */

static gboolean
add_draw (Curve *curve, const PruneWishes *wishes, PrunePoint *point, GError **error)
{
  g_autoptr (PrunedModel) pruned = prune_run_make (curve->run, wishes, error);
  CpacCost whole, cost;
  double figure;

  if (pruned == NULL || !evaluate_pruned (curve, pruned, &figure, error))
    return FALSE;
  cpac_network_count (cpac_model_get_network (curve->run->model), &whole);
  cpac_network_count (pruned->network, &cost);
  point->figure += figure / point->n_draws;
  point->low = MIN (point->low, figure);
  point->high = MAX (point->high, figure);
  point->macs_ratio += prune_ratio (whole.macs, cost.macs) / point->n_draws;
  point->parameters_ratio += prune_ratio (whole.parameters, cost.parameters) / point->n_draws;
  tool_progress ("curve", ++curve->n_done, curve->n_total);
  return TRUE;
}

static gboolean
add_point (Curve *curve, CpacMeasure measure, double keep, gboolean refit, GError **error)
{
  PruneWishes wishes = { measure, keep, curve->wishes->keep_channels, curve->wishes->seed, refit };
  PrunePoint point = { .measure = measure,
                       .refit = refit,
                       .keep = keep,
                       .n_draws = measure == CPAC_MEASURE_RANDOM ? N_DRAWS : 1,
                       .low = INFINITY,
                       .high = -INFINITY };

  for (guint i = 0; i < point.n_draws; i++) {
    wishes.seed = curve->wishes->seed + i;
    if (!add_draw (curve, &wishes, &point, error))
      return FALSE;
  }
  g_array_append_val (curve->points, point);
  return TRUE;
}

static gboolean
has_gradient (const PruneRun *run)
{
  for (guint i = 0; i < run->activity->n_layers; i++)
    if (run->activity->layers[i].taylor != NULL)
      return TRUE;
  return FALSE;
}

static gboolean
add_points (Curve *curve, GError **error)
{
  PrunePoint whole = { .keep = 1, .n_draws = 1, .macs_ratio = 1, .parameters_ratio = 1 };

  curve->n_total = 2 * G_N_ELEMENTS (shares) * (CPAC_N_MEASURES - 1 + N_DRAWS);
  if (!evaluate (curve, curve->run->model, &whole.figure, error))
    return FALSE;
  whole.low = whole.high = whole.figure;
  g_array_append_val (curve->points, whole);
  for (CpacMeasure measure = 0; measure < CPAC_N_MEASURES; measure++)
    for (gint refit = 0; refit < 2; refit++)
      for (guint i = 0; i < G_N_ELEMENTS (shares); i++)
        if ((measure != CPAC_MEASURE_TAYLOR || has_gradient (curve->run)) &&
            !add_point (curve, measure, shares[i], refit != 0, error))
          return FALSE;
  return TRUE;
}

GArray *
prune_curve_measure (const PruneRun *run, const PruneCurveWishes *wishes, GError **error)
{
  Curve curve = { .run = run, .wishes = wishes };
  gboolean ok;

  curve.folder = g_dir_make_tmp ("cpac-prune-XXXXXX", error);
  if (curve.folder == NULL)
    return NULL;
  curve.points = g_array_new (FALSE, FALSE, sizeof (PrunePoint));
  ok = add_points (&curve, error);
  tool_progress_end ();
  g_rmdir (curve.folder);
  g_free (curve.folder);
  if (!ok)
    g_clear_pointer (&curve.points, g_array_unref);
  return curve.points;
}

/* ---- As a table ---- */

static void
append_number (GString *text, double value)
{
  char number[G_ASCII_DTOSTR_BUF_SIZE];

  g_string_append_c (text, ',');
  g_string_append (text, g_ascii_formatd (number, sizeof number, "%.9g", value));
}

char *
prune_curve_to_csv (const GArray *points, const char *figure)
{
  GString *text = g_string_new ("measure,refit,keep,draws,");

  g_string_append_printf (text, "%s,low,high,macs_ratio,parameters_ratio\n", figure);
  for (guint i = 0; i < points->len; i++) {
    const PrunePoint *p = &g_array_index (points, PrunePoint, i);
    const double values[] = { p->figure, p->low, p->high, p->macs_ratio, p->parameters_ratio };
    char keep[G_ASCII_DTOSTR_BUF_SIZE];

    g_string_append_printf (text, "%s,%s,%s,%u", i == 0 ? "" : cpac_measure_names ()[p->measure],
                            i == 0     ? ""
                            : p->refit ? "true"
                                       : "false",
                            g_ascii_formatd (keep, sizeof keep, "%.9g", p->keep), p->n_draws);
    for (guint k = 0; k < G_N_ELEMENTS (values); k++)
      append_number (text, values[k]);
    g_string_append_c (text, '\n');
  }
  return g_string_free (text, FALSE);
}

/* ---- As a picture ---- */

#define WIDTH 720
#define HEIGHT 440
#define LEFT 70
#define RIGHT 150
#define TOP 40
#define BOTTOM 50

static const char *const colors[] = { CPAC_PLOT_BLUE, CPAC_PLOT_GREEN, CPAC_PLOT_VERMILLION,
                                      CPAC_PLOT_INK, CPAC_PLOT_GRAY };
G_STATIC_ASSERT (G_N_ELEMENTS (colors) == CPAC_N_MEASURES);

/* From the whole model down; nothing for a measure without points. */
static void
add_line (GString *svg, const GArray *points, CpacMeasure measure, gboolean refit,
          const CpacPlotScale *x, const CpacPlotScale *y)
{
  g_autofree double *xs = g_new (double, points->len), *ys = g_new (double, points->len);
  guint n = 0;

  for (guint i = 0; i < points->len; i++) {
    const PrunePoint *p = &g_array_index (points, PrunePoint, i);

    if (i > 0 && (p->measure != measure || p->refit != refit))
      continue;
    xs[n] = p->keep;
    ys[n++] = p->figure;
  }
  if (n > 1)
    cpac_plot_line (svg, x, y, xs, ys, n, colors[measure], refit ? "none" : "5 4");
}

static void
add_legend (GString *svg)
{
  double x = WIDTH - RIGHT + 12, y = TOP + 12;

  for (CpacMeasure measure = 0; measure < CPAC_N_MEASURES; measure++, y += 20)
    cpac_plot_text (svg, x, y, "start", colors[measure], cpac_measure_names ()[measure]);
  cpac_plot_text (svg, x, y + 12, "start", CPAC_PLOT_INK, "refitted: solid");
  cpac_plot_text (svg, x, y + 32, "start", CPAC_PLOT_INK, "as it is: dashed");
}

char *
prune_curve_to_svg (const GArray *points, const char *title, const char *figure)
{
  GString *svg = cpac_plot_begin (WIDTH, HEIGHT, title);
  CpacPlotScale x = { 0, 1, LEFT, WIDTH - RIGHT, FALSE, FALSE };
  CpacPlotScale y = { 1, 1, HEIGHT - BOTTOM, TOP, FALSE, FALSE };

  for (guint i = 0; i < points->len; i++)
    y.low = MIN (y.low, g_array_index (points, PrunePoint, i).figure);
  y.low = floor (y.low * 10) / 10;
  cpac_plot_rectangle (svg, LEFT, TOP, WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM, CPAC_PLOT_GRAY,
                       "none");
  cpac_plot_axis_below (svg, &x, HEIGHT - BOTTOM, TOP, "share of components kept");
  cpac_plot_axis_left (svg, &y, LEFT, WIDTH - RIGHT, CPAC_PLOT_INK, figure);
  for (CpacMeasure measure = 0; measure < CPAC_N_MEASURES; measure++)
    for (gint refit = 0; refit < 2; refit++)
      add_line (svg, points, measure, refit != 0, &x, &y);
  add_legend (svg);
  return cpac_plot_end (svg);
}
