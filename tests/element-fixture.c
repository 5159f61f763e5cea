/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/element-fixture.h"

#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

#include "core/model/weights.h"
#include "plugin/score-meta.h"

char *
fixture_folder_new (void)
{
  g_autoptr (GError) error = NULL;
  char *folder = g_dir_make_tmp ("cpac-XXXXXX", &error);

  g_assert_no_error (error);
  return folder;
}

void
fixture_folder_free (char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (dir)) != NULL) {
    g_autofree char *path = g_build_filename (folder, name, NULL);

    g_assert_cmpint (g_unlink (path), ==, 0);
  }
  g_assert_cmpint (g_rmdir (folder), ==, 0);
  g_free (folder);
}

char *
fixture_write_text (const char *folder, const char *name, const char *text)
{
  char *path = g_build_filename (folder, name, NULL);

  g_assert_true (g_file_set_contents (path, text, -1, NULL));
  return path;
}

static char *
write_weights (const char *folder, const char *file, const ToyModel *model)
{
  g_autoptr (CpacWeightsWriter) writer = cpac_weights_writer_new ();
  guint filters = model->map ? 1 : 2, last = 3 * (filters - 1);
  CpacTensor *weight = cpac_tensor_new (CPAC_SHAPE (filters, 3, 1, 1));
  CpacTensor *bias = cpac_tensor_new (CPAC_SHAPE (filters));
  g_autofree char *path = g_build_filename (folder, file, NULL);
  g_autoptr (GError) error = NULL;
  char *sha256;

  weight->data[last] = model->red;
  weight->data[last + 1] = model->green;
  weight->data[last + 2] = model->blue;
  bias->data[filters - 1] = model->bias;
  cpac_weights_writer_add (writer, "pixel.weight", weight);
  cpac_weights_writer_add (writer, "pixel.bias", bias);
  cpac_weights_writer_save (writer, path, &sha256, &error);
  g_assert_no_error (error);
  cpac_tensor_free (weight);
  cpac_tensor_free (bias);
  return sha256;
}

char *
fixture_write_model (const char *folder, const ToyModel *model)
{
  g_autofree char *weights = g_strconcat (model->name, ".safetensors", NULL);
  g_autofree char *file = g_strconcat (model->name, ".yaml", NULL);
  g_autofree char *sha256 = write_weights (folder, weights, model);
  g_autofree char *min_size =
      model->min_size > 0
          ? g_strdup_printf (", min-size: [%u, %u]", model->min_size, model->min_size)
          : g_strdup ("");
  const char *score = model->map ? "score: {head: map, threshold: 0, range: [-1, 1]}\n"
                                 : "  - {name: mean, type: global-average-pool}\n"
                                   "score:\n"
                                   "  head: classifier\n"
                                   "  classes: [good, bad]\n"
                                   "  good: [good]\n"
                                   "  threshold: 0.5\n"
                                   "  warn-threshold: 0.25\n";
  g_autofree char *text = g_strdup_printf (
      "cpac-model: 1\n"
      "name: %s\n"
      "input: {width: %u, height: %u, channels: 3, mean: [0, 0, 0], scale: [255, 255, 255]%s}\n"
      "weights: {file: %s, sha256: %s}\n"
      "layers:\n"
      "  - {name: pixel, type: conv, filters: %u, kernel: [1, 1], padding: valid}\n"
      "%s",
      model->name, model->size, model->size, min_size, weights, sha256, model->map ? 1 : 2, score);

  return fixture_write_text (folder, file, text);
}

double
fixture_classifier_score (const ToyModel *model, double r, double g, double b)
{
  double z = (model->red * r + model->green * g + model->blue * b) / 255 + model->bias;

  return 1 / (1 + exp (-z));
}

GstHarness *
fixture_harness (const char *model, const char *caps, GstBus **bus)
{
  GstElement *element = gst_element_factory_make ("cpacscore", NULL);
  GstHarness *harness;

  g_assert_nonnull (element);
  *bus = gst_bus_new ();
  gst_element_set_bus (element, *bus);
  g_object_set (element, "model", model, NULL);
  harness = gst_harness_new_with_element (element, "sink", "src");
  gst_object_unref (element);
  if (caps != NULL)
    gst_harness_set_src_caps_str (harness, caps);
  return harness;
}

