/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "plugin/score-meta.h"

void
gst_cpac_score_meta_register (void)
{
  static const char *tags[] = { NULL };
  static gsize once = 0;

  if (!g_once_init_enter (&once))
    return;
  if (gst_meta_get_info (GST_CPAC_SCORE_META) == NULL)
    gst_meta_register_custom (GST_CPAC_SCORE_META, tags, NULL, NULL, NULL);
  g_once_init_leave (&once, 1);
}

static void
set_text (GstStructure *structure, const char *field, const char *value)
{
  if (value != NULL)
    gst_structure_set (structure, field, G_TYPE_STRING, value, NULL);
}

void
gst_cpac_score_meta_set_part (GstStructure *structure, const CpacInspection *inspection)
{
  set_text (structure, "part-id", inspection->part_id);
  if (inspection->has_part)
    gst_structure_set (structure, "part", G_TYPE_UINT64, inspection->part, "part-frame",
                       G_TYPE_UINT64, inspection->part_frame, NULL);
  if (inspection->has_part_verdict)
    gst_structure_set (structure, "part-verdict", G_TYPE_STRING,
                       cpac_verdict_to_string (inspection->part_verdict), "part-verdict-code",
                       G_TYPE_INT, (gint) inspection->part_verdict, NULL);
  set_text (structure, "monitor-state", inspection->monitor_state);
  set_text (structure, "monitor-sentence", inspection->monitor_sentence);
}

void
gst_cpac_score_meta_set_verdict (GstStructure *structure, const CpacInspection *inspection)
{
  gst_structure_set (structure, "verdict", G_TYPE_STRING,
                     cpac_verdict_to_string (inspection->verdict), "verdict-code", G_TYPE_INT,
                     (gint) inspection->verdict, "defect", G_TYPE_BOOLEAN,
                     inspection->verdict == CPAC_VERDICT_NOT_OK, NULL);
}

static void
set_source (GstStructure *structure, const CpacInspection *inspection)
{
  set_text (structure, "model", inspection->model);
  set_text (structure, "model-sha256", inspection->model_sha256);
  set_text (structure, "config-sha256", inspection->config_sha256);
  set_text (structure, "ignore-mask-sha256", inspection->ignore_mask_sha256);
  gst_cpac_score_meta_set_part (structure, inspection);
  gst_structure_set (structure, "frame", G_TYPE_UINT64, inspection->frame, "width", G_TYPE_INT,
                     (gint) inspection->width, "height", G_TYPE_INT, (gint) inspection->height,
                     "region-x", G_TYPE_INT, (gint) inspection->region.x, "region-y", G_TYPE_INT,
                     (gint) inspection->region.y, "region-w", G_TYPE_INT,
                     (gint) inspection->region.width, "region-h", G_TYPE_INT,
                     (gint) inspection->region.height, NULL);
}

void
gst_cpac_score_meta_set_scalars (GstStructure *structure, const CpacInspection *inspection)
{
  gst_structure_set (structure, "version", G_TYPE_UINT, GST_CPAC_SCORE_META_VERSION, "status",
                     G_TYPE_STRING, cpac_status_to_string (inspection->status), NULL);
  gst_cpac_score_meta_set_verdict (structure, inspection);
  if (inspection->has_score)
    gst_structure_set (structure, "score", G_TYPE_DOUBLE, inspection->score, NULL);
  if (inspection->has_normalized)
    gst_structure_set (structure, "score-normalized", G_TYPE_DOUBLE, inspection->score_normalized,
                       NULL);
  if (inspection->has_p_value)
    gst_structure_set (structure, "p-value", G_TYPE_DOUBLE, inspection->p_value, NULL);
  if (inspection->has_thresholds)
    gst_structure_set (structure, "threshold", G_TYPE_DOUBLE, inspection->threshold,
                       "warn-threshold", G_TYPE_DOUBLE, inspection->warn_threshold, NULL);
  set_text (structure, "class", inspection->class_name);
  set_source (structure, inspection);
  if (inspection->has_time)
    gst_structure_set (structure, "time-ns", G_TYPE_UINT64, inspection->time_ns, NULL);
}

static void
append_structure (GValue *array, GstStructure *structure)
{
  GValue value = G_VALUE_INIT;

  g_value_init (&value, GST_TYPE_STRUCTURE);
  g_value_take_boxed (&value, structure);
  gst_value_array_append_and_take_value (array, &value);
}

