/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/model/config-private.h"

#include <float.h>
#include <math.h>
#include <string.h>

/* ---- The text of a number ---- */

static const char *
skip_sign (const char *text)
{
  return *text == '-' || *text == '+' ? text + 1 : text;
}

static const char *
skip_digits (const char *text)
{
  while (g_ascii_isdigit (*text))
    text++;
  return text;
}

/* [-+]? [0-9]+ */
static gboolean
is_integer (const char *text)
{
  const char *digits = skip_sign (text);
  const char *end = skip_digits (digits);

  return end > digits && *end == '\0';
}

/* [-+]? ( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )? : YAML 1.2, 10.3.2 */
static gboolean
is_number (const char *text)
{
  const char *mantissa = skip_sign (text);
  const char *end = skip_digits (mantissa);
  gsize n_digits = end - mantissa;
  const char *fraction;

  if (*end == '.') {
    fraction = end + 1;
    end = skip_digits (fraction);
    n_digits += end - fraction;
  }
  if (n_digits == 0)
    return FALSE;
  return *end == '\0' || ((*end == 'e' || *end == 'E') && is_integer (end + 1));
}

static gboolean
is_plain (const CpacConfig *node)
{
  return node->kind == CPAC_CONFIG_SCALAR && !node->quoted;
}

/* ---- One node ---- */

static gboolean
refuse_uint (const CpacConfig *node, guint64 min, guint64 max, guint64 no_max, GError **error)
{
  g_autofree char *expected = NULL;

  if (min == max)
    expected = g_strdup_printf ("%" G_GUINT64_FORMAT, min);
  else if (max == no_max)
    expected = g_strdup_printf ("a whole number of at least %" G_GUINT64_FORMAT, min);
  else
    expected = g_strdup_printf ("a whole number from %" G_GUINT64_FORMAT " to %" G_GUINT64_FORMAT,
                                min, max);
  return cpac_config_refuse (node, error, expected);
}

/* @no_max is the @max that stands for no bound. */
static gboolean
as_unsigned (const CpacConfig *node, guint64 min, guint64 max, guint64 no_max, guint64 *value,
             GError **error)
{
  guint64 number;

  if (!is_plain (node) || !is_integer (node->text) ||
      !g_ascii_string_to_unsigned (node->text + (*node->text == '+'), 10, min, max, &number, NULL))
    return refuse_uint (node, min, max, no_max, error);
  *value = number;
  return TRUE;
}

gboolean
cpac_config_as_uint (const CpacConfig *node, guint64 min, guint64 max, guint64 *value,
                     GError **error)
{
  return as_unsigned (node, min, max, G_MAXUINT64, value, error);
}

static gboolean
refuse_double (const CpacConfig *node, double min, double max, GError **error)
{
  char low[G_ASCII_DTOSTR_BUF_SIZE], high[G_ASCII_DTOSTR_BUF_SIZE];
  g_autofree char *expected = NULL;

  g_ascii_formatd (low, sizeof low, "%.15g", min);
  g_ascii_formatd (high, sizeof high, "%.15g", max);
  if (min <= -DBL_MAX && max >= DBL_MAX)
    expected = g_strdup ("a number");
  else if (min == DBL_MIN && max >= DBL_MAX)
    expected = g_strdup ("a number above 0");
  else if (min <= -DBL_MAX)
    expected = g_strdup_printf ("a number of at most %s", high);
  else if (max >= DBL_MAX)
    expected = g_strdup_printf ("a number of at least %s", low);
  else if (min == DBL_MIN)
    expected = g_strdup_printf ("a number above 0, at most %s", high);
  else
    expected = g_strdup_printf ("a number from %s to %s", low, high);
  return cpac_config_refuse (node, error, expected);
}

gboolean
cpac_config_as_double (const CpacConfig *node, double min, double max, double *value,
                       GError **error)
{
  double number;

  if (!is_plain (node) || !is_number (node->text))
    return refuse_double (node, min, max, error);
  number = g_ascii_strtod (node->text, NULL);
  if (!isfinite (number) || number < min || number > max)
    return refuse_double (node, min, max, error);
  *value = number;
  return TRUE;
}

