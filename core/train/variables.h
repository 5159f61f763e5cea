/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/network/params.h"
#include "core/train/recipe.h"

G_BEGIN_DECLS

/**
 * CpacVariable:
 *
 * One array that the optimiser moves, with its gradient and moments.
 */
typedef struct {
  char *name; /* as in a checkpoint: "conv1.a", "conv1.d0", "conv1.e" */
  gsize n;
  float *value;     /* (n) */
  double *gradient; /* (n) of the whole batch */
  float *first;     /* (n): momentum, or Adam's first moment */
  float *second;    /* (n): Adam's second moment */
  gboolean owns_value;
} CpacVariable;

/**
 * CpacVariables:
 *
 * Everything that training moves. A parameter of the network is a variable itself, except the
 * factor d of an over-parameterised cpac-conv layer: there d = E d0 with E (C, C) and d0 (C, R)
 * moved instead (after DO-Conv, Cao et al. 2020); E starts as the identity and is folded into d, so
 * the network that is exported knows nothing of it.
 */
typedef struct {
  const CpacNetwork *network;
  CpacParams *params;       /* effective values: what the network computes with */
  GPtrArray *list;          /* (element-type CpacVariable) */
  CpacVariable **of_param;  /* (n_params): its variable (d0 for an over-parameterised d); NULL for a
                               constant */
  CpacVariable **mixers;    /* (n_params): E where the parameter is an over-parameterised d */
  double **param_gradients; /* (n_params): gradient by the effective value */
} CpacVariables;

/* @params is borrowed and written. */
CpacVariables *
cpac_variables_new (const CpacNetwork *network, CpacParams *params, gboolean over_parameterise);
void cpac_variables_free (CpacVariables *variables);

/* Takes the effective values as they are (after initialisation): d0 = d, E = identity. */
void cpac_variables_reset (CpacVariables *variables);
/* Effective values from the variables: d = E d0. */
void cpac_variables_fold (CpacVariables *variables);
/* Gradients of the variables from those of the effective values: dE = gd d0^T, dd0 = E^T gd. */
void cpac_variables_spread_gradients (CpacVariables *variables);

/*
 * Adds the recipe's penalties to the gradients by the effective values (with the variables':
 * rank_prune): decay of every kernel's energy, in Gram form for factors, and the rank-pruning
 * penalty (1/4) sum ||u||^2 over all factors, which by the inequality of means acts like
 * sum_r lambda_r^(1/2), a Schatten-1/2-like penalty.
 */
void cpac_variables_add_penalties (CpacVariables *variables, const CpacRecipe *recipe);
/* Balances every component's four columns and carries the moments along: a column scaled by t has
 * its first moment scaled by 1/t and its second by 1/t^2. @average, which may be NULL, holds a
 * running mean of the effective values and is balanced by itself, so that the two go on mixing at
 * the same scales. (Scaling it by the values' factors would not do: those of a dying component are
 * extreme.)
 */
void cpac_variables_balance (CpacVariables *variables, CpacParams *average);

/* Norm of all gradients together. */
double cpac_variables_gradient_norm (const CpacVariables *variables);

/* State of a layer's factors, for the log. */
typedef struct {
  const char *layer;
  double degeneracy, sensitivity, congruence;
} CpacFactorHealth;
/* One entry for each cpac-conv layer. (element-type CpacFactorHealth) (transfer full) */
GArray *cpac_variables_get_health (const CpacVariables *variables);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CpacVariables, cpac_variables_free)

G_END_DECLS
