/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/score/ledger.h"

G_BEGIN_DECLS

/**
 * CpacJournalTail:
 *
 * How a journal ends: what has to be known to go on writing it. Every header, part record and
 * closing record tells how the ledger stood, so only the lines after the last of them are read.
 */
typedef struct {
  /* FALSE: none of those records is in the text, and it is not the whole journal: read more. */
  gboolean is_known;
  guint64 session;       /* number of the last one */
  gboolean is_ended;     /* it has its closing record */
  gboolean is_recovered; /* which was added later */
  /* As of its last whole line. A part in hand counts as seen and has no verdict. */
  CpacLineLedger ledger;
  /* The part in hand. */
  guint64 part;
  guint64 n_lost;     /* among its frames, ledger.in_hand */
  char *part_id;      /* NULL when unknown */
  gboolean is_not_ok; /* one of its frames is */
  gsize valid_length; /* bytes of the text; what follows is torn */
} CpacJournalTail;

/**
 * cpac_journal_tail_read:
 * @name: of the journal, for errors
 * @text: (@length) its end, or all of it
 * @is_whole: the latter
 *
 * Lines from the first one on that is no JSON are torn, unless one of the records above follows:
 * then it is the journal that is damaged. Where @is_whole is FALSE, @text may begin inside a line.
 *
 * Errors (CPAC_ERROR_PARSE): a line that is no journal line, an impossible count; (CPAC_ERROR_
 * NUMERIC): a ledger that does not close. Nothing is to be cleared then.
 */
gboolean cpac_journal_tail_read (const char *name, const char *text, gsize length,
                                 gboolean is_whole, CpacJournalTail *tail, GError **error);
void cpac_journal_tail_clear (CpacJournalTail *tail);

/* Whether @text, the beginning of a file, is that of a journal: a whole header line, or a torn one
 * and nothing else. CPAC_ERROR_PARSE if not. */
gboolean cpac_journal_check_head (const char *name, const char *text, gsize length,
                                  gboolean is_whole, GError **error);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (CpacJournalTail, cpac_journal_tail_clear)

G_END_DECLS
