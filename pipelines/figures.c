/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pipelines/figures.h"

#include <math.h>
#include <string.h>

#include "pipelines/frames.h"

#define SMALL_REGION_PIXELS 4
#define AUPRO_LIMIT 0.3

static const double rates[FIGURES_N_RATES] = { 0.01, 0.001 };

static const ScoredPicture *
picture_at (const GArray *pictures, guint i)
{
  return &g_array_index (pictures, ScoredPicture, i);
}

/* Numbers the groups in the order of their first picture. (transfer full) */
static guint *
number_groups (const GArray *pictures, guint *n_groups)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
  guint *groups = g_new (guint, pictures->len + 1);

  for (guint i = 0; i < pictures->len; i++) {
    const char *name = picture_at (pictures, i)->sample->group;
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

static double
share_of_hits (const CpacMetricSample *samples, gsize n, gpointer user_data)
{
  double hits = 0;

  for (gsize i = 0; i < n; i++)
    hits += samples[i].score;
  return n > 0 ? hits / (double) n : NAN;
}

/* Classes, and the accuracy with an interval by group; a sample's score is 1 for a hit. */
static gboolean
measure_classes (Figures *figures, const CpacHead *head, const GArray *pictures,
                 const guint *groups, guint n_draws, guint64 seed, GError **error)
{
  g_autofree CpacMetricSample *samples = g_new0 (CpacMetricSample, pictures->len + 1);
  double sum = 0;

  figures->has_classes = TRUE;
  figures->confusion = g_new0 (guint, (gsize) head->n_classes * head->n_classes);
  for (guint i = 0; i < pictures->len; i++) {
    const ScoredPicture *picture = picture_at (pictures, i);
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
    samples[i] = (CpacMetricSample){ hit, FALSE, groups[i] };
  }
  figures->mean_nll = sum / pictures->len;
  figures->accuracy =
      cpac_metric_bootstrap (samples, pictures->len, share_of_hits, NULL, n_draws, seed);
  figures->accuracy.value = (double) figures->n_correct / pictures->len;
  return TRUE;
}

static double
auroc_of (const CpacMetricSample *samples, gsize n, gpointer user_data)
{
  return cpac_metric_auroc (samples, n);
}

static double
precision_of (const CpacMetricSample *samples, gsize n, gpointer user_data)
{
  return cpac_metric_average_precision (samples, n);
}

static gint
compare_texts (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

/* Names of the defect classes that occur, sorted. */
static void
collect_labels (Figures *figures, const CpacHead *head, const GArray *pictures)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
  GPtrArray *labels = g_ptr_array_new ();

  for (guint i = 0; i < pictures->len; i++) {
    const char *label = picture_at (pictures, i)->sample->label;

    if (!cpac_head_label_is_good (head, label) && g_hash_table_add (seen, (gpointer) label))
      g_ptr_array_add (labels, g_strdup (label));
  }
  g_ptr_array_sort (labels, compare_texts);
  figures->n_labels = labels->len;
  g_ptr_array_add (labels, NULL);
  figures->labels = (char **) g_ptr_array_free (labels, FALSE);
}

/* Each defect class against all good pictures. */
static void
measure_labels (Figures *figures, const GArray *pictures, const CpacMetricSample *all,
                guint n_draws, guint64 seed)
{
  g_autofree CpacMetricSample *samples = g_new (CpacMetricSample, pictures->len + 1);

  figures->label_auroc = g_new0 (CpacInterval, figures->n_labels + 1);
  figures->n_of_label = g_new0 (guint, figures->n_labels + 1);
  for (guint k = 0; k < figures->n_labels; k++) {
    guint n = 0;

    for (guint i = 0; i < pictures->len; i++) {
      gboolean is_label = all[i].defect &&
                          g_str_equal (picture_at (pictures, i)->sample->label, figures->labels[k]);

      figures->n_of_label[k] += is_label;
      if (is_label || !all[i].defect)
        samples[n++] = all[i];
    }
    figures->label_auroc[k] = cpac_metric_bootstrap (samples, n, auroc_of, NULL, n_draws, seed);
  }
}

static void
measure_anomaly (Figures *figures, const CpacHead *head, const GArray *pictures,
                 const guint *groups, guint n_draws, guint64 seed)
{
  g_autofree CpacMetricSample *samples = g_new (CpacMetricSample, pictures->len + 1);
  guint n = pictures->len;
  const CpacConfusion *c = &figures->at_threshold;

  figures->has_anomaly = TRUE;
  for (guint i = 0; i < n; i++) {
    const ScoredPicture *picture = picture_at (pictures, i);
    gboolean defect = !cpac_head_label_is_good (head, picture->sample->label);

    samples[i] = (CpacMetricSample){ picture->score, defect, groups[i] };
    figures->n_defects += defect;
  }
  figures->n_good = n - figures->n_defects;
  figures->image_auroc = cpac_metric_bootstrap (samples, n, auroc_of, NULL, n_draws, seed);
  figures->average_precision =
      cpac_metric_bootstrap (samples, n, precision_of, NULL, n_draws, seed);
  figures->at_threshold = cpac_metric_confusion (samples, n, head->threshold);
  figures->f1 = cpac_confusion_f1 (c);
  figures->f1_max = cpac_metric_f1_max (samples, n, &figures->f1_max_threshold);
  figures->false_reject = cpac_metric_clopper_pearson (c->false_positive, figures->n_good, 0.95);
  figures->detection = cpac_metric_clopper_pearson (c->true_positive, figures->n_defects, 0.95);
  for (guint k = 0; k < FIGURES_N_RATES; k++)
    figures->fixed[k] = cpac_metric_at_false_reject (samples, n, rates[k]);
  collect_labels (figures, head, pictures);
  measure_labels (figures, pictures, samples, n_draws, seed);
}

static gboolean
add_pixels (Figures *figures, CpacPixelMetrics *pixels, const CpacHead *head,
            const ScoredPicture *picture, GError **error)
{
  g_autofree guint8 *mask = NULL;
  guint width = picture->width, height = picture->height;

  if (cpac_head_label_is_good (head, picture->sample->label)) {
    cpac_pixel_metrics_add (pixels, picture->map, picture->map_width, picture->map_height, NULL,
                            width, height);
    return TRUE;
  }
  if (picture->sample->mask == NULL) {
    figures->n_without_mask++;
    return TRUE;
  }
  mask = cpac_frames_read_gray (picture->sample->mask, &width, &height, error);
  if (mask == NULL)
    return FALSE;
  for (gsize i = 0; i < (gsize) width * height; i++)
    mask[i] = mask[i] > 127;
  cpac_pixel_metrics_add (pixels, picture->map, picture->map_width, picture->map_height, mask,
                          width, height);
  figures->has_pixels = TRUE;
  return TRUE;
}

static gboolean
measure_pixels (Figures *figures, const CpacHead *head, const GArray *pictures, GError **error)
{
  g_autoptr (CpacPixelMetrics) pixels = cpac_pixel_metrics_new ();

  for (guint i = 0; i < pictures->len; i++)
    if (!add_pixels (figures, pixels, head, picture_at (pictures, i), error))
      return FALSE;
  if (!figures->has_pixels)
    return TRUE;
  figures->pixel_auroc = cpac_pixel_metrics_auroc (pixels);
  figures->pixel_ap = cpac_pixel_metrics_average_precision (pixels);
  figures->aupro = cpac_pixel_metrics_aupro (pixels, AUPRO_LIMIT);
  figures->aupro_small = cpac_pixel_metrics_aupro_small (pixels, AUPRO_LIMIT, SMALL_REGION_PIXELS);
  figures->n_regions = cpac_pixel_metrics_get_n_regions (pixels);
  return TRUE;
}

Figures *
figures_new (const CpacModel *model, const GArray *pictures, guint n_draws, guint64 seed,
             GError **error)
{
  g_autoptr (Figures) figures = g_new0 (Figures, 1);
  const CpacHead *head = cpac_model_get_head (model);
  g_autofree guint *groups = number_groups (pictures, &figures->n_groups);
  gboolean has_good = head->good[0] != NULL;

  figures->n = pictures->len;
  if (head->kind == CPAC_HEAD_CLASSIFIER &&
      !measure_classes (figures, head, pictures, groups, n_draws, seed, error))
    return NULL;
  if (has_good)
    measure_anomaly (figures, head, pictures, groups, n_draws, seed);
  if (has_good && head->kind == CPAC_HEAD_MAP && !measure_pixels (figures, head, pictures, error))
    return NULL;
  return g_steal_pointer (&figures);
}

void
figures_free (Figures *figures)
{
  if (figures == NULL)
    return;
  g_free (figures->confusion);
  g_strfreev (figures->labels);
  g_free (figures->label_auroc);
  g_free (figures->n_of_label);
  g_free (figures);
}
