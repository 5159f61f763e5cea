/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/cp/cp-private.h"

#include <math.h>
#include <string.h>

#include "core/tensor/linalg.h"

/* Added to the diagonal, relative to its mean: channels that are silent or the same on all pictures
 * are not free to become anything. */
#define RIDGE 1e-3

/* @l = S + ridge and @undo = W = L^-1, lower triangular; then L = S W^T. */
static gboolean
factor (const double *s, guint n, double *l, double *undo)
{
  g_autofree double *regular = g_memdup2 (s, (gsize) n * n * sizeof (double));
  double mean = 0;

  for (gsize i = 0; i < n; i++)
    mean += s[i * n + i] / n;
  if (!isfinite (mean) || mean < 0)
    return FALSE;
  for (gsize i = 0; i < n; i++)
    regular[i * n + i] += mean > 0 ? RIDGE * mean : 1;
  memcpy (undo, regular, (gsize) n * n * sizeof (double));
  if (!cpac_whiten_symmetric (undo, n))
    return FALSE;
  cpac_dgemm (FALSE, TRUE, n, n, n, 1, regular, n, undo, n, 0, l, n);
  return TRUE;
}

gboolean
cpac_cp_weigh_channels (double *k, const guint dims[4], const double *s, double *undo)
{
  guint n = dims[3], n_taps = dims[1] * dims[2];
  gsize slice = (gsize) n * n_taps;
  g_autofree double *l = g_new (double, (gsize) n *n), *copy = g_new (double, slice);

  if (!factor (s, n, l, undo))
    return FALSE;
  for (gsize f = 0; f < dims[0]; f++) {
    memcpy (copy, k + f * slice, slice * sizeof (double));
    cpac_dgemm (TRUE, FALSE, n, n_taps, n, 1, l, n, copy, n_taps, 0, k + f * slice, n_taps);
  }
  return TRUE;
}

void
cpac_cp_unweigh_channels (CpacCpModel *model, const double *undo)
{
  guint n = model->dims[3];
  g_autofree double *d = g_memdup2 (model->u[3], (gsize) n * model->rank * sizeof (double));

  cpac_dgemm (TRUE, FALSE, n, model->rank, n, 1, undo, n, d, model->rank, 0, model->u[3],
              model->rank);
}
