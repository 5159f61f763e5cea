/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include <math.h>

#include "core/tensor/linalg.h"

static const guint sizes[] = { 1, 2, 3, 5, 17, 65 };

static double *
random_values (gsize n, GRand *random)
{
  double *values = g_new (double, n);

  for (gsize i = 0; i < n; i++)
    values[i] = g_rand_double_range (random, -1, 1);
  return values;
}

static float *
to_float (const double *values, gsize n)
{
  float *out = g_new (float, n);

  for (gsize i = 0; i < n; i++)
    out[i] = (float) values[i];
  return out;
}

typedef struct {
  guint m, n, k;
  gboolean trans_a, trans_b;
  guint gap; /* elements between stored rows */
  double alpha, beta;
} Product;

static const Product products[] = {
  { 1, 1, 1, FALSE, FALSE, 0, 1, 0 },   { 2, 3, 5, FALSE, FALSE, 0, 1, 0 },
  { 3, 2, 5, TRUE, FALSE, 0, 1, 1 },    { 5, 17, 3, FALSE, TRUE, 2, -0.5, 0 },
  { 17, 5, 2, TRUE, TRUE, 1, 2, -1 },   { 65, 1, 17, FALSE, FALSE, 3, 1, 0.5 },
  { 1, 65, 253, TRUE, FALSE, 0, 1, 0 }, { 33, 34, 35, FALSE, TRUE, 0, 1, 0 },
};

static double
entry (const double *matrix, guint stride, gboolean trans, guint i, guint j)
{
  return trans ? matrix[(gsize) j * stride + i] : matrix[(gsize) i * stride + j];
}

static void
test_product (gconstpointer data)
{
  const Product *p = data;
  guint lda = (p->trans_a ? p->m : p->k) + p->gap, ldb = (p->trans_b ? p->k : p->n) + p->gap;
  guint ldc = p->n + p->gap;
  gsize n_a = (gsize) lda * MAX (p->m, p->k), n_b = (gsize) ldb * MAX (p->n, p->k);
  gsize n_c = (gsize) ldc * p->m;
  GRand *random = g_rand_new_with_seed (1);
  g_autofree double *a = random_values (n_a, random), *b = random_values (n_b, random);
  g_autofree double *c = random_values (n_c, random), *expected = g_memdup2 (c, n_c * sizeof *c);
  g_autofree float *fa = to_float (a, n_a), *fb = to_float (b, n_b), *fc = to_float (c, n_c);

  for (guint i = 0; i < p->m; i++)
    for (guint j = 0; j < p->n; j++) {
      double sum = 0;

      for (guint l = 0; l < p->k; l++)
        sum += entry (a, lda, p->trans_a, i, l) * entry (b, ldb, p->trans_b, l, j);
      expected[(gsize) i * ldc + j] = p->alpha * sum + p->beta * expected[(gsize) i * ldc + j];
      /* beta 0 overwrites whatever was there. */
      if (p->beta == 0)
        c[(gsize) i * ldc + j] = fc[(gsize) i * ldc + j] = NAN;
    }
  cpac_dgemm (p->trans_a, p->trans_b, p->m, p->n, p->k, p->alpha, a, lda, b, ldb, p->beta, c, ldc);
  cpac_sgemm (p->trans_a, p->trans_b, p->m, p->n, p->k, (float) p->alpha, fa, lda, fb, ldb,
              (float) p->beta, fc, ldc);
  /* k + 1 terms of at most 2, each rounded a few times; the gaps come back untouched. */
  for (gsize i = 0; i < n_c; i++) {
    g_assert_cmpfloat_with_epsilon (c[i], expected[i], 8 * 0x1p-53 * (p->k + 1));
    g_assert_cmpfloat_with_epsilon (fc[i], expected[i], 8 * 0x1p-24 * (p->k + 1));
  }
  g_rand_free (random);
}

static void
test_product_empty (void)
{
  double c = 7;
  float f = 7;

  cpac_dgemm (FALSE, FALSE, 0, 1, 1, 1, &c, 1, &c, 1, 0, &c, 1);
  cpac_sgemm (FALSE, FALSE, 1, 0, 1, 1, &f, 1, &f, 0, 0, &f, 0);
  g_assert_cmpfloat (c, ==, 7);
  g_assert_cmpfloat (f, ==, 7);
}

