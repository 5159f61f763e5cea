/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "core/error.h"
#include "pipelines/bench-spread.h"
#include "pipelines/onnx-runtime.h"

/* @number or @text: what is read under "key"; @error: what the process says; @excerpt: of what is
 * refused. */
static const struct {
  const char *line;
  double number;
  const char *text, *error, *excerpt;
} cases[] = {
  { .line = "{\"key\": 12.5}", .number = 12.5 },
  { .line = "{\"key\": 3, \"more\": null}", .number = 3 },
  { .line = "{\"key\": -1e-3}", .number = -1e-3 },
  { .line = "{\"key\": \"1.30.0\"}", .text = "1.30.0" },
  { .line = "{\"key\": \"\"}", .text = "" },
  { .line = "{\"error\": \"no such file\"}", .error = "no such file" },
  { .line = "{\"error\": \"first\", \"key\": 1}", .error = "first" },
  { .line = "{\"error\": 5}", .excerpt = "{\\\"error\\\": 5}" },
  { .line = "{}", .excerpt = "{}" },
  { .line = "", .excerpt = "" },
  { .line = "Segfault", .excerpt = "Segfault" },
  { .line = "[1]", .excerpt = "[1]" },
  { .line = "{\"key\": 1", .excerpt = "{\\\"key\\\": 1" },
  { .line = "{\"key\": null}", .excerpt = "{\\\"key\\\": null}" },
  { .line = "{\"key\": [1]}", .excerpt = "{\\\"key\\\": [1]}" },
  { .line = "{\"key\": true}", .excerpt = "{\\\"key\\\": true}" },
  { .line = "{\"key\": 1e999}", .excerpt = "{\\\"key\\\": 1e999}" },
};

static void
assert_error (guint i, const GError *error)
{
  g_autofree char *message =
      cases[i].error != NULL
          ? g_strdup_printf ("ONNX Runtime: %s", cases[i].error)
          : g_strdup_printf ("ONNX Runtime: node answered \"%s\", expected a JSON object with "
                             "\"key\"",
                             cases[i].excerpt);

  g_assert_nonnull (error);
  if (cases[i].error != NULL || cases[i].excerpt != NULL)
    g_assert_cmpstr (error->message, ==, message);
  else
    g_assert_error (error, CPAC_ERROR, CPAC_ERROR_PARSE);
}

static void
check_number (guint i)
{
  g_autoptr (GError) error = NULL;
  double number = -12345;
  gboolean ok = onnx_runtime_read_number (cases[i].line, "key", &number, &error);

  if (ok) {
    g_assert_null (cases[i].text);
    g_assert_cmpfloat (number, ==, cases[i].number);
  } else {
    g_assert_cmpfloat (cases[i].number, ==, 0);
    g_assert_cmpfloat (number, ==, -12345);
    assert_error (i, error);
  }
}

static void
check_text (guint i)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  gboolean ok = onnx_runtime_read_text (cases[i].line, "key", &text, &error);

  g_assert_cmpstr (text, ==, cases[i].text);
  g_assert_true (ok == (cases[i].text != NULL));
  if (!ok)
    assert_error (i, error);
}

static void
test_answers (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    check_number (i);
    check_text (i);
  }
}

/* Long ones and ones that are no text are cut and made valid. */
static void
test_garbage (void)
{
  g_autofree char *line = g_strnfill (100000, 'x');
  g_autoptr (GError) error = NULL;
  double number;

  line[3] = '\xff';
  g_assert_false (onnx_runtime_read_number (line, "key", &number, &error));
  g_assert_error (error, CPAC_ERROR, CPAC_ERROR_PARSE);
  g_assert_true (g_utf8_validate (error->message, -1, NULL));
  g_assert_cmpuint (strlen (error->message), <, 1000);
}

static void
test_spread (void)
{
  static const struct {
    guint n;
    double values[5], median, low, high;
  } spreads[] = {
    { 1, { 7 }, 7, 7, 7 },
    { 2, { 9, 1 }, 9, 1, 9 },
    { 3, { 3, 1, 2 }, 2, 1, 3 },
    { 5, { 5, -1, 4, 2, 3 }, 3, 2, 4 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (spreads); i++) {
    double values[5];
    BenchSpread spread;

    memcpy (values, spreads[i].values, sizeof values);
    spread = bench_spread (values, spreads[i].n);
    g_assert_cmpfloat (spread.median, ==, spreads[i].median);
    g_assert_cmpfloat (spread.low, ==, spreads[i].low);
    g_assert_cmpfloat (spread.high, ==, spreads[i].high);
  }
  g_assert_cmpuint (bench_n_repeats (100, 1000), ==, 11);
  g_assert_cmpuint (bench_n_repeats (5000, 1000), ==, 1);
  g_assert_cmpuint (bench_n_repeats (0, 1000), ==, 1001);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/onnx-runtime-answers/table", test_answers);
  g_test_add_func ("/onnx-runtime-answers/garbage", test_garbage);
  g_test_add_func ("/onnx-runtime-answers/spread", test_spread);
  return g_test_run ();
}
