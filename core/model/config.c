/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/model/config-private.h"

#include <string.h>
#include <yaml.h>

#include "core/model/files.h"

#define MAX_BYTES (4 * 1024 * 1024)
#define MAX_LEVELS 64
#define MAX_NODES 100000

#define UTF8_BOM "\xef\xbb\xbf"
#define CORE_TAG "tag:yaml.org,2002:"

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (yaml_event_t, yaml_event_delete)

/* A place in the text. libyaml counts characters; whoever edits a file needs bytes. */
typedef struct {
  const char *at;
  guint line, column; /* from 1 */
} Place;

typedef struct {
  yaml_parser_t parser;
  CpacConfigFile *file;
  const char *text, *text_end;
  /* Where character number cursor_index (the byte order mark not counted) begins. Marks come
   * nearly in order, so that stepping from the last one costs little. */
  const char *cursor;
  gsize cursor_index;
  const char *last_end; /* end of the last thing written; block collections end there */
  GHashTable *anchors;  /* name -> node */
  GPtrArray *open;      /* lists and maps not yet complete, outermost first */
  CpacConfig *root;
  guint n_nodes;
} Reader;

static void
reader_clear (Reader *reader)
{
  yaml_parser_delete (&reader->parser);
  g_clear_pointer (&reader->file, cpac_config_file_free);
  g_clear_pointer (&reader->anchors, g_hash_table_unref);
  g_clear_pointer (&reader->open, g_ptr_array_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Reader, reader_clear)

static G_GNUC_PRINTF (5, 6) gboolean refuse_at (const Reader *reader, gsize line, gsize column,
                                                GError **error, const char *format, ...)
{
  g_autofree char *message = NULL;
  va_list args;

  va_start (args, format);
  message = g_strdup_vprintf (format, args);
  va_end (args);
  g_set_error (error, CPAC_ERROR, CPAC_ERROR_PARSE,
               "%s:%" G_GSIZE_FORMAT ":%" G_GSIZE_FORMAT ": %s", reader->file->name, line, column,
               message);
  return FALSE;
}

#define refuse_event(reader, event, error, ...)                                                    \
  refuse_at (reader, (event)->start_mark.line + 1, (event)->start_mark.column + 1, error,          \
             __VA_ARGS__)

/* ---- Places ---- */

/* Bytes of the line break at @at as libyaml sees them, 0 when there is none. */
static guint
break_length (const char *at, const char *end)
{
  gsize left = end - at;

  if (left >= 2 && memcmp (at, "\r\n", 2) == 0)
    return 2;
  if (left >= 1 && (*at == '\r' || *at == '\n'))
    return 1;
  if (left >= 2 && memcmp (at, "\xc2\x85", 2) == 0)
    return 2;
  if (left >= 3 && (memcmp (at, "\xe2\x80\xa8", 3) == 0 || memcmp (at, "\xe2\x80\xa9", 3) == 0))
    return 3;
  return 0;
}

static gboolean
is_space (const char *at, const char *end)
{
  return *at == ' ' || *at == '\t' || break_length (at, end) > 0;
}

static void
step (Place *place, const char *end)
{
  guint length = break_length (place->at, end);

  if (length > 0) {
    place->at += length;
    place->line++;
    place->column = 1;
  } else {
    place->at = MIN (g_utf8_next_char (place->at), end);
    place->column++;
  }
}

static const char *
pointer_at (Reader *reader, const yaml_mark_t *mark)
{
  glong distance = (glong) mark->index - (glong) reader->cursor_index;

  reader->cursor = g_utf8_offset_to_pointer (reader->cursor, distance);
  reader->cursor_index = mark->index;
  return reader->cursor;
}

/* An anchor and a tag are no part of the value: it begins behind them. */
static void
skip_properties (Place *place, const char *end)
{
  while (place->at < end) {
    if (is_space (place->at, end))
      step (place, end);
    else if (*place->at == '&' || *place->at == '!')
      while (place->at < end && !is_space (place->at, end))
        step (place, end);
    else if (*place->at == '#')
      while (place->at < end && break_length (place->at, end) == 0)
        step (place, end);
    else
      return;
  }
}

/* Sets where @node begins; @end bounds the search behind an anchor or tag. */
static void
set_begin (Reader *reader, CpacConfig *node, const yaml_mark_t *mark, gboolean properties,
           const char *end)
{
  Place place = { pointer_at (reader, mark), mark->line + 1, mark->column + 1 };

  if (properties)
    skip_properties (&place, end);
  node->line = place.line;
  node->column = place.column;
  node->begin = place.at - reader->text;
}

/* ---- Errors of libyaml ---- */

/* The reader knows only the byte: line and column are counted here. */
static gboolean
encoding_error (const Reader *reader, GError **error)
{
  const yaml_parser_t *parser = &reader->parser;
  Place place = { reader->text, 1, 1 };
  const char *at;

  if (g_str_has_prefix (reader->text, UTF8_BOM))
    place.at += strlen (UTF8_BOM);
  at = MIN (place.at + parser->problem_offset, reader->text_end);
  while (place.at < at)
    step (&place, reader->text_end);
  return refuse_at (reader, place.line, place.column, error,
                    "found 0x%02x (%s), expected UTF-8 text", (guint) parser->problem_value,
                    parser->problem);
}

static gboolean
syntax_error (const Reader *reader, GError **error)
{
  const yaml_parser_t *parser = &reader->parser;
  gsize line = parser->problem_mark.line + 1, column = parser->problem_mark.column + 1;

  if (parser->error == YAML_MEMORY_ERROR)
    g_error ("cannot allocate memory for a YAML parser");
  if (parser->error == YAML_READER_ERROR)
    return encoding_error (reader, error);
  if (parser->context == NULL)
    return refuse_at (reader, line, column, error, "%s", parser->problem);
  return refuse_at (reader, line, column, error,
                    "%s, %s that begins at %" G_GSIZE_FORMAT ":%" G_GSIZE_FORMAT, parser->problem,
                    parser->context, parser->context_mark.line + 1,
                    parser->context_mark.column + 1);
}

/* ---- Events to nodes ---- */

static CpacConfig *
innermost (const Reader *reader)
{
  return reader->open->len ? g_ptr_array_index (reader->open, reader->open->len - 1) : NULL;
}

static gboolean
key_is_next (const Reader *reader)
{
  const CpacConfig *parent = innermost (reader);

  return parent && parent->kind == CPAC_CONFIG_MAP && parent->keys->len == parent->items->len;
}

static gboolean
count_nodes (Reader *reader, const yaml_event_t *event, guint n, GError **error)
{
  if (n > MAX_NODES - reader->n_nodes)
    return refuse_event (reader, event, error,
                         "found more than %d values, aliases counted as if written out, "
                         "expected at most that many",
                         MAX_NODES);
  reader->n_nodes += n;
  return TRUE;
}

static gboolean
check_levels (const Reader *reader, const yaml_event_t *event, guint levels, GError **error)
{
  if (reader->open->len + levels > MAX_LEVELS)
    return refuse_event (reader, event, error,
                         "found lists and maps %u levels deep, expected at most %d",
                         reader->open->len + levels, MAX_LEVELS);
  return TRUE;
}

/* Hangs @node below the innermost open list or map, or makes it the root. */
static void
attach (Reader *reader, CpacConfig *node)
{
  CpacConfig *parent = innermost (reader);

  if (parent == NULL)
    reader->root = node;
  else
    g_ptr_array_add (parent->items, node);
}

/* What a complete child means for the node around it. */
static void
complete (Reader *reader, CpacConfig *node)
{
  CpacConfig *parent = innermost (reader);

  node->complete = TRUE;
  if (parent)
    parent->levels = MAX (parent->levels, node->levels + 1);
}

static gboolean
take_tag (const Reader *reader, const yaml_event_t *event, CpacConfig *node, const char *tag,
          GError **error)
{
  static const char *const scalar_tags[] = { "str", "int", "float", "bool", "null", NULL };
  static const char *const list_tags[] = { "seq", NULL };
  static const char *const map_tags[] = { "map", NULL };
  static const char *const *const tags[] = { scalar_tags, list_tags, map_tags };
  g_autofree char *text = NULL;

  if (tag == NULL)
    return TRUE;
  if (g_str_has_prefix (tag, CORE_TAG) &&
      g_strv_contains (tags[node->kind], tag + strlen (CORE_TAG))) {
    node->quoted = g_str_equal (tag, CORE_TAG "str");
    return TRUE;
  }
  text = cpac_config_shorten (tag);
  return refuse_event (reader, event, error,
                       "found the tag \"%s\" at a %s, expected none or one of YAML's core schema",
                       text, cpac_config_describe (node));
}

static gboolean
take_anchor (Reader *reader, const yaml_event_t *event, CpacConfig *node, const char *anchor,
             GError **error)
{
  const CpacConfig *first;

  if (anchor == NULL)
    return TRUE;
  first = g_hash_table_lookup (reader->anchors, anchor);
  if (first)
    return refuse_event (reader, event, error,
                         "found the anchor &%s a second time (first at %u:%u), expected it once",
                         anchor, first->line, first->column);
  g_hash_table_insert (reader->anchors, g_strdup (anchor), node);
  return TRUE;
}

/* Escapes in double quotes can write what the text itself must not hold. */
static gboolean
check_text (const Reader *reader, const yaml_event_t *event, GError **error)
{
  const char *text = (const char *) event->data.scalar.value;
  const char *end = text + event->data.scalar.length;

  for (; text < end; text = g_utf8_next_char (text)) {
    gunichar c = g_utf8_get_char (text);

    if (g_unichar_iscntrl (c) && c != '\t' && c != '\n' && c != '\r')
      return refuse_event (reader, event, error,
                           "found the control character U+%04X, expected printable text", c);
  }
  return TRUE;
}

static CpacConfig *
new_scalar (Reader *reader, const yaml_event_t *event)
{
  gboolean properties = event->data.scalar.anchor || event->data.scalar.tag;
  CpacConfig *node = cpac_config_node_new (reader->file, CPAC_CONFIG_SCALAR);
  const char *end;

  node->text = g_strndup ((const char *) event->data.scalar.value, event->data.scalar.length);
  node->quoted = event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
  set_begin (reader, node, &event->start_mark, FALSE, NULL);
  end = pointer_at (reader, &event->end_mark);
  if (properties)
    set_begin (reader, node, &event->start_mark, TRUE, end);
  node->end = end - reader->text;
  reader->last_end = end;
  return node;
}

static gboolean
add_key (Reader *reader, const yaml_event_t *event, GError **error)
{
  CpacConfig *map = innermost (reader);
  CpacConfig *key, *first;
  g_autofree char *text = NULL;
  gpointer number;

  if (event->data.scalar.anchor || event->data.scalar.tag || event->data.scalar.length == 0)
    return refuse_event (reader, event, error, "found %s, expected plain text",
                         event->data.scalar.length == 0 ? "an empty key"
                                                        : "a key with an anchor or a tag");
  key = new_scalar (reader, event);
  if (map->index == NULL)
    map->index = g_hash_table_new (g_str_hash, g_str_equal);
  number = g_hash_table_lookup (map->index, key->text);
  if (number == NULL) {
    g_ptr_array_add (map->keys, key);
    g_hash_table_insert (map->index, key->text, GUINT_TO_POINTER (map->keys->len));
    return TRUE;
  }
  first = g_ptr_array_index (map->keys, GPOINTER_TO_UINT (number) - 1);
  text = cpac_config_shorten (key->text);
  return refuse_event (reader, event, error,
                       "found the key \"%s\" a second time (first at %u:%u), expected it once",
                       text, first->line, first->column);
}

static void
inherit_key (const Reader *reader, CpacConfig *node)
{
  const CpacConfig *parent = innermost (reader);

  if (parent && parent->kind == CPAC_CONFIG_MAP)
    node->key = cpac_config_get_key (parent, parent->items->len);
  else if (parent)
    node->key = parent->key;
}

static gboolean
add_scalar (Reader *reader, const yaml_event_t *event, GError **error)
{
  CpacConfig *node;

  if (!check_text (reader, event, error) || !count_nodes (reader, event, 1, error))
    return FALSE;
  if (key_is_next (reader))
    return add_key (reader, event, error);
  node = new_scalar (reader, event);
  node->n_nodes = 1;
  inherit_key (reader, node);
  if (!take_tag (reader, event, node, (const char *) event->data.scalar.tag, error) ||
      !take_anchor (reader, event, node, (const char *) event->data.scalar.anchor, error))
    return FALSE;
  attach (reader, node);
  complete (reader, node);
  return TRUE;
}

static gboolean
add_alias (Reader *reader, const yaml_event_t *event, GError **error)
{
  const char *name = (const char *) event->data.alias.anchor;
  CpacConfig *node = g_hash_table_lookup (reader->anchors, name);

  if (key_is_next (reader))
    return refuse_event (reader, event, error, "found the alias *%s as a key, expected plain text",
                         name);
  if (node == NULL)
    return refuse_event (reader, event, error,
                         "found the alias *%s, expected an anchor &%s before it", name, name);
  if (!node->complete)
    return refuse_event (reader, event, error,
                         "found the alias *%s inside the value it stands for (at %u:%u), "
                         "expected it behind that",
                         name, node->line, node->column);
  if (!check_levels (reader, event, node->levels, error) ||
      !count_nodes (reader, event, node->n_nodes, error))
    return FALSE;
  attach (reader, node);
  complete (reader, node);
  reader->last_end = pointer_at (reader, &event->end_mark);
  return TRUE;
}

/* A list or a map begins; @tag and @anchor may be NULL. */
static gboolean
open_collection (Reader *reader, const yaml_event_t *event, CpacConfigKind kind, const char *tag,
                 const char *anchor, GError **error)
{
  const char *what = kind == CPAC_CONFIG_LIST ? "list" : "map";
  CpacConfig *node;

  if (key_is_next (reader))
    return refuse_event (reader, event, error, "found a %s as a key, expected plain text", what);
  if (!check_levels (reader, event, 1, error) || !count_nodes (reader, event, 1, error))
    return FALSE;
  node = cpac_config_node_new (reader->file, kind);
  node->levels = 1;
  node->n_nodes = reader->n_nodes; /* turned into a difference when it ends */
  set_begin (reader, node, &event->start_mark, tag || anchor, reader->text_end);
  inherit_key (reader, node);
  if (!take_tag (reader, event, node, tag, error) ||
      !take_anchor (reader, event, node, anchor, error))
    return FALSE;
  attach (reader, node);
  g_ptr_array_add (reader->open, node);
  return TRUE;
}

/* A list or map in brackets ends with the closing one. libyaml lets the others end where the next
 * token begins; ours end with their last item. */
static void
close_collection (Reader *reader, const yaml_event_t *event)
{
  CpacConfig *node = g_ptr_array_steal_index (reader->open, reader->open->len - 1);
  char first = reader->text[node->begin];

  if (first == '[' || first == '{')
    reader->last_end = pointer_at (reader, &event->end_mark);
  node->end = reader->last_end - reader->text;
  node->n_nodes = reader->n_nodes - node->n_nodes + 1;
  complete (reader, node);
}

static gboolean
end_stream (const Reader *reader, GError **error)
{
  if (reader->root == NULL || cpac_config_is_null (reader->root))
    return refuse_at (reader, 1, 1, error, "found an empty document, expected a map");
  return TRUE;
}

static gboolean
take_event (Reader *reader, const yaml_event_t *event, GError **error)
{
  switch (event->type) {
    case YAML_DOCUMENT_START_EVENT:
      if (reader->root)
        return refuse_event (reader, event, error,
                             "found a second document, expected one in a file");
      return TRUE;
    case YAML_SCALAR_EVENT:
      return add_scalar (reader, event, error);
    case YAML_ALIAS_EVENT:
      return add_alias (reader, event, error);
    case YAML_SEQUENCE_START_EVENT:
      return open_collection (reader, event, CPAC_CONFIG_LIST,
                              (const char *) event->data.sequence_start.tag,
                              (const char *) event->data.sequence_start.anchor, error);
    case YAML_MAPPING_START_EVENT:
      return open_collection (reader, event, CPAC_CONFIG_MAP,
                              (const char *) event->data.mapping_start.tag,
                              (const char *) event->data.mapping_start.anchor, error);
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
      close_collection (reader, event);
      return TRUE;
    case YAML_STREAM_END_EVENT:
      return end_stream (reader, error);
    case YAML_NO_EVENT:
    case YAML_STREAM_START_EVENT:
    case YAML_DOCUMENT_END_EVENT:
      return TRUE;
  }
  return TRUE;
}

static gboolean
read_stream (Reader *reader, GError **error)
{
  gboolean at_end = FALSE;

  while (!at_end) {
    g_auto (yaml_event_t) event = { 0 };

    if (!yaml_parser_parse (&reader->parser, &event))
      return syntax_error (reader, error);
    if (!take_event (reader, &event, error))
      return FALSE;
    at_end = event.type == YAML_STREAM_END_EVENT;
  }
  return TRUE;
}

/* The byte order mark is taken off here, because libyaml only takes it off where it may guess the
 * encoding, and then it would take UTF-16 too. */
static void
reader_init (Reader *reader, const char *name, const char *text, gsize length)
{
  const char *begin = text;

  if (length >= strlen (UTF8_BOM) && memcmp (text, UTF8_BOM, strlen (UTF8_BOM)) == 0)
    begin += strlen (UTF8_BOM);
  if (!yaml_parser_initialize (&reader->parser))
    g_error ("cannot allocate a YAML parser");
  yaml_parser_set_encoding (&reader->parser, YAML_UTF8_ENCODING);
  yaml_parser_set_input_string (&reader->parser, (const guchar *) begin, text + length - begin);
  reader->file = cpac_config_file_new (name);
  reader->text = text;
  reader->text_end = text + length;
  reader->cursor = begin;
  reader->last_end = begin;
  reader->anchors = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  reader->open = g_ptr_array_new ();
}

CpacConfig *
cpac_config_parse (const char *name, const char *text, gsize length, GError **error)
{
  g_auto (Reader) reader = { 0 };

  if (length > MAX_BYTES) {
    g_set_error (error, CPAC_ERROR, CPAC_ERROR_PARSE,
                 "%s:1:1: found %" G_GSIZE_FORMAT " bytes, expected at most %d", name, length,
                 MAX_BYTES);
    return NULL;
  }
  reader_init (&reader, name, text, length);
  if (!read_stream (&reader, error))
    return NULL;
  reader.file = NULL; /* the root's from here on */
  return reader.root;
}

CpacConfig *
cpac_config_load (const char *path, GError **error)
{
  g_autofree char *name = g_filename_display_name (path);
  g_autofree char *text = NULL;
  gsize length;

  if (!cpac_file_read (path, MAX_BYTES, &text, &length, error))
    return NULL;
  return cpac_config_parse (name, text, length, error);
}
