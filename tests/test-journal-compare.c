/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/score/journal-compare.h"

#include <string.h>

#include "core/score/journal.h"

static GArray *
compare (const char *a, const char *b, double tolerance, guint *n_frames, GError **error)
{
  return cpac_journal_compare ("a.jsonl", a, strlen (a), "b.jsonl", b, strlen (b), tolerance,
                               n_frames, error);
}

/* One row: two journals and what differs, as "line path a|b" joined by "; ". */
static const struct {
  const char *a, *b;
  double tolerance;
  const char *differences;
} rows[] = {
  /* Nothing. */
  { "", "", 0, "" },
  { "{}\n", "{}\n", 0, "" },
  { "{\"a\":1,\"b\":[2,\"x\",null,true]}\n", "{ \"b\" : [2, \"x\", null, true], \"a\" : 1 }\r\n", 0,
    "" },
  { "{\"a\":1}\n", "{\"a\":1.0}\n", 0, "" },
  { "{\"a\":0.1}\n", "{\"a\":0.10000000000000001}\n", 0, "" },
  /* Values. */
  { "{\"a\":1}\n", "{\"a\":2}\n", 0, "1 a 1|2" },
  { "{\"a\":\"x\"}\n", "{\"a\":\"y\"}\n", 0, "1 a \"x\"|\"y\"" },
  { "{\"a\":true}\n", "{\"a\":false}\n", 0, "1 a true|false" },
  { "{\"a\":null}\n", "{\"a\":0}\n", 0, "1 a null|0" },
  { "{\"a\":\"1\"}\n", "{\"a\":1}\n", 9, "1 a \"1\"|1" },
  { "{\"a\":true}\n", "{\"a\":1}\n", 9, "1 a true|1" },
  { "{\"a\":{}}\n", "{\"a\":[]}\n", 0, "1 a {}|[]" },
  { "{\"a\":9007199254740993}\n", "{\"a\":9007199254740992}\n", 0,
    "1 a 9007199254740993|9007199254740992" },
  /* Tolerance: absolute below 1, relative above; the bound itself is within. */
  { "{\"a\":0.5}\n", "{\"a\":0.75}\n", 0.25, "" },
  { "{\"a\":0.5}\n", "{\"a\":0.75}\n", 0.24, "1 a 0.5|0.75" },
  { "{\"a\":100.5}\n", "{\"a\":101.5}\n", 0.01, "" },
  { "{\"a\":100.5}\n", "{\"a\":102.5}\n", 0.01, "1 a 100.5|102.5" },
  { "{\"a\":-100.5}\n", "{\"a\":100.5}\n", 0.01, "1 a -100.5|100.5" },
  /* Whole numbers count things: no tolerance. */
  { "{\"a\":100}\n", "{\"a\":101}\n", 0.5, "1 a 100|101" },
  /* Members and items on one side only. */
  { "{\"a\":1,\"b\":2}\n", "{\"a\":1}\n", 0, "1 b 2|(absent)" },
  { "{\"a\":1}\n", "{\"a\":1,\"b\":{\"c\":2}}\n", 0, "1 b (absent)|{\"c\":2}" },
  { "{\"a\":null}\n", "{}\n", 0, "1 a null|(absent)" },
  { "{\"a\":[1,2]}\n", "{\"a\":[1,3,4]}\n", 0, "1 a[1] 2|3; 1 a[2] (absent)|4" },
  { "{\"a\":[[1],{\"b\":[2]}]}\n", "{\"a\":[[0],{\"b\":[3]}]}\n", 0,
    "1 a[0][0] 1|0; 1 a[1].b[0] 2|3" },
  /* Lines. */
  { "{\"a\":1}\n{\"a\":2}\n", "{\"a\":1}\n", 0, "2  {\"a\":2}|(absent)" },
  { "", "{\"a\":1}\n", 0, "1  (absent)|{\"a\":1}" },
  { "{\"a\":1}\n{\"a\":2}\n", "{\"a\":3}\n{\"a\":4}\n", 0, "1 a 1|3; 2 a 2|4" },
  /* What tells time and place of the run. */
  { "{\"source\":\"x\",\"system_timestamp\":\"1\",\"inspection\":{\"time_ns\":5}}\n",
    "{\"inspection\":{\"time_ns\":6}}\n", 0, "" },
  { "{\"kernel_level\":\"c\",\"version\":\"1\"}\n",
    "{\"kernel_level\":\"avx2\",\"version\":\"2\"}\n", 0, "" },
  { "{\"timestamp\":1}\n", "{\"timestamp\":2}\n", 0, "1 timestamp 1|2" },
};

static char *
differences_to_string (GArray *differences)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < differences->len; i++) {
    const CpacJournalDifference *d = &g_array_index (differences, CpacJournalDifference, i);

    g_string_append_printf (text, "%s%u %s %s|%s", i ? "; " : "", d->line, d->path, d->a, d->b);
  }
  return g_string_free (text, FALSE);
}

