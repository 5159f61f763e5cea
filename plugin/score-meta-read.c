/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "plugin/score-meta.h"

#include <math.h>

typedef struct {
  GstBuffer *buffer;
  GstMapInfo map;
} MappedBuffer;

static void
mapped_buffer_free (gpointer data)
{
  MappedBuffer *mapped = data;

  gst_buffer_unmap (mapped->buffer, &mapped->map);
  gst_buffer_unref (mapped->buffer);
  g_free (mapped);
}

/* The bytes of a sample, mapped until the reading is cleared; NULL unless it has just @size. */
static gconstpointer
map_sample (GstCpacScoreReading *reading, GstSample *sample, gsize size)
{
  GstBuffer *buffer = gst_sample_get_buffer (sample);
  g_autofree MappedBuffer *mapped = g_new0 (MappedBuffer, 1);
  gconstpointer data;

  if (buffer == NULL || !gst_buffer_map (buffer, &mapped->map, GST_MAP_READ))
    return NULL;
  if (mapped->map.size != size) {
    gst_buffer_unmap (buffer, &mapped->map);
    return NULL;
  }
  mapped->buffer = gst_buffer_ref (buffer);
  data = mapped->map.data;
  g_ptr_array_add (reading->mapped, g_steal_pointer (&mapped));
  return data;
}

static guint
get_uint (const GstStructure *structure, const char *field)
{
  gint value = 0;

  gst_structure_get_int (structure, field, &value);
  return (guint) MAX (value, 0);
}

static double
get_double (const GstStructure *structure, const char *field)
{
  double value = 0;

  gst_structure_get_double (structure, field, &value);
  return value;
}

static void
read_part (const GstStructure *structure, CpacInspection *inspection)
{
  inspection->part_id = gst_structure_get_string (structure, "part-id");
  inspection->has_part =
      gst_structure_get_uint64 (structure, "part", &inspection->part) &&
      gst_structure_get_uint64 (structure, "part-frame", &inspection->part_frame);
  inspection->has_part_verdict = cpac_verdict_from_string (
      gst_structure_get_string (structure, "part-verdict"), &inspection->part_verdict);
  inspection->monitor_state = gst_structure_get_string (structure, "monitor-state");
  inspection->monitor_sentence = gst_structure_get_string (structure, "monitor-sentence");
}

static void
read_source (const GstStructure *structure, CpacInspection *inspection)
{
  inspection->model = gst_structure_get_string (structure, "model");
  inspection->model_sha256 = gst_structure_get_string (structure, "model-sha256");
  inspection->config_sha256 = gst_structure_get_string (structure, "config-sha256");
  inspection->ignore_mask_sha256 = gst_structure_get_string (structure, "ignore-mask-sha256");
  read_part (structure, inspection);
  gst_structure_get_uint64 (structure, "frame", &inspection->frame);
  inspection->width = get_uint (structure, "width");
  inspection->height = get_uint (structure, "height");
  inspection->region = (CpacRect){
    .x = get_uint (structure, "region-x"),
    .y = get_uint (structure, "region-y"),
    .width = get_uint (structure, "region-w"),
    .height = get_uint (structure, "region-h"),
  };
}

/* A status or verdict this version does not know is no result to rely on. */
static void
read_result (const GstStructure *structure, CpacInspection *inspection)
{
  if (!cpac_status_from_string (gst_structure_get_string (structure, "status"),
                                &inspection->status))
    inspection->status = CPAC_STATUS_ERROR;
  if (!cpac_verdict_from_string (gst_structure_get_string (structure, "verdict"),
                                 &inspection->verdict))
    inspection->verdict = CPAC_VERDICT_UNDEFINED;
  inspection->has_score = gst_structure_get_double (structure, "score", &inspection->score);
  inspection->has_normalized =
      gst_structure_get_double (structure, "score-normalized", &inspection->score_normalized);
  inspection->has_p_value = gst_structure_get_double (structure, "p-value", &inspection->p_value);
  inspection->has_thresholds =
      gst_structure_get_double (structure, "threshold", &inspection->threshold) &&
      gst_structure_get_double (structure, "warn-threshold", &inspection->warn_threshold);
  inspection->class_name = gst_structure_get_string (structure, "class");
  inspection->has_time = gst_structure_get_uint64 (structure, "time-ns", &inspection->time_ns);
}

