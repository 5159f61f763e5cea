/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The arithmetic of the gaussian head: features of the cells, and their distances. */

#include <math.h>

#include "core/kernels/rows.h"
#include "core/score/gaussian.h"

/* Cells at once with one covariance for all: their features stay in the cache. Cells do not depend
 * on each other, so the number does not matter to the result. */
#define TILE 256

static gsize
count_cells (const CpacGaussian *gaussian)
{
  return (gsize) gaussian->width * gaussian->height;
}

/* Largest map of a layer that is not on the grid. */
static gsize
largest_map (const CpacGaussian *gaussian)
{
  gsize largest = 0;

  for (guint i = 0; i < gaussian->n_layers; i++)
    largest = MAX (largest, (gsize) gaussian->dims[i].width * gaussian->dims[i].height);
  return largest;
}

/* Features (n, cells), then either a map before resizing, or a tile's results, or a cell's. */
gsize
cpac_gaussian_get_scratch (const CpacGaussian *gaussian)
{
  gsize rest = MAX (largest_map (gaussian), MAX (2 * TILE, (gsize) gaussian->n_channels));

  return gaussian->n_channels * count_cells (gaussian) + rest;
}

/* ---- Features ---- */

/* Mean of the 3x3 cells about each, clipped at the border. */
static void
average (const float *in, guint width, guint height, float *out)
{
  for (guint i = 0; i < height; i++) {
    guint top = i > 0 ? i - 1 : 0, bottom = MIN (i + 2, height);

    for (guint j = 0; j < width; j++) {
      guint left = j > 0 ? j - 1 : 0, right = MIN (j + 2, width);
      float sum = 0;

      for (guint y = top; y < bottom; y++)
        for (guint x = left; x < right; x++)
          sum += in[(gsize) y * width + x];
      out[(gsize) i * width + j] = sum / (float) ((bottom - top) * (right - left));
    }
  }
}

typedef struct {
  guint low, high;
  float weight; /* of @high */
} Between;

/* Where cell @p of @n_out lies among @n_in, with half-pixel centres. */
static Between
locate (guint p, guint n_in, guint n_out)
{
  double at = CLAMP ((p + 0.5) * n_in / n_out - 0.5, 0, n_in - 1.0);
  guint low = (guint) at;

  return (Between){ low, MIN (low + 1, n_in - 1), (float) (at - low) };
}

void
cpac_gaussian_resize (const float *in, const CpacDims *from, guint width, guint height, float *out)
{
  for (guint p = 0; p < height; p++) {
    Between v = locate (p, from->height, height);
    const float *above = in + (gsize) v.low * from->width;
    const float *below = in + (gsize) v.high * from->width;

    for (guint q = 0; q < width; q++) {
      Between h = locate (q, from->width, width);
      float first = (1 - h.weight) * above[h.low] + h.weight * above[h.high];
      float second = (1 - h.weight) * below[h.low] + h.weight * below[h.high];

      out[(gsize) p * width + q] = (1 - v.weight) * first + v.weight * second;
    }
  }
}

void
cpac_gaussian_gather (const CpacGaussian *gaussian, const float *const *maps, float *scratch,
                      float *features)
{
  gsize cells = count_cells (gaussian);
  guint layer = 0, first = 0;

  for (guint i = 0; i < gaussian->n_channels; i++, features += cells) {
    const CpacDims *dims;
    const float *map;

    while (gaussian->channels[i] >= first + gaussian->dims[layer].channels)
      first += gaussian->dims[layer++].channels;
    dims = &gaussian->dims[layer];
    map = maps[layer] + (gsize) (gaussian->channels[i] - first) * dims->width * dims->height;
    if (dims->width == gaussian->width && dims->height == gaussian->height) {
      average (map, dims->width, dims->height, features);
    } else {
      average (map, dims->width, dims->height, scratch);
      cpac_gaussian_resize (scratch, dims, gaussian->width, gaussian->height, features);
    }
  }
}

/* ---- Distances ---- */

static void
subtract_mean (const CpacGaussian *gaussian, float *features)
{
  gsize cells = count_cells (gaussian), n = gaussian->n_channels * cells;
  const float *mean = gaussian->mean->data;

  if (gaussian->mode == CPAC_GAUSSIAN_TEXTURE) {
    for (guint i = 0; i < gaussian->n_channels; i++)
      for (gsize k = 0; k < cells; k++)
        features[i * cells + k] -= mean[i];
    return;
  }
  for (gsize k = 0; k < n; k++)
    features[k] -= mean[k];
}

/* One covariance: row i of W times the features of a tile of cells, for every i. @scratch:
 * 2 TILE. */
static void
measure_tile (const CpacGaussian *gaussian, const CpacRowKernels *kernels, const float *features,
              gsize first, gsize n_tile, float *scratch, float *map)
{
  const float *row = gaussian->whitening->data;
  gsize cells = count_cells (gaussian);
  guint n = gaussian->n_channels;
  const float **planes = g_newa (const float *, n);
  float *product = scratch, *sum = scratch + TILE;

  for (gsize k = 0; k < n_tile; k++)
    sum[k] = 0;
  for (guint i = 0; i < n; row += ++i) {
    planes[i] = features + i * cells + first;
    kernels->taps (n_tile, i + 1, row, planes, product);
    for (gsize k = 0; k < n_tile; k++)
      sum[k] += product[k] * product[k];
  }
  for (gsize k = 0; k < n_tile; k++)
    map[first + k] = sqrtf (sum[k] / (float) n);
}

/* A covariance of its own. @x: (n) */
static float
measure_cell (const CpacGaussian *gaussian, const CpacRowKernels *kernels, const float *features,
              gsize cell, float *x)
{
  gsize cells = count_cells (gaussian);
  guint n = gaussian->n_channels;
  const float *row = gaussian->whitening->data + cell * ((gsize) n * (n + 1) / 2);
  float sum = 0;

  for (guint i = 0; i < n; i++)
    x[i] = features[i * cells + cell];
  for (guint i = 0; i < n; row += ++i) {
    float product = 0;

    kernels->dots (i + 1, 1, x, &row, &product);
    sum += product * product;
  }
  return sqrtf (sum / (float) n);
}

void
cpac_gaussian_measure (const CpacGaussian *gaussian, const float *const *maps, float *scratch,
                       float *map)
{
  const CpacRowKernels *kernels = cpac_row_kernels_default ();
  gsize cells = count_cells (gaussian);
  float *features = scratch, *rest = scratch + gaussian->n_channels * cells;

  cpac_gaussian_gather (gaussian, maps, rest, features);
  subtract_mean (gaussian, features);
  if (gaussian->mode == CPAC_GAUSSIAN_POSITION)
    for (gsize cell = 0; cell < cells; cell++)
      map[cell] = measure_cell (gaussian, kernels, features, cell, rest);
  else
    for (gsize first = 0; first < cells; first += TILE)
      measure_tile (gaussian, kernels, features, first, MIN (TILE, cells - first), rest, map);
}
