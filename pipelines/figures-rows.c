/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include <math.h>
#include <string.h>

#include "pipelines/figures-private.h"

/* Where one range of sizes ends and the next begins, in pixels of the picture: half decades, so
 * that the tables of two data sets can be compared. */
static const double area_bounds[] = { 0,    10,    30,    100,    300,     1000,
                                      3000, 10000, 30000, 100000, INFINITY };

typedef struct {
  const CpacHead *head;
  guint n_draws;
  guint64 seed;
} Measure;

enum { AUROC, DETECTION, N_VALUES };

static void
measure_draw (const CpacMetricSample *samples, gsize n, gpointer user_data, double *values)
{
  const CpacHead *head = user_data;
  CpacConfusion c = cpac_metric_confusion (samples, n, head->threshold);
  double n_defects = (double) c.true_positive + (double) c.false_negative;

  values[AUROC] = cpac_metric_auroc (samples, n);
  values[DETECTION] = n_defects > 0 ? (double) c.true_positive / n_defects : NAN;
}

/* The defects that @take (n) says yes to, against all good pictures. */
static void
measure_row (FigureRow *row, const Figures *figures, const gboolean *take, const Measure *measure)
{
  g_autofree CpacMetricSample *samples = g_new (CpacMetricSample, (gsize) figures->n + 1);
  CpacInterval values[N_VALUES];
  CpacConfusion c;
  guint n = 0;

  for (guint i = 0; i < figures->n; i++)
    if (take[i] || !figures->samples[i].defect)
      samples[n++] = figures->samples[i];
  cpac_metric_bootstrap_many (samples, n, measure_draw, (gpointer) measure->head, measure->n_draws,
                              measure->seed, values, N_VALUES);
  c = cpac_metric_confusion (samples, n, measure->head->threshold);
  row->n_parts = figures_count_parts (figures, take);
  row->image_auroc = values[AUROC];
  row->detection = figures_make_rate (
      (guint) c.true_positive, (guint) (c.true_positive + c.false_negative), &values[DETECTION]);
}

static gint
compare_texts (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

/* The defect classes that occur, sorted. (transfer container) */
static GPtrArray *
collect_labels (const Figures *figures, const GArray *pictures)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
  GPtrArray *labels = g_ptr_array_new ();

  for (guint i = 0; i < figures->n; i++) {
    const char *label = figures_picture (pictures, i)->sample->label;

    if (figures->samples[i].defect && g_hash_table_add (seen, (gpointer) label))
      g_ptr_array_add (labels, (gpointer) label);
  }
  g_ptr_array_sort (labels, compare_texts);
  return labels;
}

static void
measure_classes (Figures *figures, const GArray *pictures, const Measure *measure)
{
  g_autoptr (GPtrArray) labels = collect_labels (figures, pictures);
  g_autofree gboolean *take = g_new (gboolean, (gsize) figures->n + 1);

  for (guint k = 0; k < labels->len; k++) {
    FigureRow row = { .label = g_strdup (labels->pdata[k]) };

    for (guint i = 0; i < figures->n; i++)
      take[i] = figures->samples[i].defect &&
                g_str_equal (figures_picture (pictures, i)->sample->label, row.label);
    measure_row (&row, figures, take, measure);
    g_array_append_val (figures->per_class, row);
  }
}

static void
measure_sizes (Figures *figures, const Measure *measure)
{
  g_autofree gboolean *take = g_new (gboolean, (gsize) figures->n + 1);

  for (guint k = 0; k + 1 < G_N_ELEMENTS (area_bounds); k++) {
    FigureRow row = { .min_area = area_bounds[k], .max_area = area_bounds[k + 1] };
    guint n = 0;

    for (guint i = 0; i < figures->n; i++) {
      take[i] = figures->areas[i] >= row.min_area && figures->areas[i] < row.max_area;
      n += take[i] ? 1 : 0;
    }
    if (n == 0)
      continue;
    measure_row (&row, figures, take, measure);
    g_array_append_val (figures->per_size, row);
  }
}

static void
clear_row (gpointer data)
{
  g_free (((FigureRow *) data)->label);
}

void
figures_measure_rows (Figures *figures, const CpacHead *head, const GArray *pictures, guint n_draws,
                      guint64 seed)
{
  const Measure measure = { head, n_draws, seed };

  figures->per_class = g_array_new (FALSE, TRUE, sizeof (FigureRow));
  figures->per_size = g_array_new (FALSE, TRUE, sizeof (FigureRow));
  g_array_set_clear_func (figures->per_class, clear_row);
  measure_classes (figures, pictures, &measure);
  measure_sizes (figures, &measure);
}
