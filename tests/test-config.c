/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/model/config.h"

#include <string.h>
#include <glib/gstdio.h>

static CpacConfig *
parse (const char *text)
{
  g_autoptr (GError) error = NULL;
  CpacConfig *root = cpac_config_parse ("t.yaml", text, strlen (text), &error);

  g_assert_no_error (error);
  g_assert_nonnull (root);
  return root;
}

static void
assert_span (const char *text, const CpacConfig *node, const char *expected)
{
  gsize begin, end;
  g_autofree char *span = NULL;

  cpac_config_get_span (node, &begin, &end);
  span = g_strndup (text + begin, end - begin);
  g_assert_cmpstr (span, ==, expected);
}

static void
assert_place (const CpacConfig *node, guint expected_line, guint expected_column)
{
  guint line = 0, column = 0;

  cpac_config_get_place (node, &line, &column);
  g_assert_cmpuint (line, ==, expected_line);
  g_assert_cmpuint (column, ==, expected_column);
}

/* ---- What is refused while reading ---- */

static const struct {
  const char *text, *error;
} refused[] = {
  { "", "t.yaml:1:1: found an empty document, expected a map" },
  { "# nothing\n", "t.yaml:1:1: found an empty document, expected a map" },
  { "---\n...\n", "t.yaml:1:1: found an empty document, expected a map" },
  { "null\n", "t.yaml:1:1: found an empty document, expected a map" },
  { "a: 1\n---\nb: 2\n", "t.yaml:2:1: found a second document, expected one in a file" },
  { "a: [1, 2\nb: 3\n",
    "t.yaml:2:2: did not find expected ',' or ']', while parsing a flow sequence that begins at "
    "1:4" },
  { "a: 1\n b: 2\n", "t.yaml:2:3: mapping values are not allowed in this context" },
  { "a: \"x\n", "t.yaml:2:1: found unexpected end of stream, while scanning a quoted scalar that "
                "begins at 1:4" },
  { "a: 1\n\tb: 2\n", "t.yaml:2:1: found a tab character that violates indentation, while scanning "
                      "a plain scalar that begins at 1:4" },
  { "a: *b\n", "t.yaml:1:4: found the alias *b, expected an anchor &b before it" },
  { "a: &a [*a]\n", "t.yaml:1:8: found the alias *a inside the value it stands for (at 1:7), "
                    "expected it behind that" },
  { "a: &a\n  b: {c: *a}\n", "t.yaml:2:10: found the alias *a inside the value it stands for (at "
                             "2:3), expected it behind that" },
  { "a: &x 1\nb: &x 2\n",
    "t.yaml:2:4: found the anchor &x a second time (first at 1:7), expected it once" },
  { "rank: 5\nname: x\nrank: 6\n",
    "t.yaml:3:1: found the key \"rank\" a second time (first at 1:1), expected it once" },
  { "a: {\"\\u00e4\": 1, \xc3\xa4: 2}\n",
    "t.yaml:1:18: found the key \"\xc3\xa4\" a second time (first at 1:5), expected it once" },
  { "a: {b: 1, b: 2}\n",
    "t.yaml:1:11: found the key \"b\" a second time (first at 1:5), expected it once" },
  { "a: &m {x: 1}\n<<: *m\n<<: *m\n",
    "t.yaml:3:1: found the key \"<<\" a second time (first at 2:1), expected it once" },
  { "? [a, b]\n: c\n", "t.yaml:1:3: found a list, expected plain text as the key" },
  { "{a: 1}: c\n", "t.yaml:1:1: found a map, expected plain text as the key" },
  { "a: &a x\n*a : c\n", "t.yaml:2:1: found the alias *a, expected plain text as the key" },
  { "&a b: c\n", "t.yaml:1:1: found an anchor or tag, expected plain text as the key" },
  { "!!str b: c\n", "t.yaml:1:1: found an anchor or tag, expected plain text as the key" },
  { "\"\": c\n", "t.yaml:1:1: found nothing, expected plain text as the key" },
  { "a: !foo 1\n",
    "t.yaml:1:4: found the tag \"!foo\" at a scalar, expected none, or one of the core schema" },
  { "a: !!binary YQ==\n", "t.yaml:1:4: found the tag \"tag:yaml.org,2002:binary\" at a scalar, "
                          "expected none, or one of the core schema" },
  { "a: !!map [1]\n", "t.yaml:1:4: found the tag \"tag:yaml.org,2002:map\" at a list, expected "
                      "none, or one of the core schema" },
  { "%YAML 1.1\n%TAG !e! tag:yaml.org,2002:\n---\na: !e!str 1\n",
    "t.yaml:2:1: found the directive %TAG, expected none" },
  { "a: 1\n...\xe2\x80\xa8%TAG !e! x\n---\n",
    "t.yaml:3:1: found the directive %TAG, expected none" },
  { "a: \"x\\ay\"\n", "t.yaml:1:4: found the control character U+0007, expected printable text" },
  { "a: \"x\\0y\"\n", "t.yaml:1:4: found the control character U+0000, expected printable text" },
  { "ok: 1\n\xc3\xa4: b\xff\n",
    "t.yaml:2:5: found 0xff (invalid leading UTF-8 octet), expected UTF-8 text" },
  { "\xef\xbb\xbf"
    "a: \xed\xa0\x80\n",
    "t.yaml:1:4: found 0xd800 (invalid Unicode character), expected UTF-8 text" },
  { "\xff\xfe"
    "a",
    "t.yaml:1:1: found 0xff (invalid leading UTF-8 octet), expected UTF-8 text" },
  { "a: 1\r\nb: \x01\r\n",
    "t.yaml:2:4: found 0x01 (control characters are not allowed), expected UTF-8 text" },
};

