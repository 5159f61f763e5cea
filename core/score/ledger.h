/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/error.h"
#include "core/score/verdict.h"

G_BEGIN_DECLS

/* Things by verdict. It closes when seen = ok + not_ok + not_decidable + undefined. */
typedef struct {
  guint64 seen;
  guint64 verdicts[CPAC_N_VERDICTS]; /* by CpacVerdict */
} CpacLedger;

void cpac_ledger_add (CpacLedger *ledger, CpacVerdict verdict);
gboolean cpac_ledger_closes (const CpacLedger *ledger);

/**
 * CpacLineLedger:
 *
 * Frames and parts of one line. A frame is counted when it comes, when it has its verdict, and
 * where it belongs (to a part or between parts); a part when it begins and when it ends. Each count
 * is taken where the thing happens, so a frame that was forgotten on the way shows.
 *
 * Lost frames are frames that never came: seen, and undefined.
 */
typedef struct {
  CpacLedger frames, parts;
  guint64 lost;     /* among frames.undefined */
  guint64 of_parts; /* frames of parts that have ended, lost ones among them */
  guint64 between;  /* frames that belong to no part */
  guint64 in_hand;  /* frames of the part that has begun and not ended */
  gboolean is_part_open;
} CpacLineLedger;

/* A frame has come. */
void cpac_line_ledger_see_frame (CpacLineLedger *ledger);
/* It has its verdict. */
void cpac_line_ledger_judge_frame (CpacLineLedger *ledger, CpacVerdict verdict);
/* @n frames never came. */
void cpac_line_ledger_lose_frames (CpacLineLedger *ledger, guint64 n);

/* Where @n frames belong: to the part in hand, or to none where there is none. */
void cpac_line_ledger_place_frames (CpacLineLedger *ledger, guint64 n);
/* No part may be open. */
void cpac_line_ledger_begin_part (CpacLineLedger *ledger);
/* A part must be open. */
void cpac_line_ledger_end_part (CpacLineLedger *ledger, CpacVerdict verdict);
/* @n whole parts of @n_frames frames altogether never came. */
void cpac_line_ledger_lose_parts (CpacLineLedger *ledger, guint64 n, guint64 n_frames);

/* CPAC_ERROR_NUMERIC, with the numbers, where seen is not the sum of verdicts (a part in hand
 * counted) or frames belong nowhere. */
gboolean cpac_line_ledger_check (const CpacLineLedger *ledger, GError **error);

G_END_DECLS
