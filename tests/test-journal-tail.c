/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/score/journal-tail.h"

#include <string.h>

#include "core/score/journal.h"

#define RECORD "{\"schema\":\"cpac-inspection/1\",\"record\":"
#define HEADER RECORD "\"header\",\"session\":4}\n"
#define FRAME(code, part)                                                                          \
  "{\"frame_id\":0,\"inspection\":{\"verdict_code\":" code ",\"part\":" part                       \
  ",\"part_id\":\"P" part "\"}}\n"
#define BETWEEN(code) "{\"frame_id\":0,\"inspection\":{\"verdict_code\":" code "}}\n"
#define COUNTS(seen, ok, undefined)                                                                \
  "{\"seen\":" seen ",\"ok\":" ok ",\"not_ok\":0,\"not_decidable\":0,\"undefined\":" undefined "}"
#define PART                                                                                       \
  RECORD "\"part\",\"session\":4,\"part\":0,\"ledger\":{\"frames\":" COUNTS (                      \
      "5", "4", "1") ",\"parts\":" COUNTS ("2", "1", "1") "}}\n"
#define LOST RECORD "\"lost\",\"frames\":7,\"parts\":2}\n"
#define LOST_OF(n, of) RECORD "\"lost\",\"frames\":" n ",\"parts\":0,\"part_frames\":" of "}\n"
#define FRAME_AT(part, place)                                                                      \
  "{\"frame_id\":0,\"inspection\":{\"verdict_code\":1,\"part\":" part                              \
  ",\"part_id\":\"P\",\"part_frame\":" place "}}\n"
#define CLOSING                                                                                    \
  RECORD "\"closing\",\"session\":4,\"frames\":" COUNTS ("5", "4", "1") ",\"parts\":" COUNTS (     \
      "2", "1", "1") "}\n"

typedef struct {
  const char *text;
  const char *torn; /* follows @text, and is cut off */
  gboolean is_ended, is_open;
  guint seen, ok, not_ok, undefined; /* frames */
  guint parts, in_hand, n_lost;
} Row;

static const Row rows[] = {
  { "", RECORD, FALSE, FALSE, 0, 0, 0, 0, 0, 0, 0 },
  { HEADER, "", FALSE, FALSE, 0, 0, 0, 0, 0, 0, 0 },
  { HEADER, "{\"frame_id\":0,", FALSE, FALSE, 0, 0, 0, 0, 0, 0, 0 },
  { HEADER BETWEEN ("1"), "", FALSE, FALSE, 1, 1, 0, 0, 0, 0, 0 },
  { HEADER FRAME ("1", "0"), "", FALSE, TRUE, 1, 1, 0, 0, 1, 1, 0 },
  { HEADER FRAME ("1", "0") PART, "", FALSE, FALSE, 5, 4, 0, 1, 2, 0, 0 },
  { HEADER PART FRAME ("2", "3") FRAME ("0", "3"), "{\"fr", FALSE, TRUE, 7, 4, 1, 2, 3, 2, 0 },
  /* Blocks that never got to the disk are zeros, and whole lines may follow them. */
  { HEADER PART, "\0\0\0\n", FALSE, FALSE, 5, 4, 0, 1, 2, 0, 0 },
  { HEADER PART, "{\"frame\"\n" FRAME ("1", "0"), FALSE, FALSE, 5, 4, 0, 1, 2, 0, 0 },
  { HEADER PART, "17\n", FALSE, FALSE, 5, 4, 0, 1, 2, 0, 0 },
  { HEADER PART LOST, "", FALSE, FALSE, 12, 4, 0, 8, 4, 0, 0 },
  { HEADER PART FRAME ("1", "9") LOST, "", FALSE, TRUE, 13, 5, 0, 8, 5, 1, 0 },
  /* Some were of the part in hand. */
  { HEADER FRAME_AT ("0", "0") LOST_OF ("7", "4"), "", FALSE, TRUE, 8, 1, 0, 7, 1, 5, 4 },
  { HEADER FRAME_AT ("0", "0") LOST_OF ("2", "2") FRAME_AT ("0", "3"), "", FALSE, TRUE, 4, 2, 0, 2,
    1, 4, 2 },
  /* It began with three that never came, and as older versions wrote it, lost two more. */
  { HEADER PART LOST FRAME_AT ("9", "3") LOST FRAME_AT ("9", "6"), "", FALSE, TRUE, 21, 6, 0, 15, 7,
    7, 5 },
  { HEADER PART RECORD "\"limits\",\"parts\":1}\n", "", FALSE, FALSE, 5, 4, 0, 1, 2, 0, 0 },
  { HEADER CLOSING, "", TRUE, FALSE, 5, 4, 0, 1, 2, 0, 0 },
  { HEADER CLOSING, RECORD, TRUE, FALSE, 5, 4, 0, 1, 2, 0, 0 },
  { HEADER CLOSING HEADER FRAME ("1", "0"), "", FALSE, TRUE, 1, 1, 0, 0, 1, 1, 0 },
};

