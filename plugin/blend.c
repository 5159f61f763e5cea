/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "plugin/blend.h"

#include <math.h>

#define SHIFT 16

/* Colours of a pixel, or the mean of some; premultiplied. */
typedef struct {
  guint a, r, g, b;
} Pixel;

static void
set_matrix (GstCpacBlender *blender, const GstVideoInfo *info)
{
  gint offset[GST_VIDEO_MAX_COMPONENTS] = { 0, 128, 128 };
  gint scale[GST_VIDEO_MAX_COMPONENTS] = { 255, 255, 255 };
  GstVideoColorMatrix matrix = info->colorimetry.matrix;
  double kr, kb, rows[3][3];

  if (!gst_video_color_matrix_get_Kr_Kb (matrix, &kr, &kb))
    gst_video_color_matrix_get_Kr_Kb (GST_VIDEO_COLOR_MATRIX_BT601, &kr, &kb);
  if (info->colorimetry.range == GST_VIDEO_COLOR_RANGE_16_235) {
    offset[0] = 16;
    scale[0] = 219;
    scale[1] = scale[2] = 224;
  }
  rows[0][0] = kr;
  rows[0][1] = 1 - kr - kb;
  rows[0][2] = kb;
  for (guint c = 0; c < 3; c++) {
    rows[1][c] = ((c == 2) - rows[0][c]) / (2 * (1 - kb));
    rows[2][c] = ((c == 0) - rows[0][c]) / (2 * (1 - kr));
  }
  for (guint i = 0; i < 3; i++) {
    blender->offset[i] = offset[i];
    for (guint c = 0; c < 3; c++)
      blender->matrix[i][c] = (gint) lround (rows[i][c] * scale[i] / 255 * (1 << SHIFT));
  }
}

void
gst_cpac_blender_init (GstCpacBlender *blender, const GstVideoInfo *info)
{
  *blender = (GstCpacBlender){
    .is_yuv = GST_VIDEO_INFO_IS_YUV (info),
    .is_gray = GST_VIDEO_INFO_IS_GRAY (info),
    .depth = GST_VIDEO_INFO_COMP_PSTRIDE (info, 0),
    .low = GST_VIDEO_INFO_FORMAT (info) == GST_VIDEO_FORMAT_GRAY16_BE ? 1 : 0,
  };
  set_matrix (blender, info);
}

/* x / 255, rounded, for x up to 255 * 255. */
static inline guint
divide (guint x)
{
  x += 128;
  return (x + (x >> 8)) >> 8;
}

static inline Pixel
unpack (guint32 argb)
{
  return (Pixel){ argb >> 24, argb >> 16 & 255, argb >> 8 & 255, argb & 255 };
}

/* What component @i of a pixel adds to a sample: its offset counts as far as it covers. */
static inline guint
convert (const GstCpacBlender *blender, guint i, Pixel p)
{
  const gint *row = blender->matrix[i];
  gint sum = row[0] * (gint) p.r + row[1] * (gint) p.g + row[2] * (gint) p.b;

  sum += ((blender->offset[i] * (gint) p.a << SHIFT) + 127) / 255 + (1 << (SHIFT - 1));
  return (guint) CLAMP (sum >> SHIFT, 0, 255);
}

static inline guint8
lay_over (guint8 sample, guint colour, guint alpha)
{
  guint sum = colour + divide (sample * (255 - alpha));

  return (guint8) MIN (sum, 255);
}

/* One row of @n pixels of 3 or 4 bytes; @samples: of the first pixel, red, green and blue. */
static void
blend_rgb (guint8 *const samples[3], gsize step, const guint32 *argb, guint n)
{
  for (guint i = 0; i < n; i++) {
    Pixel p = unpack (argb[i]);
    gsize at = i * step;

    if (p.a == 0)
      continue;
    samples[0][at] = lay_over (samples[0][at], p.r, p.a);
    samples[1][at] = lay_over (samples[1][at], p.g, p.a);
    samples[2][at] = lay_over (samples[2][at], p.b, p.a);
  }
}

/* Colours of the frame that are not premultiplied. Where the frame is opaque it is the above. */
static void
blend_rgba (guint8 *const samples[4], const guint32 *argb, guint n)
{
  for (guint i = 0; i < n; i++) {
    Pixel p = unpack (argb[i]);
    gsize at = 4 * (gsize) i;
    guint below = samples[3][at], rest, sum;
    const guint colours[] = { p.r, p.g, p.b };

    if (p.a == 0)
      continue;
    rest = divide (below * (255 - p.a));
    sum = p.a + rest;
    for (guint c = 0; c < 3; c++)
      samples[c][at] =
          (guint8) MIN ((colours[c] * 255 + samples[c][at] * rest + sum / 2) / sum, 255);
    samples[3][at] = (guint8) sum;
  }
}