gboolean
cpac_config_as_boolean (const CpacConfig *node, gboolean *value, GError **error)
{
  gboolean is_true = is_plain (node) && g_str_equal (node->text, "true");
  gboolean is_false = is_plain (node) && g_str_equal (node->text, "false");

  if (!is_true && !is_false)
    return cpac_config_refuse (node, error, "true or false");
  *value = is_true;
  return TRUE;
}

const char *
cpac_config_as_string (const CpacConfig *node, GError **error)
{
  if (node->kind != CPAC_CONFIG_SCALAR || *node->text == '\0' || cpac_config_is_null (node)) {
    cpac_config_refuse (node, error, "text that is not empty");
    return NULL;
  }
  return node->text;
}

static gboolean
refuse_choice (const CpacConfig *node, const char *const *names, GError **error)
{
  g_autofree char *list = g_strjoinv (", ", (char **) names);
  const char *nearest = NULL;
  g_autofree char *expected = NULL;

  if (node->kind == CPAC_CONFIG_SCALAR)
    nearest = cpac_config_nearest (node->text, names, NULL);
  expected = g_strdup_printf ("one of %s%s%s%s", list, nearest ? " (did you mean \"" : "",
                              nearest ? nearest : "", nearest ? "\"?)" : "");
  return cpac_config_refuse (node, error, expected);
}

gboolean
cpac_config_as_choice (const CpacConfig *node, const char *const *names, guint *index,
                       GError **error)
{
  if (node->kind != CPAC_CONFIG_SCALAR)
    return refuse_choice (node, names, error);
  for (guint i = 0; names[i]; i++)
    if (g_str_equal (names[i], node->text)) {
      *index = i;
      return TRUE;
    }
  return refuse_choice (node, names, error);
}

/* ---- The value of a key ---- */

/* FALSE with @error set when @map is none; otherwise *node is the value or NULL. */
static gboolean
find_optional (const CpacConfig *map, const char *key, const CpacConfig **node, GError **error)
{
  if (map->kind != CPAC_CONFIG_MAP)
    return cpac_config_refuse (map, error, "a map");
  *node = cpac_config_peek (map, key);
  return TRUE;
}

static gboolean
as_guint (const CpacConfig *node, guint min, guint max, guint *value, GError **error)
{
  guint64 number;

  if (!as_unsigned (node, min, max, G_MAXUINT, &number, error))
    return FALSE;
  *value = number;
  return TRUE;
}

gboolean
cpac_config_get_uint (const CpacConfig *map, const char *key, guint min, guint max, guint *value,
                      GError **error)
{
  const CpacConfig *node = cpac_config_get (map, key, error);

  return node && as_guint (node, min, max, value, error);
}

gboolean
cpac_config_get_uint_default (const CpacConfig *map, const char *key, guint min, guint max,
                              guint *value, GError **error)
{
  const CpacConfig *node = NULL;

  return find_optional (map, key, &node, error) &&
         (node == NULL || as_guint (node, min, max, value, error));
}

gboolean
cpac_config_get_uint64_default (const CpacConfig *map, const char *key, guint64 min, guint64 max,
                                guint64 *value, GError **error)
{
  const CpacConfig *node = NULL;

  return find_optional (map, key, &node, error) &&
         (node == NULL || cpac_config_as_uint (node, min, max, value, error));
}

gboolean
cpac_config_get_double (const CpacConfig *map, const char *key, double min, double max,
                        double *value, GError **error)
{
  const CpacConfig *node = cpac_config_get (map, key, error);

  return node && cpac_config_as_double (node, min, max, value, error);
}

gboolean
cpac_config_get_double_default (const CpacConfig *map, const char *key, double min, double max,
                                double *value, GError **error)
{
  const CpacConfig *node = NULL;

  return find_optional (map, key, &node, error) &&
         (node == NULL || cpac_config_as_double (node, min, max, value, error));
}

gboolean
cpac_config_get_boolean_default (const CpacConfig *map, const char *key, gboolean *value,
                                 GError **error)
{
  const CpacConfig *node = NULL;

  return find_optional (map, key, &node, error) &&
         (node == NULL || cpac_config_as_boolean (node, value, error));
}

gboolean
cpac_config_get_choice_default (const CpacConfig *map, const char *key, const char *const *names,
                                guint *index, GError **error)
{
  const CpacConfig *node = NULL;

  return find_optional (map, key, &node, error) &&
         (node == NULL || cpac_config_as_choice (node, names, index, error));
}

