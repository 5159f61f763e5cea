/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/train/manifest.h"
#include "pipelines/figures.h"

G_BEGIN_DECLS

/*
 * The pictures of an evaluation in which good is told from defect. The same figures give the same
 * bytes; text in the contact sheet depends on the fonts of the machine.
 */

/* What the pictures are about. */
typedef struct {
  const char *name; /* of the model */
  const CpacHead *head;
  const Figures *figures; /* of @pictures */
  const GArray *pictures; /* as from score_set() */
  const CpacManifest *manifest;
  guint n_draws;
  guint64 seed;
} Report;

/* Detection over false rejects as SVG, on a plain and on a logarithmic axis, with a 95 % band by
 * part, the thresholds of the model, and what so few good pictures cannot show. (transfer full) */
char *report_draw_roc (const Report *report);

/* How many pictures have which score, good ones and defects, as SVG, with the model's thresholds.
 * (transfer full) */
char *report_draw_scores (const Report *report);

#define REPORT_N_WORST 24

/* The pictures of the contact sheet: half of them the good ones of the highest score, half the
 * defects of the lowest; where one kind has fewer, the other fills up. Equal scores stay in the
 * order of the list. @worst: indices, the good ones first; returns how many, @n_good of them good.
 */
guint report_find_worst (const Figures *figures, guint worst[REPORT_N_WORST], guint *n_good);

/* The contact sheet as a PNG at @path: each picture beside its heat map at the model's fixed scale,
 * both with the outline of the mask and of what the map holds above the threshold. Errors: those of
 * reading pictures, G_FILE_ERROR. */
gboolean report_write_worst (const Report *report, const char *path, GError **error);

/* worst.png, roc.svg and scores.svg in the folder @path, which is made where it is missing. Each
 * file is replaced whole. Errors: as above. */
gboolean report_write (const Report *report, const char *path, GError **error);

G_END_DECLS
