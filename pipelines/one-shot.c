/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pipelines/one-shot.h"

#include "pipelines/frames-private.h"

typedef struct {
  GstElement *element;
  GstBus *bus;
  GstPad *src, *sink; /* ours: src feeds the element, sink takes what it gives */
  GstSample *result;
} OneShot;

static GstFlowReturn
take_buffer (GstPad *pad, GstObject *parent, GstBuffer *buffer)
{
  OneShot *shot = gst_pad_get_element_private (pad);
  g_autoptr (GstCaps) caps = gst_pad_get_current_caps (pad);
  g_autoptr (GstEvent) event = gst_pad_get_sticky_event (pad, GST_EVENT_SEGMENT, 0);
  const GstSegment *segment = NULL;

  if (event != NULL)
    gst_event_parse_segment (event, &segment);
  if (shot->result == NULL)
    shot->result = gst_sample_new (buffer, caps, segment, NULL);
  gst_buffer_unref (buffer);
  return GST_FLOW_OK;
}

static gboolean
link_pads (OneShot *shot)
{
  g_autoptr (GstPad) element_sink = gst_element_get_static_pad (shot->element, "sink");
  g_autoptr (GstPad) element_src = gst_element_get_static_pad (shot->element, "src");

  return gst_pad_link (shot->src, element_sink) == GST_PAD_LINK_OK &&
         gst_pad_link (element_src, shot->sink) == GST_PAD_LINK_OK;
}

static gboolean
one_shot_init (OneShot *shot, const char *factory, GstCaps *out_caps, GError **error)
{
  g_autoptr (GstPadTemplate) template =
      gst_pad_template_new ("sink", GST_PAD_SINK, GST_PAD_ALWAYS, out_caps);

  *shot = (OneShot){ .element = gst_element_factory_make (factory, NULL) };
  if (shot->element == NULL) {
    g_set_error (error, GST_CORE_ERROR, GST_CORE_ERROR_MISSING_PLUGIN,
                 "GStreamer has no element %s (package gstreamer1.0-plugins-good)", factory);
    return FALSE;
  }
  gst_object_ref_sink (shot->element);
  cpac_frames_set_exact (shot->element);
  shot->bus = gst_bus_new ();
  gst_element_set_bus (shot->element, shot->bus);

  shot->src = gst_object_ref_sink (gst_pad_new ("src", GST_PAD_SRC));
  shot->sink = gst_object_ref_sink (gst_pad_new_from_template (template, "sink"));
  gst_pad_set_chain_function (shot->sink, take_buffer);
  gst_pad_set_element_private (shot->sink, shot);
  gst_pad_set_active (shot->src, TRUE);
  gst_pad_set_active (shot->sink, TRUE);

  if (!link_pads (shot) ||
      gst_element_set_state (shot->element, GST_STATE_PLAYING) == GST_STATE_CHANGE_FAILURE) {
    g_set_error (error, GST_CORE_ERROR, GST_CORE_ERROR_STATE_CHANGE, "%s could not be started",
                 factory);
    return FALSE;
  }
  return TRUE;
}

/* Takes an OneShot that one_shot_init() refused, too. */
static void
one_shot_finish (OneShot *shot)
{
  if (shot->element == NULL)
    return;
  gst_element_set_state (shot->element, GST_STATE_NULL);
  gst_element_set_bus (shot->element, NULL);
  gst_pad_set_active (shot->src, FALSE);
  gst_pad_set_active (shot->sink, FALSE);
  gst_object_unref (shot->element);
  gst_object_unref (shot->bus);
  gst_object_unref (shot->src);
  gst_object_unref (shot->sink);
  g_clear_pointer (&shot->result, gst_sample_unref);
}

static void
push (OneShot *shot, GstSample *in)
{
  GstSegment segment;

  /* TIME tells decoders that the buffer is one whole picture. */
  gst_segment_init (&segment, GST_FORMAT_TIME);
  gst_pad_push_event (shot->src, gst_event_new_stream_start ("one-shot"));
  gst_pad_push_event (shot->src, gst_event_new_caps (gst_sample_get_caps (in)));
  gst_pad_push_event (shot->src, gst_event_new_segment (&segment));
  gst_pad_push (shot->src, gst_buffer_ref (gst_sample_get_buffer (in)));
  gst_pad_push_event (shot->src, gst_event_new_eos ());
}

static void
set_error (OneShot *shot, GError **error)
{
  g_autoptr (GstMessage) message = gst_bus_pop_filtered (shot->bus, GST_MESSAGE_ERROR);

  if (message != NULL)
    gst_message_parse_error (message, error, NULL);
  else
    g_set_error_literal (error, GST_STREAM_ERROR, GST_STREAM_ERROR_FAILED, "the data is damaged");
}

GstSample *
cpac_one_shot_run (const char *factory, GstSample *in, GstCaps *out_caps, GError **error)
{
  OneShot shot;
  GstSample *result = NULL;

  if (one_shot_init (&shot, factory, out_caps, error)) {
    push (&shot, in);
    result = g_steal_pointer (&shot.result);
    if (result == NULL)
      set_error (&shot, error);
  }
  one_shot_finish (&shot);
  return result;
}
