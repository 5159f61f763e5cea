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

/* The quark of a field, looked up once: to find it for each of some twenty fields is most of what
 * setting them takes. */
#define FIELD(name)                                                                                \
  ({                                                                                               \
    static GQuark quark = 0;                                                                       \
                                                                                                   \
    if (g_atomic_int_get (&quark) == 0)                                                            \
      g_atomic_int_set (&quark, g_quark_from_static_string (name));                                \
    (GQuark) g_atomic_int_get (&quark);                                                            \
  })

static void
take_value (GstStructure *structure, GQuark field, GValue *value)
{
#if GST_CHECK_VERSION(1, 25, 0)
  /* Fields are no longer kept by quark there. */
  gst_structure_take_value (structure, g_quark_to_string (field), value);
#else
  gst_structure_id_take_value (structure, field, value);
#endif
}

static GstStructure *
new_structure (GQuark name)
{
#if GST_CHECK_VERSION(1, 25, 0)
  return gst_structure_new_empty (g_quark_to_string (name));
#else
  return gst_structure_new_id_empty (name);
#endif
}

static void
set_text (GstStructure *structure, GQuark field, const char *value)
{
  GValue text = G_VALUE_INIT;

  if (value == NULL)
    return;
  g_value_init (&text, G_TYPE_STRING);
  g_value_set_string (&text, value);
  take_value (structure, field, &text);
}

/* One that stays for ever. */
static void
set_name (GstStructure *structure, GQuark field, const char *value)
{
  GValue text = G_VALUE_INIT;

  g_value_init (&text, G_TYPE_STRING);
  g_value_set_static_string (&text, value);
  take_value (structure, field, &text);
}

static void
set_double (GstStructure *structure, GQuark field, double value)
{
  GValue number = G_VALUE_INIT;

  g_value_init (&number, G_TYPE_DOUBLE);
  g_value_set_double (&number, value);
  take_value (structure, field, &number);
}

static void
set_int (GstStructure *structure, GQuark field, guint value)
{
  GValue number = G_VALUE_INIT;

  g_value_init (&number, G_TYPE_INT);
  g_value_set_int (&number, (gint) value);
  take_value (structure, field, &number);
}

static void
set_uint (GstStructure *structure, GQuark field, guint value)
{
  GValue number = G_VALUE_INIT;

  g_value_init (&number, G_TYPE_UINT);
  g_value_set_uint (&number, value);
  take_value (structure, field, &number);
}

static void
set_uint64 (GstStructure *structure, GQuark field, guint64 value)
{
  GValue number = G_VALUE_INIT;

  g_value_init (&number, G_TYPE_UINT64);
  g_value_set_uint64 (&number, value);
  take_value (structure, field, &number);
}

static void
set_boolean (GstStructure *structure, GQuark field, gboolean value)
{
  GValue choice = G_VALUE_INIT;

  g_value_init (&choice, G_TYPE_BOOLEAN);
  g_value_set_boolean (&choice, value);
  take_value (structure, field, &choice);
}

void
gst_cpac_score_meta_set_part (GstStructure *structure, const CpacInspection *inspection)
{
  set_text (structure, FIELD ("part-id"), inspection->part_id);
  if (inspection->has_part) {
    set_uint64 (structure, FIELD ("part"), inspection->part);
    set_uint64 (structure, FIELD ("part-frame"), inspection->part_frame);
  }
  if (inspection->has_part_verdict) {
    set_name (structure, FIELD ("part-verdict"), cpac_verdict_to_string (inspection->part_verdict));
    set_int (structure, FIELD ("part-verdict-code"), inspection->part_verdict);
  }
  set_text (structure, FIELD ("monitor-state"), inspection->monitor_state);
  set_text (structure, FIELD ("monitor-sentence"), inspection->monitor_sentence);
}

void
gst_cpac_score_meta_set_verdict (GstStructure *structure, const CpacInspection *inspection)
{
  set_name (structure, FIELD ("verdict"), cpac_verdict_to_string (inspection->verdict));
  set_int (structure, FIELD ("verdict-code"), inspection->verdict);
  set_boolean (structure, FIELD ("defect"), inspection->verdict == CPAC_VERDICT_NOT_OK);
}

