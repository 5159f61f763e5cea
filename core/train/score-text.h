/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/train/fit.h"

G_BEGIN_DECLS

/* What the score section of a fitted model says. */
typedef struct {
  char **good, **layers; /* NULL-terminated */
  CpacGaussianMode mode;
  guint channels;        /* 0: all */
  double top;            /* 0: the maximum */
  const CpacFit *fit;    /* NULL: not fitted yet, threshold 0 */
  const char *copies;    /* how the copies that it was fitted to differ, if there were any */
  const char *map_layer; /* the map of a combined head; NULL: head gaussian */
  double map_top;
} CpacScoreText;

/* The score section. Uncalibrated: the threshold is the 0.95 quantile of good pictures that were
 * held out, their median the black of the heat map. (transfer full) */
char *cpac_score_text_make (const CpacScoreText *section);

/* Median and threshold in it. */
void cpac_score_text_get_scale (const CpacScoreText *section, CpacScale *scale);

G_END_DECLS
