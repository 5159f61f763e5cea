/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* cpacmonitor's ledger of frames and parts. */

#include "tests/monitor-fixture.h"

#define OK CPAC_VERDICT_OK
#define NOT_OK CPAC_VERDICT_NOT_OK
#define NOT_DECIDABLE CPAC_VERDICT_NOT_DECIDABLE
#define UNDEFINED CPAC_VERDICT_UNDEFINED

/* ---- Frames ---- */

/* Whatever comes is counted once; what was not inspected is undefined, in the metadata too. */
static void
test_frames (void)
{
  GstBus *bus;
  GstHarness *harness = monitor_harness (&bus, NULL);
  GstBuffer *buffer;

  for (guint i = 0; i < 3; i++)
    monitor_push (harness, monitor_frame (i, OK));
  monitor_push (harness, monitor_frame (3, NOT_OK));
  monitor_push (harness, monitor_frame (4, NOT_DECIDABLE));
  monitor_push (harness, monitor_frame (5, UNDEFINED));

  buffer = monitor_frame (6, OK);
  GST_BUFFER_FLAG_SET (buffer, GST_BUFFER_FLAG_CORRUPTED);
  buffer = monitor_pass (harness, buffer);
  g_assert_cmpstr (fixture_text (fixture_meta (buffer), "verdict"), ==, "undefined");
  g_assert_cmpint (fixture_int (fixture_meta (buffer), "verdict-code"), ==, 0);
  g_assert_cmpstr (fixture_text (fixture_meta (buffer), "part-verdict"), ==, "undefined");
  gst_buffer_unref (buffer);

  buffer = monitor_pass (harness, monitor_buffer (7, 100, NULL));
  g_assert_cmpstr (fixture_text (fixture_meta (buffer), "status"), ==, "skipped");
  g_assert_cmpuint (fixture_uint64 (fixture_meta (buffer), "frame"), ==, 7);
  g_assert_cmpuint (fixture_uint64 (fixture_meta (buffer), "part"), ==, 7);
  gst_buffer_unref (buffer);

  monitor_assert_ledger (harness, "frames", 3, 1, 1, 3);
  monitor_assert_ledger (harness, "parts", 3, 1, 1, 3);
  g_assert_cmpuint (fixture_stat (harness, "frames-corrupted"), ==, 1);
  g_assert_cmpuint (fixture_stat (harness, "frames-lost"), ==, 0);
  fixture_harness_free (harness, bus);
}

/* A GAP passes with its flag; it was not inspected. */
static void
test_gap_flag (void)
{
  GstBus *bus;
  GstHarness *harness = monitor_harness (&bus, NULL);
  CpacInspection inspection = monitor_inspection (0, UNDEFINED, 0);
  GstBuffer *buffer;

  inspection.status = CPAC_STATUS_SKIPPED;
  inspection.has_score = FALSE;
  buffer = monitor_buffer (0, 100, &inspection);
  GST_BUFFER_FLAG_SET (buffer, GST_BUFFER_FLAG_GAP);
  buffer = monitor_pass (harness, buffer);
  g_assert_true (GST_BUFFER_FLAG_IS_SET (buffer, GST_BUFFER_FLAG_GAP));
  gst_buffer_unref (buffer);
  monitor_assert_ledger (harness, "frames", 0, 0, 0, 1);
  monitor_assert_ledger (harness, "parts", 0, 0, 0, 1);
  fixture_harness_free (harness, bus);
}

/* Behind a tee the buffer is shared: its pixels are not copied, its metadata not touched. */
static void
test_shared (void)
{
  GstBus *bus;
  GstHarness *harness = monitor_harness (&bus, NULL);
  GstBuffer *in = monitor_frame (0, OK), *out;

  out = monitor_pass (harness, gst_buffer_ref (in));
  g_assert_true (gst_buffer_peek_memory (in, 0) == gst_buffer_peek_memory (out, 0));
  g_assert_false (gst_structure_has_field (fixture_meta (in), "part"));
  g_assert_true (gst_structure_has_field (fixture_meta (out), "part"));
  gst_buffer_unref (in);
  gst_buffer_unref (out);
  fixture_harness_free (harness, bus);
}

/* ---- Parts ---- */

