/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include <math.h>
#include <string.h>

#include "core/plot.h"
#include "core/report/charts.h"
#include "core/report/page.h"
#include "svg-reader.h"

#define HEADER "{\"schema\":\"cpac-inspection/1\",\"record\":\"header\",\"model\":\"m\"}\n"
#define FRAME(id, code, score)                                                                     \
  "{\"frame_id\":" #id ",\"inspection\":{\"status\":\"scored\",\"verdict_code\":" #code            \
  ",\"score\":" #score ",\"threshold\":2.0,\"warn_threshold\":1.0,\"model\":\"m\"}}\n"
#define CLOSING(seen, ok, not_ok)                                                                  \
  "{\"schema\":\"cpac-inspection/1\",\"record\":\"closing\",\"frames\":{\"seen\":" #seen           \
  ",\"ok\":" #ok ",\"not_ok\":" #not_ok ",\"not_decidable\":0,\"undefined\":0}}\n"
#define PART(number, code, id, alarm)                                                              \
  "{\"schema\":\"cpac-inspection/1\",\"record\":\"part\",\"part\":" #number ",\"part_id\":\"" id   \
  "\",\"verdict_code\":" #code ",\"score\":1.5,\"monitor\":{\"state\":"                            \
  "\"s" #number "\",\"sentence\":\"" id "\",\"alarms\":[],\"charts\":[{\"series\":\"score\","      \
  "\"chart\":\"" id "\",\"value\":0.5,\"lower\":-1.0,\"upper\":1.0,\"alarm\":" #alarm "}]}}\n"
#define GOOD HEADER FRAME (0, 1, 0.5) FRAME (1, 2, 3.5) CLOSING (2, 1, 1)

static CpacReportSummary *
read_text (const char *text)
{
  g_autoptr (GError) error = NULL;
  CpacReportSummary *summary = cpac_report_summary_new ("j", text, strlen (text), &error);

  g_assert_no_error (error);
  g_assert_nonnull (summary);
  return summary;
}

/* What is told, and in which words: NULL where there is no warning. */
static const struct {
  const char *name, *text;
  guint64 seen, ok, runs;
  gboolean closes;
  const char *warning;
} told[] = {
  { "whole", GOOD, 2, 1, 1, TRUE, NULL },
  { "two-runs", GOOD GOOD, 4, 2, 2, TRUE, NULL },
  { "torn", GOOD "{\"schema\":\"cpac-in", 2, 1, 1, FALSE, "torn: 18 bytes" },
  { "torn-with-newline", HEADER FRAME (0, 1, 0.5) "{\"fra\n", 1, 1, 1, FALSE, "torn: 5 bytes" },
  { "no-closing", HEADER FRAME (0, 1, 0.5), 1, 1, 1, FALSE, "has no closing record" },
  { "no-closing-between", HEADER FRAME (0, 1, 0.5) GOOD, 3, 2, 2, FALSE, "Run 1 has no closing" },
  { "no-header", FRAME (0, 1, 0.5) CLOSING (1, 1, 0), 1, 1, 1, TRUE, "has no header" },
  { "miscounted", HEADER FRAME (0, 1, 0.5) CLOSING (2, 2, 0), 1, 1, 1, FALSE, "does not add up" },
  { "open-ledger", HEADER FRAME (0, 1, 0.5) CLOSING (1, 0, 0), 1, 1, 1, FALSE, "does not add up" },
  { "empty-run", HEADER CLOSING (0, 0, 0), 0, 0, 1, TRUE, NULL },
};

