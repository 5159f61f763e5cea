/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/model/config-build.h"

#include <string.h>

#define MAX_LEVELS 64
#define MAX_NODES 100000

#define CORE_TAG "tag:yaml.org,2002:"

void
cpac_config_builder_init (CpacConfigBuilder *builder, const char *name)
{
  *builder = (CpacConfigBuilder){
    .file = cpac_config_file_new (name),
    .open = g_ptr_array_new (),
    .anchors = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL),
  };
}

void
cpac_config_builder_clear (CpacConfigBuilder *builder)
{
  g_clear_pointer (&builder->file, cpac_config_file_free);
  g_clear_pointer (&builder->open, g_ptr_array_unref);
  g_clear_pointer (&builder->anchors, g_hash_table_unref);
}

gboolean
cpac_config_builder_refuse (const CpacConfigBuilder *builder, const CpacConfigPlace *place,
                            GError **error, const char *format, ...)
{
  g_autofree char *message = NULL;
  va_list args;

  va_start (args, format);
  message = g_strdup_vprintf (format, args);
  va_end (args);
  g_set_error (error, CPAC_ERROR, CPAC_ERROR_PARSE, "%s:%u:%u: %s", builder->file->name,
               place->line, place->column, message);
  return FALSE;
}

/* ---- The tree being made ---- */

static CpacConfig *
innermost (const CpacConfigBuilder *builder)
{
  guint n = builder->open->len;

  return n ? g_ptr_array_index (builder->open, n - 1) : NULL;
}

static gboolean
key_is_next (const CpacConfigBuilder *builder)
{
  const CpacConfig *parent = innermost (builder);

  return parent && parent->kind == CPAC_CONFIG_MAP && parent->keys->len == parent->items->len;
}

static CpacConfig *
new_node (CpacConfigBuilder *builder, const CpacConfigPart *part, CpacConfigKind kind)
{
  const CpacConfig *parent = innermost (builder);
  CpacConfig *node = cpac_config_node_new (builder->file, kind);

  node->line = part->begin.line;
  node->column = part->begin.column;
  node->begin = part->begin.at;
  if (parent && parent->kind == CPAC_CONFIG_LIST)
    node->key = parent->key;
  else if (parent && !key_is_next (builder))
    node->key = cpac_config_get_key (parent, parent->items->len);
  return node;
}

static CpacConfig *
new_scalar (CpacConfigBuilder *builder, const CpacConfigPart *part)
{
  CpacConfig *node = new_node (builder, part, CPAC_CONFIG_SCALAR);

  node->text = g_strndup (part->text, part->length);
  node->quoted = part->quoted;
  node->n_nodes = 1;
  node->end = part->end;
  builder->last_end = part->end;
  return node;
}

/* Hangs @node below the innermost open list or map, or makes it the root. */
static void
attach (CpacConfigBuilder *builder, CpacConfig *node)
{
  CpacConfig *parent = innermost (builder);

  if (parent)
    g_ptr_array_add (parent->items, node);
  else
    builder->root = node;
}

/* What a complete node means for the one around it. */
static void
complete (CpacConfigBuilder *builder, CpacConfig *node)
{
  CpacConfig *parent = innermost (builder);

  node->complete = TRUE;
  if (parent)
    parent->levels = MAX (parent->levels, node->levels + 1);
}

/* ---- Rules ---- */

static gboolean
take_room (CpacConfigBuilder *builder, const CpacConfigPart *part, guint levels, guint n_nodes,
           GError **error)
{
  if (builder->open->len + levels > MAX_LEVELS)
    return cpac_config_builder_refuse (builder, &part->start, error,
                                       "found lists and maps %u levels deep, expected at most %d",
                                       builder->open->len + levels, MAX_LEVELS);
  if (n_nodes > MAX_NODES - builder->n_nodes)
    return cpac_config_builder_refuse (builder, &part->start, error,
                                       "found more than %d values (aliases count as if written "
                                       "out), expected at most that many",
                                       MAX_NODES);
  builder->n_nodes += n_nodes;
  return TRUE;
}

