/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/**
 * SECTION:element-cpacheatmap
 * @title: cpacheatmap
 *
 * The heat map that cpacscore left in the metadata, as video: one gray frame for each frame, with
 * its times and metadata. Mid-gray is the threshold (where the model states no range of its own);
 * the scale is never stretched to a frame.
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
#include "plugin/score-meta.h"

GST_DEBUG_CATEGORY_STATIC (gst_cpac_heatmap_debug);
#define GST_CAT_DEFAULT gst_cpac_heatmap_debug

/* Only the metadata is read, so any memory and format will do. */
static GstStaticPadTemplate sink_template = GST_STATIC_PAD_TEMPLATE (
    "sink", GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS ("video/x-raw(ANY)"));
static GstStaticPadTemplate src_template = GST_STATIC_PAD_TEMPLATE (
    "src", GST_PAD_SRC, GST_PAD_ALWAYS,
    GST_STATIC_CAPS ("video/x-raw, format=GRAY8, width=[1, 32768], height=[1, 32768], "
                     "framerate=[0/1, 2147483647/1]"));

G_DEFINE_TYPE (GstCpacHeatmap, gst_cpac_heatmap, GST_TYPE_BASE_TRANSFORM)
GST_ELEMENT_REGISTER_DEFINE (cpacheatmap, "cpacheatmap", GST_RANK_NONE, GST_TYPE_CPAC_HEATMAP)

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

/* FALSE when there is no map to draw. */
static gboolean
draw (GstBuffer *buffer, const GstCpacGray *frame)
{
  g_auto (GstCpacScoreReading) reading = { 0 };
  const CpacInspection *inspection = &reading.inspection;
  GstCpacGray place;
  CpacRect rect;

  for (guint i = 0; i < frame->height; i++)
    memset (frame->data + i * frame->stride, 0, frame->width);
  if (!gst_cpac_score_meta_read (buffer, &reading) || inspection->heatmap == NULL)
    return FALSE;
  rect = gst_cpac_place_region (inspection, frame->width, frame->height);
  place = (GstCpacGray){ .data = frame->data + rect.y * frame->stride + rect.x,
                         .width = rect.width,
                         .height = rect.height,
                         .stride = frame->stride };
  gst_cpac_enlarge (inspection->heatmap, inspection->map_width, inspection->map_height, &place);
  return TRUE;
}

static GstFlowReturn
gst_cpac_heatmap_transform (GstBaseTransform *base, GstBuffer *in, GstBuffer *out)
{
  GstCpacHeatmap *self = GST_CPAC_HEATMAP (base);
  GstVideoFrame video;
  GstCpacGray frame;

  if (!gst_video_frame_map (&video, &self->out, out, GST_MAP_WRITE)) {
    GST_ELEMENT_ERROR (self, RESOURCE, WRITE, ("The output buffer cannot be written"), (NULL));
    return GST_FLOW_ERROR;
  }
  frame = (GstCpacGray){
    .data = GST_VIDEO_FRAME_PLANE_DATA (&video, 0),
    .width = (guint) GST_VIDEO_FRAME_WIDTH (&video),
    .height = (guint) GST_VIDEO_FRAME_HEIGHT (&video),
    .stride = (gsize) GST_VIDEO_FRAME_PLANE_STRIDE (&video, 0),
  };
  if (draw (in, &frame))
    GST_BUFFER_FLAG_UNSET (out, GST_BUFFER_FLAG_GAP);
  else
    GST_BUFFER_FLAG_SET (out, GST_BUFFER_FLAG_GAP);
  gst_video_frame_unmap (&video);
  return GST_FLOW_OK;
}

static void
gst_cpac_heatmap_class_init (GstCpacHeatmapClass *class)
{
  GstElementClass *element_class = GST_ELEMENT_CLASS (class);
  GstBaseTransformClass *base_class = GST_BASE_TRANSFORM_CLASS (class);

  GST_DEBUG_CATEGORY_INIT (gst_cpac_heatmap_debug, "cpacheatmap", 0, "CPAC heat maps as video");
  gst_cpac_score_meta_register ();
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
      "Turns the heat map in the metadata of cpacscore into gray video",
      "gst-cpac authors <maintainers@gst-cpac.example>");
}

static void
gst_cpac_heatmap_init (GstCpacHeatmap *self)
{
  gst_base_transform_set_gap_aware (GST_BASE_TRANSFORM (self), TRUE);
  gst_base_transform_set_qos_enabled (GST_BASE_TRANSFORM (self), FALSE);
}
