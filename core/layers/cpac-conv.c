/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * CPAC-Conv: a convolution whose kernel stays CP-decomposed (Wang, Guo, Yue 2021, arXiv
 * 2005.13746). With N filters, kh x kw taps, C input channels and rank R
 *
 *   K[n,s,y,x] = sum_r a[n,r] b[y,r] c[x,r] d[s,r]
 *
 * is never built; the convolution is four linear stages, without an activation between them:
 *
 *   (1) U[r,i,j] = sum_s d[s,r] X[s,i,j]                        pointwise C -> R
 *   (2) V[r,p,j] = sum_y b[y,r] U[r, p sh + y lh - top, j]      vertical taps
 *   (3) Z[r,p,q] = sum_x c[x,r] V[r, p, q sw + x lw - left]     horizontal taps
 *   (4) Y[n,p,q] = sum_r a[n,r] Z[r,p,q] + bias[n]              pointwise R -> N
 *
 * Reads outside the picture are zero: stages 1 to 3 have no bias, so padding U and V with zeros is
 * padding X. The paper names a factor 0 (mode N), b factor 1 (X), c factor 2 (Y), d factor 3 (S).
 */

#include "core/layers/options.h"
#include "core/layers/real.h"
#include "core/layers/types.h"

/* Input rows that output rows [begin, end) read, clipped to the picture. */
static void
input_rows (const CpacConvLayer *conv, guint begin, guint end, guint *first, guint *n_rows)
{
  const CpacWindow *w = &conv->window;
  gint64 height = conv->layer.in[0].height;
  gint64 low = (gint64) begin * w->stride[0] - w->before[0];
  gint64 high = (gint64) (end - 1) * w->stride[0] + (gint64) (w->size[0] - 1) * w->dilation[0] -
                w->before[0] + 1;

  low = CLAMP (low, 0, height);
  high = CLAMP (high, low, height);
  *first = (guint) low;
  *n_rows = (guint) (high - low);
}

/* (1) u (R, n_rows, W): rows [first, first + n_rows) of U. */
static void
pointwise_in (const CpacConvLayer *conv, const cpac_real *x, const cpac_real *d, guint first,
              guint n_rows, cpac_real *u)
{
  const CpacDims *in = &conv->layer.in[0];
  gsize row = in->width, plane = (gsize) in->height * row;

  for (guint r = 0; r < conv->rank; r++)
    for (guint i = 0; i < n_rows; i++) {
      cpac_real *out = u + ((gsize) r * n_rows + i) * row;

      cpac_fill (row, 0, out);
      for (guint s = 0; s < in->channels; s++)
        cpac_axpy (row, d[(gsize) s * conv->rank + r], x + s * plane + (first + i) * row, out);
    }
}

/* (2) v (R, end - begin, W) from u, which starts at row first. */
static void
vertical_taps (const CpacConvLayer *conv, const cpac_real *u, const cpac_real *b, guint first,
               guint n_rows, guint begin, guint end, cpac_real *v)
{
  const CpacWindow *w = &conv->window;
  gsize row = conv->layer.in[0].width;

  for (guint r = 0; r < conv->rank; r++)
    for (guint p = begin; p < end; p++) {
      cpac_real *out = v + ((gsize) r * (end - begin) + (p - begin)) * row;

      cpac_fill (row, 0, out);
      for (guint y = 0; y < w->size[0]; y++) {
        gint64 i = (gint64) p * w->stride[0] + (gint64) y * w->dilation[0] - w->before[0];

        if (i >= 0 && i < conv->layer.in[0].height)
          cpac_axpy (row, b[(gsize) y * conv->rank + r],
                     u + ((gsize) r * n_rows + (gsize) (i - first)) * row, out);
      }
    }
}

