/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pipelines/localisation.h"

#include <math.h>

/* The @n_in pixels that pixel @i of @n_out touches: at least one. */
static void
find_span (guint i, guint n_in, guint n_out, guint *start, guint *end)
{
  *start = (guint) ((guint64) i * n_in / n_out);
  *end = (guint) (((guint64) (i + 1) * n_in + n_out - 1) / n_out);
}

/* Pixel (@x, @y) of the input is defect: so are those about it. */
static void
grow_about (DefectMask *mask, guint x, guint y, guint grow)
{
  guint left = x > grow ? x - grow : 0, right = MIN (x + grow + 1, mask->width);
  guint top = y > grow ? y - grow : 0, bottom = MIN (y + grow + 1, mask->height);

  for (guint v = top; v < bottom; v++)
    for (guint u = left; u < right; u++)
      mask->pixels[(gsize) v * mask->width + u] = 1;
}

static gboolean
any_defect (const guint8 *pixels, guint row, guint left, guint right, guint top, guint bottom)
{
  for (guint v = top; v < bottom; v++)
    for (guint u = left; u < right; u++)
      if (pixels[(gsize) v * row + u] > 127)
        return TRUE;
  return FALSE;
}

void
defect_mask_init (DefectMask *mask, const guint8 *pixels, guint mask_width, guint mask_height,
                  guint width, guint height, guint grow)
{
  gsize n = (gsize) width * height, n_defect = 0;

  *mask = (DefectMask){ .pixels = g_malloc0 (n), .width = width, .height = height };
  for (guint y = 0; y < height; y++) {
    guint left, right, top, bottom;

    find_span (y, mask_height, height, &top, &bottom);
    for (guint x = 0; x < width; x++) {
      find_span (x, mask_width, width, &left, &right);
      if (any_defect (pixels, mask_width, left, right, top, bottom))
        grow_about (mask, x, y, grow);
    }
  }
  for (gsize i = 0; i < n; i++)
    n_defect += mask->pixels[i];
  mask->area = (double) n_defect / (double) n;
}

void
defect_mask_clear (DefectMask *mask)
{
  g_clear_pointer (&mask->pixels, g_free);
}

static double
share_of_cell (const DefectMask *mask, guint x, guint y, guint map_width, guint map_height)
{
  guint left, right, top, bottom, sum = 0;

  find_span (x, mask->width, map_width, &left, &right);
  find_span (y, mask->height, map_height, &top, &bottom);
  for (guint v = top; v < bottom; v++)
    for (guint u = left; u < right; u++)
      sum += mask->pixels[(gsize) v * mask->width + u];
  return (double) sum / ((double) (right - left) * (bottom - top));
}

/* The pixel in the middle of cell @i of @n_cells. */
static guint
middle_of (guint i, guint n_cells, guint n)
{
  return (guint) ((2 * (guint64) i + 1) * n / (2 * (guint64) n_cells));
}

Localisation
localise (const double *map, guint map_width, guint map_height, const DefectMask *mask)
{
  double inside = 0, sum = 0;
  guint best_x = 0, best_y = 0, x, y;

  for (guint i = 0; i < map_height; i++)
    for (guint j = 0; j < map_width; j++) {
      double value = map[(gsize) i * map_width + j];

      if (value > map[(gsize) best_y * map_width + best_x]) {
        best_x = j;
        best_y = i;
      }
      if (value <= 0)
        continue;
      sum += value;
      inside += value * share_of_cell (mask, j, i, map_width, map_height);
    }
  x = middle_of (best_x, map_width, mask->width);
  y = middle_of (best_y, map_height, mask->height);
  return (Localisation){ .mass_inside = sum > 0 ? inside / sum : NAN,
                         .hit = mask->pixels[(gsize) y * mask->width + x] };
}

void
sum_into_cells (const double *map, guint width, guint height, guint grid_width, guint grid_height,
                double *cells)
{
  for (gsize i = 0; i < (gsize) grid_width * grid_height; i++)
    cells[i] = 0;
  for (guint y = 0; y < height; y++)
    for (guint x = 0; x < width; x++)
      cells[(gsize) middle_of (y, height, grid_height) * grid_width +
            middle_of (x, width, grid_width)] += map[(gsize) y * width + x];
}
