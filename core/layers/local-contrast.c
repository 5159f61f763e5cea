/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Local contrast: each channel's pixel against the pixels around it,
 *
 *   Y = (X - m) / sqrt (v + epsilon),
 *
 * m and v the mean and variance of X over the `window` x `window` pixels about it (an odd number),
 * clipped to the picture. It takes away slow changes of light and makes dark and bright places
 * alike. `epsilon` (default 0.01, in squared units of the input) keeps noise on flat ground from
 * being blown up. Sums in double.
 */

#include "core/layers/options.h"
#include "core/layers/real.h"
#include "core/layers/types.h"

#include <math.h>

/* Sums of x and x^2 over rows [top, bottom), column by column. */
static void
sum_columns (const cpac_real *plane, guint width, guint top, guint bottom, double *sum,
             double *squares)
{
  for (guint j = 0; j < width; j++)
    sum[j] = squares[j] = 0;
  for (guint i = top; i < bottom; i++)
    for (guint j = 0; j < width; j++) {
      double x = plane[(gsize) i * width + j];

      sum[j] += x;
      squares[j] += x * x;
    }
}

static void
contrast_row (const CpacLocalContrastLayer *options, const cpac_real *x, guint width, guint n_rows,
              const double *sum, const double *squares, cpac_real *y)
{
  guint half = options->window / 2, left = 0, right = 0;
  double s = 0, s2 = 0;

  for (guint j = 0; j < width; j++) {
    double n, mean, variance;

    /* The window moves on: what comes in, what goes out. */
    for (; right < MIN (j + half + 1, width); right++) {
      s += sum[right];
      s2 += squares[right];
    }
    for (; left + half < j; left++) {
      s -= sum[left];
      s2 -= squares[left];
    }
    n = (double) n_rows * (right - left);
    mean = s / n;
    variance = MAX (s2 / n - mean * mean, 0);
    y[j] = (cpac_real) ((x[j] - mean) / sqrt (variance + options->epsilon));
  }
}

void
CPAC_REAL_NAME (cpac_local_contrast_forward) (const CpacLayer *layer, const CpacForward *call)
{
  const CpacLocalContrastLayer *options = (const CpacLocalContrastLayer *) layer;
  const CpacDims *dims = &layer->out;
  guint half = options->window / 2;
  double *sum = call->scratch, *squares = sum + dims->width;

  for (guint c = 0; c < dims->channels; c++) {
    gsize offset = (gsize) c * dims->height * dims->width;
    const cpac_real *plane = (const cpac_real *) call->in[0] + offset;

    for (guint p = call->begin; p < call->end; p++) {
      guint top = p > half ? p - half : 0, bottom = MIN (p + half + 1, dims->height);
      gsize row = (gsize) p * dims->width;

      sum_columns (plane, dims->width, top, bottom, sum, squares);
      contrast_row (options, plane + row, dims->width, bottom - top, sum, squares,
                    (cpac_real *) call->out + offset + row);
    }
  }
}

/* The sum of @plane over the window about every pixel of row @p. */
static void
window_sums (const double *plane, const CpacDims *dims, guint half, guint p, double *columns,
             double *sum)
{
  guint top = p > half ? p - half : 0, bottom = MIN (p + half + 1, dims->height);

  for (guint j = 0; j < dims->width; j++) {
    columns[j] = 0;
    for (guint i = top; i < bottom; i++)
      columns[j] += plane[(gsize) i * dims->width + j];
  }
  for (guint j = 0; j < dims->width; j++) {
    guint left = j > half ? j - half : 0, right = MIN (j + half + 1, dims->width);

    sum[j] = 0;
    for (guint k = left; k < right; k++)
      sum[j] += columns[k];
  }
}

/*
 * With s_p = sqrt (v_p + epsilon) and n_p pixels in the window about p, and because q lies in the
 * window of p exactly when p lies in that of q:
 *
 *   dX_q = dY_q / s_q - sum over the window of q of (A_p - B_p m_p) - X_q sum of B_p,
 *   A_p = dY_p / (n_p s_p),  B_p = dY_p (X_p - m_p) / (n_p s_p^3).
 */