/* (3) z (R, n_rows, Wo) from v (R, n_rows, W). */
static void
horizontal_taps (const CpacConvLayer *conv, const cpac_real *v, const cpac_real *c, guint n_rows,
                 cpac_real *z)
{
  const CpacWindow *w = &conv->window;
  guint n_in = conv->layer.in[0].width, n_out = conv->layer.out.width;

  for (guint r = 0; r < conv->rank; r++)
    for (guint p = 0; p < n_rows; p++) {
      const cpac_real *row = v + ((gsize) r * n_rows + p) * n_in;
      cpac_real *out = z + ((gsize) r * n_rows + p) * n_out;

      cpac_fill (n_out, 0, out);
      for (guint x = 0; x < w->size[1]; x++) {
        guint q, q_end;

        cpac_window_range (w, 1, x, n_in, n_out, &q, &q_end);
        if (q < q_end)
          cpac_axpy_strided (
              q_end - q, c[(gsize) x * conv->rank + r],
              row + ((gsize) q * w->stride[1] + (gsize) x * w->dilation[1] - w->before[1]),
              w->stride[1], out + q);
      }
    }
}

/* (4) rows [begin, end) of y from z (R, end - begin, Wo). */
static void
pointwise_out (const CpacConvLayer *conv, const cpac_real *z, const cpac_real *a,
               const cpac_real *bias, guint begin, guint end, cpac_real *y)
{
  const CpacDims *out = &conv->layer.out;
  gsize n = (gsize) (end - begin) * out->width;

  for (guint f = 0; f < conv->filters; f++) {
    cpac_real *rows = y + ((gsize) f * out->height + begin) * out->width;

    cpac_fill (n, bias != NULL ? bias[f] : 0, rows);
    for (guint r = 0; r < conv->rank; r++)
      cpac_axpy (n, a[(gsize) f * conv->rank + r], z + r * n, rows);
  }
}

void
CPAC_REAL_NAME (cpac_cpac_conv_forward) (const CpacLayer *layer, const CpacForward *call)
{
  const CpacConvLayer *conv = (const CpacConvLayer *) layer;
  guint n_out = call->end - call->begin, first, n_in;
  cpac_real *u = call->scratch, *v, *z;

  input_rows (conv, call->begin, call->end, &first, &n_in);
  v = u + (gsize) conv->rank * n_in * layer->in[0].width;
  z = v + (gsize) conv->rank * n_out * layer->in[0].width;
  pointwise_in (conv, call->in[0], call->params[CPAC_CONV_D], first, n_in, u);
  vertical_taps (conv, u, call->params[CPAC_CONV_B], first, n_in, call->begin, call->end, v);
  horizontal_taps (conv, v, call->params[CPAC_CONV_C], n_out, z);
  pointwise_out (conv, z, call->params[CPAC_CONV_A],
                 conv->bias ? call->params[CPAC_CONV_BIAS] : NULL, call->begin, call->end,
                 call->out);
}

#if CPAC_REAL_BITS == 64
void
cpac_cpac_conv_get_components (const CpacConvLayer *conv, const double *x,
                               const double *const *params, double *scratch, double *z)
{
  const CpacDims *in = &conv->layer.in[0], *out = &conv->layer.out;
  double *u = scratch, *v = u + (gsize) conv->rank * in->height * in->width;

  pointwise_in (conv, x, params[CPAC_CONV_D], 0, in->height, u);
  vertical_taps (conv, u, params[CPAC_CONV_B], 0, in->height, 0, out->height, v);
  horizontal_taps (conv, v, params[CPAC_CONV_C], out->height, z);
}

void
cpac_cpac_conv_join_components (const CpacConvLayer *conv, const double *z,
                                const double *const *params, double *y)
{
  pointwise_out (conv, z, params[CPAC_CONV_A], conv->bias ? params[CPAC_CONV_BIAS] : NULL, 0,
                 conv->layer.out.height, y);
}
#endif

