/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/train/fidelity.h"

#include <math.h>
#include <string.h>

#include "core/network/pictures.h"
#include "core/score/metrics.h"
#include "core/tensor/linalg.h"
#include "core/train/ops.h"

/* What is kept of each picture. */
typedef struct {
  guint best, dense_best;
  double score, dense_score;
  double squares; /* of the difference */
} Look;

typedef struct {
  CpacRun *run, *dense;
  float *map, *scratch;
} Worker;

typedef struct {
  const CpacFidelityOptions *options;
  guint last;
  gsize n_output;
  Worker *own;    /* (n_threads) */
  Look *looks;    /* (n) */
  double *slots;  /* (CPAC_PICTURES_AT_ONCE, n_output): the dense outputs */
  double *sums;   /* (n_output) */
  double *square; /* (n_output) */
} Measurer;

static guint
largest_of (const float *values, gsize n)
{
  guint best = 0;

  for (guint i = 1; i < n; i++)
    if (values[i] > values[best])
      best = i;
  return best;
}

static double
score_of (const CpacFidelityOptions *o, const float *output, Worker *worker)
{
  const CpacDims *dims = cpac_network_get_output (o->network);

  if (o->head->kind != CPAC_HEAD_MAP)
    return 0;
  return cpac_head_map (o->head, output, dims->width, dims->height, worker->map, worker->scratch);
}

static gboolean
look (gpointer user_data, guint index, guint slot, guint number, GError **error)
{
  Measurer *m = user_data;
  const CpacFidelityOptions *o = m->options;
  Worker *worker = &m->own[number];
  float *input = cpac_run_get_input (worker->run, 0);
  const float *is, *was;
  Look *found = &m->looks[index];

  if (!cpac_dataset_get_input (o->dataset, o->split, index, input, error))
    return FALSE;
  memcpy (cpac_run_get_input (worker->dense, 0), input,
          cpac_dims_count (cpac_network_get_input (o->network)) * sizeof (float));
  cpac_run_forward (worker->run);
  cpac_run_forward (worker->dense);
  is = cpac_run_get_output (worker->run, m->last, 0);
  was = cpac_run_get_output (worker->dense, m->last, 0);
  *found = (Look){ .best = largest_of (is, m->n_output),
                   .dense_best = largest_of (was, m->n_output),
                   .score = score_of (o, is, worker),
                   .dense_score = score_of (o, was, worker) };
  for (gsize i = 0; i < m->n_output; i++) {
    found->squares += ((double) is[i] - was[i]) * ((double) is[i] - was[i]);
    m->slots[slot * m->n_output + i] = was[i];
  }
  return TRUE;
}

static void
add (gpointer user_data, guint slot)
{
  Measurer *m = user_data;

  for (gsize i = 0; i < m->n_output; i++) {
    double value = m->slots[slot * m->n_output + i];

    m->sums[i] += value;
    m->square[i] += value * value;
  }
}

/* ---- What it comes to ---- */

static double
get_output_error (const Measurer *m, guint n)
{
  double error = 0, total = 0;

  for (guint i = 0; i < n; i++)
    error += m->looks[i].squares;
  for (gsize i = 0; i < m->n_output; i++)
    total += m->square[i] - m->sums[i] * m->sums[i] / n;
  if (error == 0)
    return 0;
  return total > 0 ? sqrt (error / total) : INFINITY;
}

static double
get_auroc (const Measurer *m, guint n, gboolean dense)
{
  const CpacFidelityOptions *o = m->options;
  g_autofree CpacMetricSample *samples = g_new0 (CpacMetricSample, n + 1);

  for (guint i = 0; i < n; i++) {
    samples[i].score = dense ? m->looks[i].dense_score : m->looks[i].score;
    samples[i].defect = cpac_dataset_get_item (o->dataset, o->split, i)->defect;
  }
  return cpac_metric_auroc (samples, n);
}