static void
check (const Row *row, const CpacJournalTail *tail)
{
  g_assert_cmpuint (tail->session, ==, tail->is_known ? 4 : 0);
  g_assert_cmpint (tail->is_ended, ==, row->is_ended);
  g_assert_cmpint (tail->ledger.is_part_open, ==, row->is_open);
  g_assert_cmpuint (tail->ledger.frames.seen, ==, row->seen);
  g_assert_cmpuint (tail->ledger.frames.verdicts[CPAC_VERDICT_OK], ==, row->ok);
  g_assert_cmpuint (tail->ledger.frames.verdicts[CPAC_VERDICT_NOT_OK], ==, row->not_ok);
  g_assert_cmpuint (tail->ledger.frames.verdicts[CPAC_VERDICT_UNDEFINED], ==, row->undefined);
  g_assert_cmpuint (tail->ledger.parts.seen, ==, row->parts);
  g_assert_cmpuint (tail->ledger.in_hand, ==, row->in_hand);
  g_assert_cmpuint (tail->n_lost, ==, row->n_lost);
  g_assert_cmpint (tail->is_not_ok, ==, row->not_ok > 0);
  g_assert_cmpint (tail->part_id != NULL, ==, row->is_open);
}

static GByteArray *
get_text (const Row *row)
{
  GByteArray *text = g_byte_array_new ();
  /* The zeros of one row. */
  gsize n_torn = row->torn[0] == '\0' && row == &rows[7] ? 4 : strlen (row->torn);

  g_byte_array_append (text, (const guint8 *) row->text, (guint) strlen (row->text));
  g_byte_array_append (text, (const guint8 *) row->torn, (guint) n_torn);
  return text;
}

static void
test_whole (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (GByteArray) text = get_text (&rows[i]);
    g_auto (CpacJournalTail) tail = { 0 };
    g_autoptr (GError) error = NULL;

    g_test_message ("row %u", i);
    g_assert_true (
        cpac_journal_tail_read ("j", (char *) text->data, text->len, TRUE, &tail, &error));
    g_assert_no_error (error);
    g_assert_cmpint (tail.is_known, ==, *rows[i].text != '\0');
    g_assert_cmpuint (tail.valid_length, ==, strlen (rows[i].text));
    check (&rows[i], &tail);
  }
}

/* From wherever it begins, the end of a journal tells the same as all of it, or that it is not
 * enough. */
static void
test_windows (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (GByteArray) text = get_text (&rows[i]);
    guint n_known = 0;

    for (guint from = 1; from < text->len; from++) {
      g_auto (CpacJournalTail) tail = { 0 };

      g_assert_true (cpac_journal_tail_read ("j", (char *) text->data + from, text->len - from,
                                             FALSE, &tail, NULL));
      if (!tail.is_known)
        continue;
      n_known++;
      g_assert_cmpuint (from + tail.valid_length, ==, strlen (rows[i].text));
      check (&rows[i], &tail);
    }
    /* Rows of more than a header have a record that a shorter text still holds. */
    g_assert_cmpint (n_known > 0, ==,
                     strstr (rows[i].text, PART) || strstr (rows[i].text, CLOSING));
  }
}