/*
 * Backward, with G = dL/dY (sums over p, q, j, i where not written):
 *
 *   dbias[n]  = sum G[n,p,q]
 *   da[n,r]   = sum G[n,p,q] Z[r,p,q]            GZ[r,p,q] = sum_n a[n,r] G[n,p,q]
 *   dc[x,r]   = sum GZ[r,p,q] V[r, p, q sw + x lw - left]
 *   GV[r,p,j] = sum over q, x with q sw + x lw - left = j of c[x,r] GZ[r,p,q]
 *   db[y,r]   = sum GV[r,p,j] U[r, p sh + y lh - top, j]
 *   GU[r,i,j] = sum over p, y with p sh + y lh - top = i of b[y,r] GV[r,p,j]
 *   dd[s,r]   = sum X[s,i,j] GU[r,i,j]           GX[s,i,j] = sum_r d[s,r] GU[r,i,j]
 */

/* da, dbias, and gz from G and z. */
static void
pointwise_out_backward (const CpacConvLayer *conv, const CpacBackward *call, const cpac_real *z,
                        cpac_real *gz)
{
  const cpac_real *a = call->params[CPAC_CONV_A], *g = call->dout;
  cpac_real *da = call->dparams[CPAC_CONV_A];
  gsize n = (gsize) conv->layer.out.height * conv->layer.out.width;

  cpac_fill (conv->rank * n, 0, gz);
  for (guint f = 0; f < conv->filters; f++, g += n) {
    if (conv->bias)
      ((cpac_real *) call->dparams[CPAC_CONV_BIAS])[f] += cpac_sum (n, g);
    for (guint r = 0; r < conv->rank; r++) {
      da[(gsize) f * conv->rank + r] += cpac_dot (n, g, z + r * n);
      cpac_axpy (n, a[(gsize) f * conv->rank + r], g, gz + r * n);
    }
  }
}

/* dc and gv from gz and v; rows (R, n_rows) of both. */
static void
horizontal_taps_backward (const CpacConvLayer *conv, const CpacBackward *call, const cpac_real *v,
                          const cpac_real *gz, cpac_real *gv)
{
  const CpacWindow *w = &conv->window;
  const cpac_real *c = call->params[CPAC_CONV_C];
  cpac_real *dc = call->dparams[CPAC_CONV_C];
  guint n_in = conv->layer.in[0].width, n_out = conv->layer.out.width;
  guint n_rows = conv->layer.out.height;

  cpac_fill ((gsize) conv->rank * n_rows * n_in, 0, gv);
  for (guint r = 0; r < conv->rank; r++)
    for (guint p = 0; p < n_rows; p++, v += n_in, gv += n_in, gz += n_out)
      for (guint x = 0; x < w->size[1]; x++) {
        guint q, q_end;
        gsize at;

        cpac_window_range (w, 1, x, n_in, n_out, &q, &q_end);
        if (q >= q_end)
          continue;
        at = (gsize) q * w->stride[1] + (gsize) x * w->dilation[1] - w->before[1];
        dc[(gsize) x * conv->rank + r] +=
            cpac_dot_strided (q_end - q, gz + q, v + at, w->stride[1]);
        cpac_axpy_scatter (q_end - q, c[(gsize) x * conv->rank + r], gz + q, gv + at, w->stride[1]);
      }
}

/* db and gu from gv and u. */
static void
vertical_taps_backward (const CpacConvLayer *conv, const CpacBackward *call, const cpac_real *u,
                        const cpac_real *gv, cpac_real *gu)
{
  const CpacWindow *w = &conv->window;
  const cpac_real *b = call->params[CPAC_CONV_B];
  cpac_real *db = call->dparams[CPAC_CONV_B];
  gsize row = conv->layer.in[0].width, plane = conv->layer.in[0].height * row;

  cpac_fill (conv->rank * plane, 0, gu);
  for (guint r = 0; r < conv->rank; r++, u += plane, gu += plane)
    for (guint p = 0; p < conv->layer.out.height; p++, gv += row)
      for (guint y = 0; y < w->size[0]; y++) {
        gint64 i = (gint64) p * w->stride[0] + (gint64) y * w->dilation[0] - w->before[0];

        if (i < 0 || i >= conv->layer.in[0].height)
          continue;
        db[(gsize) y * conv->rank + r] += cpac_dot (row, gv, u + (gsize) i * row);
        cpac_axpy (row, b[(gsize) y * conv->rank + r], gv, gu + (gsize) i * row);
      }
}

