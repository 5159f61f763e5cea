/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/model/json.h"

#include <math.h>
#include <string.h>

typedef struct {
  const char *name;
  gsize base;
  const char *text, *at, *end;
  const CpacJsonBounds *bounds;
  guint levels, n_values;
} Scan;

static gboolean scan_value (Scan *scan, GError **error);

/* ---- Errors ---- */

static G_GNUC_PRINTF (4, 5) gboolean
    refuse_at (const Scan *scan, const char *at, GError **error, const char *format, ...)
{
  g_autofree char *message = NULL;
  va_list args;

  va_start (args, format);
  message = g_strdup_vprintf (format, args);
  va_end (args);
  g_set_error (error, CPAC_ERROR, CPAC_ERROR_PARSE, "%s: byte %" G_GSIZE_FORMAT ": %s", scan->name,
               scan->base + (at - scan->text), message);
  return FALSE;
}

static gboolean
refuse (const Scan *scan, GError **error, const char *expected)
{
  guchar c;

  if (scan->at == scan->end)
    return refuse_at (scan, scan->at, error, "found the end, expected %s", expected);
  c = *scan->at;
  if (g_ascii_isprint (c))
    return refuse_at (scan, scan->at, error, "found '%c', expected %s", c, expected);
  return refuse_at (scan, scan->at, error, "found byte 0x%02x, expected %s", c, expected);
}

/* ---- Characters ---- */

static char
peek (const Scan *scan)
{
  return scan->at < scan->end ? *scan->at : '\0';
}

static gboolean
take (Scan *scan, char c)
{
  if (scan->at == scan->end || *scan->at != c)
    return FALSE;
  scan->at++;
  return TRUE;
}

static void
skip_space (Scan *scan)
{
  while (scan->at < scan->end && memchr (" \t\n\r", *scan->at, 4))
    scan->at++;
}

/* ---- Texts ---- */

static gboolean
scan_hex4 (Scan *scan, gunichar *unit, GError **error)
{
  *unit = 0;
  for (guint i = 0; i < 4; i++, scan->at++) {
    int digit = scan->at < scan->end ? g_ascii_xdigit_value (*scan->at) : -1;

    if (digit < 0)
      return refuse (scan, error, "four hexadecimal digits");
    *unit = *unit * 16 + digit;
  }
  return TRUE;
}

/* Behind \u: one unit, or two that make a surrogate pair. */
static gboolean
scan_unicode (Scan *scan, GString *text, GError **error)
{
  const char *begin = scan->at - 2;
  gunichar c, low;

  if (!scan_hex4 (scan, &c, error))
    return FALSE;
  if (c == 0)
    return refuse_at (scan, begin, error, "found U+0000 in a text, expected none");
  if (c >= 0xd800 && c < 0xdc00) {
    if (!take (scan, '\\') || !take (scan, 'u'))
      return refuse (scan, error, "the second half of a surrogate pair");
    if (!scan_hex4 (scan, &low, error))
      return FALSE;
    if (low < 0xdc00 || low > 0xdfff)
      return refuse_at (scan, begin, error, "found half a surrogate pair, expected both halves");
    c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
  } else if (c >= 0xdc00 && c <= 0xdfff) {
    return refuse_at (scan, begin, error, "found half a surrogate pair, expected both halves");
  }
  g_string_append_unichar (text, c);
  return TRUE;
}

static gboolean
scan_escape (Scan *scan, GString *text, GError **error)
{
  static const char letters[] = "\"\\/bfnrt", meanings[] = "\"\\/\b\f\n\r\t";
  const char *letter;

  if (take (scan, 'u'))
    return scan_unicode (scan, text, error);
  letter = peek (scan) ? strchr (letters, peek (scan)) : NULL;
  if (letter == NULL)
    return refuse (scan, error, "one of \"\\/bfnrtu behind a backslash");
  g_string_append_c (text, meanings[letter - letters]);
  scan->at++;
  return TRUE;
}

/* @text receives what the string means, because two spellings of a key are one key. */
static gboolean
scan_string (Scan *scan, GString *text, const char *expected, GError **error)
{
  if (!take (scan, '"'))
    return refuse (scan, error, expected);
  while (!take (scan, '"')) {
    if (take (scan, '\\')) {
      if (!scan_escape (scan, text, error))
        return FALSE;
    } else if ((guchar) peek (scan) < 0x20) {
      return refuse (scan, error, "'\"' at the end of a text");
    } else {
      g_string_append_c (text, *scan->at++);
    }
  }
  return TRUE;
}

/* ---- Numbers ---- */

static gboolean
scan_digits (Scan *scan, GError **error)
{
  if (!g_ascii_isdigit (peek (scan)))
    return refuse (scan, error, "a digit");
  while (g_ascii_isdigit (peek (scan)))
    scan->at++;
  return TRUE;
}

static gboolean
check_range (const Scan *scan, const char *begin, gboolean is_integer, GError **error)
{
  g_autofree char *number = g_strndup (begin, scan->at - begin);

  if (is_integer && !g_ascii_string_to_signed (number, 10, G_MININT64, G_MAXINT64, NULL, NULL))
    return refuse_at (scan, begin, error, "found a longer integer, expected at most 64 bits");
  if (!is_integer && !isfinite (g_ascii_strtod (number, NULL)))
    return refuse_at (scan, begin, error, "found a number beyond a double, expected a finite one");
  return TRUE;
}

