/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/explain/top-cells.h"

#include "core/score/head.h"

#define N 7

static const float map[N] = { 3, 9, -2, 9, 4, 4, 0 };
static const guint8 ignored[N] = { 0, 1, 0, 0, 0, 1, 0 };

/* What is expected, by hand. Of ignored cells the least of the others, -2 at place 2, is counted.
 */
static const struct {
  const char *name;
  gboolean masked;
  double top;
  guint n, cells[N];
} rows[] = {
  { "largest", FALSE, 0, 1, { 1 } },
  { "largest-kept", TRUE, 0, 1, { 3 } },
  { "half", FALSE, 0.57, 4, { 1, 3, 4, 5 } },
  { "half-kept", TRUE, 0.57, 4, { 3, 4, 0, 6 } },
  { "all", FALSE, 1, 7, { 1, 3, 4, 5, 0, 6, 2 } },
  { "all-kept", TRUE, 1, 7, { 3, 4, 0, 6, 2, 2, 2 } },
};

static void
test_rows (gconstpointer data)
{
  guint row = GPOINTER_TO_UINT (data);
  CpacTopCell cells[N];
  float scratch[N];
  double sum = 0;
  gsize n = cpac_top_cells (map, rows[row].masked ? ignored : NULL, N, rows[row].top, cells);

  g_assert_cmpuint (n, ==, rows[row].n);
  for (gsize i = 0; i < n; i++) {
    g_assert_cmpuint (cells[i].cell, ==, rows[row].cells[i]);
    g_assert_cmpfloat (cells[i].value, ==, map[cells[i].cell]);
    sum += cells[i].value;
  }
  /* They are what the score is the mean of. Sums of small whole numbers are exact. */
  g_assert_cmpfloat (
      sum / (double) n, ==,
      cpac_head_summarize_kept (rows[row].top, map, rows[row].masked ? ignored : NULL, N, scratch));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree char *path = g_strdup_printf ("/top-cells/%s", rows[i].name);

    g_test_add_data_func (path, GUINT_TO_POINTER (i), test_rows);
  }
  return g_test_run ();
}