static void
blend_luma (const GstCpacBlender *blender, guint8 *luma, const guint32 *argb, guint n)
{
  /* Neighbours are often of one colour: in a plate, a box, a slowly changing map. */
  guint32 last = 0;
  guint colour = 0;

  for (guint i = 0; i < n; i++) {
    guint alpha = argb[i] >> 24;

    if (alpha == 0)
      continue;
    if (argb[i] != last) {
      last = argb[i];
      colour = convert (blender, 0, unpack (last));
    }
    luma[i] = lay_over (luma[i], colour, alpha);
  }
}

static void
blend_gray16 (const GstCpacBlender *blender, guint8 *gray, const guint32 *argb, guint n)
{
  for (guint i = 0; i < n; i++) {
    Pixel p = unpack (argb[i]);
    guint8 *low = &gray[2 * i + blender->low], *high = &gray[2 * i + 1 - blender->low];
    guint sample = (guint) *high << 8 | *low;

    if (p.a == 0)
      continue;
    sample = MIN (convert (blender, 0, p) * 257 + (sample * (255 - p.a) + 127) / 255, 65535);
    *low = (guint8) sample;
    *high = (guint8) (sample >> 8);
  }
}

/* Up to 2x2 pixels: @right and @below say whether there are a second column and row. */
static Pixel
mean_of_block (const guint32 *argb, gsize stride, gboolean right, gboolean below)
{
  guint n = 0;
  Pixel sum = { 0 };

  for (guint y = 0; y <= (below ? 1u : 0u); y++)
    for (guint x = 0; x <= (right ? 1u : 0u); x++) {
      Pixel p = unpack (argb[y * stride + x]);

      sum = (Pixel){ sum.a + p.a, sum.r + p.r, sum.g + p.g, sum.b + p.b };
      n++;
    }
  return (Pixel){ (sum.a + n / 2) / n, (sum.r + n / 2) / n, (sum.g + n / 2) / n,
                  (sum.b + n / 2) / n };
}

/* One row of chroma under @n columns of one or two rows of pixels. */
static void
blend_chroma (const GstCpacBlender *blender, guint8 *const chroma[2], gsize step,
              const guint32 *argb, gsize stride, guint n, gboolean below)
{
  for (guint i = 0; i < n; i += 2) {
    Pixel p = mean_of_block (argb + i, stride, i + 1 < n, below);
    gsize at = i / 2 * step;

    if (p.a == 0)
      continue;
    chroma[0][at] = lay_over (chroma[0][at], convert (blender, 1, p), p.a);
    chroma[1][at] = lay_over (chroma[1][at], convert (blender, 2, p), p.a);
  }
}

/* The sample of component @i at column @x and row @y, both of its own plane. */
static inline guint8 *
sample_at (GstVideoFrame *frame, guint i, guint x, guint y)
{
  return (guint8 *) GST_VIDEO_FRAME_COMP_DATA (frame, i) +
         (gssize) y * GST_VIDEO_FRAME_COMP_STRIDE (frame, i) +
         (gsize) x * (guint) GST_VIDEO_FRAME_COMP_PSTRIDE (frame, i);
}

static void
blend_row (const GstCpacBlender *blender, GstVideoFrame *frame, const guint32 *argb, guint x,
           guint y, guint n)
{
  guint8 *samples[4] = { sample_at (frame, 0, x, y) };

  if (blender->is_gray && blender->depth == 2) {
    blend_gray16 (blender, samples[0], argb, n);
  } else if (blender->is_gray || blender->is_yuv) {
    blend_luma (blender, samples[0], argb, n);
  } else {
    gboolean has_alpha = GST_VIDEO_FRAME_N_COMPONENTS (frame) == 4;

    for (guint c = 1; c < (has_alpha ? 4u : 3u); c++)
      samples[c] = sample_at (frame, c, x, y);
    if (has_alpha)
      blend_rgba (samples, argb, n);
    else
      blend_rgb (samples, (gsize) GST_VIDEO_FRAME_COMP_PSTRIDE (frame, 0), argb, n);
  }
}

void
gst_cpac_blend (const GstCpacBlender *blender, GstVideoFrame *frame, const guint32 *argb,
                gsize stride, guint x, guint y, guint width, guint height)
{
  for (guint i = 0; i < height; i++) {
    const guint32 *row = argb + (y + i) * stride + x;

    blend_row (blender, frame, row, x, y + i, width);
    if (blender->is_yuv && i % 2 == 0) {
      guint8 *chroma[] = { sample_at (frame, 1, x / 2, (y + i) / 2),
                           sample_at (frame, 2, x / 2, (y + i) / 2) };

      blend_chroma (blender, chroma, (gsize) GST_VIDEO_FRAME_COMP_PSTRIDE (frame, 1), row, stride,
                    width, i + 1 < height);
    }
  }
}