/* The array of @field, each of whose values is of @type; NULL when it is something else. */
static const GValue *
get_array (const GstStructure *structure, const char *field, GType type)
{
  const GValue *array = gst_structure_get_value (structure, field);

  if (array == NULL || !GST_VALUE_HOLDS_ARRAY (array))
    return NULL;
  for (guint i = 0; i < gst_value_array_get_size (array); i++)
    if (!G_VALUE_HOLDS (gst_value_array_get_value (array, i), type))
      return NULL;
  return array;
}

static void
read_classes (GstCpacScoreReading *reading, const GstStructure *structure)
{
  const GValue *array = get_array (structure, "classes", GST_TYPE_STRUCTURE);
  guint n = array != NULL ? gst_value_array_get_size (array) : 0;

  for (guint i = 0; i < n; i++) {
    const GstStructure *item = gst_value_get_structure (gst_value_array_get_value (array, i));
    const char *label = gst_structure_get_string (item, "label");
    double probability = get_double (item, "probability");

    g_ptr_array_add (reading->classes, (gpointer) (label != NULL ? label : ""));
    g_array_append_val (reading->probabilities, probability);
  }
  reading->inspection.n_classes = n;
  reading->inspection.classes = (const char *const *) reading->classes->pdata;
  reading->inspection.probabilities = (const double *) (gpointer) reading->probabilities->data;
}

static void
read_regions (GstCpacScoreReading *reading, const GstStructure *structure)
{
  const GValue *array = get_array (structure, "regions", GST_TYPE_STRUCTURE);
  guint n = array != NULL ? gst_value_array_get_size (array) : 0;

  for (guint i = 0; i < n; i++) {
    const GstStructure *item = gst_value_get_structure (gst_value_array_get_value (array, i));
    CpacDefectRegion region = {
      .x = get_double (item, "x"),
      .y = get_double (item, "y"),
      .width = get_double (item, "w"),
      .height = get_double (item, "h"),
      .score = get_double (item, "score"),
      .area = get_double (item, "area"),
      .centroid_x = get_double (item, "centroid-x"),
      .centroid_y = get_double (item, "centroid-y"),
      .peak_x = get_double (item, "peak-x"),
      .peak_y = get_double (item, "peak-y"),
    };

    g_array_append_val (reading->regions, region);
  }
  reading->inspection.has_regions = array != NULL;
  reading->inspection.n_regions = n;
  reading->inspection.regions = (const CpacDefectRegion *) (gpointer) reading->regions->data;
}

/* Adds the points of @array; FALSE, and none is added, when they are no polygon. */
static gboolean
read_points (GstCpacScoreReading *reading, const GValue *array)
{
  guint n = array != NULL ? gst_value_array_get_size (array) : 0, start = reading->points->len;
  gboolean ok = n >= 6 && n % 2 == 0;

  for (guint i = 0; ok && i < n; i += 2) {
    CpacPoint point = { g_value_get_double (gst_value_array_get_value (array, i)),
                        g_value_get_double (gst_value_array_get_value (array, i + 1)) };

    ok = isfinite (point.x) && isfinite (point.y);
    g_array_append_val (reading->points, point);
  }
  if (!ok)
    g_array_set_size (reading->points, start);
  return ok;
}

static void
read_contour (GstCpacScoreReading *reading, const GstStructure *item)
{
  guint start = reading->points->len;
  CpacContour contour = { 0 };

  if (!read_points (reading, get_array (item, "points", G_TYPE_DOUBLE)))
    return;
  gst_structure_get_uint (item, "region-id", &contour.region_id);
  contour.n_points = reading->points->len - start;
  g_array_append_val (reading->contours, contour);
}

