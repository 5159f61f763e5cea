/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/report/summary.h"

G_BEGIN_DECLS

/* Pictures of the page as SVG, in the colours of core/plot.h, which its style changes in the dark.
 * What an eye that sees no colour needs is in the marks: hatching, triangles, dashes. Each picture
 * is bounded, however long the journal. (transfer full) all */

/* Marks of one chart; beyond that evenly spread ones. */
#define CPAC_REPORT_MAX_ALARMS 300

/* How many units of each verdict, in up to 60 bins over the order of the journal. NULL without
 * units. */
char *cpac_report_draw_verdicts (const CpacReportSummary *summary);

/* How many units have which score, by verdict, with the thresholds. NULL without scores. @n_beyond:
 * scores far beyond all others, which the last bin holds. */
char *cpac_report_draw_scores (const CpacReportSummary *summary, guint *n_beyond);

/* One control chart with its limits, alarms, and where the state changed. @n_alarms: all there are,
 * drawn or not. */
char *cpac_report_draw_chart (const CpacReportSummary *summary, const CpacReportChart *chart,
                              guint *n_alarms);

G_END_DECLS
