/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pipelines/score-set.h"

#include "core/network/workers.h"
#include "pipelines/frames.h"
#include "pipelines/tool.h"

typedef struct {
  const CpacManifest *manifest;
  ScoreVisitor visitor;
  GArray *pictures;     /* (element-type ScoredPicture) */
  guint *indices;       /* of the samples in the manifest */
  CpacScorer **scorers; /* (n_threads) */
  CpacFrameInfo *infos; /* (n_threads): what each scorer's stream is set to */
  gint n_done;          /* atomic */
  gint first_failed;    /* atomic: the lowest index of those so far */
} Job;

static void
keep_result (const CpacScorer *scorer, const CpacInspection *result, ScoredPicture *picture)
{
  const CpacHead *head = cpac_model_get_head (cpac_scorer_get_model (scorer));
  const float *map = cpac_scorer_get_map (scorer);

  picture->width = result->width;
  picture->height = result->height;
  picture->has_score = result->has_score;
  picture->score = result->score;
  picture->is_calibrated = result->has_normalized && result->has_p_value;
  picture->score_normalized = result->score_normalized;
  picture->p_value = result->p_value;
  picture->verdict = result->verdict;
  if (head->kind == CPAC_HEAD_CLASSIFIER) {
    picture->logits = g_memdup2 (cpac_scorer_get_output (scorer), head->n_classes * sizeof (float));
    for (guint i = 1; i < head->n_classes; i++)
      if (picture->logits[i] > picture->logits[picture->class_index])
        picture->class_index = i;
  }
  if (map != NULL) {
    picture->map_width = result->map_width;
    picture->map_height = result->map_height;
    picture->map_min = result->heatmap_min;
    picture->map_max = result->heatmap_max;
    picture->map = g_memdup2 (map, (gsize) result->map_width * result->map_height * sizeof (float));
  }
}

static gboolean
score_frame (Job *job, guint worker, const CpacFrame *frame, ScoredPicture *picture, GError **error)
{
  CpacScorer *scorer = job->scorers[worker];
  const CpacInspection *result;

  if (!cpac_scorer_has_stream (scorer) ||
      !cpac_frame_info_equal (&job->infos[worker], frame->info)) {
    job->infos[worker] = *frame->info;
    if (!cpac_scorer_set_stream (scorer, &job->infos[worker], NULL, error))
      return FALSE;
  }
  result = cpac_scorer_score (scorer, frame, NULL);
  if (result->status != CPAC_STATUS_SCORED) {
    g_set_error (error, CPAC_ERROR, CPAC_ERROR_NUMERIC, "the network's output is not finite");
    return FALSE;
  }
  keep_result (scorer, result, picture);
  return job->visitor.visit == NULL ||
         job->visitor.visit (scorer, worker,
                             (guint) (picture - (ScoredPicture *) job->pictures->data),
                             picture->sample, job->visitor.user_data, error);
}

static gboolean
score_file (Job *job, guint worker, ScoredPicture *picture, GError **error)
{
  g_autoptr (CpacFrameSource) source = cpac_frames_open (picture->sample->path, NULL, error);
  CpacFrameMark mark;
  CpacFrame frame;

  if (source == NULL)
    return FALSE;
  if (cpac_frame_source_next (source, &frame, &mark, error) != CPAC_FRAME_NEXT)
    return FALSE;
  if (score_frame (job, worker, &frame, picture, error))
    return TRUE;
  g_prefix_error (error, "%s: ", picture->sample->path);
  return FALSE;
}

static void
note_failure (Job *job, gint piece)
{
  gint first;

  do
    first = g_atomic_int_get (&job->first_failed);
  while (piece < first && !g_atomic_int_compare_and_exchange (&job->first_failed, first, piece));
}

/* After a failure only what comes before it in the list is still of interest: the error that is
 * reported must not depend on which thread was first. */
static void
score_piece (gpointer user_data, guint piece, guint worker)
{
  Job *job = user_data;
  ScoredPicture *picture = &g_array_index (job->pictures, ScoredPicture, piece);
  gboolean ok;

  if ((gint) piece > g_atomic_int_get (&job->first_failed))
    return;
  if (cpac_manifest_get_kind (job->manifest) == CPAC_MANIFEST_IDX) {
    CpacFrame frame;

    cpac_manifest_get_idx_frame (job->manifest, job->indices[piece], &frame);
    ok = score_frame (job, worker, &frame, picture, &picture->error);
  } else {
    ok = score_file (job, worker, picture, &picture->error);
  }
  if (!ok)
    note_failure (job, (gint) piece);
  g_atomic_int_inc (&job->n_done);
  if (worker == 0)
    tool_progress ("scoring", (guint64) g_atomic_int_get (&job->n_done), job->pictures->len);
}

