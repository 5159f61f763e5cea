/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* CPAC-Conv of stride 1 for training, forward; the formulas stand in core/layers/cpac-conv.c, whose
 * stages and names are kept. */

#include <string.h>

#include "core/tensor/linalg.h"
#include "core/train/cpac-strips.h"
#include "core/train/ops-private.h"

/* Of the second cache, so much for a strip's intermediates. */
#define STRIP_BYTES (640 << 10)

gboolean
cpac_strips_suit (const CpacLayer *layer)
{
  const CpacWindow *w = &((const CpacConvLayer *) layer)->window;

  return w->stride[0] == 1 && w->stride[1] == 1;
}

/* Planes an even number of cache lines apart would share few sets of the cache. */
static gsize
plane_stride (gsize n)
{
  return ((n + 15) / 16 | 1) * 16;
}

/* Strips of even height (2x2 pools), all but the last of the same, not much lower than the rows
 * that they compute again for each other. */
static guint
choose_rows (const CpacStrips *g)
{
  gsize row_bytes =
      ((gsize) g->channels + g->filters + 5 * (gsize) g->rank) * g->padded * sizeof (float);
  gsize most = MAX (STRIP_BYTES / row_bytes, MAX (g->halo, 2));
  guint n_strips = (guint) ((g->out_height - 1) / most + 1);
  guint rows = (g->out_height - 1) / n_strips + 1;

  return rows + rows % 2;
}

CpacStrips
cpac_strips_sizes (const CpacLayer *layer)
{
  const CpacConvLayer *conv = (const CpacConvLayer *) layer;
  const CpacWindow *w = &conv->window;
  CpacStrips g = {
    .conv = conv,
    .rank = conv->rank,
    .channels = layer->in[0].channels,
    .filters = conv->filters,
    .height = layer->in[0].height,
    .width = layer->in[0].width,
    .out_height = layer->out.height,
    .out_width = layer->out.width,
    .halo = (w->size[0] - 1) * w->dilation[0],
    .reach = (w->size[1] - 1) * w->dilation[1],
  };

  g.padded = (gsize) g.out_width + g.reach;
  g.rows = choose_rows (&g);
  g.in_stride = plane_stride (((gsize) g.rows + g.halo) * g.padded);
  g.out_stride = plane_stride (g.rows * g.padded + g.reach);
  g.gv_stride = plane_stride (((gsize) g.rows + 2 * (gsize) g.halo) * g.padded);
  return g;
}

static gsize
stages_count (const CpacStrips *g)
{
  return (g->channels + (gsize) g->rank) * g->in_stride + 2 * (gsize) g->rank * g->out_stride;
}

gsize
cpac_strips_count (const CpacStrips *g)
{
  return stages_count (g) + (g->filters + (gsize) g->rank) * g->out_stride + g->rank * g->gv_stride;
}

gsize
cpac_strips_cached_count (const CpacStrips *g)
{
  return cpac_strips_n (g) == 1 ? stages_count (g) : 0;
}

CpacStrips
cpac_strips_of (const CpacLayer *layer, float *scratch, float *cache)
{
  CpacStrips g = cpac_strips_sizes (layer);

  g.x = cache != NULL ? cache : scratch;
  g.u = g.x + g.channels * g.in_stride;
  g.v = g.u + g.rank * g.in_stride;
  g.z = g.v + g.rank * g.out_stride;
  g.y = cache != NULL ? scratch : g.z + g.rank * g.out_stride;
  g.gz = g.y + g.filters * g.out_stride;
  g.gv = g.gz + g.rank * g.out_stride;
  return g;
}

/* A row of the picture between its borders; NULL: all border. */
static void
load_row (const CpacStrips *g, const float *from, float *to)
{
  guint left = g->conv->window.before[1];
  gsize right = (gsize) left + g->width;

  if (from == NULL) {
    memset (to, 0, g->padded * sizeof (float));
    return;
  }
  memset (to, 0, left * sizeof (float));
  memcpy (to + left, from, g->width * sizeof (float));
  memset (to + right, 0, (g->padded - right) * sizeof (float));
}

