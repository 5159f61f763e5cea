/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/model/weights-table.h"

#include <string.h>

#include "core/model/json.h"

/* File: object of tensors: tensor: shape. Some 25,000 tensors at ten values each. */
static const CpacJsonBounds header_bounds = { .max_levels = 3, .max_values = 1 << 18 };

static const char *const type_names[] = { "F32", "F16", "BF16", NULL };
static const gsize type_sizes[] = { 4, 2, 2 };

/* What is being read, for errors. */
typedef struct {
  const char *name;   /* of the file */
  const char *tensor; /* or NULL */
  gsize data_begin;   /* byte of the file that data offset 0 means */
  gsize size;         /* of the file */
} Source;

gsize
cpac_weights_type_size (CpacWeightsType type)
{
  return type_sizes[type];
}

static G_GNUC_PRINTF (3, 4) gboolean
    refuse (const Source *source, GError **error, const char *format, ...)
{
  g_autofree char *message = NULL;
  va_list args;

  va_start (args, format);
  message = g_strdup_vprintf (format, args);
  va_end (args);
  if (source->tensor) {
    g_autofree char *tensor = cpac_error_excerpt (source->tensor);

    g_set_error (error, CPAC_ERROR, CPAC_ERROR_PARSE, "%s: tensor \"%s\": %s", source->name, tensor,
                 message);
  } else {
    g_set_error (error, CPAC_ERROR, CPAC_ERROR_PARSE, "%s: %s", source->name, message);
  }
  return FALSE;
}

/* ---- One tensor's entry ---- */

static const char *
describe (JsonNode *node)
{
  switch (json_node_get_node_type (node)) {
    case JSON_NODE_OBJECT:
      return "an object";
    case JSON_NODE_ARRAY:
      return "an array";
    case JSON_NODE_NULL:
      return "null";
    case JSON_NODE_VALUE:
      break;
  }
  switch (json_node_get_value_type (node)) {
    case G_TYPE_STRING:
      return "a text";
    case G_TYPE_BOOLEAN:
      return "true or false";
    case G_TYPE_DOUBLE:
      return "a number with a fraction";
    default:
      return "a number";
  }
}

/* The member @key of an entry, or NULL with @error set. */
static JsonNode *
get_member (const Source *source, JsonObject *object, const char *key, GError **error)
{
  JsonNode *node = json_object_get_member (object, key);

  if (node == NULL)
    refuse (source, error, "found no \"%s\", expected dtype, shape and data_offsets", key);
  return node;
}

static gboolean
read_type (const Source *source, JsonObject *object, CpacWeightsType *type, GError **error)
{
  JsonNode *node = get_member (source, object, "dtype", error);
  g_autofree char *found = NULL;

  if (node == NULL)
    return FALSE;
  if (!JSON_NODE_HOLDS_VALUE (node) || json_node_get_value_type (node) != G_TYPE_STRING)
    return refuse (source, error, "dtype: found %s, expected F32, F16 or BF16", describe (node));
  for (guint i = 0; type_names[i]; i++)
    if (g_str_equal (type_names[i], json_node_get_string (node))) {
      *type = i;
      return TRUE;
    }
  found = cpac_error_excerpt (json_node_get_string (node));
  return refuse (source, error, "dtype: found \"%s\", expected F32, F16 or BF16", found);
}

/* An array of at most @max_length sizes. */
static gboolean
read_sizes (const Source *source, JsonObject *object, const char *key, guint max_length,
            gsize *sizes, guint *length, GError **error)
{
  JsonNode *node = get_member (source, object, key, error);
  JsonArray *array;

  if (node == NULL)
    return FALSE;
  if (!JSON_NODE_HOLDS_ARRAY (node))
    return refuse (source, error, "%s: found %s, expected an array", key, describe (node));
  array = json_node_get_array (node);
  *length = json_array_get_length (array);
  if (*length > max_length)
    return refuse (source, error, "%s: found %u numbers, expected at most %u", key, *length,
                   max_length);
  for (guint i = 0; i < *length; i++) {
    JsonNode *item = json_array_get_element (array, i);
    gint64 value;

    if (!JSON_NODE_HOLDS_VALUE (item) || json_node_get_value_type (item) != G_TYPE_INT64)
      return refuse (source, error, "%s: found %s, expected whole numbers", key, describe (item));
    value = json_node_get_int (item);
    if (value < 0 || (guint64) value > G_MAXSSIZE)
      return refuse (source, error, "%s: found %" G_GINT64_FORMAT ", expected a size", key, value);
    sizes[i] = value;
  }
  return TRUE;
}

