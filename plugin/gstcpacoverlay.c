/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/**
 * SECTION:element-cpacoverlay
 * @title: cpacoverlay
 *
 * Draws what cpacscore left in the metadata onto the frames, for people at a monitor: the verdict
 * as a word on a coloured badge with a shape of its own, the score against its limit, and on frames
 * that are not `ok` the heat map, the contour where it passes the threshold, and the defect regions
 * with number, score and area. Every part can be switched off. The map is shown at its fixed scale,
 * transparent up to the warn-threshold: it means the same on every frame, and a good part does not
 * glow.
 *
 * Frames without metadata and frames flagged GAP pass untouched; a frame that was not looked at
 * says so instead of a verdict. A frame on which there is nothing to draw is never copied, one that
 * is shared with others (behind a tee) is copied before it is drawn on, any other one is drawn on
 * in place. It may stand behind videoscale: places are relative to the frame, and letters and lines
 * suit the height of the frames that come in. Areas are in pixels of the frame that was scored.
 *
 * ## Example launch line
 * |[
 * gst-launch-1.0 v4l2src ! videoconvert qos=false ! cpacscore model=model.yaml ! cpacoverlay
 * ! videoconvert ! autovideosink
 * ]|
 */

#include "plugin/gstcpacoverlay.h"

#include "plugin/score-meta.h"
#include "plugin/video-frame.h"

GST_DEBUG_CATEGORY_STATIC (gst_cpac_overlay_debug);
#define GST_CAT_DEFAULT gst_cpac_overlay_debug

#define DEFAULT_VERDICT TRUE
#define DEFAULT_SCORE TRUE
#define DEFAULT_PART TRUE
#define DEFAULT_HEATMAP TRUE
#define DEFAULT_CONTOURS TRUE
#define DEFAULT_BOXES TRUE
#define DEFAULT_LABELS TRUE
#define DEFAULT_MARK_OK FALSE
#define DEFAULT_OPACITY 0.5
#define DEFAULT_COLORMAP GST_CPAC_COLORMAP_THERMAL
#define DEFAULT_FONT_SCALE 1.0

enum {
  PROP_0,
  PROP_VERDICT,
  PROP_SCORE,
  PROP_PART,
  PROP_HEATMAP,
  PROP_CONTOURS,
  PROP_BOXES,
  PROP_LABELS,
  PROP_MARK_OK,
  PROP_OPACITY,
  PROP_COLORMAP,
  PROP_FONT_SCALE,
};

/* The largest side is GST_CPAC_CANVAS_MAX_SIDE. */
#define VIDEO_CAPS                                                                                 \
  "video/x-raw, format=" GST_CPAC_VIDEO_FORMATS ", width=[1, 32767], height=[1, 32767], "          \
  "framerate=[0/1, 2147483647/1]"

static GstStaticPadTemplate sink_template =
    GST_STATIC_PAD_TEMPLATE ("sink", GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS (VIDEO_CAPS));
static GstStaticPadTemplate src_template =
    GST_STATIC_PAD_TEMPLATE ("src", GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS (VIDEO_CAPS));

G_DEFINE_TYPE (GstCpacOverlay, gst_cpac_overlay, GST_TYPE_BASE_TRANSFORM)
GST_ELEMENT_REGISTER_DEFINE (cpacoverlay, "cpacoverlay", GST_RANK_NONE, GST_TYPE_CPAC_OVERLAY)

/* The switch that property @id is; NULL for another property. */
static gboolean *
find_switch (GstCpacOverlaySettings *settings, guint id)
{
  switch (id) {
    case PROP_VERDICT:
      return &settings->verdict;
    case PROP_SCORE:
      return &settings->score;
    case PROP_PART:
      return &settings->part;
    case PROP_HEATMAP:
      return &settings->heatmap;
    case PROP_CONTOURS:
      return &settings->contours;
    case PROP_BOXES:
      return &settings->boxes;
    case PROP_LABELS:
      return &settings->labels;
    case PROP_MARK_OK:
      return &settings->mark_ok;
    default:
      return NULL;
  }
}

static void
gst_cpac_overlay_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  GstCpacOverlay *self = GST_CPAC_OVERLAY (object);
  gboolean *is_on = find_switch (&self->settings, id);

  GST_OBJECT_LOCK (self);
  if (is_on != NULL)
    *is_on = g_value_get_boolean (value);
  else if (id == PROP_OPACITY)
    self->settings.opacity = g_value_get_double (value);
  else if (id == PROP_COLORMAP)
    self->settings.colormap = g_value_get_enum (value);
  else if (id == PROP_FONT_SCALE)
    self->settings.font_scale = g_value_get_double (value);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  GST_OBJECT_UNLOCK (self);
}

