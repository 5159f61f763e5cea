/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The stages of a cpac-conv layer of any stride, whole planes at a time, shared by its forward and
 * backward (ops-cpac-conv.c, ops-cpac-conv-backward.c). Stride 1 has cpac-strips.h. */

#include "core/layers/options.h"

/* Taps that are handed to a row loop at once. */
#define CPAC_STAGES_MAX_TAPS 64

/* Where the pieces of the scratch lie. */
typedef struct {
  const CpacConvLayer *conv;
  guint rank, height, width, out_height, out_width; /* H, W, Ho, Wo */
  guint sh, sw, kh, kw, lh, lw;
  gsize padded; /* elements of a row of V with its border: every tap of every output lies inside */
  gsize left;   /* of them, before the first pixel */
  float *u, *v, *z;    /* (R, H, W), (R, Ho, padded), (R, Ho, Wo) */
  float *gu, *gv, *gz; /* gradients, of the same shapes */
  float *phases; /* a padded row split by phase, (sw, padded / sw + 1), or one between zeros */
} CpacStages;

/* The layer's sizes, without memory. */
CpacStages cpac_stages_sizes (const CpacLayer *layer);
/* Elements of U, V and Z together. */
gsize cpac_stages_count (const CpacStages *g);
/* With memory. @cache: where U, V and Z lie instead; NULL: in the scratch. */
CpacStages cpac_stages_of (const CpacLayer *layer, float *scratch, float *cache);

/* Elements of scratch that both passes need. */
gsize cpac_stages_scratch (const CpacLayer *layer);

void cpac_stages_forward (const CpacLayer *layer, const CpacForward *call);
void cpac_stages_backward (const CpacLayer *layer, const CpacBackward *call);

/* The stages themselves: U = D^T X, V, Z. */
void cpac_stages_u (const CpacStages *g, const float *x, const float *d);
void cpac_stages_v (const CpacStages *g, const float *b);
void cpac_stages_z (const CpacStages *g, const float *c);

/* Rows of @u that output row @p reads with @n_taps taps from @first_tap, with their weights and
 * numbers; returns how many lie in the picture. */
guint cpac_stages_rows_of_u (const CpacStages *g, const float *u, const float *b, guint r, guint p,
                             guint first_tap, guint n_taps, const float **rows, float *weights,
                             guint *taps);
/* Row @p of component @r in @v, or in its gradient. */
float *cpac_stages_row_of_v (const CpacStages *g, float *v, guint r, guint p);
/* Splits a padded row into its sw phases, each @length long: phase f holds elements f, f + sw, ...
 * With stride 1 the row is its own only phase. */
const float *cpac_stages_split_phases (const CpacStages *g, const float *row, gsize *length);
/* Where the @n taps from @first of output 0 lie in the phases. */
void cpac_stages_shifted (const CpacStages *g, const float *phases, gsize length, guint first,
                          guint n, const float **rows);
