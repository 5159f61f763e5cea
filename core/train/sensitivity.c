/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/train/sensitivity.h"

#include <math.h>
#include <string.h>

#include "core/random.h"
#include "core/tensor/linalg.h"
#include "core/train/ops.h"

/* What one thread computes with. */
typedef struct {
  CpacRun *run;
  gpointer *gradients; /* (n_params), each float: what nobody wants here */
} Worker;

typedef struct {
  const CpacSensitivityOptions *options;
  guint n_layers;
  CpacWorkers *workers;
  Worker *own;   /* (n_threads) */
  double *slots; /* (CPAC_PICTURES_AT_ONCE, n_layers) */
  double *sums;  /* (n_layers) */
} Gatherer;

/* p - e, p = softmax (logits), e a class drawn by p. */
static void
draw_class (CpacRandom *random, const float *logits, guint n, float *gradient)
{
  double largest = logits[0], sum = 0, at = cpac_random_double (random);
  guint drawn = 0;

  for (guint i = 1; i < n; i++)
    largest = MAX (largest, logits[i]);
  for (guint i = 0; i < n; i++)
    sum += exp (logits[i] - largest);
  for (guint i = 0; i < n; i++) {
    double p = exp (logits[i] - largest) / sum;

    gradient[i] = (float) p;
    if (at >= 0)
      drawn = i;
    at -= p;
  }
  gradient[drawn] -= 1;
}

static void
draw_gradient (const CpacSensitivityOptions *o, guint index, CpacRun *run)
{
  guint last = cpac_network_get_n_layers (o->network) - 1;
  gsize n = cpac_dims_count (cpac_network_get_output (o->network));
  float *gradient = cpac_run_get_output_gradient (run, (gint) last, 0);
  CpacRandom random;

  cpac_random_init (&random, o->seed, CPAC_STREAM_FISHER, index);
  if (o->head->kind == CPAC_HEAD_CLASSIFIER)
    draw_class (&random, cpac_run_get_output (run, last, 0), (guint) n, gradient);
  else
    for (gsize i = 0; i < n; i++)
      gradient[i] = (float) cpac_random_normal (&random);
}

static gboolean
look (gpointer user_data, guint index, guint slot, guint number, GError **error)
{
  Gatherer *gatherer = user_data;
  const CpacSensitivityOptions *o = gatherer->options;
  Worker *worker = &gatherer->own[number];
  double *sums = gatherer->slots + slot * gatherer->n_layers, all = 0;

  if (!o->pictures->fill (o->pictures->user_data, index, number,
                          cpac_run_get_input (worker->run, 0), error))
    return FALSE;
  cpac_run_forward (worker->run);
  draw_gradient (o, index, worker->run);
  for (guint i = 0; i < o->params->n_params; i++)
    memset (worker->gradients[i], 0,
            cpac_shape_count (&o->params->values[i]->shape) * sizeof (float));
  cpac_run_backward (worker->run);
  for (guint i = 0; i < gatherer->n_layers; i++) {
    const float *g = cpac_run_get_output_gradient (worker->run, (gint) i, 0);
    gsize n = cpac_dims_count (&cpac_network_get_layer (o->network, i)->out);

    sums[i] = 0;
    for (gsize k = 0; g != NULL && k < n; k++)
      sums[i] += (double) g[k] * g[k];
    all += sums[i];
  }
  if (isfinite (all))
    return TRUE;
  g_set_error (error, CPAC_ERROR, CPAC_ERROR_NUMERIC,
               "picture %u: the network's activations are not finite", index + 1);
  return FALSE;
}

static void
add (gpointer user_data, guint slot)
{
  Gatherer *gatherer = user_data;

  for (guint i = 0; i < gatherer->n_layers; i++)
    gatherer->sums[i] += gatherer->slots[slot * gatherer->n_layers + i];
}

static void
set_up (Gatherer *gatherer)
{
  const CpacSensitivityOptions *o = gatherer->options;
  CpacRunOptions options = CPAC_RUN_OPTIONS_INIT;

  options.ops = cpac_train_ops ();
  options.strip = G_MAXUINT;
  options.gradients = TRUE;
  gatherer->n_layers = cpac_network_get_n_layers (o->network);
  gatherer->slots = g_new (double, CPAC_PICTURES_AT_ONCE * gatherer->n_layers);
  gatherer->sums = g_new0 (double, gatherer->n_layers);
  gatherer->workers = cpac_workers_new (o->n_threads);
  gatherer->own = g_new0 (Worker, o->n_threads);
  for (guint i = 0; i < o->n_threads; i++) {
    Worker *worker = &gatherer->own[i];

    worker->run = cpac_run_new (o->network, o->params, &options);
    worker->gradients = g_new0 (gpointer, o->params->n_params + 1);
    for (guint p = 0; p < o->params->n_params; p++)
      worker->gradients[p] = g_new (float, cpac_shape_count (&o->params->values[p]->shape));
    cpac_run_bind_gradients (worker->run, worker->gradients);
  }
}

static void
clear (Gatherer *gatherer)
{
  for (guint i = 0; i < gatherer->options->n_threads; i++) {
    for (guint p = 0; p < gatherer->options->params->n_params; p++)
      g_free (gatherer->own[i].gradients[p]);
    g_free (gatherer->own[i].gradients);
    cpac_run_free (gatherer->own[i].run);
  }
  g_free (gatherer->own);
  cpac_workers_free (gatherer->workers);
  g_free (gatherer->slots);
  g_free (gatherer->sums);
}

double *
cpac_sensitivity_measure (const CpacSensitivityOptions *options, GError **error)
{
  const CpacPictureVisitor visitor = { look, add, options->progress, options->progress_data };
  Gatherer gatherer = { .options = options };
  double *result = NULL;

  if (options->pictures->n == 0) {
    g_set_error (error, CPAC_ERROR, CPAC_ERROR_SCHEMA,
                 "no picture to measure gradients on, expected at least 1");
    return NULL;
  }
  cpac_linalg_init ();
  if (!cpac_train_check_scratch (options->network, error))
    return NULL;
  set_up (&gatherer);
  if (cpac_pictures_visit (options->pictures->n, gatherer.workers, &visitor, &gatherer, error)) {
    result = g_steal_pointer (&gatherer.sums);
    for (guint i = 0; i < gatherer.n_layers; i++)
      result[i] /= options->pictures->n;
  }
  clear (&gatherer);
  return result;
}
