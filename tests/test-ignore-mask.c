/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/explain/ignore-mask.h"

#include <math.h>
#include <string.h>

static void
read_marks (guint8 *marks, const char *text)
{
  for (guint i = 0; text[i] != '\0'; i++)
    marks[i] = text[i] == '#' ? 200 : 0;
}

/* Masks and maps as text, '#' = ignored; the map over all of an 8x4 frame, or a part of it. */
static const struct {
  const char *name;
  guint width, height;
  const char *mask;
  CpacMapPlace place;
  const char *ignored;
} rows[] = {
  { "cell-by-cell", 2, 2, "#..#", { 2, 2, { 0, 0, 8, 4 }, 8, 4 }, "#..#" },
  { "one-pixel", 1, 1, "#", { 3, 2, { 0, 0, 8, 4 }, 8, 4 }, "######" },
  { "half-is-enough", 4, 1, "#..#", { 2, 1, { 0, 0, 8, 4 }, 8, 4 }, "##" },
  { "less-is-not", 6, 1, "#....#", { 2, 1, { 0, 0, 8, 4 }, 8, 4 }, ".." },
  { "odd", 3, 1, "#..", { 2, 1, { 0, 0, 8, 4 }, 8, 4 }, "#." },
  { "tall", 1, 4, "##..", { 1, 2, { 0, 0, 8, 4 }, 8, 4 }, "#." },
  { "region", 4, 1, "##..", { 2, 1, { 2, 0, 4, 4 }, 8, 4 }, "#." },
  { "beside-the-region", 4, 1, "#...", { 2, 1, { 2, 0, 6, 4 }, 8, 4 }, ".." },
  { "fine-map", 2, 1, ".#", { 8, 1, { 0, 0, 8, 4 }, 8, 4 }, "....####" },
};

static void
test_rows (gconstpointer data)
{
  guint i = GPOINTER_TO_UINT (data);
  guint n = rows[i].place.map_width * rows[i].place.map_height, n_kept = 0;
  guint8 pixels[64] = { 0 }, ignored[64];
  g_autoptr (CpacIgnoreMask) mask = NULL;

  read_marks (pixels, rows[i].mask);
  memset (ignored, 0xa5, sizeof ignored);
  mask = cpac_ignore_mask_new (pixels, rows[i].width, rows[i].height, "abc");
  for (guint k = 0; k < n; k++)
    n_kept += rows[i].ignored[k] != '#';
  g_assert_cmpuint (cpac_ignore_mask_mark (mask, &rows[i].place, ignored), ==, n_kept);
  for (guint k = 0; k < n; k++)
    g_assert_cmpuint (ignored[k], ==, rows[i].ignored[k] == '#');
  g_assert_cmpuint (ignored[n], ==, 0xa5);
  g_assert_cmpstr (cpac_ignore_mask_get_sha256 (mask), ==, "abc");
}

/* Against counting on a lattice that both grids lie on: cell j of the map spans lattice columns
 * j * mask_width to (j + 1) * mask_width, pixel x of the mask x * map_width to (x + 1) * map_width.
 */
static gboolean
is_ignored (const guint8 *pixels, guint width, guint height, const CpacMapPlace *place, guint x,
            guint y)
{
  guint n = 0;

  for (guint v = y * height; v < (y + 1) * height; v++)
    for (guint u = x * width; u < (x + 1) * width; u++)
      n += pixels[v / place->map_height * width + u / place->map_width] != 0;
  return 2 * n >= width * height;
}

static void
test_lattice (void)
{
  static const guint sides[] = { 1, 2, 3, 5, 17 };

  for (guint round = 0; round < 300; round++) {
    guint width = sides[g_test_rand_int_range (0, 5)], height = sides[g_test_rand_int_range (0, 5)];
    CpacMapPlace place = { .map_width = sides[g_test_rand_int_range (0, 5)],
                           .map_height = sides[g_test_rand_int_range (0, 5)],
                           .rect = { 0, 0, 253, 19 },
                           .width = 253,
                           .height = 19 };
    guint8 pixels[17 * 17], ignored[17 * 17];
    g_autoptr (CpacIgnoreMask) mask = NULL;

    for (guint i = 0; i < width * height; i++)
      pixels[i] = (guint8) g_test_rand_int_range (0, 2);
    mask = cpac_ignore_mask_new (pixels, width, height, NULL);
    cpac_ignore_mask_mark (mask, &place, ignored);
    for (guint y = 0; y < place.map_height; y++)
      for (guint x = 0; x < place.map_width; x++)
        g_assert_cmpint (ignored[y * place.map_width + x], ==,
                         is_ignored (pixels, width, height, &place, x, y));
  }
}

static void
test_fill (void)
{
  static const guint8 ignored[] = { 1, 0, 0, 1, 0 };
  float map[] = { 9, 3, -2, -7, 5 };
  static const float expected[] = { -2, 3, -2, -7, 5 };

  cpac_ignore_fill (map, ignored, 5);
  for (guint i = 0; i < 5; i++)
    g_assert_cmpfloat (map[i], ==, expected[i]);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree char *path = g_strdup_printf ("/ignore-mask/%s", rows[i].name);

    g_test_add_data_func (path, GUINT_TO_POINTER (i), test_rows);
  }
  g_test_add_func ("/ignore-mask/lattice", test_lattice);
  g_test_add_func ("/ignore-mask/fill", test_fill);
  return g_test_run ();
}
