/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pipelines/localisation.h"

#include <math.h>

static void
assert_pixels (const DefectMask *mask, const char *expected)
{
  gsize n = (gsize) mask->width * mask->height, n_defect = 0;

  for (gsize i = 0; i < n; i++) {
    g_assert_cmpint (mask->pixels[i], ==, expected[i] == '#');
    n_defect += expected[i] == '#';
  }
  g_assert_cmpfloat (mask->area, ==, (double) n_defect / (double) n);
}

static const struct {
  guint mask_width, mask_height;
  const char *mask;
  guint width, height, grow;
  const char *expected;
} masks[] = {
  /* As it is; 128 is defect, 127 is not. */
  { 3, 2,
    "#.."
    "..o",
    3, 2, 0,
    "#.."
    "..." },
  /* One pixel of a larger mask is enough. */
  { 6, 4,
    "......"
    ".#...."
    "......"
    ".....#",
    3, 2, 0,
    "#.."
    "..#" },
  /* Sizes that do not divide: pixel 1 of 3 touches 1 and 2 of 5 columns... */
  { 5, 1, "..#..", 3, 1, 0, ".#." },
  { 5, 1, ".#...", 3, 1, 0, "##." },
  /* Enlarged. */
  { 2, 1, "#.", 4, 2, 0,
    "##.."
    "##.." },
  /* Grown, also over the border. */
  { 5, 3,
    "....."
    "....."
    "#....",
    5, 3, 1,
    "....."
    "##..."
    "##..." },
  { 3, 3,
    "..."
    ".#."
    "...",
    3, 3, 1000, "#########" },
};

static void
test_masks (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (masks); i++) {
    g_auto (DefectMask) mask = { 0 };
    gsize n = masks[i].mask_width * masks[i].mask_height;
    g_autofree guint8 *pixels = g_malloc (n);

    for (gsize k = 0; k < n; k++)
      pixels[k] = masks[i].mask[k] == '#' ? 128 : masks[i].mask[k] == 'o' ? 127 : 0;
    defect_mask_init (&mask, pixels, masks[i].mask_width, masks[i].mask_height, masks[i].width,
                      masks[i].height, masks[i].grow);
    assert_pixels (&mask, masks[i].expected);
  }
}

static const struct {
  guint map_width, map_height;
  double map[6], inside;
  gboolean hit;
} maps[] = {
  /* On the mask below: the left half of the 6x4 pixels' two upper rows. */
  { 2, 2, { 3, 1, -5, 0 }, 0.75, TRUE },
  { 2, 2, { 1, 3, 0, 0 }, 0.25, FALSE },
  /* Of equals the first. */
  { 2, 2, { 2, 2, 2, 2 }, 0.25, TRUE },
  /* A cell counts by its share: 3x1 cells of 2x4 pixels; the middle of the first is (1, 2). */
  { 3, 1, { 4, 0, 0 }, 0.5, FALSE },
  { 3, 1, { 0, 4, 4 }, 0.125, FALSE },
  /* Nothing speaks for anything. */
  { 2, 1, { -1, -2 }, NAN, FALSE },
  { 1, 1, { 1 }, 0.25, FALSE },
};

static void
test_maps (void)
{
  g_auto (DefectMask) mask = { 0 };
  const guint8 pixels[] = { 255, 0, 0, 0 };

  defect_mask_init (&mask, pixels, 2, 2, 6, 4, 0);
  assert_pixels (&mask, "###...###..."
                        "............");
  for (guint i = 0; i < G_N_ELEMENTS (maps); i++) {
    Localisation found = localise (maps[i].map, maps[i].map_width, maps[i].map_height, &mask);

    g_assert_true (isnan (found.mass_inside) == isnan (maps[i].inside));
    if (!isnan (maps[i].inside))
      g_assert_cmpfloat_with_epsilon (found.mass_inside, maps[i].inside, 1e-15);
    g_assert_cmpint (found.hit, ==, maps[i].hit);
  }
}

/* A map that is finer than the picture: each cell lies on one pixel. */
static void
test_finer (void)
{
  g_auto (DefectMask) mask = { 0 };
  const guint8 pixels[] = { 0, 255 };
  const double map[] = { 1, 1, 5, 1 };
  Localisation found;

  defect_mask_init (&mask, pixels, 2, 1, 2, 1, 0);
  found = localise (map, 4, 1, &mask);
  g_assert_cmpfloat (found.mass_inside, ==, 0.75);
  g_assert_true (found.hit);
}

/* Every pixel lands in the cell its middle lies in, none is lost. */
static void
test_sums (void)
{
  const double map[] = { 1, 2, 4, 8, 16, 32, 64, 128, 256, 512 };
  double cells[3];

  sum_into_cells (map, 5, 2, 3, 1, cells);
  g_assert_cmpfloat (cells[0], ==, 1 + 2 + 32 + 64);
  g_assert_cmpfloat (cells[1], ==, 4 + 128);
  g_assert_cmpfloat (cells[2], ==, 8 + 16 + 256 + 512);
  sum_into_cells (map, 5, 2, 1, 2, cells);
  g_assert_cmpfloat (cells[0], ==, 31);
  g_assert_cmpfloat (cells[1], ==, 992);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/localisation/masks", test_masks);
  g_test_add_func ("/localisation/maps", test_maps);
  g_test_add_func ("/localisation/finer", test_finer);
  g_test_add_func ("/localisation/sums", test_sums);
  return g_test_run ();
}