/* dd and GX from gu and X. */
static void
pointwise_in_backward (const CpacConvLayer *conv, const CpacBackward *call, const cpac_real *gu)
{
  const cpac_real *d = call->params[CPAC_CONV_D], *x = call->in[0];
  cpac_real *dd = call->dparams[CPAC_CONV_D], *gx = call->din[0];
  gsize plane = (gsize) conv->layer.in[0].height * conv->layer.in[0].width;

  for (guint s = 0; s < conv->layer.in[0].channels; s++)
    for (guint r = 0; r < conv->rank; r++) {
      dd[(gsize) s * conv->rank + r] += cpac_dot (plane, x + s * plane, gu + r * plane);
      if (gx != NULL)
        cpac_axpy (plane, d[(gsize) s * conv->rank + r], gu + r * plane, gx + s * plane);
    }
}

void
CPAC_REAL_NAME (cpac_cpac_conv_backward) (const CpacLayer *layer, const CpacBackward *call)
{
  const CpacConvLayer *conv = (const CpacConvLayer *) layer;
  const CpacDims *in = &layer->in[0], *out = &layer->out;
  gsize n_u = (gsize) conv->rank * in->height * in->width;
  gsize n_v = (gsize) conv->rank * out->height * in->width;
  gsize n_z = (gsize) conv->rank * out->height * out->width;
  cpac_real *u = call->scratch, *v = u + n_u, *z = v + n_v;
  cpac_real *gu = z + n_z, *gv = gu + n_u, *gz = gv + n_v;

  pointwise_in (conv, call->in[0], call->params[CPAC_CONV_D], 0, in->height, u);
  vertical_taps (conv, u, call->params[CPAC_CONV_B], 0, in->height, 0, out->height, v);
  horizontal_taps (conv, v, call->params[CPAC_CONV_C], out->height, z);
  pointwise_out_backward (conv, call, z, gz);
  horizontal_taps_backward (conv, call, v, gz, gv);
  vertical_taps_backward (conv, call, u, gv, gu);
  pointwise_in_backward (conv, call, gu);
}

#if CPAC_CLASS_PART

static const char *const keys[] = { "filters",  "kernel",  "rank", "stride",
                                    "dilation", "padding", "bias", NULL };

/* The kernel multiplied out must be one that a dense layer could have: costs are compared with it,
 * and it can be asked for. */
static gboolean
check_kernel (const CpacConvLayer *conv, const CpacConfig *map, GError **error)
{
  const CpacWindow *w = &conv->window;
  CpacShape shape = CPAC_SHAPE (conv->filters, conv->layer.in[0].channels, w->size[0], w->size[1]);
  gsize n_bytes;
  g_autofree char *text = NULL;

  if (cpac_shape_checked (&shape, sizeof (float), &n_bytes) &&
      n_bytes <= CPAC_MAX_ELEMENTS * sizeof (float))
    return TRUE;
  text = cpac_shape_to_string (&shape);
  return cpac_config_error (map, CPAC_ERROR_SHAPE, error,
                            "the kernel of layer %s multiplied out would be %s, at most %u "
                            "elements are taken",
                            conv->layer.name, text, CPAC_MAX_ELEMENTS);
}

