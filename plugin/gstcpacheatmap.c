/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/**
 * SECTION:element-cpacheatmap
 * @title: cpacheatmap
 *
 * The heat map that cpacscore left in the metadata, or another of the maps there, as video: one
 * frame for each frame, with its times and metadata, gray or in colours. Of the heat map mid-gray
 * is the threshold (where the model states no range of its own); no scale is ever stretched to a
 * frame.
 *
 * The output stands for the whole frame that was scored. It is as large as the input unless caps
 * downstream ask for another size. The map is brought to the place of the region that was looked at
 * (bilinear, half-pixel centres), the rest is 0. Without a map the frame is all 0 and flagged GAP.
 *
 * ## Example launch line
 * |[
 * gst-launch-1.0 videotestsrc num-buffers=90 ! cpacscore model=model.yaml ! tee name=t  t. ! queue
 * ! videoconvert ! autovideosink  t. ! queue ! cpacheatmap ! videoconvert ! autovideosink
 * ]|
 */

#include "plugin/gstcpacheatmap.h"

#include <string.h>

#include "plugin/enlarge.h"
#include "plugin/place.h"

GST_DEBUG_CATEGORY_STATIC (gst_cpac_heatmap_debug);
#define GST_CAT_DEFAULT gst_cpac_heatmap_debug

#define DEFAULT_COLORMAP GST_CPAC_COLORMAP_GRAY
#define DEFAULT_FEATURE_RANGE 4.0

enum { PROP_0, PROP_SOURCE, PROP_COLORMAP, PROP_FEATURE_RANGE };

/* Only the metadata is read, so any memory and format will do. */
static GstStaticPadTemplate sink_template = GST_STATIC_PAD_TEMPLATE (
    "sink", GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS ("video/x-raw(ANY)"));
static GstStaticPadTemplate src_template = GST_STATIC_PAD_TEMPLATE (
    "src", GST_PAD_SRC, GST_PAD_ALWAYS,
    GST_STATIC_CAPS ("video/x-raw, format={ GRAY8, RGB }, width=[1, 32768], height=[1, 32768], "
                     "framerate=[0/1, 2147483647/1]"));

G_DEFINE_TYPE (GstCpacHeatmap, gst_cpac_heatmap, GST_TYPE_BASE_TRANSFORM)
GST_ELEMENT_REGISTER_DEFINE (cpacheatmap, "cpacheatmap", GST_RANK_NONE, GST_TYPE_CPAC_HEATMAP)

static void
set_source (GstCpacHeatmap *self, const char *text)
{
  g_free (self->source);
  self->source = g_strdup (text);
  self->settings.source_is_valid = gst_cpac_source_parse (text, &self->settings.source);
  self->settings.source_serial++;
}

static void
gst_cpac_heatmap_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  GstCpacHeatmap *self = GST_CPAC_HEATMAP (object);

  GST_OBJECT_LOCK (self);
  switch (id) {
    case PROP_SOURCE:
      set_source (self, g_value_get_string (value));
      break;
    case PROP_COLORMAP:
      self->settings.colormap = g_value_get_enum (value);
      break;
    case PROP_FEATURE_RANGE:
      self->settings.feature_range = g_value_get_double (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  }
  GST_OBJECT_UNLOCK (self);
  if (id == PROP_COLORMAP)
    gst_base_transform_reconfigure_src (GST_BASE_TRANSFORM (self));
}

static void
gst_cpac_heatmap_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  GstCpacHeatmap *self = GST_CPAC_HEATMAP (object);

  GST_OBJECT_LOCK (self);
  switch (id) {
    case PROP_SOURCE:
      g_value_set_string (value, self->source);
      break;
    case PROP_COLORMAP:
      g_value_set_enum (value, (gint) self->settings.colormap);
      break;
    case PROP_FEATURE_RANGE:
      g_value_set_double (value, self->settings.feature_range);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  }
  GST_OBJECT_UNLOCK (self);
}

static void
gst_cpac_heatmap_finalize (GObject *object)
{
  g_free (GST_CPAC_HEATMAP (object)->source);
  G_OBJECT_CLASS (gst_cpac_heatmap_parent_class)->finalize (object);
}

static GstCpacHeatmapSettings
copy_settings (GstCpacHeatmap *self)
{
  GstCpacHeatmapSettings settings;

  GST_OBJECT_LOCK (self);
  settings = self->settings;
  GST_OBJECT_UNLOCK (self);
  return settings;
}

