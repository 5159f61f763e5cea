/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/score/inspection.h"

G_BEGIN_DECLS

/*
 * The inspection journal: JSON lines, schema cpac-inspection/1. A header line, one line per frame,
 * a closing record with the ledger. Keys are snake_case; the object "inspection" of a frame holds
 * the fields of the metadata under the same names with '_' for '-'. Numbers are locale-independent,
 * doubles read back exactly, nothing is ever NaN or infinite (such a value is left out).
 */

#define CPAC_JOURNAL_SCHEMA "cpac-inspection/1"

/* What stands in the header. NULL or empty texts are left out. */
typedef struct {
  const char *source;
  const char *model, *model_sha256, *config_sha256;
  const char *kernel_level;
} CpacJournalHeader;

/* What goes with a frame beside its inspection. */
typedef struct {
  const char *source;    /* NULL: left out */
  guint64 timestamp_ns;  /* stream time; G_MAXUINT64: left out */
  gboolean timing;       /* write wall-clock fields: system_timestamp and time_ns */
  gint64 system_time_us; /* since 1970 UTC; used with timing only */
} CpacJournalFrame;

/* Frames by verdict. It closes when seen = ok + not_ok + not_decidable + undefined. */
typedef struct {
  guint64 seen;
  guint64 verdicts[CPAC_N_VERDICTS]; /* by CpacVerdict */
} CpacLedger;

void cpac_ledger_add (CpacLedger *ledger, CpacVerdict verdict);
gboolean cpac_ledger_closes (const CpacLedger *ledger);

/* One line each, ending in a newline. (transfer full) */
char *cpac_journal_header (const CpacJournalHeader *header);
char *cpac_journal_line (const CpacInspection *inspection, const CpacJournalFrame *frame);
char *cpac_journal_closing (const CpacLedger *ledger);

G_END_DECLS
