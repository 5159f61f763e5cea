/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/monitor/part-tracker.h"

#include <string.h>

#define UNKNOWN G_MAXUINT64

/* One frame and what is to follow, written as a word each in the order of CpacPartStep: "+N" lost
 * before, "]" the part in hand ends, "!" and was incomplete, "pN" lost parts, "-N" lost between,
 * "[" a part begins, "iN" lost into it, "?" it misses its begin, "~" the frame is between parts,
 * "." a frame of the part, ")" it is the last. */
typedef struct {
  CpacPartCue cue;
  const char *expected;
} Row;

static char *
to_text (const CpacPartStep *step)
{
  GString *text = g_string_new (NULL);

  if (step->n_lost_before > 0)
    g_string_append_printf (text, "+%u", (guint) step->n_lost_before);
  g_string_append (text, step->ends_before ? "]" : "");
  g_string_append (text, step->ends_incomplete ? "!" : "");
  if (step->n_lost_parts > 0)
    g_string_append_printf (text, "p%u", (guint) step->n_lost_parts);
  if (step->n_lost_between > 0)
    g_string_append_printf (text, "-%u", (guint) step->n_lost_between);
  g_string_append (text, step->begins ? "[" : "");
  if (step->n_lost_into > 0)
    g_string_append_printf (text, "i%u", (guint) step->n_lost_into);
  g_string_append (text, step->misses_begin ? "?" : "");
  g_string_append (text, step->is_between ? "~" : ".");
  g_string_append (text, step->ends_after ? ")" : "");
  return g_string_free (text, FALSE);
}

static void
run (CpacPartRule rule, const Row *rows, guint n, gboolean is_whole_at_end)
{
  g_auto (CpacPartTracker) tracker = CPAC_PART_TRACKER_INIT (rule);

  for (guint i = 0; i < n; i++) {
    CpacPartStep step = cpac_part_tracker_step (&tracker, &rows[i].cue);
    g_autofree char *text = to_text (&step);

    g_test_message ("frame %u", i);
    g_assert_cmpstr (text, ==, rows[i].expected);
    g_assert_cmpint (tracker.is_open, ==, !step.is_between && !step.ends_after);
  }
  g_assert_cmpint (cpac_part_tracker_end (&tracker), ==, is_whole_at_end);
  g_assert_false (tracker.is_open);
  g_assert_null (tracker.id);
}

#define RUN(rule, rows, whole) run (rule, rows, G_N_ELEMENTS (rows), whole)
#define FRAME(lost, text)                                                                          \
  {                                                                                                \
    { NULL, NULL, TRUE, UNKNOWN, lost }, text                                                      \
  }

static void
test_single_frames (void)
{
  static const Row rows[] = {
    FRAME (0, "[.)"), FRAME (0, "[.)"), FRAME (1, "p1[.)"), FRAME (7, "p7[.)"), FRAME (0, "[.)"),
  };

  RUN (((CpacPartRule){ CPAC_PARTS_FRAMES, 1, 0 }), rows, TRUE);
  RUN (((CpacPartRule){ CPAC_PARTS_AUTO, 1, 0 }), rows, TRUE);
}

/* Lost frames fill the part in hand, then whole parts, then the next one. */
static void
test_frames (void)
{
  static const Row rows[] = {
    FRAME (0, "[."),      FRAME (0, "."),        FRAME (0, ".)"), /* one whole part */
    FRAME (0, "[."),      FRAME (1, "+1.)"),                      /* the one in the middle */
    FRAME (0, "[."),      FRAME (2, "+2][."),                     /* its end */
    FRAME (8, "+2]p2[."),                                         /* and two parts */
    FRAME (0, "."),       FRAME (3, "+1][i2.)"),                  /* and two of the next */
    FRAME (5, "p1[i2.)"), FRAME (3, "p1[."),                      /* none is in hand */
    FRAME (0, "."),
  };

  RUN (((CpacPartRule){ CPAC_PARTS_FRAMES, 3, 0 }), rows, FALSE);
}

