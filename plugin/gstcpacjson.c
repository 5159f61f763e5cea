/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/**
 * SECTION:element-cpacjson
 * @title: cpacjson
 *
 * Turns the metadata of cpacscore into text: one journal line (JSON, schema `cpac-inspection/1`)
 * for every frame, with its timestamp and duration. As `application/x-ndjson` the stream is a whole
 * journal: a header line comes before the first frame's and a closing record with the ledger before
 * the end of the stream, each in a buffer of its own. As `text/x-raw, format=utf8` there are only
 * the frames' lines, without newline, for subtitle tracks and text overlays.
 *
 * A frame without metadata was not inspected: its line says status `skipped` and verdict
 * `undefined`, and the ledger counts it so. A stream without frames gives no line at all. Frames
 * need not be raw: what encoders keep is read behind them too.
 *
 * ## Example launch line
 * |[
 * gst-launch-1.0 videotestsrc num-buffers=30 ! cpacscore model=model.yaml ! cpacjson source=cam-top
 * ! filesink location=journal.jsonl
 * ]|
 */

#include "plugin/gstcpacjson.h"

#include <string.h>

#include "core/kernels/kernels.h"
#include "plugin/score-messages.h"
#include "plugin/score-meta.h"

GST_DEBUG_CATEGORY_STATIC (gst_cpac_json_debug);
#define GST_CAT_DEFAULT gst_cpac_json_debug

#define DEFAULT_TIMING TRUE
#define NDJSON "application/x-ndjson"

enum { PROP_0, PROP_SOURCE, PROP_TIMING };

static GstStaticPadTemplate sink_template =
    GST_STATIC_PAD_TEMPLATE ("sink", GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS_ANY);
static GstStaticPadTemplate src_template = GST_STATIC_PAD_TEMPLATE (
    "src", GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS (NDJSON "; text/x-raw, format=utf8"));

G_DEFINE_TYPE (GstCpacJson, gst_cpac_json, GST_TYPE_ELEMENT)
GST_ELEMENT_REGISTER_DEFINE (cpacjson, "cpacjson", GST_RANK_NONE, GST_TYPE_CPAC_JSON)

static void
gst_cpac_json_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  GstCpacJson *self = GST_CPAC_JSON (object);

  GST_OBJECT_LOCK (self);
  switch (id) {
    case PROP_SOURCE:
      g_free (self->source);
      self->source = g_value_dup_string (value);
      break;
    case PROP_TIMING:
      self->timing = g_value_get_boolean (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  }
  GST_OBJECT_UNLOCK (self);
}

static void
gst_cpac_json_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  GstCpacJson *self = GST_CPAC_JSON (object);

  GST_OBJECT_LOCK (self);
  switch (id) {
    case PROP_SOURCE:
      g_value_set_string (value, self->source);
      break;
    case PROP_TIMING:
      g_value_set_boolean (value, self->timing);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  }
  GST_OBJECT_UNLOCK (self);
}

static void
gst_cpac_json_finalize (GObject *object)
{
  g_free (GST_CPAC_JSON (object)->source);
  G_OBJECT_CLASS (gst_cpac_json_parent_class)->finalize (object);
}

static char *
dup_source (GstCpacJson *self)
{
  char *source;

  GST_OBJECT_LOCK (self);
  source = g_strdup (self->source);
  GST_OBJECT_UNLOCK (self);
  return source;
}

/* Takes @line. */
static GstFlowReturn
push_line (GstCpacJson *self, char *line, GstClockTime pts, GstClockTime duration)
{
  gsize length = strlen (line);
  GstBuffer *buffer;

  if (!self->journal)
    line[--length] = '\0';
  buffer = gst_buffer_new_wrapped (line, length);
  GST_BUFFER_PTS (buffer) = pts;
  GST_BUFFER_DURATION (buffer) = duration;
  return gst_pad_push (self->srcpad, buffer);
}

static GstFlowReturn
push_header (GstCpacJson *self, const CpacInspection *first, GstClockTime pts)
{
  g_autofree char *source = dup_source (self);
  CpacLevel level;
  CpacJournalHeader header = {
    .source = source,
    .model = first->model,
    .model_sha256 = first->model_sha256,
    .config_sha256 = first->config_sha256,
    .kernel_level = cpac_level_get (&level, NULL) ? cpac_level_to_string (level) : NULL,
  };

  self->header_written = TRUE;
  self->ledger = (CpacLedger){ 0 };
  return push_line (self, cpac_journal_header (&header), pts, GST_CLOCK_TIME_NONE);
}