static gboolean
scan_number (Scan *scan, GError **error)
{
  const char *begin = scan->at;
  gboolean is_integer = TRUE;

  take (scan, '-');
  if (!take (scan, '0') && !scan_digits (scan, error))
    return FALSE;
  if (take (scan, '.')) {
    is_integer = FALSE;
    if (!scan_digits (scan, error))
      return FALSE;
  }
  if (take (scan, 'e') || take (scan, 'E')) {
    is_integer = FALSE;
    if (!take (scan, '-'))
      take (scan, '+');
    if (!scan_digits (scan, error))
      return FALSE;
  }
  return check_range (scan, begin, is_integer, error);
}

static gboolean
scan_word (Scan *scan, const char *word, GError **error)
{
  for (; *word; word++)
    if (!take (scan, *word))
      return refuse (scan, error, "true, false or null");
  return TRUE;
}

/* ---- Arrays and objects ---- */

static gboolean
enter (Scan *scan, GError **error)
{
  if (scan->levels == scan->bounds->max_levels)
    return refuse_at (scan, scan->at, error, "found nesting beyond level %u, expected at most that",
                      scan->bounds->max_levels);
  scan->levels++;
  scan->at++;
  skip_space (scan);
  return TRUE;
}

static gboolean
scan_array (Scan *scan, GError **error)
{
  if (!enter (scan, error))
    return FALSE;
  if (!take (scan, ']')) {
    do {
      if (!scan_value (scan, error))
        return FALSE;
    } while (take (scan, ','));
    if (!take (scan, ']'))
      return refuse (scan, error, "',' or ']'");
  }
  scan->levels--;
  return TRUE;
}

static gboolean
refuse_key (const Scan *scan, const char *begin, const char *key, GError **error)
{
  g_autofree char *excerpt = cpac_error_excerpt (key);

  return refuse_at (scan, begin, error, "found the key \"%s\" a second time, expected it once",
                    excerpt);
}

static gboolean
scan_member (Scan *scan, GHashTable *keys, GError **error)
{
  g_autoptr (GString) key = g_string_new (NULL);
  const char *begin;

  skip_space (scan);
  begin = scan->at;
  if (!scan_string (scan, key, "a key in quotes", error))
    return FALSE;
  if (!g_hash_table_add (keys, g_strdup (key->str)))
    return refuse_key (scan, begin, key->str, error);
  skip_space (scan);
  if (!take (scan, ':'))
    return refuse (scan, error, "':'");
  return scan_value (scan, error);
}

static gboolean
scan_object (Scan *scan, GError **error)
{
  g_autoptr (GHashTable) keys = NULL;

  if (!enter (scan, error))
    return FALSE;
  if (!take (scan, '}')) {
    keys = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
    do {
      if (!scan_member (scan, keys, error))
        return FALSE;
    } while (take (scan, ','));
    if (!take (scan, '}'))
      return refuse (scan, error, "',' or '}'");
  }
  scan->levels--;
  return TRUE;
}

static gboolean
scan_kind (Scan *scan, GError **error)
{
  g_autoptr (GString) text = NULL;

  switch (peek (scan)) {
    case '{':
      return scan_object (scan, error);
    case '[':
      return scan_array (scan, error);
    case '"':
      text = g_string_new (NULL);
      return scan_string (scan, text, "a text", error);
    case 't':
      return scan_word (scan, "true", error);
    case 'f':
      return scan_word (scan, "false", error);
    case 'n':
      return scan_word (scan, "null", error);
    case '-':
    case '0' ... '9':
      return scan_number (scan, error);
    default:
      return refuse (scan, error, "a value");
  }
}

/* One value and the white space around it. */
static gboolean
scan_value (Scan *scan, GError **error)
{
  skip_space (scan);
  if (scan->n_values++ == scan->bounds->max_values)
    return refuse_at (scan, scan->at, error, "found more than %u values, expected at most that",
                      scan->bounds->max_values);
  if (!scan_kind (scan, error))
    return FALSE;
  skip_space (scan);
  return TRUE;
}

static gboolean
check (Scan *scan, GError **error)
{
  const char *valid_end;

  if (!g_utf8_validate_len (scan->text, scan->end - scan->text, &valid_end))
    return refuse_at (scan, valid_end, error, "found byte 0x%02x, expected UTF-8",
                      (guint) (guchar) *valid_end);
  if (!scan_value (scan, error))
    return FALSE;
  return scan->at == scan->end || refuse (scan, error, "the end");
}

JsonNode *
cpac_json_parse (const char *name, gsize base, const char *text, gsize length,
                 const CpacJsonBounds *bounds, GError **error)
{
  Scan scan = { name, base, text, text, text + length, bounds, 0, 0 };
  g_autoptr (JsonParser) parser = NULL;
  g_autoptr (GError) reason = NULL;

  if (!check (&scan, error))
    return NULL;
  parser = json_parser_new ();
  if (!json_parser_load_from_data (parser, text, length, &reason)) {
    refuse_at (&scan, text, error, "%s", reason->message);
    return NULL;
  }
  return json_parser_steal_root (parser);
}
