/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What cpacscore takes for a frame, and where it goes, for a sound frame and a rejected one: the
 * first of each among PICTURES or, without any, among the embedded sample's frames. Preparation,
 * network, score and map, and regions are what the scorer does, called one by one; `element` is the
 * rest of the element beyond the scorer's own time and beyond what the identity element takes, with
 * and without heat map; `free` is what whoever drops the frame takes for its metadata. Medians of
 * rounds in turn, on one thread. Before that, how much memory a model, its stream and one frame add
 * to the process. Models with a map head.
 *
 *   bench-element MODEL.yaml... [PICTURE...]
 */

#include <gst/check/gstharness.h>
#include <gst/video/video.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/explain/defect-regions.h"
#include "core/frame/frame.h"
#include "core/kernels/rows.h"
#include "core/network/stream.h"
#include "core/score/scorer.h"
#include "core/train/footage.h"
#include "pipelines/frames.h"

enum { N_RUNS = 401 };

typedef enum {
  PREPARE,
  NETWORK,
  MAP,
  REGIONS,
  ELEMENT,
  ELEMENT_BARE,
  FREE,
  N_PARTS,
} Part;

/* A gray picture, its rows padded as GStreamer has them. */
typedef struct {
  CpacFrameInfo info;
  guint8 *pixels;
  gssize stride;
} Picture;

/* Of one frame. */
typedef struct {
  const CpacModel *model;
  const Picture *picture;
  CpacFramePlan *plan;
  CpacStream *stream;
  float *map, *scratch;
  guint8 *heatmap;
  CpacRegionFinder *finder;
  guint n_regions;
  GstHarness *identity, *element, *bare;
  GstBuffer *buffer;
  double times[N_PARTS][N_RUNS];
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
  return (double) gst_util_get_timestamp () / 1e3;
}

static int
compare (gconstpointer a, gconstpointer b)
{
  double x = *(const double *) a, y = *(const double *) b;

  return (x > y) - (x < y);
}

/* --- Pictures --- */

/* Takes @gray (height, width). */
static Picture
picture_take (guint8 *gray, guint width, guint height)
{
  gsize stride = GST_ROUND_UP_4 (width);
  Picture picture = { .info = { .format = CPAC_PIXEL_GRAY8, .width = width, .height = height },
                      .pixels = g_malloc0 (stride * height),
                      .stride = (gssize) stride };

  for (gsize y = 0; y < height; y++)
    memcpy (picture.pixels + y * stride, gray + y * width, width);
  g_free (gray);
  return picture;
}

static void
picture_clear (gpointer data)
{
  g_free (((Picture *) data)->pixels);
}

static void
read_pictures (GArray *pictures, char **paths)
{
  for (; *paths != NULL; paths++) {
    g_autoptr (GError) error = NULL;
    guint width, height;
    guint8 *gray = cpac_frames_read_gray (*paths, &width, &height, &error);

    if (gray == NULL)
      g_error ("%s", error->message);
    g_array_append_vals (pictures, &(Picture[]){ picture_take (gray, width, height) }, 1);
  }
}

static void
render_pictures (GArray *pictures)
{
  CpacFootageSpec spec = CPAC_FOOTAGE_SPEC_INIT;
  g_autoptr (CpacFootage) footage = cpac_footage_new (&spec, NULL);

  for (guint i = 0; i < cpac_footage_get_n_frames (footage); i++) {
    guint8 *gray = g_malloc ((gsize) spec.width * spec.height);

    cpac_footage_render (footage, i, gray, NULL, NULL);
    g_array_append_vals (pictures, &(Picture[]){ picture_take (gray, spec.width, spec.height) }, 1);
  }
}

static CpacFrame
frame_of (const Picture *picture)
{
  return (CpacFrame){ .info = &picture->info,
                      .planes = { picture->pixels },
                      .strides = { picture->stride } };
}

/* The first one with this verdict; NULL: none has it. */
static const Picture *
find_picture (CpacScorer *scorer, const GArray *pictures, CpacVerdict verdict)
{
  for (guint i = 0; i < pictures->len; i++) {
    const Picture *picture = &g_array_index (pictures, Picture, i);
    CpacFrame frame = frame_of (picture);

    g_assert_true (cpac_scorer_set_stream (scorer, &picture->info, NULL, NULL));
    if (cpac_scorer_score (scorer, &frame, NULL)->verdict == verdict)
      return picture;
  }
  return NULL;
}