void
fixture_harness_free (GstHarness *harness, GstBus *bus)
{
  gst_bus_set_flushing (bus, TRUE);
  gst_element_set_bus (harness->element, NULL);
  gst_object_unref (bus);
  gst_harness_teardown (harness);
}

GstBuffer *
fixture_frame (guint index, guint8 r, guint8 g, guint8 b)
{
  GstBuffer *buffer = gst_buffer_new_allocate (NULL, 4 * 12, NULL);
  GstMapInfo map;

  g_assert_true (gst_buffer_map (buffer, &map, GST_MAP_WRITE));
  for (guint i = 0; i < 16; i++) {
    map.data[3 * i] = r;
    map.data[3 * i + 1] = g;
    map.data[3 * i + 2] = b;
  }
  gst_buffer_unmap (buffer, &map);
  GST_BUFFER_PTS (buffer) = gst_util_uint64_scale (index, GST_SECOND, 30);
  GST_BUFFER_DURATION (buffer) = GST_SECOND / 30;
  GST_BUFFER_OFFSET (buffer) = index;
  return buffer;
}

GstBuffer *
fixture_pass (GstHarness *harness, GstBuffer *buffer)
{
  g_assert_cmpint (gst_harness_push (harness, buffer), ==, GST_FLOW_OK);
  return gst_harness_pull (harness);
}

const GstStructure *
fixture_meta (GstBuffer *buffer)
{
  GstCustomMeta *meta = gst_buffer_get_custom_meta (buffer, GST_CPAC_SCORE_META);

  g_assert_nonnull (meta);
  return gst_custom_meta_get_structure (meta);
}

const char *
fixture_text (const GstStructure *structure, const char *field)
{
  return gst_structure_get_string (structure, field);
}

gint
fixture_int (const GstStructure *structure, const char *field)
{
  gint value;

  g_assert_true (gst_structure_get_int (structure, field, &value));
  return value;
}

guint64
fixture_uint64 (const GstStructure *structure, const char *field)
{
  guint64 value;

  g_assert_true (gst_structure_get_uint64 (structure, field, &value));
  return value;
}

double
fixture_double (const GstStructure *structure, const char *field)
{
  double value;

  g_assert_true (gst_structure_get_double (structure, field, &value));
  return value;
}

GBytes *
fixture_sample (const GstStructure *structure, const char *field)
{
  const GValue *value = gst_structure_get_value (structure, field);
  GstBuffer *buffer;
  gpointer data;
  gsize size;

  g_assert_true (value != NULL && G_VALUE_HOLDS (value, GST_TYPE_SAMPLE));
  buffer = gst_sample_get_buffer (gst_value_get_sample (value));
  gst_buffer_extract_dup (buffer, 0, -1, &data, &size);
  return g_bytes_new_take (data, size);
}

guint64
fixture_stat (GstHarness *harness, const char *field)
{
  g_autoptr (GstStructure) stats = NULL;

  g_object_get (harness->element, "stats", &stats, NULL);
  return fixture_uint64 (stats, field);
}

GstMessage *
fixture_pop (GstBus *bus, GstMessageType type, const char *name)
{
  GstMessage *message;

  while ((message = gst_bus_pop_filtered (bus, type)) != NULL) {
    if (name == NULL || gst_message_has_name (message, name))
      return message;
    gst_message_unref (message);
  }
  return NULL;
}

char *
fixture_wait_trouble (GstBus *bus, GstMessageType type, GError **error)
{
  g_autoptr (GstMessage) message = gst_bus_timed_pop_filtered (bus, 10 * GST_SECOND, type);
  g_autoptr (GError) trouble = NULL;
  char *text;

  g_assert_nonnull (message);
  if (type == GST_MESSAGE_ERROR)
    gst_message_parse_error (message, &trouble, NULL);
  else
    gst_message_parse_warning (message, &trouble, NULL);
  text = g_strdup (trouble->message);
  if (error != NULL)
    *error = g_steal_pointer (&trouble);
  return text;
}
