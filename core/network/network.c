/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/network/network.h"

#define MAX_LAYERS 4096
#define MAX_INPUTS 256
/* Elements of all outputs together, since a run keeps every one of them; and of all parameters
 * together, which is what the largest weights file holds. */
#define MAX_TOTAL ((guint64) 1 << 29)

struct _CpacNetwork {
  CpacDims input;
  GPtrArray *layers;   /* (element-type CpacLayer) */
  GPtrArray *inputs;   /* (element-type gint*), n_inputs of each layer */
  GHashTable *by_name; /* layer name -> index + 1; keys belong to the layers */
};

static gboolean
check_name (const CpacConfig *node, const char *name, GError **error)
{
  for (const char *c = name; *c != '\0'; c++)
    if (!g_ascii_isalnum (*c) && *c != '_' && *c != '.' && *c != '-')
      return cpac_config_error (node, CPAC_ERROR_SCHEMA, error,
                                "layer name \"%s\" may only hold letters, digits, '_', '.' and '-'",
                                name);
  if (g_str_equal (name, "input"))
    return cpac_config_error (node, CPAC_ERROR_SCHEMA, error,
                              "a layer cannot be named input: that is the frame");
  return TRUE;
}

/* Refuses what is no list of @min to @max items. */
static gboolean
check_list (const CpacConfig *node, const char *key, const char *what, guint min, guint max,
            GError **error)
{
  guint n = cpac_config_get_length (node);

  if (cpac_config_get_kind (node) != CPAC_CONFIG_LIST)
    return cpac_config_error (node, CPAC_ERROR_SCHEMA, error,
                              "%s must be a list of %u to %u %s, got %s", key, min, max, what,
                              cpac_config_describe (node));
  if (n < min || n > max)
    return cpac_config_error (node, CPAC_ERROR_SCHEMA, error,
                              "%s must be a list of %u to %u %s, got %u of them", key, min, max,
                              what, n);
  return TRUE;
}

/* The name in the file, or type and position: "relu-3". (transfer full) */
static char *
layer_name (const CpacNetwork *network, const CpacConfig *map, const CpacLayerClass *klass,
            GError **error)
{
  const CpacConfig *node = cpac_config_peek (map, "name");
  g_autofree char *name = NULL;

  if (node == NULL) {
    node = map;
    name = g_strdup_printf ("%s-%u", klass->type, network->layers->len + 1);
  } else {
    name = g_strdup (cpac_config_as_string (node, error));
    if (name == NULL || !check_name (node, name, error))
      return NULL;
  }
  if (g_hash_table_contains (network->by_name, name)) {
    cpac_config_error (node, CPAC_ERROR_SCHEMA, error, "there is a layer %s already", name);
    return NULL;
  }
  return g_steal_pointer (&name);
}

static gboolean
find_input (const CpacNetwork *network, const CpacConfig *node, const char *name, gint *index,
            GError **error)
{
  if (g_str_equal (name, "input")) {
    *index = CPAC_NETWORK_INPUT;
    return TRUE;
  }
  *index = cpac_network_find (network, name);
  if (*index < 0)
    return cpac_config_error (node, CPAC_ERROR_SCHEMA, error,
                              "no layer %s above this one (input is the frame)", name);
  return TRUE;
}

/* Indices of what the layer reads: `inputs`, or the layer above. (element-type gint) */
static GArray *
layer_inputs (const CpacNetwork *network, const CpacConfig *map, const CpacLayerClass *klass,
              GError **error)
{
  g_autoptr (GArray) inputs = g_array_new (FALSE, FALSE, sizeof (gint));
  const CpacConfig *list = cpac_config_peek (map, "inputs");
  gint index = (gint) network->layers->len - 1; /* CPAC_NETWORK_INPUT for the first */

  if (list == NULL) {
    if (klass->max_inputs > 0)
      g_array_append_val (inputs, index);
    return g_steal_pointer (&inputs);
  }
  if (!check_list (list, "inputs", "layer names", 0, MAX_INPUTS, error))
    return NULL;
  for (guint i = 0; i < cpac_config_get_length (list); i++) {
    const CpacConfig *node = cpac_config_get_item (list, i);
    const char *name = cpac_config_as_string (node, error);

    if (name == NULL || !find_input (network, node, name, &index, error))
      return NULL;
    g_array_append_val (inputs, index);
  }
  return g_steal_pointer (&inputs);
}

static const CpacDims *
dims_of (const CpacNetwork *network, gint index)
{
  return index == CPAC_NETWORK_INPUT ? &network->input
                                     : &cpac_network_get_layer (network, (guint) index)->out;
}

