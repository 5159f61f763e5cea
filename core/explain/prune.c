/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include <math.h>
#include <string.h>

#include "core/explain/prune-private.h"
#include "core/explain/significance.h"
#include "core/random.h"

/* A component of a layer, or a group of channels. */
typedef struct {
  guint layer, index;
  double value;
} Part;

static const char *const measure_names[] = { "energy",   "activation", "taylor",
                                             "residual", "random",     NULL };
G_STATIC_ASSERT (G_N_ELEMENTS (measure_names) == CPAC_N_MEASURES + 1);

const char *const *
cpac_measure_names (void)
{
  return measure_names;
}

static guint
count (const gboolean *flags, guint n)
{
  guint n_set = 0;

  for (guint i = 0; i < n; i++)
    n_set += flags[i] != FALSE;
  return n_set;
}

guint
cpac_prune_get_rank (const CpacPrune *prune, guint index)
{
  return prune->components[index] != NULL
             ? count (prune->components[index],
                      cpac_prune_rank_of (cpac_network_get_layer (prune->network, index)))
             : 0;
}

guint
cpac_prune_get_outputs (const CpacPrune *prune, guint index, guint *kept)
{
  const CpacLayer *layer = cpac_network_get_layer (prune->network, index);
  guint n = 0;

  for (guint c = 0; c < layer->out.channels; c++)
    if (prune->groups[prune->channels->of_layer[index][c]]) {
      if (kept != NULL)
        kept[n] = c;
      n++;
    }
  return n;
}

/* ---- Ranking ---- */

/* Squares as shares of their sum, so that layers can be compared. */
static void
to_shares (double *values, guint n)
{
  double sum = 0;

  for (guint i = 0; i < n; i++)
    sum += values[i] * values[i];
  for (guint i = 0; i < n; i++)
    values[i] = sum > 0 ? values[i] * values[i] / sum : 0;
}

static void
rank_components (const CpacPruneOptions *o, guint index, CpacRandom *random, double *values)
{
  const CpacLayer *layer = cpac_network_get_layer (o->network, index);
  guint rank = cpac_prune_rank_of (layer);
  g_autoptr (CpacSignificance) significance = NULL;
  const double *measured = NULL;

  switch (o->measure) {
    case CPAC_MEASURE_ENERGY:
      significance =
          cpac_significance_of_layer (layer, o->params->values + o->params->first[index]);
      measured = significance->components;
      break;
    case CPAC_MEASURE_ACTIVATION:
      measured = o->activity->layers[index].components;
      break;
    case CPAC_MEASURE_TAYLOR:
      measured = o->activity->layers[index].taylor;
      break;
    case CPAC_MEASURE_RANDOM:
    case CPAC_MEASURE_RESIDUAL: /* does not come here: it is no number of a component by itself */
      break;
  }
  for (guint r = 0; r < rank; r++)
    values[r] = measured != NULL ? measured[r] : cpac_random_double (random);
  if (measured != NULL)
    to_shares (values, rank);
}

/* Adds what the channels that layer @index reads weigh there to the @values of their groups. */
static void
rank_inputs (const CpacPruneOptions *o, const CpacPrune *prune, guint index, double *values)
{
  const CpacLayer *layer = cpac_network_get_layer (o->network, index);
  guint n = layer->in[0].channels;
  const guint *groups = cpac_channels_of_input (prune->channels, o->network, index);
  g_autofree double *shares = g_new0 (double, n);

  if (o->measure == CPAC_MEASURE_ENERGY)
    cpac_significance_get_inputs (layer, o->params->values + o->params->first[index], shares);
  else
    memcpy (shares, o->activity->layers[index].inputs, n * sizeof (double));
  to_shares (shares, n);
  for (guint c = 0; c < n; c++)
    values[groups[c]] += shares[c];
}

/* The least first; of equals the last first, so that what stays does not depend on qsort(). */
static int
compare_parts (const void *a, const void *b)
{
  const Part *x = a, *y = b;

  if (x->value != y->value)
    return x->value < y->value ? -1 : 1;
  if (x->layer != y->layer)
    return x->layer > y->layer ? -1 : 1;
  return x->index > y->index ? -1 : x->index < y->index;
}

/* ---- Removing ---- */

static void
remove_by_rank (const CpacPruneOptions *o, CpacPrune *prune, guint n_wanted)
{
  g_autoptr (GArray) parts = g_array_new (FALSE, FALSE, sizeof (Part));
  CpacRandom random;
  guint n_left;

  cpac_random_init (&random, o->seed, CPAC_STREAM_PRUNE, 0);
  for (guint i = 0; i < cpac_network_get_n_layers (o->network); i++) {
    guint rank = cpac_prune_rank_of (cpac_network_get_layer (o->network, i));
    g_autofree double *values = g_new0 (double, rank);

    if (rank > 0)
      rank_components (o, i, &random, values);
    for (guint r = 0; r < rank; r++) {
      Part part = { i, r, values[r] };

      g_array_append_val (parts, part);
    }
  }
  g_array_sort (parts, compare_parts);
  n_left = parts->len;
  for (guint i = 0; i < parts->len && n_left > n_wanted; i++) {
    const Part *part = &g_array_index (parts, Part, i);

    if (cpac_prune_get_rank (prune, part->layer) == 1)
      continue;
    prune->components[part->layer][part->index] = FALSE;
    n_left--;
  }
}

