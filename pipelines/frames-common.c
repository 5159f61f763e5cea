/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pipelines/frames-private.h"

#include "plugin/video-frame.h"

GstCaps *
cpac_frames_caps (void)
{
  return gst_caps_from_string (GST_VIDEO_CAPS_MAKE (GST_CPAC_VIDEO_FORMATS));
}

void
cpac_mapped_sample_clear (CpacMappedSample *mapped)
{
  if (mapped->sample == NULL)
    return;
  gst_video_frame_unmap (&mapped->video);
  g_clear_pointer (&mapped->sample, gst_sample_unref);
}

static guint64
stream_time (GstSample *sample)
{
  GstClockTime pts = GST_BUFFER_PTS (gst_sample_get_buffer (sample));
  const GstSegment *segment = gst_sample_get_segment (sample);

  if (segment->format != GST_FORMAT_TIME)
    return G_MAXUINT64;
  return gst_segment_to_stream_time (segment, GST_FORMAT_TIME, pts);
}

gboolean
cpac_mapped_sample_set (CpacMappedSample *mapped, GstSample *sample, CpacFrame *frame,
                        CpacFrameMark *mark, GError **error)
{
  GstVideoInfo info;

  cpac_mapped_sample_clear (mapped);
  if (!gst_video_info_from_caps (&info, gst_sample_get_caps (sample)) ||
      !gst_cpac_frame_info_from_video (&info, &mapped->info) ||
      !gst_video_frame_map (&mapped->video, &info, gst_sample_get_buffer (sample), GST_MAP_READ)) {
    g_set_error_literal (error, CPAC_ERROR, CPAC_ERROR_PARSE,
                         "the decoder gave a frame that cannot be read");
    gst_sample_unref (sample);
    return FALSE;
  }
  mapped->sample = sample;
  gst_cpac_frame_from_video (&mapped->video, &mapped->info, frame);
  mark->timestamp_ns = stream_time (sample);
  mark->corrupted =
      GST_BUFFER_FLAG_IS_SET (gst_sample_get_buffer (sample), GST_BUFFER_FLAG_CORRUPTED);
  return TRUE;
}

static gboolean
is_about_file (const GError *error)
{
  return error->domain == G_FILE_ERROR || error->domain == CPAC_ERROR;
}

void
cpac_frames_set_error (GError **error, const char *path, GError *cause)
{
  g_autofree char *name = g_filename_display_name (path);

  if (is_about_file (cause))
    g_set_error (error, cause->domain, cause->code, "%s: %s", name, cause->message);
  else if (cause->domain == GST_RESOURCE_ERROR)
    g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_IO, "%s: %s", name, cause->message);
  else
    g_set_error (error, CPAC_ERROR, CPAC_ERROR_PARSE, "%s: could not be decoded: %s", name,
                 cause->message);
  g_error_free (cause);
}

void
cpac_frames_set_exact (GstElement *element)
{
  if (g_object_class_find_property (G_OBJECT_GET_CLASS (element), "idct-method"))
    gst_util_set_object_arg (G_OBJECT (element), "idct-method", "islow");
}
