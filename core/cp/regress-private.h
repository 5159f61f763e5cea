/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/cp/cp-private.h"
#include "core/cp/regress.h"

G_BEGIN_DECLS

/*
 * The problem and the state of its solution:
 *   f (K) = tr (K S K^T) - 2 tr (K T^T) + variance,  K = a W^T,
 * W (P, R) the Khatri-Rao product of b, c and d, in the order of a patch: row, column, channel.
 * Columns of b, c, d are kept at unit norm, so that lambda_r = ||a_r||.
 */
typedef struct {
  guint dims[CPAC_CP_MODES];
  guint rank;
  gsize n_taps; /* P */
  double *s;    /* (P, P) */
  double *t;    /* (N, P) */
  double variance;
  double scale;             /* mean of the diagonal of S: what ridges are relative to */
  double mu;                /* weight of lambda^2, without the scale */
  double *u[CPAC_CP_MODES]; /* a, b, c, d: (dim_m, R) */
  double *w, *sw;           /* (P, R): W and S W */
  double *aa;               /* (R, R): a^T a */
  double *ta;               /* (P, R): T^T a */
} CpacCpRegressor;

/* Unit columns in factor @mode (1 to 3), their norms to a. */
void cpac_cp_regressor_normalize (CpacCpRegressor *r, guint mode);
/* W and S W of the factors as they are. */
void cpac_cp_regressor_update_w (CpacCpRegressor *r);
/* a^T a and T^T a of the factors as they are. */
void cpac_cp_regressor_update_a (CpacCpRegressor *r);

/* mu lambda^2 = mu ||a_r||^2 ||u_r||^2, u the factor that is solved for: its weight in component
 * @component. */
static inline double
cpac_cp_regressor_get_penalty (const CpacCpRegressor *r, guint component)
{
  return r->mu * r->scale * r->aa[(gsize) component * r->rank + component];
}

/*
 * One factor by the normal equations of all others. FALSE, and nothing changed, when they have no
 * finite solution. That of a expects W and S W; those of b, c, d expect a^T a and T^T a, and leave
 * the norms of their columns in a.
 */
gboolean cpac_cp_regressor_solve_a (CpacCpRegressor *r);
/* @mode: 1 for b, 2 for c. */
gboolean cpac_cp_regressor_solve_taps (CpacCpRegressor *r, guint mode);
gboolean cpac_cp_regressor_solve_channels (CpacCpRegressor *r);

G_END_DECLS