static void
test_refused (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (refused); i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (CpacConfig) root =
        cpac_config_parse ("t.yaml", refused[i].text, strlen (refused[i].text), &error);

    g_assert_null (root);
    g_assert_error (error, CPAC_ERROR, CPAC_ERROR_PARSE);
    g_assert_cmpstr (error->message, ==, refused[i].error);
  }
}

/* ---- Bounds ---- */

/* "[[[...]]]", @levels deep. */
static char *
nested (guint levels)
{
  char *text = g_malloc (2 * levels + 1);

  memset (text, '[', levels);
  memset (text + levels, ']', levels);
  text[2 * levels] = '\0';
  return text;
}

static void
test_levels (void)
{
  g_autofree char *most = nested (64);
  g_autofree char *more = nested (65);
  g_autofree char *many = nested (1000000);
  g_autoptr (CpacConfig) root = parse (most);
  g_autoptr (GError) error = NULL;

  g_assert_cmpuint (cpac_config_get_length (root), ==, 1);
  g_assert_null (cpac_config_parse ("t.yaml", more, strlen (more), &error));
  g_assert_error (error, CPAC_ERROR, CPAC_ERROR_PARSE);
  g_assert_cmpstr (error->message, ==,
                   "t.yaml:1:65: found lists and maps 65 levels deep, expected at most 64");
  g_clear_error (&error);
  g_assert_null (cpac_config_parse ("t.yaml", many, strlen (many), &error));
  g_assert_error (error, CPAC_ERROR, CPAC_ERROR_PARSE);
}

/* Each line is one level deeper than the one above, by an alias. */
static void
test_levels_by_aliases (void)
{
  g_autoptr (GString) text = g_string_new ("a0: &a0 [x]\n");
  g_autoptr (CpacConfig) root = NULL;
  g_autoptr (GError) error = NULL;

  for (guint i = 1; i < 63; i++)
    g_string_append_printf (text, "a%u: &a%u [*a%u]\n", i, i, i - 1);
  root = parse (text->str);
  g_string_append (text, "a63: [*a62]\n");
  g_assert_null (cpac_config_parse ("t.yaml", text->str, text->len, &error));
  g_assert_error (error, CPAC_ERROR, CPAC_ERROR_PARSE);
  g_assert_cmpstr (error->message, ==,
                   "t.yaml:64:7: found lists and maps 65 levels deep, expected at most 64");
}

/* The root list is a node too. */
static char *
list_of (guint n)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < n; i++)
    g_string_append (text, "- 1\n");
  return g_string_free (text, FALSE);
}

