/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/explain/ignore-mask.h"

#include <math.h>

/* Half of a cell's area, less what rounding can take off it. */
#define ENOUGH (0.5 - 1e-9)

struct _CpacIgnoreMask {
  gint ref_count; /* atomic */
  guint8 *pixels; /* (height, width) */
  guint width, height;
  char *sha256;
};

/* From one end of a cell to the other, in pixels of the mask. */
typedef struct {
  double start, end;
} Span;

CpacIgnoreMask *
cpac_ignore_mask_new (const guint8 *pixels, guint width, guint height, const char *sha256)
{
  CpacIgnoreMask *mask = g_new0 (CpacIgnoreMask, 1);

  mask->ref_count = 1;
  mask->pixels = g_memdup2 (pixels, (gsize) width * height);
  mask->width = width;
  mask->height = height;
  mask->sha256 = g_strdup (sha256);
  return mask;
}

CpacIgnoreMask *
cpac_ignore_mask_ref (CpacIgnoreMask *mask)
{
  g_atomic_int_inc (&mask->ref_count);
  return mask;
}

void
cpac_ignore_mask_unref (CpacIgnoreMask *mask)
{
  if (mask == NULL || !g_atomic_int_dec_and_test (&mask->ref_count))
    return;
  g_free (mask->pixels);
  g_free (mask->sha256);
  g_free (mask);
}

const char *
cpac_ignore_mask_get_sha256 (const CpacIgnoreMask *mask)
{
  return mask->sha256;
}

static inline double
overlap (Span span, guint pixel)
{
  return MAX (MIN (span.end, pixel + 1.0) - MAX (span.start, pixel), 0);
}

/* How much of @row (width) is ignored within @span. */
static double
sum_row (const guint8 *row, guint width, Span span)
{
  guint end = (guint) MIN (ceil (span.end), width);
  double sum = 0;

  for (guint x = (guint) span.start; x < end; x++)
    if (row[x] != 0)
      sum += overlap (span, x);
  return sum;
}

static double
sum_cell (const CpacIgnoreMask *mask, Span across, Span down)
{
  guint end = (guint) MIN (ceil (down.end), mask->height);
  double sum = 0;

  for (guint y = (guint) down.start; y < end; y++)
    sum +=
        overlap (down, y) * sum_row (mask->pixels + (gsize) y * mask->width, mask->width, across);
  return sum;
}

gsize
cpac_ignore_mask_mark (const CpacIgnoreMask *mask, const CpacMapPlace *place, guint8 *ignored)
{
  double x_scale = (double) mask->width / place->width;
  double y_scale = (double) mask->height / place->height;
  gsize n_kept = 0;

  for (guint i = 0; i < place->map_height; i++)
    for (guint j = 0; j < place->map_width; j++) {
      Span across = { cpac_map_place_get_x (place, j) * x_scale,
                      cpac_map_place_get_x (place, j + 1.0) * x_scale };
      Span down = { cpac_map_place_get_y (place, i) * y_scale,
                    cpac_map_place_get_y (place, i + 1.0) * y_scale };
      double area = (across.end - across.start) * (down.end - down.start);
      gboolean is_ignored = sum_cell (mask, across, down) >= ENOUGH * area;

      ignored[(gsize) i * place->map_width + j] = is_ignored;
      n_kept += !is_ignored;
    }
  return n_kept;
}

void
cpac_ignore_fill (float *map, const guint8 *ignored, gsize n)
{
  float smallest = INFINITY;

  for (gsize i = 0; i < n; i++)
    if (!ignored[i])
      smallest = MIN (smallest, map[i]);
  for (gsize i = 0; i < n; i++)
    if (ignored[i])
      map[i] = MIN (smallest, map[i]);
}