static gboolean
take_tag (const CpacConfigBuilder *builder, const CpacConfigPart *part, CpacConfig *node,
          GError **error)
{
  static const char *const scalar_tags[] = { "str", "int", "float", "bool", "null", NULL };
  static const char *const list_tags[] = { "seq", NULL };
  static const char *const map_tags[] = { "map", NULL };
  static const char *const *const tags[] = {
    [CPAC_CONFIG_SCALAR] = scalar_tags,
    [CPAC_CONFIG_LIST] = list_tags,
    [CPAC_CONFIG_MAP] = map_tags,
  };
  g_autofree char *text = NULL;

  if (part->tag == NULL)
    return TRUE;
  if (g_str_has_prefix (part->tag, CORE_TAG) &&
      g_strv_contains (tags[node->kind], part->tag + strlen (CORE_TAG))) {
    node->quoted = node->quoted || g_str_equal (part->tag, CORE_TAG "str");
    return TRUE;
  }
  text = cpac_error_excerpt (part->tag);
  return cpac_config_builder_refuse (
      builder, &part->start, error,
      "found the tag \"%s\" at a %s, expected none, or one of the "
      "core schema",
      text, node->kind == CPAC_CONFIG_SCALAR ? "scalar" : cpac_config_describe (node));
}

static gboolean
take_anchor (CpacConfigBuilder *builder, const CpacConfigPart *part, CpacConfig *node,
             GError **error)
{
  const CpacConfig *first;
  g_autofree char *text = NULL;

  if (part->anchor == NULL)
    return TRUE;
  first = g_hash_table_lookup (builder->anchors, part->anchor);
  if (first == NULL) {
    g_hash_table_insert (builder->anchors, g_strdup (part->anchor), node);
    return TRUE;
  }
  text = cpac_error_excerpt (part->anchor);
  return cpac_config_builder_refuse (builder, &part->start, error,
                                     "found the anchor &%s a second time (first at %u:%u), "
                                     "expected it once",
                                     text, first->line, first->column);
}

/* Escapes in double quotes can write what the file itself must not hold. */
static gboolean
check_text (const CpacConfigBuilder *builder, const CpacConfigPart *part, GError **error)
{
  const char *end = part->text + part->length;

  for (const char *at = part->text; at < end; at = g_utf8_next_char (at)) {
    gunichar c = g_utf8_get_char (at);

    if (g_unichar_iscntrl (c) && c != '\t' && c != '\n' && c != '\r')
      return cpac_config_builder_refuse (builder, &part->start, error,
                                         "found the control character U+%04X, expected printable "
                                         "text",
                                         c);
  }
  return TRUE;
}

/* ---- Parts ---- */

gboolean
cpac_config_builder_document (const CpacConfigBuilder *builder, const CpacConfigPlace *place,
                              GError **error)
{
  if (builder->root)
    return cpac_config_builder_refuse (builder, place, error,
                                       "found a second document, expected one in a file");
  return TRUE;
}

static gboolean
duplicate_key (const CpacConfigBuilder *builder, const CpacConfigPart *part,
               const CpacConfig *first, GError **error)
{
  g_autofree char *text = cpac_error_excerpt (first->text);

  return cpac_config_builder_refuse (builder, &part->start, error,
                                     "found the key \"%s\" a second time (first at %u:%u), "
                                     "expected it once",
                                     text, first->line, first->column);
}

