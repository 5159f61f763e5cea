/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Generated footage, rendered in memory, through `cpacscore ! cpacmonitor` in a harness: a line of
 * many thousand parts without as many pictures on the disk. Every cpac-monitor message becomes one
 * JSON line on stdout, then comes a summary. Driven by monitor-footage.py. */

#include <gst/check/gstharness.h>
#include <json-glib/json-glib.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/model/json-writer.h"
#include "core/train/footage.h"

static char *model, *surface, *monitor;
static int size = 256, n_parts = 1000, drift_start;
static gint64 seed = 1;
static double defect_rate, lamp_drift, surface_drift, light_drift = 0.02;

static const GOptionEntry entries[] = {
  { "model", 0, 0, G_OPTION_ARG_FILENAME, &model, "For cpacscore", "YAML" },
  { "monitor", 0, 0, G_OPTION_ARG_STRING, &monitor, "Properties of cpacmonitor", "A=B ..." },
  { "surface", 0, 0, G_OPTION_ARG_STRING, &surface, "metal (default), cast or woven", "S" },
  { "size", 0, 0, G_OPTION_ARG_INT, &size, "Of a frame (256)", "N" },
  { "parts", 0, 0, G_OPTION_ARG_INT, &n_parts, "One frame each (1000)", "N" },
  { "seed", 0, 0, G_OPTION_ARG_INT64, &seed, "Of the footage (1)", "N" },
  { "defect-rate", 0, 0, G_OPTION_ARG_DOUBLE, &defect_rate, "Share of bad parts (0)", "P" },
  { "light-drift", 0, 0, G_OPTION_ARG_DOUBLE, &light_drift, "Swing of a sound lamp (0.02)", "F" },
  { "lamp-drift", 0, 0, G_OPTION_ARG_DOUBLE, &lamp_drift, "See cpac footage (0)", "F" },
  { "surface-drift", 0, 0, G_OPTION_ARG_DOUBLE, &surface_drift, "See cpac footage (0)", "F" },
  { "drift-start", 0, 0, G_OPTION_ARG_INT, &drift_start, "See cpac footage (0)", "N" },
  { NULL },
};

static CpacFootage *
footage_new (void)
{
  CpacFootageSpec spec = CPAC_FOOTAGE_SPEC_INIT;
  g_autoptr (GError) error = NULL;
  CpacFootage *footage;

  spec.width = spec.height = (guint) size;
  spec.n_parts = (guint) n_parts;
  spec.seed = (guint64) seed;
  spec.defect_rate = defect_rate;
  spec.light_drift = light_drift;
  spec.lamp_drift = lamp_drift;
  spec.surface_drift = surface_drift;
  spec.drift_start = (guint) drift_start;
  for (guint i = 0; surface != NULL && i < CPAC_N_SURFACES; i++)
    if (g_str_equal (surface, cpac_footage_surface_to_string (i)))
      spec.surface = i;
  footage = cpac_footage_new (&spec, &error);
  if (footage == NULL) {
    g_printerr ("%s\n", error->message);
    exit (2);
  }
  return footage;
}

static GstHarness *
harness_new (GstBus *bus)
{
  g_autofree char *line = g_strdup_printf ("cpacscore model=\"%s\" messages=none ! cpacmonitor %s",
                                           model, monitor != NULL ? monitor : "");
  g_autofree char *caps =
      g_strdup_printf ("video/x-raw,format=GRAY8,width=%d,height=%d,framerate=30/1", size, size);
  GstHarness *harness = gst_harness_new_parse (line);

  gst_element_set_bus (harness->element, bus);
  gst_harness_set_src_caps_str (harness, caps);
  return harness;
}

static void
print_message (const GstStructure *structure)
{
  static const char *const texts[] = { "verdict", "state", "previous-state", "sentence" };
  g_autoptr (GString) json = g_string_new (NULL);
  guint64 part = 0;

  gst_structure_get_uint64 (structure, "part", &part);
  cpac_json_open (json, NULL, '{');
  cpac_json_add_int (json, "part", (gint64) part);
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    if (gst_structure_get_string (structure, texts[i]) != NULL)
      cpac_json_add_text (json, texts[i], gst_structure_get_string (structure, texts[i]));
  cpac_json_close (json, '}');
  puts (json->str);
}

static void
print_messages (GstBus *bus)
{
  GstMessage *message;

  while ((message = gst_bus_pop (bus)) != NULL) {
    if (gst_message_has_name (message, "cpac-monitor"))
      print_message (gst_message_get_structure (message));
    gst_message_unref (message);
  }
}

static void
push_part (GstHarness *harness, const CpacFootage *footage, guint index)
{
  GstBuffer *buffer = gst_buffer_new_allocate (NULL, (gsize) size * (gsize) size, NULL);
  GstMapInfo map;

  g_assert_true (gst_buffer_map (buffer, &map, GST_MAP_WRITE));
  cpac_footage_render (footage, index, map.data, NULL, NULL);
  gst_buffer_unmap (buffer, &map);
  GST_BUFFER_PTS (buffer) = gst_util_uint64_scale (index, GST_SECOND, 30);
  GST_BUFFER_DURATION (buffer) = GST_SECOND / 30;
  GST_BUFFER_OFFSET (buffer) = index;
  g_assert_cmpint (gst_harness_push (harness, buffer), ==, GST_FLOW_OK);
  gst_buffer_unref (gst_harness_pull (harness));
}

/* The monitor's ledger, and which parts are bad in truth. */
static void
print_summary (GstHarness *harness, const CpacFootage *footage)
{
  g_autoptr (GString) json = g_string_new (NULL);
  g_autoptr (GstStructure) stats = NULL;
  g_autoptr (GstElement) element = gst_bin_get_by_name (GST_BIN (harness->element), "cpacmonitor0");

  g_object_get (element, "stats", &stats, NULL);
  cpac_json_open (json, NULL, '{');
  for (gint i = 0; i < gst_structure_n_fields (stats); i++) {
    const char *name = gst_structure_nth_field_name (stats, (guint) i);
    guint64 value;

    if (gst_structure_get_uint64 (stats, name, &value))
      cpac_json_add_int (json, name, (gint64) value);
  }
  cpac_json_open (json, "bad", '[');
  for (guint i = 0; i < (guint) n_parts; i++)
    if (cpac_footage_is_defective (footage, i))
      cpac_json_add_int (json, NULL, i);
  cpac_json_close (json, ']');
  cpac_json_close (json, '}');
  puts (json->str);
}

int
main (int argc, char **argv)
{
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (CpacFootage) footage = NULL;
  GstBus *bus;
  GstHarness *harness;

  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error) || model == NULL) {
    g_printerr ("%s\n", error != NULL ? error->message : "--model is missing");
    return 2;
  }
  gst_init (NULL, NULL);
  footage = footage_new ();
  bus = gst_bus_new ();
  harness = harness_new (bus);
  for (guint i = 0; i < (guint) n_parts; i++) {
    push_part (harness, footage, i);
    print_messages (bus);
  }
  print_summary (harness, footage);
  gst_harness_teardown (harness);
  gst_object_unref (bus);
  return 0;
}
