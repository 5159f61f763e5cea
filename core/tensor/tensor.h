/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define CPAC_MAX_DIMS 4

/**
 * CpacShape:
 * @n_dims: number of dimensions, 0 (a scalar) to %CPAC_MAX_DIMS
 * @dims: the dimensions, slowest first
 *
 * A value; make one with CPAC_SHAPE (8, 3, 5, 5).
 */
typedef struct {
  guint n_dims;
  gsize dims[CPAC_MAX_DIMS];
} CpacShape;

#define CPAC_SHAPE(...) ((CpacShape){ G_N_ELEMENTS (((gsize[]){ __VA_ARGS__ })), { __VA_ARGS__ } })

/**
 * CpacDims:
 *
 * Shape of one picture's activations: (channels, height, width), row-major, the width varying
 * fastest. A flat vector of n values has n channels of 1x1.
 */
typedef struct {
  guint channels;
  guint height;
  guint width;
} CpacDims;

/**
 * CpacTensor:
 * @shape: its shape
 * @data: (array): the elements, row-major, 64-byte aligned
 *
 * Dense 32-bit float tensor. Kernels are (N, C, kh, kw), CP factors (dim, rank).
 */
typedef struct {
  CpacShape shape;
  float *data;
} CpacTensor;

/* Number of elements; the product of the dimensions must fit a gsize (see cpac_shape_checked). */
gsize cpac_shape_count (const CpacShape *shape);
/* The same with overflow noticed: FALSE when shape x @element_size does not fit a gsize. */
gboolean cpac_shape_checked (const CpacShape *shape, gsize element_size, gsize *n_bytes);
gboolean cpac_shape_equal (const CpacShape *a, const CpacShape *b);
/* "8x3x5x5"; "scalar" without dimensions. (transfer full) */
char *cpac_shape_to_string (const CpacShape *shape);

gsize cpac_dims_count (const CpacDims *dims);
gboolean cpac_dims_equal (const CpacDims *a, const CpacDims *b);
/* "16x32x32". (transfer full) */
char *cpac_dims_to_string (const CpacDims *dims);

/* Whether none of the @n numbers is infinite or not a number. */
gboolean cpac_is_finite (const float *values, gsize n);

/* 64-byte aligned, zeroed memory for @n elements of @size bytes; aborts when there is none, as
 * g_new() does. Free with cpac_aligned_free(), which takes NULL. */
gpointer cpac_aligned_new0 (gsize n, gsize size);
void cpac_aligned_free (gpointer memory);

/* Zeroed. (transfer full); cpac_tensor_free() takes NULL. */
CpacTensor *cpac_tensor_new (CpacShape shape);
CpacTensor *cpac_tensor_copy (const CpacTensor *tensor);
void cpac_tensor_free (CpacTensor *tensor);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CpacTensor, cpac_tensor_free)

G_END_DECLS
