/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The ReLU and the 2x2 pool that usually follow a convolution, in either order, computed on the
 * convolution's strip while that lies in the cache: its planes, the largest of all, never go to
 * memory, neither as values nor as gradients. A byte for each output says where the gradient goes.
 */

#include "core/layers/layer.h"

typedef struct {
  gboolean relu, pool;
  guint height, width;         /* of the planes before it */
  guint out_height, out_width; /* and behind it */
} CpacTail;

/* A strip of @n rows from row @first of @channels planes: plane by plane @stride elements apart,
 * rows @row elements apart. @first is even. */
typedef struct {
  guint first, n, channels;
  gsize stride, row;
  float *planes;
} CpacTailStrip;

/* The pool that nearly every network has: 2x2 every 2 pixels, nothing clipped. */
gboolean cpac_tail_is_plain_pool (const CpacLayer *layer);
/* How many of the @n layers @behind make up a tail. */
guint cpac_tail_match (const CpacLayer *const *behind, guint n);
/* @layer: what it follows. */
CpacTail cpac_tail_of (const CpacLayer *layer, const CpacLayer *const *tail, guint n_tail);

/* From the strip to what of @out and @choices belongs to it; without a tail a copy. */
void
cpac_tail_forward (const CpacTail *tail, const CpacTailStrip *strip, float *out, guint8 *choices);
/* From the gradient @dout to the strip's, with zeros up to the end of each row. */
void cpac_tail_backward (const CpacTail *tail, const CpacTailStrip *strip, const float *dout,
                         const guint8 *choices);
