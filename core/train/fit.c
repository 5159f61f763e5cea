/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/train/fit.h"

#include <math.h>

#include "core/network/run.h"
#include "core/tensor/linalg.h"
#include "core/train/fit-private.h"
#include "core/train/ops.h"
#include "core/train/whiten.h"

/* Pictures of a portion, and the features they may have together. */
#define MAX_PORTION 32
#define PORTION_ELEMENTS ((gsize) 1 << 22)
#define POSITION_SHRINKAGE 0.01
/* Of a shared covariance: cells are not independent, as Ledoit and Wolf assume, so theirs is a
 * little too small; and a channel that never changes must not weigh without bound. */
#define LEAST_SHRINKAGE 1e-4

/* What one thread computes with. */
typedef struct {
  CpacRun *run;
  const float **maps; /* (n_layers) */
  float *scratch, *map;
} Worker;

typedef struct {
  const CpacFitOptions *options;
  CpacGaussian *gaussian;
  CpacFit *fit;
  GArray *training, *held_out; /* (element-type CpacFitPicture) */
  CpacWorkers *workers;
  Worker *own;      /* (n_threads) */
  gsize n_features; /* of one picture */
  guint portion;    /* pictures of a portion */
  float *features;  /* (portion, n, cells) */
  double *values;   /* (training) of what is summed up */
  CpacPair *pairs;  /* (held_out) */
  GError **errors;  /* (portion) */
  GArray *pictures; /* of the piece of work going on */
  guint first;      /* of them */
  guint n_done, n_total;
  CpacMoments *moments;
  double *scales;
} Fitter;

/* ---- One picture ---- */

static void
swap (float *a, float *b)
{
  float keep = *a;

  *a = *b;
  *b = keep;
}

static void
turn_over (float *input, const CpacDims *dims, const CpacFitPicture *picture)
{
  gsize width = dims->width, height = dims->height;

  for (gsize c = 0; c < dims->channels; c++) {
    float *plane = input + c * width * height;

    for (gsize y = 0; picture->mirror && y < height; y++)
      for (gsize x = 0; x < width / 2; x++)
        swap (&plane[y * width + x], &plane[y * width + width - 1 - x]);
    for (gsize y = 0; picture->upside_down && y < height / 2; y++)
      for (gsize x = 0; x < width; x++)
        swap (&plane[y * width + x], &plane[(height - 1 - y) * width + x]);
  }
}

/* Leaves the maps of @picture with the worker. */
static gboolean
look_at (Fitter *fitter, Worker *worker, const CpacFitPicture *picture, GError **error)
{
  const CpacFitOptions *o = fitter->options;
  float *input = cpac_run_get_input (worker->run, 0);

  if (!cpac_dataset_get_input (o->dataset, picture->split, picture->index, input, error))
    return FALSE;
  turn_over (input, cpac_network_get_input (o->network), picture);
  cpac_run_forward (worker->run);
  for (guint i = 0; i < fitter->gaussian->n_layers; i++)
    worker->maps[i] = cpac_run_get_output (worker->run, fitter->gaussian->layers[i], 0);
  return TRUE;
}

static gboolean
refuse_infinite (const Fitter *fitter, const CpacFitPicture *picture, GError **error)
{
  const CpacItem *item =
      cpac_dataset_get_item (fitter->options->dataset, picture->split, picture->index);

  g_set_error (error, CPAC_ERROR, CPAC_ERROR_NUMERIC, "%s: the network's features are not finite",
               item->sample != NULL ? item->sample->name : "a frame of the video");
  return FALSE;
}

/* Features of picture @piece of the portion. */
static void
gather_piece (gpointer user_data, guint piece, guint number)
{
  Fitter *fitter = user_data;
  Worker *worker = &fitter->own[number];
  const CpacFitPicture *picture =
      &g_array_index (fitter->pictures, CpacFitPicture, fitter->first + piece);
  float *features = fitter->features + piece * fitter->n_features;

  if (!look_at (fitter, worker, picture, &fitter->errors[piece]))
    return;
  cpac_gaussian_gather (fitter->gaussian, worker->maps, worker->scratch, features);
  if (!cpac_is_finite (features, fitter->n_features))
    refuse_infinite (fitter, picture, &fitter->errors[piece]);
}

/* The score of the map that the last run computed. */
static double
score_map (const Fitter *fitter, Worker *worker)
{
  const CpacFitOptions *o = fitter->options;
  const CpacDims *dims = &cpac_network_get_layer (o->network, o->map_layer)->out;
  gsize n = (gsize) dims->width * dims->height;
  g_autofree float *map = g_new (float, 2 * n);

  cpac_head_average (cpac_run_get_output (worker->run, o->map_layer, 0), dims->width, dims->height,
                     map);
  return cpac_is_finite (map, n) ? cpac_head_summarize (o->map_top, map, n, map + n) : NAN;
}

