/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/**
 * SECTION:element-cpacscore
 * @title: cpacscore
 *
 * Scores every frame for defects with a compact network. Frames go on untouched, whatever happens,
 * and carry a `CpacScoreMeta` (a custom meta: gst_buffer_get_custom_meta()) with status, verdict,
 * score, heat map and defect regions. Only the verdict `ok` may release a part: every other value,
 * and silence, mean "do not pass".
 *
 * Pixels are only read, so nothing is copied, even behind a tee. Elements before this one should
 * not drop frames: videoconvert and videoscale need `qos=false`. A frame flagged GAP passes with
 * status `skipped`; one flagged CORRUPTED is scored, its verdict is `undefined`. A second cpacscore
 * in the same stream replaces the metadata of the first.
 *
 * Messages on the bus, each with the times `timestamp`, `stream-time`, `running-time` and
 * `duration` (guint64, ns):
 *
 * * `cpac-score` (see #cpacscore:messages): the metadata's plain fields;
 * * `cpac-model-changed`: `frame` (guint64, the first one scored by it), `model`, `model-sha256`,
 *   `config-sha256`, `location` (strings);
 * * `cpac-frames-lost`, when a buffer flagged DISCONT skips numbers of GST_BUFFER_OFFSET: `frame`,
 *   `lost`, `total-lost` (guint64); a QOS message goes with it.
 *
 * A custom downstream event `cpac-part` with the field `part-id` (string) names the physical part
 * from there on; without the field, no part is known.
 *
 * ## Example launch line
 * |[
 * gst-launch-1.0 -m videotestsrc num-buffers=30 ! video/x-raw,format=GRAY8 ! cpacscore
 * model=model.yaml messages=all ! fakesink
 * ]|
 */

#include "plugin/gstcpacscore.h"

#include "core/kernels/kernels.h"
#include "plugin/mask-file.h"
#include "plugin/score-meta.h"
#include "plugin/score-properties.h"
#include "plugin/video-frame.h"

GST_DEBUG_CATEGORY (gst_cpac_score_debug);
#define GST_CAT_DEFAULT gst_cpac_score_debug

/* The largest side is CPAC_FRAME_MAX_SIDE. */
#define VIDEO_CAPS                                                                                 \
  "video/x-raw, format=" GST_CPAC_VIDEO_FORMATS ", width=[1, 32768], height=[1, 32768], "          \
  "framerate=[0/1, 2147483647/1]"

static GstStaticPadTemplate sink_template =
    GST_STATIC_PAD_TEMPLATE ("sink", GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS (VIDEO_CAPS));
static GstStaticPadTemplate src_template =
    GST_STATIC_PAD_TEMPLATE ("src", GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS (VIDEO_CAPS));

G_DEFINE_TYPE (GstCpacScore, gst_cpac_score, GST_TYPE_BASE_TRANSFORM)
GST_ELEMENT_REGISTER_DEFINE (cpacscore, "cpacscore", GST_RANK_NONE, GST_TYPE_CPAC_SCORE)

static void
gst_cpac_score_finalize (GObject *object)
{
  GstCpacScore *self = GST_CPAC_SCORE (object);

  gst_cpac_loader_free (self->loader);
  gst_cpac_score_clear_properties (self);
  G_OBJECT_CLASS (gst_cpac_score_parent_class)->finalize (object);
}

void
gst_cpac_score_update_min_size (GstCpacScore *self)
{
  const CpacInputSpec *input = cpac_model_get_input (cpac_scorer_get_model (self->scorer));

  GST_OBJECT_LOCK (self);
  self->min_width = input->min_width;
  self->min_height = input->min_height;
  GST_OBJECT_UNLOCK (self);
}

/* Everything that is counted or known of a stream begins anew. */
static void
reset_stream (GstCpacScore *self)
{
  self->next_offset = GST_BUFFER_OFFSET_NONE;
  g_clear_pointer (&self->part_id, g_free);
  GST_OBJECT_LOCK (self);
  self->overload.earliest = GST_CLOCK_TIME_NONE;
  GST_OBJECT_UNLOCK (self);
}

static void
post_start_error (GstCpacScore *self, const GError *error)
{
  GQuark domain;
  gint code;

  gst_cpac_loader_classify_error (error, &domain, &code);
  gst_element_message_full (GST_ELEMENT (self), GST_MESSAGE_ERROR, domain, code,
                            g_strdup (error->message), NULL, __FILE__, GST_FUNCTION, __LINE__);
}

