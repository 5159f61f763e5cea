/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* One factor of a CP-decomposed kernel by least squares on outputs, the others held. */

#include <math.h>
#include <string.h>

#include "core/cp/regress-private.h"
#include "core/tensor/linalg.h"

void
cpac_cp_regressor_update_w (CpacCpRegressor *r)
{
  gsize rank = r->rank;
  guint n_taps = (guint) r->n_taps;
  double *w = r->w;

  for (gsize y = 0; y < r->dims[1]; y++)
    for (gsize x = 0; x < r->dims[2]; x++)
      for (gsize s = 0; s < r->dims[3]; s++)
        for (gsize k = 0; k < rank; k++)
          *w++ = r->u[1][y * rank + k] * r->u[2][x * rank + k] * r->u[3][s * rank + k];
  cpac_dgemm (FALSE, FALSE, n_taps, r->rank, n_taps, 1, r->s, n_taps, r->w, r->rank, 0, r->sw,
              r->rank);
}

void
cpac_cp_regressor_update_a (CpacCpRegressor *r)
{
  guint rank = r->rank, n = r->dims[0], n_taps = (guint) r->n_taps;

  cpac_dgemm (TRUE, FALSE, rank, rank, n, 1, r->u[0], rank, r->u[0], rank, 0, r->aa, rank);
  cpac_dgemm (TRUE, FALSE, n_taps, rank, n, 1, r->t, n_taps, r->u[0], rank, 0, r->ta, rank);
}

/* A column that came out as nothing takes its component along; it keeps a direction, so that it can
 * come back. */
void
cpac_cp_regressor_normalize (CpacCpRegressor *r, guint mode)
{
  guint dim = r->dims[mode], rank = r->rank;

  for (guint k = 0; k < rank; k++) {
    double norm = cpac_cp_normalize_column (r->u[mode], dim, rank, k);

    for (gsize n = 0; n < r->dims[0]; n++)
      r->u[0][n * rank + k] *= norm;
    for (gsize i = 0; norm == 0 && i < dim; i++)
      r->u[mode][i * rank + k] = 1 / sqrt (dim);
  }
}

/* ---- a ---- */

/* a (W^T S W + mu) = T W */
gboolean
cpac_cp_regressor_solve_a (CpacCpRegressor *r)
{
  guint rank = r->rank, n = r->dims[0], n_taps = (guint) r->n_taps;
  g_autofree double *g = g_new (double, (gsize) rank *rank);
  g_autofree double *a = g_new (double, (gsize) n *rank);

  cpac_dgemm (TRUE, FALSE, rank, rank, n_taps, 1, r->w, rank, r->sw, rank, 0, g, rank);
  cpac_dgemm (FALSE, FALSE, n, rank, n_taps, 1, r->t, n_taps, r->w, rank, 0, a, rank);
  for (gsize k = 0; k < rank; k++)
    g[k * rank + k] += r->mu * r->scale;
  if (!cpac_solve_symmetric (g, rank, a, n))
    return FALSE;
  memcpy (r->u[0], a, (gsize) n * rank * sizeof (double));
  return TRUE;
}

/* ---- b and c ---- */

typedef struct {
  CpacCpRegressor *r;
  guint mode, other;
  double *v;  /* (taps, C, R): what one entry of the factor is multiplied with at each tap */
  double *sv; /* (P, R): S times that of the taps of one entry */
  double *g;  /* (dim R, dim R) */
  double *h;  /* (dim R) */
} Taps;

static guint
index_of (const Taps *taps, guint mode, guint tap)
{
  guint width = taps->r->dims[2];

  return mode == 1 ? tap / width : tap % width;
}

