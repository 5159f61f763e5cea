/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/explain/activity.h"

#include <math.h>
#include <string.h>

#include "core/explain/components.h"
#include "core/explain/score-gradient.h"
#include "core/explain/significance.h"
#include "core/layers/options.h"
#include "core/layers/types.h"

/* What one thread computes with. */
typedef struct {
  CpacRun *run;
  CpacComponents **components; /* (n_layers) */
  gpointer *gradients;         /* (n_params), each float */
} Worker;

typedef struct {
  const CpacActivityOptions *options;
  CpacActivity *activity;
  CpacWorkers *workers;
  Worker *own; /* (n_threads) */
  /* What the pictures have given: for each layer in turn the squares of Z_r, taylor, the squares of
   * X_c, and with products the sums of Z_r and of Z_r Z_q, q <= r. */
  gsize n_sums;
  double *slots; /* (CPAC_PICTURES_AT_ONCE, n_sums) of a picture each */
  double *sums;  /* (n_sums) */
} Gatherer;

/* ---- One picture ---- */

static void
add_squares (const float *planes, guint n_planes, gsize n, double *sums)
{
  for (guint i = 0; i < n_planes; i++, planes += n)
    for (gsize k = 0; k < n; k++)
      sums[i] += (double) planes[k] * planes[k];
}

/* |sum_n a[n,r] dS/da[n,r]| for every r. */
static void
get_taylor (const CpacTensor *a, const float *gradient, double *taylor)
{
  gsize n = a->shape.dims[0], rank = a->shape.dims[1];

  for (gsize i = 0; i < n; i++)
    for (gsize r = 0; r < rank; r++)
      taylor[r] += (double) a->data[i * rank + r] * gradient[i * rank + r];
  for (gsize r = 0; r < rank; r++)
    taylor[r] = fabs (taylor[r]);
}

static void
backward (const Gatherer *gatherer, Worker *worker)
{
  const CpacActivityOptions *o = gatherer->options;
  guint last = cpac_network_get_n_layers (o->network) - 1;

  for (guint i = 0; i < o->params->n_params; i++)
    memset (worker->gradients[i], 0,
            cpac_shape_count (&o->params->values[i]->shape) * sizeof (float));
  cpac_score_gradient (o->head, cpac_network_get_output (o->network),
                       cpac_run_get_output (worker->run, last, 0),
                       cpac_run_get_output_gradient (worker->run, (gint) last, 0));
  cpac_run_backward (worker->run);
}

static gboolean
is_finite (const double *values, gsize n)
{
  double sum = 0;

  for (gsize i = 0; i < n; i++)
    sum += values[i] - values[i];
  return sum == 0;
}

/* Sums of Z_r, and of Z_r Z_q for q <= r. */
static void
add_products (const float *planes, gsize rank, gsize n, double *sums)
{
  double *products = sums + rank;

  for (gsize r = 0; r < rank; r++)
    for (gsize k = 0; k < n; k++)
      sums[r] += planes[r * n + k];
  for (gsize r = 0; r < rank; r++)
    for (gsize q = 0; q <= r; q++) {
      double sum = 0;

      for (gsize k = 0; k < n; k++)
        sum += (double) planes[r * n + k] * planes[q * n + k];
      products[r * rank + q] = sum;
    }
}

static gsize
count_sums (const CpacLayerActivity *a)
{
  gsize rank = a->rank;

  return rank + (a->taylor != NULL ? rank : 0) + a->n_inputs +
         (a->products != NULL ? rank + rank * rank : 0);
}

/* What the last run did in layer @index. */
static void
look_at_layer (const Gatherer *gatherer, Worker *worker, guint index, double *sums)
{
  const CpacActivityOptions *o = gatherer->options;
  const CpacLayerActivity *a = &gatherer->activity->layers[index];
  const CpacLayer *layer = cpac_network_get_layer (o->network, index);
  const float *x = cpac_run_get_layer_input (worker->run, index, 0), *planes = NULL;
  gsize n = (gsize) layer->out.height * layer->out.width;

  if (a->rank > 0) {
    planes = cpac_components_compute (worker->components[index], x);
    add_squares (planes, a->rank, n, sums);
  }
  sums += a->rank;
  if (a->taylor != NULL) {
    guint factor = o->params->first[index] + CPAC_CONV_A;

    get_taylor (o->params->values[factor], worker->gradients[factor], sums);
    sums += a->rank;
  }
  add_squares (x, a->n_inputs, (gsize) layer->in[0].height * layer->in[0].width, sums);
  if (a->products != NULL)
    add_products (planes, a->rank, n, sums + a->n_inputs);
}

