/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/error.h"
#include "core/tensor/tensor.h"

G_BEGIN_DECLS

/**
 * CpacCpMoments:
 *
 * What a convolution reads and what it is to give, as sums over pixels of products: all that a
 * least-squares fit of its kernel needs to know. A patch x is what the kernel sees at one output
 * pixel, P = kh kw C values in the order row, column, channel; y the N outputs wanted there.
 */
typedef struct {
  guint dims[4]; /* N, kh, kw, C */
  gboolean bias; /* the layer has one, so that only what differs from the means must be fitted */
  double n;      /* pixels */
  double *xx;    /* (P, P): sum of x x^T */
  double *yx;    /* (N, P): sum of y x^T */
  double *x;     /* (P): sum of x */
  double *y;     /* (N): sum of y */
  double *yy;    /* (N): sum of y^2 */
} CpacCpMoments;

/* All zero. CPAC_ERROR_SHAPE when the sums are unreasonably many. (transfer full) */
CpacCpMoments *cpac_cp_moments_new (const guint dims[4], gboolean bias, GError **error);
/* Takes NULL. */
void cpac_cp_moments_free (CpacCpMoments *moments);
/* P */
gsize cpac_cp_moments_get_n_taps (const CpacCpMoments *moments);

typedef struct {
  guint max_sweeps; /* default 60 */
  double tolerance; /* a sweep that lowers the squared error by less than this share of the
                       output's variance is calm, 3 in a row end it; 1e-6 */
  double ridge;     /* weight of ||K - prior||^2, relative to the patches' mean variance; 1e-3 */
  double max_degeneracy; /* components beyond it are held back; 10 */
} CpacCpRegressOptions;
#define CPAC_CP_REGRESS_OPTIONS_INIT                                                               \
  {                                                                                                \
    .max_sweeps = 60, .tolerance = 1e-6, .ridge = 1e-3, .max_degeneracy = 10                       \
  }

/* 1 - ||Y - Y^|| / ||Y - mean Y|| over the pixels; 1 is exact, and 0 where Y is constant. */
typedef struct {
  double fit_before; /* with the factors as they were, the bias fitted */
  double fit_a;      /* with a and the bias fitted, b, c and d as they were */
  double fit;        /* with all of them fitted */
  double degeneracy; /* D, see CpacCp */
  guint n_sweeps;
} CpacCpRegression;

/**
 * cpac_cp_regress:
 * @prior: (nullable): kernel (N, C, kh, kw) that stays where the pixels say nothing; NULL: 0
 * @factors: a, b, c, d (dim_m, rank): where to start, and what comes of it, in canonical form
 * @bias: (N), overwritten; NULL for moments without
 *
 * Fits a CP-decomposed kernel to outputs instead of to a kernel:
 *
 *   min over a, b, c, d, bias of mean ||y - K x - bias||^2
 *                             + s ridge ||K - prior||^2 + s mu sum_r lambda_r^2,
 *
 * K[n,s,y,x] = sum_r a[n,r] b[y,r] c[x,r] d[s,r], s the mean variance of a patch's values. By
 * alternating least squares: every factor in turn is solved for in its normal equations, those of d
 * (C R unknowns) by conjugate gradients, so that the error never rises. mu starts at 1e-3, falls to
 * 1e-6, and rises again while D, the sum of lambda^2 over ||K||^2, is above max_degeneracy.
 *
 * CPAC_ERROR_NUMERIC without pixels or for sums that are not finite; the factors are then as they
 * were.
 */
gboolean cpac_cp_regress (const CpacCpMoments *moments, const CpacTensor *prior, guint rank,
                          const CpacCpRegressOptions *options, float *const factors[4], float *bias,
                          CpacCpRegression *result, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CpacCpMoments, cpac_cp_moments_free)

G_END_DECLS