static void
fill_v (Taps *taps)
{
  const CpacCpRegressor *r = taps->r;
  guint n = r->dims[1] * r->dims[2];
  double *v = taps->v;

  for (guint tap = 0; tap < n; tap++) {
    const double *other = r->u[taps->other] + (gsize) index_of (taps, taps->other, tap) * r->rank;

    for (gsize s = 0; s < r->dims[3]; s++)
      for (guint k = 0; k < r->rank; k++)
        *v++ = other[k] * r->u[3][s * r->rank + k];
  }
}

/* Rows of G for entry @to: sum over its taps of V^T S V, times a^T a. */
static void
add_block (Taps *taps, guint from, guint to)
{
  const CpacCpRegressor *r = taps->r;
  guint rank = r->rank, n_channels = r->dims[3], side = r->dims[taps->mode] * rank;
  double *g = taps->g + (gsize) to * rank * side + (gsize) from * rank;
  gboolean first = TRUE;

  for (guint tap = 0; tap < r->dims[1] * r->dims[2]; tap++) {
    gsize block = (gsize) tap * n_channels * rank;

    if (index_of (taps, taps->mode, tap) != to)
      continue;
    cpac_dgemm (TRUE, FALSE, rank, rank, n_channels, 1, taps->v + block, rank, taps->sv + block,
                rank, first ? 0 : 1, g, side);
    first = FALSE;
  }
  for (gsize k = 0; k < rank; k++)
    for (gsize q = 0; q < rank; q++)
      g[k * side + q] *= r->aa[k * rank + q];
}

static void
fill_equations (Taps *taps)
{
  const CpacCpRegressor *r = taps->r;
  guint rank = r->rank, n_channels = r->dims[3], n_taps = (guint) r->n_taps;

  for (guint from = 0; from < r->dims[taps->mode]; from++) {
    gboolean first = TRUE;

    for (guint tap = 0; tap < r->dims[1] * r->dims[2]; tap++) {
      gsize column = (gsize) tap * n_channels;

      if (index_of (taps, taps->mode, tap) != from)
        continue;
      cpac_dgemm (FALSE, FALSE, n_taps, rank, n_channels, 1, r->s + column, n_taps,
                  taps->v + column * rank, rank, first ? 0 : 1, taps->sv, rank);
      first = FALSE;
    }
    for (guint to = 0; to < r->dims[taps->mode]; to++)
      add_block (taps, from, to);
  }
  for (guint tap = 0; tap < r->dims[1] * r->dims[2]; tap++)
    for (gsize i = (gsize) tap * n_channels; i < (gsize) (tap + 1) * n_channels; i++)
      for (gsize k = 0; k < rank; k++)
        taps->h[(gsize) index_of (taps, taps->mode, tap) * rank + k] +=
            r->ta[i * rank + k] * taps->v[i * rank + k];
}

static gboolean
solve_taps (Taps *taps)
{
  CpacCpRegressor *r = taps->r;
  guint n = r->dims[taps->mode] * r->rank;

  fill_v (taps);
  fill_equations (taps);
  for (guint i = 0; i < n; i++)
    taps->g[(gsize) i * n + i] += cpac_cp_regressor_get_penalty (r, i % r->rank);
  if (!cpac_solve_symmetric (taps->g, n, taps->h, 1))
    return FALSE;
  memcpy (r->u[taps->mode], taps->h, n * sizeof (double));
  cpac_cp_regressor_normalize (r, taps->mode);
  return TRUE;
}

gboolean
cpac_cp_regressor_solve_taps (CpacCpRegressor *r, guint mode)
{
  Taps taps = { .r = r, .mode = mode, .other = 3 - mode };
  gsize n = (gsize) r->dims[mode] * r->rank;
  gboolean ok;

  taps.v = g_new (double, r->n_taps * r->rank);
  taps.sv = g_new (double, r->n_taps * r->rank);
  taps.g = g_new (double, n *n);
  taps.h = g_new0 (double, n);
  ok = solve_taps (&taps);
  g_free (taps.v);
  g_free (taps.sv);
  g_free (taps.g);
  g_free (taps.h);
  return ok;
}
