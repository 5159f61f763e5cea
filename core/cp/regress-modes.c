/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* One factor of a CP-decomposed kernel by least squares on outputs, the others held. */

#include <math.h>
#include <string.h>

#include "core/cp/regress-private.h"
#include "core/tensor/linalg.h"

/* Conjugate gradient steps for d, in each sweep: it starts from the last sweep's answer. */
#define MAX_STEPS 12
/* They end when the squared residual is so much smaller. */
#define STEP_TOLERANCE 1e-8

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

/* mu lambda^2 = mu ||a_r||^2 ||u_r||^2 with u the factor that is solved for. */
static double
penalty_of (const CpacCpRegressor *r, guint component)
{
  return r->mu * r->scale * r->aa[(gsize) component * r->rank + component];
}

static gboolean
solve_taps (Taps *taps)
{
  CpacCpRegressor *r = taps->r;
  guint n = r->dims[taps->mode] * r->rank;

  fill_v (taps);
  fill_equations (taps);
  for (guint i = 0; i < n; i++)
    taps->g[(gsize) i * n + i] += penalty_of (r, i % r->rank);
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

/* ---- d ---- */

/*
 * G d = h with G[(s,r),(s',r')] = (a^T a)[r,r'] sum over taps t, t' of p[t,r] S[(t,s),(t',s')]
 * p[t',r'], p = b . c, which is applied without being formed: d to W, then S W, then W's rows back.
 * Preconditioned by its blocks of one channel, in which components compete.
 */
typedef struct {
  CpacCpRegressor *r;
  double *p;      /* (taps, R) */
  double *w, *sw; /* (P, R) */
  double *z;      /* (P, R): S W a^T a */
  double *blocks; /* (C, R, R): W of cpac_whiten_symmetric(), W^T W the block's inverse */
} Channels;

static void
fill_p (Channels *c)
{
  const CpacCpRegressor *r = c->r;

  cpac_cp_khatri_rao (r->u[1], r->dims[1], r->u[2], r->dims[2], r->rank, c->p);
}

/* @out (C, R) = sum over taps of @rows (P, R) times p. */
static void
gather (const Channels *c, const double *rows, double *out)
{
  const CpacCpRegressor *r = c->r;
  gsize rank = r->rank, n_channels = r->dims[3];

  memset (out, 0, n_channels * rank * sizeof (double));
  for (gsize tap = 0; tap < (gsize) r->dims[1] * r->dims[2]; tap++)
    for (gsize s = 0; s < n_channels; s++, rows += rank)
      for (gsize k = 0; k < rank; k++)
        out[s * rank + k] += rows[k] * c->p[tap * rank + k];
}

/* W (P, R) of the channels' factor @d. */
static void
spread (const Channels *c, const double *d, double *w)
{
  const CpacCpRegressor *r = c->r;
  gsize rank = r->rank, n_channels = r->dims[3];

  for (gsize tap = 0; tap < (gsize) r->dims[1] * r->dims[2]; tap++)
    for (gsize s = 0; s < n_channels; s++, w += rank)
      for (gsize k = 0; k < rank; k++)
        w[k] = d[s * rank + k] * c->p[tap * rank + k];
}

static void
apply (const Channels *c, const double *d, double *out)
{
  const CpacCpRegressor *r = c->r;
  guint rank = r->rank, n_taps = (guint) r->n_taps;
  gsize n = (gsize) r->dims[3] * rank;

  spread (c, d, c->w);
  cpac_dgemm (FALSE, FALSE, n_taps, rank, n_taps, 1, r->s, n_taps, c->w, rank, 0, c->sw, rank);
  cpac_dgemm (FALSE, FALSE, n_taps, rank, rank, 1, c->sw, rank, r->aa, rank, 0, c->z, rank);
  gather (c, c->z, out);
  for (gsize i = 0; i < n; i++)
    out[i] += penalty_of (r, (guint) (i % rank)) * d[i];
}

/* The block of channel @s: (a^T a)[r,r'] p_r^T S_ss p_r', with a little on its diagonal, since
 * dependent components make it singular. */
static gboolean
fill_block (Channels *c, guint s, double *corner, double *half)
{
  const CpacCpRegressor *r = c->r;
  guint rank = r->rank, n = r->dims[1] * r->dims[2];
  double *g = c->blocks + (gsize) s * rank * rank;

  for (gsize t = 0; t < n; t++)
    for (gsize q = 0; q < n; q++)
      corner[t * n + q] = r->s[(t * r->dims[3] + s) * r->n_taps + q * r->dims[3] + s];
  cpac_dgemm (FALSE, FALSE, n, rank, n, 1, corner, n, c->p, rank, 0, half, rank);
  cpac_dgemm (TRUE, FALSE, rank, rank, n, 1, c->p, rank, half, rank, 0, g, rank);
  for (gsize k = 0; k < rank; k++)
    for (gsize q = 0; q < rank; q++)
      g[k * rank + q] *= r->aa[k * rank + q];
  for (gsize k = 0; k < rank; k++)
    g[k * rank + k] = g[k * rank + k] * (1 + 1e-6) + penalty_of (r, (guint) k) + 1e-300;
  return cpac_whiten_symmetric (g, rank);
}

static gboolean
fill_blocks (Channels *c)
{
  const CpacCpRegressor *r = c->r;
  gsize n = (gsize) r->dims[1] * r->dims[2];
  g_autofree double *corner = g_new (double, n *n), *half = g_new (double, n * r->rank);

  for (guint s = 0; s < r->dims[3]; s++)
    if (!fill_block (c, s, corner, half))
      return FALSE;
  return TRUE;
}

/* @out = blocks^-1 @rows, both (C, R). */
static void
precondition (const Channels *c, const double *rows, double *out)
{
  gsize rank = c->r->rank;

  for (gsize s = 0; s < c->r->dims[3]; s++) {
    const double *w = c->blocks + s * rank * rank, *row = rows + s * rank;
    double *to = out + s * rank;

    memset (to, 0, rank * sizeof (double));
    for (gsize k = 0; k < rank; k++) {
      double sum = 0;

      for (gsize q = 0; q <= k; q++)
        sum += w[k * rank + q] * row[q];
      for (gsize q = 0; q <= k; q++)
        to[q] += w[k * rank + q] * sum;
    }
  }
}

static double
dot (const double *x, const double *y, gsize n)
{
  double sum = 0;

  for (gsize i = 0; i < n; i++)
    sum += x[i] * y[i];
  return sum;
}

static void
add_scaled (double *x, double by, const double *y, gsize n)
{
  for (gsize i = 0; i < n; i++)
    x[i] += by * y[i];
}

/* Conjugate gradients (Hestenes, Stiefel 1952) from @d on. */
static void
descend (const Channels *c, const double *h, double *d)
{
  gsize n = (gsize) c->r->dims[3] * c->r->rank;
  g_autofree double *rest = g_new (double, n), *step = g_new (double, n);
  g_autofree double *z = g_new (double, n), *g_step = g_new (double, n);
  double product, first;

  apply (c, d, rest);
  for (gsize i = 0; i < n; i++)
    rest[i] = h[i] - rest[i];
  precondition (c, rest, z);
  memcpy (step, z, n * sizeof (double));
  first = product = dot (rest, z, n);
  for (guint k = 0; k < MAX_STEPS && product > STEP_TOLERANCE * first; k++) {
    double curvature, length, last = product;

    apply (c, step, g_step);
    curvature = dot (step, g_step, n);
    if (!(curvature > 0))
      break;
    length = product / curvature;
    add_scaled (d, length, step, n);
    add_scaled (rest, -length, g_step, n);
    precondition (c, rest, z);
    product = dot (rest, z, n);
    for (gsize i = 0; i < n; i++)
      step[i] = z[i] + product / last * step[i];
  }
}

static gboolean
solve_channels (Channels *c)
{
  CpacCpRegressor *r = c->r;
  gsize n = (gsize) r->dims[3] * r->rank;
  g_autofree double *h = g_new (double, n), *d = g_memdup2 (r->u[3], n * sizeof (double));

  fill_p (c);
  if (!fill_blocks (c))
    return FALSE;
  gather (c, r->ta, h);
  descend (c, h, d);
  for (gsize i = 0; i < n; i++)
    if (!isfinite (d[i]))
      return FALSE;
  memcpy (r->u[3], d, n * sizeof (double));
  cpac_cp_regressor_normalize (r, 3);
  return TRUE;
}

gboolean
cpac_cp_regressor_solve_channels (CpacCpRegressor *r)
{
  gsize rank = r->rank;
  Channels c = { .r = r };
  gboolean ok;

  c.p = g_new (double, r->dims[1] * r->dims[2] * rank);
  c.w = g_new (double, r->n_taps *rank);
  c.sw = g_new (double, r->n_taps *rank);
  c.z = g_new (double, r->n_taps *rank);
  c.blocks = g_new (double, r->dims[3] * rank * rank);
  ok = solve_channels (&c);
  g_free (c.p);
  g_free (c.w);
  g_free (c.sw);
  g_free (c.z);
  g_free (c.blocks);
  return ok;
}
