/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pipelines/bench-onnx.h"

#include <glib/gstdio.h>
#include <math.h>

#include "core/error.h"
#include "core/model/files.h"
#include "core/network/stream.h"
#include "core/onnx/copies.h"

#define INPUT "input.f32"
#define OUTPUT "output.f32"

/* Threads of either side still spin for a while when their work is done. */
#define SPIN_US 10000

/* Of each form the network once and many times. */
enum { ONE, MANY, N_SIZES };
const char *const bench_onnx_form_names[BENCH_ONNX_N_FORMS] = {
  [CPAC_ONNX_FACTORED] = "factored",
  [CPAC_ONNX_MERGED] = "merged",
  [CPAC_ONNX_DENSE] = "dense",
};

static const guint n_copies[N_SIZES] = { 1, BENCH_ONNX_COPIES };

typedef struct {
  guint session, n_calls; /* a round */
} Graph;

struct _BenchOnnx {
  char *folder;
  OnnxRuntime *runtime;
  guint n_threads, n_rounds;
  Graph graphs[BENCH_ONNX_N_FORMS][N_SIZES];
  double *us[BENCH_ONNX_N_FORMS], *us_call[BENCH_ONNX_N_FORMS]; /* (n_rounds) each */
  double *ratio[BENCH_ONNX_N_FORMS];                            /* (n_rounds) */
  guint round;
  double round_us; /* the longest of the graphs */
  double difference;
};

void
bench_fill_input (float *values, gsize n)
{
  GRand *random = g_rand_new_with_seed (1);

  for (gsize i = 0; i < n; i++)
    values[i] = (float) g_rand_double_range (random, -1, 1);
  g_rand_free (random);
}

/* ---- Files ---- */

static gboolean
write_file (const BenchOnnx *onnx, const char *name, gconstpointer data, gsize size, GError **error)
{
  g_autofree char *path = g_build_filename (onnx->folder, name, NULL);

  return g_file_set_contents_full (path, data, (gssize) size, G_FILE_SET_CONTENTS_NONE, 0600,
                                   error);
}

static void
remove_file (const BenchOnnx *onnx, const char *name)
{
  g_autofree char *path = g_build_filename (onnx->folder, name, NULL);

  g_remove (path);
}

/* (transfer full) */
static char *
model_file (CpacOnnxForm form, guint size)
{
  return g_strdup_printf ("%s-%u.onnx", bench_onnx_form_names[form], n_copies[size]);
}

static void
remove_folder (BenchOnnx *onnx)
{
  for (guint form = 0; form < BENCH_ONNX_N_FORMS; form++)
    for (guint size = 0; size < N_SIZES; size++) {
      g_autofree char *name = model_file (form, size);

      remove_file (onnx, name);
    }
  remove_file (onnx, INPUT);
  remove_file (onnx, OUTPUT);
  g_rmdir (onnx->folder);
  g_clear_pointer (&onnx->folder, g_free);
}

/* ---- The same outputs ---- */

/* Our output for the input that is written for the other side. (transfer full) */
static float *
compute_ours (const BenchOnnx *onnx, const CpacModel *model, CpacLevel level, GError **error)
{
  const CpacNetwork *network = cpac_model_get_network (model);
  CpacStreamOptions options = { .level = level, .n_threads = onnx->n_threads };
  g_autoptr (CpacStream) stream =
      cpac_stream_new (network, cpac_model_get_params (model), &options);
  gsize n_in = cpac_dims_count (cpac_network_get_input (network));
  gsize n_out = cpac_dims_count (cpac_network_get_output (network));
  guint last = cpac_network_get_n_layers (network) - 1;

  bench_fill_input (cpac_stream_get_input (stream), n_in);
  if (!write_file (onnx, INPUT, cpac_stream_get_input (stream), n_in * sizeof (float), error))
    return NULL;
  cpac_stream_run (stream);
  return g_memdup2 (cpac_stream_get_output (stream, last), n_out * sizeof (float));
}

/* Largest difference, relative to the largest of @ours (n); infinite where something is not
 * comparable. */
static double
relative_difference (const float *theirs, const float *ours, gsize n)
{
  double scale = 0, largest = 0;

  for (gsize i = 0; i < n; i++) {
    double difference = fabs ((double) theirs[i] - (double) ours[i]);

    if (!isfinite (difference))
      return INFINITY;
    scale = MAX (scale, fabs ((double) ours[i]));
    largest = MAX (largest, difference);
  }
  return largest == 0 ? 0 : largest / scale;
}

/* @ours: (n), what each copy should have given. */
static gboolean
compare_outputs (BenchOnnx *onnx, const char *model, guint copies, const float *ours, gsize n,
                 GError **error)
{
  g_autofree char *path = g_build_filename (onnx->folder, OUTPUT, NULL);
  g_autofree char *theirs = NULL;
  gsize size, one = n * sizeof (float);

  if (!cpac_file_read (path, one * copies, &theirs, &size, error))
    return FALSE;
  if (size != one * copies) {
    g_set_error (error, CPAC_ERROR, CPAC_ERROR_SHAPE,
                 "ONNX Runtime: %s gave %" G_GSIZE_FORMAT
                 " bytes, expected %u times %" G_GSIZE_FORMAT,
                 model, size, copies, one);
    return FALSE;
  }
  for (guint k = 0; k < copies; k++)
    onnx->difference =
        MAX (onnx->difference, relative_difference ((const float *) (theirs + k * one), ours, n));
  return TRUE;
}

