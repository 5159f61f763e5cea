/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/score/scorer.h"

#include <math.h>

#include "core/explain/regions.h"
#include "core/network/run.h"

/* Most regions for which room is made beforehand, so that scoring a frame allocates nothing. Maps
 * of up to 512x512 cells cannot hold more. */
#define MAX_RESERVED_REGIONS 65536

struct _CpacScorer {
  CpacModel *model;
  CpacRun *run;
  CpacFrameInfo info;
  CpacRect region;
  CpacFramePlan *plan; /* NULL: no stream */

  double *probabilities; /* (n_classes) of a classifier */
  guint map_width, map_height;
  float *map, *scratch; /* the map, and as much or more */
  const float **maps;   /* of the layers a gaussian head looks at */
  guint8 *heatmap, *mask;
  guint32 *labels;
  GArray *cells;         /* (element-type CpacRegion), in cells of the map */
  GArray *regions;       /* (element-type CpacDefectRegion) */
  GArray *features;      /* (element-type CpacFeatureMaps) */
  guint *feature_layers; /* (n_features) */
  CpacInspection result;
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

/* Room for as many regions as a map can hold: one in every 2x2 cells. */
static void
reserve_regions (CpacScorer *scorer, guint width, guint height)
{
  guint64 most = ((guint64) width + 1) / 2 * (((guint64) height + 1) / 2);
  guint n = (guint) MIN (most, MAX_RESERVED_REGIONS);

  scorer->cells = g_array_sized_new (FALSE, FALSE, sizeof (CpacRegion), n);
  scorer->regions = g_array_sized_new (FALSE, FALSE, sizeof (CpacDefectRegion), n);
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
  scorer->mask = g_new0 (guint8, n);
  scorer->labels = g_new0 (guint32, n);
  reserve_regions (scorer, width, height);
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
      break;
  }
}

CpacScorer *
cpac_scorer_new (CpacModel *model, const CpacScorerOptions *options, GError **error)
{
  g_autoptr (CpacScorer) scorer = g_new0 (CpacScorer, 1);
  CpacRunOptions run_options = CPAC_RUN_OPTIONS_INIT;

  scorer->model = cpac_model_ref (model);
  scorer->features = g_array_new (FALSE, FALSE, sizeof (CpacFeatureMaps));
  if (!find_features (scorer, options->features, error))
    return NULL;
  run_options.n_threads = options->n_threads;
  scorer->run =
      cpac_run_new (cpac_model_get_network (model), cpac_model_get_params (model), &run_options);
  allocate_head (scorer);
  return g_steal_pointer (&scorer);
}

void
cpac_scorer_free (CpacScorer *scorer)
{
  if (scorer == NULL)
    return;
  cpac_frame_plan_free (scorer->plan);
  cpac_run_free (scorer->run);
  g_free (scorer->probabilities);
  g_free (scorer->map);
  g_free (scorer->scratch);
  g_free (scorer->maps);
  g_free (scorer->heatmap);
  g_free (scorer->mask);
  g_free (scorer->labels);
  g_free (scorer->feature_layers);
  g_clear_pointer (&scorer->cells, g_array_unref);
  g_clear_pointer (&scorer->regions, g_array_unref);
  g_array_unref (scorer->features);
  cpac_model_unref (scorer->model);
  g_free (scorer);
}

CpacModel *
cpac_scorer_get_model (const CpacScorer *scorer)
{
  return scorer->model;
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
  return scorer->plan != NULL;
}

gboolean
cpac_scorer_has_stream (const CpacScorer *scorer)
{
  return scorer->plan != NULL;
}

const float *
cpac_scorer_get_input (const CpacScorer *scorer)
{
  return cpac_run_get_input (scorer->run, 0);
}

const float *
cpac_scorer_get_output (const CpacScorer *scorer)
{
  const CpacNetwork *network = cpac_model_get_network (scorer->model);

  return cpac_run_get_output (scorer->run, cpac_network_get_n_layers (network) - 1, 0);
}

const float *
cpac_scorer_get_map (const CpacScorer *scorer)
{
  return scorer->map;
}

static gboolean
is_finite (const float *values, gsize n)
{
  /* A sum of x - x is zero when all are finite, and not a number otherwise. */
  float sum = 0;

  for (gsize i = 0; i < n; i++)
    sum += values[i] - values[i];
  return sum == 0;
}

/* Box and area of a region of map cells, in terms of the whole frame. */
static CpacDefectRegion
region_in_frame (const CpacScorer *scorer, const CpacRegion *cells, guint map_width,
                 guint map_height, double score)
{
  const CpacRect *rect = &scorer->region;
  double cell_width = (double) rect->width / map_width;
  double cell_height = (double) rect->height / map_height;

  return (CpacDefectRegion){
    .x = (rect->x + cells->x * cell_width) / scorer->info.width,
    .y = (rect->y + cells->y * cell_height) / scorer->info.height,
    .width = cells->width * cell_width / scorer->info.width,
    .height = cells->height * cell_height / scorer->info.height,
    .score = score,
    .area = cells->area * cell_width * cell_height,
  };
}

