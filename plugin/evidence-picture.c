/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "plugin/evidence-picture.h"

#include <cairo.h>
#include <string.h>

/* cairo's opaque pixels, in the order of bytes in memory. */
#if G_BYTE_ORDER == G_LITTLE_ENDIAN
#define CAIRO_VIDEO_FORMAT GST_VIDEO_FORMAT_BGRx
#else
#define CAIRO_VIDEO_FORMAT GST_VIDEO_FORMAT_xRGB
#endif

static void
set_failure (const char *what, GError **error)
{
  g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_FAILED, "the picture cannot be encoded: %s", what);
}

/* ---- PNG ---- */

/* Grows as it is written; lack of memory is an error, not the end of the line. */
typedef struct {
  guint8 *data;
  gsize size, capacity;
} Growing;

static cairo_status_t
append (gpointer closure, const guchar *data, guint length)
{
  Growing *growing = closure;

  if (length > growing->capacity - growing->size) {
    gsize capacity = MAX (2 * growing->capacity, growing->size + length);
    guint8 *bigger = g_try_realloc (growing->data, capacity);

    if (bigger == NULL)
      return CAIRO_STATUS_NO_MEMORY;
    growing->data = bigger;
    growing->capacity = capacity;
  }
  memcpy (growing->data + growing->size, data, length);
  growing->size += length;
  return CAIRO_STATUS_SUCCESS;
}

/* NULL when cairo has no memory for it, or no such sizes. */
static cairo_surface_t *
surface_new (cairo_format_t format, guint width, guint height, GError **error)
{
  cairo_surface_t *surface = cairo_image_surface_create (format, (gint) width, (gint) height);
  cairo_status_t status = cairo_surface_status (surface);

  if (status == CAIRO_STATUS_SUCCESS)
    return surface;
  set_failure (cairo_status_to_string (status), error);
  cairo_surface_destroy (surface);
  return NULL;
}

/* Of A8 surfaces cairo makes gray PNGs, of RGB24 ones coloured ones. Takes @surface. */
static GBytes *
encode (cairo_surface_t *surface, GError **error)
{
  Growing growing = { 0 };
  cairo_status_t status;

  cairo_surface_mark_dirty (surface);
  status = cairo_surface_write_to_png_stream (surface, append, &growing);
  cairo_surface_destroy (surface);
  if (status == CAIRO_STATUS_SUCCESS)
    return g_bytes_new_take (growing.data, growing.size);
  g_free (growing.data);
  set_failure (cairo_status_to_string (status), error);
  return NULL;
}

static guint8 *
get_row (cairo_surface_t *surface, guint y)
{
  gsize stride = (gsize) cairo_image_surface_get_stride (surface);

  return cairo_image_surface_get_data (surface) + y * stride;
}

GBytes *
gst_cpac_levels_encode (const guint8 *levels, guint width, guint height, GError **error)
{
  cairo_surface_t *surface = surface_new (CAIRO_FORMAT_A8, width, height, error);

  if (surface == NULL)
    return NULL;
  for (guint y = 0; y < height; y++)
    memcpy (get_row (surface, y), levels + (gsize) y * width, width);
  return encode (surface, error);
}

/* ---- Frames ---- */

/* The @most that counts becomes 255, the nearest level counts. */
static void
narrow_row (guint8 *out, const guint8 *in, guint width, gboolean is_big_endian, guint most)
{
  for (guint x = 0; x < width; x++) {
    guint sample =
        is_big_endian ? GST_READ_UINT16_BE (in + 2 * x) : GST_READ_UINT16_LE (in + 2 * x);

    out[x] = (guint8) ((MIN (sample, most) * 255 + most / 2) / most);
  }
}

