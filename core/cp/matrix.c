/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/cp/cp-private.h"

#include <string.h>

#include "core/tensor/linalg.h"

/* The modes of the matrix' rows and columns, in the order in which the kernel (N, C, kh, kw) holds
 * them: those larger than 1, else ones that are not. Returns how many are larger. */
static guint
find_modes (const guint dims[4], guint modes[2])
{
  static const guint order[CPAC_CP_MODES] = { 0, 3, 1, 2 };
  guint n = 0;

  for (guint i = 0; i < CPAC_CP_MODES; i++)
    if (dims[order[i]] > 1) {
      if (n < 2)
        modes[n] = order[i];
      n++;
    }
  for (guint i = 0, have = n; have < 2; i++)
    if (dims[order[i]] == 1 && (have == 0 || order[i] != modes[0]))
      modes[have++] = order[i];
  return n;
}

gboolean
cpac_cp_is_matrix (const guint dims[4])
{
  guint modes[2];

  return find_modes (dims, modes) <= 2;
}

gboolean
cpac_cp_decompose_matrix (CpacCpModel *model, const double *k)
{
  guint modes[2], n_rows, n_columns, n, rank = model->rank;
  g_autofree double *matrix = NULL;
  g_autofree double *u = NULL, *s = NULL, *vt = NULL;

  find_modes (model->dims, modes);
  n_rows = model->dims[modes[0]];
  n_columns = model->dims[modes[1]];
  n = MIN (n_rows, n_columns);
  g_return_val_if_fail (rank <= n, FALSE);

  matrix = g_memdup2 (k, (gsize) n_rows * n_columns * sizeof (double));
  u = g_new (double, (gsize) n_rows *n);
  s = g_new (double, n);
  vt = g_new (double, (gsize) n *n_columns);
  if (!cpac_svd (matrix, n_rows, n_columns, u, s, vt))
    return FALSE;
  memcpy (model->lambda, s, rank * sizeof (double));
  for (guint r = 0; r < rank; r++) {
    for (gsize i = 0; i < n_rows; i++)
      model->u[modes[0]][i * rank + r] = u[i * n + r];
    for (gsize j = 0; j < n_columns; j++)
      model->u[modes[1]][j * rank + r] = vt[(gsize) r * n_columns + j];
  }
  return TRUE;
}
