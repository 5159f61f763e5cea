/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/explain/contours.h"

#include <math.h>

#include "core/explain/regions.h"

/* What is enclosed, positive where the polygon runs clockwise in a picture (y downwards). */
static double
get_area (const CpacPoint *points, guint n)
{
  double sum = 0;

  for (guint i = 0; i < n; i++) {
    const CpacPoint *a = &points[i], *b = &points[(i + 1) % n];

    sum += a->x * b->y - b->x * a->y;
  }
  return sum / 2;
}

/* Even-odd rule: a ray to the right. */
static gboolean
contains (const CpacContours *contours, guint n_polygons, double x, double y)
{
  gboolean inside = FALSE;

  for (guint k = 0; k < n_polygons; k++) {
    guint n;
    const CpacPoint *points = cpac_contours_get_polygon (contours, k, &n);

    for (guint i = 0; i < n; i++) {
      const CpacPoint *a = &points[i], *b = &points[(i + 1) % n];

      if ((a->y > y) != (b->y > y) && x < a->x + (y - a->y) / (b->y - a->y) * (b->x - a->x))
        inside = !inside;
    }
  }
  return inside;
}

/* Maps of digits, level 4.5, and the signed areas of the polygons in the order of their first side.
 * One cell of 9 among 0s: a square that reaches half a cell each way. */
static const struct {
  const char *name;
  guint width, height;
  const char *map;
  guint n;
  double areas[3];
} rows[] = {
  { "one", 1, 1, "9", 1, { 1 } },
  { "none", 2, 2, "4444", 0, { 0 } },
  { "all", 3, 2, "555555", 1, { 6 } },
  { "dot", 3, 3, "000090000", 1, { 0.5 } },
  /* Half way between 0 and 9, up to the border. */
  { "half", 2, 1, "09", 1, { 1 } },
  { "bar", 4, 1, "0990", 1, { 2 } },
  /* Two dots in opposite corners of 2x2 cells are one: all but the other corners, each a square
   * less a triangle of 1/8. */
  { "saddle", 2, 2, "9009", 1, { 2.25 } },
  { "other-saddle", 2, 2, "0990", 1, { 2.25 } },
  { "hole", 3, 3, "999909999", 2, { 9, -0.5 } },
  { "two", 5, 1, "90009", 2, { 1, 1 } },
};

static void
fill (float *map, const char *digits)
{
  for (guint i = 0; digits[i] != '\0'; i++)
    map[i] = (float) (digits[i] - '0');
}

static void
test_drawn (gconstpointer data)
{
  guint i = GPOINTER_TO_UINT (data), n;
  g_autoptr (CpacContours) contours = cpac_contours_new (rows[i].width, rows[i].height);
  float map[9];

  fill (map, rows[i].map);
  n = cpac_contours_trace (contours, map, rows[i].width, rows[i].height, 4.5);
  g_assert_cmpuint (n, ==, rows[i].n);
  for (guint k = 0; k < n; k++) {
    guint n_points;
    const CpacPoint *points = cpac_contours_get_polygon (contours, k, &n_points);

    g_assert_cmpuint (n_points, >=, 3);
    g_assert_cmpfloat (get_area (points, n_points), ==, rows[i].areas[k]);
  }
}

/* Crossings lie where a straight line between the values passes the level: 1/4 and 3/4. */
static void
test_places (void)
{
  static const float map[] = { 0, 4, 0 };
  g_autoptr (CpacContours) contours = cpac_contours_new (3, 1);
  const CpacPoint *points;
  double left = 3, right = 0;
  guint n;

  g_assert_cmpuint (cpac_contours_trace (contours, map, 3, 1, 1), ==, 1);
  points = cpac_contours_get_polygon (contours, 0, &n);
  for (guint i = 0; i < n; i++) {
    left = MIN (left, points[i].x);
    right = MAX (right, points[i].x);
    g_assert_true (points[i].y >= 0 && points[i].y <= 1);
  }
  g_assert_cmpfloat (left, ==, 0.75);
  g_assert_cmpfloat (right, ==, 2.25);
}

/* The level lies on a circle about a point off the grid. The map is the distance from it, so a
 * point's error is that of linear interpolation: 1/8 of the second derivative along the side, which
 * is at most 1 / distance. */
static void
test_circle (void)
{
  enum { WIDTH = 31, HEIGHT = 23 };
  const double x0 = 14.3, y0 = 11.8, radius = 7.25;
  g_autoptr (CpacContours) contours = cpac_contours_new (WIDTH, HEIGHT);
  float map[WIDTH * HEIGHT];
  const CpacPoint *points;
  guint n;

  for (guint y = 0; y < HEIGHT; y++)
    for (guint x = 0; x < WIDTH; x++)
      map[y * WIDTH + x] = (float) -hypot (x + 0.5 - x0, y + 0.5 - y0);
  g_assert_cmpuint (cpac_contours_trace (contours, map, WIDTH, HEIGHT, -radius), ==, 1);
  points = cpac_contours_get_polygon (contours, 0, &n);
  g_assert_cmpuint (n, >, 4 * radius);
  for (guint i = 0; i < n; i++)
    g_assert_cmpfloat_with_epsilon (hypot (points[i].x - x0, points[i].y - y0), radius,
                                    1 / (8 * (radius - 1)) + 1e-6);
  /* A polygon of that many points inside the circle lacks less than 2 % of it. */
  g_assert_cmpfloat_with_epsilon (get_area (points, n), G_PI * radius * radius,
                                  0.02 * G_PI * radius * radius);
}

