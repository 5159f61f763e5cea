/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Removal by what it leaves unexplained. A layer's output is Y = a Z (+ bias). When component r is
 * removed and the others are refitted by least squares, the mean of ||Y - Y^||^2 grows by
 *
 *   ||a_r||^2 / [G^-1]_rr,   a <- a - a_r [G^-1]_r / [G^-1]_rr,
 *
 * G the mean of Z Z^T: the optimal brain surgeon (Hassibi and Stork 1993) for a layer that is
 * linear in what is removed. Since a stays the least-squares fit, these add up exactly. The
 * component with the smallest growth, as a share of its layer's own output, goes first; then G^-1
 * and a are brought up to date, and so on: of two components that do the same only one is cheap.
 */

#include <math.h>
#include <string.h>

#include "core/explain/prune-private.h"

/* Of the diagonal of G; keeps it regular where components are linear combinations of others. */
#define RIDGE 1e-6

typedef struct {
  gsize rank, n_filters;
  gboolean *components; /* borrowed: which are left */
  double *a;            /* (n_filters, rank), of components scaled to a mean square of 1 */
  double *inverse;      /* (rank, rank) */
  double power;         /* of the whole output */
} Layer;

static double
norm_of (const double *a, gsize n, gsize rank, gsize r)
{
  double sum = 0;

  for (gsize i = 0; i < n; i++)
    sum += a[i * rank + r] * a[i * rank + r];
  return sum;
}

/* In place, by Gauss-Jordan elimination: the pivots of a positive definite matrix are positive. */
static void
invert (double *g, gsize n)
{
  for (gsize p = 0; p < n; p++) {
    double *pivot = g + p * n, by = 1 / pivot[p];

    for (gsize i = 0; i < n; i++) {
      double *row = g + i * n, factor = row[p] * by;

      if (i == p)
        continue;
      for (gsize k = 0; k < n; k++)
        row[k] -= factor * pivot[k];
      row[p] = -factor;
    }
    for (gsize k = 0; k < n; k++)
      pivot[k] *= by;
    pivot[p] = by;
  }
}

/* ||a Z||^2 in the mean. */
static double
power_of (const Layer *layer, const double *g)
{
  double sum = 0;

  for (gsize f = 0; f < layer->n_filters; f++) {
    const double *a = layer->a + f * layer->rank;

    for (gsize r = 0; r < layer->rank; r++)
      for (gsize q = 0; q < layer->rank; q++)
        sum += a[r] * a[q] * g[r * layer->rank + q];
  }
  return sum;
}

static void
layer_init (Layer *layer, const CpacPruneOptions *o, const CpacPrune *prune, guint index)
{
  const CpacLayer *l = cpac_network_get_layer (o->network, index);
  const double *products = o->activity->layers[index].products;
  const float *a = o->params->values[o->params->first[index] + CPAC_CONV_A]->data;
  gsize rank = layer->rank = cpac_prune_rank_of (l);
  g_autofree double *scales = g_new (double, rank);

  layer->n_filters = l->out.channels;
  layer->components = prune->components[index];
  layer->a = g_new (double, layer->n_filters *rank);
  layer->inverse = g_new (double, rank *rank);
  for (gsize r = 0; r < rank; r++)
    scales[r] = sqrt (MAX (products[r * rank + r], 0));
  for (gsize i = 0; i < layer->n_filters * rank; i++)
    layer->a[i] = a[i] * scales[i % rank];
  for (gsize r = 0; r < rank; r++)
    for (gsize q = 0; q < rank; q++)
      layer->inverse[r * rank + q] = scales[r] > 0 && scales[q] > 0
                                         ? products[r * rank + q] / (scales[r] * scales[q])
                                         : r == q;
  layer->power = power_of (layer, layer->inverse);
  for (gsize r = 0; r < rank; r++)
    layer->inverse[r * rank + r] *= 1 + RIDGE;
  invert (layer->inverse, rank);
}

static void
layer_clear (Layer *layer)
{
  g_free (layer->a);
  g_free (layer->inverse);
}

/* The cheapest component that is left, and what it costs. */
static double
find_cheapest (const Layer *layer, gsize *cheapest)
{
  double least = INFINITY;

  for (gsize r = 0; r < layer->rank; r++) {
    double cost;

    if (!layer->components[r])
      continue;
    cost =
        norm_of (layer->a, layer->n_filters, layer->rank, r) / layer->inverse[r * layer->rank + r];
    if (cost < least) {
      least = cost;
      *cheapest = r;
    }
  }
  return layer->power > 0 ? least / layer->power : 0;
}

/* Without component @r, whose part the others take as far as they can. */
static void
take_out (Layer *layer, gsize r)
{
  gsize rank = layer->rank;
  g_autofree double *row = g_memdup2 (layer->inverse + r * rank, rank * sizeof (double));

  for (gsize f = 0; f < layer->n_filters; f++) {
    double *a = layer->a + f * rank, by = a[r] / row[r];

    for (gsize q = 0; q < rank; q++)
      a[q] -= by * row[q];
  }
  for (gsize p = 0; p < rank; p++)
    for (gsize q = 0; q < rank; q++)
      layer->inverse[p * rank + q] -= row[p] * row[q] / row[r];
  layer->components[r] = FALSE;
}

void
cpac_prune_by_residual (const CpacPruneOptions *options, CpacPrune *prune, guint n_left)
{
  guint n_layers = cpac_network_get_n_layers (options->network), n = prune->n_components;
  g_autofree Layer *layers = g_new0 (Layer, n_layers);
  g_autofree double *costs = g_new (double, n_layers);
  g_autofree gsize *cheapest = g_new0 (gsize, n_layers);

  for (guint i = 0; i < n_layers; i++) {
    costs[i] = INFINITY;
    if (cpac_prune_rank_of (cpac_network_get_layer (options->network, i)) < 2)
      continue;
    layer_init (&layers[i], options, prune, i);
    costs[i] = find_cheapest (&layers[i], &cheapest[i]);
  }
  for (; n > n_left; n--) {
    guint best = 0;

    for (guint i = 1; i < n_layers; i++)
      best = costs[i] < costs[best] ? i : best;
    if (isinf (costs[best]))
      break;
    take_out (&layers[best], cheapest[best]);
    costs[best] = cpac_prune_get_rank (prune, best) > 1
                      ? find_cheapest (&layers[best], &cheapest[best])
                      : INFINITY;
  }
  for (guint i = 0; i < n_layers; i++)
    layer_clear (&layers[i]);
}