/* The worst frame decides; ok only where all are. */
static void
test_worst (void)
{
  static const struct {
    CpacVerdict frames[3];
    const char *part;
  } rows[] = {
    { { OK, OK, OK }, "ok" },
    { { OK, NOT_DECIDABLE, OK }, "not-decidable" },
    { { NOT_DECIDABLE, OK, NOT_OK }, "not-ok" },
    { { OK, OK, UNDEFINED }, "undefined" },
    { { UNDEFINED, NOT_DECIDABLE, OK }, "undefined" },
    { { NOT_OK, UNDEFINED, OK }, "not-ok" },
    { { NOT_DECIDABLE, NOT_DECIDABLE, NOT_DECIDABLE }, "not-decidable" },
  };
  GstBus *bus;
  GstHarness *harness = monitor_harness (&bus, "frames-per-part", 3, "messages", 2, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    for (guint k = 0; k < 3; k++) {
      g_autoptr (GstBuffer) buffer =
          monitor_pass (harness, monitor_frame (3 * i + k, rows[i].frames[k]));
      const GstStructure *meta = fixture_meta (buffer);

      g_assert_cmpuint (fixture_uint64 (meta, "part"), ==, i);
      g_assert_cmpuint (fixture_uint64 (meta, "part-frame"), ==, k);
      g_assert_cmpstr (fixture_text (meta, "part-verdict"), ==, k == 2 ? rows[i].part : NULL);
    }
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (GstMessage) message = fixture_pop (bus, GST_MESSAGE_ELEMENT, "cpac-monitor");
    const GstStructure *structure = gst_message_get_structure (message);

    g_assert_cmpuint (fixture_uint64 (structure, "part"), ==, i);
    g_assert_cmpstr (fixture_text (structure, "verdict"), ==, rows[i].part);
    g_assert_cmpuint (fixture_uint64 (structure, "frames"), ==, 3);
    g_assert_cmpuint (fixture_uint64 (structure, "timestamp"), ==,
                      gst_util_uint64_scale (3 * i + 2, GST_SECOND, 30));
  }
  monitor_assert_ledger (harness, "parts", 1, 2, 2, 2);
  fixture_harness_free (harness, bus);
}

/* Ids of events; frames without are between parts, and a part ends where the next begins. */
static void
test_event (void)
{
  GstBus *bus;
  GstHarness *harness = monitor_harness (&bus, "parts-by", 1, "messages", 2, NULL);
  guint n = 0;
  GstBuffer *buffer;

  monitor_push (harness, monitor_frame (n++, OK));
  monitor_event_part (harness, "A");
  buffer = monitor_pass (harness, monitor_frame (n++, OK));
  g_assert_cmpstr (fixture_text (fixture_meta (buffer), "part-id"), ==, "A");
  gst_buffer_unref (buffer);
  monitor_push (harness, monitor_frame (n++, NOT_OK));
  g_assert_true (monitor_flag (harness, "part-in-hand"));
  monitor_event_part (harness, "A");
  monitor_push (harness, monitor_frame (n++, OK));
  monitor_event_part (harness, "B");
  monitor_push (harness, monitor_frame (n++, OK));
  monitor_event_part (harness, NULL);
  monitor_push (harness, monitor_frame (n++, OK));
  g_assert_false (monitor_flag (harness, "part-in-hand"));
  monitor_event_part (harness, "C");
  monitor_push (harness, monitor_frame (n++, OK));
  gst_harness_push_event (harness, gst_event_new_eos ());
  monitor_assert_ledger (harness, "frames", 6, 1, 0, 0);
  monitor_assert_ledger (harness, "parts", 2, 1, 0, 0);
  g_assert_cmpuint (fixture_stat (harness, "frames-between"), ==, 2);
  for (guint i = 0; i < 3; i++) {
    g_autoptr (GstMessage) message = fixture_pop (bus, GST_MESSAGE_ELEMENT, "cpac-monitor");
    const GstStructure *structure = gst_message_get_structure (message);

    g_assert_cmpstr (fixture_text (structure, "part-id"), ==,
                     ((const char *[]){ "A", "B", "C" })[i]);
    g_assert_cmpuint (fixture_uint64 (structure, "frames"), ==, i == 0 ? 3 : 1);
  }
  fixture_harness_free (harness, bus);
}

