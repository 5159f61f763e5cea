/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "plugin/score-meta.h"

#include <string.h>

static const char *const classes[] = { "good", "scratch", "dent" };
static const double probabilities[] = { 0.5, 0.25, 0.25 };
static const guint8 heatmap[] = { 1, 2, 3, 4, 5, 6 };
static const float features[] = { 1.5f, -2, 3, 4 };

static const CpacDefectRegion regions[] = {
  { 0.25, 0.5, 0.125, 0.0625, 3.5, 12, 0.3, 0.52, 0.35, 0.55 },
  { 0, 0, 1, 1, -1, 100, 0.5, 0.4, 1, 0 },
};

static const CpacPoint points[] = { { 0.25, 0.5 }, { 1, 0.1 },   { 1.0 / 3, 0 }, { 0, 0 },
                                    { 0.5, 0.5 },  { 0.5, 0.6 }, { 0.4, 0.6 } };
static const CpacContour contours[] = { { 2, 3, points }, { 1, 4, points + 3 } };

static const CpacFeatureMaps maps[] = {
  { "a", { 2, 1, 2 }, features },
  { "b.1", { 1, 1, 1 }, features + 2 },
};

static const CpacComponentMap components[] = {
  { 3, "conv1", 0.75, -2.5, -0.5, heatmap, 3, 2, -1, 0.5 },
  { 0, "conv1", 0.25, 1.25, 0.25, heatmap + 2, 1, 4, -1, 0.5 },
};

/* Every field, each with a value of its own. */
static const CpacInspection full = {
  .status = CPAC_STATUS_SCORED,
  .verdict = CPAC_VERDICT_NOT_DECIDABLE,
  .has_score = TRUE,
  .score = 0.1,
  .has_normalized = TRUE,
  .score_normalized = 0.45,
  .has_p_value = TRUE,
  .p_value = 1.0 / 3,
  .has_thresholds = TRUE,
  .threshold = 0.7,
  .warn_threshold = 0.05,
  .class_name = "scratch",
  .n_classes = 3,
  .classes = classes,
  .probabilities = probabilities,
  .model = "m",
  .model_sha256 = "aa",
  .config_sha256 = "bb",
  .ignore_mask_sha256 = "cc",
  .part_id = "A-\"1\"; ü",
  .frame = G_MAXUINT64,
  .width = 640,
  .height = 480,
  .region = { 1, 2, 3, 4 },
  .has_time = TRUE,
  .time_ns = 1234567890123,
  .heatmap = heatmap,
  .map_width = 3,
  .map_height = 2,
  .heatmap_min = -1,
  .heatmap_max = 2.5,
  .has_regions = TRUE,
  .n_regions = 2,
  .regions = regions,
  .n_contours = 2,
  .contours = contours,
  .n_contours_omitted = 5,
  .n_features = 2,
  .features = maps,
  .has_explanation = TRUE,
  .explained = 3.25,
  .bias_part = -0.5,
  .identity_error = 1e-15,
  .explained_quantity = "map-score",
  .explained_class = "dent",
  .rival_class = "good",
  .n_components = 2,
  .components = components,
};

static void
assert_texts_equal (const CpacInspection *a, const CpacInspection *b)
{
  g_assert_cmpstr (a->class_name, ==, b->class_name);
  g_assert_cmpstr (a->model, ==, b->model);
  g_assert_cmpstr (a->model_sha256, ==, b->model_sha256);
  g_assert_cmpstr (a->config_sha256, ==, b->config_sha256);
  g_assert_cmpstr (a->ignore_mask_sha256, ==, b->ignore_mask_sha256);
  g_assert_cmpstr (a->part_id, ==, b->part_id);
}

static void
assert_numbers_equal (const CpacInspection *a, const CpacInspection *b)
{
  g_assert_cmpint (a->status, ==, b->status);
  g_assert_cmpint (a->verdict, ==, b->verdict);
  g_assert_cmpint (a->has_score, ==, b->has_score);
  g_assert_cmpfloat (a->score, ==, b->score);
  g_assert_cmpint (a->has_normalized, ==, b->has_normalized);
  g_assert_cmpfloat (a->score_normalized, ==, b->score_normalized);
  g_assert_cmpint (a->has_p_value, ==, b->has_p_value);
  g_assert_cmpfloat (a->p_value, ==, b->p_value);
  g_assert_cmpint (a->has_thresholds, ==, b->has_thresholds);
  g_assert_cmpfloat (a->threshold, ==, b->threshold);
  g_assert_cmpfloat (a->warn_threshold, ==, b->warn_threshold);
  g_assert_cmpuint (a->frame, ==, b->frame);
  g_assert_cmpuint (a->width, ==, b->width);
  g_assert_cmpuint (a->height, ==, b->height);
  g_assert_cmpmem (&a->region, sizeof a->region, &b->region, sizeof b->region);
  g_assert_cmpint (a->has_time, ==, b->has_time);
  g_assert_cmpuint (a->time_ns, ==, b->time_ns);
}

