/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/explain/top-cells.h"

#include <string.h>

#include "core/explain/ignore-mask.h"
#include "core/score/head.h"

#define N 7

static const float map[N] = { 3, 9, -2, 9, 4, 4, 0 };
static const guint8 ignored[N] = { 0, 1, 0, 0, 0, 1, 0 };
static const guint8 with_least[N] = { 0, 1, 1, 0, 0, 0, 0 };

/* What is expected, by hand. In the place of an ignored cell the least of the others is counted, -2
 * at place 2, or 0 at place 6 and not where the ignored one is less itself. */
static const struct {
  const char *name;
  const guint8 *ignored;
  double top;
  guint n, cells[N];
} rows[] = {
  { "largest", NULL, 0, 1, { 1 } },
  { "largest-kept", ignored, 0, 1, { 3 } },
  { "half", NULL, 0.57, 4, { 1, 3, 4, 5 } },
  { "half-kept", ignored, 0.57, 4, { 3, 4, 0, 6 } },
  { "all", NULL, 1, 7, { 1, 3, 4, 5, 0, 6, 2 } },
  { "all-kept", ignored, 1, 7, { 3, 4, 0, 6, 2, 2, 2 } },
  { "all-but-least", with_least, 1, 7, { 3, 4, 5, 0, 6, 6, 2 } },
};

static void
test_rows (gconstpointer data)
{
  guint row = GPOINTER_TO_UINT (data);
  CpacTopCell cells[N];
  float scratch[N];
  double sum = 0;
  gsize n = cpac_top_cells (map, rows[row].ignored, N, rows[row].top, cells);

  g_assert_cmpuint (n, ==, rows[row].n);
  for (gsize i = 0; i < n; i++) {
    g_assert_cmpuint (cells[i].cell, ==, rows[row].cells[i]);
    g_assert_cmpfloat (cells[i].value, ==, map[cells[i].cell]);
    sum += cells[i].value;
  }
  /* They are what the score is the mean of. Sums of small whole numbers are exact. */
  g_assert_cmpfloat (sum / (double) n, ==,
                     cpac_head_summarize_kept (rows[row].top, map, rows[row].ignored, N, scratch));
}

/* A map that was filled already tells the same places, which are those of values that are there. */
static void
test_filled (gconstpointer data)
{
  guint row = GPOINTER_TO_UINT (data);
  CpacTopCell cells[N], again[N];
  float filled[N];
  gsize n = cpac_top_cells (map, rows[row].ignored, N, rows[row].top, cells);

  memcpy (filled, map, sizeof map);
  cpac_ignore_fill (filled, rows[row].ignored, N);
  g_assert_cmpuint (cpac_top_cells (filled, rows[row].ignored, N, rows[row].top, again), ==, n);
  for (gsize i = 0; i < n; i++) {
    g_assert_cmpuint (again[i].cell, ==, cells[i].cell);
    g_assert_cmpfloat (again[i].value, ==, cells[i].value);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree char *path = g_strdup_printf ("/top-cells/%s", rows[i].name);

    g_test_add_data_func (path, GUINT_TO_POINTER (i), test_rows);
    if (rows[i].ignored != NULL) {
      g_autofree char *filled = g_strconcat (path, "-filled", NULL);

      g_test_add_data_func (filled, GUINT_TO_POINTER (i), test_filled);
    }
  }
  return g_test_run ();
}
