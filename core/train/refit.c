/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/train/refit.h"

#include <math.h>
#include <string.h>

#include "core/explain/components.h"
#include "core/layers/options.h"
#include "core/tensor/linalg.h"
#include "core/train/ops.h"

/* Pixels that are brought to double at once. */
#define CHUNK ((gsize) 4096)

/* What one thread computes with. */
typedef struct {
  CpacRun *run, *target;
  CpacComponents *components;
  double *z, *e; /* (n_unknowns, CHUNK), (n_filters, CHUNK) */
} Worker;

/*
 * Sums over pixels, with z the planes Z and, where there is a bias, a plane of ones behind them,
 * and e = Y - Y^ what is missing: z z^T, e z^T, sum of e^2, of Y and of Y^2.
 */
typedef struct {
  double *zz;          /* (n_unknowns, n_unknowns) */
  double *ez;          /* (n_filters, n_unknowns) */
  double *ee, *y, *yy; /* (n_filters) */
} Moments;

typedef struct {
  const CpacRefitOptions *options;
  CpacRefitLayer *of;
  const CpacConvLayer *conv;
  CpacTensor **values; /* its parameters */
  guint n_unknowns;    /* of each filter */
  gsize n_pixels;      /* of one picture */
  CpacWorkers *workers;
  Worker *own; /* (n_threads) */
  gsize n_sums;
  double *slots; /* (CPAC_PICTURES_AT_ONCE, n_sums) */
  double *sums;  /* (n_sums) */
  guint n_done, n_total;
} Refitter;

static Moments
moments_at (const Refitter *refitter, double *sums)
{
  gsize n = refitter->n_unknowns, n_filters = refitter->conv->filters;
  Moments m = { .zz = sums };

  m.ez = m.zz + n * n;
  m.ee = m.ez + n_filters * n;
  m.y = m.ee + n_filters;
  m.yy = m.y + n_filters;
  return m;
}

/* ---- One picture ---- */

static void
add_target (const float *y, const float *is, gsize n, double *e, Moments *m, guint f)
{
  for (gsize i = 0; i < n; i++) {
    e[i] = (double) y[i] - is[i];
    m->ee[f] += e[i] * e[i];
    m->y[f] += y[i];
    m->yy[f] += (double) y[i] * y[i];
  }
}

/* Pixels [first, first + n) of the planes. */
static void
add_chunk (const Refitter *refitter, Worker *worker, const float *planes, gsize first, gsize n,
           Moments *m)
{
  const CpacRefitLayer *of = refitter->of;
  gsize plane = refitter->n_pixels;
  guint rank = refitter->conv->rank, n_filters = refitter->conv->filters;
  guint n_unknowns = refitter->n_unknowns;
  const float *is = cpac_run_get_output (worker->run, of->layer, 0);
  const float *y = cpac_run_get_output (worker->target, of->target, 0);

  for (guint r = 0; r < n_unknowns; r++)
    for (gsize i = 0; i < n; i++)
      worker->z[r * CHUNK + i] = r < rank ? planes[r * plane + first + i] : 1;
  for (guint f = 0; f < n_filters; f++) {
    guint channel = of->channels != NULL ? of->channels[f] : f;

    add_target (y + channel * plane + first, is + f * plane + first, n, worker->e + f * CHUNK, m,
                f);
  }
  cpac_dgemm (FALSE, TRUE, n_unknowns, n_unknowns, (guint) n, 1, worker->z, CHUNK, worker->z, CHUNK,
              1, m->zz, n_unknowns);
  cpac_dgemm (FALSE, TRUE, n_filters, n_unknowns, (guint) n, 1, worker->e, CHUNK, worker->z, CHUNK,
              1, m->ez, n_unknowns);
}

static gboolean
look (gpointer user_data, guint index, guint slot, guint number, GError **error)
{
  Refitter *refitter = user_data;
  const CpacRefitOptions *o = refitter->options;
  Worker *worker = &refitter->own[number];
  double *sums = refitter->slots + slot * refitter->n_sums;
  Moments m = moments_at (refitter, sums);
  float *input = cpac_run_get_input (worker->run, 0);
  const float *planes;

  memset (sums, 0, refitter->n_sums * sizeof (double));
  if (!o->pictures->fill (o->pictures->user_data, index, number, input, error))
    return FALSE;
  memcpy (cpac_run_get_input (worker->target, 0), input,
          cpac_dims_count (cpac_network_get_input (o->network)) * sizeof (float));
  cpac_run_forward_to (worker->run, refitter->of->layer);
  cpac_run_forward_to (worker->target, refitter->of->target);
  planes = cpac_components_compute (worker->components,
                                    cpac_run_get_layer_input (worker->run, refitter->of->layer, 0));
  for (gsize first = 0; first < refitter->n_pixels; first += CHUNK)
    add_chunk (refitter, worker, planes, first, MIN (CHUNK, refitter->n_pixels - first), &m);
  return TRUE;
}