static double
largest_in_region (const CpacScorer *scorer, const CpacRegion *cells, guint label, guint map_width)
{
  double largest = -INFINITY;

  for (guint i = cells->y; i < cells->y + cells->height; i++)
    for (guint j = cells->x; j < cells->x + cells->width; j++) {
      gsize at = (gsize) i * map_width + j;

      if (scorer->labels[at] == label)
        largest = MAX (largest, scorer->map[at]);
    }
  return largest;
}

static void
find_regions (CpacScorer *scorer, double threshold, guint width, guint height)
{
  gsize n = (gsize) width * height;
  guint n_regions;

  for (gsize i = 0; i < n; i++)
    scorer->mask[i] = scorer->map[i] > threshold;
  n_regions = cpac_regions_label (scorer->mask, width, height, scorer->labels, scorer->cells);
  g_array_set_size (scorer->regions, 0);
  for (guint k = 0; k < n_regions; k++) {
    const CpacRegion *cells = &g_array_index (scorer->cells, CpacRegion, k);
    double score = largest_in_region (scorer, cells, k + 1, width);
    CpacDefectRegion region = region_in_frame (scorer, cells, width, height, score);

    g_array_append_val (scorer->regions, region);
  }
}

/* 8 bits at the fixed scale: 0 at min, 255 at max. In double, so that the middle of the scale is
 * 128 to the last bit; what a scale without width makes of a value (not a number) is 0. */
static void
quantise_map (CpacScorer *scorer, double min, double max, gsize n)
{
  double gain = 255 / (max - min);

  for (gsize i = 0; i < n; i++) {
    double value = (scorer->map[i] - min) * gain;

    scorer->heatmap[i] = value > 0 ? (guint8) (MIN (value, 255.0) + 0.5) : 0;
  }
}

static void
publish_map (CpacScorer *scorer, const CpacHead *head, const CpacThresholds *in_force)
{
  CpacInspection *result = &scorer->result;
  gsize n = (gsize) scorer->map_width * scorer->map_height;

  cpac_head_get_heatmap_range (head, in_force, &result->heatmap_min, &result->heatmap_max);
  quantise_map (scorer, result->heatmap_min, result->heatmap_max, n);
  find_regions (scorer, in_force->threshold, scorer->map_width, scorer->map_height);
  result->heatmap = scorer->heatmap;
  result->map_width = scorer->map_width;
  result->map_height = scorer->map_height;
  result->has_regions = TRUE;
  result->n_regions = scorer->regions->len;
  result->regions = (const CpacDefectRegion *) scorer->regions->data;
}

static void
score_map (CpacScorer *scorer, const CpacHead *head, const CpacThresholds *in_force)
{
  scorer->result.score = cpac_head_map (head, cpac_scorer_get_output (scorer), scorer->map_width,
                                        scorer->map_height, scorer->map, scorer->scratch);
  publish_map (scorer, head, in_force);
}

static void
find_maps (CpacScorer *scorer, const CpacGaussian *gaussian)
{
  for (guint i = 0; i < gaussian->n_layers; i++)
    scorer->maps[i] = cpac_run_get_output (scorer->run, gaussian->layers[i], 0);
}

/* FALSE when a distance is not finite: features too large for their squares. */
static gboolean
score_gaussian (CpacScorer *scorer, const CpacHead *head, const CpacThresholds *in_force)
{
  const CpacGaussian *gaussian = cpac_model_get_gaussian (scorer->model);
  gsize n = (gsize) scorer->map_width * scorer->map_height;

  find_maps (scorer, gaussian);
  cpac_gaussian_measure (gaussian, scorer->maps, scorer->scratch, scorer->map);
  if (!is_finite (scorer->map, n))
    return FALSE;
  scorer->result.score = cpac_head_summarize (head->top, scorer->map, n, scorer->scratch);
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
  score = cpac_combined_measure (combined, gaussian,
                                 cpac_run_get_output (scorer->run, combined->layer, 0),
                                 scorer->maps, scorer->scratch, scorer->map, NULL);
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
        cpac_run_get_output (scorer->run, scorer->feature_layers[i], 0);
  scorer->result.n_features = scorer->features->len;
  scorer->result.features = (const CpacFeatureMaps *) scorer->features->data;
}

static void
rate_score (CpacInspection *result, const CpacHead *head, const CpacThresholds *in_force)
{
  result->has_score = TRUE;
  result->verdict =
      cpac_verdict_from_score (result->score, in_force->warn_threshold, in_force->threshold);
  if (head->calibration == NULL)
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
  cpac_frame_plan_run (scorer->plan, frame, cpac_run_get_input (scorer->run, 0));
  cpac_run_forward (scorer->run);
  if (!is_finite (cpac_scorer_get_output (scorer),
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
  return result;
}
