/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/model/model.h"

G_BEGIN_DECLS

/*
 * One network out of several that read the same picture: each computes what it computed, and the
 * last layer is the mean of their outputs (Lakshminarayanan et al. 2017, "deep ensembles").
 * Networks trained with other seeds or at other sizes err in other places. Where inputs differ in
 * size, the joined one's is their least common multiple, which each member gets averaged down to
 * its own. From frames of at least that size this is what area resizing would have given; smaller
 * ones are enlarged to it first, and the members see them a little smoother. Maps of fewer cells
 * are enlarged.
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
 * The YAML of the joined model without weights; @input receives the shape of its input. Layers of
 * member k are named "mK.NAME", from 1; layers without parameters that all members begin with stand
 * once, under the name they have. The score section is the first member's, thresholds and all, but
 * without a calibration: the scores are others, and the thresholds want a new one. Errors:
 * CPAC_ERROR_SHAPE for an input or output that does not go with the first member's, or inputs whose
 * common multiple is more than four times the largest, or more than a model may have,
 * CPAC_ERROR_SCHEMA for another head or other classes, and for heads that are no mean of outputs
 * (gaussian, combined). (transfer full)
 */
char *cpac_join_text (const CpacJoinMember *members, guint n, CpacDims *input, GError **error);

/* Parameters of @network, which was built from that text. (transfer full) */
CpacParams *cpac_join_params (const CpacJoinMember *members, guint n, const CpacNetwork *network);

G_END_DECLS