static void
read_contours (GstCpacScoreReading *reading, const GstStructure *structure)
{
  const GValue *array = get_array (structure, "contours", GST_TYPE_STRUCTURE);
  guint n = array != NULL ? gst_value_array_get_size (array) : 0;
  CpacInspection *inspection = &reading->inspection;
  const CpacPoint *points;

  for (guint i = 0; i < n; i++)
    read_contour (reading, gst_value_get_structure (gst_value_array_get_value (array, i)));
  /* All points have their places now. */
  points = (const CpacPoint *) (gpointer) reading->points->data;
  for (guint i = 0; i < reading->contours->len; i++) {
    CpacContour *contour = &g_array_index (reading->contours, CpacContour, i);

    contour->points = points;
    points += contour->n_points;
  }
  inspection->n_contours = reading->contours->len;
  inspection->contours = (const CpacContour *) (gpointer) reading->contours->data;
  gst_structure_get_uint (structure, "contours-omitted", &inspection->n_contours_omitted);
}

/* The pixels of a GRAY8 sample (may be NULL) without padding, until the reading is cleared; NULL
 * when it is none. */
static const guint8 *
map_gray (GstCpacScoreReading *reading, GstSample *sample, guint *width, guint *height)
{
  const GstStructure *caps;

  if (sample == NULL || gst_sample_get_caps (sample) == NULL)
    return NULL;
  caps = gst_caps_get_structure (gst_sample_get_caps (sample), 0);
  *width = get_uint (caps, "width");
  *height = get_uint (caps, "height");
  if (*width == 0 || *height == 0)
    return NULL;
  return map_sample (reading, sample, (gsize) *width * *height);
}

static void
read_heatmap (GstCpacScoreReading *reading, const GstStructure *structure)
{
  const GValue *value = gst_structure_get_value (structure, "heatmap");
  CpacInspection *inspection = &reading->inspection;

  if (value == NULL || !G_VALUE_HOLDS (value, GST_TYPE_SAMPLE))
    return;
  inspection->heatmap = map_gray (reading, gst_value_get_sample (value), &inspection->map_width,
                                  &inspection->map_height);
  inspection->heatmap_min = get_double (structure, "heatmap-min");
  inspection->heatmap_max = get_double (structure, "heatmap-max");
}

static gboolean
read_feature (GstCpacScoreReading *reading, GstSample *sample, CpacFeatureMaps *maps)
{
  const GstStructure *caps;
  gsize size;

  if (sample == NULL || gst_sample_get_caps (sample) == NULL)
    return FALSE;
  caps = gst_caps_get_structure (gst_sample_get_caps (sample), 0);
  maps->layer = gst_structure_get_string (caps, "layer");
  maps->dims = (CpacDims){ .channels = get_uint (caps, "channels"),
                           .height = get_uint (caps, "height"),
                           .width = get_uint (caps, "width") };
  if (maps->layer == NULL ||
      !cpac_shape_checked (&CPAC_SHAPE (maps->dims.channels, maps->dims.height, maps->dims.width),
                           sizeof (float), &size))
    return FALSE;
  maps->data = map_sample (reading, sample, size);
  return maps->data != NULL;
}

static void
read_features (GstCpacScoreReading *reading, const GstStructure *structure)
{
  const GValue *array = get_array (structure, "features", GST_TYPE_SAMPLE);
  guint n = array != NULL ? gst_value_array_get_size (array) : 0;

  for (guint i = 0; i < n; i++) {
    CpacFeatureMaps maps;

    if (read_feature (reading, gst_value_get_sample (gst_value_array_get_value (array, i)), &maps))
      g_array_append_val (reading->features, maps);
  }
  reading->inspection.n_features = reading->features->len;
  reading->inspection.features = (const CpacFeatureMaps *) (gpointer) reading->features->data;
}

