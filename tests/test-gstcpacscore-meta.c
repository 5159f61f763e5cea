/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What cpacscore publishes: fields, maps, regions, thresholds, messages, statistics. */

#include <math.h>
#include <string.h>

#include "plugin/score-meta.h"
#include "tests/element-fixture.h"

/* Scores are sums of a few floats of magnitude up to 4: some units of 4 x 2^-24. */
#define TOLERANCE 1e-6

typedef struct {
  char *folder, *model;
  GstHarness *harness;
  GstBus *bus;
} Fixture;

static void
setup (Fixture *fixture, gconstpointer model)
{
  fixture->folder = fixture_folder_new ();
  fixture->model = fixture_write_model (fixture->folder, model);
  fixture->harness = fixture_harness (fixture->model, FIXTURE_RGB_CAPS, &fixture->bus);
}

static void
teardown (Fixture *fixture, gconstpointer model)
{
  fixture_harness_free (fixture->harness, fixture->bus);
  g_free (fixture->model);
  fixture_folder_free (fixture->folder);
}

static void
test_classifier (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GstBuffer) buffer = fixture_pass (fixture->harness, fixture_frame (0, 255, 51, 0));
  const GstStructure *meta = fixture_meta (buffer);
  const GValue *classes = gst_structure_get_value (meta, "classes");
  double score = fixture_classifier_score (data, 255, 51, 0);
  gboolean defect = FALSE;
  guint version = 0;

  g_assert_true (gst_structure_get_uint (meta, "version", &version));
  g_assert_cmpuint (version, ==, 1);
  g_assert_cmpstr (fixture_text (meta, "status"), ==, "scored");
  g_assert_cmpstr (fixture_text (meta, "verdict"), ==, "not-ok");
  g_assert_cmpint (fixture_int (meta, "verdict-code"), ==, 2);
  g_assert_true (gst_structure_get_boolean (meta, "defect", &defect) && defect);
  g_assert_cmpfloat_with_epsilon (fixture_double (meta, "score"), score, TOLERANCE);
  g_assert_cmpfloat (fixture_double (meta, "threshold"), ==, 0.5);
  g_assert_cmpfloat (fixture_double (meta, "warn-threshold"), ==, 0.25);
  g_assert_cmpstr (fixture_text (meta, "class"), ==, "bad");
  g_assert_cmpuint (gst_value_array_get_size (classes), ==, 2);
  for (guint i = 0; i < 2; i++) {
    const GstStructure *item = gst_value_get_structure (gst_value_array_get_value (classes, i));

    g_assert_cmpstr (gst_structure_get_name (item), ==, "class");
    g_assert_cmpstr (fixture_text (item, "label"), ==, i == 0 ? "good" : "bad");
    g_assert_cmpfloat_with_epsilon (fixture_double (item, "probability"),
                                    i == 0 ? 1 - score : score, TOLERANCE);
  }
}

static void
test_source (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GstBuffer) buffer = fixture_pass (fixture->harness, fixture_frame (0, 0, 0, 0));
  const GstStructure *meta = fixture_meta (buffer);
  g_autofree char *text = NULL, *sha256 = NULL;
  gsize length;

  g_assert_true (g_file_get_contents (fixture->model, &text, &length, NULL));
  sha256 = g_compute_checksum_for_data (G_CHECKSUM_SHA256, (guchar *) text, length);
  g_assert_cmpstr (fixture_text (meta, "model"), ==, "toy");
  g_assert_cmpstr (fixture_text (meta, "config-sha256"), ==, sha256);
  g_assert_nonnull (strstr (text, fixture_text (meta, "model-sha256")));
  g_assert_false (gst_structure_has_field (meta, "part-id"));
  g_assert_false (gst_structure_has_field (meta, "heatmap"));
  g_assert_false (gst_structure_has_field (meta, "regions"));
  g_assert_false (gst_structure_has_field (meta, "features"));
  g_assert_cmpuint (fixture_uint64 (meta, "frame"), ==, 0);
  g_assert_cmpint (fixture_int (meta, "width"), ==, 4);
  g_assert_cmpint (fixture_int (meta, "height"), ==, 4);
  g_assert_cmpint (fixture_int (meta, "region-x"), ==, 0);
  g_assert_cmpint (fixture_int (meta, "region-y"), ==, 0);
  g_assert_cmpint (fixture_int (meta, "region-w"), ==, 4);
  g_assert_cmpint (fixture_int (meta, "region-h"), ==, 4);
  g_assert_cmpuint (fixture_uint64 (meta, "time-ns"), >, 0);
}