static void
set_source (GstStructure *structure, const CpacInspection *inspection)
{
  set_text (structure, FIELD ("model"), inspection->model);
  set_text (structure, FIELD ("model-sha256"), inspection->model_sha256);
  set_text (structure, FIELD ("config-sha256"), inspection->config_sha256);
  set_text (structure, FIELD ("ignore-mask-sha256"), inspection->ignore_mask_sha256);
  gst_cpac_score_meta_set_part (structure, inspection);
  set_uint64 (structure, FIELD ("frame"), inspection->frame);
  set_int (structure, FIELD ("width"), inspection->width);
  set_int (structure, FIELD ("height"), inspection->height);
  set_int (structure, FIELD ("region-x"), inspection->region.x);
  set_int (structure, FIELD ("region-y"), inspection->region.y);
  set_int (structure, FIELD ("region-w"), inspection->region.width);
  set_int (structure, FIELD ("region-h"), inspection->region.height);
}

void
gst_cpac_score_meta_set_scalars (GstStructure *structure, const CpacInspection *inspection)
{
  set_uint (structure, FIELD ("version"), GST_CPAC_SCORE_META_VERSION);
  set_name (structure, FIELD ("status"), cpac_status_to_string (inspection->status));
  gst_cpac_score_meta_set_verdict (structure, inspection);
  if (inspection->has_score)
    set_double (structure, FIELD ("score"), inspection->score);
  if (inspection->has_normalized)
    set_double (structure, FIELD ("score-normalized"), inspection->score_normalized);
  if (inspection->has_p_value)
    set_double (structure, FIELD ("p-value"), inspection->p_value);
  if (inspection->has_thresholds) {
    set_double (structure, FIELD ("threshold"), inspection->threshold);
    set_double (structure, FIELD ("warn-threshold"), inspection->warn_threshold);
  }
  set_text (structure, FIELD ("class"), inspection->class_name);
  set_source (structure, inspection);
  if (inspection->has_time)
    set_uint64 (structure, FIELD ("time-ns"), inspection->time_ns);
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
  take_value (structure, FIELD ("classes"), &array);
}

static GstStructure *
region_new (const CpacDefectRegion *region)
{
  GstStructure *structure = new_structure (FIELD ("region"));

  set_double (structure, FIELD ("x"), region->x);
  set_double (structure, FIELD ("y"), region->y);
  set_double (structure, FIELD ("w"), region->width);
  set_double (structure, FIELD ("h"), region->height);
  set_double (structure, FIELD ("score"), region->score);
  set_double (structure, FIELD ("area"), region->area);
  set_double (structure, FIELD ("centroid-x"), region->centroid_x);
  set_double (structure, FIELD ("centroid-y"), region->centroid_y);
  set_double (structure, FIELD ("peak-x"), region->peak_x);
  set_double (structure, FIELD ("peak-y"), region->peak_y);
  return structure;
}

static void
set_regions (GstStructure *structure, const CpacInspection *inspection)
{
  GValue array = G_VALUE_INIT;

  gst_value_array_init (&array, inspection->n_regions);
  for (guint i = 0; i < inspection->n_regions; i++)
    append_structure (&array, region_new (&inspection->regions[i]));
  take_value (structure, FIELD ("regions"), &array);
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
  GstStructure *structure = new_structure (FIELD ("contour"));
  GValue points = G_VALUE_INIT;

  set_uint (structure, FIELD ("region-id"), contour->region_id);
  gst_value_array_init (&points, 2 * contour->n_points);
  for (guint i = 0; i < contour->n_points; i++) {
    append_double (&points, contour->points[i].x);
    append_double (&points, contour->points[i].y);
  }
  take_value (structure, FIELD ("points"), &points);
  return structure;
}

static void
set_contours (GstStructure *structure, const CpacInspection *inspection)
{
  GValue array = G_VALUE_INIT;

  gst_value_array_init (&array, inspection->n_contours);
  for (guint i = 0; i < inspection->n_contours; i++)
    append_structure (&array, gst_cpac_contour_new (&inspection->contours[i]));
  take_value (structure, FIELD ("contours"), &array);
  if (inspection->n_contours_omitted > 0)
    set_uint (structure, FIELD ("contours-omitted"), inspection->n_contours_omitted);
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
  GValue sample = G_VALUE_INIT;

  g_value_init (&sample, GST_TYPE_SAMPLE);
  g_value_take_boxed (&sample, gray_sample (inspection->heatmap, inspection->map_width,
                                            inspection->map_height, &cache->heatmap));
  take_value (structure, FIELD ("heatmap"), &sample);
  set_double (structure, FIELD ("heatmap-min"), inspection->heatmap_min);
  set_double (structure, FIELD ("heatmap-max"), inspection->heatmap_max);
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
  set_text (structure, FIELD ("explained-quantity"), inspection->explained_quantity);
  set_text (structure, FIELD ("explained-class"), inspection->explained_class);
  set_text (structure, FIELD ("rival-class"), inspection->rival_class);
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
