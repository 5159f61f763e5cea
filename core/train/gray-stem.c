/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/train/gray-stem.h"

#include <string.h>

#include "core/layers/options.h"
#include "core/layers/types.h"

#define N_RGB 3

static gboolean
are_equal (const double *values)
{
  return values[0] == values[1] && values[1] == values[2];
}

/* Not the sum of three equal numbers by three, which may differ from them by a rounding. */
static double
average (const double *values)
{
  return are_equal (values) ? values[0] : (values[0] + values[1] + values[2]) / N_RGB;
}

void
cpac_gray_stem_get_input (const CpacInputSpec *rgb, CpacInputSpec *gray)
{
  *gray = *rgb;
  gray->channels = 1;
  gray->mean[0] = average (rgb->mean);
  gray->scale[0] = average (rgb->scale);
}

gboolean
cpac_gray_stem_needs_bias (const CpacInputSpec *rgb)
{
  return !are_equal (rgb->mean);
}

static const CpacWindow *
get_window (const CpacLayer *layer)
{
  if (layer->klass == &cpac_conv_class)
    return &((const CpacDenseConvLayer *) layer)->window;
  if (layer->klass == &cpac_cpac_conv_class)
    return &((const CpacConvLayer *) layer)->window;
  return NULL;
}

static gboolean
has_padding (const CpacWindow *window)
{
  return window->before[0] > 0 || window->before[1] > 0 || window->after[0] > 0 ||
         window->after[1] > 0;
}

gboolean
cpac_gray_stem_check (const CpacLayer *layer, const CpacInputSpec *rgb, GError **error)
{
  const CpacWindow *window = get_window (layer);

  if (window == NULL)
    g_set_error (error, CPAC_ERROR, CPAC_ERROR_SHAPE,
                 "layer %s (%s) reads the RGB frame; only a conv or cpac-conv can be made one for "
                 "gray",
                 layer->name, layer->klass->type);
  else if (has_padding (window) && !are_equal (rgb->mean))
    g_set_error (error, CPAC_ERROR, CPAC_ERROR_SHAPE,
                 "layer %s pads the frame, whose three channels have different means: it cannot be "
                 "made one for gray exactly; without that, a gray frame fills the three channels",
                 layer->name);
  else
    return TRUE;
  return FALSE;
}

/* x_c = gain x + offset */
static void
get_line (const CpacInputSpec *rgb, guint c, double *gain, double *offset)
{
  *gain = average (rgb->scale) / rgb->scale[c];
  *offset = (average (rgb->mean) - rgb->mean[c]) / rgb->scale[c];
}

/* kernel (N, 3, kh, kw) -> (N, 1, kh, kw); adds the constant to @bias (N). */
static void
fold_dense (const CpacTensor *kernel, const CpacInputSpec *rgb, CpacTensor *out, double *bias)
{
  gsize n_filters = kernel->shape.dims[0], taps = kernel->shape.dims[2] * kernel->shape.dims[3];

  for (gsize n = 0; n < n_filters; n++)
    for (gsize t = 0; t < taps; t++) {
      double sum = 0;

      for (guint c = 0; c < N_RGB; c++) {
        double weight = kernel->data[(n * N_RGB + c) * taps + t], gain, offset;

        get_line (rgb, c, &gain, &offset);
        sum += gain * weight;
        bias[n] += offset * weight;
      }
      out->data[n * taps + t] = (float) sum;
    }
}

/* Sum of column @r of a factor. */
static double
sum_column (const CpacTensor *factor, gsize r)
{
  gsize n_rows = factor->shape.dims[0], rank = factor->shape.dims[1];
  double sum = 0;

  for (gsize i = 0; i < n_rows; i++)
    sum += factor->data[i * rank + r];
  return sum;
}

/* Only d knows the channels: (3, R) -> (1, R); adds the constant to @bias (N). */
static void
fold_factors (CpacTensor *const *values, const CpacInputSpec *rgb, CpacTensor *d, double *bias)
{
  const CpacTensor *a = values[CPAC_CONV_A];
  gsize n_filters = a->shape.dims[0], rank = a->shape.dims[1];

  for (gsize r = 0; r < rank; r++) {
    double sum = 0, constant = 0;

    for (guint c = 0; c < N_RGB; c++) {
      double weight = values[CPAC_CONV_D]->data[c * rank + r], gain, offset;

      get_line (rgb, c, &gain, &offset);
      sum += gain * weight;
      constant += offset * weight;
    }
    d->data[r] = (float) sum;
    constant *= sum_column (values[CPAC_CONV_B], r) * sum_column (values[CPAC_CONV_C], r);
    for (gsize n = 0; n < n_filters; n++)
      bias[n] += a->data[n * rank + r] * constant;
  }
}

static void
copy_values (const CpacTensor *from, CpacTensor *to)
{
  memcpy (to->data, from->data, cpac_shape_count (&from->shape) * sizeof (float));
}

void
cpac_gray_stem_fold (const CpacLayer *layer, CpacTensor *const *values, const CpacInputSpec *rgb,
                     const CpacLayer *gray_layer, CpacTensor **gray_values)
{
  guint n_filters = layer->out.channels, at_bias;
  g_autofree double *bias = g_new0 (double, n_filters);

  if (layer->klass == &cpac_conv_class) {
    at_bias = CPAC_DENSE_BIAS;
    fold_dense (values[CPAC_DENSE_WEIGHT], rgb, gray_values[CPAC_DENSE_WEIGHT], bias);
  } else {
    at_bias = CPAC_CONV_BIAS;
    for (guint i = CPAC_CONV_A; i <= CPAC_CONV_C; i++)
      copy_values (values[i], gray_values[i]);
    fold_factors (values, rgb, gray_values[CPAC_CONV_D], bias);
  }
  for (guint n = 0; gray_layer->n_params > at_bias && n < n_filters; n++)
    gray_values[at_bias]->data[n] =
        (float) (bias[n] + (layer->n_params > at_bias ? values[at_bias]->data[n] : 0));
}
