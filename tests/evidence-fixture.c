/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/evidence-fixture.h"

#include <glib/gstdio.h>
#include <string.h>

#include "plugin/score-meta.h"

GstElement *
evidence_element_new (const char *location, GstBus **bus)
{
  GstElement *element = gst_object_ref_sink (gst_element_factory_make ("cpacevidence", NULL));

  g_assert_nonnull (element);
  *bus = gst_bus_new ();
  gst_element_set_bus (element, *bus);
  g_object_set (element, "location", location, "source", "cam-1", NULL);
  return element;
}

GstHarness *
evidence_harness_with (const char *location, const char *caps, const char *property,
                       const char *value, GstBus **bus)
{
  g_autoptr (GstElement) element = evidence_element_new (location, bus);
  GstHarness *harness;

  if (property != NULL)
    gst_util_set_object_arg (G_OBJECT (element), property, value);
  harness = gst_harness_new_with_element (element, "sink", "src");
  gst_harness_set_src_caps_str (harness, caps);
  return harness;
}

GstHarness *
evidence_harness_new (const char *location, GstBus **bus)
{
  return evidence_harness_with (location, FIXTURE_RGB_CAPS, NULL, NULL, bus);
}

void
evidence_finish (GstHarness *harness)
{
  g_assert_cmpint (gst_element_set_state (harness->element, GST_STATE_NULL), ==,
                   GST_STATE_CHANGE_SUCCESS);
}

GstBuffer *
evidence_mark (GstBuffer *buffer, guint64 frame, CpacVerdict verdict)
{
  CpacInspection inspection = { .status = CPAC_STATUS_SCORED,
                                .verdict = verdict,
                                .has_score = TRUE,
                                .score = 0.25,
                                .model = "toy",
                                .frame = frame,
                                .width = 4,
                                .height = 4 };

  gst_cpac_score_meta_add (buffer, &inspection);
  return buffer;
}

GstBuffer *
evidence_inspected (guint64 frame, CpacVerdict verdict)
{
  return evidence_mark (fixture_frame ((guint) (frame % 1000), (guint8) frame, 2, 3), frame,
                        verdict);
}

void
evidence_pass (GstHarness *harness, GstBuffer *buffer)
{
  GstBuffer *out = fixture_pass (harness, buffer);

  g_assert_true (out == buffer);
  gst_buffer_unref (out);
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

GPtrArray *
evidence_list (const char *folder, const char *ending)
{
  GPtrArray *names = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  g_assert_nonnull (dir);
  while ((name = g_dir_read_name (dir)) != NULL)
    if (g_str_has_suffix (name, ending))
      g_ptr_array_add (names, g_strdup (name));
  g_ptr_array_sort (names, compare_names);
  return names;
}

guint
evidence_count (const char *folder, const char *ending)
{
  g_autoptr (GPtrArray) names = evidence_list (folder, ending);

  return names->len;
}

guint64
evidence_total_size (const char *folder)
{
  g_autoptr (GPtrArray) names = evidence_list (folder, "");
  guint64 size = 0;

  for (guint i = 0; i < names->len; i++) {
    g_autofree char *path = g_build_filename (folder, names->pdata[i], NULL);
    GStatBuf status;

    g_assert_cmpint (g_stat (path, &status), ==, 0);
    size += (guint64) status.st_size;
  }
  return size;
}