static gboolean
check_settings (GstCpacScore *self, GError **error)
{
  g_autofree char *region = NULL;
  gboolean region_is_valid;
  CpacLevel level;
  guint bit_depth;

  GST_OBJECT_LOCK (self);
  region = g_strdup (self->region);
  region_is_valid = self->settings.region_is_valid;
  bit_depth = self->bit_depth;
  GST_OBJECT_UNLOCK (self);

  if (!region_is_valid) {
    g_set_error (error, CPAC_ERROR, CPAC_ERROR_SCHEMA,
                 "property \"region\" is \"%s\", expected x,y,width,height in pixels", region);
    return FALSE;
  }
  if (bit_depth != 0 && bit_depth < 9) {
    g_set_error (error, CPAC_ERROR, CPAC_ERROR_SCHEMA,
                 "property \"bit-depth\" is %u, expected 0 or 9 to 16", bit_depth);
    return FALSE;
  }
  if (!cpac_level_get (&level, error))
    return FALSE;
  GST_INFO_OBJECT (self, "kernels of level %s", cpac_level_to_string (level));
  return TRUE;
}

/* Opens the loader first, so that no change of the property is missed. */
static gboolean
load_model (GstCpacScore *self, GError **error)
{
  g_autofree char *model = NULL, *features = NULL, *mask_path = NULL;
  g_autoptr (CpacIgnoreMask) mask = NULL;
  guint n_threads;

  GST_OBJECT_LOCK (self);
  features = g_strdup (self->features);
  mask_path = g_strdup (self->ignore_mask);
  n_threads = self->n_threads;
  GST_OBJECT_UNLOCK (self);
  if (mask_path != NULL && *mask_path != '\0' &&
      (mask = gst_cpac_mask_load (mask_path, error)) == NULL)
    return FALSE;
  gst_cpac_loader_open (self->loader, n_threads, features, mask);
  GST_OBJECT_LOCK (self);
  model = g_strdup (self->model);
  GST_OBJECT_UNLOCK (self);
  self->scorer = gst_cpac_loader_load (self->loader, model, error);
  return self->scorer != NULL;
}

static gboolean
gst_cpac_score_start (GstBaseTransform *base)
{
  GstCpacScore *self = GST_CPAC_SCORE (base);
  g_autoptr (GError) error = NULL;

  if (!check_settings (self, &error) || !load_model (self, &error)) {
    gst_cpac_loader_close (self->loader);
    post_start_error (self, error);
    return FALSE;
  }
  gst_cpac_score_update_min_size (self);
  reset_stream (self);
  self->n_frames = 0;
  self->explain = 0;
  self->configured = self->warned_map = self->warned_analytics = FALSE;
  GST_OBJECT_LOCK (self);
  self->stats = (GstCpacScoreStats){ 0 };
  self->overload.latency = 0;
  GST_OBJECT_UNLOCK (self);
  return TRUE;
}

static gboolean
gst_cpac_score_stop (GstBaseTransform *base)
{
  GstCpacScore *self = GST_CPAC_SCORE (base);

  gst_cpac_loader_close (self->loader);
  g_clear_pointer (&self->scorer, cpac_scorer_free);
  gst_cpac_map_caps_clear (&self->map_caps);
  reset_stream (self);
  GST_OBJECT_LOCK (self);
  self->min_width = self->min_height = 1;
  GST_OBJECT_UNLOCK (self);
  return TRUE;
}

/* Frames of at least the model's size, unless only a region of them is looked at. */
static GstCaps *
get_size_caps (GstCpacScore *self)
{
  gint width = 1, height = 1;
  GstCaps *caps;

  GST_OBJECT_LOCK (self);
  if (self->settings.region.width == 0) {
    width = (gint) self->min_width;
    height = (gint) self->min_height;
  }
  GST_OBJECT_UNLOCK (self);
  caps =
      gst_caps_new_simple ("video/x-raw", "width", GST_TYPE_INT_RANGE, width, CPAC_FRAME_MAX_SIDE,
                           "height", GST_TYPE_INT_RANGE, height, CPAC_FRAME_MAX_SIDE, NULL);
  gst_caps_set_features_simple (caps, gst_caps_features_new_any ());
  return caps;
}

