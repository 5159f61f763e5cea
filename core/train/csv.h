/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "core/error.h"

G_BEGIN_DECLS

/**
 * CpacCsvReader:
 * @line: of the record last read, from 1
 *
 * Reads comma-separated records from memory (RFC 4180: quoted fields may hold commas, line ends and
 * doubled quotes), with LF or CRLF line ends and an optional byte order mark. Empty lines are
 * skipped. Plain data, nothing to free; text and name are borrowed.
 */
typedef struct {
  guint line;
  /*< private >*/
  const char *name;
  const char *cursor, *end;
  guint next_line;
} CpacCsvReader;

typedef enum {
  CPAC_CSV_RECORD,
  CPAC_CSV_END,
  CPAC_CSV_ERROR,
} CpacCsvStatus;

/* @name stands for the file in errors. CPAC_ERROR_PARSE when @text is not UTF-8. */
gboolean cpac_csv_reader_init (CpacCsvReader *reader, const char *name, const char *text,
                               gsize length, GError **error);
/* Replaces @fields by those of the next record: an array of char *, made with g_free as its element
 * free function. CPAC_ERROR_PARSE for stray quotes and carriage returns. */
CpacCsvStatus cpac_csv_reader_next (CpacCsvReader *reader, GPtrArray *fields, GError **error);

G_END_DECLS