static void
test_nodes (void)
{
  g_autofree char *most = list_of (99999);
  g_autofree char *more = list_of (100000);
  g_autoptr (CpacConfig) root = parse (most);
  g_autoptr (GError) error = NULL;

  g_assert_cmpuint (cpac_config_get_length (root), ==, 99999);
  g_assert_null (cpac_config_parse ("t.yaml", more, strlen (more), &error));
  g_assert_error (error, CPAC_ERROR, CPAC_ERROR_PARSE);
  g_assert_cmpstr (error->message, ==,
                   "t.yaml:100000:3: found more than 100000 values (aliases count as if written "
                   "out), expected at most that many");
}

/* Nine lists of ten of the one before would be 10^9 values. */
static void
test_laughs (void)
{
  g_autoptr (GString) text = g_string_new ("- &a0 x\n");
  g_autoptr (GError) error = NULL;

  for (guint i = 1; i < 10; i++)
    g_string_append_printf (text, "- &a%u [*a%u,*a%u,*a%u,*a%u,*a%u,*a%u,*a%u,*a%u,*a%u,*a%u]\n", i,
                            i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1);
  g_assert_null (cpac_config_parse ("t.yaml", text->str, text->len, &error));
  g_assert_error (error, CPAC_ERROR, CPAC_ERROR_PARSE);
  /* Line n + 1 adds 11, 111, 1111, ... values: 12,345 + line 6's 1 + k * 11,111; the eighth alias
   * goes beyond 100,000. */
  g_assert_cmpstr (error->message, ==,
                   "t.yaml:6:36: found more than 100000 values (aliases count as if written "
                   "out), expected at most that many");
}

/* Only a directive at the start of a line is one. */
static void
test_percent (void)
{
  g_autoptr (CpacConfig) root = parse ("%YAML 1.1\n---\na: 5 %TAG\nb: '%TAG'\n#%TAG\n");

  g_assert_cmpstr (cpac_config_as_string (cpac_config_peek (root, "a"), NULL), ==, "5 %TAG");
  g_assert_cmpstr (cpac_config_as_string (cpac_config_peek (root, "b"), NULL), ==, "%TAG");
}

static void
test_bytes (void)
{
  gsize length = 4 * 1024 * 1024;
  g_autofree char *text = g_malloc (length + 1);
  g_autoptr (CpacConfig) root = NULL;
  g_autoptr (GError) error = NULL;

  memset (text, ' ', length + 1);
  memcpy (text, "a: 1\n#", 6);
  root = cpac_config_parse ("t.yaml", text, length, &error);
  g_assert_no_error (error);
  g_assert_nonnull (root);
  g_assert_null (cpac_config_parse ("t.yaml", text, length + 1, &error));
  g_assert_error (error, CPAC_ERROR, CPAC_ERROR_PARSE);
  g_assert_cmpstr (error->message, ==, "t.yaml:1:1: found 4194305 bytes, expected at most 4194304");
}

/* ---- Trees ---- */

static void
test_tree (void)
{
  g_autoptr (CpacConfig) root = parse ("a: {x: 1, y: [2, three]}\nb: &b text\nc: *b\nd:\ne: ''\n");
  const CpacConfig *a = cpac_config_peek (root, "a");
  const CpacConfig *y = cpac_config_peek (a, "y");

  g_assert_cmpint (cpac_config_get_kind (root), ==, CPAC_CONFIG_MAP);
  g_assert_cmpuint (cpac_config_get_length (root), ==, 5);
  g_assert_cmpstr (cpac_config_get_key (root, 2), ==, "c");
  g_assert_true (cpac_config_get_item (root, 2) == cpac_config_peek (root, "b"));
  g_assert_cmpstr (cpac_config_describe (root), ==, "map");
  g_assert_cmpstr (cpac_config_describe (y), ==, "list");
  g_assert_cmpstr (cpac_config_describe (cpac_config_peek (root, "b")), ==, "text");
  g_assert_cmpstr (cpac_config_describe (cpac_config_peek (root, "d")), ==, "empty value");
  g_assert_cmpstr (cpac_config_describe (cpac_config_peek (root, "e")), ==, "text");
  g_assert_cmpuint (cpac_config_get_length (y), ==, 2);
  g_assert_cmpuint (cpac_config_get_length (cpac_config_get_item (y, 1)), ==, 0);
  g_assert_true (cpac_config_has (root, "d"));
  g_assert_false (cpac_config_has (root, "f"));
  g_assert_false (cpac_config_has (y, "x"));
  assert_place (cpac_config_get_item (y, 1), 1, 18);
}