static void
clear_picture (gpointer data)
{
  ScoredPicture *picture = data;

  g_free (picture->logits);
  g_free (picture->map);
  g_clear_error (&picture->error);
}

static void
list_pictures (Job *job, const gboolean *wanted)
{
  guint n = cpac_manifest_get_n_samples (job->manifest);

  job->indices = g_new (guint, n + 1);
  job->pictures = g_array_new (FALSE, TRUE, sizeof (ScoredPicture));
  g_array_set_clear_func (job->pictures, clear_picture);
  for (guint i = 0; i < n; i++) {
    const CpacSample *sample = cpac_manifest_get_sample (job->manifest, i);
    ScoredPicture picture = { .sample = sample };

    if (!wanted[i])
      continue;
    job->indices[job->pictures->len] = i;
    g_array_append_val (job->pictures, picture);
  }
}

static gboolean
run_job (Job *job, CpacModel *model, CpacIgnoreMask *mask, guint n_threads, GError **error)
{
  g_autoptr (CpacWorkers) workers = cpac_workers_new (n_threads);
  CpacScorerOptions options = CPAC_SCORER_OPTIONS_INIT;

  options.ignore_mask = mask;
  for (guint i = 0; i < n_threads; i++) {
    job->scorers[i] = cpac_scorer_new (model, &options, error);
    if (job->scorers[i] == NULL ||
        (job->visitor.prepare != NULL &&
         !job->visitor.prepare (job->scorers[i], i, job->visitor.user_data, error)))
      return FALSE;
  }
  cpac_workers_run (workers, job->pictures->len, score_piece, job);
  tool_progress_end ();
  for (guint i = 0; i < job->pictures->len; i++) {
    ScoredPicture *picture = &g_array_index (job->pictures, ScoredPicture, i);

    if (picture->error != NULL) {
      g_propagate_error (error, g_steal_pointer (&picture->error));
      return FALSE;
    }
  }
  return TRUE;
}

static GArray *
score_visited (CpacModel *model, const CpacManifest *manifest, const gboolean *wanted,
               CpacIgnoreMask *mask, guint n_threads, const ScoreVisitor *visitor, GError **error)
{
  Job job = { .manifest = manifest, .visitor = *visitor, .first_failed = G_MAXINT };
  gboolean ok;

  list_pictures (&job, wanted);
  job.scorers = g_new0 (CpacScorer *, n_threads);
  job.infos = g_new0 (CpacFrameInfo, n_threads);
  ok = run_job (&job, model, mask, n_threads, error);
  for (guint i = 0; i < n_threads; i++)
    cpac_scorer_free (job.scorers[i]);
  g_free (job.scorers);
  g_free (job.infos);
  g_free (job.indices);
  if (!ok)
    g_clear_pointer (&job.pictures, g_array_unref);
  return job.pictures;
}

GArray *
score_samples (CpacModel *model, const CpacManifest *manifest, const gboolean *wanted,
               CpacIgnoreMask *mask, guint n_threads, GError **error)
{
  const ScoreVisitor none = { 0 };

  return score_visited (model, manifest, wanted, mask, n_threads, &none, error);
}

GArray *
score_set_visit (CpacModel *model, const CpacManifest *manifest, const char *split,
                 CpacIgnoreMask *mask, guint n_threads, const ScoreVisitor *visitor, GError **error)
{
  guint n = cpac_manifest_get_n_samples (manifest);
  g_autofree gboolean *wanted = g_new (gboolean, n + 1);

  for (guint i = 0; i < n; i++)
    wanted[i] = split == NULL || g_str_equal (cpac_manifest_get_sample (manifest, i)->split, split);
  return score_visited (model, manifest, wanted, mask, n_threads, visitor, error);
}

GArray *
score_set (CpacModel *model, const CpacManifest *manifest, const char *split, CpacIgnoreMask *mask,
           guint n_threads, GError **error)
{
  const ScoreVisitor none = { 0 };

  return score_set_visit (model, manifest, split, mask, n_threads, &none, error);
}
