/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Dense convolution for training: the picture's patches side by side as columns (C kh kw, Ho Wo),
 * then matrix products: Y = W P + bias, dW += G P^T, dP = W^T G, and dX collects dP where the
 * patches came from.
 */

#include <string.h>

#include "core/layers/options.h"
#include "core/tensor/linalg.h"
#include "core/train/ops-private.h"

static gsize
n_rows (const CpacDenseConvLayer *conv)
{
  return (gsize) conv->layer.in[0].channels * conv->window.size[0] * conv->window.size[1];
}

static gsize
n_columns (const CpacLayer *layer)
{
  return (gsize) layer->out.height * layer->out.width;
}

gsize
cpac_train_conv_scratch (const CpacLayer *layer, guint n_slices)
{
  return n_rows ((const CpacDenseConvLayer *) layer) * n_columns (layer);
}

gsize
cpac_train_conv_backward_scratch (const CpacLayer *layer)
{
  return 2 * cpac_train_conv_scratch (layer, 0);
}

/* Calls for every run of pixels of one row that a tap copies: patch row @to, starting at output
 * @q, from input offset @from, @n outputs. */
typedef void (*RunFunc) (const CpacDenseConvLayer *conv, gsize to, gsize from, guint n,
                         float *patches, float *picture);

static void
for_each_run (const CpacDenseConvLayer *conv, RunFunc func, float *patches, float *picture)
{
  const CpacLayer *layer = &conv->layer;
  const CpacWindow *w = &conv->window;
  const CpacDims *in = &layer->in[0], *out = &layer->out;
  gsize row = 0;

  for (guint s = 0; s < in->channels; s++)
    for (guint y = 0; y < w->size[0]; y++)
      for (guint x = 0; x < w->size[1]; x++, row++) {
        guint p, p_end, q, q_end;

        cpac_window_range (w, 0, y, in->height, out->height, &p, &p_end);
        cpac_window_range (w, 1, x, in->width, out->width, &q, &q_end);
        for (; p < p_end && q < q_end; p++) {
          gsize i = (gsize) p * w->stride[0] + (gsize) y * w->dilation[0] - w->before[0];
          gsize j = (gsize) q * w->stride[1] + (gsize) x * w->dilation[1] - w->before[1];

          func (conv, row * n_columns (layer) + (gsize) p * out->width + q,
                ((gsize) s * in->height + i) * in->width + j, q_end - q, patches, picture);
        }
      }
}

static void
copy_run (const CpacDenseConvLayer *conv, gsize to, gsize from, guint n, float *patches,
          float *picture)
{
  guint stride = conv->window.stride[1];

  if (stride == 1)
    memcpy (patches + to, picture + from, n * sizeof (float));
  else
    for (guint k = 0; k < n; k++)
      patches[to + k] = picture[from + (gsize) k * stride];
}

static void
add_run (const CpacDenseConvLayer *conv, gsize to, gsize from, guint n, float *patches,
         float *picture)
{
  guint stride = conv->window.stride[1];

  for (guint k = 0; k < n; k++)
    picture[from + (gsize) k * stride] += patches[to + k];
}

/* A pointwise convolution's patches are the picture itself. */
static gboolean
is_pointwise (const CpacDenseConvLayer *conv)
{
  const CpacWindow *w = &conv->window;

  return w->size[0] == 1 && w->size[1] == 1 && w->stride[0] == 1 && w->stride[1] == 1 &&
         w->before[0] == 0 && w->before[1] == 0 && w->after[0] == 0 && w->after[1] == 0;
}

static const float *
patches_of (const CpacDenseConvLayer *conv, const float *x, float *scratch)
{
  if (is_pointwise (conv))
    return x;
  memset (scratch, 0, n_rows (conv) * n_columns (&conv->layer) * sizeof (float));
  for_each_run (conv, copy_run, scratch, (float *) x);
  return scratch;
}

void
cpac_train_conv_forward (const CpacLayer *layer, const CpacForward *call)
{
  const CpacDenseConvLayer *conv = (const CpacDenseConvLayer *) layer;
  const float *patches = patches_of (conv, call->in[0], call->scratch);
  gsize n = n_columns (layer);
  float *y = call->out;

  g_assert (call->begin == 0 && call->end == layer->out.height);
  for (guint f = 0; conv->bias && f < conv->filters; f++)
    for (gsize i = 0; i < n; i++)
      y[f * n + i] = ((const float *) call->params[CPAC_DENSE_BIAS])[f];
  cpac_sgemm (FALSE, FALSE, conv->filters, n, n_rows (conv), 1, call->params[CPAC_DENSE_WEIGHT],
              n_rows (conv), patches, n, conv->bias ? 1 : 0, y, n);
}

void
cpac_train_conv_backward (const CpacLayer *layer, const CpacBackward *call)
{
  const CpacDenseConvLayer *conv = (const CpacDenseConvLayer *) layer;
  gsize n = n_columns (layer), rows = n_rows (conv);
  const float *patches = patches_of (conv, call->in[0], call->scratch), *dy = call->dout;
  float *dpatches = (float *) call->scratch + rows * n;
  gboolean pointwise = is_pointwise (conv);

  cpac_sgemm (FALSE, TRUE, conv->filters, rows, n, 1, dy, n, patches, n, 1,
              call->dparams[CPAC_DENSE_WEIGHT], rows);
  for (guint f = 0; conv->bias && f < conv->filters; f++)
    ((float *) call->dparams[CPAC_DENSE_BIAS])[f] +=
        (float) cpac_train_rows ()->sum (n, dy + f * n);
  if (call->din[0] == NULL)
    return;
  cpac_sgemm (TRUE, FALSE, rows, n, conv->filters, 1, call->params[CPAC_DENSE_WEIGHT], rows, dy, n,
              0, pointwise ? call->din[0] : dpatches, n);
  if (pointwise)
    return;
  memset (call->din[0], 0, cpac_dims_count (&layer->in[0]) * sizeof (float));
  for_each_run (conv, add_run, dpatches, call->din[0]);
}
