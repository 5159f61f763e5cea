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

/*
 * Rows come in blocks. The windows of a block have a core in common, rows that are summed once. Of
 * the rows above it, sums are kept from the core upwards; the rows below it join it one by one, as
 * the window moves down. So a row costs two rows' sums and its share of the core, and nothing is
 * ever taken away again. Blocks depend on the layer alone: whoever computes one gets the same bits.
 */

/* Rows of a block: at most half a window, so that there is a core. Larger ones are fewer to share
 * out, and keep more sums. */
#define USUAL_BLOCK CPAC_STRIP
#define LARGEST_BLOCK 64

/* Of each thread. Sums by column are followed by those of squares. */
typedef struct {
  double *sums;  /* (2, width) of the core, and of what joined it */
  double *above; /* (block, 2, width): [k] of the k rows just above the core, so [0] is zero */
  double *left;  /* (2, width + window): of what is left of each column; half a window is outside */
} ContrastScratch;

typedef struct {
  CpacStreamWhole whole;
  const CpacLocalContrastLayer *options;
  guint block;              /* rows */
  guint at_once, n_pieces;  /* blocks of a piece, pieces of a channel */
  double *n_columns;        /* (width): of the window about each */
  ContrastScratch *scratch; /* (n_threads) */
  double *memory;           /* of all scratch */
} Contrast;

typedef struct {
  const CpacStream *stream;
  const Contrast *contrast;
} ContrastCall;

/* Rows of the window about @row. */
static void
get_window (const Contrast *contrast, guint row, guint *top, guint *bottom)
{
  guint half = contrast->options->window / 2;

  *top = row > half ? row - half : 0;
  *bottom = MIN (row + half + 1, contrast->options->layer.out.height);
}

/* left[j + half + 1] = column[0] + ... + column[j], and so on beyond the end; a column is what is
 * in @sums and in @above. Sums and squares at once, as each waits for the one before. */
static void
sum_up (const double *sums, const double *above, gsize width, gsize half, double *left)
{
  double *squares = left + width + 2 * half + 1;
  double sum = 0, square = 0;

  for (gsize j = 0; j <= half; j++)
    left[j] = squares[j] = 0;
  for (gsize j = 0; j < width; j++) {
    left[half + 1 + j] = sum += sums[j] + above[j];
    squares[half + 1 + j] = square += sums[width + j] + above[width + j];
  }
  for (gsize j = 0; j < half; j++) {
    left[half + 1 + width + j] = sum;
    squares[half + 1 + width + j] = square;
  }
}

/* Row @row, of whose window @n_above rows are above the core. */
static void
contrast_row (const ContrastCall *call, const ContrastScratch *scratch, guint row, guint n_above,
              guint n_rows, const float *plane, float *out)
{
  const CpacLocalContrastLayer *options = call->contrast->options;
  guint window = options->window, width = options->layer.out.width;
  const double *above = scratch->above + (gsize) n_above * 2 * width;

  sum_up (scratch->sums, above, width, window / 2, scratch->left);
  call->stream->kernels->contrast (
      width, window, plane + (gsize) row * width, scratch->left, scratch->left + width + window,
      n_rows, call->contrast->n_columns, options->epsilon, out + (gsize) row * width);
}

/* Rows [@begin, @end) of one channel. */
static void
contrast_rows (const ContrastCall *call, const ContrastScratch *scratch, guint begin, guint end,
               const float *plane, float *out)
{
  const CpacStreamKernels *kernels = call->stream->kernels;
  gsize width = call->contrast->options->layer.out.width;
  guint first, core, core_end, top, bottom;

  get_window (call->contrast, begin, &first, &core_end);
  get_window (call->contrast, end - 1, &core, &bottom);
  for (guint k = 1; k <= core - first; k++)
    kernels->column_moments (1, plane + (core - k) * width, width,
                             scratch->above + (k - 1) * 2 * width, scratch->above + k * 2 * width);
  kernels->column_moments (core_end - core, plane + core * width, width, scratch->above,
                           scratch->sums);
  for (guint row = begin; row < end; row++) {
    get_window (call->contrast, row, &top, &bottom);
    if (bottom > core_end)
      kernels->column_moments (bottom - core_end, plane + core_end * width, width, scratch->sums,
                               scratch->sums);
    core_end = bottom;
    contrast_row (call, scratch, row, core - top, bottom - top, plane, out);
  }
}

/* A few blocks of one channel, where windows are small. */
static void
contrast_piece (gpointer user_data, guint piece, guint worker)
{
  const ContrastCall *call = user_data;
  const Contrast *contrast = call->contrast;
  const CpacDims *dims = &contrast->options->layer.out;
  guint first = piece % contrast->n_pieces * contrast->at_once;
  guint end = MIN ((first + contrast->at_once) * contrast->block, dims->height);
  gsize channel = (gsize) (piece / contrast->n_pieces) * dims->height * dims->width;

  for (guint row = first * contrast->block; row < end; row += contrast->block)
    contrast_rows (call, &contrast->scratch[worker], row, MIN (row + contrast->block, end),
                   cpac_stream_value (call->stream, contrast->whole.in[0])->plane + channel,
                   cpac_stream_value (call->stream, contrast->whole.out)->plane + channel);
}

static void
contrast_compute (const CpacStream *stream, CpacStreamWhole *whole)
{
  ContrastCall call = { stream, (const Contrast *) whole };
  const Contrast *contrast = call.contrast;

  cpac_workers_run (stream->workers, contrast->options->layer.out.channels * contrast->n_pieces,
                    contrast_piece, &call);
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
  gsize sums = 2 * width, above = contrast->block * sums;
  gsize size = sums + above + 2 * (width + contrast->options->window), all = n_threads * size;
  double *at = contrast->memory = g_new0 (double, all);

  contrast->scratch = g_new (ContrastScratch, n_threads);
  for (guint i = 0; i < n_threads; i++, at += size)
    contrast->scratch[i] = (ContrastScratch){ at, at + sums, at + sums + above };
}

void
cpac_stream_add_local_contrast (CpacStream *stream, const CpacLayer *layer, guint in, guint out,
                                guint segment)
{
  Contrast *contrast = cpac_stream_add_whole (stream, sizeof (Contrast), 1, &in, out, segment);
  guint width = layer->out.width, height = layer->out.height, half;

  contrast->whole.compute = contrast_compute;
  contrast->whole.clear = contrast_clear;
  contrast->options = (const CpacLocalContrastLayer *) layer;
  half = contrast->options->window / 2;
  contrast->block = MIN (half, CLAMP (height / 8, USUAL_BLOCK, LARGEST_BLOCK));
  contrast->at_once = (USUAL_BLOCK - 1) / contrast->block + 1;
  contrast->n_pieces = (height - 1) / (contrast->block * contrast->at_once) + 1;
  contrast->n_columns = g_new (double, width);
  for (guint j = 0; j < width; j++)
    contrast->n_columns[j] = MIN (j + half + 1, width) - (j > half ? j - half : 0);
  add_contrast_scratch (contrast, cpac_workers_get_n_threads (stream->workers), width);
}
