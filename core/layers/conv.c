/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Dense convolution, the baseline that CPAC-Conv is compared with and what other tools train:
 *
 *   Y[n,p,q] = bias[n] + sum_{s,y,x} weight[n,s,y,x] X[s, p sh + y lh - top, q sw + x lw - left]
 *
 * Reads outside the picture are zero.
 */

#include "core/layers/options.h"
#include "core/layers/real.h"
#include "core/layers/types.h"

/* One output row of one filter: adds what input channel plane @x gives through @kernel (kh, kw). */
static void
add_channel (const CpacDenseConvLayer *conv, const cpac_real *x, const cpac_real *kernel, guint p,
             cpac_real *out)
{
  const CpacWindow *w = &conv->window;
  guint n_in = conv->layer.in[0].width, n_out = conv->layer.out.width;

  for (guint y = 0; y < w->size[0]; y++) {
    gint64 i = (gint64) p * w->stride[0] + (gint64) y * w->dilation[0] - w->before[0];

    if (i < 0 || i >= conv->layer.in[0].height)
      continue;
    for (guint t = 0; t < w->size[1]; t++) {
      guint q, q_end;

      cpac_window_range (w, 1, t, n_in, n_out, &q, &q_end);
      if (q < q_end)
        cpac_axpy_strided (
            q_end - q, kernel[(gsize) y * w->size[1] + t],
            x + (gsize) i * n_in +
                ((gsize) q * w->stride[1] + (gsize) t * w->dilation[1] - w->before[1]),
            w->stride[1], out + q);
    }
  }
}

void
CPAC_REAL_NAME (cpac_conv_forward) (const CpacLayer *layer, const CpacForward *call)
{
  const CpacDenseConvLayer *conv = (const CpacDenseConvLayer *) layer;
  const CpacDims *in = &layer->in[0], *out = &layer->out;
  const cpac_real *x = call->in[0], *weight = call->params[CPAC_DENSE_WEIGHT];
  const cpac_real *bias = conv->bias ? call->params[CPAC_DENSE_BIAS] : NULL;
  gsize plane = (gsize) in->height * in->width;
  gsize taps = (gsize) conv->window.size[0] * conv->window.size[1];

  for (guint f = 0; f < conv->filters; f++)
    for (guint p = call->begin; p < call->end; p++) {
      cpac_real *row = (cpac_real *) call->out + ((gsize) f * out->height + p) * out->width;

      cpac_fill (out->width, bias != NULL ? bias[f] : 0, row);
      for (guint s = 0; s < in->channels; s++)
        add_channel (conv, x + s * plane, weight + ((gsize) f * in->channels + s) * taps, p, row);
    }
}

/* The forward line was Y[p,q] += K[y,x] X[i(p,y), j(q,x)]; so
 *   dK[y,x] = sum_{p,q} dY[p,q] X[i(p,y), j(q,x)],  dX[i(p,y), j(q,x)] += K[y,x] dY[p,q]
 * for one filter's row p and one channel. @dx may be NULL. */
static void
add_channel_backward (const CpacDenseConvLayer *conv, const cpac_real *x, const cpac_real *kernel,
                      guint p, const cpac_real *dy, cpac_real *dkernel, cpac_real *dx)
{
  const CpacWindow *w = &conv->window;
  guint n_in = conv->layer.in[0].width, n_out = conv->layer.out.width;

  for (guint y = 0; y < w->size[0]; y++) {
    gint64 i = (gint64) p * w->stride[0] + (gint64) y * w->dilation[0] - w->before[0];

    if (i < 0 || i >= conv->layer.in[0].height)
      continue;
    for (guint t = 0; t < w->size[1]; t++) {
      gsize tap = (gsize) y * w->size[1] + t, at;
      guint q, q_end;

      cpac_window_range (w, 1, t, n_in, n_out, &q, &q_end);
      if (q >= q_end)
        continue;
      at =
          (gsize) i * n_in + ((gsize) q * w->stride[1] + (gsize) t * w->dilation[1] - w->before[1]);
      dkernel[tap] += cpac_dot_strided (q_end - q, dy + q, x + at, w->stride[1]);
      if (dx != NULL)
        cpac_axpy_scatter (q_end - q, kernel[tap], dy + q, dx + at, w->stride[1]);
    }
  }
}