static gboolean
read_span (const Source *source, JsonObject *object, CpacWeightsEntry *entry, GError **error)
{
  gsize offsets[2], room = source->size - source->data_begin;
  guint n;

  if (!read_sizes (source, object, "data_offsets", 2, offsets, &n, error))
    return FALSE;
  if (n != 2)
    return refuse (source, error, "data_offsets: found %u numbers, expected 2", n);
  if (offsets[0] > offsets[1] || offsets[1] > room)
    return refuse (source, error,
                   "data_offsets: found %" G_GSIZE_FORMAT " to %" G_GSIZE_FORMAT
                   ", expected them to rise, to at most %" G_GSIZE_FORMAT
                   " (the data begins at byte %" G_GSIZE_FORMAT " of %" G_GSIZE_FORMAT ")",
                   offsets[0], offsets[1], room, source->data_begin, source->size);
  entry->begin = source->data_begin + offsets[0];
  entry->end = source->data_begin + offsets[1];
  return TRUE;
}

static gboolean
check_length (const Source *source, const CpacWeightsEntry *entry, GError **error)
{
  g_autofree char *shape = cpac_shape_to_string (&entry->shape);
  gsize n_bytes, widened;

  /* What it takes in memory as floats must fit too. */
  if (!cpac_shape_checked (&entry->shape, cpac_weights_type_size (entry->type), &n_bytes) ||
      !cpac_shape_checked (&entry->shape, sizeof (float), &widened))
    return refuse (source, error, "shape: found %s, expected one that fits into memory", shape);
  if (n_bytes != entry->end - entry->begin)
    return refuse (source, error,
                   "data_offsets: found %" G_GSIZE_FORMAT " bytes, expected %" G_GSIZE_FORMAT
                   " (%s x %" G_GSIZE_FORMAT ")",
                   entry->end - entry->begin, n_bytes, shape, cpac_weights_type_size (entry->type));
  return TRUE;
}

static gboolean
read_entry (const Source *source, JsonNode *node, CpacWeightsEntry *entry, GError **error)
{
  JsonObject *object;

  if (!JSON_NODE_HOLDS_OBJECT (node))
    return refuse (source, error, "found %s, expected an object", describe (node));
  object = json_node_get_object (node);
  if (!read_type (source, object, &entry->type, error) ||
      !read_sizes (source, object, "shape", CPAC_MAX_DIMS, entry->shape.dims, &entry->shape.n_dims,
                   error) ||
      !read_span (source, object, entry, error))
    return FALSE;
  if (json_object_get_size (object) != 3)
    return refuse (source, error, "found %u members, expected dtype, shape and data_offsets",
                   json_object_get_size (object));
  return check_length (source, entry, error);
}

/* ---- The table ---- */

static void
clear_entry (gpointer entry)
{
  g_free (((CpacWeightsEntry *) entry)->name);
}

/* Tensors of no elements share their place with the one behind them: they come first. */
static int
compare_entries (gconstpointer first, gconstpointer second)
{
  const CpacWeightsEntry *a = first, *b = second;

  if (a->begin != b->begin)
    return a->begin < b->begin ? -1 : 1;
  return a->end == b->end ? 0 : a->end < b->end ? -1 : 1;
}

static gboolean
refuse_metadata (const Source *source, const char *key, JsonNode *value, GError **error)
{
  g_autofree char *excerpt = cpac_error_excerpt (key);

  return refuse (source, error, "__metadata__: \"%s\": found %s, expected a text", excerpt,
                 describe (value));
}

