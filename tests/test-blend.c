/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "plugin/blend.h"

#include <math.h>
#include <string.h>

#include "plugin/video-frame.h"

/* What is laid over: pixels of every alpha, premultiplied, the fully transparent ones among them.
 */
static guint32 *
make_argb (guint width, guint height)
{
  guint32 *argb = g_new (guint32, (gsize) width * height);

  for (guint i = 0; i < width * height; i++) {
    guint kind = (guint) g_test_rand_int_range (0, 4);
    guint a = kind == 0 ? 0 : kind == 1 ? 255 : (guint) g_test_rand_int_range (0, 256);
    guint r = (guint) g_test_rand_int_range (0, (gint32) a + 1);
    guint g = (guint) g_test_rand_int_range (0, (gint32) a + 1);
    guint b = (guint) g_test_rand_int_range (0, (gint32) a + 1);

    argb[i] = a << 24 | r << 16 | g << 8 | b;
  }
  return argb;
}

/* A frame of random samples, its planes apart from each other and its rows padded. */
static GstBuffer *
make_frame (const GstVideoInfo *info)
{
  GstVideoInfo padded = *info;
  GstVideoAlignment align;
  GstBuffer *buffer;
  GstMapInfo map;

  gst_video_alignment_reset (&align);
  align.padding_right = 7;
  align.padding_bottom = 3;
  g_assert_true (gst_video_info_align (&padded, &align));
  buffer = gst_buffer_new_allocate (NULL, padded.size, NULL);
  gst_buffer_add_video_meta_full (buffer, GST_VIDEO_FRAME_FLAG_NONE, GST_VIDEO_INFO_FORMAT (info),
                                  (guint) info->width, (guint) info->height,
                                  GST_VIDEO_INFO_N_PLANES (info), padded.offset, padded.stride);
  g_assert_true (gst_buffer_map (buffer, &map, GST_MAP_WRITE));
  for (gsize i = 0; i < map.size; i++)
    map.data[i] = (guint8) g_test_rand_int_range (0, 256);
  gst_buffer_unmap (buffer, &map);
  return buffer;
}

static double
mix (double sample, double colour, double alpha)
{
  return colour + sample * (1 - alpha / 255);
}

typedef struct {
  double kr, kb;
  double black, luma, chroma; /* offset and scales */
} Color;

/* Component @i of the mean of @n pixels at @argb, from the definition of YCbCr. */
static double
component_of (const Color *color, guint i, double a, double r, double g, double b)
{
  double y = color->kr * r + (1 - color->kr - color->kb) * g + color->kb * b;

  if (i == 0)
    return color->black * a / 255 + y * color->luma / 255;
  if (i == 1)
    return 128 * a / 255 + (b - y) / (2 * (1 - color->kb)) * color->chroma / 255;
  return 128 * a / 255 + (r - y) / (2 * (1 - color->kr)) * color->chroma / 255;
}

typedef struct {
  GstVideoFrame before, after;
  const guint32 *argb;
  guint width, height;
  guint left, top, right, bottom; /* what is blended */
} Scene;

static guint8
sample (const GstVideoFrame *frame, guint i, guint x, guint y)
{
  const guint8 *data = GST_VIDEO_FRAME_COMP_DATA (frame, i);

  return data[(gssize) y * GST_VIDEO_FRAME_COMP_STRIDE (frame, i) +
              (gssize) x * GST_VIDEO_FRAME_COMP_PSTRIDE (frame, i)];
}

/* Mean of the blended pixels under the sample, and how many of them show anything. */
static guint
mean_argb (const Scene *scene, guint x, guint y, guint step, double mean[4])
{
  guint n = 0, n_seen = 0;

  memset (mean, 0, 4 * sizeof *mean);
  for (guint v = y * step; v < MIN ((y + 1) * step, scene->bottom); v++)
    for (guint u = x * step; u < MIN ((x + 1) * step, scene->right); u++) {
      guint32 pixel = scene->argb[v * scene->width + u];

      if (v < scene->top || u < scene->left)
        continue;
      for (guint c = 0; c < 4; c++)
        mean[c] += pixel >> (24 - 8 * c) & 255;
      n++;
      n_seen += pixel >> 24 != 0;
    }
  for (guint c = 0; n > 0 && c < 4; c++)
    mean[c] /= n;
  return n_seen;
}

/* Within two roundings of what the formula says: of the colour (whose matrix is cut to 2^-16) and
 * of the frame's share. Means of pixels are rounded, too: colours by a half, of which half arrives,
 * and alpha by a half, of which the offset's and the sample's shares arrive. */