/* Byte order mark, characters of one to four bytes, every style of value: bytes and columns. */
static void
test_spans (void)
{
  static const char text[] = "\xef\xbb\xbf"
                             "name: \"Gr\xc3\xb6\xc3\x9f"
                             "e \xe2\x82\xac \xf0\x9f\x98\x80\" # \xc3\xa4\r\n"
                             "\xc3\xbc: [\xf0\x9f\x98\x80, 0.5 ,'x''y' ]\r\n"
                             "anchored: &t !!float 0.25\n"
                             "empty:   # none\n"
                             "block:\n"
                             "  list:\n"
                             "  - one\n"
                             "  - &a # here\n"
                             "    k: v  # v\n"
                             "\n"
                             "text: |\n"
                             "  \xc3\xa4\n"
                             "  b\n"
                             "alias: *t\n"
                             "flow: &f {a: 1}\n"
                             "pair: [p: q , r]\n"
                             "last: 7";
  g_autoptr (CpacConfig) root = parse (text);
  const CpacConfig *list = cpac_config_peek (root, "\xc3\xbc");
  const CpacConfig *block = cpac_config_peek (root, "block");
  const CpacConfig *block_list = cpac_config_peek (block, "list");
  const CpacConfig *pair = cpac_config_peek (root, "pair");

  assert_span (text, cpac_config_peek (root, "name"),
               "\"Gr\xc3\xb6\xc3\x9f"
               "e \xe2\x82\xac \xf0\x9f\x98\x80\"");
  assert_place (cpac_config_peek (root, "name"), 1, 7);
  assert_span (text, list, "[\xf0\x9f\x98\x80, 0.5 ,'x''y' ]");
  assert_place (list, 2, 4);
  assert_span (text, cpac_config_get_item (list, 0), "\xf0\x9f\x98\x80");
  assert_span (text, cpac_config_get_item (list, 1), "0.5");
  assert_place (cpac_config_get_item (list, 1), 2, 8);
  assert_span (text, cpac_config_get_item (list, 2), "'x''y'");
  assert_span (text, cpac_config_peek (root, "anchored"), "0.25");
  assert_place (cpac_config_peek (root, "anchored"), 3, 22);
  assert_span (text, cpac_config_peek (root, "empty"), "");
  assert_place (cpac_config_peek (root, "empty"), 4, 7);
  assert_span (text, block, "list:\n  - one\n  - &a # here\n    k: v");
  assert_span (text, block_list, "- one\n  - &a # here\n    k: v");
  assert_span (text, cpac_config_get_item (block_list, 1), "k: v");
  assert_place (cpac_config_get_item (block_list, 1), 9, 5);
  assert_span (text, cpac_config_peek (root, "text"), "|\n  \xc3\xa4\n  b\n");
  g_assert_true (cpac_config_peek (root, "alias") == cpac_config_peek (root, "anchored"));
  assert_span (text, cpac_config_peek (root, "flow"), "{a: 1}");
  assert_span (text, cpac_config_get_item (pair, 0), "p: q");
  assert_span (text, pair, "[p: q , r]");
  assert_span (text, cpac_config_peek (root, "last"), "7");
  assert_place (cpac_config_peek (root, "last"), 17, 7);
}

/* Every break libyaml knows counts as one line. */
static void
test_breaks (void)
{
  g_autoptr (CpacConfig) root = parse ("a: 1\rb: 2\r\nc: 3\xc2\x85"
                                       "d: 4\xe2\x80\xa8"
                                       "e: &x\xe2\x80\xa9 5\n");

  assert_place (cpac_config_peek (root, "b"), 2, 4);
  assert_place (cpac_config_peek (root, "c"), 3, 4);
  assert_place (cpac_config_peek (root, "d"), 4, 4);
  assert_place (cpac_config_peek (root, "e"), 6, 2);
}

