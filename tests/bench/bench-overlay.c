/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Milliseconds that cpacoverlay and cpacheatmap take for a frame: the median, in place. Drawn are a
 * verdict alone, three small defects, and a map that glows all over. */

#include <gst/check/gstharness.h>
#include <stdlib.h>

#include "plugin/score-meta.h"

enum { N_RUNS = 31, SIDE = 48, N_SCENES = 3 };

static const struct {
  const char *name;
  guint width, height;
} sizes[] = { { "480p", 640, 480 }, { "1080p", 1920, 1080 }, { "4K", 3840, 2160 } };

static const char *const formats[] = { "I420", "NV12", "BGRx", "RGB", "GRAY8" };
static const char *const scenes[N_SCENES] = { "verdict", "defects", "all over" };

static guint8 maps[N_SCENES][SIDE * SIDE];
static CpacDefectRegion regions[3];
static CpacPoint points[3][12];
static CpacContour contours[3];

/* Round 3x3 cells at (@x, @y) at the distance where 220 among 0 passes 127.5. */
static void
fill_contour (guint index, guint x, guint y)
{
  static const double sides[][2] = { { 0, -1 }, { 1, 0 }, { 0, 1 }, { -1, 0 } };
  const double reach = 1 + (220 - 127.5) / 220;

  for (guint i = 0; i < 12; i++) {
    const double *side = sides[i / 3];
    double along = (double) (i % 3) - 1;

    points[index][i] = (CpacPoint){ (x + 1.5 + side[0] * reach - side[1] * along) / SIDE,
                                    (y + 1.5 + side[1] * reach + side[0] * along) / SIDE };
  }
  contours[index] = (CpacContour){ index + 1, 12, points[index] };
}

/* Three spots of 3x3 cells; or everything. */
static void
fill_maps (void)
{
  for (guint i = 0; i < SIDE * SIDE; i++)
    maps[2][i] = (guint8) (160 + i % 90);
  for (guint k = 0; k < 3; k++) {
    guint x = 10 + 12 * k, y = 30 - 8 * k;

    for (guint i = 0; i < 9; i++)
      maps[1][(y + i / 3) * SIDE + x + i % 3] = 220;
    regions[k] = (CpacDefectRegion){ .x = (double) x / SIDE,
                                     .y = (double) y / SIDE,
                                     .width = 3.0 / SIDE,
                                     .height = 3.0 / SIDE,
                                     .score = 1,
                                     .area = 1000,
                                     .peak_x = (x + 0.5) / SIDE,
                                     .peak_y = (y + 0.5) / SIDE };
    fill_contour (k, x, y);
  }
}

static GstBuffer *
make_frame (const char *format, guint width, guint height, guint scene)
{
  GstVideoInfo info;
  GstBuffer *buffer;
  CpacInspection inspection = { .verdict = scene == 0 ? CPAC_VERDICT_OK : CPAC_VERDICT_NOT_OK,
                                .has_score = TRUE,
                                .score = 0.5,
                                .has_thresholds = TRUE,
                                .width = width,
                                .height = height,
                                .region = { 0, 0, width, height },
                                .heatmap = maps[scene],
                                .map_width = SIDE,
                                .map_height = SIDE,
                                .heatmap_min = -1,
                                .heatmap_max = 1,
                                .has_regions = TRUE,
                                .n_regions = scene == 1 ? 3 : 0,
                                .regions = regions,
                                .n_contours = scene == 1 ? 3 : 0,
                                .contours = contours };

  gst_video_info_set_format (&info, gst_video_format_from_string (format), width, height);
  buffer = gst_buffer_new_allocate (NULL, info.size, NULL);
  gst_buffer_memset (buffer, 0, 100, info.size);
  gst_cpac_score_meta_add (buffer, &inspection);
  return buffer;
}

static int
compare (gconstpointer a, gconstpointer b)
{
  gint64 x = *(const gint64 *) a, y = *(const gint64 *) b;

  return (x > y) - (x < y);
}

/* The frame goes round: what comes out goes in again. */
static double
measure (GstHarness *harness, GstBuffer *frame, gboolean in_place)
{
  gint64 times[N_RUNS];

  for (guint i = 0; i < N_RUNS; i++) {
    gint64 start = g_get_monotonic_time ();
    GstBuffer *out;

    gst_harness_push (harness, in_place ? frame : gst_buffer_ref (frame));
    out = gst_harness_pull (harness);
    times[i] = g_get_monotonic_time () - start;
    if (in_place)
      frame = out;
    else
      gst_buffer_unref (out);
  }
  gst_buffer_unref (frame);
  qsort (times, N_RUNS, sizeof times[0], compare);
  return (double) times[N_RUNS / 2] / 1000;
}

static GstHarness *
start (const char *element, const char *format, guint width, guint height)
{
  g_autofree char *caps = g_strdup_printf (
      "video/x-raw,format=%s,width=%u,height=%u,framerate=30/1", format, width, height);
  GstHarness *harness = gst_harness_new_parse (element);

  gst_harness_set_src_caps_str (harness, caps);
  return harness;
}

int
main (int argc, char **argv)
{
  gst_init (&argc, &argv);
  gst_cpac_score_meta_register ();
  fill_maps ();
  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++) {
    guint width = sizes[i].width, height = sizes[i].height;

    for (guint f = 0; f < G_N_ELEMENTS (formats); f++) {
      g_print ("cpacoverlay %-5s %-5s", sizes[i].name, formats[f]);
      for (guint s = 0; s < N_SCENES; s++) {
        GstHarness *harness = start ("cpacoverlay", formats[f], width, height);

        g_print ("  %s %6.2f ms", scenes[s],
                 measure (harness, make_frame (formats[f], width, height, s), TRUE));
        gst_harness_teardown (harness);
      }
      g_print ("\n");
    }
    for (guint gray = 0; gray < 2; gray++) {
      GstHarness *harness =
          start (gray ? "cpacheatmap" : "cpacheatmap colormap=thermal", "GRAY8", width, height);

      g_print ("cpacheatmap %-5s %-5s  %6.2f ms\n", sizes[i].name, gray ? "GRAY8" : "RGB",
               measure (harness, make_frame ("GRAY8", width, height, 1), FALSE));
      gst_harness_teardown (harness);
    }
  }
  return 0;
}