static void
check_sample (const Scene *scene, const Color *color, guint i, guint x, guint y)
{
  gboolean is_rgb = color == NULL;
  guint step = !is_rgb && i > 0 ? 2 : 1;
  double m[4], tolerance = step == 2 ? 2.5 : 1.1;
  guint n_seen = mean_argb (scene, x, y, step, m);
  guint8 before = sample (&scene->before, i, x, y), after = sample (&scene->after, i, x, y);

  if (n_seen == 0)
    g_assert_cmpuint (after, ==, before);
  else if (is_rgb)
    g_assert_cmpuint (after, ==, m[i + 1] + floor (before * (255 - m[0]) / 255 + 0.5));
  else
    g_assert_cmpfloat_with_epsilon (
        after, mix (before, component_of (color, i, m[0], m[1], m[2], m[3]), m[0]), tolerance);
}

static void
check_scene (const Scene *scene, const Color *color)
{
  const GstVideoFormatInfo *format = scene->after.info.finfo;

  for (guint i = 0; i < MIN (GST_VIDEO_FRAME_N_COMPONENTS (&scene->after), 3); i++)
    for (guint y = 0; y < (guint) GST_VIDEO_FRAME_COMP_HEIGHT (&scene->after, i); y++)
      for (guint x = 0; x < (guint) GST_VIDEO_FRAME_COMP_WIDTH (&scene->after, i); x++)
        check_sample (scene, GST_VIDEO_FORMAT_INFO_IS_RGB (format) ? NULL : color, i, x, y);
}

/* Bytes between rows and planes are as before: all that the samples are not made of. */
static void
check_padding (GstBuffer *before, GstBuffer *after, const GstVideoFrame *frame)
{
  g_autofree guint8 *is_sample = g_malloc0 (gst_buffer_get_size (after));
  GstMapInfo a, b;

  g_assert_true (gst_buffer_map (before, &a, GST_MAP_READ));
  g_assert_true (gst_buffer_map (after, &b, GST_MAP_READ));
  for (guint i = 0; i < GST_VIDEO_FRAME_N_PLANES (frame); i++) {
    gsize n = (gsize) GST_VIDEO_FRAME_COMP_PSTRIDE (frame, MIN (i, 1)) *
              (gsize) GST_VIDEO_FRAME_COMP_WIDTH (frame, MIN (i, 1));

    for (guint y = 0; y < (guint) GST_VIDEO_FRAME_COMP_HEIGHT (frame, MIN (i, 1)); y++)
      memset (is_sample + GST_VIDEO_FRAME_PLANE_OFFSET (frame, i) +
                  (gsize) y * (gsize) GST_VIDEO_FRAME_PLANE_STRIDE (frame, i),
              1, n);
  }
  for (gsize k = 0; k < a.size; k++)
    if (!is_sample[k])
      g_assert_cmpuint (a.data[k], ==, b.data[k]);
  gst_buffer_unmap (before, &a);
  gst_buffer_unmap (after, &b);
}

/* Alpha of frames of four components is made opaque before: blending with it is tested apart. */
static void
make_opaque (GstVideoFrame *frame)
{
  if (GST_VIDEO_FRAME_N_COMPONENTS (frame) < 4)
    return;
  for (guint y = 0; y < (guint) GST_VIDEO_FRAME_HEIGHT (frame); y++)
    for (guint x = 0; x < (guint) GST_VIDEO_FRAME_WIDTH (frame); x++)
      ((guint8 *) GST_VIDEO_FRAME_COMP_DATA (
          frame, 3))[y * (guint) GST_VIDEO_FRAME_COMP_STRIDE (frame, 3) + 4 * x] = 255;
}

static void
check_blend (const GstVideoInfo *info, const Color *color, gboolean whole)
{
  guint width = (guint) info->width, height = (guint) info->height;
  g_autofree guint32 *argb = make_argb (width, height);
  g_autoptr (GstBuffer) before = make_frame (info), after = NULL;
  GstCpacBlender blender;
  Scene scene = { .argb = argb, .width = width, .height = height };

  scene.left = whole ? 0 : width / 2 & ~1u;
  scene.top = whole ? 0 : height / 3 & ~1u;
  scene.right = width;
  scene.bottom = whole ? height : MAX (height - 1, scene.top + 1);
  g_assert_true (gst_video_frame_map (&scene.before, info, before, GST_MAP_READWRITE));
  make_opaque (&scene.before);
  gst_video_frame_unmap (&scene.before);
  after = gst_buffer_copy_deep (before);
  gst_cpac_blender_init (&blender, info);
  g_assert_true (gst_video_frame_map (&scene.before, info, before, GST_MAP_READ));
  g_assert_true (gst_video_frame_map (&scene.after, info, after, GST_MAP_READWRITE));
  gst_cpac_blend (&blender, &scene.after, argb, width, scene.left, scene.top,
                  scene.right - scene.left, scene.bottom - scene.top);
  if (blender.depth == 1 || !blender.is_gray)
    check_scene (&scene, color);
  check_padding (before, after, &scene.after);
  gst_video_frame_unmap (&scene.before);
  gst_video_frame_unmap (&scene.after);
}