static void
channel_backward (const CpacLocalContrastLayer *options, const CpacDims *dims, const cpac_real *x,
                  const cpac_real *dy, cpac_real *dx, double *scratch)
{
  guint half = options->window / 2;
  gsize plane = (gsize) dims->height * dims->width;
  double *flat = scratch, *slope = flat + plane, *inverse = slope + plane;
  double *sum = inverse + plane, *squares = sum + dims->width;

  for (guint p = 0; p < dims->height; p++) {
    guint top = p > half ? p - half : 0, bottom = MIN (p + half + 1, dims->height);

    sum_columns (x, dims->width, top, bottom, sum, squares);
    for (guint j = 0; j < dims->width; j++) {
      guint left = j > half ? j - half : 0, right = MIN (j + half + 1, dims->width);
      double n = (double) (bottom - top) * (right - left), s1 = 0, s2 = 0, mean, s;
      gsize at = (gsize) p * dims->width + j;

      for (guint k = left; k < right; k++) {
        s1 += sum[k];
        s2 += squares[k];
      }
      mean = s1 / n;
      s = sqrt (MAX (s2 / n - mean * mean, 0) + options->epsilon);
      inverse[at] = 1 / s;
      slope[at] = dy[at] * (x[at] - mean) / (n * s * s * s);
      flat[at] = dy[at] / (n * s) - slope[at] * mean;
    }
  }
  for (guint p = 0; p < dims->height; p++) {
    double *columns = squares + dims->width;

    window_sums (flat, dims, half, p, columns, sum);
    window_sums (slope, dims, half, p, columns, squares);
    for (guint j = 0; j < dims->width; j++) {
      gsize at = (gsize) p * dims->width + j;

      dx[at] += (cpac_real) (dy[at] * inverse[at] - sum[j] - x[at] * squares[j]);
    }
  }
}

void
CPAC_REAL_NAME (cpac_local_contrast_backward) (const CpacLayer *layer, const CpacBackward *call)
{
  const CpacLocalContrastLayer *options = (const CpacLocalContrastLayer *) layer;
  gsize plane = (gsize) layer->out.height * layer->out.width;

  for (guint c = 0; call->din[0] != NULL && c < layer->out.channels; c++)
    channel_backward (options, &layer->out, (const cpac_real *) call->in[0] + c * plane,
                      (const cpac_real *) call->dout + c * plane,
                      (cpac_real *) call->din[0] + c * plane, call->scratch);
}

#if CPAC_CLASS_PART

static const char *const keys[] = { "window", "epsilon", NULL };

static gboolean
setup (CpacLayer *layer, const CpacConfig *map, GError **error)
{
  CpacLocalContrastLayer *options = (CpacLocalContrastLayer *) layer;

  options->epsilon = 0.01;
  layer->out = layer->in[0];
  if (!cpac_config_get_uint (map, "window", 3, 1023, &options->window, error) ||
      !cpac_config_get_double_default (map, "epsilon", 1e-12, 1e12, &options->epsilon, error))
    return FALSE;
  if (options->window % 2 == 0)
    return cpac_config_error (cpac_config_peek (map, "window"), CPAC_ERROR_SCHEMA, error,
                              "window must be odd, got %u", options->window);
  return TRUE;
}

/* Two rows of doubles, whatever the precision of the run: two floats make room for one double. */
static gsize
get_scratch (const CpacLayer *layer, guint n_slices)
{
  return 4 * (gsize) layer->out.width;
}

/* Three planes and three rows of doubles; see get_scratch() for the factor. */
static gsize
get_backward_scratch (const CpacLayer *layer)
{
  return 2 * 3 * ((gsize) layer->out.height * layer->out.width + layer->out.width);
}

const CpacLayerClass cpac_local_contrast_class = {
  .type = "local-contrast",
  .instance_size = sizeof (CpacLocalContrastLayer),
  .min_inputs = 1,
  .max_inputs = 1,
  .keys = keys,
  .setup = setup,
  .get_scratch = get_scratch,
  .forward_f32 = cpac_local_contrast_forward_f32,
  .forward_f64 = cpac_local_contrast_forward_f64,
  .get_backward_scratch = get_backward_scratch,
  .backward_f32 = cpac_local_contrast_backward_f32,
  .backward_f64 = cpac_local_contrast_backward_f64,
};

#endif
