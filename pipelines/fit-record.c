/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pipelines/fit-record.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>

#include "core/model/files.h"
#include "core/model/json-writer.h"
#include "core/model/save.h"
#include "pipelines/tool.h"

JsonBuilder *
fit_record_begin (const CpacWeightsWriter *writer)
{
  g_autoptr (GBytes) bytes = cpac_weights_writer_to_bytes (writer);
  g_autofree char *sha256 = g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, bytes);
  JsonBuilder *builder = json_builder_new ();

  json_builder_begin_object (builder);
  tool_json_text (builder, "schema", "cpac-training/1");
  tool_json_text (builder, "version", CPAC_VERSION);
  tool_json_text (builder, "weights_sha256", sha256);
  return builder;
}

static void
add_split (GHashTable *hashes, const CpacDataset *dataset, CpacSplit split)
{
  g_autofree char **groups = cpac_dataset_get_group_hashes (dataset, split);

  for (guint i = 0; groups[i] != NULL; i++)
    g_hash_table_add (hashes, groups[i]);
}

static void
write_hashes (JsonBuilder *builder, const char *key, GHashTable *hashes)
{
  g_autoptr (GList) list = g_list_sort (g_hash_table_get_keys (hashes), (GCompareFunc) strcmp);

  json_builder_set_member_name (builder, key);
  json_builder_begin_array (builder);
  for (const GList *l = list; l != NULL; l = l->next)
    json_builder_add_string_value (builder, l->data);
  json_builder_end_array (builder);
}

static void
add_recorded (GHashTable *hashes, GHashTable *recorded)
{
  GHashTableIter iter;
  gpointer hash;

  g_hash_table_iter_init (&iter, recorded);
  while (g_hash_table_iter_next (&iter, &hash, NULL))
    g_hash_table_add (hashes, g_strdup (hash));
}

static void
add_gap (JsonBuilder *builder, gboolean has_gap)
{
  if (!has_gap)
    return;
  json_builder_set_member_name (builder, "incomplete");
  json_builder_add_boolean_value (builder, TRUE);
}

static void
add_groups (JsonBuilder *builder, const char *key, GHashTable *recorded, const CpacDataset *dataset,
            CpacSplit split)
{
  g_autoptr (GHashTable) hashes = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  if (recorded != NULL)
    add_recorded (hashes, recorded);
  add_split (hashes, dataset, split);
  write_hashes (builder, key, hashes);
}

void
fit_record_add_groups (JsonBuilder *builder, const CpacDataset *dataset,
                       const TrainingRecord *record)
{
  add_gap (builder, record->gap != NULL);
  add_groups (builder, "group_sha256", record->trained, dataset, CPAC_SPLIT_TRAIN);
  add_groups (builder, "selection_group_sha256", record->selected, dataset, CPAC_SPLIT_VAL);
}

void
fit_record_add_union (JsonBuilder *builder, const TrainingRecord *const *records, guint n)
{
  g_autoptr (GHashTable) trained = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GHashTable) selected = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  gboolean has_gap = FALSE;

  for (guint k = 0; k < n; k++) {
    add_recorded (trained, records[k]->trained);
    add_recorded (selected, records[k]->selected);
    has_gap |= records[k]->gap != NULL;
  }
  add_gap (builder, has_gap);
  write_hashes (builder, "group_sha256", trained);
  write_hashes (builder, "selection_group_sha256", selected);
}

void
fit_record_note_gap (const TrainingRecord *record, const char *path)
{
  if (record->gap != NULL)
    tool_note ("note: %s may have learnt from more than is known (%s); the new model's "
               "training.json is incomplete, too",
               path, record->gap);
}

static gboolean
rename_record (const char *staged, const char *path, GError **error)
{
  int number;

  if (g_rename (staged, path) == 0)
    return TRUE;
  number = errno;
  g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (number),
               "%s: cannot put the record in its place: %s", path, g_strerror (number));
  return FALSE;
}

gboolean
fit_record_save (JsonBuilder *builder, const char *folder, const char *config,
                 const CpacWeightsWriter *writer, GError **error)
{
  g_autofree char *path = g_build_filename (folder, "training.json", NULL);
  g_autofree char *staged = g_strconcat (path, ".new", NULL);
  g_autofree char *text = NULL;
  gboolean ok;

  json_builder_end_object (builder);
  text = cpac_json_from_builder (builder);
  if (!cpac_file_make_folder (folder, error) ||
      !cpac_file_replace (staged, text, strlen (text), error))
    return FALSE;
  ok = cpac_model_save_tensors (folder, config, writer, error) &&
       rename_record (staged, path, error);
  if (!ok)
    g_unlink (staged);
  return ok;
}