static const struct {
  const char *colorimetry;
  Color color;
} colors[] = {
  { "bt601", { 0.299, 0.114, 16, 219, 224 } },
  { "bt709", { 0.2126, 0.0722, 16, 219, 224 } },
  { "1:4:0:0", { 0.299, 0.114, 0, 255, 255 } },
};

static const struct {
  guint width, height;
} sizes[] = { { 1, 1 }, { 2, 2 }, { 3, 5 }, { 17, 8 }, { 253, 3 } };

static void
test_format (gconstpointer data)
{
  GstVideoFormat format = gst_video_format_from_string (data);

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    for (guint k = 0; k < G_N_ELEMENTS (colors); k++) {
      GstVideoInfo info;

      gst_video_info_set_format (&info, format, sizes[i].width, sizes[i].height);
      if (!GST_VIDEO_INFO_IS_RGB (&info))
        g_assert_true (
            gst_video_colorimetry_from_string (&info.colorimetry, colors[k].colorimetry));
      check_blend (&info, &colors[k].color, TRUE);
      check_blend (&info, &colors[k].color, FALSE);
    }
}

/* 200 of 255 in gray, half covering, over the 16-bit sample 0x1234, in either order of bytes. */
static void
test_gray16 (void)
{
  static const guint32 argb[] = { 0x80646464, 0, 0xffffffff };
  static const GstVideoFormat formats[] = { GST_VIDEO_FORMAT_GRAY16_LE,
                                            GST_VIDEO_FORMAT_GRAY16_BE };
  /* 100 * 257 + 0x1234 * 127 / 255 rounded, untouched, full. */
  static const guint expected[] = { 25700 + 2321, 0x1234, 0xffff };

  for (guint k = 0; k < 2; k++) {
    guint8 low = k == 0 ? 0 : 1;
    GstVideoInfo info;
    GstVideoFrame frame;
    GstCpacBlender blender;
    g_autoptr (GstBuffer) buffer = gst_buffer_new_allocate (NULL, 8, NULL);
    guint8 *data;

    gst_video_info_set_format (&info, formats[k], 3, 1);
    gst_cpac_blender_init (&blender, &info);
    g_assert_true (gst_video_frame_map (&frame, &info, buffer, GST_MAP_READWRITE));
    data = GST_VIDEO_FRAME_PLANE_DATA (&frame, 0);
    for (guint x = 0; x < 3; x++) {
      data[2 * x + low] = 0x34;
      data[2 * x + 1 - low] = 0x12;
    }
    gst_cpac_blend (&blender, &frame, argb, 3, 0, 0, 3, 1);
    for (guint x = 0; x < 3; x++)
      g_assert_cmpuint (data[2 * x + low] | data[2 * x + 1 - low] << 8, ==, expected[x]);
    gst_video_frame_unmap (&frame);
  }
}

/* Over a transparent pixel the drawing is what remains, with its own alpha; over a half transparent
 * one, the two in proportion: alpha 128 + 128 * 127 / 255, red (100 * 255 + 10 * 64) / 192. */
static void
test_alpha (void)
{
  static const guint32 argb[] = { 0x80643200, 0x80640000, 0 };
  static const guint8 before[] = { 9, 9, 9, 0, 10, 0, 0, 128, 1, 2, 3, 4 };
  static const guint8 expected[] = { 199, 100, 0, 128, 136, 0, 0, 192, 1, 2, 3, 4 };
  g_autoptr (GstBuffer) buffer = gst_buffer_new_memdup (before, sizeof before);
  GstVideoInfo info;
  GstVideoFrame frame;
  GstCpacBlender blender;

  gst_video_info_set_format (&info, GST_VIDEO_FORMAT_RGBA, 3, 1);
  gst_cpac_blender_init (&blender, &info);
  g_assert_true (gst_video_frame_map (&frame, &info, buffer, GST_MAP_READWRITE));
  gst_cpac_blend (&blender, &frame, argb, 3, 0, 0, 3, 1);
  g_assert_cmpmem (GST_VIDEO_FRAME_PLANE_DATA (&frame, 0), sizeof expected, expected,
                   sizeof expected);
  gst_video_frame_unmap (&frame);
}

int
main (int argc, char **argv)
{
  g_auto (GStrv) names = NULL;

  gst_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);
  names = g_regex_split_simple ("[{}, ]+", GST_CPAC_VIDEO_FORMATS, 0, 0);
  for (guint i = 0; names[i] != NULL; i++) {
    g_autofree char *path = g_strdup_printf ("/blend/%s", names[i]);

    if (*names[i] != '\0')
      g_test_add_data_func_full (path, g_strdup (names[i]), test_format, g_free);
  }
  g_test_add_func ("/blend/gray16", test_gray16);
  g_test_add_func ("/blend/alpha", test_alpha);
  return g_test_run ();
}
