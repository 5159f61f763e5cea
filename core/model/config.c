/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/model/config.h"

#include <string.h>
#include <yaml.h>

#include "core/model/config-build.h"
#include "core/model/files.h"

#define MAX_BYTES (4 * 1024 * 1024)

#define UTF8_BOM "\xef\xbb\xbf"

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (yaml_parser_t, yaml_parser_delete)
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (yaml_event_t, yaml_event_delete)

/* libyaml counts characters; whoever edits a file needs bytes. Its marks come nearly in order, so
 * that stepping on from the last one costs little. */
typedef struct {
  yaml_parser_t *parser;
  CpacConfigBuilder *builder;
  const char *text, *end;
  const char *begin;  /* behind the byte order mark, where libyaml begins to count */
  const char *cursor; /* where character number cursor_index begins */
  gsize cursor_index;
} Reader;

/* ---- Places ---- */

/* Bytes of the line break at @at as libyaml sees them, 0 when there is none. */
static guint
break_length (const char *at, const char *end)
{
  gsize left = end - at;

  if (left >= 2 && memcmp (at, "\r\n", 2) == 0)
    return 2;
  if (left >= 1 && (*at == '\r' || *at == '\n'))
    return 1;
  if (left >= 2 && memcmp (at, "\xc2\x85", 2) == 0)
    return 2;
  if (left >= 3 && (memcmp (at, "\xe2\x80\xa8", 3) == 0 || memcmp (at, "\xe2\x80\xa9", 3) == 0))
    return 3;
  return 0;
}

/* One character on; a line break of two bytes is one. */
static void
step (const Reader *reader, CpacConfigPlace *place)
{
  const char *at = reader->text + place->at;
  guint length = break_length (at, reader->end);

  if (length > 0) {
    place->at += length;
    place->line++;
    place->column = 1;
  } else {
    place->at += g_utf8_next_char (at) - at;
    place->column++;
  }
}

static CpacConfigPlace
place_of_mark (Reader *reader, const yaml_mark_t *mark)
{
  glong distance = (glong) mark->index - (glong) reader->cursor_index;

  reader->cursor = g_utf8_offset_to_pointer (reader->cursor, distance);
  reader->cursor_index = mark->index;
  return (CpacConfigPlace){ reader->cursor - reader->text, mark->line + 1, mark->column + 1 };
}

static void
skip_to_space (const Reader *reader, CpacConfigPlace *place, gsize end)
{
  while (place->at < end && !strchr (" \t", reader->text[place->at]) &&
         break_length (reader->text + place->at, reader->end) == 0)
    step (reader, place);
}

static void
skip_to_break (const Reader *reader, CpacConfigPlace *place, gsize end)
{
  while (place->at < end && break_length (reader->text + place->at, reader->end) == 0)
    step (reader, place);
}

/* An anchor and a tag are no part of the value: it begins behind them, before byte @end. */
static void
skip_properties (const Reader *reader, CpacConfigPlace *place, gsize end)
{
  while (place->at < end) {
    const char *at = reader->text + place->at;

    if (*at == '&' || *at == '!')
      skip_to_space (reader, place, end);
    else if (*at == '#')
      skip_to_break (reader, place, end);
    else if (*at == ' ' || *at == '\t' || break_length (at, reader->end) > 0)
      step (reader, place);
    else
      return;
  }
}

/* Counted from the start: for errors. */
static CpacConfigPlace
place_of_byte (const Reader *reader, gsize at)
{
  CpacConfigPlace place = { reader->begin - reader->text, 1, 1 };

  while (place.at < at)
    step (reader, &place);
  return place;
}

/* ---- Errors of libyaml ---- */

/* Below the scanner libyaml knows the byte, not the line. */
static gboolean
encoding_error (const Reader *reader, GError **error)
{
  const yaml_parser_t *parser = reader->parser;
  CpacConfigPlace place =
      place_of_byte (reader, reader->begin - reader->text + parser->problem_offset);

  return cpac_config_builder_refuse (reader->builder, &place, error,
                                     "found 0x%02x (%s), expected UTF-8 text",
                                     (guint) parser->problem_value, parser->problem);
}

static gboolean
syntax_error (const Reader *reader, GError **error)
{
  const yaml_parser_t *parser = reader->parser;
  CpacConfigPlace place = { 0, parser->problem_mark.line + 1, parser->problem_mark.column + 1 };

  if (parser->error == YAML_MEMORY_ERROR)
    g_error ("cannot allocate memory for reading YAML");
  if (parser->error == YAML_READER_ERROR)
    return encoding_error (reader, error);
  if (parser->context == NULL)
    return cpac_config_builder_refuse (reader->builder, &place, error, "%s", parser->problem);
  return cpac_config_builder_refuse (
      reader->builder, &place, error, "%s, %s that begins at %" G_GSIZE_FORMAT ":%" G_GSIZE_FORMAT,
      parser->problem, parser->context, parser->context_mark.line + 1,
      parser->context_mark.column + 1);
}

/* ---- Events ---- */

static gboolean
take_scalar (Reader *reader, const yaml_event_t *event, GError **error)
{
  CpacConfigPart part = {
    .start = place_of_mark (reader, &event->start_mark),
    .end = place_of_mark (reader, &event->end_mark).at,
    .anchor = (const char *) event->data.scalar.anchor,
    .tag = (const char *) event->data.scalar.tag,
    .text = (const char *) event->data.scalar.value,
    .length = event->data.scalar.length,
    .quoted = event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE,
  };

  part.begin = part.start;
  if (part.anchor || part.tag)
    skip_properties (reader, &part.begin, part.end);
  return cpac_config_builder_scalar (reader->builder, &part, error);
}

