/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pipelines/figures.h"

#include <math.h>

#include "pipelines/figures-private.h"

static const double rates[FIGURES_N_RATES] = { 0.01, 0.001 };

/* Numbers the groups in the order of their first picture. (transfer full) */
static guint *
number_groups (const GArray *pictures, guint *n_groups)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
  guint *groups = g_new (guint, pictures->len + 1);

  for (guint i = 0; i < pictures->len; i++) {
    const char *name = figures_picture (pictures, i)->sample->group;
    gpointer number = g_hash_table_lookup (seen, name);

    if (number == NULL) {
      number = GUINT_TO_POINTER (g_hash_table_size (seen) + 1);
      g_hash_table_insert (seen, (gpointer) name, number);
    }
    groups[i] = GPOINTER_TO_UINT (number) - 1;
  }
  *n_groups = g_hash_table_size (seen);
  return groups;
}

/* -log p (class) = log sum exp (logits) - logit, in double. */
static double
negative_log_likelihood (const float *logits, guint n, guint index)
{
  double top = logits[0], sum = 0;

  for (guint i = 1; i < n; i++)
    top = MAX (top, logits[i]);
  for (guint i = 0; i < n; i++)
    sum += exp (logits[i] - top);
  return top + log (sum) - logits[index];
}

/* A sample's score holds its true class and whether it was found. */
static double
encode_hit (guint truth, gboolean hit)
{
  return 2.0 * truth + (hit ? 1 : 0);
}

static double
share_of_hits (const CpacMetricSample *samples, gsize n, gpointer user_data)
{
  gsize hits = 0;

  for (gsize i = 0; i < n; i++)
    hits += (guint) samples[i].score & 1;
  return n > 0 ? (double) hits / (double) n : NAN;
}

/* The mean over the classes that occur of the share of each that was found. */
static double
mean_of_recalls (const CpacMetricSample *samples, gsize n, gpointer user_data)
{
  const CpacHead *head = user_data;
  g_autofree gsize *counts = g_new0 (gsize, 2 * (gsize) head->n_classes);
  double sum = 0;
  guint n_seen = 0;

  for (gsize i = 0; i < n; i++)
    counts[(guint) samples[i].score]++;
  for (guint k = 0; k < head->n_classes; k++) {
    gsize missed = counts[2 * k], found = counts[2 * k + 1];

    if (missed + found == 0)
      continue;
    sum += (double) found / (double) (missed + found);
    n_seen++;
  }
  return n_seen > 0 ? sum / n_seen : NAN;
}

/* Classes, and their figures with intervals by group. */
static gboolean
measure_classes (Figures *figures, const CpacHead *head, const GArray *pictures, guint n_draws,
                 guint64 seed, GError **error)
{
  g_autofree CpacMetricSample *samples = g_new0 (CpacMetricSample, pictures->len + 1);
  double sum = 0;

  figures->has_classes = TRUE;
  figures->confusion = g_new0 (guint, (gsize) head->n_classes * head->n_classes);
  for (guint i = 0; i < pictures->len; i++) {
    const ScoredPicture *picture = figures_picture (pictures, i);
    gint truth = cpac_head_find_class (head, picture->sample->label);
    gboolean hit = truth == (gint) picture->class_index;

    if (truth < 0) {
      g_autofree char *classes = g_strjoinv (", ", head->classes);

      g_set_error (error, CPAC_ERROR, CPAC_ERROR_SCHEMA,
                   "%s has label \"%s\", expected one of the model's classes: %s",
                   picture->sample->name, picture->sample->label, classes);
      return FALSE;
    }
    sum += negative_log_likelihood (picture->logits, head->n_classes, (guint) truth);
    figures->confusion[(guint) truth * head->n_classes + picture->class_index]++;
    figures->n_correct += hit;
    samples[i] = (CpacMetricSample){ encode_hit ((guint) truth, hit), FALSE, figures->groups[i] };
  }
  figures->mean_nll = sum / pictures->len;
  figures->accuracy =
      cpac_metric_bootstrap (samples, pictures->len, share_of_hits, NULL, n_draws, seed);
  figures->accuracy.value = (double) figures->n_correct / pictures->len;
  figures->balanced_accuracy = cpac_metric_bootstrap (samples, pictures->len, mean_of_recalls,
                                                      (gpointer) head, n_draws, seed);
  return TRUE;
}

/* ---- Good against defect ---- */

/* What a draw is measured by, in this order; then the detection at each fixed rate. */
enum { AUROC, PRECISION, F1, FALSE_REJECT, DETECTION, FIXED, N_OVERALL = FIXED + FIGURES_N_RATES };

static double
share (gsize hits, gsize misses)
{
  return hits + misses > 0 ? (double) hits / (double) (hits + misses) : NAN;
}

static void
measure_overall (const CpacMetricSample *samples, gsize n, gpointer user_data, double *values)
{
  const CpacHead *head = user_data;
  CpacConfusion c = cpac_metric_confusion (samples, n, head->threshold);

  values[AUROC] = cpac_metric_auroc (samples, n);
  values[PRECISION] = cpac_metric_average_precision (samples, n);
  values[F1] = cpac_confusion_f1 (&c);
  values[FALSE_REJECT] = share (c.false_positive, c.true_negative);
  values[DETECTION] = share (c.true_positive, c.false_negative);
  for (guint k = 0; k < FIGURES_N_RATES; k++)
    values[FIXED + k] = cpac_metric_at_false_reject (samples, n, rates[k]).detection;
}

