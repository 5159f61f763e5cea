/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "pipelines/report.h"
#include "tests/folder.h"

/* A picture of 20x10 pixels and its score. */
typedef struct {
  const char *label, *group;
  double score;
  guint n_mask;     /* defect pixels of the mask, the first in reading order; 0: no mask */
  guint mask_scale; /* the mask is so many times as wide and high as the picture; 0: once */
} ScoredRow;

/* Scored pictures as evaluation has them, with files behind them. The map is the score everywhere,
 * its scale -8 to 8; the good label is "good". */
typedef struct {
  Folder folder;
  CpacHead head;
  GArray *pictures; /* ScoredPicture */
  CpacManifest *manifest;
} ScoredFixture;

void scored_init (ScoredFixture *fixture, const ScoredRow *rows, guint n, double warn_threshold,
                  double threshold);
void scored_clear (ScoredFixture *fixture);
/* Figures with 200 draws, asserted. (transfer full) */
Figures *scored_measure (const ScoredFixture *fixture);
Report scored_report (const ScoredFixture *fixture, const Figures *figures);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (ScoredFixture, scored_clear)
