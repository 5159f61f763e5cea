/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/explain/regions.h"

/*
 * Union-find inside the label picture: in the first pass a pixel holds 1 + the index of its parent,
 * a pixel of the same region that does not come after it; a root holds itself. Because parents come
 * first, the second pass replaces parents by region numbers in reading order.
 */

static guint32
find_root (guint32 *labels, guint32 pixel)
{
  while (labels[pixel] != pixel + 1) {
    guint32 parent = labels[pixel] - 1;

    labels[pixel] = labels[parent];
    pixel = parent;
  }
  return pixel;
}

static void
join (guint32 *labels, guint32 pixel, guint32 neighbour)
{
  guint32 a, b;

  if (labels[neighbour] == 0)
    return;
  a = find_root (labels, pixel);
  b = find_root (labels, neighbour);
  labels[MAX (a, b)] = MIN (a, b) + 1;
}

/* The four neighbours that come before (@x, @y) in reading order are labelled already. */
static void
join_neighbours (guint32 *labels, guint width, guint x, guint y)
{
  guint32 pixel = y * width + x;

  if (x > 0)
    join (labels, pixel, pixel - 1);
  if (y == 0)
    return;
  join (labels, pixel, pixel - width);
  if (x > 0)
    join (labels, pixel, pixel - width - 1);
  if (x + 1 < width)
    join (labels, pixel, pixel - width + 1);
}

static void
extend (CpacRegion *region, guint x, guint y)
{
  guint right = MAX (region->x + region->width, x + 1);

  region->x = MIN (region->x, x);
  region->width = right - region->x;
  region->height = y + 1 - region->y;
  region->area++;
}

static guint
number_regions (guint32 *labels, guint width, guint height, GArray *regions)
{
  guint n_regions = 0;

  for (guint y = 0; y < height; y++) {
    for (guint x = 0; x < width; x++) {
      guint32 pixel = y * width + x, parent;

      if (labels[pixel] == 0)
        continue;
      parent = labels[pixel] - 1;
      labels[pixel] = parent == pixel ? ++n_regions : labels[parent];
      if (regions == NULL)
        continue;
      if (parent == pixel)
        g_array_append_vals (regions, &(CpacRegion){ .x = x, .y = y }, 1);
      extend (&g_array_index (regions, CpacRegion, labels[pixel] - 1), x, y);
    }
  }
  return n_regions;
}

guint
cpac_regions_label (const guint8 *mask, guint width, guint height, guint32 *labels, GArray *regions)
{
  g_return_val_if_fail ((guint64) width * height < G_MAXUINT32, 0);

  if (regions != NULL)
    g_array_set_size (regions, 0);
  for (guint y = 0; y < height; y++) {
    for (guint x = 0; x < width; x++) {
      guint32 pixel = y * width + x;

      labels[pixel] = mask[pixel] ? pixel + 1 : 0;
      if (mask[pixel])
        join_neighbours (labels, width, x, y);
    }
  }
  return number_regions (labels, width, height, regions);
}