static void
assert_arrays_equal (const CpacInspection *a, const CpacInspection *b)
{
  g_assert_cmpuint (a->n_classes, ==, b->n_classes);
  for (guint i = 0; i < a->n_classes; i++) {
    g_assert_cmpstr (a->classes[i], ==, b->classes[i]);
    g_assert_cmpfloat (a->probabilities[i], ==, b->probabilities[i]);
  }
  g_assert_cmpint (a->has_regions, ==, b->has_regions);
  g_assert_cmpmem (a->regions, a->n_regions * sizeof *a->regions, b->regions,
                   b->n_regions * sizeof *b->regions);
  g_assert_cmpuint (a->n_contours, ==, b->n_contours);
  g_assert_cmpuint (a->n_contours_omitted, ==, b->n_contours_omitted);
  for (guint i = 0; i < a->n_contours; i++) {
    g_assert_cmpuint (a->contours[i].region_id, ==, b->contours[i].region_id);
    g_assert_cmpmem (a->contours[i].points, a->contours[i].n_points * sizeof (CpacPoint),
                     b->contours[i].points, b->contours[i].n_points * sizeof (CpacPoint));
  }
  g_assert_cmpuint (a->n_features, ==, b->n_features);
  for (guint i = 0; i < a->n_features; i++) {
    gsize size = cpac_dims_count (&a->features[i].dims) * sizeof (float);

    g_assert_cmpstr (a->features[i].layer, ==, b->features[i].layer);
    g_assert_true (cpac_dims_equal (&a->features[i].dims, &b->features[i].dims));
    g_assert_cmpmem (a->features[i].data, size, b->features[i].data, size);
  }
}

static void
assert_maps_equal (const CpacInspection *a, const CpacInspection *b)
{
  g_assert_cmpuint (a->map_width, ==, b->map_width);
  g_assert_cmpuint (a->map_height, ==, b->map_height);
  g_assert_cmpmem (a->heatmap, a->map_width * a->map_height, b->heatmap,
                   b->map_width * b->map_height);
  g_assert_cmpfloat (a->heatmap_min, ==, b->heatmap_min);
  g_assert_cmpfloat (a->heatmap_max, ==, b->heatmap_max);
}

static void
assert_explanations_equal (const CpacInspection *a, const CpacInspection *b)
{
  g_assert_cmpint (a->has_explanation, ==, b->has_explanation);
  g_assert_cmpfloat (a->explained, ==, b->explained);
  g_assert_cmpfloat (a->bias_part, ==, b->bias_part);
  g_assert_cmpfloat (a->identity_error, ==, b->identity_error);
  g_assert_cmpstr (a->explained_quantity, ==, b->explained_quantity);
  g_assert_cmpstr (a->explained_class, ==, b->explained_class);
  g_assert_cmpstr (a->rival_class, ==, b->rival_class);
  g_assert_cmpuint (a->n_components, ==, b->n_components);
  for (guint i = 0; i < a->n_components; i++) {
    const CpacComponentMap *x = &a->components[i], *y = &b->components[i];

    g_assert_cmpuint (x->index, ==, y->index);
    g_assert_cmpstr (x->layer, ==, y->layer);
    g_assert_cmpfloat (x->significance, ==, y->significance);
    g_assert_cmpfloat (x->contribution, ==, y->contribution);
    g_assert_cmpfloat (x->share, ==, y->share);
    g_assert_cmpfloat (x->map_min, ==, y->map_min);
    g_assert_cmpfloat (x->map_max, ==, y->map_max);
    g_assert_cmpuint (x->width, ==, y->width);
    g_assert_cmpmem (x->map, x->width * x->height, y->map, y->width * y->height);
  }
}

static void
assert_reads_as (GstBuffer *buffer, const CpacInspection *expected)
{
  g_auto (GstCpacScoreReading) reading = { 0 };

  g_assert_true (gst_cpac_score_meta_read (buffer, &reading));
  assert_texts_equal (&reading.inspection, expected);
  assert_numbers_equal (&reading.inspection, expected);
  assert_arrays_equal (&reading.inspection, expected);
  assert_maps_equal (&reading.inspection, expected);
  assert_explanations_equal (&reading.inspection, expected);
}