static void
set_classes (GstStructure *structure, const CpacInspection *inspection)
{
  GValue array = G_VALUE_INIT;

  gst_value_array_init (&array, inspection->n_classes);
  for (guint i = 0; i < inspection->n_classes; i++)
    append_structure (&array,
                      gst_structure_new ("class", "label", G_TYPE_STRING, inspection->classes[i],
                                         "probability", G_TYPE_DOUBLE, inspection->probabilities[i],
                                         NULL));
  gst_structure_take_value (structure, "classes", &array);
}

static GstStructure *
region_new (const CpacDefectRegion *region)
{
  return gst_structure_new (
      "region", "x", G_TYPE_DOUBLE, region->x, "y", G_TYPE_DOUBLE, region->y, "w", G_TYPE_DOUBLE,
      region->width, "h", G_TYPE_DOUBLE, region->height, "score", G_TYPE_DOUBLE, region->score,
      "area", G_TYPE_DOUBLE, region->area, "centroid-x", G_TYPE_DOUBLE, region->centroid_x,
      "centroid-y", G_TYPE_DOUBLE, region->centroid_y, "peak-x", G_TYPE_DOUBLE, region->peak_x,
      "peak-y", G_TYPE_DOUBLE, region->peak_y, NULL);
}

static void
set_regions (GstStructure *structure, const CpacInspection *inspection)
{
  GValue array = G_VALUE_INIT;

  gst_value_array_init (&array, inspection->n_regions);
  for (guint i = 0; i < inspection->n_regions; i++)
    append_structure (&array, region_new (&inspection->regions[i]));
  gst_structure_take_value (structure, "regions", &array);
}

static void
append_double (GValue *array, double number)
{
  GValue value = G_VALUE_INIT;

  g_value_init (&value, G_TYPE_DOUBLE);
  g_value_set_double (&value, number);
  gst_value_array_append_and_take_value (array, &value);
}

GstStructure *
gst_cpac_contour_new (const CpacContour *contour)
{
  GstStructure *structure =
      gst_structure_new ("contour", "region-id", G_TYPE_UINT, contour->region_id, NULL);
  GValue points = G_VALUE_INIT;

  gst_value_array_init (&points, 2 * contour->n_points);
  for (guint i = 0; i < contour->n_points; i++) {
    append_double (&points, contour->points[i].x);
    append_double (&points, contour->points[i].y);
  }
  gst_structure_take_value (structure, "points", &points);
  return structure;
}

static void
set_contours (GstStructure *structure, const CpacInspection *inspection)
{
  GValue array = G_VALUE_INIT;

  gst_value_array_init (&array, inspection->n_contours);
  for (guint i = 0; i < inspection->n_contours; i++)
    append_structure (&array, gst_cpac_contour_new (&inspection->contours[i]));
  gst_structure_take_value (structure, "contours", &array);
  if (inspection->n_contours_omitted > 0)
    gst_structure_set (structure, "contours-omitted", G_TYPE_UINT, inspection->n_contours_omitted,
                       NULL);
}

/* Takes @buffer and @caps. */
static GstSample *
sample_take (GstBuffer *buffer, GstCaps *caps)
{
  GstSample *sample = gst_sample_new (buffer, caps, NULL, NULL);

  gst_buffer_unref (buffer);
  gst_caps_unref (caps);
  return sample;
}

/* Rows follow each other without padding, as its GstVideoMeta says. */
static GstSample *
gray_sample (const guint8 *levels, guint width, guint height, GstCpacGrayCaps *cache)
{
  gsize offset[GST_VIDEO_MAX_PLANES] = { 0 };
  gint stride[GST_VIDEO_MAX_PLANES] = { (gint) width };
  GstBuffer *buffer = gst_buffer_new_memdup (levels, (gsize) width * height);

  gst_buffer_add_video_meta_full (buffer, GST_VIDEO_FRAME_FLAG_NONE, GST_VIDEO_FORMAT_GRAY8, width,
                                  height, 1, offset, stride);
  return sample_take (buffer, gst_cpac_gray_caps_get (cache, width, height));
}

