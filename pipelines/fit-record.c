/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pipelines/fit-record.h"

#include <string.h>

#include "core/model/files.h"
#include "core/model/json.h"

#define MAX_RECORD ((gsize) 256 << 20)

/* The object of the training.json in @folder; NULL without an error when there is none. */
static JsonNode *
read_record (const char *folder, GError **error)
{
  static const CpacJsonBounds bounds = { 16, 10000000 };
  g_autofree char *path = g_build_filename (folder, "training.json", NULL);
  g_autofree char *text = NULL;
  g_autoptr (JsonNode) root = NULL;
  gsize length;

  if (!g_file_test (path, G_FILE_TEST_EXISTS) ||
      !cpac_file_read (path, MAX_RECORD, &text, &length, error) ||
      (root = cpac_json_parse (path, 0, text, length, &bounds, error)) == NULL)
    return NULL;
  if (JSON_NODE_HOLDS_OBJECT (root))
    return g_steal_pointer (&root);
  g_set_error (error, CPAC_ERROR, CPAC_ERROR_SCHEMA, "%s: expected an object", path);
  return NULL;
}

/* Takes what is no list of texts for none: an older record. */
static void
add_recorded (GHashTable *hashes, JsonNode *record, const char *key)
{
  JsonNode *node =
      record != NULL ? json_object_get_member (json_node_get_object (record), key) : NULL;
  JsonArray *array =
      node != NULL && JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;

  for (guint i = 0; array != NULL && i < json_array_get_length (array); i++) {
    JsonNode *item = json_array_get_element (array, i);

    if (json_node_get_value_type (item) == G_TYPE_STRING)
      g_hash_table_add (hashes, json_node_dup_string (item));
  }
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

gboolean
fit_record_add_groups (JsonBuilder *builder, const CpacDataset *dataset, const char *folder,
                       GError **error)
{
  static const struct {
    const char *key;
    CpacSplit split;
  } lists[] = {
    { "group_sha256", CPAC_SPLIT_TRAIN },
    { "selection_group_sha256", CPAC_SPLIT_VAL },
  };
  GError *failure = NULL;
  g_autoptr (JsonNode) record = read_record (folder, &failure);

  if (failure != NULL) {
    g_propagate_error (error, failure);
    return FALSE;
  }
  for (guint i = 0; i < G_N_ELEMENTS (lists); i++) {
    g_autoptr (GHashTable) hashes = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

    add_recorded (hashes, record, lists[i].key);
    add_split (hashes, dataset, lists[i].split);
    write_hashes (builder, lists[i].key, hashes);
  }
  return TRUE;
}