static gboolean
add_key (CpacConfigBuilder *builder, const CpacConfigPart *part, GError **error)
{
  CpacConfig *map = innermost (builder);
  CpacConfig *key;
  guint number;

  if (part->anchor || part->tag || part->length == 0)
    return cpac_config_builder_refuse (builder, &part->start, error,
                                       "found %s, expected plain text as the key",
                                       part->length == 0 ? "nothing" : "an anchor or tag");
  key = new_scalar (builder, part);
  if (map->index == NULL)
    map->index = g_hash_table_new (g_str_hash, g_str_equal);
  number = GPOINTER_TO_UINT (g_hash_table_lookup (map->index, key->text));
  if (number > 0)
    return duplicate_key (builder, part, g_ptr_array_index (map->keys, number - 1), error);
  g_ptr_array_add (map->keys, key);
  g_hash_table_insert (map->index, key->text, GUINT_TO_POINTER (map->keys->len));
  return TRUE;
}

gboolean
cpac_config_builder_scalar (CpacConfigBuilder *builder, const CpacConfigPart *part, GError **error)
{
  CpacConfig *node;

  if (!check_text (builder, part, error) || !take_room (builder, part, 0, 1, error))
    return FALSE;
  if (key_is_next (builder))
    return add_key (builder, part, error);
  node = new_scalar (builder, part);
  if (!take_tag (builder, part, node, error) || !take_anchor (builder, part, node, error))
    return FALSE;
  attach (builder, node);
  complete (builder, node);
  return TRUE;
}

gboolean
cpac_config_builder_alias (CpacConfigBuilder *builder, const CpacConfigPart *part, GError **error)
{
  CpacConfig *node = g_hash_table_lookup (builder->anchors, part->anchor);
  g_autofree char *name = cpac_error_excerpt (part->anchor);

  if (key_is_next (builder))
    return cpac_config_builder_refuse (builder, &part->start, error,
                                       "found the alias *%s, expected plain text as the key", name);
  if (node == NULL)
    return cpac_config_builder_refuse (builder, &part->start, error,
                                       "found the alias *%s, expected an anchor &%s before it",
                                       name, name);
  if (!node->complete)
    return cpac_config_builder_refuse (builder, &part->start, error,
                                       "found the alias *%s inside the value it stands for (at "
                                       "%u:%u), expected it behind that",
                                       name, node->line, node->column);
  if (!take_room (builder, part, node->levels, node->n_nodes, error))
    return FALSE;
  attach (builder, node);
  complete (builder, node);
  builder->last_end = part->end;
  return TRUE;
}

gboolean
cpac_config_builder_open (CpacConfigBuilder *builder, const CpacConfigPart *part,
                          CpacConfigKind kind, GError **error)
{
  CpacConfig *node;

  if (key_is_next (builder))
    return cpac_config_builder_refuse (builder, &part->start, error,
                                       "found a %s, expected plain text as the key",
                                       kind == CPAC_CONFIG_LIST ? "list" : "map");
  if (!take_room (builder, part, 1, 1, error))
    return FALSE;
  node = new_node (builder, part, kind);
  node->levels = 1;
  node->n_nodes = builder->n_nodes; /* becomes a difference when it ends */
  if (!take_tag (builder, part, node, error) || !take_anchor (builder, part, node, error))
    return FALSE;
  attach (builder, node);
  g_ptr_array_add (builder->open, node);
  return TRUE;
}

gsize
cpac_config_builder_get_begin (const CpacConfigBuilder *builder)
{
  return innermost (builder)->begin;
}

void
cpac_config_builder_close (CpacConfigBuilder *builder, gsize end)
{
  CpacConfig *node = g_ptr_array_steal_index (builder->open, builder->open->len - 1);

  if (end > 0)
    builder->last_end = end;
  node->end = builder->last_end;
  node->n_nodes = builder->n_nodes - node->n_nodes + 1;
  complete (builder, node);
}

CpacConfig *
cpac_config_builder_finish (CpacConfigBuilder *builder, GError **error)
{
  const CpacConfigPlace top = { 0, 1, 1 };

  if (builder->root == NULL || cpac_config_is_null (builder->root)) {
    cpac_config_builder_refuse (builder, &top, error, "found an empty document, expected a map");
    return NULL;
  }
  builder->file = NULL; /* the root's from here on */
  return builder->root;
}