/* The model's map of a white pixel (z = 1.5) in the top left corner of black ones (z = -1.5):
 * means over the clipped 3x3 cells are -0.75 there (1 of 4 white), -1 beside it (1 of 6), -7/6
 * across (1 of 9), and -1.5 elsewhere. Of the range -1..1 that is 255 (x + 1) / 2. */
static GstBuffer *
frame_with_corner (void)
{
  GstBuffer *buffer = fixture_frame (0, 0, 0, 0);

  gst_buffer_memset (buffer, 0, 255, 3);
  return buffer;
}

static void
test_heatmap (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GstBuffer) buffer = fixture_pass (fixture->harness, frame_with_corner ());
  const GstStructure *meta = fixture_meta (buffer);
  g_autoptr (GBytes) map = fixture_sample (meta, "heatmap");
  guint8 expected[16] = { 32 };

  g_assert_cmpfloat_with_epsilon (fixture_double (meta, "score"), -0.75, TOLERANCE);
  g_assert_cmpfloat (fixture_double (meta, "heatmap-min"), ==, -1);
  g_assert_cmpfloat (fixture_double (meta, "heatmap-max"), ==, 1);
  g_assert_cmpmem (g_bytes_get_data (map, NULL), g_bytes_get_size (map), expected, 16);
  g_assert_cmpuint (gst_value_array_get_size (gst_structure_get_value (meta, "regions")), ==, 0);
}

static void
test_heatmap_off (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GstBuffer) buffer = NULL;

  g_object_set (fixture->harness->element, "heatmap", FALSE, NULL);
  buffer = fixture_pass (fixture->harness, frame_with_corner ());
  g_assert_false (gst_structure_has_field (fixture_meta (buffer), "heatmap"));
  g_assert_false (gst_structure_has_field (fixture_meta (buffer), "heatmap-min"));
  g_assert_true (gst_structure_has_field (fixture_meta (buffer), "regions"));
}

/* The only one of `contours`: its box, and what it encloses, positive where it runs clockwise.
 */
typedef struct {
  double left, top, right, bottom, area;
} Outline;

static Outline
measure_contour (const GstStructure *meta)
{
  const GValue *contours = gst_structure_get_value (meta, "contours"), *points;
  const GstStructure *contour;
  Outline outline = { 1, 1, 0, 0, 0 };
  guint n;

  g_assert_cmpuint (gst_value_array_get_size (contours), ==, 1);
  contour = gst_value_get_structure (gst_value_array_get_value (contours, 0));
  g_assert_cmpstr (gst_structure_get_name (contour), ==, "contour");
  g_assert_true (gst_structure_get_uint (contour, "region-id", &n));
  g_assert_cmpuint (n, ==, 1);
  points = gst_structure_get_value (contour, "points");
  n = gst_value_array_get_size (points);
  g_assert_cmpuint (n % 2, ==, 0);
  for (guint i = 0; i < n; i += 2) {
    double x = g_value_get_double (gst_value_array_get_value (points, i));
    double y = g_value_get_double (gst_value_array_get_value (points, i + 1));
    double next_x = g_value_get_double (gst_value_array_get_value (points, (i + 2) % n));
    double next_y = g_value_get_double (gst_value_array_get_value (points, (i + 3) % n));

    outline.left = MIN (outline.left, x);
    outline.right = MAX (outline.right, x);
    outline.top = MIN (outline.top, y);
    outline.bottom = MAX (outline.bottom, y);
    outline.area += (x * next_y - next_x * y) / 2;
  }
  return outline;
}

/* From -0.75 at the corner's centre to -1 beside it the map passes -0.9 after 0.6 cells. With the
 * half cell up to the border a square of 1.1, from which across a triangle is cut off. */