static gboolean
take_alias (Reader *reader, const yaml_event_t *event, GError **error)
{
  CpacConfigPart part = {
    .start = place_of_mark (reader, &event->start_mark),
    .end = place_of_mark (reader, &event->end_mark).at,
    .anchor = (const char *) event->data.alias.anchor,
  };

  return cpac_config_builder_alias (reader->builder, &part, error);
}

static gboolean
take_start (Reader *reader, const yaml_event_t *event, CpacConfigKind kind,
            const yaml_char_t *anchor, const yaml_char_t *tag, GError **error)
{
  CpacConfigPart part = {
    .start = place_of_mark (reader, &event->start_mark),
    .anchor = (const char *) anchor,
    .tag = (const char *) tag,
  };

  part.begin = part.start;
  if (anchor || tag)
    skip_properties (reader, &part.begin, reader->end - reader->text);
  return cpac_config_builder_open (reader->builder, &part, kind, error);
}

/* A list or map in brackets ends with the closing one. libyaml lets the others end where the next
 * token begins; ours end with the last value in them. */
static void
take_end (Reader *reader, const yaml_event_t *event)
{
  char first = reader->text[cpac_config_builder_get_begin (reader->builder)];
  gsize end = 0;

  if (first == '[' || first == '{')
    end = place_of_mark (reader, &event->end_mark).at;
  cpac_config_builder_close (reader->builder, end);
}

static gboolean
take_event (Reader *reader, const yaml_event_t *event, GError **error)
{
  CpacConfigPlace place;

  switch (event->type) {
    case YAML_NO_EVENT:
    case YAML_STREAM_START_EVENT:
    case YAML_DOCUMENT_END_EVENT:
    case YAML_STREAM_END_EVENT:
      break;
    case YAML_DOCUMENT_START_EVENT:
      place = place_of_mark (reader, &event->start_mark);
      return cpac_config_builder_document (reader->builder, &place, error);
    case YAML_SCALAR_EVENT:
      return take_scalar (reader, event, error);
    case YAML_ALIAS_EVENT:
      return take_alias (reader, event, error);
    case YAML_SEQUENCE_START_EVENT:
      return take_start (reader, event, CPAC_CONFIG_LIST, event->data.sequence_start.anchor,
                         event->data.sequence_start.tag, error);
    case YAML_MAPPING_START_EVENT:
      return take_start (reader, event, CPAC_CONFIG_MAP, event->data.mapping_start.anchor,
                         event->data.mapping_start.tag, error);
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
      take_end (reader, event);
      break;
  }
  return TRUE;
}

static gboolean
begins_line (const Reader *reader, const char *at)
{
  if (at == reader->begin)
    return TRUE;
  for (guint n = 1; n <= 3 && at - n >= reader->begin; n++)
    if (break_length (at - n, at) == n)
      return TRUE;
  return FALSE;
}

/* libyaml compares each %TAG directive with all before it: 4 MiB of them take minutes. They can
 * only define tags that are refused. */
static gboolean
check_directives (const Reader *reader, GError **error)
{
  static const char directive[] = "%TAG";
  gsize length = strlen (directive);
  const char *at = reader->begin;

  while ((at = memmem (at, reader->end - at, directive, length))) {
    if (begins_line (reader, at)) {
      CpacConfigPlace place = place_of_byte (reader, at - reader->text);

      return cpac_config_builder_refuse (reader->builder, &place, error,
                                         "found the directive %s, expected none", directive);
    }
    at += length;
  }
  return TRUE;
}

static gboolean
read_stream (Reader *reader, GError **error)
{
  gboolean at_end = FALSE;

  while (!at_end) {
    g_auto (yaml_event_t) event = { 0 };

    if (!yaml_parser_parse (reader->parser, &event))
      return syntax_error (reader, error);
    if (!take_event (reader, &event, error))
      return FALSE;
    at_end = event.type == YAML_STREAM_END_EVENT;
  }
  return TRUE;
}

/* ---- Files ---- */

static const char *
skip_bom (const char *text, gsize length)
{
  gsize bom = strlen (UTF8_BOM);

  return length >= bom && memcmp (text, UTF8_BOM, bom) == 0 ? text + bom : text;
}

/* The byte order mark is taken off here: libyaml does that only where it may guess the encoding,
 * and then it takes UTF-16 too. */
CpacConfig *
cpac_config_parse (const char *name, const char *text, gsize length, GError **error)
{
  const char *begin = skip_bom (text, length), *end = text + length;
  g_auto (yaml_parser_t) parser = { 0 };
  g_auto (CpacConfigBuilder) builder = { 0 };
  Reader reader = { &parser, &builder, text, end, begin, begin, 0 };

  if (length > MAX_BYTES) {
    g_set_error (error, CPAC_ERROR, CPAC_ERROR_PARSE,
                 "%s:1:1: found %" G_GSIZE_FORMAT " bytes, expected at most %d", name, length,
                 MAX_BYTES);
    return NULL;
  }
  if (!yaml_parser_initialize (&parser))
    g_error ("cannot allocate memory for reading YAML");
  yaml_parser_set_encoding (&parser, YAML_UTF8_ENCODING);
  yaml_parser_set_input_string (&parser, (const guchar *) begin, end - begin);
  cpac_config_builder_init (&builder, name);
  if (!check_directives (&reader, error) || !read_stream (&reader, error))
    return NULL;
  return cpac_config_builder_finish (&builder, error);
}

CpacConfig *
cpac_config_load (const char *path, GError **error)
{
  g_autofree char *name = g_filename_display_name (path);
  g_autofree char *text = NULL;
  gsize length;

  if (!cpac_file_read (path, MAX_BYTES, &text, &length, error))
    return NULL;
  return cpac_config_parse (name, text, length, error);
}
