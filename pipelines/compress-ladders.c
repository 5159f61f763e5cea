/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What each rank of each layer costs and loses. */

#include <math.h>

#include "core/cp/factorize.h"
#include "core/layers/options.h"
#include "core/train/ladder.h"
#include "core/train/sensitivity.h"
#include "pipelines/compress-run.h"
#include "pipelines/tool.h"

static const char *
name_of (const CompressRun *run, guint layer)
{
  return cpac_network_get_layer (cpac_model_get_network (run->model), layer)->name;
}

static const CpacTensor *
kernel_of (const CompressRun *run, guint layer)
{
  const CpacParams *params = cpac_model_get_params (run->model);

  return params->values[params->first[layer] + CPAC_DENSE_WEIGHT];
}

/* ---- Costs ---- */

static double
get_count (const CompressRun *run, const CpacCost *cost)
{
  return (double) (run->wishes->budget == COMPRESS_BUDGET_PARAMETERS ? cost->parameters
                                                                     : cost->macs);
}

static void
count_costs (const CompressRun *run, CompressCandidate *candidate)
{
  CpacCost cost;

  for (guint rank = 0; rank <= candidate->ladder.max_rank; rank++) {
    cpac_factorize_count (cpac_model_get_network (run->model), candidate->layer, rank, &cost);
    candidate->ladder.cost[rank] = get_count (run, &cost);
  }
}

/* Measured at ranks 1, 2, 4, ... and the largest, straight lines between them. */
static gboolean
time_costs (const CompressRun *run, CompressCandidate *candidate, GError **error)
{
  double *cost = candidate->ladder.cost;
  guint max_rank = candidate->ladder.max_rank, last = 0;

  if (!compress_time_layer (run, candidate->layer, 0, &cost[0], error))
    return FALSE;
  for (guint rank = 1; last < max_rank; rank = MIN (2 * rank, max_rank)) {
    if (!compress_time_layer (run, candidate->layer, rank, &cost[rank], error))
      return FALSE;
    cost[rank] = MAX (cost[rank], last > 0 ? cost[last] : 0);
    for (guint r = last + 1; last > 0 && r < rank; r++)
      cost[r] = cost[last] + (cost[rank] - cost[last]) * (r - last) / (rank - last);
    last = rank;
  }
  return TRUE;
}

/* Of ranks that cost less than the layer does as it is. */
static gboolean
set_costs (const CompressRun *run, CompressCandidate *candidate, GError **error)
{
  const gsize *shape = kernel_of (run, candidate->layer)->shape.dims;
  const guint dims[4] = { (guint) shape[0], (guint) shape[2], (guint) shape[3], (guint) shape[1] };
  CpacRankLadder *ladder = &candidate->ladder;
  guint rank = 1;

  cpac_rank_ladder_init (ladder, MIN (cpac_ladder_get_max_rank (dims), COMPRESS_MAX_RANK));
  if (run->wishes->budget != COMPRESS_BUDGET_TIME)
    count_costs (run, candidate);
  else if (!time_costs (run, candidate, error))
    return FALSE;
  while (rank <= ladder->max_rank && ladder->cost[rank] < ladder->cost[0])
    rank++;
  ladder->max_rank = rank - 1;
  return TRUE;
}

double
compress_run_get_whole_cost (const CompressRun *run)
{
  const CpacNetwork *network = cpac_model_get_network (run->model);
  CpacCost cost;

  if (run->wishes->budget == COMPRESS_BUDGET_TIME)
    return compress_time_network (network);
  cpac_network_count (network, &cost);
  return get_count (run, &cost);
}

/* ---- Losses ---- */

typedef struct {
  const CompressRun *run;
  const CpacLayerMoments *moments; /* NULL: none */
  GError **errors;                 /* (candidates) */
} Ladders;

static void
climb_ladder (gpointer user_data, guint index, guint worker)
{
  Ladders *ladders = user_data;
  CompressCandidate *candidate = compress_run_get_candidate (ladders->run, index);

  if (candidate->ladder.max_rank > 0 &&
      !cpac_ladder_measure (&candidate->ladder, kernel_of (ladders->run, candidate->layer),
                            ladders->moments != NULL ? ladders->moments[index].moments : NULL,
                            ladders->run->wishes->seed, &ladders->errors[index]))
    g_prefix_error (&ladders->errors[index],
                    "layer %s: ", name_of (ladders->run, candidate->layer));
}

