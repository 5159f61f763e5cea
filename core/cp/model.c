/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/cp/cp-private.h"

#include <math.h>
#include <string.h>

#include "core/tensor/linalg.h"

CpacCpModel *
cpac_cp_model_new (const guint dims[4], guint rank)
{
  CpacCpModel *model = g_new0 (CpacCpModel, 1);

  model->rank = rank;
  model->lambda = g_new0 (double, rank);
  for (guint m = 0; m < CPAC_CP_MODES; m++) {
    model->dims[m] = dims[m];
    model->u[m] = g_new0 (double, (gsize) dims[m] * rank);
    for (guint r = 0; r < rank; r++)
      model->u[m][r] = 1;
  }
  return model;
}

void
cpac_cp_model_copy (CpacCpModel *to, const CpacCpModel *from)
{
  memcpy (to->lambda, from->lambda, from->rank * sizeof (double));
  for (guint m = 0; m < CPAC_CP_MODES; m++)
    memcpy (to->u[m], from->u[m], (gsize) from->dims[m] * from->rank * sizeof (double));
  to->error = from->error;
  to->degeneracy = from->degeneracy;
  to->n_sweeps = from->n_sweeps;
}

void
cpac_cp_model_free (CpacCpModel *model)
{
  if (model == NULL)
    return;
  for (guint m = 0; m < CPAC_CP_MODES; m++)
    g_free (model->u[m]);
  g_free (model->lambda);
  g_free (model);
}

double
cpac_cp_normalize_column (double *u, guint dim, guint rank, guint r)
{
  double sum = 0, norm;

  for (gsize i = 0; i < dim; i++)
    sum += u[i * rank + r] * u[i * rank + r];
  norm = sqrt (sum);
  for (gsize i = 0; norm > 0 && i < dim; i++)
    u[i * rank + r] /= norm;
  return norm;
}

double
cpac_cp_residual (const double *k, double *const u[4], const guint dims[4], guint rank)
{
  guint n_taps = dims[1] * dims[2], n_channels = dims[3];
  gsize n_slice = (gsize) n_channels * n_taps;
  g_autofree double *taps = g_new (double, (gsize) n_taps *rank);     /* b . c */
  g_autofree double *rows = g_new (double, (gsize) n_channels *rank); /* a[n] . d */
  g_autofree double *rest = g_new (double, n_slice);                  /* K_n - K^_n */
  double sum = 0;

  cpac_cp_khatri_rao (u[1], dims[1], u[2], dims[2], rank, taps);
  for (gsize n = 0; n < dims[0]; n++) {
    cpac_cp_khatri_rao (u[0] + n * rank, 1, u[3], n_channels, rank, rows);
    memcpy (rest, k + n * n_slice, n_slice * sizeof (double));
    cpac_dgemm (FALSE, TRUE, n_channels, n_taps, rank, -1, rows, rank, taps, rank, 1, rest, n_taps);
    for (gsize i = 0; i < n_slice; i++)
      sum += rest[i] * rest[i];
  }
  return sum;
}
