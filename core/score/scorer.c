/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/score/scorer.h"

#include <math.h>
#include <string.h>

#include "core/explain/component-maps.h"
#include "core/explain/defect-regions.h"
#include "core/network/stream.h"

struct _CpacScorer {
  CpacModel *model;
  CpacLevel level;
  guint n_threads;
  CpacStream *stream;
  gboolean *kept; /* (n_layers): what callers want to read, beside the head and what is published */
  CpacFrameInfo info;
  CpacRect region;
  CpacFramePlan *plan; /* NULL: no stream */

  double *probabilities; /* (n_classes) of a classifier */
  guint map_width, map_height;
  float *map, *scratch; /* the map, and as much or more */
  const float **maps;   /* of the layers a gaussian head looks at */
  guint8 *heatmap;
  CpacRegionFinder *finder; /* NULL for a head that gives no map */
  guint min_region_area;    /* pixels of the frame */
  CpacIgnoreMask *mask;     /* NULL: none */
  guint8 *ignored;          /* (map_height, map_width); NULL without a mask or a map */
  guint8 *ignored_grid;     /* the same of a combined head's gaussian */
  GArray *features;         /* (element-type CpacFeatureMaps) */
  guint *feature_layers;    /* (n_features) */
  CpacInspection result;

  CpacComponentMaps *components; /* NULL: frames are not explained */
};

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

