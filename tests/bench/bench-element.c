/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What cpacscore takes for a frame, and where it goes: preparation, network, and the rest, which is
 * score, heat map, regions, metadata and GStreamer itself. Medians of rounds in turn, in time of
 * this thread alone, as other programs do not count. Before that, how much memory a model, its
 * stream and one frame add to the process.
 *
 *   bench-element MODEL...
 */

#include <gst/check/gstharness.h>
#include <gst/video/video.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "core/frame/frame.h"
#include "core/network/stream.h"
#include "core/score/scorer.h"

enum { N_RUNS = 201 };

typedef enum { IDENTITY, PREPARE, NETWORK, SCORER, ELEMENT, ELEMENT_BARE, N_STEPS } Step;

typedef struct {
  CpacModel *model;
  CpacFrameInfo info;
  CpacFramePlan *plan;
  CpacStream *stream;
  CpacScorer *scorer;
  GstHarness *identity, *element, *bare;
  GstBuffer *buffer;
  float *input;
} Bench;

/* Of memory that is there, not only promised. */
static double
resident_mb (void)
{
  g_autofree char *text = NULL;
  unsigned long pages = 0;

  g_assert_true (g_file_get_contents ("/proc/self/statm", &text, NULL, NULL));
  g_assert_cmpint (sscanf (text, "%*u %lu", &pages), ==, 1);
  return (double) pages * (double) sysconf (_SC_PAGESIZE) / (1 << 20);
}

static double
now_us (void)
{
  struct timespec now;

  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &now);
  return (double) now.tv_sec * 1e6 + (double) now.tv_nsec / 1e3;
}

static int
compare (gconstpointer a, gconstpointer b)
{
  double x = *(const double *) a, y = *(const double *) b;

  return (x > y) - (x < y);
}

/* Frames of the network's own size: the least preparation there is. */
static GstHarness *
harness_new (const char *element, const char *path, const CpacFrameInfo *info)
{
  g_autofree char *line =
      path != NULL ? g_strdup_printf ("%s model=\"%s\"", element, path) : g_strdup (element);
  GstHarness *harness = gst_harness_new_parse (line);
  g_autofree char *caps =
      g_strdup_printf ("video/x-raw,format=%s,width=%u,height=%u,framerate=30/1",
                       cpac_pixel_format_to_string (info->format), info->width, info->height);

  gst_harness_set_src_caps_str (harness, caps);
  return harness;
}

static void
push (GstHarness *harness, Bench *bench)
{
  g_assert_cmpint (gst_harness_push (harness, bench->buffer), ==, GST_FLOW_OK);
  bench->buffer = gst_buffer_make_writable (gst_harness_pull (harness));
}

static void
drop_metadata (GstBuffer *buffer)
{
  GstCustomMeta *meta = gst_buffer_get_custom_meta (buffer, "CpacScoreMeta");

  if (meta != NULL)
    gst_buffer_remove_meta (buffer, (GstMeta *) meta);
}

static double
do_step (Bench *bench, Step step, const CpacFrame *frame)
{
  double begin;

  drop_metadata (bench->buffer);
  begin = now_us ();
  switch (step) {
    case IDENTITY:
      push (bench->identity, bench);
      break;
    case PREPARE:
      cpac_frame_plan_run (bench->plan, frame, bench->input);
      break;
    case NETWORK:
      cpac_stream_run (bench->stream);
      break;
    case SCORER:
      cpac_scorer_score (bench->scorer, frame, NULL);
      break;
    case ELEMENT:
      push (bench->element, bench);
      break;
    case ELEMENT_BARE:
      push (bench->bare, bench);
      break;
    default:
      g_assert_not_reached ();
  }
  return now_us () - begin;
}

static CpacScorer *
scorer_new (CpacModel *model, const CpacFrameInfo *info, const CpacFrame *frame)
{
  CpacScorerOptions options = CPAC_SCORER_OPTIONS_INIT;
  g_autoptr (GError) error = NULL;
  CpacScorer *scorer = cpac_scorer_new (model, &options, &error);

  g_assert_no_error (error);
  g_assert_true (cpac_scorer_set_stream (scorer, info, NULL, NULL));
  cpac_scorer_score (scorer, frame, NULL);
  return scorer;
}

