/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/model/config.h"

#include <float.h>
#include <locale.h>
#include <math.h>
#include <string.h>

static CpacConfig *
parse (const char *text)
{
  g_autoptr (GError) error = NULL;
  CpacConfig *root = cpac_config_parse ("t.yaml", text, strlen (text), &error);

  g_assert_no_error (error);
  g_assert_nonnull (root);
  return root;
}

/* ---- Numbers and booleans ---- */

static const struct {
  const char *text;
  double value; /* NAN: refused */
} doubles[] = {
  { "0", 0 },
  { "-0", -0.0 },
  { "+7", 7 },
  { "007", 7 },
  { "1.5", 1.5 },
  { ".5", 0.5 },
  { "5.", 5 },
  { "-2e3", -2000 },
  { "1E+2", 100 },
  { "25e-2", 0.25 },
  { "0.1", 0.1 },
  { "1e308", 1e308 },
  { "4.9e-324", 4.9e-324 },
  { "1e-400", 0 },
  { "!!float 3", 3 },
  { "!!int '3'", NAN },
  { "1e309", NAN },
  { "-1e309", NAN },
  { "", NAN },
  { "''", NAN },
  { "'1'", NAN },
  { "\"1\"", NAN },
  { "0x10", NAN },
  { "0x1p3", NAN },
  { "0o17", NAN },
  { ".inf", NAN },
  { "-.inf", NAN },
  { ".nan", NAN },
  { "inf", NAN },
  { "nan", NAN },
  { "infinity", NAN },
  { "1,5", NAN },
  { "1.5x", NAN },
  { "1 2", NAN },
  { "1_000", NAN },
  { "e5", NAN },
  { "1e", NAN },
  { "1e+", NAN },
  { ".", NAN },
  { "+", NAN },
  { "-.", NAN },
  { "+-1", NAN },
  { "1.2.3", NAN },
  { "1e5.0", NAN },
  { "true", NAN },
  { "[1]", NAN },
  { "{a: 1}", NAN },
  { "!!str 1", NAN },
  { "|\n  1", NAN },
  { "\xd9\xa1", NAN }, /* an Arabic digit */
};

static void
test_doubles (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (doubles); i++) {
    g_autofree char *text = g_strdup_printf ("x: %s", doubles[i].text);
    g_autoptr (CpacConfig) root = parse (text);
    g_autoptr (GError) error = NULL;
    double value = 42;
    gboolean done = cpac_config_get_double (root, "x", -DBL_MAX, DBL_MAX, &value, &error);

    g_test_message ("%s", doubles[i].text);
    if (isnan (doubles[i].value)) {
      g_assert_false (done);
      g_assert_error (error, CPAC_ERROR, CPAC_ERROR_SCHEMA);
      g_assert_true (g_str_has_prefix (error->message, "t.yaml:"));
      g_assert_true (g_str_has_suffix (error->message, ", expected a number"));
      g_assert_cmpfloat (value, ==, 42);
    } else {
      g_assert_no_error (error);
      g_assert_true (done);
      g_assert_cmpmem (&value, sizeof value, &doubles[i].value, sizeof doubles[i].value);
    }
  }
}

/* The decimal comma of the locale must not leak in, in either direction. */
static void
test_locale (void)
{
  static const char *const locales[] = { "de_DE.UTF-8", "fr_FR.UTF-8", "de_DE.utf8", NULL };
  g_autofree char *before = g_strdup (setlocale (LC_ALL, NULL));
  guint i = 0;

  while (locales[i] && setlocale (LC_ALL, locales[i]) == NULL)
    i++;
  if (locales[i] == NULL) {
    g_test_skip ("no locale with a decimal comma is installed");
    return;
  }
  test_doubles ();
  setlocale (LC_ALL, before);
}

