/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The property explain, and what it puts into the metadata. */

#include <string.h>

#include "core/model/weights.h"
#include "tests/element-fixture.h"

/* Two components: red times 4, and green + blue times -2; bias -1. */
#define LAYER "{name: pixel, type: cpac-conv, filters: 1, kernel: 1, rank: 2}"

typedef struct {
  char *folder;
  char *good, *curved;
  GstHarness *harness;
  GstBus *bus;
} Fixture;

static void
add_tensor (CpacWeightsWriter *writer, const char *name, CpacShape shape, const float *values)
{
  g_autoptr (CpacTensor) tensor = cpac_tensor_new (shape);

  memcpy (tensor->data, values, cpac_shape_count (&shape) * sizeof (float));
  cpac_weights_writer_add (writer, name, tensor);
}

/* FOLDER/NAME.yaml with these layers and the weights of LAYER. (transfer full) */
static char *
write_model (const char *folder, const char *name, const char *layers)
{
  g_autoptr (CpacWeightsWriter) writer = cpac_weights_writer_new ();
  g_autofree char *file = g_strconcat (name, ".yaml", NULL), *sha256 = NULL, *text = NULL;
  g_autofree char *weights = g_build_filename (folder, "pixel.safetensors", NULL);
  g_autoptr (GError) error = NULL;

  add_tensor (writer, "pixel.a", CPAC_SHAPE (1, 2), (float[]){ 4, -2 });
  add_tensor (writer, "pixel.b", CPAC_SHAPE (1, 2), (float[]){ 1, 1 });
  add_tensor (writer, "pixel.c", CPAC_SHAPE (1, 2), (float[]){ 1, 1 });
  add_tensor (writer, "pixel.d", CPAC_SHAPE (3, 2), (float[]){ 1, 0, 0, 1, 0, 1 });
  add_tensor (writer, "pixel.bias", CPAC_SHAPE (1), (float[]){ -1 });
  cpac_weights_writer_save (writer, weights, &sha256, &error);
  g_assert_no_error (error);
  text = g_strdup_printf ("cpac-model: 1\nname: %s\ninput: {width: 4, height: 4, channels: 3, "
                          "mean: [0, 0, 0], scale: [255, 255, 255]}\n"
                          "weights: {file: pixel.safetensors, sha256: %s}\nlayers: [%s]\n"
                          "score: {head: map, threshold: 0, range: [-16, 16]}\n",
                          name, sha256, layers);
  return fixture_write_text (folder, file, text);
}

static void
setup (Fixture *fixture, gconstpointer data)
{
  fixture->folder = fixture_folder_new ();
  fixture->good = write_model (fixture->folder, "good", LAYER);
  fixture->curved = write_model (fixture->folder, "curved", LAYER ", {type: standardize}");
  fixture->harness = fixture_harness (fixture->good, FIXTURE_RGB_CAPS, &fixture->bus);
}

static void
teardown (Fixture *fixture, gconstpointer data)
{
  fixture_harness_free (fixture->harness, fixture->bus);
  fixture_folder_free (fixture->folder);
  g_free (fixture->good);
  g_free (fixture->curved);
}

static void
set_explain (Fixture *fixture, guint n)
{
  g_object_set (fixture->harness->element, "explain", n, NULL);
}

static GstBuffer *
pass (Fixture *fixture, guint index)
{
  return fixture_pass (fixture->harness, fixture_frame (index, 51, 102, 0));
}

static guint
count_components (const GstStructure *meta)
{
  const GValue *array = gst_structure_get_value (meta, "components");

  return array != NULL ? gst_value_array_get_size (array) : 0;
}

static const GstStructure *
component_at (const GstStructure *meta, guint index)
{
  return gst_value_get_structure (
      gst_value_array_get_value (gst_structure_get_value (meta, "components"), index));
}

static void
assert_component (const GstStructure *component, guint index, double contribution, double share,
                  double significance, guint8 level)
{
  g_autoptr (GBytes) map = fixture_sample (component, "map");
  const guint8 *levels = g_bytes_get_data (map, NULL);
  guint found = 99;

  g_assert_true (gst_structure_has_name (component, "component"));
  g_assert_true (gst_structure_get_uint (component, "index", &found));
  g_assert_cmpuint (found, ==, index);
  g_assert_cmpstr (fixture_text (component, "layer"), ==, "pixel");
  g_assert_cmpfloat_with_epsilon (fixture_double (component, "contribution"), contribution, 1e-6);
  g_assert_cmpfloat_with_epsilon (fixture_double (component, "share"), share, 1e-6);
  g_assert_cmpfloat_with_epsilon (fixture_double (component, "significance"), significance, 1e-12);
  g_assert_cmpfloat (fixture_double (component, "map-max"), ==, 1);
  g_assert_cmpfloat (fixture_double (component, "map-min"), ==, -128.0 / 127);
  g_assert_cmpuint (g_bytes_get_size (map), ==, 16);
  /* The score is the mean of the first four cells, the corner's 3x3. */
  for (guint p = 0; p < 16; p++)
    g_assert_cmpuint (levels[p], ==, p % 4 < 2 && p / 4 < 2 ? level : 128);
}

