/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/cp/cp-private.h"

#include <math.h>
#include <string.h>

#include "core/tensor/linalg.h"

#define N_EARLY_SWEEPS 50
#define LATE_RIDGE 1e-6
#define LINE_SEARCH_INTERVAL 5
#define N_CALM_SWEEPS 3
/* The ridges that hold components back, and sweeps under each. */
#define LEAST_HOLD 1e-3
#define MOST_HOLD 1.0
#define N_HELD_SWEEPS 20
/* Below this relative error, half the digits of ||K||^2 - 2 <K, K^> + ||K^||^2 have cancelled. */
#define DIRECT_ERROR 1e-4

typedef struct {
  const double *k; /* of norm 1 */
  guint dims[CPAC_CP_MODES];
  guint rank;
  guint modes[CPAC_CP_MODES]; /* those larger than 1, in the order of a sweep; a last */
  guint n_modes;
  double ridge;
  double *grams[CPAC_CP_MODES]; /* (R, R), of the model's unit columns */
  double *others;               /* (R, R), product of all Gram matrices but one */
  double *t;                    /* (largest dim, R), MTTKRP of the mode updated last */
  double *solution;             /* (largest dim, R) */
} Als;

static void
als_init (Als *als, const double *k, const guint dims[4], guint rank)
{
  static const guint order[CPAC_CP_MODES] = { 1, 2, 3, 0 };
  gsize n = (gsize) rank * rank, longest = 1;

  *als = (Als){ .k = k, .rank = rank, .others = g_new (double, n) };
  for (guint i = 0; i < CPAC_CP_MODES; i++) {
    guint mode = order[i];

    als->dims[mode] = dims[mode];
    als->grams[mode] = g_new (double, n);
    longest = MAX (longest, dims[mode]);
    if (dims[mode] > 1)
      als->modes[als->n_modes++] = mode;
  }
  als->t = g_new (double, longest *rank);
  als->solution = g_new (double, longest *rank);
}

static void
als_clear (Als *als)
{
  for (guint m = 0; m < CPAC_CP_MODES; m++)
    g_free (als->grams[m]);
  g_free (als->others);
  g_free (als->t);
  g_free (als->solution);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Als, als_clear)

static void
update_gram (Als *als, const CpacCpModel *model, guint mode)
{
  cpac_dgemm (TRUE, FALSE, als->rank, als->rank, als->dims[mode], 1, model->u[mode], als->rank,
              model->u[mode], als->rank, 0, als->grams[mode], als->rank);
}

static void
multiply_other_grams (Als *als, guint mode)
{
  gsize n = (gsize) als->rank * als->rank;

  for (gsize i = 0; i < n; i++)
    als->others[i] = 1;
  for (guint m = 0; m < CPAC_CP_MODES; m++)
    for (gsize i = 0; m != mode && i < n; i++)
      als->others[i] *= als->grams[m][i];
}

/* @solution = U of norm lambda: unit columns to the model. A component that came out as nothing
 * keeps its column, so that it can come back. */
static void
take_solution (Als *als, CpacCpModel *model, guint mode)
{
  guint dim = als->dims[mode], rank = als->rank;

  for (guint r = 0; r < rank; r++) {
    model->lambda[r] = cpac_cp_normalize_column (als->solution, dim, rank, r);
    for (gsize i = 0; model->lambda[r] > 0 && i < dim; i++)
      model->u[mode][i * rank + r] = als->solution[i * rank + r];
  }
}

/* U = T (G + mu I)^-1 with T = K_(m) (Khatri-Rao of the others), G the product of their Gram
 * matrices; its diagonal is 1, so that mu is relative to trace (G) / R. Without an answer the mode
 * stays as it is. */
