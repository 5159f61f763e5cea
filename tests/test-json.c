/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/model/json.h"

#include <math.h>
#include <string.h>

#include "core/model/json-writer.h"

static const CpacJsonBounds bounds = { .max_levels = 3, .max_values = 12 };

/* A copy without a byte behind it, so that a sanitizer sees one read too far. */
static JsonNode *
parse (const char *text, gsize length, GError **error)
{
  g_autofree char *copy = g_memdup2 (text, length);

  return cpac_json_parse ("w", 8, copy ? copy : "", length, &bounds, error);
}

static const struct {
  const char *text, *error;
} refused[] = {
  { "", "w: byte 8: found the end, expected a value" },
  { "x", "w: byte 8: found 'x', expected a value" },
  { "{", "w: byte 9: found the end, expected a key in quotes" },
  { "{} x", "w: byte 11: found 'x', expected the end" },
  { "{} \x01", "w: byte 11: found byte 0x01, expected the end" },
  { "{}\xff", "w: byte 10: found byte 0xff, expected UTF-8" },
  { "{\"x\":1,}", "w: byte 15: found '}', expected a key in quotes" },
  { "{\"x\":1 \"y\":2}", "w: byte 15: found '\"', expected ',' or '}'" },
  { "{\"x\" 1}", "w: byte 13: found '1', expected ':'" },
  { "{'x':1}", "w: byte 9: found ''', expected a key in quotes" },
  { "{/**/}", "w: byte 9: found '/', expected a key in quotes" },
  { "{\"x\":[1 2]}", "w: byte 16: found '2', expected ',' or ']'" },
  { "{\"x\":[1,]}", "w: byte 16: found ']', expected a value" },
  { "{\"x\":tru}", "w: byte 16: found '}', expected true, false or null" },
  { "{\"x\":01}", "w: byte 14: found '1', expected ',' or '}'" },
  { "{\"x\":-}", "w: byte 14: found '}', expected a digit" },
  { "{\"x\":1.}", "w: byte 15: found '}', expected a digit" },
  { "{\"x\":1e+}", "w: byte 16: found '}', expected a digit" },
  { "{\"x\":.5}", "w: byte 13: found '.', expected a value" },
  { "{\"x\":NaN}", "w: byte 13: found 'N', expected a value" },
  { "{\"x\":1e999}", "w: byte 13: found a number beyond a double, expected a finite one" },
  { "{\"x\":9223372036854775808}", "w: byte 13: found a longer integer, expected at most 64 bits" },
  { "{\"x\":-9223372036854775809}",
    "w: byte 13: found a longer integer, expected at most 64 bits" },
  { "{\"x\":\"a", "w: byte 15: found the end, expected '\"' at the end of a text" },
  { "{\"x\":\"\n\"}", "w: byte 14: found byte 0x0a, expected '\"' at the end of a text" },
  { "{\"x\":\"\\x\"}", "w: byte 15: found 'x', expected one of \"\\/bfnrtu behind a backslash" },
  { "{\"x\":\"\\", "w: byte 15: found the end, expected one of \"\\/bfnrtu behind a backslash" },
  { "{\"x\":\"\\u12g4\"}", "w: byte 18: found 'g', expected four hexadecimal digits" },
  { "{\"x\":\"\\u0000\"}", "w: byte 14: found U+0000 in a text, expected none" },
  { "{\"x\":\"\\ud800\"}", "w: byte 20: found '\"', expected the second half of a surrogate pair" },
  { "{\"x\":\"\\ud800\\u0041\"}", "w: byte 14: found half a surrogate pair, expected both halves" },
  { "{\"x\":\"\\udc00\"}", "w: byte 14: found half a surrogate pair, expected both halves" },
  { "{\"x\":1,\"\\u0078\":2}", "w: byte 15: found the key \"x\" a second time, expected it once" },
  { "{\"x\":{\"shape\":[],\"shape\":[]}}",
    "w: byte 25: found the key \"shape\" a second time, expected it once" },
  { "{\"x\":{\"shape\":[[]]}}", "w: byte 23: found nesting beyond level 3, expected at most that" },
  { "\xef\xbb\xbf{}", "w: byte 8: found byte 0xef, expected a value" },
  { "[\"\xed\xa0\x80\"]", "w: byte 10: found byte 0xed, expected UTF-8" },
  { "[[[[]]]]", "w: byte 11: found nesting beyond level 3, expected at most that" },
  { "[1,2,3,4,5,6,7,8,9,10,11,12]",
    "w: byte 33: found more than 12 values, expected at most that" },
};

static void
test_refused (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (refused); i++) {
    g_autoptr (GError) error = NULL;

    g_assert_null (parse (refused[i].text, strlen (refused[i].text), &error));
    g_assert_error (error, CPAC_ERROR, CPAC_ERROR_PARSE);
    g_assert_cmpstr (error->message, ==, refused[i].error);
  }
}

