/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/cp/cp.h"

G_BEGIN_DECLS

/* Modes in the order of the factors: 0 filters (a), 1 rows (b), 2 columns (c), 3 channels (d). */
#define CPAC_CP_MODES 4

/* Beyond this D (see cpac_cp_degeneracy) components mostly cancel each other. */
#define CPAC_CP_DEGENERATE 10

/* A decomposition while it is computed: K[n,s,y,x] = sum_r lambda[r] a[n,r] b[y,r] c[x,r] d[s,r]
 * with unit columns. A mode of dimension 1 stays 1. */
typedef struct {
  guint dims[CPAC_CP_MODES];
  guint rank;
  double *u[CPAC_CP_MODES]; /* a, b, c, d: (dim_m, R) */
  double *lambda;           /* (R) */
  double error;             /* ||K - K^|| / ||K|| */
  double degeneracy;
  guint n_sweeps;
} CpacCpModel;

/* All columns (1, 0, 0, ...), all lambda 0. (transfer full) */
CpacCpModel *cpac_cp_model_new (const guint dims[4], guint rank);
void cpac_cp_model_copy (CpacCpModel *to, const CpacCpModel *from);
/* Takes NULL. */
void cpac_cp_model_free (CpacCpModel *model);
/* Divides column @r of @u (dim, R) by its norm, which it returns; leaves a zero column alone. */
double cpac_cp_normalize_column (double *u, guint dim, guint rank, guint r);
/* ||K - K^||^2 entry by entry, of factors whose product is K^. */
double cpac_cp_residual (const double *k, double *const u[4], const guint dims[4], guint rank);

/* Fills in the columns of start @start of @seed: 0 is HOSVD, the leading singular vectors of the
 * four unfoldings with random columns behind them; the others are all random. */
void cpac_cp_start (CpacCpModel *model, const double *k, guint64 seed, guint start);

/* Whether at most two modes of @dims are larger than 1: then K is a matrix. */
gboolean cpac_cp_is_matrix (const guint dims[4]);
/* The best @model of a matrix, by its singular value decomposition (Eckart-Young); its rank at most
 * that of the matrix. FALSE when there is no answer. */
gboolean cpac_cp_decompose_matrix (CpacCpModel *model, const double *k);

/* Fills @model with the best of all starts by alternating least squares, see cpac_cp_als(); @k is
 * of norm 1. */
void cpac_cp_decompose (CpacCpModel *model, const double *k, const CpacCpOptions *options);

/* With the channels' second moments @s (C, C), S = L L^T, made regular: kernel @k becomes K x_s
 * L^T, and @undo (C, C) what factor d of that is to be multiplied with, L^-T. FALSE when S is not
 * positive semidefinite. */
gboolean cpac_cp_weigh_channels (double *k, const guint dims[4], const double *s, double *undo);
void cpac_cp_unweigh_channels (CpacCpModel *model, const double *undo);

/* Khatri-Rao product: @out (n_x n_y, R) = x (n_x, R) . y (n_y, R), y varying fastest. */
void cpac_cp_khatri_rao (const double *x, guint n_x, const double *y, guint n_y, guint rank,
                         double *out);
/* cpac_cp_mttkrp() of factors in double; where @out[m] is NULL, that mode is not computed. */
void cpac_cp_mttkrp_double (const double *k, double *const u[4], const guint dims[4], guint rank,
                            double *const out[4]);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CpacCpModel, cpac_cp_model_free)

G_END_DECLS
