/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/score/inspection.h"
#include "core/score/ledger.h"

G_BEGIN_DECLS

/*
 * The inspection journal: JSON lines, schema cpac-inspection/1. A header line, one line per frame,
 * a closing record with the ledger. Where parts are kept track of, there is also a record for each
 * part that ended, one for frames that were lost, and the file may hold one session after the
 * other, each from header to closing record. Keys are snake_case; the object "inspection" of a
 * frame holds the fields of the metadata under the same names with '_' for '-'. Numbers are
 * locale-independent, doubles read back exactly, nothing is ever NaN or infinite (such a value is
 * left out).
 */

#define CPAC_JOURNAL_SCHEMA "cpac-inspection/1"

/* What stands in the header. NULL or empty texts are left out. */
typedef struct {
  const char *source;
  const char *model, *model_sha256, *config_sha256;
  const char *kernel_level;
  guint64 session;                  /* from 1; 0: left out, as is what follows */
  gboolean previous_is_interrupted; /* it had no closing record but one that was added later */
  guint64 torn_bytes;               /* of a torn line that were cut off its end */
} CpacJournalHeader;

/* What goes with a frame beside its inspection. */
typedef struct {
  const char *source;    /* NULL: left out */
  guint64 timestamp_ns;  /* stream time; G_MAXUINT64: left out */
  gboolean timing;       /* write wall-clock fields: system_timestamp and time_ns */
  gint64 system_time_us; /* since 1970 UTC; used with timing only */
} CpacJournalFrame;

/* A part that has ended. */
typedef struct {
  guint64 part;   /* number, from 0 in every session */
  const char *id; /* NULL when unknown */
  CpacVerdict verdict;
  guint64 n_frames, n_lost; /* the latter among the former */
  gboolean is_mixed;        /* scored by two models, so without a score; written where it is so */
  gboolean is_incomplete;   /* frames of it are missing, or may be */
  gboolean is_recovered;    /* written by the next session, as this one broke off */
  gboolean has_score;
  double score; /* the worst of its frames */
  gboolean has_p_value;
  double p_value;      /* the same */
  const char *camera;  /* a JSON object; NULL without */
  const char *monitor; /* the same */
  guint64 session;
  const CpacLineLedger *ledger; /* this part counted */
} CpacJournalPart;

/* Frames that never came. */
typedef struct {
  guint64 n_frames;
  guint64 n_parts;    /* whole parts they make */
  guint64 n_of_part;  /* those that belong to the part in hand */
  guint64 next_frame; /* number of the first frame after them */
  const char *how;    /* "offset", "time" or "discont": what tells */
} CpacJournalLost;

/* One line each, ending in a newline. (transfer full) */
char *cpac_journal_header (const CpacJournalHeader *header);
char *cpac_journal_line (const CpacInspection *inspection, const CpacJournalFrame *frame);
char *cpac_journal_closing (const CpacLedger *ledger);
char *cpac_journal_part (const CpacJournalPart *part, const CpacJournalFrame *frame);
char *cpac_journal_lost (const CpacJournalLost *lost, const CpacJournalFrame *frame);
/* Of a session with parts. @is_recovered: as of a part. */
char *
cpac_journal_closing_of_line (const CpacLineLedger *ledger, guint64 session, gboolean is_recovered);

G_END_DECLS
