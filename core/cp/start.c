/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/cp/cp-private.h"

#include "core/random.h"
#include "core/tensor/linalg.h"

/* The unfolding of mode @mode, (dim_m, all others): @k is (outer, dim_m, inner) in its own order
 * n, s, y, x. The order of the others does not matter to the left singular vectors.
 * (transfer full) */
static double *
unfold (const double *k, const guint dims[4], guint mode)
{
  static const guint order[CPAC_CP_MODES] = { 0, 3, 1, 2 };
  gsize outer = 1, inner = 1, dim = dims[mode];
  guint place = 0;
  double *out;

  while (order[place] != mode)
    outer *= dims[order[place++]];
  while (++place < CPAC_CP_MODES)
    inner *= dims[order[place]];
  out = g_new (double, dim *outer *inner);
  for (gsize o = 0; o < outer; o++)
    for (gsize i = 0; i < dim; i++)
      for (gsize j = 0; j < inner; j++)
        out[(i * outer + o) * inner + j] = k[(o * dim + i) * inner + j];
  return out;
}

/* Leading left singular vectors of the unfolding into the first columns of the mode, as
 * eigenvectors of its Gram matrix. Returns how many columns that are. */
static guint
set_singular_vectors (CpacCpModel *model, const double *k, guint mode)
{
  guint dim = model->dims[mode], rank = model->rank, n = MIN (dim, rank);
  gsize n_others = 1;
  g_autofree double *unfolded = unfold (k, model->dims, mode);
  g_autofree double *gram = g_new (double, (gsize) dim *dim);
  g_autofree double *values = g_new (double, dim);

  for (guint m = 0; m < CPAC_CP_MODES; m++)
    n_others *= m == mode ? 1 : model->dims[m];
  cpac_dgemm (FALSE, TRUE, dim, dim, (guint) n_others, 1, unfolded, (guint) n_others, unfolded,
              (guint) n_others, 0, gram, dim);
  if (!cpac_eigen_symmetric (gram, dim, values))
    return 0;
  for (guint r = 0; r < n; r++)
    for (gsize i = 0; i < dim; i++)
      model->u[mode][i * rank + r] = gram[(gsize) (dim - 1 - r) * dim + i];
  return n;
}

static void
set_random_columns (CpacCpModel *model, guint mode, guint first, CpacRandom *random)
{
  guint dim = model->dims[mode], rank = model->rank;

  for (guint r = first; r < rank; r++) {
    for (gsize i = 0; i < dim; i++)
      model->u[mode][i * rank + r] = cpac_random_normal (random);
    cpac_cp_normalize_column (model->u[mode], dim, rank, r);
  }
}

void
cpac_cp_start (CpacCpModel *model, const double *k, guint64 seed, guint start)
{
  CpacRandom random;

  cpac_random_init (&random, seed, CPAC_STREAM_CP_START, start);
  for (guint m = 0; m < CPAC_CP_MODES; m++)
    if (model->dims[m] > 1)
      set_random_columns (model, m, start == 0 ? set_singular_vectors (model, k, m) : 0, &random);
}
