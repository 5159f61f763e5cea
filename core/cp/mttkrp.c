/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/cp/cp-private.h"
#include "core/tensor/linalg.h"

/*
 * The kernel (N, C, kh, kw) is N slices K_n (C, kh kw), so that every product with the three other
 * factors is a matrix product per slice and then sums along short rows:
 *   channels: W_n (C, R) = K_n P, P (kh kw, R) = b . c;  da[n] = sum_s W_n[s] d[s],
 *                                                        dd[s] = sum_n W_n[s] a[n]
 *   taps: V (kh kw, R) = sum_n K_n^T Q_n, Q_n (C, R) = a[n] . d;  db[y] = sum_x V[y,x] c[x],
 *                                                                 dc[x] = sum_y V[y,x] b[y]
 */

static void
multiply_add_row (double *out, const double *x, const double *y, guint rank)
{
  for (guint r = 0; r < rank; r++)
    out[r] += x[r] * y[r];
}

void
cpac_cp_khatri_rao (const double *x, guint n_x, const double *y, guint n_y, guint rank, double *out)
{
  for (gsize i = 0; i < n_x; i++)
    for (gsize j = 0; j < n_y; j++)
      for (guint r = 0; r < rank; r++)
        *out++ = x[i * rank + r] * y[j * rank + r];
}

static void
clear (double *out, guint dim, guint rank)
{
  for (gsize i = 0; out != NULL && i < (gsize) dim * rank; i++)
    out[i] = 0;
}

static void
add_channels (const double *k, double *const u[4], const guint dims[4], guint rank, double *da,
              double *dd)
{
  guint n_taps = dims[1] * dims[2], n_channels = dims[3];
  g_autofree double *taps = g_new (double, (gsize) n_taps *rank);      /* P */
  g_autofree double *slice = g_new (double, (gsize) n_channels *rank); /* W_n */

  cpac_cp_khatri_rao (u[1], dims[1], u[2], dims[2], rank, taps);
  for (gsize n = 0; n < dims[0]; n++) {
    cpac_dgemm (FALSE, FALSE, n_channels, rank, n_taps, 1, k + n * n_channels * n_taps, n_taps,
                taps, rank, 0, slice, rank);
    for (gsize s = 0; s < n_channels; s++) {
      if (da != NULL)
        multiply_add_row (da + n * rank, slice + s * rank, u[3] + s * rank, rank);
      if (dd != NULL)
        multiply_add_row (dd + s * rank, slice + s * rank, u[0] + n * rank, rank);
    }
  }
}

static void
add_taps (const double *k, double *const u[4], const guint dims[4], guint rank, double *db,
          double *dc)
{
  guint n_taps = dims[1] * dims[2], n_channels = dims[3];
  g_autofree double *taps = g_new0 (double, (gsize) n_taps *rank);     /* V */
  g_autofree double *slice = g_new (double, (gsize) n_channels *rank); /* Q_n */

  for (gsize n = 0; n < dims[0]; n++) {
    cpac_cp_khatri_rao (u[0] + n * rank, 1, u[3], n_channels, rank, slice);
    cpac_dgemm (TRUE, FALSE, n_taps, rank, n_channels, 1, k + n * n_channels * n_taps, n_taps,
                slice, rank, 1, taps, rank);
  }
  for (gsize y = 0; y < dims[1]; y++)
    for (gsize x = 0; x < dims[2]; x++) {
      const double *row = taps + (y * dims[2] + x) * rank;

      if (db != NULL)
        multiply_add_row (db + y * rank, row, u[2] + x * rank, rank);
      if (dc != NULL)
        multiply_add_row (dc + x * rank, row, u[1] + y * rank, rank);
    }
}

void
cpac_cp_mttkrp_double (const double *k, double *const u[4], const guint dims[4], guint rank,
                       double *const out[4])
{
  for (guint m = 0; m < CPAC_CP_MODES; m++)
    clear (out[m], dims[m], rank);
  if (out[0] != NULL || out[3] != NULL)
    add_channels (k, u, dims, rank, out[0], out[3]);
  if (out[1] != NULL || out[2] != NULL)
    add_taps (k, u, dims, rank, out[1], out[2]);
}

void
cpac_cp_mttkrp (const double *gk, const float *const factors[4], const guint dims[4], guint rank,
                double *const out[4])
{
  double *u[CPAC_CP_MODES];

  cpac_linalg_init ();
  for (guint m = 0; m < CPAC_CP_MODES; m++) {
    gsize n = (gsize) dims[m] * rank;

    u[m] = g_new (double, n);
    for (gsize i = 0; i < n; i++)
      u[m][i] = factors[m][i];
  }
  cpac_cp_mttkrp_double (gk, u, dims, rank, out);
  for (guint m = 0; m < CPAC_CP_MODES; m++)
    g_free (u[m]);
}