/* Caps are made anew only where a map's size or layer has changed. */
static void
test_cached_caps (void)
{
  g_auto (GstCpacMapCaps) cache = { 0 };
  CpacFeatureMaps other = maps[1];
  g_autoptr (GstCaps) gray = gst_cpac_gray_caps_get (&cache.heatmap, 3, 2);
  g_autoptr (GstCaps) again = gst_cpac_gray_caps_get (&cache.heatmap, 3, 2);
  g_autoptr (GstCaps) larger = gst_cpac_gray_caps_get (&cache.heatmap, 3, 4);
  g_autoptr (GstCaps) feature = gst_cpac_map_caps_get_feature (&cache, 1, &maps[1]);
  g_autoptr (GstCaps) first = gst_cpac_map_caps_get_feature (&cache, 0, &maps[0]);
  g_autoptr (GstCaps) same = NULL, renamed = NULL, resized = NULL;

  g_assert_true (again == gray && larger != gray && first != feature);
  same = gst_cpac_map_caps_get_feature (&cache, 1, &maps[1]);
  g_assert_true (same == feature);
  other.layer = "c";
  renamed = gst_cpac_map_caps_get_feature (&cache, 1, &other);
  g_assert_false (gst_caps_is_equal (renamed, feature));
  other.dims.width = 5;
  resized = gst_cpac_map_caps_get_feature (&cache, 1, &other);
  g_assert_false (gst_caps_is_equal (resized, renamed));
}

static void
test_round_trip (void)
{
  g_autoptr (GstBuffer) buffer = gst_buffer_new ();

  gst_cpac_score_meta_add (buffer, &full);
  assert_reads_as (buffer, &full);
}

/* As behind elements that make new buffers. */
static void
test_copy (void)
{
  GstBuffer *buffer = gst_buffer_new ();
  g_autoptr (GstBuffer) copy = NULL;

  gst_cpac_score_meta_add (buffer, &full);
  copy = gst_buffer_copy_deep (buffer);
  gst_buffer_unref (buffer);
  assert_reads_as (copy, &full);
}

/* What does not apply has no field. */
static void
test_empty (void)
{
  CpacInspection empty = { .status = CPAC_STATUS_SKIPPED, .verdict = CPAC_VERDICT_UNDEFINED };
  static const char *const absent[] = { "score",
                                        "score-normalized",
                                        "p-value",
                                        "threshold",
                                        "warn-threshold",
                                        "class",
                                        "classes",
                                        "model",
                                        "model-sha256",
                                        "config-sha256",
                                        "part-id",
                                        "time-ns",
                                        "heatmap",
                                        "heatmap-min",
                                        "regions",
                                        "contours",
                                        "contours-omitted",
                                        "heatmap-max",
                                        "features",
                                        "explained",
                                        "bias-part",
                                        "identity-error",
                                        "explained-quantity",
                                        "explained-class",
                                        "rival-class",
                                        "components" };
  g_autoptr (GstBuffer) buffer = gst_buffer_new ();
  GstStructure *structure;

  gst_cpac_score_meta_add (buffer, &empty);
  structure =
      gst_custom_meta_get_structure (gst_buffer_get_custom_meta (buffer, GST_CPAC_SCORE_META));
  for (guint i = 0; i < G_N_ELEMENTS (absent); i++)
    g_assert_false (gst_structure_has_field (structure, absent[i]));
  assert_reads_as (buffer, &empty);
}

static void
test_replaces (void)
{
  CpacInspection empty = { .status = CPAC_STATUS_SKIPPED, .verdict = CPAC_VERDICT_UNDEFINED };
  g_autoptr (GstBuffer) buffer = gst_buffer_new ();

  gst_cpac_score_meta_add (buffer, &full);
  gst_cpac_score_meta_add (buffer, &empty);
  assert_reads_as (buffer, &empty);
}

static void
test_none (void)
{
  g_autoptr (GstBuffer) buffer = gst_buffer_new ();
  GstCpacScoreReading reading;

  g_assert_false (gst_cpac_score_meta_read (buffer, &reading));
}