/* A part whose id the metadata names; one frame of it lost its metadata. */
static void
test_metadata (void)
{
  static const char *const ids[] = { "A", "A", NULL, "B" };
  GstBus *bus;
  GstHarness *harness = monitor_harness (&bus, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (ids); i++) {
    CpacInspection inspection = monitor_inspection (i, OK, 0);

    inspection.part_id = ids[i];
    monitor_push (harness, monitor_buffer (i, 100, i == 2 ? NULL : &inspection));
  }
  monitor_assert_ledger (harness, "frames", 3, 0, 0, 1);
  monitor_assert_ledger (harness, "parts", 0, 0, 0, 1);
  g_assert_true (monitor_flag (harness, "part-in-hand"));
  fixture_harness_free (harness, bus);
}

/* A triggered camera: three pictures of a part, then none for a second. */
static void
test_gap (void)
{
  GstBus *bus;
  GstHarness *harness =
      monitor_harness (&bus, "parts-by", 4, "part-gap", (guint64) GST_SECOND / 2, NULL);

  for (guint i = 0; i < 9; i++)
    monitor_push (harness, monitor_frame (i + 30 * (i / 3), i == 4 ? NOT_OK : OK));
  gst_harness_push_event (harness, gst_event_new_eos ());
  monitor_assert_ledger (harness, "parts", 2, 1, 0, 0);
  fixture_harness_free (harness, bus);
}

/* ---- Losses ---- */

typedef struct {
  guint offset; /* 0: none */
  guint time;   /* in frames; 0: none */
  gboolean discont;
  guint expected; /* lost before it */
} Arrival;

static void
run_arrivals (const Arrival *arrivals, guint n)
{
  GstBus *bus;
  GstHarness *harness = monitor_harness (&bus, NULL);
  guint total = 0;

  for (guint i = 0; i < n; i++) {
    GstBuffer *buffer = monitor_frame (arrivals[i].time, OK);
    g_autoptr (GstMessage) message = NULL;

    g_test_message ("arrival %u", i);
    GST_BUFFER_OFFSET (buffer) = arrivals[i].offset ? arrivals[i].offset : GST_BUFFER_OFFSET_NONE;
    if (arrivals[i].time == 0)
      GST_BUFFER_PTS (buffer) = GST_CLOCK_TIME_NONE;
    if (arrivals[i].discont)
      GST_BUFFER_FLAG_SET (buffer, GST_BUFFER_FLAG_DISCONT);
    monitor_push (harness, buffer);
    total += arrivals[i].expected;
    g_assert_cmpuint (fixture_stat (harness, "frames-lost"), ==, total);
    message = fixture_pop (bus, GST_MESSAGE_ELEMENT, "cpac-frames-lost");
    g_assert_cmpint (message != NULL, ==, arrivals[i].expected > 0);
    if (message == NULL)
      continue;
    g_assert_cmpuint (fixture_uint64 (gst_message_get_structure (message), "lost"), ==,
                      arrivals[i].expected);
    g_assert_cmpuint (fixture_uint64 (gst_message_get_structure (message), "total-lost"), ==,
                      total);
  }
  monitor_assert_ledger (harness, "frames", n, 0, 0, total);
  monitor_assert_ledger (harness, "parts", n, 0, 0, total);
  fixture_harness_free (harness, bus);
}

#define RUN_ARRIVALS(arrivals) run_arrivals (arrivals, G_N_ELEMENTS (arrivals))

static void
test_lost_by_offset (void)
{
  static const Arrival arrivals[] = {
    { 1, 1, TRUE, 0 },    { 2, 2, FALSE, 0 },
    { 4, 3, TRUE, 1 },    { 5, 4, TRUE, 0 }, /* flagged, but the numbers are complete */
    { 105, 5, TRUE, 99 }, { 7, 6, FALSE, 0 },
  };

  RUN_ARRIVALS (arrivals);
}

