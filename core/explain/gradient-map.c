/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/explain/gradient-map.h"

#include <math.h>

struct _CpacGradientMap {
  CpacModel *model;
  CpacTarget *target;
  CpacDownstream *downstream; /* of the frame */
  double *sums;               /* (height, width) */
};

CpacGradientMap *
cpac_gradient_map_new (CpacModel *model, GError **error)
{
  g_autoptr (CpacGradientMap) map = g_new0 (CpacGradientMap, 1);
  const CpacNetwork *network = cpac_model_get_network (model);
  const CpacDims *dims = cpac_network_get_input (network);
  const guint *ends;
  guint n_ends;

  map->model = cpac_model_ref (model);
  map->target = cpac_target_new (model, error);
  if (map->target == NULL)
    return NULL;
  ends = cpac_target_get_ends (map->target, &n_ends);
  if (!cpac_ways_reach (network, CPAC_NETWORK_INPUT, ends, n_ends)) {
    g_set_error (error, CPAC_ERROR, CPAC_ERROR_SCHEMA, "%s: the score does not depend on the frame",
                 cpac_model_get_path (model));
    return NULL;
  }
  map->downstream = cpac_downstream_new (network, cpac_model_get_params (model), CPAC_NETWORK_INPUT,
                                         ends, n_ends, error);
  if (map->downstream == NULL) {
    g_prefix_error (error, "%s: ", cpac_model_get_path (model));
    return NULL;
  }
  map->sums = g_new (double, (gsize) dims->height * dims->width);
  return g_steal_pointer (&map);
}

void
cpac_gradient_map_free (CpacGradientMap *map)
{
  if (map == NULL)
    return;
  cpac_downstream_free (map->downstream);
  cpac_target_free (map->target);
  cpac_model_unref (map->model);
  g_free (map->sums);
  g_free (map);
}

void
cpac_gradient_map_mark (const CpacGradientMap *map, gboolean *layers)
{
  cpac_target_mark (map->target, layers);
  cpac_downstream_mark (map->downstream, layers);
}

static void
load_frame (CpacGradientMap *map, const CpacActivations *activations)
{
  const CpacDims *dims = cpac_network_get_input (cpac_model_get_network (map->model));
  double *x = cpac_downstream_get_value (map->downstream, CPAC_NETWORK_INPUT);
  const float *from = activations->input;

  for (gsize i = 0; i < cpac_dims_count (dims); i++)
    x[i] = from[i];
}

static void
sum_magnitudes (CpacGradientMap *map)
{
  const CpacDims *dims = cpac_network_get_input (cpac_model_get_network (map->model));
  const double *g = cpac_downstream_get_gradient (map->downstream, CPAC_NETWORK_INPUT);
  gsize n = (gsize) dims->height * dims->width;
  /* A distance is a square, of whose gradient the target gives half. */
  double scale = cpac_target_get_quantity (map->target) == CPAC_QUANTITY_SQUARED_DISTANCE ? 2 : 1;

  for (gsize i = 0; i < n; i++) {
    map->sums[i] = 0;
    for (guint c = 0; c < dims->channels; c++)
      map->sums[i] += scale * fabs (g[c * n + i]);
  }
}

const double *
cpac_gradient_map_compute (CpacGradientMap *map, const CpacActivations *activations,
                           const CpacScoredMap *scored)
{
  double offset = 0;

  load_frame (map, activations);
  cpac_downstream_load (map->downstream, activations);
  cpac_downstream_forward (map->downstream);
  cpac_downstream_clear (map->downstream);
  cpac_target_choose (map->target, activations, scored);
  cpac_target_seed (map->target, map->downstream, &offset);
  cpac_downstream_backward (map->downstream);
  sum_magnitudes (map);
  return map->sums;
}
