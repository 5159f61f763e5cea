/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/monitor-fixture.h"

GstHarness *
monitor_harness (GstBus **bus, ...)
{
  GstElement *element = gst_element_factory_make ("cpacmonitor", NULL);
  GstHarness *harness;
  const char *property;
  va_list arguments;

  g_assert_nonnull (element);
  *bus = gst_bus_new ();
  gst_element_set_bus (element, *bus);
  va_start (arguments, bus);
  property = va_arg (arguments, const char *);
  if (property != NULL)
    g_object_set_valist (G_OBJECT (element), property, arguments);
  va_end (arguments);
  harness = gst_harness_new_with_element (element, "sink", "src");
  gst_object_unref (element);
  gst_harness_set_src_caps_str (harness, MONITOR_CAPS);
  return harness;
}

CpacInspection
monitor_inspection (guint index, CpacVerdict verdict, double score)
{
  return (CpacInspection){ .status = CPAC_STATUS_SCORED,
                           .verdict = verdict,
                           .has_score = TRUE,
                           .score = score,
                           .model = "toy",
                           .model_sha256 = "aa",
                           .config_sha256 = "bb",
                           .frame = index,
                           .width = MONITOR_SIDE,
                           .height = MONITOR_SIDE,
                           .region = { 0, 0, MONITOR_SIDE, MONITOR_SIDE } };
}

static void
fill (GstBuffer *buffer, guint index, guint8 gray)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (index);
  GstMapInfo map;
  /* Frames differ in brightness, not only in noise. */
  gint level = gray + g_rand_int_range (rand, -3, 4);

  g_assert_true (gst_buffer_map (buffer, &map, GST_MAP_WRITE));
  for (gsize i = 0; i < map.size; i++)
    map.data[i] = (guint8) CLAMP (level + g_rand_int_range (rand, -10, 11), 0, 255);
  gst_buffer_unmap (buffer, &map);
}

GstBuffer *
monitor_buffer (guint index, guint8 gray, const CpacInspection *inspection)
{
  GstBuffer *buffer = gst_buffer_new_allocate (NULL, MONITOR_SIDE * MONITOR_SIDE, NULL);

  fill (buffer, index, gray);
  GST_BUFFER_PTS (buffer) = gst_util_uint64_scale (index, GST_SECOND, 30);
  GST_BUFFER_DURATION (buffer) = GST_SECOND / 30;
  GST_BUFFER_OFFSET (buffer) = index;
  if (inspection != NULL)
    gst_cpac_score_meta_add (buffer, inspection);
  return buffer;
}

GstBuffer *
monitor_frame (guint index, CpacVerdict verdict)
{
  CpacInspection inspection = monitor_inspection (index, verdict, 0.1 * index);

  return monitor_buffer (index, 100, &inspection);
}

GstBuffer *
monitor_pass (GstHarness *harness, GstBuffer *buffer)
{
  g_assert_cmpint (gst_harness_push (harness, buffer), ==, GST_FLOW_OK);
  return gst_harness_pull (harness);
}

void
monitor_push (GstHarness *harness, GstBuffer *buffer)
{
  gst_buffer_unref (monitor_pass (harness, buffer));
}

void
monitor_event_part (GstHarness *harness, const char *id)
{
  GstStructure *structure = gst_structure_new_empty ("cpac-part");

  if (id != NULL)
    gst_structure_set (structure, "part-id", G_TYPE_STRING, id, NULL);
  g_assert_true (gst_harness_push_event (
      harness, gst_event_new_custom (GST_EVENT_CUSTOM_DOWNSTREAM, structure)));
}

void
monitor_flush (GstHarness *harness)
{
  GstSegment segment;

  gst_harness_push_event (harness, gst_event_new_flush_start ());
  gst_harness_push_event (harness, gst_event_new_flush_stop (TRUE));
  gst_segment_init (&segment, GST_FORMAT_TIME);
  gst_harness_push_event (harness, gst_event_new_segment (&segment));
}

gboolean
monitor_flag (GstHarness *harness, const char *field)
{
  g_autoptr (GstStructure) stats = NULL;
  gboolean value;

  g_object_get (harness->element, "stats", &stats, NULL);
  g_assert_true (gst_structure_get_boolean (stats, field, &value));
  return value;
}

char *
monitor_text (GstHarness *harness, const char *field)
{
  g_autoptr (GstStructure) stats = NULL;

  g_object_get (harness->element, "stats", &stats, NULL);
  return g_strdup (gst_structure_get_string (stats, field));
}

void
monitor_check_ledger (GstHarness *harness, const char *of, const guint expected[4])
{
  static const char *const verdicts[] = { "ok", "not-ok", "not-decidable", "undefined" };
  g_autofree char *seen = g_strconcat (of, "-seen", NULL);
  guint64 sum = g_str_equal (of, "parts") && monitor_flag (harness, "part-in-hand");

  for (guint i = 0; i < 4; i++) {
    g_autofree char *field = g_strdup_printf ("%s-%s", of, verdicts[i]);

    g_test_message ("%s", field);
    g_assert_cmpuint (fixture_stat (harness, field), ==, expected[i]);
    sum += expected[i];
  }
  g_assert_cmpuint (fixture_stat (harness, seen), ==, sum);
}
