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

/* ---- What is said of the journal (summary.c) ---- */

void cpac_report_warn (CpacReportReader *reader, const char *format, ...) G_GNUC_PRINTF (2, 3);
void cpac_report_remark (CpacReportReader *reader, const char *format, ...) G_GNUC_PRINTF (2, 3);
/* Sets "name:line: found @what" (CPAC_ERROR_PARSE) and returns FALSE. */
gboolean cpac_report_refuse (const CpacReportReader *reader, const char *what, GError **error);
/* The same text, once for the summary's life; equal ones are the same. NULL for NULL. */
const char *cpac_report_keep (CpacReportReader *reader, const char *text);

/* ---- Records (summary-records.c) ---- */

/* Takes one line; CPAC_ERROR_PARSE, see cpac_report_summary_new(). */
gboolean cpac_report_read_record (CpacReportReader *reader, JsonObject *object, GError **error);
/* What frames, parts and lost ones have in common. */
CpacReportUnit
cpac_report_read_unit (CpacReportReader *reader, JsonObject *object, CpacVerdict verdict);

/* ---- Parts and what the monitor says of them (summary-parts.c) ---- */

gboolean cpac_report_read_part (CpacReportReader *reader, JsonObject *object, GError **error);

/* ---- Where runs begin and end (summary-runs.c) ---- */

gboolean cpac_report_read_header (CpacReportReader *reader, JsonObject *object, GError **error);
gboolean cpac_report_read_closing (CpacReportReader *reader, JsonObject *object, GError **error);
/* A line outside of runs begins one. */
void cpac_report_begin_without_header (CpacReportReader *reader);
/* The run in hand ends without a closing record. */
void cpac_report_break_off (CpacReportReader *reader);

/* ---- Kinds that are counted (summary-kinds.c) ---- */

void cpac_report_add_reason (CpacReportReader *reader, const char *why, guint64 n);
/* @object names the model; 0 frames for a header's. */
void cpac_report_add_model (CpacReportReader *reader, JsonObject *object, guint n_frames);
void cpac_report_add_thresholds (CpacReportReader *reader, JsonObject *inspection);

G_END_DECLS