/* The last line. What comes after it, behind a seek, begins another journal. */
static void
push_closing (GstCpacJson *self)
{
  if (!self->header_written)
    return;
  self->header_written = FALSE;
  push_line (self, cpac_journal_closing (&self->ledger), GST_CLOCK_TIME_NONE, GST_CLOCK_TIME_NONE);
}

static GstFlowReturn
push_frame (GstCpacJson *self, GstBuffer *buffer, const CpacInspection *inspection)
{
  g_autofree char *source = dup_source (self);
  CpacJournalFrame frame = { .source = source, .system_time_us = g_get_real_time () };
  GstFlowReturn flow = GST_FLOW_OK;
  GstCpacTimes times;

  gst_cpac_times_of_buffer (&times, &self->segment, buffer);
  frame.timestamp_ns = times.stream_time;
  GST_OBJECT_LOCK (self);
  frame.timing = self->timing;
  GST_OBJECT_UNLOCK (self);
  if (self->journal && !self->header_written)
    flow = push_header (self, inspection, times.timestamp);
  if (flow != GST_FLOW_OK)
    return flow;
  cpac_ledger_add (&self->ledger, inspection->verdict);
  return push_line (self, cpac_journal_line (inspection, &frame), times.timestamp, times.duration);
}

/* Chooses what downstream prefers, and says so with CAPS. Linked anew while frames flow, that may
 * be something else than before: a journal that ends so has no closing record, as when a pipe
 * breaks. */
static gboolean
negotiate (GstCpacJson *self)
{
  g_autoptr (GstCaps) template = gst_pad_get_pad_template_caps (self->srcpad);
  GstCaps *caps = gst_pad_peer_query_caps (self->srcpad, template);

  if (gst_caps_is_empty (caps)) {
    gst_caps_unref (caps);
    return FALSE;
  }
  caps = gst_caps_fixate (caps);
  self->journal = gst_structure_has_name (gst_caps_get_structure (caps, 0), NDJSON);
  if (!self->journal)
    self->header_written = FALSE;
  self->negotiated = gst_pad_set_caps (self->srcpad, caps);
  gst_caps_unref (caps);
  return self->negotiated;
}

static gboolean
ensure_negotiated (GstCpacJson *self)
{
  gboolean asked = gst_pad_check_reconfigure (self->srcpad);

  if ((self->negotiated && !asked) || negotiate (self))
    return TRUE;
  gst_pad_mark_reconfigure (self->srcpad);
  return FALSE;
}

static GstFlowReturn
gst_cpac_json_chain (GstPad *pad, GstObject *parent, GstBuffer *buffer)
{
  GstCpacJson *self = GST_CPAC_JSON (parent);
  g_auto (GstCpacScoreReading) reading = { 0 };
  GstFlowReturn flow = GST_FLOW_NOT_NEGOTIATED;

  if (!ensure_negotiated (self)) {
    if (GST_PAD_IS_FLUSHING (self->srcpad))
      flow = GST_FLOW_FLUSHING;
  } else {
    if (!gst_cpac_score_meta_read (buffer, &reading))
      reading.inspection = (CpacInspection){
        .status = CPAC_STATUS_SKIPPED,
        .verdict = CPAC_VERDICT_UNDEFINED,
        .frame = self->n_frames,
        .width = (guint) self->width,
        .height = (guint) self->height,
      };
    self->n_frames++;
    flow = push_frame (self, buffer, &reading.inspection);
  }
  gst_buffer_unref (buffer);
  return flow;
}

/* The input's caps end here: ours take their place in the order of events. */
static gboolean
take_caps (GstCpacJson *self, GstEvent *event)
{
  GstCaps *caps;
  const GstStructure *structure;

  gst_event_parse_caps (event, &caps);
  structure = gst_caps_get_structure (caps, 0);
  if (!gst_structure_get_int (structure, "width", &self->width) ||
      !gst_structure_get_int (structure, "height", &self->height))
    self->width = self->height = 0;
  self->width = MAX (self->width, 0);
  self->height = MAX (self->height, 0);
  gst_event_unref (event);
  return ensure_negotiated (self);
}

