/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include <float.h>
#include <locale.h>
#include <string.h>

#include "core/model/config-edit.h"
#include "core/model/config-private.h"

/* The text, what is set in section "score", and the text that must come of it. */
static const struct {
  const char *before, *key, *value, *after;
} rows[] = {
  /* Replaced: the value's bytes and no other. */
  { "score:\n  threshold: 0.2\n", "threshold", "0.25", "score:\n  threshold: 0.25\n" },
  { "score:\n  threshold:   0.2   # old\n", "threshold", "-1e-05",
    "score:\n  threshold:   -1e-05   # old\n" },
  { "# head\nscore: {threshold: 0.2, warn: 0.1} # tail\nname: x", "threshold", "7",
    "# head\nscore: {threshold: 7, warn: 0.1} # tail\nname: x" },
  { "score: {\"threshold\":0.2,'warn' : 1}", "warn", "2", "score: {\"threshold\":0.2,'warn' : 2}" },
  { "score:\r\n  threshold: 0.2 # \xc3\xa9\r\nname: x\r\n", "threshold", "5",
    "score:\r\n  threshold: 5 # \xc3\xa9\r\nname: x\r\n" },
  { "\xef\xbb\xbfscore:\n  threshold: 0.2", "threshold", "5",
    "\xef\xbb\xbfscore:\n  threshold: 5" },
  { "score:\n  threshold: !!float 0.2\n", "threshold", "5", "score:\n  threshold: !!float 5\n" },
  { "score: &s\n  threshold: &t 0.2\n", "threshold", "5", "score: &s\n  threshold: &t 5\n" },
  { "score:\n    calibration:\n        parts: 3\n        list:\n        - 1\n    threshold: 1\n",
    "calibration", "{parts: 4,\nlist: [2]}",
    "score:\n    calibration:\n        {parts: 4,\n      list: [2]}\n    threshold: 1\n" },
  { "score:\n  calibration: {parts: 3,\n    list: [1]} # seen\n\nname: x\n", "calibration",
    "{parts: 4}", "score:\n  calibration: {parts: 4} # seen\n\nname: x\n" },

  /* Appended to a block: a line behind the last, whose comment stays. */
  { "score:\n  head: map\n", "threshold", "5", "score:\n  head: map\n  threshold: 5\n" },
  { "score:\n  head: map", "threshold", "5", "score:\n  head: map\n  threshold: 5" },
  { "score:\n    head: map   # end\n\n# about name\nname: x\n", "calibration", "{a: 1,\nb: 2}",
    "score:\n    head: map   # end\n    calibration: {a: 1,\n      b: 2}\n\n# about name\nname: "
    "x\n" },
  { "score:\r\n  head: map\r\nname: x", "calibration", "{a: 1,\nb: 2}",
    "score:\r\n  head: map\r\n  calibration: {a: 1,\r\n    b: 2}\r\nname: x" },
  { "score:\n  good:\n    - a\n    - b # two\nname: x\n", "threshold", "5",
    "score:\n  good:\n    - a\n    - b # two\n  threshold: 5\nname: x\n" },
  { "score:\n  good:\n  - a\nname: x\n", "threshold", "5",
    "score:\n  good:\n  - a\n  threshold: 5\nname: x\n" },
  { "other: &o 3\nscore:\n  head: map\n  warn: *o\n", "threshold", "5",
    "other: &o 3\nscore:\n  head: map\n  warn: *o\n  threshold: 5\n" },
  { "score:\n  range: [1,\n    2]   # scale\n", "threshold", "5",
    "score:\n  range: [1,\n    2]   # scale\n  threshold: 5\n" },

  /* Appended to a flow map: behind the last value. */
  { "score: {head: map}\n", "threshold", "5", "score: {head: map, threshold: 5}\n" },
  { "score: {}\n", "threshold", "5", "score: {threshold: 5}\n" },
  { "score: {head: map,}", "threshold", "5", "score: {head: map, threshold: 5,}" },
  { "score: {head: map, # kind\n  good: [a] # names\n  }\n", "calibration", "{a: 1,\nb: 2}",
    "score: {head: map, # kind\n  good: [a], calibration: {a: 1,\n    b: 2} # names\n  }\n" },
  { "{name: x, score: {head: map}}", "threshold", "5",
    "{name: x, score: {head: map, threshold: 5}}" },
};

static void
test_set (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (GError) error = NULL;
    g_autofree char *after = cpac_config_set_value ("a.yaml", rows[i].before, "score", rows[i].key,
                                                    rows[i].value, &error);
    g_autofree char *again = NULL;

    g_assert_no_error (error);
    g_assert_cmpstr (after, ==, rows[i].after);
    /* Setting the same once more changes nothing. */
    again = cpac_config_set_value ("a.yaml", after, "score", rows[i].key, rows[i].value, &error);
    g_assert_no_error (error);
    g_assert_cmpstr (again, ==, after);
  }
}