/* Scores of picture @piece of the portion. */
static void
score_piece (gpointer user_data, guint piece, guint number)
{
  Fitter *fitter = user_data;
  Worker *worker = &fitter->own[number];
  const CpacGaussian *gaussian = fitter->gaussian;
  const CpacFitPicture *picture =
      &g_array_index (fitter->pictures, CpacFitPicture, fitter->first + piece);
  CpacPair *pair = &fitter->pairs[fitter->first + piece];
  gsize cells = (gsize) gaussian->width * gaussian->height;

  if (!look_at (fitter, worker, picture, &fitter->errors[piece]))
    return;
  cpac_gaussian_measure (gaussian, worker->maps, worker->scratch, worker->map);
  pair->gaussian =
      cpac_head_summarize (fitter->options->head->top, worker->map, cells, worker->scratch);
  pair->map = fitter->options->compare ? score_map (fitter, worker) : 0;
  pair->defect =
      cpac_dataset_get_item (fitter->options->dataset, picture->split, picture->index)->defect;
  if (!cpac_is_finite (worker->map, cells) || !isfinite (pair->map))
    refuse_infinite (fitter, picture, &fitter->errors[piece]);
}

/* ---- All of them ---- */

typedef void (*PortionFunc) (Fitter *fitter, guint n);

static void
report_progress (Fitter *fitter, guint n)
{
  fitter->n_done += n;
  if (fitter->options->progress != NULL)
    fitter->options->progress (fitter->n_done, fitter->n_total, fitter->options->progress_data);
}

/* @piece for every picture of the list, and @portion, may be NULL, after each portion of them. */
static gboolean
for_each_portion (Fitter *fitter, GArray *pictures, CpacWorkFunc piece, PortionFunc portion,
                  GError **error)
{
  fitter->pictures = pictures;
  for (guint first = 0; first < pictures->len; first += fitter->portion) {
    guint n = MIN (fitter->portion, pictures->len - first);

    fitter->first = first;
    cpac_workers_run (fitter->workers, n, piece, fitter);
    for (guint i = 0; i < n; i++)
      if (fitter->errors[i] != NULL) {
        g_propagate_error (error, g_steal_pointer (&fitter->errors[i]));
        return FALSE;
      }
    if (portion != NULL)
      portion (fitter, n);
    report_progress (fitter, n);
  }
  return TRUE;
}

static void
add_portion (Fitter *fitter, guint n)
{
  cpac_moments_add (fitter->moments, fitter->features, n, fitter->workers);
}

/* sum |x|^4 over the cells of picture @piece of the portion, x about the mean and in its units. */
static void
sum_fourth (gpointer user_data, guint piece, guint number)
{
  Fitter *fitter = user_data;
  const CpacMoments *moments = fitter->moments;
  const float *features = fitter->features + piece * fitter->n_features;
  gboolean texture = moments->mode == CPAC_GAUSSIAN_TEXTURE;
  double sum = 0;

  for (gsize cell = 0; cell < moments->cells; cell++) {
    double square = 0;

    for (gsize i = 0; i < moments->n; i++) {
      double mean = moments->mean[texture ? i : i * moments->cells + cell];
      double x = (features[i * moments->cells + cell] - mean) * fitter->scales[i];

      square += x * x;
    }
    sum += square * square;
  }
  fitter->values[fitter->first + piece] = sum;
}

static void
add_fourth (Fitter *fitter, guint n)
{
  cpac_workers_run (fitter->workers, n, sum_fourth, fitter);
}

static gboolean
choose_shrinkage (Fitter *fitter, GError **error)
{
  CpacFit *fit = fitter->fit;
  double fourth = 0;

  fit->shrinkage = fitter->options->shrinkage;
  if (fit->shrinkage >= 0)
    return TRUE;
  if (fitter->gaussian->mode == CPAC_GAUSSIAN_POSITION) {
    double side = 2.0 * fitter->options->reach + 1;

    /* The mean of so many covariances needs so much less. */
    fit->shrinkage = POSITION_SHRINKAGE / (side * side);
    return TRUE;
  }
  if (!for_each_portion (fitter, fitter->training, gather_piece, add_fourth, error))
    return FALSE;
  for (guint i = 0; i < fitter->training->len; i++)
    fourth += fitter->values[i];
  fit->shrinkage = cpac_whiten_ledoit_wolf (fitter->moments, fitter->scales, fourth);
  fit->shrinkage = MAX (fit->shrinkage, LEAST_SHRINKAGE);
  return TRUE;
}

