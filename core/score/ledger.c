/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/score/ledger.h"

static guint64
sum_verdicts (const CpacLedger *ledger)
{
  guint64 sum = 0;

  for (guint i = 0; i < CPAC_N_VERDICTS; i++)
    sum += ledger->verdicts[i];
  return sum;
}

void
cpac_ledger_add (CpacLedger *ledger, CpacVerdict verdict)
{
  ledger->seen++;
  ledger->verdicts[verdict]++;
}

gboolean
cpac_ledger_closes (const CpacLedger *ledger)
{
  return sum_verdicts (ledger) == ledger->seen;
}

void
cpac_line_ledger_see_frame (CpacLineLedger *ledger)
{
  ledger->frames.seen++;
}

void
cpac_line_ledger_judge_frame (CpacLineLedger *ledger, CpacVerdict verdict)
{
  ledger->frames.verdicts[verdict]++;
}

void
cpac_line_ledger_lose_frames (CpacLineLedger *ledger, guint64 n)
{
  ledger->frames.seen += n;
  ledger->frames.verdicts[CPAC_VERDICT_UNDEFINED] += n;
  ledger->lost += n;
}

void
cpac_line_ledger_place_frames (CpacLineLedger *ledger, guint64 n)
{
  if (ledger->is_part_open)
    ledger->in_hand += n;
  else
    ledger->between += n;
}

void
cpac_line_ledger_begin_part (CpacLineLedger *ledger)
{
  g_return_if_fail (!ledger->is_part_open);

  ledger->parts.seen++;
  ledger->is_part_open = TRUE;
}

void
cpac_line_ledger_end_part (CpacLineLedger *ledger, CpacVerdict verdict)
{
  g_return_if_fail (ledger->is_part_open);

  ledger->parts.verdicts[verdict]++;
  ledger->of_parts += ledger->in_hand;
  ledger->in_hand = 0;
  ledger->is_part_open = FALSE;
}

void
cpac_line_ledger_lose_parts (CpacLineLedger *ledger, guint64 n, guint64 n_frames)
{
  ledger->parts.seen += n;
  ledger->parts.verdicts[CPAC_VERDICT_UNDEFINED] += n;
  ledger->of_parts += n_frames;
}

static gboolean
check_sum (const char *found, guint64 sum, const char *of, guint64 expected, GError **error)
{
  if (sum == expected)
    return TRUE;
  g_set_error (error, CPAC_ERROR, CPAC_ERROR_NUMERIC,
               "the ledger does not close: found %" G_GUINT64_FORMAT " %s, expected %" //
               G_GUINT64_FORMAT ", the number of %s",
               sum, found, expected, of);
  return FALSE;
}

gboolean
cpac_line_ledger_check (const CpacLineLedger *ledger, GError **error)
{
  guint64 placed = ledger->of_parts + ledger->between + ledger->in_hand;

  return check_sum ("frames with a verdict", sum_verdicts (&ledger->frames), "frames seen",
                    ledger->frames.seen, error) &&
         check_sum ("parts with a verdict or in hand",
                    sum_verdicts (&ledger->parts) + (ledger->is_part_open != FALSE), "parts begun",
                    ledger->parts.seen, error) &&
         check_sum ("frames in or between parts", placed, "frames seen", ledger->frames.seen,
                    error);
}
