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

/* What is enclosed, positive where the line runs clockwise in a picture (y downwards). */
static double
get_area (const CpacContour *contour)
{
  double sum = 0;

  for (guint i = 0; i < contour->n_points; i++) {
    const CpacPoint *a = &contour->points[i], *b = &contour->points[(i + 1) % contour->n_points];

    sum += a->x * b->y - b->x * a->y;
  }
  return sum / 2;
}

/* Even-odd rule: a ray to the right. */
static gboolean
contains (const CpacContour *contours, guint n, double x, double y)
{
  gboolean inside = FALSE;

  for (guint k = 0; k < n; k++)
    for (guint i = 0; i < contours[k].n_points; i++) {
      const CpacPoint *a = &contours[k].points[i];
      const CpacPoint *b = &contours[k].points[(i + 1) % contours[k].n_points];

      if ((a->y > y) != (b->y > y) && x < a->x + (y - a->y) / (b->y - a->y) * (b->x - a->x))
        inside = !inside;
    }
  return inside;
}

static gboolean
is_in_box (const CpacDefectRegion *region, double x, double y)
{
  return x > region->x && x < region->x + region->width && y > region->y &&
         y < region->y + region->height;
}

/* Inside of each region's contour are just the centres of its cells: those above 5 that are not
 * ignored and lie in its box. */
