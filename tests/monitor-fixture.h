/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plugin/score-meta.h"
#include "tests/element-fixture.h"

/*
 * What the tests of cpacmonitor share: a harness about it alone, and frames with the metadata that
 * cpacscore would have given them.
 */

#define MONITOR_SIDE 16
#define MONITOR_CAPS "video/x-raw,format=GRAY8,width=16,height=16,framerate=30/1"

/* A new cpacmonitor in PLAYING, properties as in g_object_set(). */
GstHarness *monitor_harness (GstBus **bus, ...) G_GNUC_NULL_TERMINATED;

/* What a frame of the toy model "toy" says; @score matters to charts only. */
CpacInspection monitor_inspection (guint index, CpacVerdict verdict, double score);
/* Frame @index at 30 a second, numbered by offset, with @inspection (NULL: no metadata). Its pixels
 * are seeded noise about @gray, those of a frame always the same. */
GstBuffer *monitor_buffer (guint index, guint8 gray, const CpacInspection *inspection);
/* The two in one. */
GstBuffer *monitor_frame (guint index, CpacVerdict verdict);

/* Pushes and takes what comes out. */
void monitor_push (GstHarness *harness, GstBuffer *buffer);
/* What came out of pushing it. (transfer full) */
GstBuffer *monitor_pass (GstHarness *harness, GstBuffer *buffer);
void monitor_event_part (GstHarness *harness, const char *id);
void monitor_flush (GstHarness *harness);

gboolean monitor_flag (GstHarness *harness, const char *field);
/* A text of `stats`. (transfer full) */
char *monitor_text (GstHarness *harness, const char *field);

/* `stats` has these numbers, ok, not-ok, not-decidable and undefined, and seen is their sum and,
 * of parts, one in hand. */
#define monitor_assert_ledger(harness, of, ok, not_ok, not_decidable, undefined)                   \
  monitor_check_ledger (harness, of, (guint[]){ ok, not_ok, not_decidable, undefined })
void monitor_check_ledger (GstHarness *harness, const char *of, const guint expected[4]);
