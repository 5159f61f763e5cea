/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pipelines/training-record.h"

#include "core/model/files.h"
#include "core/model/json.h"

#define MAX_RECORD ((gsize) 256 << 20)

/* Folder of the weights file, where training leaves its record. (transfer full) */
static char *
find_folder (const CpacModel *model, GError **error)
{
  const char *path = cpac_model_get_path (model);
  g_autofree char *folder = g_path_get_dirname (path);
  g_autoptr (CpacConfig) root = cpac_config_load (path, error);
  g_autofree char *file = NULL;
  const CpacConfig *weights;
  const char *name;

  if (root == NULL || (weights = cpac_config_get (root, "weights", error)) == NULL ||
      (name = cpac_config_get_string (weights, "file", error)) == NULL)
    return NULL;
  file = g_path_is_absolute (name) ? g_strdup (name) : g_build_filename (folder, name, NULL);
  return g_path_get_dirname (file);
}

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

/* What @object says of itself and of the weights it stands beside. */
static gboolean
find_gap (const char *path, JsonObject *object, const CpacModel *model, char **gap, GError **error)
{
  JsonNode *incomplete = json_object_get_member (object, "incomplete");
  JsonNode *weights = json_object_get_member (object, "weights_sha256");

  if ((incomplete != NULL && json_node_get_value_type (incomplete) != G_TYPE_BOOLEAN) ||
      (weights != NULL && json_node_get_value_type (weights) != G_TYPE_STRING)) {
    g_set_error (error, CPAC_ERROR, CPAC_ERROR_SCHEMA,
                 "%s: expected incomplete to be true or false and weights_sha256 a text", path);
    return FALSE;
  }
  if (incomplete != NULL && json_node_get_boolean (incomplete))
    *gap = g_strdup_printf ("%s says that it is incomplete", path);
  else if (weights != NULL && g_ascii_strcasecmp (json_node_get_string (weights),
                                                  cpac_model_get_weights_sha256 (model)) != 0)
    *gap = g_strdup_printf ("%s is of other weights", path);
  return TRUE;
}

gboolean
training_record_read (TrainingRecord *record, const CpacModel *model, GError **error)
{
  static const CpacJsonBounds bounds = { 16, 10000000 };
  g_autofree char *folder = NULL, *path = NULL, *text = NULL;
  g_autoptr (JsonNode) root = NULL;
  JsonObject *object;
  gsize length;

  record->trained = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  record->selected = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  if ((folder = find_folder (model, error)) == NULL)
    return FALSE;
  path = g_build_filename (folder, "training.json", NULL);
  if (!g_file_test (path, G_FILE_TEST_EXISTS)) {
    record->gap = g_strdup_printf ("there is no training.json in %s", folder);
    return TRUE;
  }
  if (!cpac_file_read (path, MAX_RECORD, &text, &length, error) ||
      (root = cpac_json_parse (path, 0, text, length, &bounds, error)) == NULL)
    return FALSE;
  if (!JSON_NODE_HOLDS_OBJECT (root)) {
    g_set_error (error, CPAC_ERROR, CPAC_ERROR_SCHEMA, "%s: expected an object", path);
    return FALSE;
  }
  object = json_node_get_object (root);
  return read_hashes (path, object, "group_sha256", record->trained, error) &&
         read_hashes (path, object, "selection_group_sha256", record->selected, error) &&
         find_gap (path, object, model, &record->gap, error);
}

void
training_record_clear (TrainingRecord *record)
{
  g_clear_pointer (&record->gap, g_free);
  g_clear_pointer (&record->trained, g_hash_table_unref);
  g_clear_pointer (&record->selected, g_hash_table_unref);
}