/* A list in block style, and the same in one line. */
static const struct {
  const char *block, *flow;
} flows[] = {
  { "- a\n- -1.50\n- 0x1F\n- true\n", "[a, -1.50, 0x1F, true]" },
  { "- 'a, b'\n- \"x\\n\"\n- ''\n", "['a, b', \"x\\n\", '']" },
  { "- good, really\n", "[\"good, really\"]" },
  { "- a]\n- b[0]\n- c}\n- d{\n", "[\"a]\", \"b[0]\", \"c}\", \"d{\"]" },
  { "- C:/parts#2\n- a:b\n- what?\n", "[\"C:/parts#2\", \"a:b\", \"what?\"]" },
  { "- a \"b\" \\c, d\n", "[\"a \\\"b\\\" \\\\c, d\"]" },
  { "- two\n  lines\n- 'and\n\n  three'\n", "[\"two lines\", \"and\\u000Athree\"]" },
  { "- |\n  a: 1\n  b\n- >-\n  5\n", "[\"a: 1\\u000Ab\\u000A\", \"5\"]" },
  { "- !!str 5\n- &x ~\n- *x\n-\n- z\n", "[\"5\", ~, ~, null, z]" },
  { "- {a: [1, {b: c}]}\n- d: e, f\n  'g, h': i\n",
    "[{a: [1, {b: c}]}, {d: \"e, f\", 'g, h': i}]" },
  { "- k, l: 1\n  \303\244, \342\202\254: 2\n", "[{\"k, l\": 1, \"\303\244, \342\202\254\": 2}]" },
};

static void
assert_same (const CpacConfig *a, const CpacConfig *b)
{
  g_assert_cmpint (cpac_config_get_kind (a), ==, cpac_config_get_kind (b));
  if (cpac_config_get_kind (a) == CPAC_CONFIG_SCALAR) {
    g_assert_cmpint (cpac_config_is_null (a), ==, cpac_config_is_null (b));
    g_assert_true (b->quoted || !a->quoted);
    if (!cpac_config_is_null (a))
      g_assert_cmpstr (a->text, ==, b->text);
    return;
  }
  g_assert_cmpuint (cpac_config_get_length (a), ==, cpac_config_get_length (b));
  for (guint i = 0; i < cpac_config_get_length (a); i++) {
    if (cpac_config_get_kind (a) == CPAC_CONFIG_MAP)
      g_assert_cmpstr (cpac_config_get_key (a, i), ==, cpac_config_get_key (b, i));
    assert_same (cpac_config_get_item (a, i), cpac_config_get_item (b, i));
  }
}

/* What is written in flow style reads back as the same, once and again. */
static void
test_flow (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (flows); i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (GString) flow = g_string_new (NULL), again = g_string_new (NULL);
    g_autoptr (CpacConfig) root =
        cpac_config_parse ("a", flows[i].block, strlen (flows[i].block), &error);
    g_autoptr (CpacConfig) back = NULL;

    g_test_message ("row %u", i);
    g_assert_no_error (error);
    cpac_config_append_flow (root, flows[i].block, flow);
    g_assert_cmpstr (flow->str, ==, flows[i].flow);
    back = cpac_config_parse ("b", flow->str, flow->len, &error);
    g_assert_no_error (error);
    assert_same (root, back);
    cpac_config_append_flow (back, flow->str, again);
    g_assert_cmpstr (again->str, ==, flow->str);
  }
}

/* The text, what is taken from section "score", and what must be left. */
static const struct {
  const char *before, *key, *after;
} removed[] = {
  { "score:\n  head: map\n  calibration: {a: 1,\n    b: 2} # seen\n  good: [a]\n", "calibration",
    "score:\n  head: map\n  good: [a]\n" },
  { "score:\n  calibration:\n    parts: 3\n    list:\n    - 1\n  head: map # kind\nname: x\n",
    "calibration", "score:\n  head: map # kind\nname: x\n" },
  { "score:\r\n  head: map\r\n  top: 1\r\n# end\r\n", "top", "score:\r\n  head: map\r\n# end\r\n" },
  { "score:\n  head: map\n  top: 1", "top", "score:\n  head: map\n" },
  { "score: {head: map, top: 1, good: [a]}\n", "top", "score: {head: map, good: [a]}\n" },
  { "score: {top: 1, # seen\n  good: [a]}\n", "top", "score: {good: [a]}\n" },
  { "score: {head: map,\n  top: 1}\n", "top", "score: {head: map}\n" },
  { "score: {top: 1}\n", "top", "score: {}\n" },
  /* What is not there need not be taken away. */
  { "score: {head: map}\n", "top", "score: {head: map}\n" },
};

static void
test_remove (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (removed); i++) {
    g_autoptr (GError) error = NULL;
    g_autofree char *after =
        cpac_config_remove_value ("a.yaml", removed[i].before, "score", removed[i].key, &error);

    g_assert_no_error (error);
    g_assert_cmpstr (after, ==, removed[i].after);
  }
}

