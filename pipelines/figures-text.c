/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include <math.h>

#include "pipelines/figures.h"

/* "0.9876  [0.9512, 1.0000]", or what is missing for it. */
static void
add_figure (GString *text, const char *what, const CpacInterval *figure)
{
  if (isnan (figure->value))
    g_string_append_printf (text, "%-26s undefined\n", what);
  else
    g_string_append_printf (text, "%-26s %.4f  [%.4f, %.4f]\n", what, figure->value, figure->low,
                            figure->high);
}

static void
add_confusion (GString *text, const Figures *figures, const CpacHead *head)
{
  guint n = head->n_classes;

  g_string_append_printf (text, "\nconfusion (rows: truth)\n%-14s", "");
  for (guint j = 0; j < n; j++)
    g_string_append_printf (text, " %9.9s", head->classes[j]);
  for (guint i = 0; i < n; i++) {
    g_string_append_printf (text, "\n%-14.14s", head->classes[i]);
    for (guint j = 0; j < n; j++)
      g_string_append_printf (text, " %9u", figures->confusion[i * n + j]);
  }
  g_string_append_c (text, '\n');
}

static void
add_classes (GString *text, const Figures *figures, const CpacHead *head)
{
  g_string_append_printf (text, "%-26s %u of %u\n", "correct", figures->n_correct, figures->n);
  add_figure (text, "accuracy", &figures->accuracy);
  add_figure (text, "balanced accuracy", &figures->balanced_accuracy);
  g_string_append_printf (text, "%-26s %.7f\n", "mean negative log-likelihood", figures->mean_nll);
  add_confusion (text, figures, head);
}

/* "12 of 180   6.67 %  (3.49, 11.35)  [2.22, 11.11]" */
static void
add_rate (GString *text, const char *what, const FigureRate *rate)
{
  if (rate->n == 0) {
    g_string_append_printf (text, "%-26s undefined: there are none\n", what);
    return;
  }
  g_string_append_printf (text, "%-26s %u of %u = %.2f %%  (%.2f, %.2f)  [%.2f, %.2f]\n", what,
                          rate->hits, rate->n, 100 * rate->by_picture.value,
                          100 * rate->by_picture.low, 100 * rate->by_picture.high,
                          100 * rate->by_part.low, 100 * rate->by_part.high);
}

static void
add_threshold (GString *text, const Figures *figures, double threshold)
{
  const CpacInterval *parts = &figures->part_false_reject;

  g_string_append_printf (text, "\nat the model's threshold, %g\n", threshold);
  add_rate (text, "  good pictures rejected", &figures->false_reject);
  if (figures->n_good_parts > 0)
    g_string_append_printf (text, "%-26s %u of %u = %.2f %%  (%.2f, %.2f)\n",
                            "  good parts rejected", figures->n_rejected_parts,
                            figures->n_good_parts, 100 * parts->value, 100 * parts->low,
                            100 * parts->high);
  add_rate (text, "  defects detected", &figures->detection);
  add_figure (text, "  F1", &figures->f1);
  if (!isnan (figures->f1_max))
    g_string_append_printf (text, "%-26s %.4f at %g (optimistic: chosen on these very pictures)\n",
                            "  best F1", figures->f1_max, figures->f1_max_threshold);
}

/* With the reason where a rate says less than it seems to. */
static void
add_fixed (GString *text, const Figures *figures)
{
  g_string_append (text, "\nat fixed false rejects, thresholds chosen on these very pictures\n");
  for (guint k = 0; k < FIGURES_N_RATES; k++) {
    const FigureFixed *fixed = &figures->fixed[k];
    g_autofree char *what = g_strdup_printf ("  detection at %g %%", 100 * fixed->at.rate);

    if (isnan (fixed->at.detection)) {
      g_string_append_printf (text, "%-26s undefined\n", what);
      continue;
    }
    g_string_append_printf (text, "%-26s %.2f %%  [%.2f, %.2f]  realised %.2f %%, threshold %g\n",
                            what, 100 * fixed->detection.value, 100 * fixed->detection.low,
                            100 * fixed->detection.high, 100 * fixed->at.realised_rate,
                            fixed->at.threshold);
    if (!fixed->is_resolved)
      g_string_append_printf (
          text, "%-26s %u good pictures of %u parts cannot show %g %%: it takes %.0f\n", "",
          figures->n_good, figures->n_good_parts, 100 * fixed->at.rate, ceil (1 / fixed->at.rate));
  }
}