static gboolean
gst_cpac_json_sink_event (GstPad *pad, GstObject *parent, GstEvent *event)
{
  GstCpacJson *self = GST_CPAC_JSON (parent);

  switch (GST_EVENT_TYPE (event)) {
    case GST_EVENT_CAPS:
      return take_caps (self, event);
    case GST_EVENT_SEGMENT:
      /* Buffers of a stream without caps need ours all the same, and before the segment. */
      ensure_negotiated (self);
      gst_event_copy_segment (event, &self->segment);
      break;
    case GST_EVENT_FLUSH_STOP:
      gst_segment_init (&self->segment, GST_FORMAT_TIME);
      break;
    case GST_EVENT_EOS:
      push_closing (self);
      break;
    default:
      break;
  }
  return gst_pad_event_default (pad, parent, event);
}

/* Takes buffers of any layout: no pixel is read. */
static gboolean
gst_cpac_json_sink_query (GstPad *pad, GstObject *parent, GstQuery *query)
{
  if (GST_QUERY_TYPE (query) != GST_QUERY_ALLOCATION)
    return gst_pad_query_default (pad, parent, query);
  gst_query_add_allocation_meta (query, GST_VIDEO_META_API_TYPE, NULL);
  return TRUE;
}

static GstStateChangeReturn
gst_cpac_json_change_state (GstElement *element, GstStateChange transition)
{
  GstCpacJson *self = GST_CPAC_JSON (element);

  if (transition == GST_STATE_CHANGE_READY_TO_PAUSED) {
    gst_segment_init (&self->segment, GST_FORMAT_TIME);
    self->negotiated = self->header_written = FALSE;
    self->ledger = (CpacLedger){ 0 };
    self->n_frames = 0;
    self->width = self->height = 0;
  }
  return GST_ELEMENT_CLASS (gst_cpac_json_parent_class)->change_state (element, transition);
}

static void
gst_cpac_json_class_init (GstCpacJsonClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GstElementClass *element_class = GST_ELEMENT_CLASS (class);

  GST_DEBUG_CATEGORY_INIT (gst_cpac_json_debug, "cpacjson", 0, "CPAC journal lines");
  gst_cpac_score_meta_register ();
  object_class->set_property = gst_cpac_json_set_property;
  object_class->get_property = gst_cpac_json_get_property;
  object_class->finalize = gst_cpac_json_finalize;
  element_class->change_state = GST_DEBUG_FUNCPTR (gst_cpac_json_change_state);

  g_object_class_install_property (
      object_class, PROP_SOURCE,
      g_param_spec_string ("source", "Source", "Name of the camera or station, for every line",
                           NULL,
                           G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_PLAYING));
  g_object_class_install_property (
      object_class, PROP_TIMING,
      g_param_spec_boolean (
          "timing", "Timing",
          "Write the fields that differ from run to run: wall clock, time spent", DEFAULT_TIMING,
          G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_PLAYING));
  gst_element_class_add_static_pad_template (element_class, &sink_template);
  gst_element_class_add_static_pad_template (element_class, &src_template);
  gst_element_class_set_static_metadata (element_class, "CPAC journal lines", "Filter/Converter",
                                         "Turns the metadata of cpacscore into lines of JSON",
                                         "gst-cpac authors <maintainers@gst-cpac.example>");
}

static void
gst_cpac_json_init (GstCpacJson *self)
{
  self->timing = DEFAULT_TIMING;
  self->sinkpad = gst_pad_new_from_static_template (&sink_template, "sink");
  gst_pad_set_chain_function (self->sinkpad, GST_DEBUG_FUNCPTR (gst_cpac_json_chain));
  gst_pad_set_event_function (self->sinkpad, GST_DEBUG_FUNCPTR (gst_cpac_json_sink_event));
  gst_pad_set_query_function (self->sinkpad, GST_DEBUG_FUNCPTR (gst_cpac_json_sink_query));
  gst_element_add_pad (GST_ELEMENT (self), self->sinkpad);
  self->srcpad = gst_pad_new_from_static_template (&src_template, "src");
  gst_pad_use_fixed_caps (self->srcpad);
  gst_element_add_pad (GST_ELEMENT (self), self->srcpad);
}
