/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pipelines/explain-set.h"

#include <math.h>
#include <string.h>

#include "core/explain/gradient-map.h"
#include "pipelines/frames.h"

typedef struct {
  CpacModel *model;
  const ExplainOptions *options;
  ExplainedSet *set;
  CpacGradientMap **gradients; /* (n_threads); NULL without a baseline */
} Job;

static void
picture_clear (gpointer data)
{
  g_free (((ExplainedPicture *) data)->contributions);
}

static gboolean
prepare (CpacScorer *scorer, guint worker, gpointer user_data, GError **error)
{
  Job *job = user_data;
  g_autofree gboolean *layers = NULL;

  if (!cpac_scorer_set_explain (scorer, 1, job->options->layer, error))
    return FALSE;
  if (job->gradients == NULL)
    return TRUE;
  job->gradients[worker] = cpac_gradient_map_new (job->model, error);
  if (job->gradients[worker] == NULL)
    return FALSE;
  layers = g_new0 (gboolean, cpac_network_get_n_layers (cpac_model_get_network (job->model)));
  cpac_gradient_map_mark (job->gradients[worker], layers);
  cpac_scorer_keep (scorer, layers);
  return TRUE;
}

/* The baseline at the explanation's own resolution: the two differ in nothing else. */
static void
measure_baseline (const Job *job, CpacScorer *scorer, guint worker, const DefectMask *mask,
                  const CpacExplanation *explanation, ExplainedPicture *picture)
{
  CpacScoredMap scored = cpac_scorer_get_scored_map (scorer);
  const double *gradient = cpac_gradient_map_compute (
      job->gradients[worker], cpac_scorer_get_activations (scorer), &scored);
  g_autofree double *cells = g_new (double, (gsize) explanation->width * explanation->height);

  sum_into_cells (gradient, mask->width, mask->height, explanation->width, explanation->height,
                  cells);
  picture->baseline = localise (cells, explanation->width, explanation->height, mask);
}

static gboolean
measure_mask (const Job *job, CpacScorer *scorer, guint worker, const char *path,
              const CpacExplanation *explanation, ExplainedPicture *picture, GError **error)
{
  const CpacInputSpec *input = cpac_model_get_input (job->model);
  guint width, height;
  g_autofree guint8 *pixels = cpac_frames_read_gray (path, &width, &height, error);
  g_auto (DefectMask) mask = { 0 };

  if (pixels == NULL)
    return FALSE;
  defect_mask_init (&mask, pixels, width, height, input->width, input->height, job->options->grow);
  picture->area = mask.area;
  picture->has_mask = mask.area > 0;
  if (!picture->has_mask)
    return TRUE;
  picture->own = localise (explanation->total, explanation->width, explanation->height, &mask);
  if (job->gradients != NULL)
    measure_baseline (job, scorer, worker, &mask, explanation, picture);
  return TRUE;
}

static gboolean
visit (CpacScorer *scorer, guint worker, guint index, const CpacSample *sample, gpointer user_data,
       GError **error)
{
  Job *job = user_data;
  ExplainedPicture *picture = &g_array_index (job->set->pictures, ExplainedPicture, index);
  const CpacExplanation *explanation = cpac_scorer_get_explanation (scorer);

  picture->explained = explanation->explained;
  picture->bias_part = explanation->bias_part;
  picture->identity_error = explanation->identity_error;
  picture->quantity = explanation->quantity;
  picture->class_name = explanation->class_name;
  picture->rival = explanation->rival;
  picture->contributions = g_new (double, explanation->n_components);
  for (guint i = 0; i < explanation->n_components; i++)
    picture->contributions[explanation->components[i].index] =
        explanation->components[i].contribution;
  return sample->mask == NULL ||
         measure_mask (job, scorer, worker, sample->mask, explanation, picture, error);
}

/* What is the same for every picture. */
static gboolean
describe_layer (ExplainedSet *set, CpacModel *model, const char *layer, GError **error)
{
  g_autoptr (CpacExplainer) explainer = cpac_explainer_new (model, layer, error);
  gsize cells;

  if (explainer == NULL)
    return FALSE;
  cpac_explainer_get_shape (explainer, &set->rank, &cells);
  set->layer = cpac_explainer_get_layer (explainer);
  set->significance =
      g_memdup2 (cpac_explainer_get_significance (explainer), set->rank * sizeof (double));
  return TRUE;
}

ExplainedSet *
explained_set_new (CpacModel *model, const CpacManifest *manifest, const ExplainOptions *options,
                   GError **error)
{
  g_autoptr (ExplainedSet) set = g_new0 (ExplainedSet, 1);
  Job job = { .model = model, .options = options, .set = set };
  const ScoreVisitor visitor = { prepare, visit, &job };

  if (!describe_layer (set, model, options->layer, error))
    return NULL;
  set->pictures = g_array_new (FALSE, TRUE, sizeof (ExplainedPicture));
  g_array_set_clear_func (set->pictures, picture_clear);
  g_array_set_size (set->pictures, cpac_manifest_get_n_samples (manifest));
  if (options->baseline)
    job.gradients = g_new0 (CpacGradientMap *, options->n_threads);
  set->scores = score_set_visit (model, manifest, options->split, options->mask, options->n_threads,
                                 &visitor, error);
  for (guint i = 0; job.gradients != NULL && i < options->n_threads; i++)
    cpac_gradient_map_free (job.gradients[i]);
  g_free (job.gradients);
  return set->scores != NULL ? g_steal_pointer (&set) : NULL;
}

void
explained_set_free (ExplainedSet *set)
{
  if (set == NULL)
    return;
  g_free (set->significance);
  g_clear_pointer (&set->pictures, g_array_unref);
  g_clear_pointer (&set->scores, g_array_unref);
  g_free (set);
}
