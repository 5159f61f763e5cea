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

#include "core/layers/real.h"
#include "core/layers/types.h"

#include <math.h>

typedef struct {
  CpacLayer layer;
  guint window;
  double epsilon;
} LocalContrastLayer;

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
contrast_row (const LocalContrastLayer *options, const cpac_real *x, guint width, guint n_rows,
              const double *sum, const double *squares, cpac_real *y)
{
  guint half = options->window / 2;

  for (guint j = 0; j < width; j++) {
    guint left = j > half ? j - half : 0, right = MIN (j + half + 1, width);
    double n = (double) n_rows * (right - left), s = 0, s2 = 0, mean, variance;

    for (guint k = left; k < right; k++) {
      s += sum[k];
      s2 += squares[k];
    }
    mean = s / n;
    variance = MAX (s2 / n - mean * mean, 0);
    y[j] = (cpac_real) ((x[j] - mean) / sqrt (variance + options->epsilon));
  }
}

void
CPAC_REAL_NAME (cpac_local_contrast_forward) (const CpacLayer *layer, const CpacForward *call)
{
  const LocalContrastLayer *options = (const LocalContrastLayer *) layer;
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

#if CPAC_CLASS_PART

static const char *const keys[] = { "window", "epsilon", NULL };

static gboolean
setup (CpacLayer *layer, const CpacConfig *map, GError **error)
{
  LocalContrastLayer *options = (LocalContrastLayer *) layer;

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

const CpacLayerClass cpac_local_contrast_class = {
  .type = "local-contrast",
  .instance_size = sizeof (LocalContrastLayer),
  .min_inputs = 1,
  .max_inputs = 1,
  .keys = keys,
  .setup = setup,
  .get_scratch = get_scratch,
  .forward_f32 = cpac_local_contrast_forward_f32,
  .forward_f64 = cpac_local_contrast_forward_f64,
};

#endif
