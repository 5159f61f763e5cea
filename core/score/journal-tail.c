/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/score/journal-tail.h"

#include <string.h>

#include "core/model/json-members.h"
#include "core/model/json.h"
#include "core/score/journal.h"
#include "core/score/ledger-json.h"

/* What every record begins with: quotes inside texts are escaped, so nothing else does. */
#define RECORD "{\"schema\":\"" CPAC_JOURNAL_SCHEMA "\",\"record\":\""

typedef struct {
  const char *name;
  const char *text;
  gsize length;
} Text;

/* A line from @begin on, @end being behind its newline. */
typedef struct {
  gsize begin, end;
} Line;

static gboolean
refuse_as (CpacError code, const Text *text, gsize at, const char *what, GError **error)
{
  gsize length = MIN (text->length - at, 80);
  g_autofree char *begin = g_utf8_make_valid (text->text + at, (gssize) length);
  g_autofree char *excerpt = cpac_error_excerpt (begin);

  g_set_error (error, CPAC_ERROR, (gint) code, "%s: %s at %s", text->name, what, excerpt);
  return FALSE;
}

static gboolean
refuse (const Text *text, gsize at, const char *what, GError **error)
{
  return refuse_as (CPAC_ERROR_PARSE, text, at, what, error);
}

static gboolean
is_record (const Text *text, const Line *line, const char *name)
{
  gsize length = strlen (name);
  const char *begin = text->text + line->begin;

  return line->end - line->begin > sizeof RECORD + length &&
         memcmp (begin, RECORD, sizeof RECORD - 1) == 0 &&
         memcmp (begin + sizeof RECORD - 1, name, length) == 0 &&
         begin[sizeof RECORD - 1 + length] == '"';
}

static gboolean
is_checkpoint (const Text *text, const Line *line)
{
  return is_record (text, line, "header") || is_record (text, line, "part") ||
         is_record (text, line, "closing");
}

/* NULL where the line is no JSON object. */
static JsonNode *
parse (const Text *text, const Line *line)
{
  static const CpacJsonBounds bounds = { 32, 1000000 };
  JsonNode *node = cpac_json_parse (text->name, line->begin, text->text + line->begin,
                                    line->end - line->begin - 1, &bounds, NULL);

  if (node != NULL && !JSON_NODE_HOLDS_OBJECT (node))
    g_clear_pointer (&node, json_node_unref);
  return node;
}

/* ---- Records that tell the ledger ---- */

static gboolean
check_ledger (const Text *text, const Line *line, const CpacLineLedger *ledger, GError **error)
{
  if (cpac_ledger_closes (&ledger->frames) && cpac_ledger_closes (&ledger->parts) &&
      ledger->lost <= ledger->frames.verdicts[CPAC_VERDICT_UNDEFINED])
    return TRUE;
  return refuse_as (CPAC_ERROR_NUMERIC, text, line->begin,
                    "found a ledger that does not close, expected as many as were seen", error);
}

/* A closing record without parts, as cpacjson and replay write it, has none of the rest either. */
static gboolean
read_ledger (const Text *text, const Line *line, JsonObject *object, CpacLineLedger *ledger,
             GError **error)
{
  JsonObject *frames = cpac_member_object (object, "frames"),
             *parts = cpac_member_object (object, "parts");

  if (!cpac_ledger_read_json (frames, &ledger->frames) ||
      (parts != NULL && !cpac_ledger_read_json (parts, &ledger->parts)) ||
      (json_object_has_member (frames, "lost") &&
       !cpac_member_count (frames, "lost", &ledger->lost)))
    return refuse (text, line->begin, "found no ledger, expected one of whole numbers", error);
  return check_ledger (text, line, ledger, error);
}

