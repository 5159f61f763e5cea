/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/report/page.h"

G_BEGIN_DECLS

extern const char cpac_report_style[];

/* @text, which may hold anything, as text of the page; a dash for NULL. */
void cpac_report_add_text (GString *html, const char *text);

/* Sections. */
void cpac_report_add_verdicts (GString *html, const CpacReportSummary *summary);
void cpac_report_add_charts (GString *html, const CpacReportSummary *summary);
void cpac_report_add_scores (GString *html, const CpacReportSummary *summary);

G_END_DECLS