static void
gst_cpac_overlay_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  GstCpacOverlay *self = GST_CPAC_OVERLAY (object);
  const gboolean *is_on = find_switch (&self->settings, id);

  GST_OBJECT_LOCK (self);
  if (is_on != NULL)
    g_value_set_boolean (value, *is_on);
  else if (id == PROP_OPACITY)
    g_value_set_double (value, self->settings.opacity);
  else if (id == PROP_COLORMAP)
    g_value_set_enum (value, (gint) self->settings.colormap);
  else if (id == PROP_FONT_SCALE)
    g_value_set_double (value, self->settings.font_scale);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  GST_OBJECT_UNLOCK (self);
}

static gboolean
gst_cpac_overlay_set_caps (GstBaseTransform *base, GstCaps *in, GstCaps *out)
{
  GstCpacOverlay *self = GST_CPAC_OVERLAY (base);

  if (!gst_video_info_from_caps (&self->video, in)) {
    GST_ERROR_OBJECT (self, "cannot read frames of %" GST_PTR_FORMAT, in);
    return FALSE;
  }
  gst_cpac_blender_init (&self->blender, &self->video);
  return TRUE;
}

static gboolean
gst_cpac_overlay_start (GstBaseTransform *base)
{
  GST_CPAC_OVERLAY (base)->warned = FALSE;
  return TRUE;
}

static gboolean
gst_cpac_overlay_stop (GstBaseTransform *base)
{
  g_clear_pointer (&GST_CPAC_OVERLAY (base)->painter, gst_cpac_painter_free);
  return TRUE;
}

static gboolean
gst_cpac_overlay_propose_allocation (GstBaseTransform *base, GstQuery *decide, GstQuery *query)
{
  if (!GST_BASE_TRANSFORM_CLASS (gst_cpac_overlay_parent_class)
           ->propose_allocation (base, decide, query))
    return FALSE;
  gst_cpac_propose_video_meta (query);
  return TRUE;
}

static void
warn (GstCpacOverlay *self, const char *reason)
{
  if (!self->warned)
    GST_ELEMENT_WARNING (self, RESOURCE, FAILED, ("Frames pass without a drawing: %s", reason),
                         (NULL));
  self->warned = TRUE;
}

static gboolean
ensure_painter (GstCpacOverlay *self)
{
  guint width = (guint) GST_VIDEO_INFO_WIDTH (&self->video);
  guint height = (guint) GST_VIDEO_INFO_HEIGHT (&self->video);

  if (self->painter == NULL)
    self->painter = gst_cpac_painter_new (width, height);
  if (self->painter != NULL && gst_cpac_painter_resize (self->painter, width, height))
    return TRUE;
  warn (self, "there is not enough memory");
  return FALSE;
}

/* Draws what belongs onto @buffer beside it; FALSE when that is nothing. */
static gboolean
paint (GstCpacOverlay *self, GstBuffer *buffer)
{
  g_auto (GstCpacScoreReading) reading = { 0 };
  GstCpacOverlaySettings settings;

  if (GST_BUFFER_FLAG_IS_SET (buffer, GST_BUFFER_FLAG_GAP) ||
      !gst_cpac_score_meta_read (buffer, &reading) || !ensure_painter (self))
    return FALSE;
  GST_OBJECT_LOCK (self);
  settings = self->settings;
  GST_OBJECT_UNLOCK (self);
  gst_cpac_painter_paint (self->painter, &settings, &reading.inspection);
  return !self->painter->canvas->is_empty;
}

/* A frame that is going to be drawn on needs metadata and pixels of its own: the base class sees to
 * the former, mapping for writing to the latter. Any other one goes on as it is. */
static GstFlowReturn
gst_cpac_overlay_prepare_output_buffer (GstBaseTransform *base, GstBuffer *in, GstBuffer **out)
{
  GstCpacOverlay *self = GST_CPAC_OVERLAY (base);

  self->is_painted = paint (self, in);
  if (self->is_painted)
    return GST_BASE_TRANSFORM_CLASS (gst_cpac_overlay_parent_class)
        ->prepare_output_buffer (base, in, out);
  *out = in;
  return GST_FLOW_OK;
}

static GstFlowReturn
gst_cpac_overlay_transform_ip (GstBaseTransform *base, GstBuffer *buffer)
{
  GstCpacOverlay *self = GST_CPAC_OVERLAY (base);
  GstVideoFrame frame;

  if (!self->is_painted)
    return GST_FLOW_OK;
  if (gst_video_frame_map (&frame, &self->video, buffer, GST_MAP_READWRITE)) {
    gst_cpac_canvas_blend (self->painter->canvas, &self->blender, &frame);
    gst_video_frame_unmap (&frame);
  } else {
    warn (self, "their pixels cannot be written");
  }
  return GST_FLOW_OK;
}

#define FLAGS (G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_PLAYING)

static void
install_switch (GObjectClass *class, guint id, const char *name, const char *nick,
                const char *blurb, gboolean value)
{
  g_object_class_install_property (class, id,
                                   g_param_spec_boolean (name, nick, blurb, value, FLAGS));
}