static gboolean
read_checkpoint (const Text *text, const Line *line, JsonObject *object, CpacJournalTail *tail,
                 GError **error)
{
  tail->session = 1;
  if (json_object_has_member (object, "session") &&
      (!cpac_member_count (object, "session", &tail->session) || tail->session == 0))
    return refuse (text, line->begin, "found no number of a session, expected 1 or more", error);
  tail->is_known = TRUE;
  tail->is_ended = is_record (text, line, "closing");
  tail->is_recovered = tail->is_ended && cpac_member_flag (object, "recovered");
  if (is_record (text, line, "header"))
    return TRUE;
  return read_ledger (text, line, tail->is_ended ? object : cpac_member_object (object, "ledger"),
                      &tail->ledger, error);
}

/* ---- Lines behind them ---- */

/* @n more frames of the part in hand never came. */
static void
lose_of_part (CpacJournalTail *tail, guint64 n)
{
  cpac_line_ledger_place_frames (&tail->ledger, n);
  tail->n_lost += n;
}

/* Older records do not say how many were of the part in hand: its next frame does. */
static gboolean
add_lost (const Text *text, const Line *line, JsonObject *object, CpacJournalTail *tail,
          GError **error)
{
  guint64 n_frames, n_parts, n_of_part = 0;

  if (!cpac_member_count (object, "frames", &n_frames) ||
      !cpac_member_count (object, "parts", &n_parts) ||
      (json_object_has_member (object, "part_frames") &&
       !cpac_member_count (object, "part_frames", &n_of_part)) ||
      n_of_part > n_frames)
    return refuse (text, line->begin, "found no counts, expected those of what was lost", error);
  cpac_line_ledger_lose_frames (&tail->ledger, n_frames);
  cpac_line_ledger_lose_parts (&tail->ledger, n_parts, 0);
  if (tail->ledger.is_part_open)
    lose_of_part (tail, n_of_part);
  return TRUE;
}

/* The place of a frame in its part counts lost ones, too, before the part's first frame as well. */
static gboolean
place_frame (const Text *text, const Line *line, JsonObject *inspection, CpacJournalTail *tail,
             GError **error)
{
  guint64 place = 0, n_missing;

  if (json_object_has_member (inspection, "part_frame") &&
      !cpac_member_count (inspection, "part_frame", &place))
    return refuse (text, line->begin, "found no place in a part, expected a journal line", error);
  n_missing = place - MIN (place, tail->ledger.in_hand);
  if (n_missing > tail->ledger.lost - tail->n_lost)
    return refuse (text, line->begin,
                   "found more frames missing in a part than were lost, expected at most those",
                   error);
  lose_of_part (tail, n_missing);
  cpac_line_ledger_place_frames (&tail->ledger, 1);
  return TRUE;
}

static gboolean
add_frame (const Text *text, const Line *line, JsonObject *object, CpacJournalTail *tail,
           GError **error)
{
  JsonObject *inspection = cpac_member_object (object, "inspection");
  guint64 code, part;

  if (inspection == NULL || !cpac_member_count (inspection, "verdict_code", &code) ||
      code >= CPAC_N_VERDICTS)
    return refuse (text, line->begin, "found no verdict, expected a journal line", error);
  cpac_line_ledger_see_frame (&tail->ledger);
  cpac_line_ledger_judge_frame (&tail->ledger, (CpacVerdict) code);
  if (!json_object_has_member (inspection, "part"))
    return TRUE;
  if (!cpac_member_count (inspection, "part", &part) ||
      (tail->ledger.is_part_open && part != tail->part))
    return refuse (text, line->begin, "found another part before the one in hand ended", error);
  if (!tail->ledger.is_part_open) {
    cpac_line_ledger_begin_part (&tail->ledger);
    tail->part = part;
    tail->n_lost = 0;
    tail->part_id = g_strdup (cpac_member_text (inspection, "part_id"));
  }
  tail->is_not_ok |= code == CPAC_VERDICT_NOT_OK;
  return place_frame (text, line, inspection, tail, error);
}

