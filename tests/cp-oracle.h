/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* Shapes of CP decompositions and a rebuilt kernel, the slow and obvious way. */

typedef struct {
  const char *name;
  guint dims[4]; /* N, kh, kw, C */
  guint rank;
} CpShape;

/* Awkward ones: every mode of size 1, ranks below, at and above the dimensions. */
#define N_CP_SHAPES 8
extern const CpShape cp_shapes[N_CP_SHAPES];

/* Index of K[n,s,y,x] in a kernel (N, C, kh, kw). */
gsize cp_index (const guint dims[4], guint n, guint s, guint y, guint x);
gsize cp_kernel_size (const guint dims[4]);
/* Four factors (dim_m, R) with entries in +-1, multiples of 2^-10, so that a test can move
 * them by a step exactly. Free with cp_factors_clear(). */
void cp_factors_init (float *factors[4], const CpShape *shape, guint seed);
void cp_factors_clear (float *factors[4]);
/* The kernel (N, C, kh, kw) of components @first to @first + @n - 1 of the factors, in double.
 * (transfer full) */
double *cp_dense (float *const factors[4], const CpShape *shape, guint first, guint n);
/* <x, y> over n entries. */
double cp_dot (const double *x, const double *y, gsize n);