static gboolean
climb_ladders (const CompressRun *run, const CpacLayerMoments *moments, GError **error)
{
  g_autoptr (CpacWorkers) workers = cpac_workers_new (run->wishes->n_threads);
  g_autofree GError **errors = g_new0 (GError *, run->candidates->len);
  Ladders ladders = { run, moments, errors };

  cpac_workers_run (workers, run->candidates->len, climb_ladder, &ladders);
  return cpac_error_take_first (errors, run->candidates->len, error);
}

static void
show_measuring (guint done, guint total, gpointer user_data)
{
  tool_progress ("measuring", done, total);
}

/* What all candidates read and give. (transfer full) */
static CpacLayerMoments *
gather_moments (const CompressRun *run, GError **error)
{
  g_autofree CpacLayerMoments *layers = g_new0 (CpacLayerMoments, run->candidates->len);
  const CpacLayerMomentsOptions options = {
    .network = cpac_model_get_network (run->model),
    .params = cpac_model_get_params (run->model),
    .target = cpac_model_get_network (run->model),
    .target_params = cpac_model_get_params (run->model),
    .layers = layers,
    .n_layers = run->candidates->len,
    .pictures = &run->training.pictures,
    .n_threads = run->wishes->n_threads,
    .progress = show_measuring,
  };
  gboolean ok;

  for (guint i = 0; i < run->candidates->len; i++)
    layers[i].layer = layers[i].target = compress_run_get_candidate (run, i)->layer;
  ok = cpac_layer_moments_gather (&options, error);
  tool_progress_end ();
  return ok ? g_steal_pointer (&layers) : NULL;
}

/* Mean square of a layer's output about its mean, of one value. */
static double
get_variance (const CpacCpMoments *m)
{
  double sum = 0;

  for (guint f = 0; f < m->dims[0]; f++)
    sum += (m->yy[f] - m->y[f] * m->y[f] / m->n) / m->n;
  return sum / m->dims[0];
}

/* The change of the network's output that an error of the layer's whole output would make, in its
 * second order: half of the mean ||g||^2 times the variance of a value. */
static gboolean
weigh (CompressRun *run, const CpacLayerMoments *moments, GError **error)
{
  const CpacSensitivityOptions options = {
    .network = cpac_model_get_network (run->model),
    .params = cpac_model_get_params (run->model),
    .head = cpac_model_get_head (run->model),
    .pictures = &run->training.pictures,
    .seed = run->wishes->seed,
    .n_threads = run->wishes->n_threads,
    .progress = show_measuring,
  };
  g_autofree double *squares = cpac_sensitivity_measure (&options, error);

  tool_progress_end ();
  for (guint i = 0; squares != NULL && i < run->candidates->len; i++) {
    CompressCandidate *candidate = compress_run_get_candidate (run, i);

    candidate->sensitivity = squares[candidate->layer] * get_variance (moments[i].moments) / 2;
    for (guint rank = 1; rank <= candidate->ladder.max_rank; rank++)
      candidate->ladder.loss[rank] *= candidate->sensitivity;
  }
  run->has_sensitivity = squares != NULL;
  return run->has_sensitivity;
}

static void
free_moments (const CompressRun *run, CpacLayerMoments *moments)
{
  for (guint i = 0; moments != NULL && i < run->candidates->len; i++)
    cpac_cp_moments_free (moments[i].moments);
  g_free (moments);
}

gboolean
compress_run_weigh (CompressRun *run, GError **error)
{
  CpacLayerMoments *moments;
  gboolean ok;

  if (run->has_sensitivity)
    return TRUE;
  moments = gather_moments (run, error);
  ok = moments != NULL && weigh (run, moments, error);
  free_moments (run, moments);
  return ok;
}

gboolean
compress_run_measure_ladders (CompressRun *run, GError **error)
{
  CpacLayerMoments *moments = NULL;
  gboolean ok;

  for (guint i = 0; i < run->candidates->len; i++)
    if (!set_costs (run, compress_run_get_candidate (run, i), error))
      return FALSE;
  if (run->training.dataset != NULL && (moments = gather_moments (run, error)) == NULL)
    return FALSE;
  ok = climb_ladders (run, moments, error) &&
       (moments == NULL || !isnan (run->wishes->energy) || weigh (run, moments, error));
  free_moments (run, moments);
  return ok;
}