void
cpac_strips_load (const CpacStrips *g, CpacStrip strip, const float *x)
{
  for (guint s = 0; s < g->channels; s++)
    for (guint t = 0; t < strip.n + g->halo; t++) {
      gint64 i = (gint64) strip.first + t - g->conv->window.before[0];
      gboolean inside = i >= 0 && i < g->height;

      load_row (g, inside ? x + ((gsize) s * g->height + (gsize) i) * g->width : NULL,
                g->x + s * g->in_stride + t * g->padded);
    }
}

void
cpac_strips_taps (gsize n, guint n_taps, const float *weights, gsize weight_step, const float *from,
                  gssize shift, float *out)
{
  enum { AT_ONCE = 16 };

  for (guint first = 0; first < n_taps; first += AT_ONCE) {
    const float *rows[AT_ONCE];
    float now[AT_ONCE];
    guint k = 0;

    for (; k < AT_ONCE && first + k < n_taps; k++) {
      rows[k] = from + (gssize) (first + k) * shift;
      now[k] = weights[(first + k) * weight_step];
    }
    (first == 0 ? cpac_train_rows ()->taps : cpac_train_rows ()->add_taps) (n, k, now, rows, out);
  }
}

/* U = D^T X; then, component by component, V from kh shifted rows, Z from kw shifted columns. */
void
cpac_strips_stages (const CpacStrips *g, CpacStrip strip, const float *b, const float *c,
                    const float *d)
{
  const CpacWindow *w = &g->conv->window;
  gsize n = (gsize) strip.n * g->padded;

  cpac_sgemm (TRUE, FALSE, g->rank, (guint) (n + g->halo * g->padded), g->channels, 1, d, g->rank,
              g->x, (guint) g->in_stride, 0, g->u, (guint) g->in_stride);
  for (guint r = 0; r < g->rank; r++) {
    float *v = g->v + r * g->out_stride;

    cpac_strips_taps (n, w->size[0], b + r, g->rank, g->u + r * g->in_stride,
                      (gssize) (w->dilation[0] * g->padded), v);
    cpac_strips_taps (cpac_strips_span (g, strip), w->size[1], c + r, g->rank, v, w->dilation[1],
                      g->z + r * g->out_stride);
  }
}

/* Y = A Z + bias */
static void
pointwise_out (const CpacStrips *g, CpacStrip strip, const float *a, const float *bias)
{
  gsize n = cpac_strips_span (g, strip);

  for (guint f = 0; bias != NULL && f < g->filters; f++)
    for (gsize i = 0; i < n; i++)
      g->y[f * g->out_stride + i] = bias[f];
  cpac_sgemm (FALSE, FALSE, g->filters, (guint) n, g->rank, 1, a, g->rank, g->z,
              (guint) g->out_stride, bias != NULL ? 1 : 0, g->y, (guint) g->out_stride);
}

CpacTailStrip
cpac_strips_outputs (const CpacStrips *g, CpacStrip strip)
{
  return (CpacTailStrip){ strip.first, strip.n, g->filters, g->out_stride, g->padded, g->y };
}

void
cpac_strips_forward (const CpacLayer *layer, const CpacForward *call)
{
  CpacStrips g = cpac_strips_of (layer, call->scratch, call->cache);
  CpacTail tail = cpac_tail_of (layer, call->tail, call->n_tail);

  for (guint i = 0; i < cpac_strips_n (&g); i++) {
    CpacStrip strip = cpac_strips_get (&g, i);
    CpacTailStrip outputs = cpac_strips_outputs (&g, strip);

    cpac_strips_load (&g, strip, call->in[0]);
    cpac_strips_stages (&g, strip, call->params[CPAC_CONV_B], call->params[CPAC_CONV_C],
                        call->params[CPAC_CONV_D]);
    pointwise_out (&g, strip, call->params[CPAC_CONV_A],
                   g.conv->bias ? call->params[CPAC_CONV_BIAS] : NULL);
    cpac_tail_forward (&tail, &outputs, call->out, call->choices);
  }
}