static GstCaps *
gst_cpac_score_transform_caps (GstBaseTransform *base, GstPadDirection direction, GstCaps *caps,
                               GstCaps *filter)
{
  g_autoptr (GstCaps) size = get_size_caps (GST_CPAC_SCORE (base));
  g_autoptr (GstCaps) result = gst_caps_intersect_full (caps, size, GST_CAPS_INTERSECT_FIRST);

  if (filter == NULL)
    return g_steal_pointer (&result);
  return gst_caps_intersect_full (filter, result, GST_CAPS_INTERSECT_FIRST);
}

static gboolean
gst_cpac_score_set_caps (GstBaseTransform *base, GstCaps *in, GstCaps *out)
{
  GstCpacScore *self = GST_CPAC_SCORE (base);

  if (!gst_video_info_from_caps (&self->video, in) ||
      !gst_cpac_frame_info_from_video (&self->video, &self->info)) {
    GST_ERROR_OBJECT (self, "cannot read frames of %" GST_PTR_FORMAT, in);
    return FALSE;
  }
  if (self->info.format == CPAC_PIXEL_GRAY16_LE || self->info.format == CPAC_PIXEL_GRAY16_BE) {
    GST_OBJECT_LOCK (self);
    self->info.bit_depth = self->bit_depth;
    GST_OBJECT_UNLOCK (self);
  }
  self->reconfigure = TRUE;
  return TRUE;
}

static gboolean
gst_cpac_score_propose_allocation (GstBaseTransform *base, GstQuery *decide, GstQuery *query)
{
  if (!GST_BASE_TRANSFORM_CLASS (gst_cpac_score_parent_class)
           ->propose_allocation (base, decide, query))
    return FALSE;
  gst_cpac_propose_video_meta (query);
  return TRUE;
}

static void
set_part (GstCpacScore *self, GstEvent *event)
{
  const GstStructure *structure = gst_event_get_structure (event);

  if (structure == NULL || !gst_structure_has_name (structure, "cpac-part"))
    return;
  g_free (self->part_id);
  self->part_id = g_strdup (gst_structure_get_string (structure, "part-id"));
  GST_DEBUG_OBJECT (self, "part \"%s\"", GST_STR_NULL (self->part_id));
}

static gboolean
gst_cpac_score_sink_event (GstBaseTransform *base, GstEvent *event)
{
  GstCpacScore *self = GST_CPAC_SCORE (base);

  switch (GST_EVENT_TYPE (event)) {
    case GST_EVENT_CUSTOM_DOWNSTREAM:
      set_part (self, event);
      break;
    case GST_EVENT_FLUSH_STOP:
      reset_stream (self);
      break;
    case GST_EVENT_STREAM_START:
      /* The part on another stream's last frame is not on this one's. */
      g_clear_pointer (&self->part_id, g_free);
      self->next_offset = GST_BUFFER_OFFSET_NONE;
      break;
    case GST_EVENT_SEGMENT:
      /* A jump of offsets across it is no loss, nor is one across streams. */
      self->next_offset = GST_BUFFER_OFFSET_NONE;
      break;
    default:
      break;
  }
  return GST_BASE_TRANSFORM_CLASS (gst_cpac_score_parent_class)->sink_event (base, event);
}

static gboolean
gst_cpac_score_src_event (GstBaseTransform *base, GstEvent *event)
{
  GstCpacScore *self = GST_CPAC_SCORE (base);

  GST_OBJECT_LOCK (self);
  gst_cpac_overload_note_event (&self->overload, event);
  GST_OBJECT_UNLOCK (self);
  return GST_BASE_TRANSFORM_CLASS (gst_cpac_score_parent_class)->src_event (base, event);
}

static gboolean
answer_latency (GstCpacScore *self, GstQuery *query)
{
  gboolean live;
  GstClockTime min, max, own;

  if (!gst_pad_peer_query (GST_BASE_TRANSFORM_SINK_PAD (self), query))
    return FALSE;
  GST_OBJECT_LOCK (self);
  own = self->processing_latency;
  GST_OBJECT_UNLOCK (self);
  gst_query_parse_latency (query, &live, &min, &max);
  min += own;
  if (GST_CLOCK_TIME_IS_VALID (max))
    max += own;
  gst_query_set_latency (query, live, min, max);
  return TRUE;
}

static gboolean
gst_cpac_score_query (GstBaseTransform *base, GstPadDirection direction, GstQuery *query)
{
  if (direction == GST_PAD_SRC && GST_QUERY_TYPE (query) == GST_QUERY_LATENCY)
    return answer_latency (GST_CPAC_SCORE (base), query);
  return GST_BASE_TRANSFORM_CLASS (gst_cpac_score_parent_class)->query (base, direction, query);
}

