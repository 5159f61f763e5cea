/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/model/weights.h"

#include <math.h>
#include <string.h>

#include "core/model/files.h"
#include "core/model/weights-table.h"

#define DATA_ALIGNMENT 64

typedef struct {
  char *name;
  CpacTensor *tensor;
} Entry;

struct _CpacWeightsWriter {
  GArray *entries;   /* (element-type Entry) */
  GHashTable *names; /* set, of the entries' names */
};

static void
clear_entry (gpointer data)
{
  Entry *entry = data;

  g_free (entry->name);
  cpac_tensor_free (entry->tensor);
}

CpacWeightsWriter *
cpac_weights_writer_new (void)
{
  CpacWeightsWriter *writer = g_new (CpacWeightsWriter, 1);

  writer->entries = g_array_new (FALSE, FALSE, sizeof (Entry));
  g_array_set_clear_func (writer->entries, clear_entry);
  writer->names = g_hash_table_new (g_str_hash, g_str_equal);
  return writer;
}

void
cpac_weights_writer_free (CpacWeightsWriter *writer)
{
  if (writer == NULL)
    return;
  g_hash_table_unref (writer->names);
  g_array_unref (writer->entries);
  g_free (writer);
}

void
cpac_weights_writer_add (CpacWeightsWriter *writer, const char *name, const CpacTensor *tensor)
{
  Entry entry;

  g_return_if_fail (g_utf8_validate (name, -1, NULL));
  g_return_if_fail (!g_str_equal (name, "__metadata__"));
  g_return_if_fail (!g_hash_table_contains (writer->names, name));

  entry.name = g_strdup (name);
  entry.tensor = cpac_tensor_copy (tensor);
  g_hash_table_add (writer->names, entry.name);
  g_array_append_val (writer->entries, entry);
}

/* ---- The file's bytes ---- */

static void
append_text (GString *json, const char *text)
{
  g_string_append_c (json, '"');
  for (; *text; text++) {
    if (*text == '"' || *text == '\\')
      g_string_append_printf (json, "\\%c", *text);
    else if ((guchar) *text < 0x20)
      g_string_append_printf (json, "\\u%04x", *text);
    else
      g_string_append_c (json, *text);
  }
  g_string_append_c (json, '"');
}

static void
append_entry (GString *json, const Entry *entry, gsize *offset)
{
  const CpacShape *shape = &entry->tensor->shape;
  gsize begin = *offset;

  *offset += cpac_shape_count (shape) * sizeof (float);
  append_text (json, entry->name);
  g_string_append (json, ":{\"dtype\":\"F32\",\"shape\":[");
  for (guint i = 0; i < shape->n_dims; i++)
    g_string_append_printf (json, "%s%" G_GSIZE_FORMAT, i ? "," : "", shape->dims[i]);
  g_string_append_printf (json, "],\"data_offsets\":[%" G_GSIZE_FORMAT ",%" G_GSIZE_FORMAT "]}",
                          begin, *offset);
}

static GString *
make_header (const CpacWeightsWriter *writer)
{
  GString *json = g_string_new ("{");
  gsize offset = 0;

  for (guint i = 0; i < writer->entries->len; i++) {
    if (i > 0)
      g_string_append_c (json, ',');
    append_entry (json, &g_array_index (writer->entries, Entry, i), &offset);
  }
  g_string_append_c (json, '}');
  while ((CPAC_WEIGHTS_LENGTH_SIZE + json->len) % DATA_ALIGNMENT != 0)
    g_string_append_c (json, ' ');
  return json;
}

/* Little endian. Returns the byte behind the last one written. */
static guint8 *
write_elements (guint8 *target, const CpacTensor *tensor)
{
  gsize n = cpac_shape_count (&tensor->shape);

  for (gsize i = 0; i < n; i++, target += sizeof (float)) {
    guint32 bits;

    memcpy (&bits, &tensor->data[i], sizeof bits);
    bits = GUINT32_TO_LE (bits);
    memcpy (target, &bits, sizeof bits);
  }
  return target;
}

static gsize
count_bytes (const CpacWeightsWriter *writer, const GString *header)
{
  gsize n_bytes = CPAC_WEIGHTS_LENGTH_SIZE + header->len;

  for (guint i = 0; i < writer->entries->len; i++)
    n_bytes += sizeof (float) *
               cpac_shape_count (&g_array_index (writer->entries, Entry, i).tensor->shape);
  return n_bytes;
}

GBytes *
cpac_weights_writer_to_bytes (const CpacWeightsWriter *writer)
{
  GString *header = make_header (writer);
  guint64 length = GUINT64_TO_LE (header->len);
  gsize size = count_bytes (writer, header);
  guint8 *bytes = g_malloc (size);
  guint8 *target = bytes;

  memcpy (target, &length, sizeof length);
  target += sizeof length;
  memcpy (target, header->str, header->len);
  target += header->len;
  g_string_free (header, TRUE);
  for (guint i = 0; i < writer->entries->len; i++)
    target = write_elements (target, g_array_index (writer->entries, Entry, i).tensor);
  return g_bytes_new_take (bytes, size);
}

/* ---- Saving ---- */

static gboolean
check_finite (const char *path, const Entry *entry, GError **error)
{
  const float *data = entry->tensor->data;
  gsize n = cpac_shape_count (&entry->tensor->shape);

  for (gsize i = 0; i < n; i++)
    if (!isfinite (data[i])) {
      g_autofree char *name = g_filename_display_name (path);
      g_autofree char *tensor = cpac_error_excerpt (entry->name);

      g_set_error (error, CPAC_ERROR, CPAC_ERROR_NUMERIC,
                   "%s: not written: tensor \"%s\": found %s as element %" G_GSIZE_FORMAT
                   ", expected finite numbers",
                   name, tensor, isnan (data[i]) ? "not-a-number" : "infinity", i);
      return FALSE;
    }
  return TRUE;
}

static gboolean
check_size (const char *path, gsize size, GError **error)
{
  g_autofree char *name = NULL;

  if (size <= CPAC_WEIGHTS_MAX_FILE)
    return TRUE;
  name = g_filename_display_name (path);
  g_set_error (error, CPAC_ERROR, CPAC_ERROR_SHAPE,
               "%s: not written: found %" G_GSIZE_FORMAT
               " bytes of weights, expected at most %" G_GSIZE_FORMAT,
               name, size, CPAC_WEIGHTS_MAX_FILE);
  return FALSE;
}

/* What cannot be read back must not replace a file that can. */
gboolean
cpac_weights_writer_save (const CpacWeightsWriter *writer, const char *path, char **sha256,
                          GError **error)
{
  g_autoptr (GBytes) bytes = NULL;

  for (guint i = 0; i < writer->entries->len; i++)
    if (!check_finite (path, &g_array_index (writer->entries, Entry, i), error))
      return FALSE;
  bytes = cpac_weights_writer_to_bytes (writer);
  if (!check_size (path, g_bytes_get_size (bytes), error) ||
      !cpac_file_replace (path, g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), error))
    return FALSE;
  if (sha256)
    *sha256 = g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, bytes);
  return TRUE;
}
