/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/explain/defect-regions.h"

/* A region of 3 cells, one of 1 and one of 2 in a map of 5x3 cells of 4x2 pixels each, which lies
 * at (10, 20) of a frame of 100x50. Above 5 is defect. */
static const float map[] = {
  6, 5, 0, 0, 9, /* */
  0, 7, 0, 0, 0, /* */
  0, 7, 0, 8, 8, /* */
};
static const CpacMapPlace place = { 5, 3, { 10, 20, 20, 6 }, 100, 50 };

static const CpacDefectRegion three = { 0.10, 0.40, 0.08, 0.12, 7, 24, 0, 0, 0.16, 0.46 };
static const CpacDefectRegion one = { 0.26, 0.40, 0.04, 0.04, 9, 8, 0.28, 0.42, 0.28, 0.42 };
static const CpacDefectRegion two = { 0.22, 0.48, 0.08, 0.04, 8, 16, 0.26, 0.50, 0.24, 0.50 };

#define EPSILON 1e-12 /* a few roundings of numbers below 100 */

static void
assert_region (const CpacDefectRegion *region, const CpacDefectRegion *expected)
{
  g_assert_cmpfloat_with_epsilon (region->x, expected->x, EPSILON);
  g_assert_cmpfloat_with_epsilon (region->y, expected->y, EPSILON);
  g_assert_cmpfloat_with_epsilon (region->width, expected->width, EPSILON);
  g_assert_cmpfloat_with_epsilon (region->height, expected->height, EPSILON);
  g_assert_cmpfloat (region->score, ==, expected->score);
  g_assert_cmpfloat (region->area, ==, expected->area);
  g_assert_cmpfloat_with_epsilon (region->centroid_x, expected->centroid_x, EPSILON);
  g_assert_cmpfloat_with_epsilon (region->centroid_y, expected->centroid_y, EPSILON);
  g_assert_cmpfloat_with_epsilon (region->peak_x, expected->peak_x, EPSILON);
  g_assert_cmpfloat_with_epsilon (region->peak_y, expected->peak_y, EPSILON);
}

static const struct {
  const char *name;
  double min_area;
  const char *ignored; /* '#' */
  guint n;
  const CpacDefectRegion *regions[3];
} rows[] = {
  { "all", 0, "...............", 3, { &three, &one, &two } },
  { "as-large", 16, "...............", 2, { &three, &two } },
  { "larger", 16.5, "...............", 1, { &three } },
  { "none", 25, "...............", 0, { NULL } },
  { "ignored", 0, "##...##...##...", 2, { &one, &two } },
  { "all-ignored", 0, "###############", 0, { NULL } },
};

static void
test_rows (gconstpointer data)
{
  guint row = GPOINTER_TO_UINT (data);
  CpacRegionFinder *finder = cpac_region_finder_new (5, 3);
  CpacDefectRegion first = three;
  guint8 ignored[15];

  /* Its cells' centres: (0.5, 0.5), (1.5, 1.5), (1.5, 2.5). */
  first.centroid_x = (10 + 3.5 / 3 * 4) / 100;
  first.centroid_y = (20 + 4.5 / 3 * 2) / 50;
  for (guint i = 0; i < 15; i++)
    ignored[i] = rows[row].ignored[i] == '#';
  for (guint round = 0; round < 2; round++) {
    const GArray *regions =
        cpac_region_finder_find (finder, map, 5, ignored, &place, rows[row].min_area);

    g_assert_cmpuint (regions->len, ==, rows[row].n);
    for (guint i = 0; i < regions->len; i++)
      assert_region (&g_array_index (regions, CpacDefectRegion, i),
                     rows[row].regions[i] == &three ? &first : rows[row].regions[i]);
  }
  cpac_region_finder_free (finder);
}

/* An ignored cell cuts a region in two. */
static void
test_cut (void)
{
  static const float line[] = { 1, 2, 3 };
  static const guint8 ignored[] = { 0, 1, 0 };
  CpacRegionFinder *finder = cpac_region_finder_new (3, 1);
  const CpacMapPlace whole = { 3, 1, { 0, 0, 3, 1 }, 3, 1 };

  g_assert_cmpuint (cpac_region_finder_find (finder, line, 0, NULL, &whole, 0)->len, ==, 1);
  g_assert_cmpuint (cpac_region_finder_find (finder, line, 0, ignored, &whole, 0)->len, ==, 2);
  g_assert_cmpuint (cpac_region_finder_find (finder, line, 3, NULL, &whole, 0)->len, ==, 0);
  cpac_region_finder_free (finder);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree char *path = g_strdup_printf ("/defect-regions/%s", rows[i].name);

    g_test_add_data_func (path, GUINT_TO_POINTER (i), test_rows);
  }
  g_test_add_func ("/defect-regions/cut", test_cut);
  return g_test_run ();
}