static void
test_rows (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (GError) error = NULL;
    guint n_frames = 99;
    g_autoptr (GArray) differences =
        compare (rows[i].a, rows[i].b, rows[i].tolerance, &n_frames, &error);
    g_autofree char *text = NULL;

    g_assert_no_error (error);
    text = differences_to_string (differences);
    g_assert_cmpstr (text, ==, rows[i].differences);
  }
}

/* What is no journal, on either side: name, line, what. */
static const struct {
  const char *text;
  const char *message;
} bad[] = {
  { "{\"a\":1}", "1: the line is torn: found no newline at its end" },
  { "{}\n{\"a\":", "2: the line is torn: found no newline at its end" },
  { "{}\n\n", "2: byte 0: found the end, expected a value" },
  { "[1]\n", "1: a journal line must be a JSON object" },
  { "{}\n7\n", "2: a journal line must be a JSON object" },
  { "{\"a\":NaN}\n", "1: byte 5: found 'N', expected a value" },
  { "{\"a\":1,\"a\":1}\n", "1: byte 7: found the key \"a\" a second time, expected it once" },
  { "{\"a\":\"\377\"}\n", "1: byte 6: found byte 0xff, expected UTF-8" },
};

static void
test_bad (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    for (guint side = 0; side < 2; side++) {
      g_autoptr (GError) error = NULL;
      g_autofree char *message = g_strconcat (side ? "b.jsonl:" : "a.jsonl:", bad[i].message, NULL);
      const char *good = "{}\n{}\n{}\n";
      guint n_frames;

      g_assert_null (
          compare (side ? good : bad[i].text, side ? bad[i].text : good, 0, &n_frames, &error));
      g_assert_error (error, CPAC_ERROR, CPAC_ERROR_PARSE);
      g_assert_cmpstr (error->message, ==, message);
    }
}

/* Written by the journal, read by the comparison: frames are counted, one score differs. */
static void
test_written (void)
{
  CpacJournalHeader header = { .model = "m" };
  CpacJournalFrame frame = { .timestamp_ns = 0 };
  CpacLedger ledger = { 0 };
  GString *texts[2] = { g_string_new (NULL), g_string_new (NULL) };
  g_autoptr (GArray) same = NULL, differences = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  guint n_frames;

  for (guint side = 0; side < 2; side++) {
    g_autofree char *first = cpac_journal_header (&header);
    g_autofree char *last = cpac_journal_closing (&ledger);

    g_string_append (texts[side], first);
    for (guint i = 0; i < 5; i++) {
      CpacInspection inspection = { .frame = i,
                                    .has_score = TRUE,
                                    .score = i + side * 0.001 * (i == 3) };
      g_autofree char *line = cpac_journal_line (&inspection, &frame);

      g_string_append (texts[side], line);
    }
    g_string_append (texts[side], last);
  }
  differences = compare (texts[0]->str, texts[1]->str, 1e-6, &n_frames, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (n_frames, ==, 5);
  text = differences_to_string (differences);
  g_assert_cmpstr (text, ==, "5 inspection.score 3.0|3.0009999999999999");
  same = compare (texts[0]->str, texts[1]->str, 1e-3, &n_frames, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (same->len, ==, 0);
  g_string_free (texts[0], TRUE);
  g_string_free (texts[1], TRUE);
}

/* A contour that differs is found by its place, one that is missing too. */
static void
test_contours (void)
{
  static const CpacPoint points[][3] = { { { 0, 0 }, { 1, 0 }, { 1, 0.5 } },
                                         { { 0, 0 }, { 1, 0.25 }, { 1, 0.5 } } };
  static const CpacContour contours[][2] = { { { 1, 3, points[0] }, { 2, 3, points[0] } },
                                             { { 1, 3, points[1] } } };
  CpacJournalFrame frame = { .timestamp_ns = 0 };
  char *lines[2];
  g_autoptr (GArray) differences = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  guint n_frames;

  for (guint side = 0; side < 2; side++) {
    CpacInspection inspection = { .has_regions = TRUE,
                                  .n_contours = 2 - side,
                                  .contours = contours[side] };

    lines[side] = cpac_journal_line (&inspection, &frame);
  }
  differences = compare (lines[0], lines[1], 0, &n_frames, &error);
  g_assert_no_error (error);
  text = differences_to_string (differences);
  g_assert_cmpstr (text, ==,
                   "1 inspection.contours[0].points[3] 0.0|0.25; 1 inspection.contours[1] "
                   "{\"region_id\":2,\"points\":[0.0,0.0,1.0,0.0,1.0,0.5]}|(absent)");
  g_free (lines[0]);
  g_free (lines[1]);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/journal-compare/rows", test_rows);
  g_test_add_func ("/journal-compare/bad", test_bad);
  g_test_add_func ("/journal-compare/written", test_written);
  g_test_add_func ("/journal-compare/contours", test_contours);
  return g_test_run ();
}
