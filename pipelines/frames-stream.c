/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include <gst/app/gstappsink.h>
#include <gst/pbutils/missing-plugins.h>

#include "pipelines/frames-private.h"

/* A decoder that gives nothing for so long is stuck. */
#define FRAME_TIMEOUT_S 20
/* How often the bus is looked at while waiting: not every error is followed by end of stream. */
#define POLL_NS (50 * GST_MSECOND)
/* Decoded frames in flight: enough to keep the decoder busy, little memory. */
#define QUEUE_FRAMES 3

typedef struct {
  CpacFrameSource parent;
  char *path;
  GstElement *pipeline;
  GstAppSink *sink;
  GstBus *bus;
  GstSample *pending; /* the first frame, until it is asked for */
  CpacMappedSample mapped;
  GError *failure; /* once set, every call gives it again */
  gboolean ended;
} StreamSource;

/* Threads change the order of work, not the pixels; one is enough to be sure of both. */
static void
set_up_decoder (GstBin *bin, GstBin *sub_bin, GstElement *element, gpointer user_data)
{
  static const char *const properties[] = { "max-threads", "n-threads", "threads" };

  GstElementFactory *factory = gst_element_get_factory (element);

  if (factory == NULL ||
      !gst_element_factory_list_is_type (factory, GST_ELEMENT_FACTORY_TYPE_DECODER))
    return;
  for (guint i = 0; i < G_N_ELEMENTS (properties); i++)
    if (g_object_class_find_property (G_OBJECT_GET_CLASS (element), properties[i]))
      gst_util_set_object_arg (G_OBJECT (element), properties[i], "1");
  cpac_frames_set_exact (element);
}

/* The first video stream counts; decodebin allows for pads that stay unlinked. */
static void
link_video (GstElement *decodebin, GstPad *pad, GstElement *convert)
{
  g_autoptr (GstPad) sink = gst_element_get_static_pad (convert, "sink");

  if (!gst_pad_is_linked (sink))
    gst_pad_link (pad, sink);
}

static GstElement *
make_element (StreamSource *self, const char *factory, GError **error)
{
  GstElement *element = gst_element_factory_make (factory, NULL);

  if (element == NULL)
    g_set_error (error, GST_CORE_ERROR, GST_CORE_ERROR_MISSING_PLUGIN,
                 "GStreamer has no element %s (package gstreamer1.0-plugins-base)", factory);
  else
    gst_bin_add (GST_BIN (self->pipeline), element);
  return element;
}

static void
configure_sink (StreamSource *self)
{
  g_autoptr (GstCaps) caps = cpac_frames_caps ();

  gst_app_sink_set_caps (self->sink, caps);
  g_object_set (self->sink, "sync", FALSE, "max-buffers", QUEUE_FRAMES, "drop", FALSE,
                "enable-last-sample", FALSE, NULL);
}

static gboolean
build_pipeline (StreamSource *self, GError **error)
{
  g_autoptr (GstCaps) raw = gst_caps_new_empty_simple ("video/x-raw");
  GstElement *source, *decode, *convert, *sink;

  self->pipeline = gst_object_ref_sink (gst_pipeline_new (NULL));
  self->bus = gst_element_get_bus (self->pipeline);
  if ((source = make_element (self, "filesrc", error)) == NULL ||
      (decode = make_element (self, "decodebin", error)) == NULL ||
      (convert = make_element (self, "videoconvert", error)) == NULL ||
      (sink = make_element (self, "appsink", error)) == NULL)
    return FALSE;

  self->sink = GST_APP_SINK (sink);
  configure_sink (self);
  g_object_set (source, "location", self->path, NULL);
  g_object_set (convert, "qos", FALSE, NULL);
  g_object_set (decode, "caps", raw, "expose-all-streams", FALSE, "force-sw-decoders", TRUE, NULL);
  g_signal_connect (self->pipeline, "deep-element-added", G_CALLBACK (set_up_decoder), NULL);
  g_signal_connect (decode, "pad-added", G_CALLBACK (link_video), convert);
  gst_element_link (source, decode);
  gst_element_link (convert, sink);
  return TRUE;
}

/* decodebin, told to look for video only, calls it a missing plug-in when there is none. */
static void
parse_error (GstMessage *message, const char *missing, GError **error)
{
  g_autoptr (GError) posted = NULL;

  gst_message_parse_error (message, &posted, NULL);
  if (missing != NULL)
    g_set_error (error, posted->domain, posted->code, "GStreamer has no %s here", missing);
  else if (g_error_matches (posted, GST_CORE_ERROR, GST_CORE_ERROR_MISSING_PLUGIN))
    g_set_error_literal (error, posted->domain, posted->code, "there is no video in it");
  else
    g_propagate_error (error, g_steal_pointer (&posted));
}

/* The first error on the bus, with what is missing if that was it; FALSE when there is none. */
static gboolean
take_bus_error (StreamSource *self, GError **error)
{
  g_autofree char *missing = NULL;
  gboolean found = FALSE;
  GstMessage *message;

  while (!found &&
         (message = gst_bus_pop_filtered (self->bus, GST_MESSAGE_ERROR | GST_MESSAGE_ELEMENT))) {
    found = GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR;
    if (found) {
      parse_error (message, missing, error);
    } else if (gst_is_missing_plugin_message (message)) {
      g_free (missing);
      missing = gst_missing_plugin_message_get_description (message);
    }
    gst_message_unref (message);
  }
  return found;
}