static gboolean
check_metadata (const Source *source, JsonNode *node, GError **error)
{
  JsonObjectIter iter;
  const char *key;
  JsonNode *value;

  if (!JSON_NODE_HOLDS_OBJECT (node))
    return refuse (source, error, "__metadata__: found %s, expected an object of texts",
                   describe (node));
  json_object_iter_init (&iter, json_node_get_object (node));
  while (json_object_iter_next (&iter, &key, &value))
    if (!JSON_NODE_HOLDS_VALUE (value) || json_node_get_value_type (value) != G_TYPE_STRING)
      return refuse_metadata (source, key, value, error);
  return TRUE;
}

static gboolean
read_entries (Source *source, JsonObject *header, GArray *table, GError **error)
{
  JsonObjectIter iter;
  const char *key;
  JsonNode *node;

  json_object_iter_init_ordered (&iter, header);
  while (json_object_iter_next_ordered (&iter, &key, &node)) {
    CpacWeightsEntry entry = { 0 };

    source->tensor = NULL;
    if (g_str_equal (key, "__metadata__")) {
      if (!check_metadata (source, node, error))
        return FALSE;
      continue;
    }
    source->tensor = key;
    if (!read_entry (source, node, &entry, error))
      return FALSE;
    entry.name = g_strdup (key);
    g_array_append_val (table, entry);
  }
  source->tensor = NULL;
  return TRUE;
}

static gboolean
check_layout (Source *source, const GArray *table, GError **error)
{
  gsize at = source->data_begin;

  for (guint i = 0; i < table->len; i++) {
    const CpacWeightsEntry *entry = &g_array_index (table, CpacWeightsEntry, i);

    source->tensor = entry->name;
    if (entry->begin != at)
      return refuse (source, error,
                     "found its data at byte %" G_GSIZE_FORMAT
                     ", %s, expected it at byte %" G_GSIZE_FORMAT,
                     entry->begin, entry->begin < at ? "over other data" : "behind a gap", at);
    at = entry->end;
  }
  source->tensor = NULL;
  if (at != source->size)
    return refuse (source, error,
                   "byte %" G_GSIZE_FORMAT ": found %" G_GSIZE_FORMAT
                   " bytes behind the last tensor, expected the end",
                   at, source->size - at);
  return TRUE;
}

static gboolean
read_header_length (const Source *source, const guint8 *data, gsize *length, GError **error)
{
  guint64 found;

  if (source->size < CPAC_WEIGHTS_LENGTH_SIZE)
    return refuse (source, error,
                   "found %" G_GSIZE_FORMAT " bytes, expected at least %d (the header's length)",
                   source->size, CPAC_WEIGHTS_LENGTH_SIZE);
  memcpy (&found, data, sizeof found);
  found = GUINT64_FROM_LE (found);
  if (found > MIN (CPAC_WEIGHTS_MAX_HEADER, source->size - CPAC_WEIGHTS_LENGTH_SIZE))
    return refuse (source, error,
                   "byte 0: found a header of %" G_GUINT64_FORMAT
                   " bytes, expected at most %" G_GSIZE_FORMAT,
                   found, MIN (CPAC_WEIGHTS_MAX_HEADER, source->size - CPAC_WEIGHTS_LENGTH_SIZE));
  *length = found;
  return TRUE;
}

GArray *
cpac_weights_table_parse (const char *name, const guint8 *data, gsize size, GError **error)
{
  Source source = { .name = name, .size = size };
  g_autoptr (GArray) table = g_array_new (FALSE, FALSE, sizeof (CpacWeightsEntry));
  g_autoptr (JsonNode) header = NULL;
  gsize length = 0;

  g_array_set_clear_func (table, clear_entry);
  if (!read_header_length (&source, data, &length, error))
    return NULL;
  source.data_begin = CPAC_WEIGHTS_LENGTH_SIZE + length;
  header = cpac_json_parse (name, CPAC_WEIGHTS_LENGTH_SIZE,
                            (const char *) data + CPAC_WEIGHTS_LENGTH_SIZE, length, &header_bounds,
                            error);
  if (header == NULL)
    return NULL;
  if (!JSON_NODE_HOLDS_OBJECT (header)) {
    refuse (&source, error, "byte 8: found %s, expected an object of tensors", describe (header));
    return NULL;
  }
  if (!read_entries (&source, json_node_get_object (header), table, error))
    return NULL;
  g_array_sort (table, compare_entries);
  return check_layout (&source, table, error) ? g_steal_pointer (&table) : NULL;
}
