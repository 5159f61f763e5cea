/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * A stream is a program. Its values are rows that pass by, or whole planes; its operations each
 * make one value, row by row. The network is cut into segments: within one, rows go from operation
 * to operation; between two stands whatever must see a whole picture. What is done in which order,
 * and how many rows of each value must be held, is worked out once (stream-schedule.c).
 *
 * Columns of a value may lie apart by phase: with p phases, column i p + f is the i-th of phase f.
 * What moves on by s columns (a pool, a stride) reads s times the phases that it makes, so that it
 * too works on columns that lie behind one another.
 */

#include "core/kernels/stream-kernels.h"
#include "core/layers/options.h"
#include "core/network/stream.h"
#include "core/network/workers.h"

/**
 * CpacStreamValue:
 * @dims: channels, height and width of the picture
 * @phases: of its columns
 * @n_vectors: vectors that a phase takes
 * @before: floats before the first column of a phase: a margin
 * @phase_stride: floats from phase to phase
 * @channel_stride: floats from channel to channel
 * @row_stride: floats from row to row
 * @capacity: rows that are held
 * @offset: where the rows begin in a band's memory
 * @plane: the whole picture, (channels, height, width); NULL: rows in the bands' memory
 * @segment: in which it is made
 */
typedef struct {
  CpacDims dims;
  guint phases, n_vectors;
  gsize before, phase_stride, channel_stride, row_stride;
  guint capacity;
  gsize offset;
  float *plane;
  gboolean owns_plane;
  guint segment;
} CpacStreamValue;

typedef struct _CpacStreamOp CpacStreamOp;
typedef struct _CpacStreamBand CpacStreamBand;

/**
 * CpacStreamOpClass:
 * @reach: which rows of its inputs row @row is made of; NULL: the same row
 * @prepare: readies a band's memory, once; may be NULL
 * @make: makes row @row
 * @clear: frees what the operation owns; may be NULL
 */
typedef struct {
  gsize instance_size;
  void (*reach) (const CpacStream *stream, const CpacStreamOp *op, guint row, guint *first,
                 guint *end);
  void (*prepare) (const CpacStream *stream, const CpacStreamOp *op, const CpacStreamBand *band);
  void (*make) (const CpacStream *stream, const CpacStreamOp *op, const CpacStreamBand *band,
                guint row);
  void (*clear) (CpacStreamOp *op);
} CpacStreamOpClass;

/**
 * CpacStreamOp:
 * @in: values it reads
 * @out: value it makes
 * @n_rows: how many rows
 * @scratch: floats of each band that it keeps for itself
 * @scratch_at: where they are
 * @is_sink: nothing in the segment reads what it makes
 */
struct _CpacStreamOp {
  const CpacStreamOpClass *klass;
  guint n_in, *in;
  guint out;
  guint n_rows;
  guint segment;
  gsize scratch, scratch_at;
  gboolean is_sink;
};

/* One thing to do: operation, row. */
typedef struct {
  guint op, row;
} CpacStreamStep;

/* A share of the rows, with memory of its own. */
struct _CpacStreamBand {
  float *rows;    /* of the values */
  float *scratch; /* of the operations */
  float *chunk;   /* what a product reads */
};

/**
 * CpacStreamWhole:
 *
 * What is computed once a segment's rows are done, on planes.
 */
typedef struct _CpacStreamWhole CpacStreamWhole;
struct _CpacStreamWhole {
  void (*compute) (const CpacStream *stream, CpacStreamWhole *whole);
  void (*clear) (CpacStreamWhole *whole);
  guint n_in, *in; /* values, planes all */
  guint out;
  guint segment;
};

typedef struct {
  GArray **steps; /* (n_bands) (element-type CpacStreamStep) */
  guint n_steps;  /* of all bands */
} CpacStreamSegment;

struct _CpacStream {
  const CpacNetwork *network;
  const CpacParams *params;
  CpacLevel level;
  const CpacStreamKernels *kernels;
  CpacWorkers *workers;

  GArray *values;   /* (element-type CpacStreamValue) */
  GPtrArray *ops;   /* (element-type CpacStreamOp) */
  GPtrArray *whole; /* (element-type CpacStreamWhole) */
  guint n_segments;
  CpacStreamSegment *segments;
  gint *planes;          /* (n_layers): value that is the layer's whole output; -1: none */
  const float **outputs; /* (n_layers): that, or NULL */
  CpacActivations activations;

  guint n_bands;
  CpacStreamBand *bands;
  gsize rows_size, scratch_size, chunk_size; /* floats of each band */
  float *zeros;                              /* rows outside the picture */
  gsize n_zeros;
};

static inline const CpacStreamValue *
cpac_stream_value (const CpacStream *stream, guint value)
{
  return &g_array_index (stream->values, CpacStreamValue, value);
}

/* Where row @row of @value begins: the margin, if there is one, of its first channel. */
static inline float *
cpac_stream_row (const CpacStream *stream, const CpacStreamBand *band, guint value, guint row)
{
  const CpacStreamValue *v = cpac_stream_value (stream, value);

  return v->plane != NULL ? v->plane + row * v->row_stride
                          : band->rows + v->offset + row % v->capacity * v->row_stride;
}

static inline gsize
cpac_stream_round_up (gsize n, gsize to)
{
  return (n + to - 1) / to * to;
}

/* Columns of phase @phase. */
static inline guint
cpac_stream_phase_width (const CpacStreamValue *value, guint phase)
{
  return (value->dims.width + value->phases - 1 - phase) / value->phases;
}

/* ---- Values (stream-value.c) ---- */

/* Lays out rows; @reach_before and @reach_after: columns of a phase before its first and behind its
 * last vector that are read. */
