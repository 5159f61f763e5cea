/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/explain/prune-private.h"
#include "core/explain/significance.h"

static gboolean
entry_is_zero (const CpacPruneView *view, guint row, guint column)
{
  const float *entry = view->data + ((gsize) row * view->n_columns + column) * view->n;

  for (gsize k = 0; k < view->n; k++)
    if (entry[k] != 0)
      return FALSE;
  return TRUE;
}

static gboolean
row_is_zero (const CpacPruneView *view, guint row)
{
  for (guint column = 0; column < view->n_columns; column++)
    if ((view->columns == NULL || view->columns[column]) && !entry_is_zero (view, row, column))
      return FALSE;
  return TRUE;
}

static gboolean
column_is_zero (const CpacPruneView *view, guint column)
{
  for (guint row = 0; row < view->n_rows; row++)
    if ((view->rows == NULL || view->rows[row]) && !entry_is_zero (view, row, column))
      return FALSE;
  return TRUE;
}

/* Whether one of its columns is zero, as far as rows stay. */
static gboolean
component_is_dead (const CpacPruneWeights *w, guint r)
{
  for (guint m = 0; m < CPAC_N_MODES; m++) {
    CpacPruneView view = cpac_prune_view_factor (w, m);

    if (column_is_zero (&view, r))
      return TRUE;
  }
  return FALSE;
}

/* Whether nothing that stays weighs input channel @c. */
static gboolean
ignores (const CpacPruneWeights *w, guint c)
{
  CpacPruneView view;

  if (w->components != NULL) {
    view = cpac_prune_view_factor (w, CPAC_MODE_INPUTS);
    return row_is_zero (&view, c);
  }
  view = cpac_prune_view_dense (w);
  return column_is_zero (&view, c);
}

/* Whether output channel @n is zero whatever comes in, or with @rectified, zero behind a relu. */
static gboolean
is_silent (const CpacPruneWeights *w, guint n, gboolean rectified)
{
  const CpacTensor *bias = cpac_prune_get_bias (w);
  CpacPruneView view = w->components != NULL ? cpac_prune_view_factor (w, CPAC_MODE_FILTERS)
                                             : cpac_prune_view_dense (w);

  if (bias != NULL && !(bias->data[n] == 0 || (rectified && bias->data[n] < 0)))
    return FALSE;
  return row_is_zero (&view, n);
}

/* Whether all that read layer @index set what is below zero to zero. */
static gboolean
is_rectified (const CpacNetwork *network, guint index)
{
  for (guint i = index + 1; i < cpac_network_get_n_layers (network); i++) {
    const CpacLayer *layer = cpac_network_get_layer (network, i);

    for (guint k = 0; k < layer->n_inputs; k++)
      if (cpac_network_get_inputs (network, i)[k] == (gint) index &&
          layer->klass != &cpac_relu_class)
        return FALSE;
  }
  return TRUE;
}

/* Of all groups, who uses them, in one round of the cascade. */
typedef struct {
  gboolean *is_read;  /* some layer weighs it */
  gboolean *is_heard; /* some layer makes it other than zero */
} Uses;

/* Drops the layer's dead components, but for the last; whether there were any. */
static gboolean
drop_components (CpacPrune *prune, const CpacPruneWeights *w, guint index)
{
  guint left = cpac_prune_get_rank (prune, index);
  gboolean any = FALSE;

  for (guint r = 0; r < cpac_prune_rank_of (w->layer) && left > 1; r++)
    if (w->components[r] && component_is_dead (w, r)) {
      w->components[r] = FALSE;
      left--;
      any = TRUE;
    }
  return any;
}

static void
note_uses (const CpacPrune *prune, const CpacPruneWeights *w, guint index, Uses *uses)
{
  const guint *in = cpac_channels_of_input (prune->channels, prune->network, index);
  const guint *out = prune->channels->of_layer[index];
  gboolean rectified = is_rectified (prune->network, index);

  for (guint c = 0; c < w->layer->in[0].channels; c++)
    uses->is_read[in[c]] = uses->is_read[in[c]] || !ignores (w, c);
  for (guint n = 0; n < w->layer->out.channels; n++)
    uses->is_heard[out[n]] = uses->is_heard[out[n]] || !is_silent (w, n, rectified);
}

static gboolean
drop_groups (CpacPrune *prune, const Uses *uses)
{
  gboolean any = FALSE;

  for (guint g = 0; g < prune->channels->n_groups; g++)
    if (prune->groups[g] && !prune->channels->is_fixed[g] &&
        !(uses->is_read[g] && uses->is_heard[g]) && cpac_prune_can_lose (prune, g)) {
      prune->groups[g] = FALSE;
      any = TRUE;
    }
  return any;
}

/* One round; whether anything went. */
static gboolean
drop_once (CpacPrune *prune, const CpacParams *params)
{
  guint n_groups = prune->channels->n_groups;
  g_autofree gboolean *is_read = g_new0 (gboolean, n_groups);
  g_autofree gboolean *is_heard = g_new0 (gboolean, n_groups);
  Uses uses = { is_read, is_heard };
  gboolean any = FALSE;

  for (guint i = 0; i < prune->channels->n_layers; i++) {
    g_auto (CpacPruneWeights) w = { 0 };

    if (!cpac_channels_are_made_by (cpac_network_get_layer (prune->network, i)))
      continue;
    cpac_prune_weights_init (&w, prune, params, i);
    if (w.components != NULL && drop_components (prune, &w, i))
      any = TRUE;
    note_uses (prune, &w, i, &uses);
  }
  return drop_groups (prune, &uses) || any;
}

void
cpac_prune_cascade (CpacPrune *prune, const CpacParams *params)
{
  while (drop_once (prune, params))
    ;
}
