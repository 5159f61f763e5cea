/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "core/explain/regions.h"

/* Pictures as text: '#' inside. Expected labels in the same order, '.' for 0. */
static const struct {
  const char *name;
  guint width, height;
  const char *mask, *labels;
} rows[] = {
  { "one", 1, 1, "#", "1" },
  { "none", 3, 2, "......", "......" },
  { "corner", 2, 2, "#..#", "1..1" },
  { "other-corner", 2, 2, ".##.", ".11." },
  { "two", 5, 1, "##.##", "11.22" },
  { "no-wrap", 3, 3, "..#...#..", "..1...2.." },
  { "u", 3, 3, "#.##.####", "1.11.1111" },
  { "w", 5, 3, "#.#.##.#.#.#.#.", "1.1.11.1.1.1.1." },
  { "late-join", 5, 3, "#.#.#.....#####", "1.2.3.....44444" },
  { "spiral", 5, 5, "#####....####.##...######", "11111....1111.11...111111" },
};

static void
test_drawn (gconstpointer data)
{
  guint row = GPOINTER_TO_UINT (data), area = rows[row].width * rows[row].height, n = 0;
  g_autofree guint8 *mask = g_new (guint8, area);
  g_autofree guint32 *labels = g_new (guint32, area);

  memset (labels, 0xa5, area * sizeof *labels);
  for (guint i = 0; i < area; i++) {
    mask[i] = rows[row].mask[i] == '#' ? 1 + i : 0;
    n = MAX (n, rows[row].labels[i] == '.' ? 0 : (guint) rows[row].labels[i] - '0');
  }
  g_assert_cmpuint (cpac_regions_label (mask, rows[row].width, rows[row].height, labels, NULL), ==,
                    n);
  for (guint i = 0; i < area; i++)
    g_assert_cmpuint (labels[i], ==,
                      rows[row].labels[i] == '.' ? 0 : (guint) rows[row].labels[i] - '0');
}

static void
test_boxes (void)
{
  static const char mask[] = ".....##"
                             "...#..#"
                             "##..#.."
                             "#......";
  const CpacRegion expected[] = { { 5, 0, 2, 2, 3 }, { 3, 1, 2, 2, 2 }, { 0, 2, 2, 2, 3 } };
  g_autoptr (GArray) regions = g_array_new (FALSE, FALSE, sizeof (CpacRegion));
  guint8 inside[28];
  guint32 labels[28];

  for (guint i = 0; i < 28; i++)
    inside[i] = mask[i] == '#';
  for (guint round = 0; round < 2; round++) {
    g_assert_cmpuint (cpac_regions_label (inside, 7, 4, labels, regions), ==, 3);
    g_assert_cmpuint (regions->len, ==, 3);
    for (guint i = 0; i < 3; i++)
      g_assert_cmpmem (&g_array_index (regions, CpacRegion, i), sizeof (CpacRegion), &expected[i],
                       sizeof (CpacRegion));
  }
}

/* The oracle: spreads the label of one pixel over its region, pass by pass. */
static void
spread (const guint8 *mask, int width, int height, guint32 *labels)
{
  gboolean changed = TRUE;

  while (changed) {
    changed = FALSE;
    for (int y = 0; y < height; y++)
      for (int x = 0; x < width; x++)
        for (int v = MAX (y - 1, 0); v <= MIN (y + 1, height - 1); v++)
          for (int u = MAX (x - 1, 0); u <= MIN (x + 1, width - 1); u++)
            if (mask[y * width + x] && labels[y * width + x] == 0 && labels[v * width + u] != 0) {
              labels[y * width + x] = labels[v * width + u];
              changed = TRUE;
            }
  }
}

static void
check_random (guint width, guint height, guint percent)
{
  guint area = width * height, n = 0;
  g_autofree guint8 *mask = g_new (guint8, area);
  g_autofree guint32 *labels = g_new (guint32, area);
  g_autofree guint32 *expected = g_new0 (guint32, area);
  g_autoptr (GArray) regions = g_array_new (FALSE, FALSE, sizeof (CpacRegion));

  for (guint i = 0; i < area; i++)
    mask[i] = g_test_rand_int_range (0, 100) < (int) percent ? 255 : 0;
  for (guint i = 0; i < area; i++) {
    if (mask[i] && expected[i] == 0) {
      expected[i] = ++n;
      spread (mask, width, height, expected);
    }
  }
  memset (labels, 0xa5, area * sizeof *labels);
  g_assert_cmpuint (cpac_regions_label (mask, width, height, labels, regions), ==, n);
  g_assert_cmpmem (labels, area * sizeof *labels, expected, area * sizeof *expected);
  for (guint i = 0; i < area; i++)
    if (labels[i] != 0)
      g_array_index (regions, CpacRegion, labels[i] - 1).area--;
  for (guint i = 0; i < n; i++)
    g_assert_cmpuint (g_array_index (regions, CpacRegion, i).area, ==, 0);
}

static void
test_random (void)
{
  static const guint sizes[] = { 1, 2, 3, 5, 17, 33 };

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    for (guint k = 0; k < G_N_ELEMENTS (sizes); k++)
      for (guint percent = 20; percent <= 80; percent += 20)
        check_random (sizes[i], sizes[k], percent);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree char *path = g_strconcat ("/regions/drawn/", rows[i].name, NULL);

    g_test_add_data_func (path, GUINT_TO_POINTER (i), test_drawn);
  }
  g_test_add_func ("/regions/boxes", test_boxes);
  g_test_add_func ("/regions/random", test_random);
  return g_test_run ();
}