static void
set_heatmap (GstStructure *structure, const CpacInspection *inspection, GstCpacMapCaps *cache)
{
  g_autoptr (GstSample) sample = gray_sample (inspection->heatmap, inspection->map_width,
                                              inspection->map_height, &cache->heatmap);

  gst_structure_set (structure, "heatmap", GST_TYPE_SAMPLE, sample, "heatmap-min", G_TYPE_DOUBLE,
                     inspection->heatmap_min, "heatmap-max", G_TYPE_DOUBLE, inspection->heatmap_max,
                     NULL);
}

static void
set_features (GstStructure *structure, const CpacInspection *inspection, GstCpacMapCaps *cache)
{
  GValue array = G_VALUE_INIT;

  gst_value_array_init (&array, inspection->n_features);
  for (guint i = 0; i < inspection->n_features; i++) {
    const CpacFeatureMaps *maps = &inspection->features[i];
    gsize size = cpac_dims_count (&maps->dims) * sizeof (float);
    GstBuffer *buffer = gst_buffer_new_memdup (maps->data, size);
    GValue value = G_VALUE_INIT;

    g_value_init (&value, GST_TYPE_SAMPLE);
    g_value_take_boxed (&value,
                        sample_take (buffer, gst_cpac_map_caps_get_feature (cache, i, maps)));
    gst_value_array_append_and_take_value (&array, &value);
  }
  gst_structure_take_value (structure, "features", &array);
}

static GstStructure *
component_structure (const CpacComponentMap *component, GstCpacGrayCaps *cache)
{
  GstStructure *structure = gst_structure_new (
      "component", "index", G_TYPE_UINT, component->index, "layer", G_TYPE_STRING, component->layer,
      "significance", G_TYPE_DOUBLE, component->significance, "contribution", G_TYPE_DOUBLE,
      component->contribution, "share", G_TYPE_DOUBLE, component->share, "map-min", G_TYPE_DOUBLE,
      component->map_min, "map-max", G_TYPE_DOUBLE, component->map_max, NULL);
  g_autoptr (GstSample) map = NULL;

  if (component->map != NULL) {
    map = gray_sample (component->map, component->width, component->height, cache);
    gst_structure_set (structure, "map", GST_TYPE_SAMPLE, map, NULL);
  }
  return structure;
}

static void
set_explanation (GstStructure *structure, const CpacInspection *inspection, GstCpacMapCaps *cache)
{
  GValue array = G_VALUE_INIT;

  gst_structure_set (structure, "explained", G_TYPE_DOUBLE, inspection->explained, "bias-part",
                     G_TYPE_DOUBLE, inspection->bias_part, "identity-error", G_TYPE_DOUBLE,
                     inspection->identity_error, NULL);
  set_text (structure, "explained-quantity", inspection->explained_quantity);
  set_text (structure, "explained-class", inspection->explained_class);
  set_text (structure, "rival-class", inspection->rival_class);
  gst_value_array_init (&array, inspection->n_components);
  for (guint i = 0; i < inspection->n_components; i++)
    append_structure (&array, component_structure (&inspection->components[i], &cache->components));
  gst_structure_take_value (structure, "components", &array);
}

void
gst_cpac_score_meta_add (GstBuffer *buffer, const CpacInspection *inspection)
{
  g_auto (GstCpacMapCaps) cache = { 0 };

  gst_cpac_score_meta_add_cached (buffer, inspection, &cache);
}

void
gst_cpac_score_meta_add_cached (GstBuffer *buffer, const CpacInspection *inspection,
                                GstCpacMapCaps *cache)
{
  GstCustomMeta *old = gst_buffer_get_custom_meta (buffer, GST_CPAC_SCORE_META);
  GstStructure *structure;

  if (old != NULL)
    gst_buffer_remove_meta (buffer, (GstMeta *) old);
  structure =
      gst_custom_meta_get_structure (gst_buffer_add_custom_meta (buffer, GST_CPAC_SCORE_META));
  gst_cpac_score_meta_set_scalars (structure, inspection);
  if (inspection->class_name != NULL)
    set_classes (structure, inspection);
  if (inspection->heatmap != NULL)
    set_heatmap (structure, inspection, cache);
  if (inspection->has_regions) {
    set_regions (structure, inspection);
    set_contours (structure, inspection);
  }
  if (inspection->n_features > 0)
    set_features (structure, inspection, cache);
  if (inspection->has_explanation)
    set_explanation (structure, inspection, cache);
}
