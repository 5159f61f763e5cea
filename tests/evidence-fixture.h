/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/score/verdict.h"
#include "tests/element-fixture.h"

/* What the tests of cpacevidence share. */

/* Writes to @location, source cam-1; not started. (transfer full) both */
GstElement *evidence_element_new (const char *location, GstBus **bus);
/* A harness about one in PLAYING; with one property set before the start. */
GstHarness *evidence_harness_with (const char *location, const char *caps, const char *property,
                                   const char *value, GstBus **bus);
/* The same for fixture_frame(). */
GstHarness *evidence_harness_new (const char *location, GstBus **bus);
/* Stops, so that all is written; the element still tells its stats. */
void evidence_finish (GstHarness *harness);

/* Adds an inspection without heat map; returns @buffer. */
GstBuffer *evidence_mark (GstBuffer *buffer, guint64 frame, CpacVerdict verdict);
/* A frame with one. (transfer full) */
GstBuffer *evidence_inspected (guint64 frame, CpacVerdict verdict);
/* The very same buffer comes out, with the same bytes. @buffer: (transfer full) */
void evidence_pass (GstHarness *harness, GstBuffer *buffer);

/* Names in @folder with that ending, sorted. (transfer full) */
GPtrArray *evidence_list (const char *folder, const char *ending);
guint evidence_count (const char *folder, const char *ending);
/* Bytes of all files. */
guint64 evidence_total_size (const char *folder);