static const struct {
  const char *text;
  guint64 min, max;
  gint64 value; /* -1: refused */
} integers[] = {
  { "0", 0, 9, 0 },
  { "+9", 0, 9, 9 },
  { "010", 0, 99, 10 },
  { "9223372036854775807", 0, G_MAXUINT64, G_MAXINT64 },
  { "18446744073709551616", 0, G_MAXUINT64, -1 },
  { "99999999999999999999999999999", 0, G_MAXUINT64, -1 },
  { "2", 3, 9, -1 },
  { "10", 3, 9, -1 },
  { "-1", 0, 9, -1 },
  { "-18446744073709551615", 0, 9, -1 },
  { "1.0", 0, 9, -1 },
  { "1e0", 0, 9, -1 },
  { "0x1", 0, 9, -1 },
  { "'1'", 0, 9, -1 },
  { "1 ", 0, 9, 1 },
  { "", 0, 9, -1 },
  { "+ 1", 0, 9, -1 },
  { "++1", 0, 9, -1 },
  { "[1]", 0, 9, -1 },
};

static void
test_integers (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (integers); i++) {
    g_autofree char *text = g_strdup_printf ("x: %s", integers[i].text);
    g_autoptr (CpacConfig) root = parse (text);
    g_autoptr (GError) error = NULL;
    guint64 value = 42;
    gboolean done = cpac_config_as_uint (cpac_config_peek (root, "x"), integers[i].min,
                                         integers[i].max, &value, &error);

    g_test_message ("%s", integers[i].text);
    g_assert_cmpint (done, ==, integers[i].value >= 0);
    g_assert_cmpuint (value, ==, done ? (guint64) integers[i].value : 42);
    if (!done)
      g_assert_error (error, CPAC_ERROR, CPAC_ERROR_SCHEMA);
  }
}

static void
test_booleans (void)
{
  static const char *const not_booleans[] = { "yes", "no",     "True", "FALSE", "on", "1",
                                              "",    "'true'", "[]",   "~",     NULL };
  g_autoptr (CpacConfig) root = parse ("t: true\nf: false\n");
  gboolean value = 42;

  g_assert_true (cpac_config_as_boolean (cpac_config_peek (root, "t"), &value, NULL));
  g_assert_cmpint (value, ==, TRUE);
  g_assert_true (cpac_config_as_boolean (cpac_config_peek (root, "f"), &value, NULL));
  g_assert_cmpint (value, ==, FALSE);
  for (guint i = 0; not_booleans[i]; i++) {
    g_autofree char *text = g_strdup_printf ("x: %s", not_booleans[i]);
    g_autoptr (CpacConfig) other = parse (text);
    g_autoptr (GError) error = NULL;

    value = 42;
    g_assert_false (cpac_config_get_boolean_default (other, "x", &value, &error));
    g_assert_error (error, CPAC_ERROR, CPAC_ERROR_SCHEMA);
    g_assert_cmpint (value, ==, 42);
  }
}

/* ---- Errors of values, to the letter ---- */

static const char *const heads[] = { "classifier", "map", "gaussian", NULL };
static const char *const layer_keys[] = { "name", "type", NULL };
static const char *const conv_keys[] = { "filters", "kernel", "rank", NULL };

/* Reads the value of "x" as what the letter says. */
static gboolean
read_as (const CpacConfig *root, char what, GError **error)
{
  guint small[2] = { 42, 42 };
  guint64 big = 42;
  double real = 42;
  gboolean truth = 42;
  g_autoptr (GArray) array = NULL;
  g_auto (GStrv) texts = NULL;

  switch (what) {
    case 'u':
      return cpac_config_get_uint (root, "x", 1, 64, small, error);
    case 'U':
      return cpac_config_get_uint_default (root, "x", 1, G_MAXUINT, small, error);
    case 'l':
      return cpac_config_get_uint64_default (root, "x", 5, 5, &big, error);
    case 'd':
      return cpac_config_get_double (root, "x", 0, 1, &real, error);
    case '+':
      return cpac_config_get_double_default (root, "x", DBL_MIN, DBL_MAX, &real, error);
    case '1':
      return cpac_config_get_double_default (root, "x", DBL_MIN, 0.5, &real, error);
    case '>':
      return cpac_config_get_double_default (root, "x", 0.1, DBL_MAX, &real, error);
    case '<':
      return cpac_config_get_double_default (root, "x", -DBL_MAX, 0.1, &real, error);
    case 'b':
      return cpac_config_get_boolean_default (root, "x", &truth, error);
    case 'c':
      return cpac_config_get_choice_default (root, "x", heads, small, error);
    case 's':
      return cpac_config_get_string (root, "x", error) != NULL;
    case 'D':
      array = cpac_config_get_doubles (root, "x", 1, 3, 0, 255, error);
      return array != NULL;
    case 'I':
      return cpac_config_get_uints (root, "x", 2, 1, 9, small, error);
    case 'S':
      texts = cpac_config_get_strings (root, "x", 3, error);
      return texts != NULL;
    case 'k':
      return cpac_config_check_keys2 (root, layer_keys, conv_keys, error);
    case 'K':
      return cpac_config_check_keys (root, layer_keys, error);
    default:
      g_assert_not_reached ();
  }
}