/* Brings controlled properties to the time of the frame. */
static void
gst_cpac_score_before_transform (GstBaseTransform *base, GstBuffer *buffer)
{
  GstCpacTimes times;

  gst_cpac_times_of_buffer (&times, &base->segment, buffer);
  if (GST_CLOCK_TIME_IS_VALID (times.stream_time))
    gst_object_sync_values (GST_OBJECT (base), times.stream_time);
}

static GstFlowReturn
gst_cpac_score_transform_ip (GstBaseTransform *base, GstBuffer *buffer)
{
  gst_cpac_score_process (GST_CPAC_SCORE (base), buffer);
  return GST_FLOW_OK;
}

static void
gst_cpac_score_class_init (GstCpacScoreClass *class)
{
  GstElementClass *element_class = GST_ELEMENT_CLASS (class);
  GstBaseTransformClass *base_class = GST_BASE_TRANSFORM_CLASS (class);

  GST_DEBUG_CATEGORY_INIT (gst_cpac_score_debug, "cpacscore", 0, "CPAC defect scores");
  gst_cpac_score_meta_register ();
  G_OBJECT_CLASS (class)->finalize = gst_cpac_score_finalize;
  gst_cpac_score_install_properties (G_OBJECT_CLASS (class));
  base_class->start = GST_DEBUG_FUNCPTR (gst_cpac_score_start);
  base_class->stop = GST_DEBUG_FUNCPTR (gst_cpac_score_stop);
  base_class->transform_caps = GST_DEBUG_FUNCPTR (gst_cpac_score_transform_caps);
  base_class->set_caps = GST_DEBUG_FUNCPTR (gst_cpac_score_set_caps);
  base_class->propose_allocation = GST_DEBUG_FUNCPTR (gst_cpac_score_propose_allocation);
  base_class->sink_event = GST_DEBUG_FUNCPTR (gst_cpac_score_sink_event);
  base_class->src_event = GST_DEBUG_FUNCPTR (gst_cpac_score_src_event);
  base_class->query = GST_DEBUG_FUNCPTR (gst_cpac_score_query);
  base_class->before_transform = GST_DEBUG_FUNCPTR (gst_cpac_score_before_transform);
  base_class->transform_ip = GST_DEBUG_FUNCPTR (gst_cpac_score_transform_ip);

  gst_element_class_add_static_pad_template (element_class, &sink_template);
  gst_element_class_add_static_pad_template (element_class, &src_template);
  gst_element_class_set_static_metadata (
      element_class, "CPAC defect scores", "Filter/Analyzer/Video",
      "Scores frames for defects with a CPAC network and attaches verdict, score and maps",
      "gst-cpac authors <maintainers@gst-cpac.example>");
  gst_type_mark_as_plugin_api (GST_TYPE_CPAC_THRESHOLD_MODE, 0);
  gst_type_mark_as_plugin_api (GST_TYPE_CPAC_OVERLOAD_POLICY, 0);
  gst_type_mark_as_plugin_api (GST_TYPE_CPAC_MESSAGES, 0);
}

/* The base class lets anybody switch its QoS on, and would then drop frames unseen. */
static void
keep_qos_off (GstBaseTransform *base, GParamSpec *pspec, gpointer user_data)
{
  if (!gst_base_transform_is_qos_enabled (base))
    return;
  GST_WARNING_OBJECT (base, "qos stays off: no frame may vanish; see overload-policy");
  gst_base_transform_set_qos_enabled (base, FALSE);
}

static void
gst_cpac_score_init (GstCpacScore *self)
{
  GstBaseTransform *base = GST_BASE_TRANSFORM (self);

  /* Metadata can only be added to a buffer of our own, hence no passthrough; and no frame may
   * vanish, hence none of the base class's QoS and every GAP passed on. */
  gst_base_transform_set_in_place (base, TRUE);
  gst_base_transform_set_passthrough (base, FALSE);
  gst_base_transform_set_gap_aware (base, TRUE);
  gst_base_transform_set_qos_enabled (base, FALSE);
  g_signal_connect (self, "notify::qos", G_CALLBACK (keep_qos_off), NULL);
  self->loader = gst_cpac_loader_new (GST_ELEMENT (self));
  self->overload = (GstCpacOverload) GST_CPAC_OVERLOAD_INIT;
  self->min_width = self->min_height = 1;
  gst_cpac_score_init_properties (self);
}
