/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/train/csv.h"
#include "core/train/manifest-private.h"

#define MAX_COLUMNS 5

typedef enum {
  COLUMN_PATH,
  COLUMN_SPLIT,
  COLUMN_LABEL,
  COLUMN_MASK,
  COLUMN_GROUP,
} Column;

static const char *const column_names[MAX_COLUMNS] = {
  [COLUMN_PATH] = "path", [COLUMN_SPLIT] = "split", [COLUMN_LABEL] = "label",
  [COLUMN_MASK] = "mask", [COLUMN_GROUP] = "group",
};

/* The list being read. */
typedef struct {
  const char *name;           /* of the list, for errors */
  const char *folder;         /* before relative paths */
  int positions[MAX_COLUMNS]; /* field of each column, -1 where the list has none */
  guint n_fields;
} Layout;

static gboolean
find_column (const char *name, Column *column)
{
  for (guint i = 0; i < MAX_COLUMNS; i++) {
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
  for (guint i = 0; i < MAX_COLUMNS; i++)
    layout->positions[i] = -1;
  layout->n_fields = fields->len;
  for (guint i = 0; i < fields->len; i++) {
    const char *name = g_ptr_array_index (fields, i);
    Column column;

    if (!find_column (name, &column)) {
      g_set_error (
          error, CPAC_ERROR, CPAC_ERROR_SCHEMA,
          "%s:%u: unknown column \"%.100s\"; expected a header of path, split, label, mask, "
          "group",
          layout->name, line, name);
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
  const char *path, *mask_name;
  g_autofree char *picture = NULL;
  g_autofree char *mask = NULL;

  if (fields->len != layout->n_fields) {
    g_set_error (error, CPAC_ERROR, CPAC_ERROR_SCHEMA,
                 "%s:%u: %u fields; expected %u, as in the header", layout->name, line, fields->len,
                 layout->n_fields);
    return FALSE;
  }
  path = get_field (layout, fields, COLUMN_PATH);
  mask_name = get_field (layout, fields, COLUMN_MASK);
  if (path == NULL) {
    g_set_error (error, CPAC_ERROR, CPAC_ERROR_SCHEMA,
                 "%s:%u: the path is empty; expected the file of a picture", layout->name, line);
    return FALSE;
  }
  picture = resolve (layout, path);
  mask = resolve (layout, mask_name);
  cpac_manifest_add (manifest, &(CpacManifestEntry){
                                   .sample = {
                                       .path = picture,
                                       .name = path,
                                       .label = get_field (layout, fields, COLUMN_LABEL),
                                       .split = get_field (layout, fields, COLUMN_SPLIT),
                                       .mask = mask,
                                       .group = get_field (layout, fields, COLUMN_GROUP),
                                   },
                                   .mask_name = mask_name,
                               });
  return TRUE;
}

CpacManifest *
cpac_manifest_parse_csv (const char *name, const char *folder, const char *text, gsize length,
                         GError **error)
{
  g_autoptr (CpacManifest) manifest = cpac_manifest_new (CPAC_MANIFEST_PICTURES);
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
