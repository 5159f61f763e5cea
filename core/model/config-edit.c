/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/model/config-edit.h"

#include <string.h>

#include "core/model/config-private.h"

/* How far the lines of a value are indented beyond its key. */
#define INDENT 2

/* A pair of a map. */
typedef struct {
  const CpacConfig *key, *value;
} Pair;

static gboolean
find_pair (const CpacConfig *map, const char *key, Pair *pair)
{
  for (guint i = 0; i < cpac_config_get_length (map); i++)
    if (g_str_equal (cpac_config_get_key (map, i), key)) {
      *pair = (Pair){ g_ptr_array_index (map->keys, i), g_ptr_array_index (map->items, i) };
      return TRUE;
    }
  return FALSE;
}

/* An alias leads to a value that was written before the key. */
static gboolean
check_no_alias (const Pair *pair, GError **error)
{
  if (pair->value->begin >= pair->key->end)
    return TRUE;
  return cpac_config_error (pair->key, CPAC_ERROR_SCHEMA, error,
                            "%s: found an alias, expected a value written out, as it is to be "
                            "changed",
                            pair->key->text);
}

/* ---- Text ---- */

static const char *
get_line_break (const char *text)
{
  const char *first = text + strcspn (text, "\r\n");

  if (*first != '\r')
    return "\n";
  return first[1] == '\n' ? "\r\n" : "\r";
}

/* Spaces at the beginning of the line of byte @at. */
static gsize
get_indent (const char *text, gsize at)
{
  while (at > 0 && !strchr ("\r\n", text[at - 1]))
    at--;
  return strspn (text + at, " ");
}

/* @value with each line but the first indented by @indent. (transfer full) */
static char *
lay_out (const char *text, const char *value, gsize indent)
{
  g_auto (GStrv) lines = g_strsplit (value, "\n", -1);
  g_autofree char *spaces = g_strnfill (indent, ' ');
  g_autofree char *separator = g_strconcat (get_line_break (text), spaces, NULL);

  return g_strjoinv (separator, lines);
}

/* @text with its bytes [begin, end) replaced by @parts, NULL-terminated. (transfer full) */
static char *
splice (const char *text, gsize begin, gsize end, const char *const *parts)
{
  GString *result = g_string_new_len (text, (gssize) begin);

  for (guint i = 0; parts[i] != NULL; i++)
    g_string_append (result, parts[i]);
  g_string_append (result, text + end);
  return g_string_free (result, FALSE);
}

static char *
replace_value (const char *text, const Pair *pair, const char *value)
{
  gsize indent = get_indent (text, pair->key->begin) + INDENT;
  g_autofree char *laid_out = lay_out (text, value, indent);

  return splice (text, pair->value->begin, pair->value->end,
                 (const char *const[]){ laid_out, NULL });
}

static char *
append_to_flow (const char *text, const CpacConfig *map, const char *key, const char *value,
                GError **error)
{
  guint n = cpac_config_get_length (map);
  g_autofree char *laid_out = NULL;
  gsize at = map->begin + 1;

  if (n > 0) {
    Pair last = { g_ptr_array_index (map->keys, n - 1), g_ptr_array_index (map->items, n - 1) };

    if (!check_no_alias (&last, error))
      return NULL;
    at = last.value->end;
  }
  laid_out = lay_out (text, value, get_indent (text, at) + INDENT);
  return splice (text, at, at,
                 (const char *const[]){ n > 0 ? ", " : "", key, ": ", laid_out, NULL });
}

/* A line of its own behind the one on which the map ends, whose comment stays where it is. */
static char *
append_to_block (const char *text, const CpacConfig *map, const char *key, const char *value)
{
  gsize indent = get_indent (text, map->begin), at = map->end + strcspn (text + map->end, "\r\n");
  g_autofree char *spaces = g_strnfill (indent, ' ');
  g_autofree char *laid_out = lay_out (text, value, indent + INDENT);

  return splice (text, at, at,
                 (const char *const[]){ get_line_break (text), spaces, key, ": ", laid_out, NULL });
}

/* ---- Whether only that has changed ---- */

static gboolean
is_equal (const CpacConfig *a, const CpacConfig *b)
{
  if (a->kind != b->kind || cpac_config_get_length (a) != cpac_config_get_length (b))
    return FALSE;
  if (a->kind == CPAC_CONFIG_SCALAR)
    return a->quoted == b->quoted && g_str_equal (a->text, b->text);
  for (guint i = 0; i < cpac_config_get_length (a); i++) {
    if (a->kind == CPAC_CONFIG_MAP &&
        !g_str_equal (cpac_config_get_key (a, i), cpac_config_get_key (b, i)))
      return FALSE;
    if (!is_equal (cpac_config_get_item (a, i), cpac_config_get_item (b, i)))
      return FALSE;
  }
  return TRUE;
}

/* Map @b is map @a with @key set to @value, appended where @a has it not; or, with @value NULL,
 * without @key. */
static gboolean
is_equal_but_for_key (const CpacConfig *a, const CpacConfig *b, const char *key,
                      const CpacConfig *value)
{
  guint n = 0;

  if (b->kind != CPAC_CONFIG_MAP)
    return FALSE;
  for (guint i = 0; i <= cpac_config_get_length (a); i++) {
    gboolean is_last = i == cpac_config_get_length (a);
    const char *name = is_last ? key : cpac_config_get_key (a, i);
    gboolean is_key = g_str_equal (name, key);

    if (is_key && (value == NULL || (is_last && cpac_config_has (a, key))))
      continue;
    if (n >= cpac_config_get_length (b) || !g_str_equal (name, cpac_config_get_key (b, n)) ||
        !is_equal (is_key ? value : cpac_config_get_item (a, i), cpac_config_get_item (b, n)))
      return FALSE;
    n++;
  }
  return n == cpac_config_get_length (b);
}