static gboolean
setup (CpacLayer *layer, const CpacConfig *map, GError **error)
{
  CpacConvLayer *conv = (CpacConvLayer *) layer;
  CpacWindow *w = &conv->window;

  conv->bias = TRUE;
  if (!cpac_config_get_uint (map, "filters", 1, CPAC_MAX_CHANNELS, &conv->filters, error) ||
      !cpac_config_get_uint (map, "rank", 1, CPAC_MAX_CHANNELS, &conv->rank, error) ||
      !cpac_config_get (map, "kernel", error) ||
      !cpac_layer_get_pair (map, "kernel", 1, CPAC_MAX_SIDE, w->size, error) ||
      !cpac_config_get_boolean_default (map, "bias", &conv->bias, error) ||
      !cpac_window_setup_conv (w, map, &layer->in[0], &layer->out.height, &layer->out.width, error))
    return FALSE;
  layer->out.channels = conv->filters;
  return check_kernel (conv, map, error) &&
         cpac_layer_add_param (layer, "a", CPAC_SHAPE (conv->filters, conv->rank), map, error) &&
         cpac_layer_add_param (layer, "b", CPAC_SHAPE (w->size[0], conv->rank), map, error) &&
         cpac_layer_add_param (layer, "c", CPAC_SHAPE (w->size[1], conv->rank), map, error) &&
         cpac_layer_add_param (layer, "d", CPAC_SHAPE (layer->in[0].channels, conv->rank), map,
                               error) &&
         (!conv->bias ||
          cpac_layer_add_param (layer, "bias", CPAC_SHAPE (conv->filters), map, error));
}

static gsize
get_scratch (const CpacLayer *layer, guint n_slices)
{
  const CpacConvLayer *conv = (const CpacConvLayer *) layer;
  const CpacWindow *w = &conv->window;
  gsize rows =
      (gsize) (n_slices - 1) * w->stride[0] + (gsize) (w->size[0] - 1) * w->dilation[0] + 1;

  rows = MIN (rows, layer->in[0].height);
  return conv->rank * (rows * layer->in[0].width + (gsize) n_slices * layer->in[0].width +
                       (gsize) n_slices * layer->out.width);
}

static void
count (const CpacLayer *layer, CpacCost *cost)
{
  const CpacConvLayer *conv = (const CpacConvLayer *) layer;
  const CpacDims *in = &layer->in[0], *out = &layer->out;
  guint64 n = conv->filters, r = conv->rank, kh = conv->window.size[0], kw = conv->window.size[1];
  guint64 pixels_in = (guint64) in->height * in->width;
  guint64 pixels_mid = (guint64) out->height * in->width;
  guint64 pixels_out = (guint64) out->height * out->width;

  cost->macs =
      pixels_in * in->channels * r + pixels_mid * kh * r + pixels_out * kw * r + pixels_out * r * n;
  cost->macs_dense = pixels_out * in->channels * n * kh * kw;
  cost->parameters_dense = (guint64) in->channels * n * kh * kw + (conv->bias ? n : 0);
}

static gsize
get_backward_scratch (const CpacLayer *layer)
{
  const CpacConvLayer *conv = (const CpacConvLayer *) layer;
  const CpacDims *in = &layer->in[0], *out = &layer->out;

  return 2 * (gsize) conv->rank *
         ((gsize) in->height * in->width + (gsize) out->height * in->width +
          (gsize) out->height * out->width);
}

const CpacLayerClass cpac_cpac_conv_class = {
  .type = "cpac-conv",
  .instance_size = sizeof (CpacConvLayer),
  .min_inputs = 1,
  .max_inputs = 1,
  .keys = keys,
  .setup = setup,
  .piecewise_linear = TRUE,
  .get_scratch = get_scratch,
  .count = count,
  .forward_f32 = cpac_cpac_conv_forward_f32,
  .forward_f64 = cpac_cpac_conv_forward_f64,
  .get_backward_scratch = get_backward_scratch,
  .backward_f32 = cpac_cpac_conv_backward_f32,
  .backward_f64 = cpac_cpac_conv_backward_f64,
};

#endif
