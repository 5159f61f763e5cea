/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pipelines/report.h"

#include <gst/gst.h>
#include <math.h>
#include <string.h>

#include "core/plot.h"
#include "pipelines/frames.h"
#include "pipelines/report-tile.h"
#include "tests/scored-fixture.h"
#include "tests/svg-reader.h"

static const ScoredRow toy[] = {
  { "good", "a", 0.1, 0, 0 },
  { "good", "b", 0.3, 0, 0 },
  { "pit", "c", 0.2, 9, 0 },
  { "pit", "d", 0.4, 0, 0 },
};

/* At 0.25 one of two good pictures is rejected and one of two defects detected. */
static void
test_roc_by_hand (void)
{
  g_auto (ScoredFixture) fixture = { 0 };
  g_autoptr (Figures) figures = NULL;
  g_auto (SvgReader) reader = { 0 };
  g_autofree char *svg = NULL;
  Report report;

  scored_init (&fixture, toy, 4, 0.25, 0.25);
  figures = scored_measure (&fixture);
  report = scored_report (&fixture, figures);
  svg = report_draw_roc (&report);
  svg_read (&reader, svg);
  /* (0, 0), (0, 50), (50, 50), (50, 100), (100, 100) %; on the logarithmic axis 50 % lies at
   * log (500) / log (1000) of its 430. */
  g_assert_cmpstr (g_ptr_array_index (reader.points, 0), ==,
                   "70.0,480.0 70.0,275.0 285.0,275.0 285.0,70.0 500.0,70.0");
  g_assert_cmpstr (g_ptr_array_index (reader.points, 1), ==,
                   "580.0,480.0 580.0,275.0 966.9,275.0 966.9,70.0 1010.0,70.0");
  g_assert_cmpuint (svg_count_tags (&reader, "circle", "cx=285.0 cy=275.0"), ==, 1);
  g_assert_cmpuint (svg_count_tags (&reader, "polygon", ""), ==, 2);
  g_assert_nonnull (strstr (reader.texts->str, "toy <1> & \"2\""));
}

/* A tie of a good picture and a defect is a slope, not a step. */
static void
test_roc_tie (void)
{
  static const ScoredRow rows[] = { { "good", "a", 1, 0, 0 }, { "pit", "b", 1, 0, 0 } };
  g_auto (ScoredFixture) fixture = { 0 };
  g_autoptr (Figures) figures = NULL;
  g_auto (SvgReader) reader = { 0 };
  g_autofree char *svg = NULL;
  Report report;

  scored_init (&fixture, rows, 2, 0, 0);
  figures = scored_measure (&fixture);
  report = scored_report (&fixture, figures);
  svg = report_draw_roc (&report);
  svg_read (&reader, svg);
  g_assert_cmpstr (g_ptr_array_index (reader.points, 0), ==, "70.0,480.0 500.0,70.0");
}

/* One bar for each of the four pictures, two of them wrong, and one of each colour in the legend. A
 * score at the threshold is not above it. */
static void
test_scores_by_hand (void)
{
  static const struct {
    double threshold;
    guint n_right, n_wrong;
  } rows[] = { { 0.25, 2, 2 }, { 0.3, 3, 1 }, { 0.1, 3, 1 }, { 0.4, 2, 2 }, { 0, 2, 2 } };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_auto (ScoredFixture) fixture = { 0 };
    g_autoptr (Figures) figures = NULL;
    g_auto (SvgReader) reader = { 0 };
    g_autofree char *svg = NULL;
    Report report;

    scored_init (&fixture, toy, 4, rows[i].threshold, rows[i].threshold);
    figures = scored_measure (&fixture);
    report = scored_report (&fixture, figures);
    svg = report_draw_scores (&report);
    svg_read (&reader, svg);
    g_assert_cmpuint (svg_count_tags (&reader, "rect", "fill=" CPAC_PLOT_BLUE), ==,
                      rows[i].n_right + 1);
    g_assert_cmpuint (svg_count_tags (&reader, "rect", "fill=" CPAC_PLOT_VERMILLION), ==,
                      rows[i].n_wrong + 1);
  }
}

