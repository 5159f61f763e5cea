/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What explaining costs beside scoring. */

#include "core/score/scorer.h"
#include "pipelines/bench.h"

#define MIN_ROUND_US 20000

typedef struct {
  CpacScorer *scorers[2]; /* plain, explaining */
  CpacFrameInfo info;
  guint8 *pixels;
  guint n_frames; /* a round */
} Work;

static double
time_round (const Work *work, guint which)
{
  const CpacFrame frame = { &work->info, { work->pixels }, { work->info.width } };
  gint64 begin = g_get_monotonic_time ();

  for (guint i = 0; i < work->n_frames; i++)
    cpac_scorer_score (work->scorers[which], &frame, NULL);
  return (double) (g_get_monotonic_time () - begin) / work->n_frames;
}

static gboolean
prepare (Work *work, CpacModel *model, guint n_components, guint n_threads, GError **error)
{
  const CpacInputSpec *input = cpac_model_get_input (model);
  CpacScorerOptions options = CPAC_SCORER_OPTIONS_INIT;
  gsize n = (gsize) input->width * input->height;
  GRand *random = g_rand_new_with_seed (1);

  work->info =
      (CpacFrameInfo){ .format = CPAC_PIXEL_GRAY8, .width = input->width, .height = input->height };
  work->n_frames = 1;
  work->pixels = g_malloc (n);
  for (gsize i = 0; i < n; i++)
    work->pixels[i] = (guint8) g_rand_int_range (random, 0, 256);
  g_rand_free (random);
  options.n_threads = n_threads;
  for (guint which = 0; which < 2; which++) {
    work->scorers[which] = cpac_scorer_new (model, &options, error);
    if (work->scorers[which] == NULL ||
        !cpac_scorer_set_stream (work->scorers[which], &work->info, NULL, error) ||
        !cpac_scorer_set_explain (work->scorers[which], which * n_components, NULL, error))
      return FALSE;
  }
  return TRUE;
}

/* Rounds of both take turns, so that both see the same machine. */
static void
measure (Work *work, guint n_rounds, BenchExplained *result)
{
  g_autofree double *plain = g_new (double, n_rounds), *explained = g_new (double, n_rounds);

  work->n_frames = 1 + (guint) (MIN_ROUND_US / MAX (time_round (work, 1), 1));
  for (guint i = 0; i < n_rounds; i++) {
    plain[i] = time_round (work, 0);
    explained[i] = time_round (work, 1);
  }
  result->us_scored = bench_spread (plain, n_rounds).median;
  result->us_explained = bench_spread (explained, n_rounds).median;
}

gboolean
bench_explained (CpacModel *model, guint n_components, guint n_threads, guint n_rounds,
                 BenchExplained *result, GError **error)
{
  Work work = { 0 };
  gboolean ok = prepare (&work, model, n_components, n_threads, error);

  if (ok)
    measure (&work, n_rounds, result);
  cpac_scorer_free (work.scorers[0]);
  cpac_scorer_free (work.scorers[1]);
  g_free (work.pixels);
  return ok;
}