void
CPAC_REAL_NAME (cpac_conv_backward) (const CpacLayer *layer, const CpacBackward *call)
{
  const CpacDenseConvLayer *conv = (const CpacDenseConvLayer *) layer;
  const CpacDims *in = &layer->in[0], *out = &layer->out;
  const cpac_real *x = call->in[0], *weight = call->params[CPAC_DENSE_WEIGHT];
  cpac_real *dweight = call->dparams[CPAC_DENSE_WEIGHT], *dx = call->din[0];
  gsize plane = (gsize) in->height * in->width;
  gsize taps = (gsize) conv->window.size[0] * conv->window.size[1];

  for (guint f = 0; f < conv->filters; f++) {
    const cpac_real *dy = (const cpac_real *) call->dout + (gsize) f * out->height * out->width;

    if (conv->bias)
      ((cpac_real *) call->dparams[CPAC_DENSE_BIAS])[f] +=
          cpac_sum ((gsize) out->height * out->width, dy);
    for (guint p = 0; p < out->height; p++)
      for (guint s = 0; s < in->channels; s++) {
        gsize kernel = ((gsize) f * in->channels + s) * taps;

        add_channel_backward (conv, x + s * plane, weight + kernel, p, dy + (gsize) p * out->width,
                              dweight + kernel, dx != NULL ? dx + s * plane : NULL);
      }
  }
}

#if CPAC_CLASS_PART

static const char *const keys[] = { "filters", "kernel", "stride", "dilation",
                                    "padding", "bias",   NULL };

static gboolean
setup (CpacLayer *layer, const CpacConfig *map, GError **error)
{
  CpacDenseConvLayer *conv = (CpacDenseConvLayer *) layer;
  CpacWindow *w = &conv->window;

  conv->bias = TRUE;
  if (!cpac_config_get_uint (map, "filters", 1, CPAC_MAX_CHANNELS, &conv->filters, error) ||
      !cpac_config_get (map, "kernel", error) ||
      !cpac_layer_get_pair (map, "kernel", 1, CPAC_MAX_SIDE, w->size, error) ||
      !cpac_config_get_boolean_default (map, "bias", &conv->bias, error) ||
      !cpac_window_setup_conv (w, map, &layer->in[0], &layer->out.height, &layer->out.width, error))
    return FALSE;
  layer->out.channels = conv->filters;
  return cpac_layer_add_param (
             layer, "weight",
             CPAC_SHAPE (conv->filters, layer->in[0].channels, w->size[0], w->size[1]), map,
             error) &&
         (!conv->bias ||
          cpac_layer_add_param (layer, "bias", CPAC_SHAPE (conv->filters), map, error));
}

static void
count (const CpacLayer *layer, CpacCost *cost)
{
  const CpacDenseConvLayer *conv = (const CpacDenseConvLayer *) layer;

  cost->macs = (guint64) layer->out.height * layer->out.width * layer->in[0].channels *
               conv->filters * conv->window.size[0] * conv->window.size[1];
  cost->macs_dense = cost->macs;
}

const CpacLayerClass cpac_conv_class = {
  .type = "conv",
  .instance_size = sizeof (CpacDenseConvLayer),
  .min_inputs = 1,
  .max_inputs = 1,
  .keys = keys,
  .setup = setup,
  .piecewise_linear = TRUE,
  .count = count,
  .forward_f32 = cpac_conv_forward_f32,
  .forward_f64 = cpac_conv_forward_f64,
  .backward_f32 = cpac_conv_backward_f32,
  .backward_f64 = cpac_conv_backward_f64,
};

#endif
