/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Which rank each layer gets: by hand, by energy, or by a budget over the network. */

#include <math.h>
#include <string.h>

#include "pipelines/compress-run.h"

static const char *
name_of (const CompressRun *run, guint layer)
{
  return cpac_network_get_layer (cpac_model_get_network (run->model), layer)->name;
}

/* ---- By hand ---- */

static gboolean
read_rank (const char *text, guint *rank, GError **error)
{
  char *end = NULL;
  guint64 value = g_ascii_strtoull (text, &end, 10);

  if (g_ascii_isdigit (text[0]) && *end == '\0' && value >= 1 && value <= COMPRESS_MAX_RANK) {
    *rank = (guint) value;
    return TRUE;
  }
  g_set_error (error, CPAC_ERROR, CPAC_ERROR_SCHEMA,
               "--ranks: found \"%s\", expected a rank of 1 to %d, or LAYER=RANK,...", text,
               COMPRESS_MAX_RANK);
  return FALSE;
}

static gboolean
read_pair (const CompressRun *run, const char *pair, guint *ranks, GError **error)
{
  const char *equals = strchr (pair, '=');
  g_autofree char *name = g_strndup (pair, (gsize) (equals - pair));

  for (guint i = 0; i < run->candidates->len; i++) {
    guint layer = compress_run_get_candidate (run, i)->layer;

    if (!g_str_equal (name_of (run, layer), name))
      continue;
    if (ranks[layer] == 0)
      return read_rank (equals + 1, &ranks[layer], error);
    g_set_error (error, CPAC_ERROR, CPAC_ERROR_SCHEMA, "--ranks names \"%s\" twice", name);
    return FALSE;
  }
  g_set_error (error, CPAC_ERROR, CPAC_ERROR_SCHEMA,
               "--ranks: \"%s\" is none of the layers that may be compressed; --layers says which "
               "those are, without it the dense convolutions larger than 1x1",
               name);
  return FALSE;
}

static gboolean
read_ranks (const CompressRun *run, guint *ranks, GError **error)
{
  g_auto (GStrv) pairs = g_strsplit (run->wishes->ranks, ",", -1);
  guint rank;

  if (strchr (run->wishes->ranks, '=') == NULL) {
    if (!read_rank (run->wishes->ranks, &rank, error))
      return FALSE;
    for (guint i = 0; i < run->candidates->len; i++)
      ranks[compress_run_get_candidate (run, i)->layer] = rank;
    return TRUE;
  }
  for (guint i = 0; pairs[i] != NULL; i++) {
    if (strchr (pairs[i], '=') == NULL)
      return read_rank (run->wishes->ranks, &rank, error);
    if (!read_pair (run, pairs[i], ranks, error))
      return FALSE;
  }
  return TRUE;
}

/* ---- By energy, and by a budget ---- */

static void
find_ranks (const CompressRun *run, guint *ranks)
{
  for (guint i = 0; i < run->candidates->len; i++) {
    const CompressCandidate *candidate = compress_run_get_candidate (run, i);

    ranks[candidate->layer] = cpac_rank_find (&candidate->ladder, 1 - run->wishes->energy);
  }
}

/* What the candidates cost as they are, and at rank 1. */
static void
add_up (const CompressRun *run, double *dense, double *least)
{
  *dense = *least = 0;
  for (guint i = 0; i < run->candidates->len; i++) {
    const CpacRankLadder *ladder = &compress_run_get_candidate (run, i)->ladder;

    *dense += ladder->cost[0];
    *least += ladder->cost[ladder->max_rank > 0 ? 1 : 0];
  }
}

static gboolean
choose_ranks (const CompressRun *run, guint *ranks, GError **error)
{
  static const char *const units[] = {
    [COMPRESS_BUDGET_MACS] = "multiply-adds",
    [COMPRESS_BUDGET_PARAMETERS] = "parameters",
    [COMPRESS_BUDGET_TIME] = "microseconds",
  };
  guint n = run->candidates->len;
  g_autofree CpacRankLadder *ladders = g_new (CpacRankLadder, n);
  g_autofree guint *chosen = g_new (guint, n);
  double dense, least, whole;

  for (guint i = 0; i < n; i++)
    ladders[i] = compress_run_get_candidate (run, i)->ladder;
  add_up (run, &dense, &least);
  whole = run->wishes->of_layers ? dense : MAX (compress_run_get_whole_cost (run), dense);
  if (!cpac_rank_choose (ladders, n, dense - (whole - whole / run->wishes->ratio), chosen, NULL)) {
    g_set_error (error, CPAC_ERROR, CPAC_ERROR_SCHEMA,
                 "%s %g times fewer are out of reach: with these layers at rank 1 it is %.2f times",
                 units[run->wishes->budget], run->wishes->ratio, whole / (whole - dense + least));
    return FALSE;
  }
  for (guint i = 0; i < n; i++)
    ranks[compress_run_get_candidate (run, i)->layer] = chosen[i];
  return TRUE;
}

static gboolean
check_any (const CompressRun *run, const guint *ranks, GError **error)
{
  for (guint i = 0; i < run->candidates->len; i++)
    if (ranks[compress_run_get_candidate (run, i)->layer] > 0)
      return TRUE;
  g_set_error (error, CPAC_ERROR, CPAC_ERROR_SCHEMA,
               "nothing is gained: every layer costs least as it is");
  return FALSE;
}

guint *
compress_run_choose_ranks (CompressRun *run, GError **error)
{
  g_autofree guint *ranks =
      g_new0 (guint, cpac_network_get_n_layers (cpac_model_get_network (run->model)));

  if (run->wishes->ranks != NULL)
    return read_ranks (run, ranks, error) ? g_steal_pointer (&ranks) : NULL;
  if (!compress_run_measure_ladders (run, error))
    return NULL;
  if (!isnan (run->wishes->energy))
    find_ranks (run, ranks);
  else if (!choose_ranks (run, ranks, error))
    return NULL;
  return check_any (run, ranks, error) ? g_steal_pointer (&ranks) : NULL;
}