/* Where a map of @width x @height cells lies. */
static CpacMapPlace
place_map (const CpacScorer *scorer, guint width, guint height)
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
  CpacMapPlace place = place_map (scorer, scorer->map_width, scorer->map_height), grid;
  gsize n_kept = 1;

  if (scorer->ignored != NULL)
    n_kept = cpac_ignore_mask_mark (scorer->mask, &place, scorer->ignored);
  if (scorer->ignored_grid != NULL && n_kept > 0) {
    grid = place_map (scorer, gaussian->width, gaussian->height);
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

/* 8 bits at the fixed scale: 0 at min, 255 at max; ignored cells are 0. In double, so that the
 * middle of the scale is 128 to the last bit; what a scale without width makes of a value (not a
 * number) is 0. */
static void
quantise_map (CpacScorer *scorer, double min, double max, gsize n)
{
  double gain = 255 / (max - min);

  for (gsize i = 0; i < n; i++) {
    double value = (scorer->map[i] - min) * gain;

    scorer->heatmap[i] = value > 0 ? (guint8) (MIN (value, 255.0) + 0.5) : 0;
    if (scorer->ignored != NULL && scorer->ignored[i])
      scorer->heatmap[i] = 0;
  }
}

static void
publish_map (CpacScorer *scorer, const CpacHead *head, const CpacThresholds *in_force)
{
  CpacInspection *result = &scorer->result;
  CpacMapPlace place = place_map (scorer, scorer->map_width, scorer->map_height);
  gsize n = (gsize) scorer->map_width * scorer->map_height;
  const GArray *regions;

  cpac_head_get_heatmap_range (head, in_force, &result->heatmap_min, &result->heatmap_max);
  if (scorer->ignored != NULL)
    cpac_ignore_fill (scorer->map, scorer->ignored, n);
  quantise_map (scorer, result->heatmap_min, result->heatmap_max, n);
  regions = cpac_region_finder_find (scorer->finder, scorer->map, in_force->threshold,
                                     scorer->ignored, &place, scorer->min_region_area);
  result->heatmap = scorer->heatmap;
  result->map_width = scorer->map_width;
  result->map_height = scorer->map_height;
  result->has_regions = TRUE;
  result->n_regions = regions->len;
  result->regions = (const CpacDefectRegion *) (gconstpointer) regions->data;
  result->contours = cpac_region_finder_get_contours (scorer->finder, &result->n_contours,
                                                      &result->n_contours_omitted);
}

static void
score_map (CpacScorer *scorer, const CpacHead *head, const CpacThresholds *in_force)
{
  gsize n = (gsize) scorer->map_width * scorer->map_height;

  cpac_head_average (cpac_scorer_get_output (scorer), scorer->map_width, scorer->map_height,
                     scorer->map);
  scorer->result.score =
      cpac_head_summarize_kept (head->top, scorer->map, scorer->ignored, n, scorer->scratch);
  publish_map (scorer, head, in_force);
}

static void
find_maps (CpacScorer *scorer, const CpacGaussian *gaussian)
{
  for (guint i = 0; i < gaussian->n_layers; i++)
    scorer->maps[i] = cpac_stream_get_output (scorer->stream, gaussian->layers[i]);
}

/* FALSE when a distance is not finite: features too large for their squares. */
static gboolean
score_gaussian (CpacScorer *scorer, const CpacHead *head, const CpacThresholds *in_force)
{
  const CpacGaussian *gaussian = cpac_model_get_gaussian (scorer->model);
  gsize n = (gsize) scorer->map_width * scorer->map_height;

  find_maps (scorer, gaussian);
  cpac_gaussian_measure (gaussian, scorer->maps, scorer->scratch, scorer->map);
  if (!cpac_is_finite (scorer->map, n))
    return FALSE;
  scorer->result.score =
      cpac_head_summarize_kept (head->top, scorer->map, scorer->ignored, n, scorer->scratch);
  publish_map (scorer, head, in_force);
  return TRUE;
}

static gboolean
score_combined (CpacScorer *scorer, const CpacHead *head, const CpacThresholds *in_force)
{
  const CpacGaussian *gaussian = cpac_model_get_gaussian (scorer->model);
  const CpacCombined *combined = cpac_model_get_combined (scorer->model);
  double score;

  find_maps (scorer, gaussian);
  score = cpac_combined_measure_kept (
      combined, gaussian, cpac_stream_get_output (scorer->stream, combined->layer), scorer->maps,
      scorer->ignored, scorer->ignored_grid, scorer->scratch, scorer->map, NULL);
  if (!isfinite (score))
    return FALSE;
  scorer->result.score = score;
  publish_map (scorer, head, in_force);
  return TRUE;
}

static void
score_classes (CpacScorer *scorer, const CpacHead *head)
{
  CpacInspection *result = &scorer->result;
  guint best;

  result->score =
      cpac_head_classify (head, cpac_scorer_get_output (scorer), scorer->probabilities, &best);
  result->class_name = head->classes[best];
  result->n_classes = head->n_classes;
  result->classes = (const char *const *) head->classes;
  result->probabilities = scorer->probabilities;
}

static void
publish_features (CpacScorer *scorer)
{
  for (guint i = 0; i < scorer->features->len; i++)
    g_array_index (scorer->features, CpacFeatureMaps, i).data =
        cpac_stream_get_output (scorer->stream, scorer->feature_layers[i]);
  scorer->result.n_features = scorer->features->len;
  scorer->result.features = (const CpacFeatureMaps *) scorer->features->data;
}

/* Sets what the calibration says only where it was made with what counts here. */
static void
rate_score (CpacInspection *result, const CpacHead *head, const CpacThresholds *in_force)
{
  result->has_score = TRUE;
  result->verdict =
      cpac_verdict_from_score (result->score, in_force->warn_threshold, in_force->threshold);
  if (head->calibration == NULL ||
      !cpac_calibration_suits_mask (head->calibration, result->ignore_mask_sha256))
    return;
  result->has_normalized = result->has_p_value = TRUE;
  result->score_normalized =
      cpac_calibration_normalize (head->calibration, result->score, in_force->threshold);
  result->p_value = cpac_calibration_get_p_value (head->calibration, result->score);
}

CpacInspection *
cpac_scorer_pass (CpacScorer *scorer, CpacStatus status, const CpacThresholds *in_force)
{
  const CpacHead *head = cpac_model_get_head (scorer->model);
  CpacThresholds own = cpac_head_get_thresholds (head);

  if (in_force == NULL)
    in_force = &own;
  scorer->result = (CpacInspection){
    .status = status,
    .verdict = CPAC_VERDICT_UNDEFINED,
    .has_thresholds = head->kind != CPAC_HEAD_NONE,
    .threshold = in_force->threshold,
    .warn_threshold = in_force->warn_threshold,
    .model = cpac_model_get_name (scorer->model),
    .model_sha256 = cpac_model_get_weights_sha256 (scorer->model),
    .config_sha256 = cpac_model_get_config_sha256 (scorer->model),
    .ignore_mask_sha256 = scorer->mask != NULL ? cpac_ignore_mask_get_sha256 (scorer->mask) : NULL,
    .width = scorer->info.width,
    .height = scorer->info.height,
    .region = scorer->region,
  };
  return &scorer->result;
}

/* Numbers that are not finite give no result. */
static CpacInspection *
refuse_frame (CpacScorer *scorer)
{
  scorer->result.status = CPAC_STATUS_ERROR;
  return &scorer->result;
}

CpacInspection *
cpac_scorer_score (CpacScorer *scorer, const CpacFrame *frame, const CpacThresholds *in_force)
{
  const CpacNetwork *network = cpac_model_get_network (scorer->model);
  const CpacHead *head = cpac_model_get_head (scorer->model);
  CpacThresholds own = cpac_head_get_thresholds (head);
  CpacInspection *result = cpac_scorer_pass (scorer, CPAC_STATUS_SCORED, in_force);

  g_assert (scorer->plan != NULL);
  if (in_force == NULL)
    in_force = &own;
  cpac_frame_plan_run (scorer->plan, frame, cpac_stream_get_input (scorer->stream));
  cpac_stream_run (scorer->stream);
  if (!cpac_is_finite (cpac_scorer_get_output (scorer),
                       cpac_dims_count (cpac_network_get_output (network))))
    return refuse_frame (scorer);
  publish_features (scorer);
  switch (head->kind) {
    case CPAC_HEAD_NONE:
      return result;
    case CPAC_HEAD_CLASSIFIER:
      score_classes (scorer, head);
      break;
    case CPAC_HEAD_MAP:
      score_map (scorer, head, in_force);
      break;
    case CPAC_HEAD_GAUSSIAN:
      if (!score_gaussian (scorer, head, in_force))
        return refuse_frame (scorer);
      break;
    case CPAC_HEAD_COMBINED:
      if (!score_combined (scorer, head, in_force))
        return refuse_frame (scorer);
      break;
  }
  rate_score (result, head, in_force);
  if (scorer->components != NULL) {
    CpacScoredMap scored = cpac_scorer_get_scored_map (scorer);

    cpac_component_maps_publish (scorer->components, cpac_stream_get_activations (scorer->stream),
                                 &scored, in_force, result);
  }
  return result;
}
