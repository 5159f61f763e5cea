/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/score/journal-file.h"

#include <json-glib/json-glib.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "tests/folder.h"

static char *
get_path (const Folder *folder)
{
  return g_build_filename (folder->path, "journal.jsonl", NULL);
}

static void
append (CpacJournalFile *file, char *line)
{
  g_autoptr (GError) error = NULL;

  cpac_journal_file_append (file, line, &error);
  g_assert_no_error (error);
  g_free (line);
}

/* ---- A line that is monitored ---- */

static const CpacJournalFrame no_frame = { .timestamp_ns = G_MAXUINT64 };

/* Three frames of one part, the last of which is lost where @n_lost is 1. */
static void
write_part (CpacJournalFile *file, CpacLineLedger *ledger, guint64 session, guint64 number,
            CpacVerdict verdict, guint n_lost)
{
  CpacJournalPart part = { .part = number,
                           .verdict = n_lost > 0 ? CPAC_VERDICT_UNDEFINED : verdict,
                           .n_frames = 3,
                           .n_lost = n_lost,
                           .session = session,
                           .ledger = ledger };

  cpac_line_ledger_begin_part (ledger);
  for (guint i = 0; i < 3 - n_lost; i++) {
    CpacInspection inspection = { .verdict = verdict, .has_part = TRUE, .part = number };

    cpac_line_ledger_see_frame (ledger);
    cpac_line_ledger_place_frames (ledger, 1);
    append (file, cpac_journal_line (&inspection, &no_frame));
    cpac_line_ledger_judge_frame (ledger, verdict);
  }
  if (n_lost > 0) {
    CpacJournalLost lost = { n_lost, 0, n_lost, 0, "offset" };

    append (file, cpac_journal_lost (&lost, &no_frame));
    cpac_line_ledger_lose_frames (ledger, n_lost);
    cpac_line_ledger_place_frames (ledger, n_lost);
  }
  cpac_line_ledger_end_part (ledger, part.verdict);
  append (file, cpac_journal_part (&part, &no_frame));
}

static void
write_session (CpacJournalFile *file, const CpacJournalFound *found)
{
  CpacJournalHeader header = { .model = "toy",
                               .session = found->n_sessions + 1,
                               .previous_is_interrupted = found->is_interrupted,
                               .torn_bytes = found->torn_bytes };
  CpacLineLedger ledger = { 0 };

  append (file, cpac_journal_header (&header));
  write_part (file, &ledger, header.session, 0, CPAC_VERDICT_OK, 0);
  write_part (file, &ledger, header.session, 1, CPAC_VERDICT_NOT_OK, 0);
  write_part (file, &ledger, header.session, 2, CPAC_VERDICT_OK, 1);
  append (file, cpac_journal_closing_of_line (&ledger, header.session, FALSE));
}

static CpacJournalFile *
open_journal (const char *path, CpacJournalFound *found)
{
  g_autoptr (GError) error = NULL;
  CpacJournalFile *file = cpac_journal_file_open (path, found, &error);

  g_assert_no_error (error);
  return file;
}

/* ---- An auditor of its own, who believes lines and no code of ours ---- */

typedef struct {
  guint n_sessions, n_recovered_parts, n_recovered_sessions;
} Audit;

static JsonObject *
get_object (JsonObject *object, const char *key)
{
  return json_object_get_object_member (object, key);
}

static void
check_counts (JsonObject *counts, const guint by_verdict[4])
{
  static const char *const names[] = { "undefined", "ok", "not_ok", "not_decidable" };
  guint seen = 0;

  for (guint i = 0; i < 4; i++) {
    g_assert_cmpint (json_object_get_int_member (counts, names[i]), ==, by_verdict[i]);
    seen += by_verdict[i];
  }
  g_assert_cmpint (json_object_get_int_member (counts, "seen"), ==, seen);
}

