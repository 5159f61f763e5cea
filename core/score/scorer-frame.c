/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What a frame goes through: the network, the head's score and map, what is published of them. */

#include <math.h>

#include "core/kernels/rows.h"
#include "core/score/scorer-private.h"

/* 8 bits at the fixed scale: 0 at min, 255 at max; ignored cells are 0. In double, so that the
 * middle of the scale is 128 to the last bit; what a scale without width makes of a value (not a
 * number) is 0. */
static void
quantise_map (CpacScorer *scorer, double min, double max, gsize n)
{
  cpac_row_kernels_get (scorer->level)
      ->quantise (n, scorer->map, min, 255 / (max - min), scorer->heatmap);
  for (gsize i = 0; scorer->ignored != NULL && i < n; i++)
    if (scorer->ignored[i])
      scorer->heatmap[i] = 0;
}

static void
publish_map (CpacScorer *scorer, const CpacHead *head, const CpacThresholds *in_force)
{
  CpacInspection *result = &scorer->result;
  CpacMapPlace place = cpac_scorer_place_map (scorer, scorer->map_width, scorer->map_height);
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