static gboolean
add_layer (CpacNetwork *network, const CpacConfig *map, GError **error)
{
  const CpacLayerClass *klass;
  g_autofree char *name = NULL;
  g_autofree CpacDims *dims = NULL;
  g_autoptr (GArray) inputs = NULL;
  CpacLayer *layer;

  if (cpac_config_get_kind (map) != CPAC_CONFIG_MAP)
    return cpac_config_error (map, CPAC_ERROR_SCHEMA, error,
                              "a layer must be a map with a type, got %s",
                              cpac_config_describe (map));
  if ((klass = cpac_layer_class_from_config (map, error)) == NULL ||
      (name = layer_name (network, map, klass, error)) == NULL ||
      (inputs = layer_inputs (network, map, klass, error)) == NULL)
    return FALSE;
  dims = g_new (CpacDims, inputs->len + 1);
  for (guint i = 0; i < inputs->len; i++)
    dims[i] = *dims_of (network, g_array_index (inputs, gint, i));
  layer = cpac_layer_new (map, klass, name, inputs->len, dims, error);
  if (layer == NULL)
    return FALSE;
  g_ptr_array_add (network->layers, layer);
  g_ptr_array_add (network->inputs, g_array_steal (inputs, NULL));
  g_hash_table_insert (network->by_name, layer->name, GUINT_TO_POINTER (network->layers->len));
  return TRUE;
}

static gboolean
check_total (const CpacConfig *map, const char *what, guint64 total, GError **error)
{
  if (total <= MAX_TOTAL)
    return TRUE;
  return cpac_config_error (map, CPAC_ERROR_SHAPE, error,
                            "the layers up to here have %" G_GUINT64_FORMAT
                            " %s together, at most %" G_GUINT64_FORMAT " are taken",
                            total, what, MAX_TOTAL);
}

static gboolean
add_layers (CpacNetwork *network, const CpacConfig *list, GError **error)
{
  guint64 outputs = cpac_dims_count (&network->input), parameters = 0;

  if (!check_list (list, "layers", "layers", 1, MAX_LAYERS, error))
    return FALSE;
  for (guint i = 0; i < cpac_config_get_length (list); i++) {
    const CpacConfig *map = cpac_config_get_item (list, i);
    CpacCost cost;

    if (!add_layer (network, map, error))
      return FALSE;
    cpac_layer_count (cpac_network_get_layer (network, i), &cost);
    outputs += cpac_dims_count (&cpac_network_get_layer (network, i)->out);
    parameters += cost.parameters;
    if (!check_total (map, "outputs", outputs, error) ||
        !check_total (map, "parameters", parameters, error))
      return FALSE;
  }
  return TRUE;
}

CpacNetwork *
cpac_network_new (const CpacConfig *layers, const CpacDims *input, GError **error)
{
  g_autoptr (CpacNetwork) network = g_new0 (CpacNetwork, 1);

  network->input = *input;
  network->layers = g_ptr_array_new_with_free_func ((GDestroyNotify) cpac_layer_free);
  network->inputs = g_ptr_array_new_with_free_func (g_free);
  network->by_name = g_hash_table_new (g_str_hash, g_str_equal);
  if (!add_layers (network, layers, error))
    return NULL;
  return g_steal_pointer (&network);
}

void
cpac_network_free (CpacNetwork *network)
{
  if (network == NULL)
    return;
  g_hash_table_unref (network->by_name);
  g_ptr_array_unref (network->inputs);
  g_ptr_array_unref (network->layers);
  g_free (network);
}

const CpacDims *
cpac_network_get_input (const CpacNetwork *network)
{
  return &network->input;
}

guint
cpac_network_get_n_layers (const CpacNetwork *network)
{
  return network->layers->len;
}

const CpacLayer *
cpac_network_get_layer (const CpacNetwork *network, guint index)
{
  return g_ptr_array_index (network->layers, index);
}

const gint *
cpac_network_get_inputs (const CpacNetwork *network, guint index)
{
  return g_ptr_array_index (network->inputs, index);
}

gint
cpac_network_find (const CpacNetwork *network, const char *name)
{
  return GPOINTER_TO_INT (g_hash_table_lookup (network->by_name, name)) - 1;
}

const CpacDims *
cpac_network_get_output (const CpacNetwork *network)
{
  return &cpac_network_get_layer (network, network->layers->len - 1)->out;
}

void
cpac_network_count (const CpacNetwork *network, CpacCost *cost)
{
  *cost = (CpacCost){ 0 };
  for (guint i = 0; i < network->layers->len; i++) {
    CpacCost one;

    cpac_layer_count (cpac_network_get_layer (network, i), &one);
    cost->macs += one.macs;
    cost->macs_dense += one.macs_dense;
    cost->parameters += one.parameters;
    cost->parameters_dense += one.parameters_dense;
  }
}