static void
remove_components (const CpacPruneOptions *o, CpacPrune *prune)
{
  guint n_wanted = (guint) round (o->keep * prune->n_components);

  if (o->measure == CPAC_MEASURE_RESIDUAL)
    cpac_prune_by_residual (o, prune, n_wanted);
  else
    remove_by_rank (o, prune, n_wanted);
}

gboolean
cpac_prune_can_lose (const CpacPrune *prune, guint group)
{
  for (guint i = 0; i < prune->channels->n_layers; i++) {
    guint n = cpac_network_get_layer (prune->network, i)->out.channels, n_left = 0;
    gboolean has_it = FALSE;

    for (guint c = 0; c < n; c++) {
      guint of = prune->channels->of_layer[i][c];

      has_it = has_it || of == group;
      n_left += prune->groups[of] && of != group;
    }
    if (has_it && n_left == 0)
      return FALSE;
  }
  return TRUE;
}

static void
remove_channels (const CpacPruneOptions *o, CpacPrune *prune)
{
  guint n_groups = prune->channels->n_groups, n_left;
  g_autofree double *values = g_new0 (double, n_groups);
  g_autoptr (GArray) parts = g_array_new (FALSE, FALSE, sizeof (Part));
  CpacRandom random;

  cpac_random_init (&random, o->seed, CPAC_STREAM_PRUNE, 1);
  for (guint i = 0; o->measure != CPAC_MEASURE_RANDOM && i < prune->channels->n_layers; i++)
    if (cpac_channels_are_made_by (cpac_network_get_layer (o->network, i)))
      rank_inputs (o, prune, i, values);
  for (guint g = 0; g < n_groups; g++) {
    Part part = { 0, g,
                  o->measure == CPAC_MEASURE_RANDOM ? cpac_random_double (&random) : values[g] };

    if (!prune->channels->is_fixed[g])
      g_array_append_val (parts, part);
  }
  g_array_sort (parts, compare_parts);
  n_left = parts->len;
  for (guint i = 0; i < parts->len && n_left > round (o->keep_channels * parts->len); i++) {
    guint group = g_array_index (parts, Part, i).index;

    if (!cpac_prune_can_lose (prune, group))
      continue;
    prune->groups[group] = FALSE;
    n_left--;
  }
}

/* ---- All of it ---- */

gboolean
cpac_prune_check (const CpacNetwork *network, GError **error)
{
  for (guint i = 0; i < cpac_network_get_n_layers (network); i++)
    if (cpac_prune_rank_of (cpac_network_get_layer (network, i)) > 0)
      return TRUE;
  g_set_error (error, CPAC_ERROR, CPAC_ERROR_SCHEMA,
               "the network has no cpac-conv layer, so there is no component to remove");
  return FALSE;
}

static gboolean
check_options (const CpacPruneOptions *o, GError **error)
{
  gboolean taylor = TRUE, products = TRUE;

  if (!cpac_prune_check (o->network, error))
    return FALSE;
  for (guint i = 0; i < cpac_network_get_n_layers (o->network); i++)
    if (cpac_prune_rank_of (cpac_network_get_layer (o->network, i)) > 0) {
      taylor = taylor && o->activity != NULL && o->activity->layers[i].taylor != NULL;
      products = products && o->activity != NULL && o->activity->layers[i].products != NULL;
    }
  g_return_val_if_fail (products || o->measure != CPAC_MEASURE_RESIDUAL, FALSE);
  if (taylor || o->measure != CPAC_MEASURE_TAYLOR)
    return TRUE;
  g_set_error (error, CPAC_ERROR, CPAC_ERROR_SCHEMA,
               "measure taylor needs the gradient of a score, which only heads classifier and map "
               "have; expected another measure");
  return FALSE;
}

static CpacPrune *
prune_new (const CpacNetwork *network)
{
  CpacPrune *prune = g_new0 (CpacPrune, 1);

  prune->network = network;
  prune->channels = cpac_channels_new (network);
  prune->components = g_new0 (gboolean *, prune->channels->n_layers);
  for (guint i = 0; i < prune->channels->n_layers; i++) {
    guint rank = cpac_prune_rank_of (cpac_network_get_layer (network, i));

    prune->n_components += rank;
    prune->components[i] = rank > 0 ? g_new (gboolean, rank) : NULL;
    for (guint r = 0; r < rank; r++)
      prune->components[i][r] = TRUE;
  }
  prune->groups = g_new (gboolean, prune->channels->n_groups);
  for (guint g = 0; g < prune->channels->n_groups; g++) {
    prune->groups[g] = TRUE;
    prune->n_channels += !prune->channels->is_fixed[g];
  }
  return prune;
}

static void
count_kept (CpacPrune *prune)
{
  for (guint i = 0; i < prune->channels->n_layers; i++)
    prune->n_kept += cpac_prune_get_rank (prune, i);
  for (guint g = 0; g < prune->channels->n_groups; g++)
    prune->n_kept_channels += prune->groups[g] && !prune->channels->is_fixed[g];
}

CpacPrune *
cpac_prune_new (const CpacPruneOptions *options, GError **error)
{
  CpacPrune *prune;

  if (!check_options (options, error))
    return NULL;
  prune = prune_new (options->network);
  remove_components (options, prune);
  remove_channels (options, prune);
  cpac_prune_cascade (prune, options->params);
  count_kept (prune);
  return prune;
}

void
cpac_prune_free (CpacPrune *prune)
{
  if (prune == NULL)
    return;
  for (guint i = 0; i < prune->channels->n_layers; i++)
    g_free (prune->components[i]);
  g_free (prune->components);
  g_free (prune->groups);
  cpac_channels_free (prune->channels);
  g_free (prune);
}