static void
audit_line (JsonObject *line, guint frames[4], guint parts[4], gboolean *is_open, Audit *audit)
{
  const char *record = json_object_get_string_member_with_default (line, "record", "frame");
  gboolean is_recovered = json_object_get_boolean_member_with_default (line, "recovered", FALSE);

  g_assert_cmpint (*is_open, ==, !g_str_equal (record, "header"));
  if (g_str_equal (record, "header")) {
    *is_open = TRUE;
    audit->n_sessions++;
    g_assert_cmpint (json_object_get_int_member (line, "session"), ==, audit->n_sessions);
    memset (frames, 0, 4 * sizeof *frames);
    memset (parts, 0, 4 * sizeof *parts);
  } else if (g_str_equal (record, "frame")) {
    frames[json_object_get_int_member (get_object (line, "inspection"), "verdict_code")]++;
  } else if (g_str_equal (record, "lost")) {
    frames[0] += (guint) json_object_get_int_member (line, "frames");
  } else if (g_str_equal (record, "part")) {
    parts[json_object_get_int_member (line, "verdict_code")]++;
    audit->n_recovered_parts += is_recovered != FALSE;
    check_counts (get_object (get_object (line, "ledger"), "frames"), frames);
    check_counts (get_object (get_object (line, "ledger"), "parts"), parts);
  } else {
    g_assert_cmpstr (record, ==, "closing");
    check_counts (get_object (line, "frames"), frames);
    check_counts (get_object (line, "parts"), parts);
    audit->n_recovered_sessions += is_recovered != FALSE;
    *is_open = FALSE;
  }
}

/* Every line is whole, sessions follow each other by number, and every ledger is the recount. */
static Audit
audit_text (const char *text)
{
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  guint n = g_strv_length (lines), frames[4], parts[4];
  gboolean is_open = FALSE;
  Audit audit = { 0 };

  if (*text == '\0')
    return audit;
  g_assert_cmpstr (lines[n - 1], ==, "");
  for (guint i = 0; i + 1 < n; i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (JsonNode) node = json_from_string (lines[i], &error);

    g_assert_no_error (error);
    audit_line (json_node_get_object (node), frames, parts, &is_open, &audit);
  }
  g_assert_false (is_open);
  return audit;
}

static Audit
audit_file (const char *path)
{
  g_autofree char *text = NULL;

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  return audit_text (text);
}

/* ---- Cases ---- */

static void
test_sessions (void)
{
  g_auto (Folder) folder = { 0 };
  g_autofree char *path = NULL;

  folder_init (&folder);
  path = get_path (&folder);
  for (guint i = 0; i < 3; i++) {
    CpacJournalFound found;
    g_autoptr (CpacJournalFile) file = open_journal (path, &found);

    g_assert_cmpuint (found.n_sessions, ==, i);
    g_assert_false (found.is_interrupted || found.has_lost_part);
    g_assert_cmpuint (found.torn_bytes, ==, 0);
    write_session (file, &found);
    g_assert_true (cpac_journal_file_sync (file, NULL));
    g_assert_cmpuint (audit_file (path).n_sessions, ==, i + 1);
  }
}

/* Everything happens about the ends of lines; within them, one place in 61 will do. */
static gboolean
is_worth_cutting (const char *text, gsize length, gsize n)
{
  for (gsize i = n > 3 ? n - 3 : 0; i < MIN (n + 2, length); i++)
    if (text[i] == '\n')
      return TRUE;
  return n % 61 == 0 || n == length;
}

/* Wherever a journal of two sessions breaks off, it goes on and its ledger closes. */
static void
test_broken_off (void)
{
  g_auto (Folder) folder = { 0 };
  g_autofree char *path = NULL, *whole = NULL;
  guint n_recovered_parts = 0;
  gsize length;

  folder_init (&folder);
  path = get_path (&folder);
  for (guint i = 0; i < 2; i++) {
    CpacJournalFound found;
    g_autoptr (CpacJournalFile) file = open_journal (path, &found);

    write_session (file, &found);
  }
  g_assert_true (g_file_get_contents (path, &whole, &length, NULL));
  for (gsize n = 0; n <= length; n++) {
    CpacJournalFound found;
    CpacJournalFile *file;
    guint64 n_sessions;
    Audit audit;

    if (!is_worth_cutting (whole, length, n))
      continue;
    g_assert_true (g_file_set_contents (path, whole, (gssize) n, NULL));
    file = open_journal (path, &found);
    n_sessions = found.n_sessions;
    audit = audit_file (path);
    g_assert_cmpuint (audit.n_sessions, ==, n_sessions);
    g_assert_cmpuint (audit.n_recovered_sessions, ==, found.is_repaired);
    g_assert_cmpint (found.is_interrupted, ==, found.is_repaired);
    g_assert_cmpuint (audit.n_recovered_parts, ==, found.has_lost_part);
    g_assert_cmpint (found.torn_bytes > 0, ==, n > 0 && whole[n - 1] != '\n');
    n_recovered_parts += audit.n_recovered_parts;
    write_session (file, &found);
    cpac_journal_file_free (file);
    audit = audit_file (path);
    g_assert_cmpuint (audit.n_sessions, ==, n_sessions + 1);
    /* Put in order once, it stays so. */
    cpac_journal_file_free (open_journal (path, &found));
    g_assert_false (found.is_repaired || found.is_interrupted || found.torn_bytes > 0);
  }
  g_assert_cmpuint (n_recovered_parts, >, 0);
}

