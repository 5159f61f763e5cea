/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/train/ladder.h"

#include <math.h>
#include <string.h>

#include "core/cp/cp.h"

/* From one rung to the next. */
#define STEP 1.4142135623730951
#define MAX_RUNGS 64
/* Rungs need no exact minimum. */
#define N_SWEEPS 15
#define N_KERNEL_SWEEPS 40

guint
cpac_ladder_get_max_rank (const guint dims[4])
{
  guint64 dense = (guint64) dims[0] * dims[1] * dims[2] * dims[3];
  guint64 stages = (guint64) dims[0] + dims[1] + dims[2] + dims[3];

  return (guint) MIN ((dense - 1) / stages, G_MAXINT);
}

/* 1, 2, 3, 4, 6, 8, 11, 16, ... and @max_rank. Returns how many. */
static guint
list_rungs (guint max_rank, guint ranks[MAX_RUNGS])
{
  guint n = 0;

  for (double rank = 1; rank < max_rank && n + 1 < MAX_RUNGS; rank *= STEP)
    if (n == 0 || (guint) rint (rank) > ranks[n - 1])
      ranks[n++] = (guint) rint (rank);
  if (n == 0 || ranks[n - 1] < max_rank)
    ranks[n++] = max_rank;
  else
    ranks[n - 1] = max_rank;
  return n;
}

/* Factors while the ladder is climbed. */
typedef struct {
  guint dims[4], rank;
  float *factors[4]; /* (dim_m, rank) */
  float *bias;       /* (N) */
} Climber;

/* Puts the components of @cp behind those there are. */
static void
append (Climber *climber, const CpacCp *cp)
{
  const CpacTensor *added[4] = { cp->a, cp->b, cp->c, cp->d };
  guint rank = climber->rank + cp->rank;

  for (guint m = 0; m < 4; m++) {
    float *joined = g_new (float, (gsize) climber->dims[m] * rank);

    for (gsize i = 0; i < climber->dims[m]; i++) {
      if (climber->rank > 0)
        memcpy (joined + i * rank, climber->factors[m] + i * climber->rank,
                climber->rank * sizeof (float));
      memcpy (joined + i * rank + climber->rank, added[m]->data + i * cp->rank,
              cp->rank * sizeof (float));
    }
    g_free (climber->factors[m]);
    climber->factors[m] = joined;
  }
  climber->rank = rank;
}

/* What the factors leave of @kernel. (transfer full) */
static CpacTensor *
get_rest (const Climber *climber, const CpacTensor *kernel)
{
  CpacTensor *rest = cpac_tensor_copy (kernel);
  g_autoptr (CpacTensor) built = NULL;
  gsize n = cpac_shape_count (&kernel->shape);

  if (climber->rank == 0)
    return rest;
  built =
      cpac_cp_reconstruct ((const float *const *) climber->factors, climber->dims, climber->rank);
  for (gsize i = 0; i < n; i++)
    rest->data[i] -= built->data[i];
  return rest;
}

static CpacCp *
decompose (const CpacTensor *kernel, guint rank, guint64 seed, GError **error)
{
  CpacCpOptions options = CPAC_CP_OPTIONS_INIT;

  options.n_starts = 0;
  options.seed = seed;
  options.max_sweeps = N_KERNEL_SWEEPS;
  options.max_degeneracy = INFINITY;
  return cpac_cp_als (kernel, rank, &options, error);
}

static gboolean
measure_kernel (const CpacTensor *kernel, guint rank, guint64 seed, double *loss, GError **error)
{
  g_autoptr (CpacCp) cp = decompose (kernel, rank, seed, error);

  if (cp == NULL)
    return FALSE;
  *loss = (1 - cp->fit) * (1 - cp->fit);
  return TRUE;
}

static gboolean
is_zero (const CpacTensor *tensor)
{
  gsize n = cpac_shape_count (&tensor->shape), i = 0;

  while (i < n && tensor->data[i] == 0)
    i++;
  return i == n;
}

/* One rung up from the components there are, and as many more as what they leave of the kernel
 * gives. */
static gboolean
climb (Climber *climber, const CpacTensor *kernel, const CpacCpMoments *moments, guint rank,
       guint64 seed, double *loss, GError **error)
{
  CpacCpRegressOptions regress = CPAC_CP_REGRESS_OPTIONS_INIT;
  g_autoptr (CpacTensor) rest = get_rest (climber, kernel);
  g_autoptr (CpacCp) cp = NULL;
  CpacCpRegression result;

  /* They may leave nothing at all; then no more of them are needed. */
  if (climber->rank > 0 && is_zero (rest))
    return TRUE;
  cp = decompose (rest, rank - climber->rank, seed, error);
  if (cp == NULL)
    return FALSE;
  append (climber, cp);
  regress.max_sweeps = N_SWEEPS;
  if (!cpac_cp_regress (moments, kernel, rank, &regress, climber->factors, climber->bias, &result,
                        error))
    return FALSE;
  *loss = (1 - result.fit) * (1 - result.fit);
  return TRUE;
}

static void
climber_clear (Climber *climber)
{
  for (guint m = 0; m < 4; m++)
    g_free (climber->factors[m]);
  g_free (climber->bias);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Climber, climber_clear)

gboolean
cpac_ladder_measure (CpacRankLadder *ladder, const CpacTensor *kernel, const CpacCpMoments *moments,
                     guint64 seed, GError **error)
{
  const gsize *shape = kernel->shape.dims;
  g_auto (Climber) climber = { .rank = 0 };
  guint ranks[MAX_RUNGS], n = list_rungs (ladder->max_rank, ranks);
  double losses[MAX_RUNGS] = { 0 };

  for (guint m = 0; m < 4; m++)
    climber.dims[m] = (guint) shape[(guint[]){ 0, 2, 3, 1 }[m]];
  climber.bias = g_new (float, climber.dims[0]);
  for (guint i = 0; i < n; i++)
    if (!(moments != NULL ? climb (&climber, kernel, moments, ranks[i], seed, &losses[i], error)
                          : measure_kernel (kernel, ranks[i], seed, &losses[i], error)))
      return FALSE;
  cpac_rank_ladder_interpolate (ladder, ranks, losses, n);
  return TRUE;
}
