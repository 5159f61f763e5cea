/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Backward of CPAC-Conv for training; the formulas stand in core/layers/cpac-conv.c. */

#include <string.h>

#include "core/tensor/linalg.h"
#include "core/train/cpac-stages.h"
#include "core/train/ops-private.h"

/* da += G Z^T, dbias, GZ = A^T G */
static void
pointwise_out_backward (const CpacStages *g, const CpacBackward *call)
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

/* dc of one row. */
static void
horizontal_dots (const CpacStages *g, guint r, const float *v, const float *gz, float *dc)
{
  gsize length;
  const float *phases = cpac_stages_split_phases (g, v, &length);

  for (guint first = 0; first < g->kw; first += CPAC_STAGES_MAX_TAPS) {
    guint n = MIN (CPAC_STAGES_MAX_TAPS, g->kw - first);
    const float *rows[CPAC_STAGES_MAX_TAPS];
    float sums[CPAC_STAGES_MAX_TAPS] = { 0 };

    cpac_stages_shifted (g, phases, length, first, n, rows);
    cpac_train_rows ()->dots (g->out_width, n, gz, rows, sums);
    for (guint x = 0; x < n; x++)
      dc[(gsize) (first + x) * g->rank + r] += sums[x];
  }
}

/* GV of one row at stride 1, gathered: gv[j] = sum_x c[x] gz[j - x lw], from a copy of gz between
 * zeros. Only the pixels count; the border's gradient goes nowhere. */
static void
gather_gv (const CpacStages *g, guint r, const float *c, const float *gz, float *gv)
{
  gsize reach = (gsize) (g->kw - 1) * g->lw;
  float *padded = g->phases;

  memset (padded, 0, reach * sizeof (float));
  memcpy (padded + reach, gz, g->out_width * sizeof (float));
  memset (padded + reach + g->out_width, 0, reach * sizeof (float));
  for (guint first = 0; first < g->kw; first += CPAC_STAGES_MAX_TAPS) {
    guint n = MIN (CPAC_STAGES_MAX_TAPS, g->kw - first);
    const float *rows[CPAC_STAGES_MAX_TAPS];
    float weights[CPAC_STAGES_MAX_TAPS];

    for (guint x = 0; x < n; x++) {
      rows[x] = padded + reach + g->left - (gsize) (first + x) * g->lw;
      weights[x] = c[(gsize) (first + x) * g->rank + r];
    }
    (first == 0 ? cpac_train_rows ()->taps : cpac_train_rows ()->add_taps) (g->width, n, weights,
                                                                            rows, gv + g->left);
  }
}

/* The same at any stride, scattered. */
static void
scatter_gv (const CpacStages *g, guint r, const float *c, const float *gz, float *gv)
{
  memset (gv, 0, g->padded * sizeof (float));
  for (guint x = 0; x < g->kw; x++)
    for (guint q = 0; q < g->out_width; q++)
      gv[(gsize) x * g->lw + (gsize) q * g->sw] += c[(gsize) x * g->rank + r] * gz[q];
}

/* dc, and the pixels of GV. */
static void
horizontal_taps_backward (const CpacStages *g, const CpacBackward *call)
{
  const float *c = call->params[CPAC_CONV_C];

  for (guint r = 0; r < g->rank; r++)
    for (guint p = 0; p < g->out_height; p++) {
      const float *gz = g->gz + ((gsize) r * g->out_height + p) * g->out_width;

      horizontal_dots (g, r, cpac_stages_row_of_v (g, g->v, r, p), gz, call->dparams[CPAC_CONV_C]);
      (g->sw == 1 ? gather_gv : scatter_gv) (g, r, c, gz, cpac_stages_row_of_v (g, g->gv, r, p));
    }
}

/* db of component @r. */
static void
vertical_dots (const CpacStages *g, guint r, const float *b, float *db)
{
  for (guint p = 0; p < g->out_height; p++) {
    const float *gv = cpac_stages_row_of_v (g, g->gv, r, p) + g->left;

    for (guint first = 0; first < g->kh; first += CPAC_STAGES_MAX_TAPS) {
      const float *rows[CPAC_STAGES_MAX_TAPS];
      float weights[CPAC_STAGES_MAX_TAPS], sums[CPAC_STAGES_MAX_TAPS] = { 0 };
      guint taps[CPAC_STAGES_MAX_TAPS];
      guint n = cpac_stages_rows_of_u (
          g, g->u, b, r, p, first, MIN (CPAC_STAGES_MAX_TAPS, g->kh - first), rows, weights, taps);

      cpac_train_rows ()->dots (g->width, n, gv, rows, sums);
      for (guint k = 0; k < n; k++)
        db[(gsize) taps[k] * g->rank + r] += sums[k];
    }
  }
}

/* Row @i of GU for component @r, gathered: the rows p of GV with p sh + y lh - top = i. */
static void
gather_gu (const CpacStages *g, guint r, guint i, const float *b, float *out)
{
  gboolean fresh = TRUE;

  for (guint y = 0; y < g->kh;) {
    const float *rows[CPAC_STAGES_MAX_TAPS];
    float weights[CPAC_STAGES_MAX_TAPS];
    guint n = 0;

    for (; y < g->kh && n < CPAC_STAGES_MAX_TAPS; y++) {
      gint64 at = (gint64) i + g->conv->window.before[0] - (gint64) y * g->lh;

      if (at < 0 || at % g->sh != 0 || at / g->sh >= g->out_height)
        continue;
      rows[n] = cpac_stages_row_of_v (g, g->gv, r, (guint) (at / g->sh)) + g->left;
      weights[n++] = b[(gsize) y * g->rank + r];
    }
    if (n == 0)
      continue;
    (fresh ? cpac_train_rows ()->taps : cpac_train_rows ()->add_taps) (g->width, n, weights, rows,
                                                                       out);
    fresh = FALSE;
  }
  if (fresh)
    memset (out, 0, g->width * sizeof (float));
}

/* db and GU. */
static void
vertical_taps_backward (const CpacStages *g, const CpacBackward *call)
{
  const float *b = call->params[CPAC_CONV_B];

  for (guint r = 0; r < g->rank; r++) {
    vertical_dots (g, r, b, call->dparams[CPAC_CONV_B]);
    for (guint i = 0; i < g->height; i++)
      gather_gu (g, r, i, b, g->gu + ((gsize) r * g->height + i) * g->width);
  }
}

void
cpac_stages_backward (const CpacLayer *layer, const CpacBackward *call)
{
  CpacStages g = cpac_stages_of (layer, call->scratch, call->cache);
  gsize plane = (gsize) g.height * g.width;
  guint channels = layer->in[0].channels;

  if (call->cache == NULL) {
    cpac_stages_u (&g, call->in[0], call->params[CPAC_CONV_D]);
    cpac_stages_v (&g, call->params[CPAC_CONV_B]);
    cpac_stages_z (&g, call->params[CPAC_CONV_C]);
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
