/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Layers that bring a picture, or each pixel among its neighbours, to a common scale: as their
 * references, in double. */

#include <math.h>

#include "core/layers/options.h"
#include "core/network/stream-private.h"

/* ---- Standardize ---- */

typedef struct {
  CpacStreamWhole whole;
  const CpacStandardizeLayer *options;
} Standardize;

static void
standardize_compute (const CpacStream *stream, CpacStreamWhole *whole)
{
  const CpacStandardizeLayer *options = ((const Standardize *) whole)->options;
  const CpacStreamKernels *kernels = stream->kernels;
  const float *x = cpac_stream_value (stream, whole->in[0])->plane;
  gsize n = cpac_dims_count (&options->layer.out);
  double mean = kernels->total (n, x) / (double) n;
  double sd = sqrt (kernels->squares (n, x, mean) / (double) n);

  kernels->rescale (n, x, mean, options->spread / MAX (sd, options->floor), options->mean,
                    options->min, options->max, cpac_stream_value (stream, whole->out)->plane);
}

void
cpac_stream_add_standardize (CpacStream *stream, const CpacLayer *layer, guint in, guint out,
                             guint segment)
{
  Standardize *standardize =
      cpac_stream_add_whole (stream, sizeof (Standardize), 1, &in, out, segment);

  standardize->whole.compute = standardize_compute;
  standardize->options = (const CpacStandardizeLayer *) layer;
}

/* ---- Local contrast ---- */

/* Of each thread: sums and squares of the present columns, and the sums of those left of each, of
 * which half a window lies outside the picture. */
typedef struct {
  double *columns[2]; /* (width) */
  double *left[2];    /* (width + window) */
} ContrastScratch;

typedef struct {
  CpacStreamWhole whole;
  const CpacLocalContrastLayer *options;
  double *n_columns;        /* (width): of the window about each */
  ContrastScratch *scratch; /* (n_threads) */
  double *memory;           /* of all scratch */
} Contrast;

typedef struct {
  const CpacStream *stream;
  const Contrast *contrast;
} ContrastCall;

/* left[j + half + 1] = columns[0] + ... + columns[j], and so on beyond the end. */
static void
sum_up (const ContrastScratch *scratch, guint width, guint half)
{
  double sum = 0, squares = 0;

  for (guint j = 0; j <= half; j++)
    scratch->left[0][j] = scratch->left[1][j] = 0;
  for (guint j = 0; j < width; j++) {
    scratch->left[0][half + 1 + j] = sum += scratch->columns[0][j];
    scratch->left[1][half + 1 + j] = squares += scratch->columns[1][j];
  }
  for (guint j = 0; j < half; j++) {
    scratch->left[0][half + 1 + width + j] = sum;
    scratch->left[1][half + 1 + width + j] = squares;
  }
}

static void
contrast_row (const ContrastCall *call, guint worker, const float *plane, guint row, float *out)
{
  const Contrast *contrast = call->contrast;
  const CpacStreamKernels *kernels = call->stream->kernels;
  const CpacDims *dims = &contrast->options->layer.out;
  const ContrastScratch *scratch = &contrast->scratch[worker];
  guint window = contrast->options->window, half = window / 2, width = dims->width;
  guint top = row > half ? row - half : 0, bottom = MIN (row + half + 1, dims->height);

  kernels->column_moments (bottom - top, plane + (gsize) top * width, width, scratch->columns[0],
                           scratch->columns[1]);
  sum_up (scratch, width, half);
  kernels->contrast (width, window, plane + (gsize) row * width, scratch->left[0], scratch->left[1],
                     bottom - top, contrast->n_columns, contrast->options->epsilon,
                     out + (gsize) row * width);
}

static void
contrast_strip (gpointer user_data, guint strip, guint worker)
{
  const ContrastCall *call = user_data;
  const CpacStreamWhole *whole = &call->contrast->whole;
  const CpacDims *dims = &call->contrast->options->layer.out;
  gsize plane = (gsize) dims->height * dims->width;
  const float *in = cpac_stream_value (call->stream, whole->in[0])->plane;
  float *out = cpac_stream_value (call->stream, whole->out)->plane;

  for (guint c = 0; c < dims->channels; c++)
    for (guint row = strip * CPAC_STRIP; row < MIN ((strip + 1) * CPAC_STRIP, dims->height); row++)
      contrast_row (call, worker, in + c * plane, row, out + c * plane);
}

static void
contrast_compute (const CpacStream *stream, CpacStreamWhole *whole)
{
  ContrastCall call = { stream, (const Contrast *) whole };
  guint height = call.contrast->options->layer.out.height;

  cpac_workers_run (stream->workers, (height - 1) / CPAC_STRIP + 1, contrast_strip, &call);
}

static void
contrast_clear (CpacStreamWhole *whole)
{
  Contrast *contrast = (Contrast *) whole;

  g_free (contrast->n_columns);
  g_free (contrast->scratch);
  g_free (contrast->memory);
}

static void
add_contrast_scratch (Contrast *contrast, guint n_threads, gsize width)
{
  gsize padded = width + contrast->options->window;
  double *at = contrast->memory = g_new (double, n_threads * 2 * (width + padded));

  contrast->scratch = g_new (ContrastScratch, n_threads);
  for (guint i = 0; i < n_threads; i++, at += 2 * (width + padded))
    contrast->scratch[i] =
        (ContrastScratch){ { at, at + width }, { at + 2 * width, at + 2 * width + padded } };
}

void
cpac_stream_add_local_contrast (CpacStream *stream, const CpacLayer *layer, guint in, guint out,
                                guint segment)
{
  Contrast *contrast = cpac_stream_add_whole (stream, sizeof (Contrast), 1, &in, out, segment);
  guint width = layer->out.width, half;

  contrast->whole.compute = contrast_compute;
  contrast->whole.clear = contrast_clear;
  contrast->options = (const CpacLocalContrastLayer *) layer;
  half = contrast->options->window / 2;
  contrast->n_columns = g_new (double, width);
  for (guint j = 0; j < width; j++)
    contrast->n_columns[j] = MIN (j + half + 1, width) - (j > half ? j - half : 0);
  add_contrast_scratch (contrast, cpac_workers_get_n_threads (stream->workers), width);
}
