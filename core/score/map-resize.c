/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/score/map-resize.h"

/* Where one output pixel lies between two input pixels. */
typedef struct _CpacMapTap {
  guint before, after;
  double weight; /* of @after */
} Tap;

static Tap *
make_taps (guint n_in, guint n_out)
{
  Tap *taps = g_new (Tap, n_out);

  for (guint i = 0; i < n_out; i++) {
    double position = CLAMP ((i + 0.5) * n_in / n_out - 0.5, 0, n_in - 1.0);

    taps[i].before = (guint) position;
    taps[i].after = MIN (taps[i].before + 1, n_in - 1);
    taps[i].weight = position - taps[i].before;
  }
  return taps;
}

void
cpac_map_resize_init (CpacMapResize *resize, guint map_width, guint map_height, guint width,
                      guint height)
{
  *resize = (CpacMapResize){
    .rows = make_taps (map_height, height),
    .columns = make_taps (map_width, width),
    .map_width = map_width,
    .width = width,
  };
}

void
cpac_map_resize_clear (CpacMapResize *resize)
{
  g_free (resize->rows);
  g_free (resize->columns);
}

void
cpac_map_resize_row (const CpacMapResize *resize, const float *map, guint y, float *out)
{
  const Tap *row = &resize->rows[y];
  const float *above = map + (gsize) row->before * resize->map_width;
  const float *below = map + (gsize) row->after * resize->map_width;

  for (guint x = 0; x < resize->width; x++) {
    const Tap *column = &resize->columns[x];
    double top = above[column->before] +
                 column->weight * ((double) above[column->after] - above[column->before]);
    double bottom = below[column->before] +
                    column->weight * ((double) below[column->after] - below[column->before]);

    out[x] = (float) (top + row->weight * (bottom - top));
  }
}
