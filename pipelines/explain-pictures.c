/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pipelines/explain-pictures.h"

#include <math.h>

#include "core/score/map-resize.h"
#include "pipelines/frames.h"

/* Of the overlay where the map is at its limit: the picture stays visible. */
#define MOST_OPAQUE 0.85

static const double blue[] = { 0, 114, 178 }, orange[] = { 213, 94, 0 },
                    white[] = { 247, 247, 247 };

/* Between @from and the colour of @value's sign by @weight. */
static void
mix (const double from[3], double value, double weight, guint8 out[3])
{
  const double *to = value < 0 ? blue : orange;

  for (guint c = 0; c < 3; c++)
    out[c] = (guint8) (from[c] + (to[c] - from[c]) * weight + 0.5);
}

/* (height, width), in units of the limit and within it. (transfer full) */
static float *
enlarge (const double *map, guint map_width, guint map_height, double limit, guint width,
         guint height)
{
  gsize n = (gsize) map_width * map_height;
  g_autofree float *levels = g_new (float, n);
  g_auto (CpacMapResize) resize = { 0 };
  float *out = g_new (float, (gsize) width *height);

  for (gsize i = 0; i < n; i++)
    levels[i] = (float) CLAMP (map[i] / limit, -1, 1);
  cpac_map_resize_init (&resize, map_width, map_height, width, height);
  for (guint y = 0; y < height; y++)
    cpac_map_resize_row (&resize, levels, y, out + (gsize) y * width);
  return out;
}

static gboolean
write_rgb (const guint8 *pixels, guint width, guint height, const char *folder, const char *name,
           GError **error)
{
  const CpacFrameInfo info = { .format = CPAC_PIXEL_RGB, .width = width, .height = height };
  const CpacFrame frame = { &info, { pixels }, { (gssize) width * 3 } };
  g_autofree char *path = g_build_filename (folder, name, NULL);

  return cpac_frames_write_png (&frame, path, error);
}

gboolean
explain_write_map (const double *map, guint map_width, guint map_height, double limit, guint width,
                   guint height, const char *folder, const char *name, GError **error)
{
  g_autofree float *levels = enlarge (map, map_width, map_height, limit, width, height);
  gsize n = (gsize) width * height;
  g_autofree guint8 *pixels = g_malloc (3 * n);

  for (gsize i = 0; i < n; i++)
    mix (white, levels[i], fabs (levels[i]), pixels + 3 * i);
  return write_rgb (pixels, width, height, folder, name, error);
}

/* The picture in gray, 0..255, at its own size. (transfer full) */
static float *
read_gray (const CpacFrame *frame, GError **error)
{
  const CpacInputSpec spec = {
    .width = frame->info->width,
    .height = frame->info->height,
    .channels = 1,
    .scale = { 1 },
    .resize = CPAC_RESIZE_NEAREST,
    .min_width = 1,
    .min_height = 1,
  };
  g_autoptr (CpacFramePlan) plan = cpac_frame_plan_new (&spec, frame->info, NULL, error);
  float *gray;

  if (plan == NULL)
    return NULL;
  gray = g_new (float, (gsize) spec.width *spec.height);
  cpac_frame_plan_run (plan, frame, gray);
  return gray;
}

gboolean
explain_write_overlay (const double *map, guint map_width, guint map_height, double limit,
                       const CpacFrame *frame, const char *folder, const char *name, GError **error)
{
  guint width = frame->info->width, height = frame->info->height;
  gsize n = (gsize) width * height;
  g_autofree float *gray = read_gray (frame, error), *levels = NULL;
  g_autofree guint8 *pixels = NULL;

  if (gray == NULL)
    return FALSE;
  levels = enlarge (map, map_width, map_height, limit, width, height);
  pixels = g_malloc (3 * n);
  for (gsize i = 0; i < n; i++) {
    const double from[] = { gray[i], gray[i], gray[i] };

    mix (from, levels[i], MOST_OPAQUE * fabs (levels[i]), pixels + 3 * i);
  }
  return write_rgb (pixels, width, height, folder, name, error);
}
