/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "plugin/enlarge.h"

/* Positions along an axis, in 2^-32 pixels of the source. */
typedef struct {
  gint64 start, step;
  guint last; /* index of the last source pixel */
} Axis;

/* Between two source pixels: the first one's index, the second one's, and the weight of the second
 * in 1/256. */
typedef struct {
  guint low, high, weight;
} Tap;

static Axis
axis_of (guint from, guint to)
{
  gint64 step = ((gint64) from << 32) / to;

  /* Output pixel 0 lies at step / 2 - 1/2. */
  return (Axis){ .start = step / 2 - ((gint64) 1 << 31), .step = step, .last = from - 1 };
}

static inline Tap
tap_at (const Axis *axis, guint index)
{
  gint64 position = MAX (axis->start + index * axis->step, 0);
  guint low = MIN ((guint) (position >> 32), axis->last);

  return (Tap){ low, MIN (low + 1, axis->last), (guint) (position >> 24) & 255 };
}

/* One row between two of the map, in 1/256. */
static void
mix_rows (const guint8 *map, guint width, Tap tap, guint16 *row)
{
  const guint8 *low = map + (gsize) tap.low * width, *high = map + (gsize) tap.high * width;

  for (guint j = 0; j < width; j++)
    row[j] = (guint16) (low[j] * (256 - tap.weight) + high[j] * tap.weight);
}

void
gst_cpac_enlarge (const guint8 *map, guint map_width, guint map_height, const GstCpacGray *out)
{
  g_autofree guint16 *row = g_new (guint16, map_width);
  Axis across = axis_of (map_width, out->width), down = axis_of (map_height, out->height);

  for (guint i = 0; i < out->height; i++) {
    guint8 *pixels = out->data + i * out->stride;

    mix_rows (map, map_width, tap_at (&down, i), row);
    for (guint j = 0; j < out->width; j++) {
      Tap tap = tap_at (&across, j);
      guint value = row[tap.low] * (256 - tap.weight) + row[tap.high] * tap.weight;

      pixels[j] = (guint8) ((value + (1 << 15)) >> 16);
    }
  }
}
