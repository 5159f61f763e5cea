/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/model/config.h"
#include "core/train/synthetic.h"

G_BEGIN_DECLS

typedef enum { CPAC_OPTIMIZER_ADAM, CPAC_OPTIMIZER_SGD } CpacOptimizerKind;
typedef enum {
  CPAC_LOSS_CROSS_ENTROPY, /* classifier: -log p (true class) */
  CPAC_LOSS_PIXEL_BCE,     /* map: binary cross-entropy of every cell */
  CPAC_LOSS_PIXEL_FOCAL,   /* the same, weighted by (1 - p)^gamma (Lin et al. 2017) */
} CpacLossKind;
typedef enum {
  CPAC_INIT_HE,           /* unit columns, a ~ N (0, 2/R), then the data-dependent pass */
  CPAC_INIT_ALS_GAUSSIAN, /* the authors': CP-ALS of a Gaussian kernel */
} CpacInitKind;
typedef enum { CPAC_SELECT_LOSS, CPAC_SELECT_AUROC } CpacSelect;

/**
 * CpacAugment:
 *
 * Changes of training pictures that the user allows. Each is drawn anew for every picture and step.
 */
typedef struct {
  gboolean flip_horizontal, flip_vertical; /* with probability one half */
  gboolean rotate_quarter;                 /* by 0, 90, 180 or 270 degrees; square inputs only */
  double shift;  /* largest shift along x and y, pixels of the network's input, whole ones as long
                    as neither rotate nor zoom is given; 0: none */
  double rotate; /* largest rotation, degrees; 0: none */
  double zoom;   /* size factor in [1 / (1 + zoom), 1 + zoom]; 0: none */
  double gain;   /* brightness factor in [1 - gain, 1 + gain], about black; 0: none */
  double offset; /* added brightness in [-offset, offset], 8-bit units; 0: none */
  double gamma;  /* exponent in [1 / (1 + gamma), 1 + gamma], on 0..255; 0: none */
  double noise;  /* standard deviation of added noise, 8-bit units; 0: none */
} CpacAugment;

/**
 * CpacRecipe:
 *
 * The `train` section of a model.
 */
typedef struct {
  guint epochs;      /* 1..100000, default 10 */
  guint least_steps; /* as many more epochs as this many steps take, 0..10^9, default 0: weights
                        need steps, and a short list gives few an epoch */
  guint batch;       /* pictures a step, default 16 */
  guint64 seed;      /* default 1; --seed overrides */
  CpacOptimizerKind optimizer;
  double rate;                /* peak learning rate, default 3e-3 */
  double rate_end;            /* share of the peak left at the end of the cosine, default 0 */
  guint warm_up;              /* steps of linear warm-up, default 50 */
  double momentum;            /* SGD's momentum or Adam's beta1, default 0.9 */
  double beta2;               /* Adam, default 0.99 */
  double epsilon;             /* Adam, default 1e-8 */
  double clip;                /* largest global gradient norm, default 1; 0: none */
  double decay;               /* weight mu of (mu/2) ||K||_F^2 of every kernel, default 1e-4 */
  double rank_prune;          /* weight of (1/4) sum of squares of all factors, default 0 */
  gboolean over_parameterise; /* an extra square factor in front of d, folded away at export */
  guint balance_every; /* steps between rebalancing the factors' columns, default 100; 0: never */
  CpacInitKind init;
  guint init_pictures; /* of the data-dependent pass, default 64; 0: no pass */
  CpacLossKind loss;   /* default: cross-entropy for a classifier, pixel-bce for a map */
  gboolean has_loss;
  double positive_weight; /* of defect cells, default 3 */
  double balance;         /* see cpac_loss_balance(): 0..1, default 0 */
  double picture_weight;  /* of cpac_loss_picture(), default 0 */
  double focal_gamma;     /* default 2 */
  double label_smoothing; /* 0..0.5, default 0; cross-entropy only */
  double average; /* decay of the running mean of the weights, 0..1, default 0: none; when on, the
                     mean is what is validated and kept */
  CpacAugment augment;
  CpacSyntheticOptions synthetic; /* map heads only; default: inactive */
  double cell_share;        /* of a cell's area: this much defect makes it all defect, less makes it
                               proportionally so; default 1/16 with synthetic defects, else 1 */
  CpacSelect select;        /* which epoch of a map is best: the one of the smallest loss or of the
                               largest AUROC on validation, default loss */
  double validation_share;  /* of the groups, where the list names none for it, default 0.1 */
  double calibration_share; /* the same for calibration, 0: none, default 0.1 */
  guint activation_mib;     /* of each worker, for intermediates of the backward pass, default 64 */
  guint memory_mib;         /* bound of the cache of decoded pictures, default 2048 */
  guint
      patience; /* epochs without a better validation figure after which training ends; 0: never */
} CpacRecipe;

/* All defaults. */
void cpac_recipe_init (CpacRecipe *recipe);
/* Reads the section over the defaults; keys are those above in kebab-case, the augmentations under
 * `augment`, the synthetic defects under `synthetic`. On failure @recipe is left as it is. */
gboolean cpac_recipe_read (CpacRecipe *recipe, const CpacConfig *map, GError **error);

G_END_DECLS
