/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "plugin/video-frame.h"

/* The names of GST_CPAC_VIDEO_FORMATS in order are the formats of the enumeration in order. */
static void
test_formats (void)
{
  g_autoptr (GstCaps) caps = gst_caps_from_string (GST_VIDEO_CAPS_MAKE (GST_CPAC_VIDEO_FORMATS));
  const GValue *list = gst_structure_get_value (gst_caps_get_structure (caps, 0), "format");

  g_assert_cmpuint (gst_value_list_get_size (list), ==, CPAC_N_PIXEL_FORMATS);
  for (guint i = 0; i < CPAC_N_PIXEL_FORMATS; i++) {
    const char *name = g_value_get_string (gst_value_list_get_value (list, i));
    GstVideoInfo video;
    CpacFrameInfo info;

    gst_video_info_set_format (&video, gst_video_format_from_string (name), 17, 5);
    g_assert_true (gst_cpac_frame_info_from_video (&video, &info));
    g_assert_cmpuint (info.format, ==, i);
    g_assert_cmpuint (info.width, ==, 17);
    g_assert_cmpuint (info.height, ==, 5);
    g_assert_cmpuint (info.bit_depth, ==, 0);
  }
}

static void
test_foreign_format (void)
{
  CpacFrameInfo info = { .width = 77 };
  GstVideoInfo video;

  gst_video_info_set_format (&video, GST_VIDEO_FORMAT_Y444, 17, 5);
  g_assert_false (gst_cpac_frame_info_from_video (&video, &info));
  g_assert_cmpuint (info.width, ==, 77);
}

static void
test_colorimetry (void)
{
  static const struct {
    const char *caps;
    CpacColorRange range;
    CpacColorMatrix matrix;
  } rows[] = {
    { "format=I420,colorimetry=1:4:0:0", CPAC_RANGE_FULL, CPAC_MATRIX_BT601 },
    { "format=I420,colorimetry=bt601", CPAC_RANGE_VIDEO, CPAC_MATRIX_BT601 },
    { "format=NV12,colorimetry=bt709", CPAC_RANGE_VIDEO, CPAC_MATRIX_BT709 },
    { "format=NV12,colorimetry=smpte240m", CPAC_RANGE_VIDEO, CPAC_MATRIX_BT709 },
    { "format=NV21,colorimetry=bt2020", CPAC_RANGE_VIDEO, CPAC_MATRIX_BT2020 },
    { "format=I420,width=64,height=48", CPAC_RANGE_VIDEO, CPAC_MATRIX_BT601 },
    { "format=I420,width=1920,height=1080", CPAC_RANGE_VIDEO, CPAC_MATRIX_BT709 },
    { "format=GRAY8", CPAC_RANGE_FULL, CPAC_MATRIX_BT601 },
    { "format=GRAY8,colorimetry=2:4:0:0", CPAC_RANGE_VIDEO, CPAC_MATRIX_BT601 },
    { "format=RGB", CPAC_RANGE_FULL, CPAC_MATRIX_BT601 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree char *text = g_strdup_printf ("video/x-raw,%s", rows[i].caps);
    g_autoptr (GstCaps) caps = gst_caps_from_string (text);
    GstVideoInfo video;
    CpacFrameInfo info;

    if (!gst_structure_has_field (gst_caps_get_structure (caps, 0), "width"))
      gst_caps_set_simple (caps, "width", G_TYPE_INT, 17, "height", G_TYPE_INT, 5, NULL);
    g_assert_true (gst_video_info_from_caps (&video, caps));
    g_assert_true (gst_cpac_frame_info_from_video (&video, &info));
    g_test_message ("%s", text);
    g_assert_cmpuint (info.range, ==, rows[i].range);
    g_assert_cmpuint (info.matrix, ==, rows[i].matrix);
  }
}

/* Caps never leave the range of YUV open, but a GstVideoInfo may. */
static void
test_unknown_range (void)
{
  GstVideoInfo video;
  CpacFrameInfo info;

  gst_video_info_set_format (&video, GST_VIDEO_FORMAT_I420, 17, 5);
  video.colorimetry = (GstVideoColorimetry){ 0 };
  g_assert_true (gst_cpac_frame_info_from_video (&video, &info));
  g_assert_cmpuint (info.range, ==, CPAC_RANGE_FULL);
  g_assert_cmpuint (info.matrix, ==, CPAC_MATRIX_BT601);
}

/* Strides and offsets come from the buffer's GstVideoMeta, not from the caps. */
static void
test_padded_buffer (void)
{
  gsize offsets[GST_VIDEO_MAX_PLANES] = { 7, 507, 707 };
  int strides[GST_VIDEO_MAX_PLANES] = { 40, 24, 20 };
  g_autoptr (GstBuffer) buffer = gst_buffer_new_allocate (NULL, 1000, NULL);
  GstVideoInfo video;
  GstVideoFrame mapped;
  CpacFrameInfo info;
  CpacFrame frame;

  gst_video_info_set_format (&video, GST_VIDEO_FORMAT_I420, 17, 5);
  gst_buffer_add_video_meta_full (buffer, 0, GST_VIDEO_FORMAT_I420, 17, 5, 3, offsets, strides);
  g_assert_true (gst_cpac_frame_info_from_video (&video, &info));
  g_assert_true (gst_video_frame_map (&mapped, &video, buffer, GST_MAP_READ));
  gst_cpac_frame_from_video (&mapped, &info, &frame);
  g_assert_true (frame.info == &info);
  for (guint i = 0; i < 3; i++) {
    g_assert_cmpint (frame.strides[i], ==, strides[i]);
    g_assert_cmpint (frame.planes[i] - frame.planes[0], ==, offsets[i] - offsets[0]);
  }
  gst_video_frame_unmap (&mapped);
}

int
main (int argc, char **argv)
{
  gst_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/video-frame/formats", test_formats);
  g_test_add_func ("/video-frame/foreign-format", test_foreign_format);
  g_test_add_func ("/video-frame/colorimetry", test_colorimetry);
  g_test_add_func ("/video-frame/unknown-range", test_unknown_range);
  g_test_add_func ("/video-frame/padded-buffer", test_padded_buffer);
  return g_test_run ();
}
