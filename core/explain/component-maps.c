/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/explain/component-maps.h"

/* The largest level, and the one that means nothing. */
#define TOP_LEVEL 255
#define ZERO_LEVEL 128
#define LOGIT_HALF_RANGE 8.0
#define PART_OF_SCALE 16

struct _CpacComponentMaps {
  CpacModel *model;
  CpacExplainer *explainer;
  const CpacExplanation *explanation; /* the last one */
  guint n;                            /* at most so many */
  CpacComponentMap *items;            /* (n) */
  guint8 *levels;                     /* (n, height, width) */
};

CpacComponentMaps *
cpac_component_maps_new (CpacModel *model, const char *layer, guint n, GError **error)
{
  g_autoptr (CpacExplainer) explainer = cpac_explainer_new (model, layer, error);
  CpacComponentMaps *maps;
  guint rank;
  gsize cells;

  if (explainer == NULL)
    return NULL;
  cpac_explainer_get_shape (explainer, &rank, &cells);
  maps = g_new0 (CpacComponentMaps, 1);
  maps->model = cpac_model_ref (model);
  maps->explainer = g_steal_pointer (&explainer);
  maps->n = MIN (n, rank);
  maps->items = g_new0 (CpacComponentMap, maps->n);
  maps->levels = g_new (guint8, maps->n * cells);
  return maps;
}

void
cpac_component_maps_free (CpacComponentMaps *maps)
{
  if (maps == NULL)
    return;
  cpac_explainer_free (maps->explainer);
  cpac_model_unref (maps->model);
  g_free (maps->items);
  g_free (maps->levels);
  g_free (maps);
}

const CpacExplanation *
cpac_component_maps_get_explanation (const CpacComponentMaps *maps)
{
  return maps->explanation;
}

void
cpac_component_maps_mark (const CpacComponentMaps *maps, gboolean *layers)
{
  cpac_explainer_mark (maps->explainer, layers);
}

/* Half of the heat map's scale, in units of a map part's own score. */
static double
map_half_range (const CpacModel *model, const CpacThresholds *in_force)
{
  const CpacHead *head = cpac_model_get_head (model);
  const CpacCombined *combined = cpac_model_get_combined (model);
  double min, max, half;

  cpac_head_get_heatmap_range (head, in_force, &min, &max);
  half = max / 2 - min / 2;
  return combined != NULL ? half * (combined->map.high - combined->map.low) : half;
}

/* The squared distance at the threshold; where that is no distance, that of good parts, about 1. */
static double
distance_range (const CpacModel *model, const CpacThresholds *in_force)
{
  const CpacCombined *combined = cpac_model_get_combined (model);
  double distance = in_force->threshold;

  if (combined != NULL)
    distance =
        combined->gaussian.low + distance * (combined->gaussian.high - combined->gaussian.low);
  return distance > 0 ? distance * distance : 1;
}

double
cpac_component_maps_get_limit (const CpacModel *model, CpacQuantity quantity,
                               const CpacThresholds *in_force)
{
  double range = LOGIT_HALF_RANGE;

  if (quantity == CPAC_QUANTITY_MAP_SCORE)
    range = map_half_range (model, in_force);
  else if (quantity == CPAC_QUANTITY_SQUARED_DISTANCE)
    range = distance_range (model, in_force);
  /* A threshold so large that the scale about it has no width says nothing about sizes. */
  if (!(range > 0))
    range = LOGIT_HALF_RANGE;
  return MIN (range, G_MAXDOUBLE / TOP_LEVEL) / PART_OF_SCALE;
}

static void
quantise (const double *map, gsize n, double limit, guint8 *levels)
{
  double gain = (TOP_LEVEL - ZERO_LEVEL) / limit;

  for (gsize i = 0; i < n; i++) {
    double level = map[i] * gain + ZERO_LEVEL;

    levels[i] = level > 0 ? (guint8) (MIN (level, TOP_LEVEL) + 0.5) : 0;
  }
}

void
cpac_component_maps_publish (CpacComponentMaps *maps, const CpacActivations *activations,
                             const CpacScoredMap *scored, const CpacThresholds *in_force,
                             CpacInspection *result)
{
  const CpacExplanation *explanation =
      cpac_explainer_explain (maps->explainer, activations, scored);
  gsize cells = (gsize) explanation->width * explanation->height;
  double limit = cpac_component_maps_get_limit (maps->model, explanation->quantity, in_force);

  maps->explanation = explanation;
  for (guint i = 0; i < maps->n; i++) {
    const CpacComponent *component = &explanation->components[i];
    guint8 *levels = maps->levels + i * cells;

    quantise (component->map, cells, limit, levels);
    maps->items[i] = (CpacComponentMap){
      .index = component->index,
      .layer = explanation->layer,
      .significance = component->significance,
      .contribution = component->contribution,
      .share = component->share,
      .map = levels,
      .width = explanation->width,
      .height = explanation->height,
      .map_min = -limit * ZERO_LEVEL / (TOP_LEVEL - ZERO_LEVEL),
      .map_max = limit,
    };
  }
  result->has_explanation = TRUE;
  result->explained = explanation->explained;
  result->bias_part = explanation->bias_part;
  result->identity_error = explanation->identity_error;
  result->explained_quantity = cpac_quantity_to_string (explanation->quantity);
  result->explained_class = explanation->class_name;
  result->rival_class = explanation->rival;
  result->n_components = maps->n;
  result->components = maps->items;
}