/* Offsets that went up by one eight times count frames; others need not. */
static void
test_lost_without_flag (void)
{
  static const Arrival counted[] = {
    { 1, 1, FALSE, 0 }, { 2, 2, FALSE, 0 },   { 3, 3, FALSE, 0 },  { 4, 4, FALSE, 0 },
    { 5, 5, FALSE, 0 }, { 6, 6, FALSE, 0 },   { 7, 7, FALSE, 0 },  { 8, 8, FALSE, 0 },
    { 9, 9, FALSE, 0 }, { 12, 12, FALSE, 2 }, { 3, 13, FALSE, 0 }, { 9, 14, FALSE, 0 },
  };
  static const Arrival bytes[] = {
    { 256, 1, FALSE, 0 },
    { 512, 2, FALSE, 0 },
    { 768, 3, FALSE, 0 },
  };

  RUN_ARRIVALS (counted);
  RUN_ARRIVALS (bytes);
}

static void
test_lost_by_time (void)
{
  static const Arrival arrivals[] = {
    { 0, 1, TRUE, 0 },  { 0, 2, FALSE, 0 },
    { 0, 5, TRUE, 2 },  { 0, 9, FALSE, 0 }, /* a slow camera is no loss */
    { 0, 10, TRUE, 0 }, { 0, 4, TRUE, 1 },
    { 0, 0, TRUE, 1 },  { 0, 0, FALSE, 0 },
  };

  RUN_ARRIVALS (arrivals);
}

/* A number that cannot be a count of frames says that something is missing, not how much. */
static void
test_lost_absurd (void)
{
  static const Arrival arrivals[] = {
    { 1, 0, FALSE, 0 },
    { 4000000000u, 0, TRUE, 1 },
    { 4000000001u, 0, FALSE, 0 },
  };

  RUN_ARRIVALS (arrivals);
}

/* Of three frames a part: what was lost fills parts up. */
static void
test_lost_parts (void)
{
  GstBus *bus;
  GstHarness *harness = monitor_harness (&bus, "frames-per-part", 3, NULL);
  static const guint offsets[] = { 0, 1, 2, 3, 12, 13, 14 };

  for (guint i = 0; i < G_N_ELEMENTS (offsets); i++) {
    GstBuffer *buffer = monitor_frame (offsets[i], OK);

    if (i == 4)
      GST_BUFFER_FLAG_SET (buffer, GST_BUFFER_FLAG_DISCONT);
    monitor_push (harness, buffer);
  }
  /* 0 1 2 | 3 . . | . . . | . . . | 12 13 14 */
  monitor_assert_ledger (harness, "frames", 7, 0, 0, 8);
  monitor_assert_ledger (harness, "parts", 2, 0, 0, 3);
  fixture_harness_free (harness, bus);
}

