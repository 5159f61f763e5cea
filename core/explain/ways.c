/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/explain/ways.h"

/* Arrays over nodes hold the frame at index 0 and layer i at index i + 1. */

static guint
node_of (gint layer)
{
  return (guint) (layer + 1);
}

static guint
count_nodes (const CpacNetwork *network)
{
  return cpac_network_get_n_layers (network) + 1;
}

/* What depends on @start by paths that do not go through layer @closed (CPAC_NETWORK_INPUT: by
 * any). */
static void
mark_dependent (const CpacNetwork *network, gint start, gint closed, gboolean *depends)
{
  depends[node_of (start)] = TRUE;
  for (guint i = (guint) (start + 1); i < cpac_network_get_n_layers (network); i++) {
    const gint *inputs = cpac_network_get_inputs (network, i);

    for (guint k = 0; (gint) i != closed && k < cpac_network_get_layer (network, i)->n_inputs; k++)
      if (depends[node_of (inputs[k])])
        depends[i + 1] = TRUE;
  }
}

/* Ends, and what is read by a layer that both depends on the start and leads to an end. */
static void
mark_leading (const CpacNetwork *network, gint start, const guint *ends, guint n_ends,
              const gboolean *depends, gboolean *leads)
{
  for (guint i = 0; i < n_ends; i++)
    leads[ends[i] + 1] = TRUE;
  for (guint node = count_nodes (network); --node > node_of (start);) {
    const gint *inputs = cpac_network_get_inputs (network, node - 1);

    if (!leads[node] || !depends[node])
      continue;
    for (guint k = 0; k < cpac_network_get_layer (network, node - 1)->n_inputs; k++)
      leads[node_of (inputs[k])] = TRUE;
  }
}

CpacRole *
cpac_ways_find_roles (const CpacNetwork *network, gint start, const guint *ends, guint n_ends)
{
  guint n = count_nodes (network);
  g_autofree gboolean *depends = g_new0 (gboolean, n), *leads = g_new0 (gboolean, n);
  CpacRole *roles = g_new0 (CpacRole, n);

  mark_dependent (network, start, CPAC_NETWORK_INPUT, depends);
  mark_leading (network, start, ends, n_ends, depends, leads);
  for (guint node = 0; node < n; node++)
    if (leads[node])
      roles[node] = !depends[node]            ? CPAC_ROLE_CONSTANT
                    : node == node_of (start) ? CPAC_ROLE_START
                                              : CPAC_ROLE_ON_WAY;
  return roles;
}

gboolean
cpac_ways_reach (const CpacNetwork *network, gint start, const guint *ends, guint n_ends)
{
  g_autofree CpacRole *roles = cpac_ways_find_roles (network, start, ends, n_ends);

  return roles[node_of (start)] == CPAC_ROLE_START;
}

gboolean
cpac_ways_lead_around (const CpacNetwork *network, gint start, const guint *ends, guint n_ends)
{
  g_autofree gboolean *depends = g_new0 (gboolean, count_nodes (network));

  mark_dependent (network, CPAC_NETWORK_INPUT, start, depends);
  for (guint i = 0; i < n_ends; i++)
    if (depends[ends[i] + 1])
      return TRUE;
  return FALSE;
}

const CpacLayer *
cpac_ways_find_curved (const CpacNetwork *network, gint start, const guint *ends, guint n_ends)
{
  g_autofree CpacRole *roles = cpac_ways_find_roles (network, start, ends, n_ends);

  for (guint node = 1; node < count_nodes (network); node++) {
    const CpacLayer *layer = cpac_network_get_layer (network, node - 1);

    if (roles[node] == CPAC_ROLE_ON_WAY && !layer->klass->piecewise_linear)
      return layer;
  }
  return NULL;
}
