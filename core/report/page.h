/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/report/summary.h"

G_BEGIN_DECLS

/* Units in the table of the worst, and pictures. */
#define CPAC_REPORT_N_WORST 24
#define CPAC_REPORT_MAX_PICTURES 24

/* What was kept of one frame: data: URIs, NULL where there is none. (transfer none) */
typedef struct {
  const char *picture, *map;
  const char *remark; /* a sentence in place of both; NULL: none */
} CpacReportEvidence;

typedef struct {
  const CpacReportSummary *summary;
  const char *name;       /* of the journal */
  const GArray *worst;    /* (element-type CpacReportUnit) */
  const GArray *evidence; /* (element-type CpacReportEvidence) as many; NULL: no folder was given */
} CpacReportPage;

/* One page of HTML that needs nothing else: no script, no other file. The same in, the same out.
 * (transfer full) */
char *cpac_report_page (const CpacReportPage *page);

G_END_DECLS