/* ---- Making ready ---- */

static gboolean
add_graph (BenchOnnx *onnx, const CpacModel *model, CpacOnnxForm form, guint size,
           const float *ours, GError **error)
{
  const CpacNetwork *network = cpac_model_get_network (model);
  Graph *graph = &onnx->graphs[form][size];
  g_autofree char *name = model_file (form, size);
  g_autoptr (GBytes) bytes = cpac_onnx_export_copies (model, form, n_copies[size], error);
  const OnnxRuntimeJob job = { .model = name,
                               .input = INPUT,
                               .output = OUTPUT,
                               .dims = cpac_network_get_input (network),
                               .n_threads = onnx->n_threads };
  double us;

  if (bytes == NULL ||
      !write_file (onnx, name, g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), error) ||
      !onnx_runtime_open (onnx->runtime, &job, &graph->session, error) ||
      !compare_outputs (onnx, name, n_copies[size], ours,
                        cpac_dims_count (cpac_network_get_output (network)), error) ||
      !onnx_runtime_time (onnx->runtime, graph->session, 1, &us, error))
    return FALSE;
  graph->n_calls = bench_n_repeats (us, BENCH_MIN_ROUND_US);
  onnx->round_us = MAX (onnx->round_us, us * graph->n_calls);
  return TRUE;
}

BenchOnnx *
bench_onnx_new (const OnnxRuntimePlace *place, const CpacModel *model, CpacLevel level,
                guint n_threads, guint n_rounds, GError **error)
{
  g_autoptr (BenchOnnx) onnx = g_new0 (BenchOnnx, 1);
  g_autofree float *ours = NULL;

  onnx->n_threads = n_threads;
  onnx->n_rounds = n_rounds;
  for (guint form = 0; form < BENCH_ONNX_N_FORMS; form++) {
    onnx->us[form] = g_new (double, n_rounds);
    onnx->us_call[form] = g_new (double, n_rounds);
    onnx->ratio[form] = g_new (double, n_rounds);
  }
  onnx->folder = g_dir_make_tmp ("cpac-bench-XXXXXX", error);
  if (onnx->folder == NULL || (ours = compute_ours (onnx, model, level, error)) == NULL ||
      (onnx->runtime = onnx_runtime_start (place, onnx->folder, error)) == NULL)
    return NULL;
  for (guint form = 0; form < BENCH_ONNX_N_FORMS; form++)
    for (guint size = 0; size < N_SIZES; size++)
      if (!add_graph (onnx, model, form, size, ours, error))
        return NULL;
  /* All is loaded: whatever ends the rounds, nothing stays behind. */
  remove_folder (onnx);
  return g_steal_pointer (&onnx);
}

void
bench_onnx_free (BenchOnnx *onnx)
{
  if (onnx == NULL)
    return;
  onnx_runtime_free (onnx->runtime);
  if (onnx->folder != NULL)
    remove_folder (onnx);
  for (guint form = 0; form < BENCH_ONNX_N_FORMS; form++) {
    g_free (onnx->us[form]);
    g_free (onnx->us_call[form]);
    g_free (onnx->ratio[form]);
  }
  g_free (onnx);
}

/* ---- Rounds ---- */

double
bench_onnx_get_round_us (const BenchOnnx *onnx)
{
  return onnx->round_us;
}

gboolean
bench_onnx_round (BenchOnnx *onnx, double us_ours, GError **error)
{
  g_return_val_if_fail (onnx->round < onnx->n_rounds, FALSE);
  g_usleep (SPIN_US);
  for (guint form = 0; form < BENCH_ONNX_N_FORMS; form++) {
    double us[N_SIZES];

    for (guint size = 0; size < N_SIZES; size++) {
      const Graph *graph = &onnx->graphs[form][size];

      if (!onnx_runtime_time (onnx->runtime, graph->session, graph->n_calls, &us[size], error))
        return FALSE;
    }
    onnx->us_call[form][onnx->round] = us[ONE];
    onnx->us[form][onnx->round] = (us[MANY] - us[ONE]) / (BENCH_ONNX_COPIES - 1);
    onnx->ratio[form][onnx->round] = onnx->us[form][onnx->round] / us_ours;
  }
  onnx->round++;
  g_usleep (SPIN_US);
  return TRUE;
}

BenchOnnxFigures *
bench_onnx_finish (BenchOnnx *onnx)
{
  BenchOnnxFigures *figures = g_new0 (BenchOnnxFigures, 1);

  for (guint form = 0; form < BENCH_ONNX_N_FORMS; form++) {
    figures->forms[form].us = bench_spread (onnx->us[form], onnx->round);
    figures->forms[form].us_call = bench_spread (onnx->us_call[form], onnx->round);
    figures->forms[form].ratio = bench_spread (onnx->ratio[form], onnx->round);
  }
  figures->difference = onnx->difference;
  figures->version = g_strdup (onnx_runtime_get_version (onnx->runtime));
  return figures;
}

void
bench_onnx_figures_free (BenchOnnxFigures *figures)
{
  if (figures == NULL)
    return;
  g_free (figures->version);
  g_free (figures);
}
