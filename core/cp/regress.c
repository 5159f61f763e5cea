/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/cp/regress.h"

#include <math.h>
#include <string.h>

#include "core/cp/regress-private.h"
#include "core/tensor/linalg.h"

#define N_CALM_SWEEPS 3
/* The weight of lambda^2: at first, at least and at most, and how fast it rises and falls. */
#define FIRST_MU 1e-3
#define LEAST_MU 1e-6
#define MOST_MU 1.0
#define RISE 3.0
#define FALL 0.5
/* 4 GiB of sums. */
#define MAX_SUMS ((guint64) 1 << 29)

/* ---- Moments ---- */

gsize
cpac_cp_moments_get_n_taps (const CpacCpMoments *moments)
{
  return (gsize) moments->dims[1] * moments->dims[2] * moments->dims[3];
}

CpacCpMoments *
cpac_cp_moments_new (const guint dims[4], gboolean bias, GError **error)
{
  guint64 n_taps = (guint64) dims[1] * dims[2] * dims[3];
  CpacCpMoments *m;

  if (n_taps > G_MAXINT || n_taps * (n_taps + dims[0]) > MAX_SUMS) {
    g_set_error (error, CPAC_ERROR, CPAC_ERROR_SHAPE,
                 "a kernel of %u filters that each read %" G_GUINT64_FORMAT
                 " values is too large to be fitted to outputs",
                 dims[0], n_taps);
    return NULL;
  }
  m = g_new0 (CpacCpMoments, 1);
  memcpy (m->dims, dims, sizeof m->dims);
  m->bias = bias;
  m->xx = g_new0 (double, n_taps *n_taps);
  m->yx = g_new0 (double, dims[0] * n_taps);
  m->x = g_new0 (double, n_taps);
  m->y = g_new0 (double, dims[0]);
  m->yy = g_new0 (double, dims[0]);
  return m;
}

void
cpac_cp_moments_free (CpacCpMoments *moments)
{
  if (moments == NULL)
    return;
  g_free (moments->xx);
  g_free (moments->yx);
  g_free (moments->x);
  g_free (moments->y);
  g_free (moments->yy);
  g_free (moments);
}

/* ---- The problem ---- */

/* Covariances where a bias takes the means away, else second moments. */
static void
set_moments (CpacCpRegressor *r, const CpacCpMoments *m)
{
  gsize n_taps = r->n_taps;
  double n = m->n, share = m->bias ? 1 : 0;

  for (gsize i = 0; i < n_taps; i++)
    for (gsize k = 0; k < n_taps; k++)
      r->s[i * n_taps + k] = (m->xx[i * n_taps + k] - share * m->x[i] / n * m->x[k]) / n;
  for (gsize f = 0; f < r->dims[0]; f++)
    for (gsize k = 0; k < n_taps; k++)
      r->t[f * n_taps + k] = (m->yx[f * n_taps + k] - share * m->y[f] / n * m->x[k]) / n;
  for (gsize f = 0; f < r->dims[0]; f++)
    r->variance += (m->yy[f] - share * m->y[f] / n * m->y[f]) / n;
  for (gsize i = 0; i < n_taps; i++)
    r->scale += r->s[i * n_taps + i] / (double) n_taps;
}

/* s ridge ||K - prior||^2 is the same problem with S + s ridge and T + s ridge prior. */
static void
add_prior (CpacCpRegressor *r, const CpacTensor *prior, double ridge)
{
  gsize n_taps = r->n_taps, n_channels = r->dims[3], n = n_taps / n_channels;
  double weight = ridge * r->scale;

  for (gsize i = 0; i < n_taps; i++)
    r->s[i * n_taps + i] += weight;
  for (gsize f = 0; prior != NULL && f < r->dims[0]; f++)
    for (gsize s = 0; s < n_channels; s++)
      for (gsize tap = 0; tap < n; tap++)
        r->t[f * n_taps + tap * n_channels + s] +=
            weight * prior->data[(f * n_channels + s) * n + tap];
}

static void
regressor_init (CpacCpRegressor *r, const CpacCpMoments *m, guint rank, float *const factors[4])
{
  *r = (CpacCpRegressor){ .rank = rank, .n_taps = cpac_cp_moments_get_n_taps (m) };
  memcpy (r->dims, m->dims, sizeof r->dims);
  r->s = g_new (double, r->n_taps * r->n_taps);
  r->t = g_new (double, r->dims[0] * r->n_taps);
  r->w = g_new (double, r->n_taps *rank);
  r->sw = g_new (double, r->n_taps *rank);
  r->ta = g_new (double, r->n_taps *rank);
  r->aa = g_new (double, (gsize) rank *rank);
  for (guint mode = 0; mode < CPAC_CP_MODES; mode++) {
    gsize n = (gsize) r->dims[mode] * rank;

    r->u[mode] = g_new (double, n);
    for (gsize i = 0; i < n; i++)
      r->u[mode][i] = factors[mode][i];
  }
}

