/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/cp/factorize.h"

#include <string.h>

#include "core/layers/options.h"
#include "core/layers/types.h"

/* ---- Text ---- */

/* Spaces up to the first character of a block map. (transfer full) */
static char *
indent_of (const CpacConfig *map)
{
  guint line, column;

  cpac_config_get_place (map, &line, &column);
  return g_strnfill (column - 1, ' ');
}

/* What comes behind a layer's type: its name, where that follows from the type, and its rank. */
static char *
describe (const CpacLayer *layer, const CpacConfig *map, const char *text, guint rank)
{
  gsize begin, end;
  g_autofree char *indent = NULL, *separator = NULL, *name = NULL;

  cpac_config_get_span (map, &begin, &end);
  if (text[begin] == '{') {
    separator = g_strdup (", ");
  } else {
    indent = indent_of (map);
    separator = g_strconcat (strstr (text, "\r\n") != NULL ? "\r\n" : "\n", indent, NULL);
  }
  if (!cpac_config_has (map, "name"))
    name = g_strdup_printf ("%sname: %s", separator, layer->name);
  return g_strdup_printf ("cpac-conv%s%srank: %u", name != NULL ? name : "", separator, rank);
}

/* The last layer first, so that places in the text stay where they are. */
static char *
edit_text (const CpacNetwork *network, const guint *ranks, const CpacConfig *layers,
           const char *text)
{
  GString *result = g_string_new (text);

  for (guint i = cpac_network_get_n_layers (network); i-- > 0;) {
    const CpacConfig *map = cpac_config_get_item (layers, i);
    g_autofree char *description = NULL;
    gsize begin, end;

    if (ranks[i] == 0)
      continue;
    description = describe (cpac_network_get_layer (network, i), map, text, ranks[i]);
    cpac_config_get_span (cpac_config_peek (map, "type"), &begin, &end);
    g_string_erase (result, (gssize) begin, (gssize) (end - begin));
    g_string_insert (result, (gssize) begin, description);
  }
  return g_string_free (result, FALSE);
}

/* Whether @factorized is what is wanted: where layers share a value, by an alias, it is not. */
static gboolean
is_as_wanted (const CpacNetwork *network, const guint *ranks, const CpacNetwork *factorized)
{
  guint n = cpac_network_get_n_layers (network);

  if (cpac_network_get_n_layers (factorized) != n)
    return FALSE;
  for (guint i = 0; i < n; i++) {
    const CpacLayer *is = cpac_network_get_layer (factorized, i);
    const CpacLayer *was = cpac_network_get_layer (network, i);

    if (!g_str_equal (is->name, was->name) || !cpac_dims_equal (&is->out, &was->out) ||
        is->klass != (ranks[i] > 0 ? &cpac_cpac_conv_class : was->klass) ||
        (ranks[i] > 0 && ((const CpacConvLayer *) is)->rank != ranks[i]))
      return FALSE;
  }
  return TRUE;
}

CpacNetwork *
cpac_factorize_network (const CpacNetwork *network, const char *name, const char *text,
                        GError **error)
{
  g_autoptr (CpacConfig) root = cpac_config_parse (name, text, strlen (text), error);
  const CpacConfig *layers = root != NULL ? cpac_config_get (root, "layers", error) : NULL;

  return layers != NULL ? cpac_network_new (layers, cpac_network_get_input (network), error) : NULL;
}

char *
cpac_factorize_text (const CpacNetwork *network, const guint *ranks, const char *name,
                     const char *text, GError **error)
{
  g_autoptr (CpacConfig) root = cpac_config_parse (name, text, strlen (text), error);
  g_autoptr (CpacNetwork) factorized = NULL;
  g_autofree char *result = NULL;
  const CpacConfig *layers = root != NULL ? cpac_config_get (root, "layers", error) : NULL;

  if (layers == NULL)
    return NULL;
  result = edit_text (network, ranks, layers, text);
  factorized = cpac_factorize_network (network, name, result, NULL);
  if (factorized != NULL && is_as_wanted (network, ranks, factorized))
    return g_steal_pointer (&result);
  cpac_config_error (layers, CPAC_ERROR_SCHEMA, error,
                     "the types of the layers cannot be changed one by one in this text; expected "
                     "each layer to state its own, without aliases");
  return NULL;
}

/* ---- Parameters ---- */

static void
copy_value (const CpacTensor *from, CpacTensor *to)
{
  memcpy (to->data, from->data, cpac_shape_count (&to->shape) * sizeof (float));
}

CpacParams *
cpac_factorize_params (const CpacNetwork *network, const CpacParams *params,
                       const CpacNetwork *factorized)
{
  /* The values are overwritten; what matters is their shape. */
  CpacParams *result = cpac_params_new_random (factorized, 0);

  for (guint i = 0; i < cpac_network_get_n_layers (network); i++) {
    const CpacLayer *was = cpac_network_get_layer (network, i);
    const CpacLayer *is = cpac_network_get_layer (factorized, i);
    CpacTensor *const *from = params->values + params->first[i];
    CpacTensor **to = result->values + result->first[i];

    if (is->klass == was->klass) {
      for (guint p = 0; p < is->n_params; p++)
        copy_value (from[p], to[p]);
      continue;
    }
    for (guint m = 0; m < 4; m++)
      memset (to[m]->data, 0, cpac_shape_count (&to[m]->shape) * sizeof (float));
    if (((const CpacDenseConvLayer *) was)->bias)
      copy_value (from[CPAC_DENSE_BIAS], to[CPAC_CONV_BIAS]);
  }
  return result;
}

void
cpac_factorize_get_factors (const CpacNetwork *factorized, const CpacParams *params, guint layer,
                            float *factors[4], float **bias)
{
  const CpacConvLayer *conv = (const CpacConvLayer *) cpac_network_get_layer (factorized, layer);
  CpacTensor *const *values = params->values + params->first[layer];

  for (guint m = 0; m < 4; m++)
    factors[m] = values[m]->data;
  *bias = conv->bias ? values[CPAC_CONV_BIAS]->data : NULL;
}

/* ---- Costs ---- */

void
cpac_factorize_count (const CpacNetwork *network, guint layer, guint rank, CpacCost *cost)
{
  const CpacLayer *dense = cpac_network_get_layer (network, layer);
  const CpacDenseConvLayer *of = (const CpacDenseConvLayer *) dense;
  CpacConvLayer conv = {
    .layer = *dense, .filters = of->filters, .rank = rank, .bias = of->bias, .window = of->window
  };

  cpac_layer_count (dense, cost);
  if (rank == 0)
    return;
  conv.layer.klass = &cpac_cpac_conv_class;
  cpac_cpac_conv_class.count (&conv.layer, cost);
  cost->parameters = (guint64) rank * (of->filters + of->window.size[0] + of->window.size[1] +
                                       dense->in[0].channels) +
                     (of->bias ? of->filters : 0);
}