static void
install_switches (GObjectClass *class)
{
  install_switch (class, PROP_VERDICT, "verdict", "Verdict badge",
                  "Draw the verdict: a word, a shape and a colour", DEFAULT_VERDICT);
  install_switch (class, PROP_SCORE, "score", "Score and limit",
                  "Draw the score, its threshold, a gauge of both, and the class", DEFAULT_SCORE);
  install_switch (class, PROP_PART, "part", "Part name",
                  "Draw the identifier of the physical part, where one is known", DEFAULT_PART);
  install_switch (class, PROP_HEATMAP, "heatmap", "Heat map",
                  "Draw what the heat map has above the warn-threshold", DEFAULT_HEATMAP);
  install_switch (class, PROP_CONTOURS, "contours", "Contour lines",
                  "Draw where the heat map passes the threshold, round the listed regions",
                  DEFAULT_CONTOURS);
  install_switch (class, PROP_BOXES, "boxes", "Region boxes",
                  "Draw boxes round the 16 strongest defect regions", DEFAULT_BOXES);
  install_switch (class, PROP_LABELS, "labels", "Region labels",
                  "Write number, score and area at the 16 strongest defect regions",
                  DEFAULT_LABELS);
  install_switch (class, PROP_MARK_OK, "mark-ok", "Mark good frames",
                  "Draw map, contours, boxes and labels on frames with the verdict ok, too",
                  DEFAULT_MARK_OK);
}

static void
install_looks (GObjectClass *class)
{
  g_object_class_install_property (class, PROP_OPACITY,
                                   g_param_spec_double ("opacity", "Heat map's opacity",
                                                        "Of the heat map from the threshold on", 0,
                                                        1, DEFAULT_OPACITY, FLAGS));
  g_object_class_install_property (
      class, PROP_COLORMAP,
      g_param_spec_enum ("colormap", "Colour map",
                         "Colours of the heat map, from 0 to twice the way to the threshold",
                         GST_TYPE_CPAC_COLORMAP, DEFAULT_COLORMAP, FLAGS));
  g_object_class_install_property (
      class, PROP_FONT_SCALE,
      g_param_spec_double ("font-scale", "Font scale",
                           "Size of letters: at 1 they are 1/32 of the frame's height", 0.25, 8,
                           DEFAULT_FONT_SCALE, FLAGS));
}

static void
gst_cpac_overlay_class_init (GstCpacOverlayClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GstElementClass *element_class = GST_ELEMENT_CLASS (class);
  GstBaseTransformClass *base_class = GST_BASE_TRANSFORM_CLASS (class);

  GST_DEBUG_CATEGORY_INIT (gst_cpac_overlay_debug, "cpacoverlay", 0, "CPAC verdicts on frames");
  gst_cpac_score_meta_register ();
  object_class->set_property = gst_cpac_overlay_set_property;
  object_class->get_property = gst_cpac_overlay_get_property;
  install_switches (object_class);
  install_looks (object_class);
  base_class->start = GST_DEBUG_FUNCPTR (gst_cpac_overlay_start);
  base_class->stop = GST_DEBUG_FUNCPTR (gst_cpac_overlay_stop);
  base_class->set_caps = GST_DEBUG_FUNCPTR (gst_cpac_overlay_set_caps);
  base_class->propose_allocation = GST_DEBUG_FUNCPTR (gst_cpac_overlay_propose_allocation);
  base_class->prepare_output_buffer = GST_DEBUG_FUNCPTR (gst_cpac_overlay_prepare_output_buffer);
  base_class->transform_ip = GST_DEBUG_FUNCPTR (gst_cpac_overlay_transform_ip);

  gst_element_class_add_static_pad_template (element_class, &sink_template);
  gst_element_class_add_static_pad_template (element_class, &src_template);
  gst_element_class_set_static_metadata (
      element_class, "CPAC verdicts on frames", "Filter/Effect/Video",
      "Draws verdict, score, heat map and defect regions of cpacscore onto the frames",
      "gst-cpac authors <maintainers@gst-cpac.example>");
  gst_type_mark_as_plugin_api (GST_TYPE_CPAC_COLORMAP, 0);
}

static void
gst_cpac_overlay_init (GstCpacOverlay *self)
{
  GstBaseTransform *base = GST_BASE_TRANSFORM (self);

  gst_base_transform_set_in_place (base, TRUE);
  gst_base_transform_set_passthrough (base, FALSE);
  gst_base_transform_set_gap_aware (base, TRUE);
  gst_base_transform_set_qos_enabled (base, FALSE);
  self->settings = (GstCpacOverlaySettings){
    .verdict = DEFAULT_VERDICT,
    .score = DEFAULT_SCORE,
    .part = DEFAULT_PART,
    .heatmap = DEFAULT_HEATMAP,
    .contours = DEFAULT_CONTOURS,
    .boxes = DEFAULT_BOXES,
    .labels = DEFAULT_LABELS,
    .mark_ok = DEFAULT_MARK_OK,
    .opacity = DEFAULT_OPACITY,
    .colormap = DEFAULT_COLORMAP,
    .font_scale = DEFAULT_FONT_SCALE,
  };
}