FigureRate
figures_make_rate (guint hits, guint n, const CpacInterval *by_part)
{
  return (FigureRate){
    .n = n,
    .hits = hits,
    .by_picture = cpac_metric_clopper_pearson (hits, n, 0.95),
    .by_part = *by_part,
  };
}

static void
measure_rates (Figures *figures, const CpacHead *head, const CpacInterval *overall)
{
  CpacConfusion c = cpac_metric_confusion (figures->samples, figures->n, head->threshold);

  figures->image_auroc = overall[AUROC];
  figures->average_precision = overall[PRECISION];
  figures->f1 = overall[F1];
  figures->f1_max = cpac_metric_f1_max (figures->samples, figures->n, &figures->f1_max_threshold);
  figures->false_reject =
      figures_make_rate ((guint) c.false_positive, figures->n_good, &overall[FALSE_REJECT]);
  figures->detection =
      figures_make_rate ((guint) c.true_positive, figures->n_defects, &overall[DETECTION]);
  for (guint k = 0; k < FIGURES_N_RATES; k++) {
    figures->fixed[k].at = cpac_metric_at_false_reject (figures->samples, figures->n, rates[k]);
    figures->fixed[k].detection = overall[FIXED + k];
    figures->fixed[k].is_resolved = 1.0 <= rates[k] * figures->n_good;
  }
}

guint
figures_count_parts (const Figures *figures, const gboolean *take)
{
  g_autofree gboolean *seen = g_new0 (gboolean, (gsize) figures->n_groups + 1);
  guint n = 0;

  for (guint i = 0; i < figures->n; i++) {
    if (!take[i] || seen[figures->groups[i]])
      continue;
    seen[figures->groups[i]] = TRUE;
    n++;
  }
  return n;
}

static void
measure_parts (Figures *figures, const CpacHead *head)
{
  g_autofree gboolean *take = g_new0 (gboolean, (gsize) figures->n + 1);
  g_autofree gboolean *is_defective = g_new0 (gboolean, (gsize) figures->n_groups + 1);

  for (guint i = 0; i < figures->n; i++) {
    take[i] = figures->samples[i].defect;
    if (take[i])
      is_defective[figures->groups[i]] = TRUE;
  }
  figures->n_defective_parts = figures_count_parts (figures, take);
  figures->n_good_parts = figures->n_groups - figures->n_defective_parts;
  for (guint i = 0; i < figures->n; i++)
    take[i] = !is_defective[figures->groups[i]] && figures->samples[i].score > head->threshold;
  figures->n_rejected_parts = figures_count_parts (figures, take);
  figures->part_false_reject =
      cpac_metric_clopper_pearson (figures->n_rejected_parts, figures->n_good_parts, 0.95);
}

static void
measure_anomaly (Figures *figures, const CpacHead *head, const GArray *pictures, guint n_draws,
                 guint64 seed)
{
  CpacInterval overall[N_OVERALL];

  figures->has_anomaly = TRUE;
  figures->samples = g_new (CpacMetricSample, (gsize) figures->n + 1);
  for (guint i = 0; i < figures->n; i++) {
    const ScoredPicture *picture = figures_picture (pictures, i);
    gboolean defect = !cpac_head_label_is_good (head, picture->sample->label);

    figures->samples[i] = (CpacMetricSample){ picture->score, defect, figures->groups[i] };
    figures->n_defects += defect;
  }
  figures->n_good = figures->n - figures->n_defects;
  cpac_metric_bootstrap_many (figures->samples, figures->n, measure_overall, (gpointer) head,
                              n_draws, seed, overall, N_OVERALL);
  measure_rates (figures, head, overall);
  measure_parts (figures, head);
}

Figures *
figures_new (const CpacHead *head, const GArray *pictures, guint n_draws, guint64 seed,
             GError **error)
{
  g_autoptr (Figures) figures = g_new0 (Figures, 1);

  figures->n = pictures->len;
  figures->groups = number_groups (pictures, &figures->n_groups);
  if (head->kind == CPAC_HEAD_CLASSIFIER &&
      !measure_classes (figures, head, pictures, n_draws, seed, error))
    return NULL;
  if (head->good[0] != NULL) {
    measure_anomaly (figures, head, pictures, n_draws, seed);
    if (!figures_measure_masks (figures, pictures, n_draws, seed, error))
      return NULL;
    figures_measure_rows (figures, head, pictures, n_draws, seed);
  }
  return g_steal_pointer (&figures);
}

void
figures_free (Figures *figures)
{
  if (figures == NULL)
    return;
  g_free (figures->groups);
  g_free (figures->confusion);
  g_free (figures->samples);
  g_free (figures->areas);
  g_clear_pointer (&figures->per_class, g_array_unref);
  g_clear_pointer (&figures->per_size, g_array_unref);
  g_free (figures);
}