/* The heat map is video that others can read: rows without padding, and the buffer says so. */
static void
test_heatmap_is_video (void)
{
  g_autoptr (GstBuffer) buffer = gst_buffer_new ();
  GstStructure *structure;
  GstSample *sample;
  GstVideoInfo info;
  GstVideoFrame frame;

  gst_cpac_score_meta_add (buffer, &full);
  structure =
      gst_custom_meta_get_structure (gst_buffer_get_custom_meta (buffer, GST_CPAC_SCORE_META));
  sample = gst_value_get_sample (gst_structure_get_value (structure, "heatmap"));
  g_assert_true (gst_video_info_from_caps (&info, gst_sample_get_caps (sample)));
  g_assert_true (gst_video_frame_map (&frame, &info, gst_sample_get_buffer (sample), GST_MAP_READ));
  for (gint i = 0; i < 2; i++)
    g_assert_cmpmem ((guint8 *) GST_VIDEO_FRAME_PLANE_DATA (&frame, 0) +
                         i * GST_VIDEO_FRAME_PLANE_STRIDE (&frame, 0),
                     3, heatmap + 3 * i, 3);
  gst_video_frame_unmap (&frame);
}

/* What another process or version may have written: absent, never a crash or a verdict. */
static const char *const foreign[] = {
  "x",
  "x, status=(int)3, verdict=(string)maybe, score=(string)high",
  "x, classes=(int)1, regions=(string)none, heatmap=(int)2, features=(double)1",
  "x, classes=(int)< 1, 2 >, regions=(string)< a >, features=(int)< 1 >",
  "x, contours=(double)1, contours-omitted=(int)3",
  "x, contours=(double)< 1, 2, 3, 4, 5, 6 >",
  "x, explained=(string)much, components=(int)< 1 >",
  "x, width=(int)-5, height=(int)-1, region-w=(int)-2147483648, frame=(int)1",
  "x, status=(string)NULL, model=(int)1, time-ns=(int)1, threshold=(double)1",
};

static void
test_foreign (gconstpointer text)
{
  g_autoptr (GstBuffer) buffer = gst_buffer_new ();
  g_autoptr (GstStructure) fields = gst_structure_new_from_string (text);
  g_auto (GstCpacScoreReading) reading = { 0 };
  const CpacInspection *inspection = &reading.inspection;
  GstStructure *structure =
      gst_custom_meta_get_structure (gst_buffer_add_custom_meta (buffer, GST_CPAC_SCORE_META));

  g_assert_nonnull (fields);
  for (gint i = 0; i < gst_structure_n_fields (fields); i++) {
    const char *name = gst_structure_nth_field_name (fields, (guint) i);

    gst_structure_set_value (structure, name, gst_structure_get_value (fields, name));
  }
  g_assert_true (gst_cpac_score_meta_read (buffer, &reading));
  g_assert_cmpint (inspection->status, ==, CPAC_STATUS_ERROR);
  g_assert_cmpint (inspection->verdict, ==, CPAC_VERDICT_UNDEFINED);
  g_assert_false (inspection->has_score);
  g_assert_false (inspection->has_thresholds);
  g_assert_null (inspection->heatmap);
  g_assert_cmpuint (inspection->n_classes + inspection->n_regions + inspection->n_features, ==, 0);
  g_assert_cmpuint (inspection->n_contours + inspection->n_contours_omitted, ==, 0);
  g_assert_false (inspection->has_explanation);
  g_assert_cmpuint (inspection->n_components, ==, 0);
  g_assert_cmpuint (inspection->width + inspection->height + inspection->region.width, ==, 0);
}

/* A map whose buffer is smaller than its caps say. */
static void
test_short_heatmap (void)
{
  g_autoptr (GstBuffer) buffer = gst_buffer_new (),
                        pixels = gst_buffer_new_allocate (NULL, 5, NULL);
  g_autoptr (GstCaps) caps =
      gst_caps_from_string ("video/x-raw,format=GRAY8,width=3,height=2,framerate=0/1");
  g_autoptr (GstSample) sample = gst_sample_new (pixels, caps, NULL, NULL);
  g_auto (GstCpacScoreReading) reading = { 0 };

  gst_structure_set (
      gst_custom_meta_get_structure (gst_buffer_add_custom_meta (buffer, GST_CPAC_SCORE_META)),
      "heatmap", GST_TYPE_SAMPLE, sample, NULL);
  g_assert_true (gst_cpac_score_meta_read (buffer, &reading));
  g_assert_null (reading.inspection.heatmap);
}