static void
regressor_clear (CpacCpRegressor *r)
{
  g_free (r->s);
  g_free (r->t);
  g_free (r->w);
  g_free (r->sw);
  g_free (r->ta);
  g_free (r->aa);
  for (guint m = 0; m < CPAC_CP_MODES; m++)
    g_free (r->u[m]);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (CpacCpRegressor, regressor_clear)

/* ---- Measures ---- */

/* tr (K S K^T) - 2 tr (K T^T) + variance; expects W and S W, leaves a^T a and T^T a. */
static double
squared_error (CpacCpRegressor *r)
{
  gsize rank = r->rank;
  g_autofree double *g = g_new (double, rank *rank);
  double sum = r->variance;

  cpac_dgemm (TRUE, FALSE, r->rank, r->rank, (guint) r->n_taps, 1, r->w, r->rank, r->sw, r->rank, 0,
              g, r->rank);
  cpac_cp_regressor_update_a (r);
  for (gsize i = 0; i < rank * rank; i++)
    sum += g[i] * r->aa[i];
  for (gsize i = 0; i < r->n_taps * rank; i++)
    sum -= 2 * r->w[i] * r->ta[i];
  return sum;
}

/* ||K||^2 = sum_rq (a^T a)_rq (W^T W)_rq; expects W and a^T a. */
static double
get_degeneracy (const CpacCpRegressor *r)
{
  gsize rank = r->rank;
  g_autofree double *g = g_new (double, rank *rank);
  double energy = 0, components = 0;

  cpac_dgemm (TRUE, FALSE, r->rank, r->rank, (guint) r->n_taps, 1, r->w, r->rank, r->w, r->rank, 0,
              g, r->rank);
  for (gsize i = 0; i < rank * rank; i++)
    energy += g[i] * r->aa[i];
  for (gsize k = 0; k < rank; k++)
    components += g[k * rank + k] * r->aa[k * rank + k];
  if (components == 0)
    return 0;
  return energy > 0 ? components / energy : INFINITY;
}

/* K (N, P) in the order of a patch. (transfer full) */
static double *
rebuild (const CpacCpRegressor *r)
{
  double *k = g_new (double, r->dims[0] * r->n_taps);

  cpac_dgemm (FALSE, TRUE, r->dims[0], (guint) r->n_taps, r->rank, 1, r->u[0], r->rank, r->w,
              r->rank, 0, k, (guint) r->n_taps);
  return k;
}

/* 1 - ||Y - Y^|| / ||Y - mean Y||, from the moments themselves: what the prior adds is no error. */
static double
get_fit (const CpacCpRegressor *r, const CpacCpMoments *m)
{
  gsize n_taps = r->n_taps;
  double share = m->bias ? 1 / m->n : 0, error = 0, total = 0;
  g_autofree double *k = rebuild (r), *kx = g_new (double, r->dims[0] * n_taps);

  cpac_dgemm (FALSE, FALSE, r->dims[0], (guint) n_taps, (guint) n_taps, 1, k, (guint) n_taps, m->xx,
              (guint) n_taps, 0, kx, (guint) n_taps);
  for (gsize f = 0; f < r->dims[0]; f++) {
    double mean = m->y[f];

    total += m->yy[f] - m->y[f] * m->y[f] / m->n;
    for (gsize i = f * n_taps; i < (f + 1) * n_taps; i++) {
      error += k[i] * (kx[i] - 2 * m->yx[i]);
      mean -= k[i] * m->x[i - f * n_taps];
    }
    error += m->yy[f] - share * mean * mean;
  }
  return total > 0 ? 1 - sqrt (MAX (error, 0) / total) : 0;
}

/* ---- Sweeps ---- */

/* The best state so far: its squared error, if its components do not cancel. */
typedef struct {
  double *u[CPAC_CP_MODES];
  double error, degeneracy;
} Best;

static void
keep_if_better (const CpacCpRegressor *r, Best *best, double error, double degeneracy, double limit)
{
  gboolean sound = degeneracy <= limit, was_sound = best->degeneracy <= limit;

  if (best->u[0] != NULL && sound != was_sound && !sound)
    return;
  if (best->u[0] != NULL && sound == was_sound &&
      (sound ? error >= best->error : degeneracy >= best->degeneracy))
    return;
  best->error = error;
  best->degeneracy = degeneracy;
  for (guint m = 0; m < CPAC_CP_MODES; m++) {
    g_free (best->u[m]);
    best->u[m] = g_memdup2 (r->u[m], (gsize) r->dims[m] * r->rank * sizeof (double));
  }
}

static void
take_best (CpacCpRegressor *r, Best *best)
{
  for (guint m = 0; m < CPAC_CP_MODES; m++) {
    g_free (r->u[m]);
    r->u[m] = g_steal_pointer (&best->u[m]);
  }
  cpac_cp_regressor_update_w (r);
  cpac_cp_regressor_update_a (r);
}

static gboolean
solve_a (CpacCpRegressor *r)
{
  cpac_cp_regressor_update_w (r);
  return cpac_cp_regressor_solve_a (r);
}

static gboolean
sweep (CpacCpRegressor *r)
{
  for (guint mode = 1; mode < CPAC_CP_MODES; mode++) {
    if (r->dims[mode] == 1)
      continue;
    cpac_cp_regressor_update_a (r);
    if (!(mode < 3 ? cpac_cp_regressor_solve_taps (r, mode) : cpac_cp_regressor_solve_channels (r)))
      return FALSE;
  }
  return solve_a (r);
}

/* From factors whose a is fitted, and W up to date. */
static guint
iterate (CpacCpRegressor *r, const CpacCpRegressOptions *options)
{
  Best best = { .error = INFINITY };
  double error = squared_error (r), degeneracy = get_degeneracy (r);
  guint n = 0, n_calm = 0;

  keep_if_better (r, &best, error, degeneracy, options->max_degeneracy);
  for (r->mu = FIRST_MU; n < options->max_sweeps && n_calm < N_CALM_SWEEPS; n++) {
    double before = error;

    if (!sweep (r))
      break;
    error = squared_error (r);
    degeneracy = get_degeneracy (r);
    keep_if_better (r, &best, error, degeneracy, options->max_degeneracy);
    n_calm = fabs (before - error) < options->tolerance * r->variance ? n_calm + 1 : 0;
    r->mu = degeneracy > options->max_degeneracy ? MIN (r->mu * RISE, MOST_MU)
                                                 : MAX (r->mu * FALL, LEAST_MU);
  }
  take_best (r, &best);
  return n;
}

/* ---- In and out ---- */

static void
hand_out (const CpacCpRegressor *r, const CpacCpMoments *m, float *const factors[4], float *bias)
{
  for (guint mode = 0; mode < CPAC_CP_MODES; mode++)
    for (gsize i = 0; i < (gsize) r->dims[mode] * r->rank; i++)
      factors[mode][i] = (float) r->u[mode][i];
  cpac_cp_canonicalize (factors, r->dims, r->rank);
  if (m->bias) {
    g_autofree double *k = rebuild (r);

    for (gsize f = 0; f < r->dims[0]; f++) {
      double value = m->y[f];

      for (gsize i = 0; i < r->n_taps; i++)
        value -= k[f * r->n_taps + i] * m->x[i];
      bias[f] = (float) (value / m->n);
    }
  }
}

static gboolean
set_error (GError **error, const char *message)
{
  g_set_error_literal (error, CPAC_ERROR, CPAC_ERROR_NUMERIC, message);
  return FALSE;
}

gboolean
cpac_cp_regress (const CpacCpMoments *moments, const CpacTensor *prior, guint rank,
                 const CpacCpRegressOptions *options, float *const factors[4], float *bias,
                 CpacCpRegression *result, GError **error)
{
  static const CpacCpRegressOptions defaults = CPAC_CP_REGRESS_OPTIONS_INIT;
  g_auto (CpacCpRegressor) r = { .rank = rank };

  if (options == NULL)
    options = &defaults;
  if (!(moments->n > 0))
    return set_error (error, "no pixel to fit a kernel to, expected at least 1");
  cpac_linalg_init ();
  regressor_init (&r, moments, rank, factors);
  set_moments (&r, moments);
  add_prior (&r, prior, options->ridge);
  for (guint mode = 1; mode < CPAC_CP_MODES; mode++)
    cpac_cp_regressor_normalize (&r, mode);
  cpac_cp_regressor_update_w (&r);
  result->fit_before = get_fit (&r, moments);
  r.mu = LEAST_MU;
  if (!isfinite (result->fit_before) || !cpac_cp_regressor_solve_a (&r))
    return set_error (error, "what the layer reads or is to give is not finite on these pictures");
  result->fit_a = get_fit (&r, moments);
  result->n_sweeps = iterate (&r, options);
  result->fit = get_fit (&r, moments);
  result->degeneracy = get_degeneracy (&r);
  hand_out (&r, moments, factors, bias);
  return TRUE;
}