/* Well-formed whatever there is to draw. */
static void
test_awkward (void)
{
  static const struct {
    guint n;
    ScoredRow rows[3];
    double warn, threshold;
  } sets[] = {
    { 1, { { "good", "a", 0.5, 0, 0 } }, 0, 0 },
    { 1, { { "pit", "a", 0.5, 0, 0 } }, 0, 0 },
    { 2, { { "good", "a", 0.5, 0, 0 }, { "pit", "a", 0.5, 3, 0 } }, 0.25, 0.5 },
    { 3,
      { { "good", "a", 1e30, 0, 0 }, { "pit", "b", -1e30, 1, 0 }, { "x", "c", 0, 0, 0 } },
      -1,
      1 },
    { 3,
      { { "good", "a", 1, 0, 0 }, { "pit", "b", 2, 1, 0 }, { "x", "c", 3, 0, 0 } },
      -1e30,
      1e30 },
    { 2, { { "good", "a", 1e-300, 0, 0 }, { "pit", "b", 0, 1, 0 } }, 0, 0 },
    { 2, { { "good", "a", 1e9, 0, 0 }, { "pit", "b", 1e9 + 1, 1, 0 } }, 1e9, 1e9 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (sets); i++) {
    g_auto (ScoredFixture) fixture = { 0 };
    g_autoptr (Figures) figures = NULL;
    g_auto (SvgReader) roc_reader = { 0 }, scores_reader = { 0 };
    g_autofree char *roc = NULL, *scores = NULL, *path = NULL;
    g_autoptr (GError) error = NULL;
    Report report;

    scored_init (&fixture, sets[i].rows, sets[i].n, sets[i].warn, sets[i].threshold);
    figures = scored_measure (&fixture);
    report = scored_report (&fixture, figures);
    roc = report_draw_roc (&report);
    svg_read (&roc_reader, roc);
    g_assert_cmpuint (roc_reader.points->len, ==,
                      figures->n_good > 0 && figures->n_defects > 0 ? 2 : 0);
    scores = report_draw_scores (&report);
    svg_read (&scores_reader, scores);
    g_assert_cmpuint (svg_count_tags (&scores_reader, "rect", ""), >=, 6);
    path = g_build_filename (fixture.folder.path, "worst.png", NULL);
    g_assert_true (report_write_worst (&report, path, &error));
    g_assert_no_error (error);
  }
}

static void
test_find_worst (void)
{
  static const struct {
    guint n_good, n_defects, n_taken_good, n_taken;
  } rows[] = { { 0, 0, 0, 0 },    { 1, 0, 1, 1 },     { 0, 1, 0, 1 },
               { 2, 3, 2, 5 },    { 12, 12, 12, 24 }, { 30, 30, 12, 24 },
               { 30, 5, 19, 24 }, { 3, 30, 3, 24 },   { 30, 0, 24, 24 } };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    guint n = rows[i].n_good + rows[i].n_defects, worst[REPORT_N_WORST], n_good;
    g_autofree CpacMetricSample *samples = g_new (CpacMetricSample, n + 1);
    const Figures figures = { .n = n, .samples = samples };

    /* Scores rise with the index in pairs of equal ones. */
    for (guint k = 0; k < n; k++)
      samples[k] = (CpacMetricSample){ k / 2, k >= rows[i].n_good, k };
    g_assert_cmpuint (report_find_worst (&figures, worst, &n_good), ==, rows[i].n_taken);
    g_assert_cmpuint (n_good, ==, rows[i].n_taken_good);
    for (guint k = 0; k < rows[i].n_taken; k++) {
      g_assert_cmpint (samples[worst[k]].defect, ==, k >= n_good);
      if (k == 0 || k == n_good)
        continue;
      g_assert_true (k < n_good ? samples[worst[k]].score <= samples[worst[k - 1]].score
                                : samples[worst[k]].score >= samples[worst[k - 1]].score);
      if (samples[worst[k]].score == samples[worst[k - 1]].score)
        g_assert_cmpuint (worst[k], >, worst[k - 1]);
    }
    if (n_good > 0)
      g_assert_cmpfloat (samples[worst[0]].score, ==, samples[rows[i].n_good - 1].score);
    if (n_good < rows[i].n_taken)
      g_assert_cmpfloat (samples[worst[n_good]].score, ==, samples[rows[i].n_good].score);
  }
}