/* --- One frame --- */

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
bench_init (Bench *bench, const char *path, const CpacModel *model, const Picture *picture)
{
  CpacStreamOptions options = { .n_threads = 1 };
  const CpacDims *output = cpac_network_get_output (cpac_model_get_network (model));
  gsize n = cpac_dims_count (output);

  g_assert_true (cpac_level_get (&options.level, NULL));
  bench->model = model;
  bench->picture = picture;
  bench->plan = cpac_frame_plan_new (cpac_model_get_input (model), &picture->info, NULL, NULL);
  bench->stream =
      cpac_stream_new (cpac_model_get_network (model), cpac_model_get_params (model), &options);
  bench->map = g_new (float, n);
  bench->scratch = g_new (float, n);
  bench->heatmap = g_malloc (n);
  bench->finder = cpac_region_finder_new (output->width, output->height);
  bench->identity = harness_new ("identity", NULL, &picture->info);
  bench->element = harness_new ("cpacscore", path, &picture->info);
  bench->bare = harness_new ("cpacscore heatmap=false", path, &picture->info);
  bench->buffer =
      gst_buffer_new_memdup (picture->pixels, picture->info.height * (gsize) picture->stride);
}

static void
bench_clear (Bench *bench)
{
  gst_buffer_unref (bench->buffer);
  gst_harness_teardown (bench->bare);
  gst_harness_teardown (bench->element);
  gst_harness_teardown (bench->identity);
  cpac_region_finder_free (bench->finder);
  g_free (bench->heatmap);
  g_free (bench->scratch);
  g_free (bench->map);
  cpac_stream_free (bench->stream);
  cpac_frame_plan_free (bench->plan);
}

static void
make_map (Bench *bench, const CpacHead *head, const CpacDims *dims, const float *logits)
{
  CpacThresholds own = cpac_head_get_thresholds (head);
  gsize n = cpac_dims_count (dims);
  double min, max, score;

  g_assert_true (cpac_is_finite (logits, n));
  cpac_head_average (logits, dims->width, dims->height, bench->map);
  score = cpac_head_summarize (head->top, bench->map, n, bench->scratch);
  if (head->calibration != NULL) {
    cpac_calibration_normalize (head->calibration, score, own.threshold);
    cpac_calibration_get_p_value (head->calibration, score);
  }
  cpac_head_get_heatmap_range (head, &own, &min, &max);
  cpac_row_kernels_any ()->quantise (n, bench->map, min, 255 / (max - min), bench->heatmap);
}

static void
find_regions (Bench *bench, const CpacHead *head, const CpacDims *dims)
{
  const CpacFrameInfo *info = &bench->picture->info;
  CpacMapPlace place = {
    dims->width, dims->height, { 0, 0, info->width, info->height }, info->width, info->height
  };

  bench->n_regions =
      cpac_region_finder_find (bench->finder, bench->map, head->threshold, NULL, &place, 0)->len;
}

/* The scorer's parts in its order, so that each finds the caches as there. */
static void
time_scorer (Bench *bench, guint run)
{
  const CpacNetwork *network = cpac_model_get_network (bench->model);
  const CpacHead *head = cpac_model_get_head (bench->model);
  const CpacDims *dims = cpac_network_get_output (network);
  CpacFrame frame = frame_of (bench->picture);
  double at[REGIONS + 2];

  at[0] = now_us ();
  cpac_frame_plan_run (bench->plan, &frame, cpac_stream_get_input (bench->stream));
  at[1] = now_us ();
  cpac_stream_run (bench->stream);
  at[2] = now_us ();
  make_map (bench, head, dims,
            cpac_stream_get_output (bench->stream, cpac_network_get_n_layers (network) - 1));
  at[3] = now_us ();
  find_regions (bench, head, dims);
  at[4] = now_us ();
  for (Part part = PREPARE; part <= REGIONS; part++)
    bench->times[part][run] = at[part + 1] - at[part];
}

static double
push (Bench *bench, GstHarness *harness)
{
  double begin = now_us ();

  g_assert_cmpint (gst_harness_push (harness, bench->buffer), ==, GST_FLOW_OK);
  bench->buffer = gst_harness_pull (harness);
  return now_us () - begin;
}