static gboolean
look (gpointer user_data, guint index, guint slot, guint number, GError **error)
{
  Gatherer *gatherer = user_data;
  const CpacPictures *pictures = gatherer->options->pictures;
  Worker *worker = &gatherer->own[number];
  double *sums = gatherer->slots + slot * gatherer->n_sums, *first = sums;

  memset (sums, 0, gatherer->n_sums * sizeof (double));
  if (!pictures->fill (pictures->user_data, index, number, cpac_run_get_input (worker->run, 0),
                       error))
    return FALSE;
  cpac_run_forward (worker->run);
  if (worker->gradients != NULL)
    backward (gatherer, worker);
  for (guint i = 0; i < gatherer->activity->n_layers; i++) {
    if (gatherer->activity->layers[i].n_inputs > 0)
      look_at_layer (gatherer, worker, i, sums);
    sums += count_sums (&gatherer->activity->layers[i]);
  }
  if (is_finite (first, gatherer->n_sums))
    return TRUE;
  g_set_error (error, CPAC_ERROR, CPAC_ERROR_NUMERIC,
               "picture %u: the network's activations are not finite", index + 1);
  return FALSE;
}

static void
add (gpointer user_data, guint slot)
{
  Gatherer *gatherer = user_data;

  for (gsize i = 0; i < gatherer->n_sums; i++)
    gatherer->sums[i] += gatherer->slots[slot * gatherer->n_sums + i];
}

/* ---- All of them ---- */

static double
column_norm (const CpacTensor *a, guint r)
{
  gsize rank = a->shape.dims[1];
  double sum = 0;

  for (gsize i = 0; i < a->shape.dims[0]; i++)
    sum += (double) a->data[i * rank + r] * a->data[i * rank + r];
  return sqrt (sum);
}

/* From the sums over @n samples. */
static void
finish_products (const CpacLayer *layer, gsize rank, double n, const double *sums, double *products)
{
  gboolean bias = ((const CpacConvLayer *) layer)->bias;

  for (gsize r = 0; r < rank; r++)
    for (gsize q = 0; q <= r; q++) {
      double mean = bias ? sums[r] / n * (sums[q] / n) : 0;

      products[r * rank + q] = products[q * rank + r] = sums[rank + r * rank + q] / n - mean;
    }
}

static void
finish_layer (const Gatherer *gatherer, guint index, const double *sums)
{
  const CpacActivityOptions *o = gatherer->options;
  CpacLayerActivity *a = &gatherer->activity->layers[index];
  const CpacLayer *layer = cpac_network_get_layer (o->network, index);
  CpacTensor *const *values = o->params->values + o->params->first[index];
  double n = o->pictures->n, n_out = n * layer->out.height * layer->out.width;

  for (guint r = 0; r < a->rank; r++)
    a->components[r] = column_norm (values[CPAC_CONV_A], r) * sqrt (sums[r] / n_out);
  sums += a->rank;
  if (a->taylor != NULL) {
    for (guint r = 0; r < a->rank; r++)
      a->taylor[r] = sums[r] / n;
    sums += a->rank;
  }
  cpac_significance_get_inputs (layer, values, a->inputs);
  for (guint c = 0; c < a->n_inputs; c++)
    a->inputs[c] *= sqrt (sums[c] / (n * layer->in[0].height * layer->in[0].width));
  if (a->products != NULL)
    finish_products (layer, a->rank, n_out, sums + a->n_inputs, a->products);
}

static void
finish (const Gatherer *gatherer)
{
  const double *sums = gatherer->sums;

  for (guint i = 0; i < gatherer->activity->n_layers; i++) {
    if (gatherer->activity->layers[i].n_inputs > 0)
      finish_layer (gatherer, i, sums);
    sums += count_sums (&gatherer->activity->layers[i]);
  }
}

/* ---- Setting up ---- */

/* Products of all components by all others must not be unreasonably many. */
static gboolean
check_size (const CpacActivityOptions *o, GError **error)
{
  guint64 n = 0;

  for (guint i = 0; i < cpac_network_get_n_layers (o->network); i++) {
    const CpacLayer *layer = cpac_network_get_layer (o->network, i);
    guint64 rank =
        layer->klass == &cpac_cpac_conv_class ? ((const CpacConvLayer *) layer)->rank : 0;

    n += rank * rank;
  }
  if (!o->products || n <= CPAC_MAX_ELEMENTS / CPAC_PICTURES_AT_ONCE)
    return TRUE;
  g_set_error (error, CPAC_ERROR, CPAC_ERROR_SHAPE,
               "there are %" G_GUINT64_FORMAT
               " pairs of components in the layers, at most %u are taken",
               n, CPAC_MAX_ELEMENTS / CPAC_PICTURES_AT_ONCE);
  return FALSE;
}