#define EVENT(id, text)                                                                            \
  {                                                                                                \
    { id, NULL, TRUE, UNKNOWN, 0 }, text                                                           \
  }
#define NAMED(id, text)                                                                            \
  {                                                                                                \
    { NULL, id, TRUE, UNKNOWN, 0 }, text                                                           \
  }
#define BARE(text)                                                                                 \
  {                                                                                                \
    { NULL, NULL, FALSE, UNKNOWN, 0 }, text                                                        \
  }

static void
test_event (void)
{
  static const Row rows[] = {
    EVENT (NULL, "~"),
    EVENT ("A", "[."),
    EVENT ("A", "."),
    BARE ("]~"),
    EVENT ("B", "[."),
    EVENT ("C", "][."),
    EVENT (NULL, "]~"),
    EVENT ("", "[."),
    NAMED ("D", "]~"),
    { { "E", NULL, TRUE, UNKNOWN, 2 }, "-2[?." },
    { { "E", NULL, TRUE, UNKNOWN, 1 }, "+1." },
    { { "F", NULL, TRUE, UNKNOWN, 1 }, "+1][?." },
    { { NULL, NULL, TRUE, UNKNOWN, 1 }, "+1]~" },
    { { NULL, NULL, TRUE, UNKNOWN, 1 }, "-1~" },
    EVENT ("G", "[."),
  };

  RUN (((CpacPartRule){ CPAC_PARTS_EVENT, 3, 0 }), rows, TRUE);
}

/* Lost metadata does not end a part. */
static void
test_metadata (void)
{
  static const Row rows[] = {
    BARE ("~"),         NAMED ("A", "[."), BARE ("."),        NAMED ("A", "."),
    NAMED (NULL, "]~"), NAMED ("B", "[."), EVENT ("C", "]~"), NAMED ("D", "[."),
  };

  RUN (((CpacPartRule){ CPAC_PARTS_METADATA, 3, 0 }), rows, TRUE);
}

/* Ids where there are any; an event's before the metadata's. */
static void
test_auto (void)
{
  static const Row rows[] = {
    NAMED (NULL, "[."),
    NAMED (NULL, ".)"),
    NAMED (NULL, "[."),
    NAMED ("A", "]!["
                "."),
    NAMED ("A", "."),
    { { "A", "A", TRUE, UNKNOWN, 0 }, "." },
    { { "B", "A", TRUE, UNKNOWN, 0 }, "][." },
    BARE ("."),
    { { NULL, NULL, TRUE, UNKNOWN, 1 }, "+1][?." },
    BARE (".)"),
  };

  RUN (((CpacPartRule){ CPAC_PARTS_AUTO, 2, 0 }), rows, TRUE);
}

static void
test_gap (void)
{
  static const Row rows[] = {
    { { NULL, "A", TRUE, 1000, 0 }, "[." },    { { NULL, "B", TRUE, 1040, 0 }, "." },
    { { NULL, NULL, TRUE, 1139, 0 }, "." },    { { NULL, NULL, TRUE, 1239, 0 }, "][." },
    { { NULL, NULL, TRUE, UNKNOWN, 0 }, "." }, { { NULL, NULL, TRUE, 1338, 2 }, "+2." },
    { { NULL, NULL, TRUE, 5, 0 }, "." },       { { NULL, NULL, TRUE, 200, 1 }, "+1][?." },
  };

  RUN (((CpacPartRule){ CPAC_PARTS_GAP, 1, 100 }), rows, TRUE);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/part-tracker/single-frames", test_single_frames);
  g_test_add_func ("/part-tracker/frames", test_frames);
  g_test_add_func ("/part-tracker/event", test_event);
  g_test_add_func ("/part-tracker/metadata", test_metadata);
  g_test_add_func ("/part-tracker/auto", test_auto);
  g_test_add_func ("/part-tracker/gap", test_gap);
  return g_test_run ();
}