/* Records of kinds that came later change no ledger. */
static gboolean
add_line (const Text *text, const Line *line, JsonObject *object, CpacJournalTail *tail,
          GError **error)
{
  if (tail->is_ended)
    return refuse (text, line->begin, "found a line behind the closing record, expected a header",
                   error);
  if (tail->ledger.frames.seen > CPAC_MEMBER_MAX_COUNT ||
      tail->ledger.parts.seen > CPAC_MEMBER_MAX_COUNT)
    return refuse (text, line->begin, "found counts without bound, expected those of a journal",
                   error);
  if (is_record (text, line, "lost"))
    return add_lost (text, line, object, tail, error);
  if (json_object_has_member (object, "record"))
    return TRUE;
  return add_frame (text, line, object, tail, error);
}

/* ---- All ---- */

/* The line that ends at @end; FALSE where it begins before a text that is not whole. */
static gboolean
line_before (const Text *text, gsize end, gboolean is_whole, Line *line)
{
  const char *newline = end > 1 ? memrchr (text->text, '\n', end - 1) : NULL;

  *line = (Line){ newline != NULL ? (gsize) (newline - text->text) + 1 : 0, end };
  return end > 0 && (newline != NULL || is_whole);
}

/* The last checkpoint that can be read; @root: its JSON. */
static gboolean
find_checkpoint (const Text *text, gsize end, gboolean is_whole, Line *line, JsonNode **root)
{
  while (line_before (text, end, is_whole, line)) {
    if (is_checkpoint (text, line) && (*root = parse (text, line)) != NULL)
      return TRUE;
    end = line->begin;
  }
  return FALSE;
}

static gboolean
read_tail (const Text *text, gsize end, gboolean is_whole, CpacJournalTail *tail, GError **error)
{
  g_autoptr (JsonNode) root = NULL;
  Line line = { 0 };

  if (!find_checkpoint (text, end, is_whole, &line, &root))
    return !is_whole || end == 0 ||
           refuse (text, 0, "found no header, expected one in the first line", error);
  if (!read_checkpoint (text, &line, json_node_get_object (root), tail, error))
    return FALSE;
  for (tail->valid_length = line.end; tail->valid_length < end; tail->valid_length = line.end) {
    const char *begin = text->text + tail->valid_length;
    const char *newline = memchr (begin, '\n', end - tail->valid_length);
    g_autoptr (JsonNode) node = NULL;

    line = (Line){ tail->valid_length, (gsize) (newline - text->text) + 1 };
    node = parse (text, &line);
    if (node == NULL)
      return TRUE;
    if (!add_line (text, &line, json_node_get_object (node), tail, error))
      return FALSE;
  }
  return TRUE;
}

gboolean
cpac_journal_tail_read (const char *name, const char *text, gsize length, gboolean is_whole,
                        CpacJournalTail *tail, GError **error)
{
  const Text all = { name, text, length };
  const char *newline = length > 0 ? memrchr (text, '\n', length) : NULL;
  gsize end = newline != NULL ? (gsize) (newline - text) + 1 : 0;

  *tail = (CpacJournalTail){ 0 };
  if (read_tail (&all, end, is_whole, tail, error))
    return TRUE;
  cpac_journal_tail_clear (tail);
  return FALSE;
}

void
cpac_journal_tail_clear (CpacJournalTail *tail)
{
  g_clear_pointer (&tail->part_id, g_free);
}

gboolean
cpac_journal_check_head (const char *name, const char *text, gsize length, gboolean is_whole,
                         GError **error)
{
  static const char head[] = RECORD "header\"";
  const Text all = { name, text, length };
  gboolean is_torn = is_whole && memchr (text, '\n', length) == NULL;
  gsize n = MIN (length, sizeof head - 1);

  if (memcmp (text, head, n) == 0 && (n == sizeof head - 1 || is_torn))
    return TRUE;
  return refuse (&all, 0, "found no header, expected a journal in which to go on, or no file,",
                 error);
}
