/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/model/config-edit.h"

#include <string.h>

#include "core/model/config-private.h"

/* What may stand in plain text in a block, and means something else, or nothing, in flow style. */
#define INDICATORS ",[]{}:#?"

/* Whether @source (length), as it stands in the file, means the same in one line of flow style. */
static gboolean
can_stay (const CpacConfig *scalar, const char *source, gsize length)
{
  if (length == 0 || memchr (source, '\n', length) != NULL)
    return FALSE;
  if (scalar->quoted)
    return *source == '"' || *source == '\'';
  /* A break may be a carriage return alone: then what was read differs. */
  return strlen (scalar->text) == length && memcmp (scalar->text, source, length) == 0 &&
         strpbrk (scalar->text, INDICATORS) == NULL;
}

/* What an editor, or YAML 1.1, takes for a break of the line, or does not show at all. */
static gboolean
is_hidden (gunichar c)
{
  return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x2028 || c == 0x2029 || c == 0xfeff;
}

static void
append_quoted (GString *out, const char *text)
{
  g_string_append_c (out, '"');
  for (const char *p = text; *p != '\0'; p = g_utf8_next_char (p)) {
    gunichar c = g_utf8_get_char (p);

    if (is_hidden (c)) {
      g_string_append_printf (out, "\\u%04X", c);
      continue;
    }
    if (c == '"' || c == '\\')
      g_string_append_c (out, '\\');
    g_string_append_unichar (out, c);
  }
  g_string_append_c (out, '"');
}

/* Numbers keep their spelling; what cannot stay is a text. */
static void
append_scalar (const CpacConfig *scalar, const char *text, GString *out)
{
  const char *source = text + scalar->begin;
  gsize length = scalar->end - scalar->begin;

  if (can_stay (scalar, source, length))
    g_string_append_len (out, source, (gssize) length);
  else if (cpac_config_is_null (scalar))
    g_string_append (out, "null");
  else
    append_quoted (out, scalar->text);
}

static void
append_pair (const CpacConfig *map, guint index, const char *text, GString *out)
{
  append_scalar (g_ptr_array_index (map->keys, index), text, out);
  g_string_append (out, ": ");
  cpac_config_append_flow (cpac_config_get_item (map, index), text, out);
}

void
cpac_config_append_flow (const CpacConfig *node, const char *text, GString *out)
{
  gboolean is_map = cpac_config_get_kind (node) == CPAC_CONFIG_MAP;

  if (cpac_config_get_kind (node) == CPAC_CONFIG_SCALAR) {
    append_scalar (node, text, out);
    return;
  }
  g_string_append_c (out, is_map ? '{' : '[');
  for (guint i = 0; i < cpac_config_get_length (node); i++) {
    g_string_append (out, i > 0 ? ", " : "");
    if (is_map)
      append_pair (node, i, text, out);
    else
      cpac_config_append_flow (cpac_config_get_item (node, i), text, out);
  }
  g_string_append_c (out, is_map ? '}' : ']');
}

void
cpac_config_append_pairs (const CpacConfig *map, const char *const *without, const char *text,
                          GString *out)
{
  for (guint i = 0; i < cpac_config_get_length (map); i++) {
    if (g_strv_contains (without, cpac_config_get_key (map, i)))
      continue;
    g_string_append (out, ", ");
    append_pair (map, i, text, out);
  }
}
