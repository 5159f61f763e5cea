/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pipelines/calibration-parts.h"

#include <stdlib.h>

#include "pipelines/score-set.h"
#include "pipelines/tool.h"
#include "pipelines/training-record.h"

/* ---- Which rows ---- */

static gboolean
has_labels (const CpacManifest *manifest)
{
  for (guint i = 0; i < cpac_manifest_get_n_samples (manifest); i++)
    if (*cpac_manifest_get_sample (manifest, i)->label != '\0')
      return TRUE;
  return FALSE;
}

static gboolean
check_good (const CpacHead *head, const CpacManifest *manifest, gboolean labelled, GError **error)
{
  if (!labelled || head->good[0] != NULL)
    return TRUE;
  g_set_error (error, CPAC_ERROR, CPAC_ERROR_SCHEMA,
               "%s: it has labels, but the model's score.good names no good class: nothing tells "
               "which parts are good",
               cpac_manifest_get_name (manifest));
  return FALSE;
}

static gboolean
check_split (const CpacManifest *manifest, const char *split, GError **error)
{
  if (split == NULL || cpac_manifest_has_splits (manifest))
    return TRUE;
  g_set_error (error, CPAC_ERROR, CPAC_ERROR_SCHEMA,
               "%s: no picture of split \"%s\", it names no splits",
               cpac_manifest_get_name (manifest), split);
  return FALSE;
}

static gboolean
refuse_trained (const CpacManifest *manifest, const CpacSample *sample, GError **error)
{
  g_set_error (error, CPAC_ERROR, CPAC_ERROR_SCHEMA,
               "%s:%u: the model was trained on part \"%s\": its score promises nothing about "
               "parts that are new; calibrate with others",
               cpac_manifest_get_name (manifest), sample->line, sample->group);
  return FALSE;
}

/* Counts of what is not taken and why, in pictures. */
typedef struct {
  guint n_wanted, n_other_split, n_defects, n_known, n_selected;
} Counts;

static gboolean
choose_sample (const CpacManifest *manifest, const CpacSample *sample, const char *split,
               const TrainingRecord *record, Counts *counts, gboolean *wanted, GError **error)
{
  gboolean has_splits = cpac_manifest_has_splits (manifest);
  g_autofree char *hash = g_compute_checksum_for_string (G_CHECKSUM_SHA256, sample->group, -1);
  gboolean trained = g_hash_table_contains (record->trained, hash);
  gboolean selected = g_hash_table_contains (record->selected, hash);

  if (has_splits && !g_str_equal (sample->split, split)) {
    counts->n_other_split++;
  } else if (!has_splits && (trained || selected)) {
    counts->n_known++;
  } else if (trained) {
    return refuse_trained (manifest, sample, error);
  } else {
    counts->n_wanted++;
    counts->n_selected += selected;
    *wanted = TRUE;
  }
  return TRUE;
}

static gboolean
refuse_nothing (const CpacManifest *manifest, const char *split, const Counts *counts,
                GError **error)
{
  const char *name = cpac_manifest_get_name (manifest);

  if (counts->n_known > 0)
    g_set_error (error, CPAC_ERROR, CPAC_ERROR_SCHEMA,
                 "%s: the model was trained on every good part of it (%u pictures), none was set "
                 "aside for calibration; expected parts it has not seen",
                 name, counts->n_known);
  else if (counts->n_other_split > 0)
    g_set_error (error, CPAC_ERROR, CPAC_ERROR_SCHEMA,
                 "%s: no good picture of split \"%s\" (%u of other splits, %u of defects); "
                 "--split names another",
                 name, split, counts->n_other_split, counts->n_defects);
  else
    g_set_error (error, CPAC_ERROR, CPAC_ERROR_SCHEMA,
                 "%s: no picture of a good part, %u with labels that score.good does not name",
                 name, counts->n_defects);
  return FALSE;
}

static void
note_choice (const CpacManifest *manifest, const TrainingRecord *record, const Counts *counts)
{
  const char *name = cpac_manifest_get_name (manifest);

  if (!cpac_manifest_has_groups (manifest))
    tool_note ("note: %s names no groups, so every picture counts as its own part", name);
  if (record->gap != NULL)
    tool_note ("note: %s, so nothing tells whether the model was trained on these parts",
               record->gap);
  if (counts->n_known > 0)
    tool_note ("note: %u pictures of parts that the model was trained on are left out",
               counts->n_known);
  if (counts->n_selected > 0)
    tool_note ("note: %u pictures are of parts by which training chose its best weights; parts "
               "that served nothing would promise a little better",
               counts->n_selected);
}

static gboolean
choose (const CpacManifest *manifest, const CpacModel *model, const char *split, gboolean *wanted,
        GError **error)
{
  const CpacHead *head = cpac_model_get_head (model);
  g_auto (TrainingRecord) record = { 0 };
  gboolean labelled = has_labels (manifest);
  Counts counts = { 0 };

  if (!check_good (head, manifest, labelled, error) ||
      !training_record_read (&record, model, error))
    return FALSE;
  for (guint i = 0; i < cpac_manifest_get_n_samples (manifest); i++) {
    const CpacSample *sample = cpac_manifest_get_sample (manifest, i);

    wanted[i] = FALSE;
    if (labelled && !cpac_head_label_is_good (head, sample->label))
      counts.n_defects++;
    else if (!choose_sample (manifest, sample, split, &record, &counts, &wanted[i], error))
      return FALSE;
  }
  if (counts.n_wanted == 0)
    return refuse_nothing (manifest, split, &counts, error);
  note_choice (manifest, &record, &counts);
  return TRUE;
}

/* ---- Scores of parts ---- */

static int
compare_doubles (const void *a, const void *b)
{
  double x = *(const double *) a, y = *(const double *) b;

  return (x > y) - (x < y);
}

/* The largest score of each group. (transfer full) */
static CalibrationParts *
reduce (const GArray *pictures)
{
  g_autoptr (GHashTable) numbers = g_hash_table_new (g_str_hash, g_str_equal);
  CalibrationParts *parts = g_new0 (CalibrationParts, 1);

  parts->n_pictures = pictures->len;
  parts->scores = g_new (double, pictures->len);
  for (guint i = 0; i < pictures->len; i++) {
    const ScoredPicture *picture = &g_array_index (pictures, ScoredPicture, i);
    const char *group = picture->sample->group;
    guint number = GPOINTER_TO_UINT (g_hash_table_lookup (numbers, group));

    if (number == 0) {
      number = ++parts->n;
      g_hash_table_insert (numbers, (gpointer) group, GUINT_TO_POINTER (number));
      parts->scores[number - 1] = picture->score;
    }
    parts->scores[number - 1] = MAX (parts->scores[number - 1], picture->score);
  }
  qsort (parts->scores, parts->n, sizeof *parts->scores, compare_doubles);
  return parts;
}

CalibrationParts *
calibration_parts_score (CpacModel *model, const CpacManifest *manifest, const char *split,
                         CpacIgnoreMask *mask, guint n_threads, GError **error)
{
  g_autofree gboolean *wanted = g_new (gboolean, cpac_manifest_get_n_samples (manifest) + 1);
  g_autoptr (GArray) pictures = NULL;

  if (!check_split (manifest, split, error) ||
      !choose (manifest, model, split != NULL ? split : "val", wanted, error))
    return NULL;
  pictures = score_samples (model, manifest, wanted, mask, n_threads, error);
  return pictures != NULL ? reduce (pictures) : NULL;
}

void
calibration_parts_free (CalibrationParts *parts)
{
  if (parts == NULL)
    return;
  g_free (parts->scores);
  g_free (parts);
}
