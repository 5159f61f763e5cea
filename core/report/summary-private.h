/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

#include "core/report/summary.h"

G_BEGIN_DECLS

/* A summary that grows, and where it stands in the journal. */
typedef struct {
  CpacReportSummary *summary;
  const char *name; /* of the journal */
  guint64 line;
  GHashTable *charts; /* "series chart" to place + 1 in summary->charts */
  /* Of the run in hand. */
  gboolean is_open;
  CpacLineLedger ledger; /* by its lines; of_parts, between and in_hand are not kept */
  guint64 n_part_records;
  /* Of frames of the part in hand, the worst. */
  guint64 worst_part; /* G_MAXUINT64: none */
  CpacReportUnit worst;
} CpacReportReader;

/* Takes one line; CPAC_ERROR_PARSE, see cpac_report_summary_new(). */
gboolean cpac_report_read_record (CpacReportReader *reader, JsonObject *object, GError **error);
/* The run in hand ends without a closing record. */
void cpac_report_break_off (CpacReportReader *reader);

void cpac_report_warn (CpacReportReader *reader, const char *format, ...) G_GNUC_PRINTF (2, 3);
void cpac_report_remark (CpacReportReader *reader, const char *format, ...) G_GNUC_PRINTF (2, 3);

G_END_DECLS