/* A part with a defect in it stays one when it breaks off. */
static void
test_defect_in_hand (void)
{
  g_auto (Folder) folder = { 0 };
  g_autofree char *path = NULL, *text = NULL;
  CpacJournalFound found;
  CpacJournalFile *file;
  CpacInspection inspection = { .has_part = TRUE, .part_id = "A-7" };

  folder_init (&folder);
  path = get_path (&folder);
  file = open_journal (path, &found);
  append (file, cpac_journal_header (&(CpacJournalHeader){ .session = 1 }));
  for (guint i = 0; i < 3; i++) {
    inspection.verdict = i == 1 ? CPAC_VERDICT_NOT_OK : CPAC_VERDICT_OK;
    append (file, cpac_journal_line (&inspection, &no_frame));
  }
  cpac_journal_file_free (file);
  cpac_journal_file_free (open_journal (path, &found));
  g_assert_true (found.has_lost_part && found.is_repaired && found.is_interrupted);
  /* Whoever comes next learns that the session broke off, too. */
  cpac_journal_file_free (open_journal (path, &found));
  g_assert_true (!found.has_lost_part && !found.is_repaired && found.is_interrupted);
  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  g_assert_nonnull (strstr (text, "\"part\":0,\"part_id\":\"A-7\",\"verdict\":\"not-ok\","
                                  "\"verdict_code\":2,\"frames\":3,\"lost\":0,"
                                  "\"incomplete\":true,\"recovered\":true,"));
  audit_text (text);
}

/* Frames of it that never came are told of when it breaks off. */
static void
test_lost_in_hand (void)
{
  g_auto (Folder) folder = { 0 };
  g_autofree char *path = NULL, *text = NULL;
  CpacJournalFound found;
  CpacJournalFile *file;
  CpacInspection inspection = { .verdict = CPAC_VERDICT_OK, .has_part = TRUE };
  CpacJournalLost lost = { 5, 0, 4, 1, "offset" };

  folder_init (&folder);
  path = get_path (&folder);
  file = open_journal (path, &found);
  append (file, cpac_journal_header (&(CpacJournalHeader){ .session = 1 }));
  append (file, cpac_journal_line (&inspection, &no_frame));
  append (file, cpac_journal_lost (&lost, &no_frame));
  cpac_journal_file_free (file);
  cpac_journal_file_free (open_journal (path, &found));
  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  g_assert_nonnull (strstr (text, "\"verdict\":\"undefined\",\"verdict_code\":0,\"frames\":5,"
                                  "\"lost\":4,\"incomplete\":true,\"recovered\":true,"));
  audit_text (text);
}

/* A journal without parts, as cpacjson and replay write it, can be gone on with. */
static void
test_plain_journal (void)
{
  g_auto (Folder) folder = { 0 };
  g_autofree char *path = NULL, *text = NULL;
  CpacJournalFound found;
  CpacLedger ledger = { 0 };
  g_autofree char *header = cpac_journal_header (&(CpacJournalHeader){ .model = "m" });
  g_autofree char *closing = cpac_journal_closing (&ledger);

  folder_init (&folder);
  path = get_path (&folder);
  text = g_strconcat (header, closing, NULL);
  g_assert_true (g_file_set_contents (path, text, -1, NULL));
  cpac_journal_file_free (open_journal (path, &found));
  g_assert_cmpuint (found.n_sessions, ==, 1);
  g_assert_false (found.is_interrupted);
}

static void
assert_refused (const char *path, GQuark domain, gint code, const char *message)
{
  g_autoptr (GError) error = NULL;
  CpacJournalFound found;

  g_assert_null (cpac_journal_file_open (path, &found, &error));
  g_assert_error (error, domain, code);
  g_assert_nonnull (strstr (error->message, message));
}

