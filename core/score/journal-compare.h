/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "core/error.h"

G_BEGIN_DECLS

/**
 * CpacJournalDifference:
 *
 * One place where two journals say different things. Strings are (transfer full).
 */
typedef struct {
  guint line;  /* from 1; where a line is missing on one side, its number on the other */
  char *path;  /* "inspection.score"; "" for a whole line */
  char *a, *b; /* the two values as JSON; "(absent)" where there is none */
} CpacJournalDifference;

/* Compares two journals (JSON lines) line by line, without the fields that tell time or place of
 * the run: system_timestamp, time_ns, source, kernel_level and version. Two numbers are the same
 * when they differ by at most @tolerance x max (1, |a|, |b|); two whole numbers, which count or
 * name things, when they are equal. @n_frames receives the frames of the first journal.
 * CPAC_ERROR_PARSE, with name and line, for what is no journal. (transfer full) (element-type
 * CpacJournalDifference) */
GArray *cpac_journal_compare (const char *name_a, const char *text_a, gsize length_a,
                              const char *name_b, const char *text_b, gsize length_b,
                              double tolerance, guint *n_frames, GError **error);

G_END_DECLS