static void
assert_contours (const CpacRegionFinder *finder, const GArray *regions, const guint8 *ignored)
{
  guint n, n_omitted;
  const CpacContour *contours = cpac_region_finder_get_contours (finder, &n, &n_omitted);

  g_assert_cmpuint (n, ==, regions->len);
  g_assert_cmpuint (n_omitted, ==, 0);
  for (guint k = 0; k < n; k++) {
    const CpacDefectRegion *region =
        &g_array_index (regions, CpacDefectRegion, contours[k].region_id - 1);

    for (guint i = 0; i < 15; i++) {
      double x = cpac_map_place_get_x (&place, i % 5 + 0.5) / place.width;
      double y = cpac_map_place_get_y (&place, i / 5 + 0.5) / place.height;

      g_assert_cmpint (contains (&contours[k], 1, x, y), ==,
                       map[i] > 5 && !ignored[i] && is_in_box (region, x, y));
    }
  }
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
    assert_contours (finder, regions, ignored);
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

/* The same regions among empty rows above and below, wherever they begin and whatever a frame
 * before left behind. */
static void
test_among_rows (void)
{
  enum { HEIGHT = 9 };
  CpacRegionFinder *finder = cpac_region_finder_new (5, HEIGHT);
  static const guint8 none[15] = { 0 };
  CpacRegionFinder *small = cpac_region_finder_new (5, 3);
  const GArray *expected = cpac_region_finder_find (small, map, 5, none, &place, 0);

  for (guint top = 0; top + 3 <= HEIGHT; top++) {
    float tall[5 * HEIGHT], full[5 * HEIGHT];
    CpacMapPlace whole = { 5, HEIGHT, { 10, 20 - 2 * top, 20, 2 * HEIGHT }, 100, 50 };
    const GArray *regions;
    guint n, n_omitted;

    for (guint i = 0; i < 5 * HEIGHT; i++) {
      full[i] = 9;
      tall[i] = i >= 5 * top && i < 5 * top + 15 ? map[i - 5 * top] : 0;
    }
    g_assert_cmpuint (cpac_region_finder_find (finder, full, 5, NULL, &whole, 0)->len, ==, 1);
    regions = cpac_region_finder_find (finder, tall, 5, NULL, &whole, 0);
    g_assert_cmpuint (regions->len, ==, 3);
    for (guint i = 0; i < 3; i++)
      assert_region (&g_array_index (regions, CpacDefectRegion, i),
                     &g_array_index (expected, CpacDefectRegion, i));
    cpac_region_finder_get_contours (finder, &n, &n_omitted);
    g_assert_cmpuint (n, ==, 3);
  }
  cpac_region_finder_free (finder);
  cpac_region_finder_free (small);
}

/* The cell of 9 in the upper right corner, among 0s: 4/9 of a cell beyond its centre to the left
 * and down, up to the border of the map's place above and to the right. */
static void
test_contour (void)
{
  const CpacPoint centre = { 4.5, 0.5 };
  const double reach = 4 / 9.0;
  const CpacPoint corners[] = { { centre.x - reach, 0 },
                                { 5, 0 },
                                { 5, centre.y + reach },
                                { centre.x, centre.y + reach },
                                { centre.x - reach, centre.y } };
  CpacRegionFinder *finder = cpac_region_finder_new (5, 3);
  const CpacContour *contour;
  guint n, n_omitted, n_found = 0;

  cpac_region_finder_find (finder, map, 5, NULL, &place, 0);
  contour = cpac_region_finder_get_contours (finder, &n, &n_omitted) + 1;
  g_assert_cmpuint (n, ==, 3);
  for (guint i = 0; i < G_N_ELEMENTS (corners); i++)
    for (guint k = 0; k < contour->n_points; k++)
      n_found += ABS (contour->points[k].x - (10 + 4 * corners[i].x) / place.width) < EPSILON &&
                 ABS (contour->points[k].y - (20 + 2 * corners[i].y) / place.height) < EPSILON;
  g_assert_cmpuint (n_found, ==, G_N_ELEMENTS (corners));
  cpac_region_finder_free (finder);
}

/* A ring with a dot in its hole, and a dot outside: a region's outer line comes before that of its
 * hole, which runs the other way, and each tells whose it is. */
static void
test_holes (void)
{
  static const float ring[] = {
    0, 9, 9, 9, 9, 9, 0, 0, /* */
    0, 9, 0, 0, 0, 9, 0, 0, /* */
    0, 9, 0, 8, 0, 9, 0, 0, /* */
    0, 9, 0, 0, 0, 9, 0, 0, /* */
    0, 9, 9, 9, 9, 9, 0, 7, /* */
  };
  static const struct {
    double min_area;
    guint n, ids[4];
    gint signs[4];
  } found[] = { { 0, 4, { 1, 1, 2, 3 }, { 1, -1, 1, 1 } }, { 2, 2, { 1, 1 }, { 1, -1 } } };
  const CpacMapPlace whole = { 8, 5, { 0, 0, 8, 5 }, 8, 5 };
  CpacRegionFinder *finder = cpac_region_finder_new (8, 5);

  for (guint i = 0; i < G_N_ELEMENTS (found); i++) {
    guint n, n_omitted;
    const CpacContour *contours;

    cpac_region_finder_find (finder, ring, 5, NULL, &whole, found[i].min_area);
    contours = cpac_region_finder_get_contours (finder, &n, &n_omitted);
    g_assert_cmpuint (n, ==, found[i].n);
    for (guint k = 0; k < n; k++) {
      g_assert_cmpuint (contours[k].region_id, ==, found[i].ids[k]);
      g_assert_cmpfloat (found[i].signs[k] * get_area (&contours[k]), >, 0);
    }
  }
  cpac_region_finder_free (finder);
}

/* Where all that is not ignored is above the threshold, contours go along the ignored cells; and
 * they never leave the frame, rounded as they are. */
static void
test_edges (void)
{
  static const float high[] = { 7, 7, 7, 7, 7, 7, 7 };
  static const guint8 ignored[] = { 0, 0, 0, 1, 0, 0, 0 };

  for (guint width = 1; width <= 253; width += 2) {
    CpacRegionFinder *finder = cpac_region_finder_new (7, 1);
    const CpacMapPlace whole = { 7, 1, { 0, 0, width, 3 }, width, 3 };
    const CpacContour *contours;
    double left = 1, right = 0;
    guint n, n_omitted;

    cpac_region_finder_find (finder, high, 5, ignored, &whole, 0);
    contours = cpac_region_finder_get_contours (finder, &n, &n_omitted);
    g_assert_cmpuint (n, ==, 2);
    for (guint i = 0; i < contours[0].n_points; i++)
      left = MIN (left, contours[0].points[i].x);
    for (guint i = 0; i < contours[1].n_points; i++)
      right = MAX (right, contours[1].points[i].x);
    g_assert_cmpfloat (left, ==, 0);
    g_assert_cmpfloat (right, <=, 1);
    g_assert_cmpfloat_with_epsilon (right, 1, EPSILON);
    g_assert_false (contains (contours, n, 3.5 / 7, 0.5));
    g_assert_true (contains (contours, n, 2.9 / 7, 0.5));
    g_assert_true (contains (contours, n, 4.1 / 7, 0.5));
    cpac_region_finder_free (finder);
  }
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
  g_test_add_func ("/defect-regions/among-rows", test_among_rows);
  g_test_add_func ("/defect-regions/contour", test_contour);
  g_test_add_func ("/defect-regions/holes", test_holes);
  g_test_add_func ("/defect-regions/edges", test_edges);
  return g_test_run ();
}
