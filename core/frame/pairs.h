/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/frame/axis.h"

G_BEGIN_DECLS

/**
 * CpacPairs:
 * @rows: (array): the spans of the vertical axis, their weights divided; NULL: sums do not fit
 * @columns: (array): those of the horizontal axis in pairs of samples, their weights divided
 * @bias: what the kernel is to add, for the 2^15 that is taken off each column
 * @factor: what divides the weights: results are those of the axes themselves, to the bit
 *
 * Two axes for the kernels that work on pairs of bytes. All weights of an axis often have a common
 * divisor; from 1080 to 100 samples it is 20, and sums of 54 bytes fit 16 bits.
 */
typedef struct {
  CpacSpan *rows;
  CpacPairSpan *columns;
  guint32 bias;
  double factor;
} CpacPairs;

/* Clear with cpac_pairs_clear(). */
void cpac_pairs_init (CpacPairs *pairs, const CpacAxis *x, const CpacAxis *y);
void cpac_pairs_clear (CpacPairs *pairs);

G_END_DECLS
