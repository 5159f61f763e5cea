/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * CPAC-Conv for training; the formulas stand in core/layers/cpac-conv.c, whose four stages and
 * names are kept: U (R, rows, W), V (R, Ho, W), Z (R, Ho, Wo). The pointwise stages are matrix
 * products, the taps run over rows that carry their own border of zeros, so that no tap needs a
 * special case:
 *
 *   (1) U = D^T X     (2) V: kh rows of U each     (3) Z: kw shifted copies of a row of V
 *   (4) Y = A Z + bias
 *
 * Without a cache U, V and Z are computed again in the backward pass.
 */

#include <string.h>

#include "core/layers/options.h"
#include "core/tensor/linalg.h"
#include "core/train/ops-private.h"

/* Taps that are handed to a row loop at once. */
#define MAX_TAPS 64

/* Where the pieces of the scratch lie. */
typedef struct {
  const CpacConvLayer *conv;
  guint rank, height, width, out_height, out_width; /* H, W, Ho, Wo */
  guint sh, sw, kh, kw, lh, lw;
  gsize padded; /* elements of a row of V with its border: every tap of every output lies inside */
  gsize left;   /* of them, before the first pixel */
  float *u, *v, *z;    /* (R, H, W), (R, Ho, padded), (R, Ho, Wo) */
  float *gu, *gv, *gz; /* gradients, of the same shapes */
  float *phases;       /* stride only: a padded row split by phase, (sw, padded / sw + 1) */
} Geometry;

/* The layer's sizes, without memory. */
static Geometry
sizes_of (const CpacLayer *layer)
{
  const CpacConvLayer *conv = (const CpacConvLayer *) layer;
  const CpacWindow *w = &conv->window;
  Geometry g = {
    .conv = conv,
    .rank = conv->rank,
    .height = layer->in[0].height,
    .width = layer->in[0].width,
    .out_height = layer->out.height,
    .out_width = layer->out.width,
    .sh = w->stride[0],
    .sw = w->stride[1],
    .kh = w->size[0],
    .kw = w->size[1],
    .lh = w->dilation[0],
    .lw = w->dilation[1],
    .left = w->before[1],
  };
  gsize reach = (gsize) (g.out_width - 1) * g.sw + (gsize) (g.kw - 1) * g.lw + 1;

  g.padded = MAX (reach, g.left + g.width);
  return g;
}

/* Elements of U, V and Z together. */
static gsize
n_stages (const Geometry *g)
{
  return g->rank * ((gsize) g->height * g->width + (gsize) g->out_height * g->padded +
                    (gsize) g->out_height * g->out_width);
}

/* @cache: where U, V and Z lie instead; NULL: in the scratch. */
static Geometry
geometry_of (const CpacLayer *layer, float *scratch, float *cache)
{
  Geometry g = sizes_of (layer);

  g.u = cache != NULL ? cache : scratch;
  g.v = g.u + (gsize) g.rank * g.height * g.width;
  g.z = g.v + (gsize) g.rank * g.out_height * g.padded;
  g.gu = cache != NULL ? scratch : scratch + n_stages (&g);
  g.gv = g.gu + (gsize) g.rank * g.height * g.width;
  g.gz = g.gv + (gsize) g.rank * g.out_height * g.padded;
  g.phases = g.gz + (gsize) g.rank * g.out_height * g.out_width;
  return g;
}

gsize
cpac_train_cpac_conv_backward_scratch (const CpacLayer *layer)
{
  Geometry g = sizes_of (layer);

  return 2 * n_stages (&g) + g.padded + g.sw;
}

gsize
cpac_train_cpac_conv_cache (const CpacLayer *layer)
{
  Geometry g = sizes_of (layer);

  return n_stages (&g);
}

gsize
cpac_train_cpac_conv_scratch (const CpacLayer *layer, guint n_slices)
{
  return cpac_train_cpac_conv_backward_scratch (layer);
}

/* (1) */
static void
pointwise_in (const Geometry *g, const float *x, const float *d)
{
  gsize plane = (gsize) g->height * g->width;

  cpac_sgemm (TRUE, FALSE, g->rank, plane, g->conv->layer.in[0].channels, 1, d, g->rank, x, plane,
              0, g->u, plane);
}

/* Rows of @u that output row @p reads, with their weights; returns how many lie in the picture. */
static guint
rows_of (const Geometry *g, const float *u, const float *b, guint r, guint p, guint first_tap,
         guint n_taps, const float **rows, float *weights, guint *taps)
{
  guint n = 0;

  for (guint y = first_tap; y < first_tap + n_taps; y++) {
    gint64 i = (gint64) p * g->sh + (gint64) y * g->lh - g->conv->window.before[0];

    if (i < 0 || i >= g->height)
      continue;
    rows[n] = u + ((gsize) r * g->height + (gsize) i) * g->width;
    weights[n] = b[(gsize) y * g->rank + r];
    taps[n++] = y;
  }
  return n;
}

static float *
row_of_v (const Geometry *g, float *v, guint r, guint p)
{
  return v + ((gsize) r * g->out_height + p) * g->padded;
}