static void
test_refused (void)
{
  static const struct {
    const char *text, *message;
    gboolean is_numeric;
  } cases[] = {
    { FRAME ("1", "0"), "j: found no header, expected one in the first line at ", FALSE },
    { HEADER "{\"frame_id\":1}\n", "j: found no verdict, expected a journal line at ", FALSE },
    { HEADER "[1]\n" HEADER "{\"inspection\":{\"verdict_code\":4}}\n",
      "j: found no verdict, expected a journal line at ", FALSE },
    { HEADER BETWEEN ("-1"), "j: found no verdict, expected a journal line at ", FALSE },
    { HEADER BETWEEN ("1.5"), "j: found no verdict, expected a journal line at ", FALSE },
    { HEADER BETWEEN ("null"), "j: found no verdict, expected a journal line at ", FALSE },
    { HEADER FRAME ("1", "0") FRAME ("1", "1"),
      "j: found another part before the one in hand ended at ", FALSE },
    { HEADER CLOSING FRAME ("1", "0"),
      "j: found a line behind the closing record, expected a header at ", FALSE },
    { HEADER RECORD "\"lost\",\"frames\":7}\n",
      "j: found no counts, expected those of what was lost at ", FALSE },
    { HEADER FRAME ("1", "0") LOST_OF ("2", "3"),
      "j: found no counts, expected those of what was lost at ", FALSE },
    { HEADER LOST_OF ("2", "0") FRAME_AT ("0", "3"), "j: found more frames missing in a part than ",
      FALSE },
    { HEADER FRAME_AT ("0", "-1"), "j: found no place in a part, ", FALSE },
    { RECORD "\"header\",\"session\":0}\n",
      "j: found no number of a session, expected 1 or more at ", FALSE },
    { RECORD "\"closing\",\"frames\":{}}\n",
      "j: found no ledger, expected one of whole numbers at ", FALSE },
    { RECORD "\"closing\"}\n", "j: found no ledger, expected one of whole numbers at ", FALSE },
    { RECORD "\"closing\",\"frames\":" COUNTS ("5", "4", "2") "}\n",
      "j: found a ledger that does not close, expected as many as were seen at ", TRUE },
    { RECORD "\"closing\",\"frames\":" COUNTS ("9223372036854775807", "4", "2") "}\n",
      "j: found no ledger, expected one of whole numbers at ", FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    gint code = cases[i].is_numeric ? CPAC_ERROR_NUMERIC : CPAC_ERROR_PARSE;
    CpacJournalTail tail;
    g_autoptr (GError) error = NULL;

    g_test_message ("case %u", i);
    g_assert_false (
        cpac_journal_tail_read ("j", cases[i].text, strlen (cases[i].text), TRUE, &tail, &error));
    g_assert_error (error, CPAC_ERROR, code);
    g_assert_true (g_str_has_prefix (error->message, cases[i].message));
  }
}

/* What the writers write is what is read. */
static void
test_round_trip (void)
{
  CpacLineLedger ledger = { .frames = { 9, { 4, 3, 2, 0 } },
                            .parts = { 3, { 1, 1, 1, 0 } },
                            .lost = 2 };
  CpacJournalFrame frame = { .timestamp_ns = 5 };
  CpacJournalHeader header = { .model = "m", .session = 2, .torn_bytes = 3 };
  CpacJournalPart part = { .part = 2, .id = "x\"\n", .session = 2, .ledger = &ledger };
  CpacJournalLost lost = { 4, 1, 0, 9, "offset" };
  g_autofree char *lines[] = { cpac_journal_header (&header), cpac_journal_part (&part, &frame),
                               cpac_journal_lost (&lost, &frame),
                               cpac_journal_closing_of_line (&ledger, 2, TRUE) };
  g_autofree char *open = g_strconcat (lines[0], lines[1], lines[2], NULL);
  g_autofree char *closed = g_strconcat (open, lines[3], NULL);
  g_auto (CpacJournalTail) tail = { 0 };

  g_assert_true (cpac_journal_check_head ("j", open, strlen (open), TRUE, NULL));
  g_assert_true (cpac_journal_tail_read ("j", open, strlen (open), TRUE, &tail, NULL));
  g_assert_cmpuint (tail.session, ==, 2);
  g_assert_cmpuint (tail.ledger.frames.seen, ==, 13);
  g_assert_cmpuint (tail.ledger.lost, ==, 6);
  g_assert_cmpuint (tail.ledger.parts.verdicts[CPAC_VERDICT_UNDEFINED], ==, 2);
  g_assert_true (cpac_journal_tail_read ("j", closed, strlen (closed), TRUE, &tail, NULL));
  g_assert_true (tail.is_ended);
  g_assert_cmpmem (&tail.ledger.frames, sizeof ledger.frames, &ledger.frames, sizeof ledger.frames);
  g_assert_cmpuint (tail.ledger.lost, ==, 2);
  for (guint i = 1; i < G_N_ELEMENTS (lines); i++)
    g_free (lines[i]);
}

static void
test_head (void)
{
  static const struct {
    const char *text;
    gboolean is_whole, is_good;
  } cases[] = {
    { HEADER, TRUE, TRUE },
    { HEADER, FALSE, TRUE },
    { RECORD, TRUE, TRUE },
    { "{", TRUE, TRUE },
    { RECORD "\"header\"", TRUE, TRUE },
    { RECORD, FALSE, FALSE },
    { RECORD "\n", TRUE, FALSE },
    { "root:x:0:0\n", TRUE, FALSE },
    { FRAME ("1", "0"), TRUE, FALSE },
    { CLOSING, TRUE, FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (GError) error = NULL;

    g_test_message ("case %u", i);
    g_assert_cmpint (cpac_journal_check_head ("j", cases[i].text, strlen (cases[i].text),
                                              cases[i].is_whole, &error),
                     ==, cases[i].is_good);
    g_assert_cmpint (error != NULL, ==, !cases[i].is_good);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/journal-tail/whole", test_whole);
  g_test_add_func ("/journal-tail/windows", test_windows);
  g_test_add_func ("/journal-tail/refused", test_refused);
  g_test_add_func ("/journal-tail/round-trip", test_round_trip);
  g_test_add_func ("/journal-tail/head", test_head);
  return g_test_run ();
}