/* ---- Files ---- */

static void
test_missing_file (void)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (cpac_config_load ("/nonexistent/model.yaml", &error));
  g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_NOENT);
  g_assert_true (g_str_has_prefix (error->message, "/nonexistent/model.yaml: "));
}

static void
test_endless_file (void)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (cpac_config_load ("/dev/zero", &error));
  g_assert_error (error, CPAC_ERROR, CPAC_ERROR_PARSE);
  g_assert_cmpstr (error->message, ==,
                   "/dev/zero: found a longer file, expected at most 4194304 bytes");
}

/* A threshold is replaced in place: every other byte stays. */
static void
test_load_and_edit (void)
{
  static const char text[] = "# \xc3\xa4\nscore: {threshold: 0.5, warn-threshold: 1} # end\r\n";
  g_autofree char *folder = g_dir_make_tmp ("cpac-config-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "m.yaml", NULL);
  g_autofree char *edited = NULL;
  g_autoptr (CpacConfig) root = NULL;
  g_autoptr (GError) error = NULL;
  gsize begin, end;

  g_assert_true (g_file_set_contents (path, text, -1, NULL));
  root = cpac_config_load (path, &error);
  g_assert_no_error (error);
  cpac_config_get_span (cpac_config_peek (cpac_config_peek (root, "score"), "threshold"), &begin,
                        &end);
  edited = g_strdup_printf ("%.*s0.75%s", (int) begin, text, text + end);
  g_assert_cmpstr (edited, ==, "# \xc3\xa4\nscore: {threshold: 0.75, warn-threshold: 1} # end\r\n");
  g_remove (path);
  g_rmdir (folder);
}

static guint
load_folder (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;
  guint n = 0;

  while (dir && (name = g_dir_read_name (dir))) {
    g_autofree char *path = g_build_filename (folder, name, NULL);
    g_autoptr (CpacConfig) root = NULL;
    g_autoptr (GError) error = NULL;

    if (!g_str_has_suffix (name, ".yaml"))
      continue;
    root = cpac_config_load (path, &error);
    g_assert_no_error (error);
    g_assert_cmpint (cpac_config_get_kind (root), ==, CPAC_CONFIG_MAP);
    g_assert_true (cpac_config_has (root, "cpac-model"));
    n++;
  }
  return n;
}

static void
test_examples (void)
{
  static const char *const folders[] = { "pretrained", "reference-vectors", "../networks" };
  const char *data = g_getenv ("CPAC_TEST_DATA");
  g_autofree char *fallback =
      g_test_build_filename (G_TEST_DIST, "..", "..", "shared", "data", NULL);
  guint n = 0;

  for (guint i = 0; i < G_N_ELEMENTS (folders); i++) {
    g_autofree char *folder = g_build_filename (data ? data : fallback, folders[i], NULL);

    n += load_folder (folder);
  }
  if (n == 0)
    g_test_skip ("no example models: CPAC_TEST_DATA names no folder with them");
  else
    g_test_message ("%u models read", n);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/config/refused", test_refused);
  g_test_add_func ("/config/bounds/levels", test_levels);
  g_test_add_func ("/config/bounds/levels-by-aliases", test_levels_by_aliases);
  g_test_add_func ("/config/bounds/nodes", test_nodes);
  g_test_add_func ("/config/bounds/laughs", test_laughs);
  g_test_add_func ("/config/bounds/bytes", test_bytes);
  g_test_add_func ("/config/percent", test_percent);
  g_test_add_func ("/config/tree", test_tree);
  g_test_add_func ("/config/spans", test_spans);
  g_test_add_func ("/config/breaks", test_breaks);
  g_test_add_func ("/config/file/missing", test_missing_file);
  g_test_add_func ("/config/file/endless", test_endless_file);
  g_test_add_func ("/config/file/edit", test_load_and_edit);
  g_test_add_func ("/config/examples", test_examples);
  return g_test_run ();
}
