/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/error.h"
#include "core/tensor/tensor.h"

G_BEGIN_DECLS

/**
 * CpacCp:
 *
 * A CP decomposition of a convolution kernel K (N, C, kh, kw) in the factors of a cpac-conv layer:
 * K[n,s,y,x] = sum_r a[n,r] b[y,r] c[x,r] d[s,r]. Free with cpac_cp_free().
 */
typedef struct {
  guint rank;
  CpacTensor *a, *b, *c, *d; /* (N,R) (kh,R) (kw,R) (C,R) */
  double fit;                /* 1 - ||K - K^|| / ||K||; 1 is exact */
  double degeneracy;         /* D = sum_r lambda_r^2 / ||K^||^2: 1 orthogonal, > 10 worrying */
  double congruence;         /* see cpac_cp_congruence() */
  guint n_sweeps;
} CpacCp;

void cpac_cp_free (CpacCp *cp);

typedef struct {
  guint max_sweeps; /* default 500 */
  double tolerance; /* change of the relative error over a sweep, 3 in a row end it; 1e-6 */
  double ridge;     /* Tikhonov weight relative to trace (Gram) / R in the first 50 sweeps; 1e-3 */
  guint n_starts;   /* random starts beside the HOSVD one; 2 */
  guint64 seed;
  double max_degeneracy;  /* a D beyond it is refused; 100; infinite: D is left as it comes out */
  const double *channels; /* (C, C): second moments of what the channels read, positive
                             semidefinite; NULL: the identity */
} CpacCpOptions;
#define CPAC_CP_OPTIONS_INIT                                                                       \
  {                                                                                                \
    .max_sweeps = 500, .tolerance = 1e-6, .ridge = 1e-3, .n_starts = 2, .seed = 1,                 \
    .max_degeneracy = 100                                                                          \
  }

/* Alternating least squares (study: algorithms 1.8) of @kernel (N, C, kh, kw), in canonical form
 * (see cpac_cp_canonicalize); @options NULL: the defaults. From every start in turn; the smallest
 * error among those with D < 10 wins, or the smallest D where there is none: its components are
 * then held back by a ridge that grows until D < 10, and shrinks again as far as D stays there. A
 * kernel with at most two dimensions above 1 is a matrix, whose singular value decomposition is
 * exact. Components beyond the largest rank K can have are zero. The same bytes for the same seed.
 *
 * With channels S the error that is made small is that of the outputs for inputs of such second
 * moments, ||(K - K^) x_s S^1/2||, S with a thousandth of its mean diagonal added: since that
 * changes one mode only, K x_s L^T is decomposed, S = L L^T, and L^T is taken out of d again. The
 * fit is that of K all the same.
 *
 * CPAC_ERROR_SHAPE when @kernel has not four dimensions or @rank is 0 or too large,
 * CPAC_ERROR_NUMERIC when K or S is not finite, when K is zero, or D too large. (transfer full) */
CpacCp *
cpac_cp_als (const CpacTensor *kernel, guint rank, const CpacCpOptions *options, GError **error);

/* Canonical form, in place: unit columns of b, c, d with their largest entry positive (the first of
 * equals), scale and sign in a, components sorted by lambda, largest first, equal ones by their
 * entries; a zero component has columns (1, 0, 0, ...) in b, c, d. Factors that differ by the order
 * of components, by signs or by powers of 2 become the same bytes, and canonical ones stay as they
 * are. K changes by rounding to float only. */
void cpac_cp_canonicalize (float *const factors[4], const guint dims[4], guint rank);

/*
 * Gram-form quantities of four factors, never rebuilding the kernel; all in double. @factors: a, b,
 * c, d, each (dim_m, R) row-major floats, @dims their four dims.
 */
/* ||K||_F^2 = 1^T [(A^T A).(B^T B).(C^T C).(D^T D)] 1 */
double cpac_cp_energy (const float *const factors[4], const guint dims[4], guint rank);
/* D = sum_r lambda_r^2 / ||K||^2, lambda_r = product of the four column norms; infinite when the
 * components cancel to nothing, 0 when all of them are zero. */
double cpac_cp_degeneracy (const float *const factors[4], const guint dims[4], guint rank);
/* ss = sum_m I_m sum_r prod_{m' != m} ||u_{m',r}||^2: expected ||dK||^2 per unit factor noise. */
double cpac_cp_sensitivity (const float *const factors[4], const guint dims[4], guint rank);
/* Largest |prod_m cos (u_{m,r}, u_{m,r'})| over r < r'; > 0.97 is two-factor degeneracy. */
double cpac_cp_congruence (const float *const factors[4], const guint dims[4], guint rank);
/* Adds mu x gradient of (1/2) ||K||_F^2 by each factor to @gradients (same shapes):
 * mu A [(B^T B).(C^T C).(D^T D)] and so on. @scratch: 5 R^2 doubles. */
void cpac_cp_energy_gradient (const float *const factors[4], const guint dims[4], guint rank,
                              double mu, double *const gradients[4], double *scratch);
/* Scales the four columns of every component to equal norm, leaving K as it is; scale[m*rank+r]
 * receives the factor each column was multiplied with (1 where the component is zero or not
 * finite). */
void cpac_cp_balance (float *const factors[4], const guint dims[4], guint rank, double *scale);
/* The dense kernel (N, C, kh, kw) of four factors. (transfer full) */
CpacTensor *cpac_cp_reconstruct (const float *const factors[4], const guint dims[4], guint rank);
/* MTTKRP: the gradient by each factor that a dense kernel gradient @gk (N, C, kh, kw, double)
 * implies: da = GK_(1) (d . c . b) and so on. Overwrites @out[m] (dim_m, R). */
void cpac_cp_mttkrp (const double *gk, const float *const factors[4], const guint dims[4],
                     guint rank, double *const out[4]);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CpacCp, cpac_cp_free)

G_END_DECLS