static void
test_told (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (told); i++) {
    g_autoptr (CpacReportSummary) summary = read_text (told[i].text);

    g_test_message ("%s", told[i].name);
    g_assert_cmpuint (summary->frames.seen, ==, told[i].seen);
    g_assert_cmpuint (summary->frames.verdicts[CPAC_VERDICT_OK], ==, told[i].ok);
    g_assert_cmpuint (summary->n_runs, ==, told[i].runs);
    g_assert_cmpint (summary->closes, ==, told[i].closes);
    g_assert_cmpuint (summary->remarks->len, ==, told[i].runs > 1);
    if (told[i].warning == NULL)
      g_assert_cmpuint (summary->warnings->len, ==, 0);
    else
      g_assert_nonnull (strstr (summary->warnings->pdata[0], told[i].warning));
  }
}

static const struct {
  const char *text, *message;
} refused[] = {
  { "", "j: found no line, expected a journal" },
  { "{\"a\"", "j:1: " },
  { HEADER "nonsense\n" FRAME (0, 1, 0.5), "j:2: " },
  { HEADER "[1]\n" FRAME (0, 1, 0.5), "j:2: found no object" },
  { HEADER "{\"a\":1}\n" FRAME (0, 1, 0.5), "j:2: found neither frame nor record" },
  { HEADER FRAME (0, 4, 0.5), "j:2: found no verdict" },
  { HEADER FRAME (-1, 1, 0.5), "j:2: found no frame_id" },
  { "{\"schema\":\"x/1\",\"record\":\"header\"}\n", "j:1: found another schema" },
  { HEADER "{\"schema\":\"cpac-inspection/1\",\"record\":\"lost\",\"frames\":-1,\"parts\":0}\n",
    "j:2: found no counts" },
  { HEADER "{\"schema\":\"cpac-inspection/1\",\"record\":\"closing\"}\n", "j:2: found no ledger" },
};

static void
test_refused (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (refused); i++) {
    g_autoptr (GError) error = NULL;
    CpacReportSummary *summary =
        cpac_report_summary_new ("j", refused[i].text, strlen (refused[i].text), &error);

    g_assert_null (summary);
    g_assert_error (error, CPAC_ERROR, CPAC_ERROR_PARSE);
    g_test_message ("%s", error->message);
    g_assert_true (g_str_has_prefix (error->message, refused[i].message));
  }
}

static char *
make_page (const CpacReportSummary *summary)
{
  g_autoptr (GArray) worst = cpac_report_summary_get_worst (summary, CPAC_REPORT_N_WORST);
  const CpacReportPage page = { summary, "<b>", worst, NULL };

  return cpac_report_page (&page);
}

static void
test_hostile (void)
{
  g_autoptr (CpacReportSummary) summary =
      read_text (HEADER PART (0, 2, "<script>&'", true) PART (1, 1, "<script>&'", false));
  g_autofree char *page = make_page (summary), *again = make_page (summary);
  g_autofree char *svg = NULL;
  g_auto (SvgReader) reader = { 0 };
  guint n_alarms;

  g_assert_cmpstr (page, ==, again);
  g_assert_null (strstr (page, "<script"));
  g_assert_null (strstr (page, "<b>"));
  g_assert_nonnull (strstr (page, "&lt;script&gt;&amp;&apos;"));
  g_assert_cmpuint (summary->charts->len, ==, 1);
  g_assert_cmpuint (summary->changes->len, ==, 2);
  svg = cpac_report_draw_chart (summary, &g_array_index (summary->charts, CpacReportChart, 0),
                                &n_alarms);
  g_assert_cmpuint (n_alarms, ==, 1);
  svg_read (&reader, svg);
  g_assert_cmpuint (svg_count_points (&reader, 3), ==, 2);
}

/* Parts are told wherever they begin, and however a record is spaced. */
static void
test_spaces (void)
{
  g_autoptr (CpacReportSummary) summary = read_text (
      HEADER FRAME (0, 1, 0.5) "{\"schema\": \"cpac-inspection/1\", \"record\" : \"part\", "
                               "\"part\": 0, \"verdict_code\": 1}\n");

  g_assert_true (summary->has_parts);
  g_assert_cmpuint (summary->units->len, ==, 1);
  g_assert_cmpuint (summary->parts.seen, ==, 1);
}

