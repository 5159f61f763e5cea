/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/train/dataset-private.h"

/* Pixels of one axis under one cell. With @size pixels and @n cells, lengths are counted in 1/n
 * pixel, so that a pixel is @n long, a cell @size, and all is whole. */
typedef struct {
  guint64 begin, end; /* of the cell */
  guint first, last;  /* pixel */
} Extent;

static Extent
get_extent (guint cell, guint n, guint size)
{
  guint64 begin = (guint64) cell * size;

  return (Extent){ begin, begin + size, begin / n, (begin + size - 1) / n };
}

static guint64
get_overlap (const Extent *extent, guint pixel, guint n)
{
  guint64 begin = (guint64) pixel * n;

  return MIN (begin + n, extent->end) - MAX (begin, extent->begin);
}

static guint64
sum_cell (const guint8 *mask, guint mask_width, const Extent *x, const Extent *y, guint width,
          guint height)
{
  guint64 sum = 0;

  for (guint row = y->first; row <= y->last; row++) {
    const guint8 *pixels = mask + (gsize) row * mask_width;
    guint64 length = 0;

    for (guint column = x->first; column <= x->last; column++)
      if (pixels[column] != 0)
        length += get_overlap (x, column, width);
    sum += length * get_overlap (y, row, height);
  }
  return sum;
}

void
cpac_mask_get_shares (const guint8 *mask, guint mask_width, guint mask_height, guint width,
                      guint height, float *shares)
{
  double area = (double) mask_width * mask_height;

  for (guint row = 0; row < height; row++) {
    Extent y = get_extent (row, height, mask_height);

    for (guint column = 0; column < width; column++) {
      Extent x = get_extent (column, width, mask_width);

      *shares++ = sum_cell (mask, mask_width, &x, &y, width, height) / area;
    }
  }
}