const char *
cpac_config_get_string (const CpacConfig *map, const char *key, GError **error)
{
  const CpacConfig *node = cpac_config_get (map, key, error);

  return node ? cpac_config_as_string (node, error) : NULL;
}

/* ---- Lists ---- */

static gboolean
refuse_list (const CpacConfig *node, guint min_length, guint max_length, const char *what,
             GError **error)
{
  g_autofree char *range = NULL;
  const char *key = node->key ? node->key : "list";

  if (min_length == max_length)
    range = g_strdup_printf ("%u", min_length);
  else if (max_length == G_MAXUINT)
    range = g_strdup_printf ("at least %u", min_length);
  else
    range = g_strdup_printf ("%u to %u", min_length, max_length);
  if (node->kind == CPAC_CONFIG_LIST)
    return cpac_config_error (node, CPAC_ERROR_SCHEMA, error,
                              "%s: found a list of %u, expected a list of %s %s", key,
                              node->items->len, range, what);
  g_free (range);
  range = g_strdup_printf ("a list of %s", what);
  return cpac_config_refuse (node, error, range);
}

/* The list of @key, of a length in the bounds; NULL with @error set. */
static const CpacConfig *
get_list (const CpacConfig *map, const char *key, guint min_length, guint max_length,
          const char *what, GError **error)
{
  const CpacConfig *node = cpac_config_get (map, key, error);

  if (node == NULL)
    return NULL;
  if (node->kind == CPAC_CONFIG_LIST && node->items->len >= min_length &&
      node->items->len <= max_length)
    return node;
  refuse_list (node, min_length, max_length, what, error);
  return NULL;
}

GArray *
cpac_config_get_doubles (const CpacConfig *map, const char *key, guint min_length, guint max_length,
                         double min, double max, GError **error)
{
  const CpacConfig *list = get_list (map, key, min_length, max_length, "numbers", error);
  g_autoptr (GArray) values = NULL;

  if (list == NULL)
    return NULL;
  values = g_array_new (FALSE, FALSE, sizeof (double));
  for (guint i = 0; i < list->items->len; i++) {
    double value;

    if (!cpac_config_as_double (g_ptr_array_index (list->items, i), min, max, &value, error))
      return NULL;
    g_array_append_val (values, value);
  }
  return g_steal_pointer (&values);
}

gboolean
cpac_config_get_uints (const CpacConfig *map, const char *key, guint n, guint min, guint max,
                       guint *values, GError **error)
{
  const CpacConfig *list = get_list (map, key, n, n, "whole numbers", error);
  g_autofree guint *numbers = NULL;

  if (list == NULL)
    return FALSE;
  numbers = g_new (guint, n);
  for (guint i = 0; i < n; i++)
    if (!as_guint (g_ptr_array_index (list->items, i), min, max, &numbers[i], error))
      return FALSE;
  memcpy (values, numbers, n * sizeof *values);
  return TRUE;
}

/* @seen: text -> the node it was first found at. */
static gboolean
add_text (GStrvBuilder *texts, GHashTable *seen, const CpacConfig *node, GError **error)
{
  const char *text = cpac_config_as_string (node, error);
  const CpacConfig *first;
  g_autofree char *found = NULL;

  if (text == NULL)
    return FALSE;
  first = g_hash_table_lookup (seen, text);
  if (first) {
    found = cpac_config_describe_found (node);
    return cpac_config_error (node, CPAC_ERROR_SCHEMA, error,
                              "%s: found %s a second time (first at %u:%u), expected it once",
                              node->key, found, first->line, first->column);
  }
  g_hash_table_insert (seen, (gpointer) text, (gpointer) node);
  g_strv_builder_add (texts, text);
  return TRUE;
}

char **
cpac_config_get_strings (const CpacConfig *map, const char *key, guint max_length, GError **error)
{
  const CpacConfig *list = get_list (map, key, 0, max_length, "texts", error);
  g_autoptr (GStrvBuilder) texts = g_strv_builder_new ();
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);

  if (list == NULL)
    return NULL;
  for (guint i = 0; i < list->items->len; i++)
    if (!add_text (texts, seen, g_ptr_array_index (list->items, i), error))
      return NULL;
  return g_strv_builder_end (texts);
}