/* As many as a count can be: nothing overflows, nothing hangs, nothing is no number. */
static void
test_many_lost (void)
{
  g_autoptr (CpacReportSummary) summary =
      read_text (HEADER FRAME (0, 1, 0.5) "{\"schema\":\"cpac-inspection/1\",\"record\":\"lost\","
                                          "\"frames\":2305843009213693951,\"parts\":0}\n");
  g_autofree char *page = make_page (summary);

  g_assert_cmpuint (summary->frames.seen, ==, G_GUINT64_CONSTANT (2305843009213693952));
  g_assert_cmpuint (summary->units->len, ==, 2);
  g_assert_null (strstr (page, "nan"));
}

/* One in order, so many lost, one in order: each has a place of its own on an axis of 670 in at
 * most 60 bins, and of the 176 upwards as much as it is of the fullest bin. */
static void
test_lost_over_time (void)
{
  static const struct {
    const char *lost;
    const char *good, *undefined; /* bars of each */
    const char *ends;             /* of the axis */
  } rows[] = {
    { "1",
      "d=M70.0,212.0L70.0,36.0L292.3,36.0L292.3,212.0z"
      "M516.7,212.0L516.7,36.0L739.0,36.0L739.0,212.0z",
      "d=M293.3,212.0L293.3,36.0L515.7,36.0L515.7,212.0z", "|3|" },
    { "3",
      "d=M70.0,212.0L70.0,36.0L203.0,36.0L203.0,212.0z"
      "M606.0,212.0L606.0,36.0L739.0,36.0L739.0,212.0z",
      "d=M204.0,212.0L204.0,36.0L337.0,36.0L337.0,212.0z"
      "M338.0,212.0L338.0,36.0L471.0,36.0L471.0,212.0z"
      "M472.0,212.0L472.0,36.0L605.0,36.0L605.0,212.0z",
      "|5|" },
    /* Two in each of 60 bins. */
    { "118",
      "d=M70.0,212.0L70.0,124.0L80.2,124.0L80.2,212.0z"
      "M728.8,212.0L728.8,124.0L739.0,124.0L739.0,212.0z",
      "d=M70.0,124.0L70.0,36.0L80.2,36.0L80.2,124.0z"
      "M81.2,212.0L81.2,36.0L91.3,36.0L91.3,212.0z",
      "|120|" },
    /* 91 in 60 bins: two in the first and in the second, one in the third and in the last. */
    { "89",
      "d=M70.0,212.0L70.0,124.0L80.2,124.0L80.2,212.0z"
      "M728.8,212.0L728.8,124.0L739.0,124.0L739.0,212.0z",
      "d=M70.0,124.0L70.0,36.0L80.2,36.0L80.2,124.0z"
      "M81.2,212.0L81.2,36.0L91.3,36.0L91.3,212.0z"
      "M92.3,212.0L92.3,124.0L102.5,124.0L102.5,212.0z",
      "|80|" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree char *text = g_strconcat (
        HEADER FRAME (0, 1, 0.5) "{\"schema\":\"cpac-inspection/1\",\"record\":\"lost\","
                                 "\"parts\":0,\"frames\":",
        rows[i].lost, "}\n" FRAME (500, 1, 0.5), NULL);
    g_autoptr (CpacReportSummary) summary = read_text (text);
    g_autofree char *svg = cpac_report_draw_verdicts (summary);
    g_auto (SvgReader) reader = { 0 };

    svg_read (&reader, svg);
    g_assert_cmpuint (svg_count_tags (&reader, "path fill=" CPAC_PLOT_BLUE, rows[i].good), ==, 1);
    g_assert_cmpuint (svg_count_tags (&reader, "path fill=" CPAC_PLOT_GRAY, rows[i].undefined), ==,
                      1);
    g_assert_nonnull (strstr (reader.texts->str, rows[i].ends));
  }
}

/* Rejected before doubtful before good, whatever their scores. */
static void
test_worst (void)
{
  g_autoptr (CpacReportSummary) summary = read_text (HEADER FRAME (0, 1, 9.0) FRAME (
      1, 2, 1.0) FRAME (2, 3, 5.0) FRAME (3, 2, 2.0) FRAME (4, 1, 9.0) FRAME (5, 0, 9.5));
  static const guint64 expected[] = { 3, 1, 2, 5, 0 };
  g_autoptr (GArray) worst = cpac_report_summary_get_worst (summary, 5);

  g_assert_cmpuint (worst->len, ==, G_N_ELEMENTS (expected));
  for (guint i = 0; i < worst->len; i++)
    g_assert_cmpuint (g_array_index (worst, CpacReportUnit, i).number, ==, expected[i]);
}

/* ---- Series ---- */

static gboolean
holds (const GArray *places, guint place)
{
  for (guint i = 0; i < places->len; i++)
    if (g_array_index (places, guint, i) == place)
      return TRUE;
  return FALSE;
}

/* Both extremes, both ends, in order and within the bound; one value is none. */
static void
check_thin (guint n, guint n_columns)
{
  g_autofree CpacReportPoint *points = g_new0 (CpacReportPoint, n + 1);
  g_autoptr (GArray) kept = NULL;

  for (guint i = 0; i < n; i++)
    points[i].value = sin (i * 12.9898);
  points[n / 2].value = 50;
  points[n / 3].value = n / 3 == n / 2 ? 50 : -50;
  if (n > 2)
    points[0].value = NAN;
  kept = cpac_report_thin (points, n, n_columns);
  g_assert_cmpuint (kept->len, <=, 4 * n_columns);
  if (n <= 4 * n_columns)
    g_assert_cmpuint (kept->len, ==, n);
  for (guint i = 1; i < kept->len; i++)
    g_assert_cmpuint (g_array_index (kept, guint, i), >, g_array_index (kept, guint, i - 1));
  if (n == 0)
    return;
  g_assert_true (holds (kept, 0) && holds (kept, n - 1));
  g_assert_true (holds (kept, n / 2) && holds (kept, n / 3));
}

static void
test_thin (void)
{
  static const guint sizes[] = { 0, 1, 2, 3, 5, 17, 253, 100003 };

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++) {
    check_thin (sizes[i], 250);
    check_thin (sizes[i], 7);
  }
}