static CpacActivity *
activity_new (const CpacActivityOptions *o)
{
  CpacActivity *activity = g_new0 (CpacActivity, 1);
  gboolean taylor = o->head != NULL && cpac_score_has_gradient (o->head);

  activity->n_layers = cpac_network_get_n_layers (o->network);
  activity->layers = g_new0 (CpacLayerActivity, activity->n_layers);
  for (guint i = 0; i < activity->n_layers; i++) {
    const CpacLayer *layer = cpac_network_get_layer (o->network, i);
    CpacLayerActivity *a = &activity->layers[i];

    if (layer->klass == &cpac_cpac_conv_class)
      a->rank = ((const CpacConvLayer *) layer)->rank;
    if (a->rank > 0 || layer->klass == &cpac_conv_class || layer->klass == &cpac_linear_class)
      a->n_inputs = layer->in[0].channels;
    a->components = g_new0 (double, a->rank);
    a->taylor = taylor && a->rank > 0 ? g_new0 (double, a->rank) : NULL;
    a->inputs = g_new0 (double, a->n_inputs);
    a->products = o->products && a->rank > 0 ? g_new0 (double, (gsize) a->rank * a->rank) : NULL;
  }
  return activity;
}

static gboolean
set_up_worker (const Gatherer *gatherer, Worker *worker, gboolean gradients, GError **error)
{
  const CpacActivityOptions *o = gatherer->options;
  CpacRunOptions options = CPAC_RUN_OPTIONS_INIT;

  options.ops = o->ops;
  options.strip = o->ops != NULL ? G_MAXUINT : 0;
  options.gradients = gradients;
  worker->run = cpac_run_new (o->network, o->params, &options);
  worker->components = g_new0 (CpacComponents *, gatherer->activity->n_layers);
  if (gradients) {
    worker->gradients = g_new0 (gpointer, o->params->n_params + 1);
    for (guint i = 0; i < o->params->n_params; i++)
      worker->gradients[i] =
          cpac_aligned_new0 (cpac_shape_count (&o->params->values[i]->shape), sizeof (float));
    cpac_run_bind_gradients (worker->run, worker->gradients);
  }
  for (guint i = 0; i < gatherer->activity->n_layers; i++)
    if (gatherer->activity->layers[i].rank > 0 &&
        (worker->components[i] =
             cpac_components_new (cpac_network_get_layer (o->network, i),
                                  o->params->values + o->params->first[i], o->ops, error)) == NULL)
      return FALSE;
  return TRUE;
}

static void
clear_worker (const CpacActivityOptions *o, Worker *worker)
{
  for (guint i = 0; worker->gradients != NULL && i < o->params->n_params; i++)
    cpac_aligned_free (worker->gradients[i]);
  for (guint i = 0; worker->components != NULL && i < cpac_network_get_n_layers (o->network); i++)
    cpac_components_free (worker->components[i]);
  g_free (worker->gradients);
  g_free (worker->components);
  cpac_run_free (worker->run);
}

static gboolean
set_up (Gatherer *gatherer, GError **error)
{
  const CpacActivityOptions *o = gatherer->options;
  gboolean gradients = FALSE;

  if (!check_size (o, error))
    return FALSE;
  gatherer->activity = activity_new (o);
  for (guint i = 0; i < gatherer->activity->n_layers; i++) {
    gatherer->n_sums += count_sums (&gatherer->activity->layers[i]);
    gradients = gradients || gatherer->activity->layers[i].taylor != NULL;
  }
  gatherer->slots = g_new (double, CPAC_PICTURES_AT_ONCE * gatherer->n_sums);
  gatherer->sums = g_new0 (double, gatherer->n_sums);
  gatherer->workers = cpac_workers_new (o->n_threads);
  gatherer->own = g_new0 (Worker, o->n_threads);
  for (guint i = 0; i < o->n_threads; i++)
    if (!set_up_worker (gatherer, &gatherer->own[i], gradients, error))
      return FALSE;
  return TRUE;
}

static void
clear (Gatherer *gatherer)
{
  for (guint i = 0; gatherer->own != NULL && i < gatherer->options->n_threads; i++)
    clear_worker (gatherer->options, &gatherer->own[i]);
  g_free (gatherer->own);
  cpac_workers_free (gatherer->workers);
  g_free (gatherer->slots);
  g_free (gatherer->sums);
  cpac_activity_free (gatherer->activity);
}

CpacActivity *
cpac_activity_new (const CpacActivityOptions *options, GError **error)
{
  const CpacPictureVisitor visitor = { look, add, options->progress, options->progress_data };
  Gatherer gatherer = { .options = options };
  CpacActivity *activity = NULL;

  if (options->pictures->n == 0) {
    g_set_error (error, CPAC_ERROR, CPAC_ERROR_SCHEMA,
                 "no picture to measure activations on, expected at least 1");
    return NULL;
  }
  if (set_up (&gatherer, error) &&
      cpac_pictures_visit (options->pictures->n, gatherer.workers, &visitor, &gatherer, error)) {
    finish (&gatherer);
    activity = g_steal_pointer (&gatherer.activity);
  }
  clear (&gatherer);
  return activity;
}

void
cpac_activity_free (CpacActivity *activity)
{
  if (activity == NULL)
    return;
  for (guint i = 0; i < activity->n_layers; i++) {
    g_free (activity->layers[i].components);
    g_free (activity->layers[i].taylor);
    g_free (activity->layers[i].inputs);
    g_free (activity->layers[i].products);
  }
  g_free (activity->layers);
  g_free (activity);
}
