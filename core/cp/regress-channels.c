/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Factor d of a CP-decomposed kernel by least squares on outputs, the others held: more unknowns
 * than one would write equations for. */

#include <math.h>
#include <string.h>

#include "core/cp/regress-private.h"
#include "core/tensor/linalg.h"

/* Conjugate gradient steps in each sweep: it starts from the last sweep's answer. */
#define MAX_STEPS 12
/* They end when the squared residual is so much smaller. */
#define STEP_TOLERANCE 1e-8

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
    out[i] += cpac_cp_regressor_get_penalty (r, (guint) (i % rank)) * d[i];
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
    g[k * rank + k] =
        g[k * rank + k] * (1 + 1e-6) + cpac_cp_regressor_get_penalty (r, (guint) k) + 1e-300;
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
