/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Microseconds that the camera's measures of one frame take: median of repeated runs, one thread,
 * for every format at two sizes, with the frame in the cache, as it is behind cpacscore. */

#include <stdlib.h>

#include "core/monitor/camera.h"

enum { MAX_WIDTH = 1920, MAX_HEIGHT = 1080, N_RUNS = 201 };

static int
compare (gconstpointer a, gconstpointer b)
{
  gint64 x = *(const gint64 *) a, y = *(const gint64 *) b;

  return (x > y) - (x < y);
}

static double
median_us (const CpacFrame *frame)
{
  double measures[CPAC_N_CAMERA_MEASURES];
  gint64 times[N_RUNS];

  for (guint i = 0; i < N_RUNS; i++) {
    gint64 start = g_get_monotonic_time ();

    for (guint k = 0; k < 10; k++)
      cpac_camera_measure (frame, NULL, measures);
    times[i] = g_get_monotonic_time () - start;
  }
  qsort (times, N_RUNS, sizeof times[0], compare);
  return times[N_RUNS / 2] / 10.0;
}

static double
bench (CpacPixelFormat format, guint width, guint height, const guint8 *pixels)
{
  CpacFrameInfo info = { .format = format, .width = width, .height = height };
  CpacFrame frame = { .info = &info, .planes = { pixels }, .strides = { 4 * (gssize) width } };

  return median_us (&frame);
}

int
main (void)
{
  g_autofree guint8 *pixels = g_malloc (MAX_WIDTH * MAX_HEIGHT * 4);

  for (guint i = 0; i < MAX_WIDTH * MAX_HEIGHT * 4; i++)
    pixels[i] = (guint8) (i * 2654435761u >> 24);
  g_print ("%-10s %10s %10s   us\n", "format", "256x256", "1920x1080");
  for (guint i = 0; i < CPAC_N_PIXEL_FORMATS; i++)
    g_print ("%-10s %10.1f %10.1f\n", cpac_pixel_format_to_string (i), bench (i, 256, 256, pixels),
             bench (i, MAX_WIDTH, MAX_HEIGHT, pixels));
  return 0;
}
