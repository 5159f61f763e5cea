/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The small parts of cpacscore that need no stream: statistics and the region's text. */

#include "plugin/score-settings.h"
#include "plugin/score-stats.h"

static void
add (GstCpacScoreStats *stats, guint64 time_ns)
{
  CpacInspection inspection = { .has_time = TRUE, .time_ns = time_ns };

  gst_cpac_score_stats_add (stats, &inspection);
}

/* One time alone is its own quantile, at most 1/8 too long. */
static void
test_steps (void)
{
  for (guint64 time = 1; time < (guint64) 1 << 42; time += 1 + time / 7) {
    GstCpacScoreStats stats = { 0 };

    add (&stats, time);
    g_assert_cmpuint (gst_cpac_score_stats_get_p99 (&stats), >=, time);
    g_assert_cmpuint (gst_cpac_score_stats_get_p99 (&stats), <=, time + time / 8);
  }
}

static void
test_extremes (void)
{
  GstCpacScoreStats stats = { 0 };

  g_assert_cmpuint (gst_cpac_score_stats_get_p99 (&stats), ==, 0);
  add (&stats, 0);
  g_assert_cmpuint (gst_cpac_score_stats_get_p99 (&stats), ==, 0);
  add (&stats, G_MAXUINT64);
  g_assert_cmpuint (gst_cpac_score_stats_get_p99 (&stats), >, (guint64) 1 << 43);
}

/* 99 of 100 frames took no more than 7 ns; of 101, only 99 did. */
static void
test_quantile (void)
{
  GstCpacScoreStats stats = { 0 };

  for (guint i = 0; i < 99; i++)
    add (&stats, 7);
  add (&stats, 800);
  g_assert_cmpuint (gst_cpac_score_stats_get_p99 (&stats), ==, 7);
  add (&stats, 800);
  g_assert_cmpuint (gst_cpac_score_stats_get_p99 (&stats), >=, 800);
}

static void
test_counts (void)
{
  static const CpacInspection frames[] = {
    { .status = CPAC_STATUS_SCORED, .verdict = CPAC_VERDICT_NOT_OK, .has_score = TRUE, .score = 3 },
    { .status = CPAC_STATUS_SCORED, .verdict = CPAC_VERDICT_OK, .has_score = TRUE, .score = 1 },
    { .status = CPAC_STATUS_SKIPPED },
    { .status = CPAC_STATUS_ERROR },
  };
  GstCpacScoreStats stats = { 0 };
  g_autoptr (GstStructure) structure = NULL;
  guint64 n_frames, n_scored, n_skipped, n_errors, n_defects;
  double last;

  for (guint i = 0; i < G_N_ELEMENTS (frames); i++)
    gst_cpac_score_stats_add (&stats, &frames[i]);
  structure = gst_cpac_score_stats_to_structure (&stats);
  g_assert_true (gst_structure_get (structure, "frames", G_TYPE_UINT64, &n_frames, "scored",
                                    G_TYPE_UINT64, &n_scored, "skipped", G_TYPE_UINT64, &n_skipped,
                                    "errors", G_TYPE_UINT64, &n_errors, "defects", G_TYPE_UINT64,
                                    &n_defects, "last-score", G_TYPE_DOUBLE, &last, NULL));
  g_assert_cmpuint (n_frames, ==, 4);
  g_assert_cmpuint (n_scored, ==, 2);
  g_assert_cmpuint (n_skipped, ==, 1);
  g_assert_cmpuint (n_errors, ==, 1);
  g_assert_cmpuint (n_defects, ==, 1);
  g_assert_cmpfloat (last, ==, 1);
}

static const struct {
  const char *text;
  gboolean valid;
  CpacRect region;
} regions[] = {
  { NULL, TRUE, { 0, 0, 0, 0 } },
  { "", TRUE, { 0, 0, 0, 0 } },
  { "0,0,1,1", TRUE, { 0, 0, 1, 1 } },
  { "12,345,6,32768", TRUE, { 12, 345, 6, 32768 } },
  { "0,0,1", FALSE, { 0 } },
  { "0,0,1,1,1", FALSE, { 0 } },
  { "0,0,1,", FALSE, { 0 } },
  { "0,0,0,1", FALSE, { 0 } },
  { "0,0,1,32769", FALSE, { 0 } },
  { "-1,0,1,1", FALSE, { 0 } },
  { "+1,0,1,1", FALSE, { 0 } },
  { "0, 0,1,1", FALSE, { 0 } },
  { "0,0,1,1 ", FALSE, { 0 } },
  { "0x1,0,1,1", FALSE, { 0 } },
  { "1.5,0,1,1", FALSE, { 0 } },
  { "4294967296,0,1,1", FALSE, { 0 } },
  { "99999999999999999999,0,1,1", FALSE, { 0 } },
  { "x", FALSE, { 0 } },
};

static void
test_region (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (regions); i++) {
    CpacRect region = { 9, 9, 9, 9 };

    g_assert_cmpint (gst_cpac_parse_region (regions[i].text, &region), ==, regions[i].valid);
    g_assert_cmpmem (&region, sizeof region, &regions[i].region, sizeof region);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  gst_init (&argc, &argv);
  g_test_add_func ("/score-stats/steps", test_steps);
  g_test_add_func ("/score-stats/extremes", test_extremes);
  g_test_add_func ("/score-stats/quantile", test_quantile);
  g_test_add_func ("/score-stats/counts", test_counts);
  g_test_add_func ("/score-settings/region", test_region);
  return g_test_run ();
}
