/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/model/json-writer.h"

#include <math.h>
#include <string.h>

static void
append_text (GString *json, const char *text)
{
  static const char special[] = "\"\\\b\f\n\r\t", letters[] = "\"\\bfnrt";
  g_autofree char *valid = g_utf8_make_valid (text, -1);

  g_string_append_c (json, '"');
  for (const char *c = valid; *c != '\0'; c++) {
    const char *found = strchr (special, *c);

    if (found != NULL)
      g_string_append_printf (json, "\\%c", letters[found - special]);
    else if (g_ascii_iscntrl (*c))
      g_string_append_printf (json, "\\u%04x", (guint) *c);
    else
      g_string_append_c (json, *c);
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
cpac_json_add_boolean (GString *json, const char *key, gboolean value)
{
  append_key (json, key);
  g_string_append (json, value ? "true" : "false");
}