#define CORNER_REACH 1.1
#define CORNER_AREA (1.1 * 1.1 - 0.6 * 0.6 / 2)

/* Under a threshold of -0.9 the corner is a region of one cell, and the scale moves with it. */
static void
test_regions (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GstBuffer) buffer = NULL;
  const GstStructure *meta, *region, *detection, *contour;
  const GValue *regions;
  GstVideoRegionOfInterestMeta *roi;
  Outline outline;

  g_object_set (fixture->harness->element, "threshold", -0.9, "roi-meta", TRUE, NULL);
  gst_util_set_object_arg (G_OBJECT (fixture->harness->element), "threshold-mode", "manual");
  buffer = fixture_pass (fixture->harness, frame_with_corner ());
  meta = fixture_meta (buffer);
  regions = gst_structure_get_value (meta, "regions");
  g_assert_cmpstr (fixture_text (meta, "verdict"), ==, "not-ok");
  g_assert_cmpfloat (fixture_double (meta, "threshold"), ==, -0.9);
  g_assert_cmpfloat_with_epsilon (fixture_double (meta, "heatmap-min"), -1.9, TOLERANCE);
  g_assert_cmpuint (gst_value_array_get_size (regions), ==, 1);
  region = gst_value_get_structure (gst_value_array_get_value (regions, 0));
  g_assert_cmpstr (gst_structure_get_name (region), ==, "region");
  g_assert_cmpfloat (fixture_double (region, "x"), ==, 0);
  g_assert_cmpfloat (fixture_double (region, "y"), ==, 0);
  g_assert_cmpfloat (fixture_double (region, "w"), ==, 0.25);
  g_assert_cmpfloat (fixture_double (region, "h"), ==, 0.25);
  g_assert_cmpfloat (fixture_double (region, "area"), ==, 1);
  g_assert_cmpfloat_with_epsilon (fixture_double (region, "score"), -0.75, TOLERANCE);
  g_assert_cmpfloat (fixture_double (region, "centroid-x"), ==, 0.125);
  g_assert_cmpfloat (fixture_double (region, "centroid-y"), ==, 0.125);
  g_assert_cmpfloat (fixture_double (region, "peak-x"), ==, 0.125);
  g_assert_cmpfloat (fixture_double (region, "peak-y"), ==, 0.125);
  outline = measure_contour (meta);
  g_assert_cmpfloat (outline.left + outline.top, ==, 0);
  g_assert_cmpfloat_with_epsilon (outline.right, CORNER_REACH / 4, TOLERANCE);
  g_assert_cmpfloat_with_epsilon (outline.bottom, CORNER_REACH / 4, TOLERANCE);
  g_assert_cmpfloat_with_epsilon (outline.area, CORNER_AREA / 16, TOLERANCE);
  g_assert_false (gst_structure_has_field (meta, "contours-omitted"));

  roi = gst_buffer_get_video_region_of_interest_meta_id (buffer, 1);
  g_assert_nonnull (roi);
  g_assert_cmpstr (g_quark_to_string (roi->roi_type), ==, "Anomaly");
  g_assert_cmpuint (roi->x + roi->y, ==, 0);
  g_assert_cmpuint (roi->w, ==, 1);
  g_assert_cmpuint (roi->h, ==, 1);
  detection = gst_video_region_of_interest_meta_get_param (roi, "detection");
  g_assert_cmpfloat (fixture_double (detection, "x_max"), ==, 0.25);
  g_assert_cmpfloat_with_epsilon (fixture_double (detection, "confidence"), 1 / (1 + exp (0.75)),
                                  TOLERANCE);
  g_assert_cmpfloat (fixture_double (detection, "area"), ==, 1);
  g_assert_cmpfloat (fixture_double (detection, "peak_x"), ==, 0.125);
  g_assert_cmpfloat (fixture_double (detection, "centroid_y"), ==, 0.125);
  contour = gst_video_region_of_interest_meta_get_param (roi, "contour");
  g_assert_cmpint (gst_value_compare (
                       gst_structure_get_value (contour, "points"),
                       gst_structure_get_value (gst_value_get_structure (gst_value_array_get_value (
                                                    gst_structure_get_value (meta, "contours"), 0)),
                                                "points")),
                   ==, GST_VALUE_EQUAL);
  g_assert_null (gst_buffer_get_video_region_of_interest_meta_id (buffer, 2));

  /* Changed while playing: from the next frame on. */
  g_object_set (fixture->harness->element, "min-region-area", 2, NULL);
  gst_buffer_unref (buffer);
  buffer = fixture_pass (fixture->harness, frame_with_corner ());
  meta = fixture_meta (buffer);
  g_assert_cmpstr (fixture_text (meta, "verdict"), ==, "not-ok");
  g_assert_cmpuint (gst_value_array_get_size (gst_structure_get_value (meta, "regions")), ==, 0);
  g_assert_cmpuint (gst_value_array_get_size (gst_structure_get_value (meta, "contours")), ==, 0);
  g_assert_null (gst_buffer_get_video_region_of_interest_meta_id (buffer, 1));
}

