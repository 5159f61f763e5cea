/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/train/csv.h"
#include "core/train/manifest-private.h"

#define N_COLUMNS 5

typedef enum {
  COLUMN_PATH,
  COLUMN_SPLIT,
  COLUMN_LABEL,
  COLUMN_MASK,
  COLUMN_GROUP,
} Column;

static const char *const column_names[N_COLUMNS] = {
  [COLUMN_PATH] = "path", [COLUMN_SPLIT] = "split", [COLUMN_LABEL] = "label",
  [COLUMN_MASK] = "mask", [COLUMN_GROUP] = "group",
};

/* The list being read. */
typedef struct {
  const char *name;         /* of the list, for errors */
  const char *folder;       /* before relative paths */
  int positions[N_COLUMNS]; /* field of each column, -1 where the list has none */
  guint n_fields;
} Layout;

static gboolean
find_column (const char *name, Column *column)
{
  for (guint i = 0; i < N_COLUMNS; i++) {
    if (g_str_equal (name, column_names[i])) {
      *column = i;
      return TRUE;
    }
  }
  return FALSE;
}

static gboolean
read_header (Layout *layout, guint line, GPtrArray *fields, GError **error)
{
  for (guint i = 0; i < N_COLUMNS; i++)
    layout->positions[i] = -1;
  layout->n_fields = fields->len;
  for (guint i = 0; i < fields->len; i++) {
    const char *name = g_ptr_array_index (fields, i);
    Column column;

    if (!find_column (name, &column)) {
      g_autofree char *shown = g_utf8_substring (name, 0, MIN (g_utf8_strlen (name, -1), 40));

      g_set_error (error, CPAC_ERROR, CPAC_ERROR_SCHEMA,
                   "%s:%u: unknown column \"%s\"; expected a header of path, split, label, mask, "
                   "group",
                   layout->name, line, shown);
      return FALSE;
    }
    if (layout->positions[column] >= 0) {
      g_set_error (error, CPAC_ERROR, CPAC_ERROR_SCHEMA,
                   "%s:%u: column \"%s\" is there twice; expected once", layout->name, line, name);
      return FALSE;
    }
    layout->positions[column] = i;
  }
  if (layout->positions[COLUMN_PATH] < 0) {
    g_set_error (error, CPAC_ERROR, CPAC_ERROR_SCHEMA,
                 "%s:%u: no column \"path\"; expected a header of path, split, label, mask, group",
                 layout->name, line);
    return FALSE;
  }
  return TRUE;
}

/* NULL when the list does not have the column or leaves the field empty. */
static const char *
get_field (const Layout *layout, GPtrArray *fields, Column column)
{
  const char *field;

  if (layout->positions[column] < 0)
    return NULL;
  field = g_ptr_array_index (fields, layout->positions[column]);
  return field[0] != '\0' ? field : NULL;
}

static char *
resolve (const Layout *layout, const char *path)
{
  if (path == NULL || g_path_is_absolute (path) || layout->folder == NULL ||
      layout->folder[0] == '\0')
    return g_strdup (path);
  return g_build_filename (layout->folder, path, NULL);
}

static gboolean
add_row (CpacManifest *manifest, const Layout *layout, guint line, GPtrArray *fields,
         GError **error)
{
  CpacManifestEntry entry = { 0 };
  g_autofree char *path = NULL;
  g_autofree char *mask = NULL;

  if (fields->len != layout->n_fields) {
    g_set_error (error, CPAC_ERROR, CPAC_ERROR_SCHEMA,
                 "%s:%u: %u fields; expected %u, as in the header", layout->name, line, fields->len,
                 layout->n_fields);
    return FALSE;
  }
  entry.sample.name = get_field (layout, fields, COLUMN_PATH);
  if (entry.sample.name == NULL) {
    g_set_error (error, CPAC_ERROR, CPAC_ERROR_SCHEMA,
                 "%s:%u: the path is empty; expected the file of a picture", layout->name, line);
    return FALSE;
  }
  entry.mask_name = get_field (layout, fields, COLUMN_MASK);
  entry.sample.path = path = resolve (layout, entry.sample.name);
  entry.sample.mask = mask = resolve (layout, entry.mask_name);
  entry.sample.label = get_field (layout, fields, COLUMN_LABEL);
  entry.sample.split = get_field (layout, fields, COLUMN_SPLIT);
  entry.sample.group = get_field (layout, fields, COLUMN_GROUP);
  entry.sample.line = line;
  cpac_manifest_add (manifest, &entry);
  return TRUE;
}

CpacManifest *
cpac_manifest_parse_csv (const char *name, const char *folder, const char *text, gsize length,
                         GError **error)
{
  g_autoptr (CpacManifest) manifest = cpac_manifest_new (CPAC_MANIFEST_PICTURES, name);
  g_autoptr (GPtrArray) fields = g_ptr_array_new_with_free_func (g_free);
  Layout layout = { .name = name, .folder = folder };
  CpacCsvReader reader;
  CpacCsvStatus status;
  gboolean has_header = FALSE;

  if (!cpac_csv_reader_init (&reader, name, text, length, error))
    return NULL;
  while ((status = cpac_csv_reader_next (&reader, fields, error)) == CPAC_CSV_RECORD) {
    if (has_header ? !add_row (manifest, &layout, reader.line, fields, error)
                   : !read_header (&layout, reader.line, fields, error))
      return NULL;
    has_header = TRUE;
  }
  if (status == CPAC_CSV_ERROR)
    return NULL;
  if (manifest->entries->len == 0) {
    g_set_error (error, CPAC_ERROR, CPAC_ERROR_SCHEMA, "%s: lists no picture; expected %s", name,
                 has_header ? "rows below the header" : "the header path,split,label,mask,group");
    return NULL;
  }
  return g_steal_pointer (&manifest);
}

CpacManifest *
cpac_manifest_load_csv (const char *path, GError **error)
{
  g_autofree char *text = NULL;
  g_autofree char *folder = g_path_get_dirname (path);
  gsize length;

  if (!g_file_get_contents (path, &text, &length, error))
    return NULL;
  return cpac_manifest_parse_csv (path, g_str_equal (folder, ".") ? "" : folder, text, length,
                                  error);
}
