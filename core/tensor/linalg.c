/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/tensor/linalg.h"

#include <float.h>
#include <math.h>

/*
 * OpenBLAS brings no C header for LAPACK. Fortran reads memory by columns: a row-major matrix is
 * the transpose of what it sees.
 */
void openblas_set_num_threads (int n);
void sgemm_ (const char *trans_a, const char *trans_b, const int *m, const int *n, const int *k,
             const float *alpha, const float *a, const int *lda, const float *b, const int *ldb,
             const float *beta, float *c, const int *ldc);
void dgemm_ (const char *trans_a, const char *trans_b, const int *m, const int *n, const int *k,
             const double *alpha, const double *a, const int *lda, const double *b, const int *ldb,
             const double *beta, double *c, const int *ldc);
void dpotrf_ (const char *uplo, const int *n, double *a, const int *lda, int *info);
void dpotrs_ (const char *uplo, const int *n, const int *n_rhs, const double *a, const int *lda,
              double *b, const int *ldb, int *info);
void
dtrtri_ (const char *uplo, const char *diag, const int *n, double *a, const int *lda, int *info);
void dsyev_ (const char *jobz, const char *uplo, const int *n, double *a, const int *lda,
             double *values, double *work, const int *n_work, int *info);
void dgesdd_ (const char *jobz, const int *m, const int *n, double *a, const int *lda, double *s,
              double *u, const int *ldu, double *vt, const int *ldvt, double *work,
              const int *n_work, int *iwork, int *info);

void
cpac_linalg_init (void)
{
  static gsize done = 0;

  if (g_once_init_enter (&done)) {
    openblas_set_num_threads (1);
    g_once_init_leave (&done, 1);
  }
}

/* C^T = op (B)^T op (A)^T is what Fortran computes. */
void
cpac_sgemm (gboolean trans_a, gboolean trans_b, guint m, guint n, guint k, float alpha,
            const float *a, guint lda, const float *b, guint ldb, float beta, float *c, guint ldc)
{
  if (m == 0 || n == 0)
    return;
  sgemm_ (trans_b ? "T" : "N", trans_a ? "T" : "N", &(int){ (int) n }, &(int){ (int) m },
          &(int){ (int) k }, &alpha, b, &(int){ (int) ldb }, a, &(int){ (int) lda }, &beta, c,
          &(int){ (int) ldc });
}

void
cpac_dgemm (gboolean trans_a, gboolean trans_b, guint m, guint n, guint k, double alpha,
            const double *a, guint lda, const double *b, guint ldb, double beta, double *c,
            guint ldc)
{
  if (m == 0 || n == 0)
    return;
  dgemm_ (trans_b ? "T" : "N", trans_a ? "T" : "N", &(int){ (int) n }, &(int){ (int) m },
          &(int){ (int) k }, &alpha, b, &(int){ (int) ldb }, a, &(int){ (int) lda }, &beta, c,
          &(int){ (int) ldc });
}

static gboolean
all_finite (const double *values, gsize n)
{
  for (gsize i = 0; i < n; i++)
    if (!isfinite (values[i]))
      return FALSE;
  return TRUE;
}

/* LAPACK's Cholesky carries on with pivots that are nothing but rounding errors: such a matrix
 * counts as singular, too. */
static gboolean
factor_cholesky (double *g, guint n)
{
  int size = (int) n, info;
  double smallest = INFINITY, largest = 0;

  dpotrf_ ("L", &size, g, &size, &info);
  if (info != 0)
    return FALSE;
  for (gsize i = 0; i < n; i++) {
    smallest = MIN (smallest, g[i * n + i]);
    largest = MAX (largest, g[i * n + i]);
  }
  return smallest * smallest > n * DBL_EPSILON * largest * largest;
}

/* rows G^+ = rows V^T diag (1 / w) V without the eigenvalues that are rounding errors. */
static gboolean
solve_by_eigen (double *g, guint n, double *rows, guint n_rows)
{
  g_autofree double *values = g_new (double, n);
  g_autofree double *projected = g_new (double, (gsize) n_rows *n);
  double cutoff;

  if (!cpac_eigen_symmetric (g, n, values))
    return FALSE;
  cutoff = n * DBL_EPSILON * MAX (fabs (values[0]), fabs (values[n - 1]));
  cpac_dgemm (FALSE, TRUE, n_rows, n, n, 1, rows, n, g, n, 0, projected, n);
  for (gsize i = 0; i < n_rows; i++)
    for (gsize j = 0; j < n; j++)
      projected[i * n + j] = fabs (values[j]) > cutoff ? projected[i * n + j] / values[j] : 0;
  cpac_dgemm (FALSE, FALSE, n_rows, n, n, 1, projected, n, g, n, 0, rows, n);
  return TRUE;
}

gboolean
cpac_solve_symmetric (double *g, guint n, double *rows, guint n_rows)
{
  gsize n_entries = (gsize) n * n;
  g_autofree double *factor = NULL;
  int size = (int) n, n_rhs = (int) n_rows, info;

  if (!all_finite (g, n_entries) || !all_finite (rows, (gsize) n_rows * n))
    return FALSE;
  if (n == 0 || n_rows == 0)
    return TRUE;
  factor = g_memdup2 (g, n_entries * sizeof (double));
  if (!factor_cholesky (factor, n))
    return solve_by_eigen (g, n, rows, n_rows);
  dpotrs_ ("L", &size, &n_rhs, factor, &size, rows, &size, &info);
  return TRUE;
}

gboolean
cpac_whiten_symmetric (double *g, guint n)
{
  int size = (int) n, info;

  if (n == 0)
    return TRUE;
  /* Our lower triangle is Fortran's upper one: G = U^T U with L = U^T. */
  dpotrf_ ("U", &size, g, &size, &info);
  if (info == 0)
    dtrtri_ ("U", "N", &size, g, &size, &info);
  for (gsize i = 0; i < n; i++)
    for (gsize j = i + 1; j < n; j++)
      g[i * n + j] = 0;
  return info == 0;
}

gboolean
cpac_eigen_symmetric (double *matrix, guint n, double *values)
{
  int size = (int) n, n_work = -1, info;
  double best;
  g_autofree double *work = NULL;

  if (!all_finite (matrix, (gsize) n * n))
    return FALSE;
  if (n == 0)
    return TRUE;
  dsyev_ ("V", "L", &size, matrix, &size, values, &best, &n_work, &info);
  n_work = (int) best;
  work = g_new (double, n_work);
  dsyev_ ("V", "L", &size, matrix, &size, values, work, &n_work, &info);
  return info == 0;
}

gboolean
cpac_svd (double *matrix, guint m, guint n, double *u, double *s, double *vt)
{
  int rows = (int) n, columns = (int) m, k = MIN (rows, columns), n_work = -1, info;
  double best;
  g_autofree double *work = NULL;
  g_autofree int *iwork = g_new (int, 8 * (gsize) k);

  if (!all_finite (matrix, (gsize) m * n))
    return FALSE;
  if (k == 0)
    return TRUE;
  /* A^T = V diag (s) U^T: Fortran's left vectors, by columns, are our V^T by rows. */
  dgesdd_ ("S", &rows, &columns, matrix, &rows, s, vt, &rows, u, &k, &best, &n_work, iwork, &info);
  n_work = (int) best;
  work = g_new (double, n_work);
  dgesdd_ ("S", &rows, &columns, matrix, &rows, s, vt, &rows, u, &k, work, &n_work, iwork, &info);
  return info == 0;
}