/* (transfer full) */
static char *
name_row (const FigureRow *row)
{
  if (row->label != NULL)
    return g_strdup (row->label);
  if (isinf (row->max_area))
    return g_strdup_printf ("from %.0f", row->min_area);
  return g_strdup_printf ("%.0f to %.0f", row->min_area, row->max_area);
}

static void
add_rows (GString *text, const char *title, const GArray *rows)
{
  if (rows->len == 0)
    return;
  g_string_append_printf (text, "\n%-26s %8s %6s  %-24s  %s\n", title, "pictures", "parts", "AUROC",
                          "detected");
  for (guint i = 0; i < rows->len; i++) {
    const FigureRow *row = &g_array_index (rows, FigureRow, i);
    const CpacInterval *auroc = &row->image_auroc, *rate = &row->detection.by_picture;
    g_autofree char *name = name_row (row);
    g_autofree char *ranked =
        isnan (auroc->value)
            ? g_strdup ("undefined")
            : g_strdup_printf ("%.4f  [%.4f, %.4f]", auroc->value, auroc->low, auroc->high);

    g_string_append_printf (text, "  %-24s %8u %6u  %-24s  %u = %.1f %%  (%.1f, %.1f)\n", name,
                            row->detection.n, row->n_parts, ranked, row->detection.hits,
                            100 * rate->value, 100 * rate->low, 100 * rate->high);
  }
}

static void
add_pixels (GString *text, const Figures *figures)
{
  if (!figures->has_pixels)
    return;
  g_string_append_printf (text, "\npixels (%" G_GSIZE_FORMAT " defect regions)\n",
                          figures->n_regions);
  add_figure (text, "  AUROC", &figures->pixels.auroc);
  add_figure (text, "  average precision", &figures->pixels.average_precision);
  add_figure (text, "  AUPRO to 30 %", &figures->pixels.aupro);
  if (!isnan (figures->aupro_small))
    g_string_append_printf (text, "%-26s %.4f\n", "    regions under 4 pixels",
                            figures->aupro_small);
}

static void
add_anomaly (GString *text, const Figures *figures, const CpacHead *head)
{
  g_string_append_printf (
      text, "%u good and %u defective pictures; %u good parts, %u with a defect\n\n",
      figures->n_good, figures->n_defects, figures->n_good_parts, figures->n_defective_parts);
  add_figure (text, "image AUROC", &figures->image_auroc);
  add_figure (text, "average precision", &figures->average_precision);
  add_threshold (text, figures, head->threshold);
  add_fixed (text, figures);
  add_pixels (text, figures);
  add_rows (text, "defect class", figures->per_class);
  add_rows (text, "defect area, pixels", figures->per_size);
  if (figures->n_without_mask > 0 && figures->n_without_mask < figures->n_defects)
    g_string_append_printf (text, "  %u defective pictures have no mask\n",
                            figures->n_without_mask);
}

char *
figures_to_text (const Figures *figures, const char *name, const CpacHead *head)
{
  GString *text = g_string_new (NULL);

  g_string_append_printf (text, "%s: %u pictures of %u parts\n", name, figures->n,
                          figures->n_groups);
  g_string_append (text, "intervals, 95 %: [by physical part, bootstrap]");
  g_string_append (text, figures->has_anomaly ? " (by picture, Clopper-Pearson)\n" : "\n\n");
  if (figures->has_classes)
    add_classes (text, figures, head);
  if (figures->has_classes && figures->has_anomaly)
    g_string_append_c (text, '\n');
  if (figures->has_anomaly)
    add_anomaly (text, figures, head);
  return g_string_free (text, FALSE);
}