void
cpac_stream_value_init (CpacStreamValue *value, const CpacStreamKernels *kernels,
                        const CpacDims *dims, guint phases, guint reach_before, guint reach_after);
/* Adds rows without margins to the present segment, or a plane (owned if @plane is NULL). */
guint cpac_stream_add_rows (CpacStream *stream, const CpacDims *dims, guint phases, guint segment);
guint cpac_stream_add_value (CpacStream *stream, const CpacStreamValue *value, guint segment);
guint cpac_stream_add_plane (CpacStream *stream, const CpacDims *dims, float *plane, guint segment);
/* Places behind the last column of the @n_ends phases that do not end with a vector, for fill().
 * (transfer full) */
guint32 *cpac_stream_value_ends (const CpacStreamValue *value, const CpacStreamKernels *kernels,
                                 guint *n_ends);

/* Horizontal taps that are inside the picture for any output, and where they read: with p phases
 * out, at[f n_taps + t] in a row of the layout @value; where sliding[f + t] is the same. */
typedef struct {
  guint n_taps;
  guint *taps;      /* (n_taps): which of the window's */
  guint32 *at;      /* (phases, n_taps) */
  guint32 *sliding; /* (phases + n_taps - 1); NULL: there is no such thing */
} CpacStreamColumns;
/* Lays out @value to be read by @window, whose @n_out outputs have @phases phases. */
void cpac_stream_columns_init (CpacStreamColumns *columns, CpacStreamValue *value,
                               const CpacStreamKernels *kernels, const CpacWindow *window,
                               const CpacDims *in, guint n_out, guint phases);
void cpac_stream_columns_clear (CpacStreamColumns *columns);

/* Rows [@first, @end) of an input of @height rows that outputs [@begin, @begin + @n) read. */
void cpac_stream_window_reach (const CpacWindow *window, guint height, guint begin, guint n,
                               guint *first, guint *end);

/* ---- Operations ---- */

/* (transfer none) */
gpointer cpac_stream_add_op (CpacStream *stream, const CpacStreamOpClass *klass, guint n_in,
                             const guint *in, guint out);
void cpac_stream_op_free (gpointer op);

/* Matrix (n, k), element (i, j) at i @stride_n + j @stride_k, as product() wants it, or
 * product_pool() if @pool; @bias may be NULL. Returns its data (transfer full). */
float *cpac_stream_pack (const CpacStreamKernels *kernels, guint n, guint k, const float *weights,
                         gsize stride_n, gsize stride_k, const float *bias, gboolean pool,
                         CpacPacked *packed);
/* The places of @k things @stride apart. (transfer full) */
guint32 *cpac_stream_places (guint k, gsize stride);
/* Makes sure that a chunk of @k inputs fits, and rows of zeros as of @value. */
void cpac_stream_need_chunk (CpacStream *stream, gsize k);
void cpac_stream_need_zeros (CpacStream *stream, const CpacStreamValue *value);

/* What is behind a convolution and done along with it. */
typedef struct {
  gboolean relu, pool;
} CpacStreamTail;

/* Each reads value @in and makes @out, both in the present segment. */
void
cpac_stream_add_cpac_conv (CpacStream *stream, const CpacConvLayer *conv, CpacTensor *const *params,
                           CpacStreamTail tail, guint in, guint out);
/* Whether it lays out its input itself, so that its phases do not matter. */
gboolean cpac_stream_moves_input (const CpacConvLayer *conv);
void cpac_stream_add_conv (CpacStream *stream, const CpacDenseConvLayer *conv,
                           CpacTensor *const *params, CpacStreamTail tail, guint in, guint out);
void cpac_stream_add_pool (CpacStream *stream, const CpacPoolLayer *pool, gboolean mean, guint in,
                           guint out);
/* Copies rows from one layout to another, whose margins and ends become @fill. */
void cpac_stream_add_move (CpacStream *stream, guint in, guint out, float fill);
void cpac_stream_add_relu (CpacStream *stream, guint in, guint out);
void cpac_stream_add_sum (CpacStream *stream, guint n_in, const guint *in, guint out);
void cpac_stream_add_concat (CpacStream *stream, guint n_in, const guint *in, guint out);
void cpac_stream_add_upsample (CpacStream *stream, guint in, guint out);
/* Writes the rows @in into the plane @out. */
void cpac_stream_add_publish (CpacStream *stream, guint in, guint out);

/* Work of @size bytes, a CpacStreamWhole first, at the end of @segment. (transfer none) */
gpointer cpac_stream_add_whole (CpacStream *stream, gsize size, guint n_in, const guint *in,
                                guint out, guint segment);
/* Mean of the rows @in: sums by row, and at the end of the segment the plane @out. */
void cpac_stream_add_mean (CpacStream *stream, guint in, guint out, guint segment);
/* On planes, at the end of @segment. */
void cpac_stream_add_linear (CpacStream *stream, const CpacLayer *layer, CpacTensor *const *params,
                             guint in, guint out, guint segment);
void cpac_stream_add_standardize (CpacStream *stream, const CpacLayer *layer, guint in, guint out,
                                  guint segment);
void cpac_stream_add_local_contrast (CpacStream *stream, const CpacLayer *layer, guint in,
                                     guint out, guint segment);
void
cpac_stream_add_reference (CpacStream *stream, const CpacLayer *layer, CpacTensor *const *params,
                           guint n_in, const guint *in, guint out, guint segment);
void cpac_stream_whole_free (gpointer whole);

/* ---- Compiling and scheduling ---- */

void cpac_stream_compile (CpacStream *stream, const gboolean *keep);
/* Works out the steps of every segment and band, and how many rows of each value are held. */
void cpac_stream_schedule (CpacStream *stream);

/* Readies the memory of the bands, which may hold anything. */
void cpac_stream_prepare (CpacStream *stream);
