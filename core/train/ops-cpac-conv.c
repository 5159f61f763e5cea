/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * CPAC-Conv of any stride for training; the formulas stand in core/layers/cpac-conv.c, whose four
 * stages and names are kept: U (R, rows, W), V (R, Ho, W), Z (R, Ho, Wo). The pointwise stages are
 * matrix products, the taps run over rows that carry their own border of zeros, so that no tap
 * needs a special case:
 *
 *   (1) U = D^T X     (2) V: kh rows of U each     (3) Z: kw shifted copies of a row of V
 *   (4) Y = A Z + bias
 *
 * Without a cache U, V and Z are computed again in the backward pass.
 */

#include "core/train/cpac-stages.h"

#include <string.h>

#include "core/tensor/linalg.h"
#include "core/train/ops-private.h"

CpacStages
cpac_stages_sizes (const CpacLayer *layer)
{
  const CpacConvLayer *conv = (const CpacConvLayer *) layer;
  const CpacWindow *w = &conv->window;
  CpacStages g = {
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

gsize
cpac_stages_count (const CpacStages *g)
{
  return g->rank * ((gsize) g->height * g->width + (gsize) g->out_height * g->padded +
                    (gsize) g->out_height * g->out_width);
}

CpacStages
cpac_stages_of (const CpacLayer *layer, float *scratch, float *cache)
{
  CpacStages g = cpac_stages_sizes (layer);

  g.u = cache != NULL ? cache : scratch;
  g.v = g.u + (gsize) g.rank * g.height * g.width;
  g.z = g.v + (gsize) g.rank * g.out_height * g.padded;
  g.gu = cache != NULL ? scratch : scratch + cpac_stages_count (&g);
  g.gv = g.gu + (gsize) g.rank * g.height * g.width;
  g.gz = g.gv + (gsize) g.rank * g.out_height * g.padded;
  g.phases = g.gz + (gsize) g.rank * g.out_height * g.out_width;
  return g;
}

gsize
cpac_stages_scratch (const CpacLayer *layer)
{
  CpacStages g = cpac_stages_sizes (layer);

  return 2 * cpac_stages_count (&g) +
         MAX (g.padded + g.sw, g.out_width + 2 * (gsize) (g.kw - 1) * g.lw);
}

/* (1) */
void
cpac_stages_u (const CpacStages *g, const float *x, const float *d)
{
  gsize plane = (gsize) g->height * g->width;

  cpac_sgemm (TRUE, FALSE, g->rank, plane, g->conv->layer.in[0].channels, 1, d, g->rank, x, plane,
              0, g->u, plane);
}

/* Rows of @u that output row @p reads, with their weights; returns how many lie in the picture. */
guint
cpac_stages_rows_of_u (const CpacStages *g, const float *u, const float *b, guint r, guint p,
                       guint first_tap, guint n_taps, const float **rows, float *weights,
                       guint *taps)
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

float *
cpac_stages_row_of_v (const CpacStages *g, float *v, guint r, guint p)
{
  return v + ((gsize) r * g->out_height + p) * g->padded;
}

static void
clear_border (const CpacStages *g, float *row)
{
  gsize right = g->left + g->width;

  memset (row, 0, g->left * sizeof (float));
  memset (row + right, 0, (g->padded - right) * sizeof (float));
}

/* (2) with the border of zeros left and right of every row. */
void
cpac_stages_v (const CpacStages *g, const float *b)
{
  const CpacRowKernels *kernels = cpac_train_rows ();

  for (guint r = 0; r < g->rank; r++)
    for (guint p = 0; p < g->out_height; p++) {
      float *out = cpac_stages_row_of_v (g, g->v, r, p);
      gboolean fresh = TRUE;

      clear_border (g, out);
      for (guint first = 0; first < g->kh; first += CPAC_STAGES_MAX_TAPS) {
        const float *rows[CPAC_STAGES_MAX_TAPS];
        float weights[CPAC_STAGES_MAX_TAPS];
        guint taps[CPAC_STAGES_MAX_TAPS];
        guint n =
            cpac_stages_rows_of_u (g, g->u, b, r, p, first,
                                   MIN (CPAC_STAGES_MAX_TAPS, g->kh - first), rows, weights, taps);

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
const float *
cpac_stages_split_phases (const CpacStages *g, const float *row, gsize *length)
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
void
cpac_stages_shifted (const CpacStages *g, const float *phases, gsize length, guint first, guint n,
                     const float **rows)
{
  for (guint x = 0; x < n; x++) {
    gsize at = (gsize) (first + x) * g->lw;

    rows[x] = phases + (at % g->sw) * (g->sw > 1 ? length : 0) + at / g->sw;
  }
}

/* (3) */
void
cpac_stages_z (const CpacStages *g, const float *c)
{
  const CpacRowKernels *kernels = cpac_train_rows ();

  for (guint r = 0; r < g->rank; r++)
    for (guint p = 0; p < g->out_height; p++) {
      gsize length;
      const float *phases =
          cpac_stages_split_phases (g, cpac_stages_row_of_v (g, g->v, r, p), &length);
      float *out = g->z + ((gsize) r * g->out_height + p) * g->out_width;

      for (guint first = 0; first < g->kw; first += CPAC_STAGES_MAX_TAPS) {
        guint n = MIN (CPAC_STAGES_MAX_TAPS, g->kw - first);
        const float *rows[CPAC_STAGES_MAX_TAPS];
        float weights[CPAC_STAGES_MAX_TAPS];

        cpac_stages_shifted (g, phases, length, first, n, rows);
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
cpac_stages_forward (const CpacLayer *layer, const CpacForward *call)
{
  CpacStages g = cpac_stages_of (layer, call->scratch, call->cache);
  gsize n = (gsize) g.out_height * g.out_width;
  float *y = call->out;

  cpac_stages_u (&g, call->in[0], call->params[CPAC_CONV_D]);
  cpac_stages_v (&g, call->params[CPAC_CONV_B]);
  cpac_stages_z (&g, call->params[CPAC_CONV_C]);
  for (guint f = 0; g.conv->bias && f < g.conv->filters; f++)
    for (gsize i = 0; i < n; i++)
      y[f * n + i] = ((const float *) call->params[CPAC_CONV_BIAS])[f];
  cpac_sgemm (FALSE, FALSE, g.conv->filters, n, g.rank, 1, call->params[CPAC_CONV_A], g.rank, g.z,
              n, g.conv->bias ? 1 : 0, y, n);
}

void
cpac_train_add_component_energy (const CpacLayer *layer, const float *x, CpacTensor *const *values,
                                 double *energy)
{
  float *scratch = cpac_aligned_new0 (cpac_stages_scratch (layer), sizeof (float));
  CpacStages g = cpac_stages_of (layer, scratch, NULL);
  gsize n = (gsize) g.out_height * g.out_width;

  cpac_stages_u (&g, x, values[CPAC_CONV_D]->data);
  cpac_stages_v (&g, values[CPAC_CONV_B]->data);
  cpac_stages_z (&g, values[CPAC_CONV_C]->data);
  for (guint r = 0; r < g.rank; r++)
    for (gsize i = 0; i < n; i++)
      energy[r] += (double) g.z[r * n + i] * g.z[r * n + i];
  cpac_aligned_free (scratch);
}