static void
add (gpointer user_data, guint slot)
{
  Refitter *refitter = user_data;
  const double *sums = refitter->slots + slot * refitter->n_sums;

  for (gsize i = 0; i < refitter->n_sums; i++)
    refitter->sums[i] += sums[i];
}

static void
report_progress (guint done, guint total, gpointer user_data)
{
  Refitter *refitter = user_data;
  const CpacRefitOptions *o = refitter->options;

  if (o->progress != NULL)
    o->progress (refitter->n_done + done, refitter->n_total, o->progress_data);
}

/* ---- One layer ---- */

/* 1 - sqrt (@squares / sum of squares of Y about its mean). */
static double
fit_of (const Refitter *refitter, const Moments *m, double squares)
{
  double n = (double) refitter->options->pictures->n * (double) refitter->n_pixels, total = 0;

  for (guint f = 0; f < refitter->conv->filters; f++)
    total += m->yy[f] - m->y[f] * m->y[f] / n;
  return total > 0 ? 1 - sqrt (MAX (squares, 0) / total) : 0;
}

/* Scales of the unknowns, by which z z^T has a mean of 1 on its diagonal; 0 for what is always 0.
 */
static void
get_scales (const Refitter *refitter, const Moments *m, double *scales)
{
  double n = (double) refitter->options->pictures->n * (double) refitter->n_pixels;

  for (gsize r = 0; r < refitter->n_unknowns; r++) {
    double square = m->zz[r * refitter->n_unknowns + r];

    scales[r] = square > 0 ? sqrt (n / square) : 0;
  }
}

/* The change of a and bias, (n_filters, n_unknowns), that makes up for e. */
static gboolean
solve (const Refitter *refitter, const Moments *m, double *change)
{
  gsize n = refitter->n_unknowns, n_filters = refitter->conv->filters;
  double n_samples = (double) refitter->options->pictures->n * (double) refitter->n_pixels;
  g_autofree double *scales = g_new (double, n), *g = g_new (double, n *n);

  get_scales (refitter, m, scales);
  for (gsize i = 0; i < n; i++)
    for (gsize k = 0; k < n; k++)
      g[i * n + k] = m->zz[i * n + k] / n_samples * scales[i] * scales[k] +
                     (i == k ? (scales[i] > 0 ? refitter->options->ridge : 1) : 0);
  for (gsize f = 0; f < n_filters; f++)
    for (gsize k = 0; k < n; k++)
      change[f * n + k] = m->ez[f * n + k] / n_samples * scales[k];
  if (!cpac_solve_symmetric (g, (guint) n, change, (guint) n_filters))
    return FALSE;
  for (gsize f = 0; f < n_filters; f++)
    for (gsize k = 0; k < n; k++)
      change[f * n + k] *= scales[k];
  return TRUE;
}

/* Sum of (e - change z)^2 over all filters. */
static double
squares_left (const Refitter *refitter, const Moments *m, const double *change)
{
  gsize n = refitter->n_unknowns;
  double sum = 0;

  for (gsize f = 0; f < refitter->conv->filters; f++) {
    const double *c = change + f * n;

    sum += m->ee[f];
    for (gsize i = 0; i < n; i++) {
      double dot = 0;

      for (gsize k = 0; k < n; k++)
        dot += m->zz[i * n + k] * c[k];
      sum += c[i] * (dot - 2 * m->ez[f * n + i]);
    }
  }
  return sum;
}

static void
apply (const Refitter *refitter, const double *change)
{
  gsize n = refitter->n_unknowns, rank = refitter->conv->rank;
  float *a = refitter->values[CPAC_CONV_A]->data;

  for (gsize f = 0; f < refitter->conv->filters; f++) {
    for (gsize r = 0; r < rank; r++)
      a[f * rank + r] = (float) (a[f * rank + r] + change[f * n + r]);
    if (refitter->conv->bias) {
      float *bias = refitter->values[CPAC_CONV_BIAS]->data;

      bias[f] = (float) (bias[f] + change[f * n + rank]);
    }
  }
}

static gboolean
finish_layer (Refitter *refitter, GError **error)
{
  Moments m = moments_at (refitter, refitter->sums);
  gsize n_filters = refitter->conv->filters;
  g_autofree double *change = g_new (double, n_filters * refitter->n_unknowns);
  double squares = 0;

  if (!solve (refitter, &m, change)) {
    g_set_error (error, CPAC_ERROR, CPAC_ERROR_NUMERIC,
                 "layer %s: its activations are not finite on these pictures",
                 refitter->conv->layer.name);
    return FALSE;
  }
  for (gsize f = 0; f < n_filters; f++)
    squares += m.ee[f];
  refitter->of->fit_before = fit_of (refitter, &m, squares);
  refitter->of->fit = fit_of (refitter, &m, squares_left (refitter, &m, change));
  apply (refitter, change);
  return TRUE;
}

