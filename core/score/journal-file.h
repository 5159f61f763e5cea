/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/score/journal.h"

G_BEGIN_DECLS

/**
 * CpacJournalFile:
 *
 * A journal that is written while parts go by, and outlives the program.
 *
 * Every line goes to the file with one write() as soon as it is there, so a program that is killed
 * loses none; what the machine loses with its power is what was written since the last
 * cpac_journal_file_sync(). One file takes one writer (flock()), and only regular files are taken.
 *
 * Opening a journal that is there puts its end in order and goes on behind it: a torn last line is
 * cut off; a session without closing record is closed by the count of its lines, its part in hand,
 * if there is one, with verdict `undefined` (`not-ok` where a frame of it is), both marked
 * "recovered". Then another session may begin.
 */
typedef struct _CpacJournalFile CpacJournalFile;

/* What opening found. */
typedef struct {
  guint64 n_sessions;      /* in the file so far; 0: a new file */
  gboolean is_interrupted; /* the last one broke off: its closing record was added later */
  gboolean is_repaired;    /* namely now */
  gboolean has_lost_part;  /* and it had a part in hand */
  guint64 torn_bytes;      /* cut off, now */
} CpacJournalFound;

/* Errors: G_FILE_ERROR; CPAC_ERROR_PARSE for a file that is there and no journal, and as of
 * cpac_journal_tail_read(). The file is then as it was, apart from a torn line. (transfer full) */
CpacJournalFile *cpac_journal_file_open (const char *path, CpacJournalFound *found, GError **error);
/* Takes NULL. What was appended stays, synchronised or not. */
void cpac_journal_file_free (CpacJournalFile *file);

/* Appends @line, which ends in its only newline. After a G_FILE_ERROR (a full disk) the line is not
 * there, not even in part, unless the file cannot be cut either. */
gboolean cpac_journal_file_append (CpacJournalFile *file, const char *line, GError **error);
/* Returns when all lines are on the disk. G_FILE_ERROR. */
gboolean cpac_journal_file_sync (CpacJournalFile *file, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CpacJournalFile, cpac_journal_file_free)

G_END_DECLS
