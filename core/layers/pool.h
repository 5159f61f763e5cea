/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What max-pool and average-pool share: windows of `size` every `stride` (default: size) pixels,
 * with `padding` and, with `ceil`, a last window that may hang over the edge. A window that leaves
 * the picture is clipped: pixels outside take no part.
 */

#include "core/layers/options.h"
#include "core/layers/real.h"
#include "core/layers/types.h"

/* Reduces the pixels [top, bottom) x [left, right) of a plane, never empty. */
typedef cpac_real (*CpacPoolFunc) (const cpac_real *plane, gsize stride, guint top, guint bottom,
                                   guint left, guint right);

static inline void
cpac_pool_clip (const CpacWindow *w, guint axis, guint o, guint n_in, guint *begin, guint *end)
{
  gint64 first = (gint64) o * w->stride[axis] - w->before[axis];

  *begin = (guint) MAX (first, 0);
  *end = (guint) MIN (first + w->size[axis], (gint64) n_in);
}

static inline void
cpac_pool_forward (const CpacLayer *layer, const CpacForward *call, CpacPoolFunc reduce)
{
  const CpacWindow *w = &((const CpacPoolLayer *) layer)->window;
  const CpacDims *in = &layer->in[0], *out = &layer->out;

  for (guint c = 0; c < out->channels; c++) {
    const cpac_real *plane = (const cpac_real *) call->in[0] + (gsize) c * in->height * in->width;

    for (guint p = call->begin; p < call->end; p++) {
      cpac_real *row = (cpac_real *) call->out + ((gsize) c * out->height + p) * out->width;
      guint top, bottom;

      cpac_pool_clip (w, 0, p, in->height, &top, &bottom);
      for (guint q = 0; q < out->width; q++) {
        guint left, right;

        cpac_pool_clip (w, 1, q, in->width, &left, &right);
        row[q] = reduce (plane, in->width, top, bottom, left, right);
      }
    }
  }
}

/* Hands the gradient @dy of one window to its pixels. */
typedef void (*CpacPoolBackFunc) (const cpac_real *plane, cpac_real *dplane, gsize stride,
                                  guint top, guint bottom, guint left, guint right, cpac_real dy);

static inline void
cpac_pool_backward (const CpacLayer *layer, const CpacBackward *call, CpacPoolBackFunc hand_back)
{
  const CpacWindow *w = &((const CpacPoolLayer *) layer)->window;
  const CpacDims *in = &layer->in[0], *out = &layer->out;
  const cpac_real *dy = call->dout;

  for (guint c = 0; call->din[0] != NULL && c < out->channels; c++) {
    gsize offset = (gsize) c * in->height * in->width;

    for (guint p = 0; p < out->height; p++)
      for (guint q = 0; q < out->width; q++) {
        guint top, bottom, left, right;

        cpac_pool_clip (w, 0, p, in->height, &top, &bottom);
        cpac_pool_clip (w, 1, q, in->width, &left, &right);
        hand_back ((const cpac_real *) call->in[0] + offset, (cpac_real *) call->din[0] + offset,
                   in->width, top, bottom, left, right, *dy++);
      }
  }
}

#if CPAC_CLASS_PART

static const char *const cpac_pool_keys[] = { "size", "stride", "padding", "ceil", NULL };

static inline gboolean
cpac_pool_setup (CpacLayer *layer, const CpacConfig *map, GError **error)
{
  CpacPoolLayer *pool = (CpacPoolLayer *) layer;

  layer->out.channels = layer->in[0].channels;
  return cpac_window_setup_pool (&pool->window, map, &layer->in[0], &layer->out.height,
                                 &layer->out.width, error);
}

#endif