/* @value NULL: the key is to be gone. */
static gboolean
check_result (const char *name, const CpacConfig *before, const char *text, const char *section,
              const char *key, const char *value, GError **error)
{
  g_autoptr (CpacConfig) wanted = NULL;
  g_autoptr (CpacConfig) after = NULL;
  gboolean same;

  if (value != NULL && (wanted = cpac_config_parse (key, value, strlen (value), error)) == NULL)
    return FALSE;
  after = cpac_config_parse (name, text, strlen (text), NULL);
  same = after != NULL && after->kind == CPAC_CONFIG_MAP &&
         cpac_config_get_length (after) == cpac_config_get_length (before);
  for (guint i = 0; same && i < cpac_config_get_length (before); i++) {
    const CpacConfig *a = cpac_config_get_item (before, i), *b = cpac_config_get_item (after, i);
    const char *name_of_item = cpac_config_get_key (before, i);

    same = g_str_equal (name_of_item, cpac_config_get_key (after, i)) &&
           (g_str_equal (name_of_item, section) ? is_equal_but_for_key (a, b, key, wanted)
                                                : is_equal (a, b));
  }
  if (same)
    return TRUE;
  return cpac_config_error (cpac_config_peek (before, section), CPAC_ERROR_SCHEMA, error,
                            "%s cannot be %s %s without changing something else; expected a "
                            "map of keys and plain values, without anchors",
                            key, value != NULL ? "set in" : "taken from", section);
}

/* The map @section of @root. */
static const CpacConfig *
find_section (const CpacConfig *root, const char *section, GError **error)
{
  Pair outer;

  if (cpac_config_get (root, section, error) == NULL || !find_pair (root, section, &outer) ||
      !check_no_alias (&outer, error))
    return NULL;
  if (outer.value->kind == CPAC_CONFIG_MAP)
    return outer.value;
  cpac_config_refuse (outer.value, error, "a map");
  return NULL;
}

char *
cpac_config_set_value (const char *name, const char *text, const char *section, const char *key,
                       const char *value, GError **error)
{
  g_autoptr (CpacConfig) root = cpac_config_parse (name, text, strlen (text), error);
  g_autofree char *result = NULL;
  const CpacConfig *map = root != NULL ? find_section (root, section, error) : NULL;
  Pair pair;

  if (map == NULL)
    return NULL;
  if (find_pair (map, key, &pair))
    result = check_no_alias (&pair, error) ? replace_value (text, &pair, value) : NULL;
  else if (text[map->begin] == '{')
    result = append_to_flow (text, map, key, value, error);
  else
    result = append_to_block (text, map, key, value);
  if (result == NULL || !check_result (name, root, result, section, key, value, error))
    return NULL;
  return g_steal_pointer (&result);
}

/* From the value before to this one's end; the first up to the next key. */
static char *
remove_from_flow (const char *text, const CpacConfig *map, const Pair *pair)
{
  guint n = cpac_config_get_length (map), i = 0;
  gsize begin = pair->key->begin, end = pair->value->end;

  while (g_ptr_array_index (map->keys, i) != pair->key)
    i++;
  if (i > 0)
    begin = ((const CpacConfig *) g_ptr_array_index (map->items, i - 1))->end;
  else if (n > 1)
    end = ((const CpacConfig *) g_ptr_array_index (map->keys, 1))->begin;
  return splice (text, begin, end, (const char *const[]){ NULL });
}

/* All its lines. */
static char *
remove_from_block (const char *text, const Pair *pair)
{
  gsize begin = pair->key->begin, end = pair->value->end;

  while (begin > 0 && !strchr ("\r\n", text[begin - 1]))
    begin--;
  end += strcspn (text + end, "\r\n");
  if (text[end] == '\r')
    end++;
  if (text[end] == '\n')
    end++;
  return splice (text, begin, end, (const char *const[]){ NULL });
}

char *
cpac_config_remove_value (const char *name, const char *text, const char *section, const char *key,
                          GError **error)
{
  g_autoptr (CpacConfig) root = cpac_config_parse (name, text, strlen (text), error);
  g_autofree char *result = NULL;
  const CpacConfig *map = root != NULL ? find_section (root, section, error) : NULL;
  Pair pair;

  if (map == NULL)
    return NULL;
  if (!find_pair (map, key, &pair))
    return g_strdup (text);
  if (!check_no_alias (&pair, error))
    return NULL;
  result = text[map->begin] == '{' ? remove_from_flow (text, map, &pair)
                                   : remove_from_block (text, &pair);
  if (!check_result (name, root, result, section, key, NULL, error))
    return NULL;
  return g_steal_pointer (&result);
}

char *
cpac_config_format_double (double value, char *buffer)
{
  static const char *const formats[] = { "%.15g", "%.16g", "%.17g" };

  for (guint i = 0; i < G_N_ELEMENTS (formats); i++) {
    g_ascii_formatd (buffer, G_ASCII_DTOSTR_BUF_SIZE, formats[i], value);
    if (g_ascii_strtod (buffer, NULL) == value)
      break;
  }
  return buffer;
}
