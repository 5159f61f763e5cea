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

/* Pixel floor((i + 1/2) size / n). */
static CpacSpan
nearest (const CpacAxis *axis, guint origin, guint size, guint shift, guint i)
{
  guint pixel = origin + (2 * (guint64) i + 1) * size / (2 * (guint64) axis->n);

  return one_sample ((pixel >> shift) - axis->base, axis->divisor);
}

/* At t = (i + 1/2) size / n - 1/2, limited to 0..size - 1; positions and weights in 1 / (2 n). */
static CpacSpan
bilinear (const CpacAxis *axis, guint origin, guint size, guint shift, guint i)
{
  gint64 t = (2 * (gint64) i + 1) * size - axis->n;
  gint64 limited = CLAMP (t, 0, (gint64) (size - 1) * axis->divisor);
  guint pixel = origin + limited / axis->divisor;
  guint fraction = limited % axis->divisor;
  guint a = (pixel >> shift) - axis->base;
  guint b = ((pixel + 1) >> shift) - axis->base;

  if (fraction == 0 || a == b)
    return one_sample (a, axis->divisor);
  return (CpacSpan){ .first = a, .n = 2, .w_first = axis->divisor - fraction, .w_last = fraction };
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
  /* The three are the same at equal sizes, and this one has the smallest weights. */
  if (size == n)
    resize = CPAC_RESIZE_NEAREST;
  else if (resize == CPAC_RESIZE_AREA && size < n)
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
      axis->divisor = 2 * n;
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
