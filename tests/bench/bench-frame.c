/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Microseconds per frame from 1920x1080 to network input: median of repeated runs, one thread, the
 * frame staying in the cache. */

#include <stdlib.h>

#include "core/frame/frame.h"

enum { WIDTH = 1920, HEIGHT = 1080, N_RUNS = 31 };

typedef struct {
  CpacPixelFormat format;
  guint channels;
} Case;

static const Case cases[] = {
  { CPAC_PIXEL_GRAY8, 1 }, { CPAC_PIXEL_NV12, 1 },      { CPAC_PIXEL_NV12, 3 },
  { CPAC_PIXEL_I420, 3 },  { CPAC_PIXEL_GRAY16_LE, 1 }, { CPAC_PIXEL_RGB, 1 },
  { CPAC_PIXEL_RGB, 3 },   { CPAC_PIXEL_BGRX, 3 },
};

static const guint sizes[] = { 100, 256, 512 };
static const char *resize_names[] = { "area", "bilinear", "nearest" };

static int
compare (gconstpointer a, gconstpointer b)
{
  gint64 x = *(const gint64 *) a, y = *(const gint64 *) b;

  return (x > y) - (x < y);
}

static double
median_us (CpacFramePlan *plan, const CpacFrame *frame, float *out)
{
  gint64 times[N_RUNS];

  for (guint i = 0; i < N_RUNS; i++) {
    gint64 start = g_get_monotonic_time ();

    cpac_frame_plan_run (plan, frame, out);
    times[i] = g_get_monotonic_time () - start;
  }
  qsort (times, N_RUNS, sizeof times[0], compare);
  return times[N_RUNS / 2];
}

static double
bench (const Case *c, guint size, CpacResize resize, guint8 *pixels)
{
  CpacFrameInfo info = { .format = c->format, .width = WIDTH, .height = HEIGHT };
  CpacInputSpec spec = {
    .width = size,
    .height = size,
    .channels = c->channels,
    .scale = { 255, 255, 255 },
    .resize = resize,
    .min_width = 1,
    .min_height = 1,
  };
  guint8 *chroma = pixels + WIDTH * HEIGHT;
  CpacFrame frame = { .info = &info,
                      .planes = { pixels, chroma, chroma + WIDTH * HEIGHT / 4 },
                      .strides = { WIDTH * 4, WIDTH, WIDTH / 2 } };
  g_autoptr (CpacFramePlan) plan = cpac_frame_plan_new (&spec, &info, NULL, NULL);
  g_autofree float *out = g_new (float, 3 * size * size);

  if (c->format == CPAC_PIXEL_GRAY8 || cpac_pixel_format_get_n_planes (c->format) > 1)
    frame.strides[0] = WIDTH;
  return median_us (plan, &frame, out);
}

int
main (void)
{
  g_autofree guint8 *pixels = g_malloc (WIDTH * HEIGHT * 4);

  for (guint i = 0; i < WIDTH * HEIGHT * 4; i++)
    pixels[i] = i * 2654435761u >> 24;
  g_print ("%-10s %-8s %-9s %-9s %8s\n", "format", "channels", "size", "resize", "us");
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    for (guint s = 0; s < G_N_ELEMENTS (sizes); s++)
      for (guint r = 0; r < G_N_ELEMENTS (resize_names); r++)
        g_print ("%-10s %-8u %4ux%-4u %-9s %8.0f\n", cpac_pixel_format_to_string (cases[i].format),
                 cases[i].channels, sizes[s], sizes[s], resize_names[r],
                 bench (&cases[i], sizes[s], r, pixels));
  return 0;
}