static void
clear_border (const Geometry *g, float *row)
{
  gsize right = g->left + g->width;

  memset (row, 0, g->left * sizeof (float));
  memset (row + right, 0, (g->padded - right) * sizeof (float));
}

/* (2) with the border of zeros left and right of every row. */
static void
vertical_taps (const Geometry *g, const float *b)
{
  const CpacRowKernels *kernels = cpac_train_rows ();

  for (guint r = 0; r < g->rank; r++)
    for (guint p = 0; p < g->out_height; p++) {
      float *out = row_of_v (g, g->v, r, p);
      gboolean fresh = TRUE;

      clear_border (g, out);
      for (guint first = 0; first < g->kh; first += MAX_TAPS) {
        const float *rows[MAX_TAPS];
        float weights[MAX_TAPS];
        guint taps[MAX_TAPS];
        guint n =
            rows_of (g, g->u, b, r, p, first, MIN (MAX_TAPS, g->kh - first), rows, weights, taps);

        if (n == 0)
          continue;
        (fresh ? kernels->taps : kernels->add_taps) (g->width, n, weights, rows, out + g->left);
        fresh = FALSE;
      }
      /* A row that lies wholly in the padding. */
      if (fresh)
        memset (out + g->left, 0, g->width * sizeof (float));
    }
}

/* Splits a padded row into its sw phases: phase f holds elements f, f + sw, ... With stride 1 the
 * row is its own only phase. */
static const float *
split_phases (const Geometry *g, const float *row, gsize *length)
{
  *length = g->padded / g->sw + 1;
  if (g->sw == 1)
    return row;
  for (guint f = 0; f < g->sw; f++) {
    float *phase = g->phases + f * *length;
    gsize k = 0;

    for (gsize j = f; j < g->padded; j += g->sw)
      phase[k++] = row[j];
  }
  return g->phases;
}

/* Where the taps of output 0 lie in the phases. */
static void
shifted (const Geometry *g, const float *phases, gsize length, guint first, guint n,
         const float **rows)
{
  for (guint x = 0; x < n; x++) {
    gsize at = (gsize) (first + x) * g->lw;

    rows[x] = phases + (at % g->sw) * (g->sw > 1 ? length : 0) + at / g->sw;
  }
}

/* (3) */
static void
horizontal_taps (const Geometry *g, const float *c)
{
  const CpacRowKernels *kernels = cpac_train_rows ();

  for (guint r = 0; r < g->rank; r++)
    for (guint p = 0; p < g->out_height; p++) {
      gsize length;
      const float *phases = split_phases (g, row_of_v (g, g->v, r, p), &length);
      float *out = g->z + ((gsize) r * g->out_height + p) * g->out_width;

      for (guint first = 0; first < g->kw; first += MAX_TAPS) {
        guint n = MIN (MAX_TAPS, g->kw - first);
        const float *rows[MAX_TAPS];
        float weights[MAX_TAPS];

        shifted (g, phases, length, first, n, rows);
        for (guint x = 0; x < n; x++)
          weights[x] = c[(gsize) (first + x) * g->rank + r];
        if (first == 0)
          kernels->taps (g->out_width, n, weights, rows, out);
        else
          kernels->add_taps (g->out_width, n, weights, rows, out);
      }
    }
}

void
cpac_train_cpac_conv_forward (const CpacLayer *layer, const CpacForward *call)
{
  Geometry g = geometry_of (layer, call->scratch, call->cache);
  gsize n = (gsize) g.out_height * g.out_width;
  float *y = call->out;

  g_assert (call->begin == 0 && call->end == g.out_height);
  pointwise_in (&g, call->in[0], call->params[CPAC_CONV_D]);
  vertical_taps (&g, call->params[CPAC_CONV_B]);
  horizontal_taps (&g, call->params[CPAC_CONV_C]);
  for (guint f = 0; g.conv->bias && f < g.conv->filters; f++)
    for (gsize i = 0; i < n; i++)
      y[f * n + i] = ((const float *) call->params[CPAC_CONV_BIAS])[f];
  cpac_sgemm (FALSE, FALSE, g.conv->filters, n, g.rank, 1, call->params[CPAC_CONV_A], g.rank, g.z,
              n, g.conv->bias ? 1 : 0, y, n);
}

/* da += G Z^T, dbias, GZ = A^T G */
static void
pointwise_out_backward (const Geometry *g, const CpacBackward *call)
{
  gsize n = (gsize) g->out_height * g->out_width;
  const float *dy = call->dout;
  guint filters = g->conv->filters;

  cpac_sgemm (FALSE, TRUE, filters, g->rank, n, 1, dy, n, g->z, n, 1, call->dparams[CPAC_CONV_A],
              g->rank);
  cpac_sgemm (TRUE, FALSE, g->rank, n, filters, 1, call->params[CPAC_CONV_A], g->rank, dy, n, 0,
              g->gz, n);
  for (guint f = 0; g->conv->bias && f < filters; f++)
    ((float *) call->dparams[CPAC_CONV_BIAS])[f] += (float) cpac_train_rows ()->sum (n, dy + f * n);
}