/* What cannot be taken away by itself stays. */
static const struct {
  const char *before, *message;
} kept[] = {
  { "score:\n  warn: &t 0.1\n  top: *t\n",
    "a.yaml:3:3: top: found an alias, expected a value written out, as it is to be changed" },
  { "score:\n  top: &t 0.1\n  warn: *t\n",
    "a.yaml:2:3: top cannot be taken from score without changing something else; expected a map of "
    "keys and plain values, without anchors" },
  { "score:\n  top: 1\n",
    "a.yaml:2:3: top cannot be taken from score without changing something else; expected a map of "
    "keys and plain values, without anchors" },
  { "name: x\n", "a.yaml:1:1: found no key \"score\" in this map, expected one" },
};

static void
test_not_removed (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (kept); i++) {
    g_autoptr (GError) error = NULL;

    g_assert_null (cpac_config_remove_value ("a.yaml", kept[i].before, "score", "top", &error));
    g_assert_nonnull (error);
    g_assert_cmpstr (error->message, ==, kept[i].message);
  }
}

static const struct {
  const char *before, *message;
} refused[] = {
  { "score:\n  warn: &t 0.1\n  threshold: *t\n",
    "a.yaml:3:3: threshold: found an alias, expected a value written out, as it is to be changed" },
  { "other: &s {threshold: 1}\nscore: *s\n",
    "a.yaml:2:1: score: found an alias, expected a value written out, as it is to be changed" },
  /* The warning threshold would follow. */
  { "score:\n  threshold: &t 0.1\n  warn: *t\n",
    "a.yaml:2:3: threshold cannot be set in score without changing something else; expected a map "
    "of keys and plain values, without anchors" },
  { "score: {threshold: &t 0.1}\nother: *t\n",
    "a.yaml:1:8: threshold cannot be set in score without changing something else; expected a map "
    "of keys and plain values, without anchors" },
  { "name: x\n", "a.yaml:1:1: found no key \"score\" in this map, expected one" },
  { "score: [1]\n", "a.yaml:1:8: score: found a list, expected a map" },
  { "score: 3\n", "a.yaml:1:8: score: found 3, expected a map" },
  { "- score\n", "a.yaml:1:1: found a list, expected a map" },
};

static void
test_refused (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (refused); i++) {
    g_autoptr (GError) error = NULL;

    g_assert_null (
        cpac_config_set_value ("a.yaml", refused[i].before, "score", "threshold", "5", &error));
    g_assert_error (error, CPAC_ERROR, CPAC_ERROR_SCHEMA);
    g_assert_cmpstr (error->message, ==, refused[i].message);
  }
}

/* What is no YAML, and values that would be more than one. */
static void
test_not_yaml (void)
{
  static const struct {
    const char *before, *value;
  } bad[] = {
    { "score: {", "5" },
    { "", "5" },
    { "score: {a: 1}", "5, b: 6" },
    { "score:\n  a: 1\n", "5\nname: y" },
    { "score: {a: 1}\n", "5 # remark" },
    { "score: {a: 1}\n", "[" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++) {
    g_autoptr (GError) error = NULL;

    g_assert_null (cpac_config_set_value ("a.yaml", bad[i].before, "score", "threshold",
                                          bad[i].value, &error));
    g_assert_nonnull (error);
    g_assert_true (error->domain == CPAC_ERROR);
  }
}

static void
test_format (void)
{
  static const struct {
    double value;
    const char *text;
  } numbers[] = {
    { 0, "0" },
    { -0.5, "-0.5" },
    { 0.1, "0.1" },
    { 1e22, "1e+22" },
    { 1.0 / 3, "0.3333333333333333" },
    { 0x1.fffffffffffffp-2, "0.49999999999999994" },
    { 1e-30, "1e-30" },
    { DBL_MAX, "1.7976931348623157e+308" },
  };
  char buffer[G_ASCII_DTOSTR_BUF_SIZE];

  /* Where there is such a locale, its decimal comma must not show. */
  setlocale (LC_ALL, "de_DE.UTF-8");
  for (guint i = 0; i < G_N_ELEMENTS (numbers); i++) {
    g_assert_cmpstr (cpac_config_format_double (numbers[i].value, buffer), ==, numbers[i].text);
    g_assert_cmpfloat (g_ascii_strtod (buffer, NULL), ==, numbers[i].value);
  }
  setlocale (LC_ALL, "C");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/config-edit/flow", test_flow);
  g_test_add_func ("/config-edit/set", test_set);
  g_test_add_func ("/config-edit/remove", test_remove);
  g_test_add_func ("/config-edit/not-removed", test_not_removed);
  g_test_add_func ("/config-edit/refused", test_refused);
  g_test_add_func ("/config-edit/not-yaml", test_not_yaml);
  g_test_add_func ("/config-edit/format", test_format);
  return g_test_run ();
}