/* The same corner at (3, 2) of an 8x7 frame, of which 4x4 pixels from there on are looked at: in
 * terms of the whole frame, and with the heat map off, too. */
static void
test_contour_in_region (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GstBuffer) buffer = NULL;
  GstBuffer *frame = gst_buffer_new_allocate (NULL, 8 * 3 * 7, NULL);
  Outline outline;

  gst_harness_set_src_caps_str (fixture->harness,
                                "video/x-raw,format=RGB,width=8,height=7,framerate=30/1");
  g_object_set (fixture->harness->element, "threshold", -0.9, "region", "3,2,4,4", "heatmap", FALSE,
                NULL);
  gst_util_set_object_arg (G_OBJECT (fixture->harness->element), "threshold-mode", "manual");
  gst_buffer_memset (frame, 0, 0, 8 * 3 * 7);
  gst_buffer_memset (frame, (2 * 8 + 3) * 3, 255, 3);
  buffer = fixture_pass (fixture->harness, frame);
  outline = measure_contour (fixture_meta (buffer));
  g_assert_cmpfloat (outline.left, ==, 3.0 / 8);
  g_assert_cmpfloat (outline.top, ==, 2.0 / 7);
  g_assert_cmpfloat_with_epsilon (outline.right, (3 + CORNER_REACH) / 8, TOLERANCE);
  g_assert_cmpfloat_with_epsilon (outline.bottom, (2 + CORNER_REACH) / 7, TOLERANCE);
  g_assert_cmpfloat_with_epsilon (outline.area, CORNER_AREA / 56, TOLERANCE);
}

static void
test_features (gconstpointer data)
{
  g_autofree char *model = NULL;
  char *folder = fixture_folder_new ();
  GstElement *element = gst_element_factory_make ("cpacscore", NULL);
  GstHarness *harness;
  g_autoptr (GstBuffer) buffer = NULL;
  const GValue *features;
  GstSample *sample;
  const GstStructure *caps;
  float values[16];

  model = fixture_write_model (folder, &TOY_MAP);
  g_object_set (element, "model", model, "features", "pixel, pixel", NULL);
  harness = gst_harness_new_with_element (element, "sink", "src");
  gst_object_unref (element);
  gst_harness_set_src_caps_str (harness, FIXTURE_RGB_CAPS);
  buffer = fixture_pass (harness, frame_with_corner ());
  features = gst_structure_get_value (fixture_meta (buffer), "features");
  g_assert_cmpuint (gst_value_array_get_size (features), ==, 2);
  sample = gst_value_get_sample (gst_value_array_get_value (features, 1));
  caps = gst_caps_get_structure (gst_sample_get_caps (sample), 0);
  g_assert_cmpstr (gst_structure_get_name (caps), ==, "application/x-cpac-feature-maps");
  g_assert_cmpstr (fixture_text (caps, "format"), ==, "F32LE");
  g_assert_cmpstr (fixture_text (caps, "layer"), ==, "pixel");
  g_assert_cmpint (fixture_int (caps, "channels"), ==, 1);
  g_assert_cmpint (fixture_int (caps, "height"), ==, 4);
  g_assert_cmpint (fixture_int (caps, "width"), ==, 4);
  g_assert_cmpuint (gst_buffer_extract (gst_sample_get_buffer (sample), 0, values, sizeof values),
                    ==, sizeof values);
  for (guint i = 0; i < 16; i++)
    g_assert_cmpfloat_with_epsilon (values[i], i == 0 ? 1.5 : -1.5, TOLERANCE);
  gst_harness_teardown (harness);
  fixture_folder_free (folder);
}

