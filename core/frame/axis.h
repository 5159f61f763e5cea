/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/frame/frame.h"
#include "core/kernels/pixels.h"

G_BEGIN_DECLS

/**
 * CpacAxis:
 * @spans: (array length=n): what each output sample takes; counted from sample @base
 * @n: output samples
 * @base: first sample of the plane that is read
 * @n_samples: samples that may be read from there on
 * @divisor: sum of the weights, the same for every span; at most 2^16
 *
 * One axis of the resize.
 */
typedef struct {
  CpacSpan *spans;
  guint n;
  guint base;
  guint n_samples;
  guint divisor;
} CpacAxis;

/* From the @size pixels at @origin to @n samples, by the definitions at CpacResize. A sample of the
 * plane covers 2^@shift pixels, @shift being 0 or 1. @size is 1 to 2^15 and @n 1 to 2^14, which is
 * what bounds the divisor. Free with cpac_axis_clear(). */
void
cpac_axis_init (CpacAxis *axis, CpacResize resize, guint origin, guint size, guint n, guint shift);
void cpac_axis_clear (CpacAxis *axis);

G_END_DECLS
