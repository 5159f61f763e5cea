/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/*
 * The few BLAS and LAPACK calls of training and compression; part of cpac-train. All matrices are
 * row-major. Sizes must fit BLAS's 32-bit integers, which whoever builds a network has checked.
 */

/* Holds OpenBLAS to one thread for the whole process, since its sums depend on how many it uses;
 * we run our own threads over pictures instead. Every entry point into training or compression
 * calls this before its first product; calling it again costs nothing. Any thread. */
void cpac_linalg_init (void);

/* C (m, n) = alpha op (A) op (B) + beta C, op (A) (m, k) and op (B) (k, n): the matrix itself or,
 * with @trans_a, @trans_b, its transpose. lda, ldb, ldc: elements from one stored row to the next.
 * With beta 0, C need not be initialized. */
void
cpac_sgemm (gboolean trans_a, gboolean trans_b, guint m, guint n, guint k, float alpha,
            const float *a, guint lda, const float *b, guint ldb, float beta, float *c, guint ldc);
void cpac_dgemm (gboolean trans_a, gboolean trans_b, guint m, guint n, guint k, double alpha,
                 const double *a, guint lda, const double *b, guint ldb, double beta, double *c,
                 guint ldc);

/* Solves x G = t for each of the @n_rows rows t of @rows (n_rows, n), in place; @g (n, n) is
 * symmetric and destroyed. By Cholesky, or where @g is singular to rounding by its pseudo-inverse:
 * the smallest of the best x. FALSE when values are not finite; @rows are then undefined. */
gboolean cpac_solve_symmetric (double *g, guint n, double *rows, guint n_rows);

/* Symmetric @g (n, n) = L L^T becomes W = L^-1, lower triangular with zeros above, so that
 * W g W^T = 1. Only the lower triangle of @g is read. FALSE when @g is not positive definite. */
gboolean cpac_whiten_symmetric (double *g, guint n);

/* Symmetric @matrix (n, n) = sum_i values[i] v_i^T v_i, values ascending; row i of @matrix becomes
 * v_i, of unit norm. FALSE when values are not finite. */
gboolean cpac_eigen_symmetric (double *matrix, guint n, double *values);

/* @matrix (m, n) = U diag (s) V^T with k = min (m, n): @u (m, k), @s (k) descending, @vt (k, n).
 * @matrix is destroyed. FALSE when values are not finite. */
gboolean cpac_svd (double *matrix, guint m, guint n, double *u, double *s, double *vt);

G_END_DECLS