/* Scores 1 / (1 + exp 3) = 0.047, 0.270 (red 128: z = -0.99) and 0.731. A manual threshold leaves
 * the model's warn-threshold of 0.25, unless it lies below that. */
static const struct {
  guint8 red;
  const char *mode, *verdict;
  double threshold;
} verdicts[] = {
  { 0, "model", "ok", 0.9 },
  { 128, "model", "not-decidable", 0.9 },
  { 255, "model", "not-ok", 0.9 },
  { 255, "manual", "not-decidable", 0.9 },
  { 128, "manual", "not-decidable", 0.9 },
  { 0, "manual", "not-ok", 0.01 },
};

static void
test_verdicts (Fixture *fixture, gconstpointer data)
{
  for (guint i = 0; i < G_N_ELEMENTS (verdicts); i++) {
    g_autoptr (GstBuffer) buffer = NULL;

    g_object_set (fixture->harness->element, "threshold", verdicts[i].threshold, NULL);
    gst_util_set_object_arg (G_OBJECT (fixture->harness->element), "threshold-mode",
                             verdicts[i].mode);
    buffer = fixture_pass (fixture->harness, fixture_frame (i, verdicts[i].red, 0, 0));
    g_assert_cmpstr (fixture_text (fixture_meta (buffer), "verdict"), ==, verdicts[i].verdict);
  }
}

static guint
count_scores (GstBus *bus)
{
  guint n = 0;
  GstMessage *message;

  while ((message = fixture_pop (bus, GST_MESSAGE_ELEMENT, "cpac-score")) != NULL) {
    n++;
    gst_message_unref (message);
  }
  return n;
}

static void
test_messages (Fixture *fixture, gconstpointer data)
{
  static const struct {
    const char *messages;
    guint n;
  } rows[] = { { "none", 0 }, { "defects", 1 }, { "all", 3 } };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    gst_util_set_object_arg (G_OBJECT (fixture->harness->element), "messages", rows[i].messages);
    gst_buffer_unref (fixture_pass (fixture->harness, fixture_frame (0, 0, 0, 0)));
    gst_buffer_unref (fixture_pass (fixture->harness, fixture_frame (1, 128, 0, 0)));
    gst_buffer_unref (fixture_pass (fixture->harness, fixture_frame (2, 255, 255, 255)));
    g_assert_cmpuint (count_scores (fixture->bus), ==, rows[i].n);
  }
}

/* With a segment that starts at 1 s and is shown from 5 s on. */
static void
test_message_times (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GstMessage) message = NULL;
  const GstStructure *structure;
  GstSegment segment;

  gst_segment_init (&segment, GST_FORMAT_TIME);
  segment.start = GST_SECOND;
  segment.time = 5 * GST_SECOND;
  g_assert_true (gst_harness_push_event (fixture->harness, gst_event_new_segment (&segment)));
  gst_buffer_unref (fixture_pass (fixture->harness, fixture_frame (60, 255, 255, 255)));
  message = fixture_pop (fixture->bus, GST_MESSAGE_ELEMENT, "cpac-score");
  g_assert_nonnull (message);
  structure = gst_message_get_structure (message);
  g_assert_cmpuint (fixture_uint64 (structure, "timestamp"), ==, 2 * GST_SECOND);
  g_assert_cmpuint (fixture_uint64 (structure, "running-time"), ==, GST_SECOND);
  g_assert_cmpuint (fixture_uint64 (structure, "stream-time"), ==, 6 * GST_SECOND);
  g_assert_cmpuint (fixture_uint64 (structure, "duration"), ==, GST_SECOND / 30);
  g_assert_cmpstr (fixture_text (structure, "verdict"), ==, "not-ok");
  g_assert_cmpfloat_with_epsilon (fixture_double (structure, "score"),
                                  fixture_classifier_score (data, 255, 255, 255), TOLERANCE);
  g_assert_false (gst_structure_has_field (structure, "classes"));
}