static void
bench_init (Bench *bench, const char *path, const CpacFrame *frame)
{
  CpacStreamOptions options = { .n_threads = 1 };

  g_assert_true (cpac_level_get (&options.level, NULL));
  bench->plan = cpac_frame_plan_new (cpac_model_get_input (bench->model), &bench->info, NULL, NULL);
  bench->stream = cpac_stream_new (cpac_model_get_network (bench->model),
                                   cpac_model_get_params (bench->model), &options);
  bench->input = cpac_stream_get_input (bench->stream);
  bench->identity = harness_new ("identity", NULL, &bench->info);
  bench->element = harness_new ("cpacscore", path, &bench->info);
  bench->bare = harness_new ("cpacscore heatmap=false", path, &bench->info);
  bench->buffer =
      gst_buffer_new_memdup (frame->planes[0], (gsize) bench->info.height * frame->strides[0]);
}

static void
bench_clear (Bench *bench)
{
  gst_buffer_unref (bench->buffer);
  gst_harness_teardown (bench->bare);
  gst_harness_teardown (bench->element);
  gst_harness_teardown (bench->identity);
  cpac_scorer_free (bench->scorer);
  cpac_stream_free (bench->stream);
  cpac_frame_plan_free (bench->plan);
  cpac_model_unref (bench->model);
}

static void
report (const char *path, const double *us, double memory)
{
  g_autofree char *name = g_path_get_basename (path);
  double base = us[IDENTITY], work = us[PREPARE] + us[NETWORK];

  g_print ("%-24s %7.1f %9.1f %9.1f %9.1f %9.1f %11.1f %9.2f\n", name, us[PREPARE], us[NETWORK],
           us[SCORER] - work, us[ELEMENT] - base, us[ELEMENT] - base - work,
           us[ELEMENT_BARE] - base - work, memory);
}

static void
bench (const char *path)
{
  Bench bench = { 0 };
  g_autoptr (GError) error = NULL;
  double times[N_STEPS][N_RUNS], us[N_STEPS], before = resident_mb (), memory;
  const CpacInputSpec *input;
  g_autofree guint8 *pixels = NULL;
  CpacFrame frame = { .info = &bench.info };

  bench.model = cpac_model_load (path, 0, &error);
  if (bench.model == NULL)
    g_error ("%s", error->message);
  input = cpac_model_get_input (bench.model);
  bench.info = (CpacFrameInfo){ .format = input->channels == 3 ? CPAC_PIXEL_RGB : CPAC_PIXEL_GRAY8,
                                .width = input->width,
                                .height = input->height };
  frame.strides[0] = GST_ROUND_UP_4 (input->width * input->channels);
  pixels = g_malloc ((gsize) frame.strides[0] * input->height);
  for (gsize i = 0; i < (gsize) frame.strides[0] * input->height; i++)
    pixels[i] = (guint8) (100 + ((guint32) i * 2654435761u >> 28));
  frame.planes[0] = pixels;
  bench.scorer = scorer_new (bench.model, &bench.info, &frame);
  memory = resident_mb () - before;
  bench_init (&bench, path, &frame);
  for (guint run = 0; run < N_RUNS; run++)
    for (Step step = 0; step < N_STEPS; step++)
      times[step][run] = do_step (&bench, step, &frame);
  for (Step step = 0; step < N_STEPS; step++) {
    qsort (times[step], N_RUNS, sizeof (double), compare);
    us[step] = times[step][N_RUNS / 2];
  }
  report (path, us, memory);
  bench_clear (&bench);
}

int
main (int argc, char **argv)
{
  gst_init (&argc, &argv);
  if (argc < 2) {
    g_printerr ("usage: bench-element MODEL...\n");
    return 2;
  }
  g_print ("%-24s %7s %9s %9s %9s %9s %11s %9s\n", "us a frame", "prepare", "network", "score",
           "element", "beyond", "no heat map", "MB added");
  for (gint i = 1; i < argc; i++)
    bench (argv[i]);
  return 0;
}