static void
read_component (GstCpacScoreReading *reading, const GstStructure *item)
{
  const GValue *map = gst_structure_get_value (item, "map");
  CpacComponentMap component = {
    .layer = gst_structure_get_string (item, "layer"),
    .significance = get_double (item, "significance"),
    .contribution = get_double (item, "contribution"),
    .share = get_double (item, "share"),
    .map_min = get_double (item, "map-min"),
    .map_max = get_double (item, "map-max"),
  };

  gst_structure_get_uint (item, "index", &component.index);
  if (map != NULL && G_VALUE_HOLDS (map, GST_TYPE_SAMPLE))
    component.map =
        map_gray (reading, gst_value_get_sample (map), &component.width, &component.height);
  g_array_append_val (reading->components, component);
}

static void
read_explanation (GstCpacScoreReading *reading, const GstStructure *structure)
{
  const GValue *array = get_array (structure, "components", GST_TYPE_STRUCTURE);
  guint n = array != NULL ? gst_value_array_get_size (array) : 0;
  CpacInspection *inspection = &reading->inspection;

  inspection->has_explanation =
      gst_structure_get_double (structure, "explained", &inspection->explained);
  inspection->bias_part = get_double (structure, "bias-part");
  inspection->identity_error = get_double (structure, "identity-error");
  inspection->explained_quantity = gst_structure_get_string (structure, "explained-quantity");
  inspection->explained_class = gst_structure_get_string (structure, "explained-class");
  inspection->rival_class = gst_structure_get_string (structure, "rival-class");
  for (guint i = 0; i < n; i++)
    read_component (reading, gst_value_get_structure (gst_value_array_get_value (array, i)));
  inspection->n_components = n;
  inspection->components = (const CpacComponentMap *) (gpointer) reading->components->data;
}

gboolean
gst_cpac_score_meta_read (GstBuffer *buffer, GstCpacScoreReading *reading)
{
  GstCustomMeta *meta = gst_buffer_get_custom_meta (buffer, GST_CPAC_SCORE_META);
  const GstStructure *structure;

  *reading = (GstCpacScoreReading){ 0 };
  if (meta == NULL)
    return FALSE;
  structure = gst_custom_meta_get_structure (meta);
  reading->classes = g_ptr_array_new ();
  reading->probabilities = g_array_new (FALSE, FALSE, sizeof (double));
  reading->regions = g_array_new (FALSE, FALSE, sizeof (CpacDefectRegion));
  reading->points = g_array_new (FALSE, FALSE, sizeof (CpacPoint));
  reading->contours = g_array_new (FALSE, FALSE, sizeof (CpacContour));
  reading->features = g_array_new (FALSE, FALSE, sizeof (CpacFeatureMaps));
  reading->components = g_array_new (FALSE, FALSE, sizeof (CpacComponentMap));
  reading->mapped = g_ptr_array_new_with_free_func (mapped_buffer_free);
  read_result (structure, &reading->inspection);
  read_source (structure, &reading->inspection);
  read_classes (reading, structure);
  read_regions (reading, structure);
  read_contours (reading, structure);
  read_heatmap (reading, structure);
  read_features (reading, structure);
  read_explanation (reading, structure);
  return TRUE;
}

void
gst_cpac_score_reading_clear (GstCpacScoreReading *reading)
{
  g_clear_pointer (&reading->classes, g_ptr_array_unref);
  g_clear_pointer (&reading->probabilities, g_array_unref);
  g_clear_pointer (&reading->regions, g_array_unref);
  g_clear_pointer (&reading->points, g_array_unref);
  g_clear_pointer (&reading->contours, g_array_unref);
  g_clear_pointer (&reading->features, g_array_unref);
  g_clear_pointer (&reading->components, g_array_unref);
  g_clear_pointer (&reading->mapped, g_ptr_array_unref);
}
