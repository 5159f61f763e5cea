/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/monitor/monitor.h"
#include "core/random.h"

G_BEGIN_DECLS

/* A simulated line: scores are normal where nothing is wrong, p-values are theirs, the worst
 * hundredth is rejected; a lamp of 120 +- 1; features with two causes. */
#define LINE_N_FEATURES 8

typedef struct {
  CpacRandom random;
  double phi;         /* autocorrelation of scores */
  double shift;       /* of all scores, in standard deviations */
  double defect_rate; /* of parts 6 standard deviations out */
  double lamp;        /* added to the brightness, a third of it to the contrast */
  double structure;   /* added to the contrast, a tenth of it to the sharpness */
  double oddity;      /* added to feature 5 alone */
  double cause;       /* added to the first cause */
  double last;
  double features[LINE_N_FEATURES];
} Line;

void line_init (Line *line, guint64 seed);
/* The next part; its features belong to @line until the next. */
CpacMonitorPart line_next (Line *line);

/* Everything charted. */
CpacMonitorOptions line_options (void);
/* A monitor that has learnt from @line. (transfer full) */
CpacMonitor *line_learn (Line *line, const CpacMonitorOptions *options);

G_END_DECLS