#define EXPECTED "expected heatmap, feature:LAYER, feature:LAYER:CHANNEL or component:INDEX"

static gboolean
gst_cpac_heatmap_start (GstBaseTransform *base)
{
  GstCpacHeatmap *self = GST_CPAC_HEATMAP (base);
  GstCpacHeatmapSettings settings = copy_settings (self);

  self->warned_serial = settings.source_serial;
  if (!settings.source_is_valid)
    GST_ELEMENT_ERROR (self, LIBRARY, SETTINGS, ("property \"source\" is no source, " EXPECTED),
                       (NULL));
  return settings.source_is_valid;
}

/* The one format of the output. */
static const char *
get_format (GstCpacHeatmap *self)
{
  return copy_settings (self).colormap == GST_CPAC_COLORMAP_GRAY ? "GRAY8" : "RGB";
}

/* The template of the other side, at the framerates of @caps. */
static GstCaps *
gst_cpac_heatmap_transform_caps (GstBaseTransform *base, GstPadDirection direction, GstCaps *caps,
                                 GstCaps *filter)
{
  GstPad *other = direction == GST_PAD_SINK ? base->srcpad : base->sinkpad;
  g_autoptr (GstCaps) template = gst_pad_get_pad_template_caps (other);
  g_autoptr (GstCaps) result = gst_caps_new_empty ();

  for (guint i = 0; i < gst_caps_get_size (caps); i++) {
    const GValue *rate = gst_structure_get_value (gst_caps_get_structure (caps, i), "framerate");
    g_autoptr (GstCaps) one = gst_caps_copy (template);

    if (rate != NULL)
      gst_caps_set_value (one, "framerate", rate);
    if (direction == GST_PAD_SINK)
      gst_caps_set_simple (one, "format", G_TYPE_STRING, get_format (GST_CPAC_HEATMAP (base)),
                           NULL);
    result = gst_caps_merge (result, g_steal_pointer (&one));
  }
  if (filter == NULL)
    return g_steal_pointer (&result);
  return gst_caps_intersect_full (filter, result, GST_CAPS_INTERSECT_FIRST);
}

/* Sets the pixels' aspect so that a map of another shape is shown as large as the frame. */
static void
fixate_aspect (GstStructure *out, const GstStructure *in, gint in_width, gint in_height)
{
  gint width, height, n = 1, d = 1;

  gst_structure_get_fraction (in, "pixel-aspect-ratio", &n, &d);
  if (!gst_structure_get_int (out, "width", &width) ||
      !gst_structure_get_int (out, "height", &height) ||
      !gst_util_fraction_multiply (n, d, in_width, width, &n, &d) ||
      !gst_util_fraction_multiply (n, d, height, in_height, &n, &d))
    return;
  if (gst_structure_has_field (out, "pixel-aspect-ratio"))
    gst_structure_fixate_field_nearest_fraction (out, "pixel-aspect-ratio", n, d);
  else if (n != d)
    gst_structure_set (out, "pixel-aspect-ratio", GST_TYPE_FRACTION, n, d, NULL);
}

static GstCaps *
gst_cpac_heatmap_fixate_caps (GstBaseTransform *base, GstPadDirection direction, GstCaps *caps,
                              GstCaps *other)
{
  const GstStructure *in = gst_caps_get_structure (caps, 0);
  GstStructure *out;
  gint width, height;

  other = gst_caps_truncate (other);
  other = gst_caps_make_writable (other);
  out = gst_caps_get_structure (other, 0);
  if (direction == GST_PAD_SINK && gst_structure_get_int (in, "width", &width) &&
      gst_structure_get_int (in, "height", &height)) {
    gst_structure_fixate_field_nearest_int (out, "width", width);
    gst_structure_fixate_field_nearest_int (out, "height", height);
    fixate_aspect (out, in, width, height);
  }
  return gst_caps_fixate (other);
}

static gboolean
gst_cpac_heatmap_set_caps (GstBaseTransform *base, GstCaps *in, GstCaps *out)
{
  return gst_video_info_from_caps (&GST_CPAC_HEATMAP (base)->out, out);
}

/* Takes buffers of any layout: no pixel is read. */
static gboolean
gst_cpac_heatmap_propose_allocation (GstBaseTransform *base, GstQuery *decide, GstQuery *query)
{
  gst_query_add_allocation_meta (query, GST_VIDEO_META_API_TYPE, NULL);
  return TRUE;
}