/* ---- Setting up ---- */

static gboolean
check_size (const Refitter *refitter, GError **error)
{
  if (refitter->n_sums <= CPAC_MAX_ELEMENTS / (2 * CPAC_PICTURES_AT_ONCE))
    return TRUE;
  g_set_error (error, CPAC_ERROR, CPAC_ERROR_SHAPE,
               "layer %s: a fit of %u filters to %u components is too large",
               refitter->conv->layer.name, refitter->conv->filters, refitter->conv->rank);
  return FALSE;
}

static gboolean
begin_layer (Refitter *refitter, guint index, GError **error)
{
  const CpacRefitOptions *o = refitter->options;
  const CpacLayer *layer;

  refitter->of = &o->layers[index];
  layer = cpac_network_get_layer (o->network, refitter->of->layer);
  refitter->conv = (const CpacConvLayer *) layer;
  refitter->values = o->params->values + o->params->first[refitter->of->layer];
  refitter->n_unknowns = refitter->conv->rank + (refitter->conv->bias ? 1 : 0);
  refitter->n_pixels = (gsize) layer->out.height * layer->out.width;
  refitter->n_sums =
      ((gsize) refitter->n_unknowns + refitter->conv->filters) * refitter->n_unknowns +
      3 * (gsize) refitter->conv->filters;
  refitter->n_done = index * o->pictures->n;
  if (!check_size (refitter, error))
    return FALSE;
  refitter->slots = g_new (double, CPAC_PICTURES_AT_ONCE * refitter->n_sums);
  refitter->sums = g_new0 (double, refitter->n_sums);
  for (guint i = 0; i < o->n_threads; i++) {
    Worker *worker = &refitter->own[i];

    worker->components = cpac_components_new (layer, refitter->values, cpac_train_ops (), error);
    if (worker->components == NULL)
      return FALSE;
    worker->z = g_new (double, refitter->n_unknowns *CHUNK);
    worker->e = g_new (double, refitter->conv->filters *CHUNK);
  }
  return TRUE;
}

static void
end_layer (Refitter *refitter)
{
  for (guint i = 0; i < refitter->options->n_threads; i++) {
    g_clear_pointer (&refitter->own[i].components, cpac_components_free);
    g_clear_pointer (&refitter->own[i].z, g_free);
    g_clear_pointer (&refitter->own[i].e, g_free);
  }
  g_clear_pointer (&refitter->slots, g_free);
  g_clear_pointer (&refitter->sums, g_free);
}

static gboolean
refit_layer (Refitter *refitter, guint index, GError **error)
{
  const CpacPictureVisitor visitor = { look, add, report_progress, refitter };
  gboolean ok = begin_layer (refitter, index, error) &&
                cpac_pictures_visit (refitter->options->pictures->n, refitter->workers, &visitor,
                                     refitter, error) &&
                finish_layer (refitter, error);

  end_layer (refitter);
  return ok;
}

static void
set_up (Refitter *refitter)
{
  const CpacRefitOptions *o = refitter->options;
  CpacRunOptions options = CPAC_RUN_OPTIONS_INIT;

  options.ops = cpac_train_ops ();
  options.strip = G_MAXUINT;
  refitter->n_total = o->n_layers * o->pictures->n;
  refitter->workers = cpac_workers_new (o->n_threads);
  refitter->own = g_new0 (Worker, o->n_threads);
  for (guint i = 0; i < o->n_threads; i++) {
    refitter->own[i].run = cpac_run_new (o->network, o->params, &options);
    refitter->own[i].target = cpac_run_new (o->target, o->target_params, &options);
  }
}

static void
clear (Refitter *refitter)
{
  for (guint i = 0; i < refitter->options->n_threads; i++) {
    cpac_run_free (refitter->own[i].run);
    cpac_run_free (refitter->own[i].target);
  }
  g_free (refitter->own);
  cpac_workers_free (refitter->workers);
}

gboolean
cpac_refit (const CpacRefitOptions *options, GError **error)
{
  Refitter refitter = { .options = options };
  gboolean ok = TRUE;

  if (options->pictures->n == 0) {
    g_set_error (error, CPAC_ERROR, CPAC_ERROR_SCHEMA,
                 "no picture to refit on, expected at least 1");
    return FALSE;
  }
  cpac_linalg_init ();
  if (!cpac_train_check_scratch (options->network, error) ||
      !cpac_train_check_scratch (options->target, error))
    return FALSE;
  set_up (&refitter);
  for (guint i = 0; i < options->n_layers && ok; i++)
    ok = refit_layer (&refitter, i, error);
  clear (&refitter);
  return ok;
}
