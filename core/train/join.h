/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/model/model.h"

G_BEGIN_DECLS

/*
 * One network out of several that read the same input and end in the same shape: each computes what
 * it computed, and the last layer is the mean of their outputs (Lakshminarayanan et al. 2017, "deep
 * ensembles"). Networks trained with other seeds err in other places.
 */

/* @root: the configuration that @model was loaded from, and @text its text. */
typedef struct {
  const CpacModel *model;
  const CpacConfig *root;
  const char *text;
} CpacJoinMember;

/**
 * cpac_join_text:
 *
 * The YAML of the joined model without weights. Layers of member k are named "mK.NAME", from 1;
 * layers without parameters that all members begin with stand once, under the name they have. The
 * score section is the first member's, without a calibration: its scores are others. Errors:
 * CPAC_ERROR_SHAPE for another input or output than the first member's, CPAC_ERROR_SCHEMA for
 * another head or other classes, and for heads that are no mean of outputs (gaussian, combined).
 * (transfer full)
 */
char *cpac_join_text (const CpacJoinMember *members, guint n, GError **error);

/* Parameters of @network, which was built from that text. (transfer full) */
CpacParams *cpac_join_params (const CpacJoinMember *members, guint n, const CpacNetwork *network);

G_END_DECLS