/* About a cell that is none, here '-', lines lie half way between the centres whatever the values:
 * a dot is a square of half a cell to each side, and what reaches the border still follows it. */
static void
test_no_cells (void)
{
  static const struct {
    guint width, height;
    const char *map;
    guint n;
    double area;
  } holed[] = {
    { 3, 3, "----9----", 1, 0.5 },
    { 3, 1, "-9-", 1, 1 },
    { 2, 1, "5-", 1, 1 },
    { 2, 2, "----", 0, 0 },
    /* 1/9 of the way from 5 to -4, and half of it. */
    { 3, 1, "-50", 1, 0.5 + 0.5 / 5 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (holed); i++) {
    g_autoptr (CpacContours) contours = cpac_contours_new (holed[i].width, holed[i].height);
    float map[9];
    guint n_points;

    for (guint k = 0; holed[i].map[k] != '\0'; k++)
      map[k] = holed[i].map[k] == '-' ? -INFINITY : (float) (holed[i].map[k] - '0');
    g_assert_cmpuint (cpac_contours_trace (contours, map, holed[i].width, holed[i].height, 4.5), ==,
                      holed[i].n);
    if (holed[i].n > 0) {
      const CpacPoint *points = cpac_contours_get_polygon (contours, 0, &n_points);

      g_assert_cmpfloat_with_epsilon (get_area (points, n_points), holed[i].area, 1e-15);
    }
  }
}

#define LARGE 131

/* Dots, squares of four points each, are kept up to the last one that there is room for; of a comb
 * that has too many points by itself nothing is kept, but the dot below it. */
static void
test_bound (void)
{
  g_autoptr (CpacContours) contours = cpac_contours_new (LARGE, LARGE);
  g_autofree float *map = g_new0 (float, LARGE *LARGE);
  guint n_points, n_dots = LARGE / 2 * (LARGE / 2);

  for (guint i = 0; i < LARGE * LARGE; i++)
    map[i] = i % LARGE % 2 == 1 && i / LARGE % 2 == 1;
  g_assert_cmpuint (cpac_contours_trace (contours, map, LARGE, LARGE, 0.5), ==,
                    CPAC_CONTOURS_MAX_POINTS / 4);
  g_assert_cmpuint (cpac_contours_get_n_omitted (contours), ==,
                    n_dots - CPAC_CONTOURS_MAX_POINTS / 4);
  for (guint k = 0; k < CPAC_CONTOURS_MAX_POINTS / 4; k++) {
    const CpacPoint *points = cpac_contours_get_polygon (contours, k, &n_points);

    g_assert_cmpuint (n_points, ==, 4);
    g_assert_cmpfloat (get_area (points, n_points), ==, 0.5);
  }
  for (guint i = 0; i < LARGE * LARGE; i++)
    map[i] = i / LARGE == 0 || (i / LARGE < LARGE - 4 && i % LARGE % 2 == 1);
  map[(LARGE - 2) * LARGE + 7] = 1;
  g_assert_cmpuint (cpac_contours_trace (contours, map, LARGE, LARGE, 0.5), ==, 1);
  g_assert_cmpuint (cpac_contours_get_n_omitted (contours), ==, 1);
  g_assert_cmpfloat (cpac_contours_get_polygon (contours, 0, &n_points)->y, >, LARGE - 3);
  /* The next map has all the room again. */
  g_assert_cmpuint (cpac_contours_trace (contours, map, 1, 1, 0.5), ==, 1);
  g_assert_cmpuint (cpac_contours_get_n_omitted (contours), ==, 0);
}

static const struct {
  guint width, height;
} sizes[] = { { 1, 1 }, { 2, 1 }, { 1, 2 }, { 3, 5 }, { 5, 3 }, { 17, 2 }, { 17, 17 }, { 33, 20 } };

/* On random maps: inside are just the centres of the cells above the level, and clockwise polygons
 * are as many as 8-connected regions. One object serves all sizes. */
static void
test_random (void)
{
  g_autoptr (CpacContours) contours = cpac_contours_new (33, 20);
  float map[33 * 20];
  guint8 mask[33 * 20];
  guint32 labels[33 * 20];

  for (guint round = 0; round < 200; round++) {
    guint width = sizes[round % G_N_ELEMENTS (sizes)].width, n_clockwise = 0, n;
    guint height = sizes[round % G_N_ELEMENTS (sizes)].height;

    for (guint i = 0; i < width * height; i++) {
      map[i] = (float) g_test_rand_double_range (-1, 1);
      mask[i] = map[i] > 0.2;
    }
    n = cpac_contours_trace (contours, map, width, height, 0.2);
    for (guint i = 0; i < width * height; i++)
      g_assert_cmpint (contains (contours, n, i % width + 0.5, i / width + 0.5), ==, mask[i]);
    for (guint k = 0; k < n; k++) {
      guint n_points;
      const CpacPoint *points = cpac_contours_get_polygon (contours, k, &n_points);

      n_clockwise += get_area (points, n_points) > 0;
    }
    g_assert_cmpuint (n_clockwise, ==, cpac_regions_label (mask, width, height, labels, NULL));
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree char *path = g_strdup_printf ("/contours/drawn/%s", rows[i].name);

    g_test_add_data_func (path, GUINT_TO_POINTER (i), test_drawn);
  }
  g_test_add_func ("/contours/places", test_places);
  g_test_add_func ("/contours/circle", test_circle);
  g_test_add_func ("/contours/no-cells", test_no_cells);
  g_test_add_func ("/contours/bound", test_bound);
  g_test_add_func ("/contours/random", test_random);
  return g_test_run ();
}
