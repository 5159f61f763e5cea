/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/model/config-private.h"

#include <string.h>

#define MAX_NAME 64

static void
node_free (CpacConfig *node)
{
  g_free (node->text);
  g_clear_pointer (&node->items, g_ptr_array_unref);
  g_clear_pointer (&node->keys, g_ptr_array_unref);
  g_clear_pointer (&node->index, g_hash_table_unref);
  g_free (node);
}

CpacConfigFile *
cpac_config_file_new (const char *name)
{
  CpacConfigFile *file = g_new (CpacConfigFile, 1);

  file->name = g_strdup (name);
  file->nodes = g_ptr_array_new_with_free_func ((GDestroyNotify) node_free);
  return file;
}

void
cpac_config_file_free (CpacConfigFile *file)
{
  g_ptr_array_unref (file->nodes);
  g_free (file->name);
  g_free (file);
}

CpacConfig *
cpac_config_node_new (CpacConfigFile *file, CpacConfigKind kind)
{
  CpacConfig *node = g_new0 (CpacConfig, 1);

  node->file = file;
  node->kind = kind;
  if (kind != CPAC_CONFIG_SCALAR)
    node->items = g_ptr_array_new ();
  if (kind == CPAC_CONFIG_MAP)
    node->keys = g_ptr_array_new ();
  g_ptr_array_add (file->nodes, node);
  return node;
}

void
cpac_config_free (CpacConfig *root)
{
  if (root)
    cpac_config_file_free (root->file);
}

CpacConfigKind
cpac_config_get_kind (const CpacConfig *node)
{
  return node->kind;
}

gboolean
cpac_config_is_null (const CpacConfig *node)
{
  static const char *const nulls[] = { "", "~", "null", "Null", "NULL", NULL };

  return node->kind == CPAC_CONFIG_SCALAR && !node->quoted && g_strv_contains (nulls, node->text);
}

const char *
cpac_config_describe (const CpacConfig *node)
{
  if (node->kind == CPAC_CONFIG_MAP)
    return "map";
  if (node->kind == CPAC_CONFIG_LIST)
    return "list";
  return cpac_config_is_null (node) ? "empty value" : "text";
}

void
cpac_config_get_place (const CpacConfig *node, guint *line, guint *column)
{
  *line = node->line;
  *column = node->column;
}

void
cpac_config_get_span (const CpacConfig *node, gsize *begin, gsize *end)
{
  *begin = node->begin;
  *end = node->end;
}

/* ---- Errors ---- */

gboolean
cpac_config_error (const CpacConfig *node, CpacError code, GError **error, const char *format, ...)
{
  g_autofree char *message = NULL;
  va_list args;

  va_start (args, format);
  message = g_strdup_vprintf (format, args);
  va_end (args);
  g_set_error (error, CPAC_ERROR, code, "%s:%u:%u: %s", node->file->name, node->line, node->column,
               message);
  return FALSE;
}

char *
cpac_config_describe_found (const CpacConfig *node)
{
  gboolean is_empty = cpac_config_is_null (node);
  g_autofree char *text = NULL;

  if (node->kind != CPAC_CONFIG_SCALAR || is_empty)
    return g_strdup_printf ("%s %s", is_empty ? "an" : "a", cpac_config_describe (node));
  text = cpac_error_excerpt (node->text);
  return node->quoted ? g_strdup_printf ("the text \"%s\"", text) : g_steal_pointer (&text);
}

gboolean
cpac_config_refuse (const CpacConfig *node, GError **error, const char *expected)
{
  g_autofree char *found = cpac_config_describe_found (node);

  return cpac_config_error (node, CPAC_ERROR_SCHEMA, error, "%s%sfound %s, expected %s",
                            node->key ? node->key : "", node->key ? ": " : "", found, expected);
}

/* ---- Names ---- */

/* Insertions, deletions, replacements and swaps of neighbours from @a to @b (optimal string
 * alignment); texts longer than MAX_NAME bytes are G_MAXUINT apart. */