/* Output buffers are of one size whatever the input's. */
static gboolean
gst_cpac_heatmap_transform_size (GstBaseTransform *base, GstPadDirection direction, GstCaps *caps,
                                 gsize size, GstCaps *other, gsize *other_size)
{
  GstVideoInfo info;

  if (direction != GST_PAD_SINK || !gst_video_info_from_caps (&info, other))
    return FALSE;
  *other_size = GST_VIDEO_INFO_SIZE (&info);
  return TRUE;
}

static void
fill_zero (GstVideoFrame *frame)
{
  gsize n = (gsize) GST_VIDEO_FRAME_WIDTH (frame) * (gsize) GST_VIDEO_FRAME_COMP_PSTRIDE (frame, 0);

  for (gint i = 0; i < GST_VIDEO_FRAME_HEIGHT (frame); i++)
    memset ((guint8 *) GST_VIDEO_FRAME_PLANE_DATA (frame, 0) +
                i * GST_VIDEO_FRAME_PLANE_STRIDE (frame, 0),
            0, n);
}

/* One row of @n levels, gray or coloured. */
static void
write_row (guint8 *out, const guint8 *levels, guint n, const GstCpacColor *colors)
{
  for (guint j = 0; j < n; j++) {
    out[3 * j] = colors[levels[j]].r;
    out[3 * j + 1] = colors[levels[j]].g;
    out[3 * j + 2] = colors[levels[j]].b;
  }
}

static void
draw_map (GstVideoFrame *frame, const GstCpacMap *map, const CpacRect *place,
          const GstCpacColor *colors)
{
  gsize step = (gsize) GST_VIDEO_FRAME_COMP_PSTRIDE (frame, 0);
  g_autofree guint16 *scratch = g_new (guint16, map->width);
  g_autofree guint8 *levels = g_malloc (place->width);
  GstCpacEnlarger enlarger;

  gst_cpac_enlarger_init (&enlarger, map->levels, map->width, map->height, place->width,
                          place->height);
  for (guint i = 0; i < place->height; i++) {
    guint8 *row = (guint8 *) GST_VIDEO_FRAME_PLANE_DATA (frame, 0) +
                  (gsize) (place->y + i) * (gsize) GST_VIDEO_FRAME_PLANE_STRIDE (frame, 0) +
                  place->x * step;

    gst_cpac_enlarger_read (&enlarger, i, 0, place->width, scratch, step == 1 ? row : levels);
    if (step > 1)
      write_row (row, levels, place->width, colors);
  }
}

/* FALSE when there is no map to draw. */
static gboolean
draw (GstCpacHeatmap *self, GstBuffer *buffer, GstVideoFrame *frame)
{
  GstCpacHeatmapSettings settings = copy_settings (self);
  g_auto (GstCpacScoreReading) reading = { 0 };
  g_auto (GstCpacMap) map = { 0 };
  CpacRect place;

  fill_zero (frame);
  if (!settings.source_is_valid) {
    if (self->warned_serial != settings.source_serial)
      GST_ELEMENT_WARNING (self, LIBRARY, SETTINGS,
                           ("Frames are empty: property \"source\" is no source, " EXPECTED),
                           (NULL));
    self->warned_serial = settings.source_serial;
    return FALSE;
  }
  if (!gst_cpac_score_meta_read (buffer, &reading) ||
      !gst_cpac_source_find (&settings.source, &reading.inspection, settings.feature_range, &map))
    return FALSE;
  place = gst_cpac_place_region (&reading.inspection, (guint) GST_VIDEO_FRAME_WIDTH (frame),
                                 (guint) GST_VIDEO_FRAME_HEIGHT (frame));
  draw_map (frame, &map, &place, gst_cpac_colormap_get (settings.colormap));
  return TRUE;
}

static GstFlowReturn
gst_cpac_heatmap_transform (GstBaseTransform *base, GstBuffer *in, GstBuffer *out)
{
  GstCpacHeatmap *self = GST_CPAC_HEATMAP (base);
  GstVideoFrame frame;

  if (!gst_video_frame_map (&frame, &self->out, out, GST_MAP_WRITE)) {
    GST_ELEMENT_ERROR (self, RESOURCE, WRITE, ("The output buffer cannot be written"), (NULL));
    return GST_FLOW_ERROR;
  }
  if (draw (self, in, &frame))
    GST_BUFFER_FLAG_UNSET (out, GST_BUFFER_FLAG_GAP);
  else
    GST_BUFFER_FLAG_SET (out, GST_BUFFER_FLAG_GAP);
  gst_video_frame_unmap (&frame);
  return GST_FLOW_OK;
}