static void
test_stats (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GstStructure) stats = NULL;

  g_object_get (fixture->harness->element, "stats", &stats, NULL);
  g_assert_false (gst_structure_has_field (stats, "last-score"));
  g_assert_cmpuint (fixture_uint64 (stats, "p99-time-ns"), ==, 0);
  gst_buffer_unref (fixture_pass (fixture->harness, fixture_frame (0, 255, 255, 255)));
  gst_buffer_unref (fixture_pass (fixture->harness, fixture_frame (1, 0, 0, 0)));
  g_clear_pointer (&stats, gst_structure_free);
  g_object_get (fixture->harness->element, "stats", &stats, NULL);
  g_assert_cmpuint (fixture_uint64 (stats, "frames"), ==, 2);
  g_assert_cmpuint (fixture_uint64 (stats, "scored"), ==, 2);
  g_assert_cmpuint (fixture_uint64 (stats, "skipped"), ==, 0);
  g_assert_cmpuint (fixture_uint64 (stats, "defects"), ==, 1);
  g_assert_cmpfloat_with_epsilon (fixture_double (stats, "last-score"),
                                  fixture_classifier_score (data, 0, 0, 0), TOLERANCE);
  g_assert_cmpuint (fixture_uint64 (stats, "mean-time-ns"), >, 0);
  g_assert_cmpuint (fixture_uint64 (stats, "p99-time-ns"), >=,
                    fixture_uint64 (stats, "mean-time-ns"));
}

static void
test_analytics_warns_once (Fixture *fixture, gconstpointer data)
{
  g_autofree char *text = NULL;

#ifdef HAVE_ANALYTICS
  g_test_skip ("this build has the analytics library");
  return;
#endif
  g_object_set (fixture->harness->element, "analytics-meta", TRUE, NULL);
  for (guint i = 0; i < 3; i++)
    gst_buffer_unref (fixture_pass (fixture->harness, fixture_frame (i, 0, 0, 0)));
  text = fixture_wait_trouble (fixture->bus, GST_MESSAGE_WARNING, NULL);
  g_assert_nonnull (strstr (text, "gstreamer-analytics-1.0"));
  g_assert_null (fixture_pop (fixture->bus, GST_MESSAGE_WARNING, NULL));
}

int
main (int argc, char **argv)
{
  static const ToyModel classifier = {
    .name = "toy", .size = 4, .red = 4, .green = 2, .blue = 1, .bias = -3
  };
  static const ToyModel map = {
    .name = "toy-map", .map = TRUE, .size = 4, .red = 1, .green = 1, .blue = 1, .bias = -1.5f
  };

  gst_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/cpacscore/meta/classifier", Fixture, &classifier, setup, test_classifier, teardown);
  g_test_add ("/cpacscore/meta/source", Fixture, &classifier, setup, test_source, teardown);
  g_test_add ("/cpacscore/meta/heatmap", Fixture, &map, setup, test_heatmap, teardown);
  g_test_add ("/cpacscore/meta/heatmap-off", Fixture, &map, setup, test_heatmap_off, teardown);
  g_test_add ("/cpacscore/meta/regions", Fixture, &map, setup, test_regions, teardown);
  g_test_add ("/cpacscore/meta/contour-in-region", Fixture, &map, setup, test_contour_in_region,
              teardown);
  g_test_add_data_func ("/cpacscore/meta/features", NULL, test_features);
  g_test_add ("/cpacscore/meta/verdicts", Fixture, &classifier, setup, test_verdicts, teardown);
  g_test_add ("/cpacscore/meta/messages", Fixture, &classifier, setup, test_messages, teardown);
  g_test_add ("/cpacscore/meta/message-times", Fixture, &classifier, setup, test_message_times,
              teardown);
  g_test_add ("/cpacscore/meta/stats", Fixture, &classifier, setup, test_stats, teardown);
  g_test_add ("/cpacscore/meta/analytics", Fixture, &classifier, setup, test_analytics_warns_once,
              teardown);
  return g_test_run ();
}