/* What is no journal of ours is left as it is. */
static void
test_refused (void)
{
  static const char *const texts[] = { "root:x:0:0\n", "{\"a\":1}\n", "{}", "\n", "x" };
  g_auto (Folder) folder = { 0 };
  g_autofree char *path = NULL, *missing = NULL, *fifo = NULL;

  folder_init (&folder);
  path = get_path (&folder);
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++) {
    g_autofree char *after = NULL;

    g_assert_true (g_file_set_contents (path, texts[i], -1, NULL));
    assert_refused (path, CPAC_ERROR, CPAC_ERROR_PARSE, "found no header");
    g_assert_true (g_file_get_contents (path, &after, NULL, NULL));
    g_assert_cmpstr (after, ==, texts[i]);
  }
  missing = g_build_filename (folder.path, "no", "journal", NULL);
  assert_refused (missing, G_FILE_ERROR, G_FILE_ERROR_NOENT, "cannot open");
  fifo = g_build_filename (folder.path, "fifo", NULL);
  g_assert_cmpint (mkfifo (fifo, 0600), ==, 0);
  assert_refused (fifo, G_FILE_ERROR, G_FILE_ERROR_INVAL, "found no regular file");
  assert_refused (folder.path, G_FILE_ERROR, G_FILE_ERROR_ISDIR, "cannot open");
}

static void
test_one_writer (void)
{
  g_auto (Folder) folder = { 0 };
  g_autofree char *path = NULL;
  CpacJournalFound found;
  CpacJournalFile *file;

  folder_init (&folder);
  path = get_path (&folder);
  file = open_journal (path, &found);
  assert_refused (path, G_FILE_ERROR, G_FILE_ERROR_AGAIN, "found another program or element");
  cpac_journal_file_free (file);
  cpac_journal_file_free (open_journal (path, &found));
}

/* A part of many frames: the last record lies far back. */
static void
test_long_part (void)
{
  g_auto (Folder) folder = { 0 };
  g_autofree char *path = NULL;
  CpacJournalFound found;
  CpacJournalFile *file;
  CpacInspection inspection = { .verdict = CPAC_VERDICT_OK, .has_part = TRUE };

  folder_init (&folder);
  path = get_path (&folder);
  file = open_journal (path, &found);
  append (file, cpac_journal_header (&(CpacJournalHeader){ .session = 1 }));
  for (guint i = 0; i < 2000; i++)
    append (file, cpac_journal_line (&inspection, &no_frame));
  cpac_journal_file_free (file);
  cpac_journal_file_free (open_journal (path, &found));
  g_assert_true (found.has_lost_part);
  g_assert_cmpuint (audit_file (path).n_recovered_parts, ==, 1);
}

/* A disk that is full takes no part of a line. */
static void
test_full (void)
{
  g_auto (Folder) folder = { 0 };
  g_autofree char *path = NULL;
  CpacJournalFound found;
  CpacJournalFile *file;
  struct rlimit before, limit;
  g_autoptr (GError) error = NULL;
  g_autofree char *line = NULL;

  folder_init (&folder);
  path = get_path (&folder);
  signal (SIGXFSZ, SIG_IGN);
  g_assert_cmpint (getrlimit (RLIMIT_FSIZE, &before), ==, 0);
  file = open_journal (path, &found);
  write_session (file, &found);
  line = cpac_journal_header (&(CpacJournalHeader){ .session = 2 });
  limit = before;
  {
    struct stat status;

    g_assert_cmpint (stat (path, &status), ==, 0);
    limit.rlim_cur = (rlim_t) status.st_size + 5;
  }
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &limit), ==, 0);
  g_assert_false (cpac_journal_file_append (file, line, &error));
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &before), ==, 0);
  g_assert_nonnull (error);
  g_assert_true (error->domain == G_FILE_ERROR);
  g_assert_true (g_str_has_prefix (error->message, path));
  g_assert_cmpuint (audit_file (path).n_sessions, ==, 1);
  cpac_journal_file_free (file);
  cpac_journal_file_free (NULL);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/journal-file/sessions", test_sessions);
  g_test_add_func ("/journal-file/broken-off", test_broken_off);
  g_test_add_func ("/journal-file/defect-in-hand", test_defect_in_hand);
  g_test_add_func ("/journal-file/lost-in-hand", test_lost_in_hand);
  g_test_add_func ("/journal-file/plain-journal", test_plain_journal);
  g_test_add_func ("/journal-file/refused", test_refused);
  g_test_add_func ("/journal-file/one-writer", test_one_writer);
  g_test_add_func ("/journal-file/long-part", test_long_part);
  g_test_add_func ("/journal-file/full", test_full);
  return g_test_run ();
}
