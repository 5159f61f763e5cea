/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/train/tail.h"

#include <string.h>

#include "core/layers/options.h"
#include "core/layers/types.h"
#include "core/train/ops-private.h"

gboolean
cpac_tail_is_plain_pool (const CpacLayer *layer)
{
  const CpacWindow *w;

  if (layer->klass != &cpac_max_pool_class)
    return FALSE;
  w = &((const CpacPoolLayer *) layer)->window;
  return w->size[0] == 2 && w->size[1] == 2 && w->stride[0] == 2 && w->stride[1] == 2 &&
         w->before[0] == 0 && w->before[1] == 0 && 2 * layer->out.height <= layer->in[0].height &&
         2 * layer->out.width <= layer->in[0].width;
}

/* Takes the layer into the tail, if it fits there. ReLU and the largest of four commute. */
static gboolean
extend (CpacTail *tail, const CpacLayer *layer)
{
  if (layer->klass == &cpac_relu_class && !tail->relu)
    return tail->relu = TRUE;
  if (cpac_tail_is_plain_pool (layer) && !tail->pool)
    return tail->pool = TRUE;
  return FALSE;
}

guint
cpac_tail_match (const CpacLayer *const *behind, guint n)
{
  CpacTail tail = { FALSE };
  guint taken = 0;

  while (taken < n && extend (&tail, behind[taken]))
    taken++;
  return taken;
}

CpacTail
cpac_tail_of (const CpacLayer *layer, const CpacLayer *const *behind, guint n_tail)
{
  const CpacDims *out = n_tail > 0 ? &behind[n_tail - 1]->out : &layer->out;
  CpacTail tail = {
    .height = layer->out.height,
    .width = layer->out.width,
    .out_height = out->height,
    .out_width = out->width,
  };

  for (guint i = 0; i < n_tail; i++)
    extend (&tail, behind[i]);
  return tail;
}

/* Rows of the strip that go into one row of the output. */
static guint
rows_at_once (const CpacTail *tail)
{
  return tail->pool ? 2 : 1;
}

static gsize
out_offset (const CpacTail *tail, const CpacTailStrip *strip, guint channel, guint t)
{
  guint row = (strip->first + t) / rows_at_once (tail);

  return ((gsize) channel * tail->out_height + row) * tail->out_width;
}

void
cpac_tail_forward (const CpacTail *tail, const CpacTailStrip *strip, float *out, guint8 *choices)
{
  const CpacRowKernels *kernels = cpac_train_rows ();
  guint step = rows_at_once (tail);

  for (guint f = 0; f < strip->channels; f++)
    for (guint t = 0; t + step <= strip->n; t += step) {
      const float *y = strip->planes + f * strip->stride + t * strip->row;
      gsize offset = out_offset (tail, strip, f, t);

      if (tail->pool)
        kernels->pool2_choose (tail->out_width, y, y + strip->row, tail->relu, out + offset,
                               choices + offset);
      else if (tail->relu)
        kernels->relu_choose (tail->width, y, out + offset, choices + offset);
      else
        memcpy (out + offset, y, tail->width * sizeof (float));
    }
}

void
cpac_tail_backward (const CpacTail *tail, const CpacTailStrip *strip, const float *dout,
                    const guint8 *choices)
{
  const CpacRowKernels *kernels = cpac_train_rows ();
  guint step = rows_at_once (tail);
  /* An odd last column or row is in no pool's window. */
  gsize end = (gsize) step * tail->out_width, rest = (strip->row - end) * sizeof (float);

  for (guint f = 0; f < strip->channels; f++) {
    float *dy = strip->planes + f * strip->stride;

    for (guint t = 0; t < strip->n; t++, dy += strip->row)
      memset (dy + end, 0, rest);
    dy = strip->planes + f * strip->stride;
    for (guint t = 0; t + step <= strip->n; t += step, dy += step * strip->row) {
      gsize offset = out_offset (tail, strip, f, t);

      if (tail->pool)
        kernels->pool2_chosen (tail->out_width, dout + offset, choices + offset, dy,
                               dy + strip->row);
      else if (tail->relu)
        kernels->relu_chosen (tail->width, dout + offset, choices + offset, dy);
      else
        memcpy (dy, dout + offset, tail->width * sizeof (float));
    }
    if (strip->n % step != 0)
      memset (dy, 0, strip->row * sizeof (float));
  }
}