static gboolean
measure_held_out (Fitter *fitter, GError **error)
{
  g_autofree double *good = g_new (double, fitter->held_out->len);
  guint n = 0;

  if (!for_each_portion (fitter, fitter->held_out, score_piece, NULL, error))
    return FALSE;
  for (guint i = 0; i < fitter->held_out->len; i++)
    if (!fitter->pairs[i].defect)
      good[n++] = fitter->pairs[i].gaussian;
  fitter->fit->n_held_out = n;
  cpac_span_init (&fitter->fit->good, good, n);
  if (fitter->options->compare)
    cpac_compare_parts (fitter->pairs, fitter->held_out->len, &fitter->fit->comparison);
  return TRUE;
}

static gboolean
fit_gaussian (Fitter *fitter, GError **error)
{
  fitter->moments = cpac_moments_new (fitter->gaussian, error);
  if (fitter->moments == NULL ||
      !for_each_portion (fitter, fitter->training, gather_piece, add_portion, error))
    return FALSE;
  fitter->scales = g_new (double, fitter->moments->n);
  cpac_whiten_get_scales (fitter->moments, fitter->gaussian, fitter->scales);
  return choose_shrinkage (fitter, error) &&
         cpac_whiten (fitter->moments, fitter->scales, fitter->options->reach,
                      fitter->fit->shrinkage, fitter->workers, fitter->gaussian, error) &&
         measure_held_out (fitter, error);
}

/* ---- Setting up ---- */

static void
allocate (Fitter *fitter)
{
  const CpacFitOptions *o = fitter->options;
  const CpacGaussian *g = fitter->gaussian;
  gsize cells = (gsize) g->width * g->height;
  CpacRunOptions run_options = CPAC_RUN_OPTIONS_INIT;

  run_options.ops = cpac_train_ops ();
  run_options.strip = G_MAXUINT;
  fitter->n_features = g->n_channels * cells;
  fitter->portion = (guint) CLAMP (PORTION_ELEMENTS / fitter->n_features, 1, MAX_PORTION);
  fitter->features = g_new (float, fitter->portion * fitter->n_features);
  fitter->values = g_new0 (double, fitter->training->len);
  fitter->pairs = g_new0 (CpacPair, fitter->held_out->len);
  fitter->errors = g_new0 (GError *, fitter->portion);
  fitter->workers = cpac_workers_new (o->n_threads);
  fitter->own = g_new0 (Worker, o->n_threads);
  for (guint i = 0; i < o->n_threads; i++)
    fitter->own[i] = (Worker){
      .run = cpac_run_new (o->network, o->params, &run_options),
      .maps = g_new0 (const float *, g->n_layers),
      .scratch = g_new (float, MAX (cpac_gaussian_get_scratch (g), cells)),
      .map = g_new (float, cells),
    };
}

static void
clear (Fitter *fitter)
{
  for (guint i = 0; fitter->own != NULL && i < fitter->options->n_threads; i++) {
    cpac_run_free (fitter->own[i].run);
    g_free (fitter->own[i].maps);
    g_free (fitter->own[i].scratch);
    g_free (fitter->own[i].map);
  }
  for (guint i = 0; fitter->errors != NULL && i < fitter->portion; i++)
    g_clear_error (&fitter->errors[i]);
  g_free (fitter->own);
  g_free (fitter->errors);
  cpac_workers_free (fitter->workers);
  g_free (fitter->features);
  g_free (fitter->values);
  g_free (fitter->pairs);
  g_free (fitter->scales);
  cpac_moments_free (fitter->moments);
  g_array_unref (fitter->training);
  g_array_unref (fitter->held_out);
}

gboolean
cpac_fit (const CpacFitOptions *options, CpacGaussian *gaussian, CpacFit *fit, GError **error)
{
  Fitter fitter = { .options = options, .gaussian = gaussian, .fit = fit };
  gboolean two_passes = options->shrinkage < 0 && gaussian->mode != CPAC_GAUSSIAN_POSITION, ok;

  cpac_linalg_init ();
  if (!cpac_train_check_scratch (options->network, error))
    return FALSE;
  fitter.training = cpac_fit_list_pictures (options, CPAC_SPLIT_TRAIN, TRUE, FALSE);
  fitter.held_out = cpac_fit_list_pictures (options, CPAC_SPLIT_VAL, FALSE, options->compare);
  fit->n_copies = (options->mirror ? 2 : 1) * (options->upside_down ? 2 : 1);
  fit->n = fitter.training->len / fit->n_copies;
  fitter.n_total = fitter.training->len * (two_passes ? 2 : 1) + fitter.held_out->len;
  ok = cpac_fit_check_enough (options->dataset, gaussian, fit->n, error);
  if (ok) {
    allocate (&fitter);
    ok = fit_gaussian (&fitter, error);
  }
  clear (&fitter);
  return ok;
}
