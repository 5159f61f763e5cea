/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/model/model.h"

G_BEGIN_DECLS

/* How the part of a network that is kept differs from it. */
typedef struct {
  const char *const *layers; /* NULL-terminated names: kept, with all that they need */
  guint width, height;       /* of the input; 0: as it is */
  gboolean gray;             /* an RGB network becomes one for gray, see gray-stem.h */
  gboolean standardize;      /* each gray picture is brought to a mean and spread */
  double mean, spread;       /* in 8-bit units, and clipped to 0..255 */
} CpacCut;

/**
 * cpac_cut_text:
 * @root: the configuration that @model was loaded from, and @text its text
 *
 * The YAML of the part that @cut keeps, up to and without the score section: input and layers, each
 * with the name it has in @model. CPAC_ERROR_SCHEMA for a layer that @model has not, and for
 * standardizing of colour or a second time; CPAC_ERROR_SHAPE where an RGB network cannot be made
 * one for gray. (transfer full)
 */
char *cpac_cut_text (const CpacModel *model, const CpacConfig *root, const char *text,
                     const CpacCut *cut, GError **error);

/* The network's input according to that text. */
void cpac_cut_get_input (const CpacModel *model, const CpacCut *cut, CpacInputSpec *input);

/* Parameters of @network, which was built from that text. CPAC_ERROR_SHAPE for one that another
 * size of the input would have to change. (transfer full) */
CpacParams *cpac_cut_params (const CpacModel *model, const CpacCut *cut, const CpacNetwork *network,
                             GError **error);

G_END_DECLS
