/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * CPAC-Conv of stride 1 for training, backward; the formulas stand in core/layers/cpac-conv.c. A
 * row of GU needs GV of the halo above it, which the strip above has left; so a strip hands on the
 * gradient of as many input rows as it has outputs, from its first on, and the last strip that of
 * the rows below as well.
 */

#include <string.h>

#include "core/tensor/linalg.h"
#include "core/train/cpac-strips.h"
#include "core/train/ops-private.h"

/* da += G Z^T, dbias */
static void
add_to_da (const CpacStrips *g, CpacStrip strip, const CpacBackward *call)
{
  gsize n = cpac_strips_span (g, strip);

  cpac_sgemm (FALSE, TRUE, g->filters, g->rank, (guint) n, 1, g->y, (guint) g->out_stride, g->z,
              (guint) g->out_stride, 1, call->dparams[CPAC_CONV_A], g->rank);
  for (guint f = 0; g->conv->bias && f < g->filters; f++)
    ((float *) call->dparams[CPAC_CONV_BIAS])[f] +=
        (float) cpac_train_rows ()->sum (n, g->y + f * g->out_stride);
}

/* GZ = A^T G, between zeros. */
static void
compute_gz (const CpacStrips *g, CpacStrip strip, const float *a)
{
  gsize n = cpac_strips_span (g, strip);

  cpac_sgemm (TRUE, FALSE, g->rank, (guint) n, g->filters, 1, a, g->rank, g->y,
              (guint) g->out_stride, 0, g->gz + g->reach, (guint) g->out_stride);
  for (guint r = 0; r < g->rank; r++) {
    float *row = g->gz + r * g->out_stride;

    memset (row, 0, g->reach * sizeof (float));
    memset (row + g->reach + n, 0, g->reach * sizeof (float));
  }
}

/* sums[t sum_step] += sum_i x[i] from[i + t shift] for @n_taps taps. */
static void
add_dots (gsize n, guint n_taps, const float *x, const float *from, gsize shift, float *sums,
          gsize sum_step)
{
  enum { AT_ONCE = 16 };

  for (guint first = 0; first < n_taps; first += AT_ONCE) {
    const float *rows[AT_ONCE];
    float now[AT_ONCE] = { 0 };
    guint n_now = MIN (AT_ONCE, n_taps - first);

    for (guint k = 0; k < n_now; k++)
      rows[k] = from + (first + k) * shift;
    cpac_train_rows ()->dots (n, n_now, x, rows, now);
    for (guint k = 0; k < n_now; k++)
      sums[(first + k) * sum_step] += now[k];
  }
}

/* How many rows of GU the strip completes. */
static guint
n_rows_in (const CpacStrips *g, CpacStrip strip)
{
  return strip.first + strip.n == g->out_height ? strip.n + g->halo : strip.n;
}

/* dc, GV, db and GU of component @r. */
static void
taps_backward (const CpacStrips *g, CpacStrip strip, guint r, const CpacBackward *call)
{
  const CpacWindow *w = &g->conv->window;
  gsize n = (gsize) strip.n * g->padded, halo = g->halo * g->padded;
  gsize down = w->dilation[0] * g->padded;
  const float *gz = g->gz + r * g->out_stride + g->reach;
  float *carried = g->gv + r * g->gv_stride, *gv = carried + halo, *u = g->u + r * g->in_stride;

  add_dots (cpac_strips_span (g, strip), w->size[1], gz, g->v + r * g->out_stride, w->dilation[1],
            (float *) call->dparams[CPAC_CONV_C] + r, g->rank);
  cpac_strips_taps (n, w->size[1], (const float *) call->params[CPAC_CONV_C] + r, g->rank, gz,
                    -(gssize) w->dilation[1], gv);
  add_dots (n, w->size[0], gv, u, down, (float *) call->dparams[CPAC_CONV_B] + r, g->rank);
  if (strip.first == 0)
    memset (carried, 0, halo * sizeof (float));
  memset (gv + n, 0, halo * sizeof (float));
  cpac_strips_taps (n_rows_in (g, strip) * g->padded, w->size[0],
                    (const float *) call->params[CPAC_CONV_B] + r, g->rank, gv, -(gssize) down, u);
  memmove (carried, carried + n, halo * sizeof (float));
}

/* dd += X GU^T */
static void
add_to_dd (const CpacStrips *g, CpacStrip strip, float *sums)
{
  cpac_sgemm (FALSE, TRUE, g->channels, g->rank, (guint) (n_rows_in (g, strip) * g->padded), 1,
              g->x, (guint) g->in_stride, g->u, (guint) g->in_stride, 1, sums, g->rank);
}

/* GX = D GU, in the place of X, and what of it lies in the picture. */
static void
pointwise_in_backward (const CpacStrips *g, CpacStrip strip, const float *d, float *din)
{
  guint n_rows = n_rows_in (g, strip);

  cpac_sgemm (FALSE, FALSE, g->channels, (guint) (n_rows * g->padded), g->rank, 1, d, g->rank, g->u,
              (guint) g->in_stride, 0, g->x, (guint) g->in_stride);
  for (guint s = 0; s < g->channels; s++)
    for (guint t = 0; t < n_rows; t++) {
      gint64 i = (gint64) strip.first + t - g->conv->window.before[0];

      if (i >= 0 && i < g->height)
        memcpy (din + ((gsize) s * g->height + (gsize) i) * g->width,
                g->x + s * g->in_stride + t * g->padded + g->conv->window.before[1],
                g->width * sizeof (float));
    }
}

void
cpac_strips_backward (const CpacLayer *layer, const CpacBackward *call)
{
  CpacStrips g = cpac_strips_of (layer, call->scratch, call->cache);
  CpacTail tail = cpac_tail_of (layer, call->tail, call->n_tail);

  for (guint i = 0; i < cpac_strips_n (&g); i++) {
    CpacStrip strip = cpac_strips_get (&g, i);
    CpacTailStrip outputs = cpac_strips_outputs (&g, strip);

    if (call->cache == NULL) {
      cpac_strips_load (&g, strip, call->in[0]);
      cpac_strips_stages (&g, strip, call->params[CPAC_CONV_B], call->params[CPAC_CONV_C],
                          call->params[CPAC_CONV_D]);
    }
    cpac_tail_backward (&tail, &outputs, call->dout, call->choices);
    add_to_da (&g, strip, call);
    compute_gz (&g, strip, call->params[CPAC_CONV_A]);
    for (guint r = 0; r < g.rank; r++)
      taps_backward (&g, strip, r, call);
    add_to_dd (&g, strip, call->dparams[CPAC_CONV_D]);
    if (call->din[0] != NULL)
      pointwise_in_backward (&g, strip, call->params[CPAC_CONV_D], call->din[0]);
  }
}