static const struct {
  char what;
  const char *text, *error; /* NULL: accepted */
} values[] = {
  { 'u', "x: 64", NULL },
  { 'u', "x: 0", "1:4: x: found 0, expected a whole number from 1 to 64" },
  { 'u', "x: \"5\"", "1:4: x: found the text \"5\", expected a whole number from 1 to 64" },
  { 'u', "y: 5", "1:1: found no key \"x\" in this map, expected one" },
  { 'u', "- 5", "1:1: found a list, expected a map" },
  { 'u', "x:", "1:3: x: found an empty value, expected a whole number from 1 to 64" },
  { 'u', "x: |\n  a\n  b\n",
    "1:4: x: found the text \"a\\nb\\n\", expected a whole number from 1 to 64" },
  { 'u', "x: 0123456789012345678901234567890123456789012345678901234567890123\xc3\xa4",
    "1:4: x: found 0123456789012345678901234567890123456789012345678901234567890123..., expected "
    "a whole number from 1 to 64" },
  { 'u', "x: \xc3\xa4\\", "1:4: x: found \xc3\xa4\\\\, expected a whole number from 1 to 64" },
  { 'U', "y: 5", NULL },
  { 'U', "x: 4294967295", NULL },
  { 'U', "x: 4294967296", "1:4: x: found 4294967296, expected a whole number of at least 1" },
  { 'U', "5", "1:1: found 5, expected a map" },
  { 'l', "x: 5", NULL },
  { 'l', "x: 6", "1:4: x: found 6, expected 5" },
  { 'd', "x: 1", NULL },
  { 'd', "x: 1.5", "1:4: x: found 1.5, expected a number from 0 to 1" },
  { 'd', "x: -1e-300", "1:4: x: found -1e-300, expected a number from 0 to 1" },
  { 'd', "x: [1]", "1:4: x: found a list, expected a number from 0 to 1" },
  { '+', "x: 1e-300", NULL },
  { '+', "x: 0", "1:4: x: found 0, expected a number above 0" },
  { '1', "x: 0.6", "1:4: x: found 0.6, expected a number above 0, at most 0.5" },
  { '>', "x: 0.09", "1:4: x: found 0.09, expected a number of at least 0.1" },
  { '<', "x: 0.11", "1:4: x: found 0.11, expected a number of at most 0.1" },
  { 'b', "y: 1", NULL },
  { 'b', "x: yes", "1:4: x: found yes, expected true or false" },
  { 'c', "x: gaussian", NULL },
  { 'c', "x: 'map'", NULL },
  { 'c', "x: clasifier",
    "1:4: x: found clasifier, expected one of classifier, map, gaussian (did you mean "
    "\"classifier\"?)" },
  { 'c', "x: elephant", "1:4: x: found elephant, expected one of classifier, map, gaussian" },
  { 'c', "x: {}", "1:4: x: found a map, expected one of classifier, map, gaussian" },
  { 's', "x: 12", NULL },
  { 's', "x: ''", "1:4: x: found the text \"\", expected text that is not empty" },
  { 's', "x: ~", "1:4: x: found an empty value, expected text that is not empty" },
  { 's', "x: [a]", "1:4: x: found a list, expected text that is not empty" },
  { 's', "y: a", "1:1: found no key \"x\" in this map, expected one" },
  { 'D', "x: [0, 255, 1.5]", NULL },
  { 'D', "x: []", "1:4: x: found a list of 0, expected a list of 1 to 3 numbers" },
  { 'D', "x: [1, 2, 3, 4]", "1:4: x: found a list of 4, expected a list of 1 to 3 numbers" },
  { 'D', "x: 1", "1:4: x: found 1, expected a list of numbers" },
  { 'D', "x:\n- 1\n- 256\n", "3:3: x: found 256, expected a number from 0 to 255" },
  { 'I', "x: [3, 3]", NULL },
  { 'I', "x: [3]", "1:4: x: found a list of 1, expected a list of 2 whole numbers" },
  { 'I', "x: [3, 0]", "1:8: x: found 0, expected a whole number from 1 to 9" },
  { 'S', "x: [a, \"b\", 3]", NULL },
  { 'S', "x: []", NULL },
  { 'S', "x: [a, b, c, d]", "1:4: x: found a list of 4, expected a list of 0 to 3 texts" },
  { 'S', "x: [a, b, 'a']",
    "1:11: x: found the text \"a\" a second time (first at 1:5), expected it once" },
  { 'S', "x: [a, ]", NULL },
  { 'S', "x: [a, ~]", "1:8: x: found an empty value, expected text that is not empty" },
  { 'k', "name: a\nrank: 3", NULL },
  { 'k', "name: a\n\xc3\xa4rnak: 3",
    "2:1: found the unknown key \"\xc3\xa4rnak\", expected one of name, type, filters, kernel, "
    "rank" },
  { 'k', "{name: a, rnak: 3}",
    "1:11: found the unknown key \"rnak\" (did you mean \"rank\"?), expected one of name, type, "
    "filters, kernel, rank" },
  { 'k', "[name]", "1:1: found a list, expected a map" },
  { 'K', "<<: 3", "1:1: found the unknown key \"<<\", expected one of name, type" },
  { 'K', "typ: 3",
    "1:1: found the unknown key \"typ\" (did you mean \"type\"?), expected one of name, type" },
  { 'K', "Name: 3",
    "1:1: found the unknown key \"Name\" (did you mean \"name\"?), expected one of name, type" },
};

