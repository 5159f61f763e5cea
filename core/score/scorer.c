/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "core/score/scorer-private.h"

static gboolean
find_features (CpacScorer *scorer, const char *const *names, GError **error)
{
  const CpacNetwork *network = cpac_model_get_network (scorer->model);
  guint n = names != NULL ? g_strv_length ((char **) names) : 0;

  scorer->feature_layers = g_new (guint, n + 1);
  for (guint i = 0; i < n; i++) {
    gint index = cpac_network_find (network, names[i]);
    const CpacLayer *layer;

    if (index < 0) {
      g_set_error (error, CPAC_ERROR, CPAC_ERROR_SCHEMA,
                   "%s: there is no layer \"%s\" whose feature maps could be published",
                   cpac_model_get_path (scorer->model), names[i]);
      return FALSE;
    }
    layer = cpac_network_get_layer (network, (guint) index);
    scorer->feature_layers[i] = (guint) index;
    g_array_append_val (scorer->features,
                        ((CpacFeatureMaps){ .layer = layer->name, .dims = layer->out }));
  }
  return TRUE;
}

static void
allocate_map (CpacScorer *scorer, guint width, guint height, gsize n_scratch)
{
  gsize n = (gsize) width * height;

  scorer->map_width = width;
  scorer->map_height = height;
  scorer->map = g_new0 (float, n);
  scorer->scratch = g_new0 (float, MAX (n, n_scratch));
  scorer->heatmap = g_new0 (guint8, n);
  scorer->finder = cpac_region_finder_new (width, height);
  scorer->ignored = scorer->mask != NULL ? g_new0 (guint8, n) : NULL;
}

static void
allocate_head (CpacScorer *scorer)
{
  const CpacHead *head = cpac_model_get_head (scorer->model);
  const CpacDims *output = cpac_network_get_output (cpac_model_get_network (scorer->model));
  const CpacGaussian *gaussian = cpac_model_get_gaussian (scorer->model);
  const CpacCombined *combined = cpac_model_get_combined (scorer->model);

  switch (head->kind) {
    case CPAC_HEAD_NONE:
      break;
    case CPAC_HEAD_CLASSIFIER:
      scorer->probabilities = g_new0 (double, head->n_classes);
      break;
    case CPAC_HEAD_MAP:
      allocate_map (scorer, output->width, output->height, 0);
      break;
    case CPAC_HEAD_GAUSSIAN:
      scorer->maps = g_new0 (const float *, gaussian->n_layers);
      allocate_map (scorer, gaussian->width, gaussian->height,
                    cpac_gaussian_get_scratch (gaussian));
      break;
    case CPAC_HEAD_COMBINED:
      scorer->maps = g_new0 (const float *, gaussian->n_layers);
      allocate_map (scorer, combined->dims.width, combined->dims.height,
                    cpac_combined_get_scratch (combined, gaussian));
      if (scorer->mask != NULL)
        scorer->ignored_grid = g_new0 (guint8, (gsize) gaussian->width * gaussian->height);
      break;
  }
}

/* Layers whose outputs the head reads, beside the last one's. */
static void
mark_head (const CpacScorer *scorer, gboolean *layers)
{
  const CpacGaussian *gaussian = cpac_model_get_gaussian (scorer->model);
  const CpacCombined *combined = cpac_model_get_combined (scorer->model);

  for (guint i = 0; gaussian != NULL && i < gaussian->n_layers; i++)
    layers[gaussian->layers[i]] = TRUE;
  if (combined != NULL)
    layers[combined->layer] = TRUE;
}

/* A stream that keeps what is looked at, and nothing else. */
static void
compile (CpacScorer *scorer)
{
  const CpacNetwork *network = cpac_model_get_network (scorer->model);
  guint n_layers = cpac_network_get_n_layers (network);
  g_autofree gboolean *keep = g_memdup2 (scorer->kept, n_layers * sizeof (gboolean));
  CpacStreamOptions options = { scorer->level, scorer->n_threads, keep };

  mark_head (scorer, keep);
  for (guint i = 0; i < scorer->features->len; i++)
    keep[scorer->feature_layers[i]] = TRUE;
  if (scorer->components != NULL)
    cpac_component_maps_mark (scorer->components, keep);
  g_clear_pointer (&scorer->stream, cpac_stream_free);
  scorer->stream = cpac_stream_new (network, cpac_model_get_params (scorer->model), &options);
}

CpacScorer *
cpac_scorer_new (CpacModel *model, const CpacScorerOptions *options, GError **error)
{
  g_autoptr (CpacScorer) scorer = g_new0 (CpacScorer, 1);

  scorer->model = cpac_model_ref (model);
  if (options->ignore_mask != NULL)
    scorer->mask = cpac_ignore_mask_ref (options->ignore_mask);
  scorer->features = g_array_new (FALSE, FALSE, sizeof (CpacFeatureMaps));
  scorer->n_threads = options->n_threads;
  if (!cpac_level_get (&scorer->level, error) || !find_features (scorer, options->features, error))
    return NULL;
  scorer->kept = g_new0 (gboolean, cpac_network_get_n_layers (cpac_model_get_network (model)));
  compile (scorer);
  allocate_head (scorer);
  return g_steal_pointer (&scorer);
}