/* Takes the metadata off; returns the time that the scorer took, by what it says. */
static double
drop_metadata (Bench *bench)
{
  GstCustomMeta *meta = gst_buffer_get_custom_meta (bench->buffer, "CpacScoreMeta");
  guint64 time_ns;

  g_assert_true (
      gst_structure_get_uint64 (gst_custom_meta_get_structure (meta), "time-ns", &time_ns));
  g_assert_true (gst_buffer_is_writable (bench->buffer));
  gst_buffer_remove_meta (bench->buffer, (GstMeta *) meta);
  return (double) time_ns / 1e3;
}

static void
time_element (Bench *bench, guint run)
{
  double base = push (bench, bench->identity), begin;

  bench->times[ELEMENT][run] = push (bench, bench->element) - base;
  begin = now_us ();
  bench->times[ELEMENT][run] -= drop_metadata (bench);
  bench->times[FREE][run] = now_us () - begin;
  bench->times[ELEMENT_BARE][run] = push (bench, bench->bare) - base;
  bench->times[ELEMENT_BARE][run] -= drop_metadata (bench);
}

/* --- All --- */

static void
report (const char *name, const char *verdict, Bench *bench)
{
  double us[N_PARTS];

  for (Part part = 0; part < N_PARTS; part++) {
    qsort (bench->times[part], N_RUNS, sizeof (double), compare);
    us[part] = bench->times[part][N_RUNS / 2];
  }
  g_print ("%-16s %-8s %7u %8.1f %8.1f %9.1f %8.1f %8.1f %8.1f %8.1f %8.1f\n", name, verdict,
           bench->n_regions, us[PREPARE], us[NETWORK], us[MAP], us[REGIONS], us[ELEMENT],
           us[MAP] + us[REGIONS] + us[ELEMENT], us[ELEMENT_BARE], us[FREE]);
}

static void
bench_verdict (const char *path, CpacScorer *scorer, const GArray *pictures, CpacVerdict verdict)
{
  const CpacModel *model = cpac_scorer_get_model (scorer);
  const Picture *picture = find_picture (scorer, pictures, verdict);
  g_autofree Bench *bench = g_new0 (Bench, 1);

  if (picture == NULL) {
    g_print ("%-16s %-8s none of the pictures\n", cpac_model_get_name (model),
             cpac_verdict_to_string (verdict));
    return;
  }
  bench_init (bench, path, model, picture);
  for (guint run = 0; run < N_RUNS; run++) {
    time_scorer (bench, run);
    time_element (bench, run);
  }
  report (cpac_model_get_name (model), cpac_verdict_to_string (verdict), bench);
  bench_clear (bench);
}

static void
bench_model (const char *path, const GArray *pictures)
{
  CpacScorerOptions options = CPAC_SCORER_OPTIONS_INIT;
  g_autoptr (GError) error = NULL;
  g_autoptr (CpacModel) model = NULL;
  g_autoptr (CpacScorer) scorer = NULL;
  double before = resident_mb ();

  model = cpac_model_load (path, CPAC_MODEL_DEFAULT, &error);
  if (model == NULL)
    g_error ("%s", error->message);
  if (cpac_model_get_head (model)->kind != CPAC_HEAD_MAP)
    g_error ("%s: expected a model with head map", path);
  scorer = cpac_scorer_new (model, &options, &error);
  g_assert_no_error (error);
  find_picture (scorer, pictures, CPAC_VERDICT_OK);
  g_print ("%-16s a model, its stream and its frames add %.2f MB\n", cpac_model_get_name (model),
           resident_mb () - before);
  bench_verdict (path, scorer, pictures, CPAC_VERDICT_OK);
  bench_verdict (path, scorer, pictures, CPAC_VERDICT_NOT_OK);
}

int
main (int argc, char **argv)
{
  g_autoptr (GArray) pictures = g_array_new (FALSE, FALSE, sizeof (Picture));
  int n_models = 0;

  gst_init (&argc, &argv);
  while (n_models + 1 < argc && g_str_has_suffix (argv[n_models + 1], ".yaml"))
    n_models++;
  if (n_models == 0) {
    g_printerr ("usage: bench-element MODEL.yaml... [PICTURE...]\n");
    return 2;
  }
  g_array_set_clear_func (pictures, picture_clear);
  if (n_models + 1 < argc)
    read_pictures (pictures, argv + n_models + 1);
  else
    render_pictures (pictures);
  g_print ("%-16s %-8s %7s %8s %8s %9s %8s %8s %8s %8s %8s\n", "us a frame", "verdict", "regions",
           "prepare", "network", "score+map", "regions", "element", "beyond", "no map", "free");
  for (int i = 1; i <= n_models; i++)
    bench_model (argv[i], pictures);
  return 0;
}
