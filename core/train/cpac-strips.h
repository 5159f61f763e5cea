/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * A cpac-conv layer of stride 1 in strips of output rows, so that all of a strip's intermediates
 * stay in the second cache. Every plane of a strip has rows of the same padded length,
 * Wo + (kw - 1) lw: taps are then whole planes shifted against one another, one long loop each, at
 * any width of the picture, and so are the pointwise stages, which BLAS does at nearly the speed of
 * the CPU on matrices that are in the cache. What is computed between two rows of outputs is never
 * used.
 */

#include "core/layers/options.h"
#include "core/train/tail.h"

typedef struct {
  const CpacConvLayer *conv;
  guint rank, channels, filters;
  guint height, width, out_height, out_width;
  guint halo, reach; /* (kh - 1) lh rows, (kw - 1) lw columns */
  gsize padded;      /* out_width + reach */
  guint rows;        /* outputs of a strip */
  /* Elements from one plane to the next: of planes with the rows the outputs read, of planes with
   * the outputs alone, of GV. */
  gsize in_stride, out_stride, gv_stride;
  float *x;  /* (C, rows + halo, padded), then its gradient */
  float *u;  /* (R, rows + halo, padded), then its gradient */
  float *v;  /* (R, rows, padded) */
  float *z;  /* (R, rows, padded) */
  float *y;  /* (N, rows, padded), or its gradient */
  float *gz; /* (R, reach + rows padded): @reach zeros, then the gradient of Z */
  float *gv; /* (R, halo + rows + halo, padded): behind those of the strip above */
} CpacStrips;

/* One strip: its first output row and how many it has. */
typedef struct {
  guint first, n;
} CpacStrip;

/* Whether the layer can be computed in strips. */
gboolean cpac_strips_suit (const CpacLayer *layer);
/* The layer's sizes, without memory. */
CpacStrips cpac_strips_sizes (const CpacLayer *layer);
/* Elements of everything; of what a forward pass can leave for the backward pass, 0 where the
 * picture is several strips. */
gsize cpac_strips_count (const CpacStrips *g);
gsize cpac_strips_cached_count (const CpacStrips *g);
/* With memory. @cache: where X, U, V and Z lie instead; NULL: in the scratch. */
CpacStrips cpac_strips_of (const CpacLayer *layer, float *scratch, float *cache);

static inline guint
cpac_strips_n (const CpacStrips *g)
{
  return (g->out_height - 1) / g->rows + 1;
}

static inline CpacStrip
cpac_strips_get (const CpacStrips *g, guint index)
{
  guint first = index * g->rows;

  return (CpacStrip){ first, MIN (g->rows, g->out_height - first) };
}

/* Elements from a strip's first output to its last. */
static inline gsize
cpac_strips_span (const CpacStrips *g, CpacStrip strip)
{
  return (gsize) strip.n * g->padded - g->reach;
}

/* X with its border, U, V and Z of a strip of the picture @x. */
void cpac_strips_load (const CpacStrips *g, CpacStrip strip, const float *x);
void cpac_strips_stages (const CpacStrips *g, CpacStrip strip, const float *b, const float *c,
                         const float *d);

/* Its outputs, as what follows the layer sees them. */
CpacTailStrip cpac_strips_outputs (const CpacStrips *g, CpacStrip strip);

/* out[i] = sum_t weights[t weight_step] from[i + t shift] for @n_taps taps. */
void cpac_strips_taps (gsize n, guint n_taps, const float *weights, gsize weight_step,
                       const float *from, gssize shift, float *out);

void cpac_strips_forward (const CpacLayer *layer, const CpacForward *call);
void cpac_strips_backward (const CpacLayer *layer, const CpacBackward *call);
