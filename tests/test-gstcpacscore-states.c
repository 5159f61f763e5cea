/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Starting, stopping, and what is said when cpacscore cannot start. */

#include <string.h>

#include "tests/element-fixture.h"

static void
wait_for_eos (GstElement *pipeline)
{
  g_autoptr (GstBus) bus = gst_element_get_bus (pipeline);
  g_autoptr (GstMessage) message =
      gst_bus_timed_pop_filtered (bus, 20 * GST_SECOND, GST_MESSAGE_EOS | GST_MESSAGE_ERROR);

  g_assert_nonnull (message);
  g_assert_cmpint (GST_MESSAGE_TYPE (message), ==, GST_MESSAGE_EOS);
}

static GstElement *
pipeline_new (const char *model)
{
  GstElement *pipeline = gst_parse_launch (
      "videotestsrc num-buffers=3 ! video/x-raw,format=RGB,width=16,height=8 ! cpacscore name=c ! "
      "fakesink",
      NULL);
  g_autoptr (GstElement) score = gst_bin_get_by_name (GST_BIN (pipeline), "c");

  g_object_set (score, "model", model, NULL);
  return pipeline;
}

static guint64
count_frames (GstElement *pipeline)
{
  g_autoptr (GstElement) score = gst_bin_get_by_name (GST_BIN (pipeline), "c");
  g_autoptr (GstStructure) stats = NULL;

  g_object_get (score, "stats", &stats, NULL);
  return fixture_uint64 (stats, "frames");
}

/* Each time the counters begin anew. */
static void
test_cycles (void)
{
  static const GstState rests[] = { GST_STATE_NULL, GST_STATE_READY };
  char *folder = fixture_folder_new ();
  g_autofree char *model = fixture_write_model (folder, &TOY_MAP);
  GstElement *pipeline = pipeline_new (model);

  for (guint i = 0; i < 50; i++) {
    gst_element_set_state (pipeline, GST_STATE_PLAYING);
    wait_for_eos (pipeline);
    g_assert_cmpuint (count_frames (pipeline), ==, 3);
    gst_element_set_state (pipeline, rests[i % G_N_ELEMENTS (rests)]);
  }
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_object_unref (pipeline);
  fixture_folder_free (folder);
}

/* Left in the middle of everything. */
static void
test_interrupted (void)
{
  char *folder = fixture_folder_new ();
  g_autofree char *model = fixture_write_model (folder, &TOY_MAP);
  GstElement *pipeline = pipeline_new (model);

  for (guint i = 0; i < 50; i++) {
    gst_element_set_state (pipeline, i % 2 == 0 ? GST_STATE_PAUSED : GST_STATE_PLAYING);
    if (i % 3 == 0)
      gst_element_get_state (pipeline, NULL, NULL, 20 * GST_SECOND);
    gst_element_set_state (pipeline, GST_STATE_NULL);
  }
  gst_object_unref (pipeline);
  fixture_folder_free (folder);
}

/* What is wrong, as the application sees it: one ERROR that names the trouble. */
typedef struct {
  const char *name, *property, *value; /* set on the element; %s: the folder */
  const char *text;                    /* of a file broken.yaml */
  gboolean resource;
  gint code;
  const char *says;
} BadStart;

static const BadStart bad_starts[] = {
  { "no-model", NULL, NULL, NULL, FALSE, GST_LIBRARY_ERROR_SETTINGS, "property \"model\"" },
  { "empty", "model", "", NULL, FALSE, GST_LIBRARY_ERROR_SETTINGS, "property \"model\"" },
  { "missing", "model", "%s/none.yaml", NULL, TRUE, GST_RESOURCE_ERROR_NOT_FOUND, "none.yaml" },
  { "folder", "model", "%s", NULL, TRUE, GST_RESOURCE_ERROR_READ, "" },
  { "corrupt", "model", "%s/broken.yaml", "cpac-model: [", FALSE, GST_LIBRARY_ERROR_SETTINGS,
    "broken.yaml:" },
  { "unknown-key", "model", "%s/broken.yaml", "cpac-model: 1\nnmae: x\n", FALSE,
    GST_LIBRARY_ERROR_SETTINGS, "broken.yaml:2:1" },
  { "no-weights", "model", "%s/broken.yaml",
    "cpac-model: 1\nname: x\n"
    "input: {width: 4, height: 4, channels: 1, mean: [0], scale: [1]}\n"
    "weights: {file: none.safetensors, sha256: "
    "0000000000000000000000000000000000000000000000000000000000000000}\n"
    "layers: [{name: l, type: linear, units: 2}]\n"
    "score: {head: none}\n",
    TRUE, GST_RESOURCE_ERROR_NOT_FOUND, "none.safetensors" },
  { "region", "region", "1,2,3", NULL, FALSE, GST_LIBRARY_ERROR_SETTINGS, "\"1,2,3\"" },
  { "bit-depth", "bit-depth", "8", NULL, FALSE, GST_LIBRARY_ERROR_SETTINGS, "9 to 16" },
  { "features", "features", "nosuch", NULL, FALSE, GST_LIBRARY_ERROR_SETTINGS, "\"nosuch\"" },
  { "missing-mask", "ignore-mask", "%s/none.png", NULL, TRUE, GST_RESOURCE_ERROR_NOT_FOUND,
    "none.png" },
  { "no-mask", "ignore-mask", "%s/broken.yaml", "no picture", FALSE, GST_LIBRARY_ERROR_SETTINGS,
    "broken.yaml: an ignore mask must be a PNG" },
};

