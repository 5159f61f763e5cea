/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/cp/cp-private.h"

#include <math.h>

#include "core/tensor/linalg.h"

/* Six matrices of R^2 doubles are needed: 3 GiB. */
#define MAX_RANK 8192

void
cpac_cp_free (CpacCp *cp)
{
  if (cp == NULL)
    return;
  cpac_tensor_free (cp->a);
  cpac_tensor_free (cp->b);
  cpac_tensor_free (cp->c);
  cpac_tensor_free (cp->d);
  g_free (cp);
}

static gboolean
check_shape (const CpacTensor *kernel, guint rank, GError **error)
{
  g_autofree char *shape = cpac_shape_to_string (&kernel->shape);
  gboolean good = kernel->shape.n_dims == CPAC_CP_MODES;

  for (guint i = 0; good && i < CPAC_CP_MODES; i++)
    good = kernel->shape.dims[i] > 0 && kernel->shape.dims[i] <= G_MAXINT;
  if (!good) {
    g_set_error (error, CPAC_ERROR, CPAC_ERROR_SHAPE,
                 "cannot decompose a kernel of shape %s: expected filters x channels x height x "
                 "width, each at least 1",
                 shape);
    return FALSE;
  }
  if (rank == 0 || rank > MAX_RANK) {
    g_set_error (error, CPAC_ERROR, CPAC_ERROR_SHAPE,
                 "cannot decompose a kernel of shape %s: rank %u is not in 1 to %d", shape, rank,
                 MAX_RANK);
    return FALSE;
  }
  return TRUE;
}

/* The kernel in double. (transfer full) */
static double *
widen (const CpacTensor *kernel)
{
  gsize n = cpac_shape_count (&kernel->shape);
  double *k = g_new (double, n);

  for (gsize i = 0; i < n; i++)
    k[i] = kernel->data[i];
  return k;
}

/* Divides @k by its norm, which it returns: 0 or not finite where that cannot be done. */
static double
normalize (double *k, gsize n, GError **error)
{
  double sum = 0, norm;

  for (gsize i = 0; i < n; i++)
    sum += k[i] * k[i];
  norm = sqrt (sum);
  if (!isfinite (norm) || norm == 0) {
    g_set_error (error, CPAC_ERROR, CPAC_ERROR_NUMERIC,
                 norm == 0 ? "cannot decompose a kernel that is zero"
                           : "cannot decompose a kernel with values that are not finite");
    return 0;
  }
  for (gsize i = 0; i < n; i++)
    k[i] /= norm;
  return norm;
}

/* The largest rank a kernel can have: without its largest dimension, any is a sum of that many
 * vectors times unit tensors. */
static guint
largest_rank (const guint dims[4], guint rank)
{
  guint64 product = 1, longest = 1;

  for (guint m = 0; m < CPAC_CP_MODES; m++)
    longest = MAX (longest, dims[m]);
  for (guint m = 0; m < CPAC_CP_MODES; m++)
    product *= dims[m];
  return (guint) MIN (rank, product / longest);
}

/* Factor @mode of @model, in floats and with zero columns up to @rank. (transfer full) */
static CpacTensor *
factor_of (const CpacCpModel *model, guint mode, guint rank, double norm)
{
  guint dim = model->dims[mode];
  CpacTensor *factor = cpac_tensor_new (CPAC_SHAPE (dim, rank));

  for (gsize i = 0; i < dim; i++)
    for (guint r = 0; r < model->rank; r++) {
      double value = model->u[mode][i * model->rank + r];

      factor->data[i * rank + r] = (float) (mode == 0 ? value * model->lambda[r] * norm : value);
    }
  return factor;
}

/* 1 - ||K - K^|| / ||K|| of the factors as they are handed out, K and so the errors divided by
 * @norm. */
static double
measure_fit (const double *k, double norm, float *const factors[4], const guint dims[4], guint rank)
{
  double *u[CPAC_CP_MODES], error;

  for (guint m = 0; m < CPAC_CP_MODES; m++) {
    gsize n = (gsize) dims[m] * rank;

    u[m] = g_new (double, n);
    for (gsize i = 0; i < n; i++)
      u[m][i] = m == 0 ? factors[m][i] / norm : factors[m][i];
  }
  error = sqrt (cpac_cp_residual (k, u, dims, rank));
  for (guint m = 0; m < CPAC_CP_MODES; m++)
    g_free (u[m]);
  return 1 - error;
}

