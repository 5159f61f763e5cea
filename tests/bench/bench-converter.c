/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* From 1080p NV12 to a gray network input: the frame plan alone, against what videoconvertscale
 * does (GstVideoConverter with the options of its methods) and the plan on the small frame. The
 * ways take turns within each round, each on a frame that has just been written, as a source leaves
 * it; one thread. */

#include <stdlib.h>

#include <gst/video/video.h>

#include "core/frame/frame.h"

enum { WIDTH = 1920, HEIGHT = 1080, N_ROUNDS = 301, SAMPLE = 77 };

typedef struct {
  const char *name;
  CpacResize resize;
  gboolean converts;
  int max_taps; /* 0: as many as the reduction needs */
} Way;

static const Way ways[] = {
  { "plan, area", CPAC_RESIZE_AREA, FALSE, 0 },
  { "plan, bilinear", CPAC_RESIZE_BILINEAR, FALSE, 0 },
  { "method=bilinear", CPAC_RESIZE_AREA, TRUE, 2 },
  { "method=bilinear2", CPAC_RESIZE_AREA, TRUE, 0 },
};
enum { N_WAYS = G_N_ELEMENTS (ways) };

typedef struct {
  CpacFrameInfo info;
  CpacFramePlan *plan;
  GstVideoConverter *converter;
  GstVideoFrame small;
  gint64 times[N_ROUNDS];
} Setup;

static int
compare (gconstpointer a, gconstpointer b)
{
  gint64 x = *(const gint64 *) a, y = *(const gint64 *) b;

  return (x > y) - (x < y);
}

static void
map_new (const GstVideoInfo *info, GstVideoFrame *frame)
{
  g_autoptr (GstBuffer) buffer = gst_buffer_new_allocate (NULL, info->size, NULL);

  gst_video_frame_map (frame, (GstVideoInfo *) info, buffer, GST_MAP_READWRITE);
}

/* The colorimetry of the small frame is its default, as where caps do not say. */
static void
setup_converter (Setup *setup, const Way *way, const GstVideoInfo *large, guint size)
{
  GstVideoInfo small;
  GstStructure *options =
      gst_structure_new ("options", GST_VIDEO_CONVERTER_OPT_RESAMPLER_METHOD,
                         GST_TYPE_VIDEO_RESAMPLER_METHOD, GST_VIDEO_RESAMPLER_METHOD_LINEAR, NULL);

  if (way->max_taps > 0)
    gst_structure_set (options, GST_VIDEO_RESAMPLER_OPT_MAX_TAPS, G_TYPE_INT, way->max_taps, NULL);
  gst_video_info_set_format (&small, GST_VIDEO_FORMAT_GRAY8, size, size);
  map_new (&small, &setup->small);
  setup->converter = gst_video_converter_new ((GstVideoInfo *) large, &small, options);
  setup->info = (CpacFrameInfo){ .format = CPAC_PIXEL_GRAY8, .width = size, .height = size };
}

static void
setup_init (Setup *setup, const Way *way, const GstVideoInfo *large, guint size)
{
  CpacInputSpec spec = {
    .width = size,
    .height = size,
    .channels = 1,
    .scale = { 255 },
    .resize = way->resize,
    .min_width = 1,
    .min_height = 1,
  };

  *setup = (Setup){ .info = { .format = CPAC_PIXEL_NV12, .width = WIDTH, .height = HEIGHT } };
  if (way->converts)
    setup_converter (setup, way, large, size);
  setup->plan = cpac_frame_plan_new (&spec, &setup->info, NULL, NULL);
}

static void
setup_clear (Setup *setup)
{
  cpac_frame_plan_free (setup->plan);
  if (setup->converter == NULL)
    return;
  gst_video_converter_free (setup->converter);
  gst_video_frame_unmap (&setup->small);
}

static gint64
prepare (Setup *setup, const GstVideoFrame *large, float *out)
{
  const GstVideoFrame *from = setup->converter != NULL ? &setup->small : large;
  CpacFrame frame = { .info = &setup->info };
  gint64 start;

  gst_buffer_memset (large->buffer, 0, SAMPLE, large->info.size);
  start = g_get_monotonic_time ();
  if (setup->converter != NULL)
    gst_video_converter_frame (setup->converter, large, &setup->small);
  for (guint k = 0; k < GST_VIDEO_FRAME_N_PLANES (from); k++) {
    frame.planes[k] = GST_VIDEO_FRAME_PLANE_DATA (from, k);
    frame.strides[k] = GST_VIDEO_FRAME_PLANE_STRIDE (from, k);
  }
  cpac_frame_plan_run (setup->plan, &frame, out);
  return g_get_monotonic_time () - start;
}

static void
print_medians (Setup *setups, guint size)
{
  double medians[N_WAYS];

  for (guint w = 0; w < N_WAYS; w++) {
    qsort (setups[w].times, N_ROUNDS, sizeof setups[w].times[0], compare);
    medians[w] = setups[w].times[N_ROUNDS / 2];
  }
  for (guint w = 0; w < N_WAYS; w++)
    g_print ("%4ux%-4u %-18s %8.0f %12.2f %12.2f\n", size, size, ways[w].name, medians[w],
             medians[w] / medians[0], medians[w] / medians[1]);
}

static void
bench (const GstVideoFrame *large, guint size)
{
  Setup setups[N_WAYS];
  g_autofree float *out = g_new (float, size *size);

  for (guint w = 0; w < N_WAYS; w++)
    setup_init (&setups[w], &ways[w], &large->info, size);
  for (guint i = 0; i < N_ROUNDS; i++)
    for (guint w = 0; w < N_WAYS; w++)
      setups[w].times[i] = prepare (&setups[w], large, out);
  print_medians (setups, size);
  for (guint w = 0; w < N_WAYS; w++)
    setup_clear (&setups[w]);
}

int
main (int argc, char **argv)
{
  GstVideoInfo info;
  GstVideoFrame large;

  gst_init (&argc, &argv);
  gst_video_info_set_format (&info, GST_VIDEO_FORMAT_NV12, WIDTH, HEIGHT);
  map_new (&info, &large);
  g_print ("%-9s %-18s %8s %12s %12s\n", "size", "way", "us", "to area", "to bilinear");
  bench (&large, 256);
  bench (&large, 100);
  gst_video_frame_unmap (&large);
  return 0;
}
