/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "plugin/enlarge.h"

/* Between two source pixels: the first one's index, the second one's, and the weight of the second
 * in 1/256. */
typedef struct {
  guint low, high, weight;
} Tap;

static GstCpacAxis
axis_of (guint from, guint to)
{
  gint64 step = ((gint64) from << 32) / to;

  /* Output pixel 0 lies at step / 2 - 1/2. */
  return (GstCpacAxis){ .start = step / 2 - ((gint64) 1 << 31), .step = step, .last = from - 1 };
}

static inline gint64
position_of (const GstCpacAxis *axis, guint index)
{
  return axis->start + index * axis->step;
}

static inline Tap
tap_of (const GstCpacAxis *axis, gint64 position)
{
  guint low;

  position = MAX (position, 0);
  low = MIN ((guint) (position >> 32), axis->last);
  return (Tap){ low, MIN (low + 1, axis->last), (guint) (position >> 24) & 255 };
}

static inline Tap
tap_at (const GstCpacAxis *axis, guint index)
{
  return tap_of (axis, position_of (axis, index));
}

/* One row between two of the map, in 1/256, the columns from @first to @last. */
static void
mix_rows (const GstCpacEnlarger *enlarger, Tap tap, guint first, guint last, guint16 *row)
{
  const guint8 *low = enlarger->map + (gsize) tap.low * enlarger->map_width;
  const guint8 *high = enlarger->map + (gsize) tap.high * enlarger->map_width;

  for (guint j = first; j <= last; j++)
    row[j] = (guint16) (low[j] * (256 - tap.weight) + high[j] * tap.weight);
}

void
gst_cpac_enlarger_init (GstCpacEnlarger *enlarger, const guint8 *map, guint map_width,
                        guint map_height, guint width, guint height)
{
  *enlarger = (GstCpacEnlarger){
    .map = map,
    .map_width = map_width,
    .across = axis_of (map_width, width),
    .down = axis_of (map_height, height),
  };
}

void
gst_cpac_enlarger_read (const GstCpacEnlarger *enlarger, guint y, guint x, guint n,
                        guint16 *scratch, guint8 *out)
{
  gint64 position = position_of (&enlarger->across, x);

  mix_rows (enlarger, tap_at (&enlarger->down, y), tap_at (&enlarger->across, x).low,
            tap_at (&enlarger->across, x + n - 1).high, scratch);
  for (guint j = 0; j < n; j++, position += enlarger->across.step) {
    Tap tap = tap_of (&enlarger->across, position);
    guint value = scratch[tap.low] * (256 - tap.weight) + scratch[tap.high] * tap.weight;

    out[j] = (guint8) ((value + (1 << 15)) >> 16);
  }
}

guint8
gst_cpac_enlarger_get_peak (const GstCpacEnlarger *enlarger, guint x, guint y, guint width,
                            guint height)
{
  guint left = tap_at (&enlarger->across, x).low, top = tap_at (&enlarger->down, y).low;
  guint right = tap_at (&enlarger->across, x + width - 1).high;
  guint bottom = tap_at (&enlarger->down, y + height - 1).high;
  guint8 peak = 0;

  for (guint i = top; i <= bottom; i++)
    for (guint j = left; j <= right; j++)
      peak = MAX (peak, enlarger->map[(gsize) i * enlarger->map_width + j]);
  return peak;
}

void
gst_cpac_enlarge (const guint8 *map, guint map_width, guint map_height, const GstCpacGray *out)
{
  g_autofree guint16 *scratch = g_new (guint16, map_width);
  GstCpacEnlarger enlarger;

  gst_cpac_enlarger_init (&enlarger, map, map_width, map_height, out->width, out->height);
  for (guint i = 0; i < out->height; i++)
    gst_cpac_enlarger_read (&enlarger, i, 0, out->width, scratch, out->data + i * out->stride);
}
