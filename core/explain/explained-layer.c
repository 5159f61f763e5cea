/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/explain/explained-layer.h"

#include "core/explain/ways.h"
#include "core/layers/options.h"
#include "core/layers/types.h"

static gboolean
is_cpac_conv (const CpacLayer *layer)
{
  return layer->klass == &cpac_cpac_conv_class;
}

/* How well a layer serves where none is asked for. */
typedef enum {
  SERVES_NOT,    /* no cpac-conv, or no way from it to the score */
  SERVES_CURVED, /* only through a layer that is not piecewise linear */
  SERVES_ALONE,  /* one component, beside which there are other ways to the score */
  SERVES_PART,   /* several components, the same */
  SERVES_WHOLE,  /* all that the score sees of the frame goes through it */
} Service;

static Service
rate_layer (const CpacNetwork *network, guint index, const guint *ends, guint n_ends)
{
  const CpacLayer *layer = cpac_network_get_layer (network, index);

  if (!is_cpac_conv (layer) || !cpac_ways_reach (network, (gint) index, ends, n_ends))
    return SERVES_NOT;
  if (cpac_ways_find_curved (network, (gint) index, ends, n_ends) != NULL)
    return SERVES_CURVED;
  if (!cpac_ways_lead_around (network, (gint) index, ends, n_ends))
    return SERVES_WHOLE;
  return ((const CpacConvLayer *) layer)->rank > 1 ? SERVES_PART : SERVES_ALONE;
}

/* The last of those that serve best. */
static gboolean
find_default (const CpacModel *model, const guint *ends, guint n_ends, guint *index, GError **error)
{
  const CpacNetwork *network = cpac_model_get_network (model);
  Service best = SERVES_NOT;

  for (guint i = cpac_network_get_n_layers (network); i-- > 0;) {
    Service service = rate_layer (network, i, ends, n_ends);

    if (service > best) {
      best = service;
      *index = i;
    }
  }
  if (best != SERVES_NOT)
    return TRUE;
  g_set_error (error, CPAC_ERROR, CPAC_ERROR_SCHEMA,
               "%s: the score depends on no cpac-conv layer, whose components would explain it",
               cpac_model_get_path (model));
  return FALSE;
}

static gboolean
find_named (const CpacModel *model, const char *name, const guint *ends, guint n_ends, guint *index,
            GError **error)
{
  const CpacNetwork *network = cpac_model_get_network (model);
  const char *path = cpac_model_get_path (model);
  gint found = cpac_network_find (network, name);
  const CpacLayer *layer;

  if (found < 0) {
    g_set_error (error, CPAC_ERROR, CPAC_ERROR_SCHEMA, "%s: there is no layer \"%s\" to explain at",
                 path, name);
    return FALSE;
  }
  *index = (guint) found;
  layer = cpac_network_get_layer (network, *index);
  if (!is_cpac_conv (layer)) {
    g_set_error (error, CPAC_ERROR, CPAC_ERROR_SCHEMA,
                 "%s: layer %s is of type %s, expected a cpac-conv: only its components explain",
                 path, name, layer->klass->type);
    return FALSE;
  }
  if (!cpac_ways_reach (network, found, ends, n_ends)) {
    g_set_error (error, CPAC_ERROR, CPAC_ERROR_SCHEMA, "%s: the score does not depend on layer %s",
                 path, name);
    return FALSE;
  }
  return TRUE;
}

/* Where the gradient is not that of a linear function, products with it do not add up. */
static gboolean
check_linear (const CpacModel *model, guint index, const guint *ends, guint n_ends, GError **error)
{
  const CpacNetwork *network = cpac_model_get_network (model);
  const CpacLayer *curved = cpac_ways_find_curved (network, (gint) index, ends, n_ends);

  if (curved == NULL)
    return TRUE;
  g_set_error (error, CPAC_ERROR, CPAC_ERROR_SCHEMA,
               "%s: layer %s (%s) between layer %s and the score is not piecewise linear, so the "
               "score cannot be shared out; expected a cpac-conv behind it",
               cpac_model_get_path (model), curved->name, curved->klass->type,
               cpac_network_get_layer (network, index)->name);
  return FALSE;
}

gboolean
cpac_explained_layer_choose (const CpacModel *model, const char *name, const guint *ends,
                             guint n_ends, guint *index, GError **error)
{
  return (name != NULL ? find_named (model, name, ends, n_ends, index, error)
                       : find_default (model, ends, n_ends, index, error)) &&
         check_linear (model, *index, ends, n_ends, error);
}
