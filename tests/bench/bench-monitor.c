/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Microseconds that cpacmonitor adds to a frame behind cpacscore, once limits are set: the fastest
 * of 31 runs of 200 frames through a harness, as other programs may slow some down, less that of
 * the same harness about identity. Frames are parts of one, with p-value, heat map and a region in
 * the metadata, and stay in the cache. The last column is what waiting for the disk at the end of
 * each part takes instead (the median). */

#include <gst/check/gstharness.h>
#include <gst/video/video.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <time.h>

#include "plugin/score-meta.h"

enum { N_RUNS = 31, N_FRAMES = 200, N_PHASE_ONE = 120 };

typedef struct {
  const char *format;
  guint width, height;
} Size;

static const Size sizes[] = {
  { "GRAY8", 256, 256 }, { "GRAY8", 1920, 1080 }, { "GRAY16_LE", 1920, 1080 }, { "RGB", 256, 256 },
  { "RGB", 1920, 1080 }, { "BGRx", 1920, 1080 },  { "NV12", 1920, 1080 },
};

typedef enum { IDENTITY, CHARTS, JOURNAL, SYNC, N_MODES } Mode;

static GstBuffer *
buffer_new (const Size *size, GstVideoInfo *info)
{
  GstBuffer *buffer = gst_buffer_new_allocate (NULL, GST_VIDEO_INFO_SIZE (info), NULL);
  GstMapInfo map;

  g_assert_true (gst_buffer_map (buffer, &map, GST_MAP_WRITE));
  for (gsize i = 0; i < map.size; i++)
    map.data[i] = (guint8) (100 + ((guint32) i * 2654435761u >> 28));
  gst_buffer_unmap (buffer, &map);
  return buffer;
}

static guint32
draw (guint32 *seed)
{
  *seed = *seed * 1664525u + 1013904223u;
  return *seed >> 4;
}

/* A new number, score and brightness for the frame. */
static void
renew (GstBuffer *buffer, const Size *size, guint64 index, guint32 *seed)
{
  static const guint8 heatmap[64 * 64];
  static const CpacDefectRegion region = { 0.25, 0.5, 0.5, 0.25, 3.5, 12, 0.5, 0.6, 0.4, 0.7 };
  CpacInspection inspection = { .status = CPAC_STATUS_SCORED,
                                .verdict = CPAC_VERDICT_OK,
                                .has_score = TRUE,
                                .score = 0.5,
                                .has_p_value = TRUE,
                                .p_value = (draw (seed) % 998 + 1) / 1000.0,
                                .has_thresholds = TRUE,
                                .threshold = 2,
                                .warn_threshold = 1,
                                .model = "bench",
                                .model_sha256 = "aa",
                                .config_sha256 = "bb",
                                .frame = index,
                                .width = size->width,
                                .height = size->height,
                                .region = { 0, 0, size->width, size->height },
                                .heatmap = heatmap,
                                .map_width = 64,
                                .map_height = 64,
                                .has_regions = TRUE,
                                .n_regions = 1,
                                .regions = &region };
  GstMapInfo map;

  gst_cpac_score_meta_add (buffer, &inspection);
  g_assert_true (gst_buffer_map (buffer, &map, GST_MAP_WRITE));
  for (guint i = 0; i < 1024; i++)
    map.data[draw (seed) % map.size] = (guint8) (90 + draw (seed) % 40);
  gst_buffer_unmap (buffer, &map);
  GST_BUFFER_PTS (buffer) = index * GST_SECOND / 30;
  GST_BUFFER_DURATION (buffer) = GST_SECOND / 30;
}

static GstHarness *
harness_new (const Size *size, Mode mode, const char *folder)
{
  GstHarness *harness = gst_harness_new (mode == IDENTITY ? "identity" : "cpacmonitor");
  g_autofree char *caps =
      g_strdup_printf ("video/x-raw,format=%s,width=%u,height=%u,framerate=30/1", size->format,
                       size->width, size->height);
  g_autofree char *journal = g_build_filename (folder, "journal", NULL);

  gst_element_set_state (harness->element, GST_STATE_READY);
  if (mode != IDENTITY)
    g_object_set (harness->element, "phase-one-parts", N_PHASE_ONE, "hours-per-false-alarm", 1000.0,
                  NULL);
  if (mode >= JOURNAL)
    g_object_set (harness->element, "journal", journal, "journal-sync", mode == SYNC, NULL);
  gst_harness_play (harness);
  gst_harness_set_src_caps_str (harness, caps);
  return harness;
}

/* Of this thread alone: other programs do not count. Waiting does, where that is what is measured.
 */
static double
now_us (Mode mode)
{
  struct timespec now;

  clock_gettime (mode == SYNC ? CLOCK_MONOTONIC : CLOCK_THREAD_CPUTIME_ID, &now);
  return (double) now.tv_sec * 1e6 + (double) now.tv_nsec / 1e3;
}

static int
compare (gconstpointer a, gconstpointer b)
{
  double x = *(const double *) a, y = *(const double *) b;

  return (x > y) - (x < y);
}

static double
bench (const Size *size, Mode mode, const char *folder)
{
  GstHarness *harness = harness_new (size, mode, folder);
  guint32 seed = 1;
  double times[N_RUNS];
  GstVideoInfo info;
  GstBuffer *buffer;
  guint64 index = 0;

  gst_video_info_set_format (&info, gst_video_format_from_string (size->format), size->width,
                             size->height);
  buffer = buffer_new (size, &info);
  for (gint run = mode == IDENTITY ? 0 : -1; run < N_RUNS; run++) {
    double spent = 0;

    for (guint i = 0; i < N_FRAMES; i++) {
      double start;

      renew (buffer, size, index++, &seed);
      start = now_us (mode);
      g_assert_cmpint (gst_harness_push (harness, buffer), ==, GST_FLOW_OK);
      buffer = gst_harness_pull (harness);
      spent += now_us (mode) - start;
    }
    if (run >= 0)
      times[run] = spent / N_FRAMES;
  }
  gst_buffer_unref (buffer);
  gst_harness_teardown (harness);
  qsort (times, N_RUNS, sizeof times[0], compare);
  return times[mode == SYNC ? N_RUNS / 2 : 0];
}

int
main (int argc, char **argv)
{
  g_autofree char *folder = NULL, *journal = NULL;

  gst_init (&argc, &argv);
  gst_cpac_score_meta_register ();
  folder = g_dir_make_tmp ("cpac-bench-XXXXXX", NULL);
  journal = g_build_filename (folder, "journal", NULL);
  g_print ("%-10s %-9s %8s %14s %12s   us a frame\n", "format", "size", "charts", "with journal",
           "with disk");
  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++) {
    double base = bench (&sizes[i], IDENTITY, folder);
    g_autofree char *size = g_strdup_printf ("%ux%u", sizes[i].width, sizes[i].height);

    g_print ("%-10s %-9s", sizes[i].format, size);
    for (Mode mode = CHARTS; mode < N_MODES; mode++)
      g_print (" %*.1f",
               mode == CHARTS    ? 8
               : mode == JOURNAL ? 14
                                 : 12,
               bench (&sizes[i], mode, folder) - base);
    g_print ("\n");
  }
  g_remove (journal);
  g_rmdir (folder);
  return 0;
}