void
cpac_scorer_free (CpacScorer *scorer)
{
  if (scorer == NULL)
    return;
  cpac_frame_plan_free (scorer->plan);
  cpac_stream_free (scorer->stream);
  g_free (scorer->kept);
  g_free (scorer->probabilities);
  g_free (scorer->map);
  g_free (scorer->scratch);
  g_free (scorer->maps);
  g_free (scorer->heatmap);
  cpac_region_finder_free (scorer->finder);
  cpac_ignore_mask_unref (scorer->mask);
  g_free (scorer->ignored);
  g_free (scorer->ignored_grid);
  g_free (scorer->feature_layers);
  g_array_unref (scorer->features);
  cpac_component_maps_free (scorer->components);
  cpac_model_unref (scorer->model);
  g_free (scorer);
}

CpacModel *
cpac_scorer_get_model (const CpacScorer *scorer)
{
  return scorer->model;
}

void
cpac_scorer_set_min_region_area (CpacScorer *scorer, guint area)
{
  scorer->min_region_area = area;
}

CpacMapPlace
cpac_scorer_place_map (const CpacScorer *scorer, guint width, guint height)
{
  return (CpacMapPlace){
    .map_width = width,
    .map_height = height,
    .rect = scorer->region,
    .width = scorer->info.width,
    .height = scorer->info.height,
  };
}

/* Lays the mask over the stream's maps. */
static gboolean
place_mask (CpacScorer *scorer, GError **error)
{
  const CpacGaussian *gaussian = cpac_model_get_gaussian (scorer->model);
  CpacMapPlace place = cpac_scorer_place_map (scorer, scorer->map_width, scorer->map_height), grid;
  gsize n_kept = 1;

  if (scorer->ignored != NULL)
    n_kept = cpac_ignore_mask_mark (scorer->mask, &place, scorer->ignored);
  if (scorer->ignored_grid != NULL && n_kept > 0) {
    grid = cpac_scorer_place_map (scorer, gaussian->width, gaussian->height);
    n_kept = cpac_ignore_mask_mark (scorer->mask, &grid, scorer->ignored_grid);
  }
  if (n_kept == 0)
    g_set_error (error, CPAC_ERROR, CPAC_ERROR_SHAPE,
                 "the ignore mask leaves nothing to look at of %ux%u pixels at %u,%u of a frame of "
                 "%ux%u",
                 scorer->region.width, scorer->region.height, scorer->region.x, scorer->region.y,
                 scorer->info.width, scorer->info.height);
  return n_kept > 0;
}

gboolean
cpac_scorer_set_stream (CpacScorer *scorer, const CpacFrameInfo *info, const CpacRect *region,
                        GError **error)
{
  g_clear_pointer (&scorer->plan, cpac_frame_plan_free);
  scorer->info = *info;
  scorer->region =
      region != NULL && region->width > 0 ? *region : (CpacRect){ 0, 0, info->width, info->height };
  scorer->plan =
      cpac_frame_plan_new (cpac_model_get_input (scorer->model), info, &scorer->region, error);
  if (scorer->plan != NULL && !place_mask (scorer, error))
    g_clear_pointer (&scorer->plan, cpac_frame_plan_free);
  return scorer->plan != NULL;
}

gboolean
cpac_scorer_has_stream (const CpacScorer *scorer)
{
  return scorer->plan != NULL;
}

gboolean
cpac_scorer_set_explain (CpacScorer *scorer, guint n, const char *layer, GError **error)
{
  gboolean before = scorer->components != NULL;

  g_clear_pointer (&scorer->components, cpac_component_maps_free);
  scorer->result.has_explanation = FALSE;
  scorer->result.n_components = 0;
  if (n > 0)
    scorer->components = cpac_component_maps_new (scorer->model, layer, n, error);
  if (before || scorer->components != NULL)
    compile (scorer);
  return n == 0 || scorer->components != NULL;
}

void
cpac_scorer_keep (CpacScorer *scorer, const gboolean *layers)
{
  guint n = cpac_network_get_n_layers (cpac_model_get_network (scorer->model));

  memcpy (scorer->kept, layers, n * sizeof (gboolean));
  compile (scorer);
}

const CpacExplanation *
cpac_scorer_get_explanation (const CpacScorer *scorer)
{
  return scorer->result.has_explanation ? cpac_component_maps_get_explanation (scorer->components)
                                        : NULL;
}

const CpacActivations *
cpac_scorer_get_activations (const CpacScorer *scorer)
{
  return cpac_stream_get_activations (scorer->stream);
}

CpacScoredMap
cpac_scorer_get_scored_map (const CpacScorer *scorer)
{
  return (CpacScoredMap){ scorer->map, scorer->ignored, scorer->ignored_grid };
}

const float *
cpac_scorer_get_input (const CpacScorer *scorer)
{
  return cpac_stream_get_input (scorer->stream);
}

const float *
cpac_scorer_get_output (const CpacScorer *scorer)
{
  const CpacNetwork *network = cpac_model_get_network (scorer->model);

  return cpac_stream_get_output (scorer->stream, cpac_network_get_n_layers (network) - 1);
}

const float *
cpac_scorer_get_map (const CpacScorer *scorer)
{
  return scorer->map;
}