static void
test_alarms (void)
{
  g_autofree CpacReportPoint *points = g_new0 (CpacReportPoint, 1000);
  g_autoptr (GArray) all = NULL, some = NULL;
  guint n_alarms;

  for (guint i = 5; i < 1000; i += 5)
    points[i].is_alarm = TRUE;
  all = cpac_report_alarms (points, 1000, 199, &n_alarms);
  g_assert_cmpuint (n_alarms, ==, 199);
  g_assert_cmpuint (all->len, ==, 199);
  for (guint i = 0; i < all->len; i++)
    g_assert_cmpuint (g_array_index (all, guint, i), ==, 5 * (i + 1));
  some = cpac_report_alarms (points, 1000, 3, &n_alarms);
  g_assert_cmpuint (n_alarms, ==, 199);
  g_assert_cmpuint (some->len, ==, 3);
  g_assert_true (holds (some, 5) && holds (some, 500) && holds (some, 995));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/journal-summary/told", test_told);
  g_test_add_func ("/journal-summary/refused", test_refused);
  g_test_add_func ("/journal-summary/hostile", test_hostile);
  g_test_add_func ("/journal-summary/spaces", test_spaces);
  g_test_add_func ("/journal-summary/many-lost", test_many_lost);
  g_test_add_func ("/journal-summary/lost-over-time", test_lost_over_time);
  g_test_add_func ("/journal-summary/worst", test_worst);
  g_test_add_func ("/journal-summary/thin", test_thin);
  g_test_add_func ("/journal-summary/alarms", test_alarms);
  return g_test_run ();
}
