/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/model/model.h"

G_BEGIN_DECLS

#define CPAC_GOLDEN_MAX_EXPECTED 64

/**
 * CpacGolden:
 * @seed: of the input
 * @tolerance: relative to the largest expected magnitude, or absolute where that is below 1
 * @n_expected: number of outputs that are compared, 1 to %CPAC_GOLDEN_MAX_EXPECTED
 * @expected: their values
 *
 * The `golden` section: an input made from a seed and what the network must answer, so that a
 * machine on which the model computes something else says so before the first verdict.
 *
 * The input: 8-bit values drawn uniformly from the generator's stream CPAC_STREAM_GOLDEN, in
 * (channels, height, width) order, normalised as pixels are. Compared are the outputs of the last
 * layer at the indices floor (i n_outputs / n_expected), i = 0 ... n_expected - 1.
 */
typedef struct {
  guint64 seed;
  double tolerance;
  guint n_expected;
  double expected[CPAC_GOLDEN_MAX_EXPECTED];
} CpacGolden;

/* Reads the section; @n_outputs of the network bounds the number of expected values.
 * (transfer full) */
CpacGolden *cpac_golden_new (const CpacConfig *map, gsize n_outputs, GError **error);
void cpac_golden_free (CpacGolden *golden);

/* FALSE with CPAC_ERROR_NUMERIC when an expected value is not finite or beyond what a file may say:
 * such a model would not load. */
gboolean cpac_golden_is_valid (const CpacGolden *golden, GError **error);
/* What the model answers here, at its golden input of @seed: at most 13 values. */
void cpac_golden_compute (const CpacModel *model, guint64 seed, CpacGolden *golden);
/* Computed as frames are scored, at the level in force: CPAC_ERROR_NUMERIC naming the worst output
 * when the answer is off by more than the tolerance; CPAC_ERROR_SCHEMA as cpac_level_get().
 * @deviation, may be NULL, receives the largest difference. */
gboolean cpac_golden_check (const CpacGolden *golden, const CpacModel *model, double *deviation,
                            GError **error);
/* The section as YAML text, to be appended to a model. (transfer full) */
char *cpac_golden_to_yaml (const CpacGolden *golden);

/* The model's own section, NULL when it has none. */
const CpacGolden *cpac_model_get_golden (const CpacModel *model);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CpacGolden, cpac_golden_free)

G_END_DECLS