static void
test_fit (void)
{
  static const struct {
    guint width, height, fit_width, fit_height;
  } rows[] = {
    { 168, 224, 168, 224 }, { 20, 10, 168, 84 },  { 10, 20, 112, 224 },
    { 1, 30000, 1, 224 },   { 30000, 1, 168, 1 }, { 256, 256, 168, 168 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    guint width, height;

    report_tile_fit (rows[i].width, rows[i].height, 168, 224, &width, &height);
    g_assert_cmpuint (width, ==, rows[i].fit_width);
    g_assert_cmpuint (height, ==, rows[i].fit_height);
  }
}

static void
test_outline (void)
{
  static const guint8 region[5 * 4] = { [7] = 1 };
  GString *found = g_string_new (NULL);
  static const char *const lines[] = { ".###.", ".#.#.", ".###.", "....." };

  for (guint y = 0; y < 4; y++) {
    g_string_truncate (found, 0);
    for (guint x = 0; x < 5; x++)
      g_string_append_c (found, report_is_outline (region, 5, 4, x, y) ? '#' : '.');
    g_assert_cmpstr (found->str, ==, lines[y]);
  }
  g_string_free (found, TRUE);
}

static guint
color_at (const CpacFrame *frame, guint x, guint y)
{
  const guint8 *pixel = frame->planes[0] + (gssize) y * frame->strides[0] + 3 * x;

  return (guint) pixel[0] << 16 | (guint) pixel[1] << 8 | pixel[2];
}

/* Two good pictures over two defects, in tiles of 168x84 beside their maps. On the map, -8 is black
 * and 8 white whatever the pictures' own scores. */
static void
test_sheet (void)
{
  static const ScoredRow rows[] = {
    { "good", "a", -8, 0, 0 },
    { "good", "b", 0, 0, 0 },
    { "pit", "c", 4, 9, 0 },
    { "pit", "d", 20, 0, 0 },
  };
  static const struct {
    guint tile, row, color;
  } expected[] = { { 0, 0, 0x808080 }, { 1, 0, 0x000000 }, { 0, 1, 0xbfbfbf }, { 1, 1, 0xffffff } };
  g_auto (ScoredFixture) fixture = { 0 };
  g_autoptr (Figures) figures = NULL;
  g_autofree char *path = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (CpacFrameSource) source = NULL;
  CpacFrameMark mark;
  CpacFrame frame;
  Report report;

  scored_init (&fixture, rows, 4, 0, 0);
  figures = scored_measure (&fixture);
  report = scored_report (&fixture, figures);
  path = g_build_filename (fixture.folder.path, "worst.png", NULL);
  g_assert_true (report_write_worst (&report, path, &error));
  g_assert_no_error (error);
  source = cpac_frames_open (path, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (cpac_frame_source_next (source, &frame, &mark, &error), ==, CPAC_FRAME_NEXT);
  g_assert_cmpuint (frame.info->format, ==, CPAC_PIXEL_RGB);
  /* Four columns of two boxes of 168, 4 between them, 20 between and around the tiles. */
  g_assert_cmpuint (frame.info->width, ==, 4 * (2 * 168 + 4 + 20) + 20);
  /* Header, and twice a heading, a tile of 84 and its caption, and the margin below. */
  g_assert_cmpuint (frame.info->height, ==, 84 + 2 * (34 + 84 + 42) + 20);
  for (guint i = 0; i < G_N_ELEMENTS (expected); i++) {
    guint x = 20 + expected[i].tile * 360 + 84, y = 84 + 34 + expected[i].row * 160 + 42;

    g_assert_cmphex (color_at (&frame, x, y), ==, 0x646464);
    g_assert_cmphex (color_at (&frame, x + 172, y), ==, expected[i].color);
  }
  /* Nine mask pixels of the first row, 8.4 times as large: the outline runs below them. */
  g_assert_cmphex (color_at (&frame, 20 + 30, 84 + 34 + 160 + 9), ==, 0xe69f00);
  g_assert_cmphex (color_at (&frame, 20 + 30, 84 + 34 + 160 + 12), ==, 0x646464);
}

static void
test_write (void)
{
  static const char *const names[] = { "worst.png", "roc.svg", "scores.svg" };
  g_auto (ScoredFixture) fixture = { 0 };
  g_autoptr (Figures) figures = NULL;
  g_autofree char *file = NULL, *below = NULL, *deep = NULL;
  g_autoptr (GError) error = NULL;
  Report report;

  scored_init (&fixture, toy, 4, 0.25, 0.25);
  figures = scored_measure (&fixture);
  report = scored_report (&fixture, figures);
  deep = g_build_filename (fixture.folder.path, "deep", "er", NULL);
  g_assert_true (report_write (&report, deep, &error));
  g_assert_no_error (error);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    g_autofree char *path = g_build_filename (deep, names[i], NULL);

    g_assert_true (g_file_test (path, G_FILE_TEST_IS_REGULAR));
  }
  file = put (&fixture.folder, "file", "x", 1);
  below = g_build_filename (file, "report", NULL);
  g_assert_false (report_write (&report, below, &error));
  g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_NOTDIR);
  g_assert_nonnull (strstr (error->message, below));
}

/* A picture that went away after it was scored is an error that names it, and leaves no sheet. */
static void
test_lost_picture (void)
{
  g_auto (ScoredFixture) fixture = { 0 };
  g_autoptr (Figures) figures = NULL;
  g_autofree char *lost = NULL, *path = NULL;
  g_autoptr (GError) error = NULL;
  Report report;

  scored_init (&fixture, toy, 4, 0.25, 0.25);
  figures = scored_measure (&fixture);
  report = scored_report (&fixture, figures);
  lost = g_build_filename (fixture.folder.path, "p3.png", NULL);
  path = g_build_filename (fixture.folder.path, "worst.png", NULL);
  g_assert_cmpint (g_remove (lost), ==, 0);
  g_assert_false (report_write_worst (&report, path, &error));
  g_assert_nonnull (strstr (error->message, lost));
  g_assert_false (g_file_test (path, G_FILE_TEST_EXISTS));
}

int
main (int argc, char **argv)
{
  gst_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/report/roc-by-hand", test_roc_by_hand);
  g_test_add_func ("/report/roc-tie", test_roc_tie);
  g_test_add_func ("/report/scores-by-hand", test_scores_by_hand);
  g_test_add_func ("/report/awkward", test_awkward);
  g_test_add_func ("/report/find-worst", test_find_worst);
  g_test_add_func ("/report/fit", test_fit);
  g_test_add_func ("/report/outline", test_outline);
  g_test_add_func ("/report/sheet", test_sheet);
  g_test_add_func ("/report/write", test_write);
  g_test_add_func ("/report/lost-picture", test_lost_picture);
  return g_test_run ();
}
