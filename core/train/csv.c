/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/train/csv.h"

#include <string.h>

#define BYTE_ORDER_MARK "\xef\xbb\xbf"

static guint
count_lines (const char *from, const char *to)
{
  guint n = 0;

  for (; from < to; from++)
    n += *from == '\n' ? 1 : 0;
  return n;
}

gboolean
cpac_csv_reader_init (CpacCsvReader *reader, const char *name, const char *text, gsize length,
                      GError **error)
{
  const char *valid_end = text;

  *reader = (CpacCsvReader){ .name = name, .cursor = text, .end = text + length, .next_line = 1 };
  if (length > 0 && !g_utf8_validate (text, length, &valid_end)) {
    g_set_error (error, CPAC_ERROR, CPAC_ERROR_PARSE,
                 "%s:%u: byte 0x%02x is not UTF-8; expected comma-separated text", name,
                 1 + count_lines (text, valid_end), (guint8) *valid_end);
    return FALSE;
  }
  if (length >= strlen (BYTE_ORDER_MARK) &&
      memcmp (text, BYTE_ORDER_MARK, strlen (BYTE_ORDER_MARK)) == 0)
    reader->cursor += strlen (BYTE_ORDER_MARK);
  return TRUE;
}

/* Length of the line end at the cursor, 0 when there is none. */
static gsize
line_end_length (const CpacCsvReader *reader)
{
  const char *cursor = reader->cursor;

  if (cursor < reader->end && *cursor == '\n')
    return 1;
  if (reader->end - cursor >= 2 && cursor[0] == '\r' && cursor[1] == '\n')
    return 2;
  return 0;
}

static gboolean
skip_line_end (CpacCsvReader *reader)
{
  gsize length = line_end_length (reader);

  reader->cursor += length;
  reader->next_line += length > 0 ? 1 : 0;
  return length > 0;
}

static gboolean
at_field_end (const CpacCsvReader *reader)
{
  return reader->cursor == reader->end || *reader->cursor == ',' || line_end_length (reader) > 0;
}

/* The cursor is behind the opening quote; afterwards behind the closing one. */
static char *
read_quoted (CpacCsvReader *reader, GError **error)
{
  g_autoptr (GString) field = g_string_new (NULL);
  guint start_line = reader->next_line;

  for (;;) {
    const char *quote = memchr (reader->cursor, '"', reader->end - reader->cursor);

    if (quote == NULL) {
      g_set_error (error, CPAC_ERROR, CPAC_ERROR_PARSE,
                   "%s:%u: the quote opened in this line is never closed", reader->name,
                   start_line);
      return NULL;
    }
    g_string_append_len (field, reader->cursor, quote - reader->cursor);
    reader->next_line += count_lines (reader->cursor, quote);
    reader->cursor = quote + 1;
    if (reader->cursor == reader->end || *reader->cursor != '"')
      break;
    g_string_append_c (field, '"');
    reader->cursor++;
  }
  if (!at_field_end (reader)) {
    g_set_error (error, CPAC_ERROR, CPAC_ERROR_PARSE,
                 "%s:%u: text after a closing quote; expected a comma or the end of the line (a "
                 "quote inside a quoted field is written twice)",
                 reader->name, reader->next_line);
    return NULL;
  }
  return g_string_free (g_steal_pointer (&field), FALSE);
}

static char *
read_plain (CpacCsvReader *reader, GError **error)
{
  const char *start = reader->cursor;

  while (!at_field_end (reader)) {
    if (*reader->cursor == '"' || *reader->cursor == '\r') {
      g_set_error (error, CPAC_ERROR, CPAC_ERROR_PARSE, "%s:%u: %s", reader->name,
                   reader->next_line,
                   *reader->cursor == '"'
                       ? "quote inside an unquoted field; expected the whole field in quotes"
                       : "carriage return without a line feed; expected LF or CRLF line ends");
      return NULL;
    }
    reader->cursor++;
  }
  return g_strndup (start, reader->cursor - start);
}

CpacCsvStatus
cpac_csv_reader_next (CpacCsvReader *reader, GPtrArray *fields, GError **error)
{
  g_ptr_array_set_size (fields, 0);
  while (skip_line_end (reader))
    ;
  if (reader->cursor == reader->end)
    return CPAC_CSV_END;
  reader->line = reader->next_line;
  for (;;) {
    char *field;

    if (reader->cursor < reader->end && *reader->cursor == '"') {
      reader->cursor++;
      field = read_quoted (reader, error);
    } else {
      field = read_plain (reader, error);
    }
    if (field == NULL)
      return CPAC_CSV_ERROR;
    g_ptr_array_add (fields, field);
    if (reader->cursor == reader->end || skip_line_end (reader))
      return CPAC_CSV_RECORD;
    reader->cursor++;
  }
}