static void
copy_gray (cairo_surface_t *surface, const GstVideoFrame *frame, guint bit_depth)
{
  const guint8 *in = GST_VIDEO_FRAME_PLANE_DATA (frame, 0);
  gssize stride = GST_VIDEO_FRAME_PLANE_STRIDE (frame, 0);
  guint width = (guint) GST_VIDEO_FRAME_WIDTH (frame);
  guint height = (guint) GST_VIDEO_FRAME_HEIGHT (frame);
  gboolean is_big_endian = GST_VIDEO_FRAME_FORMAT (frame) == GST_VIDEO_FORMAT_GRAY16_BE;
  guint most = (1u << (bit_depth > 0 ? bit_depth : 16)) - 1;

  for (guint y = 0; y < height; y++, in += stride)
    if (GST_VIDEO_FRAME_COMP_DEPTH (frame, 0) == 8)
      memcpy (get_row (surface, y), in, width);
    else
      narrow_row (get_row (surface, y), in, width, is_big_endian, most);
}

/* The surface's pixels, as a frame that one of @like can be converted to. */
static gboolean
map_surface (GstVideoFrame *frame, cairo_surface_t *surface, const GstVideoInfo *like,
             GstBuffer **buffer)
{
  guint width = (guint) cairo_image_surface_get_width (surface);
  guint height = (guint) cairo_image_surface_get_height (surface);
  gsize size = (gsize) cairo_image_surface_get_stride (surface) * height;
  GstVideoInfo info;

  /* Rows of four bytes a pixel need no padding, cairo's no more than GStreamer's. */
  if (!gst_video_info_set_format (&info, CAIRO_VIDEO_FORMAT, width, height) ||
      GST_VIDEO_INFO_SIZE (&info) != size)
    return FALSE;
  /* The converter wants these to be the same. */
  GST_VIDEO_INFO_INTERLACE_MODE (&info) = GST_VIDEO_INFO_INTERLACE_MODE (like);
  GST_VIDEO_INFO_FPS_N (&info) = GST_VIDEO_INFO_FPS_N (like);
  GST_VIDEO_INFO_FPS_D (&info) = GST_VIDEO_INFO_FPS_D (like);
  *buffer = gst_buffer_new_wrapped_full (0, get_row (surface, 0), size, 0, size, NULL, NULL);
  if (gst_video_frame_map (frame, &info, *buffer, GST_MAP_WRITE))
    return TRUE;
  gst_clear_buffer (buffer);
  return FALSE;
}

static gboolean
convert (cairo_surface_t *surface, const GstVideoFrame *frame)
{
  GstBuffer *buffer = NULL;
  GstVideoConverter *converter;
  GstVideoFrame out;

  if (!map_surface (&out, surface, &frame->info, &buffer))
    return FALSE;
  converter = gst_video_converter_new (
      &frame->info, &out.info,
      gst_structure_new ("options", GST_VIDEO_CONVERTER_OPT_DITHER_METHOD,
                         GST_TYPE_VIDEO_DITHER_METHOD, GST_VIDEO_DITHER_NONE, NULL));
  if (converter != NULL) {
    gst_video_converter_frame (converter, frame, &out);
    gst_video_converter_free (converter);
  }
  gst_video_frame_unmap (&out);
  gst_buffer_unref (buffer);
  return converter != NULL;
}

static GBytes *
encode_frame (const GstVideoFrame *frame, guint bit_depth, GError **error)
{
  gboolean is_gray = GST_VIDEO_INFO_IS_GRAY (&frame->info);
  cairo_surface_t *surface = surface_new (is_gray ? CAIRO_FORMAT_A8 : CAIRO_FORMAT_RGB24,
                                          (guint) GST_VIDEO_FRAME_WIDTH (frame),
                                          (guint) GST_VIDEO_FRAME_HEIGHT (frame), error);

  if (surface == NULL)
    return NULL;
  if (is_gray) {
    copy_gray (surface, frame, bit_depth);
  } else if (!convert (surface, frame)) {
    set_failure ("its format cannot be converted", error);
    cairo_surface_destroy (surface);
    return NULL;
  }
  return encode (surface, error);
}

GBytes *
gst_cpac_picture_encode (GstBuffer *buffer, const GstVideoInfo *video, guint bit_depth,
                         GError **error)
{
  GstVideoFrame frame;
  GBytes *png;

  if (!gst_video_frame_map (&frame, video, buffer, GST_MAP_READ)) {
    set_failure ("its pixels cannot be read", error);
    return NULL;
  }
  png = encode_frame (&frame, bit_depth, error);
  gst_video_frame_unmap (&frame);
  return png;
}