/* Hits of both among the labelled ones. */
static void
set_accuracy (const Measurer *m, guint n, CpacFidelity *fidelity)
{
  const CpacFidelityOptions *o = m->options;
  guint n_labelled = 0, hits = 0, dense_hits = 0;

  for (guint i = 0; i < n; i++) {
    guint class_index = cpac_dataset_get_item (o->dataset, o->split, i)->class_index;

    if (class_index >= o->head->n_classes)
      continue;
    n_labelled++;
    hits += m->looks[i].best == class_index;
    dense_hits += m->looks[i].dense_best == class_index;
  }
  if (n_labelled > 0) {
    fidelity->accuracy = (double) hits / n_labelled;
    fidelity->dense_accuracy = (double) dense_hits / n_labelled;
  }
}

static void
finish (const Measurer *m, guint n, CpacFidelity *fidelity)
{
  const CpacDims *dims = cpac_network_get_output (m->options->network);
  guint same = 0;

  *fidelity = (CpacFidelity){ n, 0, NAN, NAN, NAN, NAN, NAN };
  fidelity->output_error = get_output_error (m, n);
  for (guint i = 0; i < n; i++)
    same += m->looks[i].best == m->looks[i].dense_best;
  if (n > 0 && dims->width == 1 && dims->height == 1 && dims->channels > 1)
    fidelity->agreement = (double) same / n;
  if (m->options->head->kind == CPAC_HEAD_CLASSIFIER)
    set_accuracy (m, n, fidelity);
  if (m->options->head->kind == CPAC_HEAD_MAP) {
    fidelity->auroc = get_auroc (m, n, FALSE);
    fidelity->dense_auroc = get_auroc (m, n, TRUE);
  }
}

static void
set_up (Measurer *m, guint n)
{
  const CpacFidelityOptions *o = m->options;
  CpacRunOptions options = CPAC_RUN_OPTIONS_INIT;

  options.ops = cpac_train_ops ();
  options.strip = G_MAXUINT;
  m->last = cpac_network_get_n_layers (o->network) - 1;
  m->n_output = cpac_dims_count (cpac_network_get_output (o->network));
  m->own = g_new0 (Worker, o->n_threads);
  m->looks = g_new0 (Look, n + 1);
  m->slots = g_new (double, CPAC_PICTURES_AT_ONCE * m->n_output);
  m->sums = g_new0 (double, m->n_output);
  m->square = g_new0 (double, m->n_output);
  for (guint i = 0; i < o->n_threads; i++) {
    m->own[i].run = cpac_run_new (o->network, o->params, &options);
    m->own[i].dense = cpac_run_new (o->dense, o->dense_params, &options);
    m->own[i].map = g_new (float, m->n_output);
    m->own[i].scratch = g_new (float, m->n_output);
  }
}

static void
clear (Measurer *m)
{
  for (guint i = 0; i < m->options->n_threads; i++) {
    cpac_run_free (m->own[i].run);
    cpac_run_free (m->own[i].dense);
    g_free (m->own[i].map);
    g_free (m->own[i].scratch);
  }
  g_free (m->own);
  g_free (m->looks);
  g_free (m->slots);
  g_free (m->sums);
  g_free (m->square);
}

gboolean
cpac_fidelity_measure (const CpacFidelityOptions *options, CpacFidelity *fidelity, GError **error)
{
  const CpacPictureVisitor visitor = { look, add, NULL, NULL };
  Measurer measurer = { .options = options };
  g_autoptr (CpacWorkers) workers = cpac_workers_new (options->n_threads);
  guint n = cpac_dataset_get_n (options->dataset, options->split);
  gboolean ok;

  cpac_linalg_init ();
  if (!cpac_train_check_scratch (options->network, error) ||
      !cpac_train_check_scratch (options->dense, error))
    return FALSE;
  set_up (&measurer, n);
  ok = cpac_pictures_visit (n, workers, &visitor, &measurer, error);
  if (ok)
    finish (&measurer, n, fidelity);
  clear (&measurer);
  return ok;
}

double
cpac_fidelity_get_figure (const CpacFidelity *fidelity, const char **name)
{
  const struct {
    const char *name;
    double value;
  } figures[] = {
    { "accuracy", fidelity->accuracy },
    { "auroc", fidelity->auroc },
    { "agreement", fidelity->agreement },
    { "output_error", -fidelity->output_error },
  };
  guint i = 0;

  while (i + 1 < G_N_ELEMENTS (figures) && isnan (figures[i].value))
    i++;
  if (name != NULL)
    *name = figures[i].name;
  return figures[i].value;
}