/* A component of another process: what is missing is nothing, the map is left out. */
static void
test_foreign_component (void)
{
  g_autoptr (GstBuffer) buffer = gst_buffer_new ();
  g_auto (GstCpacScoreReading) reading = { 0 };
  const CpacComponentMap *component;
  GValue array = G_VALUE_INIT, value = G_VALUE_INIT;

  gst_value_array_init (&array, 1);
  g_value_init (&value, GST_TYPE_STRUCTURE);
  g_value_take_boxed (
      &value, gst_structure_new ("component", "index", G_TYPE_INT, -1, "map", G_TYPE_INT, 3, NULL));
  gst_value_array_append_and_take_value (&array, &value);
  gst_structure_take_value (
      gst_custom_meta_get_structure (gst_buffer_add_custom_meta (buffer, GST_CPAC_SCORE_META)),
      "components", &array);
  g_assert_true (gst_cpac_score_meta_read (buffer, &reading));
  g_assert_false (reading.inspection.has_explanation);
  g_assert_cmpuint (reading.inspection.n_components, ==, 1);
  component = &reading.inspection.components[0];
  g_assert_cmpuint (component->index, ==, 0);
  g_assert_null (component->layer);
  g_assert_null (component->map);
}

/* Of contours of another process, those that are polygons are read: an odd number, too few points,
 * what is no number or not finite are none. */
static void
test_foreign_contours (void)
{
  static const char *const foreign_points[] = {
    "1.0, 2.0, 3.0, 4.0",
    "0.0, 0.0, 1.0, 0.0, 1.0, 0.5, 7.0",
    "0.0, 0.5, 1.0, 0.25, -7.0, 1.0",
    "0.0, 0.0, 1.0, 0.0, 1.0, (int)1",
    "",
    "0.0, 0.0, 1.0, (double)nan, 1.0, 1.0",
    "0.0, 0.0, 1.0, 0.0, (double)inf, 1.0",
    "9.0, 8.0, 7.0, 6.0, 5.0, 4.0",
  };
  g_autoptr (GstBuffer) buffer = gst_buffer_new ();
  g_auto (GstCpacScoreReading) reading = { 0 };
  GValue array = G_VALUE_INIT, value = G_VALUE_INIT;

  gst_value_array_init (&array, G_N_ELEMENTS (foreign_points));
  for (guint i = 0; i < G_N_ELEMENTS (foreign_points); i++) {
    g_autofree char *text = g_strdup_printf ("contour, region-id=(%s)%u, points=< %s >",
                                             i % 2 ? "int" : "uint", i, foreign_points[i]);

    g_value_init (&value, GST_TYPE_STRUCTURE);
    g_value_take_boxed (&value, gst_structure_new_from_string (text));
    g_assert_nonnull (g_value_get_boxed (&value));
    gst_value_array_append_and_take_value (&array, &value);
  }
  gst_structure_take_value (
      gst_custom_meta_get_structure (gst_buffer_add_custom_meta (buffer, GST_CPAC_SCORE_META)),
      "contours", &array);
  g_assert_true (gst_cpac_score_meta_read (buffer, &reading));
  g_assert_cmpuint (reading.inspection.n_contours, ==, 2);
  g_assert_cmpuint (reading.inspection.contours[0].region_id, ==, 2);
  g_assert_cmpuint (reading.inspection.contours[0].n_points, ==, 3);
  g_assert_cmpfloat (reading.inspection.contours[0].points[2].x, ==, -7);
  g_assert_cmpuint (reading.inspection.contours[1].region_id, ==, 0);
  g_assert_cmpuint (reading.inspection.contours[1].n_points, ==, 3);
  g_assert_cmpfloat (reading.inspection.contours[1].points[0].x, ==, 9);
}

int
main (int argc, char **argv)
{
  gst_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);
  gst_cpac_score_meta_register ();
  g_test_add_func ("/score-meta/round-trip", test_round_trip);
  g_test_add_func ("/score-meta/cached-caps", test_cached_caps);
  g_test_add_func ("/score-meta/copy", test_copy);
  g_test_add_func ("/score-meta/empty", test_empty);
  g_test_add_func ("/score-meta/replaces", test_replaces);
  g_test_add_func ("/score-meta/none", test_none);
  g_test_add_func ("/score-meta/heatmap-is-video", test_heatmap_is_video);
  g_test_add_func ("/score-meta/foreign-component", test_foreign_component);
  g_test_add_func ("/score-meta/foreign-contours", test_foreign_contours);
  g_test_add_func ("/score-meta/short-heatmap", test_short_heatmap);
  for (guint i = 0; i < G_N_ELEMENTS (foreign); i++) {
    g_autofree char *name = g_strdup_printf ("/score-meta/foreign/%u", i);

    g_test_add_data_func (name, foreign[i], test_foreign);
  }
  return g_test_run ();
}