static void
update_mode (Als *als, CpacCpModel *model, guint mode)
{
  guint dim = als->dims[mode], rank = als->rank;
  double *out[CPAC_CP_MODES] = { NULL };

  out[mode] = als->t;
  cpac_cp_mttkrp_double (als->k, model->u, als->dims, rank, out);
  memcpy (als->solution, als->t, (gsize) dim * rank * sizeof (double));
  multiply_other_grams (als, mode);
  for (gsize r = 0; r < rank; r++)
    als->others[r * rank + r] += als->ridge;
  if (!cpac_solve_symmetric (als->others, rank, als->solution, dim))
    return;
  take_solution (als, model, mode);
  update_gram (als, model, mode);
}

/* ||K^||^2 = sum_rq lambda_r lambda_q prod_m (U_m^T U_m)_rq */
static double
model_energy (const Als *als, const CpacCpModel *model)
{
  gsize rank = als->rank;
  double sum = 0;

  for (gsize r = 0; r < rank; r++)
    for (gsize q = 0; q < rank; q++) {
      double product = model->lambda[r] * model->lambda[q];

      for (guint m = 0; m < CPAC_CP_MODES; m++)
        product *= als->grams[m][r * rank + q];
      sum += product;
    }
  return MAX (sum, 0);
}

static double
direct_error (const Als *als, CpacCpModel *model)
{
  double *u[CPAC_CP_MODES] = { als->solution, model->u[1], model->u[2], model->u[3] };

  for (gsize i = 0; i < als->dims[0]; i++)
    for (gsize r = 0; r < als->rank; r++)
      u[0][i * als->rank + r] = model->lambda[r] * model->u[0][i * als->rank + r];
  return sqrt (cpac_cp_residual (als->k, u, als->dims, als->rank));
}

/* Relative error and degeneracy after an update of mode @mode, whose MTTKRP is still in @t:
 * ||K - K^||^2 = ||K||^2 - 2 <T, U> + ||K^||^2. */
static void
measure (Als *als, CpacCpModel *model, guint mode)
{
  gsize rank = als->rank;
  double inner = 0, components = 0, energy = model_energy (als, model);

  for (gsize r = 0; r < rank; r++) {
    components += model->lambda[r] * model->lambda[r];
    for (gsize i = 0; i < als->dims[mode]; i++)
      inner += model->lambda[r] * als->t[i * rank + r] * model->u[mode][i * rank + r];
  }
  model->error = sqrt (MAX (1 - 2 * inner + energy, 0));
  if (model->error < DIRECT_ERROR)
    model->error = direct_error (als, model);
  model->degeneracy = energy > 0 ? components / energy : INFINITY;
}

static guint
last_mode (const Als *als)
{
  return als->modes[als->n_modes - 1];
}

static void
sweep (Als *als, CpacCpModel *model)
{
  for (guint i = 0; i < als->n_modes; i++)
    update_mode (als, model, als->modes[i]);
  measure (als, model, last_mode (als));
}

static void
update_all_grams (Als *als, const CpacCpModel *model)
{
  for (guint m = 0; m < CPAC_CP_MODES; m++)
    update_gram (als, model, m);
}

/* Goes @step times the last sweep further in all modes but the last, which is solved for; keeps the
 * outcome if the error is smaller. @trial holds it meanwhile. */
static void
search_line (Als *als, CpacCpModel *model, const CpacCpModel *before, CpacCpModel *trial,
             double step)
{
  cpac_cp_model_copy (trial, model);
  for (guint k = 0; k + 1 < als->n_modes; k++) {
    guint mode = als->modes[k];
    gsize n = (gsize) als->dims[mode] * als->rank;

    for (gsize i = 0; i < n; i++)
      trial->u[mode][i] += step * (model->u[mode][i] - before->u[mode][i]);
    for (guint r = 0; r < als->rank; r++)
      cpac_cp_normalize_column (trial->u[mode], als->dims[mode], als->rank, r);
  }
  update_all_grams (als, trial);
  update_mode (als, trial, last_mode (als));
  measure (als, trial, last_mode (als));
  if (trial->error < model->error)
    cpac_cp_model_copy (model, trial);
  update_all_grams (als, model);
}