static guint
typing_errors (const char *a, const char *b)
{
  gsize m = strlen (a), n = strlen (b);
  guint rows[3][MAX_NAME + 1];

  if (m > MAX_NAME || n > MAX_NAME)
    return G_MAXUINT;
  for (gsize j = 0; j <= n; j++)
    rows[0][j] = j;
  for (gsize i = 1; i <= m; i++) {
    const guint *above = rows[(i - 1) % 3], *above2 = rows[(i + 1) % 3];
    guint *row = rows[i % 3];

    row[0] = i;
    for (gsize j = 1; j <= n; j++) {
      row[j] = MIN (above[j - 1] + (a[i - 1] != b[j - 1]), MIN (above[j], row[j - 1]) + 1);
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        row[j] = MIN (row[j], above2[j - 2] + 1);
    }
  }
  return rows[m % 3][n];
}

static const char *
nearer (const char *text, const char *const *names, const char *best, guint *distance)
{
  for (; names && *names; names++) {
    guint candidate = typing_errors (text, *names);

    if (candidate < *distance) {
      *distance = candidate;
      best = *names;
    }
  }
  return best;
}

const char *
cpac_config_nearest (const char *text, const char *const *names, const char *const *more_names)
{
  /* More errors than a third of the letters is no typing error but another word. */
  guint distance = (strlen (text) + 2) / 3 + 1;
  const char *best = nearer (text, names, NULL, &distance);

  return nearer (text, more_names, best, &distance);
}

static gboolean
unknown_key (const CpacConfig *key, const char *const *known, const char *const *also_known,
             GError **error)
{
  g_autofree char *text = cpac_error_excerpt (key->text);
  const char *nearest = cpac_config_nearest (key->text, known, also_known);
  g_autofree char *names = g_strjoinv (", ", (char **) known);
  g_autofree char *more_names =
      also_known ? g_strjoinv (", ", (char **) also_known) : g_strdup ("");
  gboolean both = *names && *more_names;

  return cpac_config_error (key, CPAC_ERROR_SCHEMA, error,
                            "found the unknown key \"%s\"%s%s%s, expected one of %s%s%s", text,
                            nearest ? " (did you mean \"" : "", nearest ? nearest : "",
                            nearest ? "\"?)" : "", names, both ? ", " : "", more_names);
}

gboolean
cpac_config_check_keys2 (const CpacConfig *node, const char *const *known,
                         const char *const *also_known, GError **error)
{
  if (node->kind != CPAC_CONFIG_MAP)
    return cpac_config_refuse (node, error, "a map");
  for (guint i = 0; i < node->keys->len; i++) {
    const CpacConfig *key = g_ptr_array_index (node->keys, i);

    if (!g_strv_contains (known, key->text) &&
        !(also_known && g_strv_contains (also_known, key->text)))
      return unknown_key (key, known, also_known, error);
  }
  return TRUE;
}

gboolean
cpac_config_check_keys (const CpacConfig *node, const char *const *known, GError **error)
{
  return cpac_config_check_keys2 (node, known, NULL, error);
}

/* ---- Maps and lists ---- */

const CpacConfig *
cpac_config_peek (const CpacConfig *map, const char *key)
{
  guint number;

  if (map->index == NULL)
    return NULL;
  number = GPOINTER_TO_UINT (g_hash_table_lookup (map->index, key));
  return number ? g_ptr_array_index (map->items, number - 1) : NULL;
}

gboolean
cpac_config_has (const CpacConfig *map, const char *key)
{
  return cpac_config_peek (map, key) != NULL;
}

const CpacConfig *
cpac_config_get (const CpacConfig *map, const char *key, GError **error)
{
  const CpacConfig *node = cpac_config_peek (map, key);

  if (node)
    return node;
  if (map->kind == CPAC_CONFIG_MAP)
    cpac_config_error (map, CPAC_ERROR_SCHEMA, error,
                       "%s%sfound no key \"%s\" in this map, expected one",
                       map->key ? map->key : "", map->key ? ": " : "", key);
  else
    cpac_config_refuse (map, error, "a map");
  return NULL;
}

guint
cpac_config_get_length (const CpacConfig *node)
{
  return node->items ? node->items->len : 0;
}

const CpacConfig *
cpac_config_get_item (const CpacConfig *node, guint index)
{
  g_return_val_if_fail (index < cpac_config_get_length (node), NULL);

  return g_ptr_array_index (node->items, index);
}

const char *
cpac_config_get_key (const CpacConfig *map, guint index)
{
  const CpacConfig *key;

  g_return_val_if_fail (map->kind == CPAC_CONFIG_MAP && index < map->keys->len, NULL);

  key = g_ptr_array_index (map->keys, index);
  return key->text;
}