/* Nothing tells to which of two parts with ids lost frames belonged: neither is ok. */
static void
test_lost_between_ids (void)
{
  GstBus *bus;
  GstHarness *harness = monitor_harness (&bus, "parts-by", 1, NULL);
  static const struct {
    const char *id;
    guint offset;
    gboolean discont;
  } rows[] = {
    { "A", 0, FALSE }, { "A", 1, FALSE }, { "B", 4, TRUE }, { "B", 5, FALSE }, { "C", 6, FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    GstBuffer *buffer = monitor_frame (rows[i].offset, OK);

    if (rows[i].discont)
      GST_BUFFER_FLAG_SET (buffer, GST_BUFFER_FLAG_DISCONT);
    monitor_event_part (harness, rows[i].id);
    monitor_push (harness, buffer);
  }
  gst_harness_push_event (harness, gst_event_new_eos ());
  monitor_assert_ledger (harness, "frames", 5, 0, 0, 2);
  monitor_assert_ledger (harness, "parts", 1, 0, 0, 2);
  fixture_harness_free (harness, bus);
}

/* ---- Interruptions ---- */

/* What was in hand was not seen whole, even with an id; a jump across the flush is no loss. */
static void
test_flush (void)
{
  GstBus *bus;
  GstHarness *harness = monitor_harness (&bus, "parts-by", 1, NULL);
  GstBuffer *buffer;

  monitor_event_part (harness, "A");
  monitor_push (harness, monitor_frame (0, OK));
  monitor_flush (harness);
  monitor_assert_ledger (harness, "parts", 0, 0, 0, 1);
  /* The flush has taken the part's event with it. */
  buffer = monitor_frame (90, OK);
  GST_BUFFER_FLAG_SET (buffer, GST_BUFFER_FLAG_DISCONT);
  monitor_push (harness, buffer);
  g_assert_cmpuint (fixture_stat (harness, "frames-between"), ==, 1);
  g_assert_cmpuint (fixture_stat (harness, "frames-lost"), ==, 0);
  monitor_event_part (harness, "B");
  monitor_push (harness, monitor_frame (91, NOT_OK));
  monitor_flush (harness);
  monitor_assert_ledger (harness, "parts", 0, 1, 0, 1);
  fixture_harness_free (harness, bus);
}

/* The end of the stream ends a part with an id, and breaks one off that lacks frames. What comes
 * behind it, after a seek, is counted anew. */
static void
test_eos (void)
{
  GstBus *bus;
  GstHarness *harness = monitor_harness (&bus, "frames-per-part", 2, NULL);

  for (guint i = 0; i < 3; i++)
    monitor_push (harness, monitor_frame (i, OK));
  gst_harness_push_event (harness, gst_event_new_eos ());
  monitor_assert_ledger (harness, "frames", 3, 0, 0, 0);
  monitor_assert_ledger (harness, "parts", 1, 0, 0, 1);
  monitor_flush (harness);
  monitor_push (harness, monitor_frame (3, NOT_OK));
  monitor_assert_ledger (harness, "frames", 0, 1, 0, 0);
  monitor_assert_ledger (harness, "parts", 0, 0, 0, 0);
  fixture_harness_free (harness, bus);
}

static void
test_states (void)
{
  GstBus *bus;
  GstHarness *harness = monitor_harness (&bus, "parts-by", 1, NULL);

  for (guint i = 0; i < 3; i++) {
    monitor_event_part (harness, "A");
    monitor_push (harness, monitor_frame (0, OK));
    g_assert_true (monitor_flag (harness, "part-in-hand"));
    g_assert_cmpint (gst_element_set_state (harness->element, GST_STATE_READY), ==,
                     GST_STATE_CHANGE_SUCCESS);
    monitor_assert_ledger (harness, "parts", 0, 0, 0, 1);
    gst_harness_set_src_caps_str (harness, MONITOR_CAPS);
    gst_harness_play (harness);
    monitor_assert_ledger (harness, "frames", 0, 0, 0, 0);
    monitor_flush (harness);
  }
  fixture_harness_free (harness, bus);
}

static void
test_qos_event (void)
{
  GstBus *bus;
  GstHarness *harness = monitor_harness (&bus, NULL);

  monitor_push (harness, monitor_frame (0, OK));
  gst_harness_push_upstream_event (harness, gst_event_new_qos (GST_QOS_TYPE_UNDERFLOW, 2, 1000, 0));
  g_assert_cmpuint (fixture_stat (harness, "qos-events"), ==, 1);
  g_object_set (harness->element, "qos", TRUE, NULL);
  monitor_push (harness, monitor_frame (1, OK));
  monitor_assert_ledger (harness, "frames", 2, 0, 0, 0);
  fixture_harness_free (harness, bus);
}

int
main (int argc, char **argv)
{
  gst_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);
  gst_cpac_score_meta_register ();
  g_test_add_func ("/cpacmonitor/frames", test_frames);
  g_test_add_func ("/cpacmonitor/gap-flag", test_gap_flag);
  g_test_add_func ("/cpacmonitor/shared", test_shared);
  g_test_add_func ("/cpacmonitor/worst", test_worst);
  g_test_add_func ("/cpacmonitor/event", test_event);
  g_test_add_func ("/cpacmonitor/metadata", test_metadata);
  g_test_add_func ("/cpacmonitor/gap", test_gap);
  g_test_add_func ("/cpacmonitor/lost-by-offset", test_lost_by_offset);
  g_test_add_func ("/cpacmonitor/lost-without-flag", test_lost_without_flag);
  g_test_add_func ("/cpacmonitor/lost-by-time", test_lost_by_time);
  g_test_add_func ("/cpacmonitor/lost-absurd", test_lost_absurd);
  g_test_add_func ("/cpacmonitor/lost-parts", test_lost_parts);
  g_test_add_func ("/cpacmonitor/lost-between-ids", test_lost_between_ids);
  g_test_add_func ("/cpacmonitor/flush", test_flush);
  g_test_add_func ("/cpacmonitor/eos", test_eos);
  g_test_add_func ("/cpacmonitor/states", test_states);
  g_test_add_func ("/cpacmonitor/qos-event", test_qos_event);
  return g_test_run ();
}