static void
test_zero_byte (void)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (parse ("[1]\0", 4, &error));
  g_assert_error (error, CPAC_ERROR, CPAC_ERROR_PARSE);
  g_assert_cmpstr (error->message, ==, "w: byte 11: found byte 0x00, expected UTF-8");
}

/* What is accepted, and what json-glib makes of it. */
static const struct {
  const char *text, *again;
} accepted[] = {
  { "{}", "{}" },
  { " [ ]\r\n\t", "[]" },
  { "null", "null" },
  { "[[[1]],[[2]]]", "[[[1]],[[2]]]" },
  { "[1,2,3,4,5,6,7,8,9,10,11]", "[1,2,3,4,5,6,7,8,9,10,11]" },
  { "[9223372036854775807,-9223372036854775807,-0,0.5,-1e-3]",
    "[9223372036854775807,-9223372036854775807,0,0.5,-0.001]" },
  { "[true,false,null,\"\"]", "[true,false,null,\"\"]" },
  { "{\"a\":{\"a\":1},\"b\":[{\"a\":2},{\"a\":3}]}",
    "{\"a\":{\"a\":1},\"b\":[{\"a\":2},{\"a\":3}]}" },
  { "\"\\u00e4\\ud83d\\ude00\\/\xc3\xa4\"", "\"\xc3\xa4\xf0\x9f\x98\x80/\xc3\xa4\"" },
};

static void
test_accepted (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (accepted); i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (JsonNode) node = parse (accepted[i].text, strlen (accepted[i].text), &error);
    g_autofree char *again = NULL;

    g_assert_no_error (error);
    again = json_to_string (node, FALSE);
    g_assert_cmpstr (again, ==, accepted[i].again);
  }
}

/* A prefix of an object is never an object. */
static void
test_every_length (void)
{
  static const char text[] = "{\"a\":[1.5e3,\"\\ud83d\\ude00\"],\"b\":{\"c\":null}}";

  for (gsize length = 0; length < strlen (text); length++) {
    g_autoptr (GError) error = NULL;

    g_assert_null (parse (text, length, &error));
    g_assert_error (error, CPAC_ERROR, CPAC_ERROR_PARSE);
  }
}

static const struct {
  double value;
  const char *text;
} doubles[] = {
  { 0, "0.0" },
  { -1, "-1.0" },
  { 0.1, "0.10000000000000001" },
  { 1e22, "1e+22" },
  { -2.5e300, "-2.5000000000000001e+300" },
  { 5e-324, "4.9406564584124654e-324" },
  { INFINITY, "null" },
  { -INFINITY, "null" },
  { NAN, "null" },
};

/* 1e22 is where json-glib's own text stops being JSON. */
static void
test_doubles (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (doubles); i++) {
    g_autoptr (JsonBuilder) builder = json_builder_new ();
    g_autofree char *text = NULL, *expected = g_strconcat ("[", doubles[i].text, "]\n", NULL);
    g_autoptr (JsonNode) node = NULL;
    g_autoptr (GError) error = NULL;

    json_builder_begin_array (builder);
    json_builder_add_double_value (builder, doubles[i].value);
    json_builder_end_array (builder);
    text = cpac_json_from_builder (builder);
    g_assert_cmpstr (text, ==, expected);
    node = parse (text, strlen (text), &error);
    g_assert_no_error (error);
    if (isfinite (doubles[i].value))
      g_assert_cmpfloat (json_array_get_double_element (json_node_get_array (node), 0), ==,
                         doubles[i].value);
  }
}

/* Every kind of node, in the order it was added. */
static void
test_builder (void)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autofree char *text = NULL;

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "z");
  json_builder_begin_array (builder);
  json_builder_add_int_value (builder, G_MININT64);
  json_builder_add_boolean_value (builder, TRUE);
  json_builder_begin_object (builder);
  json_builder_end_object (builder);
  json_builder_begin_array (builder);
  json_builder_end_array (builder);
  json_builder_add_null_value (builder);
  json_builder_end_array (builder);
  json_builder_set_member_name (builder, "a \"b\"");
  json_builder_add_string_value (builder, "\n\x01\xff{");
  json_builder_set_member_name (builder, "c");
  json_builder_add_double_value (builder, 0.5);
  json_builder_end_object (builder);
  text = cpac_json_from_builder (builder);
  g_assert_cmpstr (text, ==,
                   "{\"z\":[-9223372036854775808,true,{},[],null],"
                   "\"a \\\"b\\\"\":\"\\n\\u0001\xef\xbf\xbd{\",\"c\":0.5}\n");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/json/refused", test_refused);
  g_test_add_func ("/json/zero-byte", test_zero_byte);
  g_test_add_func ("/json/accepted", test_accepted);
  g_test_add_func ("/json/every-length", test_every_length);
  g_test_add_func ("/json/doubles", test_doubles);
  g_test_add_func ("/json/builder", test_builder);
  return g_test_run ();
}