static CpacCp *
finish (const CpacCpModel *model, guint rank, const double *k, double norm)
{
  CpacCp *cp = g_new0 (CpacCp, 1);
  CpacTensor **tensors[CPAC_CP_MODES] = { &cp->a, &cp->b, &cp->c, &cp->d };
  float *factors[CPAC_CP_MODES];

  cp->rank = rank;
  cp->n_sweeps = model->n_sweeps;
  for (guint m = 0; m < CPAC_CP_MODES; m++) {
    *tensors[m] = factor_of (model, m, rank, norm);
    factors[m] = (*tensors[m])->data;
  }
  cpac_cp_canonicalize (factors, model->dims, rank);
  cp->fit = measure_fit (k, norm, factors, model->dims, rank);
  cp->degeneracy = cpac_cp_degeneracy ((const float *const *) factors, model->dims, rank);
  cp->congruence = cpac_cp_congruence ((const float *const *) factors, model->dims, rank);
  return cp;
}

/* Decomposes @k, which is of norm 1 but for the channels' weights. (transfer full) */
static CpacCpModel *
decompose (const double *k, const guint dims[4], guint rank, const CpacCpOptions *options,
           GError **error)
{
  g_autoptr (CpacCpModel) model = cpac_cp_model_new (dims, largest_rank (dims, rank));

  if (!cpac_cp_is_matrix (dims))
    cpac_cp_decompose (model, k, options);
  else if (!cpac_cp_decompose_matrix (model, k)) {
    g_set_error_literal (error, CPAC_ERROR, CPAC_ERROR_NUMERIC,
                         "the singular value decomposition of the kernel did not converge");
    return NULL;
  }
  return g_steal_pointer (&model);
}

/* The same with the error of outputs instead of the kernel's. */
static CpacCpModel *
decompose_weighted (const double *k, const guint dims[4], guint rank, const CpacCpOptions *options,
                    GError **error)
{
  gsize n = (gsize) dims[0] * dims[1] * dims[2] * dims[3];
  g_autofree double *weighted = g_memdup2 (k, n * sizeof (double));
  g_autofree double *undo = g_new (double, (gsize) dims[3] * dims[3]);
  CpacCpModel *model;
  double norm;

  if (!cpac_cp_weigh_channels (weighted, dims, options->channels, undo)) {
    g_set_error_literal (error, CPAC_ERROR, CPAC_ERROR_NUMERIC,
                         "the second moments of the channels are no such matrix: expected it to be "
                         "symmetric and positive semidefinite");
    return NULL;
  }
  norm = normalize (weighted, n, error);
  model = norm > 0 ? decompose (weighted, dims, rank, options, error) : NULL;
  if (model == NULL)
    return NULL;
  cpac_cp_unweigh_channels (model, undo);
  for (guint r = 0; r < model->rank; r++)
    model->lambda[r] *= norm;
  return model;
}

static gboolean
check_result (const CpacCp *cp, double norm, double max_degeneracy, GError **error)
{
  if (!isfinite (cp->fit)) {
    g_set_error (error, CPAC_ERROR, CPAC_ERROR_NUMERIC,
                 "the factors of a kernel of norm %g do not fit 32-bit floats", norm);
    return FALSE;
  }
  if (cp->degeneracy > max_degeneracy) {
    g_set_error (error, CPAC_ERROR, CPAC_ERROR_NUMERIC,
                 "the %u components cancel each other: their energies are %.3g times that of the "
                 "kernel, at most %g times is taken; another rank may do",
                 cp->rank, cp->degeneracy, max_degeneracy);
    return FALSE;
  }
  return TRUE;
}

CpacCp *
cpac_cp_als (const CpacTensor *kernel, guint rank, const CpacCpOptions *options, GError **error)
{
  static const CpacCpOptions defaults = CPAC_CP_OPTIONS_INIT;
  guint dims[CPAC_CP_MODES];
  double norm;
  g_autofree double *k = NULL;
  g_autoptr (CpacCpModel) model = NULL;
  g_autoptr (CpacCp) cp = NULL;

  if (options == NULL)
    options = &defaults;
  g_return_val_if_fail (options->ridge >= 0 && options->tolerance >= 0, NULL);
  if (!check_shape (kernel, rank, error))
    return NULL;
  for (guint i = 0; i < CPAC_CP_MODES; i++)
    dims[i] = (guint) kernel->shape.dims[(guint[]){ 0, 2, 3, 1 }[i]];
  k = widen (kernel);
  norm = normalize (k, cpac_shape_count (&kernel->shape), error);
  if (norm == 0)
    return NULL;

  cpac_linalg_init ();
  model = options->channels != NULL ? decompose_weighted (k, dims, rank, options, error)
                                    : decompose (k, dims, rank, options, error);
  if (model == NULL)
    return NULL;
  cp = finish (model, rank, k, norm);
  return check_result (cp, norm, options->max_degeneracy, error) ? g_steal_pointer (&cp) : NULL;
}
