/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/plot.h"

#include <float.h>
#include <locale.h>
#include <math.h>
#include <string.h>

#include "tests/svg-reader.h"

static void
test_place (void)
{
  static const struct {
    CpacPlotScale scale;
    double value, place;
  } rows[] = {
    { { 0, 10, 100, 200, FALSE, FALSE }, 2.5, 125 },
    { { 0, 10, 200, 100, FALSE, FALSE }, 2.5, 175 },
    { { -5, 5, 0, 1, FALSE, FALSE }, 10, 1.5 },
    { { 0.1, 100, 0, 300, TRUE, FALSE }, 1, 100 },
    { { 0.1, 100, 0, 300, TRUE, FALSE }, 0.1, 0 },
    { { 3, 3, 10, 20, FALSE, FALSE }, 3, 15 },
    { { 1, 0, 10, 20, FALSE, FALSE }, 0.25, 15 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    g_assert_cmpfloat_with_epsilon (cpac_plot_place (&rows[i].scale, rows[i].value), rows[i].place,
                                    300 * 8 * DBL_EPSILON);
}

static void
test_round_step (void)
{
  static const struct {
    double wanted, step;
  } rows[] = { { 1, 1 },    { 1.01, 2 }, { 2, 2 },       { 2.5, 5 },    { 5, 5 },
               { 5.1, 10 }, { 73, 100 }, { 0.03, 0.05 }, { 4e-9, 5e-9 } };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    g_assert_cmpfloat_with_epsilon (cpac_plot_round_step (rows[i].wanted), rows[i].step,
                                    4 * DBL_EPSILON * rows[i].step);
}

static void
test_ticks (void)
{
  static const struct {
    double low, high;
    gboolean is_log, is_whole;
    guint n_wanted, n;
    double ticks[8];
  } rows[] = {
    { 0, 100, FALSE, FALSE, 5, 6, { 0, 20, 40, 60, 80, 100 } },
    { 0, 1, FALSE, FALSE, 5, 6, { 0, 0.2, 0.4, 0.6, 0.8, 1 } },
    { -0.31, 0.29, FALSE, FALSE, 6, 6, { -0.3, -0.2, -0.1, 0, 0.1, 0.2 } },
    { 1, 3, FALSE, TRUE, 6, 3, { 1, 2, 3 } },
    { 1, 3, FALSE, FALSE, 6, 5, { 1, 1.5, 2, 2.5, 3 } },
    { 1e6, 1e6 + 3, FALSE, FALSE, 3, 4, { 1e6, 1e6 + 1, 1e6 + 2, 1e6 + 3 } },
    { 0.1, 100, TRUE, FALSE, 6, 4, { 0.1, 1, 10, 100 } },
    /* Too few powers of ten, too few of their multiples. */
    { 0.03, 0.7, TRUE, FALSE, 5, 4, { 0.05, 0.1, 0.2, 0.5 } },
    { 3, 4.2, TRUE, FALSE, 5, 3, { 3, 3.5, 4 } },
    { 7, 7, FALSE, FALSE, 5, 1, { 7 } },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    const CpacPlotScale scale = {
      rows[i].low, rows[i].high, 0, 1, rows[i].is_log, rows[i].is_whole
    };
    double ticks[CPAC_PLOT_MAX_TICKS];

    g_assert_cmpuint (cpac_plot_ticks (&scale, rows[i].n_wanted, ticks), ==, rows[i].n);
    for (guint k = 0; k < rows[i].n; k++)
      g_assert_cmpfloat_with_epsilon (ticks[k], rows[i].ticks[k],
                                      8 * DBL_EPSILON * MAX (fabs (rows[i].high), 1));
  }
}

/* More than there is room for. */
static void
test_many_ticks (void)
{
  const CpacPlotScale scale = { 1e-30, 1e30, 0, 1, TRUE, FALSE };
  double ticks[CPAC_PLOT_MAX_TICKS];

  g_assert_cmpuint (cpac_plot_ticks (&scale, 5, ticks), ==, CPAC_PLOT_MAX_TICKS);
}

static void
draw_everything (SvgReader *reader)
{
  static const double xs[] = { 0, 1, NAN, 3, 4 }, ys[] = { 0, 10, 5, INFINITY, 10 };
  const CpacPlotScale x = { 0, 4, 100, 200, FALSE, FALSE }, y = { 0, 10, 50, 0, FALSE, FALSE };
  GString *svg = cpac_plot_begin (300, 200, "a <b> & \"c\" \xff\x01");
  g_autofree char *text = NULL;

  cpac_plot_axis_below (svg, &x, 50, 0, "below");
  cpac_plot_axis_left (svg, &y, 100, 200, CPAC_PLOT_INK, "left <1>");
  cpac_plot_axis_right (svg, &y, 200, CPAC_PLOT_BLUE, "right & 2");
  cpac_plot_line (svg, &x, &y, xs, ys, 5, "red", "none");
  cpac_plot_line (svg, &x, &y, NULL, NULL, 0, "red", "none");
  cpac_plot_band (svg, &x, &y, xs, ys, ys, 5, "red");
  cpac_plot_rectangle (svg, 1, 2, 3, 4, "none", "magenta");
  cpac_plot_segment (svg, NAN, 0, 1, 1, "magenta", "none");
  cpac_plot_segment (svg, -0.01, 0, 1, 1, "magenta", "none");
  cpac_plot_marker (svg, INFINITY, 0, "magenta", TRUE);
  cpac_plot_marker (svg, 1, 0, "magenta", FALSE);
  text = cpac_plot_end (svg);
  svg_read (reader, text);
}

static void
test_svg (void)
{
  g_auto (SvgReader) reader = { 0 };

  draw_everything (&reader);
  g_assert_cmpuint (reader.points->len, ==, 2);
  g_assert_cmpstr (g_ptr_array_index (reader.points, 0), ==, "100.0,50.0 125.0,0.0 200.0,0.0");
  g_assert_cmpstr (g_ptr_array_index (reader.points, 1), ==, "");
  g_assert_cmpuint (svg_count_tags (&reader, "rect", "magenta"), ==, 1);
  g_assert_cmpuint (svg_count_tags (&reader, "line", "magenta"), ==, 1);
  g_assert_cmpuint (svg_count_tags (&reader, "line", "x1=0.0 y1=0.0 x2=1.0"), ==, 1);
  g_assert_cmpuint (svg_count_tags (&reader, "circle", "magenta"), ==, 1);
  g_assert_nonnull (strstr (reader.texts->str, "a <b> & \"c\" "));
  g_assert_nonnull (strstr (reader.texts->str, "left <1>"));
  g_assert_nonnull (strstr (reader.texts->str, "right & 2"));
}

/* By hand: three places of 20 units, of which a bar fills the middle half; 50 units are a value of
 * 2. What is nothing, less or no number has no bar. */
static void
test_bars (void)
{
  const CpacPlotScale x = { 0, 5, 10, 110, FALSE, FALSE }, y = { 0, 2, 80, 30, FALSE, FALSE };
  const double values[] = { 2, 0, 0.5, -1, NAN };
  GString *svg = cpac_plot_begin (120, 90, "bars");
  g_autofree char *text = NULL;
  g_auto (SvgReader) reader = { 0 };

  cpac_plot_bars (svg, &x, &y, values, G_N_ELEMENTS (values), 0.25, 0.75, CPAC_PLOT_BLUE);
  text = cpac_plot_end (svg);
  svg_read (&reader, text);
  g_assert_nonnull (strstr (text,
                            "<path fill=\"" CPAC_PLOT_BLUE "\" "
                            "d=\"M15.0,80.0v-50.0h10.0v50.0zM55.0,80.0v-12.5h10.0v12.5z\"/>"));
}

/* Points and no commas, whatever the user's language. */
static void
test_locale (void)
{
  g_auto (SvgReader) reader = { 0 };

  if (setlocale (LC_NUMERIC, "de_DE.UTF-8") == NULL) {
    g_test_skip ("there is no locale de_DE.UTF-8");
    return;
  }
  draw_everything (&reader);
  setlocale (LC_NUMERIC, "C");
  g_assert_cmpstr (g_ptr_array_index (reader.points, 0), ==, "100.0,50.0 125.0,0.0 200.0,0.0");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/plot/place", test_place);
  g_test_add_func ("/plot/round-step", test_round_step);
  g_test_add_func ("/plot/ticks", test_ticks);
  g_test_add_func ("/plot/many-ticks", test_many_ticks);
  g_test_add_func ("/plot/svg", test_svg);
  g_test_add_func ("/plot/bars", test_bars);
  g_test_add_func ("/plot/locale", test_locale);
  return g_test_run ();
}
