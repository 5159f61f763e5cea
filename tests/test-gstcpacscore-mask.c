/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* cpacscore with an ignore mask. */

#include "plugin/score-meta.h"
#include "tests/element-fixture.h"
#include "tests/png-maker.h"

typedef struct {
  char *folder, *model;
  GstHarness *harness;
  GstBus *bus;
} Fixture;

/* @data: a row of the mask, 4 gray pixels. */
static void
setup (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GByteArray) png = png_make (4, 1, 8, PNG_GRAY, data);
  g_autofree char *mask = NULL;
  GstElement *element = gst_element_factory_make ("cpacscore", NULL);

  fixture->folder = fixture_folder_new ();
  fixture->model = fixture_write_model (fixture->folder, &TOY_MAP);
  mask = g_build_filename (fixture->folder, "mask.png", NULL);
  g_assert_true (g_file_set_contents (mask, (const char *) png->data, png->len, NULL));
  fixture->bus = gst_bus_new ();
  gst_element_set_bus (element, fixture->bus);
  g_object_set (element, "model", fixture->model, "ignore-mask", mask, NULL);
  fixture->harness = gst_harness_new_with_element (element, "sink", "src");
  gst_object_unref (element);
  gst_harness_set_src_caps_str (fixture->harness, FIXTURE_RGB_CAPS);
}

static void
teardown (Fixture *fixture, gconstpointer data)
{
  fixture_harness_free (fixture->harness, fixture->bus);
  g_free (fixture->model);
  fixture_folder_free (fixture->folder);
}

/* Black, but for a white column 0. */
static GstBuffer *
frame_with_column (void)
{
  GstBuffer *buffer = fixture_frame (0, 0, 0, 0);

  for (guint y = 0; y < 4; y++)
    gst_buffer_memset (buffer, 12 * y, 255, 3);
  return buffer;
}

/* z is 1.5 in column 0 and -1.5 elsewhere: means of 0 and -0.5 in columns 0 and 1. Where these are
 * ignored, -1.5 is left, and black of the map. So it stays when the model is loaded again. */
static void
test_score (Fixture *fixture, gconstpointer data)
{
  const guint8 *row = data;

  for (guint round = 0; round < 2; round++) {
    g_autoptr (GstBuffer) buffer = fixture_pass (fixture->harness, frame_with_column ());
    const GstStructure *meta = fixture_meta (buffer);
    g_autoptr (GBytes) heatmap = fixture_sample (meta, "heatmap");
    const guint8 *levels = g_bytes_get_data (heatmap, NULL);

    g_assert_cmpfloat_with_epsilon (fixture_double (meta, "score"), row[1] ? -1.5 : -0.5, 1e-6);
    g_assert_cmpuint (strlen (fixture_text (meta, "ignore-mask-sha256")), ==, 64);
    g_assert_cmpuint (levels[0], ==, 0);
    g_assert_cmpint (levels[1] > 0, ==, !row[1]);
    g_object_set (fixture->harness->element, "model", fixture->model, NULL);
    while (round == 0 && fixture_stat (fixture->harness, "frames") < 1000) {
      g_autoptr (GstMessage) message = NULL;

      gst_buffer_unref (fixture_pass (fixture->harness, frame_with_column ()));
      message = fixture_pop (fixture->bus, GST_MESSAGE_ELEMENT, "cpac-model-changed");
      if (message != NULL)
        break;
      g_usleep (1000);
    }
  }
}

/* Nothing is left to look at: said once, and nothing is released. */
static void
test_nothing_left (Fixture *fixture, gconstpointer data)
{
  g_autofree char *says = NULL;

  for (guint i = 0; i < 3; i++) {
    g_autoptr (GstBuffer) buffer = fixture_pass (fixture->harness, frame_with_column ());

    g_assert_cmpstr (fixture_text (fixture_meta (buffer), "status"), ==, "error");
    g_assert_cmpstr (fixture_text (fixture_meta (buffer), "verdict"), ==, "undefined");
  }
  says = fixture_wait_trouble (fixture->bus, GST_MESSAGE_WARNING, NULL);
  g_assert_nonnull (strstr (says, "the ignore mask leaves nothing to look at"));
  g_assert_null (fixture_pop (fixture->bus, GST_MESSAGE_WARNING, NULL));
}

int
main (int argc, char **argv)
{
  static const guint8 one[] = { 255, 0, 0, 0 }, two[] = { 255, 1, 0, 0 }, all[] = { 1, 1, 1, 1 };

  gst_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);
  gst_cpac_score_meta_register ();
  g_test_add ("/cpacscore/mask/one-column", Fixture, one, setup, test_score, teardown);
  g_test_add ("/cpacscore/mask/two-columns", Fixture, two, setup, test_score, teardown);
  g_test_add ("/cpacscore/mask/nothing-left", Fixture, all, setup, test_nothing_left, teardown);
  return g_test_run ();
}
