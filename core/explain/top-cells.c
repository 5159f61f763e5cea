/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/explain/top-cells.h"

#include <math.h>
#include <stdlib.h>

#include "core/score/head.h"

static int
compare (const void *a, const void *b)
{
  const CpacTopCell *x = a, *y = b;

  if (x->value != y->value)
    return x->value > y->value ? -1 : 1;
  return x->cell < y->cell ? -1 : x->cell > y->cell;
}

static void
list_cells (const float *map, const guint8 *ignored, gsize n, CpacTopCell *cells)
{
  CpacTopCell least = { INFINITY, 0 };

  for (gsize i = 0; i < n; i++) {
    cells[i] = (CpacTopCell){ map[i], (guint) i };
    if (ignored != NULL && !ignored[i] && map[i] < least.value)
      least = cells[i];
  }
  for (gsize i = 0; ignored != NULL && i < n; i++)
    if (ignored[i] && cells[i].value >= least.value)
      cells[i] = least;
}

gsize
cpac_top_cells (const float *map, const guint8 *ignored, gsize n, double top, CpacTopCell *cells)
{
  gsize n_top = cpac_head_count_top (top, n);

  list_cells (map, ignored, n, cells);
  if (n_top == 1) {
    for (gsize i = 1; i < n; i++)
      if (cells[i].value > cells[0].value)
        cells[0] = cells[i];
  } else {
    qsort (cells, n, sizeof (CpacTopCell), compare);
  }
  return n_top;
}
