/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/frame/frame.h"
#include "core/network/params.h"
#include "core/score/combined.h"
#include "core/score/head.h"

G_BEGIN_DECLS

/* Largest width and height of an input. */
#define CPAC_MODEL_MAX_INPUT_SIDE 8192

/**
 * CpacModel:
 *
 * A model as loaded: what frames become, the network, its weights, the score head. Immutable and
 * reference-counted; may be used from any thread. What changes while scoring is a CpacScorer.
 */
typedef struct _CpacModel CpacModel;

/**
 * CpacModelFlags:
 * @CPAC_MODEL_ALLOW_SHAPE: take a file without `weights` and give it random ones; without this flag
 *   it is refused
 * @CPAC_MODEL_SKIP_SELF_CHECK: do not run the golden self-check
 */
typedef enum {
  CPAC_MODEL_DEFAULT = 0,
  CPAC_MODEL_ALLOW_SHAPE = 1 << 0,
  CPAC_MODEL_SKIP_SELF_CHECK = 1 << 1,
} CpacModelFlags;

/* Loads the YAML at @path and the weights beside it, checks every key, shape and hash, and, when
 * the model carries one, runs the golden self-check (CPAC_ERROR_NUMERIC when this machine computes
 * something else). (transfer full) */
CpacModel *cpac_model_load (const char *path, CpacModelFlags flags, GError **error);
CpacModel *cpac_model_ref (CpacModel *model);
/* Takes NULL. */
void cpac_model_unref (CpacModel *model);

/* Reads an `input` section. */
gboolean cpac_model_read_input (const CpacConfig *map, CpacInputSpec *input, GError **error);

const char *cpac_model_get_name (const CpacModel *model);
/* Path it was loaded from. */
const char *cpac_model_get_path (const CpacModel *model);
const CpacInputSpec *cpac_model_get_input (const CpacModel *model);
const CpacNetwork *cpac_model_get_network (const CpacModel *model);
const CpacParams *cpac_model_get_params (const CpacModel *model);
const CpacHead *cpac_model_get_head (const CpacModel *model);
/* What a gaussian head, or the gaussian of a combined one, measures; NULL for other heads. */
const CpacGaussian *cpac_model_get_gaussian (const CpacModel *model);
/* How a combined head combines; NULL for other heads. */
const CpacCombined *cpac_model_get_combined (const CpacModel *model);
/* Lower-case sha256 of the weights file; NULL for a shape. */
const char *cpac_model_get_weights_sha256 (const CpacModel *model);
/* Lower-case sha256 of everything that decides about a frame's score: the weights, and what the
 * YAML says on input, layers and head, thresholds left out; NULL for a shape. */
const char *cpac_model_get_scoring_sha256 (const CpacModel *model);
/* Lower-case sha256 of the YAML file. */
const char *cpac_model_get_config_sha256 (const CpacModel *model);
gboolean cpac_model_is_shape (const CpacModel *model);
/* Tensors of the weights file that neither layers nor head name. */
guint cpac_model_get_n_ignored (const CpacModel *model);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CpacModel, cpac_model_unref)

G_END_DECLS
