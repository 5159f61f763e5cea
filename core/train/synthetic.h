/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/frame/frame.h"
#include "core/model/config.h"
#include "core/random.h"

G_BEGIN_DECLS

/* How a good picture is damaged. */
typedef enum {
  CPAC_DEFECT_CUT_PASTE, /* a feathered patch of another good picture, brought to the mean of the
                            place (Schlueter et al. 2022, "NSA", without the Poisson solve) */
  CPAC_DEFECT_SPOTS,     /* one or a few small discs close together */
  CPAC_DEFECT_SCRATCHES, /* a thin curve, from smooth (scratch) to jagged (crack) */
  CPAC_DEFECT_BLOBS,     /* an irregular region of other brightness and texture (as in Zavrtanik et
                            al. 2021, "DRAEM") */
  CPAC_DEFECT_BANDS,     /* a band or a large soft patch of other brightness: light, wear */
  CPAC_DEFECT_EDGE_LOSSES, /* a piece broken out of a border or a corner */
} CpacDefectKind;
#define CPAC_N_DEFECT_KINDS (CPAC_DEFECT_EDGE_LOSSES + 1)

/* A range of lengths, drawn log-uniformly. */
typedef struct {
  double min, max;
  gboolean in_pixels; /* of the original picture; else shares of sqrt (width x height) of it */
} CpacSizeRange;

/**
 * CpacDefectOptions:
 * @weight: how often the kind is drawn, against the others'
 * @size: cut-paste, blobs, edge-losses: mean diameter; spots: radius; scratches and bands: width
 * @length: scratches only
 * @contrast: of the change of brightness, log-uniform, in standard deviations of the picture, which
 *   count as at least 2 of 255 for the weakest and 12 for the strongest
 * @dark: probability that it is darker than what was there
 */
typedef struct {
  double weight;
  CpacSizeRange size, length;
  double contrast[2];
  double dark;
} CpacDefectOptions;

/**
 * CpacSyntheticOptions:
 *
 * The `synthetic` section of a recipe. No default is fitted to a data set: sizes that are not given
 * follow the size of the picture.
 */
typedef struct {
  gboolean active;
  double share;      /* of the good pictures of a batch that are damaged, default 0.5 */
  guint defects[2];  /* at least and at most, in one picture, default 1, 2 */
  double visible;    /* a pixel counts as changed when it moved by more than this many standard
                        deviations of the picture (at least 2 of 255), default 0.15 */
  guint min_pixels;  /* changed pixels of the input that make a defect, default 2 */
  double real_share; /* of a batch: real defects with masks, where there are any, default 0.25 */
  guint validation_draws; /* times each good picture for selection is seen damaged, default 1 */
  CpacDefectOptions kinds[CPAC_N_DEFECT_KINDS];
} CpacSyntheticOptions;

/* All defaults, inactive. */
void cpac_synthetic_options_init (CpacSyntheticOptions *options);
/* Reads the section over the defaults and sets active. Keys are those above in kebab-case; under
 * `kinds` one map per kind with `weight`, `contrast`, `dark` and its sizes: `radius` of spots,
 * `width` and `length` of scratches, `width` of bands, `size` of the others. Errors with
 * file:line:column, CPAC_ERROR_SCHEMA. */
gboolean
cpac_synthetic_options_read (CpacSyntheticOptions *options, const CpacConfig *map, GError **error);

/**
 * CpacSynthetic:
 *
 * Damages pictures that are network input. Values are changed in 8-bit units, v = x scale + mean,
 * and limited to 0..255, and geometry is that of the original picture, so that parameters mean the
 * same for every model. Everything comes from the random sequence handed in. One thread at a time.
 */
typedef struct _CpacSynthetic CpacSynthetic;

/* Keeps copies of its arguments. (transfer full) */
CpacSynthetic *cpac_synthetic_new (const CpacSyntheticOptions *options, const CpacInputSpec *spec);
void cpac_synthetic_free (CpacSynthetic *synthetic);

/*
 * Damages @picture (channels, height, width) by some of the kinds, and sets @mask (height, width)
 * to 1 where a pixel moved visibly, in any channel, else 0. @width and @height are those of the
 * original picture. @other: another good picture of the same shape, the source of foreign texture.
 *
 * A defect that leaves fewer visible pixels than min_pixels is drawn again, at most
 * CPAC_SYNTHETIC_TRIES times in all, then left out; where nothing is left the picture is the bytes
 * it was and the mask is zero. Pixels outside the shapes keep their bytes. Returns the number of
 * visible pixels.
 */
guint cpac_synthetic_apply (CpacSynthetic *synthetic, CpacRandom *random, guint width, guint height,
                            float *picture, const float *other, guint8 *mask);
#define CPAC_SYNTHETIC_TRIES 6

/* Standard deviation of @picture in 8-bit units: the root of the mean of the channels' variances,
 * so that colour alone is no spread; at least 2. */
double cpac_synthetic_spread (const CpacInputSpec *spec, const float *picture);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CpacSynthetic, cpac_synthetic_free)

G_END_DECLS
