/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/model/json-writer.h"

#include <math.h>
#include <string.h>

static void
append_escaped (GString *json, char c)
{
  static const char special[] = "\"\\\b\f\n\r\t", letters[] = "\"\\bfnrt";
  const char *found = strchr (special, c);

  if (found != NULL)
    g_string_append_printf (json, "\\%c", letters[found - special]);
  else
    g_string_append_printf (json, "\\u%04x", (guint) c);
}

static gboolean
is_plain (char c)
{
  return c != '"' && c != '\\' && !g_ascii_iscntrl (c);
}

static void
append_text (GString *json, const char *text)
{
  g_autofree char *valid = g_utf8_validate (text, -1, NULL) ? NULL : g_utf8_make_valid (text, -1);
  const char *c = valid != NULL ? valid : text;

  g_string_append_c (json, '"');
  while (*c != '\0') {
    const char *begin = c;

    while (*c != '\0' && is_plain (*c))
      c++;
    g_string_append_len (json, begin, c - begin);
    if (*c != '\0')
      append_escaped (json, *c++);
  }
  g_string_append_c (json, '"');
}

/* The comma is needed behind whatever is a whole value. */
static void
append_key (GString *json, const char *key)
{
  char last = json->len > 0 ? json->str[json->len - 1] : '{';

  if (last != '{' && last != '[')
    g_string_append_c (json, ',');
  if (key == NULL)
    return;
  append_text (json, key);
  g_string_append_c (json, ':');
}

void
cpac_json_open (GString *json, const char *key, char bracket)
{
  append_key (json, key);
  g_string_append_c (json, bracket);
}

void
cpac_json_close (GString *json, char bracket)
{
  g_string_append_c (json, bracket);
}

void
cpac_json_add_text (GString *json, const char *key, const char *value)
{
  append_key (json, key);
  append_text (json, value);
}

void
cpac_json_add_int (GString *json, const char *key, gint64 value)
{
  append_key (json, key);
  g_string_append_printf (json, "%" G_GINT64_FORMAT, value);
}

void
cpac_json_add_count (GString *json, const char *key, guint64 value)
{
  cpac_json_add_int (json, key, (gint64) value);
}

void
cpac_json_add_double (GString *json, const char *key, double value)
{
  char number[G_ASCII_DTOSTR_BUF_SIZE];

  g_assert (isfinite (value));
  append_key (json, key);
  g_string_append (json, g_ascii_dtostr (number, sizeof number, value));
  if (strpbrk (number, ".e") == NULL)
    g_string_append (json, ".0");
}

void
cpac_json_add_finite (GString *json, const char *key, double value)
{
  if (isfinite (value))
    cpac_json_add_double (json, key, value);
}

void
cpac_json_add_boolean (GString *json, const char *key, gboolean value)
{
  append_key (json, key);
  g_string_append (json, value ? "true" : "false");
}

void
cpac_json_add_json (GString *json, const char *key, const char *value)
{
  append_key (json, key);
  g_string_append (json, value);
}

static void
add_scalar (GString *json, const char *key, JsonNode *node)
{
  GType type = json_node_get_value_type (node);

  if (type == G_TYPE_STRING) {
    cpac_json_add_text (json, key, json_node_get_string (node));
  } else if (type == G_TYPE_INT64) {
    cpac_json_add_int (json, key, json_node_get_int (node));
  } else if (type == G_TYPE_BOOLEAN) {
    cpac_json_add_boolean (json, key, json_node_get_boolean (node));
  } else if (type == G_TYPE_DOUBLE && isfinite (json_node_get_double (node))) {
    cpac_json_add_double (json, key, json_node_get_double (node));
  } else {
    append_key (json, key);
    g_string_append (json, "null");
  }
}

static void
add_node (GString *json, const char *key, JsonNode *node)
{
  if (JSON_NODE_HOLDS_OBJECT (node)) {
    JsonObject *object = json_node_get_object (node);
    g_autoptr (GList) names = json_object_get_members (object);

    cpac_json_open (json, key, '{');
    for (const GList *name = names; name != NULL; name = name->next)
      add_node (json, name->data, json_object_get_member (object, name->data));
    cpac_json_close (json, '}');
  } else if (JSON_NODE_HOLDS_ARRAY (node)) {
    JsonArray *array = json_node_get_array (node);

    cpac_json_open (json, key, '[');
    for (guint i = 0; i < json_array_get_length (array); i++)
      add_node (json, NULL, json_array_get_element (array, i));
    cpac_json_close (json, ']');
  } else {
    add_scalar (json, key, node);
  }
}

char *
cpac_json_from_builder (JsonBuilder *builder)
{
  g_autoptr (JsonNode) root = json_builder_get_root (builder);
  g_autoptr (GString) json = g_string_new (NULL);

  add_node (json, NULL, root);
  g_string_append_c (json, '\n');
  return g_string_free (g_steal_pointer (&json), FALSE);
}
