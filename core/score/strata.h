/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * CpacStrata:
 *
 * The physical parts of an evaluation, numbered 0, 1, ..., in two strata: those that show no defect
 * and those that show one. Every interval by group resamples them in the same way: draw number i of
 * one seed takes the same parts for every figure.
 */
typedef struct {
  guint n_parts;
  guint *parts[2]; /* of each stratum, rising */
  guint n[2];
} CpacStrata;

/* @defective (n_parts): the parts that show a defect. */
void cpac_strata_init (CpacStrata *strata, const gboolean *defective, guint n_parts);
void cpac_strata_clear (CpacStrata *strata);

/* Draw @draw of @seed: as many parts of each stratum as it has, with replacement; @counts (n_parts)
 * receives how often each was taken. */
void cpac_strata_draw (const CpacStrata *strata, guint64 seed, guint draw, guint *counts);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (CpacStrata, cpac_strata_clear)

G_END_DECLS
