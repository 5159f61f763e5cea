/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/frame/axis.h"

/* In two halves: bilinear's 2^16 does not fit one weight. */
static CpacSpan
one_sample (guint sample, guint weight)
{
  guint half = weight / 2;

  return (CpacSpan){ .first = sample, .n = 1, .w_first = weight - half, .w_last = half };
}

/* The sample under the centre (2 i + 1) size / (2 n) of output pixel i. */
static CpacSpan
nearest (const CpacAxis *axis, guint origin, guint size, guint shift, guint i)
{
  guint64 centre = 2 * (guint64) axis->n * origin + (2 * (guint64) i + 1) * size;

  return one_sample (centre / (2 * (guint64) axis->n << shift) - axis->base, axis->divisor);
}

/* Between the sample centres around that of the output pixel; in 1 / divisor samples, of which
 * 2 n make a pixel. */
static CpacSpan
bilinear (const CpacAxis *axis, guint origin, guint size, guint shift, guint i)
{
  gint64 unit = axis->divisor;
  gint64 centre = 2 * (gint64) axis->n * origin + (2 * (gint64) i + 1) * size;
  gint64 t = centre - unit / 2 - axis->base * unit;
  gint64 limited = CLAMP (t, 0, (axis->n_samples - 1) * unit);
  guint first = limited / unit;
  guint fraction = limited % unit;

  if (fraction == 0)
    return one_sample (first, axis->divisor);
  return (CpacSpan){ .first = first, .n = 2, .w_first = unit - fraction, .w_last = fraction };
}

/* Length that the sample has in common with start..end, in 1 / n pixels. */
static guint
overlap (guint64 sample, guint64 sample_length, guint64 start, guint64 end)
{
  guint64 from = MAX (sample * sample_length, start);
  guint64 to = MIN ((sample + 1) * sample_length, end);

  return to - from;
}

/* The pixels from i size / n to (i + 1) size / n; positions and weights in 1 / n. */
static CpacSpan
area (const CpacAxis *axis, guint origin, guint size, guint shift, guint i)
{
  guint64 length = (guint64) axis->n << shift;
  guint64 start = (guint64) origin * axis->n + (guint64) i * size;
  guint64 end = start + size;
  guint64 first = start / length;
  guint64 last = (end - 1) / length;

  if (first == last)
    return one_sample (first - axis->base, size);
  return (CpacSpan){
    .first = first - axis->base,
    .n = last - first + 1,
    .w_first = overlap (first, length, start, end),
    .w_mid = length,
    .w_last = overlap (last, length, start, end),
  };
}

void
cpac_axis_init (CpacAxis *axis, CpacResize resize, guint origin, guint size, guint n, guint shift)
{
  guint64 length = (guint64) n << shift; /* of a sample, @size being that of an output pixel */

  /* Where output pixels are samples, the three are the same, and this has the smallest weights. */
  if (size == length && origin % (1 << shift) == 0)
    resize = CPAC_RESIZE_NEAREST;
  else if (resize == CPAC_RESIZE_AREA && size < length)
    resize = CPAC_RESIZE_BILINEAR;

  axis->n = n;
  axis->spans = g_new (CpacSpan, n);
  axis->base = origin >> shift;
  axis->n_samples = ((origin + size - 1) >> shift) - axis->base + 1;
  switch (resize) {
    case CPAC_RESIZE_AREA:
      axis->divisor = size;
      for (guint i = 0; i < n; i++)
        axis->spans[i] = area (axis, origin, size, shift, i);
      break;
    case CPAC_RESIZE_BILINEAR:
      axis->divisor = 2 * n << shift;
      for (guint i = 0; i < n; i++)
        axis->spans[i] = bilinear (axis, origin, size, shift, i);
      break;
    case CPAC_RESIZE_NEAREST:
      axis->divisor = 1;
      for (guint i = 0; i < n; i++)
        axis->spans[i] = nearest (axis, origin, size, shift, i);
      break;
  }
}

void
cpac_axis_clear (CpacAxis *axis)
{
  g_clear_pointer (&axis->spans, g_free);
}
