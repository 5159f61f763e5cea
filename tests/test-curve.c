/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/train/curve.h"

#include <locale.h>
#include <math.h>
#include <string.h>

#include "core/plot.h"
#include "tests/svg-reader.h"

static const CpacEpoch epochs[] = {
  { 1, 0.003, 0.75, 0.5, 0.625, 12.5, 1.25 },
  { 2, 0.0025, 1.0 / 3, 1e-13, NAN, 1e-20, 0 },
  { 3, 1e-6, 123456789012.0, 0.25, 1, 2, 100 },
};

static GArray *
curve_of (guint n)
{
  GArray *curve = g_array_new (FALSE, FALSE, sizeof (CpacEpoch));

  g_array_append_vals (curve, epochs, n);
  return curve;
}

#define HEADER "epoch,rate,train_loss,val_loss,val_figure,gradient_norm,seconds\n"

static void
test_csv (void)
{
  g_autoptr (GArray) none = curve_of (0), all = curve_of (3);
  g_autofree char *empty = cpac_curve_to_csv (none), *csv = cpac_curve_to_csv (all);

  g_assert_cmpstr (empty, ==, HEADER);
  g_assert_cmpstr (csv, ==,
                   HEADER "1,0.003,0.75,0.5,0.625,12.5,1.25\n"
                          "2,0.0025,0.333333333,1e-13,,1e-20,0\n"
                          "3,1e-06,1.23456789e+11,0.25,1,2,100\n");
}

/* Well-formed whatever the numbers and names; three lines: training loss, selection loss, figure,
 * of which the last has no point for what is not a number. */
static void
test_svg (void)
{
  static const guint figures[] = { 0, 1, 1, 2 };

  for (guint n = 0; n <= 3; n++) {
    g_autoptr (GArray) curve = curve_of (n);
    g_autofree char *svg = cpac_curve_to_svg (curve, "a <b> & \"c\"", "val_auroc", MIN (n, 1));
    g_auto (SvgReader) found = { 0 };

    svg_read (&found, svg);
    g_assert_cmpuint (found.points->len, ==, 3);
    g_assert_cmpuint (svg_count_points (&found, 0), ==, n);
    g_assert_cmpuint (svg_count_points (&found, 1), ==, n);
    g_assert_cmpuint (svg_count_points (&found, 2), ==, figures[n]);
    g_assert_cmpuint (svg_count_tags (&found, "line", CPAC_PLOT_GREEN), ==, n > 0);
    g_assert_nonnull (strstr (found.texts->str, "a <b> & \"c\""));
    g_assert_nonnull (strstr (found.texts->str, "val_auroc"));
    g_assert_cmpint (strstr (found.texts->str, "best") != NULL, ==, n > 0);
  }
}

/* Points by hand: two epochs at the left and right edge, the larger loss on top. */
static void
test_points (void)
{
  static const CpacEpoch two[] = { { 1, 1, 10, 1, 0, 1, 1 }, { 2, 1, 1, 10, 1, 1, 1 } };
  g_autoptr (GArray) curve = g_array_new (FALSE, FALSE, sizeof (CpacEpoch));
  g_autofree char *svg = NULL;
  g_auto (SvgReader) found = { 0 };

  g_array_append_vals (curve, two, 2);
  svg = cpac_curve_to_svg (curve, "two", "figure", 2);
  svg_read (&found, svg);
  g_assert_cmpstr (g_ptr_array_index (found.points, 0), ==, "70.0,40.0 570.0,310.0");
  g_assert_cmpstr (g_ptr_array_index (found.points, 1), ==, "70.0,310.0 570.0,40.0");
  g_assert_cmpstr (g_ptr_array_index (found.points, 2), ==, "70.0,310.0 570.0,40.0");
}

/* A loss that is not a number has no place; those of zero are drawn as very small. */
static void
test_odd_losses (void)
{
  static const CpacEpoch odd[] = { { 1, 1, NAN, 0, NAN, 1, 1 }, { 2, 1, INFINITY, 1, NAN, 1, 1 } };
  g_autoptr (GArray) curve = g_array_new (FALSE, FALSE, sizeof (CpacEpoch));
  g_autofree char *svg = NULL;
  g_auto (SvgReader) found = { 0 };

  g_array_append_vals (curve, odd, 2);
  svg = cpac_curve_to_svg (curve, "odd", "figure", 0);
  svg_read (&found, svg);
  g_assert_cmpuint (svg_count_points (&found, 0), ==, 0);
  g_assert_cmpstr (g_ptr_array_index (found.points, 1), ==, "70.0,310.0 570.0,40.0");
  g_assert_cmpuint (svg_count_points (&found, 2), ==, 0);
}

/* Points and no commas, whatever the user's language. */
static void
test_locale (void)
{
  g_autoptr (GArray) curve = curve_of (1);
  g_autofree char *before = cpac_curve_to_csv (curve), *after = NULL;

  if (setlocale (LC_NUMERIC, "de_DE.UTF-8") == NULL) {
    g_test_skip ("there is no locale de_DE.UTF-8");
    return;
  }
  after = cpac_curve_to_csv (curve);
  setlocale (LC_NUMERIC, "C");
  g_assert_cmpstr (after, ==, before);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/curve/csv", test_csv);
  g_test_add_func ("/curve/svg", test_svg);
  g_test_add_func ("/curve/points", test_points);
  g_test_add_func ("/curve/odd-losses", test_odd_losses);
  g_test_add_func ("/curve/locale", test_locale);
  return g_test_run ();
}