static void
test_values (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (values); i++) {
    g_autoptr (CpacConfig) root = parse (values[i].text);
    g_autoptr (GError) error = NULL;
    gboolean done = read_as (root, values[i].what, &error);

    if (values[i].error == NULL) {
      g_assert_no_error (error);
      g_assert_true (done);
    } else {
      g_assert_false (done);
      g_assert_error (error, CPAC_ERROR, CPAC_ERROR_SCHEMA);
      g_assert_true (g_str_has_prefix (error->message, "t.yaml:"));
      g_assert_cmpstr (error->message + strlen ("t.yaml:"), ==, values[i].error);
    }
  }
}

/* A list that fails half-way leaves nothing behind; the good ones give what was written. */
static void
test_lists (void)
{
  g_autoptr (CpacConfig) root = parse ("a: [1, 2]\nb: [1, x]\nc: [0.5, 2]\nd: [u, \"\xc3\xa4 v\"]");
  guint pair[2] = { 42, 42 };
  g_autoptr (GArray) numbers = NULL;
  g_auto (GStrv) texts = NULL;
  guint index = 42;

  g_assert_false (cpac_config_get_uints (root, "b", 2, 1, 9, pair, NULL));
  g_assert_cmpuint (pair[0], ==, 42);
  g_assert_true (cpac_config_get_uints (root, "a", 2, 1, 9, pair, NULL));
  g_assert_cmpuint (pair[0], ==, 1);
  g_assert_cmpuint (pair[1], ==, 2);
  numbers = cpac_config_get_doubles (root, "c", 2, G_MAXUINT, 0, 9, NULL);
  g_assert_cmpuint (numbers->len, ==, 2);
  g_assert_cmpfloat (g_array_index (numbers, double, 0), ==, 0.5);
  g_assert_cmpfloat (g_array_index (numbers, double, 1), ==, 2);
  texts = cpac_config_get_strings (root, "d", 2, NULL);
  g_assert_cmpuint (g_strv_length (texts), ==, 2);
  g_assert_cmpstr (texts[1], ==, "\xc3\xa4 v");
  g_assert_false (cpac_config_as_choice (cpac_config_get_item (root, 0), heads, &index, NULL));
  g_assert_cmpuint (index, ==, 42);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/config/doubles", test_doubles);
  g_test_add_func ("/config/locale", test_locale);
  g_test_add_func ("/config/integers", test_integers);
  g_test_add_func ("/config/booleans", test_booleans);
  g_test_add_func ("/config/values", test_values);
  g_test_add_func ("/config/lists", test_lists);
  return g_test_run ();
}