#define FLAGS (G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_PLAYING)

static void
install_properties (GObjectClass *class)
{
  /**
   * cpacheatmap:source:
   *
   * Which map of the metadata is shown:
   *
   * * `heatmap` (default, also where nothing is set): where the score comes from;
   * * `feature:LAYER`: all maps of a layer that #cpacscore:features publishes, as the root of the
   *   mean of their squares: 0 is black, #cpacheatmap:feature-range white;
   * * `feature:LAYER:CHANNEL`: one of these maps, counted from 0: mid-gray is 0, black and white
   * are -feature-range and feature-range;
   * * `component:INDEX`: what one component of the network adds to the heat map, the strongest is
   *   0 (see #cpacscore:explain): mid-gray is nothing, black and white the bounds in the metadata.
   *
   * Anything else is an ERROR at start; set while frames flow it is one WARNING, and frames are
   * empty.
   */
  g_object_class_install_property (
      class, PROP_SOURCE,
      g_param_spec_string ("source", "Source map",
                           "Which map: heatmap, feature:LAYER, feature:LAYER:CHANNEL or "
                           "component:INDEX",
                           NULL, FLAGS));
  g_object_class_install_property (
      class, PROP_COLORMAP,
      g_param_spec_enum ("colormap", "Colour map",
                         "Colours of the output: gray gives GRAY8, any other one RGB",
                         GST_TYPE_CPAC_COLORMAP, DEFAULT_COLORMAP, FLAGS));
  g_object_class_install_property (
      class, PROP_FEATURE_RANGE,
      g_param_spec_double ("feature-range", "Feature range",
                           "Value of a feature that is shown white, the same on every frame", 1e-9,
                           1e9, DEFAULT_FEATURE_RANGE, FLAGS));
}

static void
gst_cpac_heatmap_class_init (GstCpacHeatmapClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GstElementClass *element_class = GST_ELEMENT_CLASS (class);
  GstBaseTransformClass *base_class = GST_BASE_TRANSFORM_CLASS (class);

  GST_DEBUG_CATEGORY_INIT (gst_cpac_heatmap_debug, "cpacheatmap", 0, "CPAC heat maps as video");
  gst_cpac_score_meta_register ();
  object_class->set_property = gst_cpac_heatmap_set_property;
  object_class->get_property = gst_cpac_heatmap_get_property;
  object_class->finalize = gst_cpac_heatmap_finalize;
  install_properties (object_class);
  base_class->start = GST_DEBUG_FUNCPTR (gst_cpac_heatmap_start);
  base_class->transform_caps = GST_DEBUG_FUNCPTR (gst_cpac_heatmap_transform_caps);
  base_class->fixate_caps = GST_DEBUG_FUNCPTR (gst_cpac_heatmap_fixate_caps);
  base_class->set_caps = GST_DEBUG_FUNCPTR (gst_cpac_heatmap_set_caps);
  base_class->propose_allocation = GST_DEBUG_FUNCPTR (gst_cpac_heatmap_propose_allocation);
  base_class->transform_size = GST_DEBUG_FUNCPTR (gst_cpac_heatmap_transform_size);
  base_class->transform = GST_DEBUG_FUNCPTR (gst_cpac_heatmap_transform);

  gst_element_class_add_static_pad_template (element_class, &sink_template);
  gst_element_class_add_static_pad_template (element_class, &src_template);
  gst_element_class_set_static_metadata (
      element_class, "CPAC heat maps as video", "Filter/Converter/Video",
      "Turns the heat map, or another map, in the metadata of cpacscore into video",
      "gst-cpac authors <maintainers@gst-cpac.example>");
  gst_type_mark_as_plugin_api (GST_TYPE_CPAC_COLORMAP, 0);
}

static void
gst_cpac_heatmap_init (GstCpacHeatmap *self)
{
  gst_base_transform_set_gap_aware (GST_BASE_TRANSFORM (self), TRUE);
  gst_base_transform_set_qos_enabled (GST_BASE_TRANSFORM (self), FALSE);
  self->settings = (GstCpacHeatmapSettings){
    .source = { .kind = GST_CPAC_SOURCE_HEATMAP },
    .source_is_valid = TRUE,
    .colormap = DEFAULT_COLORMAP,
    .feature_range = DEFAULT_FEATURE_RANGE,
  };
}