/* G = B^T B of B (n_b, n): of full rank when n_b >= n. */
static double *
gram_of (const double *b, guint n_b, guint n)
{
  double *g = g_new0 (double, (gsize) n *n);

  for (guint l = 0; l < n_b; l++)
    for (guint i = 0; i < n; i++)
      for (guint j = 0; j < n; j++)
        g[i * n + j] += b[l * n + i] * b[l * n + j];
  return g;
}

/* x G for a known x must give it back: error at most some condition number x 2^-53. */
static void
test_solve (void)
{
  GRand *random = g_rand_new_with_seed (2);

  for (guint t = 0; t < G_N_ELEMENTS (sizes); t++) {
    guint n = sizes[t], n_rows = 3;
    g_autofree double *b = random_values ((gsize) 4 * n * n, random);
    g_autofree double *g = gram_of (b, 4 * n, n);
    g_autofree double *x = random_values ((gsize) n_rows * n, random);
    g_autofree double *rows = g_new0 (double, n_rows *n);

    for (guint i = 0; i < n_rows; i++)
      for (guint j = 0; j < n; j++)
        for (guint l = 0; l < n; l++)
          rows[i * n + j] += x[i * n + l] * g[l * n + j];
    g_assert_true (cpac_solve_symmetric (g, n, rows, n_rows));
    for (guint i = 0; i < n_rows * n; i++)
      g_assert_cmpfloat_with_epsilon (rows[i], x[i], 1e-11);
  }
  g_rand_free (random);
}

/* G = [[1,1],[1,1]]: the smallest x with x G = (2,2) is (1,1), and what G cannot reach of (3,1),
 * its difference, is ignored. Of rank 0 nothing can be reached. */
static void
test_solve_singular (void)
{
  double ones[] = { 1, 1, 1, 1 }, rows[] = { 2, 2, 3, 1 }, zeros[4] = { 0 }, row[] = { 5, 6 };

  g_assert_true (cpac_solve_symmetric (ones, 2, rows, 2));
  for (guint i = 0; i < 4; i++)
    g_assert_cmpfloat_with_epsilon (rows[i], 1, 1e-14);
  g_assert_true (cpac_solve_symmetric (zeros, 2, row, 1));
  g_assert_cmpfloat (row[0], ==, 0);
  g_assert_cmpfloat (row[1], ==, 0);
}

/* One rounding error away from singular: Cholesky passes, and would answer with 2^52. */
static void
test_solve_nearly_singular (void)
{
  double g[] = { 1, 1, 1, 1 + 0x1p-52 }, rows[] = { 3, 1 };

  g_assert_true (cpac_solve_symmetric (g, 2, rows, 1));
  g_assert_cmpfloat_with_epsilon (rows[0], 1, 1e-14);
  g_assert_cmpfloat_with_epsilon (rows[1], 1, 1e-14);
}

/* Of rank 3 in 17 dimensions: rounding alone may let Cholesky pass, with answers of 10^8. */
static void
test_solve_rank_deficient (void)
{
  const guint n = 17, n_b = 3;
  GRand *random = g_rand_new_with_seed (3);
  g_autofree double *b = random_values ((gsize) n_b * n, random);
  g_autofree double *g = gram_of (b, n_b, n);
  g_autofree double *rows = g_memdup2 (g, (gsize) n * n * sizeof *g);
  g_autofree double *back = g_new0 (double, n *n);
  g_autofree double *kept = g_memdup2 (g, (gsize) n * n * sizeof *g);

  g_assert_true (cpac_solve_symmetric (g, n, rows, n));
  for (guint i = 0; i < n; i++)
    for (guint j = 0; j < n; j++)
      for (guint l = 0; l < n; l++)
        back[i * n + j] += rows[i * n + l] * kept[l * n + j];
  for (guint i = 0; i < n * n; i++) {
    g_assert_cmpfloat_with_epsilon (back[i], kept[i], 1e-11);
    /* G G^+ is a projection: no entry beyond 1. */
    g_assert_cmpfloat (fabs (rows[i]), <, 1 + 1e-9);
  }
  g_rand_free (random);
}

