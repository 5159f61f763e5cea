/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pipelines/calibration-parts.h"

#include <stdlib.h>

#include "core/model/files.h"
#include "core/model/json.h"
#include "pipelines/score-set.h"
#include "pipelines/tool.h"

#define MAX_RECORD ((gsize) 256 << 20)

/* What training.json says about parts: sets of the hashes of their names. */
typedef struct {
  gboolean exists;
  GHashTable *trained, *selected;
} Record;

static void
record_clear (Record *record)
{
  g_clear_pointer (&record->trained, g_hash_table_unref);
  g_clear_pointer (&record->selected, g_hash_table_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Record, record_clear)

static gboolean
read_hashes (const char *path, JsonObject *object, const char *key, GHashTable *hashes,
             GError **error)
{
  JsonNode *node = json_object_get_member (object, key);
  JsonArray *array =
      node != NULL && JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;

  for (guint i = 0; array != NULL && i < json_array_get_length (array); i++) {
    JsonNode *item = json_array_get_element (array, i);

    if (json_node_get_value_type (item) != G_TYPE_STRING) {
      array = NULL;
      break;
    }
    g_hash_table_add (hashes, json_node_dup_string (item));
  }
  if (array == NULL)
    g_set_error (error, CPAC_ERROR, CPAC_ERROR_SCHEMA,
                 "%s: %s: expected a list of texts, the hashes of parts that must not be used "
                 "here; train again, or take the file away if you know them to be others",
                 path, key);
  return array != NULL;
}

static gboolean
read_record (Record *record, const char *folder, GError **error)
{
  static const CpacJsonBounds bounds = { 16, 10000000 };
  g_autofree char *path = g_build_filename (folder, "training.json", NULL);
  g_autofree char *text = NULL;
  g_autoptr (JsonNode) root = NULL;
  gsize length;

  record->trained = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  record->selected = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  record->exists = g_file_test (path, G_FILE_TEST_EXISTS);
  if (!record->exists)
    return TRUE;
  if (!cpac_file_read (path, MAX_RECORD, &text, &length, error) ||
      (root = cpac_json_parse (path, 0, text, length, &bounds, error)) == NULL)
    return FALSE;
  if (!JSON_NODE_HOLDS_OBJECT (root)) {
    g_set_error (error, CPAC_ERROR, CPAC_ERROR_SCHEMA, "%s: expected an object", path);
    return FALSE;
  }
  return read_hashes (path, json_node_get_object (root), "group_sha256", record->trained, error) &&
         read_hashes (path, json_node_get_object (root), "selection_group_sha256", record->selected,
                      error);
}

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
               const Record *record, Counts *counts, gboolean *wanted, GError **error)
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
note_choice (const CpacManifest *manifest, const Record *record, const Counts *counts,
             const char *folder)
{
  const char *name = cpac_manifest_get_name (manifest);

  if (!cpac_manifest_has_groups (manifest))
    tool_note ("note: %s names no groups, so every picture counts as its own part", name);
  if (!record->exists)
    tool_note ("note: there is no training.json in %s, so nothing tells whether the model was "
               "trained on these parts",
               folder);
  if (counts->n_known > 0)
    tool_note ("note: %u pictures of parts that the model was trained on are left out",
               counts->n_known);
  if (counts->n_selected > 0)
    tool_note ("note: %u pictures are of parts by which training chose its best weights; parts "
               "that served nothing would promise a little better",
               counts->n_selected);
}

static gboolean
choose (const CpacManifest *manifest, const CpacHead *head, const char *split, const char *folder,
        gboolean *wanted, GError **error)
{
  g_auto (Record) record = { 0 };
  gboolean labelled = has_labels (manifest);
  Counts counts = { 0 };

  if (!check_good (head, manifest, labelled, error) || !read_record (&record, folder, error))
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
  note_choice (manifest, &record, &counts, folder);
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
                         const char *weights_folder, guint n_threads, GError **error)
{
  const CpacHead *head = cpac_model_get_head (model);
  g_autofree gboolean *wanted = g_new (gboolean, cpac_manifest_get_n_samples (manifest) + 1);
  g_autoptr (GArray) pictures = NULL;

  if (!choose (manifest, head, split != NULL ? split : "val", weights_folder, wanted, error))
    return NULL;
  pictures = score_samples (model, manifest, wanted, n_threads, error);
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
