/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/score/ledger.h"

static void
assert_closes (const CpacLineLedger *ledger)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (cpac_line_ledger_check (ledger, &error));
  g_assert_no_error (error);
}

static void
assert_open (const CpacLineLedger *ledger, const char *expected)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (cpac_line_ledger_check (ledger, &error));
  g_assert_error (error, CPAC_ERROR, CPAC_ERROR_NUMERIC);
  g_assert_cmpstr (error->message, ==, expected);
}

static void
test_by_verdict (void)
{
  CpacLedger ledger = { 0 };

  g_assert_true (cpac_ledger_closes (&ledger));
  for (guint i = 0; i < 10; i++)
    cpac_ledger_add (&ledger, i % CPAC_N_VERDICTS);
  g_assert_cmpuint (ledger.seen, ==, 10);
  g_assert_cmpuint (ledger.verdicts[CPAC_VERDICT_UNDEFINED], ==, 3);
  g_assert_cmpuint (ledger.verdicts[CPAC_VERDICT_NOT_DECIDABLE], ==, 2);
  g_assert_true (cpac_ledger_closes (&ledger));
  ledger.verdicts[CPAC_VERDICT_OK]--;
  g_assert_false (cpac_ledger_closes (&ledger));
}

static void
pass_frame (CpacLineLedger *ledger, CpacVerdict verdict)
{
  cpac_line_ledger_see_frame (ledger);
  cpac_line_ledger_place_frames (ledger, 1);
  cpac_line_ledger_judge_frame (ledger, verdict);
}

/* Two parts, frames between them, losses of every kind; it closes after each. */
static void
test_line (void)
{
  CpacLineLedger ledger = { 0 };

  assert_closes (&ledger);
  pass_frame (&ledger, CPAC_VERDICT_OK);
  assert_closes (&ledger);
  cpac_line_ledger_begin_part (&ledger);
  pass_frame (&ledger, CPAC_VERDICT_NOT_OK);
  pass_frame (&ledger, CPAC_VERDICT_OK);
  assert_closes (&ledger);
  cpac_line_ledger_lose_frames (&ledger, 3);
  cpac_line_ledger_place_frames (&ledger, 3);
  assert_closes (&ledger);
  cpac_line_ledger_end_part (&ledger, CPAC_VERDICT_NOT_OK);
  assert_closes (&ledger);
  cpac_line_ledger_lose_frames (&ledger, 8);
  cpac_line_ledger_lose_parts (&ledger, 2, 8);
  assert_closes (&ledger);
  cpac_line_ledger_begin_part (&ledger);
  pass_frame (&ledger, CPAC_VERDICT_NOT_DECIDABLE);
  cpac_line_ledger_end_part (&ledger, CPAC_VERDICT_NOT_DECIDABLE);
  assert_closes (&ledger);

  g_assert_cmpuint (ledger.frames.seen, ==, 1 + 2 + 3 + 8 + 1);
  g_assert_cmpuint (ledger.frames.verdicts[CPAC_VERDICT_UNDEFINED], ==, 11);
  g_assert_cmpuint (ledger.lost, ==, 11);
  g_assert_cmpuint (ledger.between, ==, 1);
  g_assert_cmpuint (ledger.of_parts, ==, 5 + 8 + 1);
  g_assert_cmpuint (ledger.parts.seen, ==, 4);
  g_assert_cmpuint (ledger.parts.verdicts[CPAC_VERDICT_UNDEFINED], ==, 2);
}

/* Each count is independent of the others: what one forgets, another tells. */
static void
test_mismatch (void)
{
  CpacLineLedger ledger = { 0 };

  cpac_line_ledger_see_frame (&ledger);
  cpac_line_ledger_place_frames (&ledger, 1);
  assert_open (&ledger, "the ledger does not close: found 0 frames with a verdict, expected 1, "
                        "the number of frames seen");
  cpac_line_ledger_judge_frame (&ledger, CPAC_VERDICT_OK);
  cpac_line_ledger_see_frame (&ledger);
  cpac_line_ledger_judge_frame (&ledger, CPAC_VERDICT_OK);
  assert_open (&ledger, "the ledger does not close: found 1 frames in or between parts, expected "
                        "2, the number of frames seen");
  cpac_line_ledger_place_frames (&ledger, 1);
  assert_closes (&ledger);
  ledger.parts.seen++;
  assert_open (&ledger, "the ledger does not close: found 0 parts with a verdict or in hand, "
                        "expected 1, the number of parts begun");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ledger/by-verdict", test_by_verdict);
  g_test_add_func ("/ledger/line", test_line);
  g_test_add_func ("/ledger/mismatch", test_mismatch);
  return g_test_run ();
}