/* dc, and GV (padded rows; the border's gradient goes nowhere). */
static void
horizontal_taps_backward (const Geometry *g, const CpacBackward *call)
{
  const CpacRowKernels *kernels = cpac_train_rows ();
  const float *c = call->params[CPAC_CONV_C];
  float *dc = call->dparams[CPAC_CONV_C];

  memset (g->gv, 0, (gsize) g->rank * g->out_height * g->padded * sizeof (float));
  for (guint r = 0; r < g->rank; r++)
    for (guint p = 0; p < g->out_height; p++) {
      gsize length;
      const float *phases = split_phases (g, row_of_v (g, g->v, r, p), &length);
      const float *gz = g->gz + ((gsize) r * g->out_height + p) * g->out_width;
      float *gv = row_of_v (g, g->gv, r, p);

      for (guint first = 0; first < g->kw; first += MAX_TAPS) {
        guint n = MIN (MAX_TAPS, g->kw - first);
        const float *rows[MAX_TAPS];
        float sums[MAX_TAPS] = { 0 };

        shifted (g, phases, length, first, n, rows);
        kernels->dots (g->out_width, n, gz, rows, sums);
        for (guint x = 0; x < n; x++)
          dc[(gsize) (first + x) * g->rank + r] += sums[x];
      }
      for (guint x = 0; x < g->kw; x++) {
        float weight = c[(gsize) x * g->rank + r];

        if (g->sw == 1)
          kernels->add_taps (g->out_width, 1, &weight, &gz, gv + (gsize) x * g->lw);
        else
          for (guint q = 0; q < g->out_width; q++)
            gv[(gsize) x * g->lw + (gsize) q * g->sw] += weight * gz[q];
      }
    }
}

/* db and GU. */
static void
vertical_taps_backward (const Geometry *g, const CpacBackward *call)
{
  const CpacRowKernels *kernels = cpac_train_rows ();
  float *db = call->dparams[CPAC_CONV_B];

  memset (g->gu, 0, (gsize) g->rank * g->height * g->width * sizeof (float));
  for (guint r = 0; r < g->rank; r++)
    for (guint p = 0; p < g->out_height; p++) {
      const float *gv = row_of_v (g, g->gv, r, p) + g->left;

      for (guint first = 0; first < g->kh; first += MAX_TAPS) {
        const float *rows[MAX_TAPS];
        float weights[MAX_TAPS], sums[MAX_TAPS] = { 0 };
        guint taps[MAX_TAPS];
        guint n = rows_of (g, g->u, call->params[CPAC_CONV_B], r, p, first,
                           MIN (MAX_TAPS, g->kh - first), rows, weights, taps);

        kernels->dots (g->width, n, gv, rows, sums);
        for (guint k = 0; k < n; k++) {
          db[(gsize) taps[k] * g->rank + r] += sums[k];
          kernels->add_taps (g->width, 1, &weights[k], &gv, g->gu + (rows[k] - g->u));
        }
      }
    }
}

void
cpac_train_cpac_conv_backward (const CpacLayer *layer, const CpacBackward *call)
{
  Geometry g = geometry_of (layer, call->scratch, call->cache);
  gsize plane = (gsize) g.height * g.width;
  guint channels = layer->in[0].channels;

  if (call->cache == NULL) {
    pointwise_in (&g, call->in[0], call->params[CPAC_CONV_D]);
    vertical_taps (&g, call->params[CPAC_CONV_B]);
    horizontal_taps (&g, call->params[CPAC_CONV_C]);
  }
  pointwise_out_backward (&g, call);
  horizontal_taps_backward (&g, call);
  vertical_taps_backward (&g, call);
  /* dd += X GU^T, GX += D GU */
  cpac_sgemm (FALSE, TRUE, channels, g.rank, plane, 1, call->in[0], plane, g.gu, plane, 1,
              call->dparams[CPAC_CONV_D], g.rank);
  if (call->din[0] != NULL)
    cpac_sgemm (FALSE, FALSE, channels, plane, g.rank, 1, call->params[CPAC_CONV_D], g.rank, g.gu,
                plane, 0, call->din[0], plane);
}

void
cpac_train_add_component_energy (const CpacLayer *layer, const float *x, CpacTensor *const *values,
                                 double *energy)
{
  float *scratch =
      cpac_aligned_new0 (cpac_train_cpac_conv_backward_scratch (layer), sizeof (float));
  Geometry g = geometry_of (layer, scratch, NULL);
  gsize n = (gsize) g.out_height * g.out_width;

  pointwise_in (&g, x, values[CPAC_CONV_D]->data);
  vertical_taps (&g, values[CPAC_CONV_B]->data);
  horizontal_taps (&g, values[CPAC_CONV_C]->data);
  for (guint r = 0; r < g.rank; r++)
    for (gsize i = 0; i < n; i++)
      energy[r] += (double) g.z[r * n + i] * g.z[r * n + i];
  cpac_aligned_free (scratch);
}
