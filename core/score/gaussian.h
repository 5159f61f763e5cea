/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/network/network.h"
#include "core/network/params.h"

G_BEGIN_DECLS

typedef enum {
  CPAC_GAUSSIAN_TEXTURE,       /* one mean, one covariance */
  CPAC_GAUSSIAN_POSITION_MEAN, /* a mean for each cell, one covariance */
  CPAC_GAUSSIAN_POSITION,      /* a mean and a covariance for each cell */
} CpacGaussianMode;

/* "texture", "position-mean", "position". */
const char *cpac_gaussian_mode_to_string (CpacGaussianMode mode);
/* The names of all, NULL-terminated. */
const char *const *cpac_gaussian_mode_names (void);

/**
 * CpacGaussian:
 *
 * How far the features of a cell lie from those of good parts. Immutable once bound.
 *
 * The features of a cell are the maps of the listed layers, each value replaced by the mean of the
 * 3x3 about it (clipped at the border), brought to the grid of the FIRST listed layer (bilinear,
 * half-pixel centres; nothing is computed for a layer of the same size), one behind the other in
 * the order of the list. With `channels` N only N of them count. The value of a cell is
 *
 *   d = sqrt (|W (f - mu)|^2 / n),
 *
 * the Mahalanobis distance for n used channels, about 1 on what it was fitted to; W is lower
 * triangular with W^T W the inverse covariance. (PaDiM: Defard et al. 2020, arXiv 2011.08785.)
 *
 * Tensors in the weights file, cells = (height, width) of the grid:
 *
 *  | tensor          | texture         | position-mean              | position                    |
 *  | score.mean      | (n)             | (n, height, width)         | (n, height, width)          |
 *  | score.whitening | (n (n + 1) / 2) | (n (n + 1) / 2)            | (height, width, n (n+1) / 2)|
 *  | score.channels  | (n) with `channels` N only: indices of the used features, rising         |
 *
 * where the whitening is the rows of the lower triangle, one behind the other.
 */
typedef struct {
  CpacGaussianMode mode;
  guint n_layers;
  guint *layers;       /* (n_layers) indices in the network */
  CpacDims *dims;      /* (n_layers) shapes of their maps */
  guint width, height; /* of the grid */
  guint n_features;    /* channels of all the layers */
  guint n_channels;    /* of these, in use: n */
  guint *channels;     /* (n) rising */
  CpacTensor *mean, *whitening;
} CpacGaussian;

/* Reads `layers`, `mode` and `channels` of the `score` section @map. CPAC_ERROR_SCHEMA for a layer
 * that @network has not and for more channels than there are; CPAC_ERROR_SHAPE when the tensors
 * would be larger than a weights file can be. It has no tensors yet. (transfer full) */
CpacGaussian *cpac_gaussian_new (const CpacConfig *map, const CpacNetwork *network, GError **error);
/* Takes NULL. */
void cpac_gaussian_free (CpacGaussian *gaussian);

/* Whether only some of the features are used, so that score.channels says which. */
gboolean cpac_gaussian_selects (const CpacGaussian *gaussian);
/* Tensors it has in a weights file. */
guint cpac_gaussian_get_n_tensors (const CpacGaussian *gaussian);
CpacShape cpac_gaussian_get_mean_shape (const CpacGaussian *gaussian);
CpacShape cpac_gaussian_get_whitening_shape (const CpacGaussian *gaussian);
/* Bytes of mean and whitening. */
gsize cpac_gaussian_get_n_bytes (const CpacGaussian *gaussian);

/* Takes the tensors out of @weights; @file stands for it in errors. CPAC_ERROR_SCHEMA for one that
 * is missing or for channels that are no rising indices, CPAC_ERROR_SHAPE for another shape. */
gboolean cpac_gaussian_bind (CpacGaussian *gaussian, const CpacWeights *weights, const char *file,
                             GError **error);
/* Mean 0 and unit covariance, for a shape that has no weights. */
void cpac_gaussian_bind_unit (CpacGaussian *gaussian);
/* Adds its tensors. */
void cpac_gaussian_write (const CpacGaussian *gaussian, CpacWeightsWriter *writer);

/* Elements of scratch that the two functions below need. */
gsize cpac_gaussian_get_scratch (const CpacGaussian *gaussian);
/* The used features of @maps (n_layers), each (channels, height, width) of its layer, as @features
 * (n, height, width) of the grid. */
void cpac_gaussian_gather (const CpacGaussian *gaussian, const float *const *maps, float *scratch,
                           float *features);
/* The value of every cell, into @map (height, width). The gaussian must be bound. Allocates
 * nothing. */
void cpac_gaussian_measure (const CpacGaussian *gaussian, const float *const *maps, float *scratch,
                            float *map);

/* One map of the size @from (its channels do not matter), bilinearly at another, with half-pixel
 * centres. */
void
cpac_gaussian_resize (const float *in, const CpacDims *from, guint width, guint height, float *out);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CpacGaussian, cpac_gaussian_free)

G_END_DECLS