/* Red 0.2 and green 0.4: 0.8 - 0.8 - 1. Squared lambdas 16 and 8. */
static void
test_fields (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GstBuffer) buffer = NULL;
  const GstStructure *meta;

  set_explain (fixture, 2);
  buffer = fixture_pass (fixture->harness, fixture_frame (0, 51, 51, 0));
  meta = fixture_meta (buffer);
  g_assert_cmpfloat_with_epsilon (fixture_double (meta, "score"), -0.6, 1e-6);
  g_assert_cmpfloat_with_epsilon (fixture_double (meta, "explained"), -0.6, 1e-6);
  g_assert_cmpfloat (fixture_double (meta, "bias-part"), ==, -1);
  g_assert_cmpfloat (fixture_double (meta, "identity-error"), <, 1e-15);
  g_assert_cmpstr (fixture_text (meta, "explained-quantity"), ==, "map-score");
  g_assert_false (gst_structure_has_field (meta, "explained-class"));
  g_assert_cmpuint (count_components (meta), ==, 2);
  /* 0.2 and -0.1 a cell, times 127 on a scale of 1. */
  assert_component (component_at (meta, 0), 0, 0.8, 2.0 / 3, 2.0 / 3, 153);
  assert_component (component_at (meta, 1), 1, -0.4, -1.0 / 3, 1.0 / 3, 115);
}

/* On and off while frames flow: components as asked, the score the same bits. */
static void
test_changes (Fixture *fixture, gconstpointer data)
{
  static const guint numbers[] = { 0, 1, 5, 0, 2, 2 }, expected[] = { 0, 1, 2, 0, 2, 2 };
  double first = 0;

  for (guint i = 0; i < G_N_ELEMENTS (numbers); i++) {
    g_autoptr (GstBuffer) buffer = NULL;
    double score;

    set_explain (fixture, numbers[i]);
    buffer = pass (fixture, i);
    score = fixture_double (fixture_meta (buffer), "score");
    if (i == 0)
      first = score;
    g_assert_cmpmem (&score, sizeof score, &first, sizeof first);
    g_assert_cmpuint (count_components (fixture_meta (buffer)), ==, expected[i]);
    g_assert_true (gst_structure_has_field (fixture_meta (buffer), "explained") ==
                   (expected[i] > 0));
  }
  g_assert_null (fixture_pop (fixture->bus, GST_MESSAGE_WARNING, NULL));
}

/* A frame that is not scored is not explained. */
static void
test_gap (Fixture *fixture, gconstpointer data)
{
  GstBuffer *gap = fixture_frame (0, 51, 102, 0);
  g_autoptr (GstBuffer) buffer = NULL;

  set_explain (fixture, 2);
  GST_BUFFER_FLAG_SET (gap, GST_BUFFER_FLAG_GAP);
  buffer = fixture_pass (fixture->harness, gap);
  g_assert_false (gst_structure_has_field (fixture_meta (buffer), "components"));
}

/* Waits until frames carry the name of @model. */
static void
switch_model (Fixture *fixture, const char *path, const char *name)
{
  gint64 end = g_get_monotonic_time () + 20 * G_TIME_SPAN_SECOND;

  g_object_set (fixture->harness->element, "model", path, NULL);
  for (;;) {
    g_autoptr (GstBuffer) buffer = pass (fixture, 0);

    if (g_str_equal (fixture_text (fixture_meta (buffer), "model"), name))
      return;
    g_assert_cmpint (g_get_monotonic_time (), <, end);
    g_usleep (100);
  }
}

/* The next model is explained as the one before; one that cannot be is one WARNING, and is scored;
 * the one behind it is explained again. */
static void
test_models (Fixture *fixture, gconstpointer data)
{
  g_autofree char *warning = NULL;
  g_autoptr (GstBuffer) unexplained = NULL, explained = NULL;

  set_explain (fixture, 1);
  gst_buffer_unref (pass (fixture, 0));
  switch_model (fixture, fixture->curved, "curved");
  warning = fixture_wait_trouble (fixture->bus, GST_MESSAGE_WARNING, NULL);
  g_assert_nonnull (strstr (warning, "scored but not explained"));
  g_assert_nonnull (strstr (warning, "standardize"));
  unexplained = pass (fixture, 0);
  g_assert_true (gst_structure_has_field (fixture_meta (unexplained), "score"));
  g_assert_cmpuint (count_components (fixture_meta (unexplained)), ==, 0);
  g_assert_null (fixture_pop (fixture->bus, GST_MESSAGE_WARNING, NULL));
  switch_model (fixture, fixture->good, "good");
  explained = pass (fixture, 0);
  g_assert_cmpuint (count_components (fixture_meta (explained)), ==, 1);
}

/* The element stops and starts with the property set. */
static void
test_restart (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GstBuffer) buffer = NULL;

  set_explain (fixture, 1);
  gst_buffer_unref (pass (fixture, 0));
  gst_element_set_state (fixture->harness->element, GST_STATE_READY);
  gst_harness_play (fixture->harness);
  gst_harness_set_src_caps_str (fixture->harness, FIXTURE_RGB_CAPS);
  buffer = pass (fixture, 0);
  g_assert_cmpuint (count_components (fixture_meta (buffer)), ==, 1);
}

#define ADD(name, test)                                                                            \
  g_test_add ("/cpacscore/explain/" name, Fixture, NULL, setup, test, teardown)

int
main (int argc, char **argv)
{
  gst_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);
  ADD ("fields", test_fields);
  ADD ("changes", test_changes);
  ADD ("gap", test_gap);
  ADD ("models", test_models);
  ADD ("restart", test_restart);
  return g_test_run ();
}
