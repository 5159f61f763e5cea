/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/network/workers.h"
#include "core/score/gaussian.h"

G_BEGIN_DECLS

/**
 * CpacMoments:
 *
 * Mean and scatter (the sum of the outer products of what is left after the mean) of features,
 * gathered portion by portion in double: each portion about its own mean, then merged (Chan, Golub,
 * LeVeque 1979). As long as the portions are the same, so are the bits, at any number of threads.
 */
typedef struct {
  CpacGaussianMode mode;
  guint n;             /* channels */
  guint width, height; /* of the grid */
  gsize cells;         /* on it */
  guint64 n_pictures;
  double *mean;    /* (n) for a texture, else (n, cells) */
  double *scatter; /* (n, n), for positions (cells, n, n); lower triangles */
} CpacMoments;

/* Of as many channels and cells as @gaussian has. CPAC_ERROR_NUMERIC when there is no memory for
 * them. (transfer full) */
CpacMoments *cpac_moments_new (const CpacGaussian *gaussian, GError **error);
/* Takes NULL. */
void cpac_moments_free (CpacMoments *moments);

/* Adds a portion: @features (n_pictures, n, cells). */
void cpac_moments_add (CpacMoments *moments, const float *features, guint n_pictures,
                       CpacWorkers *workers);

/* Covariances that are kept: one, or one for each cell. */
gsize cpac_moments_get_n_covariances (const CpacMoments *moments);
/* Values each of them comes from. */
guint64 cpac_moments_get_n_samples (const CpacMoments *moments);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CpacMoments, cpac_moments_free)

G_END_DECLS