static gboolean
pad_is_idle (GstElement *element, GstPad *pad, gpointer unused)
{
  return gst_pad_get_task_state (pad) != GST_TASK_STARTED;
}

static gboolean
fold_idle (const GValue *item, GValue *idle, gpointer unused)
{
  if (!gst_element_foreach_pad (g_value_get_object (item), pad_is_idle, NULL))
    g_value_set_boolean (idle, FALSE);
  return g_value_get_boolean (idle);
}

/* No thread of the pipeline runs, so nothing will come any more. decodebin loses the error of a
 * demuxer that fails while it is being plugged in, and would leave us waiting. */
static gboolean
is_idle (StreamSource *self)
{
  g_autoptr (GstIterator) elements = gst_bin_iterate_recurse (GST_BIN (self->pipeline));
  g_auto (GValue) idle = G_VALUE_INIT;

  g_value_init (&idle, G_TYPE_BOOLEAN);
  g_value_set_boolean (&idle, TRUE);
  return gst_iterator_fold (elements, fold_idle, &idle, NULL) == GST_ITERATOR_DONE &&
         g_value_get_boolean (&idle);
}

/* (transfer full); NULL without error at the end of the stream. */
static GstSample *
pull (StreamSource *self, GError **error)
{
  guint n_idle = 0; /* polls in a row: between two threads there may be a moment without any */

  for (guint64 waited = 0; waited < FRAME_TIMEOUT_S * GST_SECOND; waited += POLL_NS) {
    GstSample *sample = gst_app_sink_try_pull_sample (self->sink, POLL_NS);

    if (sample != NULL)
      return sample;
    if (take_bus_error (self, error) || gst_app_sink_is_eos (self->sink))
      return NULL;
    n_idle = is_idle (self) ? n_idle + 1 : 0;
    if (n_idle == 3) {
      g_set_error_literal (error, GST_STREAM_ERROR, GST_STREAM_ERROR_FAILED,
                           "the data is damaged or not what it seems to be");
      return NULL;
    }
  }
  g_set_error (error, GST_STREAM_ERROR, GST_STREAM_ERROR_FAILED, "no frame within %d seconds",
               FRAME_TIMEOUT_S);
  return NULL;
}

/* The next sample. NULL: the stream has ended or failed, for good. */
static GstSample *
next_sample (StreamSource *self)
{
  GError *cause = NULL;
  GstSample *sample;

  if (self->ended || self->failure != NULL)
    return NULL;
  if (self->pending != NULL)
    return g_steal_pointer (&self->pending);
  sample = pull (self, &cause);
  if (cause != NULL)
    cpac_frames_set_error (&self->failure, self->path, cause);
  self->ended = sample == NULL;
  return sample;
}

static CpacFrameStatus
stream_next (CpacFrameSource *source, CpacFrame *frame, CpacFrameMark *mark, GError **error)
{
  StreamSource *self = (StreamSource *) source;
  GError *cause = NULL;
  GstSample *sample;

  cpac_mapped_sample_clear (&self->mapped);
  sample = next_sample (self);
  if (sample != NULL && cpac_mapped_sample_set (&self->mapped, sample, frame, mark, &cause))
    return CPAC_FRAME_NEXT;
  if (cause != NULL)
    cpac_frames_set_error (&self->failure, self->path, cause);
  if (self->failure == NULL)
    return CPAC_FRAME_END;
  g_propagate_error (error, g_error_copy (self->failure));
  return CPAC_FRAME_ERROR;
}

static void
stream_free (CpacFrameSource *source)
{
  StreamSource *self = (StreamSource *) source;

  cpac_mapped_sample_clear (&self->mapped);
  g_clear_pointer (&self->pending, gst_sample_unref);
  gst_element_set_state (self->pipeline, GST_STATE_NULL);
  gst_object_unref (self->bus);
  gst_object_unref (self->pipeline);
  g_clear_error (&self->failure);
  g_free (self->path);
  g_free (self);
}

static const CpacFrameSourceClass stream_class = { stream_next, stream_free };

/* Decodes up to the first frame, so that what is no video is refused when it is opened. */
static gboolean
start (StreamSource *self, GError **error)
{
  GError *cause = NULL;

  if (build_pipeline (self, &cause)) {
    gst_element_set_state (self->pipeline, GST_STATE_PLAYING);
    self->pending = pull (self, &cause);
    if (self->pending == NULL && cause == NULL)
      cause = g_error_new_literal (GST_STREAM_ERROR, GST_STREAM_ERROR_FAILED,
                                   "it ends before the first frame");
  }
  if (cause != NULL)
    cpac_frames_set_error (error, self->path, cause);
  return cause == NULL;
}

CpacFrameSource *
cpac_frames_stream_new (const char *path, GError **error)
{
  StreamSource *self = g_new0 (StreamSource, 1);

  self->parent.klass = &stream_class;
  self->path = g_strdup (path);
  if (!start (self, error)) {
    stream_free (&self->parent);
    return NULL;
  }
  return &self->parent;
}