/* w, V of a symmetric matrix: V's rows orthonormal, w ascending, V^T diag (w) V the matrix. */
static void
test_eigen (void)
{
  GRand *random = g_rand_new_with_seed (4);

  for (guint t = 0; t < G_N_ELEMENTS (sizes); t++) {
    guint n = sizes[t];
    g_autofree double *b = random_values ((gsize) n * n, random);
    g_autofree double *matrix = g_new (double, n *n);
    g_autofree double *vectors = NULL;
    g_autofree double *values = g_new (double, n);

    for (guint i = 0; i < n; i++)
      for (guint j = 0; j < n; j++)
        matrix[i * n + j] = b[i * n + j] + b[j * n + i];
    vectors = g_memdup2 (matrix, (gsize) n * n * sizeof *matrix);
    g_assert_true (cpac_eigen_symmetric (vectors, n, values));
    for (guint i = 0; i < n; i++) {
      g_assert_true (i == 0 || values[i - 1] <= values[i]);
      for (guint j = 0; j < n; j++) {
        double rebuilt = 0, dot = 0;

        for (guint l = 0; l < n; l++) {
          rebuilt += values[l] * vectors[l * n + i] * vectors[l * n + j];
          dot += vectors[i * n + l] * vectors[j * n + l];
        }
        g_assert_cmpfloat_with_epsilon (rebuilt, matrix[i * n + j], 1e-12 * n);
        g_assert_cmpfloat_with_epsilon (dot, i == j, 1e-13 * n);
      }
    }
  }
  g_rand_free (random);
}

static void
test_svd (void)
{
  static const guint shapes[][2] = { { 1, 1 }, { 1, 5 }, { 5, 1 }, { 3, 17 }, { 17, 3 }, { 9, 9 } };
  GRand *random = g_rand_new_with_seed (6);

  for (guint t = 0; t < G_N_ELEMENTS (shapes); t++) {
    guint m = shapes[t][0], n = shapes[t][1], k = MIN (m, n);
    g_autofree double *matrix = random_values ((gsize) m * n, random);
    g_autofree double *kept = g_memdup2 (matrix, (gsize) m * n * sizeof *matrix);
    g_autofree double *u = g_new (double, m *k), *s = g_new (double, k);
    g_autofree double *vt = g_new (double, k *n);

    g_assert_true (cpac_svd (matrix, m, n, u, s, vt));
    for (guint i = 0; i < m; i++)
      for (guint j = 0; j < n; j++) {
        double rebuilt = 0;

        for (guint l = 0; l < k; l++)
          rebuilt += u[i * k + l] * s[l] * vt[l * n + j];
        g_assert_cmpfloat_with_epsilon (rebuilt, kept[i * n + j], 1e-13);
      }
    for (guint l = 0; l < k; l++) {
      double norm = 0;

      for (guint j = 0; j < n; j++)
        norm += vt[l * n + j] * vt[l * n + j];
      g_assert_cmpfloat_with_epsilon (norm, 1, 1e-13);
      g_assert_true (s[l] >= 0 && (l == 0 || s[l] <= s[l - 1]));
    }
  }
  g_rand_free (random);
}

static void
test_not_finite (void)
{
  double good[] = { 1 }, bad[] = { NAN }, infinite[] = { INFINITY }, out[3];

  g_assert_false (cpac_solve_symmetric (bad, 1, good, 1));
  g_assert_false (cpac_solve_symmetric (good, 1, infinite, 1));
  g_assert_false (cpac_eigen_symmetric (infinite, 1, out));
  g_assert_false (cpac_svd (bad, 1, 1, &out[0], &out[1], &out[2]));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  cpac_linalg_init ();
  for (guint i = 0; i < G_N_ELEMENTS (products); i++) {
    g_autofree char *path = g_strdup_printf ("/linalg/product/%u", i);

    g_test_add_data_func (path, &products[i], test_product);
  }
  g_test_add_func ("/linalg/product-empty", test_product_empty);
  g_test_add_func ("/linalg/solve", test_solve);
  g_test_add_func ("/linalg/solve-singular", test_solve_singular);
  g_test_add_func ("/linalg/solve-nearly-singular", test_solve_nearly_singular);
  g_test_add_func ("/linalg/solve-rank-deficient", test_solve_rank_deficient);
  g_test_add_func ("/linalg/eigen", test_eigen);
  g_test_add_func ("/linalg/svd", test_svd);
  g_test_add_func ("/linalg/not-finite", test_not_finite);
  return g_test_run ();
}
