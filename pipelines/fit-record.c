/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pipelines/fit-record.h"

#include <string.h>

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
  add_groups (builder, "group_sha256", record->trained, dataset, CPAC_SPLIT_TRAIN);
  add_groups (builder, "selection_group_sha256", record->selected, dataset, CPAC_SPLIT_VAL);
}

void
fit_record_add_union (JsonBuilder *builder, const TrainingRecord *const *records, guint n)
{
  g_autoptr (GHashTable) trained = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GHashTable) selected = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint k = 0; k < n; k++) {
    add_recorded (trained, records[k]->trained);
    add_recorded (selected, records[k]->selected);
  }
  write_hashes (builder, "group_sha256", trained);
  write_hashes (builder, "selection_group_sha256", selected);
}