static void
set_property (GstElement *element, const char *property, const char *value, const char *folder)
{
  g_auto (GStrv) parts = g_strsplit (value, "%s", -1);
  g_autofree char *text = g_strjoinv (folder, parts);

  gst_util_set_object_arg (G_OBJECT (element), property, text);
}

static void
test_bad_start (gconstpointer data)
{
  const BadStart *bad = data;
  char *folder = fixture_folder_new ();
  g_autofree char *model = fixture_write_model (folder, &TOY_MAP), *broken = NULL, *says = NULL;
  g_autoptr (GstElement) element =
      gst_object_ref_sink (gst_element_factory_make ("cpacscore", NULL));
  g_autoptr (GstBus) bus = gst_bus_new ();
  g_autoptr (GError) error = NULL;

  if (bad->text != NULL)
    broken = fixture_write_text (folder, "broken.yaml", bad->text);
  gst_element_set_bus (element, bus);
  if (strcmp (bad->name, "no-model") != 0)
    g_object_set (element, "model", model, NULL);
  if (bad->property != NULL)
    set_property (element, bad->property, bad->value, folder);

  g_assert_cmpint (gst_element_set_state (element, GST_STATE_PLAYING), ==,
                   GST_STATE_CHANGE_FAILURE);
  says = fixture_wait_trouble (bus, GST_MESSAGE_ERROR, &error);
  g_assert_true (
      g_error_matches (error, bad->resource ? GST_RESOURCE_ERROR : GST_LIBRARY_ERROR, bad->code));
  g_assert_nonnull (strstr (says, bad->says));
  g_assert_null (fixture_pop (bus, GST_MESSAGE_ERROR, NULL));

  /* The element is as good as new. */
  gst_element_set_state (element, GST_STATE_NULL);
  g_object_set (element, "model", model, "region", NULL, "bit-depth", 0, "features", NULL,
                "ignore-mask", NULL, NULL);
  g_assert_cmpint (gst_element_set_state (element, GST_STATE_PLAYING), !=,
                   GST_STATE_CHANGE_FAILURE);
  gst_element_set_state (element, GST_STATE_NULL);
  gst_element_set_bus (element, NULL);
  fixture_folder_free (folder);
}

/* The level is decided once in a process, hence in one of its own. */
static void
test_bad_level (void)
{
  if (g_test_subprocess ()) {
    g_autoptr (GstElement) element =
        gst_object_ref_sink (gst_element_factory_make ("cpacscore", NULL));
    g_autoptr (GstBus) bus = gst_bus_new ();
    g_autofree char *says = NULL;

    g_setenv ("CPAC_CPU", "abacus", TRUE);
    gst_element_set_bus (element, bus);
    g_assert_cmpint (gst_element_set_state (element, GST_STATE_PAUSED), ==,
                     GST_STATE_CHANGE_FAILURE);
    says = fixture_wait_trouble (bus, GST_MESSAGE_ERROR, NULL);
    g_assert_nonnull (strstr (says, "abacus"));
    gst_element_set_state (element, GST_STATE_NULL);
    /* Messages left on the bus hold the element that holds the bus. */
    gst_element_set_bus (element, NULL);
    return;
  }
  g_test_trap_subprocess (NULL, 0, 0);
  g_test_trap_assert_passed ();
}

/* Whoever switches the base class's QoS on finds it off again: it would drop frames. */
static void
test_qos_stays_off (void)
{
  g_autoptr (GstElement) element =
      gst_object_ref_sink (gst_element_factory_make ("cpacscore", NULL));
  gboolean qos = TRUE;

  g_object_set (element, "qos", TRUE, NULL);
  g_object_get (element, "qos", &qos, NULL);
  g_assert_false (qos);
}

int
main (int argc, char **argv)
{
  gst_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/cpacscore/states/cycles", test_cycles);
  g_test_add_func ("/cpacscore/states/interrupted", test_interrupted);
  g_test_add_func ("/cpacscore/states/level", test_bad_level);
  g_test_add_func ("/cpacscore/states/qos", test_qos_stays_off);
  for (guint i = 0; i < G_N_ELEMENTS (bad_starts); i++) {
    g_autofree char *name = g_strconcat ("/cpacscore/start/", bad_starts[i].name, NULL);

    g_test_add_data_func (name, &bad_starts[i], test_bad_start);
  }
  return g_test_run ();
}
