/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/score/journal-tail.h"
#include "tests/fuzz/fuzz.h"

static void
check_error (const GError *error)
{
  g_assert_nonnull (error);
  g_assert_true (error->domain == CPAC_ERROR);
  g_assert_true (g_str_has_prefix (error->message, "fuzz: "));
  g_assert_true (g_utf8_validate (error->message, -1, NULL));
}

/* What is known of an end closes, but for a part in hand, and lies within the text. */
static void
check_tail (const CpacJournalTail *tail, const char *text, gsize size)
{
  CpacLedger parts = tail->ledger.parts;

  if (!tail->is_known)
    return;
  parts.verdicts[CPAC_VERDICT_UNDEFINED] += tail->ledger.is_part_open != FALSE;
  g_assert_true (cpac_ledger_closes (&tail->ledger.frames));
  g_assert_true (cpac_ledger_closes (&parts));
  g_assert_cmpuint (tail->session, >, 0);
  g_assert_cmpuint (tail->valid_length, >, 0);
  g_assert_cmpuint (tail->valid_length, <=, size);
  g_assert_cmpint (text[tail->valid_length - 1], ==, '\n');
  g_assert_false (tail->is_ended && tail->ledger.is_part_open);
}

/* What was cut off changes nothing of the rest. */
static void
check_again (const CpacJournalTail *tail, const char *text, gboolean is_whole)
{
  g_auto (CpacJournalTail) again = { 0 };

  if (!tail->is_known)
    return;
  g_assert_true (cpac_journal_tail_read ("fuzz", text, tail->valid_length, is_whole, &again, NULL));
  g_assert_cmpuint (again.valid_length, ==, tail->valid_length);
  g_assert_cmpuint (again.ledger.frames.seen, ==, tail->ledger.frames.seen);
  g_assert_cmpuint (again.ledger.parts.seen, ==, tail->ledger.parts.seen);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  const char *text = (const char *) data;

  for (guint is_whole = 0; is_whole < 2; is_whole++) {
    g_auto (CpacJournalTail) tail = { 0 };
    g_autoptr (GError) error = NULL, head = NULL;

    if (!cpac_journal_check_head ("fuzz", text, size, is_whole, &head))
      check_error (head);
    if (!cpac_journal_tail_read ("fuzz", text, size, is_whole, &tail, &error)) {
      check_error (error);
      continue;
    }
    g_assert_no_error (error);
    check_tail (&tail, text, size);
    check_again (&tail, text, is_whole);
  }
  return 0;
}