/* Sweeps until the error rests, first under the large ridge, then under the small one. */
static void
iterate (Als *als, CpacCpModel *model, const CpacCpOptions *options)
{
  g_autoptr (CpacCpModel) before = cpac_cp_model_new (als->dims, als->rank);
  g_autoptr (CpacCpModel) trial = cpac_cp_model_new (als->dims, als->rank);
  gboolean early = TRUE;
  guint n_calm = 0;

  update_all_grams (als, model);
  model->error = 1;
  for (guint n = 1; n <= MAX (options->max_sweeps, 1); n++) {
    als->ridge = early ? options->ridge : MIN (options->ridge, LATE_RIDGE);
    cpac_cp_model_copy (before, model);
    sweep (als, model);
    if (n % LINE_SEARCH_INTERVAL == 0)
      search_line (als, model, before, trial, cbrt (n));
    model->n_sweeps = n;
    n_calm = fabs (before->error - model->error) < options->tolerance ? n_calm + 1 : 0;
    if (n_calm == N_CALM_SWEEPS && !early)
      break;
    if (early && (n_calm == N_CALM_SWEEPS || n == N_EARLY_SWEEPS)) {
      early = FALSE;
      n_calm = 0;
    }
  }
}

/* The last mode by plain least squares, free of the ridge's bias, unless that makes components
 * cancel. */
static void
finish (Als *als, CpacCpModel *model)
{
  g_autoptr (CpacCpModel) trial = cpac_cp_model_new (als->dims, als->rank);

  cpac_cp_model_copy (trial, model);
  als->ridge = 0;
  update_all_grams (als, trial);
  update_mode (als, trial, last_mode (als));
  measure (als, trial, last_mode (als));
  if (trial->error < model->error &&
      trial->degeneracy <= MAX (model->degeneracy, CPAC_CP_DEGENERATE))
    cpac_cp_model_copy (model, trial);
}

static gboolean
is_better (const CpacCpModel *model, const CpacCpModel *than)
{
  gboolean sound = model->degeneracy < CPAC_CP_DEGENERATE;

  if (sound != (than->degeneracy < CPAC_CP_DEGENERATE))
    return sound;
  return sound ? model->error < than->error : model->degeneracy < than->degeneracy;
}

static void
sweep_under (Als *als, CpacCpModel *model, double ridge)
{
  als->ridge = ridge;
  for (guint n = 0; n < N_HELD_SWEEPS; n++)
    sweep (als, model);
}

/* Raises the ridge until D < 10, then lowers it as far as D stays there. */
static void
hold_back (Als *als, CpacCpModel *best)
{
  g_autoptr (CpacCpModel) model = cpac_cp_model_new (best->dims, best->rank);
  double ridge = LEAST_HOLD;

  cpac_cp_model_copy (model, best);
  update_all_grams (als, model);
  for (; ridge <= MOST_HOLD && best->degeneracy >= CPAC_CP_DEGENERATE; ridge *= 2) {
    sweep_under (als, model, ridge);
    if (is_better (model, best))
      cpac_cp_model_copy (best, model);
  }
  for (; ridge > LATE_RIDGE && model->degeneracy < CPAC_CP_DEGENERATE; ridge /= 2) {
    sweep_under (als, model, ridge);
    if (is_better (model, best))
      cpac_cp_model_copy (best, model);
  }
}

void
cpac_cp_decompose (CpacCpModel *best, const double *k, const CpacCpOptions *options)
{
  g_autoptr (CpacCpModel) model = cpac_cp_model_new (best->dims, best->rank);
  g_auto (Als) als = { 0 };

  als_init (&als, k, best->dims, best->rank);
  for (guint start = 0; start <= options->n_starts; start++) {
    cpac_cp_start (model, k, options->seed, start);
    iterate (&als, model, options);
    finish (&als, model);
    if (start == 0 || is_better (model, best))
      cpac_cp_model_copy (best, model);
  }
  if (best->degeneracy >= CPAC_CP_DEGENERATE && isfinite (options->max_degeneracy))
    hold_back (&als, best);
}
